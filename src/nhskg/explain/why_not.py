"""Why a body does *not* hold a power: what the plan makes of it, or why no rule gives it.

Where the plan takes the power from the body, ends it, rules it out, gives it on condition or only
suggests it, or where what is in force is only implied, that entry of the matrix is the answer. Else
the plan, power, body and matter asked for are put into each rule that gives a holding. Where all
that the rule asks to be there is there, a negated part has a match: that is in the way. If nothing
is in the way of any rule, one premise of each, or the body or the matter in it, is left out until
the rest has a match: that is missing.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields, replace
from functools import partial
from typing import Any, Final

import pyoxigraph as ox

from nhskg.explain.explaining import Asked, Explainer, Explanation, Leaf
from nhskg.explain.proof_forms import leaf_branch
from nhskg.explain.summary import summary_branches
from nhskg.explain.wording import Wording
from nhskg.rdf.escaping import json_text
from nhskg.rdf.sparql.algebra import TYPE, Exists, Group, Minus, Pattern
from nhskg.rdf.terms import NS
from nhskg.reasoning.proof_trees import Branch
from nhskg.reasoning.proofs import solutions
from nhskg.reasoning.rules import Rule
from nhskg.reasoning.triple_lookup import Bindings, as_triple, match, nodes, substituted

_MOST: Final = 3  # equally near matches of one rule that are given, of so many that are read
_MOST_READ: Final = 200
_NOTHING: Final = "no text says who holds it there; which is not to say that nobody does"
_UNTOUCHED: Final = {"NotMentioned", "NotAddressed"}
_MAYBE: Final = ("OnCondition", "Suggested")
_NOT_HELD: Final = ("TakenAway", "Ended", "RuledOut", "NotSo")
_HEADS: Final = {"plan": "underPlan", "body": "holder", "matter": "matter", "power": "power"}
_OF_PLANS: Final = {ox.NamedNode(NS + name) for name in ("underPlan", "provisionOf", "baseline")}


@dataclass(frozen=True, slots=True)
class Block:
    """What is there and must not be, in words, and the claims that it rests on."""

    words: str
    claims: tuple[Leaf, ...]


@dataclass(frozen=True, slots=True)
class Attempt:
    """How near a rule comes to giving the holding: what is there, with the claims behind it.

    It lacks what is ``missing``, ``distance`` premises; where nothing is, it has ``blocks``.
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

    If it does, the holdings are ``held``, in words, and nothing is explained. ``own`` explains what
    the plan makes of the body else, ``left_open`` what a text says is open; ``instead`` is what it
    makes of others. If it makes nothing of the body, ``attempts`` are the rules that are blocked,
    or else lack a premise, and ``before`` is the same under the plan's baselines.
    """

    asked: Asked
    title: str
    held: tuple[str, ...] = ()
    own: tuple[Explanation, ...] = ()
    instead: tuple[str, ...] = ()
    left_open: tuple[Explanation, ...] = ()
    attempts: tuple[Attempt, ...] = ()
    before: tuple[Refusal, ...] = ()


def explain_refusal(
    explainer: Explainer, asked: Asked, above: tuple[ox.NamedNode, ...] = ()
) -> Refusal:
    """Explain why a body does not hold a power; ``above`` are the plans that build on its plan.

    Errors are those of every explanation of :class:`Explainer`.
    """
    label = explainer.wording.label
    over = f" over {label(asked.matter)}" if asked.matter else ""
    who = label(asked.body) if asked.body else "anybody"
    power, plan = f"{label(asked.power)}{over}", label(asked.plan)
    mine, there = (explainer.entries(each) for each in (asked, replace(asked, body=None)))
    told = explainer.wording.told
    basis, explain = explainer.wording.basis, explainer.explain_entry
    if held := {basis(entry) for entry in mine if _is_held(explainer, entry)}:
        where = f"in force, and not spoken of in {plan}" if held <= _UNTOUCHED else f"under {plan}"
        return Refusal(asked, f"{power} is held by {who} {where}", tuple(map(told, mine)))
    opened = [entry for entry in there if basis(entry) == "LeftOpen"]
    own = [entry for entry in mine if entry not in opened]
    is_so = bool(own) and all(basis(e) in _NOT_HELD and not explainer.is_left(e) for e in own)
    refused = Refusal(
        asked,
        f"{power} is not {'' if is_so else 'plainly '}held by {who} under {plan}",
        own=tuple(map(explain, own)),
        instead=tuple(told(entry) for entry in there if entry not in (*own, *opened)),
        left_open=tuple(map(explain, opened)),
    )
    if own:
        return refused
    plans = (*above, asked.plan)
    before = [
        explain_refusal(explainer, replace(asked, plan=base), plans)
        for base in explainer.facts.values(asked.plan, NS + "baseline")
        if isinstance(base, ox.NamedNode) and base not in plans
    ]
    rules = [(r, values) for r in explainer.holding_rules if (values := _given(r, asked))]
    attempts = [each for rule, values in rules for each in _blocked(explainer, rule, values)]
    if not attempts and not above:
        attempts = [a for rule, values in rules for a in _nearest(explainer, rule, values)]
    not_held = tuple(each for each in before if not each.held)
    return replace(refused, attempts=tuple(attempts), before=not_held)


def explain_absence(explainer: Explainer, goal: ox.Triple) -> list[Attempt]:
    """Return the rules of the project that would give a triple, and what stands in their way.

    Errors are those of every explanation of :class:`Explainer`.
    """
    rules = dict.fromkeys(rule for rule, _ in explainer.finder.rules.candidates(goal))
    bound = [(r, match(head, goal)) for r in rules if r.source for head in r.head]
    return [a for rule, values in bound if values for a in _blocked(explainer, rule, values)]


def _is_held(explainer: Explainer, entry: ox.NamedNode) -> bool:
    """Tell whether an entry says that its body has the power: plainly, or as somebody implies."""
    basis = explainer.wording.basis(entry)
    is_kept = ox.NamedNode(NS + "Takes") in explainer.facts.values(entry, NS + "effect")
    is_holding = explainer.facts.is_a(entry, NS + "Holding")
    return is_kept if basis == "RuledOut" else is_holding and basis not in _MAYBE


def _given(rule: Rule, asked: Asked) -> Bindings:
    """Return what is asked for by the variables of a rule's head; nothing if it gives another."""
    head = {pattern.predicate: pattern.object for pattern in rule.head}
    pairs = [(head.get(ox.NamedNode(NS + of)), getattr(asked, n)) for n, of in _HEADS.items()]
    if any(term not in (end, None) for end, term in pairs if not isinstance(end, ox.Variable)):
        return {}
    return {end: term for end, term in pairs if isinstance(end, ox.Variable) and term}


def _blocked(explainer: Explainer, rule: Rule, values: Bindings) -> Iterator[Attempt]:
    """Yield the matches of a rule's positive part in which a negated part has a match."""
    elements = rule.body.elements
    negated = [e for e in elements if isinstance(e, Minus) or (isinstance(e, Exists) and e.negated)]
    positive = [element for element in elements if element not in negated]
    for row in _first(solutions(positive, values, explainer.facts)):
        blocks: dict[Block, None] = {}
        for group in (element.group for element in negated):
            for found in _first(solutions(group.elements, row, explainer.facts)):
                claims = _claims(explainer, _triples(group.patterns(), found))
                blocks[Block(explainer.wording.presence(substituted(group, row)), claims)] = None
        if blocks:
            yield _attempt(explainer, rule, row, blocks)


def _claims(explainer: Explainer, triples: Iterable[ox.Triple]) -> tuple[Leaf, ...]:
    """Return the claims that some triples rest on, but for those of a mere competence."""
    is_competence = explainer.wording.is_competence
    proofs = filter(None, map(explainer.finder.shortest, triples))
    below = (p.leaves_below(p.goal, lambda t: not is_competence(nodes(t)[0])) for p in proofs)
    leaves = explainer.evidence.leaves(dict.fromkeys(itertools.chain.from_iterable(below)))
    return tuple(leaf for leaf in leaves if leaf.claim)


def _nearest(explainer: Explainer, rule: Rule, values: Bindings) -> list[Attempt]:
    """Return a match of a rule that lacks one premise, or is of another body or matter, if any."""
    patterns = rule.body.patterns()
    others = [pattern for pattern in patterns if not pattern.variables() & values.keys()]
    power = ox.NamedNode(NS + "power")
    asked = [p for p in patterns for v in values if p.object == v and p.predicate != power]
    for left_out in (each for each in (*others, *asked) if each.predicate not in _OF_PLANS):
        rest = [pattern for pattern in patterns if pattern != left_out]
        for row in _first(explainer.facts.join(rest, values)):
            if left_out.predicate == TYPE and explainer.wording.is_entry(
                left_out.substituted(row).subject
            ):
                break  # a loss, or the like, is no holding: that goes without saying
            attempt = _attempt(explainer, rule, row)
            return [attempt] if attempt.missing else []  # else a test of values fails
    return []


def _attempt(
    explainer: Explainer, rule: Rule, row: Bindings, blocks: Iterable[Block] = ()
) -> Attempt:
    facts, wording = explainer.facts, explainer.wording
    given = [pattern.substituted(row) for pattern in rule.body.patterns()]
    absent = [each for each in given if next(facts.join([each], row), None) is None]
    triples = _triples((each for each in given if each not in absent), row)
    asserted = list(filter(facts.is_asserted, triples))
    derived = dict.fromkeys(nodes(t)[0] for t in triples if t not in asserted)
    held = ([t for t in triples if t.subject == n] for n in filter(wording.is_entry, derived))
    return Attempt(
        rule.name,
        explainer.header(rule.name, "title"),
        len(absent),
        there=tuple(map(wording.statement, held)),
        claims=tuple(leaf for leaf in explainer.evidence.leaves(asserted) if leaf.claim),
        missing=tuple(_missing(explainer, pattern) for pattern in absent),
        blocks=tuple(blocks),
    )


def _missing(explainer: Explainer, pattern: Pattern) -> str:
    """Return what is missing, beside what is there in its place."""
    label = explainer.wording.label
    if isinstance(pattern.subject, ox.Variable | ox.Literal) or pattern.closure:
        return explainer.wording.conditions(Group((pattern,)))
    subject, wanted = label(pattern.subject), label(pattern.object)
    if pattern.predicate == TYPE:
        return f"{subject} is no {wanted}"
    predicate = getattr(pattern.predicate, "value", "")
    there = " and ".join(map(label, explainer.facts.values(pattern.subject, predicate)))
    return f"{subject} — {label(pattern.predicate)} — {there or 'nothing stated'}, and not {wanted}"


def _triples(patterns: Iterable[Pattern], row: Bindings) -> list[ox.Triple]:
    """Return the triples that some patterns match, paths left out."""
    found = (as_triple(each.substituted(row)) for each in patterns if not each.closure)
    return list(dict.fromkeys(filter(None, found)))


def _first(rows: Iterable[Bindings]) -> list[Bindings]:
    """Return the first rows, in an order that does not depend on the store."""
    found = itertools.islice(rows, _MOST_READ)
    return sorted(found, key=lambda row: sorted(f"{v} {t}" for v, t in row.items()))[:_MOST]


def refusal_branch(refusal: Refusal, explainer: Explainer) -> Branch:
    """Return a refusal as a tree: what the plan makes of the body, and of others; else why not."""
    shown: set[str] = set()

    def branch(refusal: Refusal, *above: Branch) -> Branch:
        own = [*refusal.own, *refusal.left_open]
        below = [*summary_branches(own, explainer), *above]
        below += attempt_branches(refusal.attempts, explainer.wording, shown)
        nor = "nor was there anything to leave as it was:"
        below += [Branch(nor, below=(branch(each),)) for each in refusal.before]
        return Branch(refusal.title, below=tuple(below), main=True)

    known = tuple(map(Branch, refusal.instead))
    nothing = [] if refusal.own or refusal.left_open else [Branch(_NOTHING)]
    return branch(refusal, *([Branch("others there:", below=known)] if known else nothing))


def attempt_branches(
    attempts: Iterable[Attempt], wording: Wording, shown: set[str]
) -> Iterator[Branch]:
    """Yield trees of the rules that would give something; a claim in ``shown`` is only named."""
    for each in attempts:
        why = "something stands in the way" if each.blocks else "something is missing"
        name = f"{each.rule}: {each.title}" if each.title else each.rule
        lead = "there: claim" if each.blocks else "nearest: claim"
        below = [Branch(f"there: {words}") for words in each.there]
        below += [Branch(f"missing: {words}") for words in each.missing]
        below += [leaf_branch(leaf, lead, wording, shown) for leaf in each.claims]
        for block in each.blocks:
            claims = tuple(leaf_branch(leaf, "claim", wording, shown) for leaf in block.claims)
            below.append(Branch(f"in the way: {block.words}", below=claims))
        yield Branch(f"{name} — would give it, but {why}", below=tuple(below))


def render_refusal_json(refusal: Refusal, explainer: Explainer) -> str:
    """Render a refusal as one object."""
    plain = partial(_plain, explainer)
    return json_text(refusal, default=plain)


def _plain(explainer: Explainer, value: Any) -> Any:
    """Return the data of a refusal as JSON has them."""
    if isinstance(value, ox.NamedNode):
        return value.value
    if isinstance(value, Leaf):
        triples = [list(map(str, nodes(triple))) for triple in value.triples]
        return {"claim": value.claim, "triples": triples}
    if isinstance(value, Explanation):
        leaves = (leaf for proof in value.found.proofs for leaf in proof.leaves())
        return {"title": value.title, "claims": explainer.evidence.claims(leaves)}
    return {f.name.replace("_", " "): getattr(value, f.name) for f in fields(value)}
