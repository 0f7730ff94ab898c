"""Group graph patterns evaluated set at a time over arrays of triples.

The solutions of a group are columns of numbers; a triple pattern joins them with a relation by
binary search. Which pattern comes next is decided by counting the matches of a sample of rows, so
no statistics are kept. Rules derive sets, so rows that differ only in what nobody needs are merged.

The semantics are those of SPARQL 1.1 Query Language, section 18.2: OPTIONAL, MINUS and BIND apply
to what is before them, FILTER to the whole group, and a group in braces doesn't see the
variables around it. Rules that cannot be evaluated here so go to the SPARQL executor;
:mod:`nhskg.reasoning.rules` finds them before they run.
"""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from itertools import count
from typing import TypeAlias

import numpy as np
import pyoxigraph as ox

from nhskg.rdf.sparql import algebra
from nhskg.rdf.sparql.algebra import TYPE, Element, Exists, Expression, Filter, Group, Node, Pattern
from nhskg.reasoning import relations
from nhskg.reasoning.expressions import Expressions
from nhskg.reasoning.relations import EMPTY, UNBOUND, Mask, Numbers, Relation, Solutions, pairs
from nhskg.reasoning.triple_arrays import TripleArrays

Names: TypeAlias = AbstractSet[ox.Variable]
Delta: TypeAlias = tuple[Pattern, Relation]
"""A pattern, and what it is to be matched with in place of all there is."""


class Matcher:
    """Finds the solutions of groups in arrays of triples."""

    def __init__(self, arrays: TripleArrays) -> None:
        self.arrays = arrays
        self.expressions = Expressions(arrays.dictionary)
        self._fresh = count()

    def numbers(self, node: Node, rows: Solutions) -> Numbers:
        """Return the number of a node in each row."""
        if isinstance(node, ox.Variable):
            return rows.values(node)
        return np.full(rows.size, self.arrays.dictionary.constant(node), np.int64)

    def group(
        self,
        elements: Sequence[Element],
        rows: Solutions,
        needed: Names,
        delta: Delta | None = None,
    ) -> Solutions:
        """Return the solutions of a group that extend some rows, with the variables needed."""
        tests: list[Element] = [e for e in elements if isinstance(e, Filter)]
        tests += [e for e in elements if isinstance(e, Exists)]
        steps = _steps(elements)
        for place, (batch, step) in enumerate(steps):
            after = [e for part, _ in steps[place + 1 :] for e in part]
            after += [each for _, each in steps[place:] if each]
            rows = self._join(batch, rows, needed | _mentioned(after), tests, delta)
            if not rows.size:
                break
            if step is not None:
                rows = self._apply(step, rows)
        for test in tests:
            if rows.size:
                rows = rows.where(self._holds(test, rows))
        return rows if rows.size else Solutions(0, dict.fromkeys((*rows.columns, *needed), EMPTY))

    def _join(
        self,
        left: list[Element],
        rows: Solutions,
        needed: Names,
        tests: list[Element],
        delta: Delta | None,
    ) -> Solutions:
        """Join patterns, tables and unions in any order, testing rows as early as possible."""
        while rows.size:
            rows = self._test_early(tests, left, rows)
            if not left or not rows.size:
                break
            element = self._next(left, rows, delta)
            left = [other for other in left if other is not element]
            later = needed | _mentioned((*left, *tests))
            only = delta[1] if delta and element is delta[0] else None
            rows = self._extended(element, rows, later, only, tests)
            if unneeded := rows.columns.keys() - later:
                rows = rows.without(unneeded)
                if rows.size > 1_000 or not rows.columns:  # it is worth to merge equal ones
                    rows = rows.distinct()
        return rows

    def _test_early(
        self, tests: list[Element], left: Sequence[Element], rows: Solutions
    ) -> Solutions:
        """Apply, and take from the list, the tests whose variables have their final values."""
        open_to = _mentioned(left)
        for test in [t for t in tests if isinstance(t, Filter)]:
            names = test.variables()
            is_final = names <= rows.columns.keys() - open_to and not any(
                (rows.columns[name] == UNBOUND).any() for name in names
            )  # an OPTIONAL or BIND may still bind what is unbound
            if is_final and not any(algebra.exists_in(test.expression)):
                tests.remove(test)
                rows = rows.where(self._holds(test, rows))
        return rows

    def _next(self, left: Sequence[Element], rows: Solutions, delta: Delta | None) -> Element:
        """Return the element that leaves the fewest rows, as far as a sample shows."""
        if delta and any(element is delta[0] for element in left):
            return delta[0]
        if len(left) == 1:
            return left[0]
        patterns = [e for e in left if isinstance(e, Pattern)]
        near = [p for p in patterns if _is_connected(p, rows)]
        others = [e for e in left if not isinstance(e, Pattern)]
        shared = [e for e in others if e.variables() & rows.columns.keys()]
        for element in others:
            if isinstance(element, algebra.Values) and (element in shared or rows.size == 1):
                return element
        if not near and (shared or not patterns):
            return (shared or others)[0]
        return min(near or patterns, key=lambda pattern: self._guess(pattern, rows))

    def _guess(self, pattern: Pattern, rows: Solutions) -> float:
        """Return about how many rows there are once a pattern is joined."""
        if isinstance(pattern.predicate, ox.Variable):
            return float(rows.size) * 1e6
        relation = self._relation(pattern)
        subject, value = _is_known(pattern.subject, rows), _is_known(pattern.object, rows)
        if not subject and not value:
            return float("inf") if pattern.closure == "*" else float(rows.size) * len(relation.keys)
        some = slice(None, None, max(1, rows.size // 100))  # a sample
        first = self.numbers(pattern.subject if subject else pattern.object, rows)[some]
        if subject and value:
            keys = pairs(first, self.numbers(pattern.object, rows)[some])
            found = np.count_nonzero(relations.contains(relation.keys, keys))
        else:
            keys = relation.keys if subject else relation.inverse
            found = relations.counted(keys, first)[1].sum()
            found += len(first) if pattern.closure == "*" else 0
        return float(rows.size * found / len(first))

    def _extended(
        self,
        element: Element,
        rows: Solutions,
        needed: Names,
        only: Relation | None,
        tests: Sequence[Element],
    ) -> Solutions:
        """Join rows with a pattern, a table or a union.

        A row that leaves a variable unbound takes whatever value a triple or the table has.
        """
        if isinstance(element, algebra.Union):
            names = {*rows.columns, *(Group((element,)).possible() & needed)}
            parts = [self.group(branch.elements, rows, names) for branch in element.branches]
            return relations.concatenated(parts, names)
        for name in element.variables() & rows.columns.keys():
            bound = rows.columns[name] != UNBOUND
            if not bound.all():
                both = (rows.where(bound), rows.where(~bound).without([name]))
                parts = [self._extended(element, p, needed, only, tests) for p in both if p.size]
                names = {*rows.columns, *(element.variables() & needed)}
                return relations.concatenated(parts, names)
        if isinstance(element, Pattern):
            if isinstance(element.predicate, ox.Variable):
                return self._match_any(element, element.predicate, rows, needed, tests)
            return self._match(element, rows, needed, only)
        assert isinstance(element, algebra.Values)
        table = [[self.arrays.dictionary.constant(t) for t in row if t] for row in element.rows]
        columns = np.array(table, np.int64).reshape(len(table), len(element.names)).T
        return rows.joined(dict(zip(element.names, columns, strict=True)), len(table))

    def _relation(self, pattern: Pattern) -> Relation:
        relation = self.arrays.relation(self.arrays.key(pattern))
        return relation.closure if pattern.closure else relation

    def _match(
        self, pattern: Pattern, rows: Solutions, needed: Names, only: Relation | None = None
    ) -> Solutions:
        """Join rows with the triples that match a pattern; ``p*`` matches anything with itself."""
        relation, reflexive = only or self._relation(pattern), pattern.closure == "*"
        subject, value = pattern.subject, pattern.object
        if not _is_known(subject, rows) and self.arrays.key(pattern)[1] != UNBOUND:
            members = relation.keys >> 32  # of a class
            return rows.crossed({subject: members}, len(members))  # type: ignore[dict-item]
        if not _is_known(subject, rows) and not _is_known(value, rows):
            nodes = self.arrays.nodes() if reflexive else relations.distinct(relation.keys >> 32)
            rows = rows.crossed({subject: nodes}, len(nodes))  # type: ignore[dict-item]
        if _is_known(subject, rows) and _is_known(value, rows):
            one, two = self.numbers(subject, rows), self.numbers(value, rows)
            found = relations.contains(relation.keys, pairs(one, two))
            return rows.where(found | (one == two) if reflexive else found)
        forwards = _is_known(subject, rows)
        keys = relation.keys if forwards else relation.inverse
        known, new = (subject, value) if forwards else (value, subject)
        firsts = self.numbers(known, rows)
        if new not in needed:
            return rows if reflexive else rows.where(relations.counted(keys, firsts)[1] > 0)
        places, ends = relations.expanded(keys, firsts)
        far = rows.where(places).with_columns({new: ends})  # type: ignore[dict-item]
        if not reflexive:
            return far
        near = rows.with_columns({new: firsts})  # type: ignore[dict-item]
        return relations.concatenated((near, far), near.columns)

    def _match_any(
        self,
        pattern: Pattern,
        name: ox.Variable,
        rows: Solutions,
        needed: Names,
        tests: Sequence[Element],
    ) -> Solutions:
        """Match a pattern whose predicate is a variable, one predicate after another.

        A predicate that fails a test of its own is left out before it is matched.
        """
        parts: list[Solutions] = []
        if (bound := rows.columns.get(name)) is not None:
            candidates = [(n, rows.where(some)) for n, some in relations.grouped(bound)]
        else:
            numbers = np.array(self.arrays.predicates(), np.int64)
            alone = Solutions(len(numbers), {name: numbers})
            own = [test for test in tests if test.variables() == {name}]
            allowed = self._test_early(own, (), alone).columns[name].tolist()
            candidates = [(number, rows) for number in allowed]
        for number, found in candidates:
            predicate = self.arrays.dictionary.terms[number]
            if isinstance(predicate, ox.NamedNode):
                some = found.with_columns({name: np.full(found.size, number, np.int64)})
                ground = Pattern(pattern.subject, predicate, pattern.object)
                parts.append(self._match(ground, some, needed))
        return relations.concatenated(parts, rows.columns.keys() | (pattern.variables() & needed))

    def _apply(self, step: Element, rows: Solutions) -> Solutions:
        if isinstance(step, algebra.Bind):
            value = self.expressions.values(*self._without_exists(step.expression, rows))
            return rows.with_columns({step.variable: value})
        if isinstance(step, algebra.Minus):
            shares = not rows.columns.keys().isdisjoint(step.group.possible())
            return rows.where(~self._exists(step.group, rows)) if shares else rows
        assert isinstance(step, algebra.Optional)
        names = rows.columns.keys() | step.group.possible()
        found, missing = self._numbered(step.group, rows, names)
        return relations.concatenated((found, rows.where(missing)), names)

    def _numbered(self, group: Group, rows: Solutions, names: Names) -> tuple[Solutions, Mask]:
        """Return the solutions that extend some rows, and a mask of the rows that have none."""
        row = ox.Variable(f"row{next(self._fresh)}__")
        numbered = rows.with_columns({row: np.arange(rows.size)})
        found = self.group(group.elements, numbered, {row, *names})
        missing = np.ones(rows.size, np.bool_)
        missing[found.columns[row]] = False
        return found, missing

    def _holds(self, test: Element, rows: Solutions) -> Mask:
        if isinstance(test, Exists):
            found = self._exists(test.group, rows)
            return ~found if test.negated else found
        assert isinstance(test, Filter)
        return self.expressions.holds(*self._without_exists(test.expression, rows))

    def _without_exists(
        self, expression: Expression, rows: Solutions
    ) -> tuple[Expression, Solutions]:
        """Return an expression with a variable for each EXISTS, and rows with their values."""
        columns: dict[ox.Variable, Numbers] = {}

        def replaced(part: Expression) -> Expression:
            if isinstance(part, Exists):
                name = ox.Variable(f"exists{len(columns)}__")
                columns[name] = self.expressions.truths[self._holds(part, rows).astype(int)]
                return name
            if isinstance(part, algebra.Call):
                return algebra.Call(part.name, tuple(map(replaced, part.arguments)))
            return part

        return replaced(expression), rows.with_columns(columns)

    def _exists(self, group: Group, rows: Solutions) -> Mask:
        """Return a mask: whether a group has a solution that extends each row."""
        outer = {n: column for n, column in rows.columns.items() if n in group.variables()}
        first, kinds = relations.distinct_rows(list(outer.values()), rows.size)
        start = Solutions(len(first), {name: column[first] for name, column in outer.items()})
        _, missing = self._numbered(group, start, set())
        return ~missing[kinds]


def _is_known(node: Node, rows: Solutions) -> bool:
    return not isinstance(node, ox.Variable) or node in rows.columns


def _is_connected(pattern: Pattern, rows: Solutions) -> bool:
    """Return whether a pattern shares a variable with the rows, or names a term itself."""
    named_class = not rows.columns and pattern.predicate == TYPE
    return _is_known(pattern.subject, rows) or (not named_class and _is_known(pattern.object, rows))


def _mentioned(elements: Sequence[Element]) -> set[ox.Variable]:
    return set().union(*(element.variables() for element in elements)) if elements else set()


def _steps(elements: Sequence[Element]) -> list[tuple[list[Element], Element | None]]:
    """Return the parts of a group in order: elements to join in any order, then one in its place.

    A pattern may be joined before an OPTIONAL, MINUS or BIND that it comes after if all variables
    that it shares with that are bound before anyway.
    """
    steps: list[tuple[list[Element], Element | None]] = []
    batch: list[Element] = []
    for element in elements:
        if isinstance(element, algebra.Optional | algebra.Minus | algebra.Bind):
            steps.append((batch, element))
            batch = []
        elif not isinstance(element, Filter | Exists):
            batch.append(element)
    steps.append((batch, None))
    for later in range(len(steps) - 1, 0, -1):
        stays: list[Element] = []
        for element in steps[later][0]:
            (steps[later - 1][0] if _may_move(element, steps[:later]) else stays).append(element)
        steps[later] = (stays, steps[later][1])
    return steps


def _may_move(element: Element, before: Sequence[tuple[Sequence[Element], Element | None]]) -> bool:
    *earlier, step = (e for batch, each in before for e in (*batch, each) if e)
    shared = element.variables() & step.variables()
    return isinstance(element, Pattern) and shared <= Group(tuple(earlier)).certain()
