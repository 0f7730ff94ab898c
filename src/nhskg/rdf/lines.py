"""RDF files read with pyoxigraph, each triple with the line on which it is written."""

from __future__ import annotations

import codecs
import gzip
import io
import os
import re
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import Any, Final, Self

import pyoxigraph as ox

from nhskg.rdf.bounds import LONGEST_TERM, beyond_bounds
from nhskg.rdf.contexts import Contexts
from nhskg.rdf.errors import InputError, Place
from nhskg.rdf.files import MOST_RDF, STDIN, read_whole
from nhskg.rdf.positions import (
    Written,
    first_brace,
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
_REMOTE: Final = "LoadDocumentCallback"
"""A word of what the parser says where a context is at an address."""
_READ: Final = "is read already"
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
        return turtle_positions(self.text, self.format, self.base, self.quads)

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

    def __init__(
        self,
        path: Path,
        raw: bytes,
        form: ox.RdfFormat,
        *,
        rename: bool = True,
        contexts: Contexts | None = None,
    ) -> None:
        if path.suffix.lower() == ".gz" or raw.startswith(_GZIP):
            raw = _decompressed(path, raw)
        if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            raise InputError("is UTF-16, not UTF-8 text; save it as UTF-8", place=Place(path))
        self.path: Final = path
        self.raw: Final = raw.removeprefix(codecs.BOM_UTF8)
        self.format: Final = form
        self.base: Final = f"{Path.cwd().as_uri()}/" if path == STDIN else path.resolve().as_uri()
        self._parse: Final = partial(
            ox.parse, format=form, base_iri=self.base, rename_blank_nodes=rename
        )
        self._contexts = contexts or Contexts(has_options=False)
        if beyond := beyond_bounds(self.raw, form):
            message, at = beyond
            before = self.raw[:at].decode("utf-8", "replace")
            place = line_and_column(line_starts(before), len(before))
            raise InputError(f"has {message}", place=Place(path, *place))
        self._quads = self._parse(self.raw)

    @classmethod
    def open(cls, path: Path, *, rename: bool = True, contexts: Contexts | None = None) -> Self:
        """Open a file, its format told by the end of its name; ``-`` is standard input, in TriG.

        Raises:
            InputError: the file cannot be read, is beyond a bound, or not named as an RDF file.
        """
        if str(path) == "-":
            return cls(STDIN, read_whole(STDIN, MOST_RDF), ox.RdfFormat.TRIG, rename=rename)
        if path.is_dir():
            raise InputError("is a folder; name the files in it", place=Place(path))
        if (form := format_of(path)) is None:
            known = ", ".join(FORMATS)
            message = f"unknown file ending; known are {known}, and each with .gz behind it"
            raise InputError(message, place=Place(path))
        try:
            return cls(path, read_whole(path, MOST_RDF), form, rename=rename, contexts=contexts)
        except OSError as error:
            raise InputError(f"cannot be read: {error.strerror}", place=Place(path)) from error

    @property
    def prefixes(self) -> dict[str, str]:
        """The prefixes declared so far."""
        return dict(self._quads.prefixes)

    def __iter__(self) -> Iterator[ox.Quad]:
        """Yield each quad.

        Raises:
            InputError: the content is not of the format, or has a context that is not to be had.
        """
        try:
            special = {ox.RdfFormat.JSON_LD: self._json_quads, ox.RdfFormat.N3: self._n3_quads}
            yield from special[self.format]() if self.format in special else self._quads
        except SyntaxError as error:
            reason = _POSITION.sub("", str(error.msg))
            place = Place(self.path, error.lineno, error.offset)
            if self.format == ox.RdfFormat.RDF_XML:
                text = self._text()
                _, stopped = xml_positions(text, self.base)
                place = Place(self.path, *line_and_column(line_starts(text), stopped))
            raise InputError(f"not valid {self.format.name}: {reason}", place=place) from error
        except MemoryError as error:
            message = f"has a term or a comment of more than {LONGEST_TERM:,} bytes; shorten it"
            raise InputError(message, place=Place(self.path)) from error

    def read(self) -> RdfFile:
        """Parse the file whole."""
        quads = list(self)
        return RdfFile(self.path, self._text(), self.base, self.format, quads, self.prefixes)

    def _json_quads(self) -> Iterable[ox.Quad]:
        try:
            return list(self._quads)
        except SyntaxError as error:
            if _REMOTE not in str(error.msg):
                raise
        raw = self._contexts.put_into(self.raw, self.base, self.path)
        if beyond := beyond_bounds(raw, self.format):
            raise InputError(f"has, with its contexts, {beyond[0]}", place=Place(self.path))
        self._quads = self._parse(raw)
        return self._quads

    def _n3_quads(self) -> Iterable[ox.Quad]:
        quads = list(self._quads)
        if any(each.graph_name != ox.DefaultGraph() for each in quads):
            text = self._text()
            place = line_and_column(line_starts(text), first_brace(text))
            raise SyntaxError("a formula, { … }, is no RDF; leave it out", (None, *place, None))
        return quads

    def _text(self) -> str:
        return self.raw.decode("utf-8", "replace")


def format_of(path: Path) -> ox.RdfFormat | None:
    """Return the format of a file by the end of its name, that before ``.gz`` if it is compressed.

    >>> format_of(Path("a.TTL.gz")).name
    'Turtle'
    """
    name = path.with_suffix("") if path.suffix.lower() == ".gz" else path
    return FORMATS.get(name.suffix.lower())


def of_rdf_1_2(value: Term) -> str:
    """Return what makes a value one of RDF 1.2 only, or nothing."""
    if isinstance(value, ox.Literal) and value.direction is not None:
        return "a base direction of RDF 1.2"
    return "a triple term of RDF 1.2" if isinstance(value, ox.Triple) else ""


def _decompressed(path: Path, raw: bytes) -> bytes:
    try:
        with gzip.open(io.BytesIO(raw)) as file:
            return read_whole(path, MOST_RDF, file)
    except (OSError, EOFError, zlib.error) as error:
        message = f"is no gzip file, or a damaged one: {error}; compress it anew"
        raise InputError(message, place=Place(path)) from error


def find_rdf(paths: Iterable[Path]) -> tuple[list[Path], list[str]]:
    """Return files, those of folders among them, and for each folder what is read and left out.

    Folders are read to the bottom, in order of name; no file is read twice.

    Raises:
        InputError: a folder has no RDF, or cannot be read.
    """
    files: list[Path] = []
    notes: list[str] = []
    seen: set[Path] = set()
    for path in paths:
        if not path.is_dir():
            files += [] if path.resolve() in seen else [path]
            seen.add(path.resolve())
            continue
        try:
            found = list(_in_folder(path, seen, path.resolve()))
        except OSError as error:
            place = Place(Path(error.filename or path))
            raise InputError(f"cannot be read: {error.strerror}", place=place) from error
        read = [file for file, reason in found if not reason]
        left = [f"{file.relative_to(path)} ({reason})" for file, reason in found if reason]
        if all(reason not in ("", _READ) for _, reason in found):
            told = f"; left out: {some_of(left)}" if left else ""
            raise InputError(f"no RDF in this folder{told}", place=Place(path))
        names = [str(file.relative_to(path)) for file in read]
        for verb, which in (("read", names), ("left out", left)):
            if which:
                notes.append(f"{verb} {len(which)} of {path}{os.sep}: {some_of(which)}")
        files += read
    return files, notes


def _in_folder(folder: Path, seen: set[Path], top: Path) -> Iterator[tuple[Path, str]]:
    """Yield what is in a folder, each with the reason for which it is left out, if any."""
    seen.add(folder.resolve())
    for each in sorted(folder.iterdir()):
        if each.name.startswith("."):
            yield each, "hidden"
        elif (real := each.resolve()) in seen:
            yield each, _READ
        elif each.is_dir() and not real.is_relative_to(top):
            yield each, "a link out of the folder; name what it links to"
        elif each.is_dir():
            yield from _in_folder(each, seen, top)
        elif format_of(each) is None:
            yield each, "no RDF ending"
        elif ".xml" in each.suffixes:
            yield each, "may be any XML; name the file"
        elif not each.is_file():
            yield each, "no file"
        else:
            seen.add(real)
            yield each, ""


def some_of(names: Sequence[str], most: int = 8) -> str:
    """Return the first of some names as a text, and how many more there are."""
    more = len(names) - most
    return ", ".join(names[:most]) + (f" and {more} more" if more > 0 else "")


def read_rdf(path: Path, contexts: Contexts | None = None) -> RdfFile:
    """Read a file of RDF whole; see :meth:`RdfParser.open`."""
    return RdfParser.open(path, contexts=contexts).read()


class RdfFiles(tuple[RdfFile, ...]):
    """Files together; of a node only those are looked at that have it."""

    @cached_property
    def of_node(self) -> dict[Term, list[RdfFile]]:
        """The files that have a node as a subject or an object."""
        found: dict[Term, list[RdfFile]] = {}
        for file in self:
            for node in {each for quad in file.quads for each in (quad.subject, quad.object)}:
                found.setdefault(node, []).append(file)
        return found


def find_places(
    files: Sequence[RdfFile], node: Term, predicate: Term = None, value: Term = None
) -> tuple[Place, ...]:
    """Return where a triple is written, or its node; the files that have most of it first."""
    having = files.of_node.get(node, ()) if isinstance(files, RdfFiles) else files
    having = sorted(having, key=lambda file: file.find(node, predicate, value)[0])
    found = (file.place(node, predicate, value) for file in having)
    return tuple(place for place in found if place is not None)
