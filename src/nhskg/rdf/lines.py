"""RDF files read with pyoxigraph, each triple with the line on which it is written.

The parser is fed line by line: a triple that it hands out was completed on the last line that it
was given. A plain string at the end of a line comes out with the token behind it, and a subject
before its first triple; both are looked up in the few lines since the triple before. JSON-LD comes
out when the file ends, so that only its subjects have a line.
"""

from __future__ import annotations

import codecs
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
STDIN: Final = Path("<stdin>")
"""The path that stands for standard input, which is read as TriG (and so as Turtle)."""
_POSITION: Final = re.compile(r"^Parser error at line \d+ [^:]*: | \(line \d+\)$")
Term = Any


class _LineFeed(io.BytesIO):
    """A binary file that hands out one line at a time, whatever size is wanted, and counts them."""

    line = 0

    def read(self, _: int | None = -1) -> bytes:
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

    def find(self, node: Term, predicate: Term = None, value: Term = None) -> tuple[int, int]:
        """Return how little of a triple the file has, and the first quad that has it.

        From 0: all; another value of its property; its subject; that as an object; nothing. A node
        that is no subject may be an object; None, and an object that is not there, is not given.
        """
        keys = ((node, predicate, value), (node, predicate), (node,), (None, node))
        found = ((rank, self._first[key]) for rank, key in enumerate(keys) if key in self._first)
        return next(found, (len(keys), 0))

    def place(self, node: Term, predicate: Term = None, value: Term = None) -> Place | None:
        """Return where a triple is written; where there is none, where the node is."""
        if self.format == ox.RdfFormat.JSON_LD:
            return self._written(node, range(1, len(self._text)))
        match self.find(node, predicate, value):
            case ((0 | 1), index):
                return self._at(self._object_line(index), predicate)
            case 2, index:
                index = self._opening(index)
                return self._written(node, self._window(index)) or self._at(self.ends[index])
            case 3, index:
                return self._at(self._object_line(index), node)
        return None

    @cached_property
    def _first(self) -> dict[tuple[Term, ...], int]:
        """The first quad of a triple, of a subject and predicate, of a subject, of an object."""
        found: dict[tuple[Term, ...], int] = {}
        for index, (s, p, o, _) in enumerate(self.quads):
            for key in ((s, p, o), (s, p), (s,), (None, o)):
                found.setdefault(key, index)
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
        while isinstance(node := self.quads[inner].object, ox.BlankNode):
            if (found := self._first.get((node,), index)) >= inner:
                break
            inner = found
        return inner

    def _object_line(self, index: int) -> int:
        """Return the line on which the object of a quad begins."""
        index = self._opening(index)
        end, value, window = self.ends[index], self.quads[index].object, self._window(index)
        if not isinstance(value, ox.Literal):
            return end
        if value.datatype.value == XSD + "string":
            tail = value.value.rpartition("\n")[2]
            quote = re.compile(rf"{re.escape(tail)}\s*(?:[\"']|</)")
            end = next((at for at in window if quote.search(self._code(at))), end)
        start = end - value.value.count("\n")
        return start if start >= window[-1] else end

    def _written(self, term: Term, lines: Iterable[int]) -> Place | None:
        """Return the place of an IRI on the first of some lines that has it."""
        if not isinstance(term, ox.NamedNode):
            return None
        iri = re.escape(term.value)
        forms = [f"<{iri}>", f'"{iri}"', *[r"(?<!\S)a(?!\S)"] * (term.value == RDF_TYPE)]
        for prefix, namespace in self.prefixes.items():
            if namespace and term.value.startswith(namespace):
                name = re.escape(f"{prefix}:{term.value[len(namespace) :]}")
                forms.append(rf"(?<![\w:.-]){name}(?![\w:-])")
        pattern = re.compile("|".join(forms))
        places = ((line, pattern.search(self._code(line))) for line in lines)
        return next((Place(self.path, line, at.start() + 1) for line, at in places if at), None)

    def _at(self, line: int, term: Term = None) -> Place:
        """Return a line, with the column of an IRI if it has that, else of its first character."""
        text = self._text[line]
        indent = len(text) - len(text.lstrip())
        return self._written(term, [line]) or Place(self.path, line, indent + 1)

    def _code(self, line: int) -> str:
        text = self._text[line]
        return "" if text.lstrip().startswith("#") else text


class RdfParser:
    """The quads of an RDF file, parsed as they are asked for.

    With ``rename`` blank nodes get labels that no other file has.
    """

    def __init__(self, path: Path, raw: bytes, form: ox.RdfFormat, *, rename: bool = True) -> None:
        self.path: Final = path
        self.raw: Final = raw.removeprefix(codecs.BOM_UTF8)
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
        if (form := FORMATS.get(path.suffix.lower())) is None:
            known = ", ".join(FORMATS)
            raise InputError(f"unknown file ending; known are {known}", place=Place(path))
        try:
            return cls(path, path.read_bytes(), form, rename=rename)
        except OSError as error:
            raise InputError(f"cannot be read: {error.strerror}", place=Place(path)) from error

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
        found = [(quad, self._feed.line) for quad in self]
        quads, ends = [quad for quad, _ in found], [line for _, line in found]
        return RdfFile(self.path, self.raw, self.format, quads, ends, self.prefixes)


def read_rdf(path: Path) -> RdfFile:
    """Read a file of RDF whole; see :meth:`RdfParser.open`."""
    return RdfParser.open(path).read()


def find_places(
    files: Sequence[RdfFile], node: Term, predicate: Term = None, value: Term = None
) -> tuple[Place, ...]:
    """Return where a triple is written, or its node; the files that have most of it first."""
    files = sorted(files, key=lambda file: file.find(node, predicate, value)[0])
    found = (file.place(node, predicate, value) for file in files)
    return tuple(place for place in found if place is not None)
