"""Suggests the known name that is most like a misspelt one: ``; did you mean 'x'?``."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable
from typing import Final

_LIKE_ENOUGH: Final = 0.6


def nearest(word: str, known: Iterable[str]) -> str | None:
    """Return the known name most like a word, or None where none is like it.

    Likeness is the best of three: that of the letters (Ratcliff and Obershelp, as in difflib);
    the part of the hyphenated words that both share, so that ``oldham`` finds ``oldham-report``;
    and, least, that the name contains the word. Of equals the first in the alphabet wins.

    >>> nearest("consult", ["lead-consultation", "sign-off"])
    'lead-consultation'
    """
    if len(word) > 100:  # no misspelt name; comparing takes the square of the length
        return None
    wanted = word.lower()
    parts = set(wanted.split("-"))
    from difflib import SequenceMatcher  # noqa: PLC0415  # only who errs pays for its import

    matcher = SequenceMatcher(None, "", wanted, autojunk=False)
    best, found = 0.0, None
    for each in sorted(set(known)):
        other = each.lower()
        few, many = sorted((parts, set(other.split("-"))), key=len)
        # a shorter word is contained in too many names to mean one
        likeness = _LIKE_ENOUGH * (len(wanted) >= 3 and wanted in other)
        if few <= many:
            likeness = _LIKE_ENOUGH + 0.3 * len(few) / len(many)
        least = max(best, likeness, _LIKE_ENOUGH)
        if 2 * min(len(wanted), len(other)) >= least * (len(wanted) + len(other)):
            matcher.set_seq1(other)
            if matcher.quick_ratio() >= least:
                likeness = max(likeness, matcher.ratio())
        if likeness > best:
            best, found = likeness, each
    return found if best >= _LIKE_ENOUGH else None


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return ``; did you mean 'x'?`` for the nearest known name, or nothing."""
    found = nearest(word, known)
    return f"; did you mean '{found}'?" if found else ""


def hint(name: str, known: Collection[str]) -> str:
    """Return the hint for an unknown name: the nearest, or all known where they are few."""
    listed = f"; known are {', '.join(sorted(known))}" if 0 < len(known) <= 50 else ""
    return did_you_mean(name, known) or listed


class Suggestions:
    """The suggestions of one reading: so many comparisons in all, and none twice.

    A file with a thousand misspelt names, each compared with all that are known, would take
    minutes. With 700 known names the first 400 have a suggestion.
    """

    def __init__(self, left: int = 300_000) -> None:
        self.left = left
        self._found: dict[tuple[Hashable, str], str] = {}

    def did_you_mean(self, word: str, which: Hashable, known: Collection[str]) -> str:
        """Return the suggestion among the known names, whose set has the key ``which``."""
        if (which, word) not in self._found and len(known) <= self.left:
            self.left -= len(known)
            self._found[which, word] = did_you_mean(word, known)
        return self._found.get((which, word), "")
