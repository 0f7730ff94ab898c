"""Maps a corpus to RDF quads: one named graph a document, one for the register, one for links.

Each quad restates a field of an annotation. Which predicate a field becomes is in one table, by
which ``source_locations`` finds the field that a predicate comes from, and
``release.json_ld`` makes JSON-LD contexts; a passage, a timing, a quantity and the kind of an
entry, which need more than a predicate, are mapped apart. The evidence of a claim is an
``oa:SpecificResource`` of the Web Annotation data model: its source is the document, a
``TextPositionSelector`` selects the passage (in Unicode code points), and a ``TextQuoteSelector``
marks the place in it. Who says that a thing is linked to an address, and when that was looked up,
is told of the ``rdf:Statement`` of it (RDF 1.1 Semantics, D.1): whoever reads RDF 1.1 knows that
form, and nothing follows from it.
"""

from __future__ import annotations

import hashlib
import math
from bisect import bisect_right
from collections.abc import Iterator
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final

from pydantic import BaseModel
from pyoxigraph import Literal, NamedNode, Quad

from nhskg.annotation import claims
from nhskg.annotation.corpus import Corpus, split_claim_reference
from nhskg.annotation.fields import is_address, numbers_of
from nhskg.annotation.register import Link, Plan, Thing
from nhskg.rdf import terms
from nhskg.rdf.files import AnyFolder, files_in
from nhskg.rdf.lines import read_rdf
from nhskg.rdf.terms import (
    DCTERMS,
    ELI,
    FOAF,
    NS,
    OA,
    ORG,
    PROV,
    RDF,
    RDF_TYPE,
    SCHEMA,
    SKOS,
    TIME,
    XSD,
)
from nhskg.vocabulary import Vocabulary, is_ours

PUBLISHED_ONLY: Final = frozenset({"align.ttl", "deprecated.ttl"})
"""The alignments, and terms of earlier versions: published, and not reasoned over."""

_FIELDS: Final = {
    "address": "uri=schema:url",
    "licence": "licence=dcterms:license",
    "link": """
        about action baseline capacity claimant cohort denies deontic extent given matter modality
        object polarity power predicate result subject target voice after=time:after
        before=time:before broader=skos:broader by=nhs:carriedOutBy candidates=nhs:candidate
        classification=org:classification during=time:intervalDuring from_=nhs:fromBody
        gate=nhs:effectiveWhen judged_by=nhs:judgedBy occasion=nhs:setOutIn of=nhs:quantityOf
        on=nhs:subject part_of=dcterms:isPartOf plan=nhs:provisionOf post_in=org:postIn
        publisher=dcterms:publisher qualifier=nhs:bearerQualifier said_by=prov:wasAttributedTo
        stance_of=nhs:subject subject_to=nhs:subjectTo to=nhs:toBody topics=dcterms:subject
        with_=nhs:counterpart
    """,
    "english": """
        alt=skos:altLabel definition=skos:definition hidden=skos:hiddenLabel label=skos:prefLabel
    """,
    "text": """
        assessment=dcterms:abstract currency=schema:currency hedge locator=bibo:locator
        new_name=nhs:newName note=skos:editorialNote per=schema:unitText prefix=oa:prefix
        quote=oa:exact sha256=schema:sha256 source=dcterms:identifier stated=nhs:statedAs
        suffix=oa:suffix title=dcterms:title word=rdf:value
    """,
    "term": "account bound",
    "boolean": "inferred",
    "date": "checked=dcterms:date not_after=nhs:notAfter not_before=nhs:notBefore",
    "decimal": "amount=schema:value share=schema:value",
    "duration": "lasting=time:hasXSDDuration within=nhs:withinDuration",
    "integer": "length=nhs:codePointLength number=schema:value",
}
"""The fields of each form of value, with the predicate where it is not ``nhs:`` and the name.

The form is ``link`` for an IRI by the id of a thing, ``address`` for one in full, ``licence`` for
one in full or a name (which is of ``dcterms:rights``), ``term`` for that of a word of the model,
``text``, ``english``, or a datatype of XML Schema; ``date`` stands for the narrowest that has the
precision of the value.
"""

PREDICATES: Final = {
    name: (terms.PREFIXES[prefix or "nhs"] + (local or name), form)
    for form, fields in _FIELDS.items()
    for name, _, curie in (field.partition("=") for field in fields.split())
    for prefix, _, local in [curie.partition(":")]
}
"""The predicate that each field of the models becomes, and the form of its values."""

_MAPPED_APART: Final = {
    DCTERMS + "rights": ("licence",),
    DCTERMS + "type": ("type",),
    RDF_TYPE: ("kind", "type"),
    NS + "evidence": ("quote",),
    NS + "paragraph": ("at",),
    NS + "quantity": ("quantity",),
    NS + "sentence": ("at",),
    NS + "timing": ("timing", "issued"),
    DCTERMS + "date": ("on",),
    DCTERMS + "description": ("why",),
    DCTERMS + "isReplacedBy": ("withdrawn",),
    DCTERMS + "references": ("withdrawn",),
    PROV + "wasAssociatedWith": ("by",),
    PROV + "wasInvalidatedBy": ("withdrawn",),
    RDF + "object": ("address",),
    RDF + "predicate": ("relation",),
    RDF + "subject": ("thing",),
    OA + "end": ("at",),
    OA + "hasSelector": ("at", "quote"),
    OA + "start": ("at",),
    SKOS + "notation": ("id",),
}

_CLASSES: Final = {
    "Instrument": ELI + "LegalResource",
    "Person": FOAF + "Person",
    "PlaceThing": SCHEMA + "Place",
    "Post": ORG + "Post",
    "Relation": NS + "RelationClaim",
}
"""The class of an entry by its model, where the ontology has none of the name of the model."""


def field_name(name: str) -> str:
    """Return the name in a file of a field of the models."""
    return {"classification": "kind"}.get(name, name.rstrip("_"))


def source_fields() -> dict[str, tuple[str, ...]]:
    """Return the fields of a file that each predicate can come from, in the order to look.

    >>> source_fields()[SCHEMA + "value"]
    ('amount', 'share', 'number')
    """
    found = dict(_MAPPED_APART)
    for name, (iri, _) in PREDICATES.items():
        found[iri] = (*found.get(iri, ()), field_name(name))
    return found


@lru_cache(maxsize=65536)
def _node(iri: str) -> NamedNode:
    return NamedNode(iri)


def map_corpus(corpus: Corpus) -> Iterator[Quad]:
    """Yield all that a corpus asserts, the register first, then document by document."""
    things = _Graph(corpus, terms.REGISTER_GRAPH)
    things.name(terms.CURATOR, FOAF + "Agent", "curator", "the curator")
    for _, entry in sorted(corpus.register.items()):
        things.write_thing(entry.value)
    yield from things.quads
    links = _Graph(corpus, terms.LINKS_GRAPH)
    for link in corpus.links:
        links.write_link(link.value)
    yield from links.quads
    for document in corpus.documents:
        graph = _Graph(corpus, terms.GRAPH + document.id, document.id)
        graph.write_header(document.header)
        for claim in document.claims:
            graph.write_claim(claim)
        yield from graph.quads


def map_ontology(folder: AnyFolder, vocabulary: Vocabulary | None = None) -> Iterator[Quad]:
    """Yield the ontology that is reasoned over, in a graph of its own.

    Of a vocabulary, the terms of a corpus's own have the names that annotations call them by, and a
    label. Raises InputError where a file is not valid Turtle.
    """
    graph = NamedNode(terms.ONTOLOGY_GRAPH)
    notation, label = NamedNode(SKOS + "notation"), NamedNode(SKOS + "prefLabel")
    own = {NamedNode(t.iri): t for t in (vocabulary or {}).values() if not is_ours(t.iri)}
    unlabelled = set(own)
    for path in files_in(folder, ".ttl"):
        for s, p, o in read_rdf(path).triples if path.name not in PUBLISHED_ONLY else ():
            if not (p == notation and s in own):
                yield Quad(s, p, o, graph)
            if p == label:
                unlabelled.discard(s)
    for node, term in own.items():
        yield Quad(node, notation, Literal(term.slug), graph)
        if node in unlabelled:
            yield Quad(node, label, Literal(term.label, language="en"), graph)


class _Graph:
    """Collects the quads of one named graph; each statement is kept once, in order."""

    def __init__(self, corpus: Corpus, graph: str, document: str = "") -> None:
        self.quads: dict[Quad, None] = {}
        self._corpus = corpus
        self._graph = _node(graph)
        self._document = document
        self._sentences: list[tuple[int, int, int]] = []

    def write_thing(self, thing: Thing) -> None:
        iri = terms.ID + thing.id
        self.link(iri, RDF_TYPE, _class_of(thing))
        sort = None if isinstance(thing, Plan) else getattr(thing, "type", None)
        if sort not in (None, "other"):
            self.link(iri, DCTERMS + "type", _term_of(sort))
        self.write(iri, SKOS + "notation", "text", thing.id)
        self.write_fields(iri, thing)

    def write_link(self, link: Link) -> None:
        thing, iri = self._iri_of(link.thing), terms.link(link.thing, link.address)
        prefix, _, name = link.relation.partition(":")
        relation = terms.PREFIXES[prefix] + name
        self.link(thing, relation, link.address)
        self.link(iri, RDF_TYPE, RDF + "Statement")
        self.link(iri, RDF + "subject", thing)
        self.link(iri, RDF + "predicate", relation)
        self.link(iri, RDF + "object", link.address)
        label = f"link from {self._label(link.thing)} to {link.address}"
        self.write(iri, SKOS + "prefLabel", "english", label)
        self.write_fields(iri, link)

    def write_header(self, header: claims.DocumentHeader) -> None:
        self._sentences = _numbered(header.sentences or "")
        iri = terms.document(header.id)
        self.link(iri, RDF_TYPE, NS + "SourceDocument")
        if header.type:
            self.link(iri, DCTERMS + "type", _term_of(header.type))
        self.write(iri, SKOS + "notation", "text", header.id)
        self.write_fields(iri, header)

    def write_claim(self, claim: claims.SomeClaim) -> None:
        iri = terms.claim(self._document, claim.id)
        if claim.withdrawn:
            self.write_withdrawal(iri, claim, claim.withdrawn)
        else:
            self.link(iri, RDF_TYPE, _class_of(claim))
            if isinstance(claim, claims.Provision) and claim.sole_role:
                self.link(iri, RDF_TYPE, NS + "SoleRoleProvision")
            self.write_fields(iri, claim)
        for number, passage in enumerate((claim, *claim.also), start=1):
            self.write_evidence(iri, f"{iri}/evidence/{number}", passage)

    def write_withdrawal(self, iri: str, claim: claims.SomeClaim, given: claims.Withdrawal) -> None:
        """Mark a claim as withdrawn; it says nothing but what things it names: nothing follows."""
        way, kind = f"{iri}/withdrawal", type(claim).__name__.lower()
        self.link(iri, RDF_TYPE, NS + "WithdrawnClaim")
        self.link(iri, DCTERMS + "type", _class_of(claim))
        self.write(iri, SKOS + "prefLabel", "english", f"withdrawn {kind}: “{claim.quote}”")
        self.link(iri, PROV + "wasInvalidatedBy", way)
        said = _Graph(self._corpus, iri, self._document)
        said.write_fields(iri, claim)
        named = (quad.object.value for quad in said.quads if isinstance(quad.object, NamedNode))
        for each in named:
            if each.removeprefix(terms.ID) in self._corpus.register:
                self.link(iri, DCTERMS + "references", each)
        for each in given.superseded_by:
            self.link(iri, DCTERMS + "isReplacedBy", self._iri_of(each))
        self.link(way, RDF_TYPE, PROV + "Activity")
        self.link(way, PROV + "wasAssociatedWith", self._iri_of(given.by))
        self.write(way, DCTERMS + "date", "date", given.on)
        self.write(way, DCTERMS + "description", "english", given.why)
        label = f"withdrawal on {given.on}: {given.why}"
        self.write(way, SKOS + "prefLabel", "english", label)

    def write_evidence(self, claim: str, iri: str, passage: claims.Passage) -> None:
        self.link(claim, NS + "evidence", iri)
        self.link(iri, RDF_TYPE, OA + "SpecificResource")
        self.link(iri, OA + "hasSource", terms.document(self._document))
        if passage.at is not None:
            position = terms.passage(self._document, passage.at)
            self.link(iri, OA + "hasSelector", position)
            self.link(position, RDF_TYPE, OA + "TextPositionSelector")
            self.write(position, OA + "start", "integer", passage.at[0])
            self.write(position, OA + "end", "integer", passage.at[1])
            if index := bisect_right(self._sentences, (passage.at[0], math.inf)):
                _, paragraph, sentence = self._sentences[index - 1]
                self.write(position, NS + "paragraph", "integer", paragraph)
                self.write(position, NS + "sentence", "integer", sentence)
        quote = f"{iri}/quote"
        self.link(iri, OA + "hasSelector", quote)
        self.link(quote, RDF_TYPE, OA + "TextQuoteSelector")
        for name in ("quote", "prefix", "suffix"):
            self.write(quote, *PREDICATES[name], getattr(passage, name))

    def write_fields(self, iri: str, entry: BaseModel) -> None:
        """State each field of an entry: a quantity, a timing, or what the table has."""
        for name in type(entry).model_fields:
            if isinstance(entry, claims.Passage) and name in claims.Passage.model_fields:
                continue
            value = getattr(entry, name)
            if isinstance(value, claims.Quantity):
                self.link(iri, NS + "quantity", self.write_quantity(value))
            elif isinstance(value, claims.IssuedDate):
                when = f"{iri}/{name}"
                self.link(iri, NS + "timing", when)
                self.link(when, RDF_TYPE, TIME + "TemporalEntity")
                if isinstance(value, claims.Timing) and value.lasting is not None:
                    self.link(when, RDF_TYPE, TIME + "ProperInterval")
                self.write_fields(when, value)
            elif name in PREDICATES:
                for each in value if isinstance(value, tuple) else (value,):
                    self.write(iri, *PREDICATES[name], each)

    def write_quantity(self, quantity: claims.Quantity) -> str:
        """State a quantity and what it is in words; return its IRI, which equal ones share."""
        key = hashlib.sha256(quantity.model_dump_json(exclude_none=True).encode()).hexdigest()[:12]
        iri = f"{terms.ID}quantity/{key}"
        self.link(iri, RDF_TYPE, NS + "Quantity")
        self.write(iri, SKOS + "prefLabel", "english", self._in_words(quantity))
        self.write_fields(iri, quantity)
        return iri

    def name(self, agent: str, type_: str, slug: str, label: str) -> None:
        """State the class of an agent, and what annotators and people call it."""
        self.link(agent, RDF_TYPE, type_)
        self.write(agent, SKOS + "notation", "text", slug)
        self.write(agent, SKOS + "prefLabel", "english", label)

    def write(self, subject: str, predicate: str, form: str, value: Any) -> None:
        """State a value in its form; nothing where there is none, or it is ``false``."""
        if value is None or value is False:
            return
        match form:
            case "link":
                self.link(subject, predicate, self._iri_of(value))
            case "licence" if not is_address(value):
                self._add(subject, DCTERMS + "rights", Literal(value))
            case "licence" | "address":
                self.link(subject, predicate, value)
            case "term":
                self.link(subject, predicate, _term_of(value))
            case _:
                self._add(subject, predicate, _literal(form, value))

    def link(self, subject: str, predicate: str, iri: str) -> None:
        self._add(subject, predicate, _node(iri))

    def _add(self, subject: str, predicate: str, value: NamedNode | Literal) -> None:
        self.quads[Quad(_node(subject), _node(predicate), value, self._graph)] = None

    def _iri_of(self, reference: str) -> str:
        """Return the IRI of what an annotation names: by an id, ``claim/…``, or a word."""
        if reference == "reporter":
            writer = terms.reporter(self._document)
            self.name(writer, FOAF + "Person", f"reporter-of-{self._document}", "the reporter")
            return writer
        if reference == "curator":
            return terms.CURATOR
        if claim := split_claim_reference(reference, self._document):
            return terms.claim(*claim)
        term = self._corpus.vocabulary.get(reference)
        return term.iri if term else terms.ID + reference

    def _label(self, reference: str) -> str:
        entry = self._corpus.register.get(reference)
        return entry.value.label if entry else self._corpus.vocabulary[reference].label

    def _in_words(self, quantity: claims.Quantity) -> str:
        of = f" of {self._label(quantity.of)}" if quantity.of else ""
        bound = f"{quantity.bound.replace('-', ' ')} " if quantity.bound else ""
        per = f" a {quantity.per}" if quantity.per else ""
        if quantity.amount is not None:
            return f"{bound}{quantity.currency} {quantity.amount:,f}{per}"
        if quantity.share is not None:
            return f"{bound}{canonical_decimal(quantity.share * 100)} per cent{of}{per}"
        if quantity.number is not None:
            return f"{bound}{quantity.number:,}{of.removeprefix(' of')}{per}"
        return f"{self._label(quantity.extent)}{of}" if quantity.extent else f"some quantity{of}"


def _numbered(starts: str) -> list[tuple[int, int, int]]:
    """Return start, paragraph and number in it, from 1, of each sentence; of ``0 40 / 97``."""
    return [
        (start, paragraph, sentence)
        for paragraph, each in enumerate(starts.split(" / "), start=1)
        for sentence, start in enumerate(numbers_of(each), start=1)
    ]


def _class_of(entry: BaseModel) -> str:
    name = type(entry).__name__
    return _term_of(entry.type) if isinstance(entry, Plan) else _CLASSES.get(name, NS + name)


def _term_of(word: str) -> str:
    """Return the IRI of a word that only a model has, or of the class that it names."""
    name = {"part": "partial-account", "whole": "whole-account"}.get(word, word)
    return NS + "".join(part.capitalize() for part in name.split("-"))


def _literal(form: str, value: Any) -> Literal:
    match form:
        case "text":
            return Literal(value)
        case "english":
            return Literal(value, language="en")
        case "date":
            form = {4: "gYear", 7: "gYearMonth", 10: "date"}[len(value)]
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
