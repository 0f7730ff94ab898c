"""Maps a corpus to RDF quads: one named graph a document, one for the register.

Nothing is added on the way: each quad restates a field of an annotation, by the table in
``predicates``. The evidence of a claim is an ``oa:SpecificResource`` of the Web Annotation data
model: its source is the document, a ``TextPositionSelector`` selects the passage (``oa:start``,
``oa:end``, in Unicode code points), and a ``TextQuoteSelector`` marks the place in it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from pydantic import BaseModel
from pyoxigraph import Literal, NamedNode, Quad

from nhskg.annotation import claims
from nhskg.annotation.corpus import (
    Budget,
    Cohort,
    Condition,
    Corpus,
    Event,
    Instrument,
    Matter,
    Organisation,
    PaymentMechanism,
    Person,
    PlaceThing,
    Plan,
    Post,
    Thing,
    Work,
    split_claim_reference,
)
from nhskg.graph.predicates import PREDICATES, Form
from nhskg.rdf import terms
from nhskg.rdf.lines import read_rdf
from nhskg.rdf.terms import DCTERMS, ELI, FOAF, ID, NS, OA, ORG, RDF_TYPE, SCHEMA, SKOS, TIME, XSD

PUBLISHED_ONLY = "align.ttl"
"""The alignments: published with the ontology, and not reasoned over."""

_CLASSES: Final[dict[type[BaseModel], str]] = {
    claims.Provision: NS + "Provision",
    claims.Stance: NS + "Stance",
    claims.Silence: NS + "Silence",
    claims.Relation: NS + "RelationClaim",
    Person: FOAF + "Person",
    Organisation: NS + "Organisation",
    Post: ORG + "Post",
    Matter: NS + "Matter",
    Budget: NS + "Budget",
    PaymentMechanism: NS + "PaymentMechanism",
    Instrument: ELI + "LegalResource",
    Cohort: NS + "Cohort",
    Condition: NS + "Condition",
    Event: NS + "Event",
    PlaceThing: SCHEMA + "Place",
    Work: NS + "Work",
}
"""The class of an entry by its model; plans have theirs by their ``type``."""

_DATES: Final = {4: "gYear", 7: "gYearMonth", 10: "date"}
"""The datatype of a date by its length: a date keeps the precision of the text."""


@lru_cache(maxsize=65536)
def _node(iri: str) -> NamedNode:
    return NamedNode(iri)


def map_corpus(corpus: Corpus) -> Iterator[Quad]:
    """Yield all that a corpus asserts, the register first, then document by document."""
    things = _Graph(corpus, terms.REGISTER_GRAPH)
    things.link(terms.CURATOR, RDF_TYPE, FOAF + "Agent")
    things.name(terms.CURATOR, "curator", "curators of the corpus")
    for _, entry in sorted(corpus.register.items()):
        things.write_thing(entry.thing)
    yield from things.quads
    for document in corpus.documents:
        graph = _Graph(corpus, terms.document_graph(document.id), document.id)
        graph.write_header(document.header)
        for claim in document.claims:
            graph.write_claim(claim)
        yield from graph.quads


def _iri_of(corpus: Corpus, reference: str, document: str = "") -> str:
    """Return the IRI of what an annotation in a document names.

    The reference is an id of the register or a vocabulary, ``claim/…``, ``reporter`` or
    ``curator``.
    """
    if reference == "reporter":
        return terms.reporter(document)
    if reference == "curator":
        return terms.CURATOR
    claim = split_claim_reference(reference, document)
    if claim is not None:
        return terms.claim(*claim)
    term = corpus.vocabulary.get(reference)
    if term is not None and reference not in corpus.register:
        return term.iri
    return terms.thing(reference)


class _Graph:
    """Collects the quads of one named graph; each statement is kept once, in order."""

    def __init__(self, corpus: Corpus, graph: str, document: str = "") -> None:
        self.quads: dict[Quad, None] = {}
        self._corpus = corpus
        self._graph = _node(graph)
        self._document = document

    def write_thing(self, thing: Thing) -> None:
        """State what the register says of a thing."""
        iri = terms.thing(thing.id)
        self.link(iri, RDF_TYPE, _class_of(thing))
        if isinstance(thing, Event | Work) and thing.type != "other":
            self.link(iri, DCTERMS + "type", _term_of(thing.type))
        self.write(iri, SKOS + "notation", "text", thing.id)
        self.write_fields(iri, thing)

    def write_header(self, header: claims.DocumentHeader) -> None:
        """State what is known of the document itself, and of the one who wrote it."""
        iri = terms.document(header.id)
        self.link(iri, RDF_TYPE, NS + "SourceDocument")
        self.write(iri, SKOS + "notation", "text", header.id)
        self.write_fields(iri, header)
        writer = terms.reporter(header.id)
        self.link(writer, RDF_TYPE, FOAF + "Person")
        self.name(writer, f"reporter-of-{header.id}", "the reporter")

    def write_claim(self, claim: claims.AnyClaim) -> None:
        """State a claim, with its evidence."""
        iri = terms.claim(self._document, claim.id)
        self.link(iri, RDF_TYPE, _class_of(claim))
        self.write_fields(iri, claim, without=claims.Passage)
        for number, passage in enumerate((claim, *claim.also), start=1):
            self.write_evidence(iri, f"{iri}/evidence/{number}", passage)

    def write_evidence(self, claim: str, iri: str, passage: claims.Passage) -> None:
        """State one passage of a claim: where it is, and the words that mark it."""
        self.link(claim, NS + "evidence", iri)
        self.link(iri, RDF_TYPE, OA + "SpecificResource")
        self.link(iri, OA + "hasSource", terms.document(self._document))
        if passage.at is not None:
            start, end = passage.at
            position = terms.passage(self._document, passage.at)
            self.link(iri, OA + "hasSelector", position)
            self.link(position, RDF_TYPE, OA + "TextPositionSelector")
            self.write(position, OA + "start", "integer", start)
            self.write(position, OA + "end", "integer", end)
        quote = f"{iri}/quote"
        self.link(iri, OA + "hasSelector", quote)
        self.link(quote, RDF_TYPE, OA + "TextQuoteSelector")
        for name in ("quote", "prefix", "suffix"):
            self.write(quote, PREDICATES[name].iri, "text", getattr(passage, name))

    def write_fields(
        self, iri: str, entry: BaseModel, *, without: type[BaseModel] | None = None
    ) -> None:
        """State each field of an entry: a quantity, a timing, or what the table has."""
        left_out = without.model_fields if without else {}
        for name in type(entry).model_fields:
            if name in left_out:
                continue
            value, known = getattr(entry, name), PREDICATES.get(name)
            if isinstance(value, claims.Quantity):
                self.link(iri, NS + "quantity", self.write_quantity(value))
            elif isinstance(value, claims.IssuedDate):
                self.link(iri, NS + "timing", f"{iri}/{name}")
                self.write_timing(f"{iri}/{name}", value)
            elif known is not None:
                for each in value if isinstance(value, tuple) else (value,):
                    self.write(iri, known.iri, known.form, each)

    def write_timing(self, iri: str, timing: claims.IssuedDate) -> None:
        """State when something holds, as a ``time:TemporalEntity``."""
        self.link(iri, RDF_TYPE, TIME + "TemporalEntity")
        if isinstance(timing, claims.Timing) and timing.lasting is not None:
            self.link(iri, RDF_TYPE, TIME + "ProperInterval")
        self.write_fields(iri, timing)

    def write_quantity(self, quantity: claims.Quantity) -> str:
        """State an amount, a share or an extent; return its IRI, which equal ones share."""
        key = quantity.model_dump_json()
        iri = f"{ID}quantity/{hashlib.sha256(key.encode()).hexdigest()[:12]}"
        self.link(iri, RDF_TYPE, NS + "Quantity")
        self.write(iri, SKOS + "prefLabel", "english", _in_words(quantity, self._label))
        self.write_fields(iri, quantity)
        return iri

    def name(self, subject: str, slug: str, label: str) -> None:
        """State how a thing is called, by annotators and by people."""
        self.write(subject, SKOS + "notation", "text", slug)
        self.write(subject, SKOS + "prefLabel", "english", label)

    def write(self, subject: str, predicate: str, form: Form, value: Any) -> None:
        """State a value in its form; nothing where there is none, or it is ``false``."""
        if value is None or value is False:
            return
        if form == "link":
            self.link(subject, predicate, _iri_of(self._corpus, value, self._document))
        else:
            self._add(subject, predicate, _literal(form, value))

    def link(self, subject: str, predicate: str, iri: str) -> None:
        """State a relation to a thing."""
        self._add(subject, predicate, _node(iri))

    def _add(self, subject: str, predicate: str, value: NamedNode | Literal) -> None:
        self.quads[Quad(_node(subject), _node(predicate), value, self._graph)] = None

    def _label(self, reference: str) -> str:
        entry = self._corpus.register.get(reference)
        term = self._corpus.vocabulary.get(reference)
        return entry.thing.label if entry else term.label if term else reference


def _class_of(entry: BaseModel) -> str:
    return _term_of(entry.type) if isinstance(entry, Plan) else _CLASSES[type(entry)]


def _term_of(word: str) -> str:
    return NS + "".join(part.capitalize() for part in word.split("-"))


def _literal(form: Form, value: Any) -> Literal:
    match form:
        case "text":
            return Literal(value)
        case "english":
            return Literal(value, language="en")
        case "date":
            return Literal(value, datatype=_node(XSD + _DATES[len(value)]))
        case "decimal":
            value = canonical_decimal(value)
        case "boolean":
            value = "true"
    return Literal(str(value), datatype=_node(XSD + form))


def canonical_decimal(value: Decimal) -> str:
    """Return the lexical form of a decimal that a store doesn't rewrite.

    >>> canonical_decimal(Decimal("0.30")), canonical_decimal(Decimal("1E+10"))
    ('0.3', '10000000000')
    """
    shown = format(value, "f")
    return (shown.rstrip("0").rstrip(".") if "." in shown else shown) or "0"


def _in_words(quantity: claims.Quantity, label: Callable[[str], str]) -> str:
    about = "about " if quantity.approximate else ""
    if quantity.amount is not None:
        return f"{about}{quantity.currency or ''} {int(quantity.amount):,}".strip()
    if quantity.share is not None:
        of = f" of {label(quantity.of)}" if quantity.of else ""
        return f"{about}{canonical_decimal(quantity.share * 100)} per cent{of}"
    extent = label(quantity.extent) if quantity.extent else "some quantity"
    return f"{extent} of {label(quantity.of)}" if quantity.of else extent


def map_ontology(folder: Path) -> Iterator[Quad]:
    """Yield the ontology, without what is only published, in the ontology's graph.

    Raises:
        InputError: a file is not valid Turtle.
    """
    graph = NamedNode(terms.ONTOLOGY_GRAPH)
    for path in sorted(folder.glob("*.ttl")):
        if path.name == PUBLISHED_ONLY:
            continue
        for triple in read_rdf(path).triples:
            yield Quad(triple.subject, triple.predicate, triple.object, graph)
