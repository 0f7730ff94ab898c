"""What is released: a built graph with its project and version, and its quads in order."""

from __future__ import annotations

import heapq
import shutil
import tempfile
import weakref
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import cached_property
from itertools import groupby, islice
from pathlib import Path
from typing import Final, Literal

from pyoxigraph import (
    BlankNode,
    CanonicalizationAlgorithm,
    Dataset,
    NamedNode,
    Quad,
    RdfFormat,
    Store,
    parse,
)

from nhskg import __version__
from nhskg.project import Project
from nhskg.rdf import terms
from nhskg.rdf.errors import StoreError

Part = Literal["asserted", "derived", "labels", "ontology"]
"""A part of what is released; what is asserted has a graph a document, and those of its register
and its links."""

PARTS: Final[tuple[Part, ...]] = ("asserted", "derived", "labels", "ontology")

_RUN: Final = 200_000
"""How many lines are sorted at a time, in memory."""


@dataclass(frozen=True)
class Source:
    """A built graph, the project that it is of, and the version that it is released as.

    The quads are read from the store once, sorted into temporary files, and read from these. A
    writer streams: at 100,000 claims there are 3.6 million.
    """

    project: Project
    store: Store
    version: str = field(default=__version__)
    scratch: Path | None = None
    """Where temporary files go, about as large as the graph as N-Quads; else as the system says."""

    def quads(self, *parts: Part) -> Iterator[Quad]:
        """Yield what is published, or some parts of it, by graph, subject, predicate and object.

        The order is that of IRIs and N-Triples by code point. No blank node is published, but those
        of the ontology (lists, restrictions), which RDFC-1.0 names.

        Raises StoreError where another graph holds a blank node.
        """
        for path in self.files(*parts):
            yield from parse(path=str(path), format=RdfFormat.N_QUADS)

    def files(self, *parts: Part) -> list[Path]:
        """Return a file of canonical N-Quads for each graph of some parts, or of all, in order."""
        found = dict(self._stored)
        if not parts or "labels" in parts:
            found[terms.LABELS_GRAPH] = self._labels
        apart: dict[str, Part] = {
            terms.DERIVED_GRAPH: "derived",
            terms.LABELS_GRAPH: "labels",
            terms.ONTOLOGY_GRAPH: "ontology",
        }
        return [
            found[graph]
            for graph in sorted(found)
            if apart.get(graph, "asserted") in (parts or PARTS)
        ]

    @cached_property
    def folder(self) -> Path:
        """A temporary folder, deleted with this object."""
        folder = Path(tempfile.mkdtemp(prefix="nhskg-", dir=self.scratch))
        weakref.finalize(self, shutil.rmtree, folder, ignore_errors=True)
        return folder

    @cached_property
    def _stored(self) -> dict[str, Path]:
        """A file of N-Quads for each graph of the store."""
        found, dumped = {}, self.folder / "unsorted.nt"
        for node in self.store.named_graphs():
            if node == NamedNode(terms.ONTOLOGY_GRAPH):
                content = Dataset(self.store.quads_for_pattern(None, None, None, node))
                content.canonicalize(CanonicalizationAlgorithm.RDFC_1_0)
                found[str(node.value)] = self._sorted(str(node.value), map(_line, content))
                continue
            self.store.dump(str(dumped), RdfFormat.N_TRIPLES, from_graph=node)
            with dumped.open("rb") as lines:
                found[str(node.value)] = self._sorted(str(node.value), map(_checked, lines))
        return found

    @cached_property
    def _labels(self) -> Path:
        """A file of N-Quads of the labels that are made from the parts of things."""
        return self._sorted(terms.LABELS_GRAPH, ())

    def _sorted(self, graph: str, lines: Iterable[bytes]) -> Path:
        path = self.folder / f"{len(list(self.folder.iterdir()))}.nq"
        end = f" <{graph}> .\n".encode()
        with path.open("wb") as file:
            file.writelines(line[:-3] + end for line in sort_lines(lines, self.folder))
        return path


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


def _line(quad: Quad) -> bytes:
    return f"{quad.triple} .\n".encode()


def _checked(line: bytes) -> bytes:
    if b"_:" in line:
        (quad,) = parse(line, format=RdfFormat.N_TRIPLES)
        if BlankNode in (type(quad.subject), type(quad.object)):
            raise StoreError(f"a blank node would be published: {quad.triple}")
    return line
