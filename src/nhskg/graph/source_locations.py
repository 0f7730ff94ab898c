"""Finds the line of YAML that an IRI or a triple of the graph comes from.

The IRIs of a claim, its evidence and its timing are made from the ids of document and claim; that
of a thing of the register from its own id; a term of a vocabulary is located in the ontology. A
quantity, which claims share, is located where it is mentioned. A derived thing or triple has no
line of its own: its location is that of the claims it was derived from (``prov:wasDerivedFrom``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Final

from pyoxigraph import BlankNode, NamedNode, Quad, Store, Triple

from nhskg.annotation.corpus import Corpus, Document
from nhskg.graph.predicates import source_fields
from nhskg.rdf.errors import Place
from nhskg.rdf.terms import DERIVED_GRAPH, ID, PROV
from nhskg.rdf.yaml_source import Route

__all__ = ["FIELDS", "Locator"]

FIELDS: Final = source_fields()
"""The fields of an annotation that a predicate can come from, in the order in which to look."""

_MAX_PLACES: Final = 20
_DERIVED_FROM: Final = NamedNode(PROV + "wasDerivedFrom")
_DERIVED: Final = NamedNode(DERIVED_GRAPH)

Behind = Callable[[Triple], Iterable[str]]
"""From a derived triple to the IRIs of the claims that it follows from."""


class Locator:
    """Finds the places of a focus; see :data:`nhskg.shacl.findings.Locate`.

    Args:
        corpus: the annotations that the graph was mapped from.
        store: the graph, with what is derived; its derivations are followed.
        behind: finds the claims behind a derived triple of a thing that is not derived.
    """

    def __init__(self, corpus: Corpus, store: Store, behind: Behind = lambda _: ()) -> None:
        self._corpus = corpus
        self._store = store
        self._claims_behind = behind
        self._documents = {document.id: document for document in corpus.documents}
        self._terms = {term.iri: term.place for term in corpus.vocabulary.terms.values()}
        self._passages: dict[str, dict[str, list[Place]]] = {}

    def __call__(
        self, focus: str, predicate: str | None = None, value: str | None = None
    ) -> tuple[Place, ...]:
        """Return the places of a focus, or of its field that the predicate comes from."""
        try:
            node = NamedNode(focus)
        except ValueError:  # a literal can be a focus, too
            return ()
        fields = FIELDS.get(predicate, ()) if predicate else ()
        found = tuple(self._own(focus, fields))
        if found:
            return _few((*self._of_triple(node, predicate, value), *found))
        behind = [(iri, ()) for iri in self._behind(focus)]
        nearby = behind or self._around(focus)
        return _few(place for iri, fields in nearby for place in self._own(iri, fields))

    def _of_triple(
        self, focus: NamedNode, predicate: str | None, value: str | None
    ) -> Iterator[Place]:
        """Yield the places of the claims behind a triple of a focus, if it is derived."""
        if predicate is None or value is None:
            return
        quads = self._store.quads_for_pattern(focus, NamedNode(predicate), None)
        same = [quad for quad in quads if _value(quad) == value]
        if same and all(quad.graph_name == _DERIVED for quad in same):
            for claim in self._claims_behind(same[0].triple):
                yield from self._own(claim, ())

    def _own(self, iri: str, fields: tuple[str, ...]) -> Iterator[Place]:
        """Yield where a thing itself is written."""
        if not iri.startswith(ID):
            if iri in self._terms:
                yield self._terms[iri]
            return
        first, *rest = iri.removeprefix(ID).split("/")
        match first, rest:
            case "claim", [slug, claim, *part] if slug in self._documents:
                yield from _in_claim(self._documents[slug], claim, part, fields)
            case "document", [slug, *part] if slug in self._documents:
                route = ("document", "issued") if part == ["issued"] else ("document",)
                yield _field(self._documents[slug].place, route, fields)
            case "reporter", [slug] if slug in self._documents:
                yield self._documents[slug].place("document")
            case "passage", [slug, span]:
                yield from self._passages_of(slug).get(span, ())
            case thing, [] if thing in self._corpus.register:
                yield _field(self._corpus.register[thing].place, (), fields)
            case _:
                pass

    def _passages_of(self, slug: str) -> dict[str, list[Place]]:
        """Return the places of the passages of a document, by their positions."""
        document = self._documents.get(slug)
        if document is not None and slug not in self._passages:
            found = self._passages.setdefault(slug, {})
            for route, passage in document.passages():
                if passage.at is not None:
                    span = f"{passage.at[0]}-{passage.at[1]}"
                    found.setdefault(span, []).append(document.place(*route, "at"))
        return self._passages.get(slug, {})

    def _behind(self, iri: str) -> list[str]:
        """Return the claims that a derived thing was derived from, the nearest first."""
        seen = {iri}
        queue = [iri]
        claims = []
        while queue:
            each = queue.pop(0)
            if each.startswith(ID + "claim/"):
                claims.append(each)
                continue
            sources = {
                quad.object.value
                for quad in self._store.quads_for_pattern(NamedNode(each), _DERIVED_FROM, None)
                if isinstance(quad.object, NamedNode)
            }
            queue += sorted(sources - seen)
            seen |= sources
        return claims

    def _around(self, iri: str) -> list[tuple[str, tuple[str, ...]]]:
        """Return what mentions a thing that has no place of its own, and in which fields."""
        mentions = {
            (quad.subject.value, FIELDS.get(quad.predicate.value, ()))
            for quad in self._store.quads_for_pattern(None, None, NamedNode(iri))
            if isinstance(quad.subject, NamedNode) and quad.subject.value != iri
        }
        return sorted(mentions)


def _value(quad: Quad) -> str:
    """Return the object of a quad as findings show it."""
    return str(quad.object) if isinstance(quad.object, BlankNode | Triple) else quad.object.value


def _in_claim(
    document: Document, claim: str, part: list[str], fields: tuple[str, ...]
) -> Iterator[Place]:
    """Yield the place of a claim, or of its evidence or timing, or of a field of either."""
    if document.claim(claim) is None:
        return
    route: Route = ()
    match part:
        case ["evidence", "1", *_]:
            fields = fields or ("quote",)
        case ["evidence", number, *_] if number.isdigit():
            route = ("also", int(number) - 2)
        case ["timing"]:
            route = ("timing",)
        case _:
            fields = fields or ("id",)
    yield _field(partial(document.claim_place, claim), route, fields)


def _field(place: Callable[..., Place], route: Route, fields: tuple[str, ...]) -> Place:
    """Return the place of the first field that is written, or of what would hold it."""
    around = place(*route)
    found = (place(*route, field) for field in fields)
    return next((each for each in found if each != around), around)


def _few(places: Iterable[Place]) -> tuple[Place, ...]:
    return tuple(dict.fromkeys(places))[:_MAX_PLACES]
