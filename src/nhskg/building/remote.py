"""Publish the graph as named graphs on a SPARQL server."""

from __future__ import annotations

import time

from pyoxigraph import NamedNode

from nhskg.building.pipeline import Assembled, Progress, assemble
from nhskg.project import Project
from nhskg.rdf.endpoint import Endpoint, Staging
from nhskg.reasoning.reasoner import Engine, read_rule_texts
from nhskg.reasoning.remote import RemoteEngine


def build_remotely(
    project: Project,
    endpoint: Endpoint,
    *,
    engine: Engine | None = None,
    reason_there: bool = False,
    progress: Progress | None = None,
) -> Assembled:
    """Build a project's graph, and publish it on a SPARQL server where it has no violation.

    The graphs published before stay until the new ones replace them in one request; see
    :mod:`nhskg.rdf.endpoint`. The build folder is not touched.

    Args:
        project, engine, progress: as of :func:`nhskg.building.assemble`, and so the errors.
        endpoint: the server.
        reason_there: run the compiled program on the server instead.

    Raises:
        StoreError: the server does not do its part; what it had published stays.
    """
    started = time.monotonic()
    with Staging(endpoint) as staging:
        if reason_there:
            engine = RemoteEngine(read_rule_texts(project.ontology / "rules"), staging)
        assembled = assemble(project, engine=engine, progress=progress)
        if not assembled.violations:
            if progress:
                progress("publishing")
            store = assembled.store
            for name in [graph.value for graph in store.named_graphs()]:
                # no iterator of the store may outlive this line: a failed request keeps the frame,
                # and another thread may free it
                quads = list(store.quads_for_pattern(None, None, None, NamedNode(name)))
                staging.stage(name, [quad.triple for quad in quads])
            staging.publish()
    assembled.figures["seconds"] = time.monotonic() - started
    return assembled
