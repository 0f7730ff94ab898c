"""Anchors annotations: writes positions and digests of their texts into the YAML, or verifies them.

The file is edited in place: comments, order, quoting, indentation and line ends stay as they are,
byte for byte, except for the values of ``at``, ``sha256``, ``length`` and ``sentences``. A second
run changes nothing.
"""

from __future__ import annotations

import os
import textwrap
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, Final, NamedTuple

from nhskg.annotation.anchors import AnchorError, locate_passage, propose
from nhskg.annotation.fields import quote_fault
from nhskg.annotation.register import REGISTER_FILE
from nhskg.annotation.texts import SourceText, read_text
from nhskg.rdf.errors import AnnotationError, Fault, InputError, Place
from nhskg.rdf.files import write_atomically
from nhskg.rdf.yaml_source import Route, Source, Span, parse_source, read_source

_ANCHORS: Final = ("quote", "prefix", "suffix", "through")


class AnchorReport(NamedTuple):
    """What anchoring a file found: the number of its passages, and whether it was changed."""

    path: Path
    passages: int
    findings: tuple[Fault, ...]
    """What is missing or out of date (and, unless only checked, was put right)."""
    written: bool
    note: str = ""
    """What may be wrong with how the text is read."""


def anchor_file(
    path: Path, texts: Path, *, check: bool = False, update_digest: bool = False
) -> AnchorReport:
    """Write the position of every passage, and the digest of the text, into a document's file.

    With ``check`` what is missing or out of date is only reported; with ``update_digest`` a text
    that differs from the one recorded is accepted. ``texts`` is the folder that holds the text.

    Raises AnnotationError with all faults of the file, and writes nothing, where file or text
    cannot be read, the text is not the one recorded, or a quote does not match exactly once; and
    InputError where the file cannot be edited in place, or cannot be written.
    """
    source = read_source(path)
    name = _source_name(source, texts)
    try:
        text = read_text(texts / name, source.data["document"].get("paragraphs"))
    except InputError as error:
        raise AnnotationError([Fault(error.place or Place(path), error.message)]) from error
    editing = _Editing(source, text)
    editing.anchor_header(update_digest=update_digest)
    passages = list(_passages(source.data))
    for route, raw in passages:
        editing.anchor_passage(route, raw)
    if editing.faults:
        raise AnnotationError([*editing.faults, *(editing.findings if check else ())])
    written = bool(editing.edits) and not check
    if written:
        write_atomically(path, editing.result())
    findings = tuple(sorted(editing.findings))
    return AnchorReport(path, len(passages), findings, written, text.cut_off())


def verify_texts(documents: Iterable[Path], texts: Path) -> list[Fault]:
    """Return what anchoring would refuse or change in each document; nothing is written."""
    faults: list[Fault] = []
    for path in documents:
        try:
            faults += anchor_file(path, texts, check=True).findings
        except AnnotationError as error:
            faults += error.faults
    return faults


def _source_name(source: Source, texts: Path) -> str:
    """Return the file name of the text that a document names, which must be there."""
    data = source.data if isinstance(source.data, dict) else {}
    header = data.get("document")
    name = header.get("source") if isinstance(header, dict) else None
    route: Route = ("document", "source")
    if header is None and not REGISTER_FILE.keys().isdisjoint(data):
        route = ()
        message = "a register has no passages to anchor; name a file of seeds/documents"
    elif not isinstance(header, dict):
        message = "missing field 'document'"
    elif not isinstance(name, str) or Path(name).name != name:
        message = "'document' needs a 'source': the file name of the text, without a folder"
    elif not os.path.isfile(texts / name):  # noqa: PTH113  # is_file() of a name too long raises
        message = f"the text '{name}' is not in {texts}; pass the folder that holds it"
    else:
        return name
    raise AnnotationError([Fault(source.place(*route), message)])


def _passages(data: Any) -> Iterator[tuple[Route, dict[str, Any]]]:
    """Yield every mapping that holds a quote: claims, further passages, no-claim entries."""
    for name in ("claims", "no_claim"):
        for route, raw in _items(data, (name,)):
            yield route, raw
            yield from _items(raw, (*route, "also"))


def _items(holder: dict[str, Any], route: Route) -> Iterator[tuple[Route, dict[str, Any]]]:
    """Yield the mappings in the list at the end of a route, with the route to each."""
    value = holder.get(str(route[-1]))
    for index, item in enumerate(value if isinstance(value, list) else ()):
        if isinstance(item, dict):
            yield (*route, index), item


class _Editing:
    """The edits that anchor a file, gathered before any is made; its data are changed at once."""

    def __init__(self, source: Source, text: SourceText) -> None:
        self.source = source
        self.text = text
        self.edits: list[tuple[int, int, str]] = []
        """``[start, end)`` in the file, in code points, and what is to be put there."""
        self.findings: list[Fault] = []
        self.faults: list[Fault] = []

    def anchor_header(self, *, update_digest: bool) -> None:
        header: dict[str, Any] = self.source.data["document"]
        recorded, digest = header.get("sha256"), self.text.sha256
        if isinstance(recorded, str) and recorded != digest and not update_digest:
            message = (
                f"{self.text.path} is not the text that was annotated: its SHA-256 begins "
                f"{digest[:12]}, the one recorded {recorded[:12]}; "
                "find the text that was, or accept this one with --update-digest"
            )
            self._fault(("document", "sha256"), message)
            return
        self._set(header, ("document", "sha256"), digest, ("source",))
        length = str(len(self.text.text))
        self._set(header, ("document", "length"), length, ("source", "sha256"))
        if isinstance(title := header.get("title"), str) and title not in self.text.text:
            self._fault(
                ("document", "title"), f"the title is not in the text{propose(self.text, title)}"
            )
        after = ("source", "sha256", "length", "paragraphs")
        if self.text.is_wrapped:
            self._set(header, ("document", "paragraphs"), "blank-lines", after[:3])
        if starts := self.text.sentence_starts:
            self._set(header, ("document", "sentences"), starts, after)

    def anchor_passage(self, route: Route, raw: dict[str, Any]) -> None:
        given = {name: raw[name] for name in _ANCHORS if name in raw}
        for name, value in given.items():
            if not isinstance(value, str):
                self._fault((*route, name), f"'{name}' takes one value")
                return
            if fault := quote_fault(value):
                self._fault((*route, name), f"'{name}': {fault}")
        if "quote" not in given:
            self._fault(route, "missing field 'quote'")
            return
        try:
            span = locate_passage(self.text, **given)
        except AnchorError as problem:
            self._fault((*route, problem.part), problem.message)
        else:
            self._set(raw, (*route, "at"), list(map(str, span)), _ANCHORS)

    def result(self) -> str:
        """Return the edited file, having checked that it says what it should."""
        pieces, position = [], 0
        for start, end, new in sorted(self.edits, key=lambda edit: edit[0]):
            pieces += [self.source.text[position:start], new]
            position = end
        text = "".join([*pieces, self.source.text[position:]])
        with suppress(AnnotationError):
            if parse_source(text.encode("utf-8"), self.source.path).data == self.source.data:
                return text
        message = "cannot be edited in place; write by hand what nhskg would write"
        raise InputError(message, place=Place(self.source.path))

    def _fault(self, route: Route, message: str) -> None:
        self.faults.append(Fault(self.source.place(*route), message))

    def _set(
        self, raw: dict[str, Any], route: Route, value: str | list[str], after: tuple[str, ...]
    ) -> None:
        """Record the edit that gives a field its value; a new one comes behind some others."""
        name, shown = str(route[-1]), _shown(value)
        if raw.get(name) == value:
            return
        if name == "sentences":
            shown = textwrap.fill(shown, 90)
            message = f"'{name}' is {'out of date' if name in raw else 'missing'}"
        elif name in raw:
            message = f"'{name}' is {_shown(raw[name])}, and should be {shown}"
        else:
            message = f"'{name}' is missing; it is {shown}"
        if name in raw:
            span = self.source.spans[route]
            self.edits.append((span.start, self._end_of(span), self._indented(shown, span)))
        else:
            self._insert(route[:-1], f"{name}: {shown}", after)
        raw[name] = value
        self.findings.append(Fault(self.source.place(*route), message))

    def _insert(self, way: Route, line: str, after: tuple[str, ...]) -> None:
        """Put a field into the mapping at the end of a way, behind the last of some others."""
        spans, text = self.source.spans, self.source.text
        last = max(spans[*way, each] for each in after if (*way, each) in spans)
        end = self._end_of(last)
        line = self._indented(line, last)
        if spans[way].flow:
            self.edits.append((end, end, f", {line}"))
            return
        line = " " * self._column_of(last) + line
        newline = self._newline
        line_end = text.find("\n", end) + 1
        whole = f"{line}{newline}" if line_end else f"{newline}{line}"
        self.edits.append((line_end or len(text), line_end or len(text), whole))

    @property
    def _newline(self) -> str:
        return "\r\n" if "\r\n" in self.source.text else "\n"

    def _column_of(self, span: Span) -> int:
        """Return the column of a key, from 0."""
        return span.key - self.source.text.rfind("\n", 0, span.key) - 1

    def _indented(self, shown: str, beside: Span) -> str:
        """Return a value of several lines as it stands in a mapping, beside one of its fields."""
        return shown.replace("\n", f"{self._newline}{' ' * (self._column_of(beside) + 2)}")

    def _end_of(self, span: Span) -> int:
        """Return where a value ends, without the white space that belongs to a block."""
        return span.start + len(self.source.text[span.start : span.end].rstrip())


def _shown(value: Any) -> str:
    return f"[{', '.join(map(str, value))}]" if isinstance(value, list) else str(value)
