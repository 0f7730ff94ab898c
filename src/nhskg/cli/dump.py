"""``nhskg dump``: the graph as files."""

from __future__ import annotations

from pathlib import Path

import click

from nhskg.cli.options import project_option, published
from nhskg.project import Project


@click.command("dump")
@click.option(
    "--out",
    required=True,
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder to write to; made if need be.",
)
@project_option
def command(out: Path, project: Project) -> None:
    """Write the graph as Turtle (flat), TriG and N-Quads (a graph a document).

    What is asserted and what is derived stand in files of their own. The same
    graph gives the same bytes each time.

    \b
    nhskg dump --out build/dump
    """
    from nhskg.release.dump import dump  # noqa: PLC0415  # only this command pays for it

    for path in dump(published(project).open(), out):
        click.echo(path)
