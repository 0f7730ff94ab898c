"""Refusals as trees of lines, and as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from nhskg.proofs.evidence import Leaf
from nhskg.proofs.facts import nodes
from nhskg.proofs.tree import Branch, claim_branch
from nhskg.proofs.why_not import MOST_NEAR, Attempt, Refusal
from nhskg.proofs.wording import Wording

__all__ = ["attempt_branches", "refusal_branch", "render_refusal_json"]


def refusal_branch(refusal: Refusal, wording: Wording) -> Branch:
    """Return a refusal as a tree: the rules that come nearest first."""
    return _Teller(wording).refusal(refusal)


def attempt_branches(attempts: Iterable[Attempt], wording: Wording) -> list[Branch]:
    """Return trees of the rules that would give something."""
    teller = _Teller(wording)
    return [teller.attempt(each) for each in attempts]


class _Teller:
    def __init__(self, wording: Wording) -> None:
        self.wording = wording
        self.told: set[str] = set()

    def refusal(self, refusal: Refusal) -> Branch:
        if refusal.held:
            below = [Branch(each, kind="stated") for each in refusal.held]
            return Branch(refusal.title, kind="conclusion", below=tuple(below))
        near = [each for each in refusal.attempts if _is_near(each)] or [*refusal.attempts[:1]]
        below = [self._in_short(refusal), *(self.attempt(each) for each in near)]
        far = [f"{a.rule} ({len(a.missing)} missing)" for a in refusal.attempts if a not in near]
        if far:
            below.append(Branch(f"further off: {', '.join(dict.fromkeys(far))}"))
        if not below:
            below.append(Branch("no rule could give it"))
        for each in refusal.before:
            tree = self.refusal(each)
            below.append(Branch("nor was there anything to leave as it was:", below=(tree,)))
        return Branch(refusal.title, kind="conclusion", below=tuple(below))

    def _in_short(self, refusal: Refusal) -> Branch:
        """Return who does hold it there, as far as any text says, or that it is left open."""
        below = [Branch(each, kind="stated") for each in refusal.instead]
        for title, leaf in refusal.left_open:
            below.append(Branch(title, below=(self._claim(leaf, "claim"),)))
        if below:
            return Branch("what is known of it there:", below=tuple(below))
        return Branch("no text says who holds it there; which is not to say that nobody does")

    def attempt(self, attempt: Attempt) -> Branch:
        name = f"{attempt.rule}: {attempt.title}" if attempt.title else attempt.rule
        below = [Branch(f"there: {each}", kind="stated") for each in attempt.there]
        if attempt.blocks:
            below += [self._claim(leaf, "there: claim") for leaf in attempt.leaves]
            for block in attempt.blocks:
                said = [self._claim(leaf, "claim") for leaf in block.leaves]
                behind = tuple(self._claim(leaf, "claim") for leaf in block.behind)
                said += behind if block.words in block.statements else ()
                said += [
                    Branch(each, kind="stated", below=behind)
                    for each in block.statements
                    if each != block.words
                ]
                below.append(Branch(f"in the way: {block.words}", below=tuple(said)))
            text = f"{name} — would give it, but something stands in the way"
            return Branch(text, below=tuple(below))
        below += [Branch(f"missing: {each}", kind="absent") for each in attempt.missing]
        below += [self._claim(leaf, "nearest: claim") for leaf in attempt.leaves]
        return Branch(f"{name} — would give it, but something is missing", below=tuple(below))

    def _claim(self, leaf: Leaf, lead: str) -> Branch:
        claim = leaf.claim
        assert claim is not None
        said = "; ".join(
            self.wording.property(triple)
            if getattr(triple.subject, "value", "") == claim.iri
            else self.wording.sentence(triple)
            for triple in leaf.triples
        )
        text = f"{lead} {claim.name} says: {said}"
        if claim.iri in self.told:
            return Branch(text, kind="claim")
        self.told.add(claim.iri)
        return claim_branch(claim, text)


def _is_near(attempt: Attempt) -> bool:
    """Tell whether a rule is worth telling in full: all but the body or the matter is there."""
    return len(attempt.missing) <= 1 and attempt.distance <= MOST_NEAR


def render_refusal_json(refusal: Refusal) -> str:
    """Render a refusal as one object."""
    return json.dumps(_refusal(refusal), ensure_ascii=False, indent=2) + "\n"


def _refusal(refusal: Refusal) -> dict[str, Any]:
    asked = {k: v.value if v else None for k, v in _asked(refusal).items()}
    return {
        "asked": asked,
        "title": refusal.title,
        "held": list(refusal.held),
        "instead": list(refusal.instead),
        "left open": [{"title": title, **_leaf(leaf)} for title, leaf in refusal.left_open],
        "attempts": [_attempt_object(each) for each in refusal.attempts],
        "before": [_refusal(each) for each in refusal.before],
    }


def _asked(refusal: Refusal) -> dict[str, Any]:
    asked = refusal.asked
    return {"plan": asked.plan, "power": asked.power, "body": asked.body, "matter": asked.matter}


def _attempt_object(attempt: Attempt) -> dict[str, Any]:
    return {
        "rule": attempt.rule,
        "title": attempt.title,
        "distance": attempt.distance,
        "there": list(attempt.there),
        "claims": [_leaf(leaf) for leaf in attempt.leaves],
        "missing": list(attempt.missing),
        "blocks": [
            {
                "words": block.words,
                "claims": [_leaf(leaf) for leaf in block.leaves],
                "statements": list(block.statements),
                "behind": [_leaf(leaf) for leaf in block.behind],
            }
            for block in attempt.blocks
        ],
    }


def _leaf(leaf: Leaf) -> dict[str, Any]:
    triples = [[str(node) for node in nodes(triple)] for triple in leaf.triples]
    return {"claim": asdict(leaf.claim) if leaf.claim else None, "triples": triples}
