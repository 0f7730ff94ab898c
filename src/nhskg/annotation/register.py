"""The typed model of the register: the things that several documents speak of.

Each thing is declared once, in any file of ``seeds/register``. A definition is
in our own words, and says what the texts say and nothing from memory.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Final, Literal

from pydantic import Field

from nhskg.annotation.claims import Bodies, PlanId, Quantity
from nhskg.annotation.fields import MATTERS, Frozen, Line, Slug, Text, ref
from nhskg.vocabulary import Kind

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
