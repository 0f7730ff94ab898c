"""The program on a SPARQL server: the :class:`ReasoningStore` of an endpoint.

SPARQL has no way to name a blank node: each is sent as an IRI made of its label (RDF 1.1 Concepts,
section 3.5).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import pyoxigraph as ox

from nhskg.rdf.endpoint import Endpoint, Staging
from nhskg.rdf.sparql.algebra import ProgramError, Term
from nhskg.reasoning.inference import name_blank_nodes, restored
from nhskg.reasoning.reasoner import Derivation, reason
from nhskg.reasoning.rules import RuleText
from nhskg.reasoning.sparql_executor import SparqlExecutor

NODE: Final = "urn:nhskg:node:"
"""Prefix of the IRI that stands for a blank node; its label follows."""

_BATCH: Final = 5_000


@dataclass
class RemoteStore:
    """Named graphs of a server; see :class:`ReasoningStore`."""

    endpoint: Endpoint
    graphs: Sequence[ox.NamedNode]

    def update(self, text: str) -> None:
        """Run an update."""
        self.endpoint.update(text)

    def select(self, text: str, *, width: int | None = None) -> Iterator[tuple[Term | None, ...]]:
        """Yield the rows of a SELECT query, of so many columns."""
        for row in self.endpoint.select(text, width=width):
            yield tuple(None if term is None else restored(term, NODE) for term in row)

    def add(self, triples: Iterable[ox.Triple], graph: ox.NamedNode) -> None:
        """Add triples to a graph."""
        lines = [" ".join(map(str, name_blank_nodes(triple, prefix=NODE))) for triple in triples]
        for start in range(0, len(lines), _BATCH):
            data = " .\n".join(lines[start : start + _BATCH])
            self.update(f"INSERT DATA {{ GRAPH {graph} {{\n{data}\n}} }}")


@dataclass(frozen=True)
class RemoteEngine:
    """Uploads all triples of a store to a server, reasons there, and downloads what follows."""

    rules: Sequence[RuleText]
    staging: Staging

    def derive(self, store: ox.Store, graph: ox.NamedNode) -> Derivation:
        """Put all that follows and isn't asserted into ``graph``; see :class:`Engine`.

        Raises:
            StoreError: the server does not do its part.
        """
        staging = self.staging
        names = [f"{staging.prefix}{name}" for name in ("given", "derived", "work")]
        staging.working += names
        given, derived, work = map(ox.NamedNode, names)
        staging.upload(
            given.value, list({name_blank_nodes(quad.triple, prefix=NODE) for quad in store})
        )
        remote = RemoteStore(staging.endpoint, [given])
        try:
            outcome = reason(SparqlExecutor(remote, work), self.rules, derived)
        except ProgramError:
            staging.check()  # the reason may be that another build has cleared what was given
            raise
        staging.check()
        text = f"SELECT ?s_ ?p_ ?o_ WHERE {{ GRAPH {derived} {{ ?s_ ?p_ ?o_ }} }}"
        found = [ox.Triple(*row) for row in remote.select(text, width=3)]  # type: ignore[arg-type]
        store.extend(ox.Quad(t.subject, t.predicate, t.object, graph) for t in found)
        return outcome
