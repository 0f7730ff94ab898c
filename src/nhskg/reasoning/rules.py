"""Rules as data, and the normal form of CONSTRUCT rules that a program is made of.

One CONSTRUCT text gives one or more rules; each step keeps the meaning and makes what they read and
write more precise, so that stratification sees no cycle that is not there:

* a UNION at the top of WHERE gives one rule a branch;
* an OPTIONAL whose own variables occur only in triples of the head *adds* those triples and takes
  nothing away, so each becomes a rule of its own in which the optional part is required;
* a predicate or class variable in the head is replaced by each of the values that a table, or the
  data, give it.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterable, Iterator, Set
from dataclasses import dataclass, replace
from functools import lru_cache
from math import prod
from pathlib import Path
from typing import Final

import pyoxigraph as ox

from nhskg.rdf.errors import Place
from nhskg.rdf.files import read_text
from nhskg.rdf.sparql.algebra import (
    TYPE,
    Bind,
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
    group_text,
    groups_in,
)
from nhskg.rdf.sparql.parser import parse_rule

TOO_DEEP: Final = "an expression is nested too deeply; split it by BIND, or into several rules"


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of a program; without a head a check, whose body must have no match.

    ``name`` is that of a CONSTRUCT rule, or of the OWL 2 RL/RDF rule (several joined by ``+`` where
    one was folded into another), which was compiled from ``axioms``; ``source`` is a file.
    """

    name: str
    head: tuple[Pattern, ...]
    body: Group
    axioms: tuple[ox.Triple, ...] = ()
    source: str = ""

    def __str__(self) -> str:
        return self.name + (f" ({self.source})" if self.source else "")


def told_of(rule: Rule, message: str) -> ProgramError:
    """Return an error of a rule, at the pattern of its file."""
    path = Path(rule.source)
    if not path.is_file():
        return ProgramError(f"{rule}: {message}")
    lines = read_text(path).split("\n")
    at = (n for n, line in enumerate(lines, 1) if re.match(r"[^#]*\bWHERE\b", line, re.I))
    return ProgramError(message, place=Place(path, next(at, 1)))


@dataclass(frozen=True, slots=True)
class RuleText:
    """A CONSTRUCT rule as it is in a file: its text, its name, and where it comes from."""

    text: str
    name: str
    source: str = ""


@dataclass(frozen=True, slots=True)
class Inconsistency:
    """A clash: the rule that ends in false, the triples that clash, the axioms behind it."""

    rule: str
    triples: tuple[ox.Triple, ...]
    axioms: tuple[ox.Triple, ...] = ()

    def __str__(self) -> str:
        return f"{self.rule}: {', '.join(map(str, (*self.triples, *self.axioms)))}"


@dataclass(frozen=True, slots=True)
class Stratum:
    """Rules that are evaluated together: once, or to a fixpoint if they feed themselves."""

    rules: tuple[Rule, ...]
    recursive: bool


def class_read(pattern: object) -> ox.NamedNode | None:
    """Return the class whose membership a pattern states, if it names one."""
    if isinstance(pattern, Pattern) and pattern.predicate == TYPE:
        return pattern.object if isinstance(pattern.object, ox.NamedNode) else None
    return None


# -- what arrays can evaluate

CHANGING: Final = re.compile(r"\b(NOW|RAND|UUID|STRUUID|BNODE)\(")
"""Functions that give another value each time."""
_OPEN: Final = re.compile(rf"\bUNDEF\b|{CHANGING.pattern}")
"""Tables that leave a value open, and those functions."""


def run_on_arrays(rules: Iterable[Rule]) -> bool:
    """Return whether arrays evaluate every rule as SPARQL does; may be false where they could.

    Arrays evaluate a nested group from the rows around it, and SPARQL by itself. What only reads
    like one of :data:`_OPEN` is left to SPARQL, too.
    """
    return all(not _OPEN.search(group_text(r.body)) and _stands_alone(r.body, set()) for r in rules)


def _stands_alone(group: Group, outer: set[ox.Variable]) -> bool:
    """Return whether each nested group has the same matches by itself and from the rows around it.

    ``outer`` are the variables around the group, of which EXISTS puts the values in.
    """
    for place, element in enumerate(group.elements):
        before = _before(group, place)
        around = outer | Group(tuple(e for e in group.elements if e is not element)).possible()
        seen = False
        match element:
            case Union(branches):
                seen = any(sees_outside(branch, around) for branch in branches)
            case Optional(part):  # its FILTERs see both sides (18.2.2.6)
                rest = Group(tuple(e for e in part.elements if not isinstance(e, Filter)))
                nested = [inner for each in part.elements for inner in groups_in(each)]
                seen = bool(nested) or sees_outside(rest, before.possible())
            case Minus(part):
                shared = part.possible() & before.possible()
                seen = not shared <= part.certain() & before.certain()
                seen |= sees_outside(part, before.possible())
            case Bind(_, variable):
                seen = variable in outer
        seen |= isinstance(element, Optional | Minus) and bool(element.variables() & outer)
        if seen or not all(_stands_alone(inner, around) for inner, _ in groups_in(element)):
            return False
    return True


def _before(group: Group, place: int) -> Group:
    return Group(group.elements[:place])


def sees_outside(group: Group, outside: Set[ox.Variable]) -> bool:
    """Return whether a group evaluated from rows with variables may differ from one by itself."""
    for place, element in enumerate(group.elements):
        if isinstance(element, Union):
            if any(sees_outside(branch, outside) for branch in element.branches):
                return True
        elif not isinstance(element, Pattern | Values):
            bound = group if isinstance(element, Filter | Exists) else _before(group, place)
            if element.variables() & outside - bound.certain():
                return True
    return False


# -- the normal form

MOST_BRANCHES: Final = 1_000
"""Rules that the unions of one rule may give; of more, none is separated."""

ValuesOf = Callable[[Pattern, ox.Variable], Iterable[ox.NamedNode]]
"""Finds which IRIs a variable of a pattern takes in the data."""


def normalized_rules(text: RuleText, values_of: ValuesOf | None = None) -> list[Rule]:
    """Return the rules that one CONSTRUCT text states.

    Raises:
        ProgramError: it is no rule, no match binds its head, or the order of its parts counts.
    """
    try:
        grounded = (out for rule in _stated(text) for out in _ground_head(rule, values_of))
        return list(dict.fromkeys(grounded))
    except RecursionError as error:
        raise ProgramError(f"{text.source or text.name}: {TOO_DEEP}") from error


@lru_cache(maxsize=1024)  # reasoning reads each text once to choose an executor, once to compile
def _stated(text: RuleText) -> tuple[Rule, ...]:
    source = text.source or text.name
    parsed = parse_rule(text.text, source=source)
    rules: list[Rule] = []
    for body in _branches(parsed.body):
        bound = body.possible()  # a triple that no match of this body can bind is left out
        head = tuple(triple for triple in parsed.head if triple.variables() <= bound)
        rule = Rule(text.name, head, body, source=source)
        _check_order(rule)
        rules.extend(_split_optionals(rule))
    if not rules:
        raise ProgramError(f"{source}: no match can bind a triple of its head")
    return tuple(rules)


def _check_order(rule: Rule) -> None:
    """Check that premises may be matched first: none binds what a part before it uses, or makes."""
    for place, element in enumerate(rule.body.elements):
        if not isinstance(element, Optional | Minus | Bind):
            continue
        before = _before(rule.body, place)
        made = {element.variable} if isinstance(element, Bind) else set()
        if made & before.possible():
            raise ProgramError(f"{rule}: {made.pop()} is bound before the BIND that makes it")
        later = Group(Group(rule.body.elements[place + 1 :]).patterns()).variables()
        open_to = (element.variables() - made & later) - before.certain()
        if open_to:
            raise ProgramError(
                f"{rule}: {min(open_to, key=str)} is bound after {type(element).__name__.upper()}, "
                "which uses it: the premise that binds it must stand before"
            )


def check_paths(rule: Rule, group: Group, around: frozenset[ox.Variable] = frozenset()) -> None:
    """Check that each path of any length (``p*``) begins or ends at something that is bound.

    Else it relates every term of the graph to itself (SPARQL 1.1 Query Language, section 18.4), and
    the rule reads every triple that any rule writes.

    Raises:
        ProgramError: no premise binds an end of a path of any length.
    """
    bound = around.union(*(p.variables() for p in group.patterns() if p.closure != "*"))
    for element in group.elements:
        if isinstance(element, Pattern) and element.closure == "*":
            ends = {element.subject, element.object}
            if not ends & bound and all(isinstance(end, ox.Variable) for end in ends):
                raise ProgramError(f"{rule}: no premise binds an end of {element.predicate}*")
        for inner, _ in groups_in(element):
            check_paths(rule, inner, frozenset() if isinstance(element, Minus) else bound)


def _branches(body: Group, around: frozenset[ox.Variable] = frozenset()) -> list[Group]:
    """Return the body once for each choice of branches of its separable unions."""
    choices: list[list[tuple[Element, ...]]] = []
    for element in body.elements:
        choices.append([(element,)])
        if isinstance(element, Union):
            outside = around.union(*(e.variables() for e in body.elements if e is not element))
            if not any(sees_outside(branch, outside) for branch in element.branches):
                inner = (group for b in element.branches for group in _branches(b, outside))
                choices[-1] = [group.elements for group in inner]
    if prod(map(len, choices)) > MOST_BRANCHES:  # a union is evaluated as it is, too
        return [body]
    return [Group(tuple(itertools.chain(*chosen))) for chosen in itertools.product(*choices)]


def _split_optionals(rule: Rule) -> list[Rule]:
    """Return the rule without its separable optional parts, and one rule for each of them."""
    parts = [e for e in rule.body.elements if isinstance(e, Optional) and _adds_only(e, rule)]
    if not parts:
        return [rule] if rule.head else []
    kept = Group(tuple(e for e in rule.body.elements if e not in parts))
    needs: dict[tuple[Optional, ...], list[Pattern]] = {}
    for triple in rule.head:
        own = triple.variables() - kept.variables()
        needs.setdefault(tuple(p for p in parts if p.variables() & own), []).append(triple)
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
    return part.variables() & elsewhere <= _before(rule.body, elements.index(part)).certain()


def _ground_head(rule: Rule, values_of: ValuesOf | None) -> Iterator[Rule]:
    """Yield the rule once for each value of the predicate and class variables of its head."""
    for triple in rule.head:
        for node in (triple.predicate, triple.object if triple.predicate == TYPE else None):
            values = _values(node, rule, values_of) if isinstance(node, ox.Variable) else None
            if isinstance(node, ox.Variable) and values is not None:
                for term in sorted(values, key=str):
                    yield from _ground_head(_with_value(rule, node, term), values_of)
                return
    yield rule


def _values(
    variable: ox.Variable, rule: Rule, values_of: ValuesOf | None
) -> set[ox.NamedNode] | None:
    """Return the IRIs that a variable can take; None if it may be anything."""
    found: list[set[ox.NamedNode]] = []
    for place, element in enumerate(rule.body.elements):
        match element:
            case Pattern(one, ox.NamedNode(), two, ""):
                if values_of is not None and variable in (one, two):
                    found.append(set(values_of(element, variable)))
            case Values((name,), rows) if name == variable:
                terms = {term for (term,) in rows if isinstance(term, ox.NamedNode)}
                if len(terms) == len(set(rows)):
                    found.append(terms)
            case Optional() | Minus() | Bind() if variable in element.variables():
                if variable not in _before(rule.body, place).certain():
                    return None  # it would be given a value too early
    return set.intersection(*found) if found else None


def _with_value(rule: Rule, variable: ox.Variable, term: ox.NamedNode) -> Rule:
    """Return the rule with a value for a variable, in a table where its name may count."""
    elements: list[Element] = []
    for element in rule.body.elements:
        parts = element.group.elements if isinstance(element, Exists) else (element,)
        is_plain = all(isinstance(part, Pattern) for part in parts)
        elements.append(element.substituted({variable: term}) if is_plain else element)
    if any(variable in element.variables() for element in elements):
        elements.insert(0, Values((variable,), ((term,),)))
    head = tuple(pattern.substituted({variable: term}) for pattern in rule.head)
    return replace(rule, head=head, body=Group(tuple(elements)))
