"""``nhskg anchor``: write the positions of quotes in their texts, or check them."""

from __future__ import annotations

from pathlib import Path

import click

from nhskg.annotation.writer import AnchorReport, anchor_file
from nhskg.cli.options import project_option, texts_option
from nhskg.project import Project
from nhskg.rdf.errors import AnnotationError, Fault, FindingsError


@click.command("anchor")
@click.argument("files", nargs=-1, type=click.Path(path_type=Path, dir_okay=False))
@texts_option(required=True)
@click.option("--check", is_flag=True, help="Only say what is missing or out of date.")
@click.option("--update-digest", is_flag=True, help="Accept a text that is not the one recorded.")
@project_option
def command(
    files: tuple[Path, ...], texts: Path, project: Project, *, check: bool, update_digest: bool
) -> None:
    """Write positions and digests from the quotes, in place; comments and order stay.

    Without FILES: every document of the project. A quote must match the text
    exactly once; else nothing is written to that file, and the candidates, or the
    nearest text, are named.

    \b
    nhskg anchor --texts ../texts
    nhskg anchor seeds/documents/article-miliband.yaml --texts ../texts
    nhskg anchor --check --texts ../texts
    """
    reports: list[AnchorReport] = []
    faults: list[Fault] = []
    for path in files or sorted(project.documents.glob("*.yaml")):
        try:
            reports.append(anchor_file(path, texts, check=check, update_digest=update_digest))
        except AnnotationError as error:
            faults += error.faults
    for report in reports:
        for finding in report.findings if check else ():
            click.echo(str(finding))
        state = "written" if report.written else "out of date" if report.findings else "in order"
        click.echo(f"{report.path}: {report.passages} passages, {state}")
    if faults:
        raise AnnotationError(faults)
    stale = sum(bool(report.findings) for report in reports)
    if check and stale:
        raise FindingsError(f"files not anchored as they should be: {stale}; run nhskg anchor")
