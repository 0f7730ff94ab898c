from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nhskg.annotation.utf16 import Utf16Offsets

texts = st.text(st.characters(codec="utf-16") | st.sampled_from("a😀𝒜🏽"), max_size=40)


@given(texts)
def test_every_offset_is_what_utf_16_itself_says(text: str) -> None:
    offsets = Utf16Offsets(text)
    assert offsets.utf16_length == len(text.encode("utf-16-le")) // 2
    for index in range(len(text) + 1):
        units = len(text[:index].encode("utf-16-le")) // 2
        assert offsets.to_utf16(index) == units
        assert offsets.to_code_points(units) == index


@given(texts)
def test_an_offset_within_a_pair_is_refused(text: str) -> None:
    offsets = Utf16Offsets(text)
    for index, character in enumerate(text):
        if ord(character) > 0xFFFF:
            with pytest.raises(ValueError, match="within a surrogate pair"):
                offsets.to_code_points(offsets.to_utf16(index) + 1)


def test_spans_and_bounds() -> None:
    offsets = Utf16Offsets("a😀b")
    assert offsets.span_to_utf16((1, 3)) == (1, 4)
    for bad in (-1, 4):
        with pytest.raises(ValueError, match="outside a text of 3 code points"):
            offsets.to_utf16(bad)
    for bad in (-1, 5):
        with pytest.raises(ValueError, match="outside a text of 4 UTF-16 code units"):
            offsets.to_code_points(bad)
