"""All that the tables say, what holds of everything too, compared with two other readings."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path

import owlrl
import pyoxigraph as ox
import pytest
import yaml
from rdflib import Graph, URIRef

from nhskg.rdf.terms import OWL, RDF, RDFS, XSD
from nhskg.reasoning.blank_nodes import skolemize
from nhskg.reasoning.closure import DERIVED, Closure
from nhskg.reasoning.closure import GIVEN as STATED
from nhskg.reasoning.reasoner import CompiledEngine, choose_executor, reason
from tests.oracles.proof_checker import ProofChecker, all_follow, closure

from .test_forms import DATA
from .test_running import DERIVED as OUTPUT
from .test_running import rule_texts, run
from .test_tables import CASES, GIVEN, Case, Triples, parse

VOCABULARY = (OWL, RDF, RDFS, XSD)


@cache
def closed(premises: Triples) -> tuple[Closure, frozenset[ox.Triple]]:
    found = Closure(premises, CompiledEngine(()))
    return found, frozenset(found.triples())


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_it_is_what_the_standard_rules_say(case: Case) -> None:
    """The rules of the proof checker, until they add nothing; of literals, more follows."""
    store = closed(case.premises)[0].store
    given = {quad.triple for quad in store.quads_for_pattern(None, None, None, STATED)}
    found, expected = closed(case.premises)[1], closure(given) - given
    assert expected <= found
    assert found == expected or all_follow(given, found)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_each_triple_has_a_proof_that_holds(case: Case, tmp_path: Path) -> None:
    """Also what follows in the store of a project; of the vocabulary itself in one case only."""
    found, triples = closed(case.premises)
    checker = ProofChecker(found.store, tmp_path, DERIVED)
    for triple in triples if not case.premises else filter(speaks_of_something, triples):
        proof = found.prove(triple)
        assert proof is not None, triple
        assert checker.check(proof) is None, (triple, checker.check(proof), proof)


def speaks_of_something(triple: ox.Triple) -> bool:
    return not getattr(triple.subject, "value", "").startswith(VOCABULARY)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_nothing_is_lost_of_what_is_derived_for_a_store(case: Case) -> None:
    store = ox.Store()
    store.extend(ox.Quad(t.subject, t.predicate, t.object, GIVEN) for t in case.premises)
    reason(choose_executor(store, ()), (), DERIVED)
    derived = store.quads_for_pattern(None, None, None, DERIVED)
    assert {skolemize(quad.triple) for quad in derived} <= closed(case.premises)[1]


SCOPES = {
    "a path that its group does not bind starts at every node",
    "an empty list holds nothing",
    "a variable made of EXISTS",
    "EXISTS within IF",
    "a table in UNION, of what was left unbound",
    "left to SPARQL: MINUS with a group that would see a variable outside",
    "left to SPARQL: OPTIONAL with a group that would see a variable outside",
}
"""Forms of rules whose instances the finder or the checker does not read as SPARQL does."""


def programs() -> Iterator[tuple[str, str, list[str]]]:
    """Yield the names of cases, their data in TriG, and their rules."""
    folder = Path(__file__).parent / "cases"
    for name, case in yaml.safe_load((folder / "running.yaml").read_text("utf-8")).items():
        if "refused" not in case:
            yield name, case["data"], case["rules"]
    for name, case in yaml.safe_load((folder / "forms.yaml").read_text("utf-8")).items():
        yield name, f":g {{ {case.get('data', DATA)} }}", case["rules"]


@pytest.mark.parametrize(
    ("data", "rules"),
    [pytest.param(data, rules, id=name) for name, data, rules in programs() if name not in SCOPES],
)
def test_what_rules_derive_has_a_proof_that_holds(
    data: str, rules: list[str], tmp_path: Path
) -> None:
    _, _, store = run(data, *rules)
    texts = [replace(text, source=f"{tmp_path / text.name}.rq") for text in rule_texts(rules)]
    for text in texts:
        Path(text.source).write_text(text.text, "utf-8")
    given = (quad.triple for quad in store if quad.graph_name != OUTPUT)
    found = Closure(given, CompiledEngine(texts))
    checker = ProofChecker(found.store, tmp_path, DERIVED)
    for quad in store.quads_for_pattern(None, None, None, OUTPUT):
        proof = found.prove(quad.triple)
        assert proof is not None, quad
        assert checker.check(proof) is None, (quad, checker.check(proof), proof)


def test_owlrl_derives_it_too() -> None:
    """With the axiomatic triples of the RDF-Based Semantics, which are more than the tables say."""
    given = parse("""
        @prefix : <http://example.org/> . @prefix owl: <http://www.w3.org/2002/07/owl#> .
        @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
        :A a owl:Class ; rdfs:subClassOf :B . :a a :A ; :p :b ; owl:sameAs :c .
        :p a owl:ObjectProperty ; rdfs:subPropertyOf :q ; rdfs:domain owl:Thing . :q rdfs:range :A .
        :d a owl:DatatypeProperty . :R owl:onProperty :p ; owl:someValuesFrom :A .
        :E rdfs:subClassOf :F . :F rdfs:subClassOf :E .
    """)
    graph = Graph().parse(data=ox.serialize(given, format=ox.RdfFormat.N_TRIPLES), format="nt")
    rules = owlrl.OWLRL_Semantics
    owlrl.DeductiveClosure(rules, axiomatic_triples=True, datatype_axioms=True).expand(graph)
    lines = (f"{s.n3()} {p.n3()} {o.n3()}" for s, p, o in graph if isinstance(o, URIRef))
    triples = closed(given)[1]
    assert len(triples) > 150
    assert set(map(str, triples)) <= set(lines)
