"""Options and helpers that several commands share."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, TypeVar

import click

from nhskg import __version__
from nhskg.graph.store import Published, open_published
from nhskg.project import Project
from nhskg.queries.formats import render_rows
from nhskg.rdf.errors import FindingsError, StoreAccessError, StoreError, UsageError
from nhskg.rdf.files import read_text

__all__ = [
    "engine_option",
    "format_option",
    "fresh_option",
    "parse_pairs",
    "print_rows",
    "progress",
    "project_option",
    "published",
    "read_stdin_or_file",
    "refuse_overwriting",
    "spread",
    "terminal_width",
    "texts_option",
]

Function = TypeVar("Function", bound=Callable[..., Any])


def project_option(function: Function) -> Function:
    """Give a command ``--project`` and hand it the located :class:`Project`."""

    def locate(ctx: click.Context, _: click.Parameter, value: Path | None) -> Project:
        return Project.locate(value or (ctx.find_root().obj or {}).get("project"))

    return click.option(
        "--project",
        type=click.Path(path_type=Path, file_okay=False),
        callback=locate,
        help="Folder of a corpus; else the one around the current folder, else the built-in one.",
    )(function)


fresh_option: Final = click.option(
    "--fresh",
    is_flag=True,
    hidden=True,
    expose_value=False,
    deprecated="It has no effect: every run starts from nothing.",
)
"""Accepts ``--fresh``, which has no effect: no command keeps anything for the next one."""

engine_option: Final = click.option(
    "--engine",
    "engine_name",
    type=click.Choice(["compiled", "owlrl"]),
    default="compiled",
    show_default=True,
    help="What reasons: the compiled program, or owlrl, the reference, which takes minutes.",
)
"""Gives a command ``--engine``."""


def format_option(*forms: str) -> Callable[[Function], Function]:
    """Give a command ``--format`` with the given choices."""
    return click.option(
        "--format",
        "form",
        type=click.Choice(forms),
        help="Output format; else a table on a terminal and TSV in a pipe.",
    )


def texts_option(*, required: bool) -> Callable[[Function], Function]:
    """Give a command ``--texts``, the folder that holds the source texts."""
    return click.option(
        "--texts",
        type=click.Path(path_type=Path, file_okay=False, exists=True),
        required=required,
        envvar="NHSKG_TEXTS",
        show_envvar=True,
        help="Folder that holds the source texts.",
    )


@contextmanager
def progress(*, show: bool) -> Iterator[Callable[[str], None] | None]:
    """Show the steps of a long run on one line of standard error, which is cleared at the end."""
    if not show:
        yield None
        return
    try:
        yield lambda text: click.echo(f"\r\033[K{text} …", nl=False, err=True)
    finally:
        click.echo("\r\033[K", nl=False, err=True)


def print_rows(columns: Sequence[str], rows: Iterable[Sequence[str]], form: str | None) -> None:
    """Print rows in a form; if none is given, as a table on a terminal and as TSV in a pipe."""
    form = form or ("table" if sys.stdout.isatty() else "tsv")
    click.echo(render_rows(columns, rows, form), nl=False)


def spread(
    args: Sequence[str], options: Sequence[str], takes: Callable[[str], bool] = lambda _: True
) -> list[str]:
    """Return arguments with ``--data a b`` written as ``--data a --data b``.

    ``takes`` says of a further file whether it is one of the option's.
    """
    found: list[str] = []
    option: str | None = None
    for arg in args:
        if arg in options:
            option = arg
            found.append(arg)
        elif option is not None and (arg == "-" or not arg.startswith("-")):
            if found[-1] == option or not takes(arg):
                found.append(arg)
            else:
                found += [option, arg]
        else:
            option = None
            found.append(arg)
    return found


def refuse_overwriting(output: Path | None, read: Iterable[Path]) -> None:
    """Refuse to write a result over a file that it is made from.

    Raises:
        UsageError: the output is one of the files that are read.
    """
    if output is None or not output.is_file():
        return
    for path in read:
        if path.is_file() and output.samefile(path):
            raise UsageError(f"{output} is read, and would be written over; name another output")


def published(project: Project) -> Published:
    """Return the project's store; build it where there is none; say so where it is out of date."""
    try:
        store = open_published(project.build)
    except StoreAccessError:
        raise
    except StoreError as error:
        return _built(project, str(error).split(";", maxsplit=1)[0])
    if store.summary.get("version") != __version__:
        return _built(project, f"{project.build}: the store was built by another version of nhskg")
    newest = max((p.stat().st_mtime for p in project.inputs()), default=0.0)
    if newest > store.built_at:
        click.echo("nhskg: the store is older than its sources; 'nhskg build' renews it", err=True)
    return store


def _built(project: Project, reason: str) -> Published:
    click.echo(f"nhskg: {reason}; building it now", err=True)
    from nhskg.building import build_project  # noqa: PLC0415  # asking must not import it

    built = build_project(project)
    if built.published is None:
        raise FindingsError("the graph has violations; 'nhskg build' tells them")
    return built.published


def read_stdin_or_file(name: str) -> tuple[str, Path | None]:
    """Return the text of a file, or of standard input for ``-``.

    Raises:
        InputError: the file cannot be read as UTF-8 text.
    """
    if name == "-":
        return sys.stdin.read(), None
    return read_text(Path(name)), Path(name)


def terminal_width(default: int) -> int:
    """Return the columns to fill: those of the terminal or of COLUMNS, within reason."""
    return min(max(shutil.get_terminal_size((default, 24)).columns, 40), 120)


def parse_pairs(pairs: tuple[str, ...]) -> dict[str, str]:
    """Turn ``key=value`` arguments into a dictionary.

    Raises:
        UsageError: one has no ``=``, or a key is given twice.
    """
    values: dict[str, str] = {}
    for pair in pairs:
        key, equals, value = pair.partition("=")
        if not equals:
            raise UsageError(f"'{pair}' is not of the form key=value")
        if key.strip() in values:
            raise UsageError(f"'{key.strip()}' is given twice; ask once for each value")
        values[key.strip()] = value
    return values
