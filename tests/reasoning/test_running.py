"""What a program derives in a store: the fixpoint, and nothing that stands there already."""

from __future__ import annotations

import doctest
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest

import nhskg.reasoning
from nhskg.rdf.sparql.algebra import ProgramError
from nhskg.reasoning import array_executor, sparql_executor
from nhskg.reasoning.reasoner import Derivation, choose_executor, reason
from nhskg.reasoning.rules import RuleText
from nhskg.reasoning.sparql_executor import EmbeddedStore, SparqlExecutor
from tests.cases import cases

DERIVED = ox.NamedNode("http://example.org/derived")
PREFIXES = """PREFIX : <http://example.org/>
PREFIX owl: <http://www.w3.org/2002/07/owl#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
"""


def rule_texts(rules: Iterable[str]) -> list[RuleText]:
    """Return CONSTRUCT rules for ``head <- body``, named r0, r1 …"""
    return [
        RuleText("{}CONSTRUCT {{ {} }} WHERE {{ {} }}".format(PREFIXES, *rule.split("<-")), f"r{n}")
        for n, rule in enumerate(rules)
    ]


def reason_twice(store: ox.Store, texts: Sequence[RuleText] = ()) -> Derivation:
    """Reason over a store on arrays, or what arrays leave; as SPARQL texts the same must follow."""
    other = ox.Store()
    other.extend(store)
    outcome = reason(choose_executor(store, texts), texts, DERIVED)
    assert reason(SparqlExecutor(EmbeddedStore(other)), texts, DERIVED) == outcome
    assert set(store) == set(other)
    assert outcome.derived == sum(quad.graph_name == DERIVED for quad in store)
    return outcome


def run(data: str, *rules: str) -> tuple[list[str], Derivation, ox.Store]:
    """Reason over TriG with rules ``head <- body``; return what is derived in short form."""
    store = ox.Store()
    store.load((PREFIXES + data).encode(), format=ox.RdfFormat.TRIG)
    outcome = reason_twice(store, rule_texts(rules))
    derived = store.quads_for_pattern(None, None, None, DERIVED)
    return sorted(map(short, derived)), outcome, store


def short(quad: ox.Quad) -> str:
    nodes = (quad.subject, quad.predicate, quad.object)
    return " ".join(str(n.value).replace("#", "/").rsplit("/", 1)[-1] for n in nodes)  # type: ignore[union-attr]


@cases("reasoning/cases/running.yaml")
def test_what_is_derived(case: Any) -> None:
    if "refused" in case:
        with pytest.raises(ProgramError, match=case["refused"]):
            run(case["data"], *case["rules"])
        return
    derived, outcome, _ = run(case["data"], *case["rules"])
    assert [clash.rule for clash in outcome.inconsistencies] == case.get("clashes", [])
    if "among" in case:
        assert set(case["among"]) <= set(derived)
        assert not set(case.get("absent", ())) & set(derived)
    else:
        assert derived == case["derived"]


def test_names_without_end_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (array_executor, sparql_executor):
        monkeypatch.setattr(module, "MOST_ROUNDS", 20)
    with pytest.raises(ProgramError, match="no end after 20 rounds of r0"):
        run(":g { :a :p :b }", '?n :p ?x <- ?x :p ?y BIND(IRI(CONCAT(STR(?x), "n")) AS ?n)')


def test_a_value_that_changes_each_time_is_refused_where_it_has_no_end() -> None:
    with pytest.raises(ProgramError, match="no end, as RAND makes another value each time"):
        run(":g { :a :p :b }", "?x :p ?y <- ?x :p ?z BIND(RAND() AS ?y)")


def test_many_unions_side_by_side_are_not_multiplied_out() -> None:
    """Thirty would be 2**30 rules."""
    unions = " ".join(f"{{ ?x :p{n} ?y }} UNION {{ ?x :q{n} ?y }}" for n in range(30))
    data = " . ".join(f":a :{'pq'[n % 2]}{n} :b" for n in range(30))
    assert run(f":g {{ {data} }}", f"?x :r ?y <- {unions}")[0] == ["a r b"]


def test_a_clash_tells_its_triples_and_the_axiom() -> None:
    _, outcome, _ = run(":g { :A owl:disjointWith :B . :a a :A , :B }")
    (clash,) = outcome.inconsistencies
    assert clash.rule == "cax-dw"
    assert sorted(str(t.object) for t in clash.triples) == [
        "<http://example.org/A>",
        "<http://example.org/B>",
    ]
    assert len(clash.axioms) == 1


def test_the_example_of_the_readme_runs() -> None:
    path = Path(nhskg.reasoning.__file__).with_name("README.md")
    failed, tried = doctest.testfile(str(path), module_relative=False)
    assert (failed, tried > 5) == (0, True)


def test_a_long_expression_runs_and_a_deep_one_is_refused() -> None:
    either = " || ".join(["?x = :b"] * 900)
    assert run(":g { :a :p :b }", f"?x :t ?y <- ?x :p ?y FILTER({either} || ?y = :b)")[0] == [
        "a t b"
    ]
    for deep in (f"{'!' * 2_000}true", f"{'(' * 500}true{')' * 500}"):
        with pytest.raises(ProgramError, match=r"^r0:4: has (more than 2,000 signs|brackets)"):
            run(":g { :a :p :b }", f"?x :t ?y <- ?x :p ?y FILTER({deep})")
