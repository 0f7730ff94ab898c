"""A collector of quads with short ways to say what the mapping says again and again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal
from functools import lru_cache

from pyoxigraph import Literal, NamedNode, Quad

from nhskg.rdf.terms import RDF_TYPE, SKOS, XSD

__all__ = ["GraphWriter", "node"]


@lru_cache(maxsize=65536)
def node(iri: str) -> NamedNode:
    """Return the named node of an IRI."""
    return NamedNode(iri)


class GraphWriter:
    """Collect the quads of one named graph; each statement is kept once, in order."""

    def __init__(self, graph: str) -> None:
        self._graph = node(graph)
        self._quads: dict[Quad, None] = {}

    def __iter__(self) -> Iterator[Quad]:
        return iter(self._quads)

    def link(self, subject: str, predicate: str, value: str | None) -> None:
        """State a relation to another thing; nothing where the value is missing."""
        if value is not None:
            self._add(subject, predicate, node(value))

    def links(self, subject: str, predicate: str, values: Iterable[str]) -> None:
        """State a relation to each of several things."""
        for value in values:
            self.link(subject, predicate, value)

    def types(self, subject: str, *classes: str) -> None:
        """State the classes of a thing."""
        for each in classes:
            self.link(subject, RDF_TYPE, each)

    def text(self, subject: str, predicate: str, value: str | None) -> None:
        """State a plain string."""
        if value is not None:
            self._add(subject, predicate, Literal(value))

    def english(self, subject: str, predicate: str, value: str | None) -> None:
        """State a string in English."""
        if value is not None:
            self._add(subject, predicate, Literal(value, language="en"))

    def number(self, subject: str, predicate: str, value: int | Decimal | None) -> None:
        """State an integer or a decimal, in its canonical form."""
        if isinstance(value, Decimal):
            self.typed(subject, predicate, canonical_decimal(value), "decimal")
        elif value is not None:
            self.typed(subject, predicate, str(value), "integer")

    def flag(self, subject: str, predicate: str, *, value: bool) -> None:
        """State ``true``; nothing where the value is false."""
        if value:
            self.typed(subject, predicate, "true", "boolean")

    def typed(self, subject: str, predicate: str, value: str, datatype: str) -> None:
        """State a literal of an XML Schema datatype."""
        self._add(subject, predicate, Literal(value, datatype=node(XSD + datatype)))

    def name(
        self,
        subject: str,
        slug: str | None,
        label: str,
        alternatives: Iterable[str] = (),
        definition: str | None = None,
    ) -> None:
        """State how a thing is called, by annotators and by people, and what it is."""
        self.text(subject, SKOS + "notation", slug)
        self.english(subject, SKOS + "prefLabel", label)
        for each in alternatives:
            self.english(subject, SKOS + "altLabel", each)
        self.english(subject, SKOS + "definition", definition)

    def _add(self, subject: str, predicate: str, value: NamedNode | Literal) -> None:
        self._quads[Quad(node(subject), node(predicate), value, self._graph)] = None


def canonical_decimal(value: Decimal) -> str:
    """Return the lexical form of a decimal that a store doesn't rewrite.

    >>> canonical_decimal(Decimal("0.30")), canonical_decimal(Decimal("1E+10"))
    ('0.3', '10000000000')
    """
    shown = format(value, "f")
    if "." in shown:
        shown = shown.rstrip("0").rstrip(".")
    return shown or "0"
