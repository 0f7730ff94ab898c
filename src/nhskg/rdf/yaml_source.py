"""Reads YAML as plain data with the line and column of every key and value.

A small, safe part of `YAML 1.1 <https://yaml.org/spec/1.1/>`_: mappings with
plain keys, sequences, scalars. Every scalar is kept as the text that was
written: ``2013-06`` is not a date and ``on`` not a boolean. Anchors, aliases,
tags, merge keys and further documents are refused, so that a file cannot
explode or run code; size and nesting are bounded (see ``bounds``). Every fault names line and
column, both from 1 and counted in code points.
"""

from __future__ import annotations

import bisect
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import yaml

from nhskg.rdf.bounds import MAX_BYTES, MAX_DEPTH, MAX_ITEMS, Faults
from nhskg.rdf.errors import AnnotationError, Fault, Place, is_utf8

__all__ = [
    "MappingNode",
    "Node",
    "Route",
    "ScalarNode",
    "SequenceNode",
    "Source",
    "parse_source",
    "plain",
    "read_source",
]

Route = tuple[str | int, ...]
"""The way to a value: keys and list positions (from 0), as ``("claims", 3, "power")``."""

_Loader: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

_REFUSED: Final = re.compile(
    "\t+|[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]|\r(?!\n)"
)
"""Control characters, tabs, and line ends that editors and YAML count differently."""

_GUIDE: Final = "docs/annotating.md"
_EMPTY: Final = frozenset({"", "~", "null", "Null", "NULL"})


@dataclass(frozen=True, slots=True)
class ScalarNode:
    """A text, as written, at ``[start, end)`` of the file in code points."""

    value: str
    start: int
    end: int
    plain: bool


@dataclass(frozen=True, slots=True)
class SequenceNode:
    """A list; ``flow`` if it is written in brackets."""

    items: Sequence[Node]
    start: int
    end: int
    flow: bool


@dataclass(frozen=True, slots=True)
class MappingNode:
    """A mapping, in the order written; ``flow`` if it is written in braces."""

    fields: Mapping[str, tuple[ScalarNode, Node]]
    """Key and value as written in the file, by the key."""
    start: int
    end: int
    flow: bool

    def get(self, key: str) -> Node | None:
        """Return the value of a key, or None."""
        return self.fields[key][1] if key in self.fields else None


Node = ScalarNode | SequenceNode | MappingNode


@dataclass(frozen=True)
class Source:
    """A file that was read: its text, its tree, and the place of everything in it."""

    path: Path
    text: str = field(repr=False)
    root: Node = field(repr=False)

    @cached_property
    def data(self) -> Any:
        """The file as plain data: dict, list and str only."""
        return plain(self.root)

    @cached_property
    def place_at(self) -> Callable[[int], Place]:
        """Finds the place of a code point of the file."""
        return _placer(self.path, self.text)

    def node(self, route: Route) -> Node | None:
        """Return the node at the end of a route, or None."""
        node: Node | None = self.root
        for step in route:
            if isinstance(node, MappingNode) and isinstance(step, str):
                node = node.get(step)
            elif isinstance(node, SequenceNode) and isinstance(step, int):
                node = node.items[step] if step < len(node.items) else None
            else:
                return None
        return node

    def place(self, *route: str | int) -> Place:
        """Return the place of the value at a route, or of the nearest thing around it."""
        while (node := self.node(route)) is None:
            route = route[:-1]
        return self.place_at(node.start)

    def key_place(self, *route: str | int) -> Place:
        """Return the place of the key (not the value) at the end of a route."""
        around = self.node(route[:-1])
        if isinstance(around, MappingNode) and route[-1] in around.fields:
            return self.place_at(around.fields[str(route[-1])][0].start)
        return self.place(*route)


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
    try:
        root = _Composer(text, place_at, faults).compose(guide)
    except _RefusedError as error:
        faults.add(place_at(error.index), str(error))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        faults.add(place_at(_index(mark)), _syntax_message(error))
    except yaml.YAMLError as error:
        faults.add(place_at(0), f"not valid YAML: {error}")
    if faults:
        raise faults.error()
    return Source(path, text, root)


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


def plain(node: Node) -> Any:
    """Return a node as plain data: dict, list and str only."""
    match node:
        case ScalarNode():
            return node.value
        case SequenceNode():
            return [plain(item) for item in node.items]
        case MappingNode():
            return {key: plain(value) for key, (_, value) in node.fields.items()}


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


class _RefusedError(Exception):
    """What the format does not have, at a code point of the file; the rest is not read."""

    def __init__(self, index: int, message: str) -> None:
        super().__init__(message)
        self.index = index


class _Composer:
    """Builds the tree out of parser events, within bounds, and reports what it passes over."""

    def __init__(self, text: str, place_at: Callable[[int], Place], faults: Faults) -> None:
        self._events: Iterator[Any] = yaml.parse(text, Loader=_Loader)
        self._place_at = place_at
        self._faults = faults

    def compose(self, guide: str) -> Node:
        """Return the root of the one document of the text."""
        next(self._events)  # the stream begins
        root: Node | None = None
        if isinstance(next(self._events), yaml.DocumentStartEvent):
            root = self._node(next(self._events), 0)
            next(self._events)  # the document ends
            if isinstance(event := next(self._events), yaml.DocumentStartEvent):
                message = "a second document; a file holds one: remove the '---'"
                raise _RefusedError(_index(event.start_mark), message)
        if root is None or _is_empty(root):
            raise _RefusedError(0, f"the file is empty; see {guide} for what it should hold")
        return root

    def _node(self, event: Any, depth: int) -> Node:
        start, end = _index(event.start_mark), _index(event.end_mark)
        self._check_plain(event, start)
        if isinstance(event, yaml.ScalarEvent):
            return ScalarNode(event.value, start, end, plain=event.implicit[0])
        if depth == MAX_DEPTH:
            raise _RefusedError(start, f"nested more than {MAX_DEPTH} deep; the format needs 5")
        flow, children = bool(event.flow_style), []
        is_mapping = isinstance(event, yaml.MappingStartEvent)
        most = 2 * MAX_ITEMS if is_mapping else MAX_ITEMS if depth > 1 else MAX_BYTES
        while not isinstance(event := next(self._events), yaml.CollectionEndEvent):
            children.append(self._node(event, depth + 1))
            if len(children) > most:
                what = "fields" if is_mapping else "items of a list"
                message = f"more than {MAX_ITEMS:,} {what}; the format needs 40"
                raise _RefusedError(children[-1].start, message)
        end = _index(event.end_mark) if flow else children[-1].end if children else start
        if is_mapping:
            return MappingNode(self._fields(children), start, end, flow)
        for item in filter(_is_empty, children):
            self._report(item.start, "an empty item of a list; give one, or delete the line")
        return SequenceNode(children, start, end, flow)

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
        raise _RefusedError(start, f"{message} (anchors, aliases and tags are not read)")

    def _report(self, index: int, message: str) -> None:
        self._faults.add(self._place_at(index), message)

    def _fields(self, children: list[Node]) -> dict[str, tuple[ScalarNode, Node]]:
        fields: dict[str, tuple[ScalarNode, Node]] = {}
        for key, value in zip(children[::2], children[1::2], strict=True):
            if not isinstance(key, ScalarNode):
                self._report(key.start, "a key must be one word, not a list or a mapping")
            elif key.value == "<<" and key.plain:
                message = "a merge key '<<'; write the fields out (it is not read)"
                self._report(key.start, message)
            elif key.value in fields:
                first = self._place_at(fields[key.value][0].start).line
                message = f"'{key.value}' is given twice, first on line {first}; keep one"
                self._report(key.start, message)
            else:
                fields[key.value] = (key, value)
                if _is_empty(value):
                    message = f"'{key.value}' has no value; give one, or delete the line"
                    self._report(value.start, message)
        return fields


def _is_empty(node: Node) -> bool:
    return isinstance(node, ScalarNode) and node.plain and node.value in _EMPTY
