"""Why a body does *not* hold a power: what excludes it, or the nearest rule's missing premise.

The plan, power, body and matter asked for are put into each rule that gives a holding. Where all
that the rule asks to be there is there, a negated part has a match: that is in the way. If nothing
is in the way of any rule, one premise of each, or the body or the matter in it, is left out until
the rest has a match: that is missing.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields, replace
from typing import Any, Final

import pyoxigraph as ox

from nhskg.explain.evidence import Branch, Leaf, leaf_branch
from nhskg.explain.explaining import Asked, Explainer
from nhskg.explain.wording import Wording
from nhskg.rdf.sparql.algebra import TYPE, Exists, Group, Minus, Pattern
from nhskg.rdf.terms import NS
from nhskg.reasoning.proofs import solutions
from nhskg.reasoning.rules import Rule
from nhskg.reasoning.triple_lookup import Bindings, as_triple, match, nodes, substituted

_MOST: Final = 3
"""How many equally near matches of one rule are given."""
_MOST_ROWS: Final = 200
_HEADS: Final = {"plan": "underPlan", "body": "holder", "matter": "matter", "power": "power"}
_OF_PLANS: Final = {ox.NamedNode(NS + name) for name in ("underPlan", "provisionOf", "baseline")}
_POWER: Final = ox.NamedNode(NS + "power")


@dataclass(frozen=True, slots=True)
class Block:
    """What is there and must not be, in words, and the claims that it rests on."""

    words: str
    claims: tuple[Leaf, ...]


@dataclass(frozen=True, slots=True)
class Attempt:
    """How near a rule comes to giving the holding.

    Attributes:
        rule: its name.
        title: its title.
        distance: how many premises are missing.
        there: the holdings that the rule needs and has, in words.
        claims: the claims behind what it has.
        missing: what it needs and has not, in words.
        blocks: what stands in the way, where nothing is missing.
    """

    rule: str
    title: str
    distance: int
    there: tuple[str, ...]
    claims: tuple[Leaf, ...]
    missing: tuple[str, ...]
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a body does not hold a power under a plan.

    Attributes:
        asked: what was asked.
        title: the answer in words.
        held: the holdings in words, if it does hold it: then there is nothing to explain.
        instead: in words, what others hold of that power there.
        left_open: where a text says that the plan leaves it open: what, and the claim.
        attempts: the rules that something stands in the way of, or else that lack a premise.
        before: the same for the plan's baselines, where the body holds nothing there either; what
            stands in the way of a rule there, and not what it lacks.
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
            attempts=tuple(self._attempts(asked, nearest=not above)),
            before=tuple(each for each in before if not each.held),
        )

    def _held(self, node: ox.NamedNode) -> str:
        said = [self.explainer.basis(node, kind) for kind in self.explainer.bases(node)]
        for name in (ox.NamedNode(NS + "effectiveWhen"), ox.NamedNode(NS + "heldUntil")):
            found = self.facts.values(node, name.value)
            said += [self.wording.limit(ox.Triple(node, name, value)) for value in found]
        return f"{self.wording.holding(node)}: {', '.join(said)}"

    def _attempts(self, asked: Asked, *, nearest: bool) -> list[Attempt]:
        """Return what stands in the way of rules; else, if asked for, what each rule misses."""
        rules = [(r, values) for r in self.explainer.holding_rules if (values := _given(r, asked))]
        blocked = [attempt for rule, values in rules for attempt in self.blocked(rule, values)]
        if blocked or not nearest:
            return blocked
        return list(filter(None, (self._nearest(rule, values) for rule, values in rules)))

    # -- one rule

    def blocked(self, rule: Rule, values: Bindings) -> Iterator[Attempt]:
        """Yield the matches of a rule's positive part in which a negated part has a match."""
        negated = [
            element
            for element in rule.body.elements
            if isinstance(element, Minus) or (isinstance(element, Exists) and element.negated)
        ]
        positive = [element for element in rule.body.elements if element not in negated]
        for row in _first(solutions(positive, values, self.facts)):
            blocks: dict[Block, None] = {}
            for element in negated:
                for found in _first(solutions(element.group.elements, row, self.facts)):
                    claims = self._claims(_triples(element.group.patterns(), found))
                    words = self.wording.presence(substituted(element.group, row))
                    blocks[Block(words, claims)] = None
            if blocks:
                yield self._attempt(rule, row, blocks)

    def _nearest(self, rule: Rule, values: Bindings) -> Attempt | None:
        """Return a match of a rule that lacks one premise, or is of another body or matter."""
        patterns = rule.body.patterns()
        others = [pattern for pattern in patterns if not pattern.variables() & values.keys()]
        asked = [p for p in patterns for v in values if p.object == v and p.predicate != _POWER]
        for left_out in (each for each in (*others, *asked) if each.predicate not in _OF_PLANS):
            rest = [pattern for pattern in patterns if pattern != left_out]
            for row in _first(self.facts.join(rest, values)):
                attempt = self._attempt(rule, row)
                return attempt if attempt.missing else None  # else a test of values fails
        return None

    def _attempt(self, rule: Rule, row: Bindings, blocks: Iterable[Block] = ()) -> Attempt:
        given = [pattern.substituted(row) for pattern in rule.body.patterns()]
        absent = [each for each in given if next(self.facts.join([each], row), None) is None]
        triples = _triples((each for each in given if each not in absent), row)
        asserted = [triple for triple in triples if self.facts.is_asserted(triple)]
        about = dict.fromkeys(nodes(t)[0] for t in triples if t not in asserted)
        there = [
            self.wording.statement([t for t in triples if t.subject == node])
            for node in about
            if self.wording.is_holding(node)
        ]
        claims = tuple(leaf for leaf in self.explainer.evidence.leaves(asserted) if leaf.claim)
        title = self.explainer.finder.rules.header(rule.name, "title")
        missing = tuple(map(self._missing, absent))
        return Attempt(rule.name, title, len(absent), tuple(there), claims, missing, tuple(blocks))

    def _claims(self, triples: Iterable[ox.Triple]) -> tuple[Leaf, ...]:
        """Return the claims that some triples rest on."""

        def says_something(premise: ox.Triple) -> bool:  # more than that there is a competence
            return not self.wording.is_competence(nodes(premise)[0])

        found: dict[ox.Triple, None] = {}
        for triple in triples:
            proof = self.explainer.finder.shortest(triple)
            found |= dict.fromkeys(proof.leaves_below(triple, says_something) if proof else ())
        return tuple(leaf for leaf in self.explainer.evidence.leaves(found) if leaf.claim)

    def _missing(self, pattern: Pattern) -> str:
        """Return what is missing, beside what is there in its place."""
        if isinstance(pattern.subject, ox.Variable | ox.Literal) or pattern.closure:
            return self.wording.conditions(Group((pattern,)))
        label = self.wording.label
        subject, wanted = label(pattern.subject), label(pattern.object)
        if pattern.predicate == TYPE:
            return f"{subject} is no {wanted}"
        predicate = getattr(pattern.predicate, "value", "")
        there = " and ".join(map(label, self.facts.values(pattern.subject, predicate)))
        said = f"{subject} — {label(pattern.predicate)}"
        return f"{said} — {there or 'nothing stated'}, and not {wanted}"


def _triples(patterns: Iterable[Pattern], row: Bindings) -> list[ox.Triple]:
    """Return the triples that some patterns match, paths left out."""
    found = (as_triple(each.substituted(row)) for each in patterns if not each.closure)
    return list(dict.fromkeys(filter(None, found)))


def _given(rule: Rule, asked: Asked) -> Bindings:
    """Return what is asked for by the variables of a rule's head; nothing if it gives another."""
    head = {pattern.predicate: pattern.object for pattern in rule.head}
    pairs = [(head.get(ox.NamedNode(NS + of)), getattr(asked, n)) for n, of in _HEADS.items()]
    if any(term not in (end, None) for end, term in pairs if not isinstance(end, ox.Variable)):
        return {}
    return {end: term for end, term in pairs if isinstance(end, ox.Variable) and term}


def _first(rows: Iterable[Bindings]) -> list[Bindings]:
    """Return the first rows, in an order that does not depend on the store."""
    found = list(itertools.islice(rows, _MOST_ROWS))
    return sorted(found, key=lambda row: sorted(f"{v} {t}" for v, t in row.items()))[:_MOST]


def refusal_branch(refusal: Refusal, wording: Wording) -> Branch:
    """Return a refusal as a tree: what is known of the power there, then why the body has none."""
    shown: set[str] = set()
    known = list(map(Branch, refusal.instead))
    for title, leaf in refusal.left_open:
        known.append(Branch(title, below=(leaf_branch(leaf, "claim", wording, shown),)))
    nothing = Branch("no text says who holds it there; which is not to say that nobody does")
    about = Branch("what is known of it there:", below=tuple(known)) if known else nothing
    tree = _refusal(refusal, wording, shown)
    return replace(tree, below=(about, *tree.below))


def attempt_branches(attempts: Iterable[Attempt], wording: Wording) -> list[Branch]:
    """Return trees of the rules that would give something; each claim is shown in full once."""
    shown: set[str] = set()
    return [_attempt(each, wording, shown) for each in attempts]


def _refusal(refusal: Refusal, wording: Wording, shown: set[str]) -> Branch:
    below = [_attempt(each, wording, shown) for each in refusal.attempts]
    for each in refusal.before:
        tree = _refusal(each, wording, shown)
        below.append(Branch("nor was there anything to leave as it was:", below=(tree,)))
    return Branch(refusal.title, below=tuple(below), main=True)


def _attempt(attempt: Attempt, wording: Wording, shown: set[str]) -> Branch:
    def claims(leaves: Iterable[Leaf], lead: str) -> list[Branch]:
        return [leaf_branch(leaf, lead, wording, shown) for leaf in leaves]

    why = "something stands in the way" if attempt.blocks else "something is missing"
    name = f"{attempt.rule}: {attempt.title}" if attempt.title else attempt.rule
    below = [Branch(f"there: {each}") for each in attempt.there]
    below += [Branch(f"missing: {each}") for each in attempt.missing]
    below += claims(attempt.claims, "there: claim" if attempt.blocks else "nearest: claim")
    for block in attempt.blocks:
        said = claims(block.claims, "claim")
        below.append(Branch(f"in the way: {block.words}", below=tuple(said)))
    return Branch(f"{name} — would give it, but {why}", below=tuple(below))


def render_refusal_json(refusal: Refusal) -> str:
    """Render a refusal as one object."""
    return json.dumps(refusal, default=_plain, ensure_ascii=False, indent=2) + "\n"


def _plain(value: Any) -> Any:
    """Return the data of a refusal as JSON has them."""
    if isinstance(value, ox.NamedNode):
        return value.value
    if isinstance(value, Leaf):
        triples = [[str(node) for node in nodes(triple)] for triple in value.triples]
        return {"claim": value.claim, "triples": triples}
    made = {f.name.replace("_", " "): getattr(value, f.name) for f in fields(value)}
    if isinstance(value, Refusal):
        made["left open"] = [{"title": t, **_plain(leaf)} for t, leaf in value.left_open]
    return made
