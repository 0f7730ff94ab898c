"""Which rules can be evaluated on arrays; the others are known before the program runs.

The arrays have what the project's rules and compiled axioms are made of. Other forms, as MINUS, are
left to the executor of SPARQL texts.

The evaluator extends rows by a group, as a nested-loop join does. SPARQL evaluates the group by
itself and joins. The two differ only if a FILTER, BIND, OPTIONAL or MINUS of the group reads a
variable of the rows that the group has not bound. A rule with such a group is left to SPARQL, too.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

import pyoxigraph as ox

from nhskg.rdf.sparql.algebra import (
    Bind,
    Call,
    Exists,
    Filter,
    Group,
    Minus,
    Optional,
    Pattern,
    Union,
    Values,
    groups_in,
)
from nhskg.reasoning.rules import Rule

_CHANGING = frozenset("NOW RAND UUID STRUUID BNODE".split())


def unsupported(rules: Iterable[Rule]) -> str | None:
    """Return why the first rule that can't be evaluated on arrays can't be; None if all can."""
    for rule in rules:
        for reason in _reasons(rule.body, frozenset(), nested=False):
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


def _reasons(group: Group, outside: frozenset[ox.Variable], *, nested: bool) -> Iterator[str]:
    """Yield why a group cannot be evaluated on arrays.

    Args:
        group: the group.
        outside: the variables of the groups around it.
        nested: whether it is in another one.
    """
    for element in group.elements:
        others = (other.variables() for other in group.elements if other is not element)
        around = outside.union(*others)
        match element:
            case Minus():
                yield "MINUS"
            case Values(names, rows) if len(names) > 1 or (None,) in rows:
                yield "VALUES with more than one variable, or with UNDEF"
            case Optional() | Bind() if nested:
                yield f"{type(element).__name__.upper()} in a group within a group"
            case Optional(part) if not all(isinstance(e, Pattern) for e in part.elements):
                yield "OPTIONAL with more than triple patterns"
            case Union(branches) if any(sees_outside(branch, around) for branch in branches):
                yield "a group in braces that would see a variable beside it"
            case Union(branches) if any(map(_begins_anywhere, branches)):
                yield "a path of any length in braces that nothing there binds"
            case Filter(expression) | Bind(expression):
                for name in _CHANGING.intersection(_called(expression)):
                    yield f"{name} gives another value each time"
        for inner, _ in groups_in(element):
            yield from _reasons(inner, around, nested=True)


def _begins_anywhere(group: Group) -> bool:
    """Return whether a group has a path of no or more steps with two open ends."""
    paths = [pattern for pattern in group.patterns() if pattern.closure == "*"]
    premises = (pattern for pattern in group.patterns() if pattern not in paths)
    bound = {name for premise in premises for name in premise.variables()}
    return any(
        all(isinstance(end, ox.Variable) and end not in bound for end in (p.subject, p.object))
        for p in paths
    )


def _called(expression: object) -> Iterator[str]:
    """Yield the functions of an expression."""
    if isinstance(expression, Call):
        yield expression.name
        for each in expression.arguments:
            yield from _called(each)
