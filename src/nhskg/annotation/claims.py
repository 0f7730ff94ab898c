"""The typed model of an annotated document, after ``docs/annotating.md``.

A claim is what somebody said: a provision of a plan, a stance, a silence, or a
relation between things. Positions are Unicode code points, end exclusive.
"""

from __future__ import annotations

from typing import Annotated, Final, Literal

from pydantic import BeforeValidator, ConfigDict, Field

from nhskg.annotation.fields import (
    ANYTHING,
    BODIES,
    MATTERS,
    CalendarDate,
    Context,
    Duration,
    Flag,
    Frozen,
    Line,
    Number,
    Offset,
    Pattern,
    Quote,
    Ref,
    Slug,
    Span,
    Text,
    listed,
    ref,
)
from nhskg.vocabulary import Kind

_SPEAKER: Final = ref(Kind.PERSON, *BODIES)
_OCCURRENCE: Final = ref(Kind.EVENT, Kind.WORK)

Target = Annotated[Text, ref(*BODIES, *MATTERS, Kind.INSTRUMENT, Kind.EVENT, Kind.WORK)]
Targets = Annotated[
    tuple[Target, ...],
    Field(min_length=1),
    BeforeValidator(listed, json_schema_input_type=Target | tuple[Target, ...]),
]
Anything = Annotated[Text, ref(*ANYTHING, claims=True)]
Body = Annotated[Text, ref(*BODIES)]
Bodies = Annotated[tuple[Body, ...], Field(min_length=1)]
Actors = Annotated[tuple[Annotated[Text, _SPEAKER], ...], Field(min_length=1)]
ConditionId = Annotated[Text, ref(Kind.CONDITION)]
Conditions = Annotated[tuple[ConditionId, ...], Field(min_length=1)]
CohortId = Annotated[Text, ref(Kind.COHORT)]
ExtentId = Annotated[Text, ref(Kind.EXTENT)]
ModalityId = Annotated[Text, ref(Kind.MODALITY)]
PlanId = Annotated[Text, ref(Kind.PLAN)]
Occurrence = Annotated[Text, _OCCURRENCE]


class Passage(Frozen):
    """A place in the text: the words that mark it, and the sentences that hold them."""

    quote: Quote = Field(
        description="at most 12 words of the text, verbatim, that mark the place; unique in "
        "the text, if need be with prefix or suffix"
    )
    prefix: Context | None = Field(None, description="verbatim text just before the quote")
    suffix: Context | None = Field(None, description="verbatim text just after the quote")
    through: Quote | None = Field(
        None,
        description="a second quote; the passage runs to the end of the sentence that holds it",
    )
    at: Span | None = Field(
        None, description="[start, end) of the passage in code points; machine-written"
    )


class IssuedDate(Frozen):
    """When a document was issued, as far as its own text states or implies."""

    stated: Quote | None = Field(None, description="the text's own words, at most 12")
    not_before: CalendarDate | None = Field(None, description="earliest year, month or day")
    not_after: CalendarDate | None = Field(None, description="latest year, month or day")
    after: Occurrence | None = Field(None, description="the event or work it comes after")
    before: Occurrence | None = Field(None, description="the event or work it comes before")
    during: Occurrence | None = Field(None, description="the event or work it falls in")
    inferred: Flag = Field(False, description="true where a date is computed from the text")


class Timing(IssuedDate):
    """When something holds or happens, as far as the text says."""

    stated: Quote = Field(description="the text's own words, at most 12")
    within: Duration | None = Field(None, description="how soon, as an ISO 8601 duration")
    lasting: Duration | None = Field(None, description="how long, as an ISO 8601 duration")


class Quantity(Frozen):
    """How much: an amount of money, a share of something, or a verbal extent."""

    model_config = ConfigDict(
        json_schema_extra={
            "oneOf": [
                {"required": ["amount", "currency"]},
                {"required": ["share", "of"]},
                {"required": ["extent"]},
            ]
        }
    )

    amount: Number | None = Field(None, description="an amount of money, in full digits")
    currency: Annotated[Text, Field(pattern="^[A-Z]{3}$")] | None = Field(
        None, description="its currency, as three capital letters (ISO 4217)"
    )
    share: Annotated[Number, Field(le=1)] | None = Field(None, description="a fraction from 0 to 1")
    of: Annotated[Text, ref(*MATTERS, Kind.COHORT, *BODIES)] | None = Field(
        None, description="what the share is a share of"
    )
    extent: ExtentId | None = Field(None, description="an extent given in words only")
    approximate: Flag = Field(False, description="true where the text hedges the number")


class Claim(Passage):
    """What every claim says of itself: who, in what capacity and voice, where."""

    id: Slug = Field(description="the claim's id, unique in the document")
    claimant: Annotated[Text, ref(Kind.PERSON, *BODIES, words=("reporter", "curator"))] = Field(
        description="who says it; 'reporter' for the writer of this document, 'curator' for "
        "what only we infer"
    )
    capacity: Annotated[Text, ref(Kind.POST)] | None = Field(
        None, description="the post in which the claimant speaks, as this text gives it"
    )
    occasion: Occurrence | None = Field(
        None, description="the speech, interview, column … in which it was said"
    )
    voice: Annotated[Text, ref(Kind.VOICE)] = Field(description="whose words these are")
    hedge: Quote | None = Field(None, description="the hedging words, verbatim and short")
    also: tuple[Passage, ...] = Field((), description="further passages", min_length=1)
    denies: Annotated[Text, Ref(claims=True)] | None = Field(
        None, description="claim/<id> or claim/<document>/<id> that this claim contradicts"
    )
    note: Line | None = Field(None, description="a remark of ours, in our own words")


class Provision(Claim):
    """What a plan makes of a power, a budget or a body."""

    kind: Literal["provision"]
    plan: PlanId = Field(description="the plan it belongs to")
    action: Annotated[Text, ref(Kind.ACTION)] = Field(description="what is done")
    power: Annotated[Text, ref(Kind.POWER)] | None = Field(
        None, description="what is conferred or taken away"
    )
    matter: Annotated[Text, ref(*MATTERS, Kind.INSTRUMENT, *BODIES)] | None = Field(
        None, description="what the power is over: a matter, budget, instrument or body"
    )
    from_: Bodies = Field((), alias="from", description="the bodies it is taken from")
    to: Bodies = Field((), description="the bodies it is given to")
    by: Actors = Field((), description="who acts: who makes the change, mandates it, develops it")
    qualifier: Annotated[Text, ref(Kind.QUALIFIER)] | None = Field(
        None, description="how the list of bodies is meant"
    )
    target: Targets = Field(
        (), description="what is abolished, merged, replaced, renamed, set up …: an id, or a list"
    )
    result: Target | None = Field(None, description="what follows the target")
    new_name: Line | None = Field(None, description="the new name of what is renamed")
    modality: ModalityId = Field(description="how firm it is")
    deontic: Annotated[Text, ref(Kind.DEONTIC)] | None = Field(
        None, description="whether it is given as power, duty or permission"
    )
    gate: ConditionId | None = Field(
        None, description="the condition to be met before it takes effect"
    )
    subject_to: Conditions = Field(
        (), description="conditions on how, where or by which body it is exercised"
    )
    cohort: CohortId | None = Field(
        None, description="the part of the population for which it holds"
    )
    quantity: Quantity | None = Field(None, description="how much of it")
    timing: Timing | None = Field(None, description="when")


class Stance(Claim):
    """What somebody thinks of something."""

    kind: Literal["stance"]
    polarity: Literal["supports", "opposes", "concerned", "open-to", "assesses"] = Field(
        description="for, against, worried about, open to, or assessing it plainly"
    )
    about: Anything = Field(description="what it is about: any thing, or a claim")
    stance_of: Annotated[tuple[Annotated[Text, _SPEAKER], ...], Field(min_length=1)] = Field(
        (), description="whose stance it is, where the claimant reports somebody else's"
    )
    assessment: Line | None = Field(None, description="what is said of it, in our own few words")
    given: Conditions = Field((), description="premises on which it is said")
    modality: ModalityId | None = Field(None, description="how firm it is")
    timing: Timing | None = Field(None, description="when")
    extent: ExtentId | None = Field(None, description="of how many or how much it is said")


class Silence(Claim):
    """A text says that a plan, or a person, says nothing."""

    kind: Literal["silence"]
    subject: Annotated[Text, ref(Kind.PLAN, Kind.PERSON)] = Field(
        description="the plan or person that is silent"
    )
    about: Anything | None = Field(None, description="what nothing is said about")
    power: Annotated[Text, ref(Kind.POWER)] | None = Field(
        None, description="the power whose holder is left open"
    )
    matter: Annotated[Text, ref(*MATTERS, Kind.INSTRUMENT, *BODIES)] | None = Field(
        None, description="what that power is over"
    )
    candidates: Bodies = Field((), description="the bodies among which it is left open")


class Relation(Claim):
    """Somebody affirms or denies a relation between two things."""

    kind: Literal["relation"]
    subject: Anything = Field(description="what the relation is of")
    predicate: Annotated[Text, ref(Kind.PREDICATE)] = Field(description="the relation")
    object: Anything | None = Field(None, description="what it is to; none for has-time")
    polarity: Literal["affirms", "denies"] = Field(description="whether it is said or denied")
    modality: ModalityId | None = Field(None, description="how firm it is")
    given: Conditions = Field((), description="premises on which it is said")
    timing: Timing | None = Field(None, description="when")


SomeClaim = Provision | Stance | Silence | Relation
"""Any of the four kinds of claim."""

AnyClaim = Annotated[SomeClaim, Field(discriminator="kind")]
"""Any claim; its ``kind`` says which."""

CLAIM_MODELS: Final[dict[str, type[SomeClaim]]] = {
    "provision": Provision,
    "stance": Stance,
    "silence": Silence,
    "relation": Relation,
}
"""The model of each kind of claim."""


class NoClaim(Passage):
    """A passage that says nothing the graph is about, and why."""

    reason: Line = Field(description="why no claim is made of it, in our own words")


class DocumentHeader(Frozen):
    """What is known of the annotated document itself."""

    id: Slug = Field(description="the document's id: the name of its file without .yaml")
    label: Line = Field(description="what the document is, in our own words")
    source: Annotated[Text, Pattern(r"(?!\.\.?$)[^/\\]+", "a file name only, without a folder")] = (
        Field(description="the file name of the text")
    )
    sha256: (
        Annotated[Text, Pattern("[0-9a-f]{64}", "no SHA-256 digest; nhskg anchor writes it")] | None
    ) = Field(None, description="SHA-256 of the bytes of the text; machine-written")
    length: Offset | None = Field(
        None, description="length of the text in code points; machine-written"
    )
    publisher: Annotated[Text, ref(Kind.ORGANISATION)] | None = Field(
        None, description="the publisher, only where the text itself shows it"
    )
    issued: IssuedDate | None = Field(None, description="when, only as the text states or implies")
    note: Line | None = Field(None, description="a remark of ours, in our own words")


class DocumentFile(Frozen):
    """A file of ``seeds/documents``: one annotated document."""

    document: DocumentHeader = Field(description="what is known of the document itself")
    claims: tuple[AnyClaim, ...] = Field((), description="what is said in it")
    no_claim: tuple[NoClaim, ...] = Field(
        (), description="passages that say nothing the graph is about"
    )
