"""Which forms of rule the arrays leave to the executor of SPARQL texts, and that ours are not."""

from __future__ import annotations

from pathlib import Path

import pyoxigraph as ox
import pytest

from nhskg.graph.mapping import map_ontology
from nhskg.project import Project
from nhskg.rdf.sparql.algebra import ProgramError
from nhskg.reasoning.array_executor import ArrayExecutor
from nhskg.reasoning.program import compile_program
from nhskg.reasoning.reasoner import choose_executor, read_rule_texts
from nhskg.reasoning.rules import RuleText, normalized_rules, unsupported
from nhskg.reasoning.sparql_executor import SparqlExecutor

from .test_forms import DATA, as_sparql_says
from .test_running import PREFIXES, run

ROOT = Path(__file__).parents[2]

LEFT = {
    "?x :t ?v <- ?x :p ?y VALUES (?x ?v) { (:a UNDEF) }": "VALUES with UNDEF",
    "?x :t ?y <- ?x :p ?y OPTIONAL { ?y :q ?z } MINUS { ?x :r ?z }": (
        "MINUS that shares a variable which may be unbound"
    ),
    "?x :t ?y <- ?x :p ?y FILTER NOT EXISTS { ?y :q ?z MINUS { ?x :r ?z } }": (
        "MINUS in EXISTS that shares a variable with what is outside"
    ),
    "?x :t ?y <- ?x :p ?y FILTER NOT EXISTS { ?y :q ?z OPTIONAL { ?x :r ?w } }": (
        "OPTIONAL in EXISTS that shares a variable with what is outside"
    ),
    "?x :t ?y <- ?x :p ?y FILTER NOT EXISTS { ?z :q ?w BIND(:a AS ?y) }": (
        "BIND in EXISTS of a variable outside"
    ),
    "?x :t ?y <- ?x :p ?y FILTER EXISTS { ?z :q ?w { ?v :r ?u FILTER(?w = ?u) } }": (
        "a group in braces that would see a variable beside it"
    ),
    "?x :t ?y <- ?x :p ?y { ?z :q ?w OPTIONAL { ?z :r ?y } FILTER(BOUND(?x)) }": (
        "a group in braces that would see a variable beside it"
    ),
    "?x :t ?y <- ?x :p ?y MINUS { ?y :q ?z FILTER(?x != ?z) }": (
        "MINUS with a group that would see a variable outside"
    ),
    "?x :t ?y <- ?x :p ?y OPTIONAL { ?y :q ?z OPTIONAL { ?z :r ?x } }": (
        "OPTIONAL with a group that would see a variable outside"
    ),
    "?x :t ?v <- ?x :p ?y BIND(RAND() AS ?v)": "RAND gives another value each time",
}
"""A rule of each form that is left, and the reason."""


def text(rule: str) -> RuleText:
    head, body = rule.split("<-")
    return RuleText(f"{PREFIXES}CONSTRUCT {{ {head} }} WHERE {{ {body} }}", "r")


@pytest.mark.parametrize(("rule", "reason"), LEFT.items(), ids=str)
def test_a_form_that_is_left_to_sparql(rule: str, reason: str) -> None:
    assert unsupported(normalized_rules(text(rule))) == f"r (r): {reason}"
    assert isinstance(choose_executor(ox.Store(), [text(rule)]), SparqlExecutor)
    if "RAND" not in rule:
        _, _, store = run(f":g {{ {DATA} }}", rule)
        assert {str(quad.triple) for quad in store} == as_sparql_says(DATA, [[rule]])


def test_our_rules_run_on_arrays() -> None:
    texts = read_rule_texts(ROOT / "ontology" / "rules")
    assert len(texts) > 20
    assert isinstance(choose_executor(ox.Store(), texts), ArrayExecutor)


def test_all_rules_that_axioms_compile_to_run_on_arrays() -> None:
    tables = sorted((ROOT / "tests" / "reasoning" / "tables").glob("*.ttl"))
    store = ox.Store()
    for path in tables:
        store.load(path.read_bytes(), format=ox.RdfFormat.TURTLE)
    store.extend(map_ontology(Project.locate(ROOT).ontology))
    program = compile_program(store)
    assert len(program.rules) > 300
    assert unsupported(program.rules) is None
    assert unsupported(program.checks) is None


def test_a_path_that_its_group_does_not_bind_starts_at_every_node() -> None:
    rule = "?x :t ?z <- ?x :p ?y { ?x :q* ?z FILTER(?y != ?z) }"
    derived, _, _ = run(f":g {{ {DATA} }}", rule)
    assert derived == []
    derived, _, _ = run(f":g {{ {DATA} }}", "?x :t ?z <- ?x :p ?y { ?x :q* ?z FILTER(!BOUND(?y)) }")
    assert derived == ["a t a", "d t a", "d t d"]


def test_a_path_that_nothing_binds_is_refused() -> None:
    with pytest.raises(ProgramError, match=r"r0 .*no premise binds an end of .*q>\*"):
        run(f":g {{ {DATA} }}", "?x :t ?y <- ?x :p ?y . ?v :q* ?w")
