"""Explains cells of the matrix, and single triples."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pyoxigraph as ox

from nhskg.proofs.evidence import Evidence
from nhskg.proofs.facts import Facts, as_triple, nodes
from nhskg.proofs.finder import MOST_PROOFS, ProofFinder
from nhskg.proofs.model import Found, Proof
from nhskg.proofs.names import Names
from nhskg.proofs.wording import Wording
from nhskg.reasoning.domain import RuleText
from nhskg.reasoning.model import Term
from nhskg.terms import NS, OWL, RDF_TYPE, SKOS

__all__ = ["Asked", "Explainer", "Explanation"]

_TYPE: Final = ox.NamedNode(RDF_TYPE)
_LIMITS: Final = ("effectiveWhen", "heldUntil", "reducedBy", "subjectTo", "cohort", "quantity")
"""What limits a holding, explained beside it."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A cell of the matrix: a power under a plan, and perhaps a body and a matter."""

    plan: ox.NamedNode
    power: ox.NamedNode
    body: ox.NamedNode | None = None
    matter: ox.NamedNode | None = None


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why something holds.

    Attributes:
        title: what holds, in words.
        found: its proofs.
        limits: the same for what limits it: until when, for whom.
    """

    title: str
    found: Found
    limits: tuple[Found, ...] = ()


class Explainer:
    """Explains what a built store holds.

    Args:
        store: asserted graphs, ontology and derived graph.
        texts: the project's CONSTRUCT rules.
        passages: folder of the source texts, to show passages in full.
    """

    def __init__(
        self, store: ox.Store, texts: Sequence[RuleText], *, passages: Path | None = None
    ) -> None:
        self.facts = Facts(store)
        self.finder = ProofFinder(store, texts)
        self.wording = Wording(self.facts)
        self.evidence = Evidence(self.facts, self.wording, passages)
        self.names = Names(self.facts)

    def asked(
        self, *, plan: str, power: str, body: str | None = None, matter: str | None = None
    ) -> Asked:
        """Return the cell that some names stand for.

        Raises:
            UsageError: a name is unknown; names the nearest.
        """
        return Asked(
            self.names.thing(plan, "plan"),
            self.names.thing(power, "power"),
            self.names.thing(body, "body") if body else None,
            self.names.thing(matter, "matter") if matter else None,
        )

    def explain_cell(self, asked: Asked, *, everything: bool = False) -> list[Explanation]:
        """Explain each holding of a cell, of the power and of narrower ones.

        Args:
            asked: the cell.
            everything: every minimal proof, and not only the shortest.

        Raises:
            ProgramError: the project's rules make no program.
            StoreError: the store cannot be asked.
        """
        most = MOST_PROOFS if everything else 1
        explanations = []
        for node in self.holdings(asked):
            limits = tuple(
                self.finder.all_proofs(triple, most=most)
                for name in _LIMITS
                for value in self.facts.values(node, NS + name)
                if (triple := as_triple(node, ox.NamedNode(NS + name), value)) is not None
            )
            for number, kind in enumerate(self._bases(node)):
                goal = ox.Triple(node, _TYPE, kind)
                found = self.finder.all_proofs(goal, most=most)
                title = f"{self.wording.holding(node)}: {self.wording.label(kind)}"
                explanations.append(Explanation(title, found, () if number else limits))
        return explanations

    def explain_open(self, asked: Asked) -> list[Explanation]:
        """Explain where somebody says that a plan leaves a cell open: by that claim."""
        found = []
        for claim in self.facts.subjects(NS + "subject", asked.plan):
            goal = as_triple(claim, _TYPE, ox.NamedNode(NS + "Silence"))
            powers = self.facts.values(claim, NS + "power")
            bodies = self.facts.values(claim, NS + "candidate")
            about = (
                goal is not None
                and self.facts.is_asserted(goal)
                and any(self._within(power, asked.power) for power in powers)
                and (asked.body is None or asked.body in bodies)
                and self._has(claim, "matter", asked.matter)
            )
            if about and goal is not None:
                label = self.wording.label
                matters = self.facts.values(claim, NS + "matter")
                over = f" over {' and '.join(map(label, matters))}" if matters else ""
                who = f": {' or '.join(sorted(map(label, bodies)))}" if bodies else ""
                said = f"{' and '.join(map(label, powers))}{over} is left open"
                title = f"{said} under {label(asked.plan)}{who}"
                found.append(Explanation(title, Found(goal, (Proof(goal),))))
        return found

    def explain_denial(self, goal: ox.Triple) -> list[Explanation]:
        """Explain why the opposite of a triple holds, where it does."""
        subject, predicate, value = nodes(goal)
        found = []
        for node in self.facts.subjects(OWL + "sourceIndividual", subject):
            says = predicate in self.facts.values(
                node, OWL + "assertionProperty"
            ) and value in self.facts.values(node, OWL + "targetIndividual")
            denial = as_triple(node, _TYPE, ox.NamedNode(OWL + "NegativePropertyAssertion"))
            if says and denial is not None:
                title = f"denied: {self.wording.sentence(goal)}"
                found.append(Explanation(title, self.finder.all_proofs(denial, most=1)))
        return found

    def explain_triple(self, goal: ox.Triple, *, everything: bool = False) -> Explanation:
        """Explain one triple; its proofs are none where it doesn't hold.

        Raises:
            ProgramError: the project's rules make no program.
            StoreError: the store cannot be asked.
        """
        found = self.finder.all_proofs(goal, most=MOST_PROOFS if everything else 1)
        return Explanation(self.wording.statement([goal]), found)

    def holdings(self, asked: Asked) -> list[ox.NamedNode]:
        """Return the holdings of a cell, in order."""
        found = []
        for node in self.facts.subjects(NS + "underPlan", asked.plan):
            powers = self.facts.values(node, NS + "power")
            holds = (
                isinstance(node, ox.NamedNode)
                and any(self._within(power, asked.power) for power in powers)
                and self._has(node, "holder", asked.body)
                and self._has(node, "matter", asked.matter)
                and self._bases(node)
            )
            if holds and isinstance(node, ox.NamedNode):
                found.append(node)
        return found

    def _has(self, node: Term, name: str, wanted: ox.NamedNode | None) -> bool:
        return wanted is None or wanted in self.facts.values(node, NS + name)

    def _within(self, power: Term, wanted: ox.NamedNode) -> bool:
        todo, seen = [power], set[Term]()
        while todo:
            node = todo.pop()
            if node == wanted:
                return True
            if node not in seen:
                seen.add(node)
                todo += self.facts.values(node, SKOS + "broader")
        return False

    def _bases(self, node: Term) -> list[ox.NamedNode]:
        """Return the kinds of holding that a rule of the project, not of OWL, makes it."""
        return [
            kind
            for kind in self.facts.values(node, RDF_TYPE)
            if isinstance(kind, ox.NamedNode) and kind in self.finder.rules.holding_kinds
        ]
