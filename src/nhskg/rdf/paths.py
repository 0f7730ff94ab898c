"""Triples indexed by subject and predicate, and SHACL property paths over them (SHACL, 2.3.1)."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final, Self

from pyoxigraph import BlankNode, Literal, NamedNode, Quad, Triple

from nhskg.rdf.terms import PREFIXES, RDF, SH, compact

Term = NamedNode | BlankNode | Literal

_FIRST, _REST = RDF + "first", RDF + "rest"


def reachable(starts: Iterable[Term], step: Callable[[Term], Iterable[Term]]) -> list[Term]:
    """Return some nodes and all that steps from them lead to, each once, breadth first."""
    found = list(dict.fromkeys(starts))
    seen = set(found)
    for node in found:
        new = [each for each in dict.fromkeys(step(node)) if each not in seen]
        seen.update(new)
        found += new
    return found


def preferred(texts: Iterable[Term], language: str) -> Literal | None:
    """Return the text in a language or in a variety of it, else in none, in English, in any."""
    asked = language.lower()

    def rank(text: Literal) -> tuple[object, ...]:
        tag = (text.language or "").lower()
        base = tag.partition("-")[0]
        near = tag != asked, base != asked.partition("-")[0]
        return *near, tag != "", base != "en", tag, text.value

    return min((each for each in texts if isinstance(each, Literal)), key=rank, default=None)


class TripleIndex:
    """Some triples, by subject and predicate; triple terms of RDF 1.2 are left out.

    Texts are taken in its language.
    """

    language = "en"

    def __init__(self, triples: Iterable[Triple | Quad]) -> None:
        self._index: dict[Term, dict[str, list[Term]]] = {}
        for triple in triples:
            subject, value = triple.subject, triple.object
            if not isinstance(subject, Triple) and not isinstance(value, Triple):
                found = self._index.setdefault(subject, {})
                found.setdefault(triple.predicate.value, []).append(value)

    def __contains__(self, node: object) -> bool:
        return node in self._index

    def subjects(self) -> Iterator[Term]:
        """Return each subject."""
        return iter(self._index)

    def values(self, node: Term, *predicates: str) -> list[Term]:
        """Return the values of some properties of a node; of all, if none is named."""
        found = self._index.get(node, {})
        return [value for each in predicates or found for value in found.get(each, ())]

    def value(self, node: Term, predicate: str) -> Term | None:
        """Return one value of a property of a node."""
        return next(iter(self.values(node, predicate)), None)

    def blank_values(self, node: Term) -> list[Term]:
        """Return the values of a node that are blank nodes."""
        return [each for each in self.values(node) if isinstance(each, BlankNode)]

    def members(self, head: Term) -> list[Term]:
        """Return the members of an RDF list, as far as it is well-formed."""
        cells = reachable([head], lambda cell: self.values(cell, _REST)[:1])
        return [member for cell in cells for member in self.values(cell, _FIRST)[:1]]

    def text(self, node: Term, predicate: str) -> str:
        """Return the text of a property, the :func:`preferred` one of several, or nothing."""
        found = preferred(self.values(node, predicate), self.language)
        return found.value if found else ""


_NAMES: Final = {
    "^": SH + "inversePath",
    "*": SH + "zeroOrMorePath",
    "+": SH + "oneOrMorePath",
    "?": SH + "zeroOrOnePath",
    "|": SH + "alternativePath",
}
"""The property that describes a path of an operator; a sequence is an RDF list."""
_STRENGTH: Final = {"|": 0, "/": 1, "^": 2, "*": 3, "+": 3, "?": 3, "": 4}
"""How strongly an operator binds in SPARQL (1.1, 9.1)."""


@dataclass(frozen=True, slots=True)
class PropertyPath:
    """A predicate, or an operator of SPARQL (``^ * + ? / |``) over other paths."""

    operator: str = ""
    parts: tuple[PropertyPath, ...] = ()
    iri: str = ""

    @classmethod
    def from_rdf(
        cls, graph: TripleIndex, node: Term, above: frozenset[Term] = frozenset()
    ) -> Self | None:
        """Return the path that a node describes; None where it describes none, or a loop."""
        if isinstance(node, NamedNode):
            return cls(iri=node.value)
        if isinstance(node, Literal) or node in above:
            return None
        operator, inner = "/", graph.members(node)
        for each, name in _NAMES.items():
            for found in graph.values(node, name)[:1]:
                operator, inner = each, graph.members(found) if each == "|" else [found]
        parts = [cls.from_rdf(graph, each, above | {node}) for each in inner]
        whole = tuple(each for each in parts if each is not None)
        return cls(operator, whole) if whole and len(whole) == len(parts) else None

    def __str__(self) -> str:
        return self.text(bracketed)

    def text(self, name: Callable[[str], str]) -> str:
        """Return the path in SPARQL syntax, with what each predicate is called."""
        if not self.operator:
            return name(self.iri)
        strength = _STRENGTH[self.operator]
        texts = [
            f"({each.text(name)})" if _STRENGTH[each.operator] <= strength else each.text(name)
            for each in self.parts
        ]
        if self.operator in "/|":
            return self.operator.join(texts)
        return f"^{texts[0]}" if self.operator == "^" else f"{texts[0]}{self.operator}"

    @property
    def first_predicate(self) -> NamedNode | None:
        """The predicate along which the path leaves its focus, unless it comes in to it."""
        if self.operator in ("^", "|"):
            return None
        return self.parts[0].first_predicate if self.operator else NamedNode(self.iri)

    def to_rdf(self) -> tuple[NamedNode | BlankNode, list[Triple]]:
        """Return the node of the path, and the triples that describe it.

        A blank node is labelled with the digest of what it describes: the same in every file.
        """
        if not self.operator:
            return NamedNode(self.iri), []
        members, described = zip(*(each.to_rdf() for each in self.parts), strict=True)
        node: NamedNode | BlankNode = members[0]
        triples = list(itertools.chain.from_iterable(described))
        if self.operator in "/|":
            node = NamedNode(RDF + "nil")
            for member in reversed(members):
                head = _blank("list", str(member), str(node))
                triples.append(Triple(head, NamedNode(_FIRST), member))
                triples.append(Triple(head, NamedNode(_REST), node))
                node = head
        if self.operator != "/":
            name = _NAMES[self.operator]
            inner, node = node, _blank(name.removeprefix(SH), str(node))
            triples.append(Triple(node, NamedNode(name), inner))
        return node, list(dict.fromkeys(triples))


def bracketed(iri: str, prefixes: Mapping[str, str] = PREFIXES) -> str:
    """Return an IRI with a prefix, or in angle brackets."""
    short = compact(iri, prefixes)
    return f"<{short}>" if short == iri else short


def written(term: Term, prefixes: Mapping[str, str]) -> str:
    """Return a term as in Turtle, a literal with its language or datatype."""
    if isinstance(term, NamedNode):
        return bracketed(term.value, prefixes)
    text, mark, datatype = str(term).rpartition('"^^<')
    return f'{text}"^^{bracketed(datatype[:-1], prefixes)}' if mark else datatype


def _blank(*parts: str) -> BlankNode:
    return BlankNode("p" + hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:12])
