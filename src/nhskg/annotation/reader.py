"""Reads all annotation files of a project into one checked corpus.

Every fault of every file is told together, at its line and column: a fault in
one document hides none in another, and a claim whose fields are wrong has its
names checked all the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from nhskg.annotation.claims import (
    CLAIM_MODELS,
    DocumentFile,
    DocumentHeader,
    NoClaim,
    Provision,
    Relation,
    Silence,
    model_of,
)
from nhskg.annotation.corpus import (
    Corpus,
    Document,
    Entry,
    SomeClaim,
)
from nhskg.annotation.problems import Problem, model_problems
from nhskg.annotation.references import Names, check_predicate, check_references
from nhskg.annotation.register import SECTIONS, Thing
from nhskg.annotation.structure import (
    check_dates,
    check_merges,
    check_plan,
    check_provision,
    check_quantity,
    check_silence,
    find_cycles,
)
from nhskg.project import Project
from nhskg.rdf.bounds import Faults
from nhskg.rdf.errors import AnnotationError, Fault, Place, escaped
from nhskg.rdf.nearest import did_you_mean
from nhskg.rdf.yaml_source import Route, Source, read_source
from nhskg.vocabulary import Kind, Vocabulary

__all__ = ["check_anchored", "read_corpus"]

_DOCUMENT_FIELDS: Final = ("document", "claims", "no_claim")
_RESERVED_IDS: Final = frozenset({"reporter", "curator", "claim", "document"})
_RESERVED_DOCUMENTS: Final = frozenset({"register", "derived", "ontology"})
_CYCLE_FIELDS: Final = {"baseline": "plans", "broader": "matters", "part_of": "instruments"}
_SHOWN: Final = 4
"""How many members of a circle are told from either end."""


def read_corpus(project: Project, vocabulary: Vocabulary) -> Corpus:
    """Read and check every document and every register file of a project.

    Args:
        project: the corpus.
        vocabulary: what its annotations may name.

    Raises AnnotationError with all faults of all files, of each file as many as
    :mod:`nhskg.rdf.bounds` allows.
    """
    reading = _Reading(vocabulary)
    register = reading.sources(project.register)
    documents = reading.sources(project.documents)
    names = reading.names(register, documents, project.documents)
    entries = [entry for source in register for entry in reading.entries(source, names)]
    read = [reading.document(source, names) for source in documents]
    reading.check_cycles(entries)
    if reading.faults:
        raise reading.faults.error()
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


@dataclass
class _Reading:
    """One reading of a corpus: gathers the faults as it goes."""

    vocabulary: Vocabulary
    faults: Faults = field(default_factory=Faults)
    unread: list[Path] = field(default_factory=list)

    def tell(self, source: Source, problems: Iterable[Problem]) -> None:
        """Give each problem its place in the file, and look for no more than are told."""
        if self.faults.full(source.path):
            return
        for problem in problems:
            find: Callable[..., Place] = source.key_place if problem.on_key else source.place
            self.faults.tell(find(*problem.route), problem.message)
            if self.faults.full(source.path):
                return

    def sources(self, folder: Path) -> list[Source]:
        """Read the syntax of every file of a folder, in order of name."""
        try:
            paths = sorted(folder.iterdir()) if folder.is_dir() else []
        except OSError as error:
            self.faults.tell(Place(folder), f"the folder cannot be read: {error.strerror or error}")
            self.unread.append(folder)
            return []
        found = []
        for path in paths:
            if path.suffix in (".yml", ".YAML", ".YML") and not path.name.startswith("."):
                message = "not read: the name of an annotation file ends in .yaml; rename it"
                self.faults.tell(Place(path), message)
            if path.suffix != ".yaml" or path.name.startswith("."):
                continue
            try:
                source = read_source(path)
            except AnnotationError as error:
                self.faults.adopt(error)
                self.unread.append(path)
                continue
            if isinstance(source.data, dict):
                found.append(source)
            else:
                self.tell(source, [Problem((), "the file should hold 'field: value' lines")])
                self.unread.append(path)
        return found

    def names(self, register: list[Source], documents: list[Source], folder: Path) -> Names:
        """Collect every id that is declared, telling those that are declared twice."""
        return Names(
            register=self._register_ids(register),
            vocabulary=self.vocabulary,
            claims=self._claim_ids(documents),
            complete=all(path.parent == folder for path in self.unread),
            unread=frozenset(path.stem for path in self.unread if path.parent == folder),
        )

    def _register_ids(self, register: list[Source]) -> dict[str, Kind]:
        kinds: dict[str, Kind] = {}
        places: dict[str, Place] = {}
        for source in register:
            for route, kind, raw in _things(source):
                each = raw.get("id")
                if not isinstance(each, str):
                    continue
                term = self.vocabulary.get(each)
                place = source.place(*route, "id")
                other = places.get(each) or (
                    term.place if term is not None and term.kind is not Kind.CLASS else None
                )
                if other is not None:
                    message = f"the id '{each}' is taken: it is declared at {other}; choose another"
                    self.faults.tell(place, message)
                elif each in _RESERVED_IDS:
                    self.faults.tell(place, f"the id '{each}' is reserved; choose another")
                kinds.setdefault(each, kind)
                places.setdefault(each, place)
        return kinds

    def _claim_ids(self, documents: list[Source]) -> dict[str, frozenset[str]]:
        found: dict[str, frozenset[str]] = {}
        for source in documents:
            ids: dict[str, Place] = {}
            for index, raw in enumerate(_list(source.data, "claims")):
                each = raw.get("id") if isinstance(raw, dict) else None
                if isinstance(each, str):
                    place = source.place("claims", index, "id")
                    if each in ids:
                        message = f"the claim '{each}' stands already on line {ids[each].line}"
                        self.faults.tell(place, f"{message}; choose another id")
                    ids.setdefault(each, place)
            found[_document_id(source) or source.path.stem] = frozenset(ids)
        return found

    def entries(self, source: Source, names: Names) -> Iterator[Entry]:
        """Check a register file; yield the entries that are well-formed."""
        for section in source.data:
            if section not in SECTIONS:
                guess = did_you_mean(section, SECTIONS) or f" (one of {', '.join(SECTIONS)})"
                message = f"unknown section '{section}'{guess}"
                self.tell(source, [Problem((section,), message, on_key=True)])
            elif not isinstance(source.data[section], list):
                message = f"'{section}' takes a list; begin each entry with '- id:'"
                self.tell(source, [Problem((section,), message)])
        for route, kind, raw in _things(source):
            if self.faults.full(source.path):
                return
            model = SECTIONS[str(route[0])].model
            thing, problems = model_problems(raw, model, self.vocabulary, route)
            self.tell(source, problems)
            self.tell(source, check_references(raw, model, names, route=route))
            if kind is Kind.PLAN:
                self.tell(source, check_plan(raw, route=route))
            self.tell(source, check_quantity(raw.get("quantity"), route=(*route, "quantity")))
            if isinstance(thing, Thing):
                yield Entry(kind, thing, source, route)
        for section in SECTIONS:
            for index, raw in enumerate(_list(source.data, section)):
                if not isinstance(raw, dict):
                    message = f"an entry of '{section}' has fields: 'id:', 'label:', …"
                    self.tell(source, [Problem((section, index), message)])

    def document(self, source: Source, names: Names) -> Document | None:
        """Check one annotated document; return it if it is without fault."""
        before = len(self.faults.all)
        data = source.data
        for name in data:
            if name not in _DOCUMENT_FIELDS:
                message = f"unknown field '{name}'{did_you_mean(name, _DOCUMENT_FIELDS)}"
                self.tell(source, [Problem((name,), message, on_key=True)])
        for name in ("claims", "no_claim"):
            if name in data and not isinstance(data[name], list):
                self.tell(source, [Problem((name,), f"'{name}' takes a list of entries")])
        header = self._header(source, names)
        document_id = _document_id(source) or source.path.stem
        raw_claims = _list(data, "claims")
        claims = [
            self._claim(source, index, raw, names, document_id)
            for index, raw in enumerate(raw_claims)
        ]
        self.tell(source, check_merges(raw_claims))
        no_claim: list[NoClaim] = []
        for index, raw in enumerate(_list(data, "no_claim")):
            if self.faults.full(source.path):
                break
            entry, problems = model_problems(raw, NoClaim, self.vocabulary, ("no_claim", index))
            self.tell(source, problems)
            if isinstance(entry, NoClaim):
                no_claim.append(entry)
        if header is None or len(self.faults.all) > before:
            return None
        whole = tuple(claim for claim in claims if claim is not None)
        file = DocumentFile(document=header, claims=whole, no_claim=tuple(no_claim))
        return Document(source, file)

    def _header(self, source: Source, names: Names) -> DocumentHeader | None:
        route: Route = ("document",)
        raw = source.data.get("document")
        if not isinstance(raw, dict):
            message = "missing field 'document' (with 'id', 'label' and 'source')"
            route = ("document",) if "document" in source.data else ()
            self.tell(source, [Problem(route, message)])
            return None
        header, problems = model_problems(raw, DocumentHeader, self.vocabulary, route)
        self.tell(source, problems)
        self.tell(source, check_references(raw, DocumentHeader, names, route=route))
        self.tell(source, check_dates(raw.get("issued"), route=(*route, "issued")))
        if raw.get("issued") == {}:
            message = "'issued' says nothing; give a date, or delete the line"
            self.tell(source, [Problem((*route, "issued"), message)])
        stem = source.path.stem
        each = raw.get("id")
        if isinstance(each, str) and each != stem:
            name = escaped(stem)
            message = f"the id '{each}' is not the name of the file, '{name}'; rename one of them"
            self.tell(source, [Problem((*route, "id"), message)])
        if isinstance(each, str) and each in _RESERVED_DOCUMENTS:
            message = f"the id '{each}' is reserved for a graph of its own; choose another"
            self.tell(source, [Problem((*route, "id"), message)])
        return header if isinstance(header, DocumentHeader) else None

    def _claim(
        self, source: Source, index: int, raw: Any, names: Names, document_id: str
    ) -> SomeClaim | None:
        route: Route = ("claims", index)
        if self.faults.full(source.path):
            return None
        model = model_of(raw)
        if model is None:
            self.tell(source, [_kind_problem(raw, route)])
            return None
        claim, problems = model_problems(raw, model, self.vocabulary, route)
        self.tell(source, problems)
        self.tell(source, check_references(raw, model, names, route=route, document=document_id))
        self.tell(source, _shape_problems(raw, model, names, route, document_id))
        return claim if isinstance(claim, SomeClaim) else None

    def check_cycles(self, entries: list[Entry]) -> None:
        """Tell each cycle of baselines, broader matters and parts, at its least member."""
        by_id = {entry.id: entry for entry in entries}
        for name, what in _CYCLE_FIELDS.items():
            edges = {each: _neighbours(entry.thing, name) for each, entry in by_id.items()}
            for cycle in find_cycles(edges):
                message = f"'{name}' goes in a circle of {what}: {_circle(cycle)}; break it"
                self.faults.tell(by_id[cycle[0]].place(name), message)


def _shape_problems(
    raw: dict[str, Any], model: type[SomeClaim], names: Names, route: Route, document_id: str
) -> Iterator[Problem]:
    """Yield what is wrong with how the fields of a claim go together."""
    if model is Provision:
        yield from check_provision(raw, names.vocabulary, route=route)
    elif model is Silence:
        yield from check_silence(raw, route=route)
    elif model is Relation:
        yield from check_predicate(raw, names, route=route)
    yield from check_quantity(raw.get("quantity"), route=(*route, "quantity"))
    yield from check_dates(raw.get("timing"), route=(*route, "timing"))
    own = raw.get("id")
    if raw.get("denies") in (f"claim/{own}", f"claim/{document_id}/{own}"):
        yield Problem((*route, "denies"), "a claim cannot deny itself")


def _kind_problem(raw: Any, route: Route) -> Problem:
    kinds = ", ".join(CLAIM_MODELS)
    if not isinstance(raw, dict):
        return Problem(route, "a claim has fields: 'id:', 'kind:', …")
    if "kind" not in raw:
        return Problem(route, f"missing field 'kind' (one of {kinds})")
    kind = raw["kind"]
    if not isinstance(kind, str):
        return Problem((*route, "kind"), f"'kind' takes one value (one of {kinds})")
    guess = did_you_mean(kind, CLAIM_MODELS)
    return Problem((*route, "kind"), f"unknown kind of claim '{kind}' (one of {kinds}){guess}")


def _circle(cycle: tuple[str, ...]) -> str:
    """Return a circle as it is told: a long one without its middle."""
    left_out = len(cycle) - 2 * _SHOWN
    if left_out > 1:
        cycle = (*cycle[:_SHOWN], f"{left_out:,} more", *cycle[-_SHOWN:])
    return " → ".join(cycle)


def _neighbours(thing: Thing, name: str) -> tuple[str, ...]:
    value = getattr(thing, name, None)
    if value is None:
        return ()
    return (value,) if isinstance(value, str) else tuple(value)


def _things(source: Source) -> Iterator[tuple[Route, Kind, dict[str, Any]]]:
    for name, section in SECTIONS.items():
        for index, raw in enumerate(_list(source.data, name)):
            if isinstance(raw, dict):
                yield (name, index), section.kind, raw


def _list(data: Any, name: str) -> list[Any]:
    value = data.get(name, [])
    return value if isinstance(value, list) else []


def _document_id(source: Source) -> str | None:
    header = source.data.get("document")
    each = header.get("id") if isinstance(header, dict) else None
    return each if isinstance(each, str) else None
