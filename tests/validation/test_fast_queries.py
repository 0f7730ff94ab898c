"""SPARQL-based constraints: evaluated with ``$this`` pre-bound, or left to pySHACL."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyoxigraph import BlankNode, Literal, NamedNode, Quad

from nhskg.rdf.terms import DERIVED_GRAPH, RDF_TYPE, RDFS, XSD
from nhskg.shacl import fast
from nhskg.shacl.fast.queries import read_select
from nhskg.shacl.fast.terms import Unsupported
from nhskg.shacl.requirements import Shapes

from .both_engines import by_fast, disagreement, own_shapes

EX: Final = "https://example.org/"
PREFIXES: Final = {"ex": EX, "rdfs": RDFS}
TAKEN: Final = (
    "SELECT $this ?value WHERE { $this ex:p ?value }",
    "SELECT $this ?value ?other WHERE { $this ex:p ?value . ?value ex:q|ex:p ?other }",
    "SELECT $this (ex:q AS ?path) ?value WHERE { ?value ex:q $this }",
    "SELECT $this ?path WHERE { $this ?path ex:b }",
    "SELECT $this WHERE { $this ex:p+ $this }",
    "SELECT $this ?value WHERE { $this ex:p $this . BIND($this AS ?value) }",
    "SELECT $this WHERE { FILTER NOT EXISTS { $this ex:p ?any } }",
    "SELECT $this (ex:p AS ?path) WHERE { FILTER EXISTS { $this ex:p ?any } }",
    "SELECT $this WHERE { FILTER NOT EXISTS { ?user ?how $this . FILTER(?user != $this) } }",
    "SELECT $this WHERE { FILTER NOT EXISTS { $this ex:p ?a . ?a ex:q ?b . ?b a ex:C } }",
    "SELECT $this WHERE { FILTER EXISTS { $this ex:p ?a . $this ex:q ?b . FILTER(?b IN (ex:a)) } }",
    """SELECT $this ?value WHERE { $this ex:p ?value .
        FILTER NOT EXISTS { ?other ex:p ?value ; ex:q ?third . FILTER(?other != $this) } }""",
    """SELECT $this ?value WHERE { $this ex:p ?value .
        FILTER EXISTS { ?other ex:p ?value . ?other (ex:p/ex:q)+ ?third } }""",
    """SELECT $this ?path WHERE {
        { $this ex:p+ $this . BIND(ex:p AS ?path) } UNION { $this ex:q $this . BIND(ex:q AS ?path) }
    }""",
    """SELECT $this ?value WHERE { $this a ex:C .
        { $this ex:p ?value } UNION { ?value ex:q $this } FILTER NOT EXISTS { ?value a ex:D } }""",
    """SELECT $this ?value WHERE { $this ex:p ?value .
        FILTER(STR($this) < STR(?value) && !STRSTARTS(STR($this), "https://example.org/b")) }""",
    """SELECT $this ?value WHERE { $this ex:p ?value ; ex:q ?other .
        BIND(IF(STRLEN(STR(?value)) < 20, STRLEN(STR(?value)), 20) AS ?common)
        FILTER(SUBSTR(STR(?value), 1, ?common) != SUBSTR(STR(?other), 2)) }""",
    """SELECT $this ?value WHERE { $this ex:n ?one ; ex:m ?value . FILTER(?one - ?value > 1) }""",
    """SELECT $this ?value WHERE { $this ex:p ?value . ?value a ?kind .
        FILTER EXISTS { ?kind rdfs:subClassOf* ?sort . FILTER(?sort IN (ex:C, ex:D)) } }""",
    """SELECT $this ?value WHERE { $this ex:t ?value .
        FILTER(CONCAT("x", ?value) = "xa" || STRLEN(?value) >= 2) }""",
    "SELECT $this ?value WHERE { OPTIONAL { $this ex:p ?value } }",
    "SELECT $this WHERE { OPTIONAL { $this ex:p ?a . ?a ex:q ?b } FILTER(!BOUND(?a)) }",
    """SELECT $this ?value WHERE { ?value ex:p ?x
        OPTIONAL { ?value ex:q ?y FILTER(?y = $this) } FILTER(BOUND(?y)) }""",
    "SELECT $this ?value WHERE { { BIND($this AS ?value) } UNION { $this ex:p ?value } }",
    "SELECT $this ?value WHERE { { BIND(ex:a AS ?value) FILTER($this = ex:b) } }",
    "SELECT $this ?value WHERE { $this ex:p ?value { ?b ex:q ?value FILTER(?b != $this) } }",
    "SELECT $this WHERE { { ?b ex:q ?a FILTER(?b != $this) } UNION { $this ex:p ?a } }",
    "SELECT $this ?value WHERE { { ?value ex:p ?y . { ?y ex:q ?z FILTER(?z = $this) } } }",
    "SELECT $this WHERE { { ?a ex:p ?b FILTER EXISTS { ?b ex:q $this } } }",
    "SELECT $this WHERE { FILTER EXISTS { { ?a ex:p ?b FILTER(?b = $this) } } }",
    """SELECT $this WHERE { FILTER NOT EXISTS { ?a ex:p ?b
        OPTIONAL { ?b ex:q ?c FILTER(?c = $this) } FILTER(BOUND(?c)) } }""",
    """SELECT $this ?value WHERE { $this ex:p ?value . FILTER(?value = $this
        || EXISTS { ?value ex:q $this } || EXISTS { $this ex:q ?y . ?y ex:p ?value }) }""",
    "SELECT DISTINCT $this ?value WHERE { $this ex:p|^ex:q ?value } ORDER BY ?value",
    """SELECT $this ?value WHERE { $this ex:t ?value . # {$this}
        FILTER(REGEX(?value, '^a') && '{$this}' != ?value) }""",
    "SELECT * WHERE { $this ex:p ?value }",
    "SELECT $this ?value WHERE { $this ex:p ?value FILTER(COALESCE(?nothing, $this) = ?value) }",
)
"""Queries of every form that the engine evaluates itself."""

LEFT: Final = {
    "SELECT $this WHERE { $this ex:p ?a MINUS { ?a ex:q ?b } }": "SHACL forbids",
    "SELECT $this WHERE { VALUES ?a { ex:a } $this ex:p ?a }": "SHACL forbids",
    "SELECT $this WHERE { { SELECT $this { $this ex:p ?a } } }": "SHACL forbids",
    "SELECT $this WHERE { $this $PATH ?value }": "pySHACL reads in its own way",
    "SELECT $this ?failure WHERE { $this ex:p ?failure }": "pySHACL reads in its own way",
    "SELECT $this WHERE { ?a ex:p $this } LIMIT 1": "may differ each time",
    "SELECT $this WHERE { GRAPH ?g { ?a ex:p $this } }": "names graphs",
    "SELECT ?value WHERE { $this ex:p ?value }": "doesn't select $this",
    "SELECT * WHERE { { $this ex:p ?value } }": "doesn't select $this",
    "SELECT $this WHERE { { BIND(ex:a AS $this) } }": "no IRI can replace $this",
    "SELECT $this (1 AS ?value) { $this ex:p ?a } GROUP BY $this": "no IRI can replace $this",
}


@pytest.mark.parametrize(("query", "reason"), LEFT.items())
def test_some_queries_are_left_to_pyshacl(query: str, reason: str) -> None:
    with pytest.raises(Unsupported) as refused:
        read_select(query, PREFIXES, ())
    assert reason in str(refused.value)


@pytest.mark.parametrize(
    ("query", "all_at_once"),
    [
        ("SELECT $this WHERE { $this ex:p ?a FILTER(?a != $this) }", True),
        ("SELECT $this WHERE { FILTER NOT EXISTS { $this ex:p ?a { ?a ex:q $this } } }", True),
        ("SELECT $this WHERE { $this ex:p ?a OPTIONAL { ?a ex:q ?b } }", True),
        ("SELECT $this WHERE { OPTIONAL { $this ex:p ?a } }", False),
        ("SELECT $this WHERE { { ?a ex:p ?b FILTER EXISTS { ?b ex:q $this } } }", False),
        ("SELECT $this WHERE { $this ex:p ?a } ORDER BY ?a", False),
    ],
)
def test_only_some_queries_are_evaluated_for_all_focus_nodes_at_once(
    query: str, all_at_once: bool
) -> None:
    assert read_select(query, PREFIXES, ()).all_at_once == all_at_once


def test_a_path_without_length_from_a_named_node_is_left_to_pyshacl(tmp_path: Path) -> None:
    """Such a node may be in no triple, and pyoxigraph doesn't know it then."""
    query = "SELECT $this ?value WHERE { $this ex:p* ?value }"
    text = f'ex:S sh:targetNode ex:z ; sh:message "m" ; sh:sparql ex:Q . ex:Q sh:select "{query}"'
    own = own_shapes(tmp_path, f"{text} ; sh:prefixes ex:prefixes .")
    assert list(fast.divide(own).left) == [EX + "S"]


@cache
def shapes() -> Shapes:
    targets = ("sh:targetClass ex:C", "sh:targetSubjectsOf ex:p", "sh:targetNode ex:a , ex:none")
    text = ""
    for number, query in enumerate(TAKEN):
        target = targets[number % len(targets)]
        said = '"{$this} has {?value} by {?path} and {?other}"'
        text += f"ex:S{number} {target} ; sh:message {said} ; sh:sparql ex:Q{number} .\n"
        text += f'ex:Q{number} sh:prefixes ex:prefixes ; sh:select """{query}""" .\n'
    text += 'ex:Q1 sh:message "a message of its own: {?value}" .\n'
    with TemporaryDirectory() as folder:
        return own_shapes(Path(folder), text)


def test_all_are_taken() -> None:
    assert fast.divide(shapes()).left == {}


def iri(name: str) -> NamedNode:
    return NamedNode(EX + name)


def integer(text: str) -> Literal:
    return Literal(text, datatype=NamedNode(XSD + "integer"))


NODES = st.sampled_from([*map(iri, "abcd")])
CLASSES = st.sampled_from([iri("C"), iri("D"), iri("E")])
GRAPHS = st.sampled_from([NamedNode(DERIVED_GRAPH), iri("g")])
OTHERS = st.sampled_from([BlankNode("x"), Literal("a"), Literal("b", language="en"), integer("1")])
TRIPLES = st.one_of(
    st.tuples(NODES, st.sampled_from([iri("p"), iri("q")]), NODES, GRAPHS),
    st.tuples(NODES, st.sampled_from([iri("p"), iri("q")]), NODES, GRAPHS),
    st.tuples(NODES, st.just(NamedNode(RDF_TYPE)), CLASSES, GRAPHS),
    st.tuples(CLASSES, st.just(NamedNode(RDFS + "subClassOf")), CLASSES, GRAPHS),
    st.tuples(NODES, st.sampled_from([iri("n"), iri("m")]), st.integers(-3, 3), GRAPHS),
    st.tuples(NODES, st.just(iri("t")), st.sampled_from([Literal("a"), Literal("bc")]), GRAPHS),
)
ODD = st.tuples(NODES, st.sampled_from([iri(each) for each in "pqnmt"]), OTHERS, GRAPHS)


def quads(parts: tuple[Any, ...]) -> Quad:
    subject, predicate, value, graph = parts
    return Quad(subject, predicate, integer(str(value)) if isinstance(value, int) else value, graph)


SETTINGS = settings(max_examples=60)


@SETTINGS
@given(st.lists(TRIPLES.map(quads), max_size=20))
def test_both_engines_find_the_same(given_quads: list[Quad]) -> None:
    assert disagreement(given_quads, shapes()) == {}
    assert not by_fast(given_quads, shapes())[1].unsure


@SETTINGS
@given(st.lists(TRIPLES.map(quads), max_size=12), st.lists(ODD.map(quads), min_size=1, max_size=3))
def test_both_engines_find_the_same_in_odd_data(some: list[Quad], odd: list[Quad]) -> None:
    has_blank = any(isinstance(each.object, BlankNode) for each in odd)
    numbers = {f"S{number}" for number, query in enumerate(TAKEN) if "STR(?" not in query}
    assert disagreement([*some, *odd], shapes().only(numbers) if has_blank else shapes()) == {}


def test_str_of_a_blank_node_is_an_error(tmp_path: Path) -> None:
    """SPARQL 1.1, 17.4.2.5, has no such function; rdflib returns the label of the node."""
    query = "SELECT $this WHERE { $this ex:p ?value FILTER(STRLEN(STR(?value)) > 0) }"
    text = f'ex:S sh:targetNode ex:a ; sh:message "m" ; sh:sparql ex:Q . ex:Q sh:select "{query}"'
    own = own_shapes(tmp_path, f"{text} ; sh:prefixes ex:prefixes .")
    assert not by_fast([Quad(iri("a"), iri("p"), BlankNode("x"))], own)[0]
    assert by_fast([Quad(iri("a"), iri("p"), iri("b"))], own)[0]


def test_literals_that_a_store_writes_anew_are_left_to_pyshacl() -> None:
    given_quads = [Quad(iri("a"), iri("p"), integer("01"))]
    unsure = by_fast(given_quads, shapes())[1].unsure
    assert set(unsure.values()) == {"a SPARQL constraint on literals that a store writes anew"}


def test_a_focus_that_is_no_iri_is_left_to_pyshacl(tmp_path: Path) -> None:
    query = "SELECT $this WHERE { ?a ex:p $this }"
    text = (
        f'ex:S sh:targetObjectsOf ex:p ; sh:message "m" ; sh:sparql ex:Q . ex:Q sh:select "{query}"'
    )
    own = own_shapes(tmp_path, f"{text} ; sh:prefixes ex:prefixes .")
    given_quads = [Quad(iri("a"), iri("p"), Literal("a"))]
    assert by_fast(given_quads, own)[1].unsure
    assert disagreement(given_quads, own) == {}


def test_each_query_finds_something_somewhere() -> None:
    """So that the agreement of the engines is not one about nothing."""
    names = "abcd"
    pairs = [(a, b) for a in names for b in names if a <= b]
    some = [Quad(iri(a), iri("p"), iri(b), iri("g")) for a, b in pairs]
    some += [Quad(iri(a), iri("q"), iri(b), iri("g")) for a, b in [*pairs[::2], ("b", "a")]]
    some += [Quad(iri(a), NamedNode(RDF_TYPE), iri("C"), iri("g")) for a in names]
    some += [Quad(iri("a"), iri("n"), integer("3")), Quad(iri("a"), iri("m"), integer("1"))]
    some += [Quad(iri("a"), iri("t"), Literal("a")), Quad(iri("d"), iri("t"), Literal("bc"))]
    lonely = [Quad(iri("z"), NamedNode(RDF_TYPE), iri("C"), iri("g"))]
    found = {each.shape for data in (some, lonely) for each in by_fast(data, shapes())[0]}
    assert {f"{EX}S{number}" for number in range(len(TAKEN))} - found == set()
