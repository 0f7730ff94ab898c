"""What each stored query answers on the shipped corpus, kept as CSV that a person can read.

After a change that is meant: ``python tests/queries/test_golden.py`` writes them anew; read the
difference before it is committed.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from nhskg.graph.store import open_published
from nhskg.project import Project
from nhskg.queries.engine import evaluate, select
from nhskg.queries.formats import render_result
from nhskg.queries.stored import StoredQuery, bind, find_query, list_queries

ROOT = Path(__file__).parents[2]
GOLDEN = Path(__file__).parent / "golden"
QUERIES = list_queries(ROOT / "queries")


def answer(project: Project, query: StoredQuery) -> str:
    store = open_published(project.build).open()
    return render_result(evaluate(store, bind(query, {}, store)), "csv", terminal=False)


@pytest.mark.parametrize("query", QUERIES, ids=lambda query: query.name)
def test_the_answer_is_the_golden_one(real: Project, query: StoredQuery) -> None:
    assert answer(real, query) == (GOLDEN / f"{query.name}.csv").read_text("utf-8")


def test_every_answer_has_rows_and_every_row_a_passage() -> None:
    for query in QUERIES:
        header, *rows = (GOLDEN / f"{query.name}.csv").read_text("utf-8").splitlines()
        assert rows, query.name
        assert header.endswith("document,start,end,quote"), query.name


@pytest.mark.parametrize("name", ["roles", "holders"])
def test_a_holding_of_two_bases_has_each_with_its_own_claims(real: Project, name: str) -> None:
    """What the plan says and what others imply of it is one holding, and two bases."""
    store = open_published(real.build).open()
    asked = {"plan": "in-force-2013-14", "power": "lead-consultation", "body": "ccg"}
    rows = select(store, bind(find_query(ROOT / "queries", name), asked, store))
    said = {(row["basis"], row["modality"]) for row in rows}
    assert said == {("stipulated", "in force"), ("presupposed", "should")}


def main() -> None:
    from nhskg.building import build_project

    project = Project.locate(ROOT)
    build_project(project)
    GOLDEN.mkdir(exist_ok=True)
    for query in QUERIES:
        (GOLDEN / f"{query.name}.csv").write_text(answer(project, query), "utf-8")


if __name__ == "__main__":
    main()
