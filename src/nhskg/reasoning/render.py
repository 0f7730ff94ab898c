"""Rules as SPARQL 1.1 text, in one of two forms that mean the same.

The *update* form is what runs, on the embedded store and on any endpoint: each triple pattern
stands in ``GRAPH ?g { … }``, so that the data are the union of all named graphs whatever the
engine takes for its default graph. The *plain* form has bare patterns, to be read by people and
to be asked over a default graph that already is the union.

A path is matched, in the update form, by its helper predicate in the scratch graph, see
:mod:`nhskg.reasoning.paths`.
"""

from __future__ import annotations

from collections.abc import Container, Iterable
from typing import Final

import pyoxigraph as ox

from nhskg.reasoning.model import (
    Bind,
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

__all__ = ["SCRATCH", "construct_text", "group_text", "insert_text"]

SCRATCH: Final = ox.NamedNode("urn:nhskg:scratch")
"""The graph of triples that only serve reasoning; it is dropped at the end."""


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
    growing: Container[Node] = (),
) -> str:
    """Return the update form: an INSERT into the graph ``into`` of what is not yet there.

    ``delta`` names one pattern of the body that is to be matched in one graph only, the triples
    new in the last round. Without ``guarded`` the test that the head is new is left out. Of
    ``growing`` helpers some triples may not stand in the scratch graph yet.
    """
    head = tuple(head)
    writer = _Writer(delta, growing=growing)
    where = writer.group(body, 1)
    guard = writer.guard(head) if guarded else ""
    return f"INSERT {{ GRAPH <{into}> {{ {_template(head)} }} }}\nWHERE {{\n{where}{guard}}}"


def group_text(body: Group, *, graphs: bool) -> str:
    """Return the inside of a WHERE clause, in update form if ``graphs``, else in plain form."""
    return _Writer(None, graphs=graphs).group(body, 1)


def _template(head: Iterable[Pattern]) -> str:
    return " . ".join(f"{p.subject} {p.predicate} {p.object}" for p in head)


class _Writer:
    """Renders one rule; numbers the graph variables."""

    def __init__(
        self,
        delta: tuple[Pattern, str] | None,
        *,
        graphs: bool = True,
        growing: Container[Node] = (),
    ) -> None:
        self.delta = delta
        self.graphs = graphs
        self.growing = growing
        self.count = 0

    def pattern(self, pattern: Pattern) -> str:
        path = f"{pattern.predicate}{pattern.closure}"
        if self.graphs and pattern.helper is not None:
            step = f"{{ {pattern.subject} {pattern.helper} {pattern.object} }}"
            if pattern.helper not in self.growing:
                return f"GRAPH {SCRATCH} {step}"
            self.count += 1
            return f"GRAPH ?g{self.count}_ {step}"
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
