"""Validation of a project at every save: what has not changed is not looked at again.

A run keeps what it has found, and what it needs to go on from there, in a folder of its own beside
the built store; see :mod:`nhskg.building.memory`. The built store serves as well.
"""

from __future__ import annotations

from dataclasses import dataclass

from nhskg import __version__
from nhskg.building.assembling import KeepingEngine, assemble
from nhskg.building.house_style import check_house_style
from nhskg.building.making import Last, last_of, make, remake
from nhskg.building.memory import Inputs, forget, look_at
from nhskg.building.report import Progress, Redone
from nhskg.errors import StoreError
from nhskg.graph.store import BuildArea
from nhskg.project import Project
from nhskg.validation.findings import Finding

__all__ = ["Checked", "validate_project"]

_FOLDER = "checked"
_ENGINE = KeepingEngine.name
_STYLE = "house style"


@dataclass(frozen=True)
class Checked:
    """What stands against a project, and what was done to find out.

    Attributes:
        findings: violations, warnings and remarks, in order.
        redone: what was not taken from an earlier run.
    """

    findings: tuple[Finding, ...]
    redone: Redone


def validate_project(
    project: Project, *, progress: Progress | None = None, fresh: bool = False
) -> Checked:
    """Find what stands against a project.

    Args:
        project: the corpus.
        progress: called with a few words at the beginning of each step.
        fresh: whether to use nothing of earlier runs, and keep nothing.

    Raises:
        AnnotationError: the annotations have faults; all of them are told.
        InputError: a file of the ontology, the rules or the shapes cannot be read.
    """
    if not fresh:
        try:
            return _from_last(project, progress)
        except StoreError:
            pass  # nothing can be kept here, or somebody else is at it
    assembled = assemble(project, progress=progress)
    findings = (*assembled.findings, *check_house_style(project))
    return Checked(tuple(sorted(findings)), Redone(len(assembled.corpus.documents), whole=True))


def _from_last(project: Project, progress: Progress | None) -> Checked:
    """Validate from where the last run, or build, has left off."""
    inputs = look_at(project, _ENGINE)
    area = BuildArea(project.build / _FOLDER)
    with area, area.new_folder() as folder:
        last = _latest(project, inputs)
        made = remake(project, inputs, last, folder, progress=progress) if last else None
        style: tuple[Finding, ...] = ()
        if made is None or last is None or not last.store.summary.get(_STYLE):
            style = check_house_style(project)
        elif last.memory.inputs == inputs:  # nothing new to keep
            return Checked(made.findings, made.redone)
        if made is None:
            made = make(project, None, inputs, folder, progress=progress, wrong=True)
        if made.written:
            made.remember(folder)
            if look_at(project, _ENGINE) != inputs:  # a file has changed meanwhile
                forget(folder)
            area.publish(folder, {"version": __version__, _STYLE: not style})
        return Checked(tuple(sorted((*made.findings, *style))), made.redone)


def _latest(project: Project, inputs: Inputs) -> Last | None:
    """Return the later of the last run and the last build, of those that are of use."""
    found = [last_of(each, inputs) for each in (project.build / _FOLDER, project.build)]
    usable = [last for last in found if last is not None]
    return max(usable, key=lambda last: last.store.built_at, default=None)
