"""Triple patterns joined with solutions by binary search on sorted arrays."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from typing import Final

import numpy as np
import pyoxigraph as ox

from nhskg.rdf.sparql.algebra import TYPE, Element, Node, Pattern
from nhskg.reasoning.dictionary import UNBOUND
from nhskg.reasoning.relations import (
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
from nhskg.reasoning.solutions import Solutions, concatenated
from nhskg.reasoning.triple_arrays import TripleArrays

Names = AbstractSet[ox.Variable]

_SAMPLE: Final = 100
"""Rows on which matches are counted to choose the next pattern."""


class TripleJoins:
    """Joins solutions with the triples that match a pattern.

    Attributes:
        arrays: the triples.
    """

    def __init__(self, arrays: TripleArrays) -> None:
        self.arrays = arrays

    def numbers(self, node: Node, rows: Solutions) -> Numbers:
        """Return the number of a node in each row."""
        if isinstance(node, ox.Variable) and node in rows.columns:
            return rows.columns[node]
        is_open = isinstance(node, ox.Variable)
        number = UNBOUND if is_open else self.arrays.dictionary.constant(node)  # type: ignore[arg-type]
        return np.full(rows.size, number, np.int64)

    def _relation(self, pattern: Pattern) -> Relation | None:
        """Return what a pattern is matched with; None if its predicate is a variable."""
        key = self.arrays.key(pattern)
        if key is None:
            return None
        relation = self.arrays.relation(key)
        return relation.closure if pattern.closure else relation

    # -- estimates

    def is_bound(self, pattern: Element, rows: Solutions) -> bool:
        """Return whether a pattern adds nothing to rows but tests them."""
        return pattern.variables() <= rows.columns.keys()

    def is_connected(self, pattern: Pattern, rows: Solutions) -> bool:
        """Return whether a pattern shares a variable with the rows, or names a term itself."""
        ends = [pattern.subject, pattern.object]
        if not rows.columns and pattern.predicate == TYPE:
            ends.pop()
        return any(_is_known(node, rows) for node in ends)

    def guess(self, pattern: Pattern, rows: Solutions) -> float:
        """Return about how many rows there are once a pattern is joined that has an open end."""
        relation = self._relation(pattern)
        if relation is None:
            return float(rows.size) * 1e6
        subject, value = (_is_known(n, rows) for n in (pattern.subject, pattern.object))
        if not subject and not value:
            return float("inf") if pattern.closure == "*" else float(rows.size) * len(relation.keys)
        sample = rows.where(np.arange(0, rows.size, max(1, rows.size // _SAMPLE)))
        keys = relation.keys if subject else relation.inverse
        first = self.numbers(pattern.subject if subject else pattern.object, sample)
        ends = np.searchsorted(keys, (first + 1) << 32) - np.searchsorted(keys, first << 32)
        found = int(ends.sum()) + (sample.size if pattern.closure == "*" else 0)
        return rows.size * found / sample.size

    # -- matching

    def match(
        self, pattern: Pattern, rows: Solutions, needed: Names, only: Relation | None = None
    ) -> Solutions:
        """Join rows with the triples that match a pattern.

        A row that leaves a variable unbound takes whatever value the triple has.

        Args:
            pattern: what to match.
            rows: what is bound already.
            needed: the variables whose values matter.
            only: what to match with in place of all there is.
        """
        parts = [
            self._match(pattern, part, needed, only)
            for _, part in rows.by_bound(pattern.variables())
        ]
        if len(parts) == 1:
            return parts[0]
        return concatenated(parts, {*rows.columns, *(pattern.variables() & needed)})

    def _match(
        self, pattern: Pattern, rows: Solutions, needed: Names, only: Relation | None
    ) -> Solutions:
        relation = only or self._relation(pattern)
        if relation is None:
            return self._match_any(pattern, rows, needed)
        if pattern.closure == "*":
            return self._match_reflexive(pattern, rows, needed, relation)
        return self._match_pairs(pattern, rows, needed, relation)

    def _match_pairs(
        self, pattern: Pattern, rows: Solutions, needed: Names, relation: Relation
    ) -> Solutions:
        subject, value = pattern.subject, pattern.object
        has_subject, has_object = _is_known(subject, rows), _is_known(value, rows)
        if has_subject and has_object:
            keys = pairs(self.numbers(subject, rows), self.numbers(value, rows))
            return rows.where(contains(relation.keys, keys))
        if not has_subject and not has_object:
            return self._match_all(pattern, rows, needed, relation)
        known, new = (subject, value) if has_subject else (value, subject)
        keys = relation.keys if has_subject else relation.inverse
        firsts = self.numbers(known, rows)
        if new not in needed:
            ends = np.searchsorted(keys, (firsts + 1) << 32)
            return rows.where(ends > np.searchsorted(keys, firsts << 32))
        places, ends = expanded(keys, firsts)
        return rows.where(places).with_columns({new: ends})  # type: ignore[dict-item]

    def _match_all(
        self, pattern: Pattern, rows: Solutions, needed: Names, relation: Relation
    ) -> Solutions:
        subjects, objects = subjects_of(relation.keys), objects_of(relation.keys)
        columns = {pattern.subject: subjects, pattern.object: objects}
        if len(columns) == 1:
            columns = {pattern.subject: subjects[subjects == objects]}
        kept = {name: column for name, column in columns.items() if name in needed}
        if len(kept) == 1:
            kept = {name: distinct(column) for name, column in kept.items()}
        size = len(next(iter(kept.values()))) if kept else min(1, len(columns[pattern.subject]))
        return rows.crossed(kept, size)  # type: ignore[arg-type]

    def _match_reflexive(
        self, pattern: Pattern, rows: Solutions, needed: Names, relation: Relation
    ) -> Solutions:
        """Match ``p*``, an end of which is known: the pairs of the closure, and it with itself."""
        subject, value = pattern.subject, pattern.object
        has_subject = _is_known(subject, rows)
        if has_subject and _is_known(value, rows):
            one, two = self.numbers(subject, rows), self.numbers(value, rows)
            return rows.where((one == two) | contains(relation.keys, pairs(one, two)))
        known, new = (subject, value) if has_subject else (value, subject)
        assert isinstance(new, ox.Variable)
        near = rows.with_columns({new: self.numbers(known, rows)})
        far = self._match_pairs(pattern, rows, needed | {new}, relation)
        return concatenated((near, far), near.columns)

    def _match_any(self, pattern: Pattern, rows: Solutions, needed: Names) -> Solutions:
        """Match a pattern whose predicate is a variable, one predicate after another."""
        rows = self.with_predicates(pattern, rows)
        terms, parts = self.arrays.dictionary.terms, []
        for number, places in grouped(self.numbers(pattern.predicate, rows)):
            if isinstance(terms[number], ox.NamedNode):
                some, relation = rows.where(places), self.arrays.relation(number)
                parts.append(self._match_pairs(pattern, some, needed, relation))
        return concatenated(parts, {*rows.columns, *pattern.variables()})

    def with_predicates(self, pattern: Pattern, rows: Solutions) -> Solutions:
        """Return rows that bind the predicate of a pattern, to each that there is."""
        if _is_known(pattern.predicate, rows):
            return rows
        predicates = np.array(self.arrays.predicates(), np.int64)
        return rows.crossed({pattern.predicate: predicates}, len(predicates))  # type: ignore[dict-item]


def _is_known(node: Node, rows: Solutions) -> bool:
    return not isinstance(node, ox.Variable) or node in rows.columns
