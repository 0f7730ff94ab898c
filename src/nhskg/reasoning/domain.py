"""CONSTRUCT rules brought into the form that the program is made of.

One text gives one or more :class:`Rule`. Each step keeps the meaning and makes what the rule
reads and writes more precise, so that stratification sees no cycle that is not there:

* a UNION at the top of WHERE gives one rule a branch;
* ``FILTER (?x IN (…))`` and VALUES over a class or predicate variable give one rule a value, and
  ``BIND (<constant> AS ?x)`` is put in place;
* an OPTIONAL whose own variables occur only in triples of the head *adds* those triples and takes
  nothing away, so each becomes a rule of its own in which the optional part is required;
* a predicate (or class) variable in the head is given the values it can take in the data.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

import pyoxigraph as ox

from nhskg.reasoning.bindings import certain, possible
from nhskg.reasoning.model import (
    TYPE,
    Bind,
    Element,
    Exists,
    Filter,
    Group,
    Minus,
    Node,
    Optional,
    Pattern,
    ProgramError,
    Rule,
    Union,
    Values,
    walk_patterns,
)
from nhskg.reasoning.parser import parse_rule

__all__ = ["RuleText", "ValuesOf", "domain_rules"]

ValuesOf = Callable[[Pattern, ox.Variable], Iterable[ox.NamedNode]]
"""Tells which IRIs a variable of a pattern takes in the data."""


@dataclass(frozen=True, slots=True)
class RuleText:
    """A CONSTRUCT rule as it stands in a file: its text, its name, and where it comes from."""

    text: str
    name: str
    source: str = ""


def domain_rules(text: RuleText, values_of: ValuesOf | None = None) -> list[Rule]:
    """Return the rules that one CONSTRUCT text states.

    Raises:
        ProgramError: the text cannot be read as a rule, or writes a triple whose subject or
            object no match can bind; or the order of its parts would count.
    """
    parsed = parse_rule(text.text, source=text.source or text.name)
    rules: list[Rule] = []
    for body in _branches(parsed.body):
        rule = Rule(text.name, parsed.head, body, source=text.source or text.name)
        _check_order(rule)
        for valued in _split_values(rule):
            rules.extend(_split_optionals(_bound_head(_place_constants(valued))))
    if not rules:
        raise ProgramError(f"{text.source or text.name}: no match can bind a triple of its head")
    grounded = [out for rule in rules for out in _ground_head(rule, values_of)]
    return list(dict.fromkeys(grounded))


# -- order


def _check_order(rule: Rule) -> None:
    """Check that premises may be matched first, wherever they stand.

    Raises:
        ProgramError: a premise binds a variable after a part that has another meaning where it is
            bound.
    """
    elements = rule.body.elements
    for place, element in enumerate(elements):
        if not isinstance(element, Optional | Minus | Bind):
            continue
        open_to = _read_from(element) - certain(Group(elements[:place]))
        for later in Group(elements[place + 1 :]).patterns():
            for variable in sorted(later.variables() & open_to, key=str):
                word = type(element).__name__.upper()
                raise ProgramError(
                    f"{rule}: {variable} is bound after {word}, which uses it: "
                    "the premise that binds it must stand before"
                )


def _read_from(element: Element) -> set[ox.Variable]:
    """Return the variables whose values count for an element, which are not those it makes."""
    made = {element.variable} if isinstance(element, Bind) else set()
    return element.variables() - made


# -- UNION


def _branches(body: Group, around: frozenset[ox.Variable] = frozenset()) -> list[Group]:
    """Return the body once for each choice of branches of its separable unions."""
    choices: list[list[tuple[Element, ...]]] = []
    for element in body.elements:
        others = (other.variables() for other in body.elements if other is not element)
        outside = around.union(*others)
        if isinstance(element, Union) and _separable(element, outside):
            inner = [found for branch in element.branches for found in _branches(branch, outside)]
            choices.append([found.elements for found in inner])
        else:
            choices.append([(element,)])
    return [Group(tuple(itertools.chain(*chosen))) for chosen in itertools.product(*choices)]


def _separable(union: Union, outside: frozenset[ox.Variable]) -> bool:
    """Tell whether the branches mean the same with their braces taken away.

    A FILTER or BIND in a branch does not see the variables outside; it must not begin to.
    """
    for branch in union.branches:
        for place, element in enumerate(branch.elements):
            if isinstance(element, Pattern | Values | Union):
                continue
            tests = isinstance(element, Filter | Exists)
            before = branch if tests else Group(branch.elements[:place])
            if (element.variables() & outside) - certain(before):
                return False
    return True


# -- values of variables


def _split_values(rule: Rule) -> list[Rule]:
    """Return the rule once for each value of its class and predicate variables."""
    for element in rule.body.elements:
        listed = _listed(element)
        if listed is None:
            continue
        variable, terms = listed
        if not _is_vocabulary(variable, rule) or not _is_bound_in_time(variable, element, rule):
            continue
        rest = Group(tuple(e for e in rule.body.elements if e is not element))
        split: list[Rule] = []
        for term in terms:
            one = replace(rule, body=rest)
            split.extend(_split_values(_put(one, variable, term)))
        return split
    return [rule]


def _listed(element: Element) -> tuple[ox.Variable, list[Node]] | None:
    """Return the variable and the terms of ``VALUES ?x { … }`` or ``FILTER (?x IN (…))``."""
    if isinstance(element, Values) and len(element.names) == 1:
        terms: list[Node] = [row[0] for row in element.rows if isinstance(row[0], ox.NamedNode)]
        return (element.names[0], terms) if len(terms) == len(element.rows) else None
    if not isinstance(element, Filter):
        return None
    parts = [part for part in element.expression.parts if part not in ("(", ")", ",")]
    if len(parts) < 3 or not isinstance(parts[0], ox.Variable):
        return None
    if str(parts[1]).upper() != "IN" or not all(isinstance(p, ox.NamedNode) for p in parts[2:]):
        return None
    return parts[0], [p for p in parts[2:] if isinstance(p, ox.NamedNode)]


def _is_vocabulary(variable: ox.Variable, rule: Rule) -> bool:
    for pattern in (*rule.head, *rule.body.patterns()):
        if pattern.predicate == variable:
            return True
        if pattern.predicate == TYPE and pattern.object == variable:
            return True
    return False


def _is_bound_in_time(variable: ox.Variable, listing: Element, rule: Rule) -> bool:
    """Tell whether a variable has its listed value wherever that would make a difference."""
    elements = rule.body.elements
    if isinstance(listing, Filter) and variable not in certain(rule.body):
        return False
    return all(
        variable in certain(Group(elements[:place]))
        for place, element in enumerate(elements)
        if isinstance(element, Optional | Minus | Bind) and variable in element.variables()
    )


def _put(rule: Rule, variable: ox.Variable, term: Node) -> Rule:
    """Return the rule with a term for a variable, which is kept where it counts as a variable."""
    values = {variable: term}
    head = tuple(p.substituted(values) for p in rule.head)
    if all(_is_replaceable(variable, element) for element in rule.body.elements):
        return replace(rule, head=head, body=rule.body.substituted(values))
    assert isinstance(term, ox.NamedNode)
    table = Values((variable,), ((term,),))
    elements: list[Element] = []
    for element in rule.body.elements:
        elements.append(element.substituted(values) if isinstance(element, Pattern) else element)
        if isinstance(element, Bind) and element.variable == variable:
            elements.append(table)  # BIND may not stand after what binds its variable
    return replace(
        rule, head=head, body=Group((*(() if table in elements else (table,)), *elements))
    )


def _is_replaceable(variable: ox.Variable, element: Element) -> bool:
    """Tell whether an element means the same with a variable's value in its place.

    That a variable is shared counts for MINUS, and that it is not seen for a group in braces.
    """
    if variable not in element.variables():
        return True
    if isinstance(element, Pattern | Values):
        return True
    if isinstance(element, Exists):
        return all(
            isinstance(e, Pattern | Filter | Exists) and _is_replaceable(variable, e)
            for e in element.group.elements
        )
    if isinstance(element, Filter | Bind):
        parts = element.expression.parts
        return not (isinstance(element, Bind) and element.variable == variable) and all(
            _is_replaceable(variable, part)
            if isinstance(part, Exists)
            else not (isinstance(part, str) and part.upper() == "BOUND")
            for part in parts
        )
    return False


def _place_constants(rule: Rule) -> Rule:
    for place, element in enumerate(rule.body.elements):
        if not isinstance(element, Bind) or len(element.expression.parts) != 1:
            continue
        term, variable = element.expression.parts[0], element.variable
        if not isinstance(term, ox.NamedNode | ox.Literal):
            continue
        before, after = rule.body.elements[:place], rule.body.elements[place + 1 :]
        made_before = any(
            variable in e.variables() and not isinstance(e, Filter | Exists) for e in before
        )
        patterns = (*rule.head, *(p for p, _, _ in walk_patterns(rule.body)))
        fits = isinstance(term, ox.NamedNode) or all(
            variable not in (p.subject, p.predicate) for p in patterns
        )
        rest = (*before, *after)
        if fits and not made_before and all(_is_replaceable(variable, e) for e in rest):
            return _place_constants(_put(replace(rule, body=Group(rest)), variable, term))
    return rule


def _bound_head(rule: Rule) -> Rule:
    """Drop the triples of the head that no match of this body can bind."""
    bound = possible(rule.body)
    return replace(rule, head=tuple(p for p in rule.head if p.variables() <= bound))


# -- OPTIONAL


def _split_optionals(rule: Rule) -> list[Rule]:
    """Return the rule without its separable optional parts, and one rule for each of them."""
    parts = [e for e in rule.body.elements if isinstance(e, Optional) and _adds_only(e, rule)]
    if not parts:
        return [rule] if rule.head else []
    kept = Group(tuple(e for e in rule.body.elements if e not in parts))
    owned = {part: part.variables() - kept.variables() for part in parts}
    needs: dict[tuple[Optional, ...], list[Pattern]] = {}
    for triple in rule.head:
        key = tuple(part for part in parts if triple.variables() & owned[part])
        needs.setdefault(key, []).append(triple)
    rules: list[Rule] = []
    for key, triples in needs.items():
        required = tuple(e for part in key for e in part.group.elements)
        body = Group((*kept.elements, *required))
        rules.append(replace(rule, head=tuple(triples), body=body))
    return rules


def _adds_only(part: Optional, rule: Rule) -> bool:
    """Tell whether an optional part can only add triples: its variables are its own."""
    if not all(isinstance(e, Pattern) and not e.closure for e in part.group.elements):
        return False
    elements = rule.body.elements
    elsewhere: set[ox.Variable] = set()
    for element in elements:
        if element is not part:
            elsewhere |= element.variables()
    return part.variables() & elsewhere <= certain(Group(elements[: elements.index(part)]))


# -- predicate and class variables of the head


def _ground_head(rule: Rule, values_of: ValuesOf | None) -> list[Rule]:
    if values_of is None:
        return [rule]
    for triple in rule.head:
        for node in (triple.predicate, triple.object if triple.predicate == TYPE else None):
            if isinstance(node, ox.Variable):
                sources = _binding_patterns(node, rule)
                if sources:
                    found = set.intersection(*(set(values_of(s, node)) for s in sources))
                    terms = sorted(found, key=str)
                    return [r for t in terms for r in _ground_head(_put(rule, node, t), values_of)]
    return [rule]


def _binding_patterns(variable: ox.Variable, rule: Rule) -> list[Pattern]:
    """Return the premises that bind a variable, other than as predicate."""
    return [
        pattern
        for pattern in rule.body.patterns()
        if isinstance(pattern.predicate, ox.NamedNode)
        and not pattern.closure
        and variable in (pattern.subject, pattern.object)
    ]
