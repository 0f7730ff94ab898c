"""CONSTRUCT rules are read as what they say, or refused with file and line."""

from __future__ import annotations

import re
from pathlib import Path

import pyoxigraph as ox
import pytest

from nhskg.rdf.sparql.algebra import TYPE, ProgramError, construct_text, group_text
from nhskg.rdf.sparql.parser import parse_rule
from nhskg.reasoning.reasoner import read_rule_texts
from tests.cases import cases

P = "PREFIX : <http://example.org/>\n"


@cases("reasoning/cases/written.yaml")
def test_what_a_rule_says_is_written_out(case: list[str]) -> None:
    """Prefixes, lists of objects, sequences of steps."""
    body, written = case
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


@cases("reasoning/cases/no-rules.yaml")
def test_what_is_no_rule_is_refused(case: list[str]) -> None:
    text, says = case
    with pytest.raises(ProgramError) as refused:
        parse_rule(text, source="rule.rq")
    assert says in str(refused.value)
