"""The checker rejects a proof in which anything has been changed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest

from nhskg.explain.explaining import Explainer
from nhskg.rdf.sparql.algebra import Filter, Group, Pattern
from nhskg.rdf.terms import ID, NS, OWL, RDF, RDF_TYPE, RDFS, XSD
from nhskg.reasoning.proofs import Absence, Proof, Step
from tests.oracles.proof_checker import ProofChecker

from .conftest import EX, closed

TYPE = ox.NamedNode(RDF_TYPE)


def _holding(kind: str, slug: str) -> ox.Triple:
    return ox.Triple(ox.NamedNode(f"{ID}holding/{slug}"), TYPE, ox.NamedNode(NS + kind))


FALSE = _holding("UnchangedHolding", "hiram-report.SignOff.local-plans.county-forum")
STATED = ox.Triple(ox.NamedNode(ID + "hiram-report"), TYPE, ox.NamedNode(NS + "Proposal"))
PLAN = Group((Pattern(ox.Variable("plan"), TYPE, ox.NamedNode(NS + "Plan")),))
FALSEHOOD = ox.Literal("false", datatype=ox.NamedNode(XSD + "boolean"))
ABSENT_IN_WORDS = Absence(PLAN, "FILTER(false)")
LAST = "40_inherit"
THERE = Absence(Group((Filter(FALSEHOOD),)), f"?plan a <{NS}Plan>")


def _unchanged(explainer: Explainer, slug: str) -> Proof:
    found = explainer.finder.shortest(_holding("UnchangedHolding", slug))
    assert found is not None
    return found


@pytest.fixture(scope="module")
def proof(explainer: Explainer) -> Proof:
    """Three rules and an OWL axiom: a holding left unchanged from one that a provision gives."""
    found = _unchanged(explainer, "agency-statement.AdvisoryRole.local-plans.ClinicalSenate")
    assert [step for step in found.steps if step.rule == "40_inherit"] == [found.steps[-1]]
    return found


def _change(rule: str, change: Callable[[Step], dict[str, Any]]) -> Callable[[Proof], Proof]:
    """Change fields of the first step by a rule."""

    def changed(proof: Proof) -> Proof:
        first = next(step for step in proof.steps if step.rule.startswith(rule))
        made = replace(first, **change(first))
        return replace(proof, steps=tuple(made if s == first else s for s in proof.steps))

    return changed


def _with(step: str, /, **fields: Any) -> Callable[[Proof], Proof]:
    return _change(step, lambda _: fields)


def _more(rule: str, name: str, triple: ox.Triple) -> Callable[[Proof], Proof]:
    return _change(rule, lambda step: {name: (*getattr(step, name), triple)})


def _premises(change: Callable[[Step], tuple[ox.Triple, ...]]) -> Callable[[Proof], Proof]:
    return _change(LAST, lambda step: {"premises": change(step)})


def _conclude_more(step: Step) -> dict[str, Any]:
    """Conclude another triple of the holding that the step makes."""
    holder = next(t for t in step.premises if t.predicate == ox.NamedNode(NS + "holder"))
    more = ox.Triple(step.conclusions[0].subject, holder.predicate, holder.object)
    assert more not in step.conclusions
    return {"conclusions": (*step.conclusions, more)}


def _by(rule: str) -> dict[str, str]:
    return {"rule": rule, "source": f"ontology/rules/{rule}.rq"}


LESS, BEFORE = "follows without this premise", "nor concluded before"
TAMPERINGS = [
    ("another goal", "does not conclude the goal", lambda p: replace(p, goal=FALSE)),
    ("another conclusion", "does not follow", _with(LAST, conclusions=(FALSE,))),
    ("a conclusion more", "does not follow", _more(LAST, "conclusions", FALSE)),
    ("a conclusion unused", "concluded, and then not used", _change(LAST, _conclude_more)),
    ("no conclusion", "concludes nothing", _with(LAST, conclusions=())),
    ("no steps", "not asserted", lambda p: replace(p, steps=())),
    ("a step left out", BEFORE, lambda p: replace(p, steps=p.steps[1:])),
    ("the last step alone", BEFORE, lambda p: replace(p, steps=p.steps[-1:])),
    ("another order", BEFORE, lambda p: replace(p, steps=(*p.steps[-2::-1], p.steps[-1]))),
    ("a leaf nobody asserts", "neither asserted", _more(LAST, "premises", FALSE)),
    ("a premise less", "does not follow", _premises(lambda step: step.premises[1:])),
    ("circular", "neither asserted", _premises(lambda s: (*s.premises, *s.conclusions))),
    ("a premise more", LESS, _more(LAST, "premises", STATED)),
    ("a premise more of OWL", LESS, _more("cax-sco", "premises", STATED)),
    ("another rule", "does not follow", _with(LAST, **_by("41_succeed"))),
    ("another file", "does not stand in", _with(LAST, source=_by("41_succeed")["source"])),
    ("an unknown rule", "no rule of the project", _with(LAST, **_by("99_magic"))),
    ("a rule for one of OWL", "applies to no axiom", _with("cax-sco", **_by("40_inherit"))),
    ("OWL for a rule", "does not follow", _with(LAST, rule="cax-sco", source="")),
    ("an unknown rule of OWL", "no rule of OWL", _with(LAST, rule="by-magic", source="")),
    ("another rule of OWL", "does not follow", _with("cax-sco", rule="prp-dom")),
    ("no axiom", "does not follow", _with("cax-sco", axioms=())),
    ("an axiom nobody states", "not an asserted axiom", _with("cax-sco", axioms=(FALSE,))),
    ("another axiom", "does not follow", _with("cax-sco", axioms=(STATED,))),
    ("absent in words", "called absent, and there", _with(LAST, absent=(ABSENT_IN_WORDS,))),
    ("absent, and there", "called absent, and there", _with(LAST, absent=(THERE,))),
]


@pytest.mark.parametrize(("name", "message", "tamper"), TAMPERINGS, ids=[t[0] for t in TAMPERINGS])
def test_tampered_proofs_are_rejected(
    name: str, message: str, tamper: Callable[[Proof], Proof], proof: Proof, checker: ProofChecker
) -> None:
    assert checker.check(proof) is None
    objection = checker.check(tamper(proof))
    assert objection is not None, name
    assert message in str(objection)


def test_a_rule_that_something_stands_against(explainer: Explainer, checker: ProofChecker) -> None:
    """All premises of the inheritance are there, and so is the transfer that blocks it."""
    proof = _unchanged(explainer, "hiram-report.SignOff.local-plans.st-ewolds-trust")
    step = proof.steps[-1]
    assert step.rule == "40_inherit"
    here, there = (ox.NamedNode(ID + name) for name in ("hiram-report", "council-programme"))
    slug = "council-programme.SignOff.local-plans.st-ewolds-trust"
    goal = _holding("UnchangedHolding", slug)
    premises = tuple(
        ox.Triple(there if p.subject == here else p.subject, p.predicate, p.object)
        for p in step.premises
    )
    forged = replace(step, premises=premises, conclusions=(goal,), absent=())
    objection = checker.check(Proof(goal, (*proof.steps[:-1], forged)))
    assert objection is not None
    assert "stands against it" in str(objection)


def _example(subject: str, predicate: str, value: str) -> ox.Triple:
    names = {"a": TYPE, "sub": ox.NamedNode(RDFS + "subClassOf")}
    one, two = ox.NamedNode(EX + subject), ox.NamedNode(EX + value)
    return ox.Triple(one, names.get(predicate, ox.NamedNode(EX + predicate)), two)


def _objection(store: ox.Store, goal: ox.Triple, *steps: Step) -> str:
    return str(ProofChecker(store, Path("no-rules-here")).check(Proof(goal, steps)))


def test_two_steps_that_rest_on_each_other() -> None:
    """Inverse properties: each triple would follow from the other, and none is stated."""
    store = closed(":p owl:inverseOf :q . :c :p :d .")
    here, there = _example("a", "p", "b"), _example("b", "q", "a")
    inverse = ox.NamedNode(OWL + "inverseOf")
    axiom = ox.Triple(ox.NamedNode(EX + "p"), inverse, ox.NamedNode(EX + "q"))
    one = Step("prp-inv2", "", (here,), (there,), (axiom,))
    two = Step("prp-inv1", "", (there,), (here,), (axiom,))
    assert BEFORE in _objection(store, there, one, two)
    assert BEFORE in _objection(store, here, two, one)


def test_a_derived_axiom_told_as_stated() -> None:
    store = closed(":C rdfs:subClassOf :D . :D rdfs:subClassOf :E . :x a :C .")
    goal, member = _example("x", "a", "E"), _example("x", "a", "C")
    step = Step("cax-sco", "", (goal,), (member,), (_example("C", "sub", "E"),))
    assert "not an asserted axiom" in _objection(store, goal, step)


NAMED = ":list . :list rdf:first :A ; rdf:rest :more . :more rdf:first :B ; rdf:rest rdf:nil"


@pytest.mark.parametrize("parts", ["(:A :B)", NAMED], ids=["anonymous", "named"])
@pytest.mark.parametrize("place", ["premises", "axioms"])
def test_a_list_of_which_a_part_is_held_back(parts: str, place: str) -> None:
    """An intersection of two classes, told as if it had one member only."""
    store = closed(f":C owl:intersectionOf {parts} . :x a :A .")
    (quad,) = store.quads_for_pattern(None, ox.NamedNode(OWL + "intersectionOf"), None, None)
    assert isinstance(quad.object, ox.NamedNode | ox.BlankNode)
    first = ox.Triple(quad.object, ox.NamedNode(RDF + "first"), ox.NamedNode(EX + "A"))
    listed = (quad.triple, first)
    goal, one, two = (_example("x", "a", name) for name in "CAB")
    premises, axioms = ((one, *listed), ()) if place == "premises" else ((one,), listed)
    step = Step("cls-int1", "", (goal,), premises, axioms)
    assert "does not follow" in _objection(store, goal, step)
    store.add(ox.Quad(two.subject, two.predicate, two.object, ox.NamedNode(EX + "graph")))
    if place == "axioms":
        both = Step("cls-int1", "", (goal,), (one, two), axioms)
        assert _objection(store, goal, both) == "None"
