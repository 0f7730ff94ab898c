"""Finds the line of YAML that an IRI or a triple of the graph comes from.

The IRIs of a claim, its evidence and its timing are made from the ids of document and claim; that
of a thing of the register from its own id; a term of a vocabulary is located in the ontology. A
quantity, which claims share, is located where it is mentioned. A derived thing or triple has no
line of its own: its location is that of the claims it was derived from (``prov:wasDerivedFrom``).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property
from typing import Final

from pyoxigraph import NamedNode, Store, Triple

from nhskg.annotation.corpus import Corpus, Document
from nhskg.graph.predicates import source_fields
from nhskg.rdf import terms
from nhskg.rdf.errors import Place
from nhskg.rdf.paths import Term
from nhskg.rdf.terms import DERIVED_GRAPH, ID, PROV
from nhskg.rdf.yaml_source import Route

FIELDS: Final = source_fields()
"""The fields of an annotation that a predicate can come from, in the order in which to look."""

_MAX_PLACES: Final = 20
_DERIVED_FROM: Final = NamedNode(PROV + "wasDerivedFrom")
_DERIVED: Final = NamedNode(DERIVED_GRAPH)

_Written = tuple[Callable[..., Place], Route, tuple[str, ...]]
"""Where an IRI comes from: a finder of places, a route for it, the fields that mark the thing."""

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
        self._terms = {term.iri: term.place for term in corpus.vocabulary.terms.values()}

    def __call__(
        self, focus: Term, predicate: NamedNode | None = None, value: Term | None = None
    ) -> tuple[Place, ...]:
        """Return the places of a focus, or of its field that the predicate comes from."""
        if not isinstance(focus, NamedNode):
            return ()
        fields = FIELDS.get(predicate.value, ()) if predicate else ()
        found = tuple(self._own(focus.value, fields))
        if found:
            return _few((*self._of_triple(focus, predicate, value), *found))
        behind = [(iri, ()) for iri in self._behind(focus.value)]
        nearby = behind or self._around(focus.value)
        return _few(place for iri, fields in nearby for place in self._own(iri, fields))

    def _of_triple(
        self, focus: NamedNode, predicate: NamedNode | None, value: Term | None
    ) -> Iterator[Place]:
        """Yield the places of the claims behind a triple of a focus, if it is derived."""
        if predicate is None or value is None:
            return
        same = list(self._store.quads_for_pattern(focus, predicate, value))
        if same and all(quad.graph_name == _DERIVED for quad in same):
            for claim in self._claims_behind(same[0].triple):
                yield from self._own(claim, ())

    def _own(self, iri: str, fields: tuple[str, ...]) -> Iterator[Place]:
        """Yield where a thing itself is written, or the first of some fields of it that is."""
        if iri in self._terms:
            yield self._terms[iri]
        for place, route, usual in self._written.get(iri, ()):
            around = place(*route)
            found = (place(*route, field) for field in fields or usual)
            yield next((each for each in found if each != around), around)

    @cached_property
    def _written(self) -> Mapping[str, list[_Written]]:
        """The entries of documents and register that each IRI comes from."""
        found: dict[str, list[_Written]] = defaultdict(list)
        for name, entry in self._corpus.register.items():
            found[terms.thing(name)].append((entry.place, (), ()))
        for document in self._corpus.documents:
            for iri, route, fields in _in_document(document):
                found[iri].append((document.place, route, fields))
        return found

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


def _in_document(document: Document) -> Iterator[tuple[str, Route, tuple[str, ...]]]:
    """Yield each IRI of a document, the route to its entry, and the field that marks it."""
    header = terms.document(document.id)
    yield header, ("document",), ()
    yield f"{header}/issued", ("document", "issued"), ()
    yield terms.reporter(document.id), ("document",), ()
    for index, claim in enumerate(document.claims):
        iri, route = terms.claim(document.id, claim.id), ("claims", index)
        yield iri, route, ("id",)
        yield f"{iri}/timing", (*route, "timing"), ()
        for end in ("", "/quote"):
            yield f"{iri}/evidence/1{end}", route, ("quote",)
            for also, _ in enumerate(claim.also):
                yield f"{iri}/evidence/{also + 2}{end}", (*route, "also", also), ()
    for way, passage in document.passages():
        if passage.at is not None:
            yield terms.passage(document.id, passage.at), (*way, "at"), ()


def _few(places: Iterable[Place]) -> tuple[Place, ...]:
    return tuple(dict.fromkeys(places))[:_MAX_PLACES]
