"""Paths of one repeated predicate, as triples that the program derives first.

A path inside ``GRAPH ?g`` would stay within one graph, and the data are spread over many; and in an
inner loop it would be walked again for each row. So the closure of each predicate that a rule
repeats (``p+``, ``p*``) is derived first, under a helper predicate in the scratch graph, and
backwards under another, because engines look from subject to object before they look back, see
:mod:`nhskg.reasoning.ordering`.

``x p* y`` holds for x and y the same, whatever x is. So each thing that one end can be is put in
relation to itself. Which things these are is told by the innermost premises that bind that end;
each such context has a helper of its own, and the rule comes to depend on nothing that it doesn't
read there anyway.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Final

import pyoxigraph as ox

from nhskg.reasoning.model import (
    TYPE,
    Bind,
    Element,
    Exists,
    Expression,
    Filter,
    Group,
    Minus,
    Node,
    Optional,
    Pattern,
    ProgramError,
    Rule,
    Union,
)

__all__ = ["CLOSURE", "backwards", "with_closures"]

CLOSURE: Final = "urn:nhskg:closure:"
"""Prefix of the helper predicates that hold closures."""

INVERSE: Final = CLOSURE + "inverse:"
"""Prefix of the helper predicates that hold the same closures backwards."""

_X, _Y, _Z = (ox.Variable(name) for name in "xyz")
_Scopes = tuple[Group, ...]
"""A group and the groups around it, inside out."""


def with_closures(rules: Iterable[Rule]) -> list[Rule]:
    """Return the rules with the helpers of their paths named, and the rules that derive these.

    Raises:
        ProgramError: no premise binds an end of a path with ``*``.
    """
    rules = list(rules)
    namer = _Namer({pattern.predicate for rule in rules for pattern in rule.head})
    named = [replace(rule, body=namer.group(rule.body, (), rule)) for rule in rules]
    return [*named, *namer.closures.values()]


def inverse(helper: ox.NamedNode) -> ox.NamedNode:
    """Return the helper predicate that holds a closure backwards."""
    return ox.NamedNode(INVERSE + helper.value.removeprefix(CLOSURE))


def backwards(pattern: Pattern) -> Pattern:
    """Return a path walked from its other end; it means the same."""
    assert pattern.helper is not None
    return Pattern(
        pattern.object, pattern.predicate, pattern.subject, pattern.closure, inverse(pattern.helper)
    )


class _Namer:
    """Names the helper predicates of paths, and collects the rules that derive them."""

    def __init__(self, written: set[Node]) -> None:
        self.written = written
        self.open = any(isinstance(predicate, ox.Variable) for predicate in written)
        self.closures: dict[str, Rule] = {}

    def group(self, group: Group, outer: _Scopes, rule: Rule) -> Group:
        scopes = (group, *outer)
        return Group(tuple(self.element(element, scopes, rule) for element in group.elements))

    def element(self, element: Element, scopes: _Scopes, rule: Rule) -> Element:
        if isinstance(element, Pattern):
            return self.pattern(element, scopes, rule) if element.closure else element
        if isinstance(element, Exists):
            return Exists(self.group(element.group, scopes, rule), element.negated)
        if isinstance(element, Optional):
            return Optional(self.group(element.group, scopes, rule))
        if isinstance(element, Minus):
            return Minus(self.group(element.group, (), rule))
        if isinstance(element, Union):
            return Union(tuple(self.group(branch, scopes, rule) for branch in element.branches))
        if isinstance(element, Filter):
            return Filter(self.expression(element.expression, scopes, rule))
        if isinstance(element, Bind):
            return Bind(self.expression(element.expression, scopes, rule), element.variable)
        return element

    def expression(self, expression: Expression, scopes: _Scopes, rule: Rule) -> Expression:
        return Expression(
            tuple(
                Exists(self.group(part.group, scopes, rule), part.negated)
                if isinstance(part, Exists)
                else part
                for part in expression.parts
            )
        )

    def pattern(self, pattern: Pattern, scopes: _Scopes, rule: Rule) -> Pattern:
        assert isinstance(pattern.predicate, ox.NamedNode)
        plus = self.plus(pattern.predicate)
        if pattern.closure == "+":
            return replace(pattern, helper=plus)
        found = next(self.binding(pattern, scopes), None)
        if found is None:
            raise ProgramError(f"{rule}: no premise binds an end of {pattern.predicate}*")
        premises, end = found
        digest = hashlib.sha1(str((premises, end)).encode(), usedforsecurity=False)
        helper = ox.NamedNode(f"{CLOSURE}{digest.hexdigest()[:8]}:{pattern.predicate.value}")
        self.add(_both(end, helper, end), premises)
        self.add(_both(_X, helper, _Y), (Pattern(_X, plus, _Y),))
        return replace(pattern, helper=helper)

    def plus(self, predicate: ox.NamedNode) -> ox.NamedNode:
        helper = ox.NamedNode(CLOSURE + predicate.value)
        self.add(_both(_X, helper, _Y), (Pattern(_X, predicate, _Y),))
        self.add(_both(_X, helper, _Z), (Pattern(_X, helper, _Y), Pattern(_Y, predicate, _Z)))
        return helper

    def binding(
        self, pattern: Pattern, scopes: _Scopes
    ) -> Iterator[tuple[tuple[Pattern, ...], Node]]:
        """Yield the premises that bind an end of a path, innermost first, and that end.

        The classes of a premise's subject belong to it where rules write its predicate: they tell
        which rules it depends on.
        """
        ends = (pattern.object, pattern.subject)
        for end in ends:
            if not isinstance(end, ox.Variable):
                yield (), end
        for scope in scopes:
            for end in ends:
                for premise in scope.patterns():
                    if premise.closure or end not in (premise.subject, premise.object):
                        continue
                    plain = premise.predicate not in self.written and premise.predicate != TYPE
                    kinds = () if plain and not self.open else _kinds_of(premise, scope)
                    yield _canonical((premise, *kinds), end)

    def add(self, head: tuple[Pattern, ...], premises: tuple[Pattern, ...]) -> None:
        rule = Rule("path", head, Group(premises))
        self.closures.setdefault(f"{rule.head} {rule.body}", rule)


def _both(subject: Node, helper: ox.NamedNode, value: Node) -> tuple[Pattern, ...]:
    return Pattern(subject, helper, value), Pattern(value, inverse(helper), subject)


def _kinds_of(premise: Pattern, scope: Group) -> tuple[Pattern, ...]:
    """Return the classes that a group states of a premise's subject."""
    return tuple(
        other
        for other in scope.patterns()
        if other.predicate == TYPE and other.subject == premise.subject and other is not premise
    )


def _canonical(premises: tuple[Pattern, ...], end: Node) -> tuple[tuple[Pattern, ...], Node]:
    """Return premises and end with their variables renamed in order, so that alike are equal."""
    names: dict[ox.Variable, Node] = {}
    for node in (end, *(n for p in premises for n in (p.subject, p.predicate, p.object))):
        if isinstance(node, ox.Variable) and node not in names:
            names[node] = ox.Variable(f"x{len(names)}")
    renamed = names[end] if isinstance(end, ox.Variable) else end
    return tuple(premise.substituted(names) for premise in premises), renamed
