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
from nhskg.rdf.terms import NS, OWL, RDF, RDF_TYPE, RDFS, XSD, thing
from nhskg.reasoning.proofs import Absence, Proof, Step
from tests.oracles.proof_checker import ProofChecker

from .conftest import EX, closed

TYPE = ox.NamedNode(RDF_TYPE)


def _holding(kind: str, slug: str) -> ox.Triple:
    return ox.Triple(ox.NamedNode(thing(f"holding/{slug}")), TYPE, ox.NamedNode(NS + kind))


FALSE = _holding("InheritedHolding", "hiram-report.SignOff.local-plans.county-forum")
STATED = ox.Triple(ox.NamedNode(thing("hiram-report")), TYPE, ox.NamedNode(NS + "Proposal"))
PLAN = Group((Pattern(ox.Variable("plan"), TYPE, ox.NamedNode(NS + "Plan")),))
FALSEHOOD = ox.Literal("false", datatype=ox.NamedNode(XSD + "boolean"))
THERE = Absence(Group((Filter(FALSEHOOD),)), f"?plan a <{NS}Plan>")


@pytest.fixture(scope="module")
def proof(explainer: Explainer) -> Proof:
    """Three rules and an OWL axiom: a holding inherited from one that a provision gives."""
    (explanation,) = explainer.explain_cell(
        explainer.asked(plan="agency-statement", power="advisory-role")
    )
    found = explanation.found.proofs[0]
    assert [step.rule for step in found.steps][-1] == "40_inherit"
    return found


def _steps(*wanted: int) -> Callable[[Proof], Proof]:
    """Keep some of the steps."""
    return lambda proof: replace(proof, steps=tuple(proof.steps[n] for n in wanted))


def _last(**fields: Any) -> Callable[[Proof], Proof]:
    """Change fields of the last step."""
    return lambda p: replace(p, steps=(*p.steps[:-1], replace(p.steps[-1], **fields)))


def _owl(**fields: Any) -> Callable[[Proof], Proof]:
    """Change fields of the first step by an axiom of subclasses."""

    def change(proof: Proof) -> Proof:
        first = next(step for step in proof.steps if step.rule.startswith("cax-sco"))
        changed = replace(first, **fields)
        return replace(proof, steps=tuple(changed if s == first else s for s in proof.steps))

    return change


def _more(name: str, *triples: ox.Triple, rule: str = "40_inherit") -> Callable[[Proof], Proof]:
    """Add triples to a field of the first step by a rule."""

    def change(proof: Proof) -> Proof:
        first = next(step for step in proof.steps if step.rule.startswith(rule))
        fields: dict[str, Any] = {name: (*getattr(first, name), *triples)}
        changed = replace(first, **fields)
        return replace(proof, steps=tuple(changed if s == first else s for s in proof.steps))

    return change


def _conclude_more(proof: Proof) -> Proof:
    """Let the last step conclude another triple of the holding that it makes."""
    step = proof.steps[-1]
    holder = next(t for t in step.premises if t.predicate == ox.NamedNode(NS + "holder"))
    more = ox.Triple(step.conclusions[0].subject, holder.predicate, holder.object)
    assert more not in step.conclusions
    return _more("conclusions", more)(proof)


def _own_premise(proof: Proof) -> Proof:
    return _more("premises", *proof.steps[-1].conclusions)(proof)


def _premise_left_out(proof: Proof) -> Proof:
    return _last(premises=proof.steps[-1].premises[1:])(proof)


RULE = "ontology/rules/{}.rq".format
TAMPERINGS: dict[str, tuple[Callable[[Proof], Proof], str]] = {
    "the goal is another": (lambda p: replace(p, goal=FALSE), "does not conclude the goal"),
    "a conclusion is another": (_last(conclusions=(FALSE,)), "does not follow"),
    "a conclusion more": (_more("conclusions", FALSE), "does not follow"),
    "no conclusion": (_last(conclusions=()), "concludes nothing"),
    "a step is left out": (lambda p: replace(p, steps=p.steps[1:]), "nor concluded before"),
    "steps in another order": (
        lambda p: replace(p, steps=(*reversed(p.steps[:-1]), p.steps[-1])),
        "nor concluded before",
    ),
    "no steps at all": (_steps(), "not asserted"),
    "a leaf that nobody asserts": (_more("premises", FALSE), "neither asserted"),
    "a premise is left out": (_premise_left_out, "does not follow"),
    "the conclusion as its own premise": (_own_premise, "neither asserted"),
    "another rule of the project": (
        _last(rule="41_succeed", source=RULE("41_succeed")),
        "does not follow",
    ),
    "another file than the rule's": (_last(source=RULE("41_succeed")), "does not stand in"),
    "a rule that the project has not": (
        _last(rule="99_magic", source=RULE("99_magic")),
        "no rule of the project",
    ),
    "a rule of the project in place of one of OWL": (
        _owl(rule="40_inherit", source=RULE("40_inherit")),
        "applies to no axiom",
    ),
    "a rule of OWL in place of one of the project": (
        _last(rule="cax-sco", source=""),
        "does not follow",
    ),
    "a rule that there is not": (_last(rule="by-magic", source=""), "no rule of OWL"),
    "another rule of OWL": (_owl(rule="prp-dom"), "does not follow"),
    "no axiom": (_owl(axioms=()), "does not follow"),
    "an axiom that nobody states": (_owl(axioms=(FALSE,)), "not an asserted axiom"),
    "an axiom that is another": (_owl(axioms=(STATED,)), "does not follow"),
    "a premise more, stated and beside the point": (
        _more("premises", STATED),
        "follows without this premise",
    ),
    "a premise more of an OWL step": (
        _more("premises", STATED, rule="cax-sco"),
        "follows without this premise",
    ),
    "a premise that is derived, and not proved": (
        _steps(-1),
        "neither asserted nor concluded before",
    ),
    "a conclusion that nothing needs": (_conclude_more, "concluded, and then not used"),
    "called absent in words, and there": (
        _last(absent=(Absence(PLAN, "FILTER(false)"),)),
        "called absent, and there",
    ),
    "called absent, and there": (_last(absent=(THERE,)), "called absent, and there"),
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
    asked = explainer.asked(plan="hiram-report", power="sign-off", body="st-ewolds-trust")
    (explanation,) = explainer.explain_cell(asked)
    proof = explanation.found.proofs[0]
    step = proof.steps[-1]
    assert step.rule == "40_inherit"
    here, there = (ox.NamedNode(thing(name)) for name in ("hiram-report", "council-programme"))
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


def _example(subject: str, predicate: str, value: str) -> ox.Triple:
    names = {"a": TYPE, "sub": ox.NamedNode(RDFS + "subClassOf")}
    return ox.Triple(
        ox.NamedNode(EX + subject),
        names.get(predicate, ox.NamedNode(EX + predicate)),
        ox.NamedNode(EX + value),
    )


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
    assert "nor concluded before" in _objection(store, there, one, two)
    assert "nor concluded before" in _objection(store, here, two, one)


def test_a_derived_axiom_told_as_stated() -> None:
    store = closed(":C rdfs:subClassOf :D . :D rdfs:subClassOf :E . :x a :C .")
    goal, member, axiom = (
        _example(*names) for names in (("x", "a", "E"), ("x", "a", "C"), ("C", "sub", "E"))
    )
    step = Step("cax-sco", "", (goal,), (member,), (axiom,))
    assert "not an asserted axiom" in _objection(store, goal, step)


@pytest.mark.parametrize(
    "parts",
    [
        pytest.param("(:A :B)", id="anonymous"),
        pytest.param(":list . :list rdf:first :A ; rdf:rest :more . "
                     ":more rdf:first :B ; rdf:rest rdf:nil", id="named"),
    ],
)  # fmt: skip
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
    assert "does not follow" in _objection(
        store, goal, Step("cls-int1", "", (goal,), premises, axioms)
    )
    store.add(ox.Quad(two.subject, two.predicate, two.object, ox.NamedNode(EX + "graph")))
    if place == "axioms":
        both = Step("cls-int1", "", (goal,), (one, two), axioms)
        assert _objection(store, goal, both) == "None"
