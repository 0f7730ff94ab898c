"""Where the triples of a text are written: the offsets of their subjects, predicates and objects.

A parser of pyoxigraph hands out triples without positions. For Turtle, TriG, N-Triples and N-Quads
the tokens are walked once, which gives the triples in the order in which the parser has them: that
of an object in brackets comes after those within the brackets. What the grammar makes of a
collection, or of a reifier, is matched apart. RDF/XML is parsed again, tag by tag.
"""

from __future__ import annotations

import io
import json
import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

import pyoxigraph as ox

from nhskg.rdf.terms import RDF

_FIRST, _REST, _REIFIES = (RDF + name for name in ("first", "rest", "reifies"))
_APART: Final = {_FIRST: "cell", _REST: "cell", _REIFIES: "reifier"}
_TOKEN: Final = re.compile(
    r"""
    [ \t\r\n]+ | \#[^\r\n]*
    | (?P<string> \"{3}(?:[^"\\]+|\\.|"(?!""))*+\"{3} | '{3}(?:[^'\\]+|\\.|'(?!''))*+'{3}
        | "(?:[^"\\\r\n]+|\\.)*+" | '(?:[^'\\\r\n]+|\\.)*+' )
    | (?P<sign> <<\( | \)>> | << | >> | \{\| | \|\} | \^\^ | [;,()\[\]{}~] | \.(?![0-9]) )
    | (?P<iri> <[^<>\s]*> )
    | (?P<at> @[A-Za-z]+(?:-[A-Za-z0-9]+)* )
    | (?P<word> [+-]?(?:\d+\.?\d*|\.\d+)[eE][+-]?\d+ | [+-]?\d*\.?\d+(?![^\s.;,()\[\]{}<>"'\#])
        | (?: [^\s<>"'()\[\]{},;\#^~|.\\]+ | \\. | \.+(?=[^\s<>"'()\[\]{},;\#^~|.]) )++ )
    | .
    """,
    re.DOTALL | re.VERBOSE,
)
_TAG: Final = re.compile(
    r"""<!--.*?--> | <!\[CDATA\[.*?\]\]> | <\?.*?\?> | <!DOCTYPE[^\[>]*(?:\[.*?\]\s*)?>
    | <(?P<tag>/?[^\s/>]+)(?P<rest>(?:"[^"]*"|'[^']*'|[^"'>])*)>""",
    re.DOTALL | re.VERBOSE,
)
_JSON: Final = re.compile(r'("(?:[^"\\]|\\.)*")(\s*:)?')
Quads = Sequence[ox.Quad]


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
        for found in (_TAG if form == ox.RdfFormat.RDF_XML else _TOKEN).finditer(text):
            if found[0].startswith(("#", "<!--")):
                yield found.start(), found[0]


class Written(NamedTuple):
    """The offsets at which the terms of a triple begin; a part of an RDF list has no predicate."""

    subject: int
    predicate: int | None
    object: int


@dataclass(slots=True)
class _Collection:
    items: list[_Node] = field(default_factory=list)
    end: int = 0


_Node = tuple[int, _Collection | None]


@dataclass(slots=True)
class _Open:
    """A statement, or what a bracket opens, as far as it has been walked."""

    sign: str = ""
    start: int = 0
    subject: _Node | None = None
    predicate: tuple[int, str] | None = None
    is_whole: bool = False
    reifier: int | None = None
    collection: _Collection | None = None


class _Walk:
    """The triples of a Turtle document, or of one of its kin, in three streams."""

    def __init__(self, text: str) -> None:
        self.streams: Final[dict[str, list[Written]]] = {"": [], "cell": [], "reifier": []}
        self.collections: Final[list[tuple[int, str, _Collection]]] = []
        self._prefixes: dict[str, str] = {}
        self._open = [_Open()]
        self._late: tuple[_Node, tuple[int, str], _Node] | None = None
        self._walk(text)

    def _walk(self, text: str) -> None:
        skipped, prefix = 0, ""
        for token in _TOKEN.finditer(text):
            kind, found, at = token.lastgroup, token[0], token.start()
            if kind is None:
                continue
            if (late := self._late) and found != "]":
                self._triple(*late)
            self._late = None
            if skipped:
                if skipped == 1 and prefix:
                    self._prefixes[prefix] = found[1:-1]
                skipped, prefix = skipped - 1, found if skipped == 2 else ""
            elif kind == "sign":
                skipped = found == "^^"
                self._sign(found, at)
            elif kind == "at" or (kind == "word" and ":" not in found):
                upper = found.upper().removeprefix("@")
                if self._open[-1].subject is None and upper in ("PREFIX", "BASE", "VERSION"):
                    skipped = 1 + (upper == "PREFIX")
                elif kind == "word" and (upper != "GRAPH" or self._open[-1].subject):
                    self._term(at, found)
            else:
                self._term(at, found)
            if late and found == "]":
                self._triple(*late)

    def _sign(self, sign: str, at: int) -> None:
        top = self._open[-1]
        match sign:
            case "." | "{" | "}":
                self._open = [_Open()]
            case "," | ";":
                top.is_whole, top.reifier = False, None
                top.predicate = top.predicate if sign == "," else None
            case "[" | "<<" | "<<(":
                self._open.append(_Open(sign, at, (at, None) if sign == "[" else None))
            case "(":
                collection = _Collection()
                self._term(at, sign, collection)
                self._open.append(_Open(sign, at, collection=collection))
            case "~" | "{|":
                if top.sign != "<<" and (sign == "~" or top.reifier is None):
                    self.streams["reifier"].append(Written(at, None, at))
                    top.reifier = at
                if sign == "{|":
                    self._open.append(_Open(sign, at, (top.reifier or at, None)))
                    top.reifier = None
            case ")" | "]" | ">>" | ")>>" | "|}" if len(self._open) > 1:
                del self._open[-1]
                if top.collection is not None:
                    top.collection.end = at
                elif sign != "|}":
                    if sign == ">>":
                        self.streams["reifier"].append(Written(top.start, None, top.start))
                    self._term(top.start, sign)

    def _term(self, at: int, text: str, collection: _Collection | None = None) -> None:
        top = self._open[-1]
        if top.collection is not None:
            top.collection.items.append((at, collection))
        elif top.subject is None:
            top.subject = at, collection
        elif top.predicate is None:
            top.predicate = at, self._stream(text)
        elif not top.is_whole:
            top.is_whole = True
            if top.sign.startswith("<<"):
                return
            found = top.subject, top.predicate, (at, collection)
            if text[0] in "\"'":  # the parser looks a token further, for a language or a datatype
                self._late = found
            else:
                self._triple(*found)

    def _triple(self, subject: _Node, predicate: tuple[int, str], value: _Node) -> None:
        stream = self.streams[predicate[1]]
        if not predicate[1]:
            for role, (_, collection) in (("subject", subject), ("object", value)):
                if collection is not None:
                    self.collections.append((len(stream), role, collection))
        stream.append(Written(subject[0], predicate[0], value[0]))

    def _stream(self, text: str) -> str:
        """Return the stream of a predicate."""
        prefix, colon, name = text.partition(":")
        iri = text[1:-1] if text[0] == "<" else self._prefixes.get(prefix + colon, "") + name
        return _APART.get(iri, "")


def turtle_positions(text: str, quads: Quads) -> list[Written | None]:
    """Return where each quad is written; None for those of which this cannot be told."""
    walk = _Walk(text)
    indexes: dict[str, list[int]] = {name: [] for name in walk.streams}
    for index, quad in enumerate(quads):
        indexes[_APART.get(quad.predicate.value, "")].append(index)
    found: dict[int, Written] = {}
    cells = {(quads[i].subject, quads[i].predicate.value): i for i in indexes["cell"]}
    todo = [
        (collection, getattr(quads[indexes[""][at]], role))
        for at, role, collection in walk.collections
        if at < len(indexes[""])
    ]
    while todo:
        collection, node = todo.pop()
        ends = [*(at for at, _ in collection.items), collection.end][1:]
        for (at, inner), end in zip(collection.items, ends, strict=True):
            first, rest = cells.get((node, _FIRST)), cells.get((node, _REST))
            if first is None or rest is None:
                break
            found[first], found[rest] = Written(at, None, at), Written(at, None, end)
            if inner is not None:
                todo.append((inner, quads[first].object))
            node = quads[rest].object
    indexes["cell"] = [each for each in indexes["cell"] if each not in found]
    for name, stream in walk.streams.items():
        if len(stream) == len(indexes[name]):
            found.update(zip(indexes[name], stream, strict=True))
    return [found.get(index) for index in range(len(quads))]


class _Pieces(io.BytesIO):
    """A binary file that hands out one piece at a time, whatever size is wanted."""

    def __init__(self, pieces: Sequence[bytes]) -> None:
        super().__init__()
        self._pieces, self.handed = pieces, 0

    def read(self, _: int | None = -1) -> bytes:
        self.handed += 1
        return self._pieces[self.handed - 1] if self.handed <= len(self._pieces) else b""


def xml_positions(text: str, base: str) -> tuple[Sequence[Written], int]:
    """Return where each quad of RDF/XML is written, and where the parser stopped.

    A triple is at the element of its property, or at the one that has it as an attribute; its
    subject is at the element that describes it.
    """
    tags = list(_TAG.finditer(text))
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
        return found, [*(each.start() for each in tags), len(text)][feed.handed - 1]
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
