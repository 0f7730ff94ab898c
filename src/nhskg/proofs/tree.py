"""Proofs as trees of lines, for people: the conclusion first, what it rests on below it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import pyoxigraph as ox

from nhskg.proofs.evidence import Claim, Evidence, Leaf
from nhskg.proofs.explaining import Explainer, Explanation
from nhskg.proofs.model import Found, Proof, Step

__all__ = ["Branch", "claim_branch", "explanation_branches"]

_SOURCES: Final = {
    "register": "declared in the register",
    "ontology": "stated in the ontology",
    "document": "stated of the document",
}


@dataclass(frozen=True, slots=True)
class Branch:
    """Some lines and what stands below them.

    Attributes:
        text: the first line.
        notes: further lines of the same.
        passages: passages in full, each a paragraph or more.
        kind: ``conclusion``, ``claim``, ``stated``, ``absent`` or ``heading``.
        below: the branches below.
    """

    text: str
    notes: tuple[str, ...] = ()
    passages: tuple[str, ...] = ()
    kind: str = "heading"
    below: tuple[Branch, ...] = ()


@dataclass
class _Told:
    """What has been told already, so that it is told once."""

    steps: dict[tuple[str, tuple[ox.Triple, ...]], int] = field(default_factory=dict)
    claims: set[str] = field(default_factory=set)


def explanation_branches(explanation: Explanation, explainer: Explainer) -> list[Branch]:
    """Return a tree for each proof of an explanation, then those of its limits."""
    told = _Told() if len(explanation.found.proofs) == 1 else None
    branches = _found(explanation.found, explanation.title, explainer, told)
    if explanation.limits:
        below = [b for each in explanation.limits for b in _found(each, "", explainer, told)]
        branches.append(Branch("what limits it", below=tuple(below)))
    return branches


def _found(found: Found, title: str, explainer: Explainer, told: _Told | None) -> list[Branch]:
    """Return a tree for each proof; with ``told`` what was shown before is not shown again."""
    branches = []
    count = len(found.proofs)
    for number, proof in enumerate(found.proofs, start=1):
        tree = _Teller(proof, explainer, told or _Told()).tree(title)
        if count == 1 and found.complete:
            branches.append(tree)
            continue
        size = f"{len(proof.steps)} step{'s' if len(proof.steps) != 1 else ''}"
        branches.append(Branch(f"proof {number} of {count}, {size}", below=(tree,)))
    if not found.complete and count > 1:
        branches.append(Branch(f"these are the first {count} proofs found; there are more"))
    elif not found.complete and branches:
        branches = list(branches[0].below)
    return branches


class _Teller:
    def __init__(self, proof: Proof, explainer: Explainer, told: _Told) -> None:
        self.proof = proof
        self.wording = explainer.wording
        self.evidence: Evidence = explainer.evidence
        self.titles = explainer.finder.rules.titles
        self.told = told

    def tree(self, title: str) -> Branch:
        """Return the whole proof."""
        step = self.proof.step_for(self.proof.goal)
        if step is None:
            leaf = self._leaf(self.evidence.leaves([self.proof.goal])[0])
            if title in ("", self.wording.statement([self.proof.goal])):
                return leaf
            return Branch(title, kind="conclusion", below=(leaf,))
        return self._step(step, [self.proof.goal], title)

    def _step(self, step: Step, triples: list[ox.Triple], title: str = "") -> Branch:
        text = title or self.wording.statement(triples)
        use = (step.rule, step.premises)
        if use in self.told.steps:
            again = f"as shown above ({self.told.steps[use]})"
            return Branch(text, (again,), kind="conclusion")
        number = len(self.told.steps) + 1
        self.told.steps[use] = number
        notes = [f"({number}) by {self._rule(step)}"]
        notes += [f"axiom: {w}" for a in step.axioms if (w := self.wording.axiom(a))]
        below = [*self._premises(step), *self._absent(step)]
        return Branch(text, tuple(notes), kind="conclusion", below=tuple(below))

    def _rule(self, step: Step) -> str:
        if not step.source:
            return f"OWL 2 RL {step.rule}"
        title = self.titles.get(step.rule, "")
        told = f"{step.rule}: {title}" if title else step.rule
        return f"{told} [{_shown(step.source)}]"

    def _premises(self, step: Step) -> list[Branch]:
        groups: dict[tuple[Step, object], list[ox.Triple]] = {}
        leaves: list[ox.Triple] = []
        for premise in step.premises:
            by = self.proof.step_for(premise)
            if by is None:
                leaves.append(premise)
                continue
            key = (by, premise.subject)
            groups.setdefault(key, []).append(premise)
        branches = [self._leaf(each) for each in self.evidence.leaves(leaves)]
        for (by, subject), about in groups.items():
            if not self._within_another(by, subject, list(groups)):
                branches.append(self._step(by, about))
        return branches

    def _within_another(
        self, step: Step, subject: object, groups: list[tuple[Step, object]]
    ) -> bool:
        """Tell whether a step about a thing is told below another one about the same."""
        return any(
            other != step and about == subject and step in self._below(other)
            for other, about in groups
        )

    def _below(self, step: Step) -> set[Step]:
        found: set[Step] = set()
        todo = [step]
        while todo:
            for premise in todo.pop().premises:
                by = self.proof.step_for(premise)
                if by is not None and by not in found:
                    found.add(by)
                    todo.append(by)
        return found

    def _absent(self, step: Step) -> list[Branch]:
        if not step.absent:
            return []
        words = dict.fromkeys(self.wording.absence(absence) for absence in step.absent)
        below = [Branch(text, kind="absent") for text in words]
        return [Branch("checked against the whole graph:", below=tuple(below))]

    def _leaf(self, leaf: Leaf) -> Branch:
        if leaf.claim is None:
            said = "; ".join(self.wording.sentence(triple) for triple in leaf.triples)
            return Branch(f"{said} [{_SOURCES[leaf.source]}]", kind="stated")
        said = "; ".join(_property(leaf.claim, triple, self) for triple in leaf.triples)
        text = f"claim {leaf.claim.name} says: {said}"
        if leaf.claim.iri in self.told.claims:
            return Branch(text, kind="claim")
        self.told.claims.add(leaf.claim.iri)
        return claim_branch(leaf.claim, text)


def _property(claim: Claim, triple: ox.Triple, teller: _Teller) -> str:
    if getattr(triple.subject, "value", "") == claim.iri:
        return teller.wording.property(triple)
    return teller.wording.sentence(triple)


def claim_branch(claim: Claim, text: str) -> Branch:
    """Return a claim with who says it, how, and where."""
    by = claim.claimant + (f", {claim.capacity}" if claim.capacity else "")
    said = [by, claim.voice]
    said += [f"modality {claim.modality}"] if claim.modality else []
    said += [f"hedged “{claim.hedge}”"] if claim.hedge else []
    notes, passages = ["; ".join(said)], []
    for each in claim.passages:
        notes.append(f"{each.document}:{each.start}-{each.end} “{each.quote}”")
        if each.problem:
            notes.append(f"(no passage in full: {each.problem})")
        if each.text:
            passages.append(" ".join(each.text.split()))
    return Branch(text, tuple(notes), tuple(passages), kind="claim")


def _shown(source: str) -> str:
    """Return the end of a path, as the layout of a project has it: ontology/rules/name.rq."""
    return "/".join(Path(source).parts[-3:])
