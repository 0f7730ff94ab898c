"""Options and helpers that several commands share."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial, reduce, wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click
from pyoxigraph import Store

from nhskg import __version__
from nhskg.cli.limits import Limits
from nhskg.graph.store import open_published
from nhskg.project import Project
from nhskg.queries.answers import Answer, render_answer
from nhskg.queries.engine import Row, evaluate, limit_rows
from nhskg.queries.formats import ROW_FORMATS, render_result, render_rows
from nhskg.rdf.errors import FindingsError, StoreAccessError, StoreError, UsageError

if TYPE_CHECKING:
    from nhskg.queries.citing import ToldSources

FOR_PEOPLE: Final = ("table", "markdown")
_BUILD: Final = "nhskg.build"

project_option: Final = click.option(
    "--project",
    type=click.Path(path_type=Path, file_okay=False),
    callback=lambda ctx, _, value: Project.locate(
        value or ctx.find_root().params.get("project_dir")
    ),
    help="Folder of a corpus; else the one around the current folder, else the built-in one.",
)

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


format_option: Final = partial(
    click.option,
    "--format",
    "form",
    help="Output format; else a table on a terminal and TSV in a pipe.",
)

texts_option: Final = partial(
    click.option,
    "--texts",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    envvar="NHSKG_TEXTS",
    show_envvar=True,
    help="Folder that holds the source texts.",
)


@dataclass(frozen=True, slots=True)
class View:
    """How an answer is shown: its format, and for people layout, width, ids and colour."""

    asked: str | None = None
    layout: str | None = None
    width: int | None = None
    ids: bool = False
    safe: bool = False
    color: bool = False

    @property
    def form(self) -> str:
        """The format that is asked for, or fits the output: a table, or TSV in a pipe."""
        return row_format(self.asked)

    @property
    def how(self) -> dict[str, Any]:
        """The rest, as :func:`nhskg.queries.formats.render_rows` takes it."""
        names = ("layout", "width", "safe", "color")
        return {name: getattr(self, name) for name in names}


_IDS: Final = "With the ids, which csv, tsv and json have."


def view_options(
    command: Callable[..., None], *, forms: Sequence[str] = (), ids: bool = True
) -> Callable[..., None]:
    """Add the options of how an answer is shown, which the command gets as its ``view``."""

    @wraps(command)
    def viewing(
        *,
        form: str | None,
        layout: str | None,
        safe: bool,
        color: str,
        ids: bool = False,
        **others: Any,
    ) -> None:
        is_colored = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
        colored = color == "always" or (color == "auto" and is_colored)
        command(view=View(form, layout, table_width(), ids, safe, colored), **others)

    how = (
        format_option(type=click.Choice((*ROW_FORMATS, *forms))),
        click.option(
            "--layout",
            type=click.Choice(["table", "record"]),
            help="A table, or a record for each row; else what fits the width.",
        ),
        *([click.option("--ids", is_flag=True, help=_IDS)] if ids else []),
        click.option(
            "--safe", is_flag=True, help="CSV and TSV without a cell that a spreadsheet would run."
        ),
        click.option(
            "--color",
            type=click.Choice(["auto", "always", "never"]),
            default="auto",
            help="Colour; else on a terminal only, and not where NO_COLOR is set.",
        ),
    )
    return reduce(lambda known, option: option(known), reversed(how), viewing)


def print_answer(answer: Answer, view: View, *, unsaid: bool = False) -> None:
    """Print an answer; its notes go with a table, or else to standard error."""
    if view.form not in FOR_PEOPLE:
        for note in answer.notes:
            click.echo(f"nhskg: {note[0].lower()}{note[1:].removesuffix('.')}", err=True)
    shown = render_answer(answer, view.form, ids=view.ids, unsaid=unsaid, **view.how)
    click.echo(shown, nl=False, color=view.color)


@dataclass(frozen=True, slots=True)
class Sources:
    """How the sources of an answer are told: as citations, if any; with passages from texts."""

    cite: str | None = None
    texts: Path | None = None


def source_options(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options of how sources are told, which the command gets as its ``sources``."""

    @wraps(command)
    def citing(*, cite: str | None, texts: Path | None, **others: Any) -> None:
        command(sources=Sources(cite, texts), **others)

    how = (
        click.option(
            "--cite",
            type=click.Choice(["list", "bibtex", "csl-json"]),
            help="Citations of the claims: numbered, below; or alone, as BibTeX or CSL-JSON.",
        ),
        texts_option(envvar=None, show_envvar=False, help="Passages in full, from these texts."),
    )
    return reduce(lambda known, option: option(known), reversed(how), citing)


def print_cited(
    store: Store, answer: Answer, view: View, sources: Sources, *, unsaid: bool = False
) -> None:
    """Print an answer with its sources, or the citations alone."""
    if sources == Sources():
        print_answer(answer, view, unsaid=unsaid)
        print_documents(store, answer.rows, view)
        return
    told = tell_sources(store, answer.rows, view, sources)
    if told.is_alone:
        click.echo(told.below, nl=False)
        return
    columns, notes = (*answer.columns, *told.columns), (*answer.notes, *told.notes)
    print_answer(replace(answer, columns=columns, rows=told.rows, notes=notes), view, unsaid=unsaid)
    print_below(told, view)
    if not told.below:
        print_documents(store, answer.rows, view)


def print_documents(store: Store, rows: Sequence[Row], view: View) -> None:
    """Print, for people, what the documents are that rows name by their ids."""
    if view.form in FOR_PEOPLE:
        from nhskg.queries.citing import name_documents  # noqa: PLC0415  # a pipe doesn't need it

        if known := name_documents(store, rows, view.form, width=view.width):
            click.echo(f"\n{known}", nl=False)


def tell_sources(
    store: Store, rows: Sequence[Row], view: View, sources: Sources, *, in_full: bool = False
) -> ToldSources:
    """Tell the sources of rows as asked for; for a program, or ``in_full``, within the rows."""
    from nhskg.queries import citing  # noqa: PLC0415  # only who cites pays for its import

    for_people = view.form in FOR_PEOPLE
    width = view.width if for_people else None
    how: dict[str, Any] = {"in_full": in_full or not for_people, "width": width}
    return citing.tell_sources(store, rows, sources.cite, sources.texts, **how)


def print_below(told: ToldSources, view: View) -> None:
    """Print the citations that stand below an answer for people."""
    if told.below and view.form in FOR_PEOPLE:
        click.echo(f"\n{told.below}", nl=False)


class SpreadingCommand(click.Command):
    """A command in which an option with the metavar ``FILE...`` takes all files that follow it."""

    def takes(self, _file: str, _args: Sequence[str]) -> bool:
        """Return whether a further file is one of the option's; here each is."""
        return True

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Write ``--data a b`` as ``--data a --data b``, and parse as ever."""
        options = [name for each in self.params if each.metavar == "FILE..." for name in each.opts]
        found: list[str] = []
        option: str | None = None
        for arg in args:
            if arg in options:
                option = arg
            elif arg != "-" and arg.startswith("-"):
                option = None
            elif option is not None and found[-1] != option and self.takes(arg, args):
                found.append(option)
            found.append(arg)
        return super().parse_args(ctx, found)


def refuse_overwriting(output: Path | None, read: Iterable[Path]) -> None:
    """Raise UsageError where a result would be written over a file that it is made from."""
    files = [path for path in read if path.is_file()]
    if output is not None and output.is_file() and any(map(output.samefile, files)):
        raise UsageError(f"{output} is read, and would be written over; name another output")


build_option: Final = click.option(
    "--build",
    is_flag=True,
    expose_value=False,
    callback=lambda ctx, _, value: ctx.meta.update({_BUILD: value}),
    help="Build the graph first where it is out of date.",
)


def open_store(project: Project) -> Store:
    """Open the project's store; build it where there is none.

    Where it is out of date that is said, or it is built anew with :data:`build_option`.
    """
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
            click.echo(f"nhskg: {reason}; 'nhskg build' or --build renews it", err=True)
            return published.open()
        elif not is_old:
            return published.open()
    click.echo(f"nhskg: {reason}; building it now", err=True)
    from nhskg.building.pipeline import build_project  # noqa: PLC0415  # asking must not import it

    built = build_project(project).published
    if built is None:
        raise FindingsError("the graph has violations; 'nhskg build' tells them")
    return built.open()


@contextmanager
def progress(*, quiet: bool = False) -> Iterator[Callable[[str], None]]:
    """Show steps on one line of standard error, if it is a terminal; it is cleared at the end."""
    if quiet or not sys.stderr.isatty():
        yield lambda _: None
        return
    try:
        yield lambda step: click.echo(f"\r\033[K{step} …", nl=False, err=True)
    finally:
        click.echo("\r\033[K", nl=False, err=True)


def table_width() -> int | None:
    """Return the columns to fit a table to: COLUMNS, or else those of the terminal, if any."""
    return shutil.get_terminal_size((0, 0)).columns or None


def row_format(form: str | None) -> str:
    """Return the form of rows that is asked for, or fits the output."""
    return form or ("table" if sys.stdout.isatty() else "tsv")


def print_rows(columns: Sequence[str], rows: Iterable[Sequence[str]], form: str | None) -> None:
    """Print rows in a form; if none is given, as a table on a terminal and as TSV in a pipe."""
    click.echo(render_rows(columns, rows, row_format(form), width=table_width()), nl=False)


def print_result(
    store: Store, query: str, view: View, limits: Limits, *, source: Path | None = None
) -> None:
    """Print the answer to a query in a form, or in the one that fits the query and the output."""
    with limits.in_time():
        result = evaluate(store, query, source=source, allow_service=limits.service)
        result, is_cut = limit_rows(result, limits.rows) if limits.rows else (result, False)
        shown = render_result(result, view.asked, terminal=sys.stdout.isatty(), **view.how)
    click.echo(shown, nl=False, color=view.color)
    limits.check_rows(is_cut=is_cut)
