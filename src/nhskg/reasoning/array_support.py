"""Which rules can be evaluated on arrays; the others are known before the program runs.

The evaluator extends rows by a group, as a nested-loop join does. SPARQL evaluates the group by
itself and joins. The two differ only if a FILTER, BIND, OPTIONAL or MINUS of the group reads a
variable of the rows that the group has not bound. Such a group is evaluated by itself. Where a
variable of that join may be unbound, and in a few forms inside EXISTS, the rule goes to the
executor of SPARQL texts.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

import pyoxigraph as ox

from nhskg.rdf.sparql.algebra import (
    Bind,
    Exists,
    Expression,
    Filter,
    Group,
    Minus,
    Optional,
    Rule,
    Union,
    Values,
)
from nhskg.reasoning.bindings import certain, possible

__all__ = ["sees_outside", "unsupported"]

_CHANGING = frozenset("NOW RAND UUID STRUUID BNODE".split())


def unsupported(rules: Iterable[Rule]) -> str | None:
    """Return why the first rule that can't be evaluated on arrays can't be; None if all can."""
    for rule in rules:
        for reason in _reasons(rule.body, set(), set(), within_exists=False):
            return f"{rule}: {reason}"
    return None


def sees_outside(group: Group, outside: Collection[ox.Variable]) -> bool:
    """Tell whether a group evaluated from rows with some variables may differ from one by itself.

    Args:
        group: what stands between the braces.
        outside: the variables of the rows.
    """
    names = set(outside)
    for place, element in enumerate(group.elements):
        before = certain(Group(group.elements[:place]))
        if isinstance(element, Filter | Exists):
            if element.variables() & names - certain(group):
                return True
        elif isinstance(element, Bind):
            if element.variable in names or element.variables() & names - before:
                return True
        elif isinstance(element, Optional | Minus):
            if element.variables() & names - before:
                return True
        elif isinstance(element, Union) and any(
            sees_outside(branch, names) for branch in element.branches
        ):
            return True
    return False


def _reasons(
    group: Group, outer: set[ox.Variable], bound: set[ox.Variable], *, within_exists: bool
) -> Iterator[str]:
    """Yield why a group cannot be evaluated from rows that bind some variables.

    ``outer`` are the variables that an enclosing EXISTS may substitute with the values of the row
    that it is asked for, ``bound`` those that it always does.
    """
    for place, element in enumerate(group.elements):
        before = Group(group.elements[:place])
        if isinstance(element, Values):
            if any(term is None for row in element.rows for term in row):
                yield "VALUES with UNDEF"
        elif isinstance(element, Union):
            others = Group(tuple(e for e in group.elements if e is not element))
            for branch in element.branches:
                yield from _reasons(branch, outer, bound, within_exists=within_exists)
                yield from _branch_reasons(branch, others, outer, bound, within_exists)
        elif isinstance(element, Optional | Minus):
            yield from _reasons(element.group, outer, bound, within_exists=within_exists)
            if within_exists and element.variables() & outer:
                word = type(element).__name__.upper()
                yield f"{word} in EXISTS that shares a variable with what is outside"
            yield from _part_reasons(element, before)
        elif isinstance(element, Exists):
            now = certain(group) | bound
            yield from _reasons(element.group, outer | possible(group), now, within_exists=True)
        elif isinstance(element, Filter | Bind):
            if isinstance(element, Bind) and within_exists and element.variable in outer:
                yield "BIND in EXISTS of a variable outside"
            around = group if isinstance(element, Filter) else before
            yield from _expression_reasons(element.expression, around, outer, bound)


def _branch_reasons(
    branch: Group,
    others: Group,
    outer: set[ox.Variable],
    bound: set[ox.Variable],
    within_exists: bool,
) -> Iterator[str]:
    around = outer | possible(others)
    if sees_outside(branch, around - bound):
        if within_exists:
            yield "in EXISTS, a group that would see a variable beside it"
        shared = possible(branch) & around
        if shared - certain(branch) or shared - certain(others):
            yield "a group by itself that shares a variable which may be unbound"


def _part_reasons(part: Optional | Minus, before: Group) -> Iterator[str]:
    inside, around = part.group, possible(before)
    if isinstance(part, Minus):
        shared = possible(inside) & around
        if shared - certain(inside) or shared - certain(before):
            yield "MINUS that shares a variable which may be unbound"
        return
    # the condition of a left join sees both sides (section 18.2.2.6)
    tests = [e for e in inside.elements if isinstance(e, Filter | Exists)]
    rest = Group(tuple(e for e in inside.elements if not isinstance(e, Filter | Exists)))
    if sees_outside(rest, around) or any(
        isinstance(test, Exists) or any(isinstance(p, Exists) for p in test.expression.parts)
        for test in tests
    ):
        yield "OPTIONAL with a group that would see a variable outside"


def _expression_reasons(
    expression: Expression, around: Group, outer: set[ox.Variable], bound: set[ox.Variable]
) -> Iterator[str]:
    for part in expression.parts:
        if isinstance(part, Exists):
            now = certain(around) | bound
            yield from _reasons(part.group, outer | possible(around), now, within_exists=True)
        elif isinstance(part, str) and part.upper().rstrip("( ") in _CHANGING:
            yield f"{part.rstrip('( ')} gives another value each time"
