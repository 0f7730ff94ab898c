"""From a corpus to quads: one named graph a document, one for the register.

Nothing is added on the way: each quad restates a field of an annotation.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from pyoxigraph import NamedNode, Quad, RdfFormat, parse

from nhskg.annotation.corpus import Corpus, split_claim_reference
from nhskg.graph.claims import map_document
from nhskg.graph.register import map_register
from nhskg.rdf import terms
from nhskg.rdf.errors import InputError, Place

__all__ = ["PUBLISHED_ONLY", "Names", "map_corpus", "map_ontology"]

PUBLISHED_ONLY = "align.ttl"
"""The alignments: published with the ontology, and not reasoned over."""


class Names:
    """From the ids of a corpus to IRIs and to the words for them."""

    def __init__(self, corpus: Corpus) -> None:
        self._corpus = corpus

    def iri(self, reference: str, document: str) -> str:
        """Return the IRI that a reference in a document stands for.

        The reference is an id of the register or a vocabulary, ``claim/…``,
        ``reporter`` or ``curator``.
        """
        if reference == "reporter":
            return terms.reporter(document)
        if reference == "curator":
            return terms.CURATOR
        claim = split_claim_reference(reference, document)
        if claim is not None:
            return terms.claim(*claim)
        term = self._corpus.vocabulary.get(reference)
        if term is not None and reference not in self._corpus.register:
            return term.iri
        return terms.thing(reference)

    def label(self, reference: str) -> str:
        """Return the words for an id of the register or a vocabulary."""
        entry = self._corpus.register.get(reference)
        if entry is not None:
            return entry.thing.label
        term = self._corpus.vocabulary.get(reference)
        return term.label if term is not None else reference


def map_corpus(corpus: Corpus) -> Iterator[Quad]:
    """Yield all that a corpus asserts, the register first, then document by document."""
    names = Names(corpus)
    things = (entry.thing for _, entry in sorted(corpus.register.items()))
    yield from map_register(things, lambda ref: names.iri(ref, ""), names.label)
    for document in corpus.documents:
        yield from map_document(document.file, names.iri, names.label)


def map_ontology(folder: Path) -> Iterator[Quad]:
    """Yield the ontology, without what is only published, in the ontology's graph.

    Raises:
        InputError: a file is not well-formed Turtle.
    """
    graph = NamedNode(terms.ONTOLOGY_GRAPH)
    for path in sorted(folder.glob("*.ttl")):
        if path.name == PUBLISHED_ONLY:
            continue
        try:
            for quad in parse(path=str(path), format=RdfFormat.TURTLE, rename_blank_nodes=True):
                yield Quad(quad.subject, quad.predicate, quad.object, graph)
        except SyntaxError as error:
            place = Place(path, error.lineno, error.offset)
            raise InputError(f"not well-formed Turtle: {error.msg}", place=place) from error
