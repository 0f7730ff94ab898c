"""Explanations in short: what holds, who says so where, and the one rule that matters."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import pyoxigraph as ox

from nhskg.explain.evidence import Claim
from nhskg.explain.explaining import STIPULATED, Explainer, Explanation
from nhskg.explain.text_form import render_text
from nhskg.explain.tree import Branch, claim_branch
from nhskg.rdf.sparql.algebra import TYPE, Term
from nhskg.rdf.terms import NS, PROV
from nhskg.reasoning.proofs import Proof, Step
from nhskg.reasoning.triple_lookup import nodes

__all__ = ["MOST_LINES", "summary_branches"]

MOST_LINES: Final = 20
"""The lines that a summary takes at most, at 80 columns."""
_INHERITED, _PRESUPPOSED = (ox.NamedNode(f"{NS}{n}Holding") for n in ("Inherited", "Presupposed"))
_WILL_NOT: Final = ox.NamedNode(NS + "WillNot")
_DERIVED: Final = PROV + "wasDerivedFrom"
_COLUMNS: Final = 80
_DETAILS: Final = ((2, True), (1, True), (1, False), (0, False))
"""From more to less: how many claims of a proof are told, and whether the rule is described."""
_SAME: Final = ("power", "matter", "underPlan", "cohort", "bearerQualifier")


@dataclass(frozen=True, slots=True)
class _Part:
    """One proof: what it is of, its main step, and the claims that say so."""

    explanation: Explanation
    proof: Proof
    step: Step | None
    claims: tuple[Claim, ...]

    @property
    def node(self) -> Term:
        return nodes(self.proof.goal)[0]

    @property
    def kind(self) -> Term:
        return nodes(self.proof.goal)[2]


def summary_branches(explanations: Iterable[Explanation], explainer: Explainer) -> list[Branch]:
    """Return a short tree for each thing explained; all together fit in :data:`MOST_LINES`.

    Bodies that hold the same by the same rule are told in one. Where an explanation has several
    proofs, each is told by itself, and none is left out.
    """
    explanations = list(explanations)
    everything = any(len(each.found.proofs) > 1 for each in explanations)
    teller = _Teller(explainer)
    groups = teller.groups(explanations)
    branches: list[Branch] = []
    for most, described in _DETAILS:
        teller.told.clear()
        branches = [teller.branch(each, most, described=described) for each in groups]
        if everything or _lines(branches) <= MOST_LINES:
            return branches
    branches[1:] = map(teller.in_brief, groups[1:])
    while len(branches) > 1 and _lines(branches) > MOST_LINES - 2 * (len(branches) < len(groups)):
        branches.pop()
    left = len(groups) - len(branches)
    more = f"{left} more; --matter or --body narrows the cell, --full tells all"
    return [*branches, Branch(more)] if left else branches


def _lines(branches: Sequence[Branch]) -> int:
    return len(render_text(branches, width=_COLUMNS).splitlines())


class _Teller:
    def __init__(self, explainer: Explainer) -> None:
        self.explainer = explainer
        self.wording = explainer.wording
        self.rules = explainer.finder.rules
        self.told: set[str] = set()

    def groups(self, explanations: Iterable[Explanation]) -> list[list[_Part]]:
        """Return the proofs, those together that are told in one."""
        found: dict[object, list[_Part]] = {}
        for each in explanations:
            for proof in each.found.proofs:
                step = _main_step(proof)
                alone = len(each.found.proofs) == 1
                part = _Part(each, proof, step, tuple(self._claims(proof, step, alone=alone)))
                key: object = id(proof)
                if alone and self.wording.is_holding(part.node):
                    same = [str(self._values(part.node, name)) for name in _SAME]
                    key = (step and step.rule, proof.goal.object, *same, self._limits(each))
                found.setdefault(key, []).append(part)
        # a plan's own words on a matter come before what others presuppose of it
        return sorted(found.values(), key=lambda parts: self._place(parts[0]))

    def _place(self, part: _Part) -> tuple[object, ...]:
        about = [str(self._values(part.node, name)) for name in ("power", "matter")]
        return *about, part.kind != STIPULATED

    def branch(self, parts: Sequence[_Part], most: int, *, described: bool) -> Branch:
        """Return a group as a tree; what has been told stands there by its name only."""
        below = [Branch(words) for words in self._rests_on(parts)] if most else []
        kept = {part: part.claims[: max(most, 1)] for part in parts}
        for claim in {claim.iri: claim for claims in kept.values() for claim in claims}.values():
            of = [part for part in parts if claim in part.claims]
            names = " and ".join(self._label(part.node, "holder") for part in of)
            text = f"claim {claim.name}" + (f", of {names}" if len(of) < len(parts) else "")
            text += self._does(ox.NamedNode(claim.iri), of)
            told = claim.iri in self.told
            again = Branch(f"{text}, as above", kind="claim")
            below.append(again if told else claim_branch(claim, text))
            self.told.add(claim.iri)
        left = sum(len(part.claims) - len(kept[part]) for part in parts)
        below += [Branch(f"and {left} more; --full tells all")] if left else []
        below += [*self._further(parts), *self._of_limits(parts)] if most else []
        step, proof = parts[0].step, parts[0].proof
        if step is not None:
            below.append(self._rule(step, described=described))
        elif not below:
            leaves = self.explainer.evidence.leaves([proof.goal])
            below = [Branch(leaf.origin, kind="stated") for leaf in leaves]
        return Branch(self._title(parts), kind="conclusion", below=tuple(below))

    def _does(self, claim: ox.NamedNode, parts: Iterable[_Part]) -> str:
        """Return what a claim that only presupposes a holding would do with it."""
        held = [nodes(p)[0] for part in parts if part.step for p in part.step.premises]
        holders = {v for n in [*held, *(p.node for p in parts)] for v in self._values(n, "holder")}
        presupposed = any(part.kind == _PRESUPPOSED for part in parts)
        if not presupposed and holders.isdisjoint(self._values(claim, "fromBody")):
            return ""
        would = "would not" if _WILL_NOT in self._values(claim, "modality") else "would"
        action, plan = self._label(claim, "action"), self._label(claim, "provisionOf")
        return f", which {would} {action} it under {plan}"

    def _further(self, parts: Sequence[_Part]) -> list[Branch]:
        """Return how many more claims stipulate a holding than its one proof rests on."""
        if parts[0].kind != STIPULATED or len(parts[0].explanation.found.proofs) > 1:
            return []
        own = self._values(parts[0].node, "underPlan")
        found = {v for p in parts for v in self.explainer.facts.values(p.node, _DERIVED)}
        found -= {ox.NamedNode(claim.iri) for part in parts for claim in part.claims}
        more = sum(self._values(claim, "provisionOf") == own for claim in found)
        words = "1 more claim says so; --all tells it"
        words = words if more == 1 else f"{more} more claims say so; --all tells them"
        return [Branch(words)] if more else []

    def in_brief(self, parts: Sequence[_Part]) -> Branch:
        """Return what holds, and where the claims stand that say so."""
        where = _references(claim for part in parts for claim in part.claims)
        return Branch(self._title(parts), (where,) if where else ())

    def _of_limits(self, parts: Sequence[_Part]) -> list[Branch]:
        """Return where it is said what limits a holding, but for what has been told."""
        found: dict[str, None] = {}
        for limit in (limit for part in parts for limit in part.explanation.limits):
            for step in filter(None, map(_main_step, limit.proofs[:1])):
                proof, name = limit.proofs[0], limit.goal.predicate
                stated = [leaf for leaf in proof.leaves() if leaf.predicate == name]
                said = self._said(stated or (p for p in step.premises if not proof.step_for(p)))
                if said and not any(claim.iri in self.told for claim in said):
                    found[f"{self.wording.limit(limit.goal)}, by {_references(said)}"] = None
        return [Branch(words) for words in found]

    def _title(self, parts: Sequence[_Part]) -> str:
        explanation, proof = parts[0].explanation, parts[0].proof
        title = explanation.title
        if len(parts) > 1:
            kind = self.explainer.basis(parts[0].node, parts[0].kind)
            title = f"{self.wording.holding(*(part.node for part in parts))}: {kind}"
        count = len(explanation.found.proofs)
        if count > 1:
            steps = f"{len(proof.steps)} step{'s' if len(proof.steps) != 1 else ''}"
            title += f" (proof {explanation.found.proofs.index(proof) + 1} of {count}, {steps})"
        return "; ".join([title, *self._limits(explanation)])

    def _rule(self, step: Step, *, described: bool) -> Branch:
        if not step.source:
            axioms = [words for axiom in step.axioms if (words := self.wording.axiom(axiom))]
            return Branch("; ".join([f"by OWL 2 RL {step.rule}", *axioms]))
        if step.rule in self.told:
            return Branch(f"by {step.rule}, as above")
        self.told.add(step.rule)
        title, sentence = (
            known.get(step.rule) for known in (self.rules.titles, self.rules.sentences)
        )
        notes = [sentence] if described and sentence else []
        if not all(absence.optional for absence in step.absent):
            stays = any(nodes(triple)[2] == _INHERITED for triple in step.conclusions)
            way = "in the plan takes it away" if stays else "stands in its way"
            notes.append(f"checked: nothing {way}")
        return Branch(f"by {step.rule}" + (f": {title}" if title else ""), tuple(notes))

    def _rests_on(self, parts: Iterable[_Part]) -> list[str]:
        """Return the holdings under other plans, or of others, that the main steps rest on."""
        found: dict[str, None] = {}
        for step in (part.step for part in parts if part.step):
            own = {nodes(triple)[0] for triple in step.conclusions}
            for node in dict.fromkeys(nodes(premise)[0] for premise in step.premises):
                if node not in own and self.wording.is_holding(node):
                    holder = self._label(node, "holder")
                    same = holder in {self._label(each, "holder") for each in own}
                    kinds = (self.explainer.basis(node, k) for k in self.explainer.bases(node))
                    where = f"{'as' if same else holder} under {self._label(node, 'underPlan')}"
                    is_held = any(map(self.wording.is_holding, own))
                    words = where if is_held else self.wording.holding(node)
                    found[f"{words}: {', '.join(kinds)}"] = None
        return list(found)

    def _claims(self, proof: Proof, step: Step | None, *, alone: bool) -> list[Claim]:
        """Return the claims among a step's premises, or that the holdings among them rest on."""
        held = [p for p in step.premises if self.wording.is_holding(nodes(p)[0])] if step else []
        near = [p for p in step.premises if proof.step_for(p) is None] if step else []
        below = [leaf for premise in held for leaf in proof.leaves_below(premise)]
        if alone and nodes(proof.goal)[2] == _INHERITED:
            ends = (
                nodes(t) for s in proof.steps for t in s.conclusions if t.object == _PRESUPPOSED
            )
            both = [node for node, _, _ in ends if STIPULATED in self.explainer.bases(node)]
            found = (self.explainer.finder.shortest(ox.Triple(n, TYPE, STIPULATED)) for n in both)
            below = [leaf for other in found if other for leaf in other.leaves()] or below
        return self._said([*near, *below]) or self._said(proof.leaves())

    def _said(self, triples: Iterable[ox.Triple]) -> list[Claim]:
        """Return the claims that say some asserted triples, each once."""
        leaves = self.explainer.evidence.leaves(dict.fromkeys(triples))
        return list({leaf.claim.iri: leaf.claim for leaf in leaves if leaf.claim}.values())

    def _limits(self, explanation: Explanation) -> tuple[str, ...]:
        goals = [limit.goal for limit in explanation.limits]
        new = [t for t in goals if self.wording.label(nodes(t)[2]) not in explanation.title]
        return tuple(map(self.wording.limit, new))

    def _values(self, node: Term, name: str) -> list[Term]:
        return self.explainer.facts.values(node, NS + name)

    def _label(self, node: Term, name: str) -> str:
        return " and ".join(map(self.wording.label, self._values(node, name)))


def _references(claims: Iterable[Claim]) -> str:
    passages = [passage for claim in claims for passage in claim.passages]
    return "; ".join(dict.fromkeys(f"{p.document}:{p.start}-{p.end}" for p in passages))


def _main_step(proof: Proof) -> Step | None:
    """Return the last step by a rule of the project, else the last step."""
    last = proof.step_for(proof.goal)
    todo = [last] if last else []
    for step in todo:
        if step.source:
            return step
        todo += [by for premise in step.premises if (by := proof.step_for(premise))]
    return last
