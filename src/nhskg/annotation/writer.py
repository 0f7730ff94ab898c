"""Anchors annotations: writes positions and digests of their texts into the YAML, or verifies them.

The file is edited where it stands, not written anew: comments, order, quoting,
indentation and line ends stay as they are, byte for byte, except for the values
of ``at``, ``sha256`` and ``length``. A second run changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from nhskg.annotation.anchors import AnchorError, SourceText, locate_passage, read_text
from nhskg.annotation.fields import MAX_QUOTE_WORDS, count_words
from nhskg.annotation.register import SECTIONS
from nhskg.rdf.errors import AnnotationError, Fault, InputError, Place
from nhskg.rdf.files import write_atomically
from nhskg.rdf.yaml_source import (
    MappingNode,
    Node,
    Route,
    ScalarNode,
    SequenceNode,
    Source,
    parse_source,
    plain,
    read_source,
)

__all__ = ["AnchorReport", "anchor_file", "verify_texts"]

_ANCHORS: Final = ("quote", "prefix", "suffix", "through")


@dataclass(frozen=True)
class AnchorReport:
    """What anchoring a file found, or did."""

    path: Path
    passages: int
    """How many passages the file has."""
    findings: tuple[Fault, ...]
    """What is missing or out of date (and, unless only checked, was put right)."""
    written: bool
    """Whether the file was changed."""


def anchor_file(
    path: Path, texts: Path, *, check: bool = False, update_digest: bool = False
) -> AnchorReport:
    """Write the position of every passage, and the digest of the text, into a file.

    Args:
        path: a file of ``seeds/documents``.
        texts: the folder that holds the text which the file names.
        check: only report what is missing or out of date; write nothing.
        update_digest: accept a text that differs from the one recorded.

    Raises:
        AnnotationError: the file or the text cannot be read; the text is not the
            one recorded; or a quote does not match exactly once. All faults of the
            file together (with ``check``, what is missing or out of date, too), and
            nothing is written.
    """
    source = read_source(path)
    root = source.root
    if not isinstance(root, MappingNode):
        raise AnnotationError([Fault(source.place("document"), "missing field 'document'")])
    header = root.get("document")
    if header is None and not SECTIONS.keys().isdisjoint(root.fields):
        message = "a register has no passages to anchor; name a file of seeds/documents"
        raise AnnotationError([Fault(Place(path, 1, 1), message)])
    if not isinstance(header, MappingNode):
        raise AnnotationError([Fault(source.place("document"), "missing field 'document'")])
    name = header.get("source")
    if not isinstance(name, ScalarNode) or Path(name.value).name != name.value:
        message = "'document' needs a 'source': the file name of the text, without a folder"
        raise AnnotationError([Fault(source.place("document", "source"), message)])
    text = _read_text(source, texts, name.value)
    editing = _Editing(source, text)
    editing.anchor_header(header, update_digest=update_digest)
    passages = list(_passages(root))
    for route, node in passages:
        editing.anchor_passage(route, node)
    if editing.faults:
        raise AnnotationError([*editing.faults, *(editing.findings if check else ())])
    findings = tuple(sorted(editing.findings))
    written = bool(editing.edits) and not check
    if written:
        write_atomically(path, editing.result())
    return AnchorReport(path, len(passages), findings, written)


def _read_text(source: Source, texts: Path, name: str) -> SourceText:
    path = texts / name
    try:
        found = path.is_file()
    except OSError:  # a name too long, a folder that may not be searched
        found = False
    if not found:
        message = f"the text '{name}' is not in {texts}; pass the folder that holds it"
        raise AnnotationError([Fault(source.place("document", "source"), message)])
    try:
        return read_text(path)
    except InputError as error:
        place = error.place or Place(path)
        raise AnnotationError([Fault(place, error.message)]) from error


def _passages(root: MappingNode) -> Iterator[tuple[Route, MappingNode]]:
    """Yield every mapping that holds a quote: claims, further passages, no-claim entries."""
    for name in ("claims", "no_claim"):
        for route, node in _items(root.get(name), (name,)):
            yield route, node
            yield from _items(node.get("also"), (*route, "also"))


def _items(node: Node | None, route: Route) -> Iterator[tuple[Route, MappingNode]]:
    if isinstance(node, SequenceNode):
        for index, item in enumerate(node.items):
            if isinstance(item, MappingNode):
                yield (*route, index), item


@dataclass
class _Editing:
    """The edits to one file, gathered before any is made."""

    source: Source
    text: SourceText
    edits: list[tuple[int, int, str]] = field(default_factory=list)
    """``[start, end)`` in the file, in code points, and what is to stand there."""
    findings: list[Fault] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    _wanted: list[tuple[Route, Any]] = field(default_factory=list)

    def anchor_header(self, header: MappingNode, *, update_digest: bool) -> None:
        """Set digest and length; a digest that differs is a fault unless accepted."""
        recorded = header.get("sha256")
        digest = self.text.sha256
        if isinstance(recorded, ScalarNode) and recorded.value != digest and not update_digest:
            message = (
                f"{self.text.path} is not the text that was annotated: its SHA-256 begins "
                f"{digest[:12]}, the one recorded {recorded.value[:12]}; "
                "find the text that was, or accept this one with --update-digest"
            )
            self.faults.append(Fault(self.source.place("document", "sha256"), message))
            return
        self._set(header, ("document",), "sha256", digest, ("source",))
        length = str(self.text.length)
        self._set(header, ("document",), "length", length, ("source", "sha256"))

    def anchor_passage(self, route: Route, node: MappingNode) -> None:
        """Set the position of one passage."""
        given: dict[str, str] = {}
        for name in _ANCHORS:
            value = node.get(name)
            if isinstance(value, ScalarNode):
                given[name] = value.value
                self._check_words(name, value)
            elif value is not None:
                message = f"'{name}' takes one value"
                self.faults.append(Fault(self.source.place(*route, name), message))
                return
        if "quote" not in given:
            self.faults.append(Fault(self.source.place(*route), "missing field 'quote'"))
            return
        try:
            start, end = locate_passage(
                self.text,
                given["quote"],
                prefix=given.get("prefix"),
                suffix=given.get("suffix"),
                through=given.get("through"),
            )
        except AnchorError as problem:
            self.faults.append(Fault(self.source.place(*route, problem.part), problem.message))
            return
        self._set(node, route, "at", [str(start), str(end)], _ANCHORS)

    def _check_words(self, name: str, value: ScalarNode) -> None:
        found = count_words(value.value)
        if found > MAX_QUOTE_WORDS:
            message = f"'{name}': {found} words; at most 12 words of a text may be quoted"
            self.faults.append(Fault(self.source.place_at(value.start), message))

    def _set(
        self,
        node: MappingNode,
        route: Route,
        name: str,
        value: str | list[str],
        after: tuple[str, ...],
    ) -> None:
        """Record the edit that gives a field its value, unless it has it."""
        shown = f"[{', '.join(value)}]" if isinstance(value, list) else value
        self._wanted.append(((*route, name), value))
        present = node.get(name)
        if present is None:
            place = self.source.place(*route)
            self.findings.append(Fault(place, f"'{name}' is missing; it is {shown}"))
            self.edits.append(self._insertion(node, name, shown, after))
        elif plain(present) != value:
            place = self.source.place(*route, name)
            was = _shown(present)
            self.findings.append(Fault(place, f"'{name}' is {was}, and should be {shown}"))
            self.edits.append((present.start, self._end_of(present), shown))

    def _insertion(
        self, node: MappingNode, name: str, shown: str, after: tuple[str, ...]
    ) -> tuple[int, int, str]:
        key, last = [entry for other, entry in node.fields.items() if other in after][-1]
        end = self._end_of(last)
        if node.flow:
            return end, end, f", {name}: {shown}"
        text = self.source.text
        column = key.start - (text.rfind("\n", 0, key.start) + 1)
        line_end = text.find("\n", end)
        line = f"{' ' * column}{name}: {shown}"
        if line_end < 0:
            return len(text), len(text), f"{self._newline}{line}"
        return line_end + 1, line_end + 1, f"{line}{self._newline}"

    @cached_property
    def _newline(self) -> str:
        return "\r\n" if "\r\n" in self.source.text else "\n"

    def _end_of(self, node: Node) -> int:
        """Return where a value ends, without the white space that belongs to a block."""
        return node.start + len(self.source.text[node.start : node.end].rstrip())

    def result(self) -> str:
        """Return the edited file, having checked that it says what it should."""
        pieces, position = [], 0
        for start, end, new in sorted(self.edits, key=lambda edit: edit[0]):
            pieces += [self.source.text[position:start], new]
            position = end
        text = "".join([*pieces, self.source.text[position:]])
        edited = parse_source(text.encode("utf-8"), self.source.path)
        expected = self.source.data
        for route, value in self._wanted:
            _put(expected, route, value)
        if edited.data != expected:
            message = "cannot be edited in place; write 'at' by hand where it is missing"
            raise InputError(message, place=Place(self.source.path))
        return text


def verify_texts(documents: Iterable[Path], texts: Path) -> list[Fault]:
    """Return what anchoring would refuse or change in each document; nothing is written.

    That is a text which is missing or not the one recorded, a quote found nowhere or more than
    once, a position that is not the quote's. A fault in one document hides none in another.

    Args:
        documents: files of ``seeds/documents``.
        texts: the folder of their texts.
    """
    faults: list[Fault] = []
    for path in documents:
        try:
            faults += anchor_file(path, texts, check=True).findings
        except AnnotationError as error:
            faults += error.faults
    return faults


def _shown(node: Node) -> str:
    value = plain(node)
    return f"[{', '.join(map(str, value))}]" if isinstance(value, list) else str(value)


def _put(data: Any, route: Route, value: Any) -> None:
    for step in route[:-1]:
        data = data[step]
    data[route[-1]] = value
