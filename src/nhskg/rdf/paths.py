"""Property paths of SHACL (2.3.1), from RDF to SPARQL syntax and back.

The grammar is that of SPARQL 1.1, 9.1, without negated property sets, which SHACL has not. Blank
nodes are labelled by the digest of what they stand for, so that one path has one label wherever it
stands.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator
from typing import Final, Protocol

import pyoxigraph as ox

from nhskg.rdf.terms import PREFIXES, RDF, SH, shorten_iri

__all__ = ["PathSyntaxError", "first_predicate", "path_text", "path_triples"]

Node = ox.NamedNode | ox.BlankNode
Term = ox.NamedNode | ox.BlankNode | ox.Literal


class Described(Protocol):
    """A graph that is asked for what describes a node."""

    def values(self, node: Term, predicate: str) -> list[Term]:
        """Return the values of a property of a node."""

    def members(self, head: Term) -> Iterator[Term]:
        """Yield the members of a list."""


_TOKEN: Final = re.compile(
    r"\s*(?:<(?P<iri>[^<>\"{}|^`\\\s]+)>|(?P<prefix>[A-Za-z][\w-]*):(?P<name>[\w.-]*[\w-])"
    r"|(?P<sign>[()^/|*+?]))"
)
_SIGNS: Final = {"*": "zeroOrMorePath", "+": "oneOrMorePath", "?": "zeroOrOnePath"}
_FIRST: Final = RDF + "first"


class PathSyntaxError(ValueError):
    """A text that is no property path, or one that SHACL has no form for."""


def path_text(
    graph: Described,
    path: Term,
    name: Callable[[str], str] = shorten_iri,
    *,
    all_brackets: bool = False,
) -> str:
    """Return a path in SPARQL syntax.

    Args:
        graph: the graph that describes the path.
        path: its node.
        name: returns what a property is called.
        all_brackets: whether each part that is no property stands in brackets, or only those that
            need them.
    """

    def part(node: Term) -> str:
        text = path_text(graph, node, name, all_brackets=all_brackets)
        needed = "/" in text or "|" in text
        is_complex = not isinstance(node, ox.NamedNode)
        return f"({text})" if (is_complex if all_brackets else needed) else text

    if isinstance(path, ox.NamedNode):
        return name(path.value)
    if graph.values(path, _FIRST):
        return "/".join(map(part, graph.members(path)))
    for sign, kind in _SIGNS.items():
        if inner := graph.values(path, SH + kind):
            return part(inner[0]) + sign
    if inner := graph.values(path, SH + "inversePath"):
        return "^" + part(inner[0])
    either = graph.values(path, SH + "alternativePath")
    return "|".join(map(part, graph.members(either[0]))) if either else path.value


def first_predicate(graph: Described, path: Term) -> str | None:
    """Return the predicate along which a path leaves its focus, unless it comes in to it."""
    following = (_FIRST, *(SH + kind for kind in _SIGNS.values()))
    while not isinstance(path, ox.NamedNode):
        found = [each for kind in following for each in graph.values(path, kind)]
        if not found:
            return None
        path = found[0]
    return path.value


def path_triples(path: str) -> tuple[Node, list[ox.Triple]]:
    """Return the node of a path, and the triples that describe it.

    Raises:
        PathSyntaxError: the text is no property path.
    """
    reading = _Reading(list(_tokens(path)))
    node = reading.alternative()
    if reading.tokens:
        raise PathSyntaxError(path)
    return node, list(dict.fromkeys(reading.triples))


def _tokens(path: str) -> Iterator[str]:
    """Yield each sign, and each IRI in angle brackets."""
    position = 0
    while position < len(path.rstrip()):
        found = _TOKEN.match(path, position)
        if found is None:
            raise PathSyntaxError(path)
        position = found.end()
        if found["sign"]:
            yield found["sign"]
        elif found["iri"]:
            yield f"<{found['iri']}>"
        elif found["prefix"] in PREFIXES:
            yield f"<{PREFIXES[found['prefix']]}{found['name']}>"
        else:
            raise PathSyntaxError(path)


class _Reading:
    """A recursive descent over the tokens of a path."""

    def __init__(self, tokens: list[str]) -> None:
        self.tokens = tokens
        self.triples: list[ox.Triple] = []

    def alternative(self) -> Node:
        members = self._separated("|", self._sequence)
        if len(members) == 1:
            return members[0]
        return self._described("alternativePath", self._list(members))

    def _sequence(self) -> Node:
        members = self._separated("/", self._inverse)
        return members[0] if len(members) == 1 else self._list(members)

    def _separated(self, sign: str, part: Callable[[], Node]) -> list[Node]:
        members = [part()]
        while self._take(sign):
            members.append(part())
        return members

    def _inverse(self) -> Node:
        if self._take("^"):
            return self._described("inversePath", self._repeated())
        return self._repeated()

    def _repeated(self) -> Node:
        node = self._primary()
        for sign, name in _SIGNS.items():
            if self._take(sign):
                return self._described(name, node)
        return node

    def _primary(self) -> Node:
        if self._take("("):
            node = self.alternative()
            if not self._take(")"):
                raise PathSyntaxError("unbalanced brackets")
            return node
        if not self.tokens or not self.tokens[0].startswith("<"):
            raise PathSyntaxError("a property is missing")
        return ox.NamedNode(self.tokens.pop(0)[1:-1])

    def _take(self, token: str) -> bool:
        if self.tokens and self.tokens[0] == token:
            self.tokens.pop(0)
            return True
        return False

    def _described(self, name: str, value: Node) -> ox.BlankNode:
        node = _blank(name, str(value))
        self.triples.append(ox.Triple(node, ox.NamedNode(SH + name), value))
        return node

    def _list(self, members: list[Node]) -> Node:
        rest: Node = ox.NamedNode(RDF + "nil")
        for member in reversed(members):
            node = _blank("list", str(member), str(rest))
            self.triples.append(ox.Triple(node, ox.NamedNode(RDF + "first"), member))
            self.triples.append(ox.Triple(node, ox.NamedNode(RDF + "rest"), rest))
            rest = node
        return rest


def _blank(*parts: str) -> ox.BlankNode:
    return ox.BlankNode("p" + hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:12])
