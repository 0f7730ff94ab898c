"""Rule bodies arranged for evaluation: the same rows, found with less work.

**Patterns** of a group are put in an order that should need little work, see
:mod:`nhskg.reasoning.ordering`.

**Negation over sets of rows.** ``FILTER NOT EXISTS { … }`` with a join inside is evaluated by an
engine once for each row, and each time from scratch: over n claims that is n² work. The same rows
are left by ``MINUS { … }``, one anti-join, if every variable that both sides share is bound on both
(SPARQL 1.1 Query Language, section 8.3). Where a test inside the negated part uses a variable that
only the premises bind, or where that is less work, the premises are matched inside too. A negated
part with a single pattern stays as it is: it is one look-up for each row.

**Existence of a join.** ``FILTER EXISTS { … }`` with a join inside becomes a join: rules derive
sets, in which doubles do not count.
"""

from __future__ import annotations

from typing import Final

import pyoxigraph as ox

from nhskg.reasoning.bindings import certain
from nhskg.reasoning.model import Bind, Element, Exists, Filter, Group, Minus, Node, Pattern, Values
from nhskg.reasoning.ordering import Size, best_order

__all__ = ["arranged"]

_LITTLE: Final = 2_000
"""Rows that are looked at without weighing whether to."""


def arranged(body: Group, size: Size) -> Group:
    """Return a body that leaves the same rows as ``body``, arranged for evaluation.

    ``size`` tells about how many triples match a pattern once its object is known.
    """
    return Group(_arranged(_joined(body).elements, (), size))


def _arranged(
    elements: tuple[Element, ...], premises: tuple[Element, ...], size: Size
) -> tuple[Element, ...]:
    """Arrange a group's elements; ``premises`` bind variables around the group."""
    kept: list[Element] = []
    minuses: list[Element] = []
    positive = tuple(e for e in elements if isinstance(e, Pattern | Values | Bind))
    around = tuple(dict.fromkeys((*premises, *positive)))
    for element in elements:
        minus = _as_minus(element, around, size) if isinstance(element, Exists) else None
        if minus is None:
            kept.append(element)
        else:
            minuses.append(minus)
    return (*_ordered(tuple(kept), size), *minuses)


def _as_minus(test: Exists, premises: tuple[Element, ...], size: Size) -> Minus | None:
    """Return the MINUS that leaves the rows of a negated join, or None where it would not."""
    group = test.group
    if not test.negated or len(group.elements) < 2:
        return None
    if not all(isinstance(e, Pattern | Filter | Exists) for e in group.elements):
        return None
    bound, outside = certain(group), certain(Group(premises))
    if not bound & outside:
        return None
    alone = not (group.variables() & outside) - bound
    joined = tuple(dict.fromkeys((*group.elements, *_needed(premises, group.variables()))))
    if alone:
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


def _work(elements: tuple[Element, ...], size: Size) -> float:
    return best_order([e for e in elements if isinstance(e, Pattern)], size)[1]


def _needed(premises: tuple[Element, ...], wanted: set[ox.Variable]) -> tuple[Element, ...]:
    """Return premises without the assignments that bind nothing that is wanted."""
    needed = set(wanted)
    for premise in reversed(premises):
        if isinstance(premise, Bind) and premise.variable in needed:
            needed |= premise.variables()
    return tuple(p for p in premises if not isinstance(p, Bind) or p.variable in needed)


def _ordered(elements: tuple[Element, ...], size: Size) -> tuple[Element, ...]:
    """Put patterns first, in the order of least work, and tests last."""
    patterns = [e for e in elements if isinstance(e, Pattern)]
    tests = [e for e in elements if isinstance(e, Filter | Exists)]
    others = [e for e in elements if not isinstance(e, Pattern | Filter | Exists)]
    best, _ = best_order(list(dict.fromkeys(patterns)), size)
    return (*best, *dict.fromkeys(others), *dict.fromkeys(tests))


def _joined(body: Group) -> Group:
    """Return a body with each positive test of a join matched as a part of it."""
    visible = Group(
        tuple(e for e in body.elements if not isinstance(e, Exists | Minus))
    ).variables()
    elements: list[Element] = []
    for number, element in enumerate(body.elements):
        patterns = element.group.patterns() if isinstance(element, Exists) else ()
        plain = isinstance(element, Exists) and len(patterns) == len(element.group.elements)
        if not isinstance(element, Exists) or element.negated or not plain or len(patterns) < 2:
            elements.append(element)
            continue
        own = element.variables() - visible
        renamed: dict[ox.Variable, Node] = {v: ox.Variable(f"{v.value}_e{number}") for v in own}
        elements.extend(pattern.substituted(renamed) for pattern in patterns)
    return Group(tuple(elements))
