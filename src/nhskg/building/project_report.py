"""The report of a project: the findings of its graph, and of its documents against their texts."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from nhskg.annotation.writer import verify_texts
from nhskg.building.pipeline import Progress, validate_project
from nhskg.project import Project
from nhskg.rdf.errors import AnnotationError, InputError
from nhskg.rdf.yaml_source import read_source
from nhskg.shacl.findings import READING, Report, from_error, from_fault, settle
from nhskg.shacl.rules import load_rules

if TYPE_CHECKING:
    from nhskg.shacl.engines import EngineName


def report_project(
    project: Project,
    *,
    texts: Path | None = None,
    progress: Progress | None = None,
    shacl_engine: EngineName = "turbo",
) -> Report:
    """Return all findings against a project; what cannot be read is a finding, too.

    Args:
        project: the corpus.
        texts: the folder of the source texts, to check digests, quotes and positions as well.
        progress: called with the name of each step as it begins.
        shacl_engine: what validates by the shapes.
    """
    problem: InputError | None = None
    try:
        findings = validate_project(project, progress=progress, shacl_engine=shacl_engine)
    except InputError as error:
        problem, findings = error, from_error(error)
    if texts is not None:
        known = {each.place for each in findings if each.rule == READING}
        faults = verify_texts(sorted(project.documents.glob("*.yaml")), texts)
        findings += tuple(from_fault(each) for each in faults if each.place not in known)
    return Report(
        settle(findings),
        rules=load_rules(project.shapes),
        roots=(Path.cwd(), project.root),
        complete=problem is None,
        readable=problem is None or _is_readable(problem),
    )


def _is_readable(error: InputError) -> bool:
    """Return whether all files are YAML or Turtle, and the error is about their content."""
    if not isinstance(error, AnnotationError):
        return False
    try:
        for path in {fault.place.path for fault in error.faults}:
            if path.suffix in (".yaml", ".yml"):
                read_source(path)
            elif not path.is_file():
                return False
    except AnnotationError:
        return False
    return True
