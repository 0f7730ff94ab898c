"""Staging on a SPARQL server: the graphs that a build uploads, and the request that publishes them.

A build works in named graphs of its own (``urn:nhskg:staging:<token>:…``). The published graphs are
replaced in a single update request at the end, so that whatever fails before leaves them as they
were. The next build clears what a killed one left behind. It cannot distinguish a killed build from
a running one, whose staging it clears too; that build then finds so and stops. Of the server's
other graphs none is read or written: nhskg's own are those whose names begin with
:data:`nhskg.rdf.terms.GRAPH`.

Blank nodes cannot be shared by graphs that are uploaded one by one. Triples that have any go to all
graphs in one INSERT DATA of the publishing request, in which a label stands for one node throughout
(SPARQL 1.1 Update, section 3.1.1).
"""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import pyoxigraph as ox

from nhskg.rdf.endpoint import Endpoint
from nhskg.rdf.errors import StoreError
from nhskg.rdf.terms import GRAPH

STAGING: Final = "urn:nhskg:staging:"
"""How the names of all staging graphs begin."""

_LAST_SECONDS: Final = 10.0
"""How long a server has for one answer where a build that failed clears its staging."""


@dataclass
class Staging:
    """The staging graphs of one build on one server; a context manager that clears them.

    Attributes:
        endpoint: the server.
        token: distinguishes the staging graphs of this build from those of others.
        working: names of this build's other graphs, which publishing drops.
    """

    endpoint: Endpoint
    token: str = field(default_factory=lambda: secrets.token_hex(8))
    working: list[str] = field(default_factory=list)
    _old: list[str] = field(default_factory=list, init=False)
    _staged: dict[str, str] = field(default_factory=dict, init=False)
    _sizes: dict[str, int] = field(default_factory=dict, init=False)
    _blank: list[tuple[str, ox.Triple]] = field(default_factory=list, init=False)

    @property
    def prefix(self) -> str:
        """How the names of this build's graphs begin."""
        return f"{STAGING}{self.token}:"

    def __enter__(self) -> Staging:
        try:  # a server that cannot be reached is reported before any work is done
            self._old = self.endpoint.graphs(STAGING)
        except StoreError:
            self.endpoint.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        if self._sizes:
            self.endpoint.timeout = min(self.endpoint.timeout, _LAST_SECONDS)
            with contextlib.suppress(StoreError):  # the next build clears what is left
                self._drop(self.endpoint.graphs(self.prefix))
        self.endpoint.close()

    def upload(self, name: str, triples: Sequence[ox.Triple]) -> None:
        """Upload triples, each once and without blank nodes, as a graph that is not published.

        Raises:
            StoreError: the server does not take it.
        """
        if not self._sizes:
            # one of no graph too: an update service that does not answer is found before any upload
            self._drop([*self._old, f"{self.prefix}none"])
        self._sizes[name] = len(triples)
        if triples:  # an empty graph would remain after publishing
            self.endpoint.put(name, triples)

    def stage(self, graph: str, triples: Sequence[ox.Triple]) -> None:
        """Upload a graph that is to be published.

        Raises:
            StoreError: the server does not take it.
        """
        blank = {t for t in triples if any(isinstance(node, ox.BlankNode) for node in t)}
        self._staged[graph] = f"{self.prefix}graph:{graph}"
        self.upload(self._staged[graph], [t for t in triples if t not in blank])
        self._blank += [(graph, triple) for triple in sorted(blank, key=str)]

    def check(self) -> None:
        """Check that the staging graphs hold as many triples as they were given.

        Raises:
            StoreError: they do not, or the server does not answer.
        """
        text = "SELECT ?g (COUNT(*) AS ?n) WHERE { GRAPH ?g { ?s ?p ?o } } GROUP BY ?g"
        rows = self.endpoint.select(text, width=2, graphs=sorted(self._sizes))
        found = {str(name): size for name, size in rows}
        for name, size in self._sizes.items():
            if found.get(f"<{name}>", ox.Literal(0)) != ox.Literal(size):
                raise StoreError(
                    f"{self.endpoint}: the staging graphs are not what was put there; another "
                    "build has begun. Wait for it to end, then build again"
                )

    def publish(self) -> None:
        """Replace all that nhskg has published here by the staged graphs, in one request.

        Raises:
            StoreError: the staging graphs are no longer what they were, or the server does not
                confirm; its graphs are then as they were (or, if only the confirmation was lost,
                as they should be).
        """
        self.check()
        removed = set(self.endpoint.graphs(GRAPH)).union(self.working) - set(self._staged)
        steps = [f"DROP SILENT GRAPH <{each}>" for each in sorted(removed)]
        for graph, name in sorted(self._staged.items()):  # MOVE of a graph without triples may fail
            moves = self._sizes[name] > 0
            steps.append(f"MOVE <{name}> TO <{graph}>" if moves else f"DROP SILENT GRAPH <{graph}>")
        blocks = [f"GRAPH <{graph}> {{ {triple} }}" for graph, triple in self._blank]
        if blocks:
            steps.append("INSERT DATA {\n" + "\n".join(blocks) + "\n}")
        try:
            self.endpoint.update(" ; ".join(steps))
        except StoreError as error:
            raise StoreError(
                f"{error}. The graph was being published; build again, lest only the "
                "confirmation was lost"
            ) from error
        self._sizes.clear()

    def _drop(self, graphs: Sequence[str]) -> None:
        if graphs:
            self.endpoint.update(" ; ".join(f"DROP SILENT GRAPH <{each}>" for each in graphs))
