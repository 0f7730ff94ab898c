"""SPARQL-based constraints (SHACL 5.1), evaluated with ``$this`` pre-bound to each focus node.

Section 5.3.1 defines this by substitution: the IRI of the focus node replaces the variable wherever
the query has it, in nested groups too. That is done here in the text of the query. (pyoxigraph's
``substitutions`` bind the variable for patterns and filters, but not for ``BIND`` and ``BOUND``.)

Most queries are evaluated once for all focus nodes, with ``VALUES`` at the beginning of the
outermost group. This gives the same solutions if no nested group mentions ``$this`` except that of
an ``EXISTS`` in the outermost one: ``VALUES`` binds it for the patterns, filters and bindings of
its own group, and SPARQL (18.6) substitutes the bindings of that group in ``EXISTS``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass
from typing import Final

from pyoxigraph import Store

from nhskg.shacl.fast.graph import DataGraph
from nhskg.shacl.fast.terms import Node, Unsupported, Unsure, lexical, node

__all__ = ["Select", "Solution", "messages_of", "read_select", "solve"]

_IRI: Final = re.compile(r"[^\x00-\x20<>\"{}|^`\\]*")
_TOKEN: Final = re.compile(
    r"""
    <[^\x00-\x20<>"{}|^`\\]*> | \#[^\r\n]*
  | '''(?:[^\\]|\\.)*?''' | \"""(?:[^\\]|\\.)*?\""" | '(?:[^'\\]|\\.)*' | "(?:[^"\\]|\\.)*"
  | (?P<this>[?$]this\b) | (?P<open>(?:(?i:\bEXISTS)\s*)?\{) | (?P<close>\})
    """,
    re.VERBOSE | re.DOTALL,
)
_REFUSED: Final = re.compile(
    r"minus|values|service|shapesgraph|currentshape|failure|[$]path|(?-i:[?]PATH)"
    r"|select\b.*select\s|\b(?:graph|from|limit|offset|rand|uuid|struuid|now|bnode)\b",
    re.IGNORECASE | re.DOTALL,
)
"""What SHACL forbids (5.2.1) or pySHACL treats specially, wherever in the text it finds it; what
asks for named graphs; what may have another result each time."""

_ZERO_LENGTH: Final = re.compile(r"\*|\?(?!\w)")
_FOCUS: Final = "\0"  # stands for the focus nodes in a query


@dataclass(frozen=True, slots=True)
class Select:
    """A SPARQL-based constraint.

    Attributes:
        query: its query, with a NUL in place of the focus node, or nodes.
        all_at_once: whether it takes all focus nodes at once.
        names: the projected variables.
        messages: messages of its own.
    """

    query: str
    all_at_once: bool
    names: tuple[str, ...]
    messages: tuple[str, ...]

    @property
    def has_zero_length_path(self) -> bool:
        """Whether a path in it may have no length (``*``, ``?``)."""
        return _ZERO_LENGTH.search(self.query) is not None


@dataclass(frozen=True, slots=True)
class Solution:
    """A solution of a SPARQL-based constraint, which makes a validation result.

    Attributes:
        focus: the value of ``$this``.
        bound: the values of all projected variables that have one.
    """

    focus: str
    bound: tuple[tuple[str, Node], ...]


def read_select(text: str, prefixes: Mapping[str, str], messages: tuple[str, ...]) -> Select:
    """Return a constraint.

    Raises:
        Unsupported: its query is left to pySHACL.
    """
    if _REFUSED.search(text) or _FOCUS in text:
        raise Unsupported(
            "a query that SHACL forbids, that pySHACL reads in its own way, "
            "that names graphs or may differ each time"
        )
    head = "".join(f"PREFIX {prefix}: <{iri}>\n" for prefix, iri in prefixes.items())
    query, all_at_once = _pre_bound(text)
    try:
        solutions = Store().query(head + query.replace(_FOCUS, "<urn:focus>"))
    except SyntaxError as error:
        raise Unsupported("a query in which no IRI can replace $this") from error
    names = tuple(each.value for each in getattr(solutions, "variables", ()))
    if "this" not in names:
        raise Unsupported("a query that doesn't select $this")
    return Select(head + query, all_at_once, names, messages)


def _pre_bound(text: str) -> tuple[str, bool]:
    """Return a query with a NUL for what pre-binds ``$this``, and whether that is all nodes."""
    substituted, done, begin = "", 0, 0
    around: list[str] = []
    one_by_one = False
    for found in _TOKEN.finditer(text):
        if found["open"]:
            begin = begin or found.end()
            around.append(found["open"])
        elif found["close"]:
            del around[-1:]
            one_by_one |= not around and bool(text[found.end() :].strip())
        elif found["this"]:
            one_by_one |= len(around) > 1 and around[1] == "{"
            substituted += text[done : found.start()]
            substituted += _FOCUS if around else f"({_FOCUS} AS ?this)"
            done = found.end()
    if one_by_one:
        return substituted + text[done:], False
    return f"{text[:begin]} VALUES ?this {{ {_FOCUS} }} {text[begin:]}", True


def solve(select: Select, graph: DataGraph, focus: Set[Node]) -> Iterator[Solution]:
    """Yield the solutions of a constraint for some focus nodes, each once.

    Raises:
        Unsure: a focus node is no IRI, or pyoxigraph changes literals of the data.
    """
    if not focus:
        return
    iris = [f"<{each}>" for each in focus if isinstance(each, str) and _IRI.fullmatch(each)]
    if len(iris) < len(focus):
        raise Unsure("a SPARQL constraint on a focus node that is no IRI")
    if not graph.source.keeps_literals:
        raise Unsure("a SPARQL constraint on literals that a store writes anew")
    for each in [" ".join(iris)] if select.all_at_once else iris:
        rows = graph.rows(select.query.replace(_FOCUS, each))
        for row in dict.fromkeys(map(tuple, rows)):
            values = zip(select.names, row, strict=True)
            bound = {name: node(value) for name, value in values if value is not None}
            yield Solution(lexical(bound["this"]), tuple(bound.items()))


def messages_of(select: Select, messages: Iterable[str], solution: Solution) -> tuple[str, ...]:
    """Return the messages of a result, with variables replaced by their values (5.3.2)."""
    bound = {"value": solution.focus, **dict(solution.bound)}
    return tuple(sorted({_filled(text, bound) for text in {*messages, *select.messages}}))


def _filled(text: str, bound: Mapping[str, Node]) -> str:
    for name, value in bound.items():
        signs = f"{{?{name}}}", f"{{${name}}}"
        if any(sign in text for sign in signs):
            told = lexical(value)
            if "\\" in told or "{" in told:
                raise Unsure("a message with signs that pySHACL reads in a way of its own")
            for sign in signs:
                text = text.replace(sign, told)
    return text
