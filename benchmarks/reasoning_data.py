"""A small seeded generator of plans and provisions, in RDF directly, to measure the reasoner.

The shares of actions, modalities, gates and cohorts follow what the five texts of the
seed corpus show in rough outline; the names are invented. It is independent of the
annotation model, so that the reasoner can be measured by itself.
"""

from __future__ import annotations

import random
from collections.abc import Iterator

import pyoxigraph as ox

NS = "https://w3id.org/nhskg/ns#"
ID = "https://w3id.org/nhskg/id/"
GRAPH = "https://w3id.org/nhskg/graph/"
RDF_TYPE = ox.NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")
BROADER = ox.NamedNode("http://www.w3.org/2004/02/skos/core#broader")
OA = "http://www.w3.org/ns/oa#"
XSD_INTEGER = ox.NamedNode("http://www.w3.org/2001/XMLSchema#integer")

POWERS = (
    "SignOff LeadDecision LeadPlanning DrawUpPlan TakePartInPlanning EnactPlan LeadConsultation "
    "AdvisoryPower Commission JointCommission ChooseSupport SupportBody ControlBudget "
    "HoldPooledBudget PlanUseOfBudget RouteFunds AllocateFunds SystemLeadership RegulateCare"
).split()
CONFER = ("Confer", "Require", "Retain")
MODALITIES = ("Would", "Would", "Should", "Should", "Could", "ToConsider", "InForce", "WillNot")

PLAN_SIZE = 20
"""Provisions in one plan."""
ERA_SIZE = 8
"""Plans that hang on one arrangement in force."""


def _ns(name: str) -> ox.NamedNode:
    return ox.NamedNode(NS + name)


def _id(name: str) -> ox.NamedNode:
    return ox.NamedNode(ID + name)


def corpus(claims: int, *, seed: int = 1) -> Iterator[ox.Quad]:
    """Yield the quads of a corpus of about ``claims`` claims, one named graph a plan."""
    rng = random.Random(seed)
    register = ox.NamedNode(GRAPH + "register")
    bodies = [_id(f"body-{i}") for i in range(max(12, claims // 100))]
    matters = [_id(f"matter-{i}") for i in range(max(15, claims // 100))]
    for i, body in enumerate(bodies):
        yield ox.Quad(body, RDF_TYPE, _ns("BodyKind" if i % 3 else "Organisation"), register)
        if i % 4 == 3:
            yield ox.Quad(body, BROADER, bodies[i - 3], register)
    for i, matter in enumerate(matters):
        yield ox.Quad(matter, RDF_TYPE, _ns("Budget" if i % 5 == 0 else "Matter"), register)
        if i % 3 == 2:
            yield ox.Quad(matter, BROADER, matters[i - rng.randrange(1, 3)], register)
    plan_count = max(2, claims // PLAN_SIZE)
    for number in range(plan_count):
        era = number // ERA_SIZE
        yield from _plan(number, era, claims // plan_count, rng, bodies, matters)


def _plan(
    number: int,
    era: int,
    size: int,
    rng: random.Random,
    bodies: list[ox.NamedNode],
    matters: list[ox.NamedNode],
) -> Iterator[ox.Quad]:
    graph = ox.NamedNode(f"{GRAPH}doc-{number}")
    plan = _id(f"plan-{number}")
    first = era * ERA_SIZE
    if number == first:
        yield ox.Quad(plan, RDF_TYPE, _ns("StatusQuo"), graph)
    else:
        yield ox.Quad(plan, RDF_TYPE, _ns("Proposal"), graph)
        base = first if rng.random() < 0.7 else rng.randrange(first, number)
        yield ox.Quad(plan, _ns("baseline"), _id(f"plan-{base}"), graph)
    # the bodies and matters that one era talks about
    near = [bodies[(era * 7 + k) % len(bodies)] for k in range(12)]
    about = [matters[(era * 5 + k) % len(matters)] for k in range(15)]
    for k in range(size):
        yield from _provision(f"p-{number}-{k}", plan, number == first, rng, near, about, graph)


def _provision(
    name: str,
    plan: ox.NamedNode,
    in_force: bool,
    rng: random.Random,
    bodies: list[ox.NamedNode],
    matters: list[ox.NamedNode],
    graph: ox.NamedNode,
) -> Iterator[ox.Quad]:
    claim = _id(f"claim/{name}")

    def quad(predicate: str, value: ox.NamedNode) -> ox.Quad:
        return ox.Quad(claim, _ns(predicate), value, graph)

    roll = rng.random()
    if roll < 0.08 and not in_force:
        yield ox.Quad(claim, RDF_TYPE, _ns("Stance"), graph)
        yield quad("about", plan)
        yield quad("polarity", _ns(rng.choice(["Supports", "Opposes", "Concerned"])))
    elif roll < 0.13 and not in_force:
        yield ox.Quad(claim, RDF_TYPE, _ns("Silence"), graph)
        yield quad("subject", plan)
        yield quad("about", rng.choice(matters))
    else:
        yield ox.Quad(claim, RDF_TYPE, _ns("Provision"), graph)
        yield quad("provisionOf", plan)
        yield quad("modality", _ns("InForce" if in_force else rng.choice(MODALITIES)))
        kind = rng.random()
        if kind < 0.06 and not in_force:
            yield quad("action", _ns(rng.choice(["Abolish", "Merge", "Replace"])))
            yield quad("target", rng.choice(bodies))
            if rng.random() < 0.5:
                yield quad("result", rng.choice(bodies))
        else:
            yield quad("power", _ns(rng.choice(POWERS)))
            yield quad("matter", rng.choice(matters))
            if kind < 0.25 and not in_force:
                yield quad("action", _ns("Transfer"))
                yield quad("fromBody", rng.choice(bodies))
                yield quad("toBody", rng.choice(bodies))
            elif kind < 0.33 and not in_force:
                yield quad("action", _ns("Remove"))
                yield quad("fromBody", rng.choice(bodies))
            else:
                yield quad("action", _ns("Confer" if in_force else rng.choice(CONFER)))
                yield quad("toBody", rng.choice(bodies))
            if not in_force and rng.random() < 0.1:
                yield quad("effectiveWhen", _id(f"condition-{rng.randrange(20)}"))
            if rng.random() < 0.08:
                yield quad("cohort", _id(f"cohort-{rng.randrange(10)}"))
            if rng.random() < 0.05:
                yield quad("quantity", _ns(rng.choice(["Some", "Largely"])))
            if rng.random() < 0.2:
                yield quad("deontic", _ns(rng.choice(["AsPower", "AsDuty"])))
    yield quad("claimant", _id(f"person-{rng.randrange(200)}"))
    yield quad("voice", _ns(rng.choice(["DirectQuote", "ReportedSpeech", "DocumentText"])))
    passage = _id(f"passage/{name}")
    yield quad("evidence", passage)
    yield ox.Quad(passage, RDF_TYPE, ox.NamedNode(OA + "SpecificResource"), graph)
    start = ox.Literal(str(rng.randrange(1, 9000)), datatype=XSD_INTEGER)
    yield ox.Quad(passage, ox.NamedNode(OA + "start"), start, graph)


def digits(size: int) -> str:
    """Return a size as a person writes it: ``10k`` for 10,000."""
    return f"{size // 1000}k" if size % 1000 == 0 else str(size)
