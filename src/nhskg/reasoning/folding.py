"""Folding: hidden predicates replaced, where they are read, by what defines them.

An anonymous class expression is compiled to a class with rules of its own. Where such a class is
not recursive and has few definitions, each rule that reads it takes the body of a definition in
place of the pattern, and the class needs no triples. Reading it through one definition a rule is
the unfolding of logic programs (Tamaki and Sato, 1984); it keeps what follows.
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import TypeVar

import pyoxigraph as ox

from nhskg.reasoning.model import TYPE, Check, Group, Node, Pattern, Rule

__all__ = ["class_read", "fold_hidden"]

MOST_DEFINITIONS = 8
"""A hidden class with more definitions than this is materialised rather than folded."""

_Either = TypeVar("_Either", Rule, Check)


def fold_hidden(
    rules: Iterable[Rule], checks: Iterable[Check], hidden: Callable[[ox.NamedNode], bool]
) -> tuple[list[Rule], list[Check]]:
    """Return the rules and checks with hidden classes folded in where that is possible.

    What nothing reads, and what reads a class that nothing defines, is left out.
    """
    rules, checks = list(rules), list(checks)
    fresh = itertools.count()
    kept: set[ox.NamedNode] = set()
    while True:
        defined: dict[ox.NamedNode, list[Rule]] = defaultdict(list)
        for rule in rules:
            kind = _class_written(rule)
            if kind is not None and hidden(kind):
                defined[kind].append(rule)
        items: list[Rule | Check] = [*rules, *checks]
        read = {k for item in items for k in _classes_read(item) if hidden(k)}
        chosen = next(
            (
                kind
                for kind in sorted(read | set(defined), key=str)
                if kind not in kept and _foldable(kind, defined[kind], kind in read)
            ),
            None,
        )
        if chosen is None:
            return rules, checks
        definitions = defined[chosen]
        rest = [rule for rule in rules if rule not in definitions]
        rules = [out for rule in rest for out in _fold(rule, chosen, definitions, fresh)]
        checks = [out for check in checks for out in _fold(check, chosen, definitions, fresh)]
        rules = [rule for rule in dict.fromkeys(rules) if rule.head[0] not in rule.body.elements]


def _foldable(kind: ox.NamedNode, definitions: Sequence[Rule], read: bool) -> bool:
    if not read:
        return True
    recursive = any(kind in _classes_read(rule) for rule in definitions)
    return not recursive and len(definitions) <= MOST_DEFINITIONS


def class_read(pattern: object) -> ox.NamedNode | None:
    """Return the class whose membership a pattern states, if it names one."""
    if isinstance(pattern, Pattern) and pattern.predicate == TYPE:
        return pattern.object if isinstance(pattern.object, ox.NamedNode) else None
    return None


def _classes_read(item: Rule | Check) -> set[ox.NamedNode]:
    return {k for e in item.body.elements if (k := class_read(e)) is not None}


def _class_written(rule: Rule) -> ox.NamedNode | None:
    return class_read(rule.head[0]) if len(rule.head) == 1 else None


def _fold(
    item: _Either, kind: ox.NamedNode, definitions: Sequence[Rule], fresh: itertools.count[int]
) -> list[_Either]:
    """Return the item once for each way to replace its readings of ``kind``."""
    spots = [e for e in item.body.elements if class_read(e) == kind]
    if not spots:
        return [item]
    folded: list[_Either] = []
    for definition in definitions:
        one = _replace(item, spots[0], definition, next(fresh))  # type: ignore[arg-type]
        if one is not None:
            folded.extend(_fold(one, kind, definitions, fresh))
    return folded


def _replace(item: _Either, spot: Pattern, definition: Rule, number: int) -> _Either | None:
    renamed = {
        v: ox.Variable(f"{v.value}_{number}")
        for v in definition.body.variables() | definition.head[0].variables()
    }
    values: dict[ox.Variable, Node] = dict(renamed)
    body: Group = definition.body.substituted(values)
    head = definition.head[0].substituted(values)
    index: int = item.body.elements.index(spot)
    rest: Group = Group((*item.body.elements[:index], *item.body.elements[index + 1 :]))
    if isinstance(head.subject, ox.Variable):
        body = body.substituted({head.subject: spot.subject})
    elif isinstance(spot.subject, ox.Variable):
        value: dict[ox.Variable, Node] = {spot.subject: head.subject}
        rest = rest.substituted(value)
        if isinstance(item, Rule):
            item = replace(item, head=tuple(p.substituted(value) for p in item.head))
    elif head.subject != spot.subject:
        return None
    merged = tuple(dict.fromkeys((*rest.elements[:index], *body.elements, *rest.elements[index:])))
    if isinstance(item, Rule) and any(isinstance(p.subject, ox.Literal) for p in item.head):
        return None
    name = "+".join(dict.fromkeys((*item.name.split("+"), *definition.name.split("+"))))
    axioms = tuple(dict.fromkeys((*item.axioms, *definition.axioms)))
    return replace(item, name=name, body=Group(merged), axioms=axioms)
