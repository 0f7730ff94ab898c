"""What each stored query answers on the shipped corpus, kept as CSV that a person can read."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.proofs.conftest import assert_golden

from nhskg.graph.store import open_published
from nhskg.project import Project
from nhskg.queries.engine import evaluate
from nhskg.queries.formats import render_result
from nhskg.queries.stored import StoredQuery, bind, list_queries

ROOT = Path(__file__).parents[2]
GOLDEN = Path(__file__).parent / "golden"
QUERIES = list_queries(ROOT / "queries")


@pytest.mark.parametrize("query", QUERIES, ids=lambda query: query.name)
def test_the_answer_is_the_golden_one(real: Project, query: StoredQuery) -> None:
    """It has rows, and each has a passage."""
    store = open_published(real.build).open()
    found = render_result(evaluate(store, bind(query, {}, store)), "csv", terminal=False)
    header, *rows = found.splitlines()
    assert rows
    assert header.endswith("document,start,end,quote")
    assert_golden(GOLDEN / f"{query.name}.csv", found)
