"""Rules as data: what follows from which graph pattern, what must have no match, and the strata.

The body of a rule is a tree of SPARQL graph patterns, so the same rule can run on any engine, be
analysed for what it reads and writes, and be matched backwards for a proof.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol

import pyoxigraph as ox

from nhskg.rdf.sparql.algebra import Group, Pattern


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of a program; without a head a check, whose body must have no match.

    ``name`` is the OWL 2 RL/RDF rule (several joined by ``+`` where one was folded into another)
    or the name of a CONSTRUCT rule; ``axioms`` are the schema triples that an OWL rule was
    compiled from; ``source`` is the file of a CONSTRUCT rule.
    """

    name: str
    head: tuple[Pattern, ...]
    body: Group
    axioms: tuple[ox.Triple, ...] = ()
    source: str = ""

    def __str__(self) -> str:
        return self.name + (f" ({self.source})" if self.source else "")


@dataclass(frozen=True, slots=True)
class Inconsistency:
    """A clash: the rule that ends in false, the triples that clash, the axioms behind it."""

    rule: str
    triples: tuple[ox.Triple, ...]
    axioms: tuple[ox.Triple, ...] = ()

    def __str__(self) -> str:
        return f"{self.rule}: {', '.join(map(str, (*self.triples, *self.axioms)))}"


@dataclass(frozen=True, slots=True)
class Stratum:
    """Rules that are evaluated together: once, or to a fixpoint if they feed themselves."""

    rules: tuple[Rule, ...]
    recursive: bool


class TripleSource(Protocol):
    """A set of triples that can be matched with patterns."""

    def triples(self, patterns: Iterable[Pattern]) -> Iterator[ox.Triple]:
        """Yield the triples that match any of some patterns."""
        ...
