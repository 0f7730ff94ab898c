"""``nhskg validate``: reading and shapes, without building."""

from __future__ import annotations

import sys

import click

from nhskg.cli.options import project_option
from nhskg.errors import FindingsError
from nhskg.project import Project


@click.command("validate")
@project_option
def command(project: Project) -> None:
    """Check the annotations, what follows from them, and the shapes; write nothing.

    Exit code 0 where nothing is wrong, 1 where there are violations, 2 where an
    input cannot be read. Warnings and remarks are told and don't fail.

    \b
    nhskg validate
    nhskg --project my-corpus validate
    """
    from nhskg.building import assemble  # noqa: PLC0415  # loads the heavy libraries
    from nhskg.validation.findings import Severity  # noqa: PLC0415

    findings = assemble(project).findings
    for finding in findings:
        click.echo(str(finding))
    violations = sum(finding.severity is Severity.VIOLATION for finding in findings)
    click.echo(f"{len(findings)} findings, {violations} of them violations", err=True)
    sys.stdout.flush()
    if violations:
        raise FindingsError("the corpus has violations; mend them and validate again")
