"""Validation from where the last run has left off finds what one from nothing does."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from nhskg.building import build_project, validate_project
from nhskg.building.validating import Checked
from nhskg.graph.store import open_published
from nhskg.project import Project

from .edits import change_one

INSIDE = "at: [0, 134]"
OUTSIDE = "at: [0, 99999]"  # beyond the end of the text, which shape E-05 sees


def compare(project: Project) -> Checked:
    found = validate_project(project)
    assert found.findings == validate_project(project, fresh=True).findings
    return found


def test_only_what_changed_is_looked_at_again(barchester: Project) -> None:
    assert compare(barchester).redone.whole
    assert compare(barchester).redone.documents == 0
    change_one(barchester, "modality: should", "modality: would")
    again = compare(barchester).redone
    assert (again.documents, again.whole) == (1, False)
    assert compare(barchester).redone.documents == 0


def test_a_violation_is_found_kept_and_gone_again(barchester: Project) -> None:
    """A run with a violation is gone on from, too; a build would not have published it."""
    before = compare(barchester).findings
    change_one(barchester, INSIDE, OUTSIDE)
    wrong = compare(barchester)
    assert {str(each) for each in wrong.findings} - {str(each) for each in before}
    assert not wrong.redone.whole
    change_one(barchester, OUTSIDE, INSIDE)
    assert compare(barchester).findings == before


def test_the_first_run_may_find_a_violation(barchester: Project) -> None:
    change_one(barchester, INSIDE, OUTSIDE)
    first = compare(barchester)
    change_one(barchester, "modality: should", "modality: would")
    second = compare(barchester)
    assert first.redone.whole
    assert not second.redone.whole


def test_a_run_goes_on_from_the_build(barchester: Project) -> None:
    build_project(barchester)
    change_one(barchester, "modality: should", "modality: would")
    assert not compare(barchester).redone.whole


def emptied(text: str, name: str) -> str:
    return json.dumps({**json.loads(text), name: type(json.loads(text)[name])()})


@pytest.mark.parametrize(
    ("file", "damaged"),
    [
        ("memory/notes.json", lambda _: "[" * 400_000),
        ("memory/notes.json", lambda text: emptied(text, "figures")),
        ("memory/notes.json", lambda text: emptied(text, "things")),
        ("memory/notes.json", lambda text: emptied(text, "documents")),
        ("memory/results.json", lambda text: emptied(text, "found")),
        ("memory/results.json", lambda _: "[]"),
        ("memory/seal", lambda _: "\xff"),
        ("summary.json", lambda _: "[" * 400_000),
    ],
)
def test_what_is_not_as_it_was_kept_makes_a_run_from_nothing(
    barchester: Project, file: str, damaged: Callable[[str], str]
) -> None:
    validate_project(barchester)
    path = open_published(barchester.build / "checked").folder / file
    path.write_text(damaged(path.read_text("utf-8")), "latin-1")
    assert compare(barchester).redone.whole
    assert not compare(barchester).redone.whole


def test_fresh_keeps_nothing(barchester: Project) -> None:
    validate_project(barchester, fresh=True)
    assert not barchester.build.exists()


def test_where_nothing_can_be_kept_it_validates_all_the_same(barchester: Project) -> None:
    expected = validate_project(barchester, fresh=True).findings
    barchester.build.parent.mkdir(parents=True, exist_ok=True)
    barchester.build.write_text("in the way", "utf-8")
    found = validate_project(barchester)
    assert found.findings == expected
    assert found.redone.whole


@pytest.fixture
def styled(barchester: Project) -> Project:
    """Our own corpus with an ontology and style shapes of its own."""
    for name in ("ontology", "shapes"):
        shutil.copytree(Path(__file__).parents[2] / name, barchester.root / name)
    return Project.locate(barchester.root)


def test_the_house_style_is_told_each_time(styled: Project) -> None:
    path = styled.ontology / "core.ttl"
    path.write_text(path.read_text("utf-8").replace('"conditional holding"@en', '"conditional"'))
    first = compare(styled)
    change_one(styled, "modality: should", "modality: would")
    second = compare(styled)
    assert not second.redone.whole
    style = [each for each in first.findings if each.rule.startswith("O-")]
    assert style
    assert [each for each in second.findings if each.rule.startswith("O-")] == style
