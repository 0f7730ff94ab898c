"""``nhskg new``: begin a corpus of one's own."""

from __future__ import annotations

import shlex
from pathlib import Path

import click

from nhskg.annotation.new_corpus import write_corpus
from nhskg.cli.printing import say, write


@click.command("new")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
def new_command(folder: Path) -> None:
    """Begin a corpus of your own in DIR, a folder that is empty or not there yet.

    It has one invented document with its text, annotated, with comments that teach; it
    validates, and answers. docs/own-corpus.md leads on.

    \b
    nhskg new my-corpus
    """
    write_corpus(folder)
    say(f"{folder}: a corpus with one invented document; next:\n")
    steps = "nhskg anchor --texts texts\nnhskg build\nnhskg matrix --all\n"
    write(f"cd {shlex.quote(str(folder))}\n{steps}")
