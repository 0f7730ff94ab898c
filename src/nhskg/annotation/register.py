"""The typed models of the register of shared things, after ``docs/annotating.md``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Final, Literal

from nhskg.annotation.claims import (
    Actor,
    Bearer,
    OrganisationId,
    PlanId,
    Quantity,
    Topic,
    WorkType,
)
from nhskg.annotation.fields import (
    BODIES,
    MATTERS,
    Address,
    Day,
    Frozen,
    Line,
    Several,
    Slug,
    Text,
    optional,
    ref,
    required,
    several,
)
from nhskg.vocabulary import Kind


class Thing(Frozen):
    """What the register says of anything: an id, names, and a definition."""

    id: Slug = required("the id, unique in the register and the vocabularies")
    label: Line = required("the name it goes by")
    alt: Several[Line] = several("other names it goes by")
    hidden: Several[Line] = several("words it is looked for by, which are never shown")
    definition: Line = required("what it is, in our own words, as the texts have it")
    note: Line | None = optional("a remark of ours, in our own words")


class Person(Thing):
    """A person, named or not."""


class Organisation(Thing):
    """One named body."""

    classification: Annotated[Text, ref(Kind.BODY_KIND)] | None = optional(
        "the kind of body that it is", alias="kind"
    )


class Post(Thing):
    """A post or role in which somebody speaks or acts."""

    post_in: OrganisationId | None = optional("the organisation it is a post in")


class Plan(Thing):
    """A way in which the service is, or would be, arranged."""

    type: Literal["proposal", "status-quo"] = required("a proposal, or an arrangement in force")
    baseline: PlanId | None = optional(
        "the plan that a proposal changes; of a status quo, the earlier state of the law"
    )
    account: Literal["whole", "part"] | None = optional(
        "whether the text sets out a proposal as a whole, over three matters or more, or in part"
    )


class Matter(Thing):
    """What a power is exercised over."""

    type: Literal["reorganisation-of-bodies"] | None = optional("the sort of matter")
    broader: Several[Annotated[Text, ref(*MATTERS)]] = several(
        "the matters that it is part of: powers over them extend to it"
    )
    topics: Several[Topic] = several("the things that it is about, such as a body")


class Budget(Matter):
    """Money that somebody controls, holds or routes."""


class PaymentMechanism(Matter):
    """A way in which providers are paid."""


class Instrument(Thing):
    """A law, a regulation, or a part of one."""

    part_of: Annotated[Text, ref(Kind.INSTRUMENT)] | None = optional("the law it is a part of")
    topics: Several[Topic] = several("the things that it is about, such as a body")


class Cohort(Thing):
    """A part of the population."""


class Condition(Thing):
    """Something that must be so before, or while, something else holds."""

    type: Literal["taking-office", "assessment"] | None = optional("the sort of condition")
    on: Several[Bearer] = several("the bodies or posts that must meet it")
    judged_by: Several[Actor] = several("who finds whether an assessment is met")
    quantity: Quantity | None = optional("a figure within the condition")


class Event(Thing):
    """Something that happens at a time."""

    type: Literal[
        "speech", "interview", "conference", "publication", "election", "review", "other"
    ] = required("the sort of event")


class Work(Thing):
    """Something written that a text speaks of."""

    type: WorkType = required("the sort of work")


class PlaceThing(Thing):
    """A geographical place."""


class Link(Frozen):
    """That a thing is the same as, or like, what is described elsewhere."""

    thing: Topic = required("the thing of the register, or the term of the ontology")
    address: Address = required("the address that names what it is linked to")
    relation: Literal[
        "skos:exactMatch",
        "skos:closeMatch",
        "skos:broadMatch",
        "skos:narrowMatch",
        "skos:relatedMatch",
        "rdfs:seeAlso",
    ] = required("how the two relate; skos:broadMatch where what is there is the broader")
    said_by: Annotated[Text, ref(Kind.PERSON, *BODIES, Kind.WORK, words=("curator",))] = required(
        "who says that they so relate: 'curator' for us, who looked at both"
    )
    checked: Day = required("the day on which that was last looked up")
    note: Line | None = optional("what it rests on, in our own words")


SECTIONS: Final[Mapping[str, tuple[Kind, type[Thing], str]]] = {
    "people": (Kind.PERSON, Person, "people, named or not"),
    "organisations": (Kind.ORGANISATION, Organisation, "named bodies"),
    "posts": (Kind.POST, Post, "posts and roles"),
    "plans": (Kind.PLAN, Plan, "proposals and arrangements in force"),
    "matters": (Kind.MATTER, Matter, "what powers are exercised over"),
    "budgets": (Kind.BUDGET, Budget, "money"),
    "payment_mechanisms": (Kind.PAYMENT_MECHANISM, PaymentMechanism, "ways of paying"),
    "instruments": (Kind.INSTRUMENT, Instrument, "laws, regulations, their parts"),
    "cohorts": (Kind.COHORT, Cohort, "parts of the population"),
    "conditions": (Kind.CONDITION, Condition, "conditions and premises"),
    "events": (Kind.EVENT, Event, "speeches, interviews, elections …"),
    "works": (Kind.WORK, Work, "reports, columns, policy documents …"),
    "places": (Kind.PLACE, PlaceThing, "places"),
}
"""What each section of a register file holds: the kind, its model, and both in words."""

REGISTER_FILE: Final[Mapping[str, tuple[type[Frozen], str]]] = {
    **{name: (model, about) for name, (_, model, about) in SECTIONS.items()},
    "links": (Link, "links from things to what is described elsewhere"),
}
"""What each list of a register file holds: the model of its entries, and what they are."""
