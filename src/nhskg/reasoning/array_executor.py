"""The embedded executor: runs a program set at a time on sorted arrays.

A rule that does not recurse runs once. A recursive group is evaluated semi-naively (Bancilhon and
Ramakrishnan, 1986): each round joins what the last one derived, the delta, with all there is. A
transitive property is closed linearly: its pairs are extended by edges only, that is, by pairs that
are asserted or that another rule derives. The pairs of ``owl:sameAs`` are kept by union-find.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import product
from typing import TypeAlias

import numpy as np
import pyoxigraph as ox

from nhskg.rdf.sparql.algebra import (
    TYPE,
    Bind,
    Filter,
    Group,
    Pattern,
    ProgramError,
    Term,
    walk_patterns,
)
from nhskg.reasoning import relations
from nhskg.reasoning.axiom_rules import SAME
from nhskg.reasoning.general_rules import replacement_rules
from nhskg.reasoning.matching import Delta, Matcher
from nhskg.reasoning.program import MOST_ROUNDS, Program, no_end
from nhskg.reasoning.relations import (
    EMPTY,
    LOW,
    UNBOUND,
    Numbers,
    Relation,
    Solutions,
    TooManyError,
    pairs,
)
from nhskg.reasoning.rules import TOO_DEEP, Rule, told_of
from nhskg.reasoning.triple_arrays import IRI, Added, Key, TripleArrays, merge

_Step: TypeAlias = Callable[[Added | None], Added]
"""Derives what a rule concludes from what the last round has added; at first from all there is."""


class ArrayExecutor:
    """Derives what follows from the named graphs of a store in memory; see :class:`Executor`."""

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
        rows = self._solve(body, set(variables))
        terms = self.arrays.dictionary.terms
        columns = [self._matcher.numbers(name, rows).tolist() for name in variables]
        for row in dict.fromkeys(zip(*columns, strict=True)) if columns else [()] * rows.size:
            yield tuple(terms[number] if number >= 0 else None for number in row)

    def evaluate(self, program: Program, *, equality: bool) -> None:
        """Add what a program derives from what there is; see :class:`Executor`."""
        self.arrays.reset(auxiliary_only=True)
        self.arrays.add_triples(program.facts)
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

    def derive(self, rule: Rule, delta: Delta | None = None) -> Added:
        """Run a rule; return what it adds."""
        try:
            return self._derive(rule, delta)
        except RecursionError as error:
            raise ProgramError(f"{rule}: {TOO_DEEP}") from error
        except TooManyError as error:
            raise told_of(rule, error.message) from error

    def _derive(self, rule: Rule, delta: Delta | None) -> Added:
        needed = {v for pattern in rule.head for v in pattern.variables()}
        rows = self._solve(rule.body, needed, delta)
        added: Added = {}
        for pattern in rule.head if rows.size else ():
            subjects = self._matcher.numbers(pattern.subject, rows)
            objects = self._matcher.numbers(pattern.object, rows)
            if not isinstance(pattern.predicate, ox.Variable):
                merge(added, self.arrays.add(self.arrays.key(pattern), subjects, objects))
                continue
            for number, some in relations.grouped(self._matcher.numbers(pattern.predicate, rows)):
                if self.arrays.dictionary.kinds(np.array([number]))[0] == IRI:
                    key = number, UNBOUND
                    merge(added, self.arrays.add(key, subjects[some], objects[some]))
        return added

    def _solve(
        self, body: Group, needed: set[ox.Variable], delta: Delta | None = None
    ) -> Solutions:
        """Return the solutions of a group, none if a pattern has nothing that it may match."""
        relation, key = self.arrays.relation, self.arrays.key
        for pattern in body.patterns():
            is_open = isinstance(pattern.predicate, ox.Variable) or pattern.closure == "*"
            if not is_open and not len(relation(key(pattern)).keys):
                return Solutions(0)
        return self._matcher.group(body.elements, Solutions(), needed, delta)


class _Equality:
    """Closes the triples under equality."""

    def __init__(self, executor: ArrayExecutor) -> None:
        self.executor = executor
        self.arrays = executor.arrays
        self.same = self.arrays.dictionary.number(SAME)
        self._above: dict[int, int] = {}
        self._known: Numbers = EMPTY
        self._seen = -1

    def saturate(self) -> Added:
        """Add what equality adds, until it adds nothing; return that.

        A term is first replaced by the root of its class, then the root by each member: that takes
        as many steps as the class has members, not as it has pairs.
        """
        added: Added = {}
        while self._seen != self.arrays.changes:
            self._seen = self.arrays.changes
            to_roots, from_roots, new = self._close_pairs()
            merge(added, new)
            for same, rule in product((to_roots, from_roots), replacement_rules()):
                premise = next(each for each in rule.body.patterns() if each.predicate == SAME)
                merge(added, self.executor.derive(rule, (premise, same)))
        return added

    def _root(self, number: int) -> int:
        while (above := self._above.get(number, number)) != number:
            self._above[number] = self._above.get(above, above)
            number = above
        return number

    def _close_pairs(self) -> tuple[Relation, Relation, Added]:
        """Add all pairs of equals (eq-sym, eq-trans); return (term, root), (root, term), new."""
        keys = self.arrays.relation((self.same, UNBOUND)).keys
        terms = self.arrays.dictionary.terms
        for key in keys[~relations.contains(self._known, keys)].tolist():
            roots = self._root(key >> 32), self._root(key & LOW)
            # a literal is no root, as it is no subject
            root, other = sorted(roots, key=lambda n: (isinstance(terms[n], ox.Literal), n))
            self._above[other] = root
        self._known = keys
        numbers = relations.distinct(np.concatenate((keys >> 32, keys & LOW)))
        found = np.array([self._root(number) for number in numbers.tolist()], np.int64)
        from_roots = Relation(relations.distinct(pairs(found, numbers)))
        rows, ends = relations.expanded(from_roots.keys, found)
        apart = numbers[rows] != ends
        added = self.arrays.add((self.same, UNBOUND), numbers[rows][apart], ends[apart])
        return Relation(pairs(numbers, found)), from_roots, added


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
        self.steps = [self._transitive(rule) or self._semi_naive(rule) for rule in rules]

    def run(self) -> None:
        """Run rounds until one derives nothing.

        Raises:
            ProgramError: there is no end.
        """
        delta: Added | None = None
        rounds, terms = 0, self.arrays.dictionary.terms
        while rounds < MOST_ROUNDS:  # of those that mint names: others come to an end
            known = len(terms)
            last, delta = delta, {}
            for step in self.steps:
                merge(delta, step(last))
            if self.equality:
                merge(delta, self.equality.saturate())
            if not delta:
                return
            if last is not None and len(terms) > known:
                rounds += 1
        raise no_end(self.rules, MOST_ROUNDS)

    def _key(self, pattern: Pattern) -> Key | None:
        """Return what a pattern reads or writes; None if it may be anything."""
        if isinstance(pattern.predicate, ox.Variable):
            return None
        key = self.arrays.key(pattern)
        return None if key == (self.arrays.type, UNBOUND) else key

    def _semi_naive(self, rule: Rule) -> _Step:
        """Return the step that joins each premise's delta with all there is.

        Where a delta cannot be joined, as in a nested group, the rule is evaluated in full.
        """

        def is_fed(pattern: Pattern) -> bool:
            return None in self.written or self._key(pattern) in {None, *self.written}

        elements = rule.body.elements
        made = {e.variable for e in elements if isinstance(e, Bind)}
        rest = Group(tuple(e for e in elements if not isinstance(e, Pattern | Filter)))
        nested = [p for p, negative in walk_patterns(rest) if not negative and is_fed(p)]
        fed = [(p, self._key(p)) for p in rule.body.patterns() if is_fed(p)]
        in_full = nested or any(
            premise.closure or key is None or premise.variables() & made for premise, key in fed
        )
        keys = {key for _, key in fed}.union(map(self._key, nested))

        def step(last: Added | None) -> Added:
            if last is None or (in_full and (None in keys or not keys.isdisjoint(last))):
                return self.executor.derive(rule)
            added: Added = {}
            for premise, key in () if in_full else fed:
                if key in last:
                    delta = Relation(last[key])
                    merge(added, self.executor.derive(rule, (premise, delta)))
            return added

        return step

    def _transitive(self, rule: Rule) -> _Step | None:
        """Return the step of a transitive property: along what other rules derive of it."""
        match rule.head, rule.body.elements:
            case (Pattern(x, ox.NamedNode() as p, z),), (Pattern(_, _, y) as one, two):
                if (one, two) != (Pattern(x, p, y), Pattern(y, p, z)) or p == TYPE:
                    return None
                if len({x, y, z}) < 3 or not all(isinstance(e, ox.Variable) for e in (x, y, z)):
                    return None
            case _:
                return None
        key = self.arrays.key(rule.head[0])
        edges, own = Relation(), EMPTY

        def step(last: Added | None) -> Added:
            nonlocal own
            relation = self.arrays.relation(key)
            new = relation.keys if last is None else last.get(key, EMPTY)
            others = new[~relations.contains(own, new)]
            edges.add(others)
            found = relations.composed(others, edges.keys)
            if last is not None:
                found = np.concatenate((found, relations.composed(relation.keys, others)))
            parts = [EMPTY]
            while len(found):
                added = self.arrays.add(key, *relations.ends_of(found))
                parts.append(added.get(key, EMPTY))
                found = relations.composed(parts[-1], edges.keys)
            own = relations.distinct(np.concatenate(parts))
            return {key: own} if len(own) else {}

        return step
