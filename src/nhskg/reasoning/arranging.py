"""Rule bodies arranged for evaluation: the same rows, found with less work.

**Negation over sets of rows.** ``FILTER NOT EXISTS { … }`` with a join inside is evaluated by an
engine once for each row, and each time from scratch: over n claims that is n² work. The same rows
are left by ``MINUS { premises … }``, where the premises of the rule stand inside too and bind every
variable that the negated part shares with the rest (SPARQL 1.1 Query Language, section 8.3); that
is one anti-join. A negated part with a single pattern stays as it is: it is one look-up.

The patterns are put in an order that should need little work, see
:mod:`nhskg.reasoning.ordering`.
"""

from __future__ import annotations

import pyoxigraph as ox

from nhskg.reasoning.bindings import certain
from nhskg.reasoning.model import (
    Bind,
    Element,
    Exists,
    Filter,
    Group,
    Minus,
    Pattern,
    Union,
    Values,
)
from nhskg.reasoning.ordering import Size, best_order

__all__ = ["arranged"]

def arranged(body: Group, size: Size) -> Group:
    """Return a body that leaves the same rows as ``body``, arranged for evaluation."""
    return Group(_arranged(body.elements, (), size))


def _arranged(
    elements: tuple[Element, ...], premises: tuple[Element, ...], size: Size
) -> tuple[Element, ...]:
    """Arrange a group's elements; ``premises`` are those of the groups around it."""
    simple: list[Element] = []
    negations: list[Exists] = []
    for element in elements:
        if isinstance(element, Exists) and element.negated and _joins(element.group):
            negations.append(element)
        else:
            simple.append(element)
    minuses: list[Element] = []
    for negation in negations:
        needed = _binding((*premises, *simple), negation.variables())
        inner = _arranged(negation.group.elements, needed, size)
        minuses.append(Minus(Group(_ordered((*inner, *needed), size))))
    return _ordered((*simple, *minuses), size)


def _joins(group: Group) -> bool:
    """Tell whether a negated group is more than one look-up."""
    return len(group.patterns()) > 1 or any(
        isinstance(element, Union | Minus | Exists) for element in group.elements
    )


def _binding(elements: tuple[Element, ...], wanted: set[ox.Variable]) -> tuple[Element, ...]:
    """Return the premises, with the assignments that bind what is wanted."""
    needed = set(wanted)
    for element in reversed(elements):
        if isinstance(element, Bind) and element.variable in needed:
            needed |= element.variables()
    chosen: list[Element] = []
    for element in elements:
        if isinstance(element, Pattern | Values):
            chosen.append(element)
        elif isinstance(element, Bind):
            if element.variable in needed:
                chosen.append(element)
        elif isinstance(element, Union) and certain(Group((element,))) & needed:
            chosen.append(element)
    return tuple(chosen)


def _ordered(elements: tuple[Element, ...], size: Size) -> tuple[Element, ...]:
    """Put patterns first, then assignments, then MINUS, filters last."""

    def rank(element: Element) -> int:
        if isinstance(element, Minus):
            return 1
        return 2 if isinstance(element, Filter | Exists) else 0

    patterns = [element for element in elements if isinstance(element, Pattern)]
    others = [element for element in elements if not isinstance(element, Pattern)]
    return (*best_order(list(dict.fromkeys(patterns)), size), *sorted(dict.fromkeys(others), key=rank))
