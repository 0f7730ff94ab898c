"""What a program derives in a store: the fixpoint, and nothing that stands there already."""

from __future__ import annotations

import doctest
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest

import nhskg.reasoning
from nhskg.rdf.sparql.algebra import ProgramError
from nhskg.reasoning import array_executor, sparql_executor
from nhskg.reasoning.reasoner import Outcome, choose_executor, reason
from nhskg.reasoning.rule_normalization import RuleText
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


def run(data: str, *rules: str) -> tuple[list[str], Outcome, ox.Store]:
    """Reason over TriG with rules ``head <- body``; return what is derived in short form.

    Both executors must derive the same, and find the same clashes.
    """
    store, other, texts = ox.Store(), ox.Store(), rule_texts(rules)
    store.load((PREFIXES + data).encode(), format=ox.RdfFormat.TRIG)
    other.extend(store)
    outcome = reason(choose_executor(store, texts), texts, DERIVED)
    by_sparql = reason(SparqlExecutor(EmbeddedStore(other)), texts, DERIVED)
    assert set(store) == set(other)
    assert outcome.derived == by_sparql.derived
    assert outcome.inconsistencies == by_sparql.inconsistencies
    return (
        sorted(short(q) for q in store.quads_for_pattern(None, None, None, DERIVED)),
        outcome,
        store,
    )


def short(quad: ox.Quad) -> str:
    nodes = (quad.subject, quad.predicate, quad.object)
    return " ".join(str(n.value).replace("#", "/").rsplit("/", 1)[-1] for n in nodes)  # type: ignore[union-attr]


@cases("reasoning/cases/running.yaml")
def test_what_is_derived(case: Any) -> None:
    derived, outcome, _ = run(case["data"], *case["rules"])
    if "derived" in case:
        assert derived == case["derived"]
    else:
        assert set(case["among"]) <= set(derived)
        assert outcome.passes > 1


def test_recursion_reaches_the_end_of_a_long_chain() -> None:
    chain = " . ".join(f":n{i} :next :n{i + 1}" for i in range(40))
    rules = ("?x :before ?y <- ?x :next ?y", "?x :before ?z <- ?x :before ?y . ?y :before ?z")
    assert run(f":g {{ {chain} }}", *rules)[0] == sorted(
        f"n{i} before n{j}" for i in range(41) for j in range(i + 1, 41)
    )


def test_what_negation_concluded_is_taken_back_when_things_turn_out_to_be_the_same() -> None:
    data = ":g { :p a owl:FunctionalProperty . :k :p :b , :c . :c a :Known . :b a :N . :d a :N }"
    derived, _, _ = run(data, "?x a :Stranger <- ?x a :N FILTER NOT EXISTS { ?x a :Known }")
    assert "d type Stranger" in derived
    assert "b type Stranger" not in derived


@pytest.mark.parametrize(
    ("data", "rule", "concluded"),
    [
        (
            ":x a :D . :D :below :C",
            "?d rdfs:subClassOf ?c <- ?d :below ?c . ?x a ?d FILTER NOT EXISTS { ?x a :C }",
            "subClassOf",
        ),
        (
            ":b :maybe :c . :c a :Known",
            "?b owl:sameAs ?c <- ?b :maybe ?c FILTER NOT EXISTS { ?b a :Known }",
            "sameAs",
        ),
    ],
)
def test_what_undoes_what_it_was_concluded_from_is_refused(
    data: str, rule: str, concluded: str
) -> None:
    message = rf"r0 .*concludes .*{concluded}.* from something's absence"
    with pytest.raises(ProgramError, match=message):
        run(f":g {{ {data} }}", rule)


def test_names_without_end_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (array_executor, sparql_executor):
        monkeypatch.setattr(module, "MOST_ROUNDS", 20)
    with pytest.raises(ProgramError, match="no end after 20 rounds of r0"):
        run(":g { :a :p :b }", '?n :p ?x <- ?x :p ?y BIND(IRI(CONCAT(STR(?x), "n")) AS ?n)')


def test_a_clash_tells_its_triples_and_the_axiom() -> None:
    _, outcome, _ = run(":g { :A owl:disjointWith :B . :a a :A , :B }")
    (clash,) = outcome.inconsistencies
    assert clash.rule == "cax-dw"
    assert sorted(str(t.object) for t in clash.triples) == [
        "<http://example.org/A>",
        "<http://example.org/B>",
    ]
    assert len(clash.axioms) == 1


def test_members_of_all_disjoint_classes_clash_pair_by_pair() -> None:
    data = """:g { [] a owl:AllDisjointClasses ; owl:members ( :A :B :C :D ) .
      :a a :A , :C . :b a :B }"""
    _, outcome, _ = run(data)
    assert [clash.rule for clash in outcome.inconsistencies] == ["cax-adc"]


def test_the_example_of_the_readme_runs() -> None:
    path = Path(nhskg.reasoning.__file__).with_name("README.md")
    failed, tried = doctest.testfile(str(path), module_relative=False)
    assert (failed, tried > 5) == (0, True)
