"""About how many triples there are of each kind, asked of the store when first needed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import pyoxigraph as ox

from nhskg.reasoning.model import TYPE, Node, Pattern
from nhskg.reasoning.stores import ReasoningStore

__all__ = ["Sizes"]

MOST_COUNTED: Final = 4_000
"""Counting ends here: classes with so many instances or more are taken for equally large."""


class Sizes:
    """Tells about how many triples match a pattern once its object is known, and how many at all.

    What has been told is remembered until :meth:`forget`.
    """

    def __init__(self, store: ReasoningStore) -> None:
        self._store = store
        self._known: dict[tuple[Node, Node | None], tuple[int, int]] = {}
        self._literals: dict[Node, bool] = {}

    def __call__(self, pattern: Pattern) -> tuple[int, int]:
        """Return the estimates; a class is counted, the objects of a predicate are sampled."""
        if pattern.helper is not None:
            pattern = Pattern(pattern.subject, pattern.helper, pattern.object)
        value = None if isinstance(pattern.object, ox.Variable) else pattern.object
        key = (pattern.predicate, value)
        if key not in self._known:
            total = self._store.size(pattern, MOST_COUNTED)
            fanout = total
            if value is None:
                fanout = self._store.subjects_per_object(pattern, MOST_COUNTED)
            self._known[key] = fanout, total
        return self._known[key]

    def reaches_literals(self, path: Pattern) -> bool:
        """Tell whether a path leads to any literal; it must have been derived."""
        assert path.helper is not None
        if path.helper not in self._literals:
            triple = f"GRAPH ?g {{ ?s {path.helper} ?o }}"
            found = self._store.select(
                f"SELECT ?s WHERE {{ {triple} FILTER(isLiteral(?o)) }} LIMIT 1"
            )
            self._literals[path.helper] = next(iter(found), None) is not None
        return self._literals[path.helper]

    def forget(self, patterns: Iterable[Pattern]) -> None:
        """Forget what has been told of the predicates and classes of some patterns."""
        changed = {p.object if p.predicate == TYPE else p.predicate for p in patterns}
        for key in [k for k in self._known if k[0] in changed or k[1] in changed]:
            del self._known[key]
        for helper in self._literals.keys() & changed:
            del self._literals[helper]
