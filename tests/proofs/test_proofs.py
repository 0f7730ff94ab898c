"""Every derived triple has a proof, and the checker, which shares no code, accepts it."""

from __future__ import annotations

from pathlib import Path

import pyoxigraph as ox
import pytest

from nhskg.explain.explaining import Explainer
from nhskg.project import Project
from nhskg.queries.names import read_triple
from nhskg.rdf.sparql.algebra import TYPE, Pattern
from nhskg.rdf.terms import DERIVED_GRAPH, NS
from nhskg.reasoning.proof_finder import ProofFinder
from nhskg.reasoning.proofs import Proof
from tests.oracles.proof_checker import ProofChecker

from .conftest import closed, derived, explainer_of

DERIVED = ox.NamedNode(DERIVED_GRAPH)


def _prove_all(finder: ProofFinder, checker: ProofChecker) -> int:
    """Prove every derived triple of a store; return how many there are."""
    triples = derived(finder.facts.store)
    for triple in triples:
        proof = finder.shortest(triple)
        assert proof is not None, triple
        assert proof.steps, triple
        objection = checker.check(proof)
        assert objection is None, (triple, objection)
    return len(triples)


@pytest.mark.parametrize("whose", ["built", "real"])
def test_every_derived_triple_of_a_corpus_has_a_proof_that_holds(
    request: pytest.FixtureRequest, whose: str
) -> None:
    project: Project = request.getfixturevalue(whose)
    finder = explainer_of(project).finder
    checker = ProofChecker(finder.facts.store, Path(project.ontology / "rules"))
    assert _prove_all(finder, checker) > 1000


def test_every_entry_of_the_real_corpus_rests_on_claims_with_passages(real: Project) -> None:
    """Whatever its basis: who says it, in which voice, where."""
    explainer = explainer_of(real)
    kinds = [f"{kind}Holding" for kind in ("Stipulated", "Tentative", "Presupposed", "Unchanged")]
    for kind in (*kinds, "Loss", "BareEntry", "ExistenceEntry"):
        goals = Pattern(ox.Variable("entry"), TYPE, ox.NamedNode(NS + kind))
        proofs = list(map(explainer.finder.shortest, explainer.facts.triples([goals])))
        assert proofs
        for proof in proofs:
            assert proof
            claims = explainer.evidence.claims(proof.leaves())
            assert claims, proof.goal
            for claim in claims:
                assert claim.claimant != "nobody named"
                assert claim.voice != "unknown voice"
                assert claim.passages
                assert all(p.document and p.quote and p.start < p.end for p in claim.passages)


def test_all_minimal_proofs_are_accepted_and_differ(
    explainer: Explainer, checker: ProofChecker
) -> None:
    asked = explainer.asked(plan="agency-statement", power="existence", matter="county-care-agency")
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


def test_what_does_not_hold_has_no_proof_and_what_is_stated_one_without_steps(
    explainer: Explainer, checker: ProofChecker
) -> None:
    goal = read_triple(explainer.facts, "hiram-report", "conflictsWith", "quill-vision")
    assert explainer.finder.all_proofs(goal).proofs == ()
    goal = read_triple(explainer.facts, "hiram-report", "a", "nhs:Proposal")
    (proof,) = explainer.finder.all_proofs(goal).proofs
    assert proof == Proof(goal)
    assert checker.check(proof) is None


LONG_CHAIN = (
    ":r owl:propertyChainAxiom (:a :b :c :d :e :f :g :h :i). :0 :a :1 . :1 :b :2 . "
    ":2 :c :3 . :3 :d :4 . :4 :e :5 . :5 :f :6 . :6 :g :7 . :7 :h :8 . :8 :i :9 ."
)
GRAPHS = {
    "symmetric": ":p a owl:SymmetricProperty . :a :p :b .",
    "cycle": ":p a owl:TransitiveProperty . :a :p :b . :b :p :c . :c :p :a .",
    "inverse": ":q owl:inverseOf :p . :a :p :b .",
    "chain": ":r owl:propertyChainAxiom (:p :q :p). :a :p :b . :b :q :c . :c :p :d .",
    "long chain": LONG_CHAIN,
    "value": "[] owl:onProperty :p ; owl:hasValue :b ; rdfs:subClassOf :C . :a :p :b .",
    "only": ":C rdfs:subClassOf [ owl:onProperty :p ; owl:allValuesFrom :D ] . :a a :C ; :p :b .",
    "union": ":C owl:unionOf (:D :E) . :a a :D .",
    "same": ":C owl:equivalentClass :D . :D owl:equivalentClass :E . :a a :C .",
    "equality": ":p a owl:FunctionalProperty . :a :p :b , :c . :b :q :d . :e :q :c .",
    "circular": ":p owl:inverseOf :q . :q a owl:SymmetricProperty . :a :p :b .",
    "schema": ":p rdfs:subPropertyOf :q . :q rdfs:domain :C ; rdfs:range :D . "
    ":C rdfs:subClassOf :E .",
}


@pytest.mark.parametrize("name", GRAPHS)
def test_owl_rules_on_small_graphs(name: str, tmp_path: Path) -> None:
    """What OWL derives is proved by the rules of the standard, cycles and equality included.

    No proof is circular, where of two triples that support each other one is stated.
    """
    store = closed(GRAPHS[name])
    finder, checker = ProofFinder(store, (), derived=DERIVED), ProofChecker(store, tmp_path)
    assert _prove_all(finder, checker)
    found = [p for triple in derived(store) for p in finder.all_proofs(triple, most=9).proofs]
    assert not list(filter(None, map(checker.check, found)))


def test_cut_short_says_so(explainer: Explainer) -> None:
    goal = read_triple(explainer.facts, "hiram-report", "a", "nhs:Plan")
    found = explainer.finder.all_proofs(goal, most=2)
    assert len(found.proofs) == 2
    assert not found.complete
