"""Proofs as RDF, after PROV-O: a step is an activity that used statements and made others.

Statements, steps, proofs and rules have IRIs made from what they say, so the same proof gives the
same Turtle, and nothing is a blank node. A statement is an ``rdf:Statement`` and a
``prov:Entity``; an asserted one ``prov:wasDerivedFrom`` the claim, or the named graph, that
asserts it. A derived one has no source of its own: ``prov:wasGeneratedBy`` its step. Of a claim it
is told who made it, in what capacity and voice, how firmly, and where, as the graph has it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import PurePath

import pyoxigraph as ox

from nhskg.proofs.explaining import Explainer, Explanation
from nhskg.proofs.facts import nodes
from nhskg.proofs.model import Proof, Step
from nhskg.reasoning.model import Term
from nhskg.terms import (
    DCTERMS,
    ID,
    NS,
    OA,
    ONTOLOGY_GRAPH,
    PREFIXES,
    PROV,
    RDF,
    RDF_TYPE,
    RDFS,
    SCHEMA,
    SKOS,
)

__all__ = ["describe", "render_rdf"]


def render_rdf(explanations: Iterable[Explanation], explainer: Explainer) -> str:
    """Render the proofs as Turtle, sorted."""
    triples = sorted(describe(explanations, explainer), key=str)
    text = "\n".join(map(str, triples))
    prefixes = {prefix: iri for prefix, iri in PREFIXES.items() if f"<{iri}" in text}
    raw = ox.serialize(triples, format=ox.RdfFormat.TURTLE, prefixes=prefixes)
    assert raw is not None
    return raw.decode("utf-8")


def describe(explanations: Iterable[Explanation], explainer: Explainer) -> set[ox.Triple]:
    """Return the triples that describe the proofs of some explanations."""
    writer = _Writer(explainer)
    for each in explanations:
        for found in (each.found, *each.limits):
            for proof in found.proofs:
                writer.proof(proof)
    return writer.triples


class _Writer:
    def __init__(self, explainer: Explainer) -> None:
        self.explainer = explainer
        self.triples: set[ox.Triple] = set()

    def proof(self, proof: Proof) -> None:
        steps = [self._step(step) for step in proof.steps]
        goal = self._statement(proof.goal, asserted=not proof.steps)
        node = _made("proof", goal.value, *sorted(step.value for step in steps))
        self._add(node, RDF_TYPE, ox.NamedNode(PROV + "Bundle"))
        self._add(node, RDFS + "label", ox.Literal("proof", language="en"))
        self._add(node, SCHEMA + "about", goal)
        for step in steps:
            self._add(node, SCHEMA + "hasPart", step)
        for leaf in proof.leaves():
            self._statement(leaf, asserted=True)

    def _step(self, step: Step) -> ox.NamedNode:
        premises = [self._statement(triple) for triple in step.premises]
        axioms = [self._axiom(a) for a in step.axioms if self.explainer.wording.axiom(a)]
        conclusions = [self._statement(triple) for triple in step.conclusions]
        rule = self._rule(step)
        named = sorted(node.value for node in (*premises, *axioms))
        node = _made("step", rule.value, *named, *sorted(c.value for c in conclusions))
        self._add(node, RDF_TYPE, ox.NamedNode(PROV + "Activity"))
        self._add(node, PROV + "used", rule)
        for used in (*premises, *axioms):
            self._add(node, PROV + "used", used)
        for concluded in conclusions:
            self._add(concluded, PROV + "wasGeneratedBy", node)
        for absent in step.absent:
            words = self.explainer.wording.absence(absent)
            self._add(node, RDFS + "comment", ox.Literal(words, language="en"))
        return node

    def _rule(self, step: Step) -> ox.NamedNode:
        node = ox.NamedNode(f"{ID}rule/{step.rule}")
        self._add(node, RDF_TYPE, ox.NamedNode(PROV + "Plan"))
        if step.source:
            source = "/".join(PurePath(step.source).parts[-3:])
            self._add(node, DCTERMS + "source", ox.Literal(source))
        title = self.explainer.finder.rules.titles.get(step.rule) if step.source else None
        self._add(node, RDFS + "label", ox.Literal(title or f"OWL 2 RL {step.rule}", language="en"))
        return node

    def _statement(self, triple: ox.Triple, *, asserted: bool = False) -> ox.NamedNode:
        subject, predicate, value = nodes(triple)
        if isinstance(subject, ox.BlankNode) or isinstance(value, ox.BlankNode):
            return self._axiom(triple)
        node = _made("statement", str(triple))
        self._add(node, RDF_TYPE, ox.NamedNode(PROV + "Entity"))
        self._add(node, RDF_TYPE, ox.NamedNode(RDF + "Statement"))
        self._add(node, RDF + "subject", subject)
        self._add(node, RDF + "predicate", predicate)
        self._add(node, RDF + "object", value)
        words = self.explainer.wording.statement([triple])
        self._add(node, RDFS + "label", ox.Literal(words, language="en"))
        if asserted:
            leaf = self.explainer.evidence.leaves([triple])[0]
            graphs = self.explainer.facts.graphs(triple)
            sources = [ox.NamedNode(leaf.claim.iri)] if leaf.claim else graphs
            for source in sources:
                self._add(node, PROV + "wasDerivedFrom", source)
            if leaf.claim:
                self._claim(ox.NamedNode(leaf.claim.iri))
        return node

    def _claim(self, claim: ox.NamedNode) -> None:
        """Copy who makes a claim, how, and where."""
        for name in ("claimant", "capacity", "voice", "modality"):
            for value in self._copy(claim, NS + name):
                self._copy(value, SKOS + "prefLabel")
        self._copy(claim, NS + "hedge")
        for passage in self._copy(claim, NS + "evidence"):
            self._copy(passage, OA + "hasSource")
            for selector in self._copy(passage, OA + "hasSelector"):
                for name in ("start", "end", "exact"):
                    self._copy(selector, OA + name)

    def _copy(self, subject: Term, predicate: str) -> list[Term]:
        """Copy the triples of a subject and predicate; return their objects."""
        values = self.explainer.facts.values(subject, predicate)
        for value in values:
            if isinstance(subject, ox.NamedNode) and not isinstance(value, ox.BlankNode):
                self._add(subject, predicate, value)
        return values

    def _axiom(self, triple: ox.Triple) -> ox.NamedNode:
        """Describe an axiom by its words: a part of it may be a blank node."""
        wording = self.explainer.wording
        subject, predicate, value = nodes(triple)
        ends = (wording.expression(subject), wording.expression(value))
        words = wording.axiom(triple) or f"{ends[0]} — {wording.label(predicate)} — {ends[1]}"
        node = _made("axiom", predicate.value, *ends)
        self._add(node, RDF_TYPE, ox.NamedNode(PROV + "Entity"))
        self._add(node, RDFS + "label", ox.Literal(words, language="en"))
        self._add(node, PROV + "wasDerivedFrom", ox.NamedNode(ONTOLOGY_GRAPH))
        return node

    def _add(self, subject: ox.NamedNode, predicate: str, value: Term) -> None:
        self.triples.add(ox.Triple(subject, ox.NamedNode(predicate), value))


def _made(kind: str, *parts: str) -> ox.NamedNode:
    """Return an IRI made from what something says."""
    digest = hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]
    return ox.NamedNode(f"{ID}{kind}/{digest}")
