"""Explains cells of the matrix, and single triples."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pyoxigraph as ox

from nhskg.explain.evidence import Evidence
from nhskg.explain.names import Names
from nhskg.explain.wording import Wording
from nhskg.rdf.sparql.algebra import TYPE, Pattern, Term
from nhskg.rdf.terms import NS, OWL, RDF_TYPE, SKOS
from nhskg.reasoning.domain import RuleText
from nhskg.reasoning.proof_finder import MOST_PROOFS, ProofFinder
from nhskg.reasoning.proofs import Found, Proof
from nhskg.reasoning.triple_lookup import Facts, as_triple, nodes

__all__ = ["STIPULATED", "Asked", "Explainer", "Explanation"]

STIPULATED: Final = ox.NamedNode(NS + "StipulatedHolding")
_LIMITS: Final = (
    *("effectiveWhen", "heldUntil", "reducedBy", "subjectTo", "cohort", "quantity"),
    "bearerQualifier",
)
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

    Raises:
        ProgramError, StoreError: from every explanation, where the project's rules make no
            program or the store cannot be asked.
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
        """
        most = MOST_PROOFS if everything else 1
        explanations = []
        for node in self.holdings(asked):
            limits = tuple(
                self.finder.all_proofs(ox.Triple(node, ox.NamedNode(NS + name), value), most=most)
                for name in _LIMITS
                for value in self.facts.values(node, NS + name)
            )
            for number, kind in enumerate(self.bases(node)):
                found = self.finder.all_proofs(ox.Triple(node, TYPE, kind), most=most)
                title = f"{self.wording.holding(node)}: {self.basis(node, kind)}"
                explanations.append(Explanation(title, found, () if number else limits))
        return explanations

    def explain_open(self, asked: Asked) -> list[Explanation]:
        """Explain where somebody says that a plan leaves a cell open: by that claim."""
        wanted = {"subject": asked.plan, "candidate": asked.body, "matter": asked.matter}
        found = []
        for claim in self._described(NS + "Silence", wanted, asked.power):
            said = {
                name: [self.wording.label(each) for each in self.facts.values(claim, NS + name)]
                for name in ("power", "matter", "candidate")
            }
            over = f" over {' and '.join(said['matter'])}" if said["matter"] else ""
            who = f": {' or '.join(sorted(said['candidate']))}" if said["candidate"] else ""
            what = f"{' and '.join(said['power'])}{over} is left open"
            title = f"{what} under {self.wording.label(asked.plan)}{who}"
            goal = ox.Triple(claim, TYPE, ox.NamedNode(NS + "Silence"))
            found.append(Explanation(title, Found(goal, (Proof(goal),))))
        return found

    def explain_denial(self, goal: ox.Triple) -> list[Explanation]:
        """Explain why the opposite of a triple holds, where it does."""
        names = (OWL + "sourceIndividual", OWL + "assertionProperty", OWL + "targetIndividual")
        node = ox.Variable("denial")
        pairs = zip(names, nodes(goal), strict=True)
        says = [Pattern(node, ox.NamedNode(name), term) for name, term in pairs]
        denied = ox.NamedNode(OWL + "NegativePropertyAssertion")
        title = f"denied: {self.wording.sentence(goal)}"
        triples = [
            as_triple(Pattern(node, TYPE, denied).substituted(dict(row)))
            for row in self.facts.join([*says, Pattern(node, TYPE, denied)], {})
        ]
        return [Explanation(title, self.finder.all_proofs(t, most=1)) for t in triples if t]

    def explain_triple(self, goal: ox.Triple, *, everything: bool = False) -> Explanation:
        """Explain one triple; its proofs are none where it doesn't hold."""
        found = self.finder.all_proofs(goal, most=MOST_PROOFS if everything else 1)
        return Explanation(self.wording.statement([goal]), found)

    def holdings(self, asked: Asked) -> list[ox.NamedNode]:
        """Return the holdings of a cell, in order."""
        wanted = {"underPlan": asked.plan, "holder": asked.body, "matter": asked.matter}
        return [node for node in self._described("", wanted, asked.power) if self.bases(node)]

    def _described(
        self, kind: str, wanted: Mapping[str, ox.NamedNode | None], power: ox.NamedNode
    ) -> list[ox.NamedNode]:
        """Return what is in a class, has some values, and the power or a narrower one."""
        node, any_power = ox.Variable("node"), ox.Variable("power")
        patterns = [Pattern(node, ox.NamedNode(NS + "power"), any_power)]
        patterns += [Pattern(node, ox.NamedNode(NS + n), v) for n, v in wanted.items() if v]
        patterns += [Pattern(node, TYPE, ox.NamedNode(kind))] if kind else []
        patterns += [Pattern(any_power, ox.NamedNode(SKOS + "broader"), power, "*")]
        found = {row[node] for row in self.facts.join(patterns, {})}
        return sorted((n for n in found if isinstance(n, ox.NamedNode)), key=str)

    def bases(self, node: Term) -> list[ox.NamedNode]:
        """Return the kinds of holding that the project's rules make it, the stipulated first."""
        kinds = self.facts.values(node, RDF_TYPE)
        known = self.finder.rules.holding_kinds
        found = [kind for kind in kinds if isinstance(kind, ox.NamedNode) and kind in known]
        return sorted(found, key=lambda kind: kind != STIPULATED)

    def basis(self, node: Term, kind: Term) -> str:
        """Return the words for a kind of holding; a gated stipulated one is conditional."""
        gated = kind == STIPULATED and self.facts.value(node, NS + "effectiveWhen")
        return "conditional holding" if gated else self.wording.label(kind)
