"""Claims with their passages: who says something, in which voice, how firmly, and where."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

import pyoxigraph as ox

from nhskg.rdf.sparql.algebra import Term
from nhskg.rdf.terms import GRAPH, ID, NS, OA, RDF_TYPE, SKOS, compact, local_name
from nhskg.reasoning.triple_lookup import Facts

_CLAIM: Final = re.compile(rf"({re.escape(ID)}claim/([^/]+/[^/]+))(/.*)?$")
_CAMEL: Final = re.compile(r"(?<=[a-z])(?=[A-Z])")


@dataclass(frozen=True, slots=True)
class Passage:
    """Where a claim is made.

    Attributes:
        document: id of the document.
        label: its title.
        start: position of the passage in code points.
        end: where it ends, exclusive.
        quote: at most 12 words that mark the place.
        text: the whole passage, if it was asked for and the text is the annotated one.
        problem: why there is no text, although it was asked for.
    """

    document: str
    label: str
    start: int
    end: int
    quote: str
    text: str | None = None
    problem: str | None = None

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

    @property
    def speaker(self) -> str:
        """The claimant with the capacity spoken in."""
        return f"{self.claimant}, {self.capacity}" if self.capacity else self.claimant


def claim_iri(node: object) -> str | None:
    """Return the IRI of the claim that a node is, or is a part of."""
    found = _CLAIM.match(node.value) if isinstance(node, ox.NamedNode) else None
    return found[1] if found else None


def read_claim(facts: Facts, iri: str) -> Claim:
    """Read a claim from a built store."""
    node = ox.NamedNode(iri)

    def words(name: str) -> str | None:
        value = facts.value(node, NS + name)
        return value if value is None else label(facts, value)

    kinds = (ox.Triple(node, ox.NamedNode(RDF_TYPE), kind) for kind in facts.values(node, RDF_TYPE))
    asserted = [label(facts, t.object) for t in kinds if facts.is_asserted(t)]  # type: ignore[arg-type]
    evidence = facts.values(node, NS + "evidence")
    return Claim(
        iri=iri,
        name=label(facts, node),
        kind=asserted[0] if asserted else "claim",
        claimant=words("claimant") or "nobody named",
        capacity=words("capacity"),
        voice=words("voice") or "unknown voice",
        modality=words("modality"),
        hedge=words("hedge"),
        passages=tuple(_passage(facts, each) for each in evidence if claim_iri(each) == iri),
    )


def _passage(facts: Facts, node: Term) -> Passage:
    document = facts.value(node, OA + "hasSource")
    assert isinstance(document, ox.NamedNode)
    selectors = facts.values(node, OA + "hasSelector")

    def selected(name: str) -> str:
        values = (facts.value(each, OA + name) for each in selectors)
        return next((value.value for value in values if value is not None), "")

    return Passage(
        document=notation(facts, document) or document.value.removeprefix(GRAPH),
        label=label(facts, document),
        start=int(selected("start") or 0),
        end=int(selected("end") or 0),
        quote=selected("exact"),
    )


def notation(facts: Facts, node: Term) -> str | None:
    """Return the id of a thing (``skos:notation``)."""
    value = facts.value(node, SKOS + "notation")
    return value and value.value


def label(facts: Facts, term: Term) -> str:
    """Return the label of a thing, or words made of its IRI; of a literal its text."""
    if not isinstance(term, ox.NamedNode):
        return term.value
    for value in facts.values(term, SKOS + "prefLabel"):
        if isinstance(value, ox.Literal) and value.language in ("en", None):
            return value.value
    claim = _CLAIM.match(term.value)
    if claim:
        return claim[2] + (claim[3] or "")
    if term.value.startswith(ID):
        return term.value.removeprefix(ID)
    known = compact(term.value) != term.value
    return split_words(local_name(term.value)) if known else term.value


def split_words(name: str) -> str:
    """Return a name in camel case as words.

    >>> split_words("underPlan")
    'under plan'
    """
    return _CAMEL.sub(" ", name).lower()
