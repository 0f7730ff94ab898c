"""Explain cells of the matrix, and single triples: proofs with the words for them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePath
from typing import Final

import pyoxigraph as ox

from nhskg.explain.evidence import Evidence
from nhskg.explain.names import read_triple
from nhskg.explain.wording import Wording
from nhskg.queries.names import resolve
from nhskg.rdf.sparql.algebra import TYPE, Pattern, Term
from nhskg.rdf.terms import DERIVED_GRAPH, NS, OWL, SKOS
from nhskg.reasoning.proof_finder import MOST_PROOFS, ProofFinder
from nhskg.reasoning.proofs import Found, Proof, Step
from nhskg.reasoning.rules import Rule, RuleText
from nhskg.reasoning.triple_lookup import nodes

STIPULATED: Final = ox.NamedNode(NS + "StipulatedHolding")
_HOLDER: Final = ox.NamedNode(NS + "holder")
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
        self.finder = ProofFinder(store, texts, derived=ox.NamedNode(DERIVED_GRAPH))
        self.facts = self.finder.facts
        self.wording = Wording(self.facts)
        self.evidence = Evidence(self.facts, passages)

    # -- what is asked

    def asked(
        self, *, plan: str, power: str, body: str | None = None, matter: str | None = None
    ) -> Asked:
        """Return the cell that some names stand for.

        Raises:
            UsageError: a name is unknown; names the nearest.
        """
        store = self.facts.store
        return Asked(
            resolve(store, plan, "plan"),
            resolve(store, power, "power"),
            resolve(store, body, "agent", called="body") if body else None,
            resolve(store, matter, "matter") if matter else None,
        )

    def triple(self, subject: str, predicate: str, value: str) -> ox.Triple:
        """Return the triple that three names stand for.

        Raises:
            UsageError: a name is unknown; names the nearest.
        """
        return read_triple(self.facts, subject, predicate, value)

    # -- explanations

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
            matter, power = (self.wording.all_labels(claim, n) for n in ("matter", "power"))
            bodies = sorted(map(self.wording.label, self.facts.values(claim, NS + "candidate")))
            over = f" over {matter}" if matter else ""
            who = f": {' or '.join(bodies)}" if bodies else ""
            title = f"{power}{over} is left open under {self.wording.label(asked.plan)}{who}"
            goal = ox.Triple(claim, TYPE, ox.NamedNode(NS + "Silence"))
            found.append(Explanation(title, Found(goal, (Proof(goal),))))
        return found

    def explain_denial(self, goal: ox.Triple) -> list[Explanation]:
        """Explain why the opposite of a triple holds, where it does."""
        names = ("sourceIndividual", "assertionProperty", "targetIndividual")
        node, denied = ox.Variable("denial"), ox.NamedNode(OWL + "NegativePropertyAssertion")
        pairs = zip(names, nodes(goal), strict=True)
        says = [Pattern(node, ox.NamedNode(OWL + name), term) for name, term in pairs]
        rows = self.facts.join([*says, Pattern(node, TYPE, denied)], {})
        title = f"denied: {self.wording.sentence(goal)}"
        triples = [ox.Triple(row[node], TYPE, denied) for row in rows]  # type: ignore[arg-type]
        return [Explanation(title, self.finder.all_proofs(each, most=1)) for each in triples]

    def explain_triple(self, goal: ox.Triple, *, everything: bool = False) -> Explanation:
        """Explain one triple; its proofs are none where it doesn't hold."""
        found = self.finder.all_proofs(goal, most=MOST_PROOFS if everything else 1)
        return Explanation(self.wording.statement([goal]), found)

    # -- holdings

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

    @cached_property
    def holding_rules(self) -> list[Rule]:
        """The project's rules that give a body a holding."""
        rules = self.finder.rules.program.rules
        return [r for r in rules if r.source and any(h.predicate == _HOLDER for h in r.head)]

    @cached_property
    def holding_kinds(self) -> frozenset[Term]:
        """The classes in which the project's rules put holdings: the bases of the matrix."""
        heads = (head for rule in self.holding_rules for head in rule.head)
        return frozenset(
            h.object for h in heads if h.predicate == TYPE and isinstance(h.object, ox.NamedNode)
        )

    def bases(self, node: Term) -> list[Term]:
        """Return the kinds of holding that the project's rules make it, the stipulated first."""
        found = self.holding_kinds.intersection(self.facts.values(node, TYPE.value))
        return sorted(found, key=lambda kind: (kind != STIPULATED, str(kind)))

    def basis(self, node: Term, kind: Term) -> str:
        """Return the words for a kind of holding; a gated stipulated one is conditional."""
        gated = kind == STIPULATED and self.facts.value(node, NS + "effectiveWhen")
        return "conditional holding" if gated else self.wording.label(kind)

    # -- steps

    def title(self, step: Step) -> str:
        """Return the title of a step's rule; none of a rule of OWL."""
        return self.finder.rules.header(step.rule, "title") if step.source else ""

    def axioms(self, step: Step) -> list[str]:
        """Return the axioms of a step in words."""
        return list(filter(None, map(self.wording.axiom, step.axioms)))


def rule_file(step: Step) -> str:
    """Return the end of the path of a rule's file, the same wherever a project is."""
    return "/".join(PurePath(step.source).parts[-3:])
