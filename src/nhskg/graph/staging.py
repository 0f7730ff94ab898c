"""Staging on a SPARQL server: what a build uploads, and the one request that publishes it.

A build works in graphs of its own (``urn:nhskg:staging:<token>:…``). The graphs that answer are
replaced in a single update request at the end, so that whatever fails before leaves them as they
were. What a killed build left behind is cleared by the next. Of the server's other graphs none is
read or written: nhskg's own are those whose names begin with :data:`nhskg.terms.GRAPH`.
"""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

import pyoxigraph as ox

from nhskg.errors import StoreError
from nhskg.graph.endpoint import Endpoint
from nhskg.terms import GRAPH

__all__ = ["STAGING", "Staging"]

STAGING: Final = "urn:nhskg:staging:"
"""How the names of all staging graphs begin."""


@dataclass
class Staging:
    """The staging graphs of one build on one server; a context manager that clears them.

    Attributes:
        endpoint: the server.
        token: tells the staging graphs of this build from those of others.
    """

    endpoint: Endpoint
    token: str = field(default_factory=lambda: secrets.token_hex(8))
    _names: dict[str, str] = field(default_factory=dict, init=False)
    _sizes: dict[str, int] = field(default_factory=dict, init=False)

    @property
    def prefix(self) -> str:
        """How the names of this build's graphs begin."""
        return f"{STAGING}{self.token}:"

    def __enter__(self) -> Staging:
        self.clear(STAGING)
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(StoreError):  # what is left, the next build clears
            self.endpoint.timeout = min(self.endpoint.timeout, 10.0)
            self.clear(self.prefix)
        self.endpoint.close()

    def clear(self, prefix: str) -> None:
        """Drop every staging graph whose name begins so.

        Raises:
            StoreError: the server does not do it.
        """
        found = self.endpoint.graphs(prefix)
        if found:
            self.endpoint.update(" ; ".join(f"DROP SILENT GRAPH <{each}>" for each in found))

    @property
    def staged(self) -> frozenset[str]:
        """The graphs to publish that stand in staging so far, by the names they will have."""
        return frozenset(self._names)

    def name(self, graph: str) -> str:
        """Return the staging name of a graph that is to be published."""
        return self._names.setdefault(graph, f"{self.prefix}graph:{len(self._names)}")

    def stage(self, graph: str, triples: Iterable[ox.Triple]) -> None:
        """Upload a graph that is to be published.

        Raises:
            StoreError: the server does not take it.
        """
        self.endpoint.put(self.name(graph), triples)

    def settle(self) -> None:
        """Note how much each newly staged graph holds, for :meth:`publish` to compare.

        Raises:
            StoreError: the server does not tell.
        """
        self._sizes = {**self._count(), **self._sizes}

    def publish(self) -> None:
        """Put the staged graphs in the place of all that nhskg published here, in one request.

        Raises:
            StoreError: the staging graphs are no longer what they were, or the server does not
                confirm; its graphs are then as they were (or, if only the confirmation was lost,
                as they should be).
        """
        if self._count() != self._sizes:
            raise StoreError(
                f"{self.endpoint}: the staging graphs have changed; another build is running "
                "there. Wait for it, then try again"
            )
        gone = set(self.endpoint.graphs(GRAPH)) - set(self._names)
        steps = [f"DROP SILENT GRAPH <{each}>" for each in sorted(gone)]
        for graph, staged in sorted(self._names.items()):
            # not every server knows of empty graphs, and MOVE of one that isn't there fails
            full = staged in self._sizes
            steps.append(
                f"MOVE <{staged}> TO <{graph}>" if full else f"DROP SILENT GRAPH <{graph}>"
            )
        self.endpoint.update(" ; ".join(steps))

    def _count(self) -> dict[str, int]:
        text = "SELECT ?g (COUNT(*) AS ?n) WHERE { GRAPH ?g { ?s ?p ?o } } GROUP BY ?g"
        rows = self.endpoint.select(text, graphs=sorted(self._names.values()))
        return {
            graph.value: int(size.value)
            for graph, size in rows
            if isinstance(graph, ox.NamedNode) and isinstance(size, ox.Literal)
        }
