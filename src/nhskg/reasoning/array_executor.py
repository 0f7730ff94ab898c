"""The embedded executor: runs a program set at a time on sorted arrays.

A rule that does not recurse runs once. A recursive group is evaluated semi-naively (Bancilhon and
Ramakrishnan, 1986): each round joins what the last one derived, the delta, with all there is. A
transitive property is closed linearly: its pairs are extended by edges only, that is, by pairs that
are asserted or that another rule derives.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import pyoxigraph as ox

from nhskg.rdf.sparql.algebra import TYPE, Bind, Filter, Group, Pattern, Term, walk_patterns
from nhskg.reasoning.axiom_rules import SAME
from nhskg.reasoning.general_rules import replacement_rules
from nhskg.reasoning.matching import Delta, Matcher
from nhskg.reasoning.program import MOST_ROUNDS, Program, no_end
from nhskg.reasoning.relations import (
    EMPTY,
    Numbers,
    Relation,
    composed,
    contains,
    distinct,
    expanded,
    grouped,
    objects_of,
    pairs,
    subjects_of,
)
from nhskg.reasoning.rules import Rule
from nhskg.reasoning.solutions import Solutions
from nhskg.reasoning.triple_arrays import Key, TripleArrays, merge


class ArrayExecutor:
    """Derives what follows from the named graphs of a store in memory; see :class:`Executor`.

    Args:
        store: what is asserted; what is derived is put there by :meth:`finish`.
    """

    def __init__(self, store: ox.Store) -> None:
        self._store = store
        self.arrays = TripleArrays(store)
        self._matcher = Matcher(self.arrays)

    def triples(self, patterns: Iterable[Pattern]) -> Iterator[ox.Triple]:
        """Yield the triples, asserted and derived, that match any of some patterns."""
        return self.arrays.triples(patterns)

    def solutions(
        self, body: Group, variables: Sequence[ox.Variable]
    ) -> Iterator[tuple[Term | None, ...]]:
        """Yield the distinct values of variables in the solutions of a group."""
        if not all(self._matches(pattern) for pattern in body.patterns()):
            return
        rows = self._matcher.group(body.elements, Solutions(), set(variables))
        terms = self.arrays.dictionary.terms
        columns = [self._matcher.joins.numbers(name, rows).tolist() for name in variables]
        for row in dict.fromkeys(zip(*columns, strict=True)) if columns else [()] * rows.size:
            yield tuple(terms[number] if number >= 0 else None for number in row)

    def evaluate(self, program: Program, *, equality: bool) -> None:
        """Add what a program derives from what there is; see :class:`Executor`."""
        arrays = self.arrays
        arrays.reset(auxiliary_only=True)
        arrays.add_triples(program.facts)
        equal = _Equality(self) if equality else None
        if equal:
            equal.saturate()
        for stratum in program.strata:
            if stratum.recursive:
                _Recursion(self, stratum.rules, equal).run()
            else:
                for rule in stratum.rules:
                    self.derive(rule)
            if equal:
                equal.saturate()

    def restart(self, facts: Iterable[ox.Triple]) -> None:
        """Take back all that is derived, but for some facts."""
        self.arrays.reset()
        self.arrays.add_triples(facts)

    def finish(self, graph: ox.NamedNode) -> int:
        """Write what is derived into a graph of the store; return the number of triples."""
        self._store.bulk_extend(self.arrays.derived(graph))
        return self.arrays.count_derived()

    # -- rules

    def derive(
        self, rule: Rule, start: Solutions | None = None, delta: Delta | None = None
    ) -> dict[Key, Numbers]:
        """Run a rule; return what it adds, by predicate or class."""
        if not all(self._matches(pattern) for pattern in rule.body.patterns()):
            return {}
        needed = {name for pattern in rule.head for name in pattern.variables()}
        rows = self._matcher.group(rule.body.elements, start or Solutions(), needed, delta)
        added: dict[Key, Numbers] = {}
        if rows.size:
            for pattern in rule.head:
                merge(added, self._add(pattern, rows))
        return added

    def _matches(self, pattern: Pattern) -> bool:
        """Return whether there is anything that a pattern may match."""
        if isinstance(pattern.predicate, ox.Variable) or pattern.closure == "*":
            return True
        number = self.arrays.dictionary.constant
        if pattern.predicate == TYPE and isinstance(pattern.object, ox.NamedNode | ox.BlankNode):
            return len(self.arrays.members(number(pattern.object)).keys) > 0
        return len(self.arrays.relation(number(pattern.predicate)).keys) > 0

    def _add(self, pattern: Pattern, rows: Solutions) -> dict[Key, Numbers]:
        """Add the triples of one pattern of a rule's head."""
        numbers = self._matcher.joins.numbers
        subjects, objects = numbers(pattern.subject, rows), numbers(pattern.object, rows)
        if not isinstance(pattern.predicate, ox.Variable):
            number = self.arrays.dictionary.constant(pattern.predicate)
            if pattern.predicate == TYPE and isinstance(pattern.object, ox.NamedNode):
                kind = self.arrays.dictionary.constant(pattern.object)
                return {(kind, True): self.arrays.add_members(kind, subjects)}
            return self.arrays.add(number, subjects, objects)
        added: dict[Key, Numbers] = {}
        is_iri = self.arrays.dictionary.is_iri
        for number, some in grouped(numbers(pattern.predicate, rows)):
            if is_iri(np.array([number]))[0]:
                merge(added, self.arrays.add(number, subjects[some], objects[some]))
        return added


# -- equality


class _Equality:
    """Closes the triples under equality, whose pairs are kept by union-find."""

    def __init__(self, executor: ArrayExecutor) -> None:
        self.executor = executor
        self.arrays = executor.arrays
        self.same = self.arrays.dictionary.number(SAME)
        self._above: dict[int, int] = {}
        self._known: Numbers = EMPTY
        self._seen = -1

    def saturate(self) -> dict[Key, Numbers]:
        """Add what equality adds, until it adds nothing; return that, by predicate or class."""
        added: dict[Key, Numbers] = {}
        while self._seen != self.arrays.changes:
            self._seen = self.arrays.changes
            merge(added, self._close_pairs())
            for rule in replacement_rules():
                merge(added, self.executor.derive(rule))
        return added

    def _root(self, number: int) -> int:
        while (above := self._above.get(number, number)) != number:
            self._above[number] = self._above.get(above, above)
            number = above
        return number

    def _close_pairs(self) -> dict[Key, Numbers]:
        """Add all pairs of different terms that are the same (eq-sym, eq-trans)."""
        keys = self.arrays.relation(self.same).keys
        is_literal = self.arrays.dictionary.is_literal(objects_of(keys))
        literals, others = keys[is_literal], keys[~is_literal]
        for key in others[~contains(self._known, others)].tolist():
            one, two = self._root(key >> 32), self._root(key & ((1 << 32) - 1))
            if one != two:
                self._above[max(one, two)] = min(one, two)
        self._known = others
        numbers = distinct(np.concatenate((subjects_of(keys), objects_of(others))))
        roots = np.array([self._root(number) for number in numbers.tolist()], np.int64)
        owners = roots[np.searchsorted(numbers, subjects_of(literals))]
        members = np.concatenate((pairs(roots, numbers), pairs(owners, objects_of(literals))))
        rows, ends = expanded(distinct(members), roots)
        apart = numbers[rows] != ends
        added: dict[Key, Numbers] = {}
        merge(added, self.arrays.add(self.same, numbers[rows][apart], ends[apart]))
        return added


# -- recursion


@dataclass(slots=True)
class _Transitive:
    """A transitive property: one step at a time along what other rules derive of it."""

    predicate: int
    edges: Relation = field(default_factory=lambda: Relation(binary=True))
    own: Numbers = field(default_factory=lambda: EMPTY)


class _Recursion:
    """Evaluates a recursive group of rules to its fixpoint."""

    def __init__(
        self, executor: ArrayExecutor, rules: Sequence[Rule], equality: _Equality | None
    ) -> None:
        self.executor = executor
        self.arrays = executor.arrays
        self.rules = rules
        self.equality = equality
        written = {self._key(pattern) for rule in rules for pattern in rule.head}
        self.written = {None} if equality else written
        self.premises = {id(rule): self._premises(rule) for rule in rules}
        self.transitive = {
            id(rule): _Transitive(predicate)
            for rule in rules
            if (predicate := self._transitive_predicate(rule)) is not None
        }

    def run(self) -> None:
        """Run rounds until one derives nothing.

        Raises:
            ProgramError: there is no end.
        """
        delta: dict[Key, Numbers] = {}
        for rule in self.rules:
            added = self._step(rule, None) if id(rule) in self.transitive else None
            merge(delta, self.executor.derive(rule) if added is None else added)
        rounds, terms = 0, self.arrays.dictionary.terms
        while rounds < MOST_ROUNDS:  # of those that mint names: others come to an end
            known = len(terms)
            if self.equality:
                merge(delta, self.equality.saturate())
            if not delta:
                return
            last, delta = delta, {}
            for rule in self.rules:
                if id(rule) in self.transitive:
                    merge(delta, self._step(rule, last))
                else:
                    merge(delta, self._derive(rule, last))
            rounds += len(terms) > known
        raise no_end(self.rules, MOST_ROUNDS)

    # -- what a delta means for a rule

    def _key(self, pattern: Pattern) -> Key | None:
        """Return what a pattern reads or writes; None if it may be anything."""
        steps = pattern.closure and pattern.predicate == TYPE  # from class to class
        if isinstance(pattern.predicate, ox.Variable) or steps:
            return None
        number = self.arrays.dictionary.constant
        if pattern.predicate != TYPE:
            return number(pattern.predicate), False
        return None if isinstance(pattern.object, ox.Variable) else (number(pattern.object), True)

    def _premises(self, rule: Rule) -> tuple[list[Pattern], bool]:
        """Return the premises that the group derives, and whether a delta can be joined with each.

        Where it cannot, as in a nested group, the rule is evaluated in full.
        """

        def is_fed(pattern: Pattern) -> bool:
            return None in self.written or self._key(pattern) in {None, *self.written}

        elements = rule.body.elements
        made = {e.variable for e in elements if isinstance(e, Bind)}
        fed = [p for p in rule.body.patterns() if is_fed(p)]
        rest = Group(tuple(e for e in elements if not isinstance(e, Pattern | Filter)))
        nested = [p for p, negative in walk_patterns(rest) if not negative and is_fed(p)]
        joins = not nested and not any(
            p.closure or self._key(p) is None or p.variables() & made for p in fed
        )
        return [*fed, *nested], joins

    def _derive(self, rule: Rule, last: dict[Key, Numbers]) -> dict[Key, Numbers]:
        """Derive what a rule concludes from a delta together with all there is."""
        premises, joins = self.premises[id(rule)]
        keys = {premise: self._key(premise) for premise in premises}
        if not joins:
            changed = any(key is None or key in last for key in keys.values())
            return self.executor.derive(rule) if changed else {}
        added: dict[Key, Numbers] = {}
        for premise, key in keys.items():
            if key in last and key is not None:
                delta = Relation(last[key], binary=not key[1])
                merge(added, self.executor.derive(rule, delta=(premise, delta)))
        return added

    # -- transitive properties

    def _transitive_predicate(self, rule: Rule) -> int | None:
        if len(rule.head) != 1 or len(rule.body.elements) != 2:
            return None
        head, (one, two) = rule.head[0], rule.body.elements
        if not isinstance(one, Pattern) or not isinstance(two, Pattern):
            return None
        if not head.predicate == one.predicate == two.predicate or head.predicate == TYPE:
            return None
        ends = (one.subject, one.object, two.object)
        if one.object != two.subject or (head.subject, head.object) != (ends[0], ends[2]):
            return None
        if len(set(ends)) < 3 or not all(isinstance(end, ox.Variable) for end in ends):
            return None
        if one.closure or two.closure or not isinstance(head.predicate, ox.NamedNode):
            return None
        return self.arrays.dictionary.constant(head.predicate)

    def _step(self, rule: Rule, last: dict[Key, Numbers] | None) -> dict[Key, Numbers]:
        """Derive all that a round's new pairs of a transitive property lead to."""
        state = self.transitive[id(rule)]
        relation = self.arrays.relation(state.predicate)
        new = relation.keys if last is None else last.get((state.predicate, False), EMPTY)
        others = new[~contains(state.own, new)]
        if not len(others):
            return {}
        state.edges.add(others)
        found = composed(others, state.edges.keys)
        if last is not None:
            found = np.concatenate((found, composed(relation.keys, others)))
        own: list[Numbers] = []
        while len(found):
            ends = objects_of(found)
            added = self.arrays.add(state.predicate, subjects_of(found), ends)
            own.append(added[state.predicate, False])
            found = composed(own[-1], state.edges.keys)
        state.own = distinct(np.concatenate(own)) if own else EMPTY
        return {(state.predicate, False): state.own} if len(state.own) else {}
