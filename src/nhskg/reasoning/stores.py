"""The seam between a program and the store it runs on: four questions and two commands."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Final, Protocol

import pyoxigraph as ox

from nhskg.errors import StoreError
from nhskg.reasoning.model import Pattern, Term

__all__ = ["EmbeddedStore", "ReasoningStore"]

_FEW: Final = 200
"""Matches that are counted here; where there are more, a query counts them faster."""


class ReasoningStore(Protocol):
    """What the runner asks of a store; the data are the union of its named graphs.

    Every text is SPARQL 1.1 with absolute IRIs; patterns in it name their graphs.
    """

    def update(self, text: str) -> None:
        """Run an update, which may hold several operations."""
        ...

    def select(self, text: str) -> Iterator[tuple[Term | None, ...]]:
        """Yield the rows of a SELECT query."""
        ...

    def matches(self, pattern: Pattern, graph: ox.NamedNode | None = None) -> bool:
        """Tell whether any triple matches a pattern (each variable of it occurring once)."""
        ...

    def size(self, pattern: Pattern, most: int) -> int:
        """Return how many triples match a pattern, or ``most`` if they are that many or unknown."""
        ...

    def subjects_per_object(self, pattern: Pattern, most: int) -> int:
        """Return how many subjects an object of a predicate has, on average and estimated."""
        ...

    def triples(self, patterns: Iterable[Pattern]) -> Iterator[ox.Triple]:
        """Yield the triples that match any of some patterns."""
        ...

    def add(self, triples: Iterable[ox.Triple], graph: ox.NamedNode) -> None:
        """Add triples to a graph."""
        ...

    def count(self, graph: ox.NamedNode) -> int:
        """Return the number of triples in a graph."""
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

    def matches(self, pattern: Pattern, graph: ox.NamedNode | None = None) -> bool:
        """Tell whether any triple matches a pattern."""
        return next(self._quads(pattern, graph), None) is not None

    def size(self, pattern: Pattern, most: int) -> int:
        """Return how many triples match a pattern, counting no further than ``most``."""
        few = sum(1 for _ in islice(self._quads(pattern, None), min(_FEW, most)))
        triple = f"{pattern.subject} {pattern.predicate} {pattern.object}"
        if few < _FEW or "_:" in triple:  # which in a query stands for anything
            return few
        return self._number(f"{{ SELECT * WHERE {{ GRAPH ?g_ {{ {triple} }} }} LIMIT {most} }}")

    def subjects_per_object(self, pattern: Pattern, most: int) -> int:
        """Return the mean number of subjects that share an object, as a few subjects see it."""
        sample = [quad.object for quad in islice(self._quads(pattern, None), 64)][::9]
        predicate = pattern.predicate
        counted = {o: self.size(Pattern(pattern.subject, predicate, o), most) for o in set(sample)}  # type: ignore[arg-type]
        return sum(counted[o] for o in sample) // len(sample) if sample else 0

    def triples(self, patterns: Iterable[Pattern]) -> Iterator[ox.Triple]:
        """Yield the triples that match any of some patterns."""
        for pattern in patterns:
            for quad in self._quads(pattern, None):
                yield quad.triple

    def add(self, triples: Iterable[ox.Triple], graph: ox.NamedNode) -> None:
        """Add triples to a graph."""
        self.store.extend([ox.Quad(t.subject, t.predicate, t.object, graph) for t in triples])

    def count(self, graph: ox.NamedNode) -> int:
        """Return the number of triples in a graph."""
        return self._number(f"GRAPH {graph} {{ ?s ?p ?o }}")

    def _number(self, where: str) -> int:
        ((count,),) = self.select(f"SELECT (COUNT(*) AS ?n_) WHERE {{ {where} }}")
        assert isinstance(count, ox.Literal)
        return int(count.value)

    def _quads(self, pattern: Pattern, graph: ox.NamedNode | None) -> Iterator[ox.Quad]:
        nodes = [
            None if isinstance(n, ox.Variable) else n
            for n in (pattern.subject, pattern.predicate, pattern.object)
        ]
        if isinstance(nodes[0], ox.Literal):
            return iter(())
        return self.store.quads_for_pattern(nodes[0], nodes[1], nodes[2], graph)  # type: ignore[arg-type]
