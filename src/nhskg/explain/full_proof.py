"""Whole proofs as trees: the conclusion first, each step with its rule, down to the claims."""

from __future__ import annotations

import pyoxigraph as ox

from nhskg.explain.branches import Branch, leaf_branch
from nhskg.explain.evidence import Leaf
from nhskg.explain.explaining import Explainer, Explanation, rule_file
from nhskg.reasoning.proofs import Found, Proof, Step


def explanation_branches(explanation: Explanation, explainer: Explainer) -> list[Branch]:
    """Return a tree for each proof of an explanation, then those of its limits."""
    trees = _Trees(explainer) if len(explanation.found.proofs) == 1 else None
    branches = _found(explanation.found, explanation.title, explainer, trees)
    if explanation.limits:
        below = [b for each in explanation.limits for b in _found(each, "", explainer, trees)]
        branches.append(Branch("what limits it", below=tuple(below)))
    return branches


def _found(found: Found, title: str, explainer: Explainer, trees: _Trees | None) -> list[Branch]:
    """Return a tree for each proof; what ``trees`` have shown is not shown again."""
    drawn = [(trees or _Trees(explainer)).tree(proof, title) for proof in found.proofs]
    count = len(drawn)
    if count <= 1:
        return drawn
    branches = [
        Branch(f"proof {number} of {count}, {proof.size}", below=(tree,))
        for number, (proof, tree) in enumerate(zip(found.proofs, drawn, strict=True), start=1)
    ]
    if not found.complete:
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
        goal = proof.goal
        step = proof.step_for(goal)
        if step is not None:
            return self._step(proof, step, [goal], title)
        (leaf,) = self.explainer.evidence.leaves([goal])
        below = self._leaf(leaf)
        is_same = title in ("", self.wording.statement([goal]))
        return below if is_same else Branch(title, below=(below,), main=True)

    def _step(self, proof: Proof, step: Step, triples: list[ox.Triple], title: str = "") -> Branch:
        text = title or self.wording.statement(triples)
        use = (step.rule, step.premises)
        if use in self.steps:
            return Branch(text, (f"as shown above ({self.steps[use]})",), main=True)
        number = self.steps[use] = len(self.steps) + 1
        rule = f"OWL 2 RL {step.rule}"
        if step.source:
            rule = ": ".join(filter(None, [step.rule, self.explainer.title(step)]))
            rule += f" [{rule_file(step)}]"
        notes = [f"({number}) by {rule}"]
        notes += [f"axiom: {words}" for words in self.explainer.axioms(step)]
        below = (*self._premises(proof, step), *self._absent(step))
        return Branch(text, tuple(notes), below=below, main=True)

    def _premises(self, proof: Proof, step: Step) -> list[Branch]:
        groups: dict[tuple[Step, object], list[ox.Triple]] = {}
        leaves: list[ox.Triple] = []
        for premise in step.premises:
            by = proof.step_for(premise)
            if by is None:
                leaves.append(premise)
            else:
                groups.setdefault((by, premise.subject), []).append(premise)
        branches = [self._leaf(each) for each in self.explainer.evidence.leaves(leaves)]
        for (by, subject), about in groups.items():
            above = [each for each, other in groups if each != by and other == subject]
            if not any(by in proof.steps_below(each) for each in above):
                branches.append(self._step(proof, by, about))
        return branches

    def _absent(self, step: Step) -> list[Branch]:
        words = dict.fromkeys(map(self.wording.absence, step.absent))
        below = tuple(map(Branch, words))
        return [Branch("checked against the whole graph:", below=below)] if below else []

    def _leaf(self, leaf: Leaf) -> Branch:
        if leaf.claim is not None:
            return leaf_branch(leaf, "claim", self.wording, self.claims)
        said = "; ".join(map(self.wording.sentence, leaf.triples))
        return Branch(f"{said} [{leaf.origin}]")
