"""Why a body does *not* hold a power: the rules that come nearest, and what they lack.

The plan, power, body and matter asked for are put into the head of each rule that gives a
holding. Where all that the rule asks to be there is there, a negated part has a match: that is
what stands in the way. Else one premise is left out, or the body, the matter or the power is left
open, the cheapest first, until the rest has a match: that is missing.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Final

import pyoxigraph as ox

from nhskg.explain.evidence import Leaf
from nhskg.explain.explaining import Asked, Explainer
from nhskg.rdf.sparql.algebra import TYPE, Element, Exists, Group, Minus, Pattern, Term
from nhskg.rdf.terms import NS
from nhskg.reasoning.rule_instances import premises, solutions
from nhskg.reasoning.rules import Rule
from nhskg.reasoning.triple_lookup import Bindings, match, nodes, substituted

__all__ = ["NEAR", "Attempt", "Block", "Refusal", "explain_absence", "explain_refusal"]

_MOST: Final = 3
"""How many equally near matches of one rule are given."""
_MOST_ROWS: Final = 200
_BLOCKED, _PREMISE, NEAR = 0.5, 1.0, 2.5
_OPEN: Final = {"body": 2.0, "matter": NEAR, "power": 3.0}
"""How far off a match is with another body, matter or power; what is further than NEAR is far."""
_HEADS: Final = {"plan": "underPlan", "power": "power", "body": "holder", "matter": "matter"}
_OF_PLANS: Final = {ox.NamedNode(NS + name) for name in ("underPlan", "provisionOf", "baseline")}


@dataclass(frozen=True, slots=True)
class Block:
    """What is there and must not be, in words, and the claims that it rests on."""

    words: str
    leaves: tuple[Leaf, ...]


@dataclass(frozen=True, slots=True)
class Attempt:
    """How near a rule comes to giving the holding.

    Attributes:
        rule: its name.
        title: its title.
        distance: how near; rules with all their premises come first.
        there: the holdings that the rule needs and has, in words.
        leaves: the claims behind what it has.
        missing: what it needs and has not, in words.
        blocks: what stands in the way, where nothing is missing.
    """

    rule: str
    title: str
    distance: float
    there: tuple[str, ...]
    leaves: tuple[Leaf, ...]
    missing: tuple[str, ...] = ()
    blocks: tuple[Block, ...] = ()


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a body does not hold a power under a plan.

    Attributes:
        asked: what was asked.
        title: the answer in words.
        held: the holdings in words, if it does hold it: then there is nothing to explain.
        instead: in words, what others hold of that power there.
        left_open: where a text says that the plan leaves it open: what, and the claim.
        attempts: the rules that could have given it, the nearest first.
        before: the same for the plan's baselines, where the body holds nothing there either.
    """

    asked: Asked
    title: str
    held: tuple[str, ...] = ()
    instead: tuple[str, ...] = ()
    left_open: tuple[tuple[str, Leaf], ...] = ()
    attempts: tuple[Attempt, ...] = ()
    before: tuple[Refusal, ...] = ()


def explain_refusal(explainer: Explainer, asked: Asked) -> Refusal:
    """Explain why a body does not hold a power.

    Raises:
        ProgramError: the project's rules make no program.
        StoreError: the store cannot be asked.
    """
    return _Seeker(explainer).refusal(asked, ())


def explain_absence(explainer: Explainer, goal: ox.Triple) -> list[Attempt]:
    """Return the rules of the project that would give a triple, and what stands in their way.

    Raises:
        ProgramError: the project's rules make no program.
        StoreError: the store cannot be asked.
    """
    seeker = _Seeker(explainer)
    rules = dict.fromkeys(rule for rule, _ in explainer.finder.rules.candidates(goal))
    bound = [(r, match(head, goal)) for r in rules if r.source for head in r.head]
    return [a for rule, values in bound if values for a in seeker.blocked(rule, values)]


class _Seeker:
    def __init__(self, explainer: Explainer) -> None:
        self.explainer = explainer
        self.facts = explainer.facts
        self.wording = explainer.wording

    def refusal(self, asked: Asked, above: tuple[ox.NamedNode, ...]) -> Refusal:
        """Return the refusal for a cell; ``above`` are the plans that build on its plan."""
        label = self.wording.label
        over = f" over {label(asked.matter)}" if asked.matter else ""
        who = label(asked.body) if asked.body else "anybody"
        title = f"{label(asked.power)}{over} is {{}}held by {who} under {label(asked.plan)}"
        held = self.explainer.holdings(asked)
        if held:
            return Refusal(asked, title.format(""), tuple(map(self._held, held)))
        anybody = replace(asked, body=None)
        plans = (*above, asked.plan)
        before = [
            self.refusal(replace(asked, plan=base), plans)
            for base in self.facts.values(asked.plan, NS + "baseline")
            if isinstance(base, ox.NamedNode) and base not in plans
        ]
        return Refusal(
            asked,
            title.format("not "),
            instead=tuple(map(self._held, self.explainer.holdings(anybody))),
            left_open=tuple(
                (each.title, self.explainer.evidence.leaves([each.found.goal])[0])
                for each in self.explainer.explain_open(anybody)
            ),
            attempts=tuple(sorted(self._attempts(asked), key=lambda a: (a.distance, a.rule))),
            before=tuple(each for each in before if not each.held),
        )

    def _held(self, node: ox.NamedNode) -> str:
        said = [self.explainer.basis(node, kind) for kind in self.explainer.bases(node)]
        for name in (ox.NamedNode(NS + "effectiveWhen"), ox.NamedNode(NS + "heldUntil")):
            found = self.facts.values(node, name.value)
            said += [self.wording.limit(ox.Triple(node, name, value)) for value in found]
        return f"{self.wording.holding(node)}: {', '.join(said)}"

    def _attempts(self, asked: Asked) -> Iterator[Attempt]:
        """Yield the nearest attempts of each rule that gives a holding."""
        for rule in self.explainer.holding_rules:
            found: dict[Attempt, None] = {}
            for variables in _head_variables(rule, asked):
                values = {variable: getattr(asked, name) for name, variable in variables.items()}
                blocked = list(self.blocked(rule, values))
                found |= dict.fromkeys(blocked or self._lacking(rule, variables, values))
            least = min((attempt.distance for attempt in found), default=0)
            nearest = [attempt for attempt in found if attempt.distance == least]
            yield from nearest[: _MOST if least <= NEAR else 1]

    # -- one rule

    def blocked(self, rule: Rule, values: Bindings) -> Iterator[Attempt]:
        """Yield the matches of a rule's positive part in which a negated part has a match."""
        positive = [element for element in rule.body.elements if not _is_negated(element)]
        for row in _first(solutions(positive, values, self.facts), _MOST):
            blocks: dict[Block, None] = {}
            for element in rule.body.elements:
                if not _is_negated(element):
                    continue
                assert isinstance(element, Exists | Minus)
                group = element.group
                for found in _first(solutions(group.elements, row, self.facts), _MOST):
                    leaves = self._leaves(self._support(group.elements, found))
                    words = self.wording.presence(substituted(group, row))
                    blocks[Block(words, leaves)] = None
            if blocks:
                attempt = self._attempt(rule, _BLOCKED, positive, row)
                yield replace(attempt, blocks=tuple(blocks))

    def _lacking(
        self, rule: Rule, variables: dict[str, ox.Variable], values: Bindings
    ) -> Iterator[Attempt]:
        """Yield the nearest matches of a rule that lacks a premise, or is of another thing."""
        patterns = list(rule.body.patterns())
        if next(self.facts.join(patterns, values), None) is not None:
            return  # all is there, but for a test of values
        for pattern in patterns:
            if pattern.variables() & values.keys() or pattern.predicate in _OF_PLANS:
                continue
            rest = [each for each in patterns if each is not pattern]
            rows = _first(self.facts.join(rest, values), _MOST)
            for row in rows:
                yield self._attempt(rule, _PREMISE, rest, row, self._missing(pattern, row))
            if rows:
                return
        names = [name for name in _OPEN if name in variables]
        choices = [c for n in range(1, len(names) + 1) for c in itertools.combinations(names, n)]
        for distance, chosen in sorted((sum(map(_OPEN.__getitem__, c)), c) for c in choices):
            opened = {variables[name]: values[variables[name]] for name in chosen}
            kept = {v: t for v, t in values.items() if v not in opened}
            rows = _first(self.facts.join(patterns, kept), _MOST)
            for row in rows:
                wanted = {v: term for v, term in opened.items() if row[v] != term}
                where = {v: next(p for p in patterns if p.object == v) for v in wanted}
                missing = [self._missing(where[v], {**row, v: t}) for v, t in wanted.items()]
                there = [each for each in patterns if not each.variables() & wanted.keys()]
                yield self._attempt(rule, distance, there, row, *missing)
            if rows:
                return

    def _attempt(
        self, rule: Rule, distance: float, part: Sequence[Element], row: Bindings, *missing: str
    ) -> Attempt:
        triples = self._support(part, row)
        asserted = [triple for triple in triples if self.facts.is_asserted(triple)]
        about = dict.fromkeys(nodes(t)[0] for t in triples if t not in asserted)
        there = [
            self.wording.statement([t for t in triples if t.subject == node])
            for node in about
            if self.wording.is_holding(node)
        ]
        leaves = tuple(leaf for leaf in self.explainer.evidence.leaves(asserted) if leaf.claim)
        title = self.explainer.finder.rules.titles.get(rule.name, "")
        return Attempt(rule.name, title, distance, tuple(there), leaves, missing)

    def _support(self, elements: Iterable[Element], row: Bindings) -> list[ox.Triple]:
        """Return the triples that a match rests on, paths left out."""
        patterns = [e for e in elements if isinstance(e, Pattern) and not e.closure]
        return list(dict.fromkeys(premises(patterns, row, self.facts)))

    def _leaves(self, triples: Iterable[ox.Triple]) -> tuple[Leaf, ...]:
        """Return the claims that some triples rest on."""
        found: dict[ox.Triple, None] = {}
        for triple in triples:
            proof = self.explainer.finder.shortest(triple)
            below = proof.leaves_below(triple, self._says_something) if proof else ()
            found |= dict.fromkeys(below)
        return tuple(leaf for leaf in self.explainer.evidence.leaves(found) if leaf.claim)

    def _says_something(self, triple: ox.Triple) -> bool:
        """Return whether a premise says more than that there is such a competence."""
        return not self.wording.is_competence(nodes(triple)[0])

    def _missing(self, pattern: Pattern, row: Bindings) -> str:
        """Return what is missing, beside what is there in its place."""
        given = pattern.substituted(dict(row))
        if isinstance(given.subject, ox.Variable | ox.Literal) or given.closure:
            return self.wording.conditions(Group((given,)))
        label = self.wording.label
        subject, wanted = label(given.subject), label(given.object)
        if given.predicate == TYPE:
            return f"{subject} is no {wanted}"
        predicate = getattr(given.predicate, "value", "")
        there = " and ".join(map(label, self.facts.values(given.subject, predicate)))
        return (
            f"{subject} — {label(given.predicate)} — {there or 'nothing stated'}, and not {wanted}"
        )


def _head_variables(rule: Rule, asked: Asked) -> Iterator[dict[str, ox.Variable]]:
    """Yield the variables of a rule's head that what was asked is bound to."""
    for holder in rule.head:
        if holder.predicate != ox.NamedNode(NS + _HEADS["body"]):
            continue
        about = {h.predicate: h.object for h in rule.head if h.subject == holder.subject}
        pairs = {name: about.get(ox.NamedNode(NS + p)) for name, p in _HEADS.items()}
        ends = {name: end for name, end in pairs.items() if end and getattr(asked, name)}
        variables = {name: end for name, end in ends.items() if isinstance(end, ox.Variable)}
        if all(name in variables or end == getattr(asked, name) for name, end in ends.items()):
            yield variables


def _is_negated(element: Element) -> bool:
    return isinstance(element, Minus) or (isinstance(element, Exists) and element.negated)


def _first(rows: Iterable[dict[ox.Variable, Term]], most: int) -> list[dict[ox.Variable, Term]]:
    """Return the first rows, in an order that does not depend on the store."""
    found = list(islice(rows, _MOST_ROWS))
    return sorted(found, key=lambda row: sorted(f"{v} {t}" for v, t in row.items()))[:most]
