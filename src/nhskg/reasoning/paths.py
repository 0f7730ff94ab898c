"""Paths of length zero taken apart.

``x p* y`` holds where x and y are one, or where ``x p+ y``. With both ends bound by other patterns
that is a test. With a loose end it is two cases, in one of which the loose end *is* the other
end; each case becomes a rule, or a group, of its own.
"""

from __future__ import annotations

import itertools
from dataclasses import replace

import pyoxigraph as ox

from nhskg.reasoning.bindings import certain
from nhskg.reasoning.model import (
    Bind,
    Element,
    Exists,
    Expression,
    Filter,
    Group,
    Node,
    Optional,
    Minus,
    Pattern,
    ProgramError,
    Rule,
    Union,
)

__all__ = ["expand_stars"]

Bound = frozenset[ox.Variable]
_Case = tuple[Group, dict[ox.Variable, Node]]
"""A group, and the variables that have become another term in this case."""


def expand_stars(rule: Rule) -> list[Rule]:
    """Return the rule once for each case of its paths with a loose end.

    Raises:
        ProgramError: a path with a loose end stands in OPTIONAL, MINUS or an expression.
    """
    expanded: list[Rule] = []
    for body, same in _cases(rule.body, frozenset(), rule):
        head = tuple(pattern.substituted(same) for pattern in rule.head)
        expanded.append(replace(rule, head=head, body=body))
    return list(dict.fromkeys(expanded))


def _cases(group: Group, outer: Bound, rule: Rule) -> list[_Case]:
    loose = _loose(group, outer)
    if loose is not None:
        pattern, end, other = loose
        index = group.elements.index(pattern)
        rest = Group((*group.elements[:index], *group.elements[index + 1 :]))
        same: dict[ox.Variable, Node] = {end: other}
        zero = [
            (one, {v: _follow(n, more) for v, n in same.items()} | more)
            for one, more in _cases(rest.substituted(same), outer, rule)
        ]
        plus = Pattern(pattern.subject, pattern.predicate, pattern.object, "+")
        walked = Group((*group.elements[:index], plus, *group.elements[index + 1 :]))
        return zero + _cases(walked, outer, rule)
    bound = outer | certain(group)
    choices = [_element_cases(element, bound, outer, rule) for element in group.elements]
    return [
        (Group(tuple(itertools.chain(*chosen))), {}) for chosen in itertools.product(*choices)
    ]


def _follow(node: Node, same: dict[ox.Variable, Node]) -> Node:
    return same.get(node, node) if isinstance(node, ox.Variable) else node


def _loose(group: Group, outer: Bound) -> tuple[Pattern, ox.Variable, Node] | None:
    """Return a path with a loose end, that end, and the other; paths with one bound end first."""
    bound = outer | certain(group)
    found: tuple[Pattern, ox.Variable, Node] | None = None
    for pattern in group.patterns():
        if pattern.closure != "*":
            continue
        for end, other in ((pattern.subject, pattern.object), (pattern.object, pattern.subject)):
            if isinstance(end, ox.Variable) and end not in bound:
                if not isinstance(other, ox.Variable) or other in bound:
                    return pattern, end, other
                found = found or (pattern, end, other)
    return found


def _element_cases(
    element: Element, bound: Bound, outer: Bound, rule: Rule
) -> list[tuple[Element, ...]]:
    if isinstance(element, Exists):
        groups = [case for case, _ in _cases(element.group, bound, rule)]
        if element.negated:
            return [tuple(Exists(group, negated=True) for group in groups)]
        return [(Exists(group, negated=False),) for group in groups]
    if isinstance(element, Union):
        branches = [_one_case(branch, outer, rule) for branch in element.branches]
        return [(Union(tuple(branches)),)]
    if isinstance(element, Optional):
        return [(Optional(_one_case(element.group, bound, rule)),)]
    if isinstance(element, Minus):
        return [(Minus(_one_case(element.group, frozenset(), rule)),)]
    if isinstance(element, Filter):
        return [(Filter(_expression(element.expression, bound, rule)),)]
    if isinstance(element, Bind):
        return [(Bind(_expression(element.expression, bound, rule), element.variable),)]
    return [(element,)]


def _expression(expression: Expression, bound: Bound, rule: Rule) -> Expression:
    return Expression(
        tuple(
            Exists(_one_case(part.group, bound, rule), part.negated)
            if isinstance(part, Exists)
            else part
            for part in expression.parts
        )
    )


def _one_case(group: Group, bound: Bound, rule: Rule) -> Group:
    cases = _cases(group, bound, rule)
    if len(cases) != 1:
        raise ProgramError(
            f"{rule}: a path with * needs both of its ends bound by other patterns where it stands "
            "in OPTIONAL, MINUS, UNION or an expression"
        )
    return cases[0][0]
