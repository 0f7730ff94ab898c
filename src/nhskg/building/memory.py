"""What a build keeps for the next: so that what nothing new bears on is not done again.

It stands in the folder of the published store and goes when that goes. Nothing in it is run:
it is JSON and N-Triples. Whatever does not fit (another version of nhskg or of a library, another
ontology, rule or shape, a file that is damaged) makes the next build one from nothing.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from importlib import metadata
from pathlib import Path
from typing import Any, Final

import pyoxigraph as ox

import nhskg
from nhskg.graph.store import Published
from nhskg.project import Project
from nhskg.reasoning.footprint import Footprint
from nhskg.terms import ONTOLOGY_GRAPH

__all__ = [
    "DocumentNotes",
    "Inputs",
    "Memory",
    "differences",
    "forget",
    "keep",
    "look_at",
    "recall",
    "triples_of",
]

FOLDER: Final = "memory"
"""Where the memory stands in the folder of a store."""

_NOTES: Final = "notes.json"
_LIBRARIES: Final = ("pyoxigraph", "pydantic", "PyYAML", "owlrl", "rdflib")


@dataclass(frozen=True)
class Inputs:
    """What a build reads, by digest.

    Attributes:
        environment: everything but the annotations: nhskg itself, libraries, ontology and rules.
        register: the files of the register.
        documents: each document's file, by the document's id.
    """

    environment: str
    register: str
    documents: Mapping[str, str]


@dataclass(frozen=True)
class DocumentNotes:
    """What is kept of a document: the digest of its file, and the kind of each claim by its id."""

    digest: str
    claims: Mapping[str, str]


@dataclass(frozen=True)
class Memory:
    """What is known of a finished build.

    Attributes:
        inputs: what it read.
        documents: its documents, by id.
        footprint: what its reasoning looked at; nothing where that cannot be told.
        folder: where its graphs stand as N-Triples; nothing as long as they stand nowhere.
        files: from the name of a graph to its file in the folder.
    """

    inputs: Inputs
    documents: Mapping[str, DocumentNotes]
    footprint: Footprint | None
    folder: Path | None = None
    files: Mapping[str, str] = field(default_factory=dict)

    def unchanged(self, inputs: Inputs) -> dict[str, frozenset[str]]:
        """Return the documents that need not be read, with the ids of their claims."""
        if inputs.register != self.inputs.register:
            return {}
        return {
            name: frozenset(notes.claims)
            for name, notes in self.documents.items()
            if inputs.documents.get(name) == notes.digest
        }

    def lines(self, graph: str) -> frozenset[bytes]:
        """Return the triples of a graph of that build as lines of N-Triples."""
        if self.folder is None or graph not in self.files:
            return frozenset()
        return frozenset((self.folder / self.files[graph]).read_bytes().splitlines())

    def load(self, graph: str, store: ox.Store) -> None:
        """Load a graph of that build into a store."""
        if self.folder is not None and graph in self.files:
            path = str(self.folder / self.files[graph])
            name = ox.NamedNode(graph)
            store.load(path=path, format=ox.RdfFormat.N_TRIPLES, to_graph=name)


def look_at(project: Project, engine: str) -> Inputs:
    """Return the digests of all that a build of a project reads.

    Raises:
        OSError: a file cannot be read.
    """
    package = Path(nhskg.__file__).parent
    code = sorted(package.rglob("*.py"))
    parts = [*project.ontology.glob("*.ttl"), *(project.ontology / "rules").glob("*.rq")]
    versions = [engine, sys.version, *(_version(name) for name in _LIBRARIES)]
    texts = {path.stem: path for path in project.documents.glob("*.yaml")}
    return Inputs(
        environment=_digest([*code, *sorted(parts)], "\n".join(versions)),
        register=_digest(sorted(project.register.glob("*.yaml"))),
        documents={name: _digest([path]) for name, path in sorted(texts.items())},
    )


def _version(name: str) -> str:
    try:
        return f"{name} {metadata.version(name)}"
    except metadata.PackageNotFoundError:
        return name


def _digest(paths: Iterable[Path], more: str = "") -> str:
    digest = hashlib.sha256(more.encode())
    for path in paths:
        content = hashlib.sha256(path.read_bytes()).hexdigest()
        digest.update(f"{path.name}\0{content}\n".encode())
    return digest.hexdigest()


def recall(published: Published, inputs: Inputs) -> Memory | None:
    """Return what is known of the build of a store; nothing where it is of no use for another."""
    folder = published.folder / FOLDER
    try:
        notes = json.loads((folder / _NOTES).read_text("utf-8"))
        memory = _from_json(notes, folder)
        whole = all(_digest([folder / name]) == told for name, told in notes["digests"].items())
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return None
    return memory if whole and memory.inputs.environment == inputs.environment else None


def _from_json(notes: Any, folder: Path) -> Memory:
    shapes = notes["footprint"]
    return Memory(
        inputs=Inputs(**notes["inputs"]),
        documents={name: DocumentNotes(**each) for name, each in notes["documents"].items()},
        footprint=None if shapes is None else Footprint(frozenset((p, o) for p, o in shapes)),
        folder=folder,
        files={str(graph): Path(str(name)).name for graph, name in notes["files"].items()},
    )


def keep(memory: Memory, folder: Path, store: ox.Store) -> Memory:
    """Write a memory, and the graphs of its build, into the folder of a store.

    The ontology is left out: it is read anew each time.

    Returns:
        The memory as it stands there.
    """
    target = folder / FOLDER
    target.mkdir()
    graphs = sorted(each.value for each in store.named_graphs() if isinstance(each, ox.NamedNode))
    files = {graph: f"{n}.nt" for n, graph in enumerate(graphs) if graph != ONTOLOGY_GRAPH}
    for graph, name in files.items():
        path = str(target / name)
        store.dump(path, format=ox.RdfFormat.N_TRIPLES, from_graph=ox.NamedNode(graph))
    shapes = None if memory.footprint is None else sorted(memory.footprint.shapes, key=str)
    notes = {
        "inputs": vars(memory.inputs),
        "documents": {name: vars(each) for name, each in memory.documents.items()},
        "footprint": shapes,
        "files": files,
        "digests": {name: _digest([target / name]) for name in files.values()},
    }
    (target / _NOTES).write_text(json.dumps(notes, ensure_ascii=False), "utf-8")
    return replace(memory, folder=target, files=files)


def forget(folder: Path) -> None:
    """Delete the memory in the folder of a store."""
    shutil.rmtree(folder / FOLDER)


def differences(
    earlier: Memory, later: Memory
) -> Iterator[tuple[str, list[ox.Triple], list[ox.Triple]]]:
    """Yield each graph in which two builds differ, with the triples that went and that came.

    Raises:
        OSError: a file of either cannot be read.
        ValueError: a triple has a blank node, which has no name that lasts.
    """
    for graph in sorted({*earlier.files, *later.files}):
        before, after = earlier.lines(graph), later.lines(graph)
        if before != after:
            yield graph, triples_of(before - after), triples_of(after - before)


def triples_of(lines: Iterable[bytes]) -> list[ox.Triple]:
    """Return the triples of some lines of N-Triples.

    Raises:
        ValueError: a line is none, or has a blank node, which has no name that lasts.
    """
    text = b"\n".join(sorted(lines))
    try:
        triples = [quad.triple for quad in ox.parse(text, format=ox.RdfFormat.N_TRIPLES)]
    except SyntaxError as error:
        raise ValueError(str(error)) from error
    if any(isinstance(end, ox.BlankNode) for t in triples for end in (t.subject, t.object)):
        raise ValueError("a blank node")
    return triples
