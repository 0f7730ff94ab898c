"""Explain cells of the matrix, and single triples: proofs, the words for them, and their evidence.

The evidence of a proof is the claims behind the asserted triples that it rests on, with who says
so, how firmly, and where.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, fields
from functools import cache, cached_property
from pathlib import Path, PurePath
from typing import Final

import pyoxigraph as ox

from nhskg.explain.wording import Wording
from nhskg.queries.answers import source
from nhskg.queries.citing import read_source
from nhskg.queries.engine import select
from nhskg.queries.names import label, notation, resolve
from nhskg.rdf import terms
from nhskg.rdf.sparql.algebra import TYPE, Pattern, Term
from nhskg.rdf.terms import NS
from nhskg.reasoning.proof_finder import MOST_PROOFS, ProofFinder
from nhskg.reasoning.proofs import Found, Step
from nhskg.reasoning.rules import Rule, RuleText
from nhskg.reasoning.triple_lookup import Facts, nodes

BASIS: Final = ox.NamedNode(NS + "basis")
_CELL: Final = ("underPlan", "power", "matter", "holder")
_MARKS: Final = (NS + "paragraph", NS + "sentence")
ORIGINS: Final = {
    "claim": "said in a claim",
    "register": "declared in the register",
    "ontology": "stated in the ontology",
    "document": "stated of the document",
}
"""The sources of a leaf, in words."""


@dataclass(frozen=True, slots=True)
class Passage:
    """Where a claim is made: a document, by id and title, and a position in code points.

    ``quote`` is at most 12 words that mark the place; ``text`` the whole passage, where asked for,
    or else ``problem`` says why there is none.
    """

    document: str
    label: str
    start: int
    end: int
    quote: str
    text: str | None
    problem: str | None
    paragraph: str
    sentence_no: str

    @property
    def reference(self) -> str:
        """The passage as all answers have it: ``document ¶4 s2 [start-end]``."""
        row = {each.name: str(getattr(self, each.name)) for each in fields(self)}
        return source(row | {"quote": ""})


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

    def claims_named(self, nodes: Iterable[Term]) -> list[Claim]:
        """Return claims by their IRIs."""
        return [self._claim(node.value) for node in nodes]

    def _source(self, triple: ox.Triple) -> tuple[str, str | None]:
        """Return the key in :data:`ORIGINS` of what asserts a triple and, if a claim, its IRI."""
        iri = _claim_iri(triple.subject)
        if iri:
            return "claim", iri
        graphs = [graph.value for graph in self.facts.graphs(triple)]
        if not {terms.REGISTER_GRAPH, terms.LINKS_GRAPH}.isdisjoint(graphs):
            return "register", None
        if terms.ONTOLOGY_GRAPH in graphs:
            return "ontology", None
        for quad in self.facts.store.quads_for_pattern(None, None, nodes(triple)[0], None):
            iri = _claim_iri(quad.subject)
            if iri and getattr(quad.graph_name, "value", "") in graphs:
                return "claim", iri
        return "document", None

    def _read_claim(self, iri: str) -> Claim:
        facts, node = self.facts, ox.NamedNode(iri)

        def words(name: str) -> str | None:
            value = facts.value(node, NS + name)
            return value and label(facts, value)

        kinds = facts.values(node, terms.RDF_TYPE)
        asserted = (kind for kind in kinds if facts.is_asserted(ox.Triple(node, TYPE, kind)))
        places, who = (facts.values(node, NS + name) for name in ("evidence", "claimant"))
        return Claim(
            iri=iri,
            name=label(facts, node),
            kind=next((label(facts, kind) for kind in asserted), "claim"),
            claimant=" and ".join(label(facts, each) for each in who) or "nobody named",
            capacity=words("capacity"),
            voice=words("voice") or "unknown voice",
            modality=words("modality"),
            hedge=words("hedge"),
            passages=tuple(self._passage(each) for each in places if _claim_iri(each) == iri),
        )

    def _passage(self, node: Term) -> Passage:
        facts = self.facts
        (document,) = facts.values(node, terms.OA + "hasSource")
        selectors = facts.values(node, terms.OA + "hasSelector")
        names = (*(terms.OA + name for name in ("start", "end", "exact")), *_MARKS)
        known = ((facts.value(each, name) for each in selectors) for name in names)
        start, end, quote, paragraph, sentence = (
            next((value.value for value in values if value), "") for values in known
        )
        text, problem = self._text(document)
        return Passage(
            document=notation(facts, document) or terms.local_name(document.value),
            label=label(facts, document),
            start=int(start),
            end=int(end),
            quote=quote,
            text=text and text[int(start) : int(end)],
            problem=problem,
            paragraph=paragraph,
            sentence_no=sentence,
        )

    def _find_text(self, document: Term) -> tuple[str | None, str | None]:
        """Return the text of a document, or why there is none."""
        if self.texts is None:
            return None, None
        (file,) = self.facts.values(document, terms.DCTERMS + "identifier")
        digest = self.facts.value(document, terms.SCHEMA + "sha256")
        text, problem = read_source(self.texts, file.value, digest.value if digest else "")
        return text or None, problem or None


def _claim_iri(node: object) -> str | None:
    """Return the IRI of the claim that a node is, or is a part of."""
    claim = rf"{terms.ID}claim/[^/]+/[^/]+"
    found = re.match(claim, node.value) if isinstance(node, ox.NamedNode) else None
    return found and found[0]


@dataclass(frozen=True, slots=True)
class Asked:
    """A cell of the matrix: a power under a plan, and perhaps a body and a matter."""

    plan: ox.NamedNode
    power: ox.NamedNode
    body: ox.NamedNode | None = None
    matter: ox.NamedNode | None = None


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why something holds: what, in words, and its proofs."""

    title: str
    found: Found


class Explainer:
    """Explains what a built store holds, by the project's CONSTRUCT rules.

    ``passages`` is the folder of the source texts, where passages are to be shown in full.

    Raises:
        ProgramError, StoreError: when first asked, if the rules make no program; from any
            explanation, if the store cannot be asked.
    """

    def __init__(
        self, store: ox.Store, texts: Sequence[RuleText], *, passages: Path | None = None
    ) -> None:
        self.finder = ProofFinder(store, texts, derived=ox.NamedNode(terms.DERIVED_GRAPH))
        self.facts = self.finder.facts
        self.wording = Wording(self.facts)
        self.evidence = Evidence(self.facts, passages)
        self.header = self.finder.rules.header

    def asked(
        self, *, plan: str, power: str, body: str | None = None, matter: str | None = None
    ) -> Asked:
        """Return the cell that some names stand for; UsageError where one is unknown."""
        store = self.facts.store
        return Asked(
            resolve(store, plan, "plan"),
            resolve(store, power, "power"),
            resolve(store, body, "holder") if body else None,
            resolve(store, matter, "thing", called="matter") if matter else None,
        )

    def explain_cell(self, asked: Asked, *, everything: bool = False) -> list[Explanation]:
        """Explain each entry of a cell, on its basis: by its shortest proof, or every minimal one.

        They come in the order of the matrix: what the plan says first, what it leaves last.
        """
        return [self.explain_entry(node, everything=everything) for node in self.entries(asked)]

    def explain_entry(self, entry: ox.NamedNode, *, everything: bool = False) -> Explanation:
        """Explain an entry on its basis."""
        (basis,) = self.facts.values(entry, BASIS.value)
        found = self.explain_triple(ox.Triple(entry, BASIS, basis), everything=everything).found
        return Explanation(self.wording.told(entry), found)

    def explain_denial(self, goal: ox.Triple) -> list[Explanation]:
        """Explain why the opposite of a triple holds, where it does."""
        names = ("sourceIndividual", "assertionProperty", "targetIndividual")
        node, denied = ox.Variable("denial"), ox.NamedNode(terms.OWL + "NegativePropertyAssertion")
        pairs = zip(names, nodes(goal), strict=True)
        says = [Pattern(node, ox.NamedNode(terms.OWL + name), term) for name, term in pairs]
        rows = self.facts.join([*says, Pattern(node, TYPE, denied)], {})
        title = f"denied: {self.wording.sentence(goal)}"
        triples = [ox.Triple(row[node], TYPE, denied) for row in rows]  # type: ignore[arg-type]
        return [Explanation(title, self.finder.all_proofs(each, most=1)) for each in triples]

    def explain_triple(self, goal: ox.Triple, *, everything: bool = False) -> Explanation:
        """Explain one triple, which has no proofs where it doesn't hold."""
        found = self.finder.all_proofs(goal, most=MOST_PROOFS if everything else 1)
        return Explanation(self.wording.statement([goal]), found)

    def stated(self, goal: ox.Triple) -> tuple[list[Claim], list[Claim]]:
        """Return the claims that state a triple, and those that deny it."""
        claim, names = ox.Variable("claim"), ("subject", "predicate", "object")
        parts = zip(names, nodes(goal), strict=True)
        says = [Pattern(claim, ox.NamedNode(NS + name), term) for name, term in parts]
        own = [row[claim] for row in self.facts.join(says, {})]
        no = ox.NamedNode(NS + "Denies")
        denials = [each for each in own if no in self.facts.values(each, NS + "polarity")]
        against = [other for each in own for other in self.facts.subjects(NS + "denies", each)]

        def read(found: Iterable[Term]) -> list[Claim]:
            kinds = (ox.Triple(each, TYPE, no) for each in found)  # type: ignore[arg-type]
            return self.evidence.claims(kinds)

        return read(each for each in own if each not in denials), read([*denials, *against])

    def entries(self, asked: Asked) -> list[ox.NamedNode]:
        """Return the entries of a cell, in order: of the power, and of narrower ones.

        What is left of a holding of which the plan takes a part has no basis, and is none.
        """
        of = f"?entry nhs:holder|nhs:candidate {asked.body} ." if asked.body else ""
        rows = select(
            self.facts.store,
            f"""SELECT DISTINCT ?entry {{ {of}
                ?entry nhs:underPlan {asked.plan} ; nhs:power ?power ; nhs:matter ?matter ;
                       nhs:basis/schema:position ?place .
                ?power skos:broader* {asked.power} .
                {f"FILTER(?matter = {asked.matter})" if asked.matter else ""}
            }} ORDER BY ?power ?matter ?place ?entry""",
        )
        return [ox.NamedNode(row["entry"]) for row in rows]

    def is_left(self, loss: Term) -> bool:
        """Tell whether a body keeps the rest of what it loses."""
        same = [(NS + n, self.facts.value(loss, NS + n)) for n in _CELL]
        node = ox.Variable("node")
        patterns = [Pattern(node, ox.NamedNode(n), v) for n, v in same if v]
        patterns.append(Pattern(node, TYPE, ox.NamedNode(NS + "UnchangedHolding")))
        return next(self.facts.join(patterns, {}), None) is not None

    def in_force(self, entry: Term) -> list[ox.NamedNode]:
        """Return what the baseline of an entry's plan makes of the same power and matter."""
        plan, power, matter = (
            self.facts.value(entry, NS + name) for name in ("underPlan", "power", "matter")
        )
        bases = self.facts.values(plan, NS + "baseline") if plan else []
        cells = (Asked(base, power, None, matter) for base in bases)  # type: ignore[arg-type]
        found = (each for cell in cells for each in self.entries(cell))
        return [each for each in found if power in self.facts.values(each, NS + "power")]

    @cached_property
    def holding_rules(self) -> list[Rule]:
        """The project's rules that give a body a holding."""
        above, holding = ox.NamedNode(terms.RDFS + "subClassOf"), ox.NamedNode(NS + "Holding")

        def gives(head: Pattern) -> bool:
            is_a = Pattern(head.object, above, holding, "*")
            return head.predicate == TYPE and next(self.facts.join([is_a], {}), None) is not None

        rules = [rule for rule in self.finder.rules.program.rules if rule.source]
        return [rule for rule in rules if any(map(gives, rule.head))]

    def axioms(self, step: Step) -> list[str]:
        """Return the axioms of a step in words."""
        return list(filter(None, map(self.wording.axiom, step.axioms)))


def rule_file(step: Step) -> str:
    """Return the end of the path of a rule's file, the same wherever a project is."""
    return "/".join(PurePath(step.source).parts[-3:])
