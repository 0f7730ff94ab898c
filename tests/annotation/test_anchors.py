from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nhskg.annotation.anchors import (
    AnchorError,
    find_quote,
    locate_passage,
    nearest_text,
)
from nhskg.annotation.texts import SourceText, read_text
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


@cases("annotation/cases/marks.yaml")
def test_what_a_quote_marks(source: SourceText, case: Any) -> None:
    if "passage" in case:
        assert marked(source, locate_passage(source, **case["given"])) == case["passage"]
    else:
        assert list(find_quote(source, **case["given"])) == case["found"]


@cases("annotation/cases/quotes.yaml")
def test_what_does_not_mark_one_place(source: SourceText, case: Any) -> None:
    with pytest.raises(AnchorError) as caught:
        locate_passage(source, **case["given"])
    assert str(caught.value) == case["message"]
    assert caught.value.part == case["part"]


@pytest.mark.parametrize(
    ("text", "quote", "message"),
    [
        ("so so so", "so so", "matches 2 times"),  # overlapping
        ("so.\n" * 9, "so", "matches 9 times.*; and 4 more"),
        (TEXT * 5000, "The bord met on Munday", "the nearest, on line"),  # within bounded work
    ],
    ids=["overlapping", "many", "in a long text"],
)
def test_what_is_found_often_or_not_at_all(text: str, quote: str, message: str) -> None:
    with pytest.raises(AnchorError, match=message):
        find_quote(SourceText(Path("x"), text, ""), quote)


def test_no_error_repeats_more_than_twelve_words_of_a_text(source: SourceText) -> None:
    text = SourceText(Path("x"), "one two three four five six seven eight nine ten " * 2, "")
    with pytest.raises(AnchorError) as caught:
        find_quote(text, "two three four five six seven eight nine ten")
    shown = [part.split("…")[1].split() for part in str(caught.value).split("; ")[1:]]
    assert [len(words) for words in shown] == [12, 10]


def test_the_nearest_text_is_a_proposal_with_its_likeness(source: SourceText) -> None:
    found = nearest_text(source, "nobody Came")
    assert found is not None
    assert marked(source, found) == "Nobody came…"
    assert nearest_text(source, "") is None


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
