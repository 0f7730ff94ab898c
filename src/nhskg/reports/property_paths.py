"""From a property path in SPARQL syntax to a SHACL property path in RDF.

The grammar is that of SPARQL 1.1, 9.1, without negated property sets, which SHACL has not
(Shapes Constraint Language, 2.3.1). Blank nodes are labelled by the digest of what they stand for,
so that one path has one label wherever it stands.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator
from typing import Final

import pyoxigraph as ox

from nhskg.terms import PREFIXES, RDF, SH

__all__ = ["PathSyntaxError", "path_triples"]

Node = ox.NamedNode | ox.BlankNode

_TOKEN: Final = re.compile(
    r"\s*(?:<(?P<iri>[^<>\"{}|^`\\\s]+)>|(?P<prefix>[A-Za-z][\w-]*):(?P<name>[\w.-]*[\w-])"
    r"|(?P<sign>[()^/|*+?]))"
)
_SIGNS: Final = {"*": "zeroOrMorePath", "+": "oneOrMorePath", "?": "zeroOrOnePath"}


class PathSyntaxError(ValueError):
    """A text that is no property path, or one that SHACL has no form for."""


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
