"""How much is done for long chains and for many names of one thing: counted, not timed."""

from __future__ import annotations

from typing import Any

import pyoxigraph as ox
import pytest

from nhskg.reasoning import array_executor, matching, relations
from nhskg.reasoning.array_executor import ArrayExecutor
from nhskg.reasoning.reasoner import reason
from nhskg.reasoning.relations import Numbers, Solutions, composed

from .test_running import DERIVED, PREFIXES, rule_texts

TRANSITIVE = ":p a owl:TransitiveProperty ."


def row(predicate: str, length: int) -> str:
    return " ".join(f":n{number} {predicate} :n{number + 1} ." for number in range(length))


def derived(data: str, *rules: str) -> int:
    store = ox.Store()
    store.load(f"{PREFIXES}:g {{ {data} }}".encode(), format=ox.RdfFormat.TRIG)
    return reason(ArrayExecutor(store), rule_texts(rules), DERIVED).derived


def test_each_pair_of_a_transitive_chain_is_found_once(monkeypatch: pytest.MonkeyPatch) -> None:
    found: list[int] = []

    def counted(one: Numbers, two: Numbers) -> Numbers:
        pairs = composed(one, two)
        found.append(len(pairs))
        return pairs

    monkeypatch.setattr(relations, "composed", counted)
    assert derived(row(":p", 300) + TRANSITIVE) == 300 * 299 // 2
    assert sum(found) == 300 * 299 // 2


def test_what_mints_no_names_has_as_many_rounds_as_it_takes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(array_executor, "MOST_ROUNDS", 5)
    assert derived(row(":p", 40) + TRANSITIVE) == 40 * 39 // 2
    assert derived(row(":p", 40) + ":n0 a :H .", "?n a :H <- ?h a :H . ?h :p ?n") == 40


def test_edges_that_other_rules_derive_later_are_walked_too() -> None:
    """Each step of the chain is found only once the chain before it is known."""
    inverse = ":q owl:inverseOf :p . :n0 :q :n4 ."
    # a circle of five: all 25 pairs of p, all 25 of q, of which 4 and 1 are given
    assert derived(row(":p", 4) + TRANSITIVE + inverse) == 25 - 4 + 25 - 1


@pytest.mark.parametrize("names", [10, 60])
def test_every_name_of_a_thing_has_all_that_is_said_of_it(names: int) -> None:
    found = derived(row("owl:sameAs", names - 1) + ":n0 :p :value . :who :p :n3 .")
    assert found == names * (names - 1) - (names - 1) + 2 * (names - 1)


def test_as_many_rows_are_matched_as_there_are_pairs_of_names(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Not as many as there are triples of names: that took minutes for 400 names."""
    matched: list[int] = []

    class Counted(matching.Matcher):
        def group(self, *arguments: Any, **named: Any) -> Solutions:
            found = super().group(*arguments, **named)
            matched.append(found.size)
            return found

        def _extended(self, *arguments: Any, **named: Any) -> Solutions:
            found = super()._extended(*arguments, **named)
            matched.append(found.size)
            return found

    monkeypatch.setattr(array_executor, "Matcher", Counted)
    rows: list[int] = []
    for names in (40, 80):
        matched.clear()
        # all are the same, have the value, and have one another
        found = derived(row("owl:sameAs", names - 1) + ":n0 :p :value , :n0 .")
        assert found == (names - 1) ** 2 + names - 1 + names**2 - 1
        rows.append(sum(matched))
    assert rows[0] > 40**2
    assert rows[1] < 5 * rows[0]  # twice as many names are four times as many pairs
