"""Labels for all that is published: of what has none, in words made from its parts.

A claim is put as the answers of stored queries put it, with the modality and the hedge that they
have in a column of their own (``queries/parts/labels.rq``); an entry is put as ``nhskg why`` does.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any, Final, cast

from pyoxigraph import Literal, NamedNode, Quad, Store

from nhskg.explain.wording import Wording
from nhskg.queries.engine import evaluate
from nhskg.queries.nested_loops import nest_loops
from nhskg.queries.stored import read_query
from nhskg.rdf import terms
from nhskg.rdf.files import AnyFolder, files_in
from nhskg.rdf.sparql.algebra import TYPE, Node, Term
from nhskg.rdf.terms import DCTERMS, NS, OA, OWL, PROV, RDFS, SKOS, TIME
from nhskg.reasoning.triple_lookup import Facts

_INNER: Final = str.maketrans("“”", "‘’")
"""The quotation marks within a quote."""
_BOUNDS: Final = [TIME + "after", TIME + "before", NS + "notBefore", NS + "notAfter"]


def label_quads(store: Store, queries: AnyFolder) -> Iterator[Quad]:
    """Yield ``skos:prefLabel`` and ``rdfs:label`` of whatever has none, in the graph of labels.

    What has one of the two gets the other alike. Blank nodes, the parts of axioms, have none. A
    term that is only declared here is said to be defined by the namespace that it is of.
    """
    graph = NamedNode(terms.LABELS_GRAPH)
    pair = (NamedNode(SKOS + "prefLabel"), NamedNode(RDFS + "label"))
    for one, other in (pair, pair[::-1]):
        for quad in store.quads_for_pattern(None, one, None):
            if next(store.quads_for_pattern(quad.subject, other, None), None) is None:
                yield Quad(quad.subject, other, quad.object, graph)
    facts, defined = _Values(store), NamedNode(RDFS + "isDefinedBy")
    for kind in ("Class", "AnnotationProperty", "DatatypeProperty", "ObjectProperty"):
        for node in _members(facts, OWL + kind):
            if not facts.values(node, defined.value):
                space = node.value.removesuffix(terms.local_name(node.value))
                yield Quad(node, defined, NamedNode(space), graph)
    (path,) = (each for each in files_in(queries / "parts", ".rq") if each.stem == "labels")
    for node, words in _Labels(facts).made(nest_loops(read_query(path, queries).text)):
        label = Literal(words, language="en")
        yield from (Quad(node, predicate, label, graph) for predicate in pair)


class _Values(Facts):
    """Look-ups that read all of a subject at once, and keep the latest subjects."""

    def __init__(self, store: Store) -> None:
        super().__init__(store)
        self._latest = lru_cache(maxsize=65536)(self._read)

    def values(self, subject: Term, predicate: str) -> list[Term]:
        return self._latest(subject).get(predicate, [])

    def is_a(self, subject: Term, kind: str) -> bool:
        return any(value.value == kind for value in self.values(subject, TYPE.value))

    def _read(self, subject: Term) -> dict[str, list[Term]]:
        found: dict[str, list[Term]] = {}
        for quad in self._quads(subject, None, None):
            found.setdefault(quad.predicate.value, []).append(quad.object)  # type: ignore[arg-type]
        return {p: sorted(set(o), key=str) if len(o) > 1 else o for p, o in found.items()}


def _members(facts: Facts, kind: str) -> Iterator[NamedNode]:
    for quad in facts.store.quads_for_pattern(None, TYPE, NamedNode(kind)):
        if isinstance(quad.subject, NamedNode):
            yield quad.subject


class _Labels(Wording):
    """Words for claims, for what belongs to them, and for what is derived."""

    def made(self, query: str) -> Iterator[tuple[NamedNode, str]]:
        """Yield each thing that has words made from its parts, with them."""
        withdrawn = _members(self.facts, NS + "WithdrawnClaim")
        self._said: dict[Any, str] = {claim: self.label(claim) for claim in withdrawn}
        for claim, saying, *rest in cast("Any", evaluate(self.facts.store, query)):
            firmness, assessment = (value.value if value else "" for value in rest)
            self._said[claim] = saying.value + _told(" ({})", firmness) + _told(": {}", assessment)
        self._times = Counter(self._said.values())
        for claim in self._said:
            yield from self._claim(claim)
        makers: dict[str, Callable[[Term], str]] = {
            NS + "Change": lambda node: f"would change what is in force: {self._sides(node)}",
            NS + "Competence": lambda node: f"competence: {self.label(node)}",
            NS + "Conflict": self._conflict,
            NS + "Entry": self._entry,
            NS + "Gap": self._gap,
            NS + "Tension": self._tension,
            OA + "TextPositionSelector": self._position,
            TIME + "TemporalEntity": self._timing,
            OWL + "NegativePropertyAssertion": self._denial,
            OWL + "Ontology": lambda node: self._one(node, DCTERMS + "title"),
        }
        for kind, make in makers.items():
            unnamed = (n for n in _members(self.facts, kind) if not self._all(n, RDFS + "label"))
            yield from ((node, make(node)) for node in unnamed)

    def _claim(self, claim: NamedNode) -> Iterator[tuple[NamedNode, str]]:
        """Yield a claim, and its passages with their quotes, each with its words."""
        words, place, by = self._said[claim], "", ""
        for evidence in self._all(claim, "evidence"):
            place = f", in: {self._names(evidence, OA + 'hasSource')}"
            for selector in self._all(evidence, OA + "hasSelector"):
                if quote := self._one(selector, OA + "exact").translate(_INNER):
                    by = f", by “{quote}”" if self._times[words] > 1 else ""
                    yield selector, f"the words “{quote}”{place}"
                    yield evidence, f"“{quote}”, for: {words}{place}"
        if not self._all(claim, SKOS + "prefLabel"):
            yield claim, words + by + place

    def _timing(self, node: Term) -> str:
        owners = [n for n in self.facts.subjects(NS + "timing", node) if not self.is_entry(n)]
        stated = _told("“{}”", self._one(node, "statedAs"))
        if owners[0] in self._said:
            return f"{stated or 'time'}, of: {self._said[owners[0]]}"
        found = ((self.label(NamedNode(name)), self._names(node, name)) for name in _BOUNDS)
        bounds = "; ".join(f"{word} {told.strip('“”')}" for word, told in found if told)
        words = _told(" ({})", bounds) + _told(", by the words {}", stated)
        return f"time of issue of: {self.label(owners[0])}{words}"

    def _position(self, node: Term) -> str:
        numbers = [self._one(node, name) for name in ("paragraph", "sentence")]
        where = "paragraph {}, sentence {}, ".format(*numbers) if all(numbers) else ""
        where += f"characters {self._one(node, OA + 'start')} to {self._one(node, OA + 'end')}"
        evidence = self.facts.subjects(OA + "hasSelector", node)[0]
        return f"{where}, in: {self._names(evidence, OA + 'hasSource')}"

    def _entry(self, node: Term) -> str:
        """Return what an entry says, within the limits of its claims, or of those before it."""
        of = self._before(node) if self.basis(node) in ("NotMentioned", "NotAddressed") else [node]
        pairs = ((claim, each) for each in of for claim in self.claims_of(each))
        own = (p for p in pairs if self._all(p[0], "provisionOf") == self._all(p[1], "underPlan"))
        limits = dict.fromkeys("; ".join(self.limits(*pair)) for pair in own)
        told = ", or by another claim: ".join(each or "without limits" for each in limits)
        standing, until, rest = self.standing(node).partition("; until then")
        limited = _told(" ({})", told) if any(limits) else ""
        return f"{self._label(node)}: {standing}{limited}{until}{rest}"

    def limits(self, claim: Term, entry: Term) -> list[str]:
        how = self._names(claim, "bearerQualifier")
        whose = f"{how}: {', '.join(map(self.label, self._all(claim, 'toBody')))}"
        return [whose if each == how else each for each in super().limits(claim, entry)]

    def _conflict(self, node: Term) -> str:
        kinds = (each for each in self._all(node, TYPE.value) if each.value != NS + "Conflict")
        about = [self._names(node, name) for name in ("power", "matter", "target")]
        sources = self._all(node, PROV + "wasDerivedFrom")
        holders = [self._names(each, "holder") for each in sources if each not in self._said]
        loser = f" from {holders[0]}" if len(holders) == 1 else ""
        sides = " / ".join(self._said.get(each) or self._entry(each) for each in sources)
        return f"{self.label(next(kinds))} of {' over '.join(filter(None, about))}{loser}: {sides}"

    def _denial(self, node: Term) -> str:
        parts = ("sourceIndividual", "assertionProperty", "targetIndividual")
        return f"it is not so that {' '.join(self._names(node, OWL + part) for part in parts)}"

    def _gap(self, node: Term) -> str:
        return f"no text says {self._names(node, 'kind')}: {self._said[self.claims_of(node)[0]]}"

    def _tension(self, node: Term) -> str:
        (kind,) = self._all(node, "kind")
        meaning = self._one(kind, SKOS + "definition").removesuffix(".")
        return f"{meaning[:1].lower()}{meaning[1:]}: {self._sides(node)}"

    def _sides(self, node: Term) -> str:
        return " / ".join(self._said[self._all(node, each)[0]] for each in ("oneSide", "otherSide"))

    def _label(self, term: Node) -> str:
        """Return the words for a term: of a proposal, a short name that it has."""
        if isinstance(term, NamedNode) and self.facts.is_a(term, NS + "Proposal"):
            shorts = [each.value for each in self._all(term, SKOS + "altLabel")]
            return min(shorts, default=super()._label(term))
        return super()._label(term)

    # -- values of a predicate: of ours by its name, of another by its IRI

    def _all(self, node: Term, name: str) -> list[Any]:
        return self.facts.values(node, name if ":" in name else NS + name)

    def _one(self, node: Term, name: str) -> str:
        return next((each.value for each in self._all(node, name)), "")

    def _names(self, node: Term, name: str) -> str:
        return " and ".join(sorted({self.label(each) for each in self._all(node, name)}))


def _told(form: str, words: str) -> str:
    """Return words in a form; nothing for none."""
    return form.format(words) if words else ""
