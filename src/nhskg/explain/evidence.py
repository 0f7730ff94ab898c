"""The leaves of a proof: by which claim, passage, register or ontology a triple is asserted."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pyoxigraph as ox

from nhskg.explain.wording import Wording
from nhskg.rdf.errors import InputError
from nhskg.rdf.sparql.algebra import Term
from nhskg.rdf.terms import (
    DCTERMS,
    GRAPH,
    ID,
    NS,
    OA,
    ONTOLOGY_GRAPH,
    RDF_TYPE,
    REGISTER_GRAPH,
    SCHEMA,
    SKOS,
)
from nhskg.reasoning.triple_lookup import Facts, nodes

if TYPE_CHECKING:
    from nhskg.annotation.anchors import SourceText

__all__ = ["Claim", "Evidence", "Leaf", "Passage"]

_ORIGINS: Final = {
    "claim": "said in a claim",
    "register": "declared in the register",
    "ontology": "stated in the ontology",
    "document": "stated of the document",
}
_CLAIM: Final = re.compile(re.escape(ID) + r"claim/[^/]+/[^/]+")


@dataclass(frozen=True, slots=True)
class Passage:
    """Where a claim stands.

    Attributes:
        document: id of the document.
        label: the words for it.
        start: position of the passage in code points.
        end: where it ends, exclusive.
        quote: at most 12 words that mark the place.
        text: the passage in full, where the text was asked for and is there as annotated.
        problem: why there is no text, where it was asked for.
    """

    document: str
    label: str
    start: int
    end: int
    quote: str
    text: str | None = None
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class Claim:
    """What somebody said: who, in what capacity, in which voice, how firmly, and where."""

    iri: str
    name: str
    kind: str
    claimant: str
    capacity: str | None
    voice: str
    modality: str | None
    hedge: str | None
    passages: tuple[Passage, ...]


@dataclass(frozen=True, slots=True)
class Leaf:
    """Asserted triples that are told together.

    Attributes:
        source: ``claim``, ``register``, ``ontology`` or ``document`` (what the head of an
            annotated document says).
        claim: for ``claim``, the claim that says so.
        triples: what it says, as far as the proof rests on it.
    """

    source: str
    claim: Claim | None
    triples: tuple[ox.Triple, ...]

    @property
    def origin(self) -> str:
        """Where the triples come from, in words."""
        return _ORIGINS[self.source]


class Evidence:
    """Reads what stands behind asserted triples.

    Args:
        facts: the built store.
        wording: how things are called.
        texts: folder of the source texts, where passages are asked for in full.
    """

    def __init__(self, facts: Facts, wording: Wording, texts: Path | None = None) -> None:
        self.facts = facts
        self.wording = wording
        self.texts = texts
        self._claims: dict[str, Claim] = {}
        self._sources: dict[Term, SourceText | str] = {}

    def leaves(self, triples: Iterable[ox.Triple]) -> list[Leaf]:
        """Group asserted triples by the claim, or else the graph, that they belong to."""
        groups: dict[tuple[str, str], list[ox.Triple]] = {}
        for triple in triples:
            groups.setdefault(self._home(triple), []).append(triple)
        return [
            Leaf(source, self.claim(iri) if iri else None, tuple(found))
            for (source, iri), found in groups.items()
        ]

    def _home(self, triple: ox.Triple) -> tuple[str, str]:
        """Return what kind of source asserts a triple and, if it is a claim, which."""
        subject = nodes(triple)[0]
        graphs = [graph.value for graph in self.facts.graphs(triple)]
        if isinstance(subject, ox.NamedNode):
            found = _CLAIM.match(subject.value)
            if found:
                return ("claim", found[0])
        if REGISTER_GRAPH in graphs:
            return ("register", "")
        if ONTOLOGY_GRAPH in graphs:
            return ("ontology", "")
        for quad in self.facts.store.quads_for_pattern(None, None, subject, None):
            user = _CLAIM.match(getattr(quad.subject, "value", ""))
            if user and getattr(quad.graph_name, "value", "") in graphs:
                return ("claim", user[0])
        return ("document", "")

    def claim(self, iri: str) -> Claim:
        """Return who says what a claim says, how, and where."""
        if iri not in self._claims:
            self._claims[iri] = self._read(ox.NamedNode(iri))
        return self._claims[iri]

    def _read(self, node: ox.NamedNode) -> Claim:
        def words(name: str) -> str | None:
            value = self.facts.value(node, NS + name)
            if value is None:
                return None
            return value.value if isinstance(value, ox.Literal) else self.wording.label(value)

        kinds = [
            kind
            for kind in self.facts.values(node, RDF_TYPE)
            if self.facts.is_asserted(ox.Triple(node, ox.NamedNode(RDF_TYPE), kind))
        ]
        passages = [
            self._passage(each)
            for each in self.facts.values(node, NS + "evidence")
            if str(getattr(each, "value", "")).startswith(node.value + "/")
        ]
        return Claim(
            iri=node.value,
            name=self.wording.label(node),
            kind=self.wording.label(kinds[0]) if kinds else "claim",
            claimant=words("claimant") or "nobody named",
            capacity=words("capacity"),
            voice=words("voice") or "unknown voice",
            modality=words("modality"),
            hedge=words("hedge"),
            passages=tuple(passages),
        )

    def _passage(self, node: Term) -> Passage:
        found: dict[str, Term] = {}
        for selector in self.facts.values(node, OA + "hasSelector"):
            for name in ("start", "end", "exact"):
                value = self.facts.value(selector, OA + name)
                if value is not None:
                    found[name] = value
        document = self.facts.value(node, OA + "hasSource")
        assert document is not None
        notation = self.facts.value(document, SKOS + "notation")
        start, end = (int(found[n].value) if n in found else 0 for n in ("start", "end"))
        source = self._source(document)
        return Passage(
            document=notation.value if notation else document.value.removeprefix(GRAPH),
            label=self.wording.label(document),
            start=start,
            end=end,
            quote=found["exact"].value if "exact" in found else "",
            text=source.text[start:end]
            if source is not None and not isinstance(source, str)
            else None,
            problem=source if isinstance(source, str) else None,
        )

    def _source(self, document: Term) -> SourceText | str | None:
        """Return the text of a document, why there is none, or None where none is asked for."""
        if self.texts is None:
            return None
        if document not in self._sources:
            self._sources[document] = self._read_source(document, self.texts)
        return self._sources[document]

    def _read_source(self, document: Term, folder: Path) -> SourceText | str:
        name = self.facts.value(document, DCTERMS + "identifier")
        wanted = self.facts.value(document, SCHEMA + "sha256")
        if name is None:
            return "the document does not say which text it was annotated from"
        path = folder / name.value
        if not path.exists():
            return f"{name.value} is not in {folder}"
        from nhskg.annotation.anchors import read_text  # noqa: PLC0415  # it is slow to import

        try:
            source = read_text(path)
        except InputError as error:
            return str(error)
        if wanted is not None and source.sha256 != wanted.value:
            return f"{path} is not the text that was annotated: its digest differs"
        return source
