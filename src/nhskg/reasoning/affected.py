"""Which conclusions of a rule a change may bear on.

A conclusion may come or go where some premise does: one that must be there, or one that must not.
So each triple pattern at any depth of a rule's body is an *occurrence*: the triples that changed
are put in its place, and what else the rule asks to be there is asked of the state before and the
state after together. What it asks not to be there is left out of account. That finds too much, and
misses nothing: every row that was or is a match of the body agrees with what is asked here.

A variable that ``BIND`` makes of others (``IRI(CONCAT("…", …))``) is looked for from the front:
what the first of these can be is asked first.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import takewhile
from typing import TypeAlias

import pyoxigraph as ox

from nhskg.errors import NhskgError
from nhskg.reasoning.bindings import certain
from nhskg.reasoning.model import (
    TYPE,
    Bind,
    Element,
    Exists,
    Expression,
    Filter,
    Group,
    Node,
    Optional,
    Part,
    Pattern,
    Rule,
    Union,
    Values,
)
from nhskg.reasoning.render import group_text

__all__ = [
    "Key",
    "NotIncrementalError",
    "Occurrence",
    "Row",
    "affected_rows",
    "asked",
    "keys_of",
    "occurrences",
    "plain",
    "tests_apart",
    "values_for",
]

Key: TypeAlias = tuple[str, str]
"""Predicate and, of a class membership, the class; empty where it is a variable, or neither."""

Row: TypeAlias = dict[ox.Variable, Node]

_FLAG = "_d"


class NotIncrementalError(NhskgError):
    """A program, or a change, whose consequences are to be found from nothing."""


@dataclass(frozen=True, slots=True)
class Occurrence:
    """A triple pattern of a rule, with all that must be there where it is matched.

    Attributes:
        rule: the rule.
        pattern: the pattern, without its closure.
        beside: the other patterns, from the top of the body down to the pattern's own group.
        rest: what binds or tests the variables of these.
        shared: the variables whose values count; all of the pattern's, where nothing is told.
    """

    rule: Rule
    pattern: Pattern
    beside: tuple[Pattern, ...]
    rest: tuple[Element, ...]
    shared: frozenset[ox.Variable] | None = None


def occurrences(rule: Rule, *, general: bool = False) -> Iterator[Occurrence]:
    """Yield every occurrence of a rule's body.

    Args:
        rule: the rule.
        general: whether a pattern of any predicate, or of any class, will do.

    Raises:
        NotIncrementalError: the body has something that is not provided for.
    """
    computed = {e.variable for e in rule.body.elements if isinstance(e, Bind)}
    top = [plain(p) for p in rule.body.patterns()]
    if any(p.variables() & computed for p in top):
        raise NotIncrementalError(f"{rule}: a premise with a name that BIND makes")
    for found in _occurrences(rule, rule.body, (), _resting(rule.body, top=True)):
        if not general and "" in keys_of(found.pattern)[: 1 + (found.pattern.predicate == TYPE)]:
            raise NotIncrementalError(f"{rule}: any predicate, or any class")
        _check_askable(found)
        yield found


def _check_askable(found: Occurrence) -> None:
    """Check that what there is besides the pattern can be asked, and is as weak as need be.

    Raises:
        NotIncrementalError: a name that BIND makes stands in another pattern, too, so that it would
            have to be made before; or something is tested, or made, of what nothing here binds.
    """
    computed = {each.variable for each in found.rest if isinstance(each, Bind)}
    beside = {v for pattern in found.beside for v in pattern.variables()}
    if beside & computed:
        raise NotIncrementalError(f"{found.rule}: a premise beside others with a name that is made")
    own = found.pattern.variables()
    bound = beside | computed | (own if found.shared is None else own & found.shared)
    for each in found.rest:
        if not isinstance(each, Filter | Bind):
            bound |= each.variables()
    for each in found.rest:
        if isinstance(each, Filter | Bind) and each.expression.variables() - bound:
            raise NotIncrementalError(f"{found.rule}: a test of what may be unbound")


def _occurrences(
    rule: Rule, group: Group, around: tuple[Pattern, ...], rest: tuple[Element, ...]
) -> Iterator[Occurrence]:
    own = tuple(plain(pattern) for pattern in group.patterns())
    if group is not rule.body and any(p.variables() & _perhaps(rule.body) for p in own):
        raise NotIncrementalError(f"{rule}: what an optional part may bind, in a group of its own")
    for place, pattern in enumerate(own):
        yield Occurrence(rule, pattern, (*around, *own[:place], *own[place + 1 :]), rest)
    for element in group.elements:
        if isinstance(element, Optional):
            if group is not rule.body:
                raise NotIncrementalError(f"{rule}: an optional part of a group within the body")
            yield from _in_optional(rule, element.group, (*around, *own), rest)
            continue
        for inner in _groups_in(element, rule):
            yield from _occurrences(rule, inner, (*around, *own), (*rest, *_resting(inner)))


def _in_optional(
    rule: Rule, group: Group, around: tuple[Pattern, ...], rest: tuple[Element, ...]
) -> Iterator[Occurrence]:
    """Yield the occurrences of an optional part; what it binds may be bound before, or after."""
    if len(group.patterns()) < len(group.elements):
        raise NotIncrementalError(f"{rule}: more than premises in an optional part")
    shared = frozenset(v for pattern in around for v in pattern.variables())
    for pattern in group.patterns():
        yield Occurrence(rule, plain(pattern), around, rest, shared)


def _perhaps(body: Group) -> set[ox.Variable]:
    """Return the variables that an optional part of a body binds, or leaves open."""
    optional = {v for e in body.elements if isinstance(e, Optional) for v in e.variables()}
    return optional - certain(body)


def _groups_in(element: Element, rule: Rule) -> tuple[Group, ...]:
    if isinstance(element, Exists):
        return (element.group,)
    if isinstance(element, Filter | Bind):
        tested = tuple(part.group for part in element.expression.parts if isinstance(part, Exists))
        if tested and isinstance(element, Bind):
            raise NotIncrementalError(f"{rule}: a value made of whether something is there")
        return tested
    if isinstance(element, Pattern | Values):
        return ()
    raise NotIncrementalError(f"{rule}: {type(element).__name__} in the body")


def _resting(group: Group, *, top: bool = False) -> tuple[Element, ...]:
    """Return what a group has besides patterns and tests on the graph: each as weak as need be."""
    kept: list[Element] = []
    for element in group.elements:
        if isinstance(element, Filter | Bind):
            if not any(isinstance(part, Exists) for part in element.expression.parts):
                kept.append(element)
        elif isinstance(element, Optional) and top:
            kept.append(Union((_plain_group(element.group), Group())))
        elif isinstance(element, Values):
            kept.append(element)
    return tuple(kept)


def _plain_group(group: Group) -> Group:
    return Group(tuple(plain(pattern) for pattern in group.patterns()))


def plain(pattern: Pattern) -> Pattern:
    """Return a pattern of triples that stand in the store: a path by its helper predicate."""
    if pattern.helper is None:
        return pattern
    return replace(pattern, predicate=pattern.helper, closure="", helper=None)


def keys_of(pattern: Pattern) -> Key:
    """Return what a pattern is found by."""
    if not isinstance(pattern.predicate, ox.NamedNode):
        return "", ""
    kind = pattern.object if pattern.predicate == TYPE else None
    return pattern.predicate.value, kind.value if isinstance(kind, ox.NamedNode) else ""


def values_for(pattern: Pattern, triples: Iterable[ox.Triple]) -> list[Row]:
    """Return what the variables of a pattern are in each triple that matches it."""
    rows = []
    for triple in triples:
        row: Row | None = {}
        for node, term in (
            (pattern.subject, triple.subject),
            (pattern.predicate, triple.predicate),
            (pattern.object, triple.object),
        ):
            known = row.setdefault(node, term) if isinstance(node, ox.Variable) else node  # type: ignore[union-attr,arg-type]
            if known != term:
                row = None
                break
        if row is not None:
            rows.append(row)
    return rows


def affected_rows(
    store: ox.Store, found: Occurrence, rows: Sequence[Row], wanted: Sequence[ox.Variable]
) -> list[Row]:
    """Return the values of some variables in every match of a rule that some triples may bear on.

    Args:
        store: the state before and the state after, in its graphs taken together.
        found: the occurrence.
        rows: what its variables are in the triples.
        wanted: the variables whose values are asked for.
    """
    names = sorted((v for v in rows[0] if found.shared is None or v in found.shared), key=str)
    computed = {e.variable: e for e in found.rest if isinstance(e, Bind)}
    elements: list[Element] = []
    tests: list[Element] = []
    renamed = []
    for name in names:
        if name in computed:
            flag = ox.Variable(name.value + _FLAG)
            renamed.append(flag)
            tests.append(Filter(Expression(("sameTerm", "(", name, ",", flag, ")"))))
            narrowed = _from_the_front(store, computed[name], found, [row[name] for row in rows])
            if narrowed is not None:
                elements.append(narrowed)
        else:
            renamed.append(name)
    if names:
        table = tuple(tuple(_term(row[name]) for name in names) for row in rows)
        values = Values(tuple(renamed), tuple(dict.fromkeys(table)))
        (tests if tests else elements).insert(0, values)
    given = {v for each in elements for v in each.variables()}
    beside, classes = tests_apart(found.beside, given)
    rest = (*_in_order(found.rest), *tests, *classes)
    return _ask(store, (*elements, *beside, *rest), wanted)


def tests_apart(
    patterns: Sequence[Pattern], given: set[ox.Variable]
) -> tuple[list[Pattern], list[Exists]]:
    """Return patterns without those that name their object, and these as tests.

    An engine might begin with all instances of a class, where a row or two are given. What no
    other pattern leads to stays a pattern.
    """
    kept = [p for p in patterns if isinstance(p.object, ox.Variable)]
    reached = given | {v for p in kept for v in p.variables()}
    named = [p for p in patterns if not isinstance(p.object, ox.Variable)]
    kept += [p for p in named if not p.variables() <= reached]
    return kept, [Exists(Group((p,)), negated=False) for p in named if p.variables() <= reached]


def _in_order(rest: Sequence[Element]) -> list[Element]:
    """Return what binds before what tests."""
    return sorted(rest, key=lambda e: (isinstance(e, Filter), isinstance(e, Bind)))


def _term(node: Node) -> ox.NamedNode | ox.Literal:
    if not isinstance(node, ox.NamedNode | ox.Literal):
        raise NotIncrementalError("a blank node")
    return node


def _ask(store: ox.Store, elements: Sequence[Element], wanted: Sequence[ox.Variable]) -> list[Row]:
    names = " ".join(map(str, wanted)) or "(1 AS ?true)"
    text = f"SELECT DISTINCT {names} WHERE {{\n{group_text(Group(tuple(elements)), graphs=False)}}}"
    return asked(store, text, wanted, union=True)


def asked(
    store: ox.Store, text: str, wanted: Sequence[ox.Variable], *, union: bool = False
) -> list[Row]:
    """Return the rows of a SELECT, each with the values of those variables that are bound.

    Args:
        store: what is asked.
        text: the query, which selects the variables in order.
        wanted: the variables.
        union: whether the graphs, the default graph too, are taken together.

    Raises:
        NotIncrementalError: the store refuses the query.
    """
    try:
        found = store.query(text, use_default_graph_as_union=union)
        assert isinstance(found, ox.QuerySolutions)
        return [
            {name: term for name, term in zip(wanted, row, strict=False) if term is not None}
            for row in found
        ]
    except (OSError, SyntaxError, ValueError, RuntimeError) as error:
        raise NotIncrementalError(f"the store refuses a query: {error}") from error


def _from_the_front(
    store: ox.Store, bind: Bind, found: Occurrence, values: Sequence[Node]
) -> Values | None:
    """Return what the first variable of a made name can be, if the name is made that way.

    ``IRI(CONCAT("…", f(?x), …))`` is one of the values only if that begins with "…" and f(?x), as
    strings: f(?x) alone may be an IRI, of which CONCAT makes nothing.
    """
    pieces = _pieces(_spelt_out(bind, found.rest))
    front = list(takewhile(lambda piece: not _variables(piece), pieces))
    first = pieces[len(front)] if len(front) < len(pieces) else ()
    variables = _variables(first)
    binding = [p for p in found.beside if variables <= p.variables()]
    if len(variables) != 1 or not binding:
        return None
    (variable,) = variables
    name = ox.Variable("value" + _FLAG)
    shown = Values((name,), tuple((ox.Literal(_term(v).value),) for v in dict.fromkeys(values)))
    begins: list[Part] = ["STRSTARTS", "(", name, ",", "CONCAT", "("]
    for piece in (*front, first):
        begins += ["STR", "(", *piece, ")", ","]
    test = Filter(Expression((*begins[:-1], ")", ")")))
    rows = _ask(store, (binding[0], shown, test), [variable])
    return Values((variable,), tuple((_term(row[variable]),) for row in rows if row))


def _variables(parts: Iterable[Part]) -> set[ox.Variable]:
    return {part for part in parts if isinstance(part, ox.Variable)}


def _spelt_out(bind: Bind, rest: Sequence[Element]) -> list[Part]:
    """Return the expression of a BIND with those of others in the place of their variables."""
    made = {e.variable: e for e in rest if isinstance(e, Bind) and e is not bind}
    parts: list[Part] = []
    for part in bind.expression.parts:
        inner = made.get(part) if isinstance(part, ox.Variable) else None
        parts += [part] if inner is None else _spelt_out(inner, rest)
    return parts


def _pieces(parts: Sequence[Part]) -> list[Sequence[Part]]:
    """Return what an expression strings together, in order: its IRI and CONCAT taken apart."""
    name = parts[0].upper() if parts and isinstance(parts[0], str) else ""
    if name not in ("IRI", "CONCAT") or parts[-1] != ")":
        return [parts]
    pieces: list[list[Part]] = [[]]
    depth = 0
    for part in parts[2:-1]:
        if part == "," and depth == 0:
            pieces.append([])
            continue
        depth += 1 if part == "(" else -1 if part == ")" else 0
        if depth < 0:  # what is begun with is not the whole
            return [parts]
        pieces[-1].append(part)
    return [inner for piece in pieces for inner in _pieces(piece)]
