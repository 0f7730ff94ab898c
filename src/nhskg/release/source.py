"""What is released: a built graph with its project and version, and its quads in order."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from pyoxigraph import BlankNode, NamedNode, Quad, Store

from nhskg import __version__
from nhskg.project import Project
from nhskg.rdf import terms
from nhskg.rdf.errors import StoreError


@dataclass(frozen=True, slots=True)
class Source:
    """A built graph, the project that it is of, and the version that it is released as."""

    project: Project
    store: Store
    version: str = field(default=__version__)

    def quads(self, *, derived: bool | None = None) -> Iterator[Quad]:
        """Yield what is published, by graph, subject, predicate and object; without the ontology.

        With ``derived`` only what is derived, or only what is asserted.

        Raises StoreError where the graph holds a blank node, which must not be published.
        """
        found = []
        for quad in self.store:
            graph = quad.graph_name
            if graph == NamedNode(terms.ONTOLOGY_GRAPH):
                continue
            if derived not in (None, graph == NamedNode(terms.DERIVED_GRAPH)):
                continue
            if BlankNode in (type(quad.subject), type(quad.object)):
                raise StoreError(f"a blank node would be published: {quad.triple}")
            found.append(quad)
        yield from sorted(found, key=lambda quad: (str(quad.graph_name), str(quad.triple)))
