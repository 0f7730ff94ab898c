"""YAML as plain data in which every value knows where it stands.

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
from collections.abc import Callable, Iterator, Mapping
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

    items: tuple[Node, ...]
    start: int
    end: int
    flow: bool


@dataclass(frozen=True, slots=True)
class MappingNode:
    """A mapping, in the order written; ``flow`` if it is written in braces."""

    fields: Mapping[str, tuple[ScalarNode, Node]]
    """Key and value as they stand in the file, by the key."""
    start: int
    end: int
    flow: bool

    @property
    def entries(self) -> Iterator[tuple[ScalarNode, Node]]:
        """The keys and their values."""
        return iter(self.fields.values())

    def get(self, key: str) -> Node | None:
        """Return the value of a key, or None."""
        found = self.fields.get(key)
        return None if found is None else found[1]

    def key(self, key: str) -> ScalarNode | None:
        """Return the key as it stands in the file, or None."""
        found = self.fields.get(key)
        return None if found is None else found[0]


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
    def _lines(self) -> list[int]:
        return _line_starts(self.text)

    def place_at(self, index: int) -> Place:
        """Return the place of a code point of the file."""
        return _place(self.path, self._lines, index)

    def node(self, route: Route) -> Node | None:
        """Return the node at the end of a route, or None."""
        node: Node | None = self.root
        for step in route:
            if isinstance(node, MappingNode) and isinstance(step, str):
                node = node.get(step)
            elif isinstance(node, SequenceNode) and isinstance(step, int):
                node = node.items[step] if 0 <= step < len(node.items) else None
            else:
                return None
        return node

    def place(self, *route: str | int) -> Place:
        """Return the place of the value at a route, or of the nearest thing around it."""
        for length in range(len(route), -1, -1):
            node = self.node(route[:length])
            if node is not None:
                return self.place_at(node.start)
        return Place(self.path)

    def key_place(self, *route: str | int) -> Place:
        """Return the place of the key (not the value) at the end of a route."""
        around = self.node(route[:-1])
        key = around.key(str(route[-1])) if isinstance(around, MappingNode) else None
        return self.place(*route) if key is None else self.place_at(key.start)


def read_source(path: Path, *, guide: str = _GUIDE) -> Source:
    """Read an annotation file; ``guide`` is the page that says what such a file holds.

    Raises AnnotationError with every fault of syntax that can be told.
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
    """Parse the bytes of an annotation file; ``path`` is where faults are told to stand.

    Raises AnnotationError with every fault of syntax that can be told.
    """
    text = _decode(raw, path)
    lines = _line_starts(text)
    faults = Faults()
    for found in _REFUSED.finditer(text):
        faults.add(_place(path, lines, found.start()), _refusal(found.group()))
        if faults.full(path):
            break
    if faults:
        raise faults.error()
    composer = _Composer(lambda index: _place(path, lines, index), guide)
    try:
        root = composer.compose(text)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        composer.fault(_index(mark), _syntax_message(error))
        root = None
    except yaml.YAMLError as error:
        composer.fault(0, f"not valid YAML: {error}")
        root = None
    if root is None or composer.faults:
        raise composer.faults.error()
    return Source(path, text, root)


def _decode(raw: bytes, path: Path) -> str:
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        before = raw[: error.start].decode("utf-8")
        place = _place(path, _line_starts(before), len(before))
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


def _line_starts(text: str) -> list[int]:
    return [0, *(found.end() for found in re.finditer("\n", text))]


def _place(path: Path, lines: list[int], index: int) -> Place:
    line = bisect.bisect_right(lines, index)
    return Place(path, line, index - lines[line - 1] + 1)


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
            return {key.value: plain(value) for key, value in node.entries}


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


@dataclass
class _Open:
    """A list or mapping that is being read."""

    start: int
    flow: bool
    mapping: bool
    children: list[Node] = field(default_factory=list)


class _Composer:
    """Builds the tree out of parser events, without recursion and within bounds."""

    def __init__(self, place: Callable[[int], Place], guide: str) -> None:
        self._place = place
        self._guide = guide
        self.faults = Faults()

    def fault(self, index: int, message: str) -> None:
        self.faults.add(self._place(index), message)

    def compose(self, text: str) -> Node | None:
        """Return the root of the one document of the text, or None after a fault."""
        stack: list[_Open] = []
        root: Node | None = None
        for event in _events(text):
            start = _index(event.start_mark)
            if isinstance(event, yaml.DocumentStartEvent) and root is not None:
                self.fault(start, "a second document; a file holds one: remove the '---'")
                return None
            if isinstance(event, yaml.NodeEvent) and not self._accepts(event, start):
                return None
            if isinstance(event, yaml.CollectionStartEvent):
                if len(stack) == MAX_DEPTH:
                    self.fault(start, f"nested more than {MAX_DEPTH} deep; the format needs 5")
                    return None
                mapping = isinstance(event, yaml.MappingStartEvent)
                stack.append(_Open(start, bool(event.flow_style), mapping))
                continue
            node = self._finished(event, stack)
            if node is not None and stack:
                stack[-1].children.append(node)
                if self._has_too_many(stack):
                    what = "fields" if stack[-1].mapping else "items of a list"
                    self.fault(start, f"more than {MAX_ITEMS:,} {what}; the format needs 40")
                    return None
            elif node is not None:
                root = node
        if root is None or (isinstance(root, ScalarNode) and root.plain and root.value in _EMPTY):
            self.fault(0, f"the file is empty; see {self._guide} for what it should hold")
            return None
        self._check_values(root)
        return root

    def _has_too_many(self, stack: list[_Open]) -> bool:
        """Return whether a mapping, or a list inside an entry, has more than any may have."""
        most = 2 * MAX_ITEMS if stack[-1].mapping else MAX_ITEMS
        return len(stack[-1].children) > most and (stack[-1].mapping or len(stack) > 2)

    def _accepts(self, event: yaml.NodeEvent, start: int) -> bool:
        """Record a fault, and return False, on what could share or construct objects."""
        if isinstance(event, yaml.AliasEvent):
            message = f"an alias, *{event.anchor}; a value that begins with * needs quotes"
        elif event.anchor is not None:
            message = f"an anchor, &{event.anchor}; a value that begins with & needs quotes"
        elif (tag := getattr(event, "tag", None)) is not None:
            message = f"a tag, {tag}; a value that begins with ! needs quotes"
        else:
            return True
        self.fault(start, f"{message} (anchors, aliases and tags are not read)")
        return False

    def _finished(self, event: yaml.Event, stack: list[_Open]) -> Node | None:
        start, end = _index(event.start_mark), _index(event.end_mark)
        if isinstance(event, yaml.ScalarEvent):
            return ScalarNode(event.value, start, end, plain=bool(event.implicit[0]))
        if not isinstance(event, yaml.CollectionEndEvent):
            return None
        done = stack.pop()
        if not done.flow:
            end = done.children[-1].end if done.children else start
        if not done.mapping:
            return SequenceNode(tuple(done.children), done.start, end, done.flow)
        return MappingNode(self._fields(done.children), done.start, end, done.flow)

    def _fields(self, children: list[Node]) -> dict[str, tuple[ScalarNode, Node]]:
        entries: dict[str, tuple[ScalarNode, Node]] = {}
        for key, value in zip(children[::2], children[1::2], strict=True):
            if not isinstance(key, ScalarNode):
                self.fault(key.start, "a key must be one word, not a list or a mapping")
            elif key.value == "<<" and key.plain:
                self.fault(key.start, "a merge key '<<'; write the fields out (it is not read)")
            elif key.value in entries:
                first = self._place(entries[key.value][0].start)
                self.fault(
                    key.start, f"'{key.value}' is given twice, first on line {first.line}; keep one"
                )
            else:
                entries[key.value] = (key, value)
        return entries

    def _check_values(self, root: Node) -> None:
        """Record a fault for each value left empty."""
        for name, node in _walk(root):
            if isinstance(node, ScalarNode) and node.plain and node.value in _EMPTY:
                what = f"'{name}' has no value" if name else "an empty item of a list"
                self.fault(node.start, f"{what}; give one, or delete the line")


def _walk(root: Node) -> Iterator[tuple[str, Node]]:
    queue: list[tuple[str, Node]] = [("", root)]
    while queue:
        name, node = queue.pop()
        yield name, node
        if isinstance(node, SequenceNode):
            queue.extend(("", item) for item in reversed(node.items))
        elif isinstance(node, MappingNode):
            queue.extend((key.value, value) for key, value in reversed([*node.entries]))


def _events(text: str) -> Iterator[Any]:
    """Yield the parser events of a text, lazily, so that a bound stops the parser too."""
    yield from yaml.parse(text, Loader=_Loader)
