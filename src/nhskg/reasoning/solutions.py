"""Solution sequences as columns of numbers (SPARQL 1.1 Query Language, section 18.1.8)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import numpy as np
import pyoxigraph as ox
from numpy.typing import NDArray

from nhskg.reasoning.dictionary import UNBOUND
from nhskg.reasoning.relations import (
    Mask,
    Numbers,
    grouped,
    packed,
)

Column: TypeAlias = NDArray[Any]
"""The numbers of terms; within an expression also strings, or truth values."""


@dataclass
class Solutions:
    """Rows of bindings.

    Attributes:
        size: the number of rows.
        columns: for each variable the number of its value in each row.
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
        out = self.where(np.repeat(np.arange(self.size), size))
        return out.with_columns({name: np.tile(each, self.size) for name, each in columns.items()})

    def kinds(self) -> tuple[Numbers, Numbers]:
        """Return the places of one row of each kind, and for every row the place of its kind."""
        if not self.columns:
            return np.zeros(min(self.size, 1), np.int64), np.zeros(self.size, np.int64)
        keys = packed(list(self.columns.values()))
        _, first, kind = np.unique(keys, return_index=True, return_inverse=True)
        return first.astype(np.int64), kind.astype(np.int64)

    def distinct(self) -> Solutions:
        """Return the rows without duplicates."""
        return self.where(self.kinds()[0])

    def by_bound(self, names: Iterable[ox.Variable]) -> Iterator[tuple[Numbers, Solutions]]:
        """Yield the places of rows that bind the same of some variables, and these rows.

        Variables that they leave unbound have no column there.
        """
        open_names = [n for n in names if n in self.columns and (self.columns[n] < 0).any()]
        if not open_names:
            yield np.arange(self.size), self
            return
        bound = packed([(self.columns[name] >= 0).astype(np.int64) for name in open_names])
        for _, places in grouped(bound):
            rows = self.where(places)
            yield places, rows.without([name for name in open_names if rows.columns[name][0] < 0])


def concatenated(parts: Sequence[Solutions], names: Iterable[ox.Variable]) -> Solutions:
    """Return the rows of several solution sequences; a variable that one lacks is unbound there."""
    columns = {
        name: np.concatenate(
            [np.empty(0, np.int64)]
            + [part.columns.get(name, np.full(part.size, UNBOUND, np.int64)) for part in parts]
        )
        for name in names
    }
    return Solutions(sum(part.size for part in parts), dict(columns))
