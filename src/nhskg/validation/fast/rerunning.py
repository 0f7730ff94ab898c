"""Validation after a change: of the focus nodes whose results it may have changed."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import cached_property, partial
from typing import Final

from pyoxigraph import Store

from nhskg.terms import DERIVED_GRAPH
from nhskg.validation.fast.changes import Changes, delta_of
from nhskg.validation.fast.dividing import Division, Taken
from nhskg.validation.fast.graph import DataGraph, Source
from nhskg.validation.fast.lookups import NodeGraph, TooMuch
from nhskg.validation.fast.query_running import breaks_guards, solve_for
from nhskg.validation.fast.running import Found, Outcome, Run, WholeRun, key_of
from nhskg.validation.fast.terms import Node, Unsure
from nhskg.validation.fast.touching import Touching

__all__ = ["run_again"]

_MOST: Final = 5_000
"""From how many focus nodes on it is better to read whole predicates."""


def run_again(
    division: Division,
    store: Store,
    changes: Changes,
    found: Mapping[str, Found],
    unsure: Collection[str],
) -> Outcome:
    """Validate a store that has changed by the shapes that the fast engine takes.

    Args:
        division: the shapes.
        store: the present state.
        changes: what differs from the state that was validated.
        found: the results of that state by these shapes.
        unsure: the shapes that pySHACL had to validate there, because of the data.

    Returns:
        What :func:`~nhskg.validation.fast.running.run` would.
    """
    outcome = Outcome()
    source = Source(store)
    views = {
        False: _View(source, store, changes, None),
        True: _View(source, store, changes, DERIVED_GRAPH),
    }
    for taken in division.taken:
        before = None if taken.iri in unsure else found.get(taken.iri, {})
        views[taken.asserted_only].add(taken, before, outcome)
    return outcome


class _View:
    """What changed for the shapes that see certain graphs."""

    def __init__(self, source: Source, store: Store, changes: Changes, without: str | None) -> None:
        self._source = source
        self._without = without
        self._graph = NodeGraph(store, without=without)
        self._delta = delta_of(store, changes, without=without)
        self._touching = Touching(self._graph, self._delta)
        self._run = Run(self._graph, lambda select, focus: solve_for(select, self._graph, focus))

    @cached_property
    def _whole(self) -> WholeRun:
        return WholeRun(DataGraph(self._source, without=self._without))

    def add(self, taken: Taken, before: Found | None, outcome: Outcome) -> None:
        """Validate a shape as far as need be, and note what comes of it."""
        touched = None if before is None else self._touched(taken)
        if before is None or touched is None:
            self._whole.add(taken, outcome)
            return
        focus = frozenset(filter(partial(self._is_target, taken), touched))
        try:
            anew = self._run.validate(taken, focus)
        except Unsure:
            self._whole.add(taken, outcome)
            return
        gone = set(map(key_of, touched))
        kept = {target: results for target, results in before.items() if target not in gone}
        outcome.found[taken.iri] = {**kept, **anew}
        outcome.looked_at[taken.iri] = len(focus)

    def _touched(self, taken: Taken) -> frozenset[Node] | None:
        """Return the nodes whose results may differ; nothing where all have to be looked at."""
        delta = self._delta
        if delta.is_basic or any(breaks_guards(each, delta.came) for each in taken.shape.selects):
            return None
        try:
            touched = self._touching.touched(taken)
        except TooMuch:
            return None
        return None if touched is not None and len(touched) > _MOST else touched

    def _is_target(self, taken: Taken, each: Node) -> bool:
        return any(self._graph.is_targeted(each, kind, term) for kind, term in taken.targets)
