"""Explanations in short: what holds, who says so where, and by which rule."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import pyoxigraph as ox

from nhskg.explain.explaining import ORIGINS, STIPULATED, Claim, Explainer, Explanation
from nhskg.explain.proof_forms import Branch, claim_branch, render_text
from nhskg.rdf.sparql.algebra import TYPE, Term
from nhskg.rdf.terms import NS, PROV
from nhskg.reasoning.proofs import Proof, Step
from nhskg.reasoning.triple_lookup import nodes

MOST_LINES: Final = 20
"""The lines that a summary takes at most, at 80 columns."""
# from more to less: how many claims of a proof are shown, and whether the rule is described
_DETAILS: Final = ((2, True), (1, True), (1, False), (0, False))
_INHERITED, _PRESUPPOSED = (ox.NamedNode(f"{NS}{n}Holding") for n in ("Inherited", "Presupposed"))
_SAME: Final = ("power", "matter", "underPlan", "cohort", "bearerQualifier")


@dataclass(frozen=True, slots=True)
class _Part:
    """One proof: of which thing and kind, its main step, and the claims that say so."""

    explanation: Explanation
    proof: Proof
    node: Term
    kind: Term
    step: Step | None
    claims: tuple[Claim, ...]


def summary_branches(explanations: Sequence[Explanation], explainer: Explainer) -> list[Branch]:
    """Return a short tree for each explanation; all together fit in :data:`MOST_LINES`.

    Bodies that hold the same by the same rule share a tree. Where an explanation has several
    proofs, each has its own, and none is left out.
    """

    def lines() -> int:
        return len(render_text(branches, width=80).splitlines())

    everything = any(len(each.found.proofs) > 1 for each in explanations)
    summary = _Summary(explainer)
    groups = summary.groups(explanations)
    for most, described in _DETAILS:
        summary.shown.clear()
        branches = [summary.branch(each, most, described=described) for each in groups]
        if everything or lines() <= MOST_LINES:
            return branches
    for number, parts in enumerate(groups[1:], start=1):
        where = _references(claim for part in parts for claim in part.claims)
        branches[number] = Branch(summary.title(parts), (where,) if where else ())
    while len(branches) > 1 and lines() > MOST_LINES - 2 * (len(branches) < len(groups)):
        branches.pop()
    left = len(groups) - len(branches)
    more = f"{left} more; --matter or --body narrows the cell, --full tells all"
    return [*branches, Branch(more)] if left else branches


class _Summary:
    """Makes the trees; ``shown`` are the claims and rules that are shown already."""

    def __init__(self, explainer: Explainer) -> None:
        self.explainer = explainer
        self.facts = explainer.facts
        self.wording = explainer.wording
        self.claims_of = explainer.evidence.claims
        self.shown: set[str] = set()

    def groups(self, explanations: Iterable[Explanation]) -> list[list[_Part]]:
        """Return the proofs, those together that share a tree."""
        found: dict[object, list[_Part]] = {}
        for each in explanations:
            alone = len(each.found.proofs) == 1
            for proof in each.found.proofs:
                step = _main_step(proof)
                node, _, kind = nodes(proof.goal)
                claims = tuple(self._claims(proof, step, alone=alone))
                key: object = id(proof)
                if alone and self.wording.is_holding(node):
                    same = [str(self._values(node, name)) for name in _SAME]
                    key = (step and step.rule, kind, *same, self._limits(each))
                found.setdefault(key, []).append(_Part(each, proof, node, kind, step, claims))

        def place(parts: list[_Part]) -> tuple[object, ...]:
            power, matter = (str(self._values(parts[0].node, n)) for n in ("power", "matter"))
            # a plan's own words on a matter come before what others presuppose of it
            return power, matter, parts[0].kind != STIPULATED

        return sorted(found.values(), key=place)

    def branch(self, parts: Sequence[_Part], most: int, *, described: bool) -> Branch:
        """Return a group as a tree; what is shown already is only named."""
        below = list(map(Branch, dict.fromkeys(self._rests_on(parts)))) if most else []
        kept = {part: part.claims[: max(most, 1)] for part in parts}
        for claim in dict.fromkeys(claim for claims in kept.values() for claim in claims):
            of = [part for part in parts if claim in part.claims]
            names = " and ".join(self.wording.all_labels(part.node, "holder") for part in of)
            text = f"claim {claim.name}" + (f", of {names}" if len(of) < len(parts) else "")
            text += self._does(ox.NamedNode(claim.iri), of)
            is_new = claim.iri not in self.shown
            below.append(claim_branch(claim, text) if is_new else Branch(f"{text}, as above"))
            self.shown.add(claim.iri)
        left = sum(len(part.claims) - len(kept[part]) for part in parts)
        below += [Branch(f"and {left} more; --full tells all")] if left else []
        further = (*self._further(parts), *dict.fromkeys(self._of_limits(parts))) if most else ()
        below += map(Branch, further)
        if parts[0].step is not None:
            below.append(self._rule(parts[0].step, described=described))
        elif not below:
            (leaf,) = self.explainer.evidence.leaves([parts[0].proof.goal])
            below = [Branch(ORIGINS[leaf.source])]
        return Branch(self.title(parts), below=tuple(below), main=True)

    def title(self, parts: Sequence[_Part]) -> str:
        """Return what holds, in words."""
        first = parts[0]
        title, proofs = first.explanation.title, first.explanation.found.proofs
        if len(parts) > 1:
            kind = self.explainer.basis(first.node, first.kind)
            title = f"{self.wording.holding(*(part.node for part in parts))}: {kind}"
        if len(proofs) > 1:
            number = proofs.index(first.proof) + 1
            title += f" (proof {number} of {len(proofs)}, {first.proof.size})"
        return "; ".join([title, *self._limits(first.explanation)])

    def _limits(self, explanation: Explanation) -> tuple[str, ...]:
        goals = [limit.goal for limit in explanation.limits]
        new = [t for t in goals if self.wording.label(nodes(t)[2]) not in explanation.title]
        return tuple(map(self.wording.limit, new))

    def _rests_on(self, parts: Iterable[_Part]) -> Iterator[str]:
        """Yield the holdings under other plans, or of others, that the main steps rest on."""
        labels, is_holding = self.wording.all_labels, self.wording.is_holding
        for step in (part.step for part in parts if part.step):
            own = {nodes(triple)[0] for triple in step.conclusions}
            others = dict.fromkeys(nodes(p)[0] for p in step.premises if p.subject not in own)
            for node in filter(is_holding, others):
                words = self.wording.holding(node)
                if any(map(is_holding, own)):
                    holder = labels(node, "holder")
                    same = holder in {labels(each, "holder") for each in own}
                    words = f"{'as' if same else holder} under {labels(node, 'underPlan')}"
                kinds = (self.explainer.basis(node, kind) for kind in self.explainer.bases(node))
                yield f"{words}: {', '.join(kinds)}"

    def _does(self, claim: ox.NamedNode, parts: Iterable[_Part]) -> str:
        """Return what a claim that only presupposes a holding would do with it."""
        held = {part.node for part in parts}
        held |= {nodes(t)[0] for part in parts if part.step for t in part.step.premises}
        holders = {value for node in held for value in self._values(node, "holder")}
        presupposed = any(part.kind == _PRESUPPOSED for part in parts)
        if not presupposed and holders.isdisjoint(self._values(claim, "fromBody")):
            return ""
        is_ruled_out = ox.NamedNode(NS + "WillNot") in self._values(claim, "modality")
        would = "would not" if is_ruled_out else "would"
        action, plan = (self.wording.all_labels(claim, n) for n in ("action", "provisionOf"))
        return f", which {would} {action} it under {plan}"

    def _further(self, parts: Sequence[_Part]) -> list[str]:
        """Return how many more claims stipulate a holding than its one proof rests on."""
        if parts[0].kind != STIPULATED or len(parts[0].explanation.found.proofs) > 1:
            return []
        own = self._values(parts[0].node, "underPlan")
        found = {v for p in parts for v in self.facts.values(p.node, PROV + "wasDerivedFrom")}
        found -= {ox.NamedNode(claim.iri) for part in parts for claim in part.claims}
        more = sum(self._values(claim, "provisionOf") == own for claim in found)
        one, many = "1 more claim says so; --all tells it", "more claims say so; --all tells them"
        return [one if more == 1 else f"{more} {many}"] if more else []

    def _of_limits(self, parts: Sequence[_Part]) -> Iterator[str]:
        """Yield where it is said what limits a holding, unless the claim is shown."""
        for limit in (limit for part in parts for limit in part.explanation.limits):
            proof = limit.proofs[0] if limit.proofs else Proof(limit.goal)
            stated = [leaf for leaf in proof.leaves() if leaf.predicate == limit.goal.predicate]
            said = self.claims_of(stated or _near(proof, _main_step(proof)))
            if said and not any(claim.iri in self.shown for claim in said):
                yield f"{self.wording.limit(limit.goal)}, by {_references(said)}"

    def _rule(self, step: Step, *, described: bool) -> Branch:
        if not step.source:
            return Branch("; ".join([f"by OWL 2 RL {step.rule}", *self.explainer.axioms(step)]))
        if step.rule in self.shown:
            return Branch(f"by {step.rule}, as above")
        self.shown.add(step.rule)
        header = self.explainer.header
        title, description = header(step.rule, "title"), header(step.rule, "description")
        first = description.split(". ")[0].rstrip(".")
        notes = [f"{first}."] if described and first else []
        if not all(absence.optional for absence in step.absent):
            stays = any(nodes(triple)[2] == _INHERITED for triple in step.conclusions)
            way = "in the plan takes it away" if stays else "stands in its way"
            notes.append(f"checked: nothing {way}")
        return Branch(f"by {step.rule}" + (f": {title}" if title else ""), tuple(notes))

    def _claims(self, proof: Proof, step: Step | None, *, alone: bool) -> list[Claim]:
        """Return the claims among a step's premises, or that the holdings among them rest on."""
        premises = step.premises if step else ()
        held = [p for p in premises if self.wording.is_holding(nodes(p)[0])]
        below = [leaf for premise in held for leaf in proof.leaves_below(premise)]
        if alone and nodes(proof.goal)[2] == _INHERITED:
            concluded = (t for s in proof.steps for t in s.conclusions if t.object == _PRESUPPOSED)
            starts = (nodes(triple)[0] for triple in concluded)
            both = [node for node in starts if STIPULATED in self.explainer.bases(node)]
            found = (self.explainer.finder.shortest(ox.Triple(n, TYPE, STIPULATED)) for n in both)
            below = [leaf for other in found if other for leaf in other.leaves()] or below
        return self.claims_of([*_near(proof, step), *below]) or self.claims_of(proof.leaves())

    def _values(self, node: Term, name: str) -> list[Term]:
        return self.facts.values(node, NS + name)


def _references(claims: Iterable[Claim]) -> str:
    passages = [passage for claim in claims for passage in claim.passages]
    return "; ".join(dict.fromkeys(passage.reference for passage in passages))


def _main_step(proof: Proof) -> Step | None:
    """Return the last step by a rule of the project, else the last step."""
    last = proof.step_for(proof.goal)
    steps = [last, *proof.steps_below(last)] if last else []
    return next((step for step in steps if step.source), last)


def _near(proof: Proof, step: Step | None) -> list[ox.Triple]:
    """Return the asserted premises of a step."""
    return [p for p in (step.premises if step else ()) if proof.step_for(p) is None]
