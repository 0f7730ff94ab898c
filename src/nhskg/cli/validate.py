"""``nhskg validate``: findings in any format."""

from __future__ import annotations

import datetime as dt
import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, Final

import click

from nhskg.cli import options, rdf_files
from nhskg.cli.option_settings import SETTINGS, take_settings
from nhskg.cli.printing import progress, say
from nhskg.project import Project
from nhskg.rdf.errors import InputError, UsageError
from nhskg.rdf.files import write_atomically
from nhskg.shacl import baseline as baselines
from nhskg.shacl.changes import find_changes, within_changes
from nhskg.shacl.engines import EngineName
from nhskg.shacl.findings import Report, Severity, from_error
from nhskg.shacl.reports import FORMATS
from nhskg.shacl.validation import validate_rdf

_CI_ROOTS: Final = {
    "github": "GITHUB_WORKSPACE",
    "sarif": "GITHUB_WORKSPACE",
    "gitlab": "CI_PROJECT_DIR",
}
"""The variable that names the folder to which a CI service wants paths to be relative."""

_PATH: Final = click.Path(path_type=Path)
_FILE: Final = click.Path(path_type=Path, dir_okay=False)
_FILES: Final[dict[str, Any]] = {"multiple": True, "metavar": "FILE...", "type": _PATH}


@click.command("validate", cls=rdf_files.SpreadingCommand)
@click.argument("paths", nargs=-1, metavar="[PATH]...", type=_PATH)
@click.option(
    "--data",
    **_FILES,
    help="RDF to validate instead of the project: files or folders; - is standard input.",
)
@click.option("--shapes", **_FILES, help="SHACL shapes for --data; files or folders.")
@click.option(
    "--texts",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    metavar="DIR",
    help="Folder of the source texts, to check digests, quotes and positions, too.",
)
@click.option(
    "--format",
    "formats",
    multiple=True,
    metavar="FORM[=FILE]",
    help=f"One of {', '.join(FORMATS)}; with =FILE written there. Repeatable. Paths are relative "
    "to the current folder or the project; for a CI service, to its checkout.",
)
@click.option(
    "--output",
    type=_FILE,
    metavar="FILE",
    help="Where the one --format without =FILE goes, instead of standard output.",
)
@click.option(
    "--fail-on",
    type=click.Choice(["violation", "warning", "info", "never"]),
    default="violation",
    show_default=True,
    help="The least severity for which the exit code is 1.",
)
@click.option(
    "--baseline",
    type=_FILE,
    metavar="FILE",
    help="Known findings with reasons, held back; stale and expired ones are findings.",
)
@click.option(
    "--update-baseline",
    is_flag=True,
    help="Write --baseline: drop what is stale, enter what is new, keep all reasons.",
)
@click.option(
    "--changed-since",
    metavar="REV",
    help="Report what is on lines changed since this revision of git, and count the rest.",
)
@click.option(
    "--advanced",
    is_flag=True,
    help="Carry out targets, rules and expressions of SHACL Advanced Features, for --data.",
)
@click.option(
    "--engine",
    type=click.Choice(("turbo", "pyshacl")),
    default="turbo",
    show_default=True,
    help="What validates by the shapes: pyshacl-turbo, or its slow reference, pySHACL.",
)
@click.option(
    "--language",
    default="en",
    show_default=True,
    metavar="TAG",
    help="Language of the messages and names of --shapes; else those of no language, else any.",
)
@click.option(
    "--imports",
    multiple=True,
    metavar="[ADDRESS=]FILE...",
    help="Files for what --data and --shapes import (owl:imports): of the ontology that is in "
    "them, or of ADDRESS; files or folders. Nothing is fetched.",
)
@click.option(
    "--inference",
    type=click.Choice(("none", "rdfs", "owl-rl")),
    default="none",
    show_default=True,
    help="What is inferred from --data before: nothing, or what follows by RDFS or OWL 2 RL.",
)
@click.option(
    "--check-shapes",
    "check",
    is_flag=True,
    help="Also report the --shapes that check nothing, as is done with those of a project.",
)
@options.project_folder_option
@click.option(
    "--settings",
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    metavar="FILE",
    is_eager=True,
    expose_value=False,
    callback=lambda ctx, _, value: take_settings(ctx, value),
    help="Options in a file; else of nhskg.toml, or [tool.nhskg] of pyproject.toml.",
)
@rdf_files.context_options
@options.fresh_option
def validate_command(
    *,
    paths: tuple[Path, ...],
    data: tuple[Path, ...],
    shapes: tuple[Path, ...],
    texts: Path | None,
    formats: tuple[str, ...],
    output: Path | None,
    fail_on: str,
    baseline: Path | None,
    update_baseline: bool,
    changed_since: str | None,
    engine: EngineName,
    imports: tuple[str, ...],
    inference: str,
    folder: Path | None,
    **of_rdf: Any,
) -> int:
    """Check the annotations, what follows from them, and the shapes.

    With --texts each document is checked against its text, too; nhskg anchor corrects positions
    that have moved. An ontology of the project's own is checked for its house style.

    With --data and --shapes any RDF is checked by any shapes, as the SHACL recommendation
    says; --format turtle is its validation report. With PATHs all is checked, and only findings
    in these files or folders are reported; a PATH that holds nothing that is checked is refused.
    Options can stand in a file of settings.

    Findings go to standard output, one line each unless --format says otherwise; a summary
    goes to standard error. A line ends with the rule in brackets, which 'nhskg explain RULE'
    describes.

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
    nhskg validate --data data --shapes shapes --changed-since origin/main
    """
    outputs = _outputs(formats, output)
    if update_baseline and (baseline is None or paths):
        raise UsageError("--update-baseline needs --baseline FILE, and all findings, without PATHs")
    if bool(data) is not bool(shapes) or (data and texts):
        raise UsageError("--data and --shapes go together, without --texts, which are of a project")
    if not data and (imports or inference != "none" or of_rdf["advanced"]):
        raise UsageError("--imports, --inference and --advanced go with --data and --shapes")
    data_files, shape_files = rdf_files.list_files(data, shapes)
    imported = list(_addressed(imports))
    given = [*data_files, *shape_files, *(file for _, file in imported)]
    project = None if data else _locate(folder)
    given += [*(project.inputs() if project else ()), *filter(None, [baseline])]
    _check_paths(paths, project, given)
    read = [*given, *of_rdf["contexts"].mapped.values(), *(texts.iterdir() if texts else ())]
    read += filter(None, [click.get_current_context().meta.get(SETTINGS)])
    among = rdf_files.folders_of(project, texts)
    inputs = (*data, *shapes, *map(Path, imports))
    for file in (baseline if update_baseline else None, *(file for _, file in outputs)):
        others = (each for each in read if file is not baseline or each != baseline)
        rdf_files.refuse_overwriting(file, others, among, given=inputs)
    folder = project.root if project else Path.cwd()
    changes = find_changes(folder, changed_since) if changed_since else None
    known = _known(baseline, update=update_baseline)  # before anything is run
    if project is None:
        of_rdf |= {"engine": engine, "imports": imported}
        if inference != "none":
            from nhskg.building.entailment import entail  # noqa: PLC0415  # loads numpy

            of_rdf["entail"] = partial(entail, regime=inference)
        try:
            report = validate_rdf(data_files, shape_files, **of_rdf)
        except InputError as error:
            report = Report(from_error(error), roots=(Path.cwd(),), complete=False, readable=False)
    else:
        from nhskg.building.pipeline import report_project  # noqa: PLC0415  # loads pydantic

        options.tell_own_files(project)
        with progress() as step:
            report = report_project(project, texts=texts, progress=step, shacl_engine=engine)
    report = replace(report, fail_on=None if fail_on == "never" else Severity(fail_on.title()))
    if known is not None:
        report = _apply_baseline(report, known, update=update_baseline)
    if changes is not None:
        report = within_changes(report, changes)
    if paths:
        report = report.within(paths)
    is_written = _write(report, outputs)
    say(report.summary())
    if (
        not is_written
        or not report.readable
        or (paths and not report.complete and not report.findings)
    ):
        return 2
    return 1 if report.failing else 0


def _addressed(values: Sequence[str]) -> Iterator[tuple[str, Path]]:
    """Yield the address and the file of ADDRESS=FILE, else each file of a path without any."""
    for each in values:
        address, _, file = each.rpartition("=")
        if address and not Path(each).exists():
            yield address, Path(file)
        else:
            yield from (("", path) for path in rdf_files.list_files([Path(each)])[0])


def _outputs(formats: Sequence[str], output: Path | None) -> list[tuple[str, Path | None]]:
    """Return each format with the file it goes to, None for standard output."""
    outputs: list[tuple[str, Path | None]] = []
    for each in formats or ("text",):
        name, equals, file = each.partition("=")
        if name not in FORMATS:
            raise UsageError(f"unknown format '{name}'; known are {', '.join(FORMATS)}")
        if equals and not file:
            raise UsageError(f"'--format {each}' names no file; give one, or leave out the '='")
        outputs.append((name, Path(file) if file not in ("", "-") else None))
    if output is not None:
        if [file for _, file in outputs].count(None) != 1:
            raise UsageError("--output goes with one --format without =FILE; write FORM=FILE")
        given = None if str(output) == "-" else output
        outputs = [(name, file or given) for name, file in outputs]
    if len({file for _, file in outputs}) < len(outputs):
        raise UsageError("two formats go to one place; give each its own: --format FORM=FILE")
    return outputs


def _locate(folder: Path | None) -> Project:
    try:
        project = Project.locate(folder)
    except UsageError as error:
        raise UsageError(f"{error}; to validate any RDF give --data and --shapes") from error
    if folder is None and not Path.cwd().is_relative_to(project.root):
        say("nhskg: no project here; what is checked is the corpus of nhskg")
    return project


def _check_paths(paths: Iterable[Path], project: Project | None, read: Iterable[Path]) -> None:
    """Refuse a path that does not exist, or in which there can be no finding."""
    files, folders = [*read], []
    wanted = "a file of --data or --shapes, or a folder with one"
    if project:
        misnamed = project.seeds.glob("*/*.[yY]*[lL]")  # .yml and .YAML are findings of reading
        files += project.documents, *misnamed
        folders = [project.root, project.seeds, *project.ontology.paths, *project.shapes.paths]
        wanted = (
            "annotations (*.yaml in seeds/documents or seeds/register), a file of ontology/ or "
            "shapes/, or a folder with such files"
        )
    checked = [each.resolve() for each in files]
    for path in paths:
        resolved = path.resolve()
        if not resolved.exists():
            raise UsageError(f"no such file or folder: {path}")
        if project and not any(resolved.is_relative_to(folder.resolve()) for folder in folders):
            raise UsageError(f"{path} is not in the project, {project.root}; see --project")
        if not any(file.is_relative_to(resolved) for file in checked):
            raise UsageError(f"{path} holds nothing that is checked; give {wanted}")


def _known(baseline: Path | None, *, update: bool) -> baselines.Baseline | None:
    if baseline is None:
        return None
    is_new = update and not baseline.exists()
    return baselines.Baseline(baseline) if is_new else baselines.read_baseline(baseline)


def _apply_baseline(report: Report, baseline: baselines.Baseline, *, update: bool) -> Report:
    """Return a report without the findings that a baseline accepts, having updated the file.

    Where that cannot be written, the report is as it is without a baseline, and that is told.
    """
    if update and report.complete:
        try:
            baselines.write_baseline(baselines.update_baseline(baseline, report))
        except InputError as error:
            say(error)
            return replace(report, readable=False)
        baseline = baselines.read_baseline(baseline.path)
    elif update:
        say("nhskg: the baseline was not written, as not everything was checked")
    return baselines.apply_baseline(report, baseline, today=dt.datetime.now(dt.UTC).date())


def _write(report: Report, outputs: Iterable[tuple[str, Path | None]]) -> bool:
    """Render the report in all formats, then write them; what cannot be written is told.

    Return whether all are.
    """
    unwritten = False
    rendered = []
    for name, file in outputs:
        folder = Path(os.environ.get(_CI_ROOTS.get(name, ""), ""))
        roots = (folder, *report.roots) if folder.is_absolute() else report.roots
        rendered.append((FORMATS[name](replace(report, roots=roots)), file))
    for text, file in rendered:
        if file is None:
            try:
                sys.stdout.buffer.write(text.encode("utf-8", "backslashreplace"))
                sys.stdout.buffer.flush()
            except OSError as error:
                if not isinstance(error, BrokenPipeError):  # nobody reads on; the exit code tells
                    say(f"nhskg: standard output cannot be written ({error.strerror})")
                    unwritten = True
                os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        else:
            try:
                write_atomically(file, text)
            except InputError as error:
                say(error)
                unwritten = True
    return not unwritten
