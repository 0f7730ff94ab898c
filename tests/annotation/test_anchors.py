from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nhskg.annotation.anchors import (
    AnchorError,
    SourceText,
    find_quote,
    locate_passage,
    nearest_text,
    read_text,
)
from nhskg.rdf.errors import InputError
from tests.cases import cases

TEXT = (
    "The board’s say\n\nThe board met on Monday. It met again. “The board met,” he said.\r\n"
    "Nobody came… but one. 😀 The trust’s board wept.\n"
)


@pytest.fixture
def source() -> SourceText:
    return SourceText(Path("x.txt"), TEXT, "")


def marked(source: SourceText, span: tuple[int, int]) -> str:
    return source.text[span[0] : span[1]]


def test_a_quote_marks_its_sentence(source: SourceText) -> None:
    assert marked(source, locate_passage(source, "met again")) == "It met again."
    assert marked(source, locate_passage(source, "board wept")) == "😀 The trust’s board wept."
    assert marked(source, locate_passage(source, "say")) == "The board’s say"


def test_a_quote_over_two_sentences_marks_both(source: SourceText) -> None:
    assert marked(source, locate_passage(source, "Monday. It")) == (
        "The board met on Monday. It met again."
    )


def test_prefix_and_suffix_tell_places_apart(source: SourceText) -> None:
    assert find_quote(source, "board met", suffix="on Monday") == (21, 30)
    assert find_quote(source, "board met", suffix=" on") == (21, 30)
    assert find_quote(source, "The board", prefix="again. “") == (57, 66)
    assert find_quote(source, "Nobody", prefix="he said.") == (83, 89)
    assert find_quote(source, "The", prefix="😀", suffix="trust") == (107, 110)


def test_through_runs_to_the_end_of_its_sentence(source: SourceText) -> None:
    assert marked(source, locate_passage(source, "on Monday", through="he said")) == (
        "The board met on Monday. It met again. “The board met,” he said."
    )


@cases("annotation/cases/quotes.yaml")
def test_what_does_not_mark_one_place(source: SourceText, case: Any) -> None:
    with pytest.raises(AnchorError) as caught:
        locate_passage(source, **case["given"])
    assert str(caught.value) == case["message"]
    assert caught.value.part == case["part"]


def test_overlapping_matches_count() -> None:
    with pytest.raises(AnchorError, match="matches 2 times"):
        find_quote(SourceText(Path("x"), "so so so", ""), "so so")


def test_many_candidates_are_cut_short() -> None:
    with pytest.raises(AnchorError, match=r"matches 9 times.*; and 4 more"):
        find_quote(SourceText(Path("x"), "so.\n" * 9, ""), "so")


def test_no_error_repeats_more_than_twelve_words_of_a_text(source: SourceText) -> None:
    text = SourceText(Path("x"), "one two three four five six seven eight nine ten " * 2, "")
    with pytest.raises(AnchorError) as caught:
        find_quote(text, "two three four five six seven eight nine ten")
    shown = [part.split("…")[1].split() for part in str(caught.value).split("; ")[1:]]
    assert [len(words) for words in shown] == [12, 10]


def test_the_nearest_text_is_a_proposal_with_its_likeness(source: SourceText) -> None:
    found = nearest_text(source, "nobody Came")
    assert found is not None
    assert marked(source, found[:2]) == "Nobody came…"
    assert 0.8 < found[2] < 1
    assert nearest_text(source, "") is None


def test_a_quote_not_found_in_a_long_text_is_told_soon() -> None:
    text = SourceText(Path("x"), TEXT * 5000, "")
    with pytest.raises(AnchorError, match="the nearest, on line"):
        find_quote(text, "The bord met on Munday")


def test_bytes_are_decoded_and_not_translated(tmp_path: Path) -> None:
    """Line ends and byte order mark count, so that positions fit the digest's bytes."""
    path = tmp_path / "x.txt"
    path.write_bytes("\ufeffOne.\r\nTwo 😀.\rThree.".encode())
    text = read_text(path)
    assert len(text.text) == 20
    assert marked(text, locate_passage(text, "One")) == "One."
    assert locate_passage(text, "One") == (1, 5)
    assert locate_passage(text, "Three") == (14, 20)
    assert text.line_of(14) == 3
    assert text.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()


def test_texts_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "latin").write_bytes("one\ncafé".encode("latin-1"))
    cases = {
        tmp_path / "none": f"{tmp_path}/none: the text cannot be read: No such file or directory",
        tmp_path: f"{tmp_path}: the text cannot be read: not a file",
        tmp_path / "latin": f"{tmp_path}/latin:2: the text is not UTF-8: byte 0xE9 at offset 7",
    }
    for path, message in cases.items():
        with pytest.raises(InputError) as caught:
            read_text(path)
        assert str(caught.value) == message


@given(
    st.text(st.sampled_from("ab😀 .\n’"), min_size=1, max_size=40),
    st.integers(0, 39),
    st.integers(1, 10),
)
def test_what_stands_once_in_a_text_is_found_there(text: str, start: int, size: int) -> None:
    """Any unique piece of a text is found where it stands, and its passage holds it."""
    source = SourceText(Path("x"), text, "")
    quote = text[start : start + size]
    if not quote.strip() or text.find(quote) != text.rfind(quote):
        return
    span = find_quote(source, quote)
    assert text[slice(*span)] == quote
    first, last = locate_passage(source, quote)
    assert first <= span[0] + len(quote) - len(quote.lstrip())
    assert last >= span[0] + len(quote.rstrip())
