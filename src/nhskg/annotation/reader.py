"""Reads and validates all annotation files (YAML) of a project as one corpus.

Every fault of every file is reported together, at its line and column: a fault in
one document hides none in another, and a claim whose fields are wrong has its
names checked all the same. How the fields of an entry go together is a matter of
the SHACL shapes, which see the graph.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain, product
from pathlib import Path
from typing import Any, Final, TypeVar

from pydantic import BaseModel

from nhskg.annotation.claims import (
    CLAIM_MODELS,
    DocumentFile,
    DocumentHeader,
    NoClaim,
    SomeClaim,
)
from nhskg.annotation.corpus import Corpus, Document, Entry
from nhskg.annotation.messages import check_model
from nhskg.annotation.references import Names, check_references, document_id
from nhskg.annotation.register import SECTIONS
from nhskg.project import Project
from nhskg.rdf.errors import AnnotationError, Fault, Faults, Place, escaped
from nhskg.rdf.nearest import did_you_mean
from nhskg.rdf.yaml_source import Route, Source, read_source
from nhskg.vocabulary import Kind, Vocabulary

_RESERVED_IDS: Final = frozenset({"reporter", "curator", "claim", "document"})
_RESERVED_DOCUMENTS: Final = frozenset({"register", "derived", "ontology"})

_Model = TypeVar("_Model", bound=BaseModel)


def read_corpus(project: Project, vocabulary: Vocabulary) -> Corpus:
    """Read and check every document and every register file of a project.

    Args:
        project: the corpus.
        vocabulary: what its annotations may name.

    Raises AnnotationError with all faults of all files, of each file at most
    :data:`nhskg.rdf.errors.MOST_FAULTS` and the word that there are more.
    """
    reader = _Reader(vocabulary)
    register, unread_register = reader.read_sources(project.register)
    documents, unread_documents = reader.read_sources(project.documents)
    names = Names(
        register=reader.register_ids(register),
        vocabulary=vocabulary,
        claims={document_id(source): reader.claim_ids(source) for source in documents},
        complete=not unread_register,
        unread=frozenset(path.stem for path in unread_documents),
    )
    entries = [entry for source in register for entry in reader.read_register(source, names)]
    read = [reader.read_document(source, names) for source in documents]
    if reader.faults:
        raise reader.faults.error()
    return Corpus(
        documents=tuple(each for each in read if each is not None),
        register={entry.id: entry for entry in entries},
        vocabulary=vocabulary,
    )


def check_anchored(documents: Iterable[Document]) -> list[Fault]:
    """Return a fault for each document and passage that has not been anchored in its text."""
    faults = []
    for document in documents:
        if document.header.sha256 is None or document.header.length is None:
            message = "not anchored: 'sha256' or 'length' is missing; run nhskg anchor"
            faults.append(Fault(document.place("document"), message))
        faults += [
            Fault(document.place(*route), "not anchored: 'at' is missing; run nhskg anchor")
            for route, passage in document.passages()
            if passage.at is None
        ]
    return faults


class _Reader:
    """Reads the files of one corpus, and gathers their faults."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self.vocabulary = vocabulary
        self.faults = Faults()

    def read_sources(self, folder: Path) -> tuple[list[Source], list[Path]]:
        """Read the syntax of every file of a folder, in order of name; and what cannot be read."""
        try:
            paths = sorted(folder.iterdir()) if folder.is_dir() else []
        except OSError as error:
            self.faults.add(Place(folder), f"the folder cannot be read: {error.strerror or error}")
            return [], [folder]
        found, unread = [], []
        for path in paths:
            if path.name.startswith("."):
                continue
            if path.suffix in (".yml", ".YAML", ".YML"):
                message = "not read: the name of an annotation file ends in .yaml; rename it"
                self.faults.add(Place(path), message)
            if path.suffix != ".yaml":
                continue
            try:
                source = read_source(path)
            except AnnotationError as error:
                self.faults.all += error.faults
                unread.append(path)
                continue
            if isinstance(source.data, dict):
                found.append(source)
            else:
                self.faults.add(source.place(), "the file should hold 'field: value' lines")
                unread.append(path)
        return found, unread

    def register_ids(self, register: list[Source]) -> dict[str, Kind]:
        """Return the kind of each id of the register, reporting those that are declared twice."""
        kinds: dict[str, Kind] = {}
        places = {slug: term.place for slug, term in self.vocabulary.terms.items()}
        for source, (name, section) in product(register, SECTIONS.items()):
            for each, place in _ids(source, name):
                if each in places:
                    message = f"is taken: it is declared at {places[each]}; choose another"
                    self.faults.add(place, f"the id '{each}' {message}")
                elif each in _RESERVED_IDS:
                    self.faults.add(place, f"the id '{each}' is reserved; choose another")
                kinds.setdefault(each, section.kind)
                places.setdefault(each, place)
        return kinds

    def claim_ids(self, source: Source) -> frozenset[str]:
        """Return the ids of the claims of a document, reporting those that are declared twice."""
        found: dict[str, Place] = {}
        for each, place in _ids(source, "claims"):
            if each in found:
                message = f"the claim '{each}' stands already on line {found[each].line}"
                self.faults.add(place, f"{message}; choose another id")
            found.setdefault(each, place)
        return frozenset(found)

    def read_register(self, source: Source, names: Names) -> Iterator[Entry]:
        """Check a register file; yield the entries that are well-formed."""
        for name, entries in source.data.items():
            section = SECTIONS.get(name)
            if section is None:
                guess = did_you_mean(name, SECTIONS) or f" (one of {', '.join(SECTIONS)})"
                self.faults.add(source.key_place(name), f"unknown section '{name}'{guess}")
                continue
            if not isinstance(entries, list):
                message = f"'{name}' takes a list; begin each entry with '- id:'"
                self.faults.add(source.place(name), message)
            for index, raw in enumerate(_list(source, name)):
                if isinstance(raw, dict):
                    thing = self._entry(source, (name, index), raw, section.model, names)
                    if thing is not None:
                        yield Entry(section.kind, thing, source, (name, index))
                else:
                    message = f"an entry of '{name}' has fields: 'id:', 'label:', …"
                    self.faults.add(source.place(name, index), message)

    def read_document(self, source: Source, names: Names) -> Document | None:
        """Check one annotated document; return it if it is without fault."""
        before = len(self.faults.all)
        for name, value in source.data.items():
            if name not in DocumentFile.model_fields:
                message = f"unknown field '{name}'{did_you_mean(name, DocumentFile.model_fields)}"
                self.faults.add(source.key_place(name), message)
            elif name != "document" and not isinstance(value, list):
                self.faults.add(source.place(name), f"'{name}' takes a list of entries")
        header = self._header(source, names)
        claims: list[SomeClaim | None] = []
        for index, raw in enumerate(_list(source, "claims")):
            kind = raw.get("kind") if isinstance(raw, dict) else None
            if isinstance(kind, str) and kind in CLAIM_MODELS:
                model = CLAIM_MODELS[kind]
                claims.append(self._entry(source, ("claims", index), raw, model, names))
            else:
                place = source.place("claims", index, "kind")
                self.faults.add(place, _fault_of_kind(raw, kind))
        no_claim = [
            self._entry(source, ("no_claim", index), raw, NoClaim, names)
            for index, raw in enumerate(_list(source, "no_claim"))
        ]
        if header is None or len(self.faults.all) > before:
            return None
        return Document(source, header, tuple(filter(None, claims)), tuple(filter(None, no_claim)))

    def _header(self, source: Source, names: Names) -> DocumentHeader | None:
        raw = source.data.get("document")
        if not isinstance(raw, dict):
            message = "missing field 'document' (with 'id', 'label' and 'source')"
            self.faults.add(source.place("document"), message)
            return None
        header = self._entry(source, ("document",), raw, DocumentHeader, names)
        if raw.get("issued") == {}:
            message = "'issued' says nothing; give a date, or delete the line"
            self.faults.add(source.place("document", "issued"), message)
        each, stem, place = raw.get("id"), source.path.stem, source.place("document", "id")
        if isinstance(each, str) and each != stem:
            found = f"the id '{each}' is not the name of the file, '{escaped(stem)}'"
            self.faults.add(place, f"{found}; rename one of them")
        if isinstance(each, str) and each in _RESERVED_DOCUMENTS:
            message = f"the id '{each}' is reserved for a graph of its own; choose another"
            self.faults.add(place, message)
        return header

    def _entry(
        self, source: Source, route: Route, raw: Any, model: type[_Model], names: Names
    ) -> _Model | None:
        """Check an entry against its model, and the names in it; return it if it fits."""
        if self.faults.full(source.path):
            return None
        entry, faults = check_model(raw, model, self.vocabulary, source, route)
        for fault in chain(faults, check_references(raw, model, names, source, route)):
            self.faults.add(fault.place, fault.message)
        return entry


def _fault_of_kind(raw: Any, kind: Any) -> str:
    kinds = ", ".join(CLAIM_MODELS)
    if not isinstance(raw, dict):
        return "a claim has fields: 'id:', 'kind:', …"
    if kind is None:
        return f"missing field 'kind' (one of {kinds})"
    if not isinstance(kind, str):
        return f"'kind' takes one value (one of {kinds})"
    return f"unknown kind of claim '{kind}' (one of {kinds}){did_you_mean(kind, CLAIM_MODELS)}"


def _ids(source: Source, section: str) -> Iterator[tuple[str, Place]]:
    """Yield the id of each entry of a section, and its place."""
    for index, raw in enumerate(_list(source, section)):
        each = raw.get("id") if isinstance(raw, dict) else None
        if isinstance(each, str):
            yield each, source.place(section, index, "id")


def _list(source: Source, name: str) -> list[Any]:
    value = source.data.get(name)
    return value if isinstance(value, list) else []
