"""The nearest known name to one that is not known."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from typing import Final

__all__ = ["MOST_COMPARISONS", "Suggestions", "did_you_mean", "nearest"]

_LIKE_ENOUGH: Final = 0.6
_LONGEST: Final = 100
"""A longer word is no misspelt name; comparing two such words takes the square of their length."""
_PART: Final = 3
"""A shorter word is contained in too many names to stand for one."""

MOST_COMPARISONS: Final = 300_000
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
    return _nearest(word, sorted(set(known)))


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return ``; did you mean 'x'?`` for the nearest known name, or nothing.

    >>> did_you_mean("ccgs", ["ccg", "hwb"])
    "; did you mean 'ccg'?"
    """
    return _question(nearest(word, known))


@dataclass
class Suggestions:
    """The suggestions of one reading: each word once, and so many comparisons in all.

    A file with a thousand misspelt names, each compared with all that are known, would take
    minutes; whoever wrote it is helped by the first few hundred.
    """

    left: int = MOST_COMPARISONS
    _known: dict[Hashable, Sequence[str]] = field(default_factory=dict)
    _told: dict[tuple[Hashable, str], str] = field(default_factory=dict)

    def did_you_mean(self, word: str, which: Hashable, known: Callable[[], Iterable[str]]) -> str:
        """Return what :func:`did_you_mean` does, or nothing once there were too many comparisons.

        Args:
            word: the name that is not known.
            which: tells the sets of known names apart.
            known: gives the set; it is asked for once.
        """
        if (which, word) not in self._told:
            if which not in self._known:
                self._known[which] = sorted(set(known()))
            names = self._known[which]
            if len(names) > self.left:
                return ""
            self.left -= len(names)
            self._told[which, word] = _question(_nearest(word, names))
        return self._told[which, word]


def _question(found: str | None) -> str:
    return f"; did you mean '{found}'?" if found else ""


def _nearest(word: str, known: Iterable[str]) -> str | None:
    """Return the first of the names most like a word; ``known`` is in the order of the alphabet."""
    if len(word) > _LONGEST:
        return None
    wanted = word.lower()
    parts = set(wanted.split("-"))
    matcher = SequenceMatcher(None, "", wanted, autojunk=False)
    best, found = 0.0, None
    for each in known:
        other = each.lower()
        contained = len(wanted) >= _PART and wanted in other
        likeness = _by_words(parts, set(other.split("-"))) or _LIKE_ENOUGH * contained
        least = max(best, likeness, _LIKE_ENOUGH)
        if 2 * min(len(wanted), len(other)) >= least * (len(wanted) + len(other)):
            matcher.set_seq1(other)
            if matcher.quick_ratio() >= least:
                likeness = max(likeness, matcher.ratio())
        if likeness > best:
            best, found = likeness, each
    return found if best >= _LIKE_ENOUGH else None


def _by_words(left: set[str], right: set[str]) -> float:
    """Return the likeness of two names whose hyphenated words are shared, all of the shorter's."""
    few, many = sorted((len(left), len(right)))
    return _LIKE_ENOUGH + 0.3 * few / many if len(left & right) == few else 0.0
