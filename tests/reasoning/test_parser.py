"""CONSTRUCT rules are read as what they say, or refused with file and line."""

from __future__ import annotations

import re
from pathlib import Path

import pyoxigraph as ox
import pytest

from nhskg.rdf.sparql.algebra import TYPE, ProgramError, construct_text, group_text
from nhskg.rdf.sparql.parser import parse_rule
from nhskg.rdf.terms import XSD
from nhskg.reasoning.reasoner import read_rule_texts

P = "PREFIX : <http://example.org/>\n"


@pytest.mark.parametrize(
    ("body", "written"),
    [
        ("?x a :D ; :p ?y , 'a b'@en .", '?x a :D . ?x :p ?y . ?x :p "a b"@en .'),
        ("?x :p true, '1'^^:d", f'?x :p "true"^^<{XSD}boolean> . ?x :p "1"^^:d .'),
        ("?x :p/^:q ?y", "?x :p ?path0_ . ?y :q ?path0_ ."),
        ("?x :s+ ?y . ?x :t* :c", "?x :s+ ?y . ?x :t* :c ."),
        ("?x (:p|:q) ?y", "{ ?x :p ?y . } UNION { ?x :q ?y . }"),
        ("?x :p ?y OPTIONAL { ?x :q ?z }", "?x :p ?y . OPTIONAL { ?x :q ?z . }"),
        ("FILTER NOT EXISTS { ?y :p ?x }", "FILTER NOT EXISTS { ?y :p ?x . }"),
        (
            "FILTER(?y != :a && EXISTS { ?y :q ?w })",
            "FILTER (?y != :a && EXISTS { ?y :q ?w . })",
        ),
        ("VALUES (?k ?l) { (:a UNDEF) }", "VALUES (?k ?l) { (:a UNDEF) }"),
        ("VALUES ?k { :a 'b' }", 'VALUES (?k) { (:a) ("b") }'),
        ("""BIND(CONCAT("a\\"b", STR(?y)) AS ?n)""", """BIND (CONCAT("a\\"b", STR(?y)) AS ?n)"""),
        (
            "FILTER(!(?x = 'a' || ?x > 'b') && -?x IN ('c'))",
            'FILTER (!(?x = "a" || ?x > "b") && -?x IN ("c"))',
        ),
    ],
)
def test_what_a_rule_says_is_written_out(body: str, written: str) -> None:
    """Prefixes, lists of objects, sequences of steps."""
    text = group_text(parse_rule(f"{P}CONSTRUCT {{ ?x a :C }} WHERE {{ {body} }}").body)
    assert re.sub(r"<http://example.org/(\w+)>", r":\1", text).replace(str(TYPE), "a") == written


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
