"""The order of plans: what a text says of time, and else the order of documents."""

from __future__ import annotations

import pytest
from pyoxigraph import Store

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


@pytest.mark.parametrize(
    ("triples", "order"),
    [
        ([], "abc"),
        (["<urn:a> time:hasTime [ time:after <urn:c> ] ."], "bca"),
        (["<urn:c> time:hasTime [ time:before <urn:a> ] ."], "bca"),
        (["<urn:a> nhs:setOutIn <urn:e> . <urn:e> time:hasTime [ time:after <urn:b> ] ."], "bac"),
        (
            [
                "<urn:a> nhs:setOutIn <urn:e> . <urn:b> nhs:setOutIn <urn:f> .",
                "<urn:e> time:hasTime [ time:after <urn:g> ] .",
                "<urn:b> time:hasTime [ time:before <urn:g> ] .",
            ],
            "bac",
        ),
        (["<urn:a> nhs:baseline <urn:c> ."], "bca"),
        (
            [
                "<urn:c> time:hasTime [ nhs:statedAs 'last year' ] ; nhs:baseline <urn:law> .",
                "<urn:a> nhs:baseline <urn:law> . <urn:b> nhs:baseline <urn:law> .",
            ],
            "cab",
        ),
        (["<urn:c> a nhs:StatusQuo ."], "cab"),
        (
            [
                "<urn:a> time:hasTime [ nhs:notBefore '2013-06' ; nhs:notAfter '2013-06' ] .",
                "<urn:b> time:hasTime [ nhs:notBefore '2013-05' ; nhs:notAfter '2013-05' ] .",
            ],
            "bac",
        ),
        (  # a year does not end before one of its months begins
            [
                "<urn:a> time:hasTime [ nhs:notBefore '2013-06' ] .",
                "<urn:b> time:hasTime [ nhs:notAfter '2013' ] .",
            ],
            "abc",
        ),
        (  # texts that contradict each other
            [
                "<urn:a> time:hasTime [ time:after <urn:b> ] .",
                "<urn:b> time:hasTime [ time:after <urn:a> ] .",
            ],
            "cab",
        ),
    ],
)
def test_the_order_by_what_is_said(triples: list[str], order: str) -> None:
    assert "".join(planned(*triples)) == order
