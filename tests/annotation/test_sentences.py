from __future__ import annotations

import textwrap
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nhskg.annotation.texts import SourceText, find_sentences, sentences_touching
from tests.cases import cases


@cases("annotation/cases/sentences.yaml")
def test_sentences_are_found(case: list[str]) -> None:
    text = " ".join(case)
    assert [text[each.start : each.end] for each in find_sentences(text)] == case


@pytest.mark.parametrize(
    ("text", "spans"),
    [
        ("終わり。始まり！それ。", [(0, 4), (4, 8), (8, 11)]),
        ("😀 wept. 𝒜 did.", [(0, 7), (8, 14)]),
    ],
    ids=["ideographic stops need no space", "positions are code points"],
)
def test_spans(text: str, spans: list[tuple[int, int]]) -> None:
    assert [each[:2] for each in find_sentences(text)] == spans


def test_a_paragraph_is_a_line_and_a_bullet_belongs_to_its_sentence() -> None:
    text = "\ufeffA headline\r\n\r\nIt rained.  It stopped.\n  • One. Two\n\t• Three\r• Four\n \n"
    assert [f"{each.line} {text[each.start : each.end]}" for each in find_sentences(text)] == [
        *("1 A headline", "3 It rained.", "3 It stopped."),
        *("4 • One.", "4 Two", "5 • Three", "6 • Four"),
    ]


@cases("annotation/cases/wrapped.yaml")
def test_a_sentence_of_a_hard_wrapped_text_does_not_end_where_a_line_does(case: Any) -> None:
    """``paragraphs`` has the sentences of each; without ``given`` the text itself tells."""
    source = SourceText(Path("x"), case["text"], "", case.get("given"))
    found = [
        [" ".join(source.text[each.start : each.end].split()) for each in group]
        for _, group in groupby(source.sentences, key=lambda each: each.paragraph)
    ]
    assert found == case["paragraphs"]
    assert source.is_wrapped == case["wrapped"]
    assert [each.line for each in source.sentences] == [
        source.line_of(each.start) for each in source.sentences
    ]


@pytest.mark.parametrize(
    ("start", "end", "touched"),
    [(0, 1, (0, 1)), (4, 5, (0, 0)), (3, 6, (0, 2)), (0, 99, (0, 3)), (99, 100, (0, 0))],
)
def test_touching_sentences(start: int, end: int, touched: tuple[int, int]) -> None:
    sentences = find_sentences("One. Two. Three.")
    assert sentences_touching(sentences, start, end) == sentences[slice(*touched)]


texts = st.text(
    st.sampled_from("AbcI.?!… \n\r\t’”“‘)(1•—。\ufeff\u2028") | st.characters(codec="utf-8"),
    max_size=80,
) | st.lists(
    st.sampled_from(["Mr.", "No.", "J.", "It", "rained.", "“Why?”", "he", "5", "…", "\n"]),
    max_size=30,
).map(" ".join)


@given(texts, st.booleans())
def test_every_character_is_in_one_sentence(text: str, wrapped: bool) -> None:
    """In order, without overlap, trimmed, and nothing but white space is left out."""
    position = 0
    for each in find_sentences(text, wrapped=wrapped):
        assert position <= each.start < each.end <= len(text)
        assert not text[position : each.start].replace("\ufeff", "").strip()
        inside = text[each.start : each.end]
        assert inside == inside.strip()
        position = each.end
    assert not text[position:].replace("\ufeff", "").strip()


@given(texts, st.booleans())
def test_a_sentence_by_itself_is_one_sentence(text: str, wrapped: bool) -> None:
    for each in find_sentences(text, wrapped=wrapped):
        alone = text[each.start : each.end]
        found = find_sentences(alone, wrapped=wrapped)
        assert [each[:2] for each in found] == [(0, len(alone))]


@pytest.mark.texts
def test_the_texts_have_the_sentences_that_were_read(texts: Path) -> None:
    """Each was read by eye; captions and headlines without a full stop count."""
    counts = {
        path.name[:3]: len(find_sentences(path.read_bytes().decode("utf-8")))
        for path in sorted(texts.glob("*.txt"))
    }
    assert counts == {"000": 16, "001": 26, "002": 20, "003": 22, "004": 19}


@pytest.mark.texts
@pytest.mark.parametrize("width", [50, 60, 72, 80, 100])
def test_the_texts_have_the_same_sentences_when_they_are_wrapped(texts: Path, width: int) -> None:
    for path in sorted(texts.glob("*.txt")):
        lines = path.read_bytes().decode("utf-8").splitlines()
        wrapped = "\n\n".join(textwrap.fill(line, width) for line in lines if line.strip())
        source = SourceText(path, wrapped, "")
        assert source.is_wrapped, path
        found = ["".join(wrapped[each.start : each.end].split()) for each in source.sentences]
        text = "\n".join(lines)
        assert not SourceText(path, text, "").cut_off(), path
        expected = ["".join(text[each.start : each.end].split()) for each in find_sentences(text)]
        assert found == expected, path
