"""RDF triples indexed by subject and predicate, with the members of RDF lists."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from pyoxigraph import BlankNode, Literal, NamedNode, Quad, Triple

from nhskg.rdf.terms import RDF

__all__ = ["Term", "TripleIndex"]

Term = NamedNode | BlankNode | Literal

_FIRST: Final = RDF + "first"
_REST: Final = RDF + "rest"


class TripleIndex:
    """Some triples, by subject and predicate; triple terms of RDF 1.2 are left out."""

    def __init__(self, triples: Iterable[Triple | Quad]) -> None:
        self._index: dict[Term, dict[str, list[Term]]] = {}
        for triple in triples:
            subject, value = triple.subject, triple.object
            if not isinstance(subject, Triple) and not isinstance(value, Triple):
                described = self._index.setdefault(subject, {})
                described.setdefault(triple.predicate.value, []).append(value)

    def __contains__(self, node: object) -> bool:
        return node in self._index

    def subjects(self) -> Iterator[Term]:
        """Yield each subject."""
        yield from self._index

    def predicates(self, node: Term) -> Iterator[str]:
        """Yield the predicates of a node."""
        yield from self._index.get(node, ())

    def values(self, node: Term, predicate: str) -> list[Term]:
        """Return the values of a property of a node."""
        return self._index.get(node, {}).get(predicate, [])

    def value(self, node: Term, predicate: str) -> Term | None:
        """Return one value of a property of a node."""
        return next(iter(self.values(node, predicate)), None)

    def members(self, head: Term) -> Iterator[Term]:
        """Yield the members of an RDF list, as far as it is well-formed."""
        met = set()
        node: Term | None = head
        while node is not None and node not in met:
            met.add(node)
            yield from self.values(node, _FIRST)[:1]
            node = self.value(node, _REST)

    def text(self, node: Term, predicate: str) -> str:
        """Return the text of a property, the English one if there are several, or nothing."""
        found = [each for each in self.values(node, predicate) if isinstance(each, Literal)]
        found.sort(key=lambda each: (each.language not in ("en", None), each.value))
        return found[0].value if found else ""
