"""The dictionary, a number for each term, and solution sequences as columns of numbers.

SPARQL 1.1 Query Language, section 18.1.8.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

import numpy as np
import pyoxigraph as ox
from numpy.typing import NDArray

from nhskg.rdf.sparql.algebra import Term
from nhskg.reasoning.relations import (
    Mask,
    Numbers,
    distinct,
    distinct_rows,
    expanded,
    objects_of,
    packed,
    pairs,
    subjects_of,
)

UNBOUND: Final = -1
"""The number of no term: the value of a variable that is not bound."""
_LITERAL: Final = 2
_TRIPLE: Final = 3
_NONE: Final = 4
_KINDS: Final = {ox.NamedNode: 0, ox.BlankNode: 1, ox.Literal: _LITERAL}


class Dictionary:
    """Numbers terms in the order in which they are first met.

    Attributes:
        terms: the term of each number.
    """

    def __init__(self) -> None:
        self.terms: list[Term] = []
        self._numbers: dict[Term, int] = {}
        self._kinds = np.array([_NONE], np.uint8)

    def number(self, term: Term) -> int:
        """Return the number of a term as a store holds it."""
        found = self._numbers.get(term)
        if found is None:
            found = self._numbers[term] = len(self.terms)
            self.terms.append(term)
        return found

    def constant(self, term: Term) -> int:
        """Return the number of a term that a rule names, in the form in which a store holds it."""
        if isinstance(term, ox.Literal) and term not in self._numbers:
            term = _as_stored(term)
        return self.number(term)

    def is_literal(self, numbers: Numbers) -> Mask:
        """Return a mask: whether each number stands for a literal."""
        found: Mask = self._kinds_of(numbers) == _LITERAL
        return found

    def is_iri(self, numbers: Numbers) -> Mask:
        """Return a mask: whether each number stands for an IRI."""
        found: Mask = self._kinds_of(numbers) == 0
        return found

    def can_be_subject(self, numbers: Numbers) -> Mask:
        """Return a mask: whether each number stands for an IRI or a blank node."""
        found: Mask = self._kinds_of(numbers) < _LITERAL
        return found

    def can_be_compared(self, numbers: Numbers) -> Mask:
        """Return a mask: whether terms that are not the same are unequal in SPARQL, too."""
        kinds = self._kinds_of(numbers)
        found: Mask = (kinds < _LITERAL) | (kinds == _NONE)
        return found

    def _kinds_of(self, numbers: Numbers) -> NDArray[np.uint8]:
        """Return the kind of each term, :data:`_NONE` for no term."""
        known = len(self._kinds) - 1  # the last stands for no term
        if known < len(self.terms):
            more = [_KINDS.get(type(term), _TRIPLE) for term in self.terms[known:]]
            self._kinds = np.concatenate((self._kinds[:-1], np.array([*more, _NONE], np.uint8)))
        return self._kinds[numbers]


def _as_stored(literal: ox.Literal) -> Term:
    """Return a literal in the form that pyoxigraph's store gives it: ``01`` becomes ``1``."""
    store = ox.Store()
    name = ox.NamedNode("urn:nhskg:constant")
    store.add(ox.Quad(name, name, literal))
    stored = next(iter(store)).object
    assert isinstance(stored, ox.Literal)
    return stored


Column: TypeAlias = NDArray[Any]
"""The numbers of terms; or strings (None for an error), which are literals without a number yet."""


@dataclass
class Solutions:
    """Rows of bindings.

    Attributes:
        size: the number of rows.
        columns: for each variable the value in each row.
    """

    size: int = 1
    columns: dict[ox.Variable, Column] = field(default_factory=dict)

    def where(self, rows: Mask | Numbers) -> Solutions:
        """Return the rows of a mask, or at some places."""
        size = int(np.count_nonzero(rows)) if rows.dtype == np.bool_ else len(rows)
        return Solutions(size, {name: column[rows] for name, column in self.columns.items()})

    def with_columns(self, columns: Mapping[ox.Variable, Column]) -> Solutions:
        """Return the rows with more columns of the same length."""
        return Solutions(self.size, {**self.columns, **columns})

    def without(self, names: Collection[ox.Variable]) -> Solutions:
        """Return the rows without some columns."""
        kept = {name: column for name, column in self.columns.items() if name not in names}
        return Solutions(self.size, kept)

    def crossed(self, columns: Mapping[ox.Variable, Column], size: int) -> Solutions:
        """Return every pair of a row and one of ``size`` others, whose columns are new."""
        if self.size == 1 and not self.columns:
            return Solutions(size, dict(columns))
        out = self.where(np.repeat(np.arange(self.size), size))
        return out.with_columns({name: np.tile(each, self.size) for name, each in columns.items()})

    def distinct(self) -> Solutions:
        """Return the rows without duplicates; rows with a column of strings as they are."""
        names, columns = list(self.columns), list(self.columns.values())
        if not columns:
            return Solutions(min(self.size, 1))
        if self.size < 2 or any(column.dtype == object for column in columns):
            return self
        if len(columns) > 2 or any((column < 0).any() for column in columns):
            return self.where(distinct_rows(columns)[0])
        if len(columns) == 1:
            found = distinct(columns[0])
            return Solutions(len(found), {names[0]: found})
        keys = distinct(pairs(*columns))
        return Solutions(len(keys), {names[0]: subjects_of(keys), names[1]: objects_of(keys)})


def concatenated(
    parts: Sequence[Solutions],
    names: Iterable[ox.Variable],
    to_numbers: Callable[[Column], Numbers],
) -> Solutions:
    """Return the rows of several solution sequences; a variable that one lacks is unbound there."""
    parts = [part for part in parts if part.size]
    columns: dict[ox.Variable, Column] = {}
    for name in names:
        pieces = [
            to_numbers(part.columns[name])
            if name in part.columns
            else np.full(part.size, UNBOUND, np.int64)
            for part in parts
        ]
        columns[name] = np.concatenate(pieces) if pieces else np.empty(0, np.int64)
    return Solutions(sum(part.size for part in parts), columns)


def joined(one: Solutions, two: Solutions) -> Solutions:
    """Return the join of two solution sequences in which all shared variables are bound."""
    shared = [name for name in one.columns if name in two.columns]
    new = {name: column for name, column in two.columns.items() if name not in one.columns}
    if not shared:
        return one.crossed(new, two.size)
    both = [np.concatenate((one.columns[name], two.columns[name])) for name in shared]
    _, kinds = distinct_rows([packed(both)])
    mine, others = kinds[: one.size], kinds[one.size :]
    index = np.sort(pairs(others, np.arange(two.size)))
    rows, places = expanded(index, mine)
    return one.where(rows).with_columns({name: column[places] for name, column in new.items()})
