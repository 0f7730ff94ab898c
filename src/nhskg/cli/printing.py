"""What all commands print with: nothing that strangers wrote steers a terminal or a runner of CI.

Only the forms that are exact, as CSV, TSV, RDF and SHACL's reports, hold the data as it is.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from signal import ITIMER_REAL, setitimer
from typing import Final

import click

from nhskg.rdf.errors import shortened
from nhskg.rdf.escaping import escaped, plain

_COLOR: Final = re.compile(r"(\x1b\[[012]m)")
"""The sequences that nhskg writes itself: bold, dim, and the end of these."""


def say(message: object, *, end: str = "\n") -> None:
    """Print a message to standard error."""
    try:
        click.echo(shortened(plain(str(message))) + end, nl=False, err=True)
    except BrokenPipeError:
        raise
    except OSError:  # nobody can be told on a full disk; the exit code still tells
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stderr.fileno())


def tell(notes: Iterable[str]) -> None:
    """Print notes to standard error."""
    for note in notes:
        say(f"nhskg: {escaped(note[0].lower() + note[1:].removesuffix('.'))}")


@contextmanager
def progress(*, quiet: bool = False) -> Iterator[Callable[[str], None]]:
    """Show steps on one line of standard error, if it is a terminal; it is cleared at the end."""
    if quiet or not sys.stderr.isatty():
        yield lambda _: None
        return
    try:
        yield lambda step: click.echo(f"\r\033[K{plain(step)} …", nl=False, err=True)
    finally:
        click.echo("\r\033[K", nl=False, err=True)


def stop_watch() -> None:
    """Keep the process from being ended, as something is printed."""
    setitimer(ITIMER_REAL, 0)


def write(text: str, *, color: bool = False, exact: bool = False) -> None:
    """Print an answer, however long its reader takes; for people unless it is ``exact``."""
    stop_watch()
    if not exact:
        parts = _COLOR.split(text) if color else [text]
        text = "".join(p if _COLOR.fullmatch(p) else plain(p) for p in parts)
    click.echo(text, nl=False, color=True)  # nothing is taken out of the data
