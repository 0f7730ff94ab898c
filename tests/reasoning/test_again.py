"""What follows from data and what followed from them is nothing new, and the same is wrong.

In the cases of the standard's tables, in those of programs without negation, and of random
ontologies. A contradiction is known by its triples: an axiom that followed may show it, too.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import pyoxigraph as ox
import pytest
import yaml
from hypothesis import given, settings

from nhskg.reasoning.inference import is_informative
from nhskg.reasoning.reasoner import CompiledEngine
from nhskg.reasoning.rules import RuleText

from .test_against_owlrl import ontologies, stored
from .test_running import DERIVED, PREFIXES, rule_texts
from .test_tables import CASES, GIVEN, Case

PROGRAMS = {
    name: case
    for name, case in yaml.safe_load(
        (Path(__file__).parent / "cases" / "running.yaml").read_text("utf-8")
    ).items()
    if "refused" not in case and not any("NOT EXISTS" in rule for rule in case["rules"])
}


def follows(
    triples: Iterable[ox.Triple], rules: Sequence[RuleText]
) -> tuple[set[ox.Triple], set[frozenset[ox.Triple]]]:
    """Return what follows from some triples, and the triples of each contradiction."""
    store = ox.Store()
    store.extend(ox.Quad(t.subject, t.predicate, t.object, GIVEN) for t in triples)
    clashes = CompiledEngine(rules).derive(store, DERIVED).inconsistencies
    derived = {quad.triple for quad in store.quads_for_pattern(None, None, None, DERIVED)}
    return set(filter(is_informative, derived)), {frozenset(each.triples) for each in clashes}


def check_again(triples: Iterable[ox.Triple], rules: Sequence[RuleText] = ()) -> None:
    found = set(triples)
    derived, wrong = follows(found, rules)
    assert follows(found | derived, rules) == (set(), wrong)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_of_the_tables(case: Case) -> None:
    check_again(case.premises)


@pytest.mark.parametrize("name", PROGRAMS)
def test_of_programs(name: str) -> None:
    case = PROGRAMS[name]
    quads = ox.parse(PREFIXES + case["data"], format=ox.RdfFormat.TRIG)
    check_again((quad.triple for quad in quads), rule_texts(case["rules"]))


@settings(max_examples=30)
@given(ontologies())
def test_of_ontologies(text: str) -> None:
    check_again(quad.triple for quad in stored(text))
