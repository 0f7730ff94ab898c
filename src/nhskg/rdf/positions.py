"""Where the triples of a text are written: the offsets of their subjects, predicates and objects.

A parser of pyoxigraph hands out triples without positions. Turtle and its kin are parsed again with
the offset of each term written instead of it, so that the same triples come in the same order; and
RDF/XML is parsed again tag by tag.
"""

from __future__ import annotations

import io
import itertools
import json
import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any, Final, NamedTuple

import pyoxigraph as ox

from nhskg.rdf.terms import RDF

_FIRST, _REST, _REIFIES = (RDF + name for name in ("first", "rest", "reifies"))
_DIRECTIVES: Final = {"PREFIX": 2, "BASE": 1, "VERSION": 1}
"""How many tokens follow, without the full stop."""
_BLANK: Final = r"(?:\s|\#[^\r\n]*+)*+"
RDF_TOKEN: Final = re.compile(
    rf"""
    \#[^\r\n]*
    | (?P<string> \"{{3}}(?:[^"\\]+|\\.|"(?!""))*+\"{{3}} | '{{3}}(?:[^'\\]+|\\.|'(?!''))*+'{{3}}
        | "(?:[^"\\\r\n]+|\\.)*+" | '(?:[^'\\\r\n]+|\\.)*+' )
    | (?P<sign> <<\( | \)>> | << | >> | \{{\| | \|\}} | \^\^ | => | <=
        | \[(?!{_BLANK}\]) | [;,)\]{{}}~] | \((?!{_BLANK}\)) | \.(?![0-9]) )
    | (?P<at> @[A-Za-z]+(?:-+[A-Za-z0-9]+)* )
    | (?P<term> <[^<>\s]*> | \[{_BLANK}\] | \({_BLANK}\)
        | [+-]?(?:\d+\.?\d*|\.\d+)[eE][+-]?\d+ | [+-]?\d*\.?\d+(?![^\s.;,()\[\]{{}}<>"'\#])
        | (?: [^\s<>"'()\[\]{{}},;\#^~|.\\]+ | \\. | \.+(?=[^\s<>"'()\[\]{{}},;\#^~|.]) )++ )
    """,
    re.DOTALL | re.VERBOSE,
)
XML_TAG: Final = re.compile(
    r"""<!--.*?--> | <!\[CDATA\[.*?\]\]> | <\?.*?\?> | <!DOCTYPE[^\[>]*(?:\[.*?\]\s*)?>
    | <(?P<tag>/?[^\s/>]+)(?P<rest>(?:"[^"]*"|'[^']*'|[^"'>])*)>""",
    re.DOTALL | re.VERBOSE,
)
_JSON: Final = re.compile(r'("(?:[^"\\]|\\.)*")(\s*:)?')


def line_starts(text: str) -> list[int]:
    """Return where each line begins; lines end with LF, CR LF or CR."""
    return [0, *(each.end() for each in re.finditer(r"\r\n?|\n", text))]


def line_and_column(starts: Sequence[int], offset: int) -> tuple[int, int]:
    """Return line and column of an offset, from 1."""
    line = bisect_right(starts, offset)
    return line, offset - starts[line - 1] + 1


def comments(text: str, form: ox.RdfFormat) -> Iterator[tuple[int, str]]:
    """Yield the offset of each comment, and the comment with its signs; JSON-LD has none."""
    if form != ox.RdfFormat.JSON_LD:
        for found in (XML_TAG if form == ox.RdfFormat.RDF_XML else RDF_TOKEN).finditer(text):
            if found[0].startswith(("#", "<!--")):
                yield found.start(), found[0]


def first_brace(text: str) -> int:
    """Return the offset of the first opening brace of N3, outside comments, strings and IRIs."""
    return next((each.start() for each in RDF_TOKEN.finditer(text) if each[0] == "{"), 0)


class Written(NamedTuple):
    """The offsets at which the terms of a triple begin; a part of an RDF list has no predicate."""

    subject: int
    predicate: int | None
    object: int


def _with_offsets(text: str) -> tuple[str, dict[int, int]]:
    """Return a text with the offset of each term in its place, and by its item where a list begins.

    Of a node that is written with brackets, a property that is put into them has the offset. An
    empty pair of brackets is a term; behind a string it is none, as the parser looks at the next
    token there, which changes the order of the triples.
    """
    written: list[str] = []
    lists: dict[int, int] = {}
    last, before, kept = "", 0, 0
    for token in RDF_TOKEN.finditer(text):
        kind, found, at = token.lastgroup, token[0], token.start()
        if kind is None:
            continue
        if last == "(":
            lists[at] = before
        elif last in ("<<", "<<(", "~"):
            at = before
        last, before, quoted = found, at, last == "string"
        if kept:
            kept -= 1
        elif found in ("[", "{|"):
            found += f" <mark:{at}> 0 ;"
        elif kind == "string":
            found, last = f'"{at}"', kind
        elif found == "^^":
            kept = 1
        elif kind == "at" or (found.isalpha() and found not in ("a", "true", "false")):
            kept = 0 if quoted else _DIRECTIVES.get(found.upper().removeprefix("@"), 0)
        elif kind == "term" and quoted and found[0] in "[(":
            found = f"[ <mark:{at}> 0 ]" if found[0] == "[" else "()"
        elif kind == "term":
            found = f"<at:{at}>"
        written.append(found if found != "." else ".\n")
    return " ".join(written), lists


def turtle_positions(
    text: str, form: ox.RdfFormat, base: str, quads: Sequence[ox.Quad]
) -> Sequence[Written | None]:
    """Return where each quad is written; None for those of which this cannot be told."""
    text, lists = _with_offsets(text)
    triples: list[tuple[Any, Any, Any]] = []
    marks: dict[Any, int] = {}
    items: dict[Any, int] = {}

    def offset(term: Any) -> int | None:
        if isinstance(term, ox.Triple):
            return offset(term.subject)
        if isinstance(term, ox.BlankNode):
            return marks.get(term)
        number = term.value.removeprefix("at:")
        return int(number) if number.isdecimal() else None

    def written(subject: Any, predicate: Any, value: Any) -> Written | None:
        at = offset(value)
        if predicate.value in (_FIRST, _REST):
            at = items.get(value if predicate.value == _REST else subject, items.get(subject))
        known = [at for at in (offset(subject), offset(predicate), at) if at is not None]
        return Written(known[0], offset(predicate), known[-1]) if known else None

    with suppress(SyntaxError):
        for subject, predicate, value, _ in ox.parse(text, form, base_iri=base):
            if predicate.value.startswith("mark:"):
                marks[subject] = int(predicate.value.removeprefix("mark:"))
            else:
                triples.append((subject, predicate, value))
    if len(triples) != len(quads):
        return [None] * len(quads)
    made = [each for each in triples if each[1].value in (_FIRST, _REIFIES)]
    for subject, predicate, value in (*made, *reversed(made)):  # one may need another
        if (at := offset(value)) is not None and predicate.value == _FIRST:
            items[subject], marks[subject] = at, lists.get(at, at)
        elif at is not None:
            marks.setdefault(subject, at)
    return list(itertools.starmap(written, triples))


class _Pieces(io.BytesIO):
    """A binary file that hands out no more than one piece at a time, or what is left of it."""

    def __init__(self, pieces: Sequence[bytes]) -> None:
        super().__init__()
        self._pieces, self._left, self.handed = pieces, memoryview(b""), 0

    def read(self, size: int | None = -1) -> bytes:
        if not self._left:
            self.handed += 1
            found = self._pieces[self.handed - 1 : self.handed]
            self._left = memoryview(b"".join(found))
        most = len(self._left) if size is None or size < 0 else size
        part, self._left = self._left[:most], self._left[most:]
        return bytes(part)


def xml_positions(text: str, base: str) -> tuple[Sequence[Written], int]:
    """Return where each quad of RDF/XML is written, and where the parser stopped.

    A triple is at the element of its property, or at the one that has it as an attribute; its
    subject is at the element that describes it.
    """
    tags = list(XML_TAG.finditer(text))
    starts = [0, *(each.end() for each in tags)]
    pieces = [text[a:b].encode() for a, b in zip(starts, [*starts[1:], len(text)], strict=True)]
    places: list[Written] = []
    opened: list[tuple[int, int, bool]] = []  # the element, its node, whether it is a node itself
    for each in tags:
        if (name := each["tag"]) is None:
            places.append(places[-1] if places else Written(0, 0, 0))
        elif name.startswith("/"):
            start, node, _ = opened.pop() if opened else (0, 0, False)
            places.append(Written(node, start, start))
        else:
            start, rest = each.start(), each["rest"]
            is_root = name.endswith("RDF") and not opened
            is_node = not is_root and not (opened and opened[-1][2])
            node = start if is_node or is_root else opened[-1][1]
            places.append(Written(node, start, start))
            if not rest.endswith("/"):
                is_both = not is_node and re.search(r"parseType\s*=\s*[\"']Resource", rest)
                opened.append((start, start if is_both else node, is_node or bool(is_both)))
    feed = _Pieces(pieces)
    found: list[Written] = []
    try:
        quads = ox.parse(input=feed, format=ox.RdfFormat.RDF_XML, base_iri=base)
        found.extend(places[min(feed.handed, len(places)) - 1] for _ in quads)
    except SyntaxError:
        return found, [*(each.start() for each in tags), *[len(text)] * 2][feed.handed - 1]
    return found, len(text)


def json_positions(text: str) -> Mapping[str, int]:
    """Return where each string of JSON is written first: as the value of a key, else as one."""
    values: dict[str, int] = {}
    keys: dict[str, int] = {}
    for each in _JSON.finditer(text):
        try:
            name: Any = json.loads(each[1], strict=False)
        except ValueError:
            continue
        (keys if each[2] else values).setdefault(name, each.start())
    return {**keys, **values}
