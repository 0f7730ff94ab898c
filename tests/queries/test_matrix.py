"""The matrix of our own corpus, against one that was derived from its texts by hand."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from nhskg.graph.store import open_published
from nhskg.project import Project
from nhskg.queries.matrix import (
    Basis,
    Cell,
    Label,
    Matrix,
    Source,
    read_matrix,
    render_grid,
    render_matrix,
)

BARCHESTER = Path(__file__).parents[1] / "corpora" / "barchester"


@pytest.fixture(scope="module")
def matrix(built: Project) -> Matrix:
    return read_matrix(open_published(built.build).open(), built.queries)


def key(cell: Cell, holder: Label) -> tuple[str, str, str, str]:
    matter = cell.matter.slug if cell.matter else ""
    return (cell.plan.slug, cell.power.slug, matter, holder.slug)


def test_the_matrix_is_the_one_derived_by_hand(matrix: Matrix) -> None:
    order = list(Basis)
    found: dict[tuple[str, str, str, str], Basis] = {}
    for cell in matrix.cells:
        for holder in cell.holders:
            place = key(cell, holder)
            found[place] = min(cell.basis, found.get(place, Basis.UNKNOWN), key=order.index)
    with (BARCHESTER / "expected-matrix.csv").open(encoding="utf-8") as file:
        expected = {
            (row["plan"], row["power"], row["matter"], row["holder"]): Basis(row["basis"])
            for row in csv.DictReader(file)
        }
    assert {place: str(basis) for place, basis in found.items()} == {
        place: str(basis) for place, basis in expected.items()
    }


def test_every_cell_that_says_something_ends_in_a_passage(matrix: Matrix) -> None:
    """And each plan has a row for each power."""
    for cell in matrix.cells:
        assert bool(cell.sources) == (cell.basis is not Basis.UNKNOWN)
        assert (cell.holder == "—") == (cell.basis is Basis.UNKNOWN)
        assert all(each.quote and each.start < each.end for each in cell.sources)
    places = {(cell.plan, cell.power) for cell in matrix.cells}
    assert places == {(plan, power) for plan in matrix.plans for power in matrix.powers}


def test_arrangements_in_force_come_before_the_plans_that_change_them(matrix: Matrix) -> None:
    slugs = [plan.slug for plan in matrix.plans]
    status_quo = [n for n, slug in enumerate(slugs) if slug.startswith("in-force")]
    assert status_quo[0] == 0
    assert len(status_quo) == 2


def matrix_of(basis: Basis) -> Matrix:
    """A matrix of one cell without a source."""
    holders = () if basis is Basis.UNKNOWN else (Label("board", "board"),)
    matter = None if basis is Basis.UNKNOWN else Label("plans", "plans")
    plan, power = Label("P", "p"), Label("sign-off", "sign-off")
    return Matrix((plan,), (power,), (Cell(plan, power, matter, holders, basis),))


@pytest.mark.parametrize("form", ["table", "markdown", "csv", "tsv"])
def test_no_two_bases_look_alike(form: str) -> None:
    shown = set()
    for basis in Basis:
        text = render_matrix(matrix_of(basis), form)
        shown.add(text)
        if form in ("csv", "tsv"):
            assert str(basis) in text
    assert len(shown) == len(Basis)
    assert "nobody" not in "".join(shown)


@pytest.mark.parametrize(("said", "told"), [(True, "would (“perhaps”)"), (False, "implied by P")])
def test_what_is_only_implied_is_not_shown_as_said(*, said: bool, told: str) -> None:
    words = ("A", None, "direct quote", "would", "perhaps")
    assert Source("c", Label("P", "p"), said, *words, "d", 3, 9, "q").firmness == told


def test_the_grid_has_powers_by_plans(matrix: Matrix) -> None:
    rows = list(csv.reader(render_grid(matrix, "csv").splitlines()))
    assert rows[0] == ["power", *(plan.label for plan in matrix.plans)]
    assert [row[0] for row in rows[1:]] == [power.label for power in matrix.powers]
    assert all(all(row) for row in rows[1:])


@pytest.mark.parametrize("form", ["csv", "tsv", "json", "markdown"])
@pytest.mark.parametrize("basis", Basis)
def test_the_grid_has_signs_for_people_only(form: str, basis: Basis) -> None:
    shown = render_grid(matrix_of(basis), form)
    assert str(basis) in shown
    assert form == "markdown" or not set("↳✗?~…") & set(shown)
    assert "(↳ inherited)" in shown or form != "markdown" or basis is not Basis.INHERITED


def test_only_what_is_asked_for_is_shown_whatever_the_case_of_ids(built: Project) -> None:
    store = open_published(built.build).open()
    found = read_matrix(store, built.queries, powers=["Sign-Off"], plans=["HIRAM-report"])
    assert {(cell.power.slug, cell.plan.slug) for cell in found.cells} == {
        ("sign-off", "hiram-report")
    }


@pytest.mark.parametrize("width", [100, 140, 400])
def test_a_table_fits_the_terminal_and_breaks_no_word(matrix: Matrix, width: int) -> None:
    wide = render_matrix(matrix, "table")
    fitted = render_matrix(matrix, "table", width=width)
    assert max(map(len, fitted.splitlines())) <= width
    told = {word for word in wide.split() if word.isalpha() and len(word) < 14}
    assert told <= set(fitted.split())
    assert (fitted == wide) == (width == 400)
