"""Derived axioms and equalities that a program with negation no longer entails in the end.

A derived axiom, or equality, can add the very fact whose absence it was concluded from. Then no
reading of the rules is right, as with negation in a cycle, and the cycle goes through the program.
An equality that supports itself, through what it makes the same, is not noticed.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable

import pyoxigraph as ox

from nhskg.rdf.sparql.algebra import Bind, Node, Pattern, Rule, walk_patterns
from nhskg.reasoning.executor import Executor
from nhskg.reasoning.program import Program, is_hidden
from nhskg.reasoning.property_axioms import SAME
from nhskg.reasoning.union_find import Sameness

__all__ = ["find_undone"]


def find_undone(
    program: Program, executor: Executor, found: Iterable[ox.Triple], same: Sameness
) -> list[tuple[ox.Triple, Rule]]:
    """Return triples that no rule supports any more, each with a rule that concluded it.

    Args:
        program: the program that ran last.
        executor: what holds all that is asserted and derived.
        found: the axioms and equalities that were derived before and then taken for given.
        same: what is the same in the store.
    """
    found = sorted(found, key=str)
    equal = {t for t in found if t.predicate == SAME}
    still = Sameness(
        t for t in same.triples if t not in equal or _undone_by(program, executor, t) is None
    )
    undone: list[tuple[ox.Triple, Rule]] = []
    for triple in found:
        if triple.predicate == SAME and still.has(triple):
            continue
        rules = [_undone_by(program, executor, other) for other in _variants(triple, still)]
        if all(rule is not None for rule in rules) and rules[0] is not None:
            undone.append((triple, rules[0]))
    return undone


def _variants(triple: ox.Triple, same: Sameness) -> list[ox.Triple]:
    """Return a triple, and those that equality makes of it."""
    if triple.predicate == SAME:
        return [triple]
    ends = (same.group(node) for node in (triple.subject, triple.predicate, triple.object))  # type: ignore[arg-type]
    others = [ox.Triple(*nodes) for nodes in itertools.product(*ends)]  # type: ignore[arg-type]
    return [triple, *(other for other in others if other != triple)]


def _undone_by(program: Program, executor: Executor, triple: ox.Triple) -> Rule | None:
    """Return a rule that could conclude a triple, if none does; what cannot be told is left."""
    first: Rule | None = None
    for rule in program.rules:
        for head in rule.head:
            values = _unified(head, triple)
            if values is None:
                continue
            made = {e.variable for e in rule.body.elements if isinstance(e, Bind)}
            if made & values.keys() or any(isinstance(v, ox.BlankNode) for v in values.values()):
                return None  # a name that the rule makes, or that a query cannot give
            if any(is_hidden(p) for p, _ in walk_patterns(rule.body)):
                return None
            if next(executor.solutions(rule.body.substituted(values), ()), None) is not None:
                return None
            first = first or rule
    return first


def _unified(head: Pattern, triple: ox.Triple) -> dict[ox.Variable, Node] | None:
    values: dict[ox.Variable, Node] = {}
    for node, term in zip((head.subject, head.predicate, head.object), triple, strict=True):
        known = values.get(node, node) if isinstance(node, ox.Variable) else node
        if isinstance(known, ox.Variable):
            values[known] = term
        elif known != term:
            return None
    return values
