"""Rules as SPARQL 1.1 text, in one of two forms that mean the same.

The *update* form is what runs, on the embedded store and on any endpoint: each triple pattern
stands in ``GRAPH ?g { … }``, so that the data are the union of all named graphs whatever the
engine takes for its default graph. The *plain* form has bare patterns, to be read by people and
to be asked over a default graph that already is the union.

A path ``p+`` is rendered as a helper predicate whose closure the program computes first; ``p*``
as that or the same term. (Inside ``GRAPH ?g`` a path would stay within one graph, and in an inner
loop it would be walked again and again.)
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import pyoxigraph as ox

from nhskg.reasoning.antijoin import antijoined
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
    Values,
)

__all__ = ["CLOSURE", "construct_text", "closure_predicate", "expand_star", "group_text", "insert_text"]

CLOSURE = "urn:nhskg:closure:"
"""Prefix of the helper predicates that hold the transitive closure of a predicate."""

_GraphOf = Callable[[Pattern], str]


def closure_predicate(predicate: ox.NamedNode) -> ox.NamedNode:
    """Return the helper predicate that holds the transitive closure of ``predicate``."""
    return ox.NamedNode(CLOSURE + predicate.value)


def construct_text(head: Iterable[Pattern], body: Group) -> str:
    """Return the plain form: ``CONSTRUCT { … } WHERE { … }``."""
    writer = _Writer(None, graphs=False)
    return f"CONSTRUCT {{ {_template(head)} }}\nWHERE {{\n{writer.group(body, 1)}}}"


def insert_text(
    head: Iterable[Pattern],
    body: Group,
    *,
    into: str,
    delta: tuple[Pattern, str] | None = None,
    guarded: bool = True,
) -> str:
    """Return the update form: an INSERT into the graph ``into`` of what is not yet there.

    ``delta`` names one pattern of the body that is to be matched in one graph only, the triples
    new in the last round. Without ``guarded`` the test that the head is new is left out.
    """
    head = tuple(head)
    writer = _Writer(delta)
    where = writer.group(antijoined(body), 1)
    guard = writer.guard(head) if guarded else ""
    return f"INSERT {{ GRAPH <{into}> {{ {_template(head)} }} }}\nWHERE {{\n{where}{guard}}}"


def group_text(body: Group, *, graphs: bool) -> str:
    """Return the inside of a WHERE clause, in update form if ``graphs``, else in plain form."""
    return _Writer(None, graphs=graphs).group(body, 1)


def expand_star(pattern: Pattern) -> Filter:
    """Return the test that stands for ``x p* y`` when both ends are bound."""
    plus = Pattern(pattern.subject, pattern.predicate, pattern.object, "+")
    same = ("sameTerm", "(", pattern.subject, ",", pattern.object, ")")
    return Filter(Expression(("(", *same, "||", Exists(Group((plus,)), negated=False), ")")))


def _template(head: Iterable[Pattern]) -> str:
    return " . ".join(f"{p.subject} {p.predicate} {p.object}" for p in head)


class _Writer:
    """Renders one rule; numbers the graph variables."""

    def __init__(self, delta: tuple[Pattern, str] | None, *, graphs: bool = True) -> None:
        self.delta = delta
        self.graphs = graphs
        self.count = 0

    def pattern(self, pattern: Pattern) -> str:
        predicate = pattern.predicate
        if pattern.closure and self.graphs and isinstance(predicate, ox.NamedNode):
            predicate = closure_predicate(predicate)
            path = str(predicate)
        else:
            path = f"{predicate}{pattern.closure}"
        triple = f"{pattern.subject} {path} {pattern.object}"
        if not self.graphs:
            return f"{triple} ."
        if self.delta is not None and pattern is self.delta[0]:
            return f"GRAPH <{self.delta[1]}> {{ {triple} }}"
        self.count += 1
        return f"GRAPH ?g{self.count}_ {{ {triple} }}"

    def group(self, group: Group, depth: int) -> str:
        pad = "  " * depth
        return "".join(f"{pad}{self.element(e, depth)}\n" for e in group.elements)

    def braced(self, group: Group, depth: int) -> str:
        return f"{{\n{self.group(group, depth + 1)}{'  ' * depth}}}"

    def element(self, element: Element, depth: int) -> str:
        if isinstance(element, Pattern):
            if element.closure == "*" and self.graphs:
                return self.element(expand_star(element), depth)
            return self.pattern(element)
        if isinstance(element, Filter):
            return f"FILTER ({self.expression(element.expression, depth)})"
        if isinstance(element, Bind):
            return f"BIND ({self.expression(element.expression, depth)} AS {element.variable})"
        if isinstance(element, Exists):
            word = "NOT EXISTS" if element.negated else "EXISTS"
            return f"FILTER {word} {self.braced(element.group, depth)}"
        if isinstance(element, Optional):
            return f"OPTIONAL {self.braced(element.group, depth)}"
        if isinstance(element, Minus):
            return f"MINUS {self.braced(element.group, depth)}"
        if isinstance(element, Values):
            return _values(element)
        assert isinstance(element, Union)
        return " UNION ".join(self.braced(branch, depth) for branch in element.branches)

    def expression(self, expression: Expression, depth: int) -> str:
        text = ""
        for part in expression.parts:
            if isinstance(part, Exists):
                word = "NOT EXISTS" if part.negated else "EXISTS"
                token = f"{word} {self.braced(part.group, depth)}"
            else:
                token = str(part)
            # oxigraph's grammar allows no space between a function's name and its parenthesis
            close = token in ("(", ")", ",") or not text or text.endswith("(")
            text += token if close else f" {token}"
        return text

    def guard(self, head: tuple[Pattern, ...]) -> str:
        """Return the test that at least one triple of the head is not there yet."""
        missing = [f"NOT EXISTS {{ {self.pattern(triple)} }}" for triple in head]
        return f"  FILTER ({' || '.join(missing)})\n"


def _values(values: Values) -> str:
    names = " ".join(str(name) for name in values.names)
    rows = " ".join(
        "(" + " ".join("UNDEF" if term is None else str(term) for term in row) + ")"
        for row in values.rows
    )
    return f"VALUES ({names}) {{ {rows} }}"
