"""The checker rejects a proof in which anything has been changed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pyoxigraph as ox
import pytest

from nhskg.proofs.checking import ProofChecker
from nhskg.proofs.explaining import Explainer
from nhskg.proofs.model import Absence, Proof, Step
from nhskg.reasoning.model import Group
from nhskg.terms import NS, RDF_TYPE

Tamper = Callable[[Proof], Proof]
TYPE = ox.NamedNode(RDF_TYPE)


def _change(number: int, **fields: object) -> Tamper:
    def change(proof: Proof) -> Proof:
        steps = list(proof.steps)
        steps[number] = replace(steps[number], **fields)  # type: ignore[arg-type]
        return replace(proof, steps=tuple(steps))

    return change


def _with(number: int, make: Callable[[Step], Step]) -> Tamper:
    def change(proof: Proof) -> Proof:
        steps = list(proof.steps)
        steps[number] = make(steps[number])
        return replace(proof, steps=tuple(steps))

    return change


def _first(proof: Proof, rule: str) -> int:
    return next(n for n, step in enumerate(proof.steps) if step.rule.startswith(rule))


def _holding(kind: str, slug: str) -> ox.Triple:
    node = ox.NamedNode(f"https://w3id.org/nhskg/id/holding/{slug}")
    return ox.Triple(node, TYPE, ox.NamedNode(NS + kind))


FALSE = _holding("InheritedHolding", "hiram-report.SignOff.local-plans.county-forum")
THERE = Absence(Group(), f"?plan a <{NS}Plan>")


@pytest.fixture(scope="module")
def proof(explainer: Explainer) -> Proof:
    """Three rules and an OWL axiom: a holding inherited from one that a provision gives."""
    asked = explainer.asked(plan="agency-statement", power="advisory-role")
    (explanation,) = explainer.explain_cell(asked)
    found = explanation.found.proofs[0]
    assert [step.rule for step in found.steps][-1] == "40_inherit"
    return found


TAMPERINGS: dict[str, tuple[Tamper, str]] = {
    "the goal is another": (lambda p: replace(p, goal=FALSE), "does not conclude the goal"),
    "a conclusion is another": (_change(-1, conclusions=(FALSE,)), "does not follow"),
    "a conclusion more": (
        _with(-1, lambda s: replace(s, conclusions=(*s.conclusions, FALSE))),
        "does not follow",
    ),
    "no conclusion": (_change(-1, conclusions=()), "concludes nothing"),
    "a step is left out": (lambda p: replace(p, steps=p.steps[1:]), "nor concluded before"),
    "steps in another order": (
        lambda p: replace(p, steps=(*reversed(p.steps[:-1]), p.steps[-1])),
        "nor concluded before",
    ),
    "no steps at all": (lambda p: replace(p, steps=()), "not asserted"),
    "a leaf that nobody asserts": (
        _with(-1, lambda s: replace(s, premises=(*s.premises, FALSE))),
        "neither asserted",
    ),
    "a premise is left out": (
        _with(-1, lambda s: replace(s, premises=s.premises[1:])),
        "does not follow",
    ),
    "the conclusion as its own premise": (
        _with(-1, lambda s: replace(s, premises=(*s.premises, *s.conclusions))),
        "neither asserted",
    ),
    "another rule of the project": (_change(-1, rule="41_succeed"), "does not follow"),
    "a rule of OWL in place of one of the project": (
        _change(-1, rule="cax-sco", source=""),
        "does not follow",
    ),
    "a rule that there is not": (_change(-1, rule="by-magic", source=""), "no rule of OWL"),
    "another rule of OWL": (
        lambda p: _change(_first(p, "cax-sco"), rule="prp-dom")(p),
        "does not follow",
    ),
    "no axiom": (lambda p: _change(_first(p, "cax-sco"), axioms=())(p), "does not follow"),
    "an axiom that nobody states": (
        lambda p: _change(_first(p, "cax-sco"), axioms=(FALSE,))(p),
        "not an asserted axiom",
    ),
    "called absent, and there": (_change(-1, absent=(THERE,)), "called absent, and there"),
}


@pytest.mark.parametrize("name", TAMPERINGS)
def test_tampered_proofs_are_rejected(name: str, proof: Proof, checker: ProofChecker) -> None:
    tamper, message = TAMPERINGS[name]
    assert checker.check(proof) is None
    objection = checker.check(tamper(proof))
    assert objection is not None
    assert message in str(objection)


def test_a_rule_that_something_stands_against(explainer: Explainer, checker: ProofChecker) -> None:
    """All premises of the inheritance are there, and so is the transfer that blocks it."""
    names = explainer.names
    asked = explainer.asked(plan="hiram-report", power="sign-off", body="st-ewolds-trust")
    (explanation,) = explainer.explain_cell(asked)
    proof = explanation.found.proofs[0]
    step = proof.steps[-1]
    assert step.rule == "40_inherit"
    here, there = names.thing("hiram-report", "plan"), names.thing("council-programme", "plan")
    slug = "council-programme.SignOff.local-plans.st-ewolds-trust"
    goal = _holding("InheritedHolding", slug)
    premises = tuple(
        ox.Triple(there if p.subject == here else p.subject, p.predicate, p.object)
        for p in step.premises
    )
    forged = replace(step, premises=premises, conclusions=(goal,), absent=())
    objection = checker.check(Proof(goal, (*proof.steps[:-1], forged)))
    assert objection is not None
    assert "stands against it" in str(objection)
