"""Group graph patterns evaluated set at a time over arrays of triples.

The solutions of a group are columns of numbers; a triple pattern joins them with a relation by
binary search. Which pattern comes next is decided by counting the matches of a sample of rows, so
no statistics are kept. Rules derive sets, so rows that differ only in what nobody needs are merged.

The semantics are those of SPARQL 1.1 Query Language, section 18.2: OPTIONAL and BIND apply to what
is before them, FILTER to the whole group. Rules that cannot be evaluated here so are refused before
by :mod:`nhskg.reasoning.array_support`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import takewhile
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
    Optional,
    Pattern,
    Values,
    exists_in,
)
from nhskg.reasoning.expressions import Expressions
from nhskg.reasoning.joins import Names, TripleJoins
from nhskg.reasoning.relations import EMPTY, Mask, Relation, contains, distinct
from nhskg.reasoning.solutions import Column, Solutions, concatenated
from nhskg.reasoning.triple_arrays import TripleArrays

Delta: TypeAlias = tuple[Pattern, Relation]
"""A pattern, and what it is to be matched with in place of all there is."""

_ROW: Final = ox.Variable("row__")
_MANY: Final = 1_000
"""Rows from which it is worth to merge those that have become the same."""


class Matcher:
    """Finds the solutions of groups in arrays of triples."""

    def __init__(self, arrays: TripleArrays) -> None:
        self.joins = TripleJoins(arrays)
        self.expressions = Expressions(arrays.dictionary)

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
        tests = [e for e in elements if isinstance(e, Filter | Exists)]
        left = [e for e in elements if not isinstance(e, Filter | Exists)]
        while left and rows.size:
            element = self._next(left, rows, delta)
            left = [other for other in left if other is not element]
            later = needed | _mentioned((*left, *tests))
            if isinstance(element, Pattern):  # tests of the predicate spare many rows
                rows = self._tested(tests, self.joins.with_predicates(element, rows))
            rows = self._extended(element, rows, later, delta)
            unneeded = rows.columns.keys() - later
            if unneeded:
                rows = rows.without(unneeded)
                if rows.size > _MANY or not rows.columns:
                    rows = rows.distinct()
            rows = self._tested(tests, rows)
        for test in tests:
            if rows.size:
                rows = rows.where(self._holds(test, rows))
        if not rows.size:
            return Solutions(0, dict.fromkeys((*rows.columns, *needed), EMPTY))
        return rows

    def _tested(self, tests: list[Filter | Exists], rows: Solutions) -> Solutions:
        """Apply, and take from the list, the tests that are decided already."""
        for test in [t for t in tests if _is_decided(t, rows)]:
            tests.remove(test)
            rows = rows.where(self._holds(test, rows))
        return rows

    def _extended(
        self, element: Element, rows: Solutions, needed: Names, delta: Delta | None
    ) -> Solutions:
        """Return the solutions of one element, a test aside, that extend some rows."""
        match element:
            case Pattern():
                only = delta[1] if delta and element is delta[0] else None
                return self.joins.match(element, rows, needed, only)
            case Bind(expression, variable):
                value = self.expressions.values(*self._without_exists(expression, rows))
                return rows.with_columns({variable: value})
            case Values():
                parts = [self._values(element, part) for _, part in rows.by_bound(element.names)]
                return concatenated(parts, {*rows.columns, *element.names})
            case Optional(part):
                names = {*rows.columns, *part.possible()}
                found, extended = self._numbered(part, rows, names)
                return concatenated((found, rows.where(~extended)), names)
            case _:
                raise TypeError(element)

    def _values(self, table: Values, rows: Solutions) -> Solutions:
        (name,) = table.names
        number = self.expressions.dictionary.constant
        values = distinct(np.array([number(term) for (term,) in table.rows if term], np.int64))
        if name in rows.columns:
            return rows.where(contains(values, rows.columns[name]))
        return rows.crossed({name: values}, len(values))

    def _numbered(self, group: Group, rows: Solutions, names: Names) -> tuple[Solutions, Mask]:
        """Return the solutions of a group that extend rows, and a mask: which rows have any."""
        numbered = rows.with_columns({_ROW: np.arange(rows.size)})
        found = self.group(group.elements, numbered, {_ROW, *names})
        extended = np.zeros(rows.size, np.bool_)
        extended[found.columns[_ROW]] = True
        return found.without([_ROW]), extended

    # -- the order of a join

    def _next(self, left: Sequence[Element], rows: Solutions, delta: Delta | None) -> Element:
        """Return the element that leaves the fewest rows, as far as a sample shows.

        What comes after an OPTIONAL or BIND has its turn after that.
        """
        ready = list(takewhile(lambda e: not isinstance(e, Optional | Bind), left))
        if delta and any(element is delta[0] for element in ready):
            return delta[0]
        if len(ready) < 2:
            return left[0]
        for element in ready:
            if isinstance(element, Values) or self.joins.is_bound(element, rows):
                return element
        patterns = [element for element in ready if isinstance(element, Pattern)]
        near = [p for p in patterns if self.joins.is_connected(p, rows)] or patterns
        if len(near) == 1:
            return near[0]
        return min(near, key=lambda pattern: self.joins.guess(pattern, rows))

    # -- tests

    def _holds(self, test: Filter | Exists, rows: Solutions) -> Mask:
        if isinstance(test, Filter):
            return self.expressions.holds(*self._without_exists(test.expression, rows))
        found = self._exists(test.group, rows)
        return ~found if test.negated else found

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
        mask = np.zeros(rows.size, np.bool_)
        outside = rows.without(rows.columns.keys() - group.variables())
        for places, part in outside.by_bound(outside.columns):
            first, kinds = part.kinds()
            _, found = self._numbered(group, part.where(first), set())
            mask[places] = found[kinds]
        return mask


def _is_decided(test: Filter | Exists, rows: Solutions) -> bool:
    """Return whether a test is cheap, and every row binds its variables."""
    if isinstance(test, Exists) or any(exists_in(test.expression)):
        return False
    columns = [rows.columns.get(name) for name in test.variables()]
    return all(column is not None and bool((column >= 0).all()) for column in columns)


def _mentioned(elements: Iterable[Element]) -> set[ox.Variable]:
    return {name for element in elements for name in element.variables()}
