"""Rule instances: which uses of a rule support a triple, and what each rests on.

A rule is asked with its head bound to the triple. All triples of the head are asked for together
with the body: a rule that gave one of them gave all, and they narrow the search, where the name
of a thing is computed by BIND and so cannot be put in.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import TypeVar

import pyoxigraph as ox

from nhskg.proofs.facts import Bindings, Facts, as_triple, match, nodes
from nhskg.proofs.model import Absence
from nhskg.reasoning.model import (
    Bind,
    Element,
    Exists,
    Filter,
    Group,
    Minus,
    Node,
    Optional,
    Pattern,
    Rule,
    Term,
    Union,
    Values,
)
from nhskg.reasoning.render import group_text

__all__ = ["Instance", "Instances", "bound_variables", "supports"]

_T = TypeVar("_T")


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
    """Finds the uses of rules that support triples; each is worked out once.

    A rule that needs a query is asked for everything that it says of the triple's subject, and
    the answer kept: the triples of a holding come from the same uses of the same rules.
    """

    def __init__(self, most: int) -> None:
        """Consider at most so many uses of one rule for one triple."""
        self._most = most
        self._about: dict[tuple[int, ox.Variable, Term], list[Instance] | None] = {}

    def supporting(
        self, rule: Rule, triple: ox.Triple, facts: Facts
    ) -> tuple[list[Instance], bool]:
        """Return the instances of a rule that conclude a triple, and whether these are all.

        Raises:
            StoreError: the store cannot evaluate the rule.
        """
        found: dict[Instance, None] = {}
        complete = True
        for head in rule.head:
            values = match(head, triple)
            if values is None:
                continue
            about = self._of_subject(rule, head, triple, facts)
            if about is None:
                about, whole = _instances(rule, values, facts, self._most)
                complete = complete and whole
            found |= dict.fromkeys(each for each in about if triple in each.conclusions)
        return list(found), complete

    def _of_subject(
        self, rule: Rule, head: Pattern, triple: ox.Triple, facts: Facts
    ) -> list[Instance] | None:
        """Return the instances that conclude anything of a subject; None if too many to ask."""
        if _is_plain(rule) or not isinstance(head.subject, ox.Variable):
            return None
        subject = nodes(triple)[0]
        key = (id(rule), head.subject, subject)
        if key not in self._about:
            found, whole = _instances(rule, {head.subject: subject}, facts, self._most)
            self._about[key] = found if whole else None
        return self._about[key]


def _instances(
    rule: Rule, values: Bindings, facts: Facts, most: int
) -> tuple[list[Instance], bool]:
    """Return at most so many instances with some values given, and whether these are all."""
    rows = list(islice(_solutions(rule, values, facts), most + 1))
    made = (_instance(rule, {**row, **values}, facts) for row in rows[:most])
    return [each for each in made if each is not None], len(rows) <= most


def _is_plain(rule: Rule) -> bool:
    """Tell whether a rule is triple patterns only, which are joined without a query."""
    return all(isinstance(e, Pattern) and not e.closure for e in rule.body.elements)


def bound_variables(elements: Iterable[Element]) -> list[ox.Variable]:
    """Return the variables that the positive parts of a group may bind, in order."""
    found: dict[ox.Variable, None] = {}
    for element in elements:
        if isinstance(element, Pattern):
            found |= dict.fromkeys(sorted(element.variables(), key=str))
        elif isinstance(element, Bind):
            found[element.variable] = None
        elif isinstance(element, Values):
            found |= dict.fromkeys(element.names)
        elif isinstance(element, Optional):
            found |= dict.fromkeys(bound_variables(element.group.elements))
        elif isinstance(element, Union):
            for branch in element.branches:
                found |= dict.fromkeys(bound_variables(branch.elements))
    return list(found)


def writable(values: Bindings) -> dict[ox.Variable, Node]:
    """Return the values that can be written in a query: all but blank nodes."""
    return {v: t for v, t in values.items() if not isinstance(t, ox.BlankNode)}


def _solutions(rule: Rule, values: Bindings, facts: Facts) -> Iterator[dict[ox.Variable, Term]]:
    """Yield the values of the rule's variables under which it concludes the given head."""
    patterns = [p for p in rule.body.patterns() if not p.closure]
    if _is_plain(rule):
        yield from facts.join((*rule.head, *patterns), values)
        return
    fixed: dict[ox.Variable, Node] = dict(values)
    if all(facts.matches(p.substituted(fixed)) for p in (*rule.head, *patterns)):
        yield from _asked(rule, values, facts)


def _asked(rule: Rule, values: Bindings, facts: Facts) -> Iterator[dict[ox.Variable, Term]]:
    """Yield the same by a query."""
    made = {e.variable for e in rule.body.elements if isinstance(e, Bind)}
    known = writable(values)
    free = {v: t for v, t in known.items() if v not in made}
    body = rule.body.substituted(free)
    claimed: dict[ox.Variable, Node] = {v: ox.Variable(f"{v.value}__head") for v in made}
    heads = [head.substituted({**claimed, **known}) for head in rule.head]
    tests = "".join(
        f" FILTER(sameTerm({v}, {known.get(v, claimed[v])}))"
        for v in sorted(made, key=str)
        if v in known or any(claimed[v] in head.variables() for head in heads)
    )
    where = group_text(Group((*heads, *body.elements))) + tests
    variables = [v for v in bound_variables((*heads, *body.elements)) if v not in free]
    named = [v for v in variables if v not in claimed.values()]
    blank = {v: t for v, t in values.items() if isinstance(t, ox.BlankNode)}
    yield from facts.select(where, named, blank)


def _instance(rule: Rule, values: Bindings, facts: Facts) -> Instance | None:
    rests = supports(rule.body.elements, values, facts)
    if rests is None:
        return None
    premises, absent = rests
    stated = [axiom for axiom in rule.axioms if facts.is_asserted(axiom)]
    premises += [axiom for axiom in rule.axioms if axiom not in stated]
    heads = (head.substituted(dict(values)) for head in rule.head)
    triples = (as_triple(head.subject, head.predicate, head.object) for head in heads)
    return Instance(
        rule.name,
        rule.source,
        tuple(dict.fromkeys(premises)),
        tuple(stated),
        frozenset(triple for triple in triples if triple is not None),
        tuple(absent),
    )


def supports(
    elements: Sequence[Element], values: Bindings, facts: Facts
) -> tuple[list[ox.Triple], list[Absence]] | None:
    """Return what a match of a group rests on: triples, and what is not there; None if nothing.

    Args:
        elements: the group's parts.
        values: the values of its variables.
        facts: where its paths, alternatives and EXISTS parts are looked up.
    """
    premises: list[ox.Triple] = []
    absent: list[Absence] = []
    for element in elements:
        found = _support(element, values, facts)
        if found is None:
            return None
        premises += found[0]
        absent += found[1]
    return premises, absent


_Support = tuple[list[ox.Triple], list[Absence]]


def _support(element: Element, values: Bindings, facts: Facts) -> _Support | None:
    if isinstance(element, Pattern):
        triples = _pattern(element, values, facts)
        return None if triples is None else (triples, [])
    if isinstance(element, Union):
        options = (_witness(branch, values, facts) for branch in element.branches)
        return next((each for each in options if each is not None), None)
    if isinstance(element, Filter):
        return _tested(element, values, facts)
    if isinstance(element, Exists | Minus | Optional):
        return _subgroup(element, values, facts)
    return [], []


def _subgroup(
    element: Exists | Minus | Optional, values: Bindings, facts: Facts
) -> _Support | None:
    if isinstance(element, Exists) and not element.negated:
        return _witness(element.group, values, facts)
    if isinstance(element, Optional):
        found = supports(element.group.elements, values, facts)
        if found is not None:
            return found
    return [], [absence(element.group, values)]


def _pattern(pattern: Pattern, values: Bindings, facts: Facts) -> list[ox.Triple] | None:
    given = pattern.substituted(dict(values))
    if given.closure:
        path = facts.chain(given)
        return None if path is None else list(path)
    triple = as_triple(given.subject, given.predicate, given.object)
    return [triple] if triple is not None and facts.holds(triple) else None


def _witness(group: Group, values: Bindings, facts: Facts) -> _Support | None:
    """Return what the first match of a group, with values put in, rests on."""
    given = group.substituted(writable(values))
    blank = {v: t for v, t in values.items() if isinstance(t, ox.BlankNode)}
    variables = bound_variables(given.elements)
    rows = list(facts.select(group_text(given), variables, blank))
    for row in sorted(rows, key=lambda r: [str(r.get(v)) for v in variables]):
        found = supports(group.elements, {**values, **row}, facts)
        if found is not None:
            return found
    return None


def _tested(element: Filter, values: Bindings, facts: Facts) -> _Support:
    """Return what the EXISTS parts of an expression rest on, as far as they have a match."""
    premises: list[ox.Triple] = []
    absent: list[Absence] = []
    before: object = ""
    for part in element.expression.parts:
        if isinstance(part, Exists):
            found = _witness(part.group, values, facts)
            wanted = not part.negated and before != "!"
            if found is not None and wanted:
                premises += found[0]
                absent += found[1]
            elif found is None and not wanted:
                absent.append(absence(part.group, values))
        before = part
    return premises, absent


def absence(group: Group, values: Bindings) -> Absence:
    """Return a negated part with values put in."""
    made = {e.variable for e in group.elements if isinstance(e, Bind)}
    given = group.substituted({v: t for v, t in writable(values).items() if v not in made})
    return Absence(given, " ".join(group_text(given).split()))
