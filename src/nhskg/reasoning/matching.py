"""Group graph patterns evaluated set at a time over arrays of triples.

The solutions of a group are columns of numbers; a triple pattern joins them with a relation by
binary search. Which pattern comes next is decided by counting the matches of a sample of rows, so
no statistics are kept. Rules derive sets, so rows that differ only in what nobody needs are merged.

The semantics are those of SPARQL 1.1 Query Language, section 18.2: OPTIONAL, MINUS and BIND apply
to what is before them, FILTER to the whole group, and a group in braces doesn't see the
variables around it. Rules that cannot be evaluated here so are refused before by
:mod:`nhskg.reasoning.rules`.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count
from typing import Final, TypeAlias

import numpy as np
import pyoxigraph as ox

from nhskg.rdf.sparql.algebra import (
    Bind,
    Call,
    Element,
    Exists,
    Expression,
    Filter,
    Group,
    Minus,
    Optional,
    Pattern,
    Union,
    Values,
    exists_in,
)
from nhskg.reasoning.joins import Names, TripleJoins
from nhskg.reasoning.relations import EMPTY, Mask, Relation, distinct_rows
from nhskg.reasoning.solutions import Column, Solutions, joined
from nhskg.reasoning.triple_arrays import TripleArrays

Delta: TypeAlias = tuple[Pattern, Relation]
"""A pattern, and what it is to be matched with in place of all there is."""

_MANY: Final = 1_000
"""Rows from which it is worth to merge those that have become the same."""


class Matcher:
    """Finds the solutions of groups in arrays of triples."""

    def __init__(self, arrays: TripleArrays) -> None:
        self.joins = TripleJoins(arrays)
        self.expressions = self.joins.expressions
        self._fresh = count()

    # -- groups

    def group(
        self,
        elements: Sequence[Element],
        rows: Solutions,
        needed: Names,
        delta: Delta | None = None,
    ) -> Solutions:
        """Return the solutions of a group that extend some rows.

        Args:
            elements: the elements of the group.
            rows: what is bound already.
            needed: the variables whose values matter; others may be left out.
            delta: a pattern that is to be matched with a part of what there is.
        """
        tests: list[Filter | Exists] = [e for e in elements if isinstance(e, Filter)]
        tests += [e for e in elements if isinstance(e, Exists)]
        for batch, step in _steps(elements):
            later = _variables_after(elements, batch, step)
            rows = self._join(batch, rows, needed | later, tests, delta)
            if not rows.size:
                break
            if step is not None:
                rows = self._apply(step, rows)
        for test in tests:
            if not rows.size:
                break
            rows = rows.where(self._holds(test, rows))
        if not rows.size:
            return Solutions(0, dict.fromkeys((*rows.columns, *needed), EMPTY))
        return rows

    def _join(
        self,
        batch: Sequence[Element],
        rows: Solutions,
        needed: Names,
        tests: list[Filter | Exists],
        delta: Delta | None,
    ) -> Solutions:
        """Join patterns, tables and unions in any order, testing rows as early as possible."""
        left = list(batch)
        while rows.size:
            rows = self._test_early(tests, left, rows)
            if not left or not rows.size:
                break
            element = self._next(left, rows, delta)
            left = [other for other in left if other is not element]
            later = needed | _mentioned((*left, *tests))
            if isinstance(element, Pattern):
                rows = self.joins.match(
                    element, rows, later, delta[1] if delta and element is delta[0] else None
                )
            elif isinstance(element, Values):
                rows = self._values(element, rows)
            else:
                assert isinstance(element, Union)
                rows = self._union(element, rows, later)
            unneeded = rows.columns.keys() - later
            if unneeded:
                rows = rows.without(unneeded)
                if rows.size > _MANY or not rows.columns:
                    rows = rows.distinct()
        return rows

    def _test_early(
        self, tests: list[Filter | Exists], left: Sequence[Element], rows: Solutions
    ) -> Solutions:
        """Apply, and take from the list, the tests whose variables have their final values."""
        open_to = _mentioned(left)
        for test in [t for t in tests if isinstance(t, Filter)]:
            variables = test.variables()
            if variables & open_to or not variables <= rows.columns.keys():
                continue
            if any(exists_in(test.expression)):
                continue
            if any((self.joins.column(rows, name) < 0).any() for name in variables):
                continue  # an OPTIONAL or BIND may still bind it
            tests.remove(test)
            rows = rows.where(self._holds(test, rows))
        return rows

    def _apply(self, step: Element, rows: Solutions) -> Solutions:
        if isinstance(step, Bind):
            value = self.expressions.values(*self._without_exists(step.expression, rows))
            return rows.with_columns({step.variable: value})
        if isinstance(step, Optional):
            return self._optional(step, rows)
        assert isinstance(step, Minus)
        return self._minus(step, rows)

    # -- the order of a join

    def _next(self, left: Sequence[Element], rows: Solutions, delta: Delta | None) -> Element:
        """Return the element that leaves the fewest rows, as far as a sample shows."""
        if delta and any(element is delta[0] for element in left):
            return delta[0]
        if len(left) == 1:
            return left[0]
        patterns = [e for e in left if isinstance(e, Pattern)]
        near = [p for p in patterns if self.joins.is_connected(p, rows)]
        others = [e for e in left if not isinstance(e, Pattern)]
        shared = [e for e in others if e.variables() & rows.columns.keys()]
        for element in others:
            if isinstance(element, Values) and (element in shared or rows.size == 1):
                return element
        if not near and (shared or not patterns):
            return (shared or others)[0]
        return min(near or patterns, key=lambda pattern: self.joins.guess(pattern, rows))

    # -- other elements

    def _values(self, table: Values, rows: Solutions) -> Solutions:
        """Join rows with a table; a row that leaves a variable unbound takes the table's value."""
        for name in set(table.names) & rows.columns.keys():
            bound = self.joins.column(rows, name) >= 0
            if not bound.all():
                known, rest = rows.where(bound), rows.where(~bound).without([name])
                parts = [self._values(table, part) for part in (known, rest)]
                return self.joins.concatenated(parts, {*rows.columns, *table.names})
        number = self.expressions.dictionary.constant
        columns: dict[ox.Variable, Column] = {
            name: np.array([number(term) for row in table.rows if (term := row[place])], np.int64)
            for place, name in enumerate(table.names)
        }
        return joined(rows, Solutions(len(table.rows), columns))

    def _union(self, union: Union, rows: Solutions, needed: Names) -> Solutions:
        names = {*rows.columns, *(Group((union,)).possible() & needed)}
        parts = [self.group(branch.elements, rows, names) for branch in union.branches]
        return self.joins.concatenated(parts, names)

    def _optional(self, part: Optional, rows: Solutions) -> Solutions:
        row = ox.Variable(f"row{next(self._fresh)}__")
        numbered = rows.with_columns({row: np.arange(rows.size)})
        names = {*rows.columns, *part.group.possible()}
        found = self.group(part.group.elements, numbered, {row, *names})
        missing = np.ones(rows.size, np.bool_)
        missing[found.columns[row]] = False
        return self.joins.concatenated((found.without([row]), rows.where(missing)), names)

    def _minus(self, part: Minus, rows: Solutions) -> Solutions:
        if not rows.columns.keys() & part.group.possible():
            return rows
        return rows.where(~self._exists(part.group, rows))

    # -- tests

    def _holds(self, test: Filter | Exists, rows: Solutions) -> Mask:
        if isinstance(test, Exists):
            found = self._exists(test.group, rows)
            return ~found if test.negated else found
        return self.expressions.holds(*self._without_exists(test.expression, rows))

    def _without_exists(
        self, expression: Expression, rows: Solutions
    ) -> tuple[Expression, Solutions]:
        """Return an expression with a variable for each EXISTS, and rows with their values."""
        columns: dict[ox.Variable, Column] = {}

        def replaced(part: Expression) -> Expression:
            if isinstance(part, Exists):
                name = ox.Variable(f"exists{len(columns)}__")
                columns[name] = self._holds(part, rows).astype(np.int8)
                return name
            if isinstance(part, Call):
                return Call(part.name, tuple(map(replaced, part.arguments)))
            return part

        return replaced(expression), rows.with_columns(columns)

    def _exists(self, group: Group, rows: Solutions) -> Mask:
        """Return a mask: whether a group has a solution that extends each row."""
        outer = [name for name in rows.columns if name in group.variables()]
        for name in outer:
            bound = self.joins.column(rows, name) >= 0
            if not bound.all():
                mask = np.zeros(rows.size, np.bool_)
                for rest, some in ((rows, bound), (rows.without([name]), ~bound)):
                    mask[some] = self._exists(group, rest.where(some))
                return mask
        if not rows.size:
            return np.zeros(0, np.bool_)
        if outer:
            first, kinds = distinct_rows([rows.columns[name] for name in outer])
        else:
            first, kinds = np.zeros(1, np.int64), np.zeros(rows.size, np.int64)
        row = ox.Variable(f"row{next(self._fresh)}__")
        start = Solutions(len(first), {name: rows.columns[name][first] for name in outer})
        start = start.with_columns({row: np.arange(start.size)})
        found = self.group(group.elements, start, {row})
        mask = np.zeros(start.size, np.bool_)
        mask[found.columns[row]] = True
        out: Mask = mask[kinds]
        return out


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
        if isinstance(element, Optional | Minus | Bind):
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
    step = before[-1][1]
    assert step is not None
    earlier = [e for batch, each in before for e in (*batch, *([each] if each else []))][:-1]
    return isinstance(element, Pattern) and (
        element.variables() & step.variables() <= Group(tuple(earlier)).certain()
    )


def _variables_after(
    elements: Sequence[Element], batch: Sequence[Element], step: Element | None
) -> set[ox.Variable]:
    """Return the variables of all elements that are not in a batch."""
    inside = {id(element) for element in batch}
    rest = [e for e in elements if id(e) not in inside and not isinstance(e, Filter | Exists)]
    return _mentioned(rest) | (step.variables() if step else set())
