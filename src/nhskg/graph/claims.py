"""The claims of one document as RDF, each with its evidence.

The evidence of a claim is an ``oa:SpecificResource`` of the Web Annotation data
model: its source is the document, a ``TextPositionSelector`` selects the
passage (``oa:start``, ``oa:end``, in Unicode code points), and a
``TextQuoteSelector`` marks the place in it (``oa:exact``, with ``oa:prefix`` and
``oa:suffix`` where the words alone would not).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from nhskg.annotation import claims as model
from nhskg.graph.quads import GraphWriter
from nhskg.graph.values import write_quantity, write_timing
from nhskg.rdf.terms import (
    DCTERMS,
    FOAF,
    ID,
    NS,
    OA,
    SCHEMA,
    SKOS,
    claim,
    document,
    document_graph,
    reporter,
)

__all__ = ["LINKS", "TEXTS", "map_document"]

_CLASSES: Final = {
    model.Provision: NS + "Provision",
    model.Stance: NS + "Stance",
    model.Silence: NS + "Silence",
    model.Relation: NS + "RelationClaim",
}

_SAME_NAME: Final = """
    about action capacity claimant cohort denies deontic extent given matter modality object
    occasion polarity power predicate result subject target voice
"""
LINKS: Final = {
    **{name: NS + name for name in _SAME_NAME.split()},
    "by": NS + "actor",
    "candidates": NS + "candidate",
    "from_": NS + "fromBody",
    "gate": NS + "effectiveWhen",
    "plan": NS + "provisionOf",
    "qualifier": NS + "bearerQualifier",
    "stance_of": NS + "stanceOf",
    "subject_to": NS + "subjectTo",
    "to": NS + "toBody",
}
"""From a field of a claim that names something, or several things, to its property."""

TEXTS: Final = {
    "assessment": NS + "assessment",
    "hedge": NS + "hedge",
    "new_name": NS + "newName",
    "note": SKOS + "editorialNote",
}
"""From a field of a claim that holds words to its property."""


@dataclass(frozen=True, slots=True)
class _Context:
    """What mapping a claim needs: the document, and the ways from ids to IRIs and words."""

    out: GraphWriter
    slug: str
    resolve: Callable[[str], str]
    label: Callable[[str], str]


def map_document(
    file: model.DocumentFile,
    resolve: Callable[[str, str], str],
    label: Callable[[str], str],
) -> GraphWriter:
    """State what a document says in the graph of that document.

    Args:
        file: the annotated document.
        resolve: from an id, and the slug of the document it stands in, to an IRI.
        label: from an id to the words for it.
    """
    slug = file.document.id
    context = _Context(
        GraphWriter(document_graph(slug)), slug, lambda ref: resolve(ref, slug), label
    )
    _map_header(context, file.document)
    for each in file.claims:
        _map_claim(context, each)
    return context.out


def _map_header(context: _Context, header: model.DocumentHeader) -> None:
    out, iri = context.out, document(header.id)
    out.types(iri, NS + "SourceDocument")
    out.name(iri, header.id, header.label)
    out.text(iri, DCTERMS + "identifier", header.source)
    out.text(iri, SCHEMA + "sha256", header.sha256)
    out.number(iri, NS + "codePointLength", header.length)
    out.text(iri, SKOS + "editorialNote", header.note)
    if header.publisher:
        out.link(iri, DCTERMS + "publisher", context.resolve(header.publisher))
    if header.issued:
        when = write_timing(out, header.issued, iri=f"{iri}/issued", resolve=context.resolve)
        out.link(iri, NS + "issuedAt", when)
    writer = reporter(header.id)
    out.types(writer, FOAF + "Person")
    out.name(writer, f"reporter-of-{header.id}", "the reporter")


def _map_claim(context: _Context, each: model.AnyClaim) -> None:
    out, iri = context.out, claim(context.slug, each.id)
    out.types(iri, _CLASSES[type(each)])
    for name in type(each).model_fields:
        value = getattr(each, name)
        if value and name in LINKS:
            named = (value,) if isinstance(value, str) else value
            out.links(iri, LINKS[name], map(context.resolve, named))
        elif name in TEXTS:
            out.text(iri, TEXTS[name], value)
    if isinstance(each, model.Provision) and each.quantity:
        how_much = write_quantity(out, each.quantity, resolve=context.resolve, label=context.label)
        out.link(iri, NS + "quantity", how_much)
    if not isinstance(each, model.Silence) and each.timing:
        when = write_timing(out, each.timing, iri=f"{iri}/timing", resolve=context.resolve)
        out.link(iri, NS + "timing", when)
    for number, part in enumerate((each, *each.also), start=1):
        _map_evidence(context, iri, number, part)


def _map_evidence(context: _Context, iri: str, number: int, part: model.Passage) -> None:
    out = context.out
    evidence = f"{iri}/evidence/{number}"
    out.link(iri, NS + "evidence", evidence)
    out.types(evidence, OA + "SpecificResource")
    out.link(evidence, OA + "hasSource", document(context.slug))
    if part.at is not None:
        start, end = part.at
        position = f"{ID}passage/{context.slug}/{start}-{end}"
        out.link(evidence, OA + "hasSelector", position)
        out.types(position, OA + "TextPositionSelector")
        out.number(position, OA + "start", start)
        out.number(position, OA + "end", end)
    quote = f"{evidence}/quote"
    out.link(evidence, OA + "hasSelector", quote)
    out.types(quote, OA + "TextQuoteSelector")
    out.text(quote, OA + "exact", part.quote)
    out.text(quote, OA + "prefix", part.prefix)
    out.text(quote, OA + "suffix", part.suffix)
