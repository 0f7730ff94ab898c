"""What a build keeps for the next: so that what nothing new bears on is not done again.

It stands in the folder of the published store and goes when that goes. Nothing in it is run: it is
JSON, and a store. Whatever does not fit (another version of nhskg or of a library, another
ontology, rule or shape, a file that is damaged, or not as it was written) makes the next build one
from nothing.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any, Final

import nhskg
from nhskg.annotation.bounds import MAX_BYTES
from nhskg.annotation.corpus import Corpus, Unchanged, UnreadDocument
from nhskg.graph.store import Published
from nhskg.project import Project
from nhskg.validation.validated import Validated
from nhskg.vocabulary import Kind

__all__ = [
    "DocumentNotes",
    "Inputs",
    "Memory",
    "ThingNotes",
    "forget",
    "keep",
    "look_at",
    "recall",
    "recall_validated",
    "take_notes",
    "work_folder",
]

FOLDER: Final = "memory"
"""Where the memory stands in the folder of a store."""

_WORK: Final = "work"
_NOTES: Final = "notes.json"
_RESULTS: Final = "results.json"
_SEAL: Final = "seal"
_MOST: Final = MAX_BYTES + 1
"""As much as the reader takes in of an annotation file; one that has more is a fault."""

_LIBRARIES: Final = ("pyoxigraph", "pydantic", "PyYAML", "owlrl", "rdflib", "pyshacl")


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
class ThingNotes:
    """What is kept of a thing of the register: its kind, and the words for it."""

    kind: str
    label: str


@dataclass(frozen=True)
class Memory:
    """What is known of a finished build.

    Attributes:
        inputs: what it read.
        documents: its documents, by id.
        things: the things of its register, by id.
        figures: what it counted.
    """

    inputs: Inputs
    documents: Mapping[str, DocumentNotes]
    things: Mapping[str, ThingNotes]
    figures: Mapping[str, int]

    def unchanged(self, inputs: Inputs) -> Unchanged | None:
        """Return what need not be read, if the register is as it was."""
        if inputs.register != self.inputs.register:
            return None
        return Unchanged(
            documents={
                name: frozenset(notes.claims)
                for name, notes in self.documents.items()
                if inputs.documents.get(name) == notes.digest
            },
            kinds={name: Kind(notes.kind) for name, notes in self.things.items()},
            labels={name: notes.label for name, notes in self.things.items()},
        )


def take_notes(
    corpus: Corpus, inputs: Inputs, figures: Mapping[str, int | float], earlier: Memory | None
) -> Memory:
    """Return what is to be kept of a build.

    Args:
        corpus: what was read; of what was not, ``earlier`` knows.
        inputs: the digests of the files.
        figures: what was counted.
        earlier: the memory that reading began from.
    """
    documents = {}
    for document in corpus.documents:
        if earlier is not None and isinstance(document, UnreadDocument):
            documents[document.id] = earlier.documents[document.id]
        else:
            claims = {claim.id: type(claim).__name__.lower() for claim in document.claims}
            digest = inputs.documents.get(document.id, "")  # none where it has come meanwhile
            documents[document.id] = DocumentNotes(digest, claims)
    if earlier is not None and inputs.register == earlier.inputs.register:
        things = earlier.things
    else:
        things = {
            name: ThingNotes(entry.kind.value, entry.thing.label)
            for name, entry in corpus.register.items()
        }
    counts = {name: count for name, count in figures.items() if isinstance(count, int)}
    return Memory(inputs, documents, things, counts)


def look_at(project: Project, engine: str) -> Inputs:
    """Return the digests of all that a build of a project reads."""
    package = Path(nhskg.__file__).parent
    code = sorted(package.rglob("*.py"))
    parts = [*project.ontology.glob("*.ttl"), *(project.ontology / "rules").glob("*.rq")]
    parts += project.shapes.glob("*.ttl")
    versions = [engine, sys.version, *(_version(name) for name in _LIBRARIES)]
    texts = {path.stem: path for path in project.documents.glob("[!.]*.yaml")}
    return Inputs(
        environment=_digest([*code, *sorted(parts)], "\n".join(versions)),
        # what ends in .yml or the like is a fault, which is to be told
        register=_digest(sorted(project.register.glob("*.[yY]*[mM][lL]")), most=_MOST),
        documents={name: _digest([path], most=_MOST) for name, path in sorted(texts.items())},
    )


def _version(name: str) -> str:
    try:
        return f"{name} {metadata.version(name)}"
    except metadata.PackageNotFoundError:
        return name


def _digest(paths: Iterable[Path], more: str = "", *, most: int = -1) -> str:
    """Return the digest of some files: of each its name, and as many bytes as ``most`` says."""
    digest = hashlib.sha256(more.encode())
    for path in paths:
        digest.update(os.fsencode(path.name) + f"\0{_content(path, most)}\n".encode())
    return digest.hexdigest()


def _content(path: Path, most: int) -> str:
    """Return the digest of a file; of what is none, or cannot be read, reading tells the fault."""
    try:
        if not path.is_file():  # a pipe would be waited for, a device may have no end
            return "not read: no file"
        with path.open("rb") as file:
            return hashlib.sha256(file.read(most)).hexdigest()
    except OSError as error:
        return f"not read: {error.errno}"


def recall(published: Published, inputs: Inputs) -> Memory | None:
    """Return what is known of the build of a store; nothing where it is of no use for another."""
    folder = published.folder / FOLDER
    try:
        if _seal(folder) != (folder / _SEAL).read_text("utf-8"):
            return None
        memory = _from_json(json.loads((folder / _NOTES).read_text("utf-8")))
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None
    return memory if memory.inputs.environment == inputs.environment else None


def recall_validated(published: Published) -> Validated | None:
    """Return what validation of a store came to; nothing where that is not known."""
    try:
        text = (published.folder / FOLDER / _RESULTS).read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        return None
    return Validated.from_json(text)


def _from_json(notes: Any) -> Memory:
    return Memory(
        inputs=Inputs(**notes["inputs"]),
        documents={
            name: DocumentNotes(str(digest), dict(claims))
            for name, (digest, claims) in notes["documents"].items()
        },
        things={
            name: ThingNotes(Kind(kind).value, str(label))
            for name, (kind, label) in notes["things"].items()
        },
        figures={str(name): int(count) for name, count in notes["figures"].items()},
    )


def keep(memory: Memory, validated: Validated, folder: Path) -> None:
    """Write a memory, and what validation came to, into the folder of a store."""
    target = folder / FOLDER
    target.mkdir(exist_ok=True)
    notes = {
        "inputs": vars(memory.inputs),
        "documents": {name: [each.digest, each.claims] for name, each in memory.documents.items()},
        "things": {name: [each.kind, each.label] for name, each in memory.things.items()},
        "figures": memory.figures,
    }
    (target / _NOTES).write_text(json.dumps(notes, ensure_ascii=False), "utf-8")
    (target / _RESULTS).write_text(validated.to_json(), "utf-8")
    (target / _SEAL).write_text(_seal(target), "utf-8")


def _seal(folder: Path) -> str:
    """Return the digest of all that a memory holds but its store, which looks after itself."""
    return _digest([folder / _NOTES, folder / _RESULTS])


def work_folder(folder: Path) -> Path:
    """Return where, in the folder of a store, the graphs stand with what only serves reasoning."""
    return folder / FOLDER / _WORK


def forget(folder: Path) -> None:
    """Delete the memory in the folder of a store."""
    shutil.rmtree(folder / FOLDER)
