"""``nhskg build``: build the store of a project."""

from __future__ import annotations

import click

from nhskg.cli.options import (
    engine_option,
    fresh_option,
    project_option,
    tell_own_files,
)
from nhskg.cli.printing import progress, say, write
from nhskg.project import Project
from nhskg.rdf.errors import FindingsError
from nhskg.rdf.terms import BASE
from nhskg.reasoning.owlrl_engine import OwlrlEngine
from nhskg.reasoning.reasoner import read_rule_texts


@click.command("build")
@fresh_option
@engine_option
@click.option("--store", metavar="URL", help="Publish on this SPARQL server, not in the folder.")
@click.option("--query-path", metavar="PATH", help="Its query service, below URL.  [query]")
@click.option("--update-path", metavar="PATH", help="Its update service, below URL.  [update]")
@click.option("--data-path", metavar="PATH", help="Its Graph Store service, below URL.  [store]")
@click.option(
    "--timeout",
    type=click.FloatRange(min=0, min_open=True),
    metavar="SECONDS",
    help="How long the server may take for one answer.  [600]",
)
@click.option(
    "--reason-on-server", is_flag=True, help="Reason on the server, not here; many requests."
)
@click.option("--quiet", is_flag=True, help="Print no progress and no summary.")
@project_option
def build_command(
    project: Project,
    *,
    engine_name: str,
    store: str | None,
    timeout: float | None,
    reason_on_server: bool,
    quiet: bool,
    **paths: str | None,
) -> None:
    """Read, map, reason, validate, and put a new store in place of the old one.

    Every build starts from nothing. The old store answers until the new one is
    complete; a build that fails, or is killed, leaves it as it was. Exit code 1
    where the graph has violations: it is not put in place then.

    With --store the graph is put in place on a SPARQL 1.1 server, such as
    'oxigraph serve': it is built here and uploaded; --reason-on-server runs the
    rules there. Credentials come from the environment only: NHSKG_STORE_USER and
    NHSKG_STORE_PASSWORD, or NHSKG_STORE_TOKEN.

    \b
    nhskg build
    nhskg --project my-corpus build
    nhskg build --store http://127.0.0.1:7878
    nhskg build --store http://host:3030/nhs --data-path data
    """
    given = {name.removesuffix("_path"): path for name, path in paths.items() if path is not None}
    if store is None and (given or timeout is not None or reason_on_server):
        raise click.UsageError(
            "--query-path, --update-path, --data-path, --timeout, --reason-on-server need --store"
        )
    if reason_on_server and engine_name != "compiled":
        raise click.UsageError(f"--engine {engine_name} does not run with --reason-on-server")
    engine = None
    if engine_name == "owlrl":
        engine = OwlrlEngine(read_rule_texts(project.ontology / "rules"), base=BASE)
    from nhskg.building.pipeline import build_project, build_remotely  # noqa: PLC0415  # heavy

    if not quiet:
        tell_own_files(project)
    with progress(quiet=quiet) as step:
        if store is None:
            report = build_project(project, engine=engine, progress=step)
        else:
            from nhskg.rdf.endpoint import Address, Endpoint, credentials  # noqa: PLC0415

            endpoint = Endpoint(Address(store, **given), credentials(), timeout or 600)
            report = build_remotely(
                project, endpoint, engine=engine, reason_there=reason_on_server, progress=step
            )
    for finding in report.findings:
        say(finding)
    if not quiet:
        write(report.render())
    if report.violations:
        noun = "violation" if report.violations == 1 else "violations"
        raise FindingsError(
            f"{report.violations} {noun}; the store was not replaced. Mend them and build again"
        )
