"""The controlled vocabularies of the ontology, as an annotator names them.

An annotation names a power, an action, a voice, … by its ``skos:notation``
(`SKOS Reference, section 6 <https://www.w3.org/TR/skos-reference/#notations>`_). The terms are
sorted into kinds, by concept scheme (``nhs:VoiceScheme``) or by class (``nhs:Power``). A term of a
corpus's own namespace that has no notation is named by its local name, ``my:ShopLicence`` as
``shop-licence``; where another term has that name, with its prefix, as ``my:shop-licence``.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Any, Final, NamedTuple

import pyoxigraph as ox

from nhskg.rdf import terms
from nhskg.rdf.errors import AnnotationError, Fault, InputError, Place
from nhskg.rdf.files import AnyFolder, files_in
from nhskg.rdf.lines import find_places, read_rdf


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
        """The kind in a sentence: ``a cohort``, ``an organisation``."""
        return f"{'an' if self.value[0] in 'aeiou' else 'a'} {self.value}"


_KINDS: Final = {
    "ActionScheme": Kind.ACTION,
    "BearerQualifierScheme": Kind.QUALIFIER,
    "BodyKind": Kind.BODY_KIND,
    "DeonticKindScheme": Kind.DEONTIC,
    "ExtentScheme": Kind.EXTENT,
    "ModalityScheme": Kind.MODALITY,
    "PlanStatusScheme": Kind.STATUS,
    "Power": Kind.POWER,
    "RelationPolarityScheme": Kind.POLARITY,
    "RelationPredicate": Kind.PREDICATE,
    "StancePolarityScheme": Kind.POLARITY,
    "VoiceScheme": Kind.VOICE,
}
"""Kinds by the local name of a concept scheme or class."""

REGISTER_KINDS: Final = frozenset(Kind) - {*_KINDS.values(), Kind.OTHER}
"""The kinds that the register declares; the ontology declares the others."""

_WORDS: Final = ("Account", "Bound", "ConditionType", "EventType", "MatterType", "WorkType")
_NO_IDS: Final = {
    terms.OWL + "Class",
    *(f"{terms.NS}{each}Scheme" for each in (*_WORDS, "Basis", "Effect", "Gap", "Tension")),
}
"""What no id names: classes, what only one field of the models names, and what is only derived."""


class Term(NamedTuple):
    """One term of a controlled vocabulary, and where its notation stands in the ontology."""

    iri: str
    slug: str
    label: str
    kind: Kind
    definition: str
    place: Place


Vocabulary = Mapping[str, Term]
"""The terms of all vocabularies by slug, in alphabetical order."""

_TERMS: Final = f"""
PREFIX rdfs: <{terms.RDFS}>
PREFIX skos: <{terms.SKOS}>
SELECT ?term ?slug (SAMPLE(?name) AS ?label) (SAMPLE(?text) AS ?definition)
       (GROUP_CONCAT(DISTINCT STR(?in)) AS ?groups) {{
  {{ ?term skos:notation ?slug }} UNION {{
    VALUES ?group {{ {" ".join(f"<{terms.NS}{each}>" for each in _KINDS)} }}
    ?term skos:inScheme|a/rdfs:subClassOf* ?group
    FILTER NOT EXISTS {{ ?term skos:notation ?none }}
    FILTER (!STRSTARTS(STR(?term), "{terms.NS}"))
  }}
  FILTER isIRI(?term)
  OPTIONAL {{ ?term skos:prefLabel ?name }}
  OPTIONAL {{ ?term skos:definition ?text }}
  OPTIONAL {{ ?term skos:inScheme|a/rdfs:subClassOf* ?in }}
}} GROUP BY ?term ?slug ORDER BY ?term
"""


def is_ours(iri: str) -> bool:
    """Return whether a term is of a namespace that nhskg itself has a prefix for."""
    return iri.removesuffix(terms.local_name(iri)) in terms.PREFIXES.values()


def _name_of(iri: str) -> str:
    """Return the local name of a term as lower-case words joined by hyphens."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|_", "-", terms.local_name(iri)).lower()


def load_vocabulary(ontology: AnyFolder) -> Vocabulary:
    """Read the vocabularies out of the Turtle files of a folder.

    Raises InputError where one cannot be read, AnnotationError where two terms share a notation.
    """
    paths = files_in(ontology, ".ttl")
    if not paths:
        raise InputError("no ontology here: no *.ttl in the folder", place=Place(Path(ontology)))
    files = [read_rdf(path) for path in paths]
    store = ox.Store()
    store.extend(quad for file in files for quad in file.quads)
    solutions = store.query(_TERMS)
    assert isinstance(solutions, ox.QuerySolutions)
    rows = [[each and each.value for each in row] for row in solutions]
    prefixes = {iri: prefix for file in files for prefix, iri in file.prefixes.items() if prefix}
    count = Counter(slug or _name_of(iri) for iri, slug, *_ in rows)
    named: dict[str, list[list[Any]]] = defaultdict(list)
    for iri, slug, label, *rest in rows:
        name = slug or _name_of(iri)
        prefix = prefixes.get(iri.removesuffix(terms.local_name(iri)), "")
        is_shared = count[name] > 1 and prefix and not is_ours(iri)
        found = [iri, label or slug or name.replace("-", " "), *rest]
        named[f"{prefix}:{name}" if is_shared else name].append(found)
    vocabulary: dict[str, Term] = {}
    faults = []
    for slug, ((iri, label, definition, groups), *others) in sorted(named.items()):
        place = find_places(files, ox.NamedNode(iri), ox.NamedNode(terms.SKOS + "notation"))[0]
        if others:
            names = ", ".join(terms.compact(each) for each in (iri, *(row[0] for row in others)))
            given = f"the notation '{slug}' is given to {len(others) + 1} terms"
            faults.append(Fault(place, f"{given}: {names}; keep one"))
        classes = sorted(groups.split())
        kinds = (_KINDS.get(each.removeprefix(terms.NS)) for each in classes)
        kind = next(filter(None, kinds), Kind.OTHER)
        if not _NO_IDS.intersection(classes):
            vocabulary[slug] = Term(iri, slug, label, kind, definition or "", place)
    if faults:
        raise AnnotationError(faults)
    return vocabulary
