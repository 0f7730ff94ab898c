"""The corpus as it was read: documents and register, each entry with its place in a file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from nhskg.annotation.claims import DocumentHeader, NoClaim, Passage, SomeClaim
from nhskg.annotation.register import Thing
from nhskg.rdf.errors import Place
from nhskg.rdf.yaml_source import Route, Source
from nhskg.vocabulary import Kind, Vocabulary


@dataclass(frozen=True)
class Entry:
    """A thing of the register, what kind it is of, and where it is declared."""

    kind: Kind
    thing: Thing
    source: Source
    route: Route

    @property
    def id(self) -> str:
        """The id of the thing."""
        return self.thing.id

    def place(self, *route: str | int) -> Place:
        """Return the place of the entry, or of a field of it."""
        return self.source.place(*self.route, *route)


@dataclass(frozen=True)
class Document:
    """An annotated document, with a handle on its file."""

    source: Source
    header: DocumentHeader
    """What is known of the document itself."""
    claims: tuple[SomeClaim, ...]
    """What is said in the document, in file order."""
    no_claim: tuple[NoClaim, ...]
    """The passages that say nothing the graph is about."""

    @property
    def id(self) -> str:
        """The id of the document."""
        return self.header.id

    def place(self, *route: str | int) -> Place:
        """Return the place of a field: ``document.place("claims", 3, "power")``.

        Where the field isn't written, the place is that of the nearest thing around it.
        """
        return self.source.place(*route)

    def passages(self) -> Iterator[tuple[Route, Passage]]:
        """Yield every passage of the document with the route to it, in file order.

        These are claims (each is its own first passage), their further passages,
        and the passages without a claim.
        """
        for index, claim in enumerate(self.claims):
            yield ("claims", index), claim
            for also, passage in enumerate(claim.also):
                yield ("claims", index, "also", also), passage
        for index, entry in enumerate(self.no_claim):
            yield ("no_claim", index), entry


@dataclass(frozen=True)
class Corpus:
    """All documents of a project, its register, and the vocabulary they were read with."""

    documents: tuple[Document, ...]
    register: Mapping[str, Entry]
    vocabulary: Vocabulary = field(repr=False)

    def claims(self) -> Iterator[tuple[Document, int, SomeClaim]]:
        """Yield every claim with its document and its position (from 0) in it."""
        for document in self.documents:
            for index, claim in enumerate(document.claims):
                yield document, index, claim


def split_claim_reference(reference: str, document_id: str) -> tuple[str, str] | None:
    """Return (document id, claim id) of a reference to a claim, or None if it isn't one.

    ``claim/<id>`` is a claim of the document that has the reference.

    >>> split_claim_reference("claim/sign-off", "gazette")
    ('gazette', 'sign-off')
    >>> split_claim_reference("claim/times/sign-off", "gazette")
    ('times', 'sign-off')
    """
    parts = reference.split("/")
    if parts[0] != "claim" or not 2 <= len(parts) <= 3 or not all(parts):
        return None
    return (document_id, parts[1]) if len(parts) == 2 else (parts[1], parts[2])
