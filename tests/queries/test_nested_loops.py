"""Queries rewritten for the store: the same answers, and text that only differs where it must."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from pyoxigraph import Store
from tests.cases import cases
from tests.conftest import ROOT

from nhskg.graph.store import open_published
from nhskg.project import Project
from nhskg.queries.engine import select
from nhskg.queries.names import KINDS
from nhskg.queries.nested_loops import nest_loops
from nhskg.queries.stored import StoredQuery, bind, list_queries

QUERIES = [each for each in list_queries(ROOT / "queries") if "#+ like:" not in each.text]


@pytest.fixture(scope="module")
def store(built: Project) -> Store:
    return open_published(built.build).open()


def hinted(query: StoredQuery) -> list[str | None]:
    """The parameters that start the query differently in the store; None if there are none."""
    hints = [k.name for k in query.parameters if f"#given {k.name}:" in query.text]
    return [*hints, None] if "#given nothing:" in query.text or not hints else [*hints]


def busiest(query: StoredQuery, name: str, store: Store) -> str:
    """The thing of a parameter's kind that the most triples of cited claims or pairs are about."""
    kind = next(each.kind for each in query.parameters if each.name == name)
    kinds = " ".join(f"<{each}>" for each in KINDS[kind])
    values = f"VALUES ?kind {{ {kinds} }} ?x a|skos:inScheme ?kind ." if kinds else ""
    (row,) = select(
        store,
        f"""SELECT ?id {{ {values} ?claim ?any ?x
        OPTIONAL {{ ?x skos:notation ?slug }} BIND(COALESCE(?slug, STR(?x)) AS ?id)
        FILTER(BOUND(?slug) || EXISTS {{ ?x a nhs:Claim }})
        FILTER EXISTS {{ ?claim nhs:evidence|oa:hasSelector|nhs:oneSide ?cited }} }}
        GROUP BY ?id ORDER BY DESC(COUNT(*)) ?id LIMIT 1""",
    )
    return row["id"]


@pytest.mark.parametrize(
    ("query", "name"),
    [
        pytest.param(each, name, id=f"{each.name}-{name}")
        for each in QUERIES
        for name in hinted(each)
    ],
)
def test_the_answer_is_that_of_the_query_as_written(
    query: StoredQuery, name: str | None, store: Store
) -> None:
    values = {name: busiest(query, name, store)} if name else {}
    plain, rewritten = (bind(query, values, store, standard=each) for each in (True, False))
    assert rewritten != plain
    one, two = (
        Counter(tuple(row.items()) for row in select(store, text)) for text in (plain, rewritten)
    )
    assert one == two, values


@cases("queries/cases/nested-loops.yaml")
def test_each_element_after_the_first_is_evaluated_for_each_solution(case: Any) -> None:
    assert nest_loops(case["query"]).split() == case["rewritten"].split()
