"""RDF files read with pyoxigraph, each triple with the line on which it is written."""

from __future__ import annotations

import codecs
import gzip
import re
import sys
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final, Self

import pyoxigraph as ox

from nhskg.rdf.errors import InputError, Place
from nhskg.rdf.positions import (
    Written,
    json_positions,
    line_and_column,
    line_starts,
    turtle_positions,
    xml_positions,
)

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
_GZIP: Final = b"\x1f\x8b"
_POSITION: Final = re.compile(r"^Parser error at line \d+ [^:]*: | \(line \d+\)$")
Term = Any


@dataclass(frozen=True)
class RdfFile:
    """The quads of an RDF file, in order, and where its text has them."""

    path: Path
    text: str
    base: str
    format: ox.RdfFormat
    quads: Sequence[ox.Quad]
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
        """Return where a triple is written; where there is none, where the node is.

        It is the line of the object, and the column of the predicate where that is on the line.
        """
        rank, index = self.find(node, predicate, value)
        if rank > 3:
            return None
        if self.format == ox.RdfFormat.JSON_LD:
            return self._place_of_string(node)
        if (written := self._positions[index]) is None:
            return Place(self.path)
        if rank == 2:
            return self._at(written.subject)
        place = self._at(written.object)
        if rank < 2 and written.predicate is not None:
            named = self._at(written.predicate)
            return named if named.line == place.line else place
        return place

    @cached_property
    def _first(self) -> dict[tuple[Term, ...], int]:
        """The first quad of a triple, of a subject and predicate, of a subject, of an object."""
        found: dict[tuple[Term, ...], int] = {}
        for index, (s, p, o, _) in enumerate(self.quads):
            for key in ((s, p, o), (s, p), (s,), (None, o)):
                found.setdefault(key, index)
        return found

    @cached_property
    def _positions(self) -> Sequence[Written | None]:
        if self.format == ox.RdfFormat.RDF_XML:
            return xml_positions(self.text, self.base)[0]
        return turtle_positions(self.text, self.quads)

    @cached_property
    def _starts(self) -> list[int]:
        return line_starts(self.text)

    @cached_property
    def _strings(self) -> Mapping[str, int]:
        return json_positions(self.text)

    def _at(self, offset: int) -> Place:
        return Place(self.path, *line_and_column(self._starts, offset))

    def _place_of_string(self, node: Term) -> Place:
        """Return where JSON has the IRI of a node; of a blank node, of one that refers to it."""
        seen = set()
        while isinstance(node, ox.BlankNode) and node not in seen and (None, node) in self._first:
            seen.add(node)
            node = self.quads[self._first[None, node]].subject
        iri = getattr(node, "value", "")
        shortened = ((f"{name}:", iri) for name, iri in self.prefixes.items())
        starts = [("", ""), *shortened, ("", self.base), ("", self.base.rpartition("/")[0] + "/")]
        forms = (f"{name}{iri[len(start) :]}" for name, start in starts if iri.startswith(start))
        found = next((self._strings[form] for form in forms if form in self._strings), None)
        return Place(self.path) if found is None else self._at(found)


class RdfParser:
    """The quads of an RDF file, parsed as they are asked for.

    Relative IRIs are resolved against the address of the file; those of standard input, against
    that of the current folder. With ``rename`` blank nodes get labels that no other file has.
    """

    def __init__(self, path: Path, raw: bytes, form: ox.RdfFormat, *, rename: bool = True) -> None:
        if path.suffix.lower() == ".gz" or raw.startswith(_GZIP):
            raw = _decompressed(path, raw)
        if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            raise InputError("is UTF-16, not UTF-8 text; save it as UTF-8", place=Place(path))
        self.path: Final = path
        self.raw: Final = raw.removeprefix(codecs.BOM_UTF8)
        self.format: Final = form
        self.base: Final = f"{Path.cwd().as_uri()}/" if path == STDIN else path.resolve().as_uri()
        self._quads = ox.parse(
            input=self.raw, format=form, base_iri=self.base, rename_blank_nodes=rename
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
        if (form := format_of(path)) is None:
            known = ", ".join(FORMATS)
            message = f"unknown file ending; known are {known}, and each with .gz behind it"
            raise InputError(message, place=Place(path))
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
            if self.format == ox.RdfFormat.RDF_XML:
                text = self._text()
                _, stopped = xml_positions(text, self.base)
                place = Place(self.path, *line_and_column(line_starts(text), stopped))
            raise InputError(f"not valid {self.format.name}: {reason}", place=place) from error

    def read(self) -> RdfFile:
        """Parse the file whole."""
        quads = list(self)
        return RdfFile(self.path, self._text(), self.base, self.format, quads, self.prefixes)

    def _text(self) -> str:
        return self.raw.decode("utf-8", "replace")


def format_of(path: Path) -> ox.RdfFormat | None:
    """Return the format of a file by the end of its name, that before ``.gz`` if it is compressed.

    >>> format_of(Path("a.TTL.gz")).name
    'Turtle'
    """
    name = path.with_suffix("") if path.suffix.lower() == ".gz" else path
    return FORMATS.get(name.suffix.lower())


def _decompressed(path: Path, raw: bytes) -> bytes:
    try:
        return gzip.decompress(raw)
    except (OSError, EOFError, zlib.error) as error:
        message = f"is no gzip file, or a damaged one: {error}; compress it anew"
        raise InputError(message, place=Place(path)) from error


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
