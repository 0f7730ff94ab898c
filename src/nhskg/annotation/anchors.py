"""Anchors a quote: finds the passage of a text, by position, that the quote marks.

A quote is matched exactly, code point by code point, and must match once. Where
it doesn't, the error lists the candidates, or proposes the nearest text; nothing
but an exact match is ever accepted. The passage is the sentence or sentences
that the quote touches (`Web Annotation Data Model, TextPositionSelector and
TextQuoteSelector <https://www.w3.org/TR/annotation-model/#selectors>`_).
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cached_property
from pathlib import Path
from typing import Final

from nhskg.annotation.fields import MAX_QUOTE_WORDS, count_words
from nhskg.annotation.sentences import Sentence, find_sentences, sentences_touching
from nhskg.rdf.errors import InputError, Place

_MOST_CANDIDATES: Final = 5
_LIKE_ENOUGH: Final = 0.6
_RAREST_WORDS: Final = 3
_MOST_PLACES: Final = 2000
_TOKEN: Final = re.compile(r"\S+")


class AnchorError(InputError):
    """A quote that does not mark one place of a text; ``part`` is the field at fault."""

    def __init__(self, part: str, message: str) -> None:
        super().__init__(message)
        self.part = part


@dataclass(frozen=True)
class SourceText:
    """A text that documents are annotated from.

    ``text`` is the UTF-8 decoding of the bytes and nothing else: line ends are
    not translated and a byte order mark is kept, so that positions and digest
    are of the same thing.
    """

    path: Path
    text: str
    sha256: str

    @cached_property
    def sentences(self) -> tuple[Sentence, ...]:
        """The sentences of the text."""
        return find_sentences(self.text)

    @cached_property
    def tokens(self) -> tuple[tuple[int, int], ...]:
        """The span of each run of characters without white space."""
        return tuple(found.span() for found in _TOKEN.finditer(self.text))

    @cached_property
    def folded_tokens(self) -> tuple[str, ...]:
        """The same, without regard to case, accents and kinds of quotation mark."""
        return tuple(_fold(self.text[start:end]) for start, end in self.tokens)

    @cached_property
    def word_places(self) -> Mapping[str, Sequence[int]]:
        """The positions in ``tokens`` of each word, without the punctuation at its ends."""
        places: dict[str, list[int]] = {}
        for index, token in enumerate(self.folded_tokens):
            places.setdefault(_bare(token), []).append(index)
        return places

    def line_of(self, index: int) -> int:
        """Return the line of a code point, from 1."""
        return len(re.findall("\r\n|[\n\r]", self.text[:index])) + 1


def read_text(path: Path) -> SourceText:
    """Read a text.

    Raises InputError where the file is missing, unreadable or not UTF-8.
    """
    try:
        if path.exists() and not path.is_file():
            raise InputError("the text cannot be read: not a file", place=Place(path))
        raw = path.read_bytes()
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise InputError(f"the text cannot be read: {reason}", place=Place(path)) from error
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        message = f"the text is not UTF-8: byte 0x{raw[error.start]:02X} at offset {error.start}"
        raise InputError(message, place=Place(path, line)) from error
    return SourceText(path, text, hashlib.sha256(raw).hexdigest())


def find_quote(
    source: SourceText,
    quote: str,
    *,
    prefix: str | None = None,
    suffix: str | None = None,
    start: int = 0,
    part: str = "quote",
) -> tuple[int, int]:
    """Return where a quote is in a text, as ``[start, end)`` in code points.

    Args:
        source: the text.
        quote: words of the text, verbatim.
        prefix: text just before the quote; the space between may be left out.
        suffix: text just behind it, likewise.
        start: from which code point on to look.
        part: the field of the quote, for the error.

    Raises:
        AnchorError: where the quote isn't found, or is found more than once.
    """
    everywhere = _occurrences(source.text, quote, start)
    found = [each for each in everywhere if _fits(source.text, each, prefix, suffix)]
    if len(found) == 1:
        return found[0]
    if found:
        problem = f"the {part} matches {len(found)} times; add a prefix or suffix"
    elif everywhere:
        problem = f"the {part} is there, but not with this prefix and suffix"
        part = "prefix" if prefix else "suffix"
    else:
        raise AnchorError(part, _not_found(source, quote, start, part))
    raise AnchorError(part, f"{problem}: {_candidates(source, found or everywhere)}")


def locate_passage(
    source: SourceText,
    quote: str,
    *,
    prefix: str | None = None,
    suffix: str | None = None,
    through: str | None = None,
) -> tuple[int, int]:
    """Return the passage that a quote marks, as ``[start, end)`` in code points.

    That is the sentence or sentences which the quote touches and, with ``through``,
    all that follows to the end of the sentence which holds that second quote.

    Raises AnchorError where either quote does not mark one place.
    """
    start, end = find_quote(source, quote, prefix=prefix, suffix=suffix)
    if through is not None:
        _, end = find_quote(source, through, start=start, part="through")
    touched = sentences_touching(source.sentences, start, end)
    if not touched:
        raise AnchorError("quote", "the quote is only white space")
    return touched[0].start, touched[-1].end


def nearest_text(source: SourceText, quote: str, start: int = 0) -> tuple[int, int, float] | None:
    """Return the part of a text most like a quote, with its likeness from 0 to 1, or None.

    Windows of about as many words as the quote has are compared, without regard
    to case, accents and kinds of quotation mark (Ratcliff and Obershelp, difflib);
    only those about the quote's rarest words, so that a long text takes no time.
    """
    wanted = [_fold(token) for token in quote.split()]
    if not wanted:
        return None
    matcher = SequenceMatcher(None, autojunk=False)
    matcher.set_seq2(" ".join(wanted))
    best: tuple[float, int, int] | None = None
    for first, last in _windows(source, wanted):
        if source.tokens[first][0] < start:
            continue
        matcher.set_seq1(" ".join(source.folded_tokens[first:last]))
        floor = best[0] if best else _LIKE_ENOUGH
        if matcher.real_quick_ratio() > floor and matcher.quick_ratio() > floor:
            ratio = matcher.ratio()
            if ratio > floor:
                best = (ratio, first, last)
    if best is None:
        return None
    ratio, first, last = best
    return source.tokens[first][0], source.tokens[last - 1][1], ratio


def _windows(source: SourceText, wanted: Sequence[str]) -> list[tuple[int, int]]:
    """Return the windows of tokens worth comparing, in order."""
    size, count = len(wanted), len(source.tokens)
    places = [source.word_places.get(_bare(word), ()) for word in wanted]
    present = sorted((each for each in places if each), key=len)[:_RAREST_WORDS]
    if present:
        about = {place for each in present for place in each[:_MOST_PLACES]}
        firsts = {place - back for place in about for back in range(size + 1)}
    else:
        firsts = set(range(min(count, _MOST_PLACES)))
    widths = {max(1, size - 1), size, size + 1}
    found = ((first, first + width) for first in firsts for width in widths)
    return sorted(each for each in found if each[0] >= 0 and each[1] <= count)


def _occurrences(text: str, quote: str, start: int) -> list[tuple[int, int]]:
    found = []
    index = text.find(quote, start) if quote else -1
    while index >= 0:
        found.append((index, index + len(quote)))
        index = text.find(quote, index + 1)
    return found


def _fits(text: str, span: tuple[int, int], prefix: str | None, suffix: str | None) -> bool:
    start, end = span
    while prefix is not None and start > 0 and text[start - 1].isspace():
        start -= 1
    while suffix is not None and end < len(text) and text[end].isspace():
        end += 1
    before = prefix is None or text.endswith(prefix.strip(), 0, start)
    return before and (suffix is None or text.startswith(suffix.strip(), end))


def _candidates(source: SourceText, spans: Sequence[tuple[int, int]]) -> str:
    shown = [_in_context(source, span) for span in spans[:_MOST_CANDIDATES]]
    more = len(spans) - len(shown)
    return "; ".join(shown) + (f"; and {more} more" if more > 0 else "")


def _in_context(source: SourceText, span: tuple[int, int]) -> str:
    """Return a place in the text with a few words around it, twelve in all at most."""
    start, end = span
    line = f"line {source.line_of(start)}"
    inside = [
        index for index, (first, last) in enumerate(source.tokens) if first < end and last > start
    ]
    if not inside:
        return line
    around = max(0, MAX_QUOTE_WORDS - len(inside))
    first = max(0, inside[0] - around // 2)
    words = source.tokens[first : first + max(len(inside), MAX_QUOTE_WORDS)]
    return f"{line}: …{_cut(source.text[begin:stop] for begin, stop in words)}…"


def _cut(words: Iterable[str]) -> str:
    """Return as many words as may be copied from a text."""
    kept: list[str] = []
    for word in words:
        if count_words(" ".join([*kept, word])) > MAX_QUOTE_WORDS:
            break
        kept.append(word)
    return " ".join(kept)


def _not_found(source: SourceText, quote: str, start: int, part: str) -> str:
    where = "behind the quote" if part == "through" else "in the text"
    near = nearest_text(source, quote, start)
    if near is None:
        return f"the {part} is not {where}, nor anything like it"
    first, last, _ = near
    shown = _cut(source.text[first:last].split())
    return f"the {part} is not {where}; the nearest, on line {source.line_of(first)}, is: {shown}"


_FOLDED: Final = str.maketrans(
    {"’": "'", "‘": "'", "“": '"', "”": '"', "–": "-", "—": "-", "−": "-"}
)


def _bare(folded: str) -> str:
    """Return a folded token without the punctuation at its ends."""
    return folded.strip("'\"()[]{}.,;:!?…-")


def _fold(token: str) -> str:
    decomposed = unicodedata.normalize("NFKD", token.translate(_FOLDED))
    return "".join(each for each in decomposed if not unicodedata.combining(each)).casefold()
