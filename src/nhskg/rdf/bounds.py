"""Limits of the annotation reader: size, nesting, and how many faults it reports.

Whatever a file holds, reading it takes time and memory in proportion to its size, and the size
is bounded. ``docs/validation.md`` says what was measured, ``tests/fuzz`` measures it.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Final

from nhskg.rdf.errors import AnnotationError, Fault, Place

__all__ = [
    "MAX_BYTES",
    "MAX_DEPTH",
    "MAX_ITEMS",
    "MOST_FAULTS",
    "Faults",
    "shorten",
]

MAX_BYTES: Final = 2_000_000
"""The largest annotation file that is read, in bytes: some 4,500 claims, or 70 times an article."""

MAX_DEPTH: Final = 20
"""How deep lists and mappings may be nested; the format needs 5."""

MAX_ITEMS: Final = 1_000
"""How many fields an entry may have, and how many items a list in it; the format needs 40."""

MOST_FAULTS: Final = 1_000
"""How many faults of a file are reported; the next says that there are more."""

_MOST_LETTERS: Final = 1_000
_END: Final = 300


def shorten(message: str) -> str:
    """Return a message without its middle where a value in it is very long.

    The end stays, as the repair is there.

    >>> len(shorten("x" * 5000))
    1000
    """
    if len(message) <= _MOST_LETTERS:
        return message
    return f"{message[: _MOST_LETTERS - _END - 3]} … {message[-_END:]}"


class Faults:
    """Gathers the faults of some files: of each file as many as are reported."""

    def __init__(self) -> None:
        self.all: list[Fault] = []
        self._counts: Counter[Path] = Counter()

    def __bool__(self) -> bool:
        return bool(self.all)

    def add(self, place: Place, message: str) -> None:
        """Record a fault; of the first that is too many, only that there are more."""
        self._counts[place.path] += 1
        if self._counts[place.path] <= MOST_FAULTS:
            self.all.append(Fault(place, shorten(message)))
        elif self._counts[place.path] == MOST_FAULTS + 1:
            message = (
                f"there are more faults in this file than the {MOST_FAULTS:,} told; mend these, "
                "and run it again"
            )
            self.all.append(Fault(place, message))

    def full(self, path: Path) -> bool:
        """Return whether no more is reported of a file, so that nothing need be looked for."""
        return self._counts[path] > MOST_FAULTS

    def error(self) -> AnnotationError:
        """Return the faults as an error."""
        return AnnotationError(self.all)
