"""``nhskg query``, ``matrix`` and ``sparql``: stored queries, who holds what, any query."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

import click
from pyoxigraph import Literal, Store

from nhskg.cli import options, rdf_files
from nhskg.cli.completion import complete
from nhskg.cli.printing import say, write
from nhskg.project import Project
from nhskg.queries.answers import answer, count_claims, have, short_labels
from nhskg.queries.citing import ToldSources
from nhskg.queries.engine import Result, base_iri, evaluate, load_data, read_quads
from nhskg.queries.formats import GRAPH_FORMATS, ROW_FORMATS, SPARQL_TSV
from nhskg.queries.matrix import read_matrix, render_grid, render_matrix, with_sources
from nhskg.queries.stored import Parameter, bind, find_query, list_queries, read_query
from nhskg.rdf.contexts import Contexts
from nhskg.rdf.errors import UsageError
from nhskg.rdf.escaping import escaped
from nhskg.rdf.files import STDIN, files_in, read_text
from nhskg.rdf.lines import format_of, of_rdf_1_2
from nhskg.rdf.terms import compact


@click.group("query")
def query_command() -> None:
    """List, show and run the stored queries.

    \b
    nhskg query list
    nhskg query show holders
    nhskg query run holders --param power=sign-off --format csv
    """


@query_command.command("list")
@options.format_option(type=click.Choice(ROW_FORMATS))
@options.project_option
def list_(form: str | None, project: Project) -> None:
    """List the stored queries with the questions that they answer.

    \b
    nhskg query list
    """
    rows = [
        (query.name, query.question, ", ".join(p.name for p in query.parameters))
        for query in list_queries(project.queries)
    ]
    options.tell_own_files(project)
    options.print_rows(("name", "question", "parameters"), rows, form)


@query_command.command("show")
@click.argument("name", shell_complete=complete("query"))
@options.project_option
def show(name: str, project: Project) -> None:
    """Print a stored query: its header and its SPARQL.

    \b
    nhskg query show holders
    """
    write(find_query(project.queries, name).text)


class _RunCommand(click.Command):
    """The parameters of the query that is named are options, too."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        split = [part for arg in args for part in re.split("(?<=^--project)=", arg)]
        folder = dict(pairwise(split)).get("--project") or ctx.find_root().params["project_dir"]
        project = Project.locate(Path(folder) if folder else None)
        known = {path.stem: path for path in files_in(project.queries, ".rq")}
        if name := next((arg for arg in args if arg in known), None):
            ctx.meta["query"] = read_query(known[name], project.queries)
        else:  # what is wrong is the name, and not an option of the query
            ctx.ignore_unknown_options = ctx.allow_extra_args = True
        return super().parse_args(ctx, args)

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        """Return the command's parameters, and those of the query."""
        own, query = super().get_params(ctx), ctx.meta.get("query")
        taken = {param.name for param in own}
        asked = (each for each in query.parameters if each.name not in taken) if query else ()
        return [*map(_option, asked), *own]


def _option(parameter: Parameter) -> click.Option:
    names, default = [f"--{parameter.name}"], parameter.default
    if parameter.kind == "boolean":
        names = [f"{names[0]}/--no-{parameter.name}"]
        return click.Option(names, default=None, help=f"{escaped(parameter.about)}.")
    told = escaped(parameter.about) + (f"; {default} if not given" if default else "")
    metavar = {"string": "TEXT", "integer": "NUMBER"}.get(parameter.kind, "NAME")
    about, offered = f"{told}; repeatable.", complete(parameter.kind)
    return click.Option(names, multiple=True, metavar=metavar, help=about, shell_complete=offered)


@query_command.command("run", cls=_RunCommand)
@click.argument("name", shell_complete=complete("query"))
@click.option("--param", multiple=True, metavar="K=V", help="A parameter; repeatable.")
@click.option(
    "--having",
    multiple=True,
    metavar="TEXT",
    help="Only rows in which people read these words (in names, sentence, quote, note), or those "
    "behind a slash; repeatable: all of them.",
)
@options.limit_options
@options.asking_options
@click.option("--unsaid", is_flag=True, help="With the rows that say nothing.")
@click.option(
    "--count-by", metavar="COLUMN,…", help="Count the claims that have the same in these columns."
)
@partial(options.view_options, forms=(SPARQL_TSV,))
@options.source_options
def run(
    name: str,
    param: tuple[str, ...],
    limits: options.Limits,
    project: Project,
    view: options.View,
    sources: options.Sources,
    *,
    having: tuple[str, ...],
    unsaid: bool,
    count_by: str | None,
    **asked: Any,
) -> None:
    """Run a stored query on the built store; its parameters are options of it.

    'nhskg query list' names the queries, and with --help after its name each tells its
    parameters. One that is given several times is asked with each of its values.

    \b
    nhskg query run holders --power sign-off
    nhskg query run holders --help
    nhskg query run stances --agent debbie-abrahams --format markdown
    nhskg query run conflicts --cite bibtex
    nhskg query run quotes --count-by agent,voice
    nhskg query run timeline --having "PCT allocations"
    """
    values: dict[str, list[str]] = {}
    for pair in param:
        key, equals, value = pair.partition("=")
        if not equals:
            raise UsageError(f"'{pair}' is not of the form key=value")
        values.setdefault(key.strip(), []).append(value)
    for key, given in asked.items():
        several = [("no", "yes")[given]] if isinstance(given, bool) else given or ()
        values |= {key: [*values.get(key, ()), *several]} if several else {}
    store = options.open_store(project)
    if view.asked == SPARQL_TSV:
        if count_by:
            raise UsageError(f"--count-by gives no {SPARQL_TSV}; use tsv")
        query = find_query(project.queries, name)
        text = bind(query, values, store)
        result = evaluate(store, text, source=query.path, allow_service=limits.service)
        options.print_result(result, view, limits)
        return
    found = answer(store, project.queries, name, values, allow_service=limits.service)
    if having and found.rows:
        rows = have(found.rows, having, short_labels(found, ordered=False))
        told = f"Of {len(found.rows)} rows none has {' and '.join(f'“{each}”' for each in having)}."
        found = replace(found, rows=rows, notes=(*found.notes, *([] if rows else [told])))
    if count_by:
        found = count_claims(found, [each.strip() for each in count_by.split(",")])
    is_cut = 0 < limits.rows < len(found.rows)
    found = replace(found, rows=found.rows[: limits.rows or None])
    options.print_cited(store, found, view, sources, unsaid=unsaid)
    limits.check(is_cut=is_cut)


class _AskingCommand(rdf_files.SpreadingCommand):
    """With ``-q`` all files are data; else what has no ending of RDF is the file of the query."""

    def takes(self, file: str, args: Sequence[str]) -> bool:
        inline = any(arg.startswith(("-q", "--query")) for arg in args)
        return inline or Path(file).is_dir() or format_of(Path(file)) is not None


@click.command("sparql", cls=_AskingCommand)
@click.argument("query", metavar="[FILE|-]", required=False)
@click.option("--query", "-q", "text", help="The query itself, in place of a file.")
@click.option(
    "--data",
    multiple=True,
    metavar="FILE...",
    type=click.Path(path_type=Path),
    help="Ask these RDF files, or folders of them, and not the store; - is standard input.",
)
@click.option(
    "--exact",
    is_flag=True,
    help="Keep each literal of --data as it is written, 01 apart from 1; slower.",
)
@rdf_files.context_options
@options.limit_options
@options.asking_options
@partial(options.view_options, forms=(SPARQL_TSV, *GRAPH_FORMATS), ids=False)
def sparql_command(
    query: str | None,
    text: str | None,
    data: tuple[Path, ...],
    limits: options.Limits,
    project: Project,
    view: options.View,
    *,
    contexts: Contexts,
    exact: bool,
) -> None:
    """Ask a SPARQL query (SELECT, ASK, CONSTRUCT or DESCRIBE).

    The query sees all graphs as one; GRAPH keeps them apart. A query with FROM or
    FROM NAMED sees those graphs only: with FROM NAMED alone, nothing is outside
    GRAPH. The usual prefixes (nhs:, id:, skos:, prov:, oa:, …) need not be declared.
    SERVICE is refused, as it sends a part of the query elsewhere. A relative IRI is
    relative to the file of the query, else to the current folder.

    The store that is asked keeps numbers, truth values, times and durations by their
    value: 01 comes out as 1, and a byte as an integer, which a note tells. With --exact
    rdflib is asked instead, which keeps all terms as they are written.

    \b
    nhskg sparql question.rq
    nhskg sparql -q 'SELECT ?plan { ?plan a nhs:Plan }' --format csv
    echo 'ASK { ?h a nhs:Holding }' | nhskg sparql -
    nhskg sparql question.rq --data graph.ttl names.ttl
    """
    if text is not None and query is not None:
        raise UsageError(f"give the query with -q or as a file, not both: '{query}' is left over")
    source = None
    if text is None:
        query = query or "-"
        if query == "-" and Path("-") in data:
            raise UsageError("standard input is read once: for the query, or for --data")
        if query == "-" and sys.stdin.isatty():
            say("nhskg: reading the query from the terminal; end with Ctrl-D")
        source = None if query == "-" else Path(query)
        text = read_text(source or STDIN)
    if exact and (limits.service or not data):
        reason = "the built store has one form for each value"
        raise UsageError(f"--exact goes with --data: {reason}; and without --allow-service")
    if data:
        options.start_watch()
    (files,) = rdf_files.list_files(data)
    quads = list(read_quads(files, contexts=contexts)) if exact else ()
    for each in quads:
        if what := of_rdf_1_2(each.object):
            raise UsageError(f"--exact does not have {what}, as there is: {each}; ask without it")
    changed: dict[Literal, Literal] = {}
    if exact or not data:
        store = Store() if exact else options.open_store(project)
    else:
        store = load_data(files, changed=changed, contexts=contexts)
    for old, new in sorted(changed.items(), key=str)[:1]:
        forms = (f'"{each.value}"^^{compact(each.datatype.value)}' for each in (old, new))
        count = "a literal" if len(changed) == 1 else f"{len(changed)} literals, such as"
        message = f"the store changes {count} {' to '.join(forms)}; --exact keeps what is written"
        say(f"nhskg: {message}")
    result: Result = evaluate(store, text, source=source, allow_service=limits.service)
    if exact:  # the store has parsed the query, with its words for what is wrong
        from nhskg.rdf.sparql.exact import evaluate_exactly  # noqa: PLC0415  # loads rdflib

        columns = getattr(result, "variables", ())
        how: Any = {"base": base_iri(source), "columns": columns, "source": source}
        result = evaluate_exactly(quads, text, **how)
    options.print_result(result, view, limits)


@click.command("matrix")
@click.option(
    "--power",
    multiple=True,
    shell_complete=complete("power"),
    help="A power, with its narrower ones; repeatable.",
)
@click.option(
    "--plan", multiple=True, shell_complete=complete("plan"), help="Only this plan; repeatable."
)
@click.option("--all", "everything", is_flag=True, help="Every power that some text speaks of.")
@click.option("--unchanged", is_flag=True, help="In full, too, what a plan does not speak of.")
@click.option("--unsaid", is_flag=True, help="Also each power of which no text says anything.")
@click.option("--grid", is_flag=True, help="Powers by plans, a cell each.")
@options.asking_options
@options.view_options
@options.source_options
def matrix_command(
    power: tuple[str, ...],
    plan: tuple[str, ...],
    project: Project,
    view: options.View,
    sources: options.Sources,
    *,
    everything: bool,
    unchanged: bool,
    unsaid: bool,
    grid: bool,
) -> None:
    """Print what each plan makes of a power, for whom, on what basis, by whose words, and where.

    A plan says so, keeps, takes away or ends; on condition, or only suggested; or it
    rules it out, or somebody says that it leaves it open. What the text of a plan does
    not mention or address is told in short, with what was in force then, as the texts
    report it. "No text says" does not mean "nobody".

    Signs: + says so, = keeps, > on condition, − takes away, † ended, ✗ ruled out,
    ~ suggested, ? left open; • in force, … implied, “ characterised, ≠ not so;
    ⇄ a claim of the cell and one of that plan, or of that person, pull apart.
    A grid has numbers for the passages, which are below it.

    \b
    nhskg matrix --power sign-off
    nhskg matrix --power lead-consultation --power sign-off --format markdown
    nhskg matrix --all --format csv
    nhskg matrix --power planning-power --plan oldham-report --plan abrahams-account --grid
    nhskg matrix --power sign-off --cite list
    """
    if everything == bool(power):
        raise UsageError("give --power NAME (repeatable), or --all")
    store = options.open_store(project)
    matrix = read_matrix(store, project.queries, powers=power, plans=plan, unchanged=unchanged)
    rows = [row for entry in matrix.entries for row in entry.sources]

    def rendered(told: ToldSources) -> str:
        render, shown = render_grid if grid else render_matrix, with_sources(matrix, told.rows)
        return render(shown, view.form, unsaid=unsaid, ids=view.ids, **view.how)

    options.print_told(store, rows, view, sources, rendered, in_full=grid)
