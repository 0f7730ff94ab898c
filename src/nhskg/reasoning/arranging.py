"""Rule bodies arranged for evaluation: the same rows, found with less work.

The patterns of each group are put in an order that should need little work, see
:mod:`nhskg.reasoning.ordering`. In a group that is tested for each row (NOT EXISTS and the like)
the order takes into account what the row has bound already: begun at another end, the test of one
row would go over the whole data, and the rule need n² work for n claims.
"""

from __future__ import annotations

import pyoxigraph as ox

from nhskg.reasoning.bindings import certain
from nhskg.reasoning.model import (
    Bind,
    Element,
    Exists,
    Expression,
    Filter,
    Group,
    Minus,
    Optional,
    Pattern,
    Union,
)
from nhskg.reasoning.ordering import Size, best_order

__all__ = ["arranged"]

_Known = frozenset[ox.Variable]


def arranged(group: Group, size: Size, known: _Known = frozenset()) -> Group:
    """Return a group that leaves the same rows, arranged for evaluation.

    ``known`` are the variables that have a value before the group is matched.
    """
    patterns = best_order(list(dict.fromkeys(group.patterns())), size, known)
    bound = known | certain(group)
    others = [_element(e, size, known, bound) for e in group.elements if not isinstance(e, Pattern)]
    tests = [e for e in others if isinstance(e, Filter | Exists)]
    return Group((*patterns, *(e for e in others if e not in tests), *tests))


def _element(element: Element, size: Size, known: _Known, bound: _Known) -> Element:
    if isinstance(element, Exists):
        return Exists(arranged(element.group, size, bound), element.negated)
    if isinstance(element, Optional):
        return Optional(arranged(element.group, size, bound))
    if isinstance(element, Minus):
        return Minus(arranged(element.group, size))
    if isinstance(element, Union):
        return Union(tuple(arranged(branch, size, known) for branch in element.branches))
    if isinstance(element, Filter):
        return Filter(_expression(element.expression, size, bound))
    if isinstance(element, Bind):
        return Bind(_expression(element.expression, size, bound), element.variable)
    return element


def _expression(expression: Expression, size: Size, bound: _Known) -> Expression:
    return Expression(
        tuple(
            Exists(arranged(part.group, size, bound), part.negated)
            if isinstance(part, Exists)
            else part
            for part in expression.parts
        )
    )
