"""What each stored query answers on the shipped corpus, kept as CSV that a person can read."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from tests.proofs.conftest import assert_golden

from nhskg.graph.store import open_published
from nhskg.project import Project
from nhskg.queries.answers import is_id
from nhskg.queries.engine import evaluate, select
from nhskg.queries.formats import render_result
from nhskg.queries.stored import StoredQuery, bind, find_query, list_queries

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
    if query.name != "things":
        assert "claim,document,paragraph,sentence_no,start,end,quote" in header
    assert_golden(GOLDEN / f"{query.name}.csv", found)


@pytest.mark.parametrize("name", ["tensions", "gaps", "conflicts"])
def test_what_is_told_is_in_words_with_the_passages_of_both_sides(real: Project, name: str) -> None:
    store = open_published(real.build).open()
    query = find_query(ROOT / "queries", name)
    for row in select(store, bind(query, {}, store)):
        told = [text for column, text in row.items() if not ("quote" in column or is_id(column))]
        assert not [text for text in told if re.search(r"claim/|https?://|\?|another claim", text)]
        needed = ["quote", *(["sentence"] if name != "conflicts" else [])]
        needed += ["other_quote"] if name == "tensions" and row["kind"] != "stated" else []
        assert all(row[each] for each in needed), row
        assert ("follow" in row.get("follows", "")) == (row["kind"] == "stated")
