"""The typed models of annotated documents, after ``docs/annotating.md``.

A claim is what somebody said: a provision of a plan, a stance, a silence, or a relation between
things. Positions are Unicode code points, end exclusive.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal, get_args

from pydantic import ConfigDict, Field

from nhskg.annotation.fields import (
    ANYTHING,
    BODIES,
    MATTERS,
    Address,
    CalendarDate,
    Context,
    Count,
    Day,
    Duration,
    Flag,
    Frozen,
    Licence,
    Line,
    Number,
    Offset,
    Pattern,
    Quote,
    SentenceStarts,
    Several,
    Slug,
    Span,
    Text,
    one_or_more,
    optional,
    ref,
    required,
    several,
)
from nhskg.vocabulary import Kind

Actor = Annotated[Text, ref(Kind.PERSON, *BODIES)]
Anything = Annotated[Text, ref(*ANYTHING, claims=True)]
Bearer = Annotated[Text, ref(*BODIES, Kind.POST)]
Claimant = Annotated[Text, ref(Kind.PERSON, *BODIES, Kind.WORK, words=("reporter", "curator"))]
CohortId = Annotated[Text, ref(Kind.COHORT)]
ConditionId = Annotated[Text, ref(Kind.CONDITION)]
DeonticId = Annotated[Text, ref(Kind.DEONTIC)]
Digest = Annotated[Text, Pattern("[0-9a-f]{64}", "no SHA-256 digest; nhskg anchor writes it")]
ExtentId = Annotated[Text, ref(Kind.EXTENT)]
FileName = Annotated[Text, Pattern(r"(?!\.\.?$)[^/\\]+", "a file name only, without a folder")]
MatterId = Annotated[Text, ref(*MATTERS, Kind.INSTRUMENT, *BODIES)]
ModalityId = Annotated[Text, ref(Kind.MODALITY)]
Occurrence = Annotated[Text, ref(Kind.EVENT, Kind.WORK)]
OrganisationId = Annotated[Text, ref(Kind.ORGANISATION)]
PlanId = Annotated[Text, ref(Kind.PLAN)]
PostId = Annotated[Text, ref(Kind.POST)]
PowerId = Annotated[Text, ref(Kind.POWER)]
QualifierId = Annotated[Text, ref(Kind.QUALIFIER)]
Target = Annotated[Text, ref(*BODIES, *MATTERS, Kind.INSTRUMENT, Kind.EVENT, Kind.WORK)]
Topic = Annotated[Text, ref(*ANYTHING)]
Whole = Annotated[Text, ref(*MATTERS, Kind.COHORT, *BODIES, Kind.POST)]

WorkType = Literal["report", "column", "article", "policy-document", "letter"]

Claimants = Annotated[Several[Claimant], one_or_more(Claimant)]
Targets = Annotated[Several[Target], one_or_more(Target)]


class Passage(Frozen):
    """A place in the text: the words that mark it, and the sentences that hold them."""

    quote: Quote = required(
        "at most 12 words of the text, verbatim, that mark the place; unique in the text, if need "
        "be with prefix or suffix"
    )
    prefix: Context | None = optional("verbatim text just before the quote")
    suffix: Context | None = optional("verbatim text just after the quote")
    through: Quote | None = optional(
        "a second quote; the passage runs to the end of the sentence that holds it"
    )
    at: Span | None = optional("[start, end) of the passage in code points; machine-written")


class IssuedDate(Frozen):
    """When a document was issued, as far as its own text states or implies."""

    stated: Quote | None = optional("the text's own words, at most 12")
    not_before: CalendarDate | None = optional("earliest year, month or day")
    not_after: CalendarDate | None = optional("latest year, month or day")
    after: Occurrence | None = optional("the event or work it comes after")
    before: Occurrence | None = optional("the event or work it comes before")
    during: Occurrence | None = optional("the event or work it falls in")
    inferred: Flag = Field(False, description="true where a date is computed from the text")


class Timing(IssuedDate):
    """When something holds or happens, as far as the text says."""

    stated: Quote = required("the text's own words, at most 12")
    within: Duration | None = optional("how soon, as an ISO 8601 duration")
    lasting: Duration | None = optional("how long, as an ISO 8601 duration")


QUANTITIES: Final = (("amount", "currency"), ("share", "of"), ("number", "of"), ("extent",))
"""The fields of each sort of quantity, the first of which tells it apart."""


class Quantity(Frozen):
    """How much: an amount of money, a share or a number of something, or a verbal extent."""

    model_config = ConfigDict(
        json_schema_extra={"oneOf": [{"required": list(names)} for names in QUANTITIES]}
    )

    amount: Number | None = optional("an amount of money, in full digits")
    currency: Annotated[Text, Field(pattern="^[A-Z]{3}$")] | None = optional(
        "its currency, as three capital letters (ISO 4217)"
    )
    share: Annotated[Number, Field(le=1)] | None = optional("a fraction from 0 to 1")
    number: Count | None = optional("a number of things, in full digits")
    of: Whole | None = optional("what it is a share, a part or a number of")
    extent: ExtentId | None = optional("an extent given in words only")
    bound: Literal["more-than", "up-to", "at-least", "about"] | None = optional(
        "how the text limits or hedges the number"
    )
    per: Literal["year", "month", "week"] | None = optional("the time in which it recurs")


class Withdrawal(Frozen):
    """That a claim is withdrawn: it stays in the graph, marked, and says nothing any more."""

    by: Annotated[Text, ref(Kind.PERSON, *BODIES, words=("curator",))] = required(
        "who withdraws it; 'curator' for us"
    )
    on: Day = required("the day on which it was withdrawn")
    why: Line = required("what was wrong with it, in our own words")
    superseded_by: Annotated[
        Several[Annotated[Text, ref(claims=True)]], one_or_more(Annotated[Text, ref(claims=True)])
    ] = several("the claim or claims that say in its place what is right")


def _need_not_repeat(schema: dict[str, Any]) -> None:
    """Let a claim leave out what the defaults of its document may say."""
    schema["required"] = [each for each in schema["required"] if each not in _NEEDED]


_NEEDED: Final = ("claimant", "voice")
"""What a claim must have, of itself or by the defaults of its document."""


class Claim(Passage):
    """What every claim says of itself: who, in what capacity and voice, where."""

    model_config = ConfigDict(json_schema_extra=_need_not_repeat)

    id: Slug = required("the claim's id, unique in the document")
    claimant: Claimants = required(
        "who says it; 'reporter' for the writer of this document, 'curator' for what only we infer"
    )
    capacity: PostId | None = optional(
        "the post in which the claimant speaks, as this text gives it"
    )
    occasion: Occurrence | None = optional("the speech, interview, column … in which it was said")
    voice: Annotated[Text, ref(Kind.VOICE)] = required("whose words these are")
    hedge: Quote | None = optional("the hedging words, verbatim and short")
    also: Several[Passage] = several("further passages")
    denies: Annotated[Text, ref(claims=True)] | None = optional(
        "claim/<id> or claim/<document>/<id> that this claim contradicts"
    )
    uri: Address | None = optional("where what it quotes is published, if that has its own address")
    licence: Licence | None = optional(
        "the licence of what it quotes, if it has its own: see there"
    )
    locator: Line | None = optional("where its readers look it up, as section 3(2), or page 14")
    note: Line | None = optional("a remark of ours, in our own words")
    withdrawn: Withdrawal | None = optional("of a claim once published: that it is no longer made")


class Provision(Claim):
    """What a plan makes of a power, a budget or a body."""

    kind: Literal["provision"]
    plan: PlanId = required("the plan it belongs to")
    action: Annotated[Text, ref(Kind.ACTION)] = required("what is done")
    power: PowerId | None = optional("what is conferred or taken away")
    matter: MatterId | None = optional(
        "what the power is over: a matter, budget, instrument or body"
    )
    from_: Several[Bearer] = several("the bodies or posts it is taken from", alias="from")
    to: Several[Bearer] = several("the bodies or posts it is given to")
    with_: Several[Bearer] = several(
        "whom its bodies consult, support, involve or are executive to", alias="with"
    )
    sole_role: Flag = optional(
        "true where it gives its bodies this role and no more", alias="sole-role", default=False
    )
    by: Several[Actor] = several("who acts: who makes the change, mandates it, develops it")
    qualifier: QualifierId | None = optional("how the list of bodies is meant")
    target: Targets = several(
        "what is abolished, merged, replaced, renamed, set up …: an id, or a list"
    )
    result: Target | None = optional("what follows the target")
    new_name: Line | None = optional("the new name of what is renamed")
    modality: ModalityId = required("how firm it is")
    deontic: DeonticId | None = optional("whether it is given as power, duty or permission")
    gate: ConditionId | None = optional("the condition to be met before it takes effect")
    subject_to: Several[ConditionId] = several(
        "conditions on how, where or by which body it is exercised"
    )
    cohort: CohortId | None = optional("the part of the population for which it holds")
    quantity: Quantity | None = optional("how much of it")
    timing: Timing | None = optional("when")


class Stance(Claim):
    """What somebody thinks of something."""

    kind: Literal["stance"]
    polarity: Literal["supports", "opposes", "concerned", "open-to", "sees-no-need", "assesses"] = (
        required("for, against, worried, open to it, seeing no need, or plainly assessing it")
    )
    about: Anything = required("what it is about: any thing, or a claim")
    stance_of: Several[Actor] = several(
        "whose stance it is, where the claimant reports somebody else's"
    )
    assessment: Line | None = optional("what is said of it, in our own few words")
    given: Several[ConditionId] = several("premises on which it is said")
    modality: ModalityId | None = optional("how firm it is")
    timing: Timing | None = optional("when")
    extent: ExtentId | None = optional("of how many or how much it is said")


class Silence(Claim):
    """A text says that a plan, or a person, says nothing."""

    kind: Literal["silence"]
    subject: Annotated[Text, ref(Kind.PLAN, Kind.PERSON)] = required(
        "the plan or person that is silent"
    )
    about: Anything | None = optional("what nothing is said about")
    power: PowerId | None = optional("the power whose holder is left open")
    matter: MatterId | None = optional("what that power is over")
    candidates: Several[Bearer] = several("the bodies or posts among which it is left open")


class Relation(Claim):
    """Somebody affirms or denies a relation between two things."""

    kind: Literal["relation"]
    subject: Anything = required("what the relation is of")
    predicate: Annotated[Text, ref(Kind.PREDICATE)] = required("the relation")
    object: Anything | None = optional("what it is to; none for has-time, described-as, means")
    word: Quote | None = optional("for described-as and means: the text's own words, at most 12")
    polarity: Literal["affirms", "denies"] = required("whether it is said or denied")
    modality: ModalityId | None = optional("how firm it is")
    given: Several[ConditionId] = several("premises on which it is said")
    timing: Timing | None = optional("when")


SomeClaim = Provision | Stance | Silence | Relation

CLAIM_MODELS: Final[Mapping[str, type[SomeClaim]]] = {
    each.__name__.lower(): each for each in get_args(SomeClaim)
}
"""The model of each kind of claim."""


class NoClaim(Passage):
    """A passage that says nothing the graph is about, and why."""

    reason: Line = required("why no claim is made of it, in our own words")


class Defaults(Frozen):
    """What the claims of a document say, unless they say otherwise."""

    claimant: Claimants | None = optional("who says what no claim gives another claimant for")
    capacity: PostId | None = optional("the post in which that claimant speaks")
    occasion: Occurrence | None = optional("the speech, interview … in which that claimant says it")
    voice: Annotated[Text, ref(Kind.VOICE)] | None = optional(
        "whose words these are, where a claim doesn't say"
    )

    @staticmethod
    def of(given: object, claim: Mapping[str, Any]) -> dict[str, Any]:
        """Return what a claim takes over from defaults as they are written.

        Capacity and occasion go with the claimant: who names another takes over neither.
        """
        if not isinstance(given, dict):
            return {}
        names = ("voice",) if "claimant" in claim else Defaults.model_fields
        return {name: given[name] for name in names if name in given and name not in claim}


class DocumentHeader(Frozen):
    """What is known of the annotated document itself."""

    id: Slug = required("the document's id: the name of its file without .yaml")
    label: Line = required("what the document is, in our own words")
    type: WorkType | None = optional("the sort of work that it is")
    title: Quote | None = optional("its headline, verbatim, only where the text itself has one")
    source: FileName = required("the file name of the text")
    sha256: Digest | None = optional("SHA-256 of the bytes of the text; machine-written")
    length: Offset | None = optional("length of the text in code points; machine-written")
    paragraphs: Literal["lines", "blank-lines"] | None = optional(
        "what ends a paragraph: each line or, in a hard-wrapped text, a blank line; "
        "machine-written where the lines look hard-wrapped"
    )
    sentences: SentenceStarts | None = optional(
        "where each sentence begins, in code points, with / between paragraphs; machine-written"
    )
    publisher: OrganisationId | None = optional(
        "the publisher, only where the text itself shows it"
    )
    issued: IssuedDate | None = optional("when, only as the text states or implies")
    uri: Address | None = optional("the address at which the text is published")
    licence: Licence | None = optional("the address of the licence of the text, or its name")
    locator: Line | None = optional("which part of what is published it is, as sections 3 and 4")
    defaults: Defaults | None = optional("what its claims say, unless they say otherwise")
    note: Line | None = optional("a remark of ours, in our own words")


class DocumentFile(Frozen):
    """A file of ``seeds/documents``: one annotated document."""

    model_config = ConfigDict(
        json_schema_extra={
            "allOf": [
                {
                    "if": {
                        "properties": {
                            "document": {
                                "properties": {"defaults": {"required": [name]}},
                                "required": ["defaults"],
                            }
                        }
                    },
                    "else": {"properties": {"claims": {"items": {"required": [name]}}}},
                }
                for name in _NEEDED
            ]
        }
    )

    document: DocumentHeader = required("what is known of the document itself")
    claims: tuple[Annotated[SomeClaim, Field(discriminator="kind")], ...] = several(
        "what is said in it"
    )
    no_claim: tuple[NoClaim, ...] = several("passages that say nothing the graph is about")
