"""The corpus as it was read: the register of things, and documents, each entry with its place.

Each thing is declared once, in any file of ``seeds/register``. A definition is in our own words,
and says what the texts say and nothing from memory.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Final, Literal

from pydantic import Field

from nhskg.annotation.claims import (
    Bodies,
    DocumentHeader,
    NoClaim,
    Passage,
    PlanId,
    Quantity,
    SomeClaim,
)
from nhskg.annotation.fields import MATTERS, Frozen, Line, Slug, Text, ref
from nhskg.rdf.errors import Place
from nhskg.rdf.yaml_source import Route, Source
from nhskg.vocabulary import Kind, Vocabulary

Labels = Annotated[tuple[Line, ...], Field(min_length=1)]


class Thing(Frozen):
    """What the register says of anything: an id, names, and a definition."""

    id: Slug = Field(description="the id, unique in the register and the vocabularies")
    label: Line = Field(description="the name it goes by")
    alt: Labels = Field((), description="other names it goes by")
    definition: Line = Field(description="what it is, in our own words, as the texts have it")
    note: Line | None = Field(None, description="a remark of ours, in our own words")


class Person(Thing):
    """A person, named or not."""


class Organisation(Thing):
    """One named body."""

    classification: Annotated[Text, ref(Kind.BODY_KIND)] | None = Field(
        None, alias="kind", description="the kind of body that it is"
    )


class Post(Thing):
    """A post or role in which somebody speaks or acts."""

    post_in: Annotated[Text, ref(Kind.ORGANISATION)] | None = Field(
        None, description="the organisation it is a post in"
    )


class Plan(Thing):
    """A way in which the service is, or would be, arranged."""

    type: Literal["proposal", "status-quo"] = Field(
        description="a proposal, or an arrangement in force"
    )
    baseline: PlanId | None = Field(
        None, description="the plan that a proposal changes; none for a status quo"
    )


class Matter(Thing):
    """What a power is exercised over."""

    broader: Annotated[tuple[Annotated[Text, ref(*MATTERS)], ...], Field(min_length=1)] = Field(
        (), description="the matters that it is part of: powers over them extend to it"
    )


class Budget(Matter):
    """Money that somebody controls, holds or routes."""


class PaymentMechanism(Matter):
    """A way in which providers are paid."""


class Instrument(Thing):
    """A law, a regulation, or a part of one."""

    part_of: Annotated[Text, ref(Kind.INSTRUMENT)] | None = Field(
        None, description="the instrument that it is part of"
    )


class Cohort(Thing):
    """A part of the population."""


class Condition(Thing):
    """Something that must be so before, or while, something else holds."""

    on: Bodies = Field((), description="the bodies that must meet it")
    quantity: Quantity | None = Field(None, description="a figure within the condition")


class Event(Thing):
    """Something that happens at a time."""

    type: Literal[
        "speech", "interview", "conference", "publication", "election", "review", "other"
    ] = Field(description="the sort of event")


class Work(Thing):
    """Something written that a text speaks of."""

    type: Literal["report", "column", "article", "policy-document", "letter"] = Field(
        description="the sort of work"
    )


class PlaceThing(Thing):
    """A geographical place."""


@dataclass(frozen=True, slots=True)
class Section:
    """One section of a register file: what it holds, and in words."""

    kind: Kind
    model: type[Thing]
    description: str


SECTIONS: Final[dict[str, Section]] = {
    "people": Section(Kind.PERSON, Person, "people, named or not"),
    "organisations": Section(Kind.ORGANISATION, Organisation, "named bodies"),
    "posts": Section(Kind.POST, Post, "posts and roles"),
    "plans": Section(Kind.PLAN, Plan, "proposals and arrangements in force"),
    "matters": Section(Kind.MATTER, Matter, "what powers are exercised over"),
    "budgets": Section(Kind.BUDGET, Budget, "money"),
    "payment_mechanisms": Section(Kind.PAYMENT_MECHANISM, PaymentMechanism, "ways of paying"),
    "instruments": Section(Kind.INSTRUMENT, Instrument, "laws, regulations, their parts"),
    "cohorts": Section(Kind.COHORT, Cohort, "parts of the population"),
    "conditions": Section(Kind.CONDITION, Condition, "conditions and premises"),
    "events": Section(Kind.EVENT, Event, "speeches, interviews, elections …"),
    "works": Section(Kind.WORK, Work, "reports, columns, policy documents …"),
    "places": Section(Kind.PLACE, PlaceThing, "places"),
}
"""The sections of a register file by their name."""


@dataclass(frozen=True)
class Entry:
    """A thing of the register, what kind it is of, and where it is declared."""

    kind: Kind
    thing: Thing
    source: Source
    route: Route

    @property
    def id(self) -> str:
        """The id of the thing."""
        return self.thing.id

    def place(self, *route: str | int) -> Place:
        """Return the place of the entry, or of a field of it."""
        return self.source.place(*self.route, *route)


@dataclass(frozen=True)
class Document:
    """An annotated document, with a handle on its file."""

    source: Source
    header: DocumentHeader
    """What is known of the document itself."""
    claims: tuple[SomeClaim, ...]
    """What is said in the document, in file order."""
    no_claim: tuple[NoClaim, ...]
    """The passages that say nothing the graph is about."""

    @property
    def id(self) -> str:
        """The id of the document."""
        return self.header.id

    def place(self, *route: str | int) -> Place:
        """Return the place of a field: ``document.place("claims", 3, "power")``.

        Where the field isn't written, the place is that of the nearest thing around it.
        """
        return self.source.place(*route)

    def passages(self) -> Iterator[tuple[Route, Passage]]:
        """Yield every passage of the document with the route to it, in file order.

        These are claims (each is its own first passage), their further passages,
        and the passages without a claim.
        """
        for index, claim in enumerate(self.claims):
            yield ("claims", index), claim
            for also, passage in enumerate(claim.also):
                yield ("claims", index, "also", also), passage
        for index, entry in enumerate(self.no_claim):
            yield ("no_claim", index), entry


@dataclass(frozen=True)
class Corpus:
    """All documents of a project, its register, and the vocabulary they were read with."""

    documents: tuple[Document, ...]
    register: Mapping[str, Entry]
    vocabulary: Vocabulary = field(repr=False)

    def claims(self) -> Iterator[tuple[Document, int, SomeClaim]]:
        """Yield every claim with its document and its position (from 0) in it."""
        for document in self.documents:
            for index, claim in enumerate(document.claims):
                yield document, index, claim


def split_claim_reference(reference: str, document_id: str) -> tuple[str, str] | None:
    """Return (document id, claim id) of a reference to a claim, or None if it isn't one.

    ``claim/<id>`` is a claim of the document that has the reference.

    >>> split_claim_reference("claim/sign-off", "gazette")
    ('gazette', 'sign-off')
    >>> split_claim_reference("claim/times/sign-off", "gazette")
    ('times', 'sign-off')
    """
    parts = reference.split("/")
    if parts[0] != "claim" or not 2 <= len(parts) <= 3 or not all(parts):
        return None
    return (document_id, parts[1]) if len(parts) == 2 else (parts[1], parts[2])
