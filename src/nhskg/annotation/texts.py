"""The texts that are annotated, and their sentences, found the same way every time.

A paragraph is a line, or in a hard-wrapped text what stands between blank lines; a bullet or the
number of a subsection (``(1)``, ``(a)``, ``(ii)``) begins one there, too, where the line above ends
a clause. A text is taken as wrapped where its lines break amid sentences, and none but the last of
a paragraph has room for the first word of the next; ``paragraphs`` of a document decides. Within a
paragraph the rules follow sentence boundaries of `UAX #29
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
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby, pairwise
from pathlib import Path
from typing import Final, NamedTuple

from nhskg.project import reading
from nhskg.rdf.errors import InputError, Place
from nhskg.rdf.files import MOST_TEXT, read_whole

_LINE: Final = re.compile("[^\n\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]+")
LINE_END: Final = re.compile("(?:\r\n|[\n\r])")
_TRIMMED: Final = re.compile(r"[^\s\ufeff](?:.*[^\s\ufeff])?", re.DOTALL)
_CLOSERS: Final = "’”»'\")\\]}›"
_OPENERS: Final = "‘“«'\"(\\[{‹"
_END: Final = re.compile(
    rf"(?P<stop>\.{{3,}}|…|[.?!]+|[。．！？]+)(?P<closers>[{_CLOSERS}…。．！？.?!]*)"
)
_NEXT: Final = re.compile(rf"\s+[{_OPENERS}•*–—-]*\s*(\S)")
_WORD_BEFORE: Final = re.compile(r"(?<![^\W_])[^\W\d_]+(?:\.[^\W\d_]+)*\Z")

_BULLET: Final = re.compile(r"[\s>]*(?:[•*#]|[–—-](?=\s))")
_NUMBER: Final = re.compile(
    r"[\s>]*(?:\((?:\d{1,3}[A-Z]{0,2}|[a-z]{1,4}|[A-Z]{1,3})\)|\d{1,3}[A-Z]?\.)\s"
)
_CLAUSE_END: Final = re.compile(rf"(?:[.?!;:—–][{_CLOSERS}]*|(?<!\)),|[,;] (?:and|or))\s*\Z")
_STOP: Final = re.compile(rf"[.?!:…][{_CLOSERS}]*\Z")
_RAGGED: Final = 8
"""By how many columns lines that are wrapped may be shorter than they need be."""

_WIDTHS: Final = range(40, 121)
"""How many columns the longest line of a hard-wrapped text may have."""

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
    """A sentence: its span, the line it begins on and its paragraph (from 1)."""

    start: int
    end: int
    line: int
    paragraph: int


@dataclass(frozen=True)
class SourceText:
    """A text that documents are annotated from.

    ``text`` is the UTF-8 decoding of the bytes and nothing else (line ends and a byte order mark
    are kept), so that positions and digest are of the same thing.
    """

    path: Path
    text: str
    sha256: str
    paragraphs: str | None = None
    """``lines`` or ``blank-lines``: what ends a paragraph, if it is known; else as set."""

    @cached_property
    def is_wrapped(self) -> bool:
        """Whether a paragraph may have several lines."""
        paragraphs = self.paragraphs or reading().paragraphs
        return paragraphs == "blank-lines" if paragraphs else _looks_wrapped(self.text)

    def cut_off(self) -> str:
        """Say where lines end amid a sentence, if nothing says that each is a paragraph."""
        if self.is_wrapped or self.paragraphs or reading().paragraphs:
            return ""
        lines = [
            str(self.line_of(above.start()))
            for above, line in pairwise(_lines(self.text))
            if _goes_on(above, line)
            and not _CLAUSE_END.search(above[0])
            and line[0].lstrip()[:1].islower()
        ]
        named = ", ".join([*lines[:3], *["…"] * (len(lines) > 3)])
        if not lines:
            return ""
        return (
            f"a sentence seems cut off at the end of line {named} of {self.path.name}; write in "
            "the header 'paragraphs: blank-lines' if lines are wrapped, or else 'paragraphs: lines'"
        )

    @cached_property
    def sentences(self) -> tuple[Sentence, ...]:
        """The sentences of the text, in order."""
        return find_sentences(self.text, wrapped=self.is_wrapped)

    @property
    def sentence_starts(self) -> str:
        """Where each sentence begins, as a document's ``sentences`` field has it."""
        paragraphs = groupby(self.sentences, key=lambda sentence: sentence.paragraph)
        return " / ".join(" ".join(str(each.start) for each in group) for _, group in paragraphs)

    def line_of(self, index: int) -> int:
        """Return the line of a code point, from 1."""
        return len(LINE_END.findall(self.text[:index])) + 1


def read_text(path: Path, paragraphs: str | None = None) -> SourceText:
    """Read a text, of which it may be known what ends a paragraph.

    Raises InputError where the file is missing, unreadable or not UTF-8.
    """
    try:
        if path.exists() and not path.is_file():
            raise InputError("the text cannot be read: not a file", place=Place(path))
        if not path.resolve().is_relative_to(path.parent.resolve()):  # whose, no corpus says
            message = "the text is a link out of its folder; put a copy there"
            raise InputError(message, place=Place(path))
        raw = read_whole(path, MOST_TEXT)
        return SourceText(path, raw.decode("utf-8"), hashlib.sha256(raw).hexdigest(), paragraphs)
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


def find_sentences(text: str, *, wrapped: bool = False) -> tuple[Sentence, ...]:
    """Return the sentences of a text, in order; of a hard-wrapped one, across its lines."""
    found: list[Sentence] = []
    line, counted, number = 1, 0, 0
    for start, stop in _wrapped_paragraphs(text) if wrapped else map(re.Match.span, _lines(text)):
        paragraph, before = text[start:stop], len(found)
        ends = [each.end() for each in _END.finditer(paragraph) if _ends(paragraph, each)]
        spans = pairwise([0, *ends, len(paragraph)])
        for each in filter(None, (_TRIMMED.search(paragraph, *span) for span in spans)):
            first = start + each.start()
            line += len(LINE_END.findall(text, counted, first))
            counted = first
            found.append(Sentence(first, start + each.end(), line, number + 1))
        number += len(found) > before
    return tuple(found)


def _lines(text: str) -> Iterator[re.Match[str]]:
    """Return the lines of a text that are not blank."""
    return (line for line in _LINE.finditer(text) if _TRIMMED.search(line[0]))


def _wrapped_paragraphs(text: str) -> Iterator[tuple[int, int]]:
    """Yield the spans of the paragraphs of a hard-wrapped text."""
    start, end = 0, 0
    for above, line in pairwise([None, *_lines(text)]):
        if line is not None and not (above and _goes_on(above, line)):
            if end:
                yield start, end
            start = line.start()
        end = line.end() if line else end
    if end:
        yield start, end


def _goes_on(above: re.Match[str], line: re.Match[str]) -> bool:
    """Return whether a line of a hard-wrapped text belongs to the paragraph of the one above."""
    if not LINE_END.fullmatch(line.string, above.end(), line.start()):
        return False
    bullet = _BULLET.match(line[0])
    if bullet and (bullet[0][-1] in "•*#" or _BULLET.match(above[0])):
        return False
    begins = bullet or _NUMBER.match(line[0])
    return not (begins and _CLAUSE_END.search(above[0]))


def _looks_wrapped(text: str) -> bool:
    """Return whether a text is hard-wrapped, by its lines; see the head of this module."""
    lines = list(_lines(text))
    widest = max((len(line[0].rstrip()) for line in lines), default=0)
    joints = [
        (above[0].rstrip(), line[0]) for above, line in pairwise(lines) if _goes_on(above, line)
    ]
    full = [above for above, line in joints if _is_full(above, line, widest)]
    amid = [above for above in full if not _CLAUSE_END.search(above)]
    rest = [above for above, line in joints if not _is_full(above, line, widest)]
    odd = [above for above in rest if not _STOP.search(above)]  # no last line of a paragraph
    return widest in _WIDTHS and len(amid) * 2 >= len(full) >= 2 and len(odd) * 9 <= len(full)


def _is_full(above: str, line: str, widest: int) -> bool:
    """Return whether a line has no room for the first word of the next."""
    return len(above) + 1 + len(line.split(maxsplit=1)[0]) > widest - _RAGGED


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
    if folded in _TITLES | reading().abbreviations or (
        len(last) == 1 and last.isupper()
    ):  # an abbreviation, an initial
        return False
    return folded not in _NUMBERED or not following[1].isdigit()
