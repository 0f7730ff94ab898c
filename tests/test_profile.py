"""The check of OWL 2 RL: each construct where it may stand, and where it may not."""

from __future__ import annotations

from pathlib import Path

import pyoxigraph as ox
import pytest
from rdflib import Graph
from tools.global_restrictions import check_global_restrictions

from nhskg.graph.mapping import PUBLISHED_ONLY
from nhskg.reasoning.profile import Violation, check_owl2rl

ONTOLOGY = Path(__file__).resolve().parent.parent / "ontology"

PREFIXES = """
@prefix : <https://example.org/> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
:A a owl:Class . :B a owl:Class . :C a owl:Class . :i a :A .
:p a owl:ObjectProperty . :q a owl:ObjectProperty . :r a owl:ObjectProperty .
:d a owl:DatatypeProperty . :note a owl:AnnotationProperty .
"""


def both(graph: Graph) -> tuple[Violation, ...]:
    """Return what is outside the grammar of the profile, or breaks a global restriction."""
    triples = ox.parse(graph.serialize(format="nt"), format=ox.RdfFormat.N_TRIPLES)
    return (*check_owl2rl(triples), *check_global_restrictions(graph))


def check(turtle: str) -> str:
    """Return the sections that a piece of ontology breaks."""
    graph = Graph().parse(data=PREFIXES + turtle, format="turtle")
    return ", ".join(violation.section for violation in both(graph))


EXPRESSIONS = """
[ owl:intersectionOf ( :A :B ) ] -> left right equivalent
[ owl:unionOf ( :A :B ) ] -> left
[ owl:oneOf ( :i ) ] -> left
[ owl:complementOf :A ] -> right
[ owl:onProperty :p ; owl:someValuesFrom :A ] -> left
[ owl:onProperty :p ; owl:someValuesFrom owl:Thing ] -> left
[ owl:onProperty :d ; owl:someValuesFrom xsd:string ] -> left
[ owl:onProperty :p ; owl:allValuesFrom :A ] -> right
[ owl:onProperty :d ; owl:allValuesFrom xsd:string ] -> right
[ owl:onProperty :p ; owl:allValuesFrom owl:Thing ] ->
[ owl:onProperty :p ; owl:hasValue :i ] -> left right equivalent
[ owl:onProperty :d ; owl:hasValue "x" ] -> left right equivalent
[ owl:onProperty :p ; owl:maxCardinality 1 ] -> right
[ owl:onProperty :p ; owl:maxCardinality 2 ] ->
[ owl:onProperty :p ; owl:maxQualifiedCardinality 1 ; owl:onClass :A ] -> right
[ owl:onProperty :p ; owl:maxQualifiedCardinality 1 ; owl:onClass [owl:complementOf :A]] ->
[ owl:onProperty :d ; owl:maxQualifiedCardinality 1 ; owl:onDataRange xsd:string ] -> right
[ owl:onProperty :p ; owl:minCardinality 1 ] ->
[ owl:onProperty :p ; owl:cardinality 1 ] ->
[ owl:onProperty :p ; owl:hasSelf true ] ->
[ owl:intersectionOf ( :A [ owl:unionOf ( :B :C ) ] ) ] -> left
[ owl:complementOf [ owl:onProperty :p ; owl:someValuesFrom :A ] ] -> right
[ owl:complementOf [ owl:onProperty :p ; owl:allValuesFrom :A ] ] ->
owl:Thing ->
owl:Nothing -> left right equivalent
"""
"""Expressions, and the positions in which section 4.2.3 has a place for them."""


def table(text: str) -> list[tuple[str, ...]]:
    rows = text.replace("\n  ", " ").strip().splitlines()
    return [tuple(part.strip() for part in row.split("->")) for row in rows]


@pytest.mark.parametrize(("expression", "allowed"), table(EXPRESSIONS))
def test_expression_in_each_position(expression: str, allowed: str) -> None:
    axioms = {
        "left": f"{expression} rdfs:subClassOf :C .",
        "right": f":C rdfs:subClassOf {expression} .",
        "equivalent": f":C owl:equivalentClass {expression} .",
    }
    found = {position for position, axiom in axioms.items() if not check(axiom)}
    assert found == set(allowed.split())


AXIOMS = """
:A owl:disjointWith :B , [ owl:unionOf ( :B :C ) ] ; owl:hasKey ( :p ) .
  :A owl:intersectionOf ( :B :C ) . [] a owl:AllDisjointClasses ; owl:members ( :A :B ) . ->
:p rdfs:domain :A ; rdfs:range :B . :note rdfs:range xsd:gYear .
  :d rdfs:range xsd:string , [ owl:intersectionOf ( xsd:string xsd:token ) ] . ->
:i a [ owl:complementOf :B ] ; :note "2013"^^xsd:gYear ; :d "a word"@en . :A a :B . :p a :B . ->
:p owl:propertyChainAxiom (:q :r) , (:p :p) , (:p :q) , (:q :p) , ([ owl:inverseOf :q ] :r) . ->
:A owl:disjointWith [ owl:complementOf :B ] . -> Profiles 4.2.3
[] a owl:AllDisjointClasses ; owl:members ( :A [ owl:complementOf :B ] ) . -> Profiles 4.2.3
:A owl:disjointUnionOf ( :B :C ) . -> Profiles 4.2.5
:A owl:unionOf ( :B :C ) . -> Profiles 4.2.3
:p rdfs:domain [ owl:unionOf ( :A :B ) ] . -> Profiles 4.2.3
:p rdfs:range [ owl:unionOf ( :A :B ) ] . -> Profiles 4.2.3
:d rdfs:range xsd:gYear . -> Profiles 4.2.1
:d rdfs:range owl:real . -> Profiles 4.2.1
:d rdfs:range [ owl:oneOf ( 1 2 ) ] . -> Profiles 4.2.4
:t a rdfs:Datatype ; owl:equivalentClass xsd:token . :d rdfs:range :t . ->
:t a rdfs:Datatype ; owl:equivalentClass xsd:gYear . -> Profiles 4.2.1
:p a owl:ReflexiveProperty . -> Profiles 4.2.5
:p a owl:FunctionalProperty , owl:IrreflexiveProperty , owl:AsymmetricProperty . ->
:i a [ owl:unionOf ( :A :B ) ] . -> Profiles 4.2.3
:i :d "2013"^^xsd:gYear . -> Profiles 4.2.1
:p a owl:DatatypeProperty . -> Syntax 5.8.1
:A a rdfs:Datatype . -> Syntax 5.8.1
:i :unknown :i . -> Syntax 5.8.1
:i a :Unknown . -> Syntax 5.8.1
:p a owl:TransitiveProperty , owl:IrreflexiveProperty . -> Syntax 11.2
:p a owl:TransitiveProperty ; rdfs:subPropertyOf :q . :q a owl:AsymmetricProperty . -> Syntax 11.2
:p owl:propertyChainAxiom ( :q :r ) ; owl:propertyDisjointWith :q . -> Syntax 11.2
:p a owl:TransitiveProperty .
  :A rdfs:subClassOf [ owl:onProperty :p ; owl:maxCardinality 1 ] . -> Syntax 11.2
:p owl:propertyChainAxiom ( :q :p :r ) . -> Syntax 11.2
:p owl:propertyChainAxiom ( :q :r ) .
  :q owl:propertyChainAxiom ( :p :r ) . -> Syntax 11.2, Syntax 11.2
:p owl:propertyChainAxiom ( :q :r ) ; rdfs:subPropertyOf :q . -> Syntax 11.2
"""
"""Axioms, and the sections that each breaks."""


@pytest.mark.parametrize(("turtle", "sections"), table(AXIOMS))
def test_axiom(turtle: str, sections: str) -> None:
    assert check(turtle) == sections


def test_our_ontology_is_owl2rl() -> None:
    """What is reasoned over is in the profile."""
    graph = Graph()
    for path in ONTOLOGY.glob("*.ttl"):
        if path.name not in PUBLISHED_ONLY:
            graph.parse(path)
    assert both(graph) == ()


def test_message_names_term_and_section() -> None:
    graph = Graph().parse(data=PREFIXES + ":p a owl:ReflexiveProperty .", format="turtle")
    (violation,) = both(graph)
    assert str(violation) == (
        "https://example.org/p: owl:ReflexiveProperty is not in OWL 2 RL (Profiles 4.2.5)"
    )
