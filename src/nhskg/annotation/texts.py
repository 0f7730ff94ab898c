"""The texts that are annotated, and their sentences, found the same way every time.

A paragraph is a line. Within it the rules follow sentence boundaries of `UAX #29
<https://www.unicode.org/reports/tr29/#Sentence_Boundaries>`_, tailored to news texts in English:

- a full stop, question or exclamation mark ends a sentence, together with the closing quotation
  marks and brackets behind it, where white space follows and then no lower-case letter (so
  ``“Why?” he asked`` is one sentence);
- no end after a title (``Mr.``), an initial (``J. Smith``), ``e.g.`` and the like, nor after
  ``No.``, ``p.``, ``para.`` … before a figure;
- an ellipsis ends a sentence only where the next word begins with a capital;
- the sentences within quotation marks are sentences of their own;
- an ideographic full stop ends a sentence by itself.

A bullet belongs to the sentence behind it. Spans are in Unicode code points, end exclusive, without
white space at either end (a byte order mark is white space here); together they hold every other
character of the text.
"""

from __future__ import annotations

import hashlib
import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby, pairwise
from pathlib import Path
from typing import Final, NamedTuple

from nhskg.rdf.errors import InputError, Place

_PARAGRAPH: Final = re.compile("[^\n\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]+")
_LINE_END: Final = re.compile("\r\n|[\n\r]")
_TRIMMED: Final = re.compile(r"[^\s\ufeff](?:.*[^\s\ufeff])?")
_CLOSERS: Final = "’”»'\")\\]}›"
_OPENERS: Final = "‘“«'\"(\\[{‹"
_END: Final = re.compile(
    rf"(?P<stop>\.{{3,}}|…|[.?!]+|[。．！？]+)(?P<closers>[{_CLOSERS}…。．！？.?!]*)"
)
_NEXT: Final = re.compile(rf"\s+[{_OPENERS}•*–—-]*\s*(\S)")
_WORD_BEFORE: Final = re.compile(r"(?<![^\W_])[^\W\d_]+(?:\.[^\W\d_]+)*\Z")

_TITLES: Final = frozenset(
    """approx c ca capt cf cllr col dr e.g eg gen gov hon i.e ie lt messrs mr mrs ms mx prof rep
    rev sen sgt st viz vs""".split()
)
"""Never the last word of a sentence."""

_NUMBERED: Final = frozenset(
    """apr art arts aug ch cl dec ed feb fig figs jan jul jun mar no nos nov oct p para paras pp pt
    reg regs s sec sep sept ss vol vols""".split()
)
"""Not the last word of a sentence where a figure follows."""


class Sentence(NamedTuple):
    """A sentence: its span, and the line it is on (from 1)."""

    start: int
    end: int
    line: int


@dataclass(frozen=True)
class SourceText:
    """A text that documents are annotated from.

    ``text`` is the UTF-8 decoding of the bytes and nothing else (line ends and a byte order mark
    are kept), so that positions and digest are of the same thing.
    """

    path: Path
    text: str
    sha256: str

    @cached_property
    def sentences(self) -> tuple[Sentence, ...]:
        """The sentences of the text, in order."""
        return find_sentences(self.text)

    @property
    def sentence_starts(self) -> str:
        """Where each sentence begins, as a document's ``sentences`` field has it."""
        paragraphs = groupby(self.sentences, key=lambda sentence: sentence.line)
        return " / ".join(" ".join(str(each.start) for each in group) for _, group in paragraphs)

    def line_of(self, index: int) -> int:
        """Return the line of a code point, from 1."""
        return len(_LINE_END.findall(self.text[:index])) + 1


def read_text(path: Path) -> SourceText:
    """Read a text.

    Raises InputError where the file is missing, unreadable or not UTF-8.
    """
    try:
        if path.exists() and not path.is_file():
            raise InputError("the text cannot be read: not a file", place=Place(path))
        raw = path.read_bytes()
        return SourceText(path, raw.decode("utf-8"), hashlib.sha256(raw).hexdigest())
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise InputError(f"the text cannot be read: {reason}", place=Place(path)) from error
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        message = f"the text is not UTF-8: byte 0x{raw[error.start]:02X} at offset {error.start}"
        raise InputError(message, place=Place(path, line)) from error


def sentences_touching(sentences: Sequence[Sentence], start: int, end: int) -> Sequence[Sentence]:
    """Return the sentences that share at least one code point with ``[start, end)``."""
    first = bisect_right(sentences, start, key=lambda sentence: sentence.end)
    return sentences[first : bisect_left(sentences, end, first, key=lambda each: each.start)]


def find_sentences(text: str) -> tuple[Sentence, ...]:
    """Return the sentences of a text, in order."""
    found, line, counted = [], 1, 0
    for match in _PARAGRAPH.finditer(text):
        start, paragraph = match.start(), match[0]
        line += len(_LINE_END.findall(text, counted, start))
        counted = start
        ends = [stop.end() for stop in _END.finditer(paragraph) if _ends(paragraph, stop)]
        spans = pairwise([0, *ends, len(paragraph)])
        trimmed = (_TRIMMED.search(paragraph, *span) for span in spans)
        found += [Sentence(start + a.start(), start + a.end(), line) for a in trimmed if a]
    return tuple(found)


def _ends(paragraph: str, found: re.Match[str]) -> bool:
    """Return whether a stop, with the closing marks behind it, ends a sentence."""
    stop = found["stop"]
    if stop[0] in "。．！？":
        return True
    following = _NEXT.match(paragraph, found.end())
    if following is None or following[1].islower():
        return False
    if stop[0] == "…" or stop.startswith("..."):
        return following[1].isupper()
    if stop != "." or found["closers"]:
        return True
    before = _WORD_BEFORE.search(paragraph[max(0, found.start() - 40) : found.start()])
    word = before[0] if before else ""
    last, folded = word.rpartition(".")[2], word.lower()
    if folded in _TITLES or (len(last) == 1 and last.isupper()):  # an abbreviation, an initial
        return False
    return folded not in _NUMBERED or not following[1].isdigit()
