"""Paths of one repeated predicate, over one graph that holds their steps.

A path inside ``GRAPH ?g`` would stay within one graph, and the data are spread over many. So the
steps of each predicate that a rule repeats (``p+``, ``p*``) are first copied, under a helper
predicate, into the scratch graph, and the path is walked there. An engine that knows both ends of
a path takes it for a test, and joins the rest first, which is what these rules want.

``x p* y`` holds for x and y the same, whatever x is. So that this doesn't depend on what else is in
the scratch graph, each thing that one end can be gets a step to itself. Which things these are is
told by the innermost premises that bind that end; each such context has a helper of its own, and
the rule comes to depend on nothing that it doesn't read there anyway.
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

__all__ = ["STEP", "backwards", "with_steps"]

STEP: Final = "urn:nhskg:step:"
"""Prefix of the helper predicates that hold the steps of paths."""

INVERSE: Final = STEP + "inverse:"
"""Prefix of the helper predicates that hold the same steps backwards."""

_X, _Y = ox.Variable("x"), ox.Variable("y")
_Scopes = tuple[Group, ...]
"""A group and the groups around it, inside out."""


def with_steps(rules: Iterable[Rule]) -> list[Rule]:
    """Return the rules with the helpers of their paths named, and the rules that fill these.

    Raises:
        ProgramError: no premise binds an end of a path with ``*``.
    """
    namer = _Namer()
    named = [replace(rule, body=namer.group(rule.body, (), rule)) for rule in rules]
    return [*named, *namer.steps.values()]


def inverse(helper: ox.NamedNode) -> ox.NamedNode:
    """Return the helper predicate that holds the steps of another one backwards."""
    return ox.NamedNode(INVERSE + helper.value.removeprefix(STEP))


def backwards(pattern: Pattern) -> Pattern:
    """Return a path walked from its other end; it means the same."""
    assert pattern.helper is not None
    return Pattern(
        pattern.object, pattern.predicate, pattern.subject, pattern.closure, inverse(pattern.helper)
    )


class _Namer:
    """Names the helper predicates of paths, and collects the rules that fill them."""

    def __init__(self) -> None:
        self.steps: dict[str, Rule] = {}

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
        name = pattern.predicate.value
        if pattern.closure == "+":
            helper = ox.NamedNode(STEP + name)
        else:
            found = next(_binding(pattern, scopes), None)
            if found is None:
                raise ProgramError(f"{rule}: no premise binds an end of {pattern.predicate}*")
            premises, end = found
            digest = hashlib.sha1(str((premises, end)).encode(), usedforsecurity=False)
            helper = ox.NamedNode(f"{STEP}{digest.hexdigest()[:8]}:{name}")
            itself = (Pattern(end, helper, end), Pattern(end, inverse(helper), end))
            self.add(Rule("step", itself, Group(premises)))
        both = (Pattern(_X, helper, _Y), Pattern(_Y, inverse(helper), _X))
        self.add(Rule("step", both, Group((Pattern(_X, pattern.predicate, _Y),))))
        return replace(pattern, helper=helper)

    def add(self, rule: Rule) -> None:
        self.steps.setdefault(f"{rule.head} {rule.body}", rule)


def _binding(pattern: Pattern, scopes: _Scopes) -> Iterator[tuple[tuple[Pattern, ...], Node]]:
    """Yield the premises that bind an end of a path, innermost first, and that end."""
    ends = (pattern.object, pattern.subject)
    for end in ends:
        if not isinstance(end, ox.Variable):
            yield (), end
    for scope in scopes:
        for end in ends:
            for premise in scope.patterns():
                if not premise.closure and end in (premise.subject, premise.object):
                    yield _canonical((premise, *_kinds_of(premise, scope)), end)


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
