"""Render why a body does not hold a power: as a tree of lines, and as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import fields, replace
from typing import Any

import pyoxigraph as ox

from nhskg.explain.branches import Branch, leaf_branch
from nhskg.explain.evidence import Leaf
from nhskg.explain.why_not import Attempt, Refusal
from nhskg.explain.wording import Wording
from nhskg.reasoning.triple_lookup import nodes


def refusal_branch(refusal: Refusal, wording: Wording) -> Branch:
    """Return a refusal as a tree: what is known of the power there, then why the body has none."""
    shown: set[str] = set()
    known = list(map(Branch, refusal.instead))
    for title, leaf in refusal.left_open:
        known.append(Branch(title, below=(leaf_branch(leaf, "claim", wording, shown),)))
    nothing = Branch("no text says who holds it there; which is not to say that nobody does")
    about = Branch("what is known of it there:", below=tuple(known)) if known else nothing
    tree = _refusal(refusal, wording, shown)
    return replace(tree, below=(about, *tree.below))


def attempt_branches(attempts: Iterable[Attempt], wording: Wording) -> list[Branch]:
    """Return trees of the rules that would give something; each claim is shown in full once."""
    shown: set[str] = set()
    return [_attempt(each, wording, shown) for each in attempts]


def _refusal(refusal: Refusal, wording: Wording, shown: set[str]) -> Branch:
    below = [_attempt(each, wording, shown) for each in refusal.attempts]
    for each in refusal.before:
        tree = _refusal(each, wording, shown)
        below.append(Branch("nor was there anything to leave as it was:", below=(tree,)))
    return Branch(refusal.title, below=tuple(below), main=True)


def _attempt(attempt: Attempt, wording: Wording, shown: set[str]) -> Branch:
    def claims(leaves: Iterable[Leaf], lead: str) -> list[Branch]:
        return [leaf_branch(leaf, lead, wording, shown) for leaf in leaves]

    why = "something stands in the way" if attempt.blocks else "something is missing"
    name = f"{attempt.rule}: {attempt.title}" if attempt.title else attempt.rule
    below = [Branch(f"there: {each}") for each in attempt.there]
    below += [Branch(f"missing: {each}") for each in attempt.missing]
    below += claims(attempt.claims, "there: claim" if attempt.blocks else "nearest: claim")
    for block in attempt.blocks:
        said = claims(block.claims, "claim")
        below.append(Branch(f"in the way: {block.words}", below=tuple(said)))
    return Branch(f"{name} — would give it, but {why}", below=tuple(below))


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
    made = {f.name.replace("_", " "): getattr(value, f.name) for f in fields(value)}
    if isinstance(value, Refusal):
        made["left open"] = [{"title": t, **_plain(leaf)} for t, leaf in value.left_open]
    return made
