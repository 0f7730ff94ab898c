"""The checker rejects a proof in which anything has been changed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pyoxigraph as ox
import pytest

from nhskg.explain.explaining import Explainer
from nhskg.rdf.sparql.algebra import Filter, Group, Pattern
from nhskg.rdf.terms import NS, RDF_TYPE, RDFS, XSD, thing
from nhskg.reasoning.proofs import Absence, Proof, Step
from tests.oracles.proof_checker import ProofChecker

from .conftest import EX, closed

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
PLAN = ox.NamedNode(NS + "Plan")
FALSEHOOD = ox.Literal("false", datatype=ox.NamedNode(XSD + "boolean"))
THERE = Absence(Group((Filter(FALSEHOOD),)), f"?plan a <{NS}Plan>")
THERE_GROUP = Group((Pattern(ox.Variable("plan"), TYPE, PLAN),))
STATED = ox.Triple(
    ox.NamedNode("https://w3id.org/nhskg/id/hiram-report"), TYPE, ox.NamedNode(NS + "Proposal")
)


def _conclude_more(proof: Proof) -> Proof:
    """Let the last step tell another triple of the holding that it makes."""
    step = proof.steps[-1]
    subject = step.conclusions[0].subject
    holder = next(t.object for t in step.premises if t.predicate == ox.NamedNode(NS + "holder"))
    more = ox.Triple(subject, ox.NamedNode(NS + "holder"), holder)
    assert more not in step.conclusions
    return replace(
        proof, steps=(*proof.steps[:-1], replace(step, conclusions=(*step.conclusions, more)))
    )


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
    "another rule of the project": (
        _change(-1, rule="41_succeed", source="ontology/rules/41_succeed.rq"),
        "does not follow",
    ),
    "another file than the rule's": (
        _change(-1, source="ontology/rules/41_succeed.rq"),
        "does not stand in",
    ),
    "a rule that the project has not": (
        _change(-1, rule="99_magic", source="ontology/rules/99_magic.rq"),
        "no rule of the project",
    ),
    "a rule of the project in place of one of OWL": (
        lambda p: _change(
            _first(p, "cax-sco"), rule="40_inherit", source="ontology/rules/40_inherit.rq"
        )(p),
        "applies to no axiom",
    ),
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
    "an axiom that is another": (
        lambda p: _change(_first(p, "cax-sco"), axioms=(STATED,))(p),
        "does not follow",
    ),
    "a premise more, stated and beside the point": (
        _with(-1, lambda s: replace(s, premises=(*s.premises, STATED))),
        "follows without this premise",
    ),
    "a premise more of an OWL step": (
        lambda p: _with(_first(p, "cax-sco"), lambda s: replace(s, premises=(*s.premises, STATED)))(
            p
        ),
        "follows without this premise",
    ),
    "a premise that is derived, and not proved": (
        lambda p: replace(p, steps=(p.steps[-1],)),
        "neither asserted nor concluded before",
    ),
    "a conclusion that nothing needs": (_conclude_more, "concluded, and then not used"),
    "called absent in words, and there": (
        _change(-1, absent=(Absence(THERE_GROUP, "FILTER(false)"),)),
        "called absent, and there",
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
    inverse = ox.NamedNode("http://www.w3.org/2002/07/owl#inverseOf")
    axiom = ox.Triple(ox.NamedNode(EX + "p"), inverse, ox.NamedNode(EX + "q"))
    one = Step("prp-inv2", "", (here,), (there,), (axiom,))
    two = Step("prp-inv1", "", (there,), (here,), (axiom,))
    assert "nor concluded before" in _objection(store, there, one, two)
    assert "nor concluded before" in _objection(store, here, two, one)


def test_a_derived_axiom_told_as_stated() -> None:
    store = closed(":C rdfs:subClassOf :D . :D rdfs:subClassOf :E . :x a :C .")
    step = Step(
        "cax-sco",
        "",
        (_example("x", "a", "E"),),
        (_example("x", "a", "C"),),
        (_example("C", "sub", "E"),),
    )
    assert "not an asserted axiom" in _objection(store, step.conclusions[0], step)


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
    owl, rdf = "http://www.w3.org/2002/07/owl#", "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
    (quad,) = store.quads_for_pattern(None, ox.NamedNode(owl + "intersectionOf"), None, None)
    assert isinstance(quad.object, ox.NamedNode | ox.BlankNode)
    first = ox.Triple(quad.object, ox.NamedNode(rdf + "first"), ox.NamedNode(EX + "A"))
    told = (quad.triple, first)
    member = _example("x", "a", "A")
    premises, axioms = ((member, *told), ()) if place == "premises" else ((member,), told)
    goal = _example("x", "a", "C")
    step = Step("cls-int1", "", (goal,), premises, axioms)
    assert "does not follow" in _objection(store, goal, step)
    store.add(ox.Quad(*_terms(_example("x", "a", "B")), ox.NamedNode(EX + "graph")))
    if place == "axioms":
        both = Step("cls-int1", "", (goal,), (member, _example("x", "a", "B")), axioms)
        assert _objection(store, goal, both) == "None"


def _terms(triple: ox.Triple) -> tuple[ox.NamedNode, ox.NamedNode, ox.NamedNode]:
    return triple.subject, triple.predicate, triple.object  # type: ignore[return-value]
