"""``nhskg ask``, ``list``, ``find``, ``show`` and ``compare``: what there is and is known of it."""

from __future__ import annotations

import shlex
from dataclasses import replace
from typing import Final

import click
from pyoxigraph import Store

from nhskg.cli import options
from nhskg.cli.completion import complete
from nhskg.cli.printing import say
from nhskg.project import Project
from nhskg.queries.answers import join
from nhskg.queries.citing import ToldSources
from nhskg.queries.comparing import compare
from nhskg.queries.finding import MOST, find, list_things
from nhskg.queries.layout import paragraph, shell_lines
from nhskg.queries.names import LISTED
from nhskg.queries.pages import PAGE_FORMATS, Page, read_page, render_page, with_sources
from nhskg.rdf.errors import UsageError

MOST_WORDS: Final = 100
"""Words of a question, or of a search: 300 take 4 s, as each is compared with all of the texts."""


def _bounded(_: click.Context, __: click.Parameter, words: tuple[str, ...]) -> tuple[str, ...]:
    if len(" ".join(words).split()) > MOST_WORDS:
        raise UsageError(f"more than {MOST_WORDS} words; ask with fewer")
    return words


@click.command("ask")
@click.argument("question", nargs=-1, required=True, callback=_bounded)
@options.view_options
@options.source_options
@options.asking_options
@click.pass_context
def ask_command(
    ctx: click.Context,
    question: tuple[str, ...],
    project: Project,
    view: options.View,
    sources: options.Sources,
) -> None:
    """Answer a question in plain words by the stored query that it means.

    The command that asks the same is told first, on standard error; several, where
    one has only a part of the answer, which a program gets as one, told apart by the
    column query. Where it is in doubt what is meant, nothing is answered: the doubt
    is told, with the candidates, and the exit code is 1.

    \b
    nhskg ask "who signs off under Burnham's vision?"
    nhskg ask 'which plans disagree on what CCGs should do' --format csv
    nhskg ask who is worried about personal health budgets --cite list
    """
    from nhskg.queries.asking import Asker  # noqa: PLC0415  # the other commands start without it

    store = options.open_store(project)
    asked = Asker(store, project.queries).ask(" ".join(question))
    if not asked.told:
        say(paragraph(f"nhskg: {asked.doubt}", view.width), end="")
        for candidate in asked.candidates[:12]:
            told = paragraph(f"  {candidate}", view.width, indent=4)
            say(told, end="")
        ctx.exit(1)
    if asked.unused:
        say(f"not taken into account: {'; '.join(map(repr, asked.unused))}")
    for_people, answers = view.form in options.FOR_PEOPLE, [each.answer for each in asked.told]
    for each in asked.told:
        told = shell_lines(f"understood as: {shlex.join(each.command)}", view.width)
        say(told)
        if each.page and for_people:
            _print_page(store, each.page, view.form.replace("table", "text"), sources)
        elif for_people or len(answers) == 1:
            options.print_cited(store, each.answer, view, sources)
    if not for_people and len(answers) > 1:
        options.print_cited(store, join(answers), view, sources)


@click.command("list")
@click.argument("kind", type=click.Choice([*LISTED]))
@options.view_options
@options.asking_options
def list_command(kind: str, view: options.View, project: Project) -> None:
    """List plans, bodies, people, powers, … with ids, labels and the number of their claims.

    \b
    nhskg list plans
    nhskg list powers --format csv
    """
    store = options.open_store(project)
    found = list_things(store, project.queries, LISTED[kind])
    view = replace(view, asked=view.form, ids=True, layout=view.layout or "table")
    options.print_cited(store, found, view, options.Sources(), unsaid=True)


@click.command("find")
@click.argument("words", nargs=-1, required=True, callback=_bounded)
@click.option("--all", "everything", is_flag=True, help=f"All that is found, not the best {MOST}.")
@options.view_options
@options.source_options
@options.asking_options
def find_command(
    words: tuple[str, ...],
    view: options.View,
    sources: options.Sources,
    project: Project,
    *,
    everything: bool,
) -> None:
    """Find what has all these words in its labels, quotes, assessments or notes, best first.

    \b
    nhskg find joint commissioning
    nhskg find "top down" --all --format csv
    """
    store = options.open_store(project)
    found = find(store, words, everything=everything)
    options.print_cited(store, found, view, sources)


_page_format_option: Final = options.format_option(
    type=click.Choice(PAGE_FORMATS), default="text", show_default=True, help="Output format."
)


@click.command("show")
@click.argument("thing", shell_complete=complete("thing"))
@_page_format_option
@options.source_options
@options.asking_options
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
@click.option("--body", shell_complete=complete("holder"), help="Only what concerns this body.")
@_page_format_option
@options.source_options
@options.asking_options
def compare_command(
    plans: tuple[str, ...],
    body: str | None,
    form: str,
    sources: options.Sources,
    project: Project,
) -> None:
    """Compare plans: what differs, what agrees, what only one addresses, where they pull apart.

    \b
    nhskg compare oldham-report burnham-proposal
    nhskg compare oldham-report burnham-proposal --body ccg
    nhskg compare "Miliband's speech" abrahams-account oldham --format json
    """
    store = options.open_store(project)
    _print_page(store, compare(store, project.queries, plans, body), form, sources)


def _print_page(store: Store, page: Page, form: str, sources: options.Sources) -> None:
    rows = [row for section in page.sections for row in section.rows]
    view = options.View("table" if form == "text" else form)

    def rendered(told: ToldSources) -> str:
        return render_page(with_sources(page, told.rows, told.columns), form, width=view.width)

    options.print_told(store, rows, view, sources, rendered)
