"""Invented words: nothing of the five texts goes into a synthetic corpus, not even a phrase.

Two sorts that never meet. Common words repeat as words of a language do; a mark occurs
once in a text, so that a quote which holds one matches in exactly one place.
"""

from __future__ import annotations

import random
from typing import Final

__all__ = ["Words"]

_ONSETS: Final = "bdfgklmnprstv"
_VOWELS: Final = "aeiou"
_SYLLABLES: Final = tuple(onset + vowel for onset in _ONSETS for vowel in _VOWELS)
_MARK_LENGTH: Final = 3


def _lexicon(size: int) -> tuple[str, ...]:
    """Return the common words, the same in every run: one syllable, then two, then three."""
    words: list[str] = []
    number = 0
    while len(words) < size:
        rest, word = number, ""
        while True:
            rest, last = divmod(rest, len(_SYLLABLES))
            word = _SYLLABLES[last] + word
            if not rest:
                break
        words.append(word)
        number += 1
    return tuple(words)


_LEXICON: Final = _lexicon(2_000)


class Words:
    """A source of invented words, drawn with a generator of random numbers."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        self._marks = 0

    def some(self, count: int) -> str:
        """Return a phrase of so many common words."""
        return " ".join(self._rng.choices(_LEXICON, k=max(1, count)))

    def quote(self, count: int) -> str:
        """Return a phrase of so many words, the last of which occurs once in a text."""
        mark = self._mark()
        return f"{self.some(count - 1)} {mark}" if count > 1 else mark

    def new_text(self) -> None:
        """Begin another text: marks may occur again."""
        self._marks = 0

    def _mark(self) -> str:
        # all marks are of one length and hold an x, so that none is a part of another word
        self._marks += 1
        rest, word = self._marks, ""
        for _ in range(_MARK_LENGTH):
            rest, last = divmod(rest, len(_SYLLABLES))
            word = _SYLLABLES[last] + word
        return word + "x"
