"""Which rules can be evaluated on arrays; the others are known before the program runs.

The evaluator extends rows by a group, as a nested-loop join does. SPARQL evaluates the group by
itself and joins. The two differ only if a FILTER, BIND, OPTIONAL or MINUS of the group reads a
variable of the rows that the group has not bound. A rule with such a group, with a join over a
variable that may be unbound, or of a few forms inside EXISTS, goes to the executor of SPARQL texts.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

import pyoxigraph as ox

from nhskg.rdf.sparql.algebra import (
    Bind,
    Call,
    Element,
    Exists,
    Filter,
    Group,
    Minus,
    Optional,
    Union,
    Values,
    groups_in,
)
from nhskg.reasoning.rules import Rule

_CHANGING = frozenset("NOW RAND UUID STRUUID BNODE".split())


def unsupported(rules: Iterable[Rule]) -> str | None:
    """Return why the first rule that can't be evaluated on arrays can't be; None if all can."""
    for rule in rules:
        for reason in _reasons(rule.body, set(), set()):
            return f"{rule}: {reason}"
    return None


def sees_outside(group: Group, outside: Collection[ox.Variable]) -> bool:
    """Return whether a group evaluated from rows with some variables may differ from one by itself.

    Args:
        group: the group.
        outside: the variables of the rows.
    """
    names = set(outside)
    for place, element in enumerate(group.elements):
        before = Group(group.elements[:place]).certain()
        match element:
            case Filter() | Exists():
                seen = element.variables() & names - group.certain()
            case Bind() | Optional() | Minus():
                seen = element.variables() & names - before
            case _:
                seen = frozenset()
        inner = element.branches if isinstance(element, Union) else ()
        if seen or any(sees_outside(branch, names) for branch in inner):
            return True
    return False


def _reasons(group: Group, outer: set[ox.Variable], bound: set[ox.Variable]) -> Iterator[str]:
    """Yield why a group cannot be evaluated from rows that bind some variables.

    ``outer`` are the variables that an enclosing EXISTS may substitute with the values of the row
    that it is evaluated for, ``bound`` those that it always does.
    """
    for place, element in enumerate(group.elements):
        before = Group(group.elements[:place])
        if isinstance(element, Union):
            others = Group(tuple(e for e in group.elements if e is not element))
            beside = (outer | others.possible()) - bound
            if any(sees_outside(branch, beside) for branch in element.branches):
                yield "a group in braces that would see a variable beside it"
        yield from _reasons_of(element, before.possible(), before.certain(), outer)
        for inner, _ in groups_in(element):
            if isinstance(element, Exists | Filter | Bind):
                around = before if isinstance(element, Bind) else group
                yield from _reasons(inner, outer | around.possible(), bound | around.certain())
            else:
                yield from _reasons(inner, outer, bound)


def _reasons_of(
    element: Element, before: set[ox.Variable], bound: set[ox.Variable], outer: set[ox.Variable]
) -> Iterator[str]:
    """Yield why an element cannot be evaluated; ``bound`` are the certain among those before."""
    match element:
        case Values(_, rows) if any(term is None for row in rows for term in row):
            yield "VALUES with UNDEF"
        case Optional() | Minus() if element.variables() & outer:
            word = type(element).__name__.upper()
            yield f"{word} in EXISTS that shares a variable with what is outside"
        case Minus(part):
            shared = part.possible() & before
            if shared - part.certain() or shared - bound:
                yield "MINUS that shares a variable which may be unbound"
            elif sees_outside(part, before):
                yield "MINUS with a group that would see a variable outside"
        case Optional(part) if _condition_sees_outside(part, before):
            yield "OPTIONAL with a group that would see a variable outside"
        case Bind(_, variable) if variable in outer:
            yield "BIND in EXISTS of a variable outside"
        case Filter(expression) | Bind(expression):
            for name in _CHANGING.intersection(_called(expression)):
                yield f"{name} gives another value each time"


def _condition_sees_outside(part: Group, around: set[ox.Variable]) -> bool:
    """Return whether an optional part sees more outside than the condition of a left join does.

    The FILTERs of the part are that condition; it sees both sides (section 18.2.2.6).
    """
    tests = [e for e in part.elements if isinstance(e, Filter | Exists)]
    rest = Group(tuple(e for e in part.elements if not isinstance(e, Filter | Exists)))
    return sees_outside(rest, around) or any(True for e in tests for _ in groups_in(e))


def _called(expression: object) -> Iterator[str]:
    """Yield the functions of an expression."""
    if isinstance(expression, Call):
        yield expression.name
        for each in expression.arguments:
            yield from _called(each)
