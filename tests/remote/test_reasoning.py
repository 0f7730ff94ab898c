"""The program on a server derives what it derives in a store of this process."""

from __future__ import annotations

from collections.abc import Iterator

import pyoxigraph as ox
import pytest

from nhskg.rdf.address import Address
from nhskg.rdf.endpoint import Endpoint
from nhskg.rdf.errors import StoreError
from nhskg.rdf.staging import STAGING, Staging
from nhskg.reasoning.reasoner import CompiledEngine, Engine
from nhskg.reasoning.remote import RemoteEngine, RemoteStore
from nhskg.reasoning.rule_normalization import RuleText
from nhskg.reasoning.sparql_executor import SparqlExecutor

from .servers import Oxigraph, Server, canonical
from .test_endpoint import ROWS, answers

EX = "http://example.org/"
ONE, TWO, DERIVED = (ox.NamedNode(EX + name) for name in ("one", "two", "derived"))
PREFIXES = f"""@prefix : <{EX}> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""

CASES = {
    "blank nodes in the data": """:p a owl:SymmetricProperty . :a :p [ :q :b ] .
      [] :p _:x . _:x :p :c .""",
    "blank nodes that are the same": """:p a owl:FunctionalProperty .
      _:a :q :c . :x :p _:a . :x :p _:b . _:b :r "é" . :x :p :d .""",
    "anonymous classes": """:A owl:equivalentClass [ owl:intersectionOf (
      [ owl:onProperty :p ; owl:hasValue "\\"a\\\\\\n\\u0007" ]
      [ owl:onProperty :q ; owl:someValuesFrom [ owl:oneOf ( "é"@fr 1 _:n ) ] ] ) ] .
      :x :p "\\"a\\\\\\n\\u0007" ; :q "é"@fr . :y :p "\\"a\\\\\\n\\u0007" ; :q 1 . :z a :A .""",
    "axioms about blank nodes": "[] rdfs:subClassOf :A ; owl:equivalentClass :B . :b a :B .",
    "axioms that follow": """:sub rdfs:subPropertyOf rdfs:subClassOf . :A :sub :B . :a a :A .
      :t rdfs:subPropertyOf :u . :u rdfs:range owl:TransitiveProperty . :k :t :next .
      :n0 :next :n1 . :n1 :next :n2 . :n2 :next :n3 .""",
    "equality": """:a owl:sameAs :b . :b owl:sameAs :c . :d :q :c .
      :a :p "x"@en , "x" , 1.5 , true .""",
    "keys": """:A owl:hasKey ( :k ) . :a a :A ; :k "k\\t"@en-GB . :b a :A ; :k "k\\t"@en-GB .""",
    "a clash": """:A owl:disjointWith [ owl:oneOf ( :a _:b ) ] . :a a :A . _:b a :A .""",
    "chains and long paths": """:p owl:propertyChainAxiom ( :q :q ) . :q a owl:TransitiveProperty .
      :n0 :q :n1 . :n1 :q :n2 . :n2 :q :n3 . :n3 :q :n4 . :n4 :q :n0 .""",
    "what stands there already": ":A rdfs:subClassOf :B . :a a :A , :B . :b a :A .",
    "nothing": "",
}


def rule(name: str, head: str, body: str) -> RuleText:
    return RuleText(f"PREFIX : <{EX}> CONSTRUCT {{ {head} }} WHERE {{ {body} }}", name)


RULES = [
    rule("far", "?x :far ?y", "?x :next+ ?y"),
    rule("lonely", "?x :lonely true", "?x :r ?z FILTER NOT EXISTS { ?x :far ?y }"),
    rule("said", '?x :said "\\"é\\\\u0041\\n"@fr', "?x :p* ?y . ?x :q ?z"),
]


@pytest.fixture
def endpoint(server: Oxigraph) -> Iterator[Endpoint]:
    endpoint = Endpoint(Address(server.url))
    yield endpoint
    endpoint.close()


def given(turtle: str) -> ox.Store:
    """Return a store with triples in two graphs, which share their blank nodes."""
    store = ox.Store()
    parsed = ox.parse((PREFIXES + turtle).encode(), format=ox.RdfFormat.TURTLE)
    for number, quad in enumerate(parsed):
        graph = ONE if number % 2 else TWO
        store.add(ox.Quad(quad.subject, quad.predicate, quad.object, graph))
    return store


def derive(engine: Engine, turtle: str) -> tuple[set[ox.Quad], list[str], int]:
    store = given(turtle)
    outcome = engine.derive(store, DERIVED)
    clashes = sorted(f"{c.rule} {len(c.triples)}" for c in outcome.inconsistencies)
    return canonical(store), clashes, outcome.derived


@pytest.mark.parametrize("name", CASES)
def test_the_same_is_derived_as_in_this_process(endpoint: Endpoint, name: str) -> None:
    expected = derive(CompiledEngine(RULES), CASES[name])
    with Staging(endpoint) as staging:
        assert derive(RemoteEngine(RULES, staging), CASES[name]) == expected
    assert (expected[2] > 0 or expected[1] != []) is (name != "nothing")


def test_what_others_keep_takes_no_part(server: Oxigraph, endpoint: Endpoint) -> None:
    server.load(f"<{EX}a> <{EX}next> <{EX}b> <urn:others:graph> .\n")
    server.load(f"<{EX}b> <{EX}next> <{EX}c> .\n")
    with Staging(endpoint) as staging:
        store = given(":x :next :a .")
        assert RemoteEngine(RULES, staging).derive(store, DERIVED).derived == 1


def test_nothing_is_left_of_a_build_that_is_not_published(
    server: Oxigraph, endpoint: Endpoint
) -> None:
    before = server.graphs()
    with Staging(endpoint) as staging:
        RemoteEngine(RULES, staging).derive(given(CASES["anonymous classes"]), DERIVED)
        assert any(name.startswith(STAGING) for name in server.graphs())
    assert server.graphs() == before


@pytest.mark.parametrize("body", [ROWS, '{"head":{"vars":["n_"]},"results":{"bindings":[]}}'])
def test_what_is_no_count_is_refused(body: str) -> None:
    with Server(answers(200, body)) as server:
        endpoint = Endpoint(Address(server.url))
        with pytest.raises(StoreError, match=r"^query failed: .*came back"):
            SparqlExecutor(RemoteStore(endpoint, []))._count(ONE)
        endpoint.close()
