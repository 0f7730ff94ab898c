"""Proofs as trees of lines, for people: the conclusion first, what it rests on below it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import pyoxigraph as ox

from nhskg.explain.evidence import Claim, Leaf
from nhskg.explain.explaining import Explainer, Explanation
from nhskg.explain.wording import Wording
from nhskg.reasoning.proofs import Found, Proof, Step

__all__ = ["Branch", "claim_branch", "explanation_branches", "leaf_branch"]


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
        self.evidence = explainer.evidence
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
            above = [each for each, other in groups if each != by and other == subject]
            if not any(self._rests_on(each, by) for each in above):
                branches.append(self._step(by, about))
        return branches

    def _rests_on(self, step: Step, other: Step) -> bool:
        """Tell whether a step is told above another one: rests on it, at some remove."""
        below = [step]
        for each in below:
            found = (self.proof.step_for(premise) for premise in each.premises)
            below += dict.fromkeys(by for by in found if by and by not in below)
        return other in below[1:]

    def _absent(self, step: Step) -> list[Branch]:
        if not step.absent:
            return []
        words = dict.fromkeys(self.wording.absence(absence) for absence in step.absent)
        below = [Branch(text, kind="absent") for text in words]
        return [Branch("checked against the whole graph:", below=tuple(below))]

    def _leaf(self, leaf: Leaf) -> Branch:
        if leaf.claim is not None:
            return leaf_branch(leaf, "claim", self.wording, self.told.claims)
        said = "; ".join(map(self.wording.sentence, leaf.triples))
        return Branch(f"{said} [{leaf.origin}]", kind="stated")


def leaf_branch(leaf: Leaf, lead: str, wording: Wording, told: set[str]) -> Branch:
    """Return what a claim says; who says it and where, if that has not been told yet."""
    assert leaf.claim is not None
    text = f"{lead} {leaf.claim.name} says: {wording.said(leaf.claim.iri, leaf.triples)}"
    if leaf.claim.iri in told:
        return Branch(text, kind="claim")
    told.add(leaf.claim.iri)
    return claim_branch(leaf.claim, text)


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
