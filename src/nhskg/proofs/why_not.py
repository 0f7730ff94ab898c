"""Why a body does *not* hold a power: which rule comes nearest, and what it lacks.

The rules are those of the program whose head gives a holding, found by putting the plan, power,
body and matter asked for into the head. Where all that a rule asks to be there is there, some
negated part has a match: that is what stands in the way. Else the premises are given up, as few
and as telling ones as possible, until the rest has a match: those given up are missing.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final

import pyoxigraph as ox

from nhskg.proofs.evidence import Leaf
from nhskg.proofs.explaining import Asked, Explainer
from nhskg.proofs.facts import Facts, as_triple, match
from nhskg.proofs.instances import bound_variables, supports
from nhskg.reasoning.model import (
    Bind,
    Element,
    Exists,
    Group,
    Minus,
    Node,
    Pattern,
    Rule,
    Term,
    Union,
)
from nhskg.reasoning.render import group_text
from nhskg.terms import NS, RDF_TYPE

__all__ = ["Attempt", "Block", "Refusal", "explain_absence", "explain_refusal"]

MOST_NEAREST: Final = 3
"""How many equally near matches of one rule are told."""
_MOST_MISSING: Final = 3
_MOST_ROWS: Final = 1000
_BLOCKED: Final = 0.5
_WEIGHTS: Final = (("body", 2.0), ("matter", 2.5), ("power", 3.0), ("plan", 5.0))
"""How far off a match is that another body, matter, power or plan would give."""
MOST_NEAR: Final = dict(_WEIGHTS)["matter"]
"""How far off is still near: not another power, nor another plan."""

_OF_PLANS: Final = frozenset(NS + name for name in ("underPlan", "provisionOf", "baseline"))
"""Predicates that tie a premise to a plan; one given up counts as another plan."""

_Row = dict[ox.Variable, Term]


@dataclass(frozen=True, slots=True)
class Block:
    """Something that stands in the way of a rule.

    Attributes:
        words: what the rule asks not to be there.
        leaves: the claims that it is there by.
        statements: what of it is derived and no claim says.
        behind: the claims that such statements rest on.
    """

    words: str
    leaves: tuple[Leaf, ...]
    statements: tuple[str, ...] = ()
    behind: tuple[Leaf, ...] = ()


@dataclass(frozen=True, slots=True)
class Attempt:
    """How near a rule comes to giving the holding.

    Attributes:
        rule: its name.
        title: its title.
        distance: how near; rules with all their premises come first.
        there: what the rule needs and has, where it is derived, in words.
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
        before: the same for the plan's baseline, where the body holds nothing there either.
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


def explain_absence(explainer: Explainer, goal: ox.Triple) -> tuple[Attempt, ...]:
    """Tell which rules of the project would give a triple, and what stands in their way.

    Raises:
        ProgramError: the project's rules make no program.
        StoreError: the store cannot be asked.
    """
    return tuple(_Seeker(explainer).blocked(goal))


class _Seeker:
    def __init__(self, explainer: Explainer) -> None:
        self.explainer = explainer
        self.facts: Facts = explainer.facts
        self.wording = explainer.wording
        self.rules = explainer.finder.rules

    def refusal(self, asked: Asked, above: tuple[ox.NamedNode, ...]) -> Refusal:
        """Return the refusal for a cell; ``above`` are the plans that build on its plan."""
        said = {name: self.wording.label(node) for name, node in _named(asked).items()}
        over = f" over {said['matter']}" if "matter" in said else ""
        title = f"{said['power']}{over} is {{}}held by {said['body']} under {said['plan']}"
        held = self.explainer.holdings(asked)
        if held:
            return Refusal(asked, title.format(""), tuple(self._held(node) for node in held))
        anybody = Asked(asked.plan, asked.power, None, asked.matter)
        others = tuple(self._held(node) for node in self.explainer.holdings(anybody))
        opened = self.explainer.explain_open(anybody)
        attempts = [a for rule in self.rules.holding_rules() for a in self._attempts(rule, asked)]
        before = [
            self.refusal(Asked(base, asked.power, asked.body, asked.matter), (*above, asked.plan))
            for base in self._bases(asked)
            if base not in above and base != asked.plan
        ]
        return Refusal(
            asked,
            title.format("not "),
            (),
            others,
            tuple((each.title, self._leaf(each.found.goal)) for each in opened),
            _nearest_of_each(attempts),
            tuple(each for each in before if not each.held),
        )

    def _held(self, node: ox.NamedNode) -> str:
        kinds = [k for k in self.facts.values(node, RDF_TYPE) if k in self.rules.holding_kinds]
        kinds = [k for k in kinds if isinstance(k, ox.NamedNode)]
        said = [self.wording.label(kind) for kind in kinds]
        for name in ("effectiveWhen", "heldUntil"):
            word = self.wording.label(ox.NamedNode(NS + name))
            said += [f"{word}: {self.wording.label(v)}" for v in self.facts.values(node, NS + name)]
        return f"{self.wording.holding(node)}: {', '.join(said)}"

    def _bases(self, asked: Asked) -> list[ox.NamedNode]:
        """Return the plans whose holdings some rule would have handed on to the body."""
        found: dict[ox.NamedNode, None] = {}
        for rule in self.rules.holding_rules():
            for values in _bound_heads(rule, asked):
                body = _substituted(rule, values)
                for old, base in _handed_on(body, asked):
                    rest = [p for p in body.patterns() if old not in p.variables()]
                    for row in self._rows(rest):
                        if isinstance(row.get(base), ox.NamedNode):
                            found[row[base]] = None  # type: ignore[index]
        return list(found)

    def _leaf(self, triple: ox.Triple) -> Leaf:
        return self.explainer.evidence.leaves([triple])[0]

    # -- one rule

    def blocked(self, goal: ox.Triple) -> Iterator[Attempt]:
        """Yield the rules that would give a triple if nothing stood in their way."""
        for rule in dict.fromkeys(c.rule for c in self.rules.candidates(goal) if c.rule.source):
            for head in rule.head:
                values = match(head, goal)
                if values is not None:
                    yield from self._all_blocked(rule, _substituted(rule, dict(values)))

    def _all_blocked(self, rule: Rule, body: Group) -> Iterator[Attempt]:
        negated = [e for e in body.elements if _is_negated(e)]
        positive = [e for e in body.elements if not _is_negated(e)]
        for row in islice(self._rows(positive), MOST_NEAREST):
            attempt = self._blocked(rule, positive, negated, row)
            if attempt is not None:
                yield attempt

    def _attempts(self, rule: Rule, asked: Asked) -> Iterator[Attempt]:
        for values in _bound_heads(rule, asked):
            body = _substituted(rule, values)
            positive = [e for e in body.elements if not _is_negated(e)]
            blocked = list(self._all_blocked(rule, body))
            yield from blocked
            if not blocked:
                yield from self._nearest(rule, positive, asked)

    def _blocked(
        self, rule: Rule, positive: Sequence[Element], negated: Sequence[Element], row: _Row
    ) -> Attempt | None:
        blocks = []
        for element in negated:
            assert isinstance(element, Exists | Minus)
            group = element.group.substituted(dict(row))
            for found in islice(self._rows(group.elements), MOST_NEAREST):
                leaves, statements = self._told(group.patterns(), found, claims_first=True)
                words = self.wording.presence(group)
                if leaves:
                    blocks.append(Block(words, leaves))
                else:
                    behind = self._behind(group.patterns(), found)
                    blocks.append(Block(words, (), statements, behind))
        if not blocks:
            return None
        leaves, statements = self._told(_patterns(positive), row)
        title = self.rules.titles.get(rule.name, "")
        once = tuple(dict.fromkeys(blocks))
        return Attempt(rule.name, title, _BLOCKED, statements, leaves, (), once)

    def _behind(self, patterns: Sequence[Pattern], row: _Row) -> tuple[Leaf, ...]:
        """Return the claims that the derived triples among matched patterns rest on."""
        found = supports([p for p in patterns if not p.closure], row, self.facts)
        proofs = [self.explainer.finder.shortest(t) for t in (found[0] if found else ())]
        rest_on = [leaf for proof in proofs if proof is not None for leaf in proof.leaves()]
        leaves = self.explainer.evidence.leaves(dict.fromkeys(rest_on))
        return tuple(leaf for leaf in leaves if leaf.claim)

    def _nearest(self, rule: Rule, positive: Sequence[Element], asked: Asked) -> Iterator[Attempt]:
        needs = [e for e in positive if isinstance(e, Pattern | Union)]
        choices = [
            chosen
            for count in range(1, min(_MOST_MISSING, len(needs) - 1) + 1)
            for chosen in itertools.combinations(needs, count)
        ]
        choices.sort(key=lambda chosen: sum(_weight(each, asked) for each in chosen))
        best: float | None = None
        for chosen in choices:
            distance = sum(_weight(each, asked) for each in chosen)
            if best is not None and distance > best:
                return
            rest = [each for each in needs if each not in chosen]
            for row in islice(self._rows(rest), MOST_NEAREST):
                best = distance
                leaves, statements = self._told(_patterns(rest), row)
                missing = [self._missing(each, row) for each in chosen]
                title = self.rules.titles.get(rule.name, "")
                yield Attempt(rule.name, title, distance, statements, leaves, tuple(missing))

    def _rows(self, elements: Sequence[Element]) -> Iterator[_Row]:
        """Yield the first matches of a group, in an order that doesn't depend on the store."""
        variables = bound_variables(elements)
        where = group_text(Group(tuple(elements)))
        rows = islice(self.facts.select(where, variables), _MOST_ROWS)
        yield from sorted(rows, key=lambda row: [str(row.get(v)) for v in variables])

    def _missing(self, element: Element, row: _Row) -> str:
        """Return what is missing, beside what is there in its place."""
        if not isinstance(element, Pattern):
            return self.wording.conditions(Group((element,)))
        given = element.substituted(dict(row))
        triple = as_triple(given.subject, given.predicate, given.object)
        if triple is None or given.closure:
            return self.wording.conditions(Group((given,)))
        subject, wanted = self.wording.label(triple.subject), self.wording.label(given.object)  # type: ignore[arg-type]
        if triple.predicate.value == RDF_TYPE:
            return f"{subject} is no {wanted}"
        word = self.wording.label(triple.predicate)
        values = self.facts.values(triple.subject, triple.predicate.value)  # type: ignore[arg-type]
        there = " and ".join(map(self.wording.label, values))
        if there:
            return f"{subject} — {word} — {there}, and not {wanted}"
        return f"{subject} — {word} — nothing stated, and not {wanted}"

    def _told(
        self, patterns: Sequence[Pattern], row: _Row, *, claims_first: bool = False
    ) -> tuple[tuple[Leaf, ...], tuple[str, ...]]:
        """Return the claims behind matched patterns, and derived statements about holdings."""
        found = supports([p for p in patterns if not p.closure], row, self.facts)
        triples = list(dict.fromkeys(found[0])) if found else []
        asserted = [t for t in triples if self.facts.is_asserted(t)]
        leaves = [leaf for leaf in self.explainer.evidence.leaves(asserted) if leaf.claim]
        derived: dict[Node, list[ox.Triple]] = {}
        for triple in triples:
            if triple not in asserted and (not claims_first or not leaves):
                derived.setdefault(triple.subject, []).append(triple)  # type: ignore[arg-type]
        statements = [
            self.wording.statement(about)
            for subject, about in derived.items()
            if claims_first or self.wording.is_holding(subject)
        ]
        return tuple(leaves), tuple(statements)


def _nearest_of_each(attempts: list[Attempt]) -> tuple[Attempt, ...]:
    """Return the nearest attempts of each rule; if it lacks much, one of them will do."""
    attempts = sorted(dict.fromkeys(attempts), key=lambda a: (a.distance, a.rule))
    kept: dict[str, list[Attempt]] = {}
    for attempt in attempts:
        known = kept.setdefault(attempt.rule, [])
        near = len(attempt.missing) <= 1 and len(known) < MOST_NEAREST
        if not known or (near and attempt.distance == known[0].distance):
            known.append(attempt)
    return tuple(attempt for attempt in attempts if attempt in kept[attempt.rule])


def _named(asked: Asked) -> dict[str, ox.NamedNode]:
    pairs = {n: getattr(asked, n) for n in ("plan", "power", "body", "matter")}
    return {name: node for name, node in pairs.items() if node is not None}


def _bound_heads(rule: Rule, asked: Asked) -> Iterator[dict[ox.Variable, Node]]:
    """Yield the values that make a rule's head the holding asked for."""
    wanted = {"underPlan": asked.plan, "power": asked.power, "holder": asked.body}
    if asked.matter is not None:
        wanted["matter"] = asked.matter
    for holder in rule.head:
        if holder.predicate != ox.NamedNode(NS + "holder"):
            continue
        values: dict[ox.Variable, Node] = {}
        fits = True
        for head in (h for h in rule.head if h.subject == holder.subject):
            name = getattr(head.predicate, "value", "").removeprefix(NS)
            node = wanted.get(name)
            if node is None:
                continue
            if isinstance(head.object, ox.Variable):
                fits = fits and values.setdefault(head.object, node) == node
            else:
                fits = fits and head.object == node
        if fits:
            yield values


def _substituted(rule: Rule, values: dict[ox.Variable, Node]) -> Group:
    made = {e.variable for e in rule.body.elements if isinstance(e, Bind)}
    return rule.body.substituted({v: t for v, t in values.items() if v not in made})


def _handed_on(body: Group, asked: Asked) -> Iterator[tuple[ox.Variable, ox.Variable]]:
    """Yield the variables of a holding of the body asked for, and of its plan, in a rule."""
    for pattern in body.patterns():
        is_holder = pattern.predicate == ox.NamedNode(NS + "holder")
        if is_holder and pattern.object == asked.body and isinstance(pattern.subject, ox.Variable):
            for other in body.patterns():
                under = other.predicate == ox.NamedNode(NS + "underPlan")
                same = under and other.subject == pattern.subject
                if same and isinstance(other.object, ox.Variable):
                    yield pattern.subject, other.object


def _is_negated(element: Element) -> bool:
    return isinstance(element, Minus) or (isinstance(element, Exists) and element.negated)


def _patterns(elements: Sequence[Element]) -> list[Pattern]:
    return [e for e in elements if isinstance(e, Pattern)]


def _weight(element: Element, asked: Asked) -> float:
    named = _named(asked)
    weights = [1.0]
    if isinstance(element, Pattern):
        ends = (element.subject, element.object)
        weights += [weight for name, weight in _WEIGHTS if named.get(name) in ends]
        if getattr(element.predicate, "value", "") in _OF_PLANS:
            weights.append(dict(_WEIGHTS)["plan"])
    return max(weights)
