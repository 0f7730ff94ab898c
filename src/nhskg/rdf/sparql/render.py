"""SPARQL 1.1 text of rules, groups and expressions."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from nhskg.rdf.sparql.algebra import (
    Bind,
    Call,
    Element,
    Exists,
    Expression,
    Filter,
    Group,
    Minus,
    Node,
    Optional,
    Pattern,
    Union,
    Values,
)
from nhskg.rdf.sparql.parser import OPERATORS

_LEVELS = {sign: level for level, signs in enumerate(OPERATORS) for sign in signs}
_UNARY = len(OPERATORS)


def construct_text(head: Iterable[Pattern], body: Group) -> str:
    """Return a rule as ``CONSTRUCT { … } WHERE { … }``."""
    return f"CONSTRUCT {{ {template_text(head)} }} WHERE {{ {group_text(body)} }}"


def template_text(head: Iterable[Pattern]) -> str:
    """Return the inside of a CONSTRUCT or INSERT clause."""
    return " . ".join(f"{p.subject} {p.predicate} {p.object}" for p in head)


def group_text(group: Group) -> str:
    """Return what is between the braces of a group graph pattern."""
    return " ".join(map(_element, group.elements))


def expression_text(
    expression: Expression, node: Callable[[Node], str] = str, *, level: int = 0
) -> str:
    """Return an expression.

    Args:
        expression: the expression.
        node: writes a term or a variable.
        level: the place in :data:`OPERATORS` of the loosest operator that needs no brackets.
    """
    if isinstance(expression, Exists):
        return _exists(expression)
    if not isinstance(expression, Call):
        return node(expression)
    name, (first, *rest) = expression.name, expression.arguments or (None,)
    if name in _LEVELS and rest and first is not None:
        own = _LEVELS[name]
        once = "=" in OPERATORS[own]  # a comparison is no operand of another
        left = expression_text(first, node, level=own + once)
        if name.endswith("IN"):
            right = f"({', '.join(expression_text(each, node) for each in rest)})"
        else:
            right = expression_text(rest[0], node, level=own + 1)
        text = f"{left} {name} {right}"
        return f"({text})" if own < level else text
    if name in ("!", "-", "+") and first is not None:
        return name + expression_text(first, node, level=_UNARY)
    return f"{name}({', '.join(expression_text(e, node) for e in expression.arguments)})"


def _element(element: Element) -> str:
    match element:
        case Pattern(subject, predicate, value, closure):
            return f"{subject} {predicate}{closure} {value} ."
        case Filter(expression):
            return f"FILTER ({expression_text(expression)})"
        case Bind(expression, variable):
            return f"BIND ({expression_text(expression)} AS {variable})"
        case Exists():
            return f"FILTER {_exists(element)}"
        case Optional(group) | Minus(group):
            return f"{type(element).__name__.upper()} {_braced(group)}"
        case Values():
            return _values(element)
        case Union(branches):
            return " UNION ".join(map(_braced, branches))


def _braced(group: Group) -> str:
    return f"{{ {group_text(group)} }}"


def _exists(test: Exists) -> str:
    return f"{'NOT EXISTS' if test.negated else 'EXISTS'} {_braced(test.group)}"


def _values(values: Values) -> str:
    names = " ".join(str(name) for name in values.names)
    rows = " ".join(
        "(" + " ".join("UNDEF" if term is None else str(term) for term in row) + ")"
        for row in values.rows
    )
    return f"VALUES ({names}) {{ {rows} }}"
