"""Which rules can be evaluated on arrays; the others are known before the program runs.

The arrays have what the project's rules and compiled axioms are made of: triple patterns, tests,
BIND, and OPTIONAL and VALUES of the plain kind. Other forms are left to the executor of SPARQL
texts.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from nhskg.rdf.sparql.algebra import (
    Bind,
    Call,
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
        for reason in _reasons(rule.body):
            return f"{rule}: {reason}"
    return None


def _reasons(group: Group, *, nested: bool = False) -> Iterator[str]:
    """Yield why a group, which may be nested in another one, cannot be evaluated on arrays."""
    for element in group.elements:
        match element:
            case Minus():
                yield "MINUS"
            case Union():
                yield "UNION, or braces, that cannot be separated"
            case Values(names, rows) if len(names) > 1 or (None,) in rows:
                yield "VALUES with more than one variable, or with UNDEF"
            case Optional() | Bind() if nested:
                yield f"{type(element).__name__.upper()} in a group within a group"
            case Optional(part) if not all(isinstance(e, Pattern) for e in part.elements):
                yield "OPTIONAL with more than triple patterns"
            case Filter(expression) | Bind(expression):
                for name in _CHANGING.intersection(_called(expression)):
                    yield f"{name} gives another value each time"
        for inner, _ in groups_in(element):
            yield from _reasons(inner, nested=True)


def _called(expression: object) -> Iterator[str]:
    """Yield the functions of an expression."""
    if isinstance(expression, Call):
        yield expression.name
        for each in expression.arguments:
            yield from _called(each)
