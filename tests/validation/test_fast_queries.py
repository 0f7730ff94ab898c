"""SPARQL constraints: asked once for all focus nodes, or left to pySHACL."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyoxigraph import BlankNode, Literal, NamedNode, Quad

from nhskg.terms import DERIVED_GRAPH, RDF_TYPE, RDFS, XSD
from nhskg.validation import fast
from nhskg.validation.fast.query_safety import plan_query
from nhskg.validation.fast.terms import Unsupported
from nhskg.validation.requirements import Shapes

from .both_engines import by_fast, disagreement, own_shapes

EX: Final = "https://example.org/"
PREFIXES: Final = {"ex": EX, "rdfs": RDFS}
SAFE: Final = (
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
)
UNSAFE: Final = {
    "SELECT $this WHERE { $this ex:p ?a OPTIONAL { ?a ex:q ?b } }": "a query with OPTIONAL",
    "SELECT $this WHERE { $this ex:p ?a MINUS { ?a ex:q ?b } }": "pySHACL treats specially",
    "SELECT $this WHERE { VALUES ?a { ex:a } $this ex:p ?a }": "pySHACL treats specially",
    "SELECT $this WHERE { { SELECT $this { $this ex:p ?a } } }": "pySHACL treats specially",
    "SELECT $this WHERE { $this $PATH ?value }": "pySHACL treats specially",
    "SELECT $this ?failure WHERE { $this ex:p ?failure }": "pySHACL treats specially",
    "SELECT ?value WHERE { $this ex:p ?value }": "doesn't select $this",
    "SELECT $this WHERE { ?a ex:p $this } LIMIT 1": "a query with LIMIT",
    "SELECT DISTINCT $this WHERE { ?a ex:p $this }": "a query with DISTINCT",
    "SELECT $this WHERE { GRAPH ?g { ?a ex:p $this } }": "a query with GRAPH",
    "SELECT $this WHERE { $this !ex:p ?a }": "a query with !",
    "SELECT $this WHERE { $this ex:p? ?a }": "a query with ?",
    "SELECT $this WHERE { $this ex:p 'a' }": "a query with 'a'",
    "SELECT $this WHERE { $this ex:p [ ] }": "a query with [",
    "SELECT $this WHERE { $this ex:p ?a { ?b ex:q ?a FILTER(?b != $this) } }": "may not be bound",
    "SELECT $this WHERE { { ?b ex:q ?a FILTER(?b != $this) } UNION { $this ex:p ?a } }": "branches",
    "SELECT $this WHERE { $this ex:p* ?a }": "a path of any length",
    "SELECT $this WHERE { $this ex:p ?b . ?a ex:p* ?b }": "a path of any length",
    "SELECT $this WHERE { $this ex:p ?a FILTER EXISTS { { ?a ex:q ?b } } }": "within EXISTS",
    "SELECT $this WHERE { $this ex:p ?a { { ?a ex:q ?b } } }": "groups within groups",
    "SELECT $this WHERE { $this ex:p ?a FILTER(?a < ?b) }": "may not be bound",
    "SELECT $this WHERE { $this ex:p ?a FILTER(?a) }": "without a truth value",
    "SELECT $this WHERE { $this ex:p ?a FILTER(?a = 'a') }": "unlike things",
    "SELECT $this WHERE { $this ex:p/ex:q ?a FILTER(STR(?a) = 'a') }": "what a path finds",
    "SELECT $this WHERE { $this ex:p ?a FILTER(REGEX(STR(?a), 'a')) }": "a query with REGEX",
    "SELECT $this WHERE { $this ex:p ?a FILTER(SUBSTR(STR(?a), 0) = 'a') }": "SUBSTR of something",
    "SELECT $this WHERE { $this ex:p ?a BIND(STR(?a) AS ?b) ?c ex:q ?b }": "bound twice",
    "SELECT $this WHERE { $this ex:p ?a FILTER EXISTS { ex:a ex:q ex:b . ex:a ex:q ?c } }": "else",
    """SELECT $this WHERE { $this ex:p ?a { ?a ex:q ?b } UNION { ?a ex:p ?c }
        FILTER EXISTS { ?b ex:q ?d } }""": "EXISTS of what may not be bound",
}


@pytest.mark.parametrize("query", SAFE)
def test_a_safe_query_has_a_plan(query: str) -> None:
    plan_query(query, PREFIXES)


@pytest.mark.parametrize(("query", "reason"), UNSAFE.items())
def test_any_other_query_is_left_to_pyshacl(query: str, reason: str) -> None:
    with pytest.raises(Unsupported) as refused:
        plan_query(query, PREFIXES)
    assert reason in str(refused.value)


@cache
def shapes() -> Shapes:
    targets = ("sh:targetClass ex:C", "sh:targetSubjectsOf ex:p", "sh:targetNode ex:a , ex:none")
    text = ""
    for number, query in enumerate(SAFE):
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
    assert disagreement([*some, *odd], shapes()) == {}


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


def test_each_safe_query_finds_something_somewhere() -> None:
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
    assert {f"{EX}S{number}" for number in range(len(SAFE))} - found == set()
