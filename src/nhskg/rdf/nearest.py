"""Suggests the known name that is most like a misspelt one: ``; did you mean 'x'?``."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from functools import cache
from typing import Final

_LIKE_ENOUGH: Final = 0.6


def nearest(word: str, known: Iterable[str]) -> str | None:
    """Return the known name most like a word, or None where none is like it.

    Likeness is the best of three: that of the letters (two times the longest common subsequence, of
    all letters); the part of the hyphenated words that both share, so that ``oldham`` finds
    ``oldham-report``; and, least, that the name contains the word. Of equals the first in the
    alphabet wins.

    >>> nearest("consult", ["lead-consultation", "sign-off"])
    'lead-consultation'
    """
    from rapidfuzz import fuzz  # noqa: PLC0415  # only who errs pays for its import

    wanted, parts = word.lower(), _parts(word)

    def likeness(name: str) -> float:
        other, theirs = name.lower(), _parts(name)
        # a shorter word is contained in too many names to mean one
        by_words = _LIKE_ENOUGH * (len(wanted) >= 3 and wanted in other)
        if parts <= theirs or theirs <= parts:
            few, many = sorted((len(parts), len(theirs)))
            by_words = _LIKE_ENOUGH + 0.3 * few / many
        return max(by_words, fuzz.ratio(wanted, other, score_cutoff=100 * _LIKE_ENOUGH) / 100)

    found = max(sorted(set(known)), key=likeness, default=None) if len(word) <= 100 else None
    return found if found is not None and likeness(found) >= _LIKE_ENOUGH else None


@cache
def _parts(name: str) -> frozenset[str]:
    return frozenset(name.lower().split("-"))


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return ``; did you mean 'x'?`` for the nearest known name, or nothing."""
    found = nearest(word, known)
    return f"; did you mean '{found}'?" if found else ""


def hint(name: str, known: Collection[str]) -> str:
    """Return the hint for an unknown name: the nearest, or all known where they are few."""
    listed = f"; known are {', '.join(sorted(known))}" if 0 < len(known) <= 50 else ""
    return did_you_mean(name, known) or listed
