"""The register of shared things as RDF."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

from nhskg.annotation import register as model
from nhskg.graph.quads import GraphWriter
from nhskg.graph.values import write_quantity
from nhskg.rdf.terms import (
    CURATOR,
    DCTERMS,
    ELI,
    FOAF,
    NS,
    ORG,
    REGISTER_GRAPH,
    SCHEMA,
    SKOS,
    thing,
)

__all__ = ["map_register"]

_CLASSES: Final[dict[type[model.Thing], str]] = {
    model.Person: FOAF + "Person",
    model.Organisation: NS + "Organisation",
    model.Post: ORG + "Post",
    model.Matter: NS + "Matter",
    model.Budget: NS + "Budget",
    model.PaymentMechanism: NS + "PaymentMechanism",
    model.Instrument: ELI + "LegalResource",
    model.Cohort: NS + "Cohort",
    model.Condition: NS + "Condition",
    model.PlaceThing: SCHEMA + "Place",
}

_TYPES: Final = {
    "article": "Article",
    "column": "Column",
    "conference": "Conference",
    "election": "Election",
    "interview": "Interview",
    "letter": "Letter",
    "other": "Event",
    "policy-document": "PolicyDocument",
    "proposal": "Proposal",
    "publication": "Publication",
    "report": "Report",
    "review": "Review",
    "speech": "Speech",
    "status-quo": "StatusQuo",
}


def map_register(
    things: Iterable[model.Thing], resolve: Callable[[str], str], label: Callable[[str], str]
) -> GraphWriter:
    """State every thing of the register in the register's graph.

    Args:
        things: the register.
        resolve: from an id to an IRI.
        label: from an id to the words for it.
    """
    out = GraphWriter(REGISTER_GRAPH)
    out.types(CURATOR, FOAF + "Agent")
    out.name(CURATOR, "curator", "curators of the corpus")
    for each in things:
        iri = thing(each.id)
        out.types(iri, _class(each))
        out.name(iri, each.id, each.label, each.alt, each.definition)
        out.text(iri, SKOS + "editorialNote", each.note)
        _details(out, each, iri, resolve, label)
    return out


def _class(each: model.Thing) -> str:
    if isinstance(each, model.Plan | model.Event | model.Work):
        return NS + _TYPES[each.type]
    return _CLASSES[type(each)]


def _details(
    out: GraphWriter,
    each: model.Thing,
    iri: str,
    resolve: Callable[[str], str],
    label: Callable[[str], str],
) -> None:
    match each:
        case model.Organisation(kind=str(kind)):
            out.link(iri, ORG + "classification", resolve(kind))
        case model.Post(post_in=str(where)):
            out.link(iri, ORG + "postIn", resolve(where))
        case model.Plan(baseline=str(baseline)):
            out.link(iri, NS + "baseline", resolve(baseline))
        case model.Matter(broader=broader):
            out.links(iri, SKOS + "broader", map(resolve, broader))
        case model.Instrument(part_of=str(whole)):
            out.link(iri, DCTERMS + "isPartOf", resolve(whole))
        case model.Condition(on=bodies, quantity=quantity):
            out.links(iri, NS + "conditionOn", map(resolve, bodies))
            if quantity is not None:
                how_much = write_quantity(out, quantity, resolve=resolve, label=label)
                out.link(iri, NS + "quantity", how_much)
        case _:
            pass
