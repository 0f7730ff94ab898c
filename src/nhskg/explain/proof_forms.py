"""Explanations as JSON, and proofs as RDF after PROV-O.

In RDF, statements, steps, proofs and rules have IRIs made from what they say, so the same proof
gives the same Turtle, and nothing is a blank node. A statement is an ``rdf:Statement`` and a
``prov:Entity``; an asserted one ``prov:wasDerivedFrom`` the claim, or the named graph, that
asserts it; a derived one ``prov:wasGeneratedBy`` its step. A claim comes with who made it, in what
capacity and voice, how firmly, and where.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any, Final

import pyoxigraph as ox

from nhskg.explain.explaining import Explainer, Explanation, rule_file
from nhskg.queries.formats import render_triples
from nhskg.rdf.sparql.algebra import Term
from nhskg.rdf.terms import (
    DCTERMS,
    ID,
    NS,
    OA,
    ONTOLOGY_GRAPH,
    PROV,
    RDF,
    RDF_TYPE,
    RDFS,
    SCHEMA,
    SKOS,
)
from nhskg.reasoning.proofs import Found, Proof, Step
from nhskg.reasoning.triple_lookup import nodes


def render_json(explanations: Iterable[Explanation], explainer: Explainer) -> str:
    """Render explanations as one object: ``explanations``, and ``claims`` by IRI.

    Premises and conclusions are triples in words and as terms in N-Triples form; ``by`` is the
    number of the step that concludes a premise, or ``leaf`` says who asserts it.
    """
    writer = _Writer(explainer)
    objects = [
        {
            "title": each.title,
            **writer.found(each.found),
            "limits": list(map(writer.found, each.limits)),
        }
        for each in explanations
    ]
    made = {"explanations": objects, "claims": dict(sorted(writer.claims.items()))}
    return json.dumps(made, ensure_ascii=False, indent=2) + "\n"


class _Writer:
    def __init__(self, explainer: Explainer) -> None:
        self.explainer = explainer
        self.wording = explainer.wording
        self.claims: dict[str, Any] = {}

    def found(self, found: Found) -> dict[str, Any]:
        proofs = [self._proof(proof) for proof in found.proofs]
        return {"goal": self._triple(found.goal), "complete": found.complete, "proofs": proofs}

    def _proof(self, proof: Proof) -> dict[str, Any]:
        if not proof.steps:
            return {"steps": [], "leaf": self._leaf(proof.goal)}
        numbers = {step: number for number, step in enumerate(proof.steps, start=1)}
        return {"steps": [self._step(step, proof, numbers) for step in proof.steps]}

    def _step(self, step: Step, proof: Proof, numbers: dict[Step, int]) -> dict[str, Any]:
        premises = []
        for triple in step.premises:
            by = proof.step_for(triple)
            origin = {"leaf": self._leaf(triple)} if by is None else {"by": numbers[by]}
            premises.append({**self._triple(triple), **origin})
        made: dict[str, Any] = {"step": numbers[step], "rule": step.rule}
        if step.source:
            made |= {"title": self.explainer.title(step), "source": rule_file(step)}
        return made | {
            "conclusions": list(map(self._triple, step.conclusions)),
            "premises": premises,
            "axioms": self.explainer.axioms(step),
            "absent": [
                {"words": self.wording.absence(each), "pattern": each.pattern}
                for each in step.absent
            ],
        }

    def _leaf(self, triple: ox.Triple) -> dict[str, str]:
        (leaf,) = self.explainer.evidence.leaves([triple])
        if leaf.claim is None:
            return {"source": leaf.source}
        self.claims[leaf.claim.iri] = asdict(leaf.claim)
        return {"source": leaf.source, "claim": leaf.claim.iri}

    def _triple(self, triple: ox.Triple) -> dict[str, Any]:
        words = self.wording.statement([triple])
        return {"words": words, "triple": [str(node) for node in nodes(triple)]}


_CLAIM_PATHS: Final = (
    *((NS + name, SKOS + "prefLabel") for name in ("claimant", "capacity", "voice", "modality")),
    (NS + "hedge",),
    (NS + "evidence", OA + "hasSource"),
    *((NS + "evidence", OA + "hasSelector", OA + name) for name in ("start", "end", "exact")),
)
"""The properties of a claim, and of its values, that are copied."""


def render_rdf(explanations: Iterable[Explanation], explainer: Explainer) -> str:
    """Render the proofs as Turtle, sorted."""
    writer = _ProvenanceWriter(explainer)
    for each in explanations:
        for found in (each.found, *each.limits):
            for proof in found.proofs:
                writer.proof(proof)
    return render_triples(writer.triples, "turtle")


class _ProvenanceWriter:
    def __init__(self, explainer: Explainer) -> None:
        self.explainer = explainer
        self.wording = explainer.wording
        self.triples: set[ox.Triple] = set()

    def proof(self, proof: Proof) -> None:
        steps = [self._step(step) for step in proof.steps]
        goal = self._statement(proof.goal)
        for leaf in proof.leaves():
            self._source(leaf, self._statement(leaf))
        node = _minted("proof", goal.value, *sorted(step.value for step in steps))
        self._describe(node, "proof", PROV + "Bundle")
        self._add(node, SCHEMA + "about", goal)
        self._add(node, SCHEMA + "hasPart", *steps)

    def _step(self, step: Step) -> ox.NamedNode:
        premises = [self._statement(triple) for triple in step.premises]
        premises += [self._axiom(a) for a in step.axioms if self.wording.axiom(a)]
        conclusions = [self._statement(triple) for triple in step.conclusions]
        rule = ox.NamedNode(f"{ID}rule/{step.rule}")
        named = (sorted(node.value for node in nodes) for nodes in (premises, conclusions))
        node = _minted("step", rule.value, *(name for names in named for name in names))
        self._add(node, RDF_TYPE, ox.NamedNode(PROV + "Activity"))
        self._add(node, PROV + "used", rule, *premises)
        for concluded in conclusions:
            self._add(concluded, PROV + "wasGeneratedBy", node)
        for absent in step.absent:
            words = self.wording.absence(absent)
            self._add(node, RDFS + "comment", ox.Literal(words, language="en"))
        title = self.explainer.title(step) or f"OWL 2 RL {step.rule}"
        self._describe(rule, title, PROV + "Plan")
        if step.source:
            self._add(rule, DCTERMS + "source", ox.Literal(rule_file(step)))
        return node

    def _statement(self, triple: ox.Triple) -> ox.NamedNode:
        subject, predicate, value = nodes(triple)
        if isinstance(subject, ox.BlankNode) or isinstance(value, ox.BlankNode):
            return self._axiom(triple)
        node = _minted("statement", str(triple))
        words = self.wording.statement([triple])
        self._describe(node, words, PROV + "Entity", RDF + "Statement")
        parts = zip(("subject", "predicate", "object"), (subject, predicate, value), strict=True)
        for name, part in parts:
            self._add(node, RDF + name, part)
        return node

    def _axiom(self, triple: ox.Triple) -> ox.NamedNode:
        """Describe an axiom by its words: a part of it may be a blank node."""
        subject, predicate, value = nodes(triple)
        ends = (self.wording.expression(subject), self.wording.expression(value))
        words = f"{ends[0]} — {self.wording.label(predicate)} — {ends[1]}"
        node = _minted("axiom", predicate.value, *ends)
        self._describe(node, self.wording.axiom(triple) or words, PROV + "Entity")
        self._add(node, PROV + "wasDerivedFrom", ox.NamedNode(ONTOLOGY_GRAPH))
        return node

    def _source(self, triple: ox.Triple, node: ox.NamedNode) -> None:
        """Say of an asserted statement which claim, or else which graphs, assert it."""
        claims = [ox.NamedNode(c.iri) for c in self.explainer.evidence.claims([triple])]
        sources = claims or self.explainer.facts.graphs(triple)
        self._add(node, PROV + "wasDerivedFrom", *sources)
        for claim in claims:
            for path in _CLAIM_PATHS:
                values: list[Term] = [claim]
                for predicate in path:
                    values = [v for each in values for v in self._copy(each, predicate)]

    def _copy(self, subject: Term, predicate: str) -> list[Term]:
        """Copy the triples of a subject and predicate; return their objects."""
        values = self.explainer.facts.values(subject, predicate)
        if isinstance(subject, ox.NamedNode):
            named = (value for value in values if not isinstance(value, ox.BlankNode))
            self._add(subject, predicate, *named)
        return values

    def _describe(self, node: ox.NamedNode, label: str, *kinds: str) -> None:
        self._add(node, RDF_TYPE, *map(ox.NamedNode, kinds))
        self._add(node, RDFS + "label", ox.Literal(label, language="en"))

    def _add(self, subject: ox.NamedNode, predicate: str, *values: Term) -> None:
        self.triples |= {ox.Triple(subject, ox.NamedNode(predicate), value) for value in values}


def _minted(kind: str, *parts: str) -> ox.NamedNode:
    """Return an IRI made from what something says."""
    digest = hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]
    return ox.NamedNode(f"{ID}{kind}/{digest}")
