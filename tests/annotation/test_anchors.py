from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from nhskg.annotation.anchors import AnchorError, find_quote, locate_passage
from nhskg.annotation.texts import SourceText, read_text
from nhskg.rdf.errors import InputError
from tests.cases import cases

TEXT = (
    "The board’s say\n\nThe board met on Monday. It met again. “The board met,” he said.\r\n"
    "Nobody came… but one. 😀 The trust’s board wept.\n"
)


SOURCE = SourceText(Path("x.txt"), TEXT, "")


def marked(source: SourceText, span: tuple[int, int]) -> str:
    return source.text[slice(*span)]


@cases("annotation/cases/marks.yaml")
def test_what_a_quote_marks(case: Any) -> None:
    if "passage" in case:
        assert marked(SOURCE, locate_passage(SOURCE, **case["given"])) == case["passage"]
    else:
        source = SourceText(Path("x"), case.get("text", TEXT), "")
        assert list(find_quote(source, **case["given"])) == case["found"]


@cases("annotation/cases/quotes.yaml")
def test_what_does_not_mark_one_place(case: Any) -> None:
    with pytest.raises(AnchorError) as caught:
        locate_passage(SourceText(Path("x"), case.get("text", TEXT), ""), **case["given"])
    assert str(caught.value) == case["message"]
    assert caught.value.part == case["part"]


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ({"quote": "every parish in the county"}, "every parish\r\nin the county"),
        ({"quote": "in the county", "prefix": "of every parish"}, "in the county"),
        ({"quote": "unless", "suffix": "there is a trust that"}, "unless"),
        ({"quote": "bear > the"}, "bear > the"),
        ({"quote": "cost that the warden"}, "cost that\r\n > the warden"),
        ({"quote": "parish\r\nin"}, "parish\r\nin"),
        ({"quote": "well-paid or non-executive"}, "well-paid or non-\r\nexecutive"),
    ],
)
def test_a_space_may_be_a_line_break_of_a_hard_wrapped_text(
    given: dict[str, Any], found: str
) -> None:
    text = (
        "The boards should sign off the plans of every parish\r\nin the county, as the report has "
        "it, unless there is a\r\ntrust that can bear > the cost that\r\n > the warden names, "
        "well-paid or non-\r\nexecutive.\r\n"
    )
    wrapped = SourceText(Path("x"), text, "", "blank-lines")
    assert marked(wrapped, find_quote(wrapped, **given)) == found
    plain = SourceText(Path("x"), text, "", "lines")
    if "\r" in found and "\r" not in given["quote"]:
        with pytest.raises(AnchorError, match="carriage return"):
            find_quote(plain, **given)


@cases("annotation/cases/invisible.yaml")
def test_a_difference_that_nobody_can_see_is_named_and_the_proposal_can_be_pasted(
    case: Any,
) -> None:
    source = SourceText(Path("x"), case["text"], "")
    with pytest.raises(AnchorError) as caught:
        find_quote(source, **case["given"])
    assert f" has {case['has']}: " in str(caught.value)
    proposal = str(caught.value).split(f" has {case['has']}: ")[1].partition(": line ")[0]
    assert proposal.isprintable()
    pasted = yaml.safe_load(proposal)
    part = caught.value.part
    find_quote(source, **{**case["given"], part: pasted})
    assert pasted in case["text"]
    assert pasted != case["given"][part]


def test_the_nearest_is_found_in_a_long_text_by_bounded_work() -> None:
    with pytest.raises(AnchorError, match='the nearest, on line 3, is: "The board met on'):
        find_quote(SourceText(Path("x"), TEXT * 5000, ""), "The bord met on Munday")


def test_no_error_repeats_more_than_twelve_words_of_a_text() -> None:
    text = SourceText(Path("x"), "one two three four five six seven eight nine ten " * 2, "")
    with pytest.raises(AnchorError) as caught:
        find_quote(text, "two three four five six seven eight nine ten")
    shown = [part.split("…")[1].split() for part in str(caught.value).split("; ")[1:]]
    assert [len(words) for words in shown] == [12, 10]


def test_bytes_are_decoded_and_not_translated(tmp_path: Path) -> None:
    """Line ends and byte order mark count, so that positions fit the digest's bytes."""
    path = tmp_path / "x.txt"
    path.write_bytes("\ufeffOne.\r\nTwo 😀.\rThree.".encode())
    text = read_text(path)
    assert len(text.text) == 20
    assert (locate_passage(text, "One"), locate_passage(text, "Three")) == ((1, 5), (14, 20))
    assert text.line_of(14) == 3
    assert text.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("/none", ": the text cannot be read: No such file or directory"),
        ("", ": the text cannot be read: not a file"),
        ("/latin", ":2: the text is not UTF-8: byte 0xE9 at offset 7"),
    ],
)
def test_texts_that_cannot_be_read(tmp_path: Path, name: str, message: str) -> None:
    (tmp_path / "latin").write_bytes("one\ncafé".encode("latin-1"))
    with pytest.raises(InputError) as caught:
        read_text(Path(f"{tmp_path}{name}"))
    assert str(caught.value) == f"{tmp_path}{name}{message}"


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
