"""CONSTRUCT rules are read as what they say, or refused with file and line."""

from __future__ import annotations

from pathlib import Path

import pyoxigraph as ox
import pytest

from nhskg.rdf.sparql.algebra import (
    Filter,
    Optional,
    ProgramError,
    Union,
    Values,
    construct_text,
    exists_in,
)
from nhskg.rdf.sparql.parser import parse_rule
from nhskg.reasoning.reasoner import read_rule_texts

P = "PREFIX : <http://example.org/>\n"


def named(name: str) -> ox.NamedNode:
    return ox.NamedNode(f"http://example.org/{name}")


def test_abbreviations_of_triples() -> None:
    rule = parse_rule(P + "CONSTRUCT { ?x a :C } WHERE { ?x a :D ; :p ?y , 'a b'@en ; :q 1 . }")
    x, y = ox.Variable("x"), ox.Variable("y")
    assert [(p.predicate.value, p.object) for p in rule.body.patterns()] == [
        ("http://www.w3.org/1999/02/22-rdf-syntax-ns#type", named("D")),
        ("http://example.org/p", y),
        ("http://example.org/p", ox.Literal("a b", language="en")),
        (
            "http://example.org/q",
            ox.Literal("1", datatype=ox.NamedNode("http://www.w3.org/2001/XMLSchema#integer")),
        ),
    ]
    assert {p.subject for p in rule.body.patterns()} == {x}


def test_paths() -> None:
    rule = parse_rule(P + "CONSTRUCT { ?x :r ?y } WHERE { ?x :p/^:q ?y . ?x :s+ ?y . ?x :t* :c }")
    first, second, plus, star = rule.body.patterns()
    assert first.object == second.object, "the middle of a sequence"
    assert (second.subject, second.predicate) == (ox.Variable("y"), named("q"))
    assert (plus.closure, star.closure) == ("+", "*")
    either = parse_rule(P + "CONSTRUCT { ?x :r ?y } WHERE { ?x (:p|:q) ?y }").body.elements[0]
    assert isinstance(either, Union)
    assert len(either.branches) == 2


def test_kinds_of_elements() -> None:
    text = """CONSTRUCT { ?x :r ?n } WHERE { ?x :p ?y OPTIONAL { ?x :q ?z }
      FILTER NOT EXISTS { ?y :p ?x } FILTER(?y != :a && EXISTS { ?y :q ?w })
      VALUES (?k ?l) { (:a UNDEF) } BIND(CONCAT("a\\"b", STR(?y)) AS ?n) }"""
    rule = parse_rule(P + text)
    kinds = [type(e).__name__ for e in rule.body.elements]
    assert kinds == ["Pattern", "Optional", "Exists", "Filter", "Values", "Bind"]
    values = rule.body.elements[4]
    assert isinstance(values, Values)
    assert values.rows == ((named("a"), None),)
    test = rule.body.elements[3]
    assert isinstance(test, Filter)
    assert any(exists_in(test.expression))
    assert isinstance(rule.body.elements[1], Optional)


RULES = read_rule_texts(Path(__file__).parents[2] / "ontology" / "rules")
TEXTS = [rule.text for rule in RULES]
TEXTS.append(
    P
    + """CONSTRUCT { ?x :r ?n . ?x a :C }
      WHERE { { ?x :p+ ?y } UNION { ?x :q ?y . MINUS { ?y :z 1 } } OPTIONAL { ?x :s* ?z }
        FILTER(REGEX(STR(?y), "^a\\\\.b$", "i") || ?y IN (:a, :b) && !EXISTS { ?y :p ?x })
        VALUES (?k ?l) { (:a UNDEF) } BIND(IRI(CONCAT(STR(?x), "#n")) AS ?n) }"""
)


@pytest.mark.parametrize("text", TEXTS, ids=[*(rule.name for rule in RULES), "all forms"])
def test_the_text_of_a_rule_is_sparql_and_read_back_as_the_same_rule(text: str) -> None:
    """Prefixes, lists of objects, sequences of steps and comments are written out."""
    rule = parse_rule(text)
    resolved = construct_text(rule.head, rule.body)
    assert parse_rule(resolved) == rule
    ox.Store().query(resolved)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("SELECT * WHERE { ?x ?p ?o }", "rule.rq:1: expected CONSTRUCT"),
        ("CONSTRUCT { ?x a ?y }\nWHERE { ?x a ?y", "rule.rq:2: expected a triple, or }"),
        ("CONSTRUCT { ?x :p ?y } WHERE { ?x :p ?y }", "rule.rq:1: prefix : is not declared"),
        ("CONSTRUCT { ?x a ?y } WHERE { GRAPH ?g { ?x a ?y } }", "no GRAPH"),
        ("CONSTRUCT { ?x a ?y } WHERE { { SELECT ?x { ?x a ?y } } }", "no GRAPH, SERVICE or sub"),
        ("CONSTRUCT { ?x a ?y } WHERE { ?x a ?y } LIMIT 3", "expected the end of the rule"),
        ("CONSTRUCT { [] a ?y } WHERE { ?x a ?y }", "no blank nodes in a rule"),
        ("CONSTRUCT { ?x a ?y } WHERE { ?x a ?y FILTER(COUNT(?x) > 1) }", "no aggregate"),
        ("CONSTRUCT { ?x a ?y } WHERE { ?x a ?y } \\", "cannot read"),
        ("CONSTRUCT { ?x a ?y } WHERE { ?x a <y> }", "rule.rq:1: cannot read '<y>'"),
        ('CONSTRUCT { ?x a ?y }\nWHERE { ?x a "\\q" }', "rule.rq:2: cannot read"),
        ("CONSTRUCT { ?x a ?y } WHERE { ?x ?p+ ?y }", "expected no repetition of a variable"),
    ],
)
def test_what_is_no_rule_is_refused(text: str, says: str) -> None:
    with pytest.raises(ProgramError) as refused:
        parse_rule(text, source="rule.rq")
    assert says in str(refused.value)
