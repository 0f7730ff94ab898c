"""Which variables a group graph pattern binds."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import pyoxigraph as ox

from nhskg.reasoning.model import (
    Bind,
    Element,
    Expression,
    Group,
    Optional,
    Pattern,
    Union,
    Values,
)

__all__ = ["certain", "possible"]

_NAMING: Final = frozenset(["IRI", "CONCAT", "STR", "REPLACE", "STRAFTER", "STRBEFORE"])
"""Functions that make a name of parts of other names, and do not fail on them."""
_OF_NAMES: Final = frozenset(["IRI", "STR"])
"""Those of them that take a name itself."""


def certain(group: Group) -> set[ox.Variable]:
    """Return the variables that every match of the group binds; a BIND may fail."""
    bound: set[ox.Variable] = set()
    for element in group.elements:
        if isinstance(element, Pattern):
            bound |= element.variables()
        elif isinstance(element, Values):
            defined = [i for i in range(len(element.names)) if all(r[i] for r in element.rows)]
            bound |= {element.names[i] for i in defined}
        elif isinstance(element, Union):
            bound |= set.intersection(*(certain(branch) for branch in element.branches))
        elif isinstance(element, Bind) and _is_bound(element.expression, bound):
            bound.add(element.variable)
    names, strings = _made(group.elements)
    return bound | names | strings


def possible(group: Group) -> set[ox.Variable]:
    """Return the variables that some match of the group may bind."""
    bound: set[ox.Variable] = set()
    for element in group.elements:
        if isinstance(element, Pattern | Values):
            bound |= element.variables()
        elif isinstance(element, Bind):
            bound.add(element.variable)
        elif isinstance(element, Optional):
            bound |= possible(element.group)
        elif isinstance(element, Union):
            bound |= set().union(*(possible(branch) for branch in element.branches))
    return bound


def _is_bound(expression: Expression, bound: set[ox.Variable]) -> bool:
    """Tell whether an expression is a term, or a variable that is bound."""
    if len(expression.parts) != 1:
        return False
    (part,) = expression.parts
    return part in bound if isinstance(part, ox.Variable) else not isinstance(part, str)


def _made(elements: Iterable[Element]) -> tuple[set[ox.Variable], set[ox.Variable]]:
    """Return the variables that BIND always makes names for, and those it makes strings for."""
    subjects: set[ox.Variable] = set()
    names: set[ox.Variable] = set()
    strings: set[ox.Variable] = set()
    for element in elements:
        if isinstance(element, Pattern) and isinstance(element.subject, ox.Variable):
            subjects.add(element.subject)
        if not isinstance(element, Bind):
            continue
        parts = element.expression.parts
        known = subjects | names
        if parts in [(name,) for name in known]:
            names.add(element.variable)
            continue
        function = parts[0].upper() if isinstance(parts[0], str) else ""
        if function not in _NAMING:
            continue
        for place, part in enumerate(parts):
            if isinstance(part, ox.Variable):
                taken = str(parts[place - 2]).upper() if place > 1 else ""
                fits = part in strings or (part in known and taken in _OF_NAMES)
            elif isinstance(part, str):
                fits = part in ("(", ")", ",") or part.upper() in _NAMING
            else:
                fits = isinstance(part, ox.Literal)
            if not fits:
                break
        else:
            (names if function == "IRI" else strings).add(element.variable)
    return names, strings
