"""The program on a SPARQL server, to which blank nodes are sent as IRIs (RDF 1.1 Concepts, 3.5)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import pyoxigraph as ox

from nhskg.rdf.endpoint import Endpoint, Staging
from nhskg.rdf.sparql.algebra import ProgramError, Term
from nhskg.reasoning.blank_nodes import deskolemize, deskolemize_term, skolemize
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

    def select(self, text: str) -> Iterator[tuple[Term | None, ...]]:
        """Yield the rows of a SELECT query."""
        for row in self.endpoint.select(text):
            yield tuple(deskolemize_term(term, NODE) for term in row)

    def add(self, triples: Iterable[ox.Triple], graph: ox.NamedNode) -> None:
        """Add triples to a graph."""
        lines = [" ".join(map(str, skolemize(triple, prefix=NODE))) for triple in triples]
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
        triples = {skolemize(quad.triple, prefix=NODE) for quad in store}
        staging.upload(given.value, list(triples))
        executor = SparqlExecutor(RemoteStore(staging.endpoint, [given]), work)
        try:
            outcome = reason(executor, self.rules, derived)
        except ProgramError:
            staging.check()  # the reason may be that another build has cleared what was given
            raise
        staging.check()
        text = f"SELECT ?s_ ?p_ ?o_ WHERE {{ GRAPH {derived} {{ ?s_ ?p_ ?o_ }} }}"
        rows: Any = staging.endpoint.select(text, width=3)
        found = (deskolemize(ox.Triple(*row), prefix=NODE) for row in rows)
        store.extend(ox.Quad(t.subject, t.predicate, t.object, graph) for t in found)
        return outcome
