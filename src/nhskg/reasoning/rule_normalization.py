"""The normal form of CONSTRUCT rules that a program is made of.

One text gives one or more :class:`Rule`. Each step keeps the meaning and makes what the rule
reads and writes more precise, so that stratification sees no cycle that is not there:

* a UNION at the top of WHERE gives one rule a branch;
* an OPTIONAL whose own variables occur only in triples of the head *adds* those triples and takes
  nothing away, so each becomes a rule of its own in which the optional part is required;
* a predicate or class variable in the head is replaced by each of the values that a table, or the
  data, give it.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

import pyoxigraph as ox

from nhskg.rdf.sparql.algebra import (
    TYPE,
    Bind,
    Call,
    Element,
    Exists,
    Filter,
    Group,
    Minus,
    Optional,
    Pattern,
    ProgramError,
    Union,
    Values,
    groups_in,
)
from nhskg.rdf.sparql.parser import parse_rule
from nhskg.reasoning.rules import Rule

_CHANGING = frozenset("NOW RAND UUID STRUUID BNODE".split())


def unsupported(rules: Iterable[Rule]) -> str | None:
    """Return why the first rule that can't be evaluated on arrays can't be; None if all can."""
    for rule in rules:
        for reason in _reasons(rule.body, set(), set()):
            return f"{rule}: {reason}"
    return None


def sees_outside(group: Group, outside: Collection[ox.Variable]) -> bool:
    """Return whether a group evaluated from rows with some variables may differ from one by itself.

    Args:
        group: the group.
        outside: the variables of the rows.
    """
    names = set(outside)
    for place, element in enumerate(group.elements):
        before = Group(group.elements[:place]).certain()
        match element:
            case Filter() | Exists():
                seen = element.variables() & names - group.certain()
            case Bind() | Optional() | Minus():
                seen = element.variables() & names - before
            case _:
                seen = frozenset()
        inner = element.branches if isinstance(element, Union) else ()
        if seen or any(sees_outside(branch, names) for branch in inner):
            return True
    return False


def _reasons(group: Group, outer: set[ox.Variable], bound: set[ox.Variable]) -> Iterator[str]:
    """Yield why a group cannot be evaluated from rows that bind some variables.

    ``outer`` are the variables that an enclosing EXISTS may substitute with the values of the row
    that it is evaluated for, ``bound`` those that it always does.
    """
    for place, element in enumerate(group.elements):
        before = Group(group.elements[:place])
        if isinstance(element, Union):
            others = Group(tuple(e for e in group.elements if e is not element))
            beside = (outer | others.possible()) - bound
            if any(sees_outside(branch, beside) for branch in element.branches):
                yield "a group in braces that would see a variable beside it"
        yield from _reasons_of(element, before.possible(), before.certain(), outer)
        for inner, _ in groups_in(element):
            if isinstance(element, Exists | Filter | Bind):
                around = before if isinstance(element, Bind) else group
                yield from _reasons(inner, outer | around.possible(), bound | around.certain())
            else:
                yield from _reasons(inner, outer, bound)


def _reasons_of(
    element: Element, before: set[ox.Variable], bound: set[ox.Variable], outer: set[ox.Variable]
) -> Iterator[str]:
    """Yield why an element cannot be evaluated; ``bound`` are the certain among those before."""
    match element:
        case Values(_, rows) if any(term is None for row in rows for term in row):
            yield "VALUES with UNDEF"
        case Optional() | Minus() if element.variables() & outer:
            word = type(element).__name__.upper()
            yield f"{word} in EXISTS that shares a variable with what is outside"
        case Minus(part):
            shared = part.possible() & before
            if shared - part.certain() or shared - bound:
                yield "MINUS that shares a variable which may be unbound"
            elif sees_outside(part, before):
                yield "MINUS with a group that would see a variable outside"
        case Optional(part) if _condition_sees_outside(part, before):
            yield "OPTIONAL with a group that would see a variable outside"
        case Bind(_, variable) if variable in outer:
            yield "BIND in EXISTS of a variable outside"
        case Filter(expression) | Bind(expression):
            for name in _CHANGING.intersection(_called(expression)):
                yield f"{name} gives another value each time"


def _condition_sees_outside(part: Group, around: set[ox.Variable]) -> bool:
    """Return whether an optional part sees more outside than the condition of a left join does.

    The FILTERs of the part are that condition; it sees both sides (section 18.2.2.6).
    """
    tests = [e for e in part.elements if isinstance(e, Filter | Exists)]
    rest = Group(tuple(e for e in part.elements if not isinstance(e, Filter | Exists)))
    return sees_outside(rest, around) or any(True for e in tests for _ in groups_in(e))


def _called(expression: object) -> Iterator[str]:
    """Yield the functions of an expression."""
    if isinstance(expression, Call):
        yield expression.name
        for each in expression.arguments:
            yield from _called(each)


ValuesOf = Callable[[Pattern, ox.Variable], Iterable[ox.NamedNode]]
"""Finds which IRIs a variable of a pattern takes in the data."""


@dataclass(frozen=True, slots=True)
class RuleText:
    """A CONSTRUCT rule as it is in a file: its text, its name, and where it comes from."""

    text: str
    name: str
    source: str = ""


def normalized_rules(text: RuleText, values_of: ValuesOf | None = None) -> list[Rule]:
    """Return the rules that one CONSTRUCT text states.

    Raises:
        ProgramError: the text cannot be read as a rule, or writes a triple whose subject or
            object no match can bind; or the order of its parts would count.
    """
    grounded = [out for rule in _stated(text) for out in _ground_head(rule, values_of)]
    return list(dict.fromkeys(grounded))


@lru_cache(maxsize=1024)  # reasoning reads each text once to choose an executor, once to compile
def _stated(text: RuleText) -> tuple[Rule, ...]:
    """Return the rules of a text as they are before the data are known."""
    parsed = parse_rule(text.text, source=text.source or text.name)
    rules: list[Rule] = []
    for body in _branches(parsed.body):
        bound = body.possible()  # a triple that no match of this body can bind is left out
        head = tuple(triple for triple in parsed.head if triple.variables() <= bound)
        rule = Rule(text.name, head, body, source=text.source or text.name)
        _check_order(rule)
        rules.extend(_split_optionals(rule))
    if not rules:
        raise ProgramError(f"{text.source or text.name}: no match can bind a triple of its head")
    return tuple(rules)


# -- order


def _check_order(rule: Rule) -> None:
    """Check that premises may be matched first, wherever they are.

    Raises:
        ProgramError: a premise binds a variable after a part that has another meaning where it is
            bound, or before a BIND to it.
    """
    elements = rule.body.elements
    for place, element in enumerate(elements):
        if not isinstance(element, Optional | Minus | Bind):
            continue
        if isinstance(element, Bind) and element.variable in Group(elements[:place]).possible():
            raise ProgramError(f"{rule}: {element.variable} is bound before the BIND that makes it")
        made = {element.variable} if isinstance(element, Bind) else set()
        later = {v for p in Group(elements[place + 1 :]).patterns() for v in p.variables()}
        open_to = (element.variables() - made & later) - Group(elements[:place]).certain()
        if open_to:
            raise ProgramError(
                f"{rule}: {min(open_to, key=str)} is bound after {type(element).__name__.upper()}, "
                "which uses it: the premise that binds it must stand before"
            )


def check_paths(rule: Rule) -> None:
    """Check that each path of any length (``p*``) begins or ends at something that is bound.

    Between two variables that no other triple pattern binds, ``p*`` relates every term of the graph
    to itself (SPARQL 1.1 Query Language, section 18.4): such a rule would read every triple that
    any rule writes.

    Raises:
        ProgramError: no premise binds an end of a path of any length.
    """

    def check(group: Group, around: set[ox.Variable]) -> None:
        premises = (p for p in group.patterns() if p.closure != "*")
        bound = around.union(*(premise.variables() for premise in premises))
        for element in group.elements:
            if isinstance(element, Pattern) and element.closure == "*":
                ends = (element.subject, element.object)
                if not any(not isinstance(end, ox.Variable) or end in bound for end in ends):
                    raise ProgramError(f"{rule}: no premise binds an end of {element.predicate}*")
            for inner, _ in groups_in(element):
                check(inner, set() if isinstance(element, Minus) else bound)

    check(rule.body, set())


# -- UNION


def _branches(body: Group, around: frozenset[ox.Variable] = frozenset()) -> list[Group]:
    """Return the body once for each choice of branches of its separable unions."""
    choices: list[list[tuple[Element, ...]]] = []
    for element in body.elements:
        choices.append([(element,)])
        if isinstance(element, Union):
            others = (other.variables() for other in body.elements if other is not element)
            outside = around.union(*others)
            if not any(sees_outside(branch, outside) for branch in element.branches):
                inner = [group for b in element.branches for group in _branches(b, outside)]
                choices[-1] = [group.elements for group in inner]
    return [Group(tuple(itertools.chain(*chosen))) for chosen in itertools.product(*choices)]


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
    return [
        replace(
            rule,
            head=tuple(triples),
            body=Group((*kept.elements, *(e for part in key for e in part.group.elements))),
        )
        for key, triples in needs.items()
    ]


def _adds_only(part: Optional, rule: Rule) -> bool:
    """Return whether an optional part can only add triples: its variables are its own."""
    if not all(isinstance(e, Pattern) and not e.closure for e in part.group.elements):
        return False
    elements = rule.body.elements
    elsewhere = Group(tuple(e for e in elements if e is not part)).variables()
    return part.variables() & elsewhere <= Group(elements[: elements.index(part)]).certain()


# -- predicate and class variables of the head


def _ground_head(rule: Rule, values_of: ValuesOf | None) -> list[Rule]:
    """Return the rule once for each value of the predicate and class variables of its head."""
    for triple in rule.head:
        for node in (triple.predicate, triple.object if triple.predicate == TYPE else None):
            values = _values(node, rule, values_of) if isinstance(node, ox.Variable) else None
            if isinstance(node, ox.Variable) and values is not None:
                return [
                    grounded
                    for term in sorted(values, key=str)
                    for grounded in _ground_head(_with_value(rule, node, term), values_of)
                ]
    return [rule]


def _values(
    variable: ox.Variable, rule: Rule, values_of: ValuesOf | None
) -> set[ox.NamedNode] | None:
    """Return the IRIs that a variable can take; None if it may be anything."""
    found: list[set[ox.NamedNode]] = []
    elements = rule.body.elements
    for place, element in enumerate(elements):
        match element:
            case Pattern(one, ox.NamedNode(), two, ""):
                if values_of is not None and variable in (one, two):
                    found.append(set(values_of(element, variable)))
            case Values((name,), rows) if name == variable:
                terms = {term for (term,) in rows if isinstance(term, ox.NamedNode)}
                if len(terms) == len(set(rows)):
                    found.append(terms)
            case Optional() | Minus() | Bind() if variable in element.variables():
                if variable not in Group(elements[:place]).certain():
                    return None  # it would be given a value too early
    return set.intersection(*found) if found else None


def _with_value(rule: Rule, variable: ox.Variable, term: ox.NamedNode) -> Rule:
    """Return the rule with a value for a variable, in a table where its name may count."""
    head = tuple(pattern.substituted({variable: term}) for pattern in rule.head)
    elements = [
        element.substituted({variable: term}) if _names_terms(element) else element
        for element in rule.body.elements
    ]
    if any(variable in element.variables() for element in elements):
        elements.insert(0, Values((variable,), ((term,),)))
    return replace(rule, head=head, body=Group(tuple(elements)))


def _names_terms(element: Element) -> bool:
    """Return whether an element means the same with a value in place of a variable."""
    if isinstance(element, Exists):
        return all(isinstance(each, Pattern) for each in element.group.elements)
    return isinstance(element, Pattern)
