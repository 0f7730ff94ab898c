"""Rule instances: the matches of a rule's body under which it gives a conclusion.

The conclusion is bound into the head before the store is asked, and all triples of the head are
matched together with the body: a rule that gave one of them gave all, and they narrow the search
where the name of a thing is computed by BIND. Triple patterns and paths are asked of the store
first; the rest of a body then, with the values of a match put in.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Final

import pyoxigraph as ox

from nhskg.rdf.sparql.algebra import (
    Call,
    Element,
    Exists,
    Expression,
    Filter,
    Group,
    Minus,
    Optional,
    Pattern,
    Term,
    Union,
    Values,
)
from nhskg.rdf.sparql.render import group_text
from nhskg.reasoning.proofs import Absence
from nhskg.reasoning.rules import Rule
from nhskg.reasoning.triple_lookup import Bindings, Facts, as_triple, match, substituted

__all__ = ["MOST_INSTANCES", "Instance", "Instances", "premises", "solutions"]

MOST_INSTANCES: Final = 100
"""The number of instances of one rule that are considered for one triple."""

_Row = dict[ox.Variable, Term]
_Support = tuple[list[ox.Triple], list[Absence]]


@dataclass(frozen=True, slots=True)
class Instance:
    """One use of a rule with all its variables bound; equal ones rest on the same."""

    rule: str
    source: str
    premises: tuple[ox.Triple, ...]
    axioms: tuple[ox.Triple, ...]
    conclusions: frozenset[ox.Triple]
    absent: tuple[Absence, ...] = field(compare=False, default=())

    def order(self) -> tuple[int, str, tuple[str, ...]]:
        """Return what instances are sorted by: few premises first, then by name."""
        return (len(self.premises), self.rule, tuple(map(str, self.premises)))


class Instances:
    """Finds rule instances by a conclusion; each match of a rule is worked out once."""

    def __init__(self) -> None:
        self._known: dict[tuple[int, frozenset[tuple[ox.Variable, Term]]], list[Instance]] = {}

    def concluding(
        self, rule: Rule, triple: ox.Triple, facts: Facts
    ) -> tuple[list[Instance], bool]:
        """Return the instances of a rule that conclude a triple, and whether these are all.

        Raises:
            StoreError: the store cannot evaluate the rule.
        """
        patterns = (*rule.head, *rule.body.patterns())
        found: dict[Instance, None] = {}
        complete = True
        for head in rule.head:
            values = match(head, triple)
            if values is None:
                continue
            rows = list(islice(facts.join(patterns, values), MOST_INSTANCES + 1))
            complete = complete and len(rows) <= MOST_INSTANCES
            for row in rows[:MOST_INSTANCES]:
                made = self._of_match(rule, row, facts)
                found |= dict.fromkeys(each for each in made if triple in each.conclusions)
        return list(found), complete

    def _of_match(self, rule: Rule, row: _Row, facts: Facts) -> list[Instance]:
        key = (id(rule), frozenset(row.items()))
        if key not in self._known:
            whole = _completed(rule.body.elements, row, facts)
            self._known[key] = [_instance(rule, values, facts) for values in whole]
        return self._known[key]


def solutions(elements: Sequence[Element], given: Bindings, facts: Facts) -> Iterator[_Row]:
    """Yield the solutions of a group with some values given."""
    patterns = [element for element in elements if isinstance(element, Pattern)]
    for row in facts.join(patterns, given):
        yield from _completed(elements, row, facts)


def _completed(elements: Sequence[Element], row: Bindings, facts: Facts) -> Iterator[_Row]:
    """Yield a match of a group's patterns with what the rest of the group binds, if it holds."""
    tests = [element for element in elements if isinstance(element, Exists)]
    rest = [element for element in elements if not isinstance(element, Pattern | Exists)]
    for found in _asked(rest, row, facts) if rest else [dict(row)]:
        rows = (solutions(test.group.elements, found, facts) for test in tests)
        there = (next(each, None) is not None for each in rows)
        if all(is_there != test.negated for is_there, test in zip(there, tests, strict=True)):
            yield found


def _asked(rest: Sequence[Element], row: Bindings, facts: Facts) -> Iterator[_Row]:
    """Yield what BIND, FILTER, OPTIONAL and the like make of a match, by a query."""
    body = list(substituted(Group(tuple(rest)), row).elements)
    for place, element in enumerate(rest):
        if isinstance(element, Minus):  # it removes nothing where no variable is shared
            body[place] = element
            shared = tuple(v for v in sorted(element.variables(), key=str) if v in row)
            body.append(Values(shared, (tuple(row[v] for v in shared),)))
    body.sort(key=lambda element: not isinstance(element, Values))
    yield from facts.select(Group(tuple(body)), row)


# -- what a match rests on


def premises(elements: Iterable[Element], values: Bindings, facts: Facts) -> list[ox.Triple]:
    """Return the triples that a match of a group rests on."""
    return _support(elements, values, facts)[0]


def _instance(rule: Rule, values: Bindings, facts: Facts) -> Instance:
    rests_on, absent = _support(rule.body.elements, values, facts)
    stated = [axiom for axiom in rule.axioms if facts.is_asserted(axiom)]
    rests_on += [axiom for axiom in rule.axioms if axiom not in stated]
    triples = (as_triple(head.substituted(dict(values))) for head in rule.head)
    return Instance(
        rule.name,
        rule.source,
        tuple(dict.fromkeys(rests_on)),
        tuple(stated),
        frozenset(triple for triple in triples if triple is not None),
        tuple(absent),
    )


def _support(elements: Iterable[Element], values: Bindings, facts: Facts) -> _Support:
    """Return what a match of a group rests on: triples, and what is absent."""
    rests_on: list[ox.Triple] = []
    absent: list[Absence] = []
    for element in elements:
        more = _of_element(element, values, facts)
        rests_on += more[0]
        absent += more[1]
    return rests_on, absent


def _of_element(element: Element, values: Bindings, facts: Facts) -> _Support:
    match element:
        case Pattern():
            given = element.substituted(dict(values))
            if given.closure:
                return list(facts.path(given) or ()), []
            triple = as_triple(given)
            return [triple] if triple else [], []
        case Union(branches):
            found = (_of_first_match(branch, values, facts) for branch in branches)
            return next(filter(None, found), ([], []))
        case Exists(group, False):
            return _of_first_match(group, values, facts) or ([], [])
        case Exists(group) | Minus(group):
            return [], [_absence(group, values)]
        case Optional(group):
            absent = _absence(group, values, optional=True)
            return _of_first_match(group, values, facts) or ([], [absent])
        case Filter(expression):
            return _of_expression(expression, values, facts)
    return [], []


def _of_first_match(group: Group, values: Bindings, facts: Facts) -> _Support | None:
    """Return what the first match of a group, with values put in, rests on; None if no match."""
    rows = list(solutions(group.elements, values, facts))
    first = min(rows, key=lambda row: sorted(f"{v} {t}" for v, t in row.items()), default=None)
    return None if first is None else _support(group.elements, first, facts)


def _of_expression(expression: Expression, values: Bindings, facts: Facts) -> _Support:
    """Return what the EXISTS parts of an expression rest on, as far as they have a match."""
    rests_on: list[ox.Triple] = []
    absent: list[Absence] = []
    for test, wanted in _tests_in(expression, wanted=True):
        found = _of_first_match(test.group, values, facts)
        if found is not None and wanted:
            rests_on += found[0]
            absent += found[1]
        elif found is None and not wanted:
            absent.append(_absence(test.group, values))
    return rests_on, absent


def _tests_in(part: Expression, *, wanted: bool) -> Iterator[tuple[Exists, bool]]:
    """Yield the EXISTS of an expression, each with whether a match of it makes the whole true."""
    if isinstance(part, Exists):
        yield part, wanted != part.negated
    elif isinstance(part, Call):
        for each in part.arguments:
            yield from _tests_in(each, wanted=wanted != (part.name == "!"))


def _absence(group: Group, values: Bindings, *, optional: bool = False) -> Absence:
    """Return a part that has no match, with values put in."""
    given = substituted(group, values)
    return Absence(given, group_text(given), optional)
