"""What ``why`` and ``why-not`` say of each kind of entry, on small invented cases."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pyoxigraph as ox
import pytest

from nhskg.explain.explaining import Asked, Explainer
from nhskg.explain.summary import summary_branches
from nhskg.explain.why_not import explain_refusal, refusal_branch
from nhskg.graph.mapping import map_ontology
from nhskg.rdf import terms
from nhskg.reasoning.proof_trees import render_text
from nhskg.reasoning.reasoner import choose_executor, read_rule_texts, reason
from tests.oracles.proof_checker import ProofChecker

ONTOLOGY = Path(__file__).parents[2] / "ontology"
RULES = read_rule_texts(ONTOLOGY / "rules")
X, CLAIM = terms.ID + "x-", terms.ID + "claim/x/"
PREFIXES = f"""
@prefix c: <{X}> . @prefix k: <{CLAIM}> . @prefix nhs: <{terms.NS}> . @prefix oa: <{terms.OA}> .
@prefix skos: <{terms.SKOS}> . @prefix dcterms: <{terms.DCTERMS}> .
"""
THINGS = """
c:base a nhs:StatusQuo ; skos:prefLabel "the law" .
c:plan a nhs:Proposal ; nhs:baseline c:base ; skos:prefLabel "the plan" ;
    nhs:account nhs:WholeAccount .
c:part a nhs:Proposal ; nhs:baseline c:base ; skos:prefLabel "the sentence" .
c:trust a nhs:Organisation ; skos:prefLabel "trust" .
c:board a nhs:Organisation ; skos:prefLabel "board" .
c:guild a nhs:Organisation ; skos:prefLabel "guild" .
c:care a nhs:Matter ; skos:prefLabel "care" .
c:beds a nhs:Matter ; skos:prefLabel "beds" ; skos:broader c:care .
c:ready a nhs:Condition ; skos:prefLabel "they are ready" .
c:elected a nhs:Event ; dcterms:type nhs:TakingOffice ; skos:prefLabel "they win" .
c:ann a <http://xmlns.com/foaf/0.1/Person> ; skos:prefLabel "Ann" .
c:bob a <http://xmlns.com/foaf/0.1/Person> ; skos:prefLabel "Bob" .
c:doc a nhs:SourceDocument ; skos:notation "x" ; skos:prefLabel "Text" .
"""
ANN, BOB = "nhs:claimant c:ann ; nhs:voice nhs:DirectQuote", "nhs:claimant c:bob"
CARE = "nhs:power nhs:Commission ; nhs:matter c:care"
FROM, TO = f"{CARE} ; nhs:fromBody c:trust", f"{CARE} ; nhs:toBody c:board"


def _claim(action: str, what: str, modality: str, *, plan: str = "plan", who: str = ANN) -> str:
    """A provision, named for its action."""
    return (
        f"k:{action} a nhs:Provision ; nhs:provisionOf c:{plan} ; nhs:action nhs:{action} ; "
        f"{what} ; nhs:modality nhs:{modality} ; {who} .\n"
    )


def _law(modality: str, who: str = ANN) -> str:
    return _claim("Confer", f"{CARE} ; nhs:toBody c:trust", modality, plan="base", who=who)


PLAIN = _law("InForce")
MERELY = """k:Require a nhs:SoleRoleProvision ; nhs:evidence k:place .
k:place oa:hasSource c:doc ; oa:hasSelector k:quote , k:span .
k:quote oa:exact "would merely advise" . k:span oa:start 10 ; oa:end 20 .
"""
ROLE = "nhs:power nhs:AdvisoryRole ; nhs:matter c:care ; nhs:toBody c:trust"
GATE = "nhs:effectiveWhen c:ready"
SILENCE = f"k:open a nhs:Silence ; nhs:subject c:plan ; {CARE} ; nhs:candidate c:board , c:guild"
DUTY = f"nhs:deontic nhs:AsDuty ; {GATE} ; nhs:counterpart c:guild"


def _explainer(claims: str) -> Explainer:
    store = ox.Store()
    store.extend(map_ontology(ONTOLOGY))
    for name, turtle in ((terms.REGISTER_GRAPH, THINGS), (terms.GRAPH + "x", claims)):
        graph = ox.NamedNode(name)
        for quad in ox.parse(PREFIXES + turtle, format=ox.RdfFormat.TURTLE):
            store.add(ox.Quad(quad.subject, quad.predicate, quad.object, graph))
    reason(choose_executor(store, RULES), RULES, ox.NamedNode(terms.DERIVED_GRAPH))
    return Explainer(store, RULES)


def _asked(body: str | None, plan: str = "plan", power: str = "Commission") -> Asked:
    named = ox.NamedNode
    return Asked(named(X + plan), named(terms.NS + power), named(X + body) if body else None)


def _words(text: str) -> str:
    return " ".join(text.replace("│", " ").split())


CASES = {
    "says so": (
        _claim("Require", TO, "Will"),
        _asked("board"),
        ["commissioning over care, board, under the plan: says so", "modality will"],
    ),
    "keeps": (
        _claim("Retain", f"{CARE} ; nhs:toBody c:trust", "Will"),
        _asked("trust"),
        ["under the plan: keeps", "wholly"],
    ),
    "takes away": (
        PLAIN + _claim("Remove", FROM, "Will"),
        _asked("trust"),
        ["under the plan: takes away", "modality will; wholly"],
    ),
    "in part": (
        PLAIN + _claim("Remove", FROM.replace("c:care", "c:beds"), "Will"),
        replace(_asked("trust"), matter=ox.NamedNode(X + "care")),
        ["under the plan: takes away", "in part: beds", "the rest stays where it was"],
    ),
    "on condition": (
        PLAIN + _claim("Remove", f"{FROM} ; {GATE}", "Will"),
        _asked("trust"),
        ["on condition: takes; until then as now", "once they are ready", "trust (in force)"],
    ),
    "given on condition": (
        PLAIN + _claim("Require", f"{TO} ; {GATE}", "Will"),
        _asked("board"),
        ["on condition: gives; until then as now", "once they are ready", "trust (in force)"],
    ),
    "taking office": (
        PLAIN + _claim("Remove", f"{FROM} ; nhs:effectiveWhen c:elected", "Will"),
        _asked("trust"),
        ["under the plan: takes away", "wholly; if they win"],
    ),
    "suggested": (
        PLAIN + _claim("Remove", FROM, "Could"),
        _asked("trust"),
        ["under the plan: suggested: takes", "modality could"],
    ),
    "ruled out": (
        PLAIN + _claim("Remove", FROM, "WillNot"),
        _asked("trust"),
        ["under the plan: ruled out: will not remove"],
    ),
    "giving ruled out": (
        _claim("Require", TO, "WillNot"),
        _asked("board"),
        ["under the plan: ruled out: will not require"],
    ),
    "sole role": (
        PLAIN + _claim("Require", ROLE, "Would") + MERELY,
        _asked("trust"),
        ["under the plan: takes away", "modality would; wholly; implied by “merely”"],
    ),
    "implied": (
        _claim("Remove", f"{FROM} ; {GATE}", "Should"),
        _asked("trust", "base"),
        [
            "under the law: in force, as implied by Ann",
            "remove it under the plan",
            "!modality",
            "!once",
        ],
    ),
    "characterised": (
        _law("Characterised", BOB),
        _asked("trust", "base"),
        ["under the law: in force, as Bob characterises it"],
    ),
    "not so in force": (
        _law("NotInForce", BOB),
        _asked("trust", "base"),
        ["under the law: not so in force then, as the texts report it"],
    ),
    "in force": (
        PLAIN,
        _asked("trust", "base"),
        ["under the law: in force then, as the texts report it"],
    ),
    "not mentioned": (
        PLAIN,
        _asked("trust"),
        [
            "under the plan: not mentioned by the plan; in force then, as the texts report it",
            "claim x/Confer",
        ],
    ),
    "not addressed": (
        PLAIN,
        _asked("trust", "part"),
        ["under the sentence: not addressed by the plan; in force then"],
    ),
    "only characterised": (
        _law("Characterised", BOB),
        _asked("trust"),
        ["under the plan: not addressed by the plan; in force, as Bob characterises it"],
    ),
    "existence": (
        _claim("Abolish", "nhs:target c:guild", "Will"),
        _asked(None, power="Existence"),
        ["existence of guild under the plan: ended"],
    ),
    "left open": (
        f"{SILENCE} ; {BOB} .",
        _asked("board"),
        ["commissioning over care under the plan: left open: board or guild"],
    ),
    "a sibling has the duty and the gate": (
        _claim("Confer", TO, "Will") + _claim("Require", f"{TO} ; {DUTY}", "Will"),
        _asked("board"),
        ["under the plan: says so", "1 claim says so less firmly", "!once", "!duty", "!with guild"],
    ),
    "a basis rests on the claim that is as firm": (
        _claim("Confer", f"{TO} ; {GATE}", "Will") + _claim("Require", TO, "Will"),
        _asked("board"),
        ["under the plan: says so", "claim x/Require", "1 claim says so less firmly", "!once"],
    ),
    "until then it exists": (
        _claim("Establish", "nhs:target c:guild", "InForce", plan="base")
        + _claim("Abolish", f"nhs:target c:guild ; {GATE}", "Will"),
        _asked(None, power="Existence"),
        ["on condition: ends; until then as now", "as the texts report it: guild (in force)"],
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_why(name: str) -> None:
    """The first line has the words of the matrix; limits stand with the claim that has them."""
    claims, asked, expected = CASES[name]
    explainer = _explainer(claims)
    checker = ProofChecker(explainer.facts.store, ONTOLOGY / "rules")
    (explained, *more) = explainer.explain_cell(asked)
    assert not more
    (proof,) = explained.found.proofs
    assert checker.check(proof) is None
    text = _words(render_text(summary_branches([explained], explainer), width=1000))
    for words in expected:
        assert (words.lstrip("!") in text) is not words.startswith("!"), text


REFUSED = {
    "takes away": "is not held by trust under the plan",
    "in part": "is not plainly held by trust",
    "on condition": "is not plainly held by trust",
    "suggested": "is not plainly held by trust",
    "sole role": "implied by “merely”",
    "not so in force": "is not held by trust under the law",
    "giving ruled out": "is not held by board under the plan",
    "given on condition": "is not plainly held by board under the plan",
    "only characterised": "is not carried into a plan",
    "left open": "is not plainly held by board under the plan",
}
HELD = ("says so", "keeps", "ruled out", "implied", "characterised", "in force", "not mentioned")


@pytest.mark.parametrize("name", [*REFUSED, *HELD])
def test_why_not(name: str) -> None:
    """Silence carries only what is plainly in force; what a plan makes of a body is the answer."""
    claims, asked, expected = CASES[name]
    explainer = _explainer(claims)
    refusal = explain_refusal(explainer, asked)
    assert bool(refusal.held) == (name in HELD)
    if not refusal.held:
        text = _words(render_text([refusal_branch(refusal, explainer)], width=1000))
        assert REFUSED[name] in text
        assert expected[0] in text
