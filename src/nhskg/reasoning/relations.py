"""Sets of numbers and of pairs of numbers as sorted arrays, and the operations of a join on them.

A term is a number below 2³¹ (see :mod:`nhskg.reasoning.solutions`). A pair of terms is one 64-bit
number, ``subject << 32 | object``, so that a relation sorted by subject is one sorted array, and a
join is a binary search (:func:`numpy.searchsorted`), an anti-join a mask.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

Numbers: TypeAlias = NDArray[np.int64]
Mask: TypeAlias = NDArray[np.bool_]

EMPTY: Final[Numbers] = np.empty(0, np.int64)
_LOW: Final = (1 << 32) - 1
_KEY_LIMIT: Final = 1 << 62
"""Keys packed from several columns stay below this."""


def pairs(subjects: Numbers, objects: Numbers) -> Numbers:
    """Return the keys of pairs."""
    return subjects << 32 | objects


def subjects_of(keys: Numbers) -> Numbers:
    """Return the first member of each pair."""
    return keys >> 32


def objects_of(keys: Numbers) -> Numbers:
    """Return the second member of each pair."""
    return keys & _LOW


def swapped(keys: Numbers) -> Numbers:
    """Return the pairs of the inverse relation, in the same order."""
    return (keys & _LOW) << 32 | keys >> 32


def distinct(keys: Numbers) -> Numbers:
    """Return keys sorted, each once."""
    if len(keys) < 2:
        return keys
    if (keys[1:] < keys[:-1]).any():
        keys = np.sort(keys)
    first = np.empty(len(keys), np.bool_)
    first[0] = True
    np.not_equal(keys[1:], keys[:-1], out=first[1:])
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
    places = np.searchsorted(keys, new) + np.arange(len(new))
    merged = np.empty(len(keys) + len(new), np.int64)
    kept = np.ones(len(merged), np.bool_)
    kept[places] = False
    merged[places], merged[kept] = new, keys
    return merged


def grouped(numbers: Numbers) -> Iterator[tuple[int, Numbers]]:
    """Yield each different number, and the places where it is."""
    order = np.argsort(numbers, kind="stable")
    values, starts = np.unique(numbers[order], return_index=True)
    yield from zip(values.tolist(), np.split(order, starts[1:]), strict=False)


def packed(columns: Sequence[Numbers]) -> Numbers:
    """Return one number for each row of columns (values from -1), the same for the same row."""
    key = columns[0]
    for column in columns[1:]:
        if not len(key):
            return key
        width = int(column.max()) + 2
        if (int(key.max()) + 2) * width >= _KEY_LIMIT:
            key = np.unique(key, return_inverse=True)[1].astype(np.int64)
        key = (key + 1) * width + column + 1
    return key


def distinct_rows(columns: Sequence[Numbers]) -> tuple[Numbers, Numbers]:
    """Return the places of one row of each kind, and for every row the place of its kind there."""
    _, first, kind = np.unique(packed(columns), return_index=True, return_inverse=True)
    return first.astype(np.int64), kind.astype(np.int64)


def expanded(keys: Numbers, firsts: Numbers) -> tuple[Numbers, Numbers]:
    """Return, for each of some first members, the places where it is in ``firsts`` and values.

    Args:
        keys: sorted pairs.
        firsts: first members to look up, in any order.

    Returns:
        The place in ``firsts`` of each pair found, and the second member of that pair.
    """
    low = np.searchsorted(keys, firsts << 32)
    counts = np.searchsorted(keys, (firsts + 1) << 32) - low
    total = int(counts.sum())
    places = np.repeat(np.arange(len(firsts)), counts)
    starts = np.repeat(low - (np.cumsum(counts) - counts), counts)
    return places, keys[starts + np.arange(total)] & _LOW


def composed(one: Numbers, two: Numbers) -> Numbers:
    """Return the pairs (x, z) with (x, y) in one relation and (y, z) in the sorted other."""
    places, ends = expanded(two, objects_of(one))
    return pairs(subjects_of(one)[places], ends)


class Relation:
    """A set of terms (a class) or of pairs of terms (a property), asserted and derived.

    Attributes:
        binary: whether it holds pairs.
        keys: what it holds, sorted.
        given: the part of it that is asserted, sorted.
    """

    __slots__ = ("_closure", "_inverse", "binary", "given", "keys")

    def __init__(self, keys: Numbers = EMPTY, *, binary: bool) -> None:
        self.binary = binary
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
                self._inverse = _merged(self._inverse, np.sort(swapped(new)))
            self._closure = None
        return new

    def reset(self) -> None:
        """Take back all that is derived."""
        if self.keys is not self.given:
            self.keys = self.given
            self._inverse = self._closure = None

    @property
    def derived(self) -> Numbers:
        """What it holds and is not asserted."""
        if self.keys is self.given:
            return EMPTY
        return self.keys[~contains(self.given, self.keys)] if len(self.given) else self.keys

    @property
    def inverse(self) -> Numbers:
        """The pairs with their members swapped, sorted."""
        if self._inverse is None:
            self._inverse = np.sort(swapped(self.keys))
        return self._inverse

    @property
    def closure(self) -> Relation:
        """The transitive closure, as a relation of its own."""
        if self._closure is None:
            self._closure = Relation(transitive_closure(self.keys), binary=True)
        return self._closure


def transitive_closure(edges: Numbers) -> Numbers:
    """Return the transitive closure of sorted pairs, by linear semi-naive evaluation."""
    reached = Relation(edges, binary=True)
    delta = edges
    while len(delta):
        delta = reached.add(composed(delta, edges))
    return reached.keys
