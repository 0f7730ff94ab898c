"""Which rules can be evaluated on arrays, told before they run.

Groups are evaluated from the rows found so far, a row that binds a variable hands its value on.
SPARQL evaluates a group in braces by itself, and joins after. Both give the same rows but where a
test, a BIND or a part with OPTIONAL or MINUS in it would see a variable of the rows that the group
does not bind before. Such a group is evaluated by itself and joined; where a variable of that join
may be unbound, and in a few forms inside EXISTS, the rule goes to the executor of SPARQL texts.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

import pyoxigraph as ox

from nhskg.reasoning.bindings import certain, possible
from nhskg.reasoning.model import (
    Bind,
    Element,
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

__all__ = ["sees_outside", "unsupported"]

_CHANGING = frozenset("NOW RAND UUID STRUUID BNODE".split())


def unsupported(rules: Iterable[Rule]) -> str | None:
    """Return why the first rule that can't be evaluated on arrays can't be; None if all can."""
    for rule in rules:
        for reason in _reasons(rule.body, set(), within_exists=False):
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


def _reasons(group: Group, outer: set[ox.Variable], *, within_exists: bool) -> Iterator[str]:
    """Yield why a group cannot be evaluated from rows that bind some variables.

    ``outer`` are the variables that an EXISTS around it puts in, wherever they stand in it.
    """
    for place, element in enumerate(group.elements):
        others = _without(group, element)
        if isinstance(element, Values):
            yield from _table_reasons(element, others)
        elif isinstance(element, Union):
            yield from _union_reasons(element, others, outer, within_exists=within_exists)
        elif isinstance(element, Optional | Minus):
            before = Group(group.elements[:place])
            yield from _part_reasons(element, before, outer, within_exists=within_exists)
        elif isinstance(element, Exists):
            yield from _reasons(element.group, outer | possible(group), within_exists=True)
        elif isinstance(element, Filter | Bind):
            if isinstance(element, Bind) and within_exists and element.variable in outer:
                yield "BIND in EXISTS of a variable outside"
            yield from _expression_reasons(element.expression, group, outer)


def _table_reasons(table: Values, others: Group) -> Iterator[str]:
    if any(term is None for row in table.rows for term in row):
        yield "VALUES with UNDEF"
    elif set(table.names) & possible(others) - certain(others):
        yield "VALUES of a variable that may be unbound"


def _without(group: Group, element: Element) -> Group:
    return Group(tuple(e for e in group.elements if e is not element))


def _union_reasons(
    union: Union,
    others: Group,
    outer: set[ox.Variable],
    *,
    within_exists: bool,
) -> Iterator[str]:
    around = outer | possible(others)
    for branch in union.branches:
        yield from _reasons(branch, outer, within_exists=within_exists)
        if not sees_outside(branch, around - outer):
            continue
        if within_exists:
            yield "in EXISTS, a group that would see a variable beside it"
        shared = possible(branch) & around
        if shared - certain(branch) or shared - certain(others):
            yield "a group by itself that shares a variable which may be unbound"


def _part_reasons(
    part: Optional | Minus,
    before: Group,
    outer: set[ox.Variable],
    *,
    within_exists: bool,
) -> Iterator[str]:
    word = type(part).__name__.upper()
    inside = part.group
    yield from _reasons(inside, outer, within_exists=within_exists)
    if within_exists and inside.variables() & outer:
        yield f"{word} in EXISTS that shares a variable with what is outside"
    around = possible(before)
    if isinstance(part, Minus):
        shared = possible(inside) & around
        if shared - certain(inside) or shared - certain(before):
            yield "MINUS that shares a variable which may be unbound"
        return
    # the condition of a left join sees both sides (section 18.2.2.6)
    rest = Group(tuple(e for e in inside.elements if not isinstance(e, Filter | Exists)))
    if sees_outside(rest, around) or any(
        isinstance(e, Exists) or _has_exists(e) for e in inside.elements
    ):
        yield "OPTIONAL with a group that would see a variable outside"


def _has_exists(element: Element) -> bool:
    return isinstance(element, Filter) and any(
        isinstance(part, Exists) for part in element.expression.parts
    )


def _expression_reasons(
    expression: Expression, group: Group, outer: set[ox.Variable]
) -> Iterator[str]:
    for part in expression.parts:
        if isinstance(part, Exists):
            yield from _reasons(part.group, outer | possible(group), within_exists=True)
        elif isinstance(part, str) and part.upper().rstrip("( ") in _CHANGING:
            yield f"{part.rstrip('( ')} gives another value each time"
