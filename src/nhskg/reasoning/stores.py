"""The interface of a store on which SPARQL texts run, and the one in this process."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Protocol

import pyoxigraph as ox

from nhskg.rdf.errors import StoreError
from nhskg.rdf.sparql.algebra import Term

__all__ = ["EmbeddedStore", "ReasoningStore"]


class ReasoningStore(Protocol):
    """What the executor of SPARQL texts asks of a store.

    Every text is SPARQL 1.1 with absolute IRIs.
    """

    def update(self, text: str) -> None:
        """Run an update, which may hold several operations."""
        ...

    def select(self, text: str) -> Iterator[tuple[Term | None, ...]]:
        """Yield the rows of a SELECT query."""
        ...

    def add(self, triples: Iterable[ox.Triple], graph: ox.NamedNode) -> None:
        """Add triples to a graph."""
        ...

    def count(self, graph: ox.NamedNode) -> int:
        """Return the number of triples in a graph."""
        ...

    def graphs(self) -> list[ox.NamedNode]:
        """Return the named graphs that hold what is asserted."""
        ...


class EmbeddedStore:
    """A pyoxigraph store in this process.

    Raises:
        StoreError: from every method, when the store refuses a text or cannot be read.
    """

    def __init__(self, store: ox.Store) -> None:
        self.store = store

    def update(self, text: str) -> None:
        """Run an update in one transaction."""
        try:
            self.store.update(text)
        except (OSError, SyntaxError, ValueError, RuntimeError) as error:
            raise StoreError(f"the store refuses an update: {error}\n{text}") from error

    def select(self, text: str) -> Iterator[tuple[Term | None, ...]]:
        """Yield the rows of a SELECT query."""
        try:
            found = self.store.query(text)
        except (OSError, SyntaxError, ValueError, RuntimeError) as error:
            raise StoreError(f"the store refuses a query: {error}") from error
        assert isinstance(found, ox.QuerySolutions)
        for row in found:
            yield tuple(row)

    def add(self, triples: Iterable[ox.Triple], graph: ox.NamedNode) -> None:
        """Add triples to a graph."""
        self.store.extend([ox.Quad(t.subject, t.predicate, t.object, graph) for t in triples])

    def count(self, graph: ox.NamedNode) -> int:
        """Return the number of triples in a graph."""
        ((count,),) = self.select(
            f"SELECT (COUNT(*) AS ?n_) WHERE {{ GRAPH {graph} {{ ?s ?p ?o }} }}"
        )
        assert isinstance(count, ox.Literal)
        return int(count.value)

    def graphs(self) -> list[ox.NamedNode]:
        """Return the named graphs."""
        return [graph for graph in self.store.named_graphs() if isinstance(graph, ox.NamedNode)]
