"""What each stored query answers on the shipped corpus, kept as CSV that a person can read."""

from __future__ import annotations

import re
from dataclasses import replace
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
    """It has rows, and each has a passage; no claim of the corpus is withdrawn yet."""
    store = open_published(real.build).open()
    csv = render_result(evaluate(store, bind(query, {}, store)), "csv", terminal=False)
    found = csv.replace("\r\n", "\n")  # as the golden files are kept
    header, *rows = found.splitlines()
    assert bool(rows) == (query.name != "withdrawn")
    place = "claim,document,paragraph,sentence_no,start,end,quote"
    assert place in header or query.name == "things"
    assert_golden(GOLDEN / f"{query.name}.csv", found)


@pytest.fixture(params=["real", "built"])
def corpus(request: pytest.FixtureRequest) -> Project:
    """The shipped corpus, then the invented one."""
    return request.getfixturevalue(request.param)  # type: ignore[no-any-return]


def test_every_claim_is_in_the_answer_to_a_question_about_something(corpus: Project) -> None:
    """Without parameters; a whole document and what somebody said do not count."""
    store = open_published(corpus.build).open()
    asked = [query for query in QUERIES if query.name not in ("document", "quotes", "things")]
    found = {
        row[name]
        for query in asked
        for row in select(store, bind(replace_defaults(query), {}, store))
        for name in ("claim", "other_claim")
        if row.get(name)
    }
    claims = {row["claim"] for row in select(store, "SELECT ?claim { ?claim a nhs:Claim }")}
    assert claims
    assert claims - found == set()


def replace_defaults(query: StoredQuery) -> StoredQuery:
    """Return a query whose parameters have no default."""
    return replace(query, parameters=tuple(replace(k, default=None) for k in query.parameters))


@pytest.mark.parametrize(
    ("name", "parameter", "values"),
    [
        ("losses", "plan", ["miliband-speech", "oldham-report"]),
        ("payments", "plan", ["burnham-speech", "oldham-report"]),
        ("provisions", "body", ["ccg", "nhs-england"]),
        ("quotes", "agent", ["liz-kendall", "labour-spokesman"]),
        ("relations", "predicate", ["led-by", "governs"]),
        ("relations", "thing", ["john-oldham", "birmingham"]),
        ("stances", "about", ["year-of-care-tariff", "payment-by-results"]),
        ("timeline", "document", ["article-miliband", "article-nicholson"]),
    ],
)
def test_two_values_of_a_parameter_give_the_rows_of_each(
    real: Project, name: str, parameter: str, values: list[str]
) -> None:
    store = open_published(real.build).open()
    query = find_query(ROOT / "queries", name)

    def rows(*several: str) -> list[tuple[str, ...]]:
        found = select(store, bind(query, {parameter: several}, store))
        return [tuple(row.values()) for row in found]

    each = [rows(value) for value in values]
    assert all(each)
    assert sorted({*each[0], *each[1]}) == sorted(rows(*values))
    assert len(rows(*values)) < len(select(store, bind(query, {}, store)))


@pytest.mark.parametrize("name", ["conflicts", "document", "gaps", "tensions"])
def test_what_is_told_is_in_words_with_the_passages_of_both_sides(real: Project, name: str) -> None:
    store = open_published(real.build).open()
    query = find_query(ROOT / "queries", name)
    for row in select(store, bind(query, {}, store)):
        told = [
            text
            for column, text in row.items()
            if not ("quote" in column or is_id(column) or column in ("note", "firmness"))
        ]
        assert not [
            text for text in told if re.search(r"claim/|https?://|\?\w|another claim", text)
        ]
        needed = ["quote", *(["sentence"] if name != "conflicts" else [])]
        needed += ["other_quote"] if name == "tensions" and row["kind"] != "stated" else []
        assert all(row[each] for each in needed), row
        assert ("follow" in row.get("follows", "")) == (row["kind"] == "stated")


def test_the_plans_that_take_from_a_body_are_as_many_as_its_rows_have(corpus: Project) -> None:
    """Relief from a duty is no loss: neither a row nor a plan that counts."""
    store = open_published(corpus.build).open()
    rows = select(store, bind(find_query(ROOT / "queries", "losers"), {}, store))
    of_body = {row["loser_id"]: set[str]() for row in rows}
    for row in rows:
        of_body[row["loser_id"]].add(row["plan_id"])
    assert {(row["loser_id"], int(row["plans"])) for row in rows} == {
        (body, len(plans)) for body, plans in of_body.items()
    }
    assert max(map(len, of_body.values())) > 1


def test_with_reporters_all_but_the_curators_readings_are_quotes(corpus: Project) -> None:
    store = open_published(corpus.build).open()
    quotes = find_query(ROOT / "queries", "quotes")
    without, told = (
        {row["claim"] for row in select(store, bind(quotes, {"reporters": given}, store))}
        for given in ("no", "yes")
    )
    others = "{ ?claim nhs:voice ?voice FILTER(?voice != nhs:CuratorInference) }"
    assert without < told
    assert told == {row["claim"] for row in select(store, f"SELECT ?claim {others}")}
