"""Explanations as JSON: proofs with their steps, claims told once."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pyoxigraph as ox

from nhskg.explain.explaining import Explainer, Explanation
from nhskg.reasoning.proofs import Found, Proof, Step
from nhskg.reasoning.triple_lookup import nodes

__all__ = ["render_json"]


def render_json(explanations: Iterable[Explanation], explainer: Explainer) -> str:
    """Render explanations as one object: ``explanations``, and ``claims`` by IRI.

    Premises and conclusions are triples in words and as terms in N-Triples form; ``by`` is the
    number of the step that concludes a premise, or ``leaf`` says who asserts it. Of a rule's
    path only the end is told, so that the same graph gives the same bytes anywhere.
    """
    teller = _Teller(explainer)
    told = [
        {
            "title": each.title,
            **teller.found(each.found),
            "limits": [teller.found(limit) for limit in each.limits],
        }
        for each in explanations
    ]
    claims = dict(sorted(teller.claims.items()))
    return json.dumps({"explanations": told, "claims": claims}, ensure_ascii=False, indent=2) + "\n"


class _Teller:
    def __init__(self, explainer: Explainer) -> None:
        self.explainer = explainer
        self.claims: dict[str, Any] = {}

    def found(self, found: Found) -> dict[str, Any]:
        return {
            "goal": self._triple(found.goal),
            "complete": found.complete,
            "proofs": [self._proof(proof) for proof in found.proofs],
        }

    def _proof(self, proof: Proof) -> dict[str, Any]:
        if not proof.steps:
            return {"steps": [], "leaf": self._leaf(proof.goal)}
        numbers = {step: number for number, step in enumerate(proof.steps, start=1)}
        return {"steps": [self._step(step, proof, numbers) for step in proof.steps]}

    def _step(self, step: Step, proof: Proof, numbers: dict[Step, int]) -> dict[str, Any]:
        wording = self.explainer.wording
        premises = []
        for triple in step.premises:
            by = proof.step_for(triple)
            origin = {"leaf": self._leaf(triple)} if by is None else {"by": numbers[by]}
            premises.append({**self._triple(triple), **origin})
        axioms = [wording.axiom(axiom) for axiom in step.axioms]
        made: dict[str, Any] = {"step": numbers[step], "rule": step.rule}
        if step.source:
            made["title"] = self.explainer.finder.rules.titles.get(step.rule, "")
            made["source"] = "/".join(Path(step.source).parts[-3:])
        made["conclusions"] = [self._triple(triple) for triple in step.conclusions]
        made["premises"] = premises
        made["axioms"] = [words for words in axioms if words]
        made["absent"] = [
            {"words": wording.absence(each), "pattern": each.pattern} for each in step.absent
        ]
        return made

    def _leaf(self, triple: ox.Triple) -> dict[str, str]:
        leaf = self.explainer.evidence.leaves([triple])[0]
        if leaf.claim is None:
            return {"source": leaf.source}
        self.claims[leaf.claim.iri] = asdict(leaf.claim)
        return {"source": leaf.source, "claim": leaf.claim.iri}

    def _triple(self, triple: ox.Triple) -> dict[str, Any]:
        words = self.explainer.wording.statement([triple])
        return {"words": words, "triple": [str(node) for node in nodes(triple)]}
