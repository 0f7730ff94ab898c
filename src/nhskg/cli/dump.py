"""``nhskg dump``: write the graph as RDF files."""

from __future__ import annotations

from pathlib import Path

import click

from nhskg.cli.options import open_store, project_option
from nhskg.project import Project
from nhskg.rdf.errors import UsageError


@click.command("dump")
@click.option(
    "--out",
    required=True,
    type=click.Path(file_okay=False),
    help="Folder to write to; made if need be.",
)
@project_option
def command(out: str, project: Project) -> None:
    """Write the graph as Turtle (flat), TriG and N-Quads (a graph a document).

    What is asserted (by the documents and the register) and what is derived have files
    of their own. The ontology is left out: it is in the project's ontology/.
    The same graph gives the same bytes each time.

    \b
    nhskg dump --out build/dump
    """
    if not out:
        raise UsageError("--out names no folder; give one, or . for the current folder")
    from nhskg.graph.dump import dump  # noqa: PLC0415  # only this command pays for it

    for path in dump(open_store(project), Path(out)):
        click.echo(path)
