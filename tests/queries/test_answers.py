"""Answers of stored queries: several values, what is said about them, and what people see."""

from __future__ import annotations

import csv
import json

import pytest
from pyoxigraph import Store
from tests.cli.runner import nhskg

from nhskg.graph.store import open_published
from nhskg.project import Project
from nhskg.queries.answers import answer, is_id, render_answer
from nhskg.rdf.errors import UsageError


@pytest.fixture(scope="module")
def store(built: Project) -> Store:
    return open_published(built.build).open()


def test_several_values_of_a_parameter_give_the_rows_of_each(store: Store, built: Project) -> None:
    ask = [
        answer(store, built.queries, "roles", {"body": body})
        for body in ("st-ewolds-trust", "county-board")
    ]
    both = answer(store, built.queries, "roles", {"body": ["st-ewolds-trust", "county-board"]})
    assert all(each.rows for each in ask)
    assert sorted(map(str, both.rows)) == sorted(str(row) for each in ask for row in each.rows)


def test_a_default_that_narrows_is_told_and_what_is_given_is_not(
    store: Store, built: Project
) -> None:
    narrowed = answer(store, built.queries, "holders")
    assert narrowed.notes == ("only sign-off: --power for others",)
    assert "only sign-off" in render_answer(narrowed, "table")
    assert "only sign-off" not in render_answer(narrowed, "csv")
    assert answer(store, built.queries, "holders", {"power": "sign-off"}).notes == ()


def test_the_parameters_of_a_query_are_options_and_say_the_same(built: Project) -> None:
    ask = ("--project", built.root, "query", "run", "roles")
    plain = nhskg(*ask, "--body", "st-ewolds-trust", "--body", "county-board", "--format", "csv")
    paired = nhskg(
        *ask, "--param", "body=st-ewolds-trust", "--param", "body=county-board", "--format", "csv"
    )
    listed = nhskg(*ask, "--body", "st-ewolds-trust, county-board", "--format", "csv")
    assert plain.exit_code == 0, plain.output
    assert len(list(csv.reader(plain.stdout.splitlines()))) > 3
    assert plain.stdout == paired.stdout == listed.stdout
    assert "one body or kind of body" in nhskg(*ask, "--help").stdout


def test_json_is_a_list_of_objects_and_its_notes_go_to_standard_error(built: Project) -> None:
    ask = ("--project", built.root, "query", "run", "holders", "--format", "json")
    done = nhskg(*ask)
    assert json.loads(done.stdout)[0]["power"] == "sign-off"
    assert done.stderr == "nhskg: only sign-off: --power for others\n"


def test_a_value_that_is_unknown_is_told(store: Store, built: Project) -> None:
    with pytest.raises(UsageError, match="unknown body 'nobody'"):
        answer(store, built.queries, "roles", {"body": ["st-ewolds-trust", "nobody"]})


def test_columns_of_ids_are_known_by_their_names() -> None:
    named = "plan plan_id claim other_claim body_ids claimant document idea"
    assert list(filter(is_id, named.split())) == "plan_id claim other_claim body_ids".split()
