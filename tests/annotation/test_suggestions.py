"""The nearest known name: which it is, if any."""

from __future__ import annotations

import pytest

from nhskg.rdf.nearest import did_you_mean, nearest

KNOWN = ["ccg", "hwb", "oldham-report", "labour-programme", "john-oldham"]


@pytest.mark.parametrize(
    ("word", "known", "found"),
    [
        ("oldhm-report", KNOWN, "oldham-report"),
        ("CCG", KNOWN, "ccg"),
        ("programme", KNOWN, "labour-programme"),
        ("gramm", KNOWN, "labour-programme"),
        ("oldham", KNOWN, "john-oldham"),  # of equals the first
        ("report-of-oldham", ["report", "oldham-report"], "oldham-report"),  # of more of the words
        ("hw", ["a-hwb-of-a-county"], None),
        ("zebra", KNOWN, None),
        ("x", [], None),
        ("a" * 101, ["a" * 101], None),  # too long for a name
    ],
)
def test_the_nearest_name_is_the_likeliest(word: str, known: list[str], found: str | None) -> None:
    assert nearest(word, known) == found
    assert did_you_mean(word, known) == (f"; did you mean '{found}'?" if found else "")
