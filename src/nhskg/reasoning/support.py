"""Derived axioms and equalities that a program with negation no longer entails in the end.

A derived axiom, or equality, can add the very fact whose absence it was concluded from. Then no
reading of the rules is right, as with negation in a cycle, and the cycle goes through the program.
An equality that supports itself, through what it makes the same, is not noticed.
"""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterator
from typing import Any

import pyoxigraph as ox

from nhskg.rdf.sparql.algebra import Pattern, Rule
from nhskg.reasoning.executor import Executor
from nhskg.reasoning.program import Program
from nhskg.reasoning.property_axioms import SAME
from nhskg.reasoning.triple_lookup import as_triple, match
from nhskg.reasoning.union_find import Sameness

__all__ = ["find_undone"]


def find_undone(
    program: Program, executor: Executor, found: Collection[ox.Triple], same: Sameness
) -> Iterator[tuple[ox.Triple, Rule]]:
    """Yield the triples that no rule concludes any more, each with a rule that concluded it.

    Args:
        program: the program that ran last.
        executor: what holds all that is asserted and derived.
        found: the axioms and equalities that were derived before and then taken for given.
        same: what is the same in the store.
    """
    predicates = {triple.predicate for triple in found}
    heads = [
        (rule, head)
        for rule in program.rules
        for head in rule.head
        if isinstance(head.predicate, ox.Variable) or head.predicate in predicates
    ]
    concluded = {triple for rule, head in heads for triple in _instances(rule, head, executor)}
    still = Sameness(t for t in same.triples if t not in found or t in concluded)
    for triple in sorted(found, key=str):
        could = [rule for rule, head in heads if match(head, triple) is not None]
        if triple.predicate == SAME:
            holds = triple in concluded or still.has(triple)
        else:
            groups = (still.group(node) for node in triple)
            names: Any = itertools.product(*groups)
            holds = not concluded.isdisjoint(itertools.starmap(ox.Triple, names))
        if could and not holds:
            yield triple, could[0]


def _instances(rule: Rule, head: Pattern, executor: Executor) -> Iterator[ox.Triple]:
    """Yield the triples that a rule concludes from all that there is."""
    names = sorted(head.variables(), key=str)
    for row in executor.solutions(rule.body, names):
        values = {name: term for name, term in zip(names, row, strict=True) if term is not None}
        triple = as_triple(head.substituted(values))
        if triple is not None:
            yield triple
