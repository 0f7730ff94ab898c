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

from nhskg.annotation import claims as model
from nhskg.graph.quads import GraphWriter
from nhskg.graph.values import write_quantity, write_timing
from nhskg.terms import (
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

__all__ = ["map_document"]


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
    out, resolve = context.out, context.resolve
    iri = claim(context.slug, each.id)

    def one(name: str, value: str | None) -> None:
        if value is not None:
            out.link(iri, NS + name, resolve(value))

    def many(name: str, values: tuple[str, ...]) -> None:
        out.links(iri, NS + name, map(resolve, values))

    one("claimant", each.claimant)
    one("capacity", each.capacity)
    one("occasion", each.occasion)
    one("voice", each.voice)
    one("denies", each.denies)
    out.text(iri, NS + "hedge", each.hedge)
    out.text(iri, SKOS + "editorialNote", each.note)
    match each:
        case model.Provision():
            _map_provision(context, each, iri, one, many)
        case model.Stance():
            out.types(iri, NS + "Stance")
            one("polarity", each.polarity)
            one("about", each.about)
            many("stanceOf", each.stance_of)
            out.text(iri, NS + "assessment", each.assessment)
            many("given", each.given)
            one("modality", each.modality)
            one("extent", each.extent)
            _timing(context, iri, each.timing)
        case model.Silence():
            out.types(iri, NS + "Silence")
            one("subject", each.subject)
            one("about", each.about)
            one("power", each.power)
            one("matter", each.matter)
            many("candidate", each.candidates)
        case model.Relation():
            out.types(iri, NS + "RelationClaim")
            one("subject", each.subject)
            one("predicate", each.predicate)
            one("object", each.object)
            one("polarity", each.polarity)
            one("modality", each.modality)
            many("given", each.given)
            _timing(context, iri, each.timing)
    for number, part in enumerate((each, *each.also), start=1):
        _map_evidence(context, iri, number, part)


def _map_provision(
    context: _Context,
    each: model.Provision,
    iri: str,
    one: Callable[[str, str | None], None],
    many: Callable[[str, tuple[str, ...]], None],
) -> None:
    out = context.out
    out.types(iri, NS + "Provision")
    one("provisionOf", each.plan)
    one("action", each.action)
    one("power", each.power)
    one("matter", each.matter)
    many("fromBody", each.from_)
    many("toBody", each.to)
    many("actor", each.by)
    one("bearerQualifier", each.qualifier)
    many("target", each.target)
    one("result", each.result)
    out.text(iri, NS + "newName", each.new_name)
    one("modality", each.modality)
    one("deontic", each.deontic)
    one("effectiveWhen", each.gate)
    many("subjectTo", each.subject_to)
    one("cohort", each.cohort)
    if each.quantity:
        how_much = write_quantity(out, each.quantity, resolve=context.resolve, label=context.label)
        out.link(iri, NS + "quantity", how_much)
    _timing(context, iri, each.timing)


def _timing(context: _Context, iri: str, timing: model.Timing | None) -> None:
    if timing is not None:
        when = write_timing(context.out, timing, iri=f"{iri}/timing", resolve=context.resolve)
        context.out.link(iri, NS + "timing", when)


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
