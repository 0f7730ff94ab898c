"""A store in a folder of its own, with what the next build wants to know of this one."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from nhskg.building.assembling import assemble
from nhskg.building.memory import (
    Inputs,
    Memory,
    keep,
    recall,
    recall_validated,
    take_notes,
    work_folder,
)
from nhskg.building.report import Progress, Redone, count_figures
from nhskg.building.updating import update
from nhskg.building.writing import copy_store, write
from nhskg.errors import StoreError
from nhskg.graph.store import Published, open_published
from nhskg.project import Project
from nhskg.reasoning.engine import Engine
from nhskg.validation.findings import Finding
from nhskg.validation.validated import Validated

__all__ = ["Last", "Made", "last_of", "make", "remake"]


@dataclass(frozen=True)
class Last:
    """A store that an earlier build has made, and its memory."""

    store: Published
    memory: Memory


@dataclass(frozen=True)
class Made:
    """What was made.

    Attributes:
        findings: violations, warnings and remarks, in order.
        figures: counts by name.
        redone: what was not taken from an earlier build.
        written: whether the store stands in the folder.
        memory: what a later build is to know of this one.
        validated: what a later validation is to know.
    """

    findings: tuple[Finding, ...]
    figures: dict[str, int | float]
    redone: Redone
    written: bool
    memory: Memory
    validated: Validated

    def remember(self, folder: Path) -> None:
        """Write what later runs are to know into the folder of the store."""
        keep(self.memory, self.validated, folder)


def last_of(build: Path, inputs: Inputs) -> Last | None:
    """Return the store that answers in a build folder, if it is of use for another build.

    Args:
        build: the folder.
        inputs: what there is to read now.
    """
    try:
        store = open_published(build)
    except StoreError:
        return None
    memory = recall(store, inputs)
    return None if memory is None else Last(store, memory)


def remake(
    project: Project,
    inputs: Inputs,
    last: Last,
    folder: Path,
    *,
    progress: Progress | None = None,
) -> Made | None:
    """Make a store from an earlier one; return nothing where it is to be made from nothing.

    Raises:
        AnnotationError: the annotations have faults; all of them are told.
    """
    try:
        found = update(
            project,
            inputs,
            last.store,
            last.memory,
            folder,
            earlier=recall_validated(last.store),
            progress=progress,
        )
    except (StoreError, OSError, RuntimeError):  # the latter two where a file of it is damaged
        found = None
    if found is None:
        shutil.rmtree(folder)
        folder.mkdir()
        return None
    memory = take_notes(found.corpus, inputs, found.figures, last.memory)
    redone = Redone(found.read, whole=False)
    return Made(
        found.findings,
        found.figures,
        redone,
        written=True,
        memory=memory,
        validated=found.validated,
    )


def make(
    project: Project,
    engine: Engine | None,
    inputs: Inputs,
    folder: Path,
    *,
    progress: Progress | None = None,
    wrong: bool = False,
) -> Made:
    """Make a store from nothing.

    Args:
        project: the corpus.
        engine: what reasons; the compiled engine where none is given.
        inputs: the digests of what there is to read.
        folder: where it is to stand.
        progress: called with a few words at the beginning of each step.
        wrong: whether to write it also where there is a violation, for later runs to go on from.

    Raises:
        AnnotationError: the annotations have faults; all of them are told.
        InputError: a file of the ontology, the rules or the shapes cannot be read.
        StoreError: it cannot be written.
    """
    assembled = assemble(project, engine=engine, progress=progress)
    figures = count_figures(assembled)
    going_on = assembled.serving is not None
    written = going_on if wrong else not figures["violations"]
    if written:
        if progress:
            progress("writing")
        write(folder / "data", assembled.store)
        if assembled.serving is not None:
            copy_store(folder / "data", work_folder(folder)).bulk_extend(assembled.serving)
    return Made(
        assembled.findings,
        figures,
        Redone(len(assembled.corpus.documents), whole=True),
        written,
        take_notes(assembled.corpus, inputs, figures, None),
        assembled.validated,
    )
