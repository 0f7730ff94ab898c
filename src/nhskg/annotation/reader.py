"""Reads and validates all annotation files (YAML) of a project, with their references, as a corpus.

Every fault of every file is reported together, at its line and column: a fault in
one document hides none in another, and a claim whose fields are wrong has its
names checked all the same. How the fields of an entry go together is a matter of
the SHACL shapes, which see the graph.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain, product
from pathlib import Path
from typing import Any, Final, TypeVar

from pydantic import BaseModel

from nhskg.annotation.claims import (
    CLAIM_MODELS,
    DocumentFile,
    DocumentHeader,
    NoClaim,
    Quantity,
    SomeClaim,
)
from nhskg.annotation.corpus import SECTIONS, Corpus, Document, Entry, split_claim_reference
from nhskg.annotation.fields import ANYTHING, Ref, slots
from nhskg.annotation.messages import check_model, wanted
from nhskg.project import Project
from nhskg.rdf.errors import AnnotationError, Fault, Faults, Place, escaped
from nhskg.rdf.nearest import Suggestions, did_you_mean
from nhskg.rdf.yaml_source import Route, Source, read_source
from nhskg.vocabulary import Kind, Vocabulary


@dataclass(frozen=True)
class Names:
    """Every id that is declared, and whether there may be more."""

    register: Mapping[str, Kind]
    vocabulary: Vocabulary
    claims: Mapping[str, frozenset[str]]
    """The ids of the claims of each document, by the document's id."""
    complete: bool
    """False where a register file couldn't be read, so that an unknown id may be in it."""
    unread: frozenset[str]
    """Ids of documents whose files couldn't be read."""
    suggestions: Suggestions = field(default_factory=Suggestions, compare=False)
    """The nearest known name to one that is not declared."""

    @cached_property
    def all(self) -> Mapping[str, Kind]:
        """Every id that an annotation can name."""
        known = self.vocabulary.terms.values()
        return {**self.register, **{term.slug: term.kind for term in known}}


def check_references(
    raw: Any, model: type[BaseModel], names: Names, source: Source, route: Route
) -> Iterator[Fault]:
    """Yield what is wrong with the names in raw data that should fit a model.

    Raw data, so that a claim with some other fault has its names checked too;
    what has the wrong shape is passed over, as the model reports that.
    """
    if not isinstance(raw, dict):
        return
    if model is Quantity:
        yield from _check_quantity(raw, source, route)
    document = document_id(source)
    for name, slot in slots(model).items():
        value = raw.get(name)
        seen: set[str] = set()
        for index, item in enumerate(value if isinstance(value, list) else [value]):
            here = (*route, name, index) if isinstance(value, list) else (*route, name)
            if slot.model is not None:
                yield from check_references(item, slot.model, names, source, here)
            elif slot.ref is not None and isinstance(item, str):
                message = _fault_of_name(name, item, slot.ref, names, document)
                if message:
                    yield Fault(source.place(*here), message)
                if item in seen:
                    yield Fault(source.place(*here), f"'{item}' stands twice in '{name}'; keep one")
                seen.add(item)


def document_id(source: Source) -> str:
    """Return the id that a document gives itself, else that of its file."""
    header = source.data.get("document")
    each = header.get("id") if isinstance(header, dict) else None
    return each if isinstance(each, str) else source.path.stem


def _check_quantity(raw: Mapping[str, Any], source: Source, route: Route) -> Iterator[Fault]:
    """Yield what is wrong with how the fields of a quantity go together.

    No shape can see it: an amount and a share are both a ``schema:value`` of the graph.
    """
    given = [name for name in ("amount", "share", "extent") if name in raw]
    if len(given) != 1:
        found = " and ".join(f"'{name}'" for name in given) or "none"
        message = f"a quantity has one of 'amount', 'share' and 'extent'; here: {found}"
        yield Fault(source.place(*route), message)
    for name, partner in (("amount", "currency"), ("share", "of")):
        if name in raw and partner not in raw:
            message = f"missing field '{partner}', which goes with '{name}'"
            yield Fault(source.place(*route), message)
    if "currency" in raw and "amount" not in raw:
        yield Fault(source.key_place(*route, "currency"), "'currency' goes with 'amount'")
    if "of" in raw and "amount" in raw:
        yield Fault(source.key_place(*route, "of"), "'of' goes with 'share' or 'extent'")


def _fault_of_name(field_: str, value: str, ref: Ref, names: Names, document: str) -> str | None:
    """Return what is wrong with a name in a field, or nothing."""
    kind = names.all.get(value)
    if value in ref.words or kind in ref.kinds:
        return None
    if value.startswith("claim/"):
        if ref.claims:
            return _fault_of_claim(value, names, document)
        return f"'{field_}' cannot be a claim"
    if not ref.kinds:
        return f"'{field_}' names a claim: write claim/{value} or claim/<document>/<id>"
    if kind is not None:
        broad = ref.kinds >= set(ANYTHING)
        rest = "which cannot stand here" if broad else f"not {wanted(ref)}"
        return f"'{value}' is {kind.with_article}, {rest}"
    closed = all(each.in_vocabulary for each in ref.kinds)
    if not (names.complete or closed):
        return None
    one = len(ref.kinds) == 1
    what = f"{next(iter(ref.kinds))} '{value}'" if one else f"id '{value}' in '{field_}'"
    candidates = [each for each, known in names.all.items() if known in ref.kinds]
    repair = names.suggestions.did_you_mean(value, ref, (*candidates, *ref.words)) or (
        "; the words allowed are in docs/annotating.md"
        if closed
        else "; declare it in seeds/register, or correct it"
    )
    return f"unknown {what}{repair}"


def _fault_of_claim(value: str, names: Names, document: str) -> str | None:
    target = split_claim_reference(value, document)
    if target is None:
        return f"'{value}' is not claim/<id> or claim/<document>/<id>"
    where, claim = target
    if where in names.unread or claim in names.claims.get(where, ()):
        return None
    if where not in names.claims:
        guess = names.suggestions.did_you_mean(where, "documents", names.claims)
        return f"unknown document '{where}' in '{value}'{guess}"
    guess = names.suggestions.did_you_mean(claim, ("claims of", where), names.claims[where])
    return f"no claim '{claim}' in document '{where}'{guess}"


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
