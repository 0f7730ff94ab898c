"""Evidence: the claims behind asserted triples, with who says so, how firmly, and where."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

import pyoxigraph as ox

from nhskg.queries.names import label, notation
from nhskg.rdf import terms
from nhskg.rdf.errors import InputError
from nhskg.rdf.sparql.algebra import TYPE, Term
from nhskg.reasoning.triple_lookup import Facts, nodes

_CLAIM: Final = re.compile(rf"{terms.ID}claim/[^/]+/[^/]+")
_ORIGINS: Final = {
    "claim": "said in a claim",
    "register": "declared in the register",
    "ontology": "stated in the ontology",
    "document": "stated of the document",
}


@dataclass(frozen=True, slots=True)
class Passage:
    """Where a claim is made: a document, by id and title, and a position in code points.

    Attributes:
        quote: at most 12 words that mark the place.
        text: the whole passage, if it was asked for and the text is the annotated one.
        problem: why there is no text, although it was asked for.
    """

    document: str
    label: str
    start: int
    end: int
    quote: str
    text: str | None
    problem: str | None

    @property
    def reference(self) -> str:
        """The passage as ``document:start-end``."""
        return f"{self.document}:{self.start}-{self.end}"


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
    """What a proof rests on of a claim, the register, the ontology or the head of a document."""

    source: str
    claim: Claim | None
    triples: tuple[ox.Triple, ...]

    @property
    def origin(self) -> str:
        """Where the triples come from, in words."""
        return _ORIGINS[self.source]


class Evidence:
    """Finds the claims behind asserted triples; with their passages in full, given the texts."""

    def __init__(self, facts: Facts, texts: Path | None = None) -> None:
        self.facts = facts
        self.texts = texts
        self._claim: Callable[[str], Claim] = cache(self._read_claim)
        self._text = cache(self._find_text)

    def leaves(self, triples: Iterable[ox.Triple]) -> list[Leaf]:
        """Group asserted triples by the claim, or else the graph, that they belong to."""
        groups: dict[tuple[str, str | None], list[ox.Triple]] = {}
        for triple in triples:
            groups.setdefault(self._source(triple), []).append(triple)
        return [
            Leaf(source, self._claim(iri) if iri else None, tuple(found))
            for (source, iri), found in groups.items()
        ]

    def claims(self, triples: Iterable[ox.Triple]) -> list[Claim]:
        """Return the claims that assert some triples, each once."""
        return [leaf.claim for leaf in self.leaves(triples) if leaf.claim]

    def _source(self, triple: ox.Triple) -> tuple[str, str | None]:
        """Return what kind of source asserts a triple and, if it is a claim, which."""
        iri = _claim_iri(triple.subject)
        if iri:
            return "claim", iri
        graphs = [graph.value for graph in self.facts.graphs(triple)]
        if terms.REGISTER_GRAPH in graphs or terms.ONTOLOGY_GRAPH in graphs:
            return "register" if terms.REGISTER_GRAPH in graphs else "ontology", None
        for quad in self.facts.store.quads_for_pattern(None, None, nodes(triple)[0], None):
            iri = _claim_iri(quad.subject)
            if iri and getattr(quad.graph_name, "value", "") in graphs:
                return "claim", iri
        return "document", None

    def _read_claim(self, iri: str) -> Claim:
        facts, node = self.facts, ox.NamedNode(iri)

        def words(name: str) -> str | None:
            value = facts.value(node, terms.NS + name)
            return value and label(facts, value)

        kinds = facts.values(node, terms.RDF_TYPE)
        asserted = (kind for kind in kinds if facts.is_asserted(ox.Triple(node, TYPE, kind)))
        places = facts.values(node, terms.NS + "evidence")
        return Claim(
            iri=iri,
            name=label(facts, node),
            kind=next((label(facts, kind) for kind in asserted), "claim"),
            claimant=words("claimant") or "nobody named",
            capacity=words("capacity"),
            voice=words("voice") or "unknown voice",
            modality=words("modality"),
            hedge=words("hedge"),
            passages=tuple(self._passage(each) for each in places if _claim_iri(each) == iri),
        )

    def _passage(self, node: Term) -> Passage:
        """Return a passage, with its text in full where that is asked for."""
        facts = self.facts
        (document,) = facts.values(node, terms.OA + "hasSource")
        found = {
            name: value.value
            for selector in reversed(facts.values(node, terms.OA + "hasSelector"))
            for name in ("start", "end", "exact")
            for value in facts.values(selector, terms.OA + name)[:1]
        }
        start, end = int(found["start"]), int(found["end"])
        text, problem = self._text(document) if self.texts else (None, None)
        return Passage(
            document=notation(facts, document) or terms.local_name(document.value),
            label=label(facts, document),
            start=start,
            end=end,
            quote=found["exact"],
            text=text and text[start:end],
            problem=problem,
        )

    def _find_text(self, document: Term) -> tuple[str | None, str | None]:
        """Return the text of a document, or why there is none."""
        assert self.texts is not None
        file = self.facts.value(document, terms.DCTERMS + "identifier")
        digest = self.facts.value(document, terms.SCHEMA + "sha256")
        if file is None:
            return None, "the document does not say which text it was annotated from"
        path = self.texts / file.value
        if not path.exists():
            return None, f"{file.value} is not in {self.texts}"
        from nhskg.annotation.anchors import read_text  # noqa: PLC0415  # it is slow to import

        try:
            source = read_text(path)
        except InputError as error:
            return None, str(error)
        if digest is not None and source.sha256 != digest.value:
            return None, f"{path} is not the text that was annotated: its digest differs"
        return source.text, None


def _claim_iri(node: object) -> str | None:
    """Return the IRI of the claim that a node is, or is a part of."""
    found = _CLAIM.match(node.value) if isinstance(node, ox.NamedNode) else None
    return found and found[0]
