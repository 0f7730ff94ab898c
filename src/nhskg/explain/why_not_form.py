"""Refusals as trees of lines, and as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import fields
from typing import Any, Final

import pyoxigraph as ox

from nhskg.explain.evidence import Leaf
from nhskg.explain.tree import Branch, leaf_branch
from nhskg.explain.why_not import NEAR, Attempt, Refusal
from nhskg.explain.wording import Wording
from nhskg.reasoning.triple_lookup import nodes

__all__ = ["attempt_branches", "refusal_branch", "render_refusal_json"]

_KEYS: Final = {"leaves": "claims", "left_open": "left open"}


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
        near = [a for a in refusal.attempts if a.distance <= NEAR] or refusal.attempts[:1]
        known = [Branch(each, kind="stated") for each in refusal.instead]
        known += [Branch(t, below=(self._claim(leaf, "claim"),)) for t, leaf in refusal.left_open]
        nothing = Branch("no text says who holds it there; which is not to say that nobody does")
        below = [Branch("what is known of it there:", below=tuple(known))] if known else [nothing]
        below += [self.attempt(each) for each in near]
        far = [f"{a.rule} ({len(a.missing)} missing)" for a in refusal.attempts if a not in near]
        if far:
            below.append(Branch(f"further off: {', '.join(dict.fromkeys(far))}"))
        for each in refusal.before:
            tree = self.refusal(each)
            below.append(Branch("nor was there anything to leave as it was:", below=(tree,)))
        return Branch(refusal.title, kind="conclusion", below=tuple(below))

    def attempt(self, attempt: Attempt) -> Branch:
        why = "something stands in the way" if attempt.blocks else "something is missing"
        name = f"{attempt.rule}: {attempt.title}" if attempt.title else attempt.rule
        below = [Branch(f"there: {each}", kind="stated") for each in attempt.there]
        below += [Branch(f"missing: {each}", kind="absent") for each in attempt.missing]
        lead = "there: claim" if attempt.blocks else "nearest: claim"
        below += [self._claim(leaf, lead) for leaf in attempt.leaves]
        for block in attempt.blocks:
            said = tuple(self._claim(leaf, "claim") for leaf in block.leaves)
            below.append(Branch(f"in the way: {block.words}", below=said))
        return Branch(f"{name} — would give it, but {why}", below=tuple(below))

    def _claim(self, leaf: Leaf, lead: str) -> Branch:
        return leaf_branch(leaf, lead, self.wording, self.told)


def render_refusal_json(refusal: Refusal) -> str:
    """Render a refusal as one object."""
    return json.dumps(refusal, default=_plain, ensure_ascii=False, indent=2) + "\n"


def _plain(value: Any) -> Any:
    """Return the data of a refusal as JSON has them."""
    if isinstance(value, ox.NamedNode):
        return value.value
    if isinstance(value, Leaf):
        triples = [[str(node) for node in nodes(triple)] for triple in value.triples]
        return {"claim": value.claim, "triples": triples}
    told = {_KEYS.get(f.name, f.name): getattr(value, f.name) for f in fields(value)}
    if isinstance(value, Refusal):
        told["left open"] = [{"title": t, **_plain(leaf)} for t, leaf in value.left_open]
    return told
