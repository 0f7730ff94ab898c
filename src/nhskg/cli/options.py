"""Options and helpers that several commands share."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, fields, replace
from functools import partial, reduce, wraps
from math import isnan
from pathlib import Path
from signal import ITIMER_REAL, setitimer
from typing import Any, Final

import click
from pyoxigraph import QueryTriples, Store

from nhskg import __version__
from nhskg.cli.printing import say, stop_watch, tell, write
from nhskg.graph.store import open_published
from nhskg.project import Project
from nhskg.queries.answers import Answer, render_answer
from nhskg.queries.citing import CITATION_FORMATS, ToldSources, name_documents, tell_sources
from nhskg.queries.engine import Result, Row, limit_rows
from nhskg.queries.formats import ROW_FORMATS, render_result, render_rows
from nhskg.rdf.errors import FindingsError, StoreAccessError, StoreError

FOR_PEOPLE: Final = ("table", "markdown")
_BUILD: Final = "nhskg.build"
_SECONDS: Final = "nhskg.seconds"

_project_option: Final = partial(
    click.option,
    "--project",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder of a corpus; else the one around the current folder, else the built-in one.",
)
project_option: Final = _project_option(
    callback=lambda ctx, _, value: Project.locate(value or _project_folder(ctx)),
)
project_folder_option: Final = _project_option(
    "folder", is_eager=True, callback=lambda ctx, _, value: value or _project_folder(ctx)
)
"""The folder that is given, if any, for a command that can do without a project."""

fresh_option: Final = click.option(
    "--fresh",
    is_flag=True,
    hidden=True,
    expose_value=False,
    deprecated="It has no effect: every run starts from nothing.",
)

engine_option: Final = click.option(
    "--engine",
    "engine_name",
    type=click.Choice(["compiled", "owlrl"]),
    default="compiled",
    show_default=True,
    help="What reasons: the compiled program, or owlrl, the reference, which takes minutes.",
)


_FORMAT: Final = "Output format; else a table on a terminal and TSV in a pipe."
_IDS: Final = "With the ids, which csv, tsv and json have."

format_option: Final = partial(click.option, "--format", "form", help=_FORMAT)
texts_option: Final = partial(
    click.option,
    "--texts",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    envvar="NHSKG_TEXTS",
    show_envvar=True,
    help="Folder that holds the source texts.",
)

build_option: Final = click.option(
    "--build",
    is_flag=True,
    expose_value=False,
    callback=lambda ctx, _, value: ctx.meta.update({_BUILD: value}),
    help="Build the graph first where it is out of date.",
)

QUERY_SECONDS: Final = 30
"""How long a query may take, unless --time-limit says otherwise."""

_time_option: Final = click.option(
    "--time-limit",
    type=click.FloatRange(min=0),
    default=QUERY_SECONDS,
    show_default=True,
    expose_value=False,
    callback=lambda ctx, _, value: ctx.meta.update({_SECONDS: _checked(value)}),
    help="The most seconds that a query may take; then the exit code is 2. 0: no limit.",
)


def _project_folder(ctx: click.Context) -> Path | None:
    given: str | None = ctx.find_root().params.get("project_dir")
    return Path(given) if given else None


def _checked(seconds: float) -> float:
    if isnan(seconds):
        raise click.BadParameter("nan is no number of seconds.")
    return seconds


def asking_options(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options of every command that asks the store of a project."""
    return _time_option(build_option(project_option(command)))


def start_watch() -> None:
    """End the process where nothing is printed within --time-limit; the supervisor tells it.

    A query that is being evaluated cannot be stopped otherwise.
    """
    context = click.get_current_context(silent=True)
    if context and _SECONDS in context.meta:
        setitimer(ITIMER_REAL, min(context.meta[_SECONDS], 10**8))
        context.call_on_close(stop_watch)


@dataclass(frozen=True, slots=True)
class View:
    """How an answer is shown: its format, and for people layout, width, ids and colour.

    The width is that of COLUMNS, or else of the terminal, if any.
    """

    asked: str | None = None
    layout: str | None = None
    ids: bool = False
    safe: bool = False
    color: bool = False
    width: int | None = field(
        default_factory=lambda: shutil.get_terminal_size((0, 0)).columns or None
    )

    @property
    def form(self) -> str:
        """The format that is asked for, or fits the output: a table, or TSV in a pipe.

        Who asks for a layout asks for a table.
        """
        return self.asked or ("table" if self.layout or sys.stdout.isatty() else "tsv")

    @property
    def how(self) -> dict[str, Any]:
        """The rest, as :func:`nhskg.queries.formats.render_rows` takes it."""
        names = ("layout", "width", "safe", "color")
        return {name: getattr(self, name) for name in names}


@dataclass(frozen=True, slots=True)
class Sources:
    """How the sources of an answer are told: as citations, if any; with passages from texts."""

    cite: str | None = None
    texts: Path | None = None


@dataclass(frozen=True, slots=True)
class Limits:
    """How far a query may go: its rows or triples (0: no limit), and whether to a SERVICE."""

    rows: int
    service: bool

    def check(self, *, is_cut: bool) -> None:
        """Raise FindingsError where an answer, which is printed already, was cut."""
        if is_cut:
            reached = f"the answer is cut after {self.rows:,} rows"
            raise FindingsError(f"{reached}; --row-limit N allows more (0: no limit)")


def gathered(
    name: str, of: type[Any], options: Sequence[Callable[..., Any]], command: Callable[..., Any]
) -> Callable[..., Any]:
    """Add options to a command, which gets their values as one value with these fields."""

    @wraps(command)
    def gathering(**given: Any) -> Any:
        own = {each.name: given.pop(each.name) for each in fields(of) if each.name in given}
        return command(**{name: of(**own)}, **given)

    return reduce(lambda known, option: option(known), reversed(options), gathering)


def view_options(
    command: Callable[..., None], *, forms: Sequence[str] = (), ids: bool = True
) -> Callable[..., None]:
    """Add the options of how an answer is shown, which the command gets as its ``view``."""
    how = (
        click.option("--format", "asked", type=click.Choice((*ROW_FORMATS, *forms)), help=_FORMAT),
        click.option(
            "--layout",
            type=click.Choice(["table", "record"]),
            help="A table, or a record for each row, in a pipe, too; else what fits the width.",
        ),
        *([click.option("--ids", is_flag=True, help=_IDS)] if ids else []),
        click.option(
            "--safe", is_flag=True, help="CSV and TSV without a cell that a spreadsheet would run."
        ),
        click.option(
            "--color",
            type=click.Choice(["auto", "always", "never"]),
            default="auto",
            callback=lambda _, __, value: (
                value == "always"
                or (value == "auto" and sys.stdout.isatty() and not os.environ.get("NO_COLOR"))
            ),
            help="Colour; else on a terminal only, and not where NO_COLOR is set.",
        ),
    )
    return gathered("view", View, how, command)


source_options: Final = partial(
    gathered,
    "sources",
    Sources,
    (
        click.option(
            "--cite",
            type=click.Choice(CITATION_FORMATS),
            help="Citations of the claims: numbered, below; or alone, as BibTeX or CSL-JSON.",
        ),
        texts_option(envvar=None, show_envvar=False, help="Passages in full, from these texts."),
    ),
)
"""Adds the options of how sources are told, which the command gets as its ``sources``."""

limit_options: Final = partial(
    gathered,
    "limits",
    Limits,
    (
        click.option(
            "--row-limit",
            "rows",
            type=click.IntRange(min=0),
            default=100_000,
            show_default=True,
            help="The most rows; an answer with more is cut, and the exit code is 1. 0: no limit.",
        ),
        click.option(
            "--allow-service", "service", is_flag=True, help="Let SERVICE ask another server."
        ),
    ),
)
"""Adds the options of how far a query may go, which the command gets as its ``limits``."""


def print_cited(
    store: Store, answer: Answer, view: View, sources: Sources, *, unsaid: bool = False
) -> None:
    """Print an answer with its sources; its notes go with a table, or else to standard error."""

    def rendered(told: ToldSources) -> str:
        if view.form not in FOR_PEOPLE:
            tell(answer.notes)
        columns = (*answer.columns, *told.columns)
        shown = replace(answer, columns=columns, rows=told.rows)
        return render_answer(shown, view.form, ids=view.ids, unsaid=unsaid, **view.how)

    print_told(store, answer.rows, view, sources, rendered)


def print_told(
    store: Store,
    rows: Sequence[Row],
    view: View,
    sources: Sources,
    render: Callable[[ToldSources], str],
    *,
    in_full: bool = False,
) -> None:
    """Print what is made of rows with their sources told as asked for, or the citations alone.

    For a program, or ``in_full``, they are told within the rows; for people there is below, what
    the documents are that the rows name.
    """
    for_people = view.form in FOR_PEOPLE
    width, in_full = view.width if for_people else None, in_full or not for_people
    how: dict[str, Any] = {"in_full": in_full, "width": width, "shown": view.form}
    told = tell_sources(store, rows, sources.cite, sources.texts, **how)
    tell(told.notes)
    shown = below = told.below
    if not told.is_alone:
        shown = render(told)
        if for_people and not below:
            below = name_documents(store, rows, view.form, width=view.width)
        shown += f"\n{below}" if for_people and below else ""
    write(shown, color=view.color, exact=told.is_alone or not for_people)


def open_store(project: Project) -> Store:
    """Open the project's store; build it where there is none.

    Where it is out of date that is said, or it is built anew with :data:`build_option`. From then
    on the time is watched.
    """
    store = _current_store(project)
    start_watch()
    return store


def _current_store(project: Project) -> Store:
    context = click.get_current_context(silent=True)
    try:
        published = open_published(project.build)
    except StoreAccessError:
        raise
    except StoreError as error:
        reason = str(error).split(";", maxsplit=1)[0]
    else:
        changed = [path.stat().st_mtime for path in project.inputs() if path.is_file()]
        is_old = max(changed, default=0.0) > published.built_at
        reason = "the store is older than its sources"
        if published.summary.get("version") != __version__:
            reason = f"{project.build}: the store was built by another version of nhskg"
        elif is_old and not (context and context.meta.get(_BUILD)):
            say(f"nhskg: {reason}; 'nhskg build' or --build renews it")
            return published.open()
        elif not is_old:
            return published.open()
    say(f"nhskg: {reason}; building it now")
    from nhskg.building.pipeline import build_project  # noqa: PLC0415  # asking must not import it

    built = build_project(project).published
    if built is None:
        raise FindingsError("the graph has violations; 'nhskg build' tells them")
    return built.open()


def tell_own_files(project: Project) -> None:
    """Say on standard error what the project's own files add or replace, and which are not read."""
    for line in (*project.own_files(), *project.left_out()):
        say(line)


def print_rows(columns: Sequence[str], rows: Iterable[Sequence[str]], form: str | None) -> None:
    """Print rows in a form; if none is given, as a table on a terminal and as TSV in a pipe."""
    view = View(form)
    shown = render_rows(columns, rows, view.form, width=view.width)
    write(shown, exact=view.form not in FOR_PEOPLE)


def print_result(result: Result, view: View, limits: Limits) -> None:
    """Print the result of a query in a form, or in the one that fits the query and the output."""
    result, is_cut = limit_rows(result, limits.rows) if limits.rows else (result, False)
    form = view.asked or (view.layout and "table")
    shown = render_result(result, form, terminal=sys.stdout.isatty(), **view.how)
    is_rdf = isinstance(result, QueryTriples | list)
    exact = is_rdf or (form or view.form) not in FOR_PEOPLE
    write(shown, color=view.color, exact=exact)
    limits.check(is_cut=is_cut)
