"""Rule bodies arranged for evaluation: the same rows, found with less work.

**Negation over sets of rows.** ``FILTER NOT EXISTS { … }`` with a join inside is evaluated by an
engine once for each row, and each time from scratch: over n claims that is n² work. The same rows
are left by ``MINUS { premises … }``, where the premises of the rule stand inside too and bind every
variable that the negated part shares with the rest (SPARQL 1.1 Query Language, section 8.3); that
is one anti-join. A negated part with a single pattern stays as it is: it is one look-up.

**Order of patterns.** Engines that know no statistics take patterns with equally many known
positions in the order of the text. So class memberships come first, those of small classes before
those of large ones; then the other patterns, those before whose objects have few subjects each;
then paths, which are best left for tests.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import pyoxigraph as ox

from nhskg.reasoning.bindings import certain
from nhskg.reasoning.model import (
    TYPE,
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

__all__ = ["Size", "arranged"]

Size: TypeAlias = Callable[[Pattern], int]
"""Tells about how many triples match a pattern once its object is known."""


def arranged(body: Group, size: Size, *, first: Pattern | None = None) -> Group:
    """Return a body that leaves the same rows as ``body``, arranged for evaluation.

    ``first`` is a pattern that is to be matched first, because few triples match it.
    """
    return Group(_arranged(body.elements, (), size, first))


def _arranged(
    elements: tuple[Element, ...], premises: tuple[Element, ...], size: Size, first: Pattern | None
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
        inner = _arranged(negation.group.elements, needed, size, first)
        minuses.append(Minus(Group(_ordered((*inner, *needed), size, first))))
    return _ordered((*simple, *minuses), size, first)


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


def _ordered(
    elements: tuple[Element, ...], size: Size, first: Pattern | None
) -> tuple[Element, ...]:
    """Put patterns first, then assignments, then MINUS, filters last."""

    def rank(element: Element) -> tuple[int, int]:
        if isinstance(element, Pattern):
            if element is first:
                return (0, 0)
            if element.closure:
                return (3, 0)
            kind = element.predicate == TYPE and not isinstance(element.object, ox.Variable)
            return (1 if kind else 2, size(element))
        if isinstance(element, Minus):
            return (5, 0)
        return (6, 0) if isinstance(element, Filter | Exists) else (4, 0)

    return tuple(sorted(dict.fromkeys(elements), key=rank))
