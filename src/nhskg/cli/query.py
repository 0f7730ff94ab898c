"""``nhskg query``: list, show and run the stored queries."""

from __future__ import annotations

import click

from nhskg.cli.options import (
    format_option,
    open_store,
    print_result,
    print_rows,
    project_option,
)
from nhskg.project import Project
from nhskg.queries.engine import evaluate
from nhskg.queries.formats import GRAPH_FORMATS, ROW_FORMATS
from nhskg.queries.stored import bind, find_query, list_queries
from nhskg.rdf.errors import UsageError


@click.group("query")
def command() -> None:
    """List, show and run the stored queries.

    \b
    nhskg query list
    nhskg query show holders
    nhskg query run holders --param power=sign-off --format csv
    """


@command.command("list")
@format_option(*ROW_FORMATS)
@project_option
def list_(form: str | None, project: Project) -> None:
    """List the stored queries with the questions that they answer.

    \b
    nhskg query list
    """
    rows = [
        (query.name, query.question, ", ".join(p.name for p in query.parameters))
        for query in list_queries(project.queries)
    ]
    print_rows(("name", "question", "parameters"), rows, form)


@command.command("show")
@click.argument("name")
@project_option
def show(name: str, project: Project) -> None:
    """Print a stored query: its header and its SPARQL.

    \b
    nhskg query show holders
    """
    click.echo(find_query(project.queries, name).text, nl=False)


@command.command("run")
@click.argument("name")
@click.option("--param", multiple=True, metavar="K=V", help="A parameter; repeatable.")
@format_option(*ROW_FORMATS, *GRAPH_FORMATS)
@project_option
def run(name: str, param: tuple[str, ...], form: str | None, project: Project) -> None:
    """Run a stored query on the built store.

    \b
    nhskg query run holders --param power=sign-off
    nhskg query run stances --param agent=debbie-abrahams --format markdown
    """
    query = find_query(project.queries, name)
    store = open_store(project)
    text = bind(query, _values(param), store)
    print_result(evaluate(store, text, source=query.path), form)


def _values(pairs: tuple[str, ...]) -> dict[str, str]:
    """Return ``key=value`` arguments as a dictionary."""
    values: dict[str, str] = {}
    for pair in pairs:
        key, equals, value = pair.partition("=")
        if not equals:
            raise UsageError(f"'{pair}' is not of the form key=value")
        if key.strip() in values:
            raise UsageError(f"'{key.strip()}' is given twice; ask once for each value")
        values[key.strip()] = value
    return values
