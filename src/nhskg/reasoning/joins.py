"""Triple patterns joined with solutions by binary search on sorted arrays."""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from typing import Final

import numpy as np
import pyoxigraph as ox

from nhskg.rdf.sparql.algebra import TYPE, Node, Pattern
from nhskg.reasoning.expressions import Expressions
from nhskg.reasoning.relations import (
    EMPTY,
    Numbers,
    Relation,
    contains,
    distinct,
    expanded,
    grouped,
    objects_of,
    pairs,
    subjects_of,
)
from nhskg.reasoning.solutions import UNBOUND, Solutions, concatenated
from nhskg.reasoning.triple_arrays import TripleArrays

Names = AbstractSet[ox.Variable]

_SAMPLE: Final = 100
"""Rows on which matches are counted to choose the next pattern."""


class TripleJoins:
    """Joins solutions with the triples that match a pattern.

    Attributes:
        arrays: the triples.
        expressions: evaluates expressions, and numbers the strings that they make.
    """

    def __init__(self, arrays: TripleArrays) -> None:
        self.arrays = arrays
        self.expressions = Expressions(arrays.dictionary)

    def column(self, rows: Solutions, name: ox.Variable) -> Numbers:
        """Return the numbers of a variable's values, which are kept from then on."""
        column = rows.columns[name]
        if column.dtype == object:
            column = rows.columns[name] = self.expressions.numbers(column)
        return column

    def concatenated(self, parts: Sequence[Solutions], names: Names) -> Solutions:
        """Return the rows of several solution sequences."""
        return concatenated(parts, names, self.expressions.numbers)

    # -- estimates

    def is_connected(self, pattern: Pattern, rows: Solutions) -> bool:
        """Return whether a pattern shares a variable with the rows, or names a term itself."""
        ends = [pattern.subject, pattern.object]
        if not rows.columns and pattern.predicate == TYPE:
            ends.pop()
        return any(not isinstance(n, ox.Variable) or n in rows.columns for n in ends)

    def guess(self, pattern: Pattern, rows: Solutions) -> float:
        """Return about how many rows there are once a pattern is joined."""
        if isinstance(pattern.predicate, ox.Variable):
            return float(rows.size) * 1e6
        relation = self._relation(pattern)
        total = len(relation.keys)
        subject, value = (_is_known(n, rows) for n in (pattern.subject, pattern.object))
        if not relation.binary:
            return rows.size * (0.5 if subject else total)
        if pattern.closure == "*" and not subject and not value:
            return float("inf")
        if not subject and not value:
            return float(rows.size) * total
        sample = rows.where(np.arange(0, rows.size, max(1, rows.size // _SAMPLE)))
        keys = relation.keys if subject else relation.inverse
        first = self.numbers(pattern.subject if subject else pattern.object, sample)
        if subject and value:
            second = self.numbers(pattern.object, sample)
            found = int(np.count_nonzero(contains(keys, pairs(first, second))))
        else:
            ends = np.searchsorted(keys, (first + 1) << 32) - np.searchsorted(keys, first << 32)
            found = int(ends.sum()) + (sample.size if pattern.closure == "*" else 0)
        return rows.size * found / sample.size

    # -- matching

    def _relation(self, pattern: Pattern) -> Relation:
        """Return what a pattern with a named predicate is matched with."""
        number = self.arrays.dictionary.constant
        names_class = pattern.predicate == TYPE and not pattern.closure
        if names_class and not isinstance(pattern.object, ox.Variable):
            return self.arrays.members(number(pattern.object))
        relation = self.arrays.relation(number(pattern.predicate))  # type: ignore[arg-type]
        return relation.closure if pattern.closure else relation

    def numbers(self, node: Node, rows: Solutions) -> Numbers:
        """Return the number of a node in each row."""
        if isinstance(node, ox.Variable):
            known = node in rows.columns
            return self.column(rows, node) if known else np.full(rows.size, UNBOUND, np.int64)
        return np.full(rows.size, self.arrays.dictionary.constant(node), np.int64)

    def match(
        self, pattern: Pattern, rows: Solutions, needed: Names, only: Relation | None = None
    ) -> Solutions:
        """Join rows with the triples that match a pattern.

        A row that leaves a variable unbound takes whatever value the triple has.
        """
        for name in pattern.variables() & rows.columns.keys():
            bound = self.column(rows, name) >= 0
            if not bound.all():
                known = rows.where(bound)
                rest = rows.where(~bound).without([name])
                parts = [self.match(pattern, part, needed, only) for part in (known, rest)]
                return self.concatenated(parts, {*rows.columns, *(pattern.variables() & needed)})
        if not rows.size:
            return rows.with_columns(
                {v: EMPTY for v in pattern.variables() if v not in rows.columns}
            )
        if isinstance(pattern.predicate, ox.Variable):
            return self._match_any(pattern, rows, needed)
        relation = only or self._relation(pattern)
        if not relation.binary:
            return self._match_class(pattern, rows, relation)
        if pattern.closure == "*":
            return self._match_reflexive(pattern, rows, needed, relation)
        return self._match_pairs(pattern.subject, pattern.object, rows, needed, relation)

    def _match_class(self, pattern: Pattern, rows: Solutions, relation: Relation) -> Solutions:
        if _is_known(pattern.subject, rows):
            return rows.where(contains(relation.keys, self.numbers(pattern.subject, rows)))
        assert isinstance(pattern.subject, ox.Variable)
        return rows.crossed({pattern.subject: relation.keys}, len(relation.keys))

    def _match_pairs(
        self, subject: Node, value: Node, rows: Solutions, needed: Names, relation: Relation
    ) -> Solutions:
        has_subject, has_object = _is_known(subject, rows), _is_known(value, rows)
        if has_subject and has_object:
            keys = pairs(self.numbers(subject, rows), self.numbers(value, rows))
            return rows.where(contains(relation.keys, keys))
        if not has_subject and not has_object:
            return self._match_all(subject, value, rows, needed, relation)
        known, new = (subject, value) if has_subject else (value, subject)
        keys = relation.keys if has_subject else relation.inverse
        assert isinstance(new, ox.Variable)
        firsts = self.numbers(known, rows)
        if new not in needed:
            ends = np.searchsorted(keys, (firsts + 1) << 32)
            return rows.where(ends > np.searchsorted(keys, firsts << 32))
        places, ends = expanded(keys, firsts)
        return rows.where(places).with_columns({new: ends})

    def _match_all(
        self, subject: Node, value: Node, rows: Solutions, needed: Names, relation: Relation
    ) -> Solutions:
        keys = relation.keys
        assert isinstance(subject, ox.Variable)
        assert isinstance(value, ox.Variable)
        if subject == value:
            ends = subjects_of(keys)
            ends = ends[ends == objects_of(keys)]
            return rows.crossed({subject: ends}, len(ends))
        columns = {subject: subjects_of(keys), value: objects_of(keys)}
        kept = {name: column for name, column in columns.items() if name in needed}
        if len(kept) == 1:
            kept = {name: distinct(column) for name, column in kept.items()}
        size = len(next(iter(kept.values()))) if kept else min(1, len(keys))
        return rows.crossed(kept, size)

    def _match_reflexive(
        self, pattern: Pattern, rows: Solutions, needed: Names, relation: Relation
    ) -> Solutions:
        """Match ``p*``: the pairs of the closure, and everything with itself."""
        subject, value = pattern.subject, pattern.object
        if _is_known(subject, rows) and _is_known(value, rows):
            one, two = self.numbers(subject, rows), self.numbers(value, rows)
            return rows.where((one == two) | contains(relation.keys, pairs(one, two)))
        if not _is_known(subject, rows) and not _is_known(value, rows):
            assert isinstance(subject, ox.Variable)
            nodes = self.arrays.all_nodes()
            rows = rows.crossed({subject: nodes}, len(nodes))
        if subject == value:
            return rows
        known, new = (subject, value) if _is_known(subject, rows) else (value, subject)
        assert isinstance(new, ox.Variable)
        near = rows.with_columns({new: self.numbers(known, rows)})
        far = self._match_pairs(subject, value, rows, needed | {new}, relation)
        return self.concatenated((near, far), near.columns.keys())

    def _match_any(self, pattern: Pattern, rows: Solutions, needed: Names) -> Solutions:
        """Match a pattern whose predicate is a variable, one predicate after another."""
        name = pattern.predicate
        assert isinstance(name, ox.Variable)
        parts: list[Solutions] = []
        if name in rows.columns:
            candidates = [(n, rows.where(some)) for n, some in grouped(self.column(rows, name))]
        else:
            candidates = [(number, rows) for number in self.arrays.predicates()]
        for number, found in candidates:
            if isinstance(self.arrays.dictionary.terms[number], ox.NamedNode):
                some = found.with_columns({name: np.full(found.size, number, np.int64)})
                ends = (pattern.subject, pattern.object)
                relation = self.arrays.relation(number)
                parts.append(self._match_pairs(*ends, some, needed | {name}, relation))
        return self.concatenated(parts, {*rows.columns, *pattern.variables()})


def _is_known(node: Node, rows: Solutions) -> bool:
    return not isinstance(node, ox.Variable) or node in rows.columns
