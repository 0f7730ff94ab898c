"""Proofs: steps, each by one rule, from asserted triples to the goal; and the steps that can be.

A step is a rule instance: a rule that can derive a triple, and a match of its body that gives it.
All triples of the head are matched together with the body: a rule that gave one of them gave all,
and they narrow the search where the name of a thing is computed by BIND. Triple patterns and paths
are asked of the store first; the rest of a body then, with the values of a match put in.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from itertools import islice
from typing import Any, Final

import pyoxigraph as ox

from nhskg.rdf.sparql.algebra import (
    TYPE,
    Bind,
    Call,
    Element,
    Exists,
    Expression,
    Filter,
    Group,
    Minus,
    Node,
    Optional,
    Pattern,
    Union,
    Values,
    construct_text,
    group_text,
    walk_patterns,
)
from nhskg.reasoning.axiom_rules import SAME, X, Y
from nhskg.reasoning.general_rules import SCHEMA_PREDICATES, equality_rules, schema_rules
from nhskg.reasoning.program import Program, compile_program, is_hidden
from nhskg.reasoning.reasoner import read_axioms
from nhskg.reasoning.rules import Rule, RuleText, class_read
from nhskg.reasoning.schema import Sameness
from nhskg.reasoning.triple_lookup import Bindings, Facts, as_triple, match, nodes, substituted


@dataclass(frozen=True, slots=True)
class Absence:
    """A part of a rule that must have no match, or is ``optional``, with the step's values put in.

    ``pattern`` is the same as the inside of a SPARQL group.
    """

    group: Group
    pattern: str
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """One use of a :class:`Rule`, with the triples of its head (in a proof, those it needs).

    ``premises`` are asserted, or concluded by an earlier step; ``axioms`` are the asserted ones
    that an OWL rule was applied to. Equal steps rest on the same.
    """

    rule: str
    source: str
    conclusions: tuple[ox.Triple, ...]
    premises: tuple[ox.Triple, ...]
    axioms: tuple[ox.Triple, ...] = ()
    absent: tuple[Absence, ...] = field(compare=False, default=())


@dataclass(frozen=True)
class Proof:
    """Steps, each resting on earlier ones, the last giving the goal; none where it is asserted."""

    goal: ox.Triple
    steps: tuple[Step, ...] = ()

    def step_for(self, triple: ox.Triple) -> Step | None:
        """Return the step that concludes a triple; None for a leaf."""
        return next((step for step in self.steps if triple in step.conclusions), None)

    @property
    def size(self) -> str:
        """The number of steps, in words."""
        return f"{len(self.steps)} step{'s' if len(self.steps) != 1 else ''}"

    def steps_below(self, step: Step) -> list[Step]:
        """Return the steps that a step rests on, the nearest first, and itself left out."""
        below = [step]
        for each in below:
            found = dict.fromkeys(filter(None, map(self.step_for, each.premises)))
            below += [by for by in found if by not in below]
        return below[1:]

    def leaves(self) -> tuple[ox.Triple, ...]:
        """Return the asserted triples that the proof rests on, each once, axioms left out."""
        premises = [triple for step in self.steps for triple in step.premises] or [self.goal]
        return tuple(dict.fromkeys(t for t in premises if self.step_for(t) is None))

    def leaves_below(
        self, triple: ox.Triple, passing: Callable[[ox.Triple], bool] = lambda _: True
    ) -> tuple[ox.Triple, ...]:
        """Return the asserted triples that one triple rests on, by way of some triples only."""
        below = [triple]
        for each in below:
            step = self.step_for(each)
            below += [p for p in (step.premises if step else ()) if p not in below and passing(p)]
        return tuple(each for each in below if self.step_for(each) is None)


@dataclass(frozen=True, slots=True)
class Found:
    """The proofs found of one triple, the shortest first; all the minimal ones if ``complete``."""

    goal: ox.Triple
    proofs: tuple[Proof, ...]
    complete: bool = True


# -- rule instances

MOST_INSTANCES: Final = 100
"""The number of instances of one rule that are considered for one triple."""
_Support = ox.Triple | Absence


def instances(rule: Rule, triple: ox.Triple, facts: Facts) -> tuple[list[Step], bool]:
    """Return the instances of a rule that conclude a triple, and whether these are all.

    Raises:
        StoreError: the store cannot evaluate the rule.
    """
    patterns = (*rule.head, *rule.body.patterns())
    found: dict[Step, None] = {}
    complete = True
    for values in (v for head in rule.head if (v := match(head, triple)) is not None):
        rows = list(islice(facts.join(patterns, values), MOST_INSTANCES + 1))
        complete = complete and len(rows) <= MOST_INSTANCES
        for row in rows[:MOST_INSTANCES]:
            steps = (_step(rule, w, facts) for w in _completed(rule.body.elements, row, facts))
            found |= dict.fromkeys(step for step in steps if triple in step.conclusions)
    return list(found), complete


def solutions(elements: Sequence[Element], given: Bindings, facts: Facts) -> Iterator[Bindings]:
    """Yield the solutions of a group with some values given."""
    for row in facts.join(Group(tuple(elements)).patterns(), given):
        yield from _completed(elements, row, facts)


def _completed(elements: Sequence[Element], row: Bindings, facts: Facts) -> Iterator[Bindings]:
    """Yield a match of a group's patterns with what the rest of the group makes of it."""
    rest = [element for element in elements if not isinstance(element, Pattern)]
    if not rest:
        yield row
        return
    body = list(substituted(Group(tuple(rest)), row).elements)
    for place, element in enumerate(rest):
        if isinstance(element, Minus):  # it removes nothing where no variable is shared
            body[place] = element
            shared = tuple(v for v in sorted(element.variables(), key=str) if v in row)
            body.append(Values(shared, (tuple(row[v] for v in shared),)))
    made = {element.variable for element in rest if isinstance(element, Bind)}
    body.sort(key=lambda each: not (isinstance(each, Values) and made.isdisjoint(each.names)))
    yield from facts.select(Group(tuple(body)), row)


def _step(rule: Rule, values: Bindings, facts: Facts) -> Step:
    support = list(_support(rule.body.elements, values, facts))
    stated = tuple(axiom for axiom in rule.axioms if facts.is_asserted(axiom))
    derived = [axiom for axiom in rule.axioms if axiom not in stated]
    triples = (as_triple(head.substituted(values)) for head in rule.head)
    return Step(
        rule.name,
        rule.source,
        tuple(dict.fromkeys(triple for triple in triples if triple is not None)),
        tuple(dict.fromkeys([t for t in support if isinstance(t, ox.Triple)] + derived)),
        stated,
        tuple(each for each in support if isinstance(each, Absence)),
    )


def _support(elements: Iterable[Element], values: Bindings, facts: Facts) -> Iterator[_Support]:
    """Yield what a match of a group rests on: triples, and what is absent."""
    for element in elements:
        match element:
            case Pattern(closure=""):
                triple = as_triple(element.substituted(values))
                yield from [triple] if triple else []
            case Pattern():
                yield from facts.path(element.substituted(values)) or ()
            case Union(branches):
                found = (_of_first_match(branch, values, facts) for branch in branches)
                yield from next(filter(None, found), ())
            case Exists(group, True) | Minus(group):
                yield _absence(group, values)
            case Optional(group):
                absent = _absence(group, values, optional=True)
                there = _of_first_match(group, values, facts)
                yield from [absent] if there is None else there
            case Exists() | Filter():
                expression = element if isinstance(element, Exists) else element.expression
                yield from _of_tests(expression, values, facts)


def _of_first_match(group: Group, values: Bindings, facts: Facts) -> list[_Support] | None:
    """Return what the first match of a group, with values put in, rests on; None if no match."""
    rows = solutions(group.elements, values, facts)
    first = min(rows, key=lambda row: sorted(f"{v} {t}" for v, t in row.items()), default=None)
    return None if first is None else list(_support(group.elements, first, facts))


def _of_tests(
    part: Expression, values: Bindings, facts: Facts, *, wanted: bool = True
) -> Iterator[_Support]:
    """Yield what the EXISTS parts of an expression rest on, as far as they make it ``wanted``."""
    if isinstance(part, Call):
        for each in part.arguments:
            yield from _of_tests(each, values, facts, wanted=wanted != (part.name == "!"))
    elif isinstance(part, Exists):
        wanted = wanted != part.negated
        found = _of_first_match(part.group, values, facts)
        if found is not None and wanted:
            yield from found
        elif found is None and not wanted:
            yield _absence(part.group, values)


def _absence(group: Group, values: Bindings, *, optional: bool = False) -> Absence:
    given = substituted(group, values)
    return Absence(given, group_text(given), optional)


_STATED, _CLOSED = ox.NamedNode("urn:nhskg:stated"), ox.NamedNode("urn:nhskg:closed")


class RuleIndex:
    """The program of a built store, compiled from its axioms when it is first needed.

    Raises:
        ProgramError: when first asked, if the rules make no program.
    """

    whole = False
    """Whether the store also has what only serves reasoning, and what is trivial."""

    def __init__(self, facts: Facts, texts: Sequence[RuleText]) -> None:
        self.facts, self.texts = facts, texts

    def candidates(self, triple: ox.Triple) -> Iterator[tuple[Rule, Facts]]:
        """Yield the rules with a head that can be the triple, and where they are asked."""
        found = [*self._by_key[_key(Pattern(*nodes(triple)))], *self._by_key[None]]
        if next(self.facts.triples([Pattern(X, SAME, Y)]), None) is not None:
            found += equality_rules()
        yield from ((rule, self.facts) for rule in found)
        if triple.predicate.value in SCHEMA_PREDICATES and not self.whole:
            yield from ((rule, self.schema) for rule in schema_rules())

    @cached_property
    def _by_key(self) -> dict[Node | None, list[Rule]]:
        found: dict[Node | None, list[Rule]] = defaultdict(list)
        for rule in self.rules():
            if any(self._is_lost(pattern) for pattern, _ in walk_patterns(rule.body)):
                continue  # what it reads is removed when reasoning is done
            for key in {_key(head) for head in rule.head if not self._is_lost(head)}:
                found[key].append(rule)
        return found

    def _is_lost(self, pattern: Pattern) -> bool:
        return not self.whole and is_hidden(pattern)

    def rules(self) -> tuple[Rule, ...]:
        """Return the rules of the program, and others that are asked of the store itself."""
        return self.program.rules

    @cached_property
    def axioms(self) -> frozenset[ox.Triple]:
        """The asserted axioms."""
        return frozenset(filter(self.facts.is_asserted, read_axioms(self.facts.triples)))

    @cached_property
    def program(self) -> Program:
        """The program, compiled from what is asserted; a derived axiom is a premise."""

        def values_of(pattern: Pattern, variable: ox.Variable) -> list[ox.NamedNode]:
            rows = self.facts.select(Group((pattern,)), {}, [variable])
            return [node for row in rows if isinstance(node := row[variable], ox.NamedNode)]

        same = self.facts.triples([Pattern(X, SAME, Y)])
        literals = Sameness(each for each in same if isinstance(each.object, ox.Literal))
        compiled = partial(
            compile_program,
            same=literals,
            texts=self.texts,
            values_of=values_of,
            of_thing=self.whole,
        )
        program = compiled(self.axioms)
        more = read_axioms(self.facts.triples) - self.axioms - set(program.facts)
        if more:
            program = compiled(self.axioms | more)
        return program

    @cached_property
    def schema(self) -> Facts:
        """The axioms, closed under the general rules, blank nodes included."""
        store = ox.Store()
        store.extend([ox.Quad(*nodes(triple), _STATED) for triple in self.axioms])
        size = -1
        while size != len(store):
            size = len(store)
            for rule in schema_rules():
                text = construct_text(rule.head, rule.body)
                found: Any = store.query(text, use_default_graph_as_union=True)
                store.extend([ox.Quad(*nodes(triple), _CLOSED) for triple in list(found)])
        return Facts(store, _CLOSED)

    def header(self, rule: str, field: str) -> str:
        """Return a field of the header of a CONSTRUCT rule on one line; empty if it has none."""
        text = next((text.text for text in self.texts if text.name == rule), "")
        field_lines = rf"^#\+ {field}:(?: *>-?)?(.*(?:\n#\+ {{2,}}.*)*)"
        found = re.search(field_lines, text, re.MULTILINE)
        return " ".join(found[1].replace("#+", " ").split()) if found else ""


def _key(pattern: Pattern) -> Node | None:
    """Return the class or the predicate of a triple or head; None where a variable may be any."""
    if pattern.predicate == TYPE:
        return class_read(pattern)
    return None if isinstance(pattern.predicate, ox.Variable) else pattern.predicate
