"""Suggests the known name that is most like a misspelt one: ``; did you mean 'x'?``."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable
from difflib import SequenceMatcher
from typing import Final

_LIKE_ENOUGH: Final = 0.6
_LONGEST: Final = 100
"""A longer word is no misspelt name; comparing two such words takes the square of their length."""
_PART: Final = 3
"""A shorter word is contained in too many names to mean one."""

_MOST_COMPARISONS: Final = 300_000
"""How many pairs of words are compared in one reading: for 700 known names, 400 misspelt ones."""


def nearest(word: str, known: Iterable[str]) -> str | None:
    """Return the known name most like a word, or None where none is like it.

    Likeness is the best of three: that of the letters (Ratcliff and Obershelp, as in difflib);
    the part of the hyphenated words that both share, so that ``oldham`` finds ``oldham-report``;
    and, least, that the name contains the word. Of equals the first in the alphabet wins.

    >>> nearest("modallity", ["modality", "matter"])
    'modality'
    >>> nearest("oldham", ["labour-programme", "oldham-report"])
    'oldham-report'
    >>> nearest("consult", ["lead-consultation", "sign-off"])
    'lead-consultation'
    """
    if len(word) > _LONGEST:
        return None
    wanted = word.lower()
    parts = set(wanted.split("-"))
    matcher = SequenceMatcher(None, "", wanted, autojunk=False)
    best, found = 0.0, None
    for each in sorted(set(known)):
        other = each.lower()
        contained = len(wanted) >= _PART and wanted in other
        few, many = sorted((parts, set(other.split("-"))), key=len)
        likeness = _LIKE_ENOUGH * contained
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
    """Return ``; did you mean 'x'?`` for the nearest known name, or nothing.

    >>> did_you_mean("ccgs", ["ccg", "hwb"])
    "; did you mean 'ccg'?"
    """
    found = nearest(word, known)
    return f"; did you mean '{found}'?" if found else ""


class Suggestions:
    """The suggestions of one reading: so many comparisons in all, and none twice.

    A file with a thousand misspelt names, each compared with all that are known, would take
    minutes; whoever wrote it is helped by the first few hundred.
    """

    def __init__(self, left: int = _MOST_COMPARISONS) -> None:
        self.left = left
        self._found: dict[tuple[Hashable, str], str] = {}

    def did_you_mean(self, word: str, which: Hashable, known: Collection[str]) -> str:
        """Return what :func:`did_you_mean` does, or nothing once there were too many comparisons.

        ``which`` is a key for the set of known names.
        """
        if (which, word) not in self._found and len(known) <= self.left:
            self.left -= len(known)
            self._found[which, word] = did_you_mean(word, known)
        return self._found.get((which, word), "")
