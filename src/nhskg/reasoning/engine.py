"""Reasoning engines: the interface, and the engine that builds use."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import pyoxigraph as ox

from nhskg.rdf.files import read_text
from nhskg.rdf.sparql.algebra import Inconsistency
from nhskg.reasoning.domain import RuleText
from nhskg.reasoning.reasoner import choose_executor, reason

__all__ = ["CompiledEngine", "Derivation", "Engine", "read_rule_text", "read_rule_texts"]


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


def read_rule_texts(folder: Path) -> list[RuleText]:
    """Read the CONSTRUCT rules of a folder, by name.

    Raises:
        InputError: a rule cannot be read.
    """
    return [read_rule_text(path) for path in sorted(folder.glob("*.rq"))]


def read_rule_text(path: Path) -> RuleText:
    """Read one CONSTRUCT rule.

    Raises:
        InputError: it cannot be read.
    """
    return RuleText(read_text(path), path.stem, str(path))


@dataclass(frozen=True)
class CompiledEngine:
    """Compiles what a store asserts and the rules into one program, and runs it."""

    rules: Sequence[RuleText]
    name: str = "compiled"

    def derive(self, store: ox.Store, graph: ox.NamedNode) -> Derivation:
        """Put all that follows and isn't asserted into ``graph``; see :class:`Engine`."""
        outcome = reason(choose_executor(store, self.rules), self.rules, graph)
        return Derivation(outcome.derived, outcome.inconsistencies)
