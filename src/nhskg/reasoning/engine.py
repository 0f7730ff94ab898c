"""The seam between a store and whatever derives what follows from it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import pyoxigraph as ox

from nhskg.reasoning.model import Inconsistency

__all__ = ["Derivation", "Engine"]


@dataclass(frozen=True, slots=True)
class Derivation:
    """What an engine has done.

    Attributes:
        derived: number of new triples.
        inconsistencies: the clashes found, each with the triples that clash.
    """

    derived: int
    inconsistencies: tuple[Inconsistency, ...] = ()


class Engine(Protocol):
    """Derives what follows from the union of all graphs of a store."""

    @property
    def name(self) -> str:
        """The engine's name, as on the command line."""
        ...

    def derive(self, store: ox.Store, graph: ox.NamedNode) -> Derivation:
        """Put all that follows and isn't asserted into ``graph``, which is empty before.

        Raises:
            NhskgError: the rules cannot be read, or make no program.
        """
        ...
