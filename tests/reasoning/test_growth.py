"""How much is done for long chains and for many names of one thing: counted, not timed."""

from __future__ import annotations

import pyoxigraph as ox
import pytest

from nhskg.reasoning import array_executor
from nhskg.reasoning.array_executor import ArrayExecutor
from nhskg.reasoning.reasoner import reason
from nhskg.reasoning.relations import Numbers, composed

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

    monkeypatch.setattr(array_executor, "composed", counted)
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
