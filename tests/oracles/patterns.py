"""Graph patterns as SPARQL, for the proof checker.

The executor has a serializer of its own; a second one keeps the checker independent of it.
"""

from __future__ import annotations

from nhskg.rdf.sparql.algebra import (
    Bind,
    Call,
    Element,
    Exists,
    Expression,
    Filter,
    Group,
    Minus,
    Optional,
    Pattern,
    Union,
    Values,
)

__all__ = ["inside"]


def inside(group: Group) -> str:
    """Return what stands between the braces of a group, for a query over a union of graphs."""
    return " ".join(map(_element, group.elements))


def _element(element: Element) -> str:
    match element:
        case Pattern():
            return f"{element.subject} {element.predicate}{element.closure} {element.object} ."
        case Filter():
            return f"FILTER({_expression(element.expression)})"
        case Bind():
            return f"BIND({_expression(element.expression)} AS {element.variable})"
        case Exists():
            return f"FILTER {_exists(element)}"
        case Optional():
            return f"OPTIONAL {{ {inside(element.group)} }}"
        case Minus():
            return f"MINUS {{ {inside(element.group)} }}"
        case Union():
            return " UNION ".join(f"{{ {inside(branch)} }}" for branch in element.branches)
        case Values():
            return _table(element)


def _exists(element: Exists) -> str:
    return f"{'NOT ' if element.negated else ''}EXISTS {{ {inside(element.group)} }}"


def _expression(expression: Expression) -> str:
    if isinstance(expression, Exists):
        return _exists(expression)
    if not isinstance(expression, Call):
        return str(expression)
    name, words = expression.name, list(map(_expression, expression.arguments))
    if (name.isidentifier() and name != "IN") or (len(name) > 2 and name[0] == "<"):
        return f"{name}({', '.join(words)})"
    if name.endswith("IN"):
        return f"({words[0]} {name} ({', '.join(words[1:])}))"
    return f"({f' {name} '.join(words)})" if len(words) > 1 else f"{name}({words[0]})"


def _table(values: Values) -> str:
    rows = (" ".join("UNDEF" if t is None else str(t) for t in row) for row in values.rows)
    names = " ".join(map(str, values.names))
    return f"VALUES ({names}) {{ {' '.join(f'({row})' for row in rows)} }}"
