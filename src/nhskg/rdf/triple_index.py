"""RDF triples indexed by subject and predicate, with the members of RDF lists."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Final

from pyoxigraph import BlankNode, Literal, NamedNode, Quad, Triple

from nhskg.rdf.terms import RDF

Term = NamedNode | BlankNode | Literal

_FIRST: Final = RDF + "first"
_REST: Final = RDF + "rest"


def reachable(starts: Iterable[Term], step: Callable[[Term], Iterable[Term]]) -> list[Term]:
    """Return some nodes and all that steps from them lead to, each once, breadth first."""
    found = list(dict.fromkeys(starts))
    seen = set(found)
    for node in found:
        new = [each for each in dict.fromkeys(step(node)) if each not in seen]
        seen.update(new)
        found += new
    return found


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

    def properties(self, node: Term) -> dict[str, list[Term]]:
        """Return the values of each property of a node."""
        return self._index.get(node, {})

    def values(self, node: Term, *predicates: str) -> list[Term]:
        """Return the values of some properties of a node; of all, if none is named."""
        found = self.properties(node)
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
        """Return the text of a property, the English one if there are several, or nothing."""
        found = [each for each in self.values(node, predicate) if isinstance(each, Literal)]
        found.sort(key=lambda each: (each.language not in ("en", None), each.value))
        return found[0].value if found else ""
