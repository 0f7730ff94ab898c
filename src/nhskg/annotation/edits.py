"""Edits to one annotation file in place: all else stays as it is, byte for byte."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field

from nhskg.rdf.errors import AnnotationError, InputError, Place
from nhskg.rdf.yaml_source import Route, Source, Span, parse_source


@dataclass
class Edits:
    """The edits to one file, gathered before any is made; who edits changes its data at once."""

    source: Source
    edits: list[tuple[int, int, str]] = field(default_factory=list)
    """``[start, end)`` in the file, in code points, and what is to be put there."""

    def replace(self, route: Route, shown: str, *, key: bool = False) -> None:
        """Put something in the place of a value, or of a value and its key."""
        span = self.source.spans[route]
        shown = self._indented(shown, span)
        self.edits.append((span.key if key else span.start, self._end_of(span), shown))

    def insert(self, way: Route, line: str, after: tuple[str, ...]) -> None:
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

    def delete(self, route: Route) -> None:
        """Take a field out, with its line or its comma."""
        span, text = self.source.spans[route], self.source.text
        start, end = span.key, self._end_of(span)
        if not self.source.spans[route[:-1]].flow:
            start, end = text.rfind("\n", 0, start) + 1, text.find("\n", end) + 1 or len(text)
        elif (before := text[:start].rstrip()).endswith(","):
            start = len(before) - 1
        else:
            end += len(text[end:]) - len(text[end:].lstrip(", \n"))
        self.edits.append((start, end, ""))

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
