"""How much is done for long chains and for many names of one thing: counted, not timed."""

from __future__ import annotations

import itertools

import pyoxigraph as ox
import pytest

from nhskg.reasoning import array_executor
from nhskg.reasoning.array_executor import ArrayExecutor
from nhskg.reasoning.reasoner import reason
from nhskg.reasoning.relations import Numbers, composed
from nhskg.reasoning.rules import RuleText

DERIVED, GIVEN = ox.NamedNode("urn:x:derived"), ox.NamedNode("urn:x:given")
OWL = "http://www.w3.org/2002/07/owl#"
TYPE = ox.NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")
P, SAME = ox.NamedNode("urn:x:p"), ox.NamedNode(OWL + "sameAs")


def row(predicate: ox.NamedNode, length: int) -> list[ox.Quad]:
    nodes = [ox.NamedNode(f"urn:x:{number}") for number in range(length + 1)]
    return [ox.Quad(a, predicate, b, GIVEN) for a, b in itertools.pairwise(nodes)]


def derived(quads: list[ox.Quad]) -> int:
    store = ox.Store()
    store.extend(quads)
    return reason(ArrayExecutor(store), [], DERIVED).derived


def test_each_pair_of_a_transitive_chain_is_found_once(monkeypatch: pytest.MonkeyPatch) -> None:
    found: list[int] = []

    def counted(one: Numbers, two: Numbers) -> Numbers:
        pairs = composed(one, two)
        found.append(len(pairs))
        return pairs

    monkeypatch.setattr(array_executor, "composed", counted)
    edges = 300
    chain = [*row(P, edges), ox.Quad(P, TYPE, ox.NamedNode(OWL + "TransitiveProperty"), GIVEN)]
    pairs = edges * (edges + 1) // 2
    assert derived(chain) == pairs - edges
    assert sum(found) == pairs - edges


def test_a_chain_may_be_longer_than_a_recursion_has_rounds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(array_executor, "MOST_ROUNDS", 5)
    chain = [*row(P, 40), ox.Quad(P, TYPE, ox.NamedNode(OWL + "TransitiveProperty"), GIVEN)]
    assert derived(chain) == 40 * 39 // 2


def test_a_recursion_that_mints_no_names_has_as_many_rounds_as_it_takes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(array_executor, "MOST_ROUNDS", 5)
    store = ox.Store()
    kind = ox.NamedNode("urn:x:H")
    store.extend([*row(P, 40), ox.Quad(ox.NamedNode("urn:x:0"), TYPE, kind, GIVEN)])
    text = "CONSTRUCT { ?n a <urn:x:H> } WHERE { ?h a <urn:x:H> . ?h <urn:x:p> ?n }"
    assert reason(ArrayExecutor(store), [RuleText(text, "next")], DERIVED).derived == 40


def test_edges_that_other_rules_derive_later_are_walked_too() -> None:
    """Each step of the chain is found only once the chain before it is known."""
    chain = [*row(P, 4), ox.Quad(P, TYPE, ox.NamedNode(OWL + "TransitiveProperty"), GIVEN)]
    inverse = ox.Quad(ox.NamedNode("urn:x:q"), ox.NamedNode(OWL + "inverseOf"), P, GIVEN)
    more = ox.Quad(ox.NamedNode("urn:x:0"), ox.NamedNode("urn:x:q"), ox.NamedNode("urn:x:4"), GIVEN)
    # a circle of five: all 25 pairs of p, all 25 of q, of which 4 and 1 are given
    assert derived([*chain, inverse, more]) == 25 - 4 + 25 - 1


@pytest.mark.parametrize("names", [10, 60])
def test_every_name_of_a_thing_has_all_that_is_said_of_it(names: int) -> None:
    said = [
        ox.Quad(ox.NamedNode("urn:x:0"), P, ox.NamedNode("urn:x:value"), GIVEN),
        ox.Quad(ox.NamedNode("urn:x:who"), P, ox.NamedNode("urn:x:3"), GIVEN),
    ]
    found = derived([*row(SAME, names - 1), *said])
    assert found == names * (names - 1) - (names - 1) + 2 * (names - 1)
