"""The controlled vocabularies of the ontology, as an annotator names them.

An annotation names a power, an action, a voice, … by its ``skos:notation``
(`SKOS Reference, section 6 <https://www.w3.org/TR/skos-reference/#notations>`_).
This module reads the notations out of the Turtle files of the ontology and
sorts the terms into kinds, by class (``nhs:Power``) or by concept scheme.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType
from typing import Final

import pyoxigraph as ox

from nhskg.rdf import terms
from nhskg.rdf.errors import AnnotationError, Fault, InputError, Place

__all__ = ["Kind", "Term", "Vocabulary", "load_vocabulary"]


class Kind(StrEnum):
    """What an id stands for: a thing of the register, or a term of a vocabulary."""

    PERSON = "person"
    ORGANISATION = "organisation"
    POST = "post"
    PLAN = "plan"
    MATTER = "matter"
    BUDGET = "budget"
    PAYMENT_MECHANISM = "payment mechanism"
    INSTRUMENT = "instrument"
    COHORT = "cohort"
    CONDITION = "condition"
    EVENT = "event"
    WORK = "work"
    PLACE = "place"
    POWER = "power"
    BODY_KIND = "kind of body"
    ACTION = "action"
    MODALITY = "modality"
    DEONTIC = "deontic kind"
    QUALIFIER = "qualifier"
    EXTENT = "extent"
    VOICE = "voice"
    POLARITY = "polarity"
    STATUS = "status"
    PREDICATE = "predicate"
    CLASS = "class"
    OTHER = "term of the ontology"

    @property
    def with_article(self) -> str:
        """The kind as it stands in a sentence: ``a cohort``, ``an organisation``."""
        return f"{'an' if self.value[0] in 'aeiou' else 'a'} {self.value}"

    @property
    def in_vocabulary(self) -> bool:
        """Whether the ontology, not the register, declares things of this kind."""
        return self not in REGISTER_KINDS


REGISTER_KINDS: Final = frozenset(
    {
        Kind.PERSON,
        Kind.ORGANISATION,
        Kind.POST,
        Kind.PLAN,
        Kind.MATTER,
        Kind.BUDGET,
        Kind.PAYMENT_MECHANISM,
        Kind.INSTRUMENT,
        Kind.COHORT,
        Kind.CONDITION,
        Kind.EVENT,
        Kind.WORK,
        Kind.PLACE,
    }
)
"""The kinds that the register declares; the ontology declares the others."""

_KIND_OF_CLASS: Final[Mapping[str, Kind]] = {
    "action": Kind.ACTION,
    "bearer": Kind.QUALIFIER,
    "bearerqualifier": Kind.QUALIFIER,
    "body": Kind.BODY_KIND,
    "bodykind": Kind.BODY_KIND,
    "deontic": Kind.DEONTIC,
    "deontickind": Kind.DEONTIC,
    "extent": Kind.EXTENT,
    "modality": Kind.MODALITY,
    "planstatus": Kind.STATUS,
    "polarity": Kind.POLARITY,
    "power": Kind.POWER,
    "qualifier": Kind.QUALIFIER,
    "relationpredicate": Kind.PREDICATE,
    "predicate": Kind.PREDICATE,
    "relationpolarity": Kind.POLARITY,
    "stancepolarity": Kind.POLARITY,
    "status": Kind.STATUS,
    "verbalextent": Kind.EXTENT,
    "voice": Kind.VOICE,
}
"""Kinds by the local name, in lower case and without ``Scheme``, of a class or a scheme."""


@dataclass(frozen=True, slots=True)
class Term:
    """One term of a controlled vocabulary."""

    iri: str
    slug: str
    label: str
    kind: Kind
    types: frozenset[str]
    """IRIs of its classes, those that ``rdfs:subClassOf`` gives included."""
    definition: str
    place: Place
    """Where its notation stands in the ontology."""

    def is_a(self, local_name: str) -> bool:
        """Return whether the term is of the class ``nhs:<local_name>``."""
        return terms.NS + local_name in self.types


@dataclass(frozen=True)
class Vocabulary:
    """The terms of all vocabularies by slug, in alphabetical order."""

    terms: Mapping[str, Term] = field(repr=False)
    _by_kind: dict[Kind, tuple[Term, ...]] = field(default_factory=dict, compare=False, repr=False)

    def get(self, slug: str) -> Term | None:
        """Return the term of a slug, or None."""
        return self.terms.get(slug)

    def of_kind(self, kind: Kind) -> tuple[Term, ...]:
        """Return the terms of one kind, by slug."""
        if not self._by_kind:
            found: dict[Kind, list[Term]] = defaultdict(list)
            for term in self.terms.values():
                found[term.kind].append(term)
            self._by_kind.update({each: tuple(group) for each, group in found.items()})
        return self._by_kind.get(kind, ())

    def slugs(self, kinds: Iterable[Kind]) -> tuple[str, ...]:
        """Return the slugs of all terms of the given kinds, sorted."""
        return tuple(sorted(term.slug for kind in kinds for term in self.of_kind(kind)))


def load_vocabulary(ontology: Path) -> Vocabulary:
    """Read the vocabularies out of the Turtle files of a folder.

    Raises InputError where the folder or a file cannot be read or parsed, and
    AnnotationError (an InputError) where two terms share a notation.
    """
    paths = sorted(ontology.glob("*.ttl"))
    if not paths:
        raise InputError("no ontology here: no *.ttl in the folder", place=Place(ontology))
    texts = {path: _read(path) for path in paths}
    index = _index(triple for path, text in texts.items() for triple in _parse(path, text))
    notations: dict[str, list[str]] = defaultdict(list)
    for subject, slugs in index["notation"].items():
        for slug in slugs:
            notations[slug].append(subject)
    faults = [
        Fault(
            _notation_place(texts, slug),
            f"the notation '{slug}' is given to {len(subjects)} terms: "
            f"{', '.join(terms.compact(each) for each in sorted(subjects))}; keep one",
        )
        for slug, subjects in notations.items()
        if len(subjects) > 1
    ]
    if faults:
        raise AnnotationError(faults)
    slug_of = {subjects[0]: slug for slug, subjects in notations.items()}
    return Vocabulary(
        MappingProxyType(
            {
                slug: _term(iri, slug, index, _notation_place(texts, slug))
                for iri, slug in sorted(slug_of.items(), key=lambda pair: pair[1])
            }
        )
    )


_Index = Mapping[str, Mapping[str, list[str]]]

_READ: Final[Mapping[str, str]] = {
    terms.SKOS + "notation": "notation",
    terms.SKOS + "prefLabel": "label",
    terms.RDFS + "label": "rdfs label",
    terms.SKOS + "definition": "definition",
    terms.SKOS + "inScheme": "scheme",
    terms.RDF_TYPE: "type",
    terms.RDFS + "subClassOf": "superclass",
}


def _read(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"cannot read the ontology: {error}", place=Place(path)) from error


def _parse(path: Path, text: str) -> Iterable[ox.Triple | ox.Quad]:
    try:
        yield from ox.parse(input=text, format=ox.RdfFormat.TURTLE)
    except SyntaxError as error:
        place = Place(path, error.lineno, error.offset)
        raise InputError(f"not valid Turtle: {error.msg}", place=place) from error


def _index(triples: Iterable[ox.Triple | ox.Quad]) -> _Index:
    found: dict[str, dict[str, list[str]]] = {name: defaultdict(list) for name in _READ.values()}
    for triple in triples:
        name = _READ.get(triple.predicate.value)
        subject, value = triple.subject, triple.object
        if name is None or not isinstance(subject, ox.NamedNode):
            continue
        if not isinstance(value, ox.NamedNode | ox.Literal):
            continue
        values = found[name][subject.value]
        if value.value not in values:
            values.append(value.value)
    return found


def _term(iri: str, slug: str, index: _Index, place: Place) -> Term:
    types = _closure(index["type"].get(iri, ()), index["superclass"])
    schemes = index["scheme"].get(iri, ())
    labels = index["label"].get(iri) or index["rdfs label"].get(iri) or [slug]
    definitions = index["definition"].get(iri) or [""]
    return Term(
        iri=iri,
        slug=slug,
        label=labels[0],
        kind=_kind(types, schemes),
        types=types,
        definition=definitions[0],
        place=place,
    )


def _closure(classes: Iterable[str], superclasses: Mapping[str, list[str]]) -> frozenset[str]:
    seen: set[str] = set()
    queue = list(classes)
    while queue:
        each = queue.pop()
        if each not in seen:
            seen.add(each)
            queue.extend(superclasses.get(each, ()))
    return frozenset(seen)


def _kind(types: Iterable[str], schemes: Iterable[str]) -> Kind:
    if terms.OWL + "Class" in types:
        return Kind.CLASS
    for iri in (*sorted(types), *sorted(schemes)):
        if iri.startswith(terms.NS):
            name = terms.local_name(iri).removesuffix("Scheme").lower()
            if name in _KIND_OF_CLASS:
                return _KIND_OF_CLASS[name]
    return Kind.OTHER


def _notation_place(texts: Mapping[Path, str], slug: str) -> Place:
    """Return the first line on which the notation is written; parsers don't tell lines."""
    pattern = re.compile(rf"skos:notation\b[^\n]*[\"']{re.escape(slug)}[\"']")
    for path, text in texts.items():
        found = pattern.search(text)
        if found:
            return Place(path, text.count("\n", 0, found.start()) + 1)
    return Place(next(iter(texts)))
