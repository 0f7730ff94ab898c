"""Rules as SPARQL 1.1 text."""

from __future__ import annotations

from collections.abc import Iterable

import pyoxigraph as ox

from nhskg.rdf.sparql.algebra import (
    TYPE,
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
    Values,
)
from nhskg.rdf.terms import AUXILIARY

__all__ = ["construct_text", "expression_text", "group_text", "template_text"]


def construct_text(head: Iterable[Pattern], body: Group) -> str:
    """Return a rule as ``CONSTRUCT { … } WHERE { … }``."""
    return f"CONSTRUCT {{ {template_text(head)} }}\nWHERE {{\n{group_text(body)}}}"


def template_text(head: Iterable[Pattern]) -> str:
    """Return the inside of a CONSTRUCT or INSERT clause."""
    return " . ".join(f"{p.subject} {p.predicate} {p.object}" for p in head)


def group_text(body: Group, *, hide_auxiliary: bool = False) -> str:
    """Return the inside of a WHERE clause.

    With ``hide_auxiliary`` no variable takes what only serves reasoning for its value.
    """
    return _Writer(hide_auxiliary=hide_auxiliary).group(body, 1)


def expression_text(expression: Expression) -> str:
    """Return an expression."""
    return _Writer().expression(expression, 1)


class _Writer:
    """Renders groups and expressions."""

    def __init__(self, *, hide_auxiliary: bool = False) -> None:
        self.hide_auxiliary = hide_auxiliary

    def group(self, group: Group, depth: int) -> str:
        pad = "  " * depth
        return "".join(f"{pad}{self.element(e, depth)}\n" for e in group.elements)

    def braced(self, group: Group, depth: int) -> str:
        return f"{{\n{self.group(group, depth + 1)}{'  ' * depth}}}"

    def element(self, element: Element, depth: int) -> str:
        match element:
            case Pattern():
                triple = (
                    f"{element.subject} {element.predicate}{element.closure} {element.object} ."
                )
                return triple + (_visible(element) if self.hide_auxiliary else "")
            case Filter(expression):
                return f"FILTER ({self.expression(expression, depth)})"
            case Bind(expression, variable):
                return f"BIND ({self.expression(expression, depth)} AS {variable})"
            case Exists():
                return f"FILTER {self.exists(element, depth)}"
            case Optional(group) | Minus(group):
                return f"{type(element).__name__.upper()} {self.braced(group, depth)}"
            case Values():
                return _values(element)
            case Union(branches):
                return " UNION ".join(self.braced(branch, depth) for branch in branches)

    def exists(self, test: Exists, depth: int) -> str:
        word = "NOT EXISTS" if test.negated else "EXISTS"
        return f"{word} {self.braced(test.group, depth)}"

    def expression(self, expression: Expression, depth: int) -> str:
        text = ""
        for part in expression.parts:
            token = self.exists(part, depth) if isinstance(part, Exists) else str(part)
            # oxigraph's grammar allows no space between a function's name and its parenthesis
            close = token in ("(", ")", ",") or not text or text.endswith(("(", "!"))
            text += token if close else f" {token}"
        return text


def _visible(pattern: Pattern) -> str:
    """Return the test that a triple of any class does not only serve reasoning."""
    kind, hidden = pattern.object, f'STRSTARTS(STR({pattern.object}), "{AUXILIARY}")'
    if not isinstance(kind, ox.Variable):
        return ""
    if pattern.predicate == TYPE:
        return f" FILTER (!{hidden})"
    if isinstance(pattern.predicate, ox.Variable):
        return f" FILTER ({pattern.predicate} != {TYPE} || !{hidden})"
    return ""


def _values(values: Values) -> str:
    names = " ".join(str(name) for name in values.names)
    rows = " ".join(
        "(" + " ".join("UNDEF" if term is None else str(term) for term in row) + ")"
        for row in values.rows
    )
    return f"VALUES ({names}) {{ {rows} }}"
