"""With which values a rule may conclude what has been taken back.

All that a rule concludes in one go stands in the store, or has been taken back too. So where a
conclusion does not tell all that the rule has to know (its subject is a name that ``BIND`` makes of
others), the other conclusions do. But only those that are concluded whenever that one is: a literal
is no subject, and what an optional part or a failing ``BIND`` leaves open makes no triple.
"""

from __future__ import annotations

from collections.abc import Collection

import pyoxigraph as ox

from nhskg.reasoning.affected import (
    NotIncrementalError,
    Occurrence,
    affected_rows,
    plain,
    values_for,
)
from nhskg.reasoning.bindings import certain, names_made
from nhskg.reasoning.model import Bind, Group, Pattern, Rule, Values

__all__ = ["possible_values"]


def possible_values(
    store: ox.Store, rule: Rule, candidates: Collection[ox.Triple]
) -> Values | None:
    """Return the values with which a rule may conclude a candidate; nothing if any will do.

    Args:
        store: the state before and the state after, in its graphs taken together.
        rule: the rule.
        candidates: what has been taken back.

    Raises:
        NotIncrementalError: a value is a blank node.
    """
    asked = []
    names = certain(Group(rule.body.patterns())) - _made(rule)
    for place, pattern in enumerate(rule.head):
        matching = values_for(plain(pattern), candidates)
        if matching:
            others = _concluded_with(rule, place)
            names &= {v for each in (pattern, *others) for v in each.variables()}
            asked.append((Occurrence(rule, plain(pattern), others, ()), matching))
    wanted = sorted(names, key=str)
    if not wanted:
        return None
    rows: dict[tuple[ox.NamedNode | ox.Literal, ...], None] = {}
    for found, matching in asked:
        for row in affected_rows(store, found, matching, wanted):
            values = tuple(row[name] for name in wanted)
            if not all(isinstance(value, ox.NamedNode | ox.Literal) for value in values):
                raise NotIncrementalError(f"{rule}: a blank node")
            rows[values] = None  # type: ignore[index]
    return Values(tuple(wanted), tuple(rows))


def _made(rule: Rule) -> set[ox.Variable]:
    return {e.variable for e in rule.body.elements if isinstance(e, Bind)}


def _concluded_with(rule: Rule, place: int) -> tuple[Pattern, ...]:
    """Return the other patterns of a head that make a triple whenever one does."""
    own = rule.head[place]
    named = names_made(rule.body)
    bound = own.variables() | named | (certain(Group(rule.body.patterns())) - _made(rule))
    subjects = {own.subject} | {p.subject for p in rule.body.patterns()} | named
    return tuple(
        plain(each)
        for number, each in enumerate(rule.head)
        if number != place
        and each.variables() <= bound
        and (isinstance(each.subject, ox.NamedNode) or each.subject in subjects)
    )
