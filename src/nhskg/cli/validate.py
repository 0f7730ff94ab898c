"""``nhskg validate``: findings against a project, or against any RDF, in any form."""

from __future__ import annotations

import datetime as dt
import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from nhskg.cli.options import fresh_option, progress, project_option, refuse_overwriting, spread
from nhskg.project import Project
from nhskg.rdf.errors import AnnotationError, InputError, UsageError

if TYPE_CHECKING:
    from nhskg.shacl.baseline import Baseline
    from nhskg.shacl.findings import Finding, Severity
    from nhskg.shacl.reports.report import Report

_FORMS: Final = "text table json turtle jsonld sarif junit github gitlab".split()
_THRESHOLDS: Final = ("violation", "warning", "info", "never")
_CI_ROOTS: Final = {
    "github": "GITHUB_WORKSPACE",
    "sarif": "GITHUB_WORKSPACE",
    "gitlab": "CI_PROJECT_DIR",
}
"""The variable that names the folder to which a CI service wants paths to be relative."""


class SpreadingCommand(click.Command):
    """A command whose ``--data`` and ``--shapes`` take all files up to the next option."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Give each file an option of its own, and parse as ever."""
        return super().parse_args(ctx, spread(args, ("--data", "--shapes")))


@click.command("validate", cls=SpreadingCommand)
@click.argument("paths", nargs=-1, metavar="[PATH]...", type=click.Path(path_type=Path))
@click.option(
    "--data",
    multiple=True,
    metavar="FILE...",
    type=click.Path(path_type=Path),
    help="RDF to validate instead of the project; - is standard input.",
)
@click.option(
    "--shapes",
    multiple=True,
    metavar="FILE...",
    type=click.Path(path_type=Path),
    help="SHACL shapes for --data; files or folders.",
)
@click.option(
    "--texts",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    metavar="DIR",
    help="Folder of the source texts, to check digests, quotes and positions, too.",
)
@click.option(
    "--format",
    "forms",
    multiple=True,
    metavar="FORM[=FILE]",
    help=f"One of {', '.join(_FORMS)}; with =FILE written there. Repeatable. Paths are relative "
    "to the current folder or the project; for a CI service, to its checkout.",
)
@click.option(
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Where the one --format without =FILE goes, instead of standard output.",
)
@click.option(
    "--fail-on",
    type=click.Choice(_THRESHOLDS),
    default="violation",
    show_default=True,
    help="The least severity for which the exit code is 1.",
)
@click.option(
    "--baseline",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Known findings with reasons, held back; stale and expired ones are findings.",
)
@click.option(
    "--update-baseline",
    is_flag=True,
    help="Write --baseline: drop what is stale, enter what is new, keep all reasons.",
)
@fresh_option
@project_option
def command(
    *,
    paths: tuple[Path, ...],
    data: tuple[Path, ...],
    shapes: tuple[Path, ...],
    texts: Path | None,
    forms: tuple[str, ...],
    output: Path | None,
    fail_on: str,
    baseline: Path | None,
    update_baseline: bool,
    project: Project,
) -> int:
    """Check the annotations, what follows from them, and the shapes.

    With --texts each document is held against its text, too; nhskg anchor mends what has moved.
    An ontology of the project's own is checked for its house style.

    With PATHs the whole project is checked, and only findings in these files or folders are
    told; a PATH in which none could stand is refused. With --data and --shapes any RDF is
    checked by any shapes, as the SHACL recommendation says; --format turtle is its validation
    report.

    Findings go to standard output, one line each unless --format says otherwise; a summary
    goes to standard error. 'nhskg explain RULE' tells more of what stands in brackets.

    Exit code 0 where nothing is found at or above --fail-on; 1 where something is, be it a
    fault in the value of an annotation; 2 where a file cannot be read at all (no UTF-8, no
    YAML, no Turtle), or the command is misused. A fault of reading keeps the graph from being
    checked, which the summary says.

    \b
    nhskg validate
    nhskg validate seeds/documents/gazette-boards.yaml
    nhskg validate --texts ../texts
    nhskg validate --format github --format sarif=findings.sarif --fail-on warning
    nhskg validate --baseline known.yaml --update-baseline
    nhskg validate --data a.ttl b.ttl --shapes shapes.ttl --format turtle
    """
    outputs = _outputs(forms, output)
    if update_baseline and (baseline is None or paths):
        raise UsageError("--update-baseline needs --baseline FILE, and the project without PATHs")
    if bool(data) is not bool(shapes) or (data and (paths or texts)):
        raise UsageError("--data and --shapes go together, without PATHs or --texts of the project")
    chosen = _chosen(paths, project, baseline)
    for file in filter(None, (file for _, file in outputs)):
        others = filter(None, [baseline])
        refuse_overwriting(file, [*_rdf_files((*data, *shapes)), *others, *project.inputs()])
    known = _read_known(baseline, update=update_baseline)
    report, unreadable = _check_rdf(data, shapes) if data else _check_project(project, texts)
    report = replace(report, fail_on=_threshold(fail_on))
    if known is not None:
        report = _hold_back(report, known, update=update_baseline)
    if paths:
        report = _only(report, chosen)
    _write(report, outputs)
    click.echo(report.summary(), err=True)
    if unreadable or (paths and not report.complete and not report.findings):
        return 2
    return 1 if report.failing else 0


def _threshold(fail_on: str) -> Severity | None:
    from nhskg.shacl.findings import Severity  # noqa: PLC0415  # help needs none of it

    return None if fail_on == "never" else Severity(fail_on.capitalize())


def _outputs(forms: Sequence[str], output: Path | None) -> list[tuple[str, Path | None]]:
    """Return each form with the file it goes to, nothing for standard output."""
    found: list[tuple[str, Path | None]] = []
    for each in forms or ("text",):
        form, equals, file = each.partition("=")
        if form not in _FORMS:
            raise UsageError(f"no format '{form}'; there are {', '.join(_FORMS)}")
        if equals and not file:
            raise UsageError(f"'--format {each}' names no file; give one, or leave out the '='")
        found.append((form, Path(file) if file not in ("", "-") else None))
    loose = [index for index, (_, file) in enumerate(found) if file is None]
    if output is not None:
        if len(loose) != 1:
            raise UsageError("--output goes with one --format without =FILE; write FORM=FILE")
        found[loose[0]] = (found[loose[0]][0], None if str(output) == "-" else output)
    targets = [file for _, file in found]
    if len(set(targets)) < len(targets):
        raise UsageError("two formats go to one place; give each its own: --format FORM=FILE")
    return found


def _rdf_files(paths: Iterable[Path]) -> Iterator[Path]:
    """Yield the files that are read where files or folders are named."""
    from nhskg.shacl.rdf_validation import RDF_ENDINGS  # noqa: PLC0415  # loads the heavy libraries

    for path in paths:
        if path.is_dir():
            yield from (each for each in path.iterdir() if each.suffix in RDF_ENDINGS)
        else:
            yield path


def _chosen(paths: Iterable[Path], project: Project, baseline: Path | None) -> tuple[Path, ...]:
    """Return the paths resolved, each of which must be there, and hold what findings stand in."""
    folders = (project.root, project.ontology, project.seeds, project.shapes)
    roots = [each.resolve() for each in folders]
    known = baseline.resolve() if baseline is not None else None
    found = []
    for path in paths:
        resolved = path.resolve()
        if not resolved.exists():
            raise UsageError(f"no such file or folder: {path}")
        if not any(resolved.is_relative_to(root) for root in roots):
            raise UsageError(f"{path} is not in the project, {project.root}; see --project")
        if resolved != known and not _is_checked(resolved, project):
            raise UsageError(
                f"{path} holds nothing that is checked; give annotations (*.yaml in "
                "seeds/documents or seeds/register), a file of ontology/ or shapes/, "
                "or a folder with such files"
            )
        found.append(resolved)
    return tuple(found)


def _is_checked(path: Path, project: Project) -> bool:
    """Return whether findings can stand in a file, or in some file of a folder."""
    annotations, rdf = (".yaml", ".yml", ".YAML", ".YML"), (".ttl", ".rq")
    endings = {
        project.documents: annotations,
        project.register: annotations,
        project.ontology: rdf,
        project.ontology / "rules": rdf,
        project.shapes: rdf,
    }
    return any(
        folder.resolve().is_relative_to(path)
        or (path.parent == folder.resolve() and path.suffix in ending)
        for folder, ending in endings.items()
    )


def _check_project(project: Project, texts: Path | None) -> tuple[Report, bool]:
    """Return what stands against a project, and whether a file could not be read at all."""
    from nhskg.building import validate_project  # noqa: PLC0415  # loads the heavy libraries
    from nhskg.shacl.findings import from_error  # noqa: PLC0415
    from nhskg.shacl.reports.report import Report  # noqa: PLC0415
    from nhskg.shacl.reports.rules import load_rules  # noqa: PLC0415

    problem: InputError | None = None
    try:
        with progress(show=sys.stderr.isatty()) as step:
            found = validate_project(project, progress=step)
    except InputError as error:
        problem, found = error, from_error(error)
    report = Report.of(
        (*found, *_in_texts(project, texts, found)),
        rules=load_rules(project.shapes),
        roots=(Path.cwd(), project.root),
        complete=problem is None,
    )
    return report, problem is not None and _is_unreadable(problem)


def _in_texts(project: Project, texts: Path | None, found: Iterable[Finding]) -> list[Finding]:
    """Return what stands against documents and their texts, where nothing was told yet."""
    if texts is None:
        return []
    from nhskg.annotation.verification import verify_texts  # noqa: PLC0415
    from nhskg.shacl.findings import READING, from_fault  # noqa: PLC0415

    told = {each.place for each in found if each.rule == READING}
    faults = verify_texts(sorted(project.documents.glob("*.yaml")), texts)
    return [from_fault(each) for each in faults if each.place not in told]


def _check_rdf(data: tuple[Path, ...], shapes: tuple[Path, ...]) -> tuple[Report, bool]:
    """Return what stands against RDF by shapes, and whether a file could not be read at all."""
    from nhskg.shacl.findings import from_error  # noqa: PLC0415
    from nhskg.shacl.rdf_validation import validate_rdf  # noqa: PLC0415  # loads the heavy libraries
    from nhskg.shacl.reports.report import Report  # noqa: PLC0415

    roots = (Path.cwd(),)
    try:
        found = validate_rdf(data, shapes)
    except InputError as error:
        return Report.of(from_error(error), roots=roots, complete=False), True
    return Report(found.findings, rules=found.rules, roots=roots, triples=found.triples), False


def _is_unreadable(error: InputError) -> bool:
    """Return whether a file cannot be read at all: no fault in what it says, but in its form."""
    from nhskg.rdf.yaml_source import read_source  # noqa: PLC0415

    if not isinstance(error, AnnotationError):
        return True
    for path in {fault.place.path for fault in error.faults}:
        if path.suffix not in (".yaml", ".yml"):
            if not path.is_file():
                return True
            continue
        try:
            read_source(path)
        except AnnotationError:
            return True
    return False


def _read_known(path: Path | None, *, update: bool) -> Baseline | None:
    """Return the baseline, an empty one where it is yet to be written; before anything is run."""
    from nhskg.shacl.baseline import Baseline, read_baseline  # noqa: PLC0415  # as the renderers

    if path is None:
        return None
    return Baseline(path) if update and not path.exists() else read_baseline(path)


def _hold_back(report: Report, baseline: Baseline, *, update: bool) -> Report:
    """Return a report without the findings that a baseline knows, having brought it up to date."""
    from nhskg.shacl import baseline as known  # noqa: PLC0415  # as the renderers
    from nhskg.shacl.findings import Severity, settle  # noqa: PLC0415

    if update and report.complete:
        entered = {each.fingerprint for each in baseline.entries}
        threshold: Severity = report.fail_on or Severity.VIOLATION
        wanted = [
            each
            for each in report.findings
            if each.severity.reaches(threshold) or each.fingerprint in entered
        ]
        known.write_baseline(known.update_baseline(baseline, wanted, roots=report.roots))
        baseline = known.read_baseline(baseline.path)
    elif update:
        click.echo("nhskg: the baseline was not written, as not everything was checked", err=True)
    today = dt.datetime.now(dt.UTC).date()
    judged = known.judge(report.findings, baseline, today=today, complete=report.complete)
    return replace(report, findings=settle(judged.findings), known=judged.known)


def _only(report: Report, chosen: Sequence[Path]) -> Report:
    """Return a report of the findings that stand in the chosen files and folders."""

    def stands(finding: Finding) -> bool:
        places = [finding.place, *finding.related]
        files = [each.path.resolve() for each in places if each is not None]
        return any(file.is_relative_to(path) for file in files for path in chosen)

    return replace(report, findings=tuple(each for each in report.findings if stands(each)))


def _write(report: Report, outputs: Iterable[tuple[str, Path | None]]) -> None:
    """Render everything, and then write it."""
    from nhskg.rdf.files import write_atomically  # noqa: PLC0415
    from nhskg.shacl.reports.forms import render  # noqa: PLC0415

    rendered = [(render(_rooted(report, form), form), file) for form, file in outputs]
    for text, file in rendered:
        if file is None:
            _print(text)
        else:
            write_atomically(file, text)


def _rooted(report: Report, form: str) -> Report:
    """Return a report with paths relative to where the CI service of a form wants them."""
    folder = os.environ.get(_CI_ROOTS.get(form, ""), "")
    if not folder or not Path(folder).is_absolute():
        return report
    return replace(report, roots=(Path(folder), *report.roots))


def _print(text: str) -> None:
    """Write to standard output; where nobody reads on, the exit code still tells."""
    try:
        sys.stdout.buffer.write(text.encode("utf-8", "backslashreplace"))
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
