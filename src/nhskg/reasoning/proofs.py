"""Proofs: steps, each by one rule, from asserted triples to the goal."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import pyoxigraph as ox

from nhskg.rdf.sparql.algebra import Group


@dataclass(frozen=True, slots=True)
class Absence:
    """A part of a rule that must have no match, with the step's values put in.

    Attributes:
        group: the part.
        pattern: the same as the inside of a SPARQL group, with absolute IRIs.
        optional: whether it may have a match, and has none.
    """

    group: Group
    pattern: str
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """One use of a rule with all its variables bound; equal ones rest on the same.

    Attributes:
        rule: the name of a domain rule, or of the OWL 2 RL/RDF rule; several joined by ``+`` where
            the compiler folded one into another.
        source: the file of a domain rule; empty for an OWL rule.
        conclusions: the triples of the rule's head; in a proof, those that it takes from the step.
        premises: the triples that it rests on, in the order of the rule; each asserted, or
            concluded by an earlier step.
        axioms: the asserted triples of the ontology that an OWL rule was applied to.
        absent: what the rule asks not to be there.
    """

    rule: str
    source: str
    conclusions: tuple[ox.Triple, ...]
    premises: tuple[ox.Triple, ...]
    axioms: tuple[ox.Triple, ...] = ()
    absent: tuple[Absence, ...] = field(compare=False, default=())


@dataclass(frozen=True)
class Proof:
    """Steps, each resting on earlier ones, the last giving the goal; none where it is asserted."""

    goal: ox.Triple
    steps: tuple[Step, ...] = ()

    def step_for(self, triple: ox.Triple) -> Step | None:
        """Return the step that concludes a triple; None for a leaf."""
        return next((step for step in self.steps if triple in step.conclusions), None)

    @property
    def size(self) -> str:
        """The number of steps, in words."""
        return f"{len(self.steps)} step{'s' if len(self.steps) != 1 else ''}"

    def steps_below(self, step: Step) -> list[Step]:
        """Return the steps that a step rests on, the nearest first, and itself left out."""
        below = [step]
        for each in below:
            found = dict.fromkeys(filter(None, map(self.step_for, each.premises)))
            below += [by for by in found if by not in below]
        return below[1:]

    def leaves(self) -> tuple[ox.Triple, ...]:
        """Return the asserted triples that the proof rests on, each once, axioms left out."""
        premises = [triple for step in self.steps for triple in step.premises]
        found = [t for t in premises if self.step_for(t) is None] if self.steps else [self.goal]
        return tuple(dict.fromkeys(found))

    def leaves_below(
        self, triple: ox.Triple, passing: Callable[[ox.Triple], bool] = lambda _: True
    ) -> tuple[ox.Triple, ...]:
        """Return the asserted triples that one triple rests on, by way of some triples only."""
        below = [triple]
        for each in below:
            step = self.step_for(each)
            below += [p for p in (step.premises if step else ()) if p not in below and passing(p)]
        return tuple(each for each in below if self.step_for(each) is None)


@dataclass(frozen=True, slots=True)
class Found:
    """The proofs found of one triple, the shortest first.

    Attributes:
        goal: the triple.
        proofs: none where the triple is neither asserted nor derived.
        complete: whether these are all minimal proofs; else the search was cut short.
    """

    goal: ox.Triple
    proofs: tuple[Proof, ...]
    complete: bool = True
