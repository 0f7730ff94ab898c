"""``nhskg build``: from annotations to a store that answers."""

from __future__ import annotations

import sys

import click

from nhskg.cli.options import project_option
from nhskg.errors import FindingsError
from nhskg.project import Project


@click.command("build")
@click.option("--quiet", is_flag=True, help="Print no progress and no summary.")
@project_option
def command(project: Project, *, quiet: bool) -> None:
    """Read, map, reason, validate, and put a new store in place of the old one.

    The old store answers until the new one is complete; a build that fails, or
    is killed, leaves it as it was. Exit code 1 where findings stand against the
    graph: it is not put in place then.

    \b
    nhskg build
    nhskg --project my-corpus build
    """
    from nhskg.building import build_project  # noqa: PLC0415  # loads the heavy libraries

    show = sys.stderr.isatty() and not quiet
    step = (lambda text: click.echo(f"\r\033[K{text} …", nl=False, err=True)) if show else None
    try:
        report = build_project(project, progress=step)
    finally:
        if show:
            click.echo("\r\033[K", nl=False, err=True)
    for finding in report.findings:
        click.echo(str(finding), err=True)
    if not quiet:
        click.echo(report.render(), nl=False)
    if report.published is None:
        noun = "violation" if report.violations == 1 else "violations"
        raise FindingsError(
            f"{report.violations} {noun}; the store was not replaced. Mend them and build again"
        )
