"""What must be new for a rule of a recursive group to derive something new."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import pyoxigraph as ox

from nhskg.reasoning.model import TYPE, Exists, Filter, Group, Node, Pattern, Rule, walk_patterns

__all__ = ["Variant", "types_last", "variants"]

Variant: TypeAlias = "Pattern | Node | None"
"""What must be new: a premise, anything about a subject, or (None) anything at all."""


def variants(rule: Rule, written: Sequence[Pattern]) -> list[Variant]:
    """Return what can be new for a rule, given what the rules of its group write.

    Several premises about one subject are one variant: the subject. What is new inside EXISTS,
    UNION and the like, or in a path, is not told apart.
    """
    fed = [p for p in rule.body.patterns() if not p.closure and _is_fed(p, written)]
    nested = any(
        _is_fed(p, written)
        for element in rule.body.elements
        if not isinstance(element, Pattern | Filter)
        for p, negative, _ in walk_patterns(Group((element,)))
        if not negative
    )
    if nested or any(p.closure and _is_fed(p, written) for p in rule.body.patterns()):
        return [None]
    found: list[Variant] = []
    for subject in dict.fromkeys(p.subject for p in fed):
        about = [p for p in fed if p.subject == subject]
        found.append(about[0] if len(about) == 1 else subject)
    return found


def _is_fed(read: Pattern, written: Sequence[Pattern]) -> bool:
    wanted = (read.subject, read.helper or read.predicate, read.object)
    return any(
        all(
            isinstance(a, ox.Variable) or isinstance(b, ox.Variable) or a == b
            for a, b in zip((w.subject, w.predicate, w.object), wanted, strict=True)
        )
        for w in written
    )


def types_last(body: Group, first: Pattern) -> Group:
    """Return a body whose class memberships are tests, so that none is matched before ``first``."""
    others = [p for p in body.patterns() if p.predicate != TYPE]
    bound = {v for p in others for v in p.variables()} | first.variables()
    return Group(
        tuple(
            Exists(Group((e,)), negated=False)
            if isinstance(e, Pattern)
            and e.predicate == TYPE
            and e is not first
            and e.variables() <= bound
            else e
            for e in body.elements
        )
    )
