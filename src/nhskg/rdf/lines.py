"""RDF files read with pyoxigraph, each triple with the line on which it is written.

The parser is fed line by line: a triple that it hands out was completed on the last line that it
was given. A plain string at the end of a line comes out with the token behind it, and a subject
before its first triple; both are looked up in the few lines since the triple before. JSON-LD comes
out when the file ends, so that only its subjects have a line.
"""

from __future__ import annotations

import io
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final, Self

import pyoxigraph as ox

from nhskg.rdf.errors import InputError, Place
from nhskg.rdf.terms import RDF_TYPE, XSD

FORMATS: Final = {
    ".jsonld": ox.RdfFormat.JSON_LD,
    ".n3": ox.RdfFormat.N3,
    ".nq": ox.RdfFormat.N_QUADS,
    ".nt": ox.RdfFormat.N_TRIPLES,
    ".owl": ox.RdfFormat.RDF_XML,
    ".rdf": ox.RdfFormat.RDF_XML,
    ".trig": ox.RdfFormat.TRIG,
    ".ttl": ox.RdfFormat.TURTLE,
    ".xml": ox.RdfFormat.RDF_XML,
}
"""The format of a file by the end of its name."""

FOUND: Final = ("triple", "property", "subject", "object")
"""What a file has of a triple: all, another value of its property, its subject, that as object."""

STDIN: Final = Path("<stdin>")
"""The path that stands for standard input, which is read as TriG (and so as Turtle)."""

_MARK: Final = b"\xef\xbb\xbf"
"""The byte order mark, with which some editors begin a file of UTF-8."""

_POSITION: Final = re.compile(r"^Parser error at line \d+ [^:]*: | \(line \d+\)$")

Term = Any
"""A term of pyoxigraph."""


class _LineFeed(io.BytesIO):
    """A binary file that hands out one line at a time, and counts them."""

    line = 0

    def read(self, _: int | None = -1) -> bytes:
        """Return the next line, whatever size is wanted."""
        line = self.readline()
        self.line += bool(line)
        return line


@dataclass(frozen=True)
class RdfFile:
    """The quads of an RDF file, in order, and the line on which the parser completed each."""

    path: Path
    raw: bytes
    format: ox.RdfFormat
    quads: Sequence[ox.Quad]
    ends: Sequence[int]
    prefixes: dict[str, str]

    @property
    def triples(self) -> list[ox.Triple]:
        """The triples of all graphs of the file."""
        return [each.triple for each in self.quads]

    def place(self, node: Term, predicate: Term = None, value: Term = None) -> Place | None:
        """Return where a triple is written; where there is none, where the node is.

        Args:
            node: the subject; a node that is no subject may be an object.
            predicate: the predicate.
            value: the object; one that the file does not have counts as not given.
        """
        if self.format == ox.RdfFormat.JSON_LD:
            return self._written(node, range(1, len(self._text)))
        match self.found(node, predicate, value):
            case "triple" | "property" as found:
                key = (node, predicate, value) if found == "triple" else (node, predicate)
                return self._at(self._object_line(self._first[key]), predicate)
            case "subject":
                index = self._opening(self._first[(node,)])
                return self._written(node, self._window(index)) or self._at(self.ends[index])
            case "object":
                return self._at(self._object_line(self._first[(None, node)]), node)
        return None

    def found(self, node: Term, predicate: Term = None, value: Term = None) -> str | None:
        """Return how much of a triple the file has: one of :data:`FOUND`, or None."""
        keys = ((node, predicate, value), (node, predicate), (node,), (None, node))
        return next(
            (name for name, key in zip(FOUND, keys, strict=True) if key in self._first), None
        )

    @cached_property
    def _first(self) -> dict[tuple[Term, ...], int]:
        """The first quad of a triple, of a subject and predicate, of a subject, of an object."""
        found: dict[tuple[Term, ...], int] = {}
        for index, (subject, predicate, value, _) in enumerate(self.quads):
            found.setdefault((subject, predicate, value), index)
            found.setdefault((subject, predicate), index)
            found.setdefault((subject,), index)
            found.setdefault((None, value), index)
        return found

    @cached_property
    def _text(self) -> list[str]:
        return ["", *self.raw.decode("utf-8", "replace").split("\n")]

    def _window(self, index: int) -> range:
        """Return the lines in which a quad is written, if the parser looked ahead: last first."""
        end = self.ends[index]
        start = self.ends[index - 1] if index else 1
        return range(end, min(start, end) - 1, -1)

    def _opening(self, index: int) -> int:
        """Return the first quad in the brackets that are the object of a quad, else the quad."""
        inner = index
        while (found := self._first.get((self.quads[inner].object,), index)) < inner:
            if not isinstance(self.quads[inner].object, ox.BlankNode):
                break
            inner = found
        return inner

    def _object_line(self, index: int) -> int:
        """Return the line on which the object of a quad begins."""
        index = self._opening(index)
        end, value = self.ends[index], self.quads[index].object
        if not isinstance(value, ox.Literal):
            return end
        if value.datatype.value == XSD + "string":
            tail = value.value.rpartition("\n")[2]
            quote = re.compile(rf"{re.escape(tail)}\s*(?:[\"']|</)")
            end = next((at for at in self._window(index) if quote.search(self._code(at))), end)
        start = end - value.value.count("\n")
        return start if start >= self._window(index)[-1] else end

    def _written(self, term: Term, lines: Iterable[int]) -> Place | None:
        """Return the place of an IRI on the first of some lines that has it."""
        pattern = self._pattern(term)
        for line in lines if pattern else ():
            if pattern and (found := pattern.search(self._code(line))):
                return Place(self.path, line, found.start() + 1)
        return None

    def _at(self, line: int, term: Term = None) -> Place:
        """Return a line, with the column of an IRI if it has that, else of its first character."""
        start = re.match(r"\s*", self._text[line])
        first = Place(self.path, line, start.end() + 1 if start else 1)
        return self._written(term, [line]) or first

    def _code(self, line: int) -> str:
        text = self._text[line]
        return "" if text.lstrip().startswith("#") else text

    def _pattern(self, term: Term) -> re.Pattern[str] | None:
        """Return what matches an IRI as this file may write it; None for any other term."""
        if not isinstance(term, ox.NamedNode):
            return None
        forms = [f"<{re.escape(term.value)}>", f'"{re.escape(term.value)}"']
        if term.value == RDF_TYPE:
            forms.append(r"(?<!\S)a(?!\S)")
        for prefix, namespace in self.prefixes.items():
            if namespace and term.value.startswith(namespace):
                name = re.escape(f"{prefix}:{term.value[len(namespace) :]}")
                forms.append(rf"(?<![\w:.-]){name}(?![\w:-])")
        return re.compile("|".join(forms))


class RdfParser:
    """The quads of an RDF file, parsed as they are asked for.

    Args:
        path: the file, for messages and for relative IRIs.
        raw: its content.
        form: its format.
        rename: whether blank nodes get labels that no other file has.
    """

    def __init__(self, path: Path, raw: bytes, form: ox.RdfFormat, *, rename: bool = True) -> None:
        self.path: Final = path
        self.raw: Final = raw.removeprefix(_MARK)
        self.format: Final = form
        self._feed = _LineFeed(self.raw)
        base = None if path == STDIN else path.resolve().as_uri()
        self._quads = ox.parse(
            input=self._feed, format=form, base_iri=base, rename_blank_nodes=rename
        )

    @classmethod
    def open(cls, path: Path, *, rename: bool = True) -> Self:
        """Open a file, its format told by the end of its name; ``-`` is standard input, in TriG.

        Raises:
            InputError: the file cannot be read, or its name is not that of an RDF file.
        """
        if str(path) == "-":
            return cls(STDIN, sys.stdin.buffer.read(), ox.RdfFormat.TRIG, rename=rename)
        if path.is_dir():
            raise InputError("is a folder; name the files in it", place=Place(path))
        form = FORMATS.get(path.suffix.lower())
        if form is None:
            known = ", ".join(FORMATS)
            raise InputError(f"unknown file ending; known are {known}", place=Place(path))
        try:
            raw = path.read_bytes()
        except OSError as error:
            reason = error.strerror or str(error)
            raise InputError(f"cannot be read: {reason}", place=Place(path)) from error
        return cls(path, raw, form, rename=rename)

    @property
    def line(self) -> int:
        """The line that was parsed last."""
        return self._feed.line

    @property
    def prefixes(self) -> dict[str, str]:
        """The prefixes declared so far."""
        return dict(self._quads.prefixes)

    def __iter__(self) -> Iterator[ox.Quad]:
        """Yield each quad.

        Raises:
            InputError: the content is not of the format.
        """
        try:
            yield from self._quads
        except SyntaxError as error:
            reason = _POSITION.sub("", str(error.msg))
            place = Place(self.path, error.lineno, error.offset)
            raise InputError(f"not valid {self.format.name}: {reason}", place=place) from error

    def read(self) -> RdfFile:
        """Parse the file whole."""
        quads: list[ox.Quad] = []
        ends: list[int] = []
        for quad in self:
            quads.append(quad)
            ends.append(self.line)
        return RdfFile(self.path, self.raw, self.format, quads, ends, self.prefixes)


def read_rdf(path: Path) -> RdfFile:
    """Read a file of RDF whole; see :meth:`RdfParser.open`."""
    return RdfParser.open(path).read()


def find_places(
    files: Sequence[RdfFile], node: Term, predicate: Term = None, value: Term = None
) -> tuple[Place, ...]:
    """Return where a triple is written, or its node; the files that have most of it first."""
    order = (*FOUND, None)
    files = sorted(files, key=lambda file: order.index(file.found(node, predicate, value)))
    found = (file.place(node, predicate, value) for file in files)
    return tuple(place for place in found if place is not None)
