"""The nearest known name: which it is, and that looking for it takes bounded time."""

from __future__ import annotations

from difflib import SequenceMatcher

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nhskg.rdf.nearest import Suggestions, did_you_mean, nearest

KNOWN = ["ccg", "hwb", "oldham-report", "labour-programme", "john-oldham"]


@pytest.mark.parametrize(
    ("word", "known", "found"),
    [
        ("oldhm-report", KNOWN, "oldham-report"),
        ("CCG", KNOWN, "ccg"),
        ("programme", KNOWN, "labour-programme"),
        ("gramm", KNOWN, "labour-programme"),
        ("hw", ["a-hwb-of-a-county"], None),
        ("zebra", KNOWN, None),
        ("x", [], None),
        ("a" * 101, ["a" * 101], None),  # too long for a name
    ],
)
def test_the_nearest_name_is_the_likeliest(word: str, known: list[str], found: str | None) -> None:
    assert nearest(word, known) == found
    assert did_you_mean(word, known) == (f"; did you mean '{found}'?" if found else "")


names = st.text("abc-", min_size=1, max_size=9)


@given(names, st.lists(names, max_size=12))
def test_it_is_the_one_that_comparing_with_every_name_finds(word: str, known: list[str]) -> None:
    """The bounds that spare most comparisons change no answer."""

    def likeness(other: str) -> float:
        left, right = set(word.split("-")), set(other.split("-"))
        few, many = sorted((len(left), len(right)))
        by_words = 0.6 + 0.3 * few / many if len(left & right) == few else 0.0
        contained = 0.6 if len(word) >= 3 and word in other else 0.0
        return max(by_words, contained, SequenceMatcher(None, other, word, autojunk=False).ratio())

    best = max(sorted(set(known)), key=likeness, default=None)
    assert nearest(word, known) == (best if best and likeness(best) >= 0.6 else None)


def test_comparisons_are_counted_and_a_word_is_compared_once() -> None:
    """After so many there are no more suggestions, but for words that were compared before."""
    suggestions = Suggestions(left=4)
    for _ in range(3):
        assert suggestions.did_you_mean("ccgs", "bodies", ["hwb", "ccg"]) == "; did you mean 'ccg'?"
    assert suggestions.did_you_mean("hwbs", "bodies", ["hwb", "ccg"]) == "; did you mean 'hwb'?"
    assert suggestions.left == 0
    assert suggestions.did_you_mean("hw", "bodies", ["hwb", "ccg"]) == ""
    assert suggestions.did_you_mean("ccgs", "bodies", ["hwb", "ccg"])
