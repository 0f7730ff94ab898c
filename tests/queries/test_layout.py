"""Layout for people: tables and records, at most as wide as the terminal."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from nhskg.queries.layout import draw

ROWS = [
    ("board", "", "signs off the plans of its area", "a gate"),
    ("trust", "duty", "", "another"),
]
COLUMNS = ("body", "kind", "quotation", "in_force")


def widest(drawn: str) -> int:
    return max(map(cell_len, drawn.splitlines()), default=0)


def test_below_a_hundred_columns_a_row_that_does_not_fit_is_a_record_of_what_is_known() -> None:
    assert draw(COLUMNS, ROWS, width=30) == (
        "body       board\nquotation  signs off the plans\n           of its area\n"
        "in force   a gate\n\n"
        "body       trust\nkind       duty\nin force   another\n"
    )
    table = draw(COLUMNS, ROWS, width=80)
    assert table.splitlines()[0].split() == ["body", "kind", "quotation", "in", "force"]
    assert draw(COLUMNS, ROWS, layout="record").startswith("body       board\n")


def test_the_least_important_columns_are_dropped_first_and_named() -> None:
    drawn = draw(COLUMNS, ROWS, width=26, layout="table", least=["in_force"])
    assert drawn.splitlines()[0].split() == ["body", "kind", "quotation"]
    told = "Not shown: in force; --layout record or --format csv has them."
    assert " ".join(drawn.split()).endswith(told)
    drawn = draw(COLUMNS, ROWS, width=16, layout="table", least=["in_force"])
    assert "Not shown: quotation, in force" in " ".join(drawn.split())


def test_two_columns_stand_in_one_where_they_have_no_room_side_by_side() -> None:
    rows = [(*row, "x" * 12) for row in ROWS]
    joined = [("kind", "quotation"), ("body", "source")]
    drawn = draw((*COLUMNS, "source"), rows, width=40, layout="table", joined=joined)
    head, _, first, second, *_ = drawn.splitlines()
    assert head.split() == ["body,", "source", "kind,", "quotation", "in", "force"]
    assert first.split() == ["board", "signs", "off", "the", "a", "gate"]
    assert second.startswith("xxxxxxxxxxxx  plans")
    assert "Not shown" not in drawn


@pytest.mark.parametrize("layout", ["table", "record"])
def test_an_id_is_broken_at_its_hyphens_and_a_short_cell_is_not(layout: str) -> None:
    rows = [("article-burnham-interview", "no text says", "words " * 40)] * 2
    drawn = draw(("source", "basis", "note"), rows, width=64, layout=layout)
    assert "no text says" in drawn
    narrow = draw(("source", "note"), [("by-collective-commissioning-plans", "x")], width=24)
    assert [line[8:] for line in narrow.splitlines()[:3]] == [
        "by-collective-",
        "commissioning-",
        "plans",
    ]


@pytest.mark.parametrize("layout", [None, "table", "record"])
@given(
    rows=st.lists(st.tuples(*[st.text(max_size=60)] * 3), min_size=1, max_size=4),
    width=st.integers(24, 140),
)
def test_no_line_is_wider_than_the_terminal(
    layout: str | None, rows: list[tuple[str, ...]], width: int
) -> None:
    """Whatever the script, and nothing that would steer the terminal gets through."""
    drawn = draw(("one", "two", "three"), rows, width=width, layout=layout)
    assert widest(drawn) <= width
    assert all(each.isprintable() for each in drawn.replace("\n", ""))


def test_a_word_is_not_broken_where_there_is_room() -> None:
    rows = [("article-burnham-interview", "word " * 40)]
    assert "article-burnham-interview" in draw(("id", "text"), rows, width=100)


def test_colour_is_only_added(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    for layout in ("table", "record"):
        plain, colored = (draw(COLUMNS, ROWS, layout=layout, color=on) for on in (False, True))
        assert "\x1b[" in colored
        bare = re.sub(r"\x1b\[[0-9;]*m", "", colored)
        assert bare == plain
