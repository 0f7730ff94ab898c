"""Which predicate each field of an annotation becomes: one table, read forwards and backwards.

``mapping`` writes a field by it, ``source_locations`` finds the field that a predicate comes from,
and ``tools/json_ld_context.py`` makes a JSON-LD context of it. What needs more than a predicate (a
passage, a timing, a quantity, the kind of an entry) is mapped by itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from nhskg.rdf.terms import DCTERMS, NS, OA, ORG, RDF_TYPE, SCHEMA, SKOS, TIME

Form = Literal["link", "text", "english", "integer", "decimal", "boolean", "date", "duration"]
"""How a value is written: as an IRI, or as a literal of a language or datatype."""


@dataclass(frozen=True, slots=True)
class Property:
    """The predicate that a field becomes, and the form of its values."""

    iri: str
    form: Form


_OWN_NAME: Final = """
    about action baseline capacity claimant cohort denies deontic extent given matter modality
    object polarity power predicate result subject target voice
"""

_LINKS: Final = {
    **{name: NS + name for name in _OWN_NAME.split()},
    "after": TIME + "after",
    "before": TIME + "before",
    "broader": SKOS + "broader",
    "by": NS + "carriedOutBy",
    "candidates": NS + "candidate",
    "classification": ORG + "classification",
    "during": TIME + "intervalDuring",
    "from_": NS + "fromBody",
    "gate": NS + "effectiveWhen",
    "occasion": NS + "setOutIn",
    "of": NS + "shareOf",
    "on": NS + "subject",
    "part_of": DCTERMS + "isPartOf",
    "plan": NS + "provisionOf",
    "post_in": ORG + "postIn",
    "publisher": DCTERMS + "publisher",
    "qualifier": NS + "bearerQualifier",
    "stance_of": NS + "subject",
    "subject_to": NS + "subjectTo",
    "to": NS + "toBody",
}

_LITERALS: Final[dict[str, tuple[str, Form]]] = {
    "alt": (SKOS + "altLabel", "english"),
    "amount": (SCHEMA + "value", "decimal"),
    "approximate": (NS + "approximate", "boolean"),
    "assessment": (DCTERMS + "abstract", "text"),
    "currency": (SCHEMA + "currency", "text"),
    "definition": (SKOS + "definition", "english"),
    "hedge": (NS + "hedge", "text"),
    "inferred": (NS + "inferred", "boolean"),
    "label": (SKOS + "prefLabel", "english"),
    "lasting": (TIME + "hasXSDDuration", "duration"),
    "length": (NS + "codePointLength", "integer"),
    "new_name": (NS + "newName", "text"),
    "not_after": (NS + "notAfter", "date"),
    "not_before": (NS + "notBefore", "date"),
    "note": (SKOS + "editorialNote", "text"),
    "prefix": (OA + "prefix", "text"),
    "quote": (OA + "exact", "text"),
    "sha256": (SCHEMA + "sha256", "text"),
    "share": (SCHEMA + "value", "decimal"),
    "source": (DCTERMS + "identifier", "text"),
    "stated": (NS + "statedAs", "text"),
    "suffix": (OA + "suffix", "text"),
    "within": (NS + "withinDuration", "duration"),
}

PREDICATES: Final[dict[str, Property]] = {
    **{name: Property(iri, "link") for name, iri in _LINKS.items()},
    **{name: Property(*pair) for name, pair in _LITERALS.items()},
}
"""The property of a field, by the name that the field has in the models."""

_MAPPED_APART: Final = {
    DCTERMS + "type": ("type",),
    RDF_TYPE: ("kind", "type"),
    NS + "evidence": ("quote",),
    NS + "quantity": ("quantity",),
    NS + "timing": ("timing", "issued"),
    OA + "end": ("at",),
    OA + "hasSelector": ("at", "quote"),
    OA + "start": ("at",),
    SKOS + "notation": ("id",),
}


def field_name(name: str) -> str:
    """Return the name that a field has in a file, by the one that it has in the models."""
    return {"classification": "kind", "from_": "from"}.get(name, name)


def source_fields() -> dict[str, tuple[str, ...]]:
    """Return the fields of a file that each predicate can come from, in the order to look.

    >>> source_fields()[SCHEMA + "value"]
    ('amount', 'share')
    """
    found = dict(_MAPPED_APART)
    for name, each in PREDICATES.items():
        found[each.iri] = (*found.get(each.iri, ()), field_name(name))
    return found
