"""The embedded executor: runs a program set at a time on sorted arrays.

A rule that does not recurse runs once. A recursive group is evaluated semi-naively (Bancilhon and
Ramakrishnan, 1986): each round joins what the last one derived, the delta, with all there is. A
transitive property is closed linearly: its pairs are extended by edges only, that is, by pairs that
are asserted or that another rule derives.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyoxigraph as ox

from nhskg.rdf.sparql.algebra import TYPE, Bind, Group, Pattern, Term, walk_patterns
from nhskg.reasoning.axiom_rules import SAME
from nhskg.reasoning.dictionary import IRI, LITERAL
from nhskg.reasoning.equality import replacement_rules
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
from nhskg.reasoning.triple_arrays import Added, Key, TripleArrays, merged


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
        for pattern in patterns:
            nodes = (pattern.subject, pattern.predicate, pattern.object)
            names = list(pattern.variables())
            for row in self.solutions(Group((pattern,)), names):
                values: dict[Any, Any] = dict(zip(names, row, strict=True))
                yield ox.Triple(*(values.get(node, node) for node in nodes))

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
        self._add_triples(program.facts)
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
        self._add_triples(facts)

    def finish(self, graph: ox.NamedNode) -> int:
        """Write what is derived into a graph of the store; return the number of triples."""
        self._store.bulk_extend(self.arrays.derived(graph))
        return self.arrays.count_derived()

    # -- rules

    def derive(self, rule: Rule, delta: Delta | None = None) -> Added:
        """Run a rule; return what it adds."""
        if not all(self._matches(pattern) for pattern in rule.body.patterns()):
            return {}
        needed = {name for pattern in rule.head for name in pattern.variables()}
        rows = self._matcher.group(rule.body.elements, Solutions(), needed, delta)
        return merged(self._add(pattern, rows) for pattern in rule.head) if rows.size else {}

    def _matches(self, pattern: Pattern) -> bool:
        """Return whether there is anything that a pattern may match."""
        key = self.arrays.key(pattern)
        return key is None or pattern.closure == "*" or len(self.arrays.relation(key).keys) > 0

    def _add_triples(self, triples: Iterable[ox.Triple]) -> None:
        for triple in triples:
            self._add(Pattern(triple.subject, triple.predicate, triple.object), Solutions())  # type: ignore[arg-type]

    def _add(self, pattern: Pattern, rows: Solutions) -> Added:
        """Add the triples of one pattern of a rule's head."""
        numbers = self._matcher.joins.numbers
        subjects, objects = numbers(pattern.subject, rows), numbers(pattern.object, rows)
        key = self.arrays.key(pattern)
        if key is not None:
            return self.arrays.add(key, subjects, objects)
        predicates = numbers(pattern.predicate, rows)
        kinds = self.arrays.dictionary.kinds(predicates)
        return merged(
            self.arrays.add(number, subjects[some], objects[some])
            for number, some in grouped(predicates)
            if kinds[some[0]] == IRI
        )


# -- equality


class _Equality:
    """Closes the triples under equality."""

    def __init__(self, executor: ArrayExecutor) -> None:
        self.executor = executor
        self.arrays = executor.arrays
        self.same: Key = self.arrays.dictionary.number(SAME)
        self._seen = -1

    def saturate(self) -> Added:
        """Add what equality adds, until it adds nothing; return that."""
        parts: list[Added] = []
        while self._seen != self.arrays.size:
            self._seen = self.arrays.size
            parts.append(self._close_pairs())
            parts += [self.executor.derive(rule) for rule in replacement_rules()]
        return merged(parts)

    def _close_pairs(self) -> Added:
        """Add all pairs of different terms that are the same (eq-sym, eq-trans).

        A literal is no subject: it is the same as what has it for a value, and links nothing.
        """
        keys = self.arrays.relation(self.same).keys
        is_literal = self.arrays.dictionary.kinds(objects_of(keys)) == LITERAL
        literals, links = keys[is_literal], keys[~is_literal]
        nodes = distinct(np.concatenate((subjects_of(keys), objects_of(links))))
        ones, twos = (np.searchsorted(nodes, end(links)) for end in (subjects_of, objects_of))
        roots = np.arange(len(nodes))  # the least member known of each node's group
        while (roots[ones] != roots[twos]).any():
            np.minimum.at(roots, ones, roots[twos])
            np.minimum.at(roots, twos, roots[ones])
            roots = roots[roots]
        owners = roots[np.searchsorted(nodes, subjects_of(literals))]
        members = np.concatenate((pairs(roots, nodes), pairs(owners, objects_of(literals))))
        rows, ends = expanded(distinct(members), roots)
        apart = nodes[rows] != ends
        return self.arrays.add(self.same, nodes[rows][apart], ends[apart])


# -- recursion


@dataclass(slots=True)
class _Transitive:
    """A transitive property: one step at a time along what other rules derive of it."""

    predicate: int
    edges: Numbers = field(default_factory=lambda: EMPTY)
    closed: Numbers = field(default_factory=lambda: EMPTY)


class _Recursion:
    """Evaluates a recursive group of rules to its fixpoint."""

    def __init__(
        self, executor: ArrayExecutor, rules: Sequence[Rule], equality: _Equality | None
    ) -> None:
        self.executor = executor
        self.arrays = executor.arrays
        self.rules = rules
        self.equality = equality
        self._any = {None, self.arrays.type}
        written = {self.arrays.key(pattern) for rule in rules for pattern in rule.head}
        self.written = set(self._any) if equality else written
        self.premises = {id(rule): self._premises(rule) for rule in rules}
        predicates = {id(rule): self._transitive_predicate(rule) for rule in rules}
        self.transitive = {rule: _Transitive(p) for rule, p in predicates.items() if p is not None}

    def run(self) -> None:
        """Run rounds until one derives nothing.

        Raises:
            ProgramError: there is no end.
        """
        delta = merged(self._derive(rule, None) for rule in self.rules)
        rounds, terms = 0, self.arrays.dictionary.terms
        while rounds < MOST_ROUNDS:  # of those that mint names: others come to an end
            known = len(terms)
            if self.equality:
                delta = merged((delta, self.equality.saturate()))
            if not delta:
                return
            last = delta
            delta = merged(self._derive(rule, last) for rule in self.rules)
            rounds += len(terms) > known
        raise no_end(self.rules, MOST_ROUNDS)

    # -- what a delta means for a rule

    def _premises(self, rule: Rule) -> tuple[list[Pattern], bool]:
        """Return the premises that the group derives, and whether a delta can be joined with each.

        Where it cannot, as in a nested group, the rule is evaluated in full.
        """

        def is_fed(pattern: Pattern) -> bool:
            keys = {self.arrays.key(pattern)}
            return bool(self._any & (keys | self.written)) or keys <= self.written

        made = {e.variable for e in rule.body.elements if isinstance(e, Bind)}
        direct = {id(pattern) for pattern in rule.body.patterns()}
        fed = [p for p, negative in walk_patterns(rule.body) if not negative and is_fed(p)]
        joins = all(
            id(p) in direct
            and not (p.closure or self.arrays.key(p) in self._any or p.variables() & made)
            for p in fed
        )
        return fed, joins

    def _derive(self, rule: Rule, last: Added | None) -> Added:
        """Derive what a rule concludes, as far as it is from a delta together with all there is."""
        if id(rule) in self.transitive:
            return self._step(self.transitive[id(rule)])
        if last is None:
            return self.executor.derive(rule)
        premises, joins = self.premises[id(rule)]
        keys = [(premise, self.arrays.key(premise)) for premise in premises]
        if not joins:
            changed = any(key in self._any or key in last for _, key in keys)
            return self.executor.derive(rule) if changed else {}
        return merged(
            self.executor.derive(rule, (premise, Relation(last[key])))
            for premise, key in keys
            if key is not None and key in last
        )

    # -- transitive properties

    def _transitive_predicate(self, rule: Rule) -> int | None:
        """Return the predicate that a rule of the form ``?x p ?y . ?y p ?z`` makes transitive."""
        match rule.head, rule.body.elements:
            case (
                (Pattern(start, p, end, ""),),
                (Pattern(x, q, y, ""), Pattern(again, r, z, "")),
            ) if (start, again, end) == (x, y, z) and p == q == r != TYPE:
                variables = {e for e in (x, y, z) if isinstance(e, ox.Variable)}
                if len(variables) == 3 and isinstance(p, ox.NamedNode):
                    return self.arrays.dictionary.number(p)
        return None

    def _step(self, state: _Transitive) -> Added:
        """Derive all that new edges of a transitive property lead to."""
        relation = self.arrays.relation(state.predicate)
        new = relation.keys[~contains(state.closed, relation.keys)]
        state.edges = distinct(np.concatenate((state.edges, new)))
        found = np.concatenate((composed(new, state.edges), composed(state.closed, new)))
        own: list[Added] = []
        while len(found):
            own.append(self.arrays.add(state.predicate, subjects_of(found), objects_of(found)))
            found = composed(own[-1].get(state.predicate, EMPTY), state.edges)
        state.closed = relation.keys
        return merged(own)
