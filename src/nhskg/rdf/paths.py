"""SHACL property paths (Shapes Constraint Language, 2.3.1), from and to RDF, and as SPARQL text."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Self

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from nhskg.rdf.terms import RDF, SH, compact
from nhskg.rdf.triple_index import Term, TripleIndex

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
    """A predicate, or an operator of SPARQL over other paths.

    ``str`` gives its text in SPARQL syntax.

    Attributes:
        operator: one of ``^ * + ? / |``, or nothing for a predicate.
        parts: the paths that it is applied to.
        iri: the predicate.
    """

    operator: str = ""
    parts: tuple[PropertyPath, ...] = ()
    iri: str = ""

    @classmethod
    def of(cls, iri: str) -> Self:
        """Return the path along one predicate."""
        return cls(iri=iri)

    @classmethod
    def from_rdf(
        cls, graph: TripleIndex, node: Term, above: frozenset[Term] = frozenset()
    ) -> Self | None:
        """Return the path that a node describes; None where it describes none, or a loop.

        The nodes above are those of the paths that it is a part of.
        """
        if isinstance(node, NamedNode):
            return cls.of(node.value)
        if isinstance(node, Literal) or node in above:
            return None
        operator, inner = "/", graph.members(node)
        for each, name in _NAMES.items():
            if (found := graph.value(node, name)) is not None:
                operator = each
                inner = graph.members(found) if each == "|" else [found]
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

        The label of a blank node is the digest of what it describes, so that one path has one
        label wherever it stands.
        """
        if not self.operator:
            return NamedNode(self.iri), []
        described = [each.to_rdf() for each in self.parts]
        node: NamedNode | BlankNode = described[0][0]
        triples = [triple for _, found in described for triple in found]
        if self.operator in "/|":
            node = NamedNode(RDF + "nil")
            for member, _ in reversed(described):
                head = _blank("list", str(member), str(node))
                triples.append(Triple(head, NamedNode(RDF + "first"), member))
                triples.append(Triple(head, NamedNode(RDF + "rest"), node))
                node = head
        if self.operator != "/":
            name = _NAMES[self.operator]
            inner, node = node, _blank(name.removeprefix(SH), str(node))
            triples.append(Triple(node, NamedNode(name), inner))
        return node, list(dict.fromkeys(triples))


def bracketed(iri: str) -> str:
    """Return an IRI with a prefix that everybody knows, or in angle brackets."""
    short = compact(iri)
    return f"<{short}>" if short == iri else short


def _blank(*parts: str) -> BlankNode:
    return BlankNode("p" + hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:12])
