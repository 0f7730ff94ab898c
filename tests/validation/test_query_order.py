"""Putting the patterns of a query in order changes no answer."""

from __future__ import annotations

import pytest
from rdflib import Graph, URIRef
from rdflib.plugins.sparql import prepareQuery

from nhskg.shacl.loading import load_shapes
from nhskg.shacl.pyshacl_engine import to_graph
from nhskg.shacl.query_order import prepare

from .corpus import SHAPES, base

QUERIES = [text for text, _ in load_shapes(SHAPES).queries()]

OTHERS = [
    "SELECT ?a ?b WHERE { ?a ?p ?b . ?b ?q ?this . FILTER EXISTS { ?b a ?c . ?a ?p ?b } }",
    "SELECT ?b WHERE { { $this ?p ?b } UNION { ?b ?p $this } OPTIONAL { ?b ?q ?c . ?c a ?d } }",
    "SELECT (COUNT(?b) AS ?n) WHERE { ?b ?p $this FILTER NOT EXISTS { ?b a ?c . ?c ?r ?s } }",
    "SELECT ?x WHERE { $this (<http://a>|!<http://b>)+ ?x . ?x ?p [ ?q ?y ] } ORDER BY ?x",
]


@pytest.fixture(scope="module")
def graph() -> Graph:
    skipped = "definition", "prefLabel", "isDefinedBy", "scopeNote"
    return to_graph(quad for quad in base() if not quad.predicate.value.endswith(skipped))


@pytest.mark.parametrize("text", [*QUERIES, *OTHERS])
def test_a_query_in_order_answers_as_it_did(text: str, graph: Graph) -> None:
    plain = prepareQuery(text)
    for this in ("claim/gazette/sign-off", "hiram-report", "document/gazette"):
        bound = {"this": URIRef(f"https://w3id.org/nhskg/id/{this}")}
        expected = sorted(map(str, Graph.query(graph, plain, initBindings=bound)))
        assert sorted(map(str, Graph.query(graph, prepare(text), initBindings=bound))) == expected


def test_a_query_starts_from_the_focus() -> None:
    text = "SELECT ?b WHERE { ?b a <http://c> . ?a <http://p> ?b . ?this <http://q> ?a }"
    algebra = prepare(text).algebra
    while algebra.name != "BGP":
        algebra = algebra["p"]
    assert [str(triple[0]) for triple in algebra["triples"]] == ["this", "a", "b"]
