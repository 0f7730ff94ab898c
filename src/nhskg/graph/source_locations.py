"""Finds the line of YAML that an IRI or a triple of the graph comes from.

A term of a vocabulary is located in the ontology; a quantity, which claims share, where it is
mentioned. A derived thing or triple has no line of its own: its location is that of the claims it
was derived from (``prov:wasDerivedFrom``).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property
from typing import Final

from pyoxigraph import NamedNode, Store, Triple

from nhskg.annotation.corpus import Corpus, Document
from nhskg.graph.mapping import source_fields
from nhskg.rdf import terms
from nhskg.rdf.errors import Place
from nhskg.rdf.paths import Term
from nhskg.rdf.terms import PROV
from nhskg.rdf.yaml_source import Route, Source

FIELDS: Final = source_fields()
"""The fields of an annotation that a predicate can come from, in the order in which to look."""


class Locator:
    """Finds the places of a focus in a graph; see :data:`nhskg.shacl.findings.Locate`.

    The graph was mapped from ``corpus``; ``behind`` gives the claims behind a derived triple.
    """

    def __init__(
        self, corpus: Corpus, store: Store, behind: Callable[[Triple], Iterable[str]] = lambda _: ()
    ) -> None:
        self._corpus, self._store, self._claims_behind = corpus, store, behind
        self._terms = {term.iri: term.place for term in corpus.vocabulary.values()}

    def __call__(
        self, focus: Term, predicate: NamedNode | None = None, value: Term | None = None
    ) -> tuple[Place, ...]:
        """Return the places of a focus, or of its field that the predicate comes from."""
        if not isinstance(focus, NamedNode):
            return ()
        fields = FIELDS.get(predicate.value, ()) if predicate else ()
        found = list(self._own(focus.value, fields))
        if not found:
            nearby = self._behind(focus.value) or self._around(focus)
            found = [place for iri, names in nearby for place in self._own(iri, names)]
        elif predicate is not None and value is not None:
            derived = NamedNode(terms.DERIVED_GRAPH)
            same = list(self._store.quads_for_pattern(focus, predicate, value))
            if same and all(quad.graph_name == derived for quad in same):
                claims = self._claims_behind(same[0].triple)
                found = [*(place for claim in claims for place in self._own(claim)), *found]
        return tuple(dict.fromkeys(found))[:20]

    def _own(self, iri: str, fields: tuple[str, ...] = ()) -> Iterator[Place]:
        """Yield where a thing itself is written, or the first of some fields of it that is."""
        if iri in self._terms:
            yield self._terms[iri]
        for source, route, usual in self._written.get(iri, ()):
            routes = [(*route, field) for field in fields or usual]
            if route[:1] == ("claims",):
                routes += [("document", "defaults", field) for field in fields]
            yield source.place(*next((each for each in routes if each in source.spans), route))

    @cached_property
    def _written(self) -> Mapping[str, list[tuple[Source, Route, tuple[str, ...]]]]:
        """From an IRI to the files it is from, its routes there, and the fields that mark it."""
        found = defaultdict(list)
        for document in self._corpus.documents:
            for iri, route, fields in _in_document(document):
                found[iri].append((document.source, route, fields))
        for name, entry in self._corpus.register.items():
            found[terms.ID + name].append((entry.source, entry.route, ()))
        for each in self._corpus.links:
            link = terms.link(each.value.thing, each.value.address)
            found[link].append((each.source, each.route, ()))
        return found

    def _behind(self, iri: str) -> list[tuple[str, tuple[str, ...]]]:
        """Return the claims that a derived thing was derived from, the nearest first."""
        queue, derived_from = [iri], NamedNode(PROV + "wasDerivedFrom")
        for each in queue:
            sources = {
                quad.object.value
                for quad in self._store.quads_for_pattern(NamedNode(each), derived_from, None)
                if isinstance(quad.object, NamedNode) and not each.startswith(terms.ID + "claim/")
            }
            queue += sorted(sources.difference(queue))
        return [(each, ()) for each in queue if each.startswith(terms.ID + "claim/")]

    def _around(self, node: NamedNode) -> list[tuple[str, tuple[str, ...]]]:
        """Return what mentions a thing that has no place of its own, and in which fields."""
        mentions = {
            (quad.subject.value, FIELDS.get(quad.predicate.value, ()))
            for quad in self._store.quads_for_pattern(None, None, node)
            if isinstance(quad.subject, NamedNode) and quad.subject != node
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
        yield f"{iri}/withdrawal", (*route, "withdrawn"), ()
        for end in ("", "/quote"):
            yield f"{iri}/evidence/1{end}", route, ("quote",)
            for also, _ in enumerate(claim.also):
                yield f"{iri}/evidence/{also + 2}{end}", (*route, "also", also), ()
    for way, passage in document.passages():
        if passage.at is not None:
            yield terms.passage(document.id, passage.at), (*way, "at"), ()
