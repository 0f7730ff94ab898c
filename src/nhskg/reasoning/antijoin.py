"""Negation evaluated over sets of rows rather than row by row.

``FILTER NOT EXISTS { … }`` with a join inside is evaluated by an engine once for each row, and
each time from scratch: over n claims that is n² work. The same rows are left by
``MINUS { premises … }``, where the premises of the rule stand inside too and bind every variable
that the negated part shares with the rest (SPARQL 1.1 Query Language, section 8.3); that is one
hash anti-join. A negated part with a single pattern stays as it is: it is one look-up.
"""

from __future__ import annotations

import pyoxigraph as ox

from nhskg.reasoning.bindings import certain
from nhskg.reasoning.model import Bind, Element, Exists, Filter, Group, Minus, Pattern, Union, Values

__all__ = ["antijoined"]


def antijoined(body: Group) -> Group:
    """Return a body that leaves the same rows, its costly negations turned into MINUS."""
    return Group(_rewritten(body.elements, ()))


def _rewritten(elements: tuple[Element, ...], premises: tuple[Element, ...]) -> tuple[Element, ...]:
    """Rewrite a group's elements; ``premises`` are those of the groups around it."""
    simple: list[Element] = []
    negations: list[Exists] = []
    for element in elements:
        costly = isinstance(element, Exists) and element.negated and _is_costly(element.group)
        if costly and isinstance(element, Exists):
            negations.append(element)
        else:
            simple.append(element)
    inner = (*premises, *simple)
    minuses = []
    for negation in negations:
        needed = _binding(inner, negation.variables())
        rest = _rewritten(negation.group.elements, needed)
        minuses.append(Minus(Group(_ordered((*rest, *needed)))))
    return _ordered((*simple, *minuses))


def _is_costly(group: Group) -> bool:
    """Tell whether a group joins: more than one pattern, or anything but patterns and filters."""
    return len(group.patterns()) > 1 or any(
        isinstance(e, Union | Minus) or (isinstance(e, Exists)) for e in group.elements
    )


def _binding(elements: tuple[Element, ...], wanted: set[ox.Variable]) -> tuple[Element, ...]:
    """Return the positive premises, with the assignments that bind what is wanted."""
    chosen: list[Element] = []
    binds = [e for e in elements if isinstance(e, Bind)]
    needed = set(wanted)
    for bind in reversed(binds):
        if bind.variable in needed:
            needed |= bind.variables()
    for element in elements:
        if isinstance(element, Pattern | Values):
            chosen.append(element)
        elif isinstance(element, Bind) and element.variable in needed:
            chosen.append(element)
        elif isinstance(element, Union) and certain(Group((element,))) & needed:
            chosen.append(element)
    return tuple(chosen)


def _ordered(elements: tuple[Element, ...]) -> tuple[Element, ...]:
    """Put patterns first and MINUS before assignments that it does not need, filters last."""

    def rank(element: Element) -> int:
        if isinstance(element, Minus):
            return 2
        return 3 if isinstance(element, Filter | Exists) else 1

    return tuple(sorted(dict.fromkeys(elements), key=rank))
