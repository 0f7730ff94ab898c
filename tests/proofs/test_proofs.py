"""Every derived triple has a proof, and the checker, which shares no code, accepts it."""

from __future__ import annotations

from pathlib import Path

import pyoxigraph as ox
import pytest

from nhskg.graph.store import open_published
from nhskg.project import Project
from nhskg.proofs.checking import ProofChecker
from nhskg.proofs.explaining import Explainer
from nhskg.proofs.finder import ProofFinder
from nhskg.proofs.model import Proof
from nhskg.reasoning.compiled_engine import read_rule_texts
from nhskg.reasoning.domain import RuleText
from nhskg.reasoning.reasoner import reason
from nhskg.reasoning.stores import EmbeddedStore
from nhskg.terms import DERIVED_GRAPH

from .conftest import derived

SAMPLE = 1500
"""How many derived triples of the real corpus are proved and checked."""


def test_every_derived_triple_has_a_proof_that_holds(
    explainer: Explainer, checker: ProofChecker, store: ox.Store
) -> None:
    triples = derived(store)
    assert len(triples) > 1000
    for triple in triples:
        proof = explainer.finder.shortest(triple)
        assert proof is not None, triple
        assert proof.steps, triple
        assert checker.check(proof) is None, (triple, checker.check(proof))


def test_derived_triples_of_the_real_corpus(real: Project) -> None:
    """A fixed sample, spread over the graph: all of them take more than a minute."""
    store = open_published(real.build).open()
    finder = ProofFinder(store, read_rule_texts(real.ontology / "rules"))
    checker = ProofChecker(store, real.ontology / "rules")
    triples = derived(store)
    step = 7919  # a prime: walks over every triple, near ones far apart
    for number in range(min(SAMPLE, len(triples))):
        triple = triples[number * step % len(triples)]
        proof = finder.shortest(triple)
        assert proof is not None, triple
        assert checker.check(proof) is None, (triple, checker.check(proof))


def test_all_minimal_proofs_are_accepted_and_differ(
    explainer: Explainer, checker: ProofChecker
) -> None:
    asked = explainer.asked(plan="quill-vision", power="sign-off", body="st-ewolds-trust")
    (explanation,) = explainer.explain_cell(asked, everything=True)
    proofs = explanation.found.proofs
    assert explanation.found.complete
    assert len(proofs) > 1
    assert [len(p.steps) for p in proofs] == sorted(len(p.steps) for p in proofs)
    used = [frozenset((s.rule, s.premises) for s in proof.steps) for proof in proofs]
    assert not any(one < two for one in used for two in used), "one has a superfluous step"
    assert len(set(used)) == len(used)
    for proof in proofs:
        assert checker.check(proof) is None


def test_no_proof_of_what_does_not_hold(explainer: Explainer) -> None:
    goal = explainer.names.triple("hiram-report", "conflictsWith", "quill-vision")
    assert explainer.finder.all_proofs(goal).proofs == ()


def test_the_proof_of_what_is_stated_has_no_steps(
    explainer: Explainer, checker: ProofChecker
) -> None:
    goal = explainer.names.triple("hiram-report", "a", "nhs:Proposal")
    (proof,) = explainer.finder.all_proofs(goal).proofs
    assert proof == Proof(goal)
    assert checker.check(proof) is None


EX = "https://example.org/"


def _closed(turtle: str, *rules: RuleText) -> ox.Store:
    store = ox.Store()
    prefixes = (
        f"@prefix : <{EX}> . @prefix owl: <http://www.w3.org/2002/07/owl#> . "
        "@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> . "
    )
    graph = ox.NamedNode(EX + "graph")
    for quad in ox.parse(prefixes + turtle, format=ox.RdfFormat.TURTLE):
        store.add(ox.Quad(quad.subject, quad.predicate, quad.object, graph))
    reason(EmbeddedStore(store), rules, ox.NamedNode(DERIVED_GRAPH))
    return store


@pytest.mark.parametrize(
    "turtle",
    [
        pytest.param(":p a owl:SymmetricProperty . :a :p :b .", id="symmetric"),
        pytest.param(":p a owl:TransitiveProperty . :a :p :b . :b :p :c . :c :p :a .", id="cycle"),
        pytest.param(":q owl:inverseOf :p . :a :p :b .", id="inverse"),
        pytest.param(
            ":r owl:propertyChainAxiom (:p :q :p). :a :p :b . :b :q :c . :c :p :d .", id="chain"
        ),
        pytest.param(
            "[] owl:onProperty :p ; owl:hasValue :b ; rdfs:subClassOf :C . :a :p :b .", id="value"
        ),
        pytest.param(
            ":C rdfs:subClassOf [ owl:onProperty :p ; owl:allValuesFrom :D ] . :a a :C ; :p :b .",
            id="only",
        ),
        pytest.param(":C owl:unionOf (:D :E) . :a a :D .", id="union"),
        pytest.param(
            ":C owl:equivalentClass :D . :D owl:equivalentClass :E . :a a :C .", id="same"
        ),
        pytest.param(
            ":p a owl:FunctionalProperty . :a :p :b , :c . :b :q :d . :e :q :c .", id="equality"
        ),
        pytest.param(
            ":p rdfs:subPropertyOf :q . :q rdfs:domain :C ; rdfs:range :D . :C rdfs:subClassOf :E.",
            id="schema",
        ),
    ],
)
def test_owl_rules_on_small_graphs(turtle: str, tmp_path: Path) -> None:
    """What OWL derives is proved by the rules of the standard, cycles and equality included."""
    store = _closed(turtle)
    finder, checker = ProofFinder(store, ()), ProofChecker(store, tmp_path)
    triples = derived(store)
    assert triples
    for triple in triples:
        proof = finder.shortest(triple)
        assert proof is not None, triple
        assert checker.check(proof) is None, (triple, checker.check(proof))


def test_circular_support_is_no_proof() -> None:
    """Each of two triples supports the other; only one is stated, and proofs end there."""
    store = _closed(":p owl:inverseOf :q . :q a owl:SymmetricProperty . :a :p :b .")
    finder = ProofFinder(store, ())
    for triple in derived(store):
        for proof in finder.all_proofs(triple).proofs:
            known: set[ox.Triple] = set()
            for step in proof.steps:
                assert all(p in known or finder.facts.is_asserted(p) for p in step.premises)
                known |= set(step.conclusions)


def test_cut_short_says_so(explainer: Explainer) -> None:
    goal = explainer.names.triple("hiram-report", "a", "prov:Entity")
    found = explainer.finder.all_proofs(goal, most=2)
    assert len(found.proofs) == 2
    assert not found.complete
