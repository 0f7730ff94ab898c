"""``nhskg sparql``: any SPARQL query, over the built store or over RDF files."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from nhskg.cli.options import format_option, project_option, published, read_stdin_or_file
from nhskg.project import Project
from nhskg.queries.engine import evaluate, load_data
from nhskg.queries.formats import GRAPH_FORMATS, ROW_FORMATS, render_result


@click.command("sparql")
@click.argument("query", metavar="[FILE|-]", default="-")
@click.option("--query", "-q", "text", help="The query itself, in place of a file.")
@click.option(
    "--data",
    multiple=True,
    type=click.Path(path_type=Path),
    help="Ask these RDF files and not the store; repeatable.",
)
@format_option(*ROW_FORMATS, *GRAPH_FORMATS)
@project_option
def command(
    query: str, text: str | None, data: tuple[Path, ...], form: str | None, project: Project
) -> None:
    """Ask a SPARQL query (SELECT, ASK, CONSTRUCT or DESCRIBE).

    The query sees all graphs as one; GRAPH tells them apart. A query with FROM or
    FROM NAMED sees those graphs only: with FROM NAMED alone, nothing stands outside
    GRAPH. The usual prefixes (nhs:, id:, skos:, prov:, oa:, …) need not be declared.

    \b
    nhskg sparql question.rq
    nhskg sparql -q 'SELECT ?plan { ?plan a nhs:Plan }' --format csv
    echo 'ASK { ?h a nhs:Holding }' | nhskg sparql -
    nhskg sparql question.rq --data graph.ttl
    """
    source = None
    if text is None:
        if query == "-" and sys.stdin.isatty():
            click.echo("nhskg: reading the query from the terminal; end with Ctrl-D", err=True)
        text, source = read_stdin_or_file(query)
    store = load_data(data) if data else published(project).open()
    result = evaluate(store, text, source=source)
    click.echo(render_result(result, form, terminal=sys.stdout.isatty()), nl=False)
