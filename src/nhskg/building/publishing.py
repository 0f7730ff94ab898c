"""The graph as a store in the build folder, or as named graphs on a SPARQL server."""

from __future__ import annotations

import time

from pyoxigraph import NamedNode, Store

from nhskg import __version__
from nhskg.building.assembling import KeepingEngine, assemble
from nhskg.building.making import last_of, make, remake
from nhskg.building.memory import forget, look_at
from nhskg.building.report import BuildReport, Progress, count_figures
from nhskg.graph.endpoint import Endpoint
from nhskg.graph.staging import Staging
from nhskg.graph.store import BuildArea
from nhskg.project import Project
from nhskg.reasoning.compiled_engine import read_rule_texts
from nhskg.reasoning.engine import Engine
from nhskg.reasoning.remote import RemoteEngine

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
    name = engine.name if engine else KeepingEngine.name
    with BuildArea(project.build) as area:
        inputs = look_at(project, name)  # before anything is read, which may change meanwhile
        with area.new_folder() as folder:
            last = None if fresh else last_of(project.build, inputs)
            made = remake(project, inputs, last, folder, progress=progress) if last else None
            if made is None:
                made = make(project, engine, inputs, folder, progress=progress)
            published = None
            if not made.figures["violations"]:
                made.remember(folder)
                if look_at(project, name) != inputs:  # a file has changed meanwhile
                    forget(folder)
                figures = {**made.figures, "seconds": time.monotonic() - started}
                published = area.publish(folder, {"version": __version__, "figures": figures})
    figures = {**made.figures, "seconds": time.monotonic() - started}
    return BuildReport(published, made.findings, figures, redone=made.redone)


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
