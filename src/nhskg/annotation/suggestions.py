"""The nearest known name to one that is not known."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import SequenceMatcher
from typing import Final

__all__ = ["did_you_mean", "nearest"]

_LIKE_ENOUGH: Final = 0.6


def nearest(word: str, known: Iterable[str]) -> str | None:
    """Return the known name most like a word, or None where none is like it.

    Likeness is the better of two: that of the letters (Ratcliff and Obershelp,
    as in difflib), and the part of the hyphenated words that both share, so that
    ``oldham`` finds ``oldham-report``. Of equals the first in the alphabet wins.

    >>> nearest("modallity", ["modality", "matter"])
    'modality'
    >>> nearest("oldham", ["labour-programme", "oldham-report"])
    'oldham-report'
    """
    scored = [(_likeness(word, each), each) for each in sorted(set(known))]
    best = max(scored, key=lambda pair: pair[0], default=(0.0, ""))
    return best[1] if best[0] >= _LIKE_ENOUGH else None


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return ``; did you mean 'x'?`` for the nearest known name, or nothing.

    >>> did_you_mean("ccgs", ["ccg", "hwb"])
    "; did you mean 'ccg'?"
    """
    found = nearest(word, known)
    return f"; did you mean '{found}'?" if found else ""


def _likeness(word: str, other: str) -> float:
    left, right = set(word.lower().split("-")), set(other.lower().split("-"))
    shared = len(left & right) / min(len(left), len(right))
    words = 0.6 + 0.3 * shared * min(len(left), len(right)) / max(len(left), len(right))
    matcher = SequenceMatcher(None, other.lower(), word.lower(), autojunk=False)
    letters = matcher.ratio() if matcher.quick_ratio() >= _LIKE_ENOUGH else 0.0
    return max(letters, words if shared == 1 else 0.0)
