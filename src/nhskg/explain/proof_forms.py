"""Proofs as trees of lines, as JSON, and as RDF after PROV-O.

In RDF, statements, steps, proofs and rules have IRIs made from what they say, so the same proof
gives the same Turtle, and nothing is a blank node. A statement is an ``rdf:Statement`` and a
``prov:Entity``; an asserted one ``prov:wasDerivedFrom`` the claim, or the named graph, that
asserts it; a derived one ``prov:wasGeneratedBy`` its step. A claim comes with who made it, in what
capacity and voice, how firmly, and where.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any, Final

import pyoxigraph as ox

from nhskg.explain.explaining import ORIGINS, Claim, Explainer, Explanation, Leaf, rule_file
from nhskg.explain.wording import Wording
from nhskg.queries.formats import render_triples
from nhskg.rdf import terms
from nhskg.rdf.escaping import json_text, markdown
from nhskg.rdf.sparql.algebra import Term
from nhskg.reasoning.proof_trees import Branch
from nhskg.reasoning.proofs import Found, Proof, Step
from nhskg.reasoning.triple_lookup import nodes


def render_markdown(branches: Iterable[Branch]) -> str:
    """Render trees as nested lists, passages as block quotes."""
    return "\n".join("\n".join(_items(each, "")) + "\n" for each in branches)


def _items(branch: Branch, pad: str) -> Iterator[str]:
    bold = "**" if branch.main else ""
    yield f"{pad}- {bold}{markdown(branch.text)}{bold}"
    yield from (f"{pad}  <br>{markdown(note)}" for note in branch.notes)
    for passage in branch.passages:
        yield from (f"{pad}  > {markdown(passage)}", "")
    for below in branch.below:
        yield from _items(below, pad + "  ")


def leaf_branch(leaf: Leaf, lead: str, wording: Wording, shown: set[str]) -> Branch:
    """Return what a claim says; who says it and where, if that has not been shown yet."""
    own = leaf.claim and ox.NamedNode(leaf.claim.iri)  # what it says of itself has no subject
    say = (wording.property(t) if t.subject == own else wording.sentence(t) for t in leaf.triples)
    said = "; ".join(say)
    if leaf.claim is None:
        return Branch(f"{said} [{ORIGINS[leaf.source]}]")
    text = f"{lead} {leaf.claim.name} says: {said}"
    branch = Branch(text) if leaf.claim.iri in shown else claim_branch(leaf.claim, text)
    shown.add(leaf.claim.iri)
    return branch


def claim_branch(claim: Claim, text: str, limits: Iterable[str] | None = ()) -> Branch:
    """Return a claim with who says it, how, with which limits, and where.

    Without limits (None) it is not told how firmly either: it says something else.
    """
    said = [", ".join(filter(None, [claim.claimant, claim.capacity])), claim.voice]
    if limits is not None:
        said += [f"modality {claim.modality}"] if claim.modality else []
        said += [f"hedged “{claim.hedge}”"] if claim.hedge else []
    notes = ["; ".join([*said, *(limits or ())])]
    for each in claim.passages:
        notes.append(f"{each.reference} “{each.quote}”")
        notes += [f"(no passage in full: {each.problem})"] if each.problem else []
    passages = (" ".join(each.text.split()) for each in claim.passages if each.text)
    return Branch(text, tuple(notes), tuple(passages))


def explanation_branches(explanation: Explanation, explainer: Explainer) -> list[Branch]:
    """Return a tree for each proof of an explanation."""
    found = explanation.found
    count = len(found.proofs)
    branches = []
    for number, proof in enumerate(found.proofs, start=1):
        tree = _Trees(explainer).tree(proof, explanation.title)
        numbered = f"proof {number} of {count}, {proof.size}"
        branches.append(tree if count == 1 else Branch(numbered, below=(tree,)))
    if not found.complete and count > 1:
        branches.append(Branch(f"these are the first {count} proofs found; there are more"))
    return branches


class _Trees:
    """Draws proofs; remembers the steps, by their numbers, and the claims that it has shown."""

    def __init__(self, explainer: Explainer) -> None:
        self.explainer = explainer
        self.wording = explainer.wording
        self.steps: dict[tuple[str, tuple[ox.Triple, ...]], int] = {}
        self.claims: set[str] = set()

    def tree(self, proof: Proof, title: str) -> Branch:
        """Return the whole proof."""
        step = proof.step_for(proof.goal)
        if step is not None:
            return self._step(proof, step, [proof.goal], title)
        (below,) = self._leaves([proof.goal])
        is_same = title in ("", self.wording.statement([proof.goal]))
        return below if is_same else Branch(title, below=(below,), main=True)

    def _step(self, proof: Proof, step: Step, triples: list[ox.Triple], title: str = "") -> Branch:
        text = title or self.wording.statement(triples)
        use = (step.rule, step.premises)
        if use in self.steps:
            return Branch(text, (f"as shown above ({self.steps[use]})",), main=True)
        self.steps[use] = len(self.steps) + 1
        rule = f"OWL 2 RL {step.rule}"
        if step.source:
            title = self.explainer.header(step.rule, "title")
            rule = f"{': '.join(filter(None, [step.rule, title]))} [{rule_file(step)}]"
        notes = [f"({self.steps[use]}) by {rule}"]
        notes += [f"axiom: {words}" for words in self.explainer.axioms(step)]
        below = self._premises(proof, step)
        absent = tuple(map(Branch, dict.fromkeys(map(self.wording.absence, step.absent))))
        below += [Branch("checked against the whole graph:", below=absent)] if absent else []
        return Branch(text, tuple(notes), below=tuple(below), main=True)

    def _premises(self, proof: Proof, step: Step) -> list[Branch]:
        groups: dict[tuple[Step, object], list[ox.Triple]] = {}
        leaves: list[ox.Triple] = []
        for premise in step.premises:
            by = proof.step_for(premise)
            about = groups.setdefault((by, premise.subject), []) if by else leaves
            about.append(premise)
        branches = self._leaves(leaves)
        for (by, subject), about in groups.items():
            above = [each for each, other in groups if each != by and other == subject]
            if not any(by in proof.steps_below(each) for each in above):
                branches.append(self._step(proof, by, about))
        return branches

    def _leaves(self, triples: list[ox.Triple]) -> list[Branch]:
        leaves = self.explainer.evidence.leaves(triples)
        return [leaf_branch(leaf, "claim", self.wording, self.claims) for leaf in leaves]


# -- JSON


def _without_marks(items: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    """Return the fields of a claim or passage; programs find the place by its offsets alone."""
    return {name: value for name, value in items if name not in ("paragraph", "sentence_no")}


def render_json(
    explanations: Sequence[Explanation],
    explainer: Explainer,
    beside: Mapping[str, Sequence[Mapping[str, str]]],
    said: Mapping[str, Sequence[Claim]],
) -> str:
    """Render explanations as one object: ``explanations``, ``claims`` by IRI, what is ``beside``.

    Of a triple, the IRIs of the claims that are ``said`` of it, as ``stated`` and ``denied``.
    A premise is concluded ``by`` the step of a number, or a ``leaf`` that somebody asserts.
    """
    objects = [{"title": each.title, **_found(each.found, explainer)} for each in explanations]
    leaves = [leaf for proof in _proofs(explanations) for leaf in proof.leaves()]
    known = [*explainer.evidence.claims(leaves), *(each for some in said.values() for each in some)]
    claims = {claim.iri: asdict(claim, dict_factory=_without_marks) for claim in known}
    made = {"explanations": objects, "claims": dict(sorted(claims.items())), "beside": beside}
    made |= {name: [claim.iri for claim in some] for name, some in said.items()}
    return json_text(made)


def _proofs(explanations: Iterable[Explanation]) -> Iterator[Proof]:
    for each in explanations:
        yield from each.found.proofs


def _found(found: Found, explainer: Explainer) -> dict[str, Any]:
    wording = explainer.wording

    def triple(triple: ox.Triple) -> dict[str, Any]:
        return {"words": wording.statement([triple]), "triple": list(map(str, nodes(triple)))}

    def leaf(triple: ox.Triple) -> dict[str, str]:
        (leaf,) = explainer.evidence.leaves([triple])
        return {"source": leaf.source} | ({"claim": leaf.claim.iri} if leaf.claim else {})

    def step(number: int, step: Step, proof: Proof) -> dict[str, Any]:
        premises = []
        for premise in step.premises:
            by = proof.step_for(premise)
            origin = {"by": proof.steps.index(by) + 1} if by else {"leaf": leaf(premise)}
            premises.append({**triple(premise), **origin})
        title = explainer.header(step.rule, "title")
        rule = {"title": title, "source": rule_file(step)} if step.source else {}
        return {
            "step": number,
            "rule": step.rule,
            **rule,
            "conclusions": list(map(triple, step.conclusions)),
            "premises": premises,
            "axioms": explainer.axioms(step),
            "absent": [{"words": wording.absence(a), "pattern": a.pattern} for a in step.absent],
        }

    proofs = [
        {"steps": [step(number, each, proof) for number, each in enumerate(proof.steps, start=1)]}
        | ({} if proof.steps else {"leaf": leaf(proof.goal)})
        for proof in found.proofs
    ]
    return {"goal": triple(found.goal), "complete": found.complete, "proofs": proofs}


# -- RDF

_LABEL: Final[dict[str, Any]] = {terms.SKOS + "prefLabel": {}}
_PLACE: Final[dict[str, Any]] = {terms.OA + name: {} for name in ("start", "end", "exact")}
_COPIED: Final[dict[str, Any]] = {
    **{terms.NS + name: _LABEL for name in ("claimant", "capacity", "voice", "modality", "hedge")},
    terms.NS + "evidence": {terms.OA + "hasSource": {}, terms.OA + "hasSelector": _PLACE},
}
"""The properties of a claim that are copied, each with those of its values."""


def render_rdf(explanations: Iterable[Explanation], explainer: Explainer) -> str:
    """Render the proofs as Turtle, sorted."""
    provenance = _Provenance(explainer)
    for proof in _proofs(explanations):
        provenance.proof(proof)
    return render_triples(provenance.triples, "turtle")


class _Provenance:
    """The triples that describe proofs; what describes a thing returns its IRI."""

    def __init__(self, explainer: Explainer) -> None:
        self.explainer = explainer
        self.wording = explainer.wording
        self.triples: set[ox.Triple] = set()

    def proof(self, proof: Proof) -> None:
        steps = [self._step(step) for step in proof.steps]
        goal = self._statement(proof.goal)
        for leaf in proof.leaves():
            claims = [ox.NamedNode(claim.iri) for claim in self.explainer.evidence.claims([leaf])]
            sources = claims or self.explainer.facts.graphs(leaf)
            self._add(self._statement(leaf), terms.PROV + "wasDerivedFrom", *sources)
            for claim in claims:
                self._copy(claim, _COPIED)
        node = _minted("proof", goal.value, *sorted(step.value for step in steps))
        self._describe(node, "proof", terms.PROV + "Bundle")
        self._add(node, terms.SCHEMA + "about", goal)
        self._add(node, terms.SCHEMA + "hasPart", *steps)

    def _step(self, step: Step) -> ox.NamedNode:
        premises = [self._statement(triple) for triple in step.premises]
        premises += [self._axiom(a) for a in step.axioms if self.wording.axiom(a)]
        conclusions = [self._statement(triple) for triple in step.conclusions]
        rule = ox.NamedNode(f"{terms.ID}rule/{step.rule}")
        named = (sorted(node.value for node in nodes) for nodes in (premises, conclusions))
        node = _minted("step", rule.value, *(name for names in named for name in names))
        self._add(node, terms.RDF_TYPE, ox.NamedNode(terms.PROV + "Activity"))
        self._add(node, terms.PROV + "used", rule, *premises)
        for concluded in conclusions:
            self._add(concluded, terms.PROV + "wasGeneratedBy", node)
        for absent in map(self.wording.absence, step.absent):
            self._add(node, terms.RDFS + "comment", ox.Literal(absent, language="en"))
        title = self.explainer.header(step.rule, "title")
        self._describe(rule, title or f"OWL 2 RL {step.rule}", terms.PROV + "Plan")
        if step.source:
            self._add(rule, terms.DCTERMS + "source", ox.Literal(rule_file(step)))
        return node

    def _statement(self, triple: ox.Triple) -> ox.NamedNode:
        subject, predicate, value = nodes(triple)
        if isinstance(subject, ox.BlankNode) or isinstance(value, ox.BlankNode):
            return self._axiom(triple)
        node = _minted("statement", str(triple))
        words = self.wording.statement([triple])
        self._describe(node, words, terms.PROV + "Entity", terms.RDF + "Statement")
        for name, term in (("subject", subject), ("predicate", predicate), ("object", value)):
            self._add(node, terms.RDF + name, term)
        return node

    def _axiom(self, triple: ox.Triple) -> ox.NamedNode:
        """Describe an axiom by its words: a part of it may be a blank node."""
        subject, predicate, value = nodes(triple)
        ends = (self.wording.expression(subject), self.wording.expression(value))
        words = f"{ends[0]} — {self.wording.label(predicate)} — {ends[1]}"
        node = _minted("axiom", predicate.value, *ends)
        self._describe(node, self.wording.axiom(triple) or words, terms.PROV + "Entity")
        self._add(node, terms.PROV + "wasDerivedFrom", ox.NamedNode(terms.ONTOLOGY_GRAPH))
        return node

    def _copy(self, subject: Term, properties: dict[str, Any]) -> None:
        """Copy the triples of some properties, but for blank nodes, and of their values."""
        for predicate, below in properties.items():
            for value in self.explainer.facts.values(subject, predicate):
                if isinstance(subject, ox.NamedNode) and not isinstance(value, ox.BlankNode):
                    self._add(subject, predicate, value)
                self._copy(value, below)

    def _describe(self, node: ox.NamedNode, label: str, *kinds: str) -> None:
        self._add(node, terms.RDF_TYPE, *map(ox.NamedNode, kinds))
        self._add(node, terms.RDFS + "label", ox.Literal(label, language="en"))

    def _add(self, subject: ox.NamedNode, predicate: str, *values: Term) -> None:
        self.triples |= {ox.Triple(subject, ox.NamedNode(predicate), value) for value in values}


def _minted(kind: str, *parts: str) -> ox.NamedNode:
    """Return an IRI made from what something says."""
    digest = hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]
    return ox.NamedNode(f"{terms.ID}{kind}/{digest}")
