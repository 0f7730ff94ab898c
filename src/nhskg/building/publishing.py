"""The graph as a store in the build folder, or as named graphs on a SPARQL server."""

from __future__ import annotations

import shutil
import time
from dataclasses import dataclass
from pathlib import Path

from pyoxigraph import NamedNode, Store

from nhskg import __version__
from nhskg.building.assembling import KeepingEngine, assemble
from nhskg.building.memory import Inputs, forget, keep, look_at, recall, take_notes, work_folder
from nhskg.building.report import BuildReport, Progress, Redone, count_figures
from nhskg.building.updating import update
from nhskg.building.writing import copy_store, write
from nhskg.errors import StoreError
from nhskg.graph.endpoint import Endpoint
from nhskg.graph.staging import Staging
from nhskg.graph.store import BuildArea, open_published
from nhskg.project import Project
from nhskg.reasoning.compiled_engine import read_rule_texts
from nhskg.reasoning.engine import Engine
from nhskg.reasoning.remote import RemoteEngine
from nhskg.validation.findings import Finding

__all__ = ["build_project", "build_remotely"]


def build_project(
    project: Project,
    *,
    engine: Engine | None = None,
    progress: Progress | None = None,
    fresh: bool = False,
) -> BuildReport:
    """Build a project's store and, where no violation stands against it, publish it.

    What the store that answers was built from is compared with what there is now: what has changed
    is read, and what that bears on is redone (:mod:`nhskg.building.updating`). The new store holds
    the same as one built from nothing, which ``fresh`` asks for.

    The store that answered until now answers until the new one takes its place in one
    rename; see :mod:`nhskg.graph.store`.

    Raises:
        AnnotationError: the annotations have faults; all of them are told.
        InputError: a file of the ontology, the rules or the shapes cannot be read.
        StoreError: the build folder cannot be written, or another build is running.
    """
    started = time.monotonic()
    engine = engine or KeepingEngine(read_rule_texts(project.ontology / "rules"))
    with BuildArea(project.build) as area:
        inputs = look_at(project, engine.name)
        with area.new_folder() as folder:
            made = None if fresh else _updated(project, inputs, folder, progress)
            whole = made is None
            if made is None:
                shutil.rmtree(folder)
                folder.mkdir()
                made = _made(project, engine, inputs, folder, progress)
            published = None
            if not made.figures["violations"]:
                if look_at(project, engine.name) != inputs:  # a file has changed meanwhile
                    forget(folder)
                figures = {**made.figures, "seconds": time.monotonic() - started}
                published = area.publish(folder, {"version": __version__, "figures": figures})
    figures = {**made.figures, "seconds": time.monotonic() - started}
    return BuildReport(published, made.findings, figures, redone=Redone(made.read, whole))


@dataclass(frozen=True)
class _Made:
    """What stands in the folder of a new store: nothing where there is a violation."""

    findings: tuple[Finding, ...]
    figures: dict[str, int | float]
    read: int


def _updated(
    project: Project, inputs: Inputs, folder: Path, progress: Progress | None
) -> _Made | None:
    """Make a store from the one that answers; return nothing where that would not do."""
    try:
        last = open_published(project.build)
        memory = recall(last, inputs)
        if memory is None:
            return None
        found = update(project, inputs, last, memory, folder, progress=progress)
    except StoreError:
        return None
    if found is None:
        return None
    keep(take_notes(found.corpus, inputs, found.figures, memory), folder)
    return _Made(found.findings, found.figures, found.read)


def _made(
    project: Project, engine: Engine, inputs: Inputs, folder: Path, progress: Progress | None
) -> _Made:
    """Make a store from nothing."""
    assembled = assemble(project, engine=engine, progress=progress)
    figures = count_figures(assembled)
    if not figures["violations"]:
        if progress:
            progress("writing")
        write(folder / "data", assembled.store)
        if assembled.serving is not None:
            copy_store(folder / "data", work_folder(folder)).bulk_extend(assembled.serving)
        keep(take_notes(assembled.corpus, inputs, figures, None), folder)
    return _Made(assembled.findings, figures, len(assembled.corpus.documents))


def build_remotely(
    project: Project,
    endpoint: Endpoint,
    *,
    engine: Engine | None = None,
    progress: Progress | None = None,
) -> BuildReport:
    """Build a project's graph on a SPARQL server; publish it where no violation stands against it.

    The program runs on the server, unless an engine is given that reasons here. The graphs that
    answered until now answer until the new ones take their place in one request; see
    :mod:`nhskg.graph.staging`. The build folder is not touched.

    Raises:
        AnnotationError: the annotations have faults; all of them are told.
        InputError: a file of the ontology, the rules or the shapes cannot be read.
        StoreError: the server does not do its part; what it had published stands.
    """
    started = time.monotonic()
    with Staging(endpoint) as staging:
        rules = read_rule_texts(project.ontology / "rules")
        assembled = assemble(
            project, engine=engine or RemoteEngine(rules, staging), progress=progress
        )
        figures = count_figures(assembled)
        done = not figures["violations"]
        if done:
            if progress:
                progress("publishing")
            _stage_rest(staging, assembled.store)
            staging.publish()
        figures["seconds"] = time.monotonic() - started
    return BuildReport(None, assembled.findings, figures, endpoint=str(endpoint) if done else None)


def _stage_rest(staging: Staging, store: Store) -> None:
    """Upload the graphs that do not stand in staging yet."""
    for graph in store.named_graphs():
        if isinstance(graph, NamedNode) and graph.value not in staging.staged:
            quads = store.quads_for_pattern(None, None, None, graph)
            staging.stage(graph.value, [quad.triple for quad in quads])
    staging.settle()
