"""The order in which the patterns of a rule's body are joined.

Engines differ in how they order joins. oxigraph (0.5) knows no statistics: it begins with the first
pattern in the text that names predicate and object (class memberships after others), goes on with
patterns whose subject is known, and takes the first in the text of those where only the object is.
So the order of the text decides where it matters, and is chosen here with the sizes of the data at
hand. A path is turned so that the end that is known first is the object, to be walked only when its
turn comes. Any order gives the same rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol

import pyoxigraph as ox

from nhskg.reasoning.model import TYPE, Node, Pattern
from nhskg.reasoning.paths import backwards

__all__ = ["Order", "Size", "best_order"]


class Size(Protocol):
    """What is known of the data."""

    def __call__(self, pattern: Pattern, /) -> tuple[int, int]:
        """Tell about how many triples match a pattern once its object is known, and at all."""
        ...

    def reaches_literals(self, path: Pattern, /) -> bool:
        """Tell whether a path leads to any literal."""
        ...


_BEAM: Final = 3
"""Partial orders that are kept at each step of the search."""
_UNKNOWN: Final = 1_000_000
"""Matches of a pattern of which only the predicate is known."""
_LEAST_PART: Final = 0.01
"""The least part of a variable's values that is thought to occur in a pattern."""
_LOOK: Final = 0.02
"""What it takes to pass over a triple that does not match, of what a match takes."""
_PATH_REACH: Final = 2.0
"""How many things a path leads to, where nothing better is known."""


@dataclass(slots=True)
class _Item:
    """A pattern with the variables of its ends as bits, and its sizes.

    Of a value of a variable that is bound already only a part may occur in the pattern: as many as
    the pattern has, of as many as the patterns before have (Selinger and others, 1979).
    """

    pattern: Pattern
    subject: int
    object: int
    fanout: float
    total: float
    test: float

    def effort(self, bound: int) -> int:
        """Return the engine's guess of matches, given what is bound (its estimates, by class)."""
        subject, value = not self.subject & ~bound, not self.object & ~bound
        if subject and value:
            return 1
        if self.pattern.closure:  # turned, see _turned
            return 1_000 if subject or value else _UNKNOWN
        if subject:
            return 10
        return 1_000 if value else _UNKNOWN

    def search(self, bound: int) -> float:
        """Return how much work it is to find the matches for one row, besides looking at them.

        A store in memory has no index by predicate and object: it looks through all triples of a
        path for those that end at a thing which many other triples name.
        """
        subject, value = not self.subject & ~bound, not self.object & ~bound
        return self.total * _LOOK if self.pattern.closure and value and not subject else 0.0

    def growth(self, plan: _Plan) -> float:
        """Return by how much matching the pattern multiplies the rows."""
        subject, value = not self.subject & ~plan.bound, not self.object & ~plan.bound
        if subject and value:
            return self.test * self.part(plan, self.subject, self.total)
        if self.pattern.closure:
            return _PATH_REACH if subject else max(_PATH_REACH, self.fanout)
        if subject:
            return self.part(plan, self.subject, self.total)
        if value:
            return self.fanout * self.part(plan, self.object, self.total / self.fanout)
        return self.total

    def part(self, plan: _Plan, variable: int, values: float) -> float:
        """Return which part of a variable's values the pattern has."""
        known = plan.values.get(variable)
        return 1.0 if known is None else min(1.0, max(values / known, _LEAST_PART))

    def narrowed(self, values: dict[int, float]) -> dict[int, float]:
        """Return the numbers of values of variables once the pattern is matched too."""
        if self.pattern.closure:
            return values
        own = {self.subject: self.total, self.object: self.total / self.fanout}
        own.pop(0, None)
        return values | {v: min(n, values.get(v, n)) for v, n in own.items()}


@dataclass(slots=True)
class _Plan:
    """A partial order: what it binds, the rows it is expected to give, the work so far.

    ``values`` tells of a variable how many values its patterns have, at most.
    """

    order: tuple[int, ...]
    bound: int
    rows: float
    work: float
    values: dict[int, float]


@dataclass(frozen=True, slots=True)
class Order:
    """Patterns in an order, and what joining them so should take.

    Attributes:
        patterns: the patterns.
        work: rows that are looked at.
        rows: rows that are found.
    """

    patterns: tuple[Pattern, ...]
    work: float
    rows: float


def best_order(patterns: Sequence[Pattern], size: Size) -> Order:
    """Return the patterns in an order that should need little work."""
    if not patterns:
        return Order((), 0.0, 1.0)
    if len(patterns) == 1:
        return Order(tuple(patterns), 0.0, float(size(patterns[0])[1]))
    items = _items(patterns, size)
    plans = [_Plan((), 0, 1.0, 0.0, {})]
    for _ in items:
        grown = [step for plan in plans for step in _steps(plan, items)]
        grown.sort(key=lambda plan: (plan.work, plan.rows, plan.order))
        seen: set[frozenset[int]] = set()
        plans = []
        for plan in grown:
            covered = frozenset(plan.order)
            if covered not in seen:
                seen.add(covered)
                plans.append(plan)
            if len(plans) == _BEAM:
                break
    best = plans[0]
    return Order(_turned([patterns[index] for index in best.order], size), best.work, best.rows)


def _turned(patterns: Sequence[Pattern], size: Size) -> tuple[Pattern, ...]:
    """Return the patterns with the end of each path that is bound first as its object.

    A path that leads to literals is not turned, since in RDF a literal is no subject.
    """
    since: dict[Node, int] = {}
    for place, pattern in enumerate(patterns):
        for variable in pattern.variables():
            since.setdefault(variable, place)
    turned = []
    for pattern in patterns:
        turn = since.get(pattern.subject, -2) < since.get(pattern.object, -2)
        turn = turn and pattern.helper is not None and not size.reaches_literals(pattern)
        turned.append(backwards(pattern) if turn else pattern)
    return tuple(turned)


def _items(patterns: Sequence[Pattern], size: Size) -> list[_Item]:
    bits: dict[Node, int] = {}

    def bit(node: Node) -> int:
        return bits.setdefault(node, 1 << len(bits)) if isinstance(node, ox.Variable) else 0

    items = []
    for pattern in patterns:
        fanout, total = size(pattern)
        test = 0.5 if pattern.predicate == TYPE else 0.2
        ends = bit(pattern.subject), bit(pattern.object)
        items.append(_Item(pattern, *ends, max(1.0, fanout), max(1.0, total), test))
    return items


def _steps(plan: _Plan, items: Sequence[_Item]) -> list[_Plan]:
    """Return the plan with one more pattern: the engine's choice, or each if the text decides."""
    left = [i for i in range(len(items)) if i not in plan.order]
    joined = [i for i in left if (items[i].subject | items[i].object) & plan.bound] or left
    efforts = {i: items[i].effort(plan.bound) for i in joined}
    if not plan.order:
        efforts = {i: e + (items[i].pattern.predicate == TYPE) for i, e in efforts.items()}
    least = min(efforts.values())
    choices = [i for i in joined if efforts[i] == least]
    if least <= 10:
        choices = choices[:1]
    steps = []
    for i in choices:
        item = items[i]
        rows = plan.rows * item.growth(plan)
        bound = plan.bound | item.subject | item.object
        work = plan.work + max(rows, plan.rows) + plan.rows * item.search(plan.bound)
        steps.append(_Plan((*plan.order, i), bound, rows, work, item.narrowed(plan.values)))
    return steps
