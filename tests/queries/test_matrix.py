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


def test_the_matrix_is_the_one_derived_by_hand(matrix: Matrix) -> None:
    strongest: dict[tuple[str, ...], Basis] = {}
    for cell in sorted(matrix.cells, key=lambda cell: list(Basis).index(cell.basis)):
        for holder in cell.holders:
            matter = cell.matter.slug if cell.matter else ""
            place = (cell.plan.slug, cell.power.slug, matter, holder.slug)
            strongest.setdefault(place, cell.basis)
    with (BARCHESTER / "expected-matrix.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    columns = ("plan", "power", "matter", "holder")
    expected = {tuple(row[column] for column in columns): Basis(row["basis"]) for row in rows}
    assert strongest == expected


def test_every_cell_that_says_something_ends_in_a_passage(matrix: Matrix) -> None:
    """And each plan has a row for each power."""
    for cell in matrix.cells:
        assert bool(cell.sources) == (cell.basis is not Basis.UNKNOWN)
        assert (cell.holder == "—") == (cell.basis is Basis.UNKNOWN)
        assert all(each.quote and each.start < each.end for each in cell.sources)
    places = {(cell.plan, cell.power) for cell in matrix.cells}
    assert places == {(plan, power) for plan in matrix.plans for power in matrix.powers}


def test_arrangements_in_force_come_before_the_plans_that_change_them(matrix: Matrix) -> None:
    status_quo = [n for n, p in enumerate(matrix.plans) if p.slug.startswith("in-force")]
    assert status_quo[0] == 0
    assert len(status_quo) == 3


def matrix_of(basis: Basis) -> Matrix:
    """A matrix of one cell without a source."""
    holders = () if basis is Basis.UNKNOWN else (Label("board", "board"),)
    matter = None if basis is Basis.UNKNOWN else Label("plans", "plans")
    plan, power = Label("P", "p"), Label("sign-off", "sign-off")
    return Matrix((plan,), (power,), (Cell(plan, power, matter, holders, basis),))


@pytest.mark.parametrize("form", ["table", "markdown", "csv", "tsv"])
def test_no_two_bases_look_alike(form: str) -> None:
    shown = {basis: render_matrix(matrix_of(basis), form) for basis in Basis}
    assert len(set(shown.values())) == len(Basis)
    assert "nobody" not in "".join(shown.values())
    assert form in ("table", "markdown") or all(str(b) in text for b, text in shown.items())


@pytest.mark.parametrize("form", ["csv", "tsv", "json", "markdown"])
@pytest.mark.parametrize("basis", Basis)
def test_the_grid_has_signs_for_people_only(form: str, basis: Basis) -> None:
    shown = render_grid(matrix_of(basis), form)
    assert str(basis) in shown
    assert form == "markdown" or not set("↳✗?~…") & set(shown)
    assert "(↳ inherited)" in shown or form != "markdown" or basis is not Basis.INHERITED


def test_the_grid_has_powers_by_plans(matrix: Matrix) -> None:
    rows = list(csv.reader(render_grid(matrix, "csv").splitlines()))
    assert rows[0] == ["power", *(plan.label for plan in matrix.plans)]
    assert [row[0] for row in rows[1:]] == [power.label for power in matrix.powers]
    assert all(all(row) for row in rows[1:])
    drawn = render_grid(matrix, "table").splitlines()
    assert sum(line.startswith("+") for line in drawn) == len(rows) + 1


@pytest.mark.parametrize(("said", "told"), [(True, "would (“perhaps”)"), (False, "implied by P")])
def test_what_is_only_implied_is_not_shown_as_said(*, said: bool, told: str) -> None:
    words = ("A", None, "direct quote", "would", "perhaps")
    assert Source("c", Label("P", "p"), said, *words, "d", 3, 9, "q").firmness == told


def test_only_what_is_asked_for_is_shown_whatever_the_case_of_ids(built: Project) -> None:
    store = open_published(built.build).open()
    found = read_matrix(store, built.queries, powers=["Sign-Off"], plans=["HIRAM-report"])
    shown = {(cell.power.slug, cell.plan.slug) for cell in found.cells}
    assert shown == {("sign-off", "hiram-report")}


@pytest.mark.parametrize("width", [100, 140, 400])
def test_a_table_fits_the_terminal_and_breaks_no_word(matrix: Matrix, width: int) -> None:
    wide = render_matrix(matrix, "table")
    fitted = render_matrix(matrix, "table", width=width)
    assert max(map(len, fitted.splitlines())) <= width
    told = {word for word in wide.split() if word.isalpha() and len(word) < 14}
    assert told <= set(fitted.split())
    assert (fitted == wide) == (width == 400)
