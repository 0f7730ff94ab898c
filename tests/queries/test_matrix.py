"""The matrix of our own corpus, against the one that its README explains line by line."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path

import pytest
from pyoxigraph import Store
from rich.cells import cell_len

from nhskg.graph.store import open_published
from nhskg.project import Project
from nhskg.queries.engine import select
from nhskg.queries.matrix import (
    BASES,
    NO_TEXT_SAYS,
    Entry,
    Label,
    Matrix,
    read_matrix,
    render_grid,
    render_matrix,
)

BARCHESTER = Path(__file__).parents[1] / "corpora" / "barchester"
CLAIM = dict.fromkeys(
    "deontic qualifier part condition cohort quantity timing with tension gap claimant capacity"
    " voice claim document paragraph sentence_no start end quote".split(),
    "",
)
NAMES = ("plan", "source")


@pytest.fixture(scope="module")
def store(built: Project) -> Store:
    return open_published(built.build).open()


@pytest.fixture(scope="module")
def matrix(store: Store, built: Project) -> Matrix:
    return read_matrix(store, built.queries)


def test_the_matrix_is_the_expected_one(store: Store, built: Project) -> None:
    found = [
        (*(each.slug for each in (entry.plan, entry.power, entry.matter)), body, *rest)
        for entry in read_matrix(store, built.queries, unchanged=True).entries
        for rest in [(entry.effect, entry.basis)]
        for body in [" ".join(sorted(body.slug for body in entry.bodies))]
        if entry.basis != NO_TEXT_SAYS
    ]
    with (BARCHESTER / "expected-matrix.csv").open(encoding="utf-8") as file:
        columns = ("plan", "power", "matter", "body", "effect", "basis")
        expected = [tuple(row[column] for column in columns) for row in csv.DictReader(file)]
    assert sorted(found) == sorted(expected)


def test_every_entry_ends_in_a_passage_and_each_plan_has_a_cell_for_each_matter(
    matrix: Matrix,
) -> None:
    for entry in matrix.entries:
        assert bool(entry.sources) == (entry.basis != NO_TEXT_SAYS)
        assert all(each["quote"] and each["claim"] for each in entry.sources)
    matters = {(entry.power, entry.matter) for entry in matrix.entries}
    places = {(entry.plan, entry.power, entry.matter) for entry in matrix.entries}
    assert places == {(plan, *place) for plan in matrix.plans for place in matters}


def test_arrangements_in_force_come_first(matrix: Matrix) -> None:
    assert [n for n, p in enumerate(matrix.plans) if p.slug.startswith("in-force")] == [0, 1, 2]


def test_the_entries_of_a_cell_are_in_the_order_of_bases(matrix: Matrix, store: Store) -> None:
    kinds = "?b skos:inScheme nhs:BasisScheme ; skos:prefLabel ?label ; schema:position ?n"
    rows = select(store, f"SELECT ?label {{ {kinds} }} ORDER BY ?n")
    assert [row["label"] for row in rows] == [*BASES, NO_TEXT_SAYS]
    order = [
        (e.power, e.matter, e.plan, [*BASES, NO_TEXT_SAYS].index(e.basis)) for e in matrix.entries
    ]
    cells: dict[tuple[Label, ...], list[int]] = {}
    for *place, number in order:
        cells.setdefault(tuple(place), []).append(number)
    assert all(numbers == sorted(numbers) for numbers in cells.values())


def test_what_a_plan_does_not_touch_is_told_in_short_unless_asked_for(
    matrix: Matrix, store: Store, built: Project
) -> None:
    untouched = ("not mentioned", "not addressed")
    places = [(e.plan, e.power, e.matter) for e in matrix.entries if e.basis in untouched]
    said = {(e.plan, e.power, e.matter) for e in matrix.entries if e.basis not in untouched}
    assert places
    assert not said & set(places)
    whole = read_matrix(store, built.queries, unchanged=True)
    assert len(whole.entries) > len(matrix.entries)
    short, full = (render_matrix(each, "markdown") for each in (matrix, whole))
    assert "\nNot addressed; in force: " in short
    assert "· not addressed" not in short
    assert "| · not addressed" in full


def matrix_of(basis: str, effect: str = "", **limits: str) -> Matrix:
    """A matrix of one entry, with one source if any text says."""
    plan, power, plans = Label("P", "p", "P"), Label("sign-off", "s", "s"), Label("plans", "l", "l")
    board = (Label("the board", "board", "board"),)
    if basis == NO_TEXT_SAYS:
        return Matrix((plan,), (Entry(plan, power, plans),), unchanged=True)
    source = {**CLAIM, "firmness": "would", **limits}
    entry = Entry(plan, power, plans, board, effect, basis, "trust (in force)", (source,))
    return Matrix((plan,), (entry,), unchanged=True)


@pytest.mark.parametrize("render", [render_matrix, render_grid])
@pytest.mark.parametrize("form", ["table", "markdown", "csv", "tsv", "json"])
def test_no_two_bases_look_alike_and_signs_are_for_people_only(render, form: str) -> None:  # type: ignore[no-untyped-def]
    shown = {basis: render(matrix_of(basis), form) for basis in [*BASES, NO_TEXT_SAYS]}
    assert len(set(shown.values())) == len(shown)
    words = {basis: " ".join(re.split(r"[|\s]+", text)).lower() for basis, text in shown.items()}
    assert all(basis in text for basis, text in words.items())
    assert "nobody" not in "".join(shown.values())
    people = form in ("table", "markdown")
    assert any(set("†✗−≠•") & set(text) for text in shown.values()) == people
    assert (
        all("In force: then, as the texts report it." in each for each in shown.values()) == people
    )


@pytest.mark.parametrize("basis", ["suggested", "on condition", "ruled out"])
def test_suggested_taking_never_looks_like_suggested_giving(basis: str) -> None:
    shown = {render_grid(matrix_of(basis, effect), "csv") for effect in ("gives", "takes")}
    assert len(shown) == 2
    assert any(f"{basis}: takes" in each for each in shown)


def test_limits_are_told_with_the_claim_that_has_them() -> None:
    limits = {"part": "in part: some, for children", "cohort": "children", "quantity": "some"}
    shown = render_matrix(
        matrix_of("on condition", "takes", condition="once ready; until then as now", **limits),
        "markdown",
    )
    told = "in part: some, for children; once ready; until then as now: trust (in force) |"
    assert f"> on condition: takes; {told}" in shown
    shown = render_matrix(
        matrix_of("says so", "gives", quantity="GBP 5", timing="soon"), "markdown"
    )
    assert "+ says so; GBP 5; soon |" in shown


def test_tensions_and_gaps_are_marked_beside_the_claim_that_has_them() -> None:
    marked = matrix_of("says so", "gives", timing="soon", tension="merely: Q", gap="by when")
    told = "+ says so; soon; no text says by when; ⇄ merely: Q"
    assert told in render_matrix(marked, "markdown")
    grid = render_grid(marked, "table")
    assert "+ says so ⇄ ?? [1]" in grid
    assert "merely: Q" not in grid
    assert "\n⇄ it pulls apart with another claim; ?? no text says a part of it" in grid
    assert "⇄" not in render_grid(matrix_of("says so", "gives"), "table")
    assert told[2:] in render_grid(marked, "csv")
    (row,) = csv.DictReader(render_matrix(marked, "csv").splitlines())
    (source,) = json.loads(render_matrix(marked, "json"))[0]["sources"]
    assert all((each["tension"], each["gap"]) == ("merely: Q", "by when") for each in (row, source))


def test_the_grid_has_powers_over_matters_by_plans(matrix: Matrix) -> None:
    rows = list(csv.reader(render_grid(matrix, "csv").splitlines()))
    assert rows[0] == ["power", *(plan.label for plan in matrix.plans)]
    places = dict.fromkeys(f"{e.power.label}: {e.matter.label}" for e in matrix.entries)
    assert [row[0] for row in rows[1:]] == list(places)
    assert all(all(row) for row in rows[1:])
    markdown = render_grid(matrix, "markdown", unsaid=True).splitlines()
    assert len([line for line in markdown if line.startswith("| ")]) == len(rows) + 1


@pytest.mark.parametrize("width", [80, 100, 120])
def test_a_grid_has_pages_of_as_many_plans_as_fit_with_a_legend(
    store: Store, built: Project, width: int
) -> None:
    """Each plan is a column of one page, or named as one of which no text says anything."""
    matrix = read_matrix(store, built.queries, powers=["allocate-funds"])
    shown = render_grid(matrix, "table", width=width)
    assert max(map(cell_len, shown.splitlines())) <= width
    headers = [line for line in shown.splitlines() if line.startswith("| power")]
    assert {line.count("|") - 2 for line in headers} <= {*range(1, width // 19)}
    (silent,) = re.findall(
        r"^No text says anything under these plans: ((?:.|\n  )*)\.$", shown, re.MULTILINE
    )
    names = {plan.short for plan in matrix.plans}
    assert 0 < len(names & {*" ".join(silent.split()).split("; ")}) < len(names)
    columns = sum(line.count("|") - 2 for line in headers)
    assert columns == len(names - {*" ".join(silent.split()).split("; ")})
    assert "\nthe report: Hiram report\n" in shown


def test_the_numbers_of_a_grid_lead_to_the_passages(matrix: Matrix) -> None:
    shown = render_grid(matrix, "table", width=1_000)
    pages, below = shown.split("\n[1] ")
    used = {number for found in re.findall(r"\[([\d, ]+)\]", pages) for number in found.split(", ")}
    given = re.findall(r"^\[(\d+)\] \S+ .*\[\d+-\d+\]", f"[1] {below}", re.MULTILINE)
    assert len(given) == len(set(given)) > 10
    assert used == set(given)


def test_powers_of_which_no_text_says_anything_are_counted(store: Store, built: Project) -> None:
    of_one = read_matrix(store, built.queries, plans=["pell-pledge"])
    places = {(entry.power, entry.matter) for entry in of_one.entries}
    silent = sum(entry.basis == NO_TEXT_SAYS for entry in of_one.entries)
    assert 0 < silent < len(places)
    for render in (render_matrix, render_grid):
        shown, whole = (render(of_one, "markdown", unsaid=unsaid) for unsaid in (False, True))
        assert f"Of {silent} of {len(places)} powers over a matter no text says anything" in shown
        assert "--unsaid lists them." not in whole
        assert whole.lower().count("no text says") >= silent


def test_what_is_left_out_as_unchanged_is_said(store: Store, built: Project) -> None:
    for unchanged in (False, True):
        matrix = read_matrix(store, built.queries, unchanged=unchanged)
        for render in (render_matrix, render_grid):
            assert ("--unchanged shows it." in render(matrix, "table")) is not unchanged


@pytest.mark.parametrize("width", [80, 99])
def test_below_100_columns_each_row_is_a_record(matrix: Matrix, width: int) -> None:
    shown = render_matrix(matrix, "table", width=width)
    assert max(map(cell_len, shown.splitlines())) <= width
    plans, sources = (re.findall(rf"^{name} +\S", shown, re.MULTILINE) for name in NAMES)
    assert len(plans) == len(sources) > 90
    assert "─" not in shown


def test_only_what_is_asked_for_is_shown_whatever_the_case_of_ids(
    store: Store, built: Project
) -> None:
    found = read_matrix(store, built.queries, powers=["Sign-Off"], plans=["HIRAM-report"])
    shown = {(entry.power.slug, entry.plan.slug) for entry in found.entries}
    assert shown == {("sign-off", "hiram-report")}


def test_of_a_power_of_which_no_text_speaks_just_that_is_told(store: Store, built: Project) -> None:
    found = read_matrix(store, built.queries, powers=["assess-competence"])
    assert {entry.basis for entry in found.entries} == {NO_TEXT_SAYS}
    assert "No text says: all 12 plans." in render_matrix(found, "markdown")


@pytest.mark.parametrize("width", [100, 140, 400])
def test_a_table_fits_the_terminal_and_breaks_no_word(matrix: Matrix, width: int) -> None:
    wide = render_matrix(matrix, "table", width=1_000)
    fitted = render_matrix(matrix, "table", width=width)
    assert max(map(cell_len, fitted.splitlines())) <= width
    told = {word for word in re.split(r"[\s-]+", wide) if word.isalpha() and len(word) < 14}
    assert told <= set(re.split(r"[\s-]+", fitted))
