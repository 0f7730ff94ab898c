"""The texts of synthetic documents: sentences of invented words in which each quote stands once.

Claims that share a sentence in a real document share one here. A sentence holds the quotes, the
hedges and the times of its claims, and is about as long as the real one.
"""

from __future__ import annotations

from typing import Any, Final

from pydantic import BaseModel

from benchmarks.shares import Raw
from benchmarks.words import Words
from nhskg.annotation.fields import count_words, slots

__all__ = ["compose_text", "with_invented_words"]

_ANCHORED: Final = ("quote", "at")
_MARKING: Final = ("prefix", "suffix", "through", "sha256", "length")
_OWN_WORDS: Final = frozenset(
    {"definition", "note", "assessment", "new_name", "hedge", "stated", "reason"}
)


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
    no_claim = [_spoken_for(each, words) for each in rest]
    sentences: dict[tuple[int, int, int], list[Raw]] = {}
    passages = [(claim, copy) for claim, copy in claims]
    passages += [(also, copy) for claim, copy in claims for also in claim.get("also", ())]
    passages += [(each, 0) for each in no_claim]
    for passage, copy in passages:
        start, end = (int(each) for each in passage["at"])
        sentences.setdefault((copy, start, end), []).append(passage)
    text, place = [], 0
    for number, ((_, start, end), found) in enumerate(sorted(sentences.items(), key=_key)):
        sentence = _sentence(found, end - start, words)
        for passage in found:
            passage["at"] = [place, place + len(sentence)]
        gap = "\n" if number % 2 else " "
        text.append(sentence + gap)
        place += len(sentence) + len(gap)
    return "".join(text), no_claim


def _key(item: tuple[tuple[int, int, int], Any]) -> tuple[int, int, int]:
    return item[0]


def _spoken_for(raw: Raw, words: Words) -> Raw:
    return {
        "quote": words.quote(count_words(raw["quote"])),
        "reason": words.some(count_words(raw["reason"])),
        "at": list(raw["at"]),
    }


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
