"""Staging on a SPARQL server: what a build uploads, and the one request that publishes it.

A build works in graphs of its own (``urn:nhskg:staging:<token>:…``). The graphs that answer are
replaced in a single update request at the end, so that whatever fails before leaves them as they
were. What a killed build left behind is cleared by the next, which cannot tell a killed build from
one that is running: of two builds at one time the later goes on, and the earlier finds its staging
gone and stops. Of the server's other graphs none is read or written: nhskg's own are those whose
names begin with :data:`nhskg.terms.GRAPH`.

Blank nodes cannot be shared by graphs that are uploaded one by one. Triples that have any are
held back, and go to all graphs in one INSERT DATA, in which a label stands for one node throughout
(SPARQL 1.1 Update, section 3.1.1).
"""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import pyoxigraph as ox

from nhskg.errors import StoreError
from nhskg.graph.endpoint import Endpoint
from nhskg.terms import GRAPH

__all__ = ["STAGING", "Staging", "has_blank"]

STAGING: Final = "urn:nhskg:staging:"
"""How the names of all staging graphs begin."""

_LAST_SECONDS: Final = 10.0
"""How long a server may take for one answer where a build ends, and clears its staging."""


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
    _expected: dict[str, int] = field(default_factory=dict, init=False)
    _held: list[tuple[str, ox.Triple]] = field(default_factory=list, init=False)
    _cleared: bool = field(default=False, init=False)

    @property
    def prefix(self) -> str:
        """How the names of this build's graphs begin."""
        return f"{STAGING}{self.token}:"

    def __enter__(self) -> Staging:
        try:
            self.endpoint.ask("ASK {}")  # what cannot be reached is told before any work is done
        except StoreError:
            self.endpoint.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(StoreError):  # what is left, the next build clears
            self.endpoint.timeout = min(self.endpoint.timeout, _LAST_SECONDS)
            if self._cleared:
                self._drop(self.endpoint.graphs(self.prefix))
        self.endpoint.close()

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
        name = self.name(graph)
        parts: tuple[list[ox.Triple], list[ox.Triple]] = ([], [])
        for triple in triples:
            parts[has_blank(triple)].append(triple)
        self.upload(name, parts[False])
        self.hold(name, parts[True])

    def upload(self, name: str, triples: Collection[ox.Triple]) -> None:
        """Put triples, each once and without blank nodes, into a graph named for this build.

        Raises:
            StoreError: the server does not take it.
        """
        if not self._cleared:
            # one of no graph too: an update service that does not answer is found before any upload
            self._drop([*self.endpoint.graphs(STAGING), f"{self.prefix}none"])
            self._cleared = True
        self.endpoint.put(name, triples)
        self._expected[name] = len(triples)

    def hold(self, name: str, triples: Iterable[ox.Triple]) -> None:
        """Keep triples that have blank nodes, for :meth:`settle` to upload."""
        self._held += [(name, triple) for triple in triples]

    def settle(self, reasoned: Mapping[str, int] | None = None) -> None:
        """Upload what was held back, and see that all of it is there.

        Args:
            reasoned: by the name of a graph that the server has filled itself, how many triples
                it is to have besides those held back.

        Raises:
            StoreError: the server does not do it, or something is missing.
        """
        self._expected.update(reasoned or {})
        if self._held:
            blocks = [f"GRAPH <{name}> {{ {triple} }}" for name, triple in self._held]
            self.endpoint.update("INSERT DATA {\n" + "\n".join(blocks) + "\n}")
            for name, _ in self._held:
                self._expected[name] = self._expected.get(name, 0) + 1
            self._held.clear()
        self.check()

    def check(self) -> None:
        """See that the staging graphs hold as many triples as they were given.

        Raises:
            StoreError: they do not, or the server does not tell.
        """
        text = "SELECT ?g (COUNT(*) AS ?n) WHERE { GRAPH ?g { ?s ?p ?o } } GROUP BY ?g"
        rows = self.endpoint.select(text, graphs=sorted(self._expected), width=2)
        found = {name.value: size for name, size in rows if isinstance(name, ox.NamedNode)}
        for name, expected in self._expected.items():
            if (self.endpoint.number(found[name]) if name in found else 0) != expected:
                raise StoreError(
                    f"{self.endpoint}: the staging graphs are not what was put there; another "
                    "build has begun. Wait for it to end, then build again"
                )

    def publish(self) -> None:
        """Put the staged graphs in the place of all that nhskg published here, in one request.

        Raises:
            StoreError: the staging graphs are no longer what they were, or the server does not
                confirm; its graphs are then as they were (or, if only the confirmation was lost,
                as they should be).
        """
        self.check()
        gone = set(self.endpoint.graphs(GRAPH)) - set(self._names)
        steps = [f"DROP SILENT GRAPH <{each}>" for each in sorted(gone)]
        for graph, staged in sorted(self._names.items()):
            # not every server knows of empty graphs, and MOVE of one that isn't there fails
            full = self._expected[staged]
            steps.append(
                f"MOVE <{staged}> TO <{graph}>" if full else f"DROP SILENT GRAPH <{graph}>"
            )
        try:
            self.endpoint.update(" ; ".join(steps))
        except StoreError as error:
            raise StoreError(
                f"{error}. The graph was being published; build again, lest only the "
                "confirmation was lost"
            ) from error

    def _drop(self, graphs: Sequence[str]) -> None:
        if graphs:
            self.endpoint.update(" ; ".join(f"DROP SILENT GRAPH <{each}>" for each in graphs))


def has_blank(triple: ox.Triple) -> bool:
    """Tell whether a triple has a blank node."""
    return isinstance(triple.subject, ox.BlankNode) or isinstance(triple.object, ox.BlankNode)
