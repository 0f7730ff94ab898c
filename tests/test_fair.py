"""The checks in the manner of FOOPS!, OOPS! and the FAIR principles, and their page."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from pyoxigraph import NamedNode, Store
from tools.check_fair import check, published, read_catalogue, render_fair

from nhskg.graph.store import open_published
from nhskg.project import Project
from nhskg.rdf.terms import DCTERMS, NS

ROOT = Path(__file__).parents[1]
CATALOGUE = read_catalogue()


@pytest.fixture(scope="module")
def store(real: Project) -> Store:
    here = Project.locate(real.root)
    return published(here, open_published(here.build).open())


def test_what_is_not_met_has_a_reason_and_the_page_is_current(store: Store) -> None:
    items = list(check(store, CATALOGUE["items"]))
    assert [each for each in items if each.fault] == []
    assert (ROOT / "docs" / "fair.md").read_text("utf-8") == render_fair(items)


def test_the_catalogues_are_whole() -> None:
    """The 24 tests of FOOPS!, the pitfalls 1 to 41 of OOPS!, and the 15 principles."""
    assert len(CATALOGUE["items"]["FOOPS"]) == 24
    assert [*CATALOGUE["items"]["OOPS"]] == [f"P{number:02}" for number in range(1, 42)]
    assert [re.sub(r"[\d.]", "", each) for each in CATALOGUE["items"]["FAIR"]] == [
        *"FFFFAAAAIIIRRRR"
    ]
    for items in CATALOGUE["items"].values():
        for each in items.values():
            assert len({"query", "network", "reading"} & each.keys()) == 1


def test_an_item_that_is_not_met_any_more_is_a_fault(store: Store) -> None:
    """As is a reason for what is met."""
    without = Store()
    without.extend(store)
    ontology, licence = NamedNode(NS.rstrip("#")), NamedNode(f"{DCTERMS}license")
    for quad in list(without.quads_for_pattern(ontology, licence, None)):
        without.remove(quad)
    faults = {each.id for each in check(without, CATALOGUE["items"]) if each.fault}
    assert faults == {"OM1", "OM4.1", "P41"}
    met = {"FOOPS": {"OM4.1": CATALOGUE["items"]["FOOPS"]["OM4.1"] | {"unmet": "there is none"}}}
    assert [each.fault for each in check(store, met)] == [
        "it is met, and a reason is given why it is not"
    ]
