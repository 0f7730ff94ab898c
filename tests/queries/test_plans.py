"""The order of plans: what a text says of time, and else the order of documents."""

from __future__ import annotations

from typing import Any

import pytest
from pyoxigraph import Store
from tests.cases import cases

from nhskg.graph.store import open_published
from nhskg.project import Project
from nhskg.queries.plans import in_order
from nhskg.rdf.terms import ID


@pytest.fixture(scope="module")
def order(built: Project) -> list[str]:
    store = open_published(built.build).open()
    return [plan.removeprefix(ID) for plan in in_order(store)]


@pytest.mark.parametrize(
    ("first", "then"),
    [
        ("in-force-2009", "in-force-2010"),  # its baseline
        ("in-force-2013", "crake-proposal"),  # what is in force before what is proposed
        ("crake-proposal", "hiram-report"),  # the arrangement that it would change is earlier
        ("hiram-report", "quill-vision"),  # its baseline
        ("council-programme", "hiram-report"),  # adopted in May, told in June
    ],
)
def test_plans_are_in_the_order_of_time(order: list[str], first: str, then: str) -> None:
    assert order.index(first) < order.index(then)


def test_every_plan_is_there_once_and_some_are_in_the_same_order(
    built: Project, order: list[str]
) -> None:
    assert len(order) == len(set(order)) == 12
    store = open_published(built.build).open()
    some = [ID + plan for plan in reversed(order[::3])]
    assert in_order(store, some) == some[::-1]


def planned(*triples: str) -> list[str]:
    store = Store()
    plans = "<urn:a> a nhs:Plan . <urn:b> a nhs:Plan . <urn:c> a nhs:Plan ."
    prefixes = {"nhs": "https://w3id.org/nhskg/ns#", "time": "http://www.w3.org/2006/time#"}
    store.update(f"INSERT DATA {{ {plans} {' '.join(triples)} }}", prefixes=prefixes)
    return [plan.removeprefix("urn:") for plan in in_order(store)]


@cases("queries/cases/plans.yaml")
def test_the_order_by_what_is_said(case: Any) -> None:
    assert "".join(planned(*case["said"])) == case["order"]
