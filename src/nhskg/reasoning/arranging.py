"""Rule bodies arranged for evaluation: the same rows, found with less work.

**Patterns** of a group are put in an order that should need little work, see
:mod:`nhskg.reasoning.ordering`.

**Negation row by row.** ``FILTER NOT EXISTS { … }`` is evaluated by an engine once for each row,
with the row's values put in; but an engine that orders a join does not count on these values, and
may begin with all instances of a class each time: over n claims that is n² work. So its patterns
are put in an order that begins where the row leads to few triples, and those with an object that
the text names become tests (``FILTER EXISTS``), with which no engine begins.

**Negation over sets of rows.** Where the row leads nowhere near, the same rows are left by ``MINUS
{ … }``, one anti-join, if every variable that both sides share is bound on both (SPARQL 1.1 Query
Language, section 8.3). Where a test inside the negated part uses a variable that only the premises
bind, or where that is less work, the premises are matched inside too. A negated part with a single
pattern stays as it is: it is one look-up for each row.

**Existence of a join.** ``FILTER EXISTS { … }`` with a join inside becomes a join: rules derive
sets, in which doubles do not count.
"""

from __future__ import annotations

from typing import Final

import pyoxigraph as ox

from nhskg.reasoning.bindings import certain, possible
from nhskg.reasoning.model import Bind, Element, Exists, Filter, Group, Minus, Node, Pattern, Values
from nhskg.reasoning.ordering import Order, Size, best_order

__all__ = ["arranged"]

_LITTLE: Final = 2_000
"""Rows that are looked at without weighing whether to."""
_NEAR: Final = 50
"""Triples that a row may lead to, for a negated part to be matched row by row."""
_ROW: Final = 4.0
"""How much more a look at a triple takes row by row than in one join."""


def arranged(body: Group, size: Size, *, few: bool = False) -> Group:
    """Return a body that leaves the same rows as ``body``, arranged for evaluation.

    Args:
        body: the body.
        size: tells about how many triples match a pattern once its object is known.
        few: whether the premises have few matches, so that what is negated is always looked up
            row by row.
    """
    if not few:
        return Group(_arranged(_joined(body).elements, (), size))
    elements: list[Element] = []
    bound = certain(Group(tuple(e for e in body.elements if not isinstance(e, Exists))))
    for element in body.elements:
        test = _row_by_row(element, bound, size, far=True) if isinstance(element, Exists) else None
        elements.append(test[0] if test else element)
    return Group(tuple(elements))


def _arranged(
    elements: tuple[Element, ...], premises: tuple[Element, ...], size: Size
) -> tuple[Element, ...]:
    """Arrange a group's elements; ``premises`` bind variables around the group."""
    kept: list[Element] = []
    minuses: list[Element] = []
    positive = tuple(e for e in elements if isinstance(e, Pattern | Values | Bind))
    around = tuple(dict.fromkeys((*premises, *positive)))
    scope = possible(Group((*premises, *elements)))
    rows = _order(around, size).rows
    for element in elements:
        rows *= _kept(element) if isinstance(element, Filter) else 1.0
    for element in elements:
        if not isinstance(element, Exists):
            kept.append(element)
            continue
        minus = _as_minus(element, around, scope, size)
        test = _row_by_row(element, certain(Group(around)), size)
        if test and (minus is None or _ROW * rows * test[1] <= _work(minus.group.elements, size)):
            kept.append(test[0])
        elif minus is None:
            kept.append(element)
        else:
            minuses.append(minus)
    return (*_ordered(tuple(kept), size), *minuses)


def _kept(test: Filter) -> float:
    """Return which part of the rows a comparison is thought to leave (as Selinger and others)."""
    signs = set(test.expression.parts)
    return 0.1 if "=" in signs else 1 / 3 if signs & {"<", ">", "<=", ">="} else 1.0


def _row_by_row(
    test: Exists, bound: set[ox.Variable], size: Size, *, far: bool = False
) -> tuple[Exists, float] | None:
    """Return a negated join to be matched from what a row binds, and the triples looked at a row.

    None where that is far, unless ``far`` will do.

    A row leads to the triples with a subject that it binds (few), or with an object that it binds
    (as many as subjects share an object).
    """
    group = test.group
    if not test.negated or len(group.elements) < 2:
        return None
    if not all(isinstance(e, Pattern | Filter | Exists) for e in group.elements):
        return None
    tests = [element for element in group.elements if not isinstance(element, Pattern)]
    order, known, rows, work = [], set(bound), 1.0, 0.0
    left = list(group.patterns())
    while left:
        reach, place = min((_reach(each, known, size), n) for n, each in enumerate(left))
        rows *= reach
        work += max(rows, 1.0)
        if work > _NEAR and not far:
            return None
        order.append(left.pop(place))
        known |= order[-1].variables()
    inner: list[Element] = []
    for each in tests:
        nested = _row_by_row(each, known, size, far=far) if isinstance(each, Exists) else None
        inner.append(nested[0] if nested else each)
        work += nested[1] if nested else 1.0
    return Exists(_nested(order, inner, known - group.variables()), negated=True), work


def _nested(order: list[Pattern], tests: list[Element], bound: set[ox.Variable]) -> Group:
    """Return a group that matches one pattern after the other, each test as soon as it can be."""
    first, *rest = order
    known = bound | first.variables()
    later = {v for pattern in rest for v in pattern.variables()} - known
    here = [test for test in tests if not test.variables() & later]
    elements: list[Element] = [first, *here]
    if rest:
        tests = [test for test in tests if test.variables() & later]
        elements.append(Exists(_nested(rest, tests, known), negated=False))
    return Group(tuple(elements))


def _reach(pattern: Pattern, bound: set[ox.Variable], size: Size) -> float:
    """Return about how many triples match a pattern where some variables are bound."""
    subject, value = (
        not isinstance(end, ox.Variable) or end in bound
        for end in (pattern.subject, pattern.object)
    )
    if subject and value:
        return 0.5
    if subject:
        return 2.0 if pattern.closure else 1.0
    return max(2.0, size(pattern)[0]) if value else float("inf")


def _as_minus(
    test: Exists, premises: tuple[Element, ...], scope: set[ox.Variable], size: Size
) -> Minus | None:
    """Return the MINUS that leaves the rows of a negated join, or None where it would not.

    ``scope`` are the variables that may be bound around it, by the premises or otherwise.
    """
    group = test.group
    if not test.negated or len(group.elements) < 2:
        return None
    if not all(isinstance(e, Pattern | Filter | Exists) for e in group.elements):
        return None
    bound, outside = certain(group), certain(Group(premises))
    if not bound & outside:
        return None
    taken = (group.variables() & scope) - bound
    if taken - outside:
        return None
    made = {e.variable for e in premises if isinstance(e, Bind)}
    first = (e for e in group.elements if not e.variables() & made)
    needed = _needed(premises, group.variables())
    joined = tuple(dict.fromkeys((*first, *needed, *group.elements)))
    if not taken:
        work = _work(group.elements, size)
        if work <= _LITTLE or (_is_connected(group) and work <= _work(joined, size)):
            joined = group.elements
    return Minus(Group(_arranged(joined, premises, size)))


def _is_connected(group: Group) -> bool:
    """Tell whether the patterns of a group hang together by their variables."""
    left = [pattern.variables() for pattern in group.patterns()]
    reached = left.pop() if left else set()
    while left:
        touching = next((v for v in left if v & reached), None)
        if touching is None:
            return False
        left.remove(touching)
        reached |= touching
    return True


def _order(elements: tuple[Element, ...], size: Size) -> Order:
    return best_order([e for e in elements if isinstance(e, Pattern)], size)


def _work(elements: tuple[Element, ...], size: Size) -> float:
    return _order(elements, size).work


def _needed(premises: tuple[Element, ...], wanted: set[ox.Variable]) -> tuple[Element, ...]:
    """Return premises without the assignments that bind nothing that is wanted."""
    needed = set(wanted)
    for premise in reversed(premises):
        if isinstance(premise, Bind) and premise.variable in needed:
            needed |= premise.variables()
    return tuple(p for p in premises if not isinstance(p, Bind) or p.variable in needed)


def _ordered(elements: tuple[Element, ...], size: Size) -> tuple[Element, ...]:
    """Put patterns first, in the order of least work, and tests last.

    A pattern about what BIND makes stays after it.
    """
    made = {e.variable for e in elements if isinstance(e, Bind)}
    patterns = [e for e in elements if isinstance(e, Pattern) and not e.variables() & made]
    tests = [e for e in elements if isinstance(e, Filter | Exists)]
    others = [e for e in elements if e not in patterns and not isinstance(e, Filter | Exists)]
    best = best_order(list(dict.fromkeys(patterns)), size)
    return (*best.patterns, *dict.fromkeys(others), *dict.fromkeys(tests))


def _joined(body: Group) -> Group:
    """Return a body with each positive test of a join matched as a part of it."""
    visible = Group(
        tuple(e for e in body.elements if not isinstance(e, Exists | Minus))
    ).variables()
    unsure = possible(body) - certain(body)
    elements: list[Element] = []
    joined: list[Element] = []
    for number, element in enumerate(body.elements):
        patterns = element.group.patterns() if isinstance(element, Exists) else ()
        plain = isinstance(element, Exists) and len(patterns) == len(element.group.elements)
        if (
            not isinstance(element, Exists)
            or element.negated
            or not plain
            or len(patterns) < 2
            or element.variables() & unsure
        ):
            elements.append(element)
            continue
        own = element.variables() - visible
        renamed: dict[ox.Variable, Node] = {v: ox.Variable(f"{v.value}_e{number}") for v in own}
        joined.extend(pattern.substituted(renamed) for pattern in patterns)
    return Group((*elements, *joined))
