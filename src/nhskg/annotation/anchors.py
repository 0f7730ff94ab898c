"""Anchors a quote: finds the passage of a text, by position, that the quote marks.

A quote is matched exactly, code point by code point, and must match once. Where it doesn't, the
error lists the candidates, or proposes the nearest text as YAML: what nobody can see (a no-break
space, a soft hyphen, a combining accent, a line break) is escaped, and named. The passage is the
sentence or sentences that the quote touches (`Web Annotation Data Model, TextPositionSelector and
TextQuoteSelector <https://www.w3.org/TR/annotation-model/#selectors>`_). Positions are
``[start, end)`` in code points.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from difflib import SequenceMatcher
from functools import lru_cache
from itertools import product
from typing import Final

from nhskg.annotation.fields import count_words
from nhskg.annotation.texts import LINE_END, SourceText, sentences_touching
from nhskg.project import reading
from nhskg.rdf.errors import InputError

_MOST_CANDIDATES: Final = 5
_LIKE_ENOUGH: Final = 60  # of 100: the likeness of a text that is worth proposing


class AnchorError(InputError):
    """A quote that does not mark one place of a text; ``part`` is the field at fault."""

    def __init__(self, part: str, message: str) -> None:
        super().__init__(message)
        self.part = part


def find_quote(
    source: SourceText,
    quote: str,
    *,
    prefix: str | None = None,
    suffix: str | None = None,
    start: int = 0,
    part: str = "quote",
) -> tuple[int, int]:
    """Return where a quote is in a text from ``start`` on.

    Prefix and suffix are text next to the quote; space between (and ``>`` of quoted lines) may be
    left out.

    Raises AnchorError (of the field ``part``) where it isn't found, or is found more than once.
    """
    everywhere = _occurrences(source, quote, start)
    found = [each for each in everywhere if _fits(source, each, prefix, suffix)]
    if len(found) == 1:
        return found[0]
    if found:
        problem = f"the {part} matches {len(found)} times; add a prefix or suffix"
    elif everywhere:
        problem = f"the {part} is there, but not with this prefix and suffix"
        follows = [each for each in everywhere if _fits(source, each, prefix, None)]
        part, given = ("suffix", suffix or "") if follows else ("prefix", prefix or "")
        first, last = (follows or everywhere)[0]
        beside = source.text[last:][:200] if follows else source.text[:first][-200:]
        if (near := _look_alike(beside, given, 0)) and beside[slice(*near)] != given:
            problem += f"; the {part} {_compared(given, beside[slice(*near)])}"
    else:
        problem = f"the {part} is not {'behind the quote' if part == 'through' else 'in the text'}"
        raise AnchorError(part, problem + propose(source, quote, start))
    candidates = found or everywhere
    shown = "; ".join(_in_context(source, span) for span in candidates[:_MOST_CANDIDATES])
    more = len(candidates) - _MOST_CANDIDATES
    raise AnchorError(part, f"{problem}: {shown}" + (f"; and {more} more" if more > 0 else ""))


def locate_passage(
    source: SourceText,
    quote: str,
    *,
    prefix: str | None = None,
    suffix: str | None = None,
    through: str | None = None,
) -> tuple[int, int]:
    """Return the passage that a quote marks: the sentence or sentences which it touches.

    With ``through`` it runs to the end of the sentence that holds that second quote.

    Raises AnchorError where either quote does not mark one place.
    """
    start, end = find_quote(source, quote, prefix=prefix, suffix=suffix)
    if through is not None:
        _, end = find_quote(source, through, start=start, part="through")
    if not (touched := sentences_touching(source.sentences, start, end)):
        raise AnchorError("quote", "the quote is only white space")
    return touched[0].start, touched[-1].end


def propose(source: SourceText, quote: str, start: int = 0) -> str:
    """Return what to write for a quote that is not in the text, as the end of a message.

    The proposal is the text that looks the same, else the nearest, word for word as YAML has it.
    """
    near = _look_alike(source.text, quote, start) or _nearest_text(source.text, quote, start)
    if near is None or not (found := _first_words(source.text[slice(*near)])):
        return ", nor anything like it"
    return f"; the nearest, on line {source.line_of(near[0])}, {_compared(quote, found)}"


def _look_alike(text: str, quote: str, start: int) -> tuple[int, int] | None:
    """Return the first part of a text that is a quote but for what :func:`_fold` leaves out."""
    folded, places = _folded(text)
    wanted, _ = _folded(quote)
    first = folded.find(wanted, bisect_left(places, start)) if wanted.strip() else -1
    if first < 0:
        return None
    end = places[first + len(wanted) - 1] + 1
    while end < len(text) and unicodedata.combining(text[end]):
        end += 1
    return places[first], end


@lru_cache(maxsize=2)
def _folded(text: str) -> tuple[str, list[int]]:
    """Return a text folded, with one space for any white space, and the place of each character."""
    pairs: list[tuple[str, int]] = []
    for index, character in enumerate(text):
        if character.isspace():
            if not pairs or pairs[-1][0] != " ":
                pairs.append((" ", index))
        else:
            pairs += ((each, index) for each in _fold(character))
    return "".join(each for each, _ in pairs), [index for _, index in pairs]


def _compared(quote: str, found: str) -> str:
    """Return what a text has, and for what in the quote where the eye may not see the difference.

    >>> print(_compared("would keep", "would\\u00a0keep"))
    has no-break space (U+00A0) for space (U+0020): "would\\u00a0keep"
    """
    matcher = SequenceMatcher(None, quote, found, autojunk=False)
    pairs = (
        (quote[a:b], found[c:d]) for tag, a, b, c, d in matcher.get_opcodes() if tag != "equal"
    )
    shown = (
        f"{_named(there)} for {_named(here)}"
        for here, there in pairs
        if not re.fullmatch("[!-~]*", here + there)
    )
    differing = ", ".join(list(dict.fromkeys(shown))[:_MOST_CANDIDATES])
    return f"{f'has {differing}' if differing else 'is'}: {_as_yaml(found)}"


def _named(piece: str) -> str:
    """Return the names of characters; those of ASCII that can be seen stand for themselves."""
    names = (
        each
        if "!" <= each <= "~"
        else f"{unicodedata.name(each, _CONTROLS.get(each, 'control')).lower()} (U+{ord(each):04X})"
        for each in piece
    )
    return " + ".join(names) or "nothing"


def _as_yaml(text: str) -> str:
    """Return a text as a double-quoted scalar of YAML, on one line, with nothing invisible in it.

    >>> print(_as_yaml('the "trust"\\u00a0said\\r\\n'))
    "the \\"trust\\"\\u00a0said\\r\\n"
    """
    return f'"{"".join(map(_escaped, text))}"'


def _escaped(character: str) -> str:
    if character in _ESCAPES:
        return _ESCAPES[character]
    if character == " " or unicodedata.category(character)[0] not in "CMZ":
        return character
    code = ord(character)
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def _nearest_text(text: str, quote: str, start: int) -> tuple[int, int] | None:
    """Return the words of a text that are most like a quote, or None where none are like it.

    Case, accents and kinds of quotation mark do not count. What is most like it and as long is
    found first; then with some words more or less at either end.
    """
    from rapidfuzz import fuzz  # noqa: PLC0415  # only who errs pays for its import

    folded, places = _folded(text)
    wanted, skipped = _folded(quote.strip())[0], bisect_left(places, start)
    near = fuzz.partial_ratio_alignment(wanted, folded[skipped:], score_cutoff=_LIKE_ENOUGH)
    if near is None or not wanted:
        return None
    like = folded[skipped:][near.dest_start : near.dest_end]
    place = folded.index(like, skipped)  # of equals the first
    words = [each for each in _words(text) if each[0] >= start]

    def about(index: int) -> list[tuple[int, int]]:
        number = bisect_left(words, (index, index))
        return words[max(0, number - 5) : number + 4]

    def likeness(span: tuple[int, int]) -> float:
        return fuzz.ratio(wanted, " ".join(map(_fold, text[slice(*span)].split())))

    ends = product(about(places[place]), about(places[place + len(like) - 1]))
    spans = ((first, last) for (first, _), (_, last) in ends if first < last)
    return max(spans, key=likeness, default=None)


def _words(text: str) -> list[tuple[int, int]]:
    """Return the spans of the words of a text."""
    return [each.span() for each in re.finditer(r"\S+", text)]


def _occurrences(source: SourceText, quote: str, start: int) -> list[tuple[int, int]]:
    pattern, found = _pattern(source, quote), list[tuple[int, int]]()
    while quote and (match := pattern.search(source.text, found[-1][0] + 1 if found else start)):
        found.append(match.span())
    return found


def _pattern(source: SourceText, given: str) -> re.Pattern[str]:
    """Return what matches verbatim words; a hard-wrapped text may break at a space or hyphen."""
    if not source.is_wrapped:
        return re.compile(re.escape(given))
    line_break = rf"[^\S\r\n]*{LINE_END.pattern}[^\S\r\n]*(?:>[^\S\r\n]*)*"
    words = (re.escape(each).replace(r"\-", rf"\-(?:{line_break})?") for each in given.split(" "))
    return re.compile(rf"(?: |{line_break})".join(words))


def _fits(
    source: SourceText, span: tuple[int, int], prefix: str | None, suffix: str | None
) -> bool:
    text, (start, end) = source.text, span
    while prefix is not None and start > 0 and _is_space(text[start - 1]):
        start -= 1
    while suffix is not None and end < len(text) and _is_space(text[end]):
        end += 1
    before, after = (_pattern(source, (each or "").strip()) for each in (prefix, suffix))
    tail = text[max(0, start - 1000) : start]
    return bool(re.search(rf"{before.pattern}\Z", tail)) and bool(after.match(text, end))


def _is_space(character: str) -> bool:
    """Return whether a character is space between words, or the mark of a quoted line."""
    return character.isspace() or character == ">"


def _in_context(source: SourceText, span: tuple[int, int]) -> str:
    """Return a place in the text with a few words around it, twelve in all at most."""
    start, end = span
    line = f"line {source.line_of(start)}"
    spans = _words(source.text)
    inside = [number for number, (first, last) in enumerate(spans) if first < end and last > start]
    if not inside:
        return line
    first = max(0, inside[0] - max(0, reading().quote_words - len(inside)) // 2)
    words = spans[first : first + max(len(inside), reading().quote_words)]
    shown = _first_words(source.text[words[0][0] : words[-1][1]])
    return f"{line}: …{' '.join(shown.split())}…"


def _first_words(text: str) -> str:
    """Return the start of a text, word for word: as much as may be copied."""
    few = (end for _, end in _words(text) if count_words(text[:end]) <= reading().quote_words)
    return text[: max(few, default=0)]


_ESCAPES: Final = {'"': '\\"', "\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"}
_CONTROLS: Final = {"\t": "tab", "\n": "line feed", "\r": "carriage return"}
"""The control characters that a text may have, which have no name in Unicode."""

_FOLDED: Final = str.maketrans("’‘“”–—−", "''\"\"---")


def _fold(token: str) -> str:
    """Return a token without regard to case, accents, kinds of quotation mark and what has no ink.

    Left out are combining accents and format characters, such as a soft hyphen.
    """
    decomposed = unicodedata.normalize("NFKD", token.translate(_FOLDED))
    kept = (each for each in decomposed if unicodedata.category(each) not in ("Cf", "Mn"))
    return "".join(kept).casefold()
