"""The interface of what runs a compiled program."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final, Protocol

import pyoxigraph as ox

from nhskg.rdf.sparql.algebra import Group, Pattern, ProgramError, Rule, Term
from nhskg.reasoning.program import Program

__all__ = ["MOST_ROUNDS", "Executor", "no_end"]

MOST_ROUNDS: Final = 10_000
"""Rounds after which a recursive group is taken to mint names without end."""


class Executor(Protocol):
    """Holds what is asserted and what is derived, and derives more."""

    def triples(self, patterns: Iterable[Pattern]) -> Iterator[ox.Triple]:
        """Yield the triples, asserted and derived, that match any of some patterns."""
        ...

    def solutions(
        self, body: Group, variables: Sequence[ox.Variable]
    ) -> Iterator[tuple[Term | None, ...]]:
        """Yield the distinct values of variables in the solutions of a group."""
        ...

    def evaluate(self, program: Program, *, equality: bool) -> None:
        """Add what a program derives from what there is.

        Args:
            program: rules in strata.
            equality: whether the triples ``owl:sameAs`` are reasoned with.

        Raises:
            ProgramError: a recursive group finds no end.
        """
        ...

    def restart(self, facts: Iterable[ox.Triple]) -> None:
        """Take back all that is derived, but for some facts."""
        ...

    def finish(self, graph: ox.NamedNode) -> int:
        """Leave what is derived, and nothing auxiliary, in a graph; return how many triples."""
        ...


def no_end(rules: Sequence[Rule], rounds: int) -> ProgramError:
    """Return the error for a recursive group that has found no end after some rounds."""
    names = ", ".join(sorted({str(rule) for rule in rules}))
    return ProgramError(f"no end after {rounds} rounds of {names}")
