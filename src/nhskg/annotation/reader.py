"""Reads and validates all annotation files (YAML) of a project, with their references, as a corpus.

All faults of all files are reported together, at line and column; a claim whose fields are wrong
has its names checked all the same. The types of fields are checked by pydantic, whose errors are
told in the words of the format; how fields go together is a matter of the SHACL shapes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

from pydantic import BaseModel, ValidationError

from nhskg.annotation import claims as models
from nhskg.annotation.claims import CLAIM_MODELS, DocumentFile, NoClaim
from nhskg.annotation.corpus import Corpus, Document, Entry, split_claim_reference
from nhskg.annotation.fields import ANYTHING, Frozen, Ref, Slot, slots
from nhskg.annotation.register import REGISTER_FILE, SECTIONS, Link, Thing
from nhskg.project import Project
from nhskg.rdf.errors import AnnotationError, Faults, Place
from nhskg.rdf.escaping import escaped
from nhskg.rdf.files import files_in
from nhskg.rdf.nearest import did_you_mean
from nhskg.rdf.yaml_source import Route, Source, read_source
from nhskg.vocabulary import REGISTER_KINDS, Kind, Vocabulary

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

_Model = TypeVar("_Model", bound=Frozen)


def read_corpus(project: Project, vocabulary: Vocabulary) -> Corpus:
    """Read and check every document and register file of a project.

    Raises AnnotationError with all faults of all files, of each file at most
    :data:`nhskg.rdf.errors.MOST_FAULTS` and the word that there are more.
    """
    faults = Faults()
    register, unread_register = _read_sources(project.register, faults)
    documents, unread_documents = _read_sources(project.documents, faults)
    reader = partial(
        _Reader,
        vocabulary=vocabulary,
        faults=faults,
        kinds=_kinds(register, vocabulary, faults),
        claims={_document_id(source): _claim_ids(source, faults) for source in documents},
        complete=not unread_register,
        unread=frozenset(path.stem for path in unread_documents),
    )
    entries = [entry for source in register for entry in reader(source).register()]
    links = [link for source in register for link in reader(source).entries("links", Link)]
    _check_repeated(links, faults)
    read = tuple(filter(None, [reader(source).document() for source in documents]))
    _check_withdrawn(read, faults)
    if faults.all:
        raise AnnotationError(faults.all)
    things = {entry.value.id: entry for entry in entries}
    return Corpus(read, things, vocabulary, tuple(links))


def _check_repeated(links: Iterable[Entry[Link]], faults: Faults) -> None:
    """Report each link that is written twice."""
    places: dict[tuple[str, str], Place] = {}
    for each in links:
        place = each.source.place(*each.route)
        first = places.setdefault((each.value.thing, each.value.address), place)
        if first is not place:
            linked = f"'{each.value.thing}' is linked to {each.value.address} already"
            where = first._replace(path=Path(first.path.name))
            faults.add(place, f"{linked} at {where}; keep one relation")


def _check_withdrawn(documents: Iterable[Document], faults: Faults) -> None:
    """Report each claim that stands and names one that is withdrawn."""
    gone = {(each.id, claim.id) for each in documents for claim in each.claims if claim.withdrawn}
    for document, (index, claim) in (
        (each, numbered) for each in documents for numbered in enumerate(each.claims) if gone
    ):
        for name, slot in slots(type(claim)).items():
            value = getattr(claim, name, None) if slot.ref and slot.ref.claims else None
            target = split_claim_reference(value, document.id) if value else None
            if target in gone and not claim.withdrawn:
                repair = "name one that supersedes it, or withdraw this claim, too"
                place = document.source.place("claims", index, name)
                faults.add(place, f"'{value}' is withdrawn; {repair}")


def _read_sources(folder: Path, faults: Faults) -> tuple[list[Source], list[Path]]:
    """Read the syntax of every file of a folder, in order of name; and what cannot be read."""
    found, unread = [], []
    for path in files_in(folder, ""):
        if path.suffix in (".yml", ".YAML", ".YML"):
            message = "not read: the name of an annotation file ends in .yaml; rename it"
            faults.add(Place(path), message)
        if path.suffix != ".yaml":
            continue
        try:
            source = read_source(path)
            if isinstance(source.data, dict):
                found.append(source)
                continue
            faults.add(source.place(), "the file should hold 'field: value' lines")
        except AnnotationError as error:
            faults.all += error.faults
        unread.append(path)
    return found, unread


def _document_id(source: Source) -> str:
    """Return the id that a document gives itself, else that of its file."""
    header = source.data.get("document")
    each = header.get("id") if isinstance(header, dict) else None
    return each if isinstance(each, str) else source.path.stem


def _kinds(register: list[Source], vocabulary: Vocabulary, faults: Faults) -> Mapping[str, Kind]:
    """Return the kind of each id, reporting those of the register that are declared twice."""
    kinds = {slug: term.kind for slug, term in vocabulary.items()}
    places = {slug: term.place for slug, term in vocabulary.items()}
    for source, (name, (kind, *_)) in product(register, SECTIONS.items()):
        for each, place in _ids(source, name):
            if each in places:
                message = f"is taken: it is declared at {places[each]}; choose another"
                faults.add(place, f"the id '{each}' {message}")
            elif each in ("reporter", "curator", "claim", "document"):
                faults.add(place, f"the id '{each}' is reserved; choose another")
            kinds.setdefault(each, kind)
            places.setdefault(each, place)
    return kinds


def _claim_ids(source: Source, faults: Faults) -> frozenset[str]:
    """Return the ids of the claims of a document, reporting those that are declared twice."""
    found: dict[str, Place] = {}
    for each, place in _ids(source, "claims"):
        if each in found:
            message = f"the claim '{each}' stands already on line {found[each].line}"
            faults.add(place, f"{message}; choose another id")
        found.setdefault(each, place)
    return frozenset(found)


def _ids(source: Source, section: str) -> Iterator[tuple[str, Place]]:
    """Yield the id of each entry of a section, and its place."""
    for index, raw in enumerate(_list(source, section)):
        each = raw.get("id") if isinstance(raw, dict) else None
        if isinstance(each, str):
            yield each, source.place(section, index, "id")


def _list(source: Source, name: str) -> list[Any]:
    value = source.data.get(name)
    return value if isinstance(value, list) else []


@dataclass
class _Reader:
    """Checks the entries of one file by what they may name, and gathers their faults."""

    source: Source
    vocabulary: Vocabulary
    faults: Faults
    kinds: Mapping[str, Kind]
    """What each id that is declared stands for."""
    claims: Mapping[str, frozenset[str]]
    """The ids of the claims of each document, by the document's id."""
    complete: bool
    """False where a register file couldn't be read, so that an unknown id may be in it."""
    unread: frozenset[str]
    """Ids of documents whose files couldn't be read."""

    def register(self) -> Iterator[Entry[Thing]]:
        for name in self.source.data:
            if name in SECTIONS:
                yield from self.entries(name, SECTIONS[name][1])
            elif name not in REGISTER_FILE:
                known = f" (one of {', '.join(REGISTER_FILE)})"
                guess = did_you_mean(name, REGISTER_FILE) or known
                self.faults.add(self.source.key_place(name), f"unknown section '{name}'{guess}")

    def entries(self, name: str, model: type[_Model]) -> Iterator[Entry[_Model]]:
        """Yield what a list of a register file holds."""
        first, second, *_ = model.model_fields
        if not isinstance(self.source.data.get(name, []), list):
            self._add(f"'{name}' takes a list; begin each entry with '- {first}:'", name)
        for index, raw in enumerate(_list(self.source, name)):
            if not isinstance(raw, dict):
                fields = f"'{first}:', '{second}:', …"
                self._add(f"an entry of '{name}' has fields: {fields}", name, index)
            elif entry := self._entry(raw, model, name, index):
                yield Entry(entry, self.source, (name, index))

    def document(self) -> Document | None:
        """Return the annotated document, or None if it has a fault."""
        before = len(self.faults.all)
        for name, value in self.source.data.items():
            if name not in DocumentFile.model_fields:
                message = f"unknown field '{name}'{did_you_mean(name, DocumentFile.model_fields)}"
                self.faults.add(self.source.key_place(name), message)
            elif name != "document" and not isinstance(value, list):
                self._add(f"'{name}' takes a list of entries", name)
        header = self._header()
        given = self.source.data.get("document")
        given = given.get("defaults") if isinstance(given, dict) else None
        claims: list[models.SomeClaim | None] = []
        for index, raw in enumerate(_list(self.source, "claims")):
            kind = raw.get("kind") if isinstance(raw, dict) else None
            if isinstance(kind, str) and kind in CLAIM_MODELS:
                claims.append(self._entry(raw, CLAIM_MODELS[kind], "claims", index, defaults=given))
            else:
                self._add(_fault_of_kind(raw, kind), "claims", index, "kind")
        raws = enumerate(_list(self.source, "no_claim"))
        no_claim = filter(None, [self._entry(raw, NoClaim, "no_claim", i) for i, raw in raws])
        if header is None or len(self.faults.all) > before:
            return None
        return Document(self.source, header, tuple(filter(None, claims)), tuple(no_claim))

    def _add(self, message: str, *route: str | int) -> None:
        self.faults.add(self.source.place(*route), message)

    def _header(self) -> models.DocumentHeader | None:
        raw = self.source.data.get("document")
        if not isinstance(raw, dict):
            self._add("missing field 'document' (with 'id', 'label' and 'source')", "document")
            return None
        header = self._entry(raw, models.DocumentHeader, "document")
        if raw.get("issued") == {}:
            message = "'issued' says nothing; give a date, or delete the line"
            self._add(message, "document", "issued")
        each, stem = raw.get("id"), self.source.path.stem
        if isinstance(each, str) and each != stem:
            message = f"the id '{each}' is not the name of the file, '{escaped(stem)}'"
            self._add(f"{message}; rename one of them", "document", "id")
        if isinstance(each, str) and each in _GRAPHS:
            message = f"the id '{each}' is reserved for a graph of its own; choose another"
            self._add(message, "document", "id")
        return header

    def _entry(
        self, raw: Any, model: type[_Model], *route: str | int, defaults: object = None
    ) -> _Model | None:
        """Return an entry if it fits its model; the names in it are checked all the same.

        What is wrong with the defaults that it takes over is reported of the header.
        """
        if self.faults.full(self.source.path):
            return None
        entry = None
        taken = models.Defaults.of(defaults, raw) if isinstance(raw, dict) else {}
        try:
            entry = model.model_validate({**taken, **raw} if taken else raw)
        except ValidationError as error:
            errors = (e for e in error.errors(include_url=False) if not taken.keys() & e["loc"][:1])
            faults = (self._fault_of_field(each, model, route) for each in errors)
            for fault in dict.fromkeys(faults):  # a pair too short lacks two items
                self.faults.add(*fault)
        self._check_references(raw, model, route)
        return entry

    def _check_references(self, raw: Any, model: type[BaseModel], route: Route) -> None:
        """Report what is wrong with the names in raw data; the model reports a wrong shape."""
        if not isinstance(raw, dict):
            return
        if model is models.Quantity:
            for part, message in _quantity_faults(raw):
                place = self.source.key_place if part else self.source.place
                self.faults.add(place(*route, *filter(None, [part])), message)
        for name, slot in slots(model).items():
            value = raw.get(name)
            seen: set[str] = set()
            for index, item in enumerate(value if isinstance(value, list) else [value]):
                here = (*route, name, index) if isinstance(value, list) else (*route, name)
                if slot.model is not None:
                    self._check_references(item, slot.model, here)
                elif slot.ref is not None and isinstance(item, str):
                    if fault := self._fault_of_name(name, item, slot.ref):
                        self._add(fault, *here)
                    if isinstance(value, list) and len(value) > 1 and item in slot.ref.words:
                        self._add(f"'{item}' stands alone in '{name}'; make two claims", *here)
                    if item in seen:
                        self._add(f"'{item}' stands twice in '{name}'; keep one", *here)
                    seen.add(item)

    def _fault_of_name(self, name: str, value: str, ref: Ref) -> str | None:
        kind = self.kinds.get(value)
        if value in ref.words or kind in ref.kinds:
            return None
        if value.startswith("claim/"):
            return self._fault_of_claim(value) if ref.claims else f"'{name}' cannot be a claim"
        own = self.claims.get(_document_id(self.source), ())
        if not ref.kinds and (kind is None or value in own):
            return f"'{name}' names a claim: write claim/{value} or claim/<document>/<id>"
        if kind is not None:
            broad = ref.kinds >= set(ANYTHING)
            rest = "which cannot stand here" if broad else f"not {ref.wanted}"
            return f"'{value}' is {kind.with_article}, {rest}"
        closed = REGISTER_KINDS.isdisjoint(ref.kinds)
        if not (self.complete or closed):
            return None
        one = len(ref.kinds) == 1
        what = f"{next(iter(ref.kinds))} '{value}'" if one else f"id '{value}' in '{name}'"
        candidates = [each for each, known in self.kinds.items() if known in ref.kinds]
        guess = self._guess(value, (*candidates, *ref.words))
        words = ", ".join(sorted((*candidates, *ref.words)))
        allowed = f"; known are {words}; or declare your own in ontology/*.ttl"
        declare = "; declare it in seeds/register, or correct it"
        return f"unknown {what}{guess or (allowed if closed else declare)}"

    def _guess(self, name: str, known: Iterable[str]) -> str:
        """Return the name that may be meant; for the first faults only, as comparing takes time."""
        return "" if self.faults.full(self.source.path, 100) else did_you_mean(name, known)

    def _fault_of_claim(self, value: str) -> str | None:
        if (target := split_claim_reference(value, _document_id(self.source))) is None:
            return f"'{value}' is not claim/<id> or claim/<document>/<id>"
        where, claim = target
        if where in self.unread or claim in self.claims.get(where, ()):
            return None
        if where not in self.claims:
            guess = self._guess(where, self.claims)
            return f"unknown document '{where}' in '{value}'{guess}"
        guess = self._guess(claim, self.claims[where])
        return f"no claim '{claim}' in document '{where}'{guess}"

    def _fault_of_field(
        self, error: ErrorDetails, model: type[BaseModel], route: Route
    ) -> tuple[Place, str]:
        """Return the place of an error of pydantic, and the error in the words of the format."""
        loc, kind, value = error["loc"], error["type"], error["input"]
        slot, name = Slot(model=model), ""
        for step in loc:
            if isinstance(step, str):
                model, name = slot.model or model, step
                slot = slots(model).get(step, Slot())
        place = self.source.place(*route, *loc)
        whole = "a list" if isinstance(value, list) else "a mapping"
        shape = whole if isinstance(value, list | dict) else f"'{value}'"
        if kind == "extra_forbidden":
            return self.source.key_place(*route, *loc), _unknown_field(name, model)
        if kind == "missing" and isinstance(loc[-1], str):
            message = f"missing field '{name}'{self._allowed(slot)}"
        elif kind == "model_type" and not name:
            message = f"an entry has fields, not {shape}; write 'field: value' lines"
        elif kind == "literal_error" and isinstance(value, str):
            guess = did_you_mean(value, slot.words)
            message = f"'{name}' cannot be '{value}'; it is one of {', '.join(slot.words)}{guess}"
        elif kind in _WORDINGS:
            words = ", ".join(slot.words)
            message = f"'{name}' {_WORDINGS[kind].format(shape=shape, words=words)}"
        else:
            message = f"'{name}': {error['msg'].removeprefix('Value error, ')}"
        return place, message

    def _allowed(self, slot: Slot) -> str:
        """Return what a field may hold, in brackets: its words, or the kinds of thing."""
        words = slot.words
        if slot.ref and REGISTER_KINDS.isdisjoint(slot.ref.kinds):
            known = self.vocabulary.items()
            words = tuple(slug for slug, term in known if term.kind in slot.ref.kinds)
        if 0 < len(words) <= 16:
            return f" (one of {', '.join(words)})"
        return f" ({slot.ref.wanted})" if slot.ref else ""


_GRAPHS: Final = ("register", "derived", "ontology", "labels", "links")
"""The names of the graphs that are not of a document."""

_ONE, _FIELDS = "takes one value, not {shape}", "takes fields, not {shape}; write {{field: value}}"
_WORDINGS: Final = {
    **dict.fromkeys(("bool_type", "decimal_type", "int_type", "string_type"), _ONE),
    **dict.fromkeys(("model_attributes_type", "model_type"), _FIELDS),
    **dict.fromkeys(("missing", "too_long"), "does not have the right number of items"),
    "less_than_equal": "is a fraction from 0 to 1, not {shape}; 30 per cent is 0.3",
    "literal_error": f"{_ONE} (one of {{words}})",
    "string_pattern_mismatch": "cannot be {shape}; a currency is three capital letters, as GBP",
    "string_too_short": "is blank; give a value or delete the line",
    "too_short": "is an empty list; give an item or delete the line",
    "tuple_type": "takes a list, not {shape}; write [ … ]",
}
"""The message for a value, by the type of pydantic's error."""


def _unknown_field(name: str, holder: type[BaseModel]) -> str:
    homes = [kind for kind, each in CLAIM_MODELS.items() if name in slots(each)]
    if homes and issubclass(holder, models.Claim):
        own = holder.__name__.lower()
        return f"'{name}' is a field of a {' or '.join(homes)}, not of a {own}"
    return f"unknown field '{name}'{did_you_mean(name, slots(holder))}"


def _fault_of_kind(raw: Any, kind: Any) -> str:
    kinds = ", ".join(CLAIM_MODELS)
    if not isinstance(raw, dict):
        return "a claim has fields: 'id:', 'kind:', …"
    if kind is None:
        return f"missing field 'kind' (one of {kinds})"
    if not isinstance(kind, str):
        return f"'kind' takes one value (one of {kinds})"
    return f"unknown kind of claim '{kind}' (one of {kinds}){did_you_mean(kind, CLAIM_MODELS)}"


_COMPANIONS: Final = {
    "currency": ("amount",),
    "of": ("share", "number", "extent"),
    **dict.fromkeys(("bound", "per"), ("amount", "share", "number")),
}
"""The fields of a quantity that go with others."""


def _quantity_faults(given: Mapping[str, Any]) -> Iterator[tuple[str | None, str]]:
    """Yield what is wrong with how the fields of a quantity go together, and the field to mend.

    No shape can see it: amount, share and number are each a ``schema:value`` of the graph.
    """
    kinds = [names for names in models.QUANTITIES if names[0] in given]
    if len(kinds) != 1:
        found = " and ".join(f"'{name}'" for name, *_ in kinds) or "none"
        message = "a quantity has one of 'amount', 'share', 'number' and 'extent'"
        yield None, f"{message}; here: {found}"
    for name, *partners in kinds:
        for partner in set(partners).difference(given):
            yield None, f"missing field '{partner}', which goes with '{name}'"
    for each, wanted in _COMPANIONS.items():
        if each in given and not given.keys() & set(wanted):
            names = " or ".join(f"'{name}'" for name in wanted)
            yield each, f"'{each}' goes with {names}"
