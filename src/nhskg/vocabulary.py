"""The controlled vocabularies of the ontology, as an annotator names them.

An annotation names a power, an action, a voice, … by its ``skos:notation``
(`SKOS Reference, section 6 <https://www.w3.org/TR/skos-reference/#notations>`_).
This module reads the notations out of the Turtle files of the ontology and
sorts the terms into kinds, by concept scheme (``nhs:VoiceScheme``) or by class (``nhs:Power``).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Final

import pyoxigraph as ox

from nhskg.rdf import terms
from nhskg.rdf.errors import AnnotationError, Fault, InputError, Place
from nhskg.rdf.lines import RdfFile, find_places, read_rdf

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
    OTHER = "term of the ontology"

    @property
    def with_article(self) -> str:
        """The kind as it stands in a sentence: ``a cohort``, ``an organisation``."""
        return f"{'an' if self.value[0] in 'aeiou' else 'a'} {self.value}"

    @property
    def in_vocabulary(self) -> bool:
        """Whether the ontology, not the register, declares things of this kind."""
        return self not in REGISTER_KINDS


_KINDS: Final[Mapping[str, Kind]] = {
    terms.NS + "ActionScheme": Kind.ACTION,
    terms.NS + "BearerQualifierScheme": Kind.QUALIFIER,
    terms.NS + "BodyKind": Kind.BODY_KIND,
    terms.NS + "DeonticKindScheme": Kind.DEONTIC,
    terms.NS + "ExtentScheme": Kind.EXTENT,
    terms.NS + "ModalityScheme": Kind.MODALITY,
    terms.NS + "PlanStatusScheme": Kind.STATUS,
    terms.NS + "Power": Kind.POWER,
    terms.NS + "RelationPolarityScheme": Kind.POLARITY,
    terms.NS + "RelationPredicate": Kind.PREDICATE,
    terms.NS + "StancePolarityScheme": Kind.POLARITY,
    terms.NS + "VoiceScheme": Kind.VOICE,
}
"""Kinds by the concept scheme or the class of a term."""

REGISTER_KINDS: Final = frozenset(Kind) - {*_KINDS.values(), Kind.OTHER}
"""The kinds that the register declares; the ontology declares the others."""

_NO_IDS: Final = {terms.OWL + "Class", terms.NS + "EventTypeScheme", terms.NS + "WorkTypeScheme"}
"""What no id names: classes, and what only the field ``type`` of the register names."""


@dataclass(frozen=True, slots=True)
class Term:
    """One term of a controlled vocabulary."""

    iri: str
    slug: str
    label: str
    kind: Kind
    definition: str
    place: Place
    """Where its notation stands in the ontology."""


@dataclass(frozen=True)
class Vocabulary:
    """The terms of all vocabularies by slug, in alphabetical order."""

    terms: Mapping[str, Term] = field(repr=False)

    def get(self, slug: str) -> Term | None:
        """Return the term of a slug, or None."""
        return self.terms.get(slug)

    def of_kind(self, kind: Kind) -> tuple[Term, ...]:
        """Return the terms of one kind, by slug."""
        return tuple(term for term in self.terms.values() if term.kind is kind)

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
    files = [read_rdf(path) for path in paths]
    values: _Values = defaultdict(list)
    for triple in (triple for file in files for triple in file.triples):
        subject, value = triple.subject, triple.object
        if isinstance(subject, ox.NamedNode) and isinstance(value, ox.NamedNode | ox.Literal):
            values[subject.value, triple.predicate.value].append(value.value)
    named: dict[str, list[str]] = defaultdict(list)
    for (iri, predicate), slugs in values.items():
        if predicate == terms.SKOS + "notation":
            for slug in dict.fromkeys(slugs):
                named[slug].append(iri)
    faults = [
        Fault(
            _place(files, subjects[0]),
            f"the notation '{slug}' is given to {len(subjects)} terms: "
            f"{', '.join(terms.compact(each) for each in sorted(subjects))}; keep one",
        )
        for slug, subjects in named.items()
        if len(subjects) > 1
    ]
    if faults:
        raise AnnotationError(faults)
    found = (_term(iri, slug, values, files) for slug, (iri,) in sorted(named.items()))
    return Vocabulary({term.slug: term for term in found if term is not None})


_Values = dict[tuple[str, str], list[str]]
"""The IRIs and texts that the ontology gives a subject for a predicate."""


def _term(iri: str, slug: str, values: _Values, files: Sequence[RdfFile]) -> Term | None:
    """Return the term of a notation; nothing where no id names it."""
    groups = {*values.get((iri, terms.SKOS + "inScheme"), ()), *_classes(iri, values)}
    if groups & _NO_IDS:
        return None
    return Term(
        iri=iri,
        slug=slug,
        label=next(iter(values.get((iri, terms.SKOS + "prefLabel"), ())), slug),
        kind=next((_KINDS[each] for each in sorted(groups) if each in _KINDS), Kind.OTHER),
        definition=next(iter(values.get((iri, terms.SKOS + "definition"), ())), ""),
        place=_place(files, iri),
    )


def _classes(iri: str, values: _Values) -> set[str]:
    """Return the classes of a term, those that ``rdfs:subClassOf`` gives included."""
    seen: set[str] = set()
    queue = list(values.get((iri, terms.RDF_TYPE), ()))
    while queue:
        each = queue.pop()
        if each not in seen:
            seen.add(each)
            queue += values.get((each, terms.RDFS + "subClassOf"), ())
    return seen


def _place(files: Sequence[RdfFile], iri: str) -> Place:
    """Return the line on which a term has its notation."""
    return find_places(files, ox.NamedNode(iri), ox.NamedNode(terms.SKOS + "notation"))[0]
