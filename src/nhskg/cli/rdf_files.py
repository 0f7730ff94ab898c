"""Options and helpers of the commands that read RDF files."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import Final

import click

from nhskg.cli.options import gathered
from nhskg.cli.printing import tell
from nhskg.project import Project
from nhskg.rdf.contexts import Contexts
from nhskg.rdf.errors import UsageError
from nhskg.rdf.lines import find_rdf, format_of


def _mapped(_: click.Context, __: click.Parameter, values: Sequence[str]) -> dict[str, Path]:
    for each in values:
        if not all(each.rpartition("=")[::2]):
            raise UsageError(f"'--context {each}' is not of the form ADDRESS=FILE")
    return {address: Path(file) for address, _, file in (each.rpartition("=") for each in values)}


context_options: Final = partial(
    gathered,
    "contexts",
    Contexts,
    (
        click.option(
            "--context",
            "mapped",
            multiple=True,
            metavar="ADDRESS=FILE",
            callback=_mapped,
            help="The file of a JSON-LD context that documents have at an address; repeatable.",
        ),
        click.option(
            "--allow-network", "network", is_flag=True, help="Fetch the contexts of JSON-LD."
        ),
    ),
)
"""Adds the options of where contexts are, which the command gets as its ``contexts``."""


def list_files(*groups: Sequence[Path]) -> list[list[Path]]:
    """Return groups of files with those in folders, and tell what of a folder is read or not."""
    if [str(path) for paths in groups for path in paths].count("-") > 1:
        raise UsageError("standard input is read once; give a file for the other '-'")
    found = [find_rdf(paths) for paths in groups]
    tell(dict.fromkeys(note for _, notes in found for note in notes))
    return [files for files, _ in found]


class SpreadingCommand(click.Command):
    """A command in which an option with the metavar ``…FILE...`` takes all files that follow it."""

    def takes(self, _file: str, _args: Sequence[str]) -> bool:
        """Return whether a further file is one of the option's; here each is."""
        return True

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Write ``--data a b`` as ``--data a --data b``, and parse as ever."""
        many = [each for each in self.params if (each.metavar or "").endswith("FILE...")]
        options = [name for each in many for name in each.opts]
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


def refuse_overwriting(
    output: Path | None,
    read: Iterable[Path],
    folders: Sequence[Path] = (),
    given: Iterable[Path] = (),
) -> None:
    """Raise UsageError where something would be written over a file that is read, or among such.

    A file can have several names: by links, hard ones too, and as it is spelled. In the folders
    goes nothing, and in those among the given paths nothing that is read with them the next time.
    """
    if output is None:
        return
    place = Path(os.path.realpath(output))
    read = [*read, *(path for folder in folders for path in folder.rglob("*"))]
    if output.is_file():
        is_read = any(path.is_file() and output.samefile(path) for path in read)
    else:
        is_read = str(place) in (os.path.realpath(path) for path in read if not path.exists())
    if is_read:
        raise UsageError(f"{output} is read, and would be written over; name another output")
    # as a folder of RDF is read, and one of rules
    is_input = output.suffix == ".rq" or (format_of(output) and ".xml" not in output.suffixes)
    for folder in (*folders, *(filter(Path.is_dir, given) if is_input else ())):
        if place.is_relative_to(os.path.realpath(folder)):
            problem = f"it is in {folder}, whose files are read; name another output"
            raise UsageError(f"{output} cannot be written: {problem}")


def folders_of(project: Project | None, texts: Path | None) -> list[Path]:
    """Return the folders into which no output goes; one of texts, unless all is below it."""
    folders = project.folders() if project else []
    around = project.root if project else Path.cwd()
    if texts and not around.is_relative_to(os.path.realpath(texts)):
        folders.append(texts)
    return folders
