"""The graph as a store in the build folder, or as named graphs on a SPARQL server."""

from __future__ import annotations

import time
from pathlib import Path

from pyoxigraph import NamedNode, Store

from nhskg import __version__
from nhskg.building.pipeline import assemble
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
    project: Project, *, engine: Engine | None = None, progress: Progress | None = None
) -> BuildReport:
    """Build a project's store from nothing and, where no violation stands against it, publish it.

    The store that answered until now answers until the new one takes its place in one
    rename; see :mod:`nhskg.graph.store`.

    Args:
        project: the corpus.
        engine: the reasoning engine; the compiled engine by default.
        progress: called with the name of each step as it begins.

    Raises:
        AnnotationError: the annotations have faults; all of them are told.
        InputError: a file of the ontology, the rules or the shapes cannot be read.
        StoreError: the build folder cannot be written, or another build is running.
    """
    started = time.monotonic()
    published = None
    with BuildArea(project.build) as area, area.new_folder() as folder:
        assembled = assemble(project, engine=engine, progress=progress)
        figures = count_figures(assembled)
        if not figures["violations"]:
            if progress:
                progress("writing")
            _write(folder / "data", assembled.store)
            figures["seconds"] = time.monotonic() - started
            published = area.publish(folder, {"version": __version__, "figures": figures})
    figures["seconds"] = time.monotonic() - started
    return BuildReport(published, assembled.findings, figures)


def _write(path: Path, store: Store) -> None:
    """Write a store to a folder that does not exist yet, and close it."""
    disk = Store(str(path))
    disk.bulk_extend(store)
    disk.optimize()
    disk.flush()


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
