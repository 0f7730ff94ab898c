"""Explanations in short: what holds, who says so where, and by which rule."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import pyoxigraph as ox

from nhskg.explain.explaining import ORIGINS, Claim, Explainer, Explanation
from nhskg.explain.proof_forms import claim_branch
from nhskg.rdf.sparql.algebra import TYPE, Term
from nhskg.rdf.terms import NS
from nhskg.reasoning.proof_trees import Branch, render_text
from nhskg.reasoning.proofs import Proof, Step
from nhskg.reasoning.triple_lookup import nodes

MOST_LINES: Final = 20
"""The lines that a summary takes at most, at 80 columns."""
# from more to less: how many claims of a proof are shown, and whether the rule is described
_DETAILS: Final = ((2, True), (1, True), (1, False), (0, False))
_UNCHANGED: Final = ox.NamedNode(NS + "UnchangedHolding")
_SAME: Final = ("power", "matter", "underPlan", "effect")
_AT_ONCE: Final = dict.fromkeys(("SaysSo", "KeptSo", "TakenAway", "Ended"), "Unconditional")
_OWN: Final = {
    **_AT_ONCE,
    "PlainlyInForce": "Effective",
    "OnCondition": "Effective",
    "Suggested": "",
}
"""The bases of an entry of which a plan may have more to say than one proof rests on, with the
provisions that support them."""


@dataclass(frozen=True, slots=True)
class _Part:
    """One proof: of which thing, its main step, and the claims that say so."""

    explanation: Explanation
    proof: Proof
    node: Term
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
        claims = (claim for part in parts for claim in part.claims)
        where = dict.fromkeys(each.reference for claim in claims for each in claim.passages)
        branches[number] = Branch(summary.title(parts), ("; ".join(where),) if where else ())
    while len(branches) > 1 and lines() > MOST_LINES - 2 * (len(branches) < len(groups)):
        branches.pop()
    left = len(groups) - len(branches)
    more = f"{left} more; --matter or --body narrows the cell, --full tells all"
    return [*branches, Branch(more)] if left else branches


def stated_branches(explanation: Explanation, explainer: Explainer) -> list[Branch]:
    """Return what claims say of a triple, but for those that make it a fact, with who denies it."""
    goal, proofs = explanation.found.goal, explanation.found.proofs
    stated, denied = explainer.stated(goal)
    leaves = (leaf for proof in proofs for leaf in proof.leaves())
    known = {claim.iri for claim in explainer.evidence.claims(leaves)}
    says = [("claim", each) for each in stated if each.iri not in known]
    says += [("denied by claim", each) for each in denied]
    if not says:
        return []
    below = [claim_branch(claim, f"{lead} {claim.name}") for lead, claim in says]
    told = "told as claims and not as a plain fact; --full says by which rule"
    below += [] if proofs else [Branch(told)]
    how = " and ".join(["stated"] * bool(stated) + ["denied"] * bool(denied))
    return [Branch(f"{how}: {explainer.wording.sentence(goal)}", below=tuple(below), main=True)]


class _Summary:
    """Makes the trees; ``shown`` are the claims and rules that are shown already."""

    def __init__(self, explainer: Explainer) -> None:
        self.explainer = explainer
        self.facts = explainer.facts
        self.wording = explainer.wording
        self.claims_of = explainer.evidence.claims
        self.claims_named = explainer.evidence.claims_named
        self.shown: set[str] = set()

    def groups(self, explanations: Iterable[Explanation]) -> list[list[_Part]]:
        """Return the proofs, those together that share a tree."""
        found: dict[object, list[_Part]] = {}
        for each in explanations:
            alone = len(each.found.proofs) == 1
            for proof in each.found.proofs:
                step, node = _main_step(proof), nodes(proof.goal)[0]
                claims = tuple(self._claims(proof, step))
                part = _Part(each, proof, node, step, claims)
                key: object = id(proof)
                if alone and self.wording.is_entry(node):
                    same = [str(self._values(node, name)) for name in _SAME]
                    limits = [self._limits(claim, [part]) for claim in claims]
                    key = (step and step.rule, self.wording.standing(node), *same, str(limits))
                found.setdefault(key, []).append(part)
        return list(found.values())

    def branch(self, parts: Sequence[_Part], most: int, *, described: bool) -> Branch:
        """Return a group as a tree; what is shown already is only named."""
        below = list[Branch]()
        kept = {part: part.claims[: max(most, 1)] for part in parts}
        for claim in dict.fromkeys(claim for claims in kept.values() for claim in claims):
            of = [part for part in parts if claim in part.claims]
            names = " and ".join(self.wording.all_labels(part.node, "holder") for part in of)
            text = f"claim {claim.name}" + (f", of {names}" if len(of) < len(parts) else "")
            limits = self._limits(claim, of)
            text += self._does(ox.NamedNode(claim.iri)) if limits is None else ""
            is_new = claim.iri not in self.shown
            shown = claim_branch(claim, text, limits)
            again = Branch("; ".join([f"{text}, as above", *(limits or ())]))
            below.append(shown if is_new else again)
            self.shown.add(claim.iri)
        left = sum(len(part.claims) - len(kept[part]) for part in parts)
        below += [Branch(f"and {left} more; --full tells all")] if left else []
        if most:
            rests_on = dict.fromkeys(self._rests_on(parts))
            below += map(Branch, (*rests_on, *self._further(parts), *self._until(parts)))
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
        if self.wording.is_entry(first.node):
            said = (c for part in parts for c in part.claims if self._limits(c, parts) is not None)
            how = {self.wording.all_labels(ox.NamedNode(c.iri), "bearerQualifier") for c in said}
            is_plain = len(how) != 1 or self.facts.is_a(first.node, NS + "Loss")
            qualifier = "" if is_plain else how.pop()
            title = self.wording.told(*(part.node for part in parts), qualifier=qualifier)
        if len(proofs) > 1:
            number = proofs.index(first.proof) + 1
            title += f" (proof {number} of {len(proofs)}, {first.proof.size})"
        return title

    def _limits(self, claim: Claim, parts: Sequence[_Part]) -> list[str] | None:
        """Return the limits of a claim of an entry's plan, or of what that plan builds on."""
        node = ox.NamedNode(claim.iri)
        plans = self._values(parts[0].node, "underPlan")
        for plan in plans:
            plans += [base for base in self._values(plan, "baseline") if base not in plans]
        theirs = [*self._values(node, "provisionOf"), *self._values(node, "subject")]
        if self.wording.is_entry(parts[0].node) and not set(plans) & set(theirs):
            return None
        return self.wording.limits(node, parts[0].node)

    def _rests_on(self, parts: Iterable[_Part]) -> Iterator[str]:
        """Yield the entries under other plans, or of others, that the main steps rest on."""
        labels, is_entry = self.wording.all_labels, self.wording.is_entry
        for step in (part.step for part in parts if part.step):
            own = {nodes(triple)[0] for triple in step.conclusions}
            others = dict.fromkeys(nodes(p)[0] for p in step.premises if p.subject not in own)
            for node in filter(is_entry, others):
                words = self.wording.entry(node)
                if any(map(is_entry, own)):
                    holder = labels(node, "holder")
                    same = holder in {labels(each, "holder") for each in own}
                    words = f"{'as' if same else holder} under {labels(node, 'underPlan')}"
                yield f"{words}: {self.wording.standing(node)}"

    def _does(self, claim: ox.NamedNode) -> str:
        """Return what a claim of another plan, which implies a holding, would do with it."""
        is_ruled_out = ox.NamedNode(NS + "WillNot") in self._values(claim, "modality")
        would = "would not" if is_ruled_out else "would"
        action, plan = (self.wording.all_labels(claim, n) for n in ("action", "provisionOf"))
        return f", which {would} {action} it under {plan}"

    def _further(self, parts: Sequence[_Part]) -> list[str]:
        """Return what more claims of the plan say than its one proof rests on, or how many do."""
        kind = self._kind(parts[0].node)
        if not kind or len(parts[0].explanation.found.proofs) > 1:
            return []
        own = self._values(parts[0].node, "underPlan")
        found = {claim for part in parts for claim in self.wording.claims_of(part.node)}
        found -= {ox.NamedNode(claim.iri) for part in parts for claim in part.claims}
        said = [claim for claim in found if self._values(claim, "provisionOf") == own]
        firm = sorted((c for c in said if self.facts.is_a(c, kind)), key=str)
        shown = [self._limits(claim, parts) for part in parts for claim in part.claims]
        more = len(firm)
        one, many = (
            "1 more claim says so; why --all tells it",
            "more claims say so; why --all tells them",
        )
        others = ((each.name, self._limits(each, parts)) for each in self.claims_named(firm))
        differing = [
            f"{name} ({'; '.join(n or ['no limits'])})" for name, n in others if n not in shown
        ]
        apart = f": {', '.join(differing)}" if differing else ""
        told = [(one if more == 1 else f"{more} {many}") + apart] if more else []
        less = len(said) - more
        one, many = "1 claim says so less firmly", "claims say so less firmly"
        return [*told, one if less == 1 else f"{less} {many}"] if less else told

    def _until(self, parts: Sequence[_Part]) -> list[str]:
        """Return who has in force what another is to have on condition, or what a loss leaves."""
        node, wording = parts[0].node, self.wording
        if wording.basis(node) == "OnCondition" and not any(self._rests_on(parts)):
            found = self.explainer.in_force(node)
            names = (
                (wording.all_labels(e, "holder") or wording.all_labels(e, "matter"), e)
                for e in found
            )
            who = " and ".join(f"{name} ({wording.standing(e)})" for name, e in names)
            who = who or "no text says"
            return [f"until then, as the texts report it: {who}"]
        is_taken = wording.basis(node) in ("TakenAway", "Ended")
        return ["the rest stays where it was"] if is_taken and self.explainer.is_left(node) else []

    def _rule(self, step: Step, *, described: bool) -> Branch:
        if not step.source:
            return Branch("follows from the definitions of the ontology; --full tells each step")
        if step.rule in self.shown:
            return Branch(f"by {step.rule}, as above")
        self.shown.add(step.rule)
        header = self.explainer.header
        title, description = header(step.rule, "title"), header(step.rule, "description")
        first = description.split(". ")[0].rstrip(".")
        notes = [f"{first}."] if described and first else []
        if not all(absence.optional for absence in step.absent):
            stays = any(nodes(triple)[2] == _UNCHANGED for triple in step.conclusions)
            way = "in the plan takes it away" if stays else "stands in its way"
            notes.append(f"checked: nothing {way}")
        return Branch(f"by {step.rule}" + (f": {title}" if title else ""), tuple(notes))

    def _claims(self, proof: Proof, step: Step | None) -> list[Claim]:
        """Return the claims among a step's premises, or that the entries among them rest on."""
        premises = step.premises if step else ()
        near = self.claims_of(p for p in premises if proof.step_for(p) is None)
        held = [p for p in premises if self.wording.is_entry(nodes(p)[0])]
        below = [leaf for premise in held for leaf in proof.leaves_below(premise)]
        entry = nodes(proof.goal)[0]
        if near and (kind := self._kind(entry)):  # the basis can rest on another claim, as firm
            own = {c.value for c in self.wording.claims_of(entry) if self.facts.is_a(c, kind)}
            if own.isdisjoint(claim.iri for claim in near):
                near = [c for c in self.claims_of(proof.leaves()) if c.iri in own] or near
        return near or self.claims_of(below) or self.claims_of(proof.leaves())

    def _kind(self, entry: Term) -> str:
        """Return the class of the provisions that support the basis of an entry, if any do."""
        basis = self.wording.basis(entry)
        return f"{NS}{_OWN[basis]}Provision" if basis in _OWN else ""

    def _values(self, node: Term, name: str) -> list[Term]:
        return self.facts.values(node, NS + name)


def _main_step(proof: Proof) -> Step | None:
    """Return the last step by a rule of the project that makes a thing, else the last step.

    The rule that finds the basis of an entry is told by the title.
    """
    last = proof.step_for(proof.goal)
    steps = [last, *proof.steps_below(last)] if last else []
    own = [step for step in steps if step.source]
    makes = (
        s
        for s in own
        if any(t.predicate == TYPE and t.subject == proof.goal.subject for t in s.conclusions)
    )
    return next(makes, next(iter(own), last))
