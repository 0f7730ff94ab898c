"""The graph as a store in the build folder, or as named graphs on a SPARQL server."""

from __future__ import annotations

import time

from pyoxigraph import NamedNode, Store

from nhskg import __version__
from nhskg.annotation.corpus import UnreadDocument
from nhskg.building.assembling import NotingEngine, assemble
from nhskg.building.memory import Inputs, Memory, forget, keep, look_at, recall
from nhskg.building.report import Assembled, BuildReport, Progress, Redone, count_figures
from nhskg.building.writing import amend, write
from nhskg.errors import StoreError
from nhskg.graph.endpoint import Endpoint
from nhskg.graph.staging import Staging
from nhskg.graph.store import BuildArea, Published, open_published
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

    What the store that answers was built from is compared with what there is now: a document that
    has not changed is not read, reasoning that looks at nothing that has changed is not done, and
    the new store is written as the old one with the changes put in. It holds the same as that of
    a build from nothing, which ``fresh`` asks for.

    The store that answered until now answers until the new one takes its place in one
    rename; see :mod:`nhskg.graph.store`.

    Raises:
        AnnotationError: the annotations have faults; all of them are told.
        InputError: a file of the ontology, the rules or the shapes cannot be read.
        StoreError: the build folder cannot be written, or another build is running.
    """
    started = time.monotonic()
    engine = engine or NotingEngine(read_rule_texts(project.ontology / "rules"))
    with BuildArea(project.build) as area:
        inputs = look_at(project, engine.name)
        last, memory = (None, None) if fresh else _recall(project, inputs)
        assembled = assemble(
            project, engine=engine, progress=progress, inputs=inputs, memory=memory
        )
        figures = count_figures(assembled)
        published, whole = None, True
        if not figures["violations"]:
            if progress:
                progress("writing")
            with area.new_folder() as folder:
                later = Memory(inputs, assembled.notes, assembled.footprint)
                later = keep(later, folder, assembled.store)
                if last and memory:
                    whole = not amend(folder, last, memory, later, assembled.store)
                if whole:
                    write(folder, assembled.store)
                if look_at(project, engine.name) != inputs:  # a file has changed meanwhile
                    forget(folder)
                figures["seconds"] = time.monotonic() - started
                published = area.publish(folder, {"version": __version__, "figures": figures})
        figures["seconds"] = time.monotonic() - started
    redone = Redone(_count_read(assembled), reasoning=assembled.reasoned, writing=whole)
    return BuildReport(published, assembled.findings, figures, redone=redone)


def _recall(project: Project, inputs: Inputs) -> tuple[Published | None, Memory | None]:
    """Return the store that answers and what is known of its build, where that is of use."""
    try:
        last = open_published(project.build)
    except StoreError:
        return None, None
    return last, recall(last, inputs)


def _count_read(assembled: Assembled) -> int:
    return sum(not isinstance(each, UnreadDocument) for each in assembled.corpus.documents)


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
