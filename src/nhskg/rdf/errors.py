"""Exceptions of nhskg, their exit codes, and the file, line and column that they point at.

The tree::

    NhskgError
    ├── UsageError            a request that cannot be met (exit 2)
    ├── InputError            an input that cannot be read (exit 2)
    │   └── AnnotationError   faults of annotation files, all together (exit 2)
    ├── FindingsError         the input was read, and a check found something (exit 1)
    ├── QueryError            a query that cannot be parsed or run (exit 2)
    └── StoreError            a store that is missing, locked, out of date or unreachable (exit 2)
        └── StoreAccessError  a store that is there, and may not be read (exit 2)
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final, NamedTuple

from nhskg.rdf.escaping import escaped, escaped_lines

if TYPE_CHECKING:  # 'nhskg --help' starts without
    from pathlib import Path

MOST_FAULTS: Final = 1_000
"""How many faults of a file are reported; the next says that there are more."""

MOST_LETTERS: Final = 1_000
"""The letters of a line that people are told: a value in it may be as long as a file."""

_END: Final = 300


def shortened(text: str) -> str:
    """Return a text with each line that is very long cut within: the repair is at its end.

    >>> shortened("a" * 1_500) == "a" * 697 + " … " + "a" * 300
    True
    """
    if len(text) <= MOST_LETTERS:
        return text
    cut = MOST_LETTERS - _END - 3
    return "\n".join(
        f"{each[:cut]} … {each[-_END:]}" if len(each) > MOST_LETTERS else each
        for each in text.split("\n")
    )


def is_utf8(name: str) -> bool:
    """Return whether the name of a file is UTF-8; Python has surrogates for what is not."""
    return name.encode(errors="ignore").decode() == name


class Place(NamedTuple):
    """A place in a file: the file and, where known, line and column (both from 1)."""

    path: Path
    line: int | None = None
    column: int | None = None

    def __str__(self) -> str:
        found = (escaped(str(self.path)), self.line, self.column)
        return ":".join(str(each) for each in found if each is not None)


class Fault(NamedTuple):
    """One thing wrong with an input, with the place and the repair in its message."""

    place: Place
    message: str

    def __str__(self) -> str:
        return f"{self.place}: {escaped(self.message)}"


class NhskgError(Exception):
    """Base of every error that nhskg raises on purpose; carries the process exit code."""

    exit_code = 2

    def __init__(self, message: str, *, place: Place | None = None) -> None:
        super().__init__(message)
        self.message, self.place = message, place

    def __str__(self) -> str:
        told = escaped_lines(self.message)
        return f"{self.place}: {told}" if self.place else told


class UsageError(NhskgError):
    """The request cannot be met: an unknown name, a missing option."""


class InputError(NhskgError):
    """A file cannot be read as what it should be."""


class AnnotationError(InputError):
    """All the faults found in a set of annotation files, in order of place."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = tuple(sorted(faults))
        noun = "fault" if len(self.faults) == 1 else "faults"
        super().__init__(f"{len(self.faults)} {noun} in the annotations")

    def __str__(self) -> str:
        return "\n".join(str(fault) for fault in self.faults)


class Faults:
    """Gathers the faults of some files: of each file as many as are reported."""

    def __init__(self) -> None:
        self.all: list[Fault] = []
        self._counts: Counter[Path] = Counter()

    def add(self, place: Place, message: str) -> None:
        """Record a fault; of the first that is too many, only that there are more."""
        if self.full(place.path):
            return
        self._counts[place.path] += 1
        if self.full(place.path):
            told = f"there are more faults in this file than the {MOST_FAULTS:,} told"
            message = f"{told}; mend these, and run it again"
        self.all.append(Fault(place, shortened(message)))

    def full(self, path: Path, most: int = MOST_FAULTS) -> bool:
        """Return whether a file has more faults than are reported, or than so many."""
        return self._counts[path] > most


class FindingsError(NhskgError):
    """The input was read, but what it says fails a check; the findings were reported already."""

    exit_code = 1


class QueryError(NhskgError):
    """A query cannot be parsed or evaluated."""


class StoreError(NhskgError):
    """The store is missing, locked, damaged or not reachable."""


class StoreAccessError(StoreError):
    """The store is there, and may not be read: nothing is wrong with it."""
