"""Explanations as JSON: proofs with their steps, and each claim once."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

import pyoxigraph as ox

from nhskg.explain.explaining import Explainer, Explanation, rule_file
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
