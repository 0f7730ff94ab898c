"""Synthetic texts: sentences of invented words in which each quote occurs once.

Nothing of the five texts goes into a synthetic corpus, not even a phrase. Claims that share a
sentence in a real document share one here. A sentence holds the quotes, the hedges and the times
of its claims, and is about as long as the real one.
"""

from __future__ import annotations

import random
from typing import Final

from pydantic import BaseModel

from benchmarks.real_corpus import Raw
from nhskg.annotation.fields import count_words, slots

_MARKING: Final = ("prefix", "suffix", "through", "sha256", "length")
_OWN_WORDS: Final = frozenset(
    {"definition", "note", "assessment", "new_name", "hedge", "stated", "reason"}
)
_SYLLABLES: Final = tuple(onset + vowel for onset in "bdfgklmnprstv" for vowel in "aeiou")


def _word(number: int, syllables: int = 1) -> str:
    """Return the word of a number, of at least so many syllables."""
    word = ""
    while number or len(word) < 2 * syllables:
        number, last = divmod(number, len(_SYLLABLES))
        word = _SYLLABLES[last] + word
    return word


_LEXICON: Final = tuple(_word(number) for number in range(2_000))


class Words:
    """A source of invented words, drawn with a generator of random numbers.

    Common words repeat as words of a language do. A mark occurs once in a text, so that a quote
    that holds one matches in exactly one place: all marks have one length and an x, so that none
    is a part of another word.
    """

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        self._marks = 0

    def some(self, count: int) -> str:
        """Return a phrase of so many common words."""
        return " ".join(self._rng.choices(_LEXICON, k=max(1, count)))

    def quote(self, count: int) -> str:
        """Return a phrase of so many words, the last of which occurs once in a text."""
        self._marks += 1
        mark = _word(self._marks, 3) + "x"
        return f"{self.some(count - 1)} {mark}" if count > 1 else mark

    def new_text(self) -> None:
        """Begin another text: marks may occur again."""
        self._marks = 0


def with_invented_words(raw: Raw, model: type[BaseModel], words: Words) -> Raw:
    """Return a copy of raw data with each phrase replaced by one of as many invented words.

    Quotes get a mark that makes them unique; what else would narrow them down is left out.
    """
    made: Raw = {}
    for name, value in raw.items():
        if name in _MARKING:
            continue
        slot = slots(model).get(name)
        if name == "quote":
            made[name] = words.quote(count_words(value))
        elif name in _OWN_WORDS:
            made[name] = words.some(count_words(value))
        elif slot is not None and slot.model is not None:
            several = value if isinstance(value, list) else [value]
            inner = [with_invented_words(each, slot.model, words) for each in several]
            made[name] = inner if isinstance(value, list) else inner[0]
        else:
            made[name] = list(value) if isinstance(value, list) else value
    return made


def compose_text(
    claims: list[tuple[Raw, int]], rest: list[Raw], words: Words
) -> tuple[str, list[Raw]]:
    """Compose a text in which every passage stands, and write its positions into them.

    Args:
        claims: the claims, each with the number of the copy it is of its form; their ``at``
            are positions in the real text, and are replaced.
        rest: the real passages without a claim.
        words: where words come from.

    Returns:
        The text, and the passages without a claim.
    """
    no_claim = [
        {
            "quote": words.quote(count_words(raw["quote"])),
            "reason": words.some(count_words(raw["reason"])),
            "at": raw["at"],
        }
        for raw in rest
    ]
    sentences: dict[tuple[int, int, int], list[Raw]] = {}
    passages = [(claim, copy) for claim, copy in claims]
    passages += [(also, copy) for claim, copy in claims for also in claim.get("also", ())]
    passages += [(each, 0) for each in no_claim]
    for passage, copy in passages:
        start, end = map(int, passage["at"])
        sentences.setdefault((copy, start, end), []).append(passage)
    text = ""
    for number, (copy, start, end) in enumerate(sorted(sentences)):
        found = sentences[copy, start, end]
        sentence = _sentence(found, end - start, words)
        for passage in found:
            passage["at"] = [len(text), len(text) + len(sentence)]
        text += sentence + ("\n" if number % 2 else " ")
    return text, no_claim


def _sentence(passages: list[Raw], length: int, words: Words) -> str:
    parts = []
    for passage in passages:
        parts += [passage["hedge"]] if "hedge" in passage else []
        timing = passage.get("timing")
        parts += [timing["stated"]] if isinstance(timing, dict) else []
        parts.append(passage["quote"])
    sentence = "The " + " ".join(parts)
    while len(sentence) < length - 4:
        sentence += " " + words.some(1)
    return sentence + "."
