"""Unfolding: membership in a hidden class is replaced, where it is read, by its definitions.

An anonymous class expression is compiled to a class with rules of its own. Where such a class is
not recursive and has few definitions, each rule that reads it takes the body of a definition in
place of the pattern, and the class needs no triples. Reading it through one definition a rule is
the unfolding of logic programs (Tamaki and Sato, 1984); it keeps what follows.
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace

import pyoxigraph as ox

from nhskg.rdf.sparql.algebra import TYPE, Group, Node, Pattern
from nhskg.reasoning.rules import Rule

MOST_DEFINITIONS = 8
"""A hidden class with more definitions than this is materialized rather than unfolded."""


def fold_hidden(rules: Iterable[Rule], hidden: Callable[[ox.NamedNode], bool]) -> list[Rule]:
    """Return the rules and checks with hidden classes unfolded where that is possible.

    What nothing reads, and what reads a class that nothing defines, is left out.
    """
    rules = list(rules)
    fresh = itertools.count()
    while True:
        defined: dict[ox.NamedNode, list[Rule]] = defaultdict(list)
        for rule in rules:
            kind = class_read(rule.head[0]) if len(rule.head) == 1 else None
            if kind is not None and hidden(kind):
                defined[kind].append(rule)
        read = {kind for rule in rules for kind in _classes_read(rule) if hidden(kind)}
        foldable = {kind for kind in read if _is_foldable(kind, defined[kind])}
        chosen = min(foldable | (defined.keys() - read), key=str, default=None)
        if chosen is None:
            return rules
        definitions = defined[chosen]
        rest = [rule for rule in rules if rule not in definitions]
        unfolded = dict.fromkeys(
            r for rule in rest for r in _unfold(rule, chosen, definitions, fresh)
        )
        rules = [rule for rule in unfolded if not set(rule.head) & set(rule.body.elements)]


def class_read(pattern: object) -> ox.NamedNode | None:
    """Return the class whose membership a pattern states, if it names one."""
    match pattern:
        case Pattern(_, predicate, ox.NamedNode() as kind) if predicate == TYPE:
            return kind
    return None


def _classes_read(rule: Rule) -> set[ox.NamedNode]:
    return {kind for each in rule.body.elements if (kind := class_read(each)) is not None}


def _is_foldable(kind: ox.NamedNode, definitions: Sequence[Rule]) -> bool:
    recursive = any(kind in _classes_read(rule) for rule in definitions)
    return not recursive and len(definitions) <= MOST_DEFINITIONS


def _unfold(
    rule: Rule, kind: ox.NamedNode, definitions: Sequence[Rule], fresh: Iterator[int]
) -> list[Rule]:
    """Return the rule once for each way to replace its readings of a class."""
    spot = next((each for each in rule.body.elements if class_read(each) == kind), None)
    if not isinstance(spot, Pattern):
        return [rule]
    unfolded: list[Rule] = []
    for definition in definitions:
        one = _replace(rule, spot, definition, next(fresh))
        if one is not None:
            unfolded.extend(_unfold(one, kind, definitions, fresh))
    return unfolded


def _replace(rule: Rule, spot: Pattern, definition: Rule, number: int) -> Rule | None:
    """Return the rule with the body of a definition in place of a pattern, if the two unify."""
    names = definition.body.variables() | definition.head[0].variables()
    renamed: dict[ox.Variable, Node] = {v: ox.Variable(f"{v.value}_{number}") for v in names}
    subject = definition.head[0].substituted(renamed).subject
    body: Group = definition.body.substituted(renamed)
    given: dict[ox.Variable, Node] = {}
    if isinstance(subject, ox.Variable):
        body = body.substituted({subject: spot.subject})
    elif isinstance(spot.subject, ox.Variable):
        given = {spot.subject: subject}
    elif subject != spot.subject:
        return None
    elements = rule.body.elements
    place = elements.index(spot)
    before: Group = Group(elements[:place]).substituted(given)
    after: Group = Group(elements[place + 1 :]).substituted(given)
    merged = Group(tuple(dict.fromkeys((*before.elements, *body.elements, *after.elements))))
    head = tuple(pattern.substituted(given) for pattern in rule.head)
    if any(isinstance(pattern.subject, ox.Literal) for pattern in head):
        return None
    name = "+".join(dict.fromkeys((*rule.name.split("+"), *definition.name.split("+"))))
    axioms = tuple(dict.fromkeys((*rule.axioms, *definition.axioms)))
    return replace(rule, name=name, head=head, body=merged, axioms=axioms)
