"""Equivalence classes of terms that are the same (owl:sameAs)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

import pyoxigraph as ox

from nhskg.rdf.sparql.algebra import TYPE, Term, ends

__all__ = ["Sameness"]


class Sameness:
    """The equivalence that some ``owl:sameAs`` triples generate (eq-ref, eq-sym, eq-trans)."""

    def __init__(self, triples: Iterable[ox.Triple] = ()) -> None:
        self._above: dict[Term, Term] = {}
        self.triples = frozenset(triples)
        for triple in sorted(self.triples, key=str):
            one, two = map(self.representative, ends(triple))
            if one != two:
                first, second = sorted((one, two), key=lambda node: (node != TYPE, str(node)))
                self._above[second] = first
        self._groups: dict[Term, list[Term]] = defaultdict(list)
        for node in dict.fromkeys(n for pair in self._above.items() for n in pair):
            self._groups[self.representative(node)].append(node)

    def __bool__(self) -> bool:
        return bool(self.triples)

    def representative(self, node: Term) -> Term:
        """Return the term that stands for all that are the same as ``node``."""
        while node in self._above:
            node = self._above[node]
        return node

    def group(self, node: Term) -> tuple[Term, ...]:
        """Return all terms that are the same as ``node``, itself among them."""
        return tuple(self._groups.get(self.representative(node), (node,)))

    def has(self, triple: ox.Triple) -> bool:
        """Tell whether the ends of a triple are known to be the same."""
        one, two = ends(triple)
        return self.representative(one) == self.representative(two)
