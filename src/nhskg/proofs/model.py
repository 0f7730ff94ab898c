"""What a proof is made of: steps, each by one rule, from asserted triples to the goal."""

from __future__ import annotations

from dataclasses import dataclass

import pyoxigraph as ox

from nhskg.reasoning.model import Group

__all__ = ["Absence", "Found", "Proof", "Step"]


@dataclass(frozen=True, slots=True)
class Absence:
    """A part of a rule that must have no match, with the step's values put in.

    Attributes:
        group: the part.
        pattern: the same as the inside of a SPARQL group, with absolute IRIs.
    """

    group: Group
    pattern: str


@dataclass(frozen=True, slots=True)
class Step:
    """One use of a rule.

    Attributes:
        rule: the file name of a domain rule without its ending, or the name of the OWL 2 RL/RDF
            rule; several joined by ``+`` where the compiler folded one into another.
        source: the file of a domain rule; empty for an OWL rule.
        conclusions: the triples that the proof takes from this step.
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
    absent: tuple[Absence, ...] = ()


@dataclass(frozen=True)
class Proof:
    """Steps in an order in which each rests on earlier ones only; the last one gives the goal.

    A proof without steps is that of an asserted triple.
    """

    goal: ox.Triple
    steps: tuple[Step, ...] = ()

    def step_for(self, triple: ox.Triple) -> Step | None:
        """Return the step that concludes a triple; None for a leaf."""
        return next((step for step in self.steps if triple in step.conclusions), None)

    def leaves(self) -> tuple[ox.Triple, ...]:
        """Return the asserted triples that the proof rests on, each once, axioms left out."""
        concluded = {triple for step in self.steps for triple in step.conclusions}
        premises = [triple for step in self.steps for triple in step.premises]
        found = [t for t in premises if t not in concluded] if self.steps else [self.goal]
        return tuple(dict.fromkeys(found))


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
