"""Times and quantities as RDF: OWL-Time, and amounts with schema.org's properties."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

from nhskg.annotation.claims import IssuedDate, Quantity, Timing
from nhskg.graph.quads import GraphWriter, canonical_decimal
from nhskg.rdf.terms import ID, NS, SCHEMA, SKOS, TIME

__all__ = ["write_quantity", "write_timing"]

Resolve = Callable[[str], str]
Label = Callable[[str], str]

_DATATYPES = {4: "gYear", 7: "gYearMonth", 10: "date"}


def write_timing(
    out: GraphWriter, timing: Timing | IssuedDate, *, iri: str, resolve: Resolve
) -> str:
    """State when something holds, as a ``time:TemporalEntity``.

    Dates keep the precision of the text: a year is an ``xsd:gYear``, a month an
    ``xsd:gYearMonth``, a day an ``xsd:date``.

    Args:
        out: where to state it.
        timing: what the annotation says.
        iri: the IRI of the time itself, made from that of the claim or the document.
        resolve: from an id to an IRI.

    Returns:
        The IRI of the time.
    """
    out.types(iri, TIME + "TemporalEntity")
    out.text(iri, NS + "statedAs", timing.stated)
    for name, value in (("notBefore", timing.not_before), ("notAfter", timing.not_after)):
        if value is not None:
            out.typed(iri, NS + name, value, _DATATYPES[len(value)])
    for name, other in (
        ("after", timing.after),
        ("before", timing.before),
        ("intervalDuring", timing.during),
    ):
        if other is not None:
            out.link(iri, TIME + name, resolve(other))
    if isinstance(timing, Timing):
        if timing.within is not None:
            out.typed(iri, NS + "withinDuration", timing.within, "duration")
        if timing.lasting is not None:
            out.types(iri, TIME + "ProperInterval")
            out.typed(iri, TIME + "hasXSDDuration", timing.lasting, "duration")
    out.flag(iri, NS + "inferred", value=timing.inferred)
    return iri


def write_quantity(out: GraphWriter, quantity: Quantity, *, resolve: Resolve, label: Label) -> str:
    """State an amount, a share or an extent; equal quantities share one IRI.

    Args:
        out: where to state it.
        quantity: what the annotation says.
        resolve: from an id to an IRI.
        label: from an id to the words for it.

    Returns:
        The IRI of the quantity, made from its content.
    """
    words, key = _words(quantity, label), quantity.model_dump_json()
    iri = f"{ID}quantity/{hashlib.sha256(key.encode()).hexdigest()[:12]}"
    out.types(iri, NS + "Quantity")
    out.english(iri, SKOS + "prefLabel", words)
    value = quantity.amount if quantity.amount is not None else quantity.share
    out.number(iri, SCHEMA + "value", value)
    out.text(iri, SCHEMA + "currency", quantity.currency)
    if quantity.of is not None:
        out.link(iri, NS + "shareOf", resolve(quantity.of))
    if quantity.extent is not None:
        out.link(iri, NS + "extent", resolve(quantity.extent))
    out.flag(iri, NS + "approximate", value=quantity.approximate)
    return iri


def _words(quantity: Quantity, label: Label) -> str:
    about = "about " if quantity.approximate else ""
    if quantity.amount is not None:
        return f"{about}{quantity.currency or ''} {int(quantity.amount):,}".strip()
    if quantity.share is not None:
        of = f" of {label(quantity.of)}" if quantity.of else ""
        return f"{about}{canonical_decimal(quantity.share * 100)} per cent{of}"
    extent = label(quantity.extent) if quantity.extent else "some quantity"
    return f"{extent} of {label(quantity.of)}" if quantity.of else extent
