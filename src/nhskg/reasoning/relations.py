"""Sets of pairs of numbers as sorted arrays, and solution sequences as columns of numbers.

A term is a number below 2³¹ (see :mod:`nhskg.reasoning.triple_arrays`). A pair of terms is one
64-bit number, ``subject << 32 | object``, so that a relation sorted by subject is one sorted array,
and a join is a binary search (:func:`numpy.searchsorted`), an anti-join a mask.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeAlias

import numpy as np
import pyoxigraph as ox
from numpy.typing import NDArray

from nhskg.rdf.sparql.algebra import ProgramError

Numbers: TypeAlias = NDArray[np.int64]
Mask: TypeAlias = NDArray[np.bool_]

EMPTY: Final[Numbers] = np.empty(0, np.int64)
UNBOUND: Final = -1
"""The number of no term: the value of a variable that is not bound."""
LOW: Final = (1 << 32) - 1
MOST_ROWS: Final = 20_000_000
"""How many rows a step of a join may make: a gigabyte; a million claims need less."""


class TooManyError(ProgramError):
    """A rule makes more than is taken on."""


def _checked(rows: int) -> int:
    if rows > MOST_ROWS:
        repair = "let its patterns share variables, or give less data"
        told = f"a step of its join has {rows:,} rows, more than {MOST_ROWS:,}"
        raise TooManyError(f"{told}; {repair}")
    return rows


def pairs(subjects: Numbers, objects: Numbers | int) -> Numbers:
    """Return the keys of pairs."""
    return subjects << 32 | objects


def ends_of(keys: Numbers) -> tuple[Numbers, Numbers]:
    """Return the first members of pairs, and the second ones."""
    return keys >> 32, keys & LOW


def swapped(keys: Numbers) -> Numbers:
    """Return the pairs of the inverse relation, sorted."""
    return np.sort((keys & LOW) << 32 | keys >> 32)


def distinct(keys: Numbers) -> Numbers:
    """Return keys sorted, each once."""
    if len(keys) < 2:
        return keys
    if (keys[1:] < keys[:-1]).any():
        keys = np.sort(keys)
    first = np.append(True, keys[1:] != keys[:-1])
    return keys if first.all() else keys[first]


def contains(keys: Numbers, wanted: Numbers) -> Mask:
    """Return a mask: whether each wanted number is among sorted keys."""
    if not len(keys):
        return np.zeros(len(wanted), np.bool_)
    places = np.searchsorted(keys, wanted)
    places[places == len(keys)] = 0
    found: Mask = keys[places] == wanted
    return found


def _merged(keys: Numbers, new: Numbers) -> Numbers:
    """Return the union of two sorted arrays that share nothing."""
    if len(new) * 16 >= len(keys):
        return np.sort(np.concatenate((keys, new)), kind="stable")
    return np.insert(keys, np.searchsorted(keys, new), new)


def grouped(numbers: Numbers) -> Iterator[tuple[int, Numbers]]:
    """Yield each different number, and the places where it is."""
    order = np.argsort(numbers, kind="stable")
    values, starts = np.unique(numbers[order], return_index=True)
    yield from zip(values.tolist(), np.split(order, starts[1:]), strict=False)


def distinct_rows(columns: Sequence[Numbers], size: int) -> tuple[Numbers, Numbers]:
    """Return the places of one row of each kind, and for every row the place of its kind there.

    The columns (values from -1) have ``size`` rows, of which all are of one kind if there is none.
    """
    key = np.zeros(size, np.int64)
    for column in columns if size else ():
        width = int(column.max()) + 2
        if (int(key.max()) + 1) * width >= 1 << 62:  # would not fit into one number
            key = np.unique(key, return_inverse=True)[1].astype(np.int64)
        key = key * width + column + 1
    _, first, kind = np.unique(key, return_index=True, return_inverse=True)
    return first.astype(np.int64), kind.astype(np.int64)


def counted(keys: Numbers, firsts: Numbers) -> tuple[Numbers, Numbers]:
    """Return where the sorted pairs with each first member begin, and how many there are."""
    low = np.searchsorted(keys, firsts << 32)
    return low, np.searchsorted(keys, (firsts + 1) << 32) - low


def expanded(keys: Numbers, firsts: Numbers) -> tuple[Numbers, Numbers]:
    """Return of each of the sorted pairs with one of ``firsts`` its place there, and the second."""
    low, counts = counted(keys, firsts)
    _checked(int(counts.sum()))
    places = np.repeat(np.arange(len(firsts)), counts)
    starts = np.repeat(low - (np.cumsum(counts) - counts), counts)
    return places, keys[starts + np.arange(len(places))] & LOW


def composed(one: Numbers, two: Numbers) -> Numbers:
    """Return the pairs (x, z) with (x, y) in one relation and (y, z) in the sorted other."""
    places, ends = expanded(two, one & LOW)
    return pairs(one[places] >> 32, ends)


class Relation:
    """A set of pairs of terms: all sorted ``keys``, and those that are asserted, ``given``."""

    __slots__ = ("_closure", "_inverse", "given", "keys")

    def __init__(self, keys: Numbers = EMPTY) -> None:
        self.keys = self.given = keys
        self._inverse: Numbers | None = None
        self._closure: Relation | None = None

    def add(self, keys: Numbers) -> Numbers:
        """Add keys in any order; return those that are new, sorted."""
        keys = distinct(keys)
        new = keys[~contains(self.keys, keys)]
        if len(new):
            self.keys = _merged(self.keys, new)
            if self._inverse is not None:
                self._inverse = _merged(self._inverse, swapped(new))
            self._closure = None
        return new

    def reset(self) -> None:
        """Take back all that is derived."""
        if self.keys is not self.given:
            self.keys, self._inverse, self._closure = self.given, None, None

    @property
    def derived(self) -> Numbers:
        """What it holds and is not asserted."""
        changed = self.keys is not self.given
        return self.keys[~contains(self.given, self.keys)] if changed else EMPTY

    @property
    def inverse(self) -> Numbers:
        """The pairs with their members swapped, sorted."""
        if self._inverse is None:
            self._inverse = swapped(self.keys)
        return self._inverse

    @property
    def closure(self) -> Relation:
        """The transitive closure, by linear semi-naive evaluation, as a relation of its own."""
        if self._closure is None:
            self._closure, delta = Relation(self.keys), self.keys
            while len(delta):
                delta = self._closure.add(composed(delta, self.keys))
        return self._closure


@dataclass
class Solutions:
    """A solution sequence (SPARQL 1.1 Query Language, section 18.1.8), a column a variable."""

    size: int = 1
    columns: dict[ox.Variable, Numbers] = field(default_factory=dict)

    def values(self, name: ox.Variable) -> Numbers:
        """Return the number of a variable's value in each row."""
        found = self.columns.get(name)
        return np.full(self.size, UNBOUND, np.int64) if found is None else found

    def where(self, rows: Mask | Numbers) -> Solutions:
        """Return the rows of a mask, or at some places."""
        size = int(np.count_nonzero(rows)) if rows.dtype == np.bool_ else len(rows)
        return Solutions(size, {name: column[rows] for name, column in self.columns.items()})

    def with_columns(self, columns: Mapping[ox.Variable, Numbers]) -> Solutions:
        """Return the rows with more columns of the same length."""
        return Solutions(self.size, {**self.columns, **columns})

    def without(self, names: Collection[ox.Variable]) -> Solutions:
        """Return the rows without some columns."""
        kept = {name: column for name, column in self.columns.items() if name not in names}
        return Solutions(self.size, kept)

    def crossed(self, columns: Mapping[ox.Variable, Numbers], size: int) -> Solutions:
        """Return every pair of a row and one of ``size`` others, whose columns are new."""
        if self.size == 1 and not self.columns:
            return Solutions(size, dict(columns))
        _checked(self.size * size)
        out = self.where(np.repeat(np.arange(self.size), size))
        return out.with_columns({name: np.tile(each, self.size) for name, each in columns.items()})

    def joined(self, columns: Mapping[ox.Variable, Numbers], size: int) -> Solutions:
        """Return the join with ``size`` others, in which all shared variables are bound."""
        shared = columns.keys() & self.columns.keys()
        new = {name: column for name, column in columns.items() if name not in shared}
        if not shared:
            return self.crossed(new, size)
        both = [np.concatenate((self.columns[name], columns[name])) for name in shared]
        _, kinds = distinct_rows(both, self.size + size)
        index = np.sort(pairs(kinds[self.size :], np.arange(size)))
        rows, places = expanded(index, kinds[: self.size])
        return self.where(rows).with_columns({n: column[places] for n, column in new.items()})

    def distinct(self) -> Solutions:
        """Return the rows without duplicates."""
        if len(self.columns) == 1:
            ((name, column),) = self.columns.items()
            found = distinct(column)
            return Solutions(len(found), {name: found})
        return self.where(distinct_rows(list(self.columns.values()), self.size)[0])


def concatenated(parts: Iterable[Solutions], names: Iterable[ox.Variable]) -> Solutions:
    """Return the rows of several solution sequences; a variable that one lacks is unbound there."""
    parts = [part for part in parts if part.size]
    size = _checked(sum(part.size for part in parts))
    columns = {n: np.concatenate((EMPTY, *(part.values(n) for part in parts))) for n in names}
    return Solutions(size, columns)
