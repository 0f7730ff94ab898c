"""``nhskg list``, ``find``, ``show`` and ``compare`` on the shipped and on an invented corpus."""

from __future__ import annotations

import json

import pytest

from nhskg.project import Project
from nhskg.queries.names import LISTED
from tests.cli.runner import nhskg


@pytest.mark.parametrize(
    ("kind", "row"),
    [
        ("bodies", {"id": "hwb", "label": "health and wellbeing board", "claims": "25"}),
        ("people", {"id": "liz-kendall", "label": "Liz Kendall", "claims": "4"}),
        ("budgets", {"id": "running-costs", "label": "running costs", "claims": "1"}),
        ("documents", {"id": "article-abrahams-column", "claims": "66"}),
    ],
)
def test_each_thing_of_a_kind_is_listed_with_the_number_of_its_claims(
    real: Project, kind: str, row: dict[str, str]
) -> None:
    listed = json.loads(nhskg("--project", real.root, "list", kind, "--format", "json").stdout)
    assert [each for each in listed if row.items() <= each.items()]
    assert len({each["id"] for each in listed}) == len(listed)


def test_a_list_is_for_people_too(built: Project) -> None:
    done = nhskg("--project", built.root, "list", "plans", "--format", "table", COLUMNS="80")
    assert done.exit_code == 0
    assert "hiram-report" in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 80


def test_every_kind_is_one_of_the_query(real: Project) -> None:
    rows = nhskg("--project", real.root, "query", "run", "things", "--format", "json").stdout
    assert {each["kind"] for each in json.loads(rows)} == set(LISTED.values())
