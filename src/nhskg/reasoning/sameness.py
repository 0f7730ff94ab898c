"""Which terms are the same: the classes of an equivalence, from any pairs that generate it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

import pyoxigraph as ox

from nhskg.reasoning.model import TYPE, Node

__all__ = ["Sameness"]


class Sameness:
    """The equivalence that some ``owl:sameAs`` triples generate (eq-ref, eq-sym, eq-trans)."""

    def __init__(self, triples: Iterable[ox.Triple] = ()) -> None:
        self._above: dict[Node, Node] = {}
        self.triples = frozenset(triples)
        for triple in sorted(self.triples, key=str):
            one, two = self._root(triple.subject), self._root(triple.object)  # type: ignore[arg-type]
            if one != two:
                first, second = sorted((one, two), key=lambda node: (node != TYPE, str(node)))
                self._above[second] = first
        self._groups: dict[Node, list[Node]] = defaultdict(list)
        for node in dict.fromkeys(n for pair in self._above.items() for n in pair):
            self._groups[self._root(node)].append(node)

    def __bool__(self) -> bool:
        return bool(self.triples)

    def _root(self, node: Node) -> Node:
        while node in self._above:
            node = self._above[node]
        return node

    def representative(self, node: Node) -> Node:
        """Return the term that stands for all that are the same as ``node``."""
        return self._root(node)

    def group(self, node: Node) -> tuple[Node, ...]:
        """Return all terms that are the same as ``node``, itself among them."""
        return tuple(self._groups.get(self._root(node), (node,)))

    def has(self, triple: ox.Triple) -> bool:
        """Tell whether the ends of a triple are known to be the same."""
        return self._root(triple.subject) == self._root(triple.object)  # type: ignore[arg-type]
