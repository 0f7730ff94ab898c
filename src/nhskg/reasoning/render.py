"""Rules as SPARQL 1.1 text, in one of two forms that mean the same.

The *update* form is what runs, on the embedded store and on any endpoint: each triple pattern
stands in ``GRAPH ?g { … }``, so that the data are the union of all named graphs whatever the
engine takes for its default graph. The *plain* form has bare patterns, to be read by people and
to be asked over a default graph that already is the union.

A path is matched, in the update form, by its helper predicate in the scratch graph, see
:mod:`nhskg.reasoning.paths`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

import pyoxigraph as ox

from nhskg.reasoning.model import (
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

__all__ = ["NEWS", "SCRATCH", "construct_text", "group_text", "insert_text", "is_news"]

SCRATCH: Final = ox.NamedNode("urn:nhskg:scratch")
"""The graph of triples that only serve reasoning; it is dropped at the end."""
_OWN: Final = "urn:nhskg:"
"""How the names of predicates and classes begin that only serve reasoning."""

NEWS: Final = "urn:nhskg:new:"
"""Prefix of the predicates, classes and graphs of what one round of a recursive group derives."""


def construct_text(head: Iterable[Pattern], body: Group) -> str:
    """Return the plain form: ``CONSTRUCT { … } WHERE { … }``."""
    writer = _Writer(None, graphs=False)
    return f"CONSTRUCT {{ {_template(head)} }}\nWHERE {{\n{writer.group(body, 1)}}}"


def insert_text(
    heads: Mapping[ox.NamedNode, Iterable[Pattern]],
    body: Group,
    *,
    guard: Iterable[Pattern] = (),
    news: ox.NamedNode | None = None,
) -> str:
    """Return the update form: an INSERT of triples into the graphs that are named with them.

    Where ``guard`` has triples, only what some of them is missing for is inserted. ``news`` is the
    graph in which patterns with predicates of :data:`NEWS` are matched.
    """
    writer = _Writer(news)
    where = writer.group(body, 1) + writer.guard(tuple(guard))
    template = " ".join(f"GRAPH {graph} {{ {_template(head)} }}" for graph, head in heads.items())
    return f"INSERT {{ {template} }}\nWHERE {{\n{where}}}"


def group_text(body: Group, *, graphs: bool) -> str:
    """Return the inside of a WHERE clause, in update form if ``graphs``, else in plain form."""
    return _Writer(None, graphs=graphs).group(body, 1)


def is_news(pattern: Pattern) -> bool:
    """Tell whether a pattern is of what one round of a recursive group derives."""
    name = pattern.object if pattern.predicate == TYPE else pattern.predicate
    return isinstance(name, ox.NamedNode) and name.value.startswith(NEWS)


def _template(head: Iterable[Pattern]) -> str:
    return " . ".join(f"{p.subject} {p.predicate} {p.object}" for p in head)


class _Writer:
    """Renders one rule; numbers the graph variables."""

    def __init__(self, news: ox.NamedNode | None, *, graphs: bool = True) -> None:
        self.news = news
        self.graphs = graphs
        self.count = 0

    def pattern(self, pattern: Pattern) -> str:
        path = f"{pattern.predicate}{pattern.closure}"
        if self.graphs and pattern.helper is not None:
            return f"GRAPH {SCRATCH} {{ {pattern.subject} {pattern.helper} {pattern.object} }}"
        triple = f"{pattern.subject} {path} {pattern.object}"
        if not self.graphs:
            return f"{triple} ."
        if self.news is not None and is_news(pattern):
            return f"GRAPH {self.news} {{ {triple} }}"
        self.count += 1
        return f"GRAPH ?g{self.count}_ {{ {triple} }}{_seen(pattern)}"

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
        return f"  FILTER ({' || '.join(missing)})\n" if missing else ""


def _seen(pattern: Pattern) -> str:
    """Return the test that a triple of any predicate or class does not only serve reasoning.

    The subjects of what is new are members of a class while a recursive group runs, and the steps
    of paths are triples.
    """
    tests = []
    if isinstance(pattern.predicate, ox.Variable):
        tests.append(f'!STRSTARTS(STR({pattern.predicate}), "{_OWN}")')
    if isinstance(pattern.object, ox.Variable) and pattern.predicate == TYPE:
        tests.append(f'!STRSTARTS(STR({pattern.object}), "{_OWN}")')
    elif isinstance(pattern.object, ox.Variable) and tests:
        other = f"{pattern.predicate} != {TYPE}"
        tests.append(f'({other} || !STRSTARTS(STR({pattern.object}), "{_OWN}"))')
    return f" FILTER ({' && '.join(tests)})" if tests else ""


def _values(values: Values) -> str:
    names = " ".join(str(name) for name in values.names)
    rows = " ".join(
        "(" + " ".join("UNDEF" if term is None else str(term) for term in row) + ")"
        for row in values.rows
    )
    return f"VALUES ({names}) {{ {rows} }}"
