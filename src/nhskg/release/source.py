"""What is released: a built graph with its project and version, and its quads in order."""

from __future__ import annotations

import heapq
import os
import re
import shutil
import tempfile
import weakref
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain, groupby, islice
from pathlib import Path
from typing import Final, Literal

import pyoxigraph as ox

import nhskg
from nhskg.project import Project, reading, shipped_data
from nhskg.rdf import terms
from nhskg.rdf.alike import MOST_STEPS, can_be_named
from nhskg.rdf.errors import StoreError
from nhskg.rdf.files import files_in
from nhskg.release.labels import label_quads

LICENCE: Final = "https://creativecommons.org/licenses/by/4.0/"
"""That of the shipped corpus."""
VOID: Final = "http://rdfs.org/ns/void#"

Part = Literal["asserted", "derived", "labels", "ontology"]
"""A part of what is released: of the first, a graph a document, the register, and the links."""

PARTS: Final[tuple[Part, ...]] = ("asserted", "derived", "labels", "ontology")

_RUN: Final = 200_000
"""How many lines are sorted in memory at a time."""
_IN_MEMORY: Final = 5_000_000
"""Of fewer quads, a copy in memory is asked: of 100,000 claims it takes 1.1 GB."""


@dataclass(frozen=True)
class Source:
    """A built graph, the project that it is of, and the version that it is released as.

    The quads are read from the store once, sorted into temporary files, and read from these. A
    writer streams: at 100,000 claims there are 3.6 million.
    """

    project: Project
    store: ox.Store
    version: str = field(default=nhskg.__version__)
    scratch: Path | None = None
    """Where temporary files go, twice as large as the graph; else where the system has them."""

    def quads(self, *parts: Part) -> Iterator[ox.Quad]:
        """Yield what is published, or some parts of it, by graph, subject, predicate and object.

        The order is that of N-Triples by code point. No blank node is published, but those of the
        ontology (lists, restrictions), which RDFC-1.0 names.

        Raises StoreError where another graph holds a blank node.
        """
        for path in self.files(*parts):
            yield from ox.parse(path=str(path), format=ox.RdfFormat.N_QUADS)

    def files(self, *parts: Part) -> list[Path]:
        """Return a file of canonical N-Quads for each graph of some parts, or of all, in order."""
        found = dict(self._stored)
        if not parts or "labels" in parts:
            found[terms.LABELS_GRAPH] = self._labels
        apart = {getattr(terms, f"{part.upper()}_GRAPH"): part for part in PARTS[1:]}
        wanted = {graph for graph in found if apart.get(graph, "asserted") in (parts or PARTS)}
        return [found[graph] for graph in sorted(wanted)]

    @cached_property
    def credit(self) -> Mapping[str, str] | None:
        """How a corpus of one's own is cited, as far as known; none for that which ships."""
        ours = shipped_data() / "seeds" / "documents"
        folders = (ours, self.project.documents)
        names = {frozenset(path.name for path in files_in(each, ".yaml")) for each in folders}
        return reading().credit if len(names) == 1 else reading().credit or {}

    @property
    def licence(self) -> str | None:
        """The address of the licence, if there is one."""
        return LICENCE if self.credit is None else reading().licence

    @property
    def iri(self) -> str:
        """The IRI of the version of the data set, or of the data set where that has none."""
        number = self.version if self.credit is None else self.credit.get("version")
        return terms.in_base(f"dataset/{number}" if number else "dataset")

    @property
    def numbered(self) -> str:
        """What a title adds where there is a version: its number, and that it is a preview."""
        version = terms.local_name(self.iri).removeprefix("dataset")
        preview = "" if self.is_released else " (preview)"
        return f", version {version}{preview}" if version else ""

    @property
    def is_released(self) -> bool:
        """Whether this is no preview; nothing is known of when others release theirs."""
        return bool(nhskg.RELEASED) or self.credit is not None

    @cached_property
    def folder(self) -> Path:
        """A folder for temporary files, deleted with this object."""
        folder = Path(tempfile.mkdtemp(prefix="nhskg-", dir=self.scratch))
        weakref.finalize(self, shutil.rmtree, folder, ignore_errors=True)
        return folder

    @cached_property
    def asked(self) -> ox.Store:
        """The store that queries over all claims ask: a copy in memory, unless it is large."""
        if len(self.store) > _IN_MEMORY:
            return self.store
        copy = ox.Store()
        for path in self._stored.values():
            copy.bulk_load(path=str(path), format=ox.RdfFormat.N_QUADS)
        return copy

    @cached_property
    def _stored(self) -> dict[str, Path]:
        """A file for each graph of the store, which writes the next while one is sorted."""
        found, nodes = dict[str, Path](), list(self.store.named_graphs())
        with ThreadPoolExecutor(1) as beside:
            for node, dumped in zip(nodes, beside.map(self._dumped, nodes), strict=True):
                graph = str(node.value)
                if graph == terms.ONTOLOGY_GRAPH:
                    quads = ox.parse(path=str(dumped), format=ox.RdfFormat.N_TRIPLES)
                    found[graph] = self._sorted(graph, _lines(canonical(quads)))
                else:
                    found[graph] = self._sorted(graph, map(_checked, read_lines(dumped)))
                dumped.unlink()
        return found

    def _dumped(self, node: ox.NamedNode | ox.BlankNode) -> Path:
        """Write a graph of the store as N-Triples."""
        path = self._new_file()
        self.store.dump(str(path), ox.RdfFormat.N_TRIPLES, from_graph=node)
        return path

    def _new_file(self) -> Path:
        descriptor, name = tempfile.mkstemp(dir=self.folder)
        os.close(descriptor)
        return Path(name)

    @cached_property
    def _labels(self) -> Path:
        made = (quad.triple for quad in label_quads(self.asked, self.project.queries))
        return self._sorted(terms.LABELS_GRAPH, _lines(chain(made, self._describe_graphs())))

    def _describe_graphs(self) -> Iterator[ox.Triple]:
        """Say of each named graph of which data set it is, and its licence; and label both."""
        labels = {self.iri: f"data set{self.numbered}"}
        for graph in (*self._stored, terms.LABELS_GRAPH):
            labels[graph] = f"graph “{terms.local_name(graph)}”"
            yield ox.Triple(*map(ox.NamedNode, (graph, VOID + "inDataset", self.iri)))
        for each, words in labels.items():
            for name in (terms.SKOS + "prefLabel", terms.RDFS + "label"):
                label = ox.Literal(words, language="en")
                yield ox.Triple(ox.NamedNode(each), ox.NamedNode(name), label)
            if self.licence:
                has = terms.DCTERMS + "license"
                yield ox.Triple(*map(ox.NamedNode, (each, has, self.licence)))

    def _sorted(self, graph: str, lines: Iterable[bytes]) -> Path:
        path = self._new_file()
        end = f" <{graph}> .\n".encode()
        with path.open("wb") as file:
            file.writelines(line[:-3] + end for line in sort_lines(lines, self.folder))
        return path


def canonical(quads: Iterable[ox.Quad]) -> list[ox.Triple]:
    """Return the triples of some quads in order, their blank nodes named by RDFC-1.0."""
    found = ox.Dataset(ox.Quad(*quad.triple) for quad in quads)
    if not can_be_named(found):
        told = f"it takes more than {MOST_STEPS:,} steps to tell blank nodes apart"
        raise StoreError(f"{told}; give those of the ontology and the shapes names")
    found.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    return sorted((quad.triple for quad in found), key=str)


def sort_lines(lines: Iterable[bytes], folder: Path) -> Iterator[bytes]:
    """Yield lines of N-Triples in order, each once, by an external merge sort.

    An IRI precedes those that it begins, so ``claim/1`` ``claim/1/evidence`` and ``claim/10``: in
    place of ``>`` a character is compared that canonical N-Triples escapes.
    """
    keys = (line.replace(b">", b"\1") for line in lines)
    with ExitStack() as stack:
        runs: list[Iterable[bytes]] = []
        while run := sorted(islice(keys, _RUN)):
            runs.append(run)
            if len(run) == _RUN:
                runs[-1] = file = stack.enter_context(tempfile.TemporaryFile(dir=folder))
                file.writelines(run)
                file.seek(0)
        for key, _ in groupby(heapq.merge(*runs)):
            yield key.replace(b"\1", b">")


def read_lines(path: Path) -> Iterator[bytes]:
    """Yield the lines of a file."""
    with path.open("rb") as file:
        yield from file


def _lines(triples: Iterable[ox.Triple]) -> Iterator[bytes]:
    return (f"{triple} .\n".encode() for triple in triples)


def _checked(line: bytes) -> bytes:
    if b"_:" in line and re.match(rb"_:|<[^>]*> <[^>]*> _:", line):
        raise StoreError(f"a blank node would be published: {line.decode().rstrip()}")
    return line
