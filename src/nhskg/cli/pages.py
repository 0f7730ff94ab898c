"""``nhskg list``, ``find``, ``show`` and ``compare``: what there is, and what is known of it."""

from __future__ import annotations

from dataclasses import replace

import click
from pyoxigraph import Store

from nhskg.cli import options
from nhskg.cli.completion import complete
from nhskg.project import Project
from nhskg.queries.comparing import compare
from nhskg.queries.finding import MOST, find, list_things
from nhskg.queries.names import LISTED
from nhskg.queries.pages import PAGE_FORMATS, Page, read_page, render_page, with_sources


@click.command("list")
@click.argument("kind", type=click.Choice([*LISTED]))
@options.view_options
@options.build_option
@options.project_option
def list_command(kind: str, view: options.View, project: Project) -> None:
    """List plans, bodies, people, powers, … with ids, labels and the number of their claims.

    \b
    nhskg list plans
    nhskg list powers --format csv
    """
    found = list_things(options.open_store(project), project.queries, LISTED[kind])
    view = replace(view, ids=True, layout=view.layout or "table")
    options.print_answer(found, view, unsaid=True)


@click.command("find")
@click.argument("words", nargs=-1, required=True)
@click.option("--all", "everything", is_flag=True, help=f"All that is found, not the best {MOST}.")
@options.view_options
@options.build_option
@options.project_option
def find_command(
    words: tuple[str, ...], view: options.View, project: Project, *, everything: bool
) -> None:
    """Find what has all these words in its labels, quotes, assessments or notes, best first.

    \b
    nhskg find joint commissioning
    nhskg find "top down" --all --format csv
    """
    found = find(options.open_store(project), words, everything=everything)
    options.print_answer(found, view)


@click.command("show")
@click.argument("thing", shell_complete=complete("thing"))
@options.format_option(type=click.Choice(PAGE_FORMATS), default="text", show_default=True)
@options.source_options
@options.build_option
@options.project_option
def show_command(thing: str, form: str, sources: options.Sources, project: Project) -> None:
    """Print all that is known of a plan, body, person, power, budget, document, claim, ….

    \b
    nhskg show oldham-report
    nhskg show "health and wellbeing boards" --format markdown
    nhskg show article-nicholson/quality-premium-incentivises
    """
    store = options.open_store(project)
    _print_page(store, read_page(store, project.queries, thing), form, sources)


@click.command("compare")
@click.argument(
    "plans", nargs=-1, required=True, metavar="PLAN PLAN...", shell_complete=complete("plan")
)
@options.format_option(type=click.Choice(PAGE_FORMATS), default="text", show_default=True)
@options.source_options
@options.build_option
@options.project_option
def compare_command(
    plans: tuple[str, ...], form: str, sources: options.Sources, project: Project
) -> None:
    """Compare plans: what differs, what agrees, what only one addresses, where they pull apart.

    \b
    nhskg compare oldham-report burnham-proposal
    nhskg compare "Miliband's speech" abrahams-account oldham --format json
    """
    store = options.open_store(project)
    _print_page(store, compare(store, project.queries, plans), form, sources)


def _print_page(store: Store, page: Page, form: str, sources: options.Sources) -> None:
    """Print a page with its sources, or the citations alone."""
    rows = [row for section in page.sections for row in section.rows]
    view = options.View("table" if form == "text" else form, width=options.table_width())
    told = None
    if sources != options.Sources():
        told = options.tell_sources(store, rows, view, sources)
        if told.is_alone:
            click.echo(told.below, nl=False)
            return
        for note in told.notes:
            click.echo(f"nhskg: {note}", err=True)
        page = with_sources(page, told.rows, told.columns)
    click.echo(render_page(page, form, width=view.width), nl=False)
    if told and told.below:
        options.print_below(told, view)
    else:
        options.print_documents(store, rows, view)
