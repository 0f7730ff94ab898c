"""Whole proofs as trees: the conclusion first, each step with its rule, down to the claims."""

from __future__ import annotations

from dataclasses import dataclass, field

import pyoxigraph as ox

from nhskg.explain.branches import Branch, leaf_branch
from nhskg.explain.evidence import Leaf
from nhskg.explain.explaining import Explainer, Explanation, rule_file
from nhskg.reasoning.proofs import Found, Proof, Step

__all__ = ["explanation_branches"]


@dataclass
class _Shown:
    """What has been shown already: steps by their numbers, and claims."""

    steps: dict[tuple[str, tuple[ox.Triple, ...]], int] = field(default_factory=dict)
    claims: set[str] = field(default_factory=set)


def explanation_branches(explanation: Explanation, explainer: Explainer) -> list[Branch]:
    """Return a tree for each proof of an explanation, then those of its limits."""
    shown = _Shown() if len(explanation.found.proofs) == 1 else None
    branches = _found(explanation.found, explanation.title, explainer, shown)
    if explanation.limits:
        below = [b for each in explanation.limits for b in _found(each, "", explainer, shown)]
        branches.append(Branch("what limits it", below=tuple(below)))
    return branches


def _found(found: Found, title: str, explainer: Explainer, shown: _Shown | None) -> list[Branch]:
    """Return a tree for each proof; with ``shown`` nothing is shown twice."""
    trees = [_ProofTree(p, explainer, shown or _Shown()).tree(title) for p in found.proofs]
    count = len(trees)
    if count <= 1:
        return trees
    branches = [
        Branch(f"proof {number} of {count}, {proof.size}", below=(tree,))
        for number, (proof, tree) in enumerate(zip(found.proofs, trees, strict=True), start=1)
    ]
    if not found.complete:
        branches.append(Branch(f"these are the first {count} proofs found; there are more"))
    return branches


class _ProofTree:
    def __init__(self, proof: Proof, explainer: Explainer, shown: _Shown) -> None:
        self.proof = proof
        self.explainer = explainer
        self.wording = explainer.wording
        self.shown = shown

    def tree(self, title: str) -> Branch:
        """Return the whole proof."""
        goal = self.proof.goal
        step = self.proof.step_for(goal)
        if step is not None:
            return self._step(step, [goal], title)
        (leaf,) = self.explainer.evidence.leaves([goal])
        below = self._leaf(leaf)
        is_same = title in ("", self.wording.statement([goal]))
        return below if is_same else Branch(title, below=(below,), main=True)

    def _step(self, step: Step, triples: list[ox.Triple], title: str = "") -> Branch:
        text = title or self.wording.statement(triples)
        use = (step.rule, step.premises)
        if use in self.shown.steps:
            return Branch(text, (f"as shown above ({self.shown.steps[use]})",), main=True)
        number = self.shown.steps[use] = len(self.shown.steps) + 1
        rule = f"OWL 2 RL {step.rule}"
        if step.source:
            rule = ": ".join(filter(None, [step.rule, self.explainer.title(step)]))
            rule += f" [{rule_file(step)}]"
        notes = [f"({number}) by {rule}"]
        notes += [f"axiom: {words}" for words in self.explainer.axioms(step)]
        below = [*self._premises(step), *self._absent(step)]
        return Branch(text, tuple(notes), below=tuple(below), main=True)

    def _premises(self, step: Step) -> list[Branch]:
        groups: dict[tuple[Step, object], list[ox.Triple]] = {}
        leaves: list[ox.Triple] = []
        for premise in step.premises:
            by = self.proof.step_for(premise)
            if by is None:
                leaves.append(premise)
            else:
                groups.setdefault((by, premise.subject), []).append(premise)
        branches = [self._leaf(each) for each in self.explainer.evidence.leaves(leaves)]
        for (by, subject), about in groups.items():
            above = [each for each, other in groups if each != by and other == subject]
            if not any(by in self.proof.steps_below(each) for each in above):
                branches.append(self._step(by, about))
        return branches

    def _absent(self, step: Step) -> list[Branch]:
        words = dict.fromkeys(map(self.wording.absence, step.absent))
        below = tuple(map(Branch, words))
        return [Branch("checked against the whole graph:", below=below)] if below else []

    def _leaf(self, leaf: Leaf) -> Branch:
        if leaf.claim is not None:
            return leaf_branch(leaf, "claim", self.wording, self.shown.claims)
        said = "; ".join(map(self.wording.sentence, leaf.triples))
        return Branch(f"{said} [{leaf.origin}]")
