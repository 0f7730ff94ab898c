"""Reads YAML as plain data with the line and column of every key and value.

A small, safe part of `YAML 1.1 <https://yaml.org/spec/1.1/>`_: mappings with plain keys, sequences,
scalars. Every scalar is kept as the text that was written: ``2013-06`` is not a date and ``on`` not
a boolean. Anchors, aliases, tags, merge keys and further documents are refused, so that a file
cannot explode or run code. Size and nesting are bounded (``docs/validation.md``). Lines and columns
count from 1, columns in code points.
"""

from __future__ import annotations

import bisect
import re
from collections.abc import Container, Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Final, NamedTuple, NoReturn

import yaml

from nhskg.rdf.errors import AnnotationError, Fault, Faults, InputError, Place, is_utf8

MAX_BYTES: Final = 2_000_000
"""The largest annotation file that is read, in bytes: some 4,500 claims, or 70 times an article."""
MAX_DEPTH: Final = 20
"""How deep lists and mappings may be nested; the format needs 5."""
MAX_ITEMS: Final = 1_000
"""How many fields an entry may have, and how many items a list in it; the format needs 40."""

Route = tuple[str | int, ...]
"""The way to a value: keys and list positions (from 0), as ``("claims", 3, "power")``."""
_Loader: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

_REFUSED: Final = re.compile(
    "\t+|[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff"
    "\ufffe\uffff]|\r(?!\n)"
)
"""Control characters, also those that turn text around, tabs, and line ends that editors and YAML
count differently."""

_COMMA: Final = "a comma splits an entry in braces: put a text that has one in quotation marks"
_HINTS: Final = {
    "mapping values are not allowed": "a value with ': ' in it needs quotes",
    "found character that cannot start any token": "a value that begins with it needs quotes",
    "found unexpected end of stream": "a quotation mark is not closed",
    "did not find expected key": "check the indentation and the quotes of the line before",
    "did not find expected ',' or": "a bracket or brace is not closed, or a comma is missing",
    "found unknown escape character": "use single quotes, or write \\\\ for a backslash",
    "could not find expected ':'": "each line of a mapping is 'field: value'",
    "found unexpected ':'": "a value with ': ' in it needs quotes",
}

_EMPTY: Final = frozenset({"", "~", "null", "Null", "NULL"})


class Span(NamedTuple):
    """Where a value is in its file, in code points: ``[start, end)``, and its key, if it has one.

    ``flow`` is False for a mapping or list that is written without braces or brackets.
    """

    key: int
    start: int
    end: int
    flow: bool


@dataclass(frozen=True)
class Source:
    """A file that was read: its text, its data (dict, list and str), and the span of each value."""

    path: Path
    text: str = field(repr=False)
    data: Any = field(default=None, repr=False)
    spans: dict[Route, Span] = field(default_factory=dict, repr=False)

    @cached_property
    def _line_starts(self) -> list[int]:
        return [0, *(found.end() for found in re.finditer("\n", self.text))]

    def place_at(self, index: int) -> Place:
        """Return the place of a code point."""
        line = bisect.bisect_right(self._line_starts, index)
        return Place(self.path, line, index - self._line_starts[line - 1] + 1)

    def place(self, *route: str | int) -> Place:
        """Return the place of the value at a route, or of the nearest thing around it."""
        while route not in self.spans:
            route = route[:-1]
        return self.place_at(self.spans[route].start)

    def key_place(self, *route: str | int) -> Place:
        """Return the place of the key (not the value) at the end of a route."""
        span = self.spans.get(route)
        return self.place_at(span.key) if span else self.place(*route)


def read_source(path: Path, *, guide: str = "docs/annotating.md") -> Source:
    """Read an annotation file; ``guide`` is the page that says what such a file holds.

    Raises:
        AnnotationError: with every fault of syntax that can be found.
    """
    if not is_utf8(path.name):
        raise _error(Place(path), "cannot be read: the name of the file is not UTF-8; rename it")
    try:
        if path.exists() and not path.is_file():
            raise _error(Place(path), "cannot be read: not a file")
        with path.open("rb") as file:
            raw = file.read(MAX_BYTES + 1)
        size = max(path.stat().st_size, len(raw))
    except OSError as error:
        raise _error(Place(path), f"cannot be read: {error.strerror}") from error
    if size > MAX_BYTES:
        message = f"the file has {size:,} bytes, and at most {MAX_BYTES:,} are read; "
        raise _error(Place(path, 1, 1), message + "split the register, or the document")
    return parse_source(raw, path, guide=guide)


def parse_source(raw: bytes, path: Path, *, guide: str = "docs/annotating.md") -> Source:
    """Parse the bytes of an annotation file; ``path`` is the file that faults name.

    Raises:
        AnnotationError: with every fault of syntax that can be found.
    """
    source = Source(path, _decode(raw, path))
    faults = Faults()
    for found in _REFUSED.finditer(source.text):
        message = "a tab; indent with spaces (within double quotes a tab is written \\t)"
        if (character := found[0][0]) != "\t":
            code, advice = f"{ord(character):04X}", "delete it (within double quotes it is written"
            message = f"a control character, U+{code}; {advice} \\u{code})"
        faults.add(source.place_at(found.start()), message)
        if faults.full(path):
            break
    data = None
    try:
        data = None if faults.all else _Composer(source, faults).compose(guide)
    except yaml.MarkedYAMLError as error:
        place = source.place_at(getattr(error.problem_mark, "index", 0))
        faults.add(place, f"not valid YAML: {_explained(error)}")
    if faults.all:
        raise AnnotationError(faults.all)
    return replace(source, data=data)


def load_plain(text: str, path: Path, *, column: int = 1) -> Any:
    """Return the data of YAML that begins at a column of a file: with numbers, and texts by alias.

    Raises:
        InputError: it is not YAML, or is beyond the bounds of an annotation file.
    """
    mark, reason = None, f"more than {MAX_BYTES:,} letters; shorten it"
    try:
        if len(text) <= MAX_BYTES:
            mark, reason = _beyond_plain(text)
            if not reason:
                return yaml.load(text, _Loader)  # noqa: S506  # it is safe
    except yaml.MarkedYAMLError as error:
        mark, reason = error.problem_mark, f"not valid YAML: {_explained(error)}"
    except (yaml.YAMLError, ValueError) as error:  # such as a date that is none
        reason = f"not valid YAML: {' '.join(str(error).split())}"
    line, start = (mark.line, mark.column) if mark else (0, 0)
    raise InputError(reason, place=Place(path, line + 1, start + column))


def _beyond_plain(text: str) -> tuple[Any, str]:
    """Return what a text has that plain data does not, and where; of none, no reason."""
    depth = 0
    for event in yaml.parse(text, Loader=_Loader):
        opens = isinstance(event, yaml.CollectionStartEvent)
        depth += opens
        depth -= isinstance(event, yaml.CollectionEndEvent)
        if depth > MAX_DEPTH:
            return event.start_mark, f"nested more than {MAX_DEPTH} deep; nest it less"
        if getattr(event, "tag", None):
            return event.start_mark, "a tag, which is not read; put a text with ! in quotes"
        if opens and getattr(event, "anchor", None):  # lists of lists of aliases grow without end
            return event.start_mark, "an anchor of a list or mapping; only one of a text is read"
    return None, ""


def _explained(error: yaml.MarkedYAMLError) -> str:
    problem = error.problem or "it cannot be parsed"
    hints = (f"; {text}" for start, text in _HINTS.items() if problem.startswith(start))
    return f"{problem}{f' {error.context}' if error.context else ''}{next(hints, '')}"


def _error(place: Place, message: str) -> AnnotationError:
    return AnnotationError([Fault(place, message)])


def _decode(raw: bytes, path: Path) -> str:
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        before = raw[: error.start].decode("utf-8")
        wrong = f"byte 0x{raw[error.start]:02X} at offset {error.start}"
        place = Source(path, before).place_at(len(before))
        raise _error(place, f"not UTF-8: {wrong}; save the file as UTF-8") from error
    if text.startswith("\ufeff"):
        message = "the file begins with a byte order mark; save it as UTF-8 without one"
        raise _error(Place(path, 1, 1), message)
    return text


class _Composer:
    """Builds the data out of parser events, within bounds, and reports what it passes over."""

    def __init__(self, source: Source, faults: Faults) -> None:
        self._source = source
        self._faults = faults
        self._events: Iterator[Any] = yaml.parse(source.text, Loader=_Loader)
        self._event: Any = None  # the last that was taken
        self._end = 0  # of the last value: to its own end a block has the white space behind it

    def compose(self, guide: str) -> Any:
        """Return the data of the one document of the text."""
        self._take()  # the stream begins
        if isinstance(self._take(), yaml.DocumentStartEvent):
            self._take()
        if isinstance(self._event, yaml.StreamEndEvent) or self._is_plain(_EMPTY):
            self._refuse(0, f"the file is empty; see {guide} for what it should hold")
        data = self._value(())
        self._take()  # the document ends
        for start in self._starts(yaml.StreamEndEvent):
            self._refuse(start, "a second document; a file holds one: remove the '---'")
        return data

    def _take(self) -> Any:
        self._event = next(self._events)
        return self._event

    def _starts(self, end: type[yaml.Event] = yaml.CollectionEndEvent) -> Iterator[int]:
        """Take the event that begins each item of a collection, and yield where that is."""
        while not isinstance(self._take(), end):
            yield self._event.start_mark.index

    def _is_plain(self, words: Container[str]) -> bool:
        """Return whether the last event is one of some words, without quotes."""
        event = self._event
        return isinstance(event, yaml.ScalarEvent) and event.implicit[0] and event.value in words

    def _value(self, route: Route, key: int | None = None) -> Any:
        """Return the value that begins with the last event, and record its span."""
        event = self._event
        start, flow = event.start_mark.index, True
        data: Any = None
        sign, kind, shared = "!", "a tag", getattr(event, "tag", None)
        if event.anchor is not None:
            is_alias = isinstance(event, yaml.AliasEvent)
            sign, kind = ("*", "an alias") if is_alias else ("&", "an anchor")
            shared = f"{sign}{event.anchor}"
        if shared is not None:
            advice = f"a value that begins with {sign} needs quotes"
            advice += " (anchors, aliases and tags are not read)"
            self._refuse(start, f"{kind}, {shared}; {advice}")
        if isinstance(event, yaml.ScalarEvent):
            data = event.value
        elif len(route) == MAX_DEPTH:
            self._refuse(start, f"nested more than {MAX_DEPTH} deep; the format needs 5")
        else:
            flow = bool(event.flow_style)
            is_mapping = isinstance(event, yaml.MappingStartEvent)
            data = self._mapping(route, flow=flow) if is_mapping else self._list(route)
        if flow:
            self._end = self._event.end_mark.index
        self._source.spans[route] = Span(start if key is None else key, start, self._end, flow)
        return data

    def _mapping(self, route: Route, *, flow: bool) -> dict[str, Any]:
        data: dict[str, Any] = {}
        passed_over = (*route, -1)
        for start in self._starts():
            is_merge = self._is_plain(("<<",))
            key = self._value(passed_over)
            at = self._take().start_mark.index
            if len(data) == MAX_ITEMS:
                self._refuse(start, f"more than {MAX_ITEMS:,} fields; the format needs 40")
            if not isinstance(key, str):
                problem = "a key must be one word, not a list or a mapping"
            elif is_merge:
                problem = "a merge key '<<'; write the fields out (it is not read)"
            elif key in data:
                first = self._source.place_at(self._source.spans[*route, key].key).line
                problem = f"'{key}' is given twice, first on line {first}; keep one"
            else:
                data[key] = self._value((*route, key), start)
                if self._is_plain(_EMPTY):
                    repair = _COMMA if flow and " " in key else "give one, or delete the line"
                    self._report(at, f"'{key}' has no value; {repair}")
                continue
            self._report(start, problem)
            self._value(passed_over)
        return data

    def _list(self, route: Route) -> list[Any]:
        items: list[Any] = []
        for start in self._starts():
            items.append(self._value((*route, len(items))))
            if len(items) > MAX_ITEMS and len(route) > 1:
                self._refuse(start, f"more than {MAX_ITEMS:,} items of a list; the format needs 40")
            if self._is_plain(_EMPTY):
                self._report(start, "an empty item of a list; give one, or delete the line")
        return items

    def _report(self, index: int, message: str) -> None:
        self._faults.add(self._source.place_at(index), message)

    def _refuse(self, index: int, message: str) -> NoReturn:
        """Report what the format does not have; the rest of the file is not read."""
        self._report(index, message)
        raise AnnotationError(self._faults.all)
