"""The program on a server derives what it derives in a store of this process."""

from __future__ import annotations

from collections.abc import Iterator

import pyoxigraph as ox
import pytest

from nhskg.rdf.endpoint import Address, Endpoint, Staging
from nhskg.rdf.errors import StoreError
from nhskg.reasoning.reasoner import CompiledEngine, Engine
from nhskg.reasoning.remote import RemoteEngine, RemoteStore
from nhskg.reasoning.rules import RuleText
from nhskg.reasoning.sparql_executor import SparqlExecutor
from tests.cases import cases

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


@cases("remote/reasoning.yaml")
def test_the_same_is_derived_as_in_this_process(endpoint: Endpoint, case: str) -> None:
    expected = derive(CompiledEngine(RULES), case)
    with Staging(endpoint) as staging:
        assert derive(RemoteEngine(RULES, staging), case) == expected
    assert (expected[2] > 0 or expected[1] != []) is (case != "")


def test_what_others_keep_takes_no_part(server: Oxigraph, endpoint: Endpoint) -> None:
    server.load(f"<{EX}a> <{EX}next> <{EX}b> <urn:others:graph> .\n")
    server.load(f"<{EX}b> <{EX}next> <{EX}c> .\n")
    with Staging(endpoint) as staging:
        store = given(":x :next :a .")
        assert RemoteEngine(RULES, staging).derive(store, DERIVED).derived == 1


@pytest.mark.parametrize("body", [ROWS, '{"head":{"vars":["n_"]},"results":{"bindings":[]}}'])
def test_what_is_no_count_is_refused(body: str) -> None:
    with Server(answers(200, body)) as server:
        endpoint = Endpoint(Address(server.url))
        with pytest.raises(StoreError, match=r"^query failed: .*came back"):
            SparqlExecutor(RemoteStore(endpoint, []))._count(ONE)
        endpoint.close()
