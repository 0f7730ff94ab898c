"""The corpus as it was read: the register of things, and documents, each entry with its place."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from nhskg.annotation.claims import DocumentHeader, NoClaim, Passage, SomeClaim
from nhskg.annotation.fields import Frozen
from nhskg.annotation.register import Link, Thing
from nhskg.annotation.texts import Sentence, SourceText, sentences_touching
from nhskg.rdf.errors import Fault
from nhskg.rdf.yaml_source import Route, Source
from nhskg.vocabulary import Vocabulary

_Model = TypeVar("_Model", bound=Frozen)


@dataclass(frozen=True)
class Entry(Generic[_Model]):
    """A thing of the register, or a link from one, and where it is written."""

    value: _Model
    source: Source
    route: Route


@dataclass(frozen=True)
class Document:
    """An annotated document, and its file; its entries are in file order."""

    source: Source
    header: DocumentHeader
    claims: tuple[SomeClaim, ...]
    no_claim: tuple[NoClaim, ...]

    @property
    def id(self) -> str:
        """The id of the document."""
        return self.header.id

    def passages(self) -> Iterator[tuple[Route, Passage]]:
        """Yield every passage, with claims and without, and the route to it."""
        for index, claim in enumerate(self.claims):
            yield ("claims", index), claim
            for also, passage in enumerate(claim.also):
                yield ("claims", index, "also", also), passage
        for index, entry in enumerate(self.no_claim):
            yield ("no_claim", index), entry


@dataclass(frozen=True)
class Corpus:
    """All documents of a project, its register and its links, and the vocabulary of them."""

    documents: tuple[Document, ...]
    register: Mapping[str, Entry[Thing]]
    vocabulary: Vocabulary = field(repr=False)
    links: tuple[Entry[Link], ...] = ()

    def claims(self) -> Iterator[tuple[Document, int, SomeClaim]]:
        """Yield every claim not withdrawn with its document and its position (from 0) in it."""
        for document in self.documents:
            for index, claim in enumerate(document.claims):
                if claim.withdrawn is None:
                    yield document, index, claim


def check_anchored(documents: Iterable[Document]) -> list[Fault]:
    """Return a fault for each document and passage that has not been anchored in its text."""
    faults = []
    for document in documents:
        missing = [(route, "'at'") for route, each in document.passages() if each.at is None]
        if document.header.sha256 is None or document.header.length is None:
            missing.insert(0, (("document",), "'sha256' or 'length'"))
        for route, what in missing:
            message = f"not anchored: {what} is missing; run nhskg anchor"
            faults.append(Fault(document.source.place(*route), message))
    return faults


def split_claim_reference(reference: str, document_id: str) -> tuple[str, str] | None:
    """Return (document id, claim id) of a reference to a claim, or None if it isn't one.

    >>> split_claim_reference("claim/sign-off", "gazette")
    ('gazette', 'sign-off')
    >>> split_claim_reference("claim/times/sign-off", "gazette")
    ('times', 'sign-off')
    """
    match reference.split("/"):
        case ["claim", claim] if claim:
            return document_id, claim
        case ["claim", document, claim] if document and claim:
            return document, claim
    return None


SentenceCoverage = tuple[Sentence, tuple[str, ...], tuple[str, ...]]
"""One sentence, the ids of the claims made of it, and the reasons given for making none."""


def measure_coverage(document: Document, text: SourceText) -> tuple[SentenceCoverage, ...]:
    """Return what accounts for each sentence of a text, in file order, each once.

    A passage without a position accounts for nothing, and a claim that is withdrawn neither.
    """
    claims: dict[Sentence, dict[str, None]] = {each: {} for each in text.sentences}
    reasons: dict[Sentence, list[str]] = {each: [] for each in text.sentences}
    for (section, index, *_), passage in document.passages():
        at = passage.at
        for sentence in sentences_touching(text.sentences, *at) if at else ():
            claim = document.claims[int(index)] if section == "claims" else None
            if claim and claim.withdrawn is None:
                claims[sentence][claim.id] = None
            elif not claim:
                reasons[sentence].append(document.no_claim[int(index)].reason)
    return tuple((each, tuple(claims[each]), tuple(reasons[each])) for each in text.sentences)


def check_coverage(document: Document, text: SourceText) -> list[Fault]:
    """Return a fault of the annotation file for each sentence that nothing or both account for."""
    faults = []
    for sentence, claims, reasons in measure_coverage(document, text):
        where = f"line {sentence.line} of {document.header.source}"
        first = " ".join(text.text[sentence.start : sentence.end].split()[:6])
        if not claims and not reasons:
            message = f"nothing accounts for the sentence on {where}: {first} …"
            faults.append(Fault(document.source.place("document"), message))
        elif claims and reasons:
            message = f"{where} has claims and a no_claim entry too: {first} …"
            faults.append(Fault(document.source.place("no_claim"), message))
    return faults
