"""Reads YAML as plain data with the line and column of every key and value.

A small, safe part of `YAML 1.1 <https://yaml.org/spec/1.1/>`_: mappings with
plain keys, sequences, scalars. Every scalar is kept as the text that was
written: ``2013-06`` is not a date and ``on`` not a boolean. Anchors, aliases,
tags, merge keys and further documents are refused, so that a file cannot
explode or run code. Size and nesting are bounded: ``docs/validation.md`` says what was measured,
``tests/fuzz`` measures it. Every fault names line and column, both from 1 and counted in code
points.
"""

from __future__ import annotations

import bisect
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, NamedTuple, NoReturn

import yaml

from nhskg.rdf.errors import AnnotationError, Fault, Faults, Place, is_utf8

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
    "\t+|[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]|\r(?!\n)"
)
"""Control characters, tabs, and line ends that editors and YAML count differently."""

_GUIDE: Final = "docs/annotating.md"
_EMPTY: Final = frozenset({"", "~", "null", "Null", "NULL"})


class Span(NamedTuple):
    """Where a value is in its file, in code points: ``[start, end)``, and where its key begins."""

    key: int
    """The start of the value itself where it has no key."""
    start: int
    end: int
    flow: bool
    """False for a mapping or list that is written without braces or brackets."""


@dataclass(frozen=True)
class Source:
    """A file that was read: its text, its data, and the place of everything in it."""

    path: Path
    text: str = field(repr=False)
    data: Any = field(repr=False)
    """Plain data: dict, list and str only."""
    spans: Mapping[Route, Span] = field(repr=False)
    place_at: Callable[[int], Place] = field(repr=False)
    """Finds the place of a code point of the file."""

    def place(self, *route: str | int) -> Place:
        """Return the place of the value at a route, or of the nearest thing around it."""
        while route not in self.spans:
            route = route[:-1]
        return self.place_at(self.spans[route].start)

    def key_place(self, *route: str | int) -> Place:
        """Return the place of the key (not the value) at the end of a route."""
        span = self.spans.get(route)
        return self.place_at(span.key) if span else self.place(*route)


def read_source(path: Path, *, guide: str = _GUIDE) -> Source:
    """Read an annotation file; ``guide`` is the page that says what such a file holds.

    Raises AnnotationError with every fault of syntax that can be found.
    """
    if not is_utf8(path.name):
        message = "cannot be read: the name of the file is not UTF-8; rename it"
        raise AnnotationError([Fault(Place(path), message)])
    try:
        if path.exists() and not path.is_file():
            raise AnnotationError([Fault(Place(path), "cannot be read: not a file")])
        with path.open("rb") as file:
            raw = file.read(MAX_BYTES + 1)
            size = len(raw) if len(raw) <= MAX_BYTES else max(path.stat().st_size, len(raw))
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise AnnotationError([Fault(Place(path), f"cannot be read: {reason}")]) from error
    if size > MAX_BYTES:
        message = (
            f"the file has {size:,} bytes, and at most {MAX_BYTES:,} are read; "
            "split the register, or the document"
        )
        raise AnnotationError([Fault(Place(path, 1, 1), message)])
    return parse_source(raw, path, guide=guide)


def parse_source(raw: bytes, path: Path, *, guide: str = _GUIDE) -> Source:
    """Parse the bytes of an annotation file; ``path`` is the file that faults name.

    Raises AnnotationError with every fault of syntax that can be found.
    """
    text = _decode(raw, path)
    place_at = _placer(path, text)
    faults = Faults()
    for found in _REFUSED.finditer(text):
        faults.add(place_at(found.start()), _refusal(found.group()))
        if faults.full(path):
            break
    if faults:
        raise faults.error()
    composer = _Composer(text, place_at, faults)
    try:
        data = composer.compose(guide)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        faults.add(place_at(_index(mark)), _syntax_message(error))
    except yaml.YAMLError as error:
        faults.add(place_at(0), f"not valid YAML: {error}")
    if faults:
        raise faults.error()
    return Source(path, text, data, composer.spans, place_at)


def _decode(raw: bytes, path: Path) -> str:
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        before = raw[: error.start].decode("utf-8")
        place = _placer(path, before)(len(before))
        message = (
            f"not UTF-8: byte 0x{raw[error.start]:02X} at offset {error.start}; "
            "save the file as UTF-8"
        )
        raise AnnotationError([Fault(place, message)]) from error
    if text.startswith("\ufeff"):
        message = "the file begins with a byte order mark; save it as UTF-8 without one"
        raise AnnotationError([Fault(Place(path, 1, 1), message)])
    return text


def _refusal(character: str) -> str:
    if character[0] == "\t":
        return "a tab; indent with spaces (within double quotes a tab is written \\t)"
    return (
        f"a control character, U+{ord(character[0]):04X}; delete it "
        f"(within double quotes it is written \\u{ord(character[0]):04X})"
    )


def _placer(path: Path, text: str) -> Callable[[int], Place]:
    """Return what finds the line and column of a code point of a text."""
    lines = [0, *(found.end() for found in re.finditer("\n", text))]

    def place_at(index: int) -> Place:
        line = bisect.bisect_right(lines, index)
        return Place(path, line, index - lines[line - 1] + 1)

    return place_at


def _index(mark: Any) -> int:
    return int(mark.index) if mark is not None else 0


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


def _syntax_message(error: yaml.MarkedYAMLError) -> str:
    problem = error.problem or error.context or "it cannot be parsed"
    hint = next((text for start, text in _HINTS.items() if problem.startswith(start)), None)
    context = f" {error.context}" if error.context and error.problem else ""
    return f"not valid YAML: {problem}{context}" + (f"; {hint}" if hint else "")


class _Composer:
    """Builds the data out of parser events, within bounds, and reports what it passes over."""

    def __init__(self, text: str, place_at: Callable[[int], Place], faults: Faults) -> None:
        self.spans: dict[Route, Span] = {}
        self._events: Iterator[Any] = yaml.parse(text, Loader=_Loader)
        self._place_at = place_at
        self._faults = faults
        self._end = 0
        """The end of the last value: a block has the white space behind it to its own end."""

    def compose(self, guide: str) -> Any:
        """Return the data of the one document of the text."""
        next(self._events)  # the stream begins
        event = next(self._events)
        if isinstance(event, yaml.DocumentStartEvent):
            event = next(self._events)
        if isinstance(event, yaml.StreamEndEvent) or _is_empty(event):
            self._refuse(0, f"the file is empty; see {guide} for what it should hold")
        data = self._value(event, ())
        next(self._events)  # the document ends
        if isinstance(event := next(self._events), yaml.DocumentStartEvent):
            message = "a second document; a file holds one: remove the '---'"
            self._refuse(_index(event.start_mark), message)
        return data

    def _value(self, event: Any, route: Route, key: int | None = None) -> Any:
        """Return the value that begins with an event, and record its span."""
        start = _index(event.start_mark)
        self._check_plain(event, start)
        data: Any
        if isinstance(event, yaml.ScalarEvent):
            data, flow, end = event.value, True, event.end_mark
        elif len(route) == MAX_DEPTH:
            self._refuse(start, f"nested more than {MAX_DEPTH} deep; the format needs 5")
        else:
            flow = bool(event.flow_style)
            is_mapping = isinstance(event, yaml.MappingStartEvent)
            data, end = self._mapping(route) if is_mapping else self._list(route)
        if flow:
            self._end = _index(end)
        self.spans[route] = Span(start if key is None else key, start, self._end, flow)
        return data

    def _mapping(self, route: Route) -> tuple[dict[str, Any], Any]:
        """Return a mapping, and the mark at its end."""
        data: dict[str, Any] = {}
        passed_over = (*route, -1)
        while not isinstance(event := next(self._events), yaml.CollectionEndEvent):
            start = _index(event.start_mark)
            key = self._value(event, passed_over)
            value = next(self._events)
            if len(data) == MAX_ITEMS:
                self._refuse(start, f"more than {MAX_ITEMS:,} fields; the format needs 40")
            if not isinstance(key, str):
                problem = "a key must be one word, not a list or a mapping"
            elif key == "<<" and event.implicit[0]:
                problem = "a merge key '<<'; write the fields out (it is not read)"
            elif key in data:
                first = self._place_at(self.spans[*route, key].key).line
                problem = f"'{key}' is given twice, first on line {first}; keep one"
            else:
                data[key] = self._value(value, (*route, key), start)
                if _is_empty(value):
                    message = f"'{key}' has no value; give one, or delete the line"
                    self._report(_index(value.start_mark), message)
                continue
            self._report(start, problem)
            self._value(value, passed_over)
        return data, event.end_mark

    def _list(self, route: Route) -> tuple[list[Any], Any]:
        """Return a list, and the mark at its end."""
        items: list[Any] = []
        while not isinstance(event := next(self._events), yaml.CollectionEndEvent):
            start = _index(event.start_mark)
            items.append(self._value(event, (*route, len(items))))
            if len(items) > MAX_ITEMS and len(route) > 1:
                self._refuse(start, f"more than {MAX_ITEMS:,} items of a list; the format needs 40")
            if _is_empty(event):
                self._report(start, "an empty item of a list; give one, or delete the line")
        return items, event.end_mark

    def _check_plain(self, event: Any, start: int) -> None:
        """Refuse what could share or construct objects."""
        if isinstance(event, yaml.AliasEvent):
            message = f"an alias, *{event.anchor}; a value that begins with * needs quotes"
        elif event.anchor is not None:
            message = f"an anchor, &{event.anchor}; a value that begins with & needs quotes"
        elif event.tag is not None:
            message = f"a tag, {event.tag}; a value that begins with ! needs quotes"
        else:
            return
        self._refuse(start, f"{message} (anchors, aliases and tags are not read)")

    def _report(self, index: int, message: str) -> None:
        self._faults.add(self._place_at(index), message)

    def _refuse(self, index: int, message: str) -> NoReturn:
        """Report what the format does not have; the rest of the file is not read."""
        self._report(index, message)
        raise self._faults.error()


def _is_empty(event: Any) -> bool:
    return isinstance(event, yaml.ScalarEvent) and event.implicit[0] and event.value in _EMPTY
