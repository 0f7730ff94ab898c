"""Whether one query can answer for all focus nodes at once, and how.

SHACL evaluates a SPARQL constraint once for each focus node, with ``$this`` pre-bound by
substitution (section 5.3.1). Two ways of asking for all at once come to the same:

- where the patterns of the outermost group bind ``$this`` in every solution, the query is asked
  with ``$this`` free, and solutions for other nodes are dropped: substitution and join then agree;
- where only [NOT] EXISTS, filters and BIND of that group mention it, its values are put first.

An EXISTS of several patterns is asked by itself, for all solutions at once, and the two are
compared: pyoxigraph would order its patterns not knowing what is bound outside. In all other cases
(``$this`` in a filter of a nested group that doesn't bind it, say), and where rdflib and pyoxigraph
may differ in what an expression gives, the constraint is left to pySHACL.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from nhskg.validation.fast.query_kinds import Guard, Scope, check_filter, kind_of
from nhskg.validation.fast.query_model import (
    Bind,
    Exists,
    Expression,
    Filter,
    Group,
    Pattern,
    Patterns,
    Query,
    Union,
)
from nhskg.validation.fast.query_reading import read_query
from nhskg.validation.fast.terms import Unsupported

__all__ = ["Plan", "Probe", "plan_query"]

THIS: Final = "this"
_REFUSED: Final = re.compile(
    r"minus|values|service|shapesgraph|currentshape|failure|[$]path|(?-i:[?]PATH)|select\b.*select\s",
    re.IGNORECASE | re.DOTALL,
)
"""What pySHACL refuses, or treats specially, wherever in the text it finds it."""


@dataclass(frozen=True, slots=True)
class Probe:
    """An EXISTS that is asked by itself.

    Attributes:
        query: a query for the solutions of its group.
        shared: the variables that it shares with the query around it, in the order of ``query``.
        negated: whether what is found must be absent.
    """

    query: str
    shared: tuple[str, ...]
    negated: bool


@dataclass(frozen=True, slots=True)
class Plan:
    """How a SPARQL constraint is asked.

    Attributes:
        before: the query up to where the values of ``$this`` go.
        after: the rest of it.
        by_values: whether they are put there; else ``$this`` stays free.
        names: the projected variables.
        probes: what is asked apart.
        guards: what must hold of the data for both engines to agree on the expressions.
    """

    before: str
    after: str
    by_values: bool
    names: tuple[str, ...]
    probes: tuple[Probe, ...]
    guards: tuple[Guard, ...]


def plan_query(text: str, prefixes: Mapping[str, str]) -> Plan:
    """Return how to ask a query.

    Raises:
        Unsupported: it is not sure that one query would answer as one for each focus node does.
    """
    if _REFUSED.search(text):
        raise Unsupported("a query that pySHACL treats specially")
    query = read_query(text, prefixes)
    head = "".join(f"PREFIX {prefix}: <{iri}>\n" for prefix, iri in prefixes.items())
    return _Planner(query, head).plan()


class _Planner:
    """Checks one query from the outermost group inwards."""

    def __init__(self, query: Query, head: str) -> None:
        self._query = query
        self._head = head
        self._top = query.group
        self._certain = _certain(query.group)
        self._by_values = THIS not in self._certain
        self._bound = self._certain | {THIS}
        self._guards: list[Guard] = []

    def plan(self) -> Plan:
        self._check_projection()
        self._check_group(self._top, Scope(self._top.patterns), self._bound)
        kept, probes = [], []
        for element in self._top.elements:
            if isinstance(element, Exists):
                self._check_exists(element)
                if len(element.group.patterns) > 1:
                    probes.append(self._probe(element))
                    continue
            if isinstance(element, Union):
                for group in element.groups:
                    self._check_branch(group)
            kept.append(element.text)
        projected = [each.text for each in self._query.projection]
        names = [each.name for each in self._query.projection]
        projected += sorted(
            {f"?{each}" for probe in probes for each in probe.shared} - _marked(names)
        )
        return Plan(
            before=f"{self._head}SELECT {' '.join(projected)} WHERE {{\n",
            after=" .\n".join(kept) + "\n}",
            by_values=self._by_values,
            names=tuple(names),
            probes=tuple(probes),
            guards=tuple(dict.fromkeys(self._guards)),
        )

    def _check_projection(self) -> None:
        names = [each.name for each in self._query.projection]
        aliases = {each.name for each in self._query.projection if each.text.startswith("(")}
        bound = {each.name for each in _all_binds(self._top)}
        patterns = _variables(_all_patterns(self._top))
        if THIS not in names or len(set(names)) < len(names):
            raise Unsupported("a query that doesn't select $this, once")
        if THIS in aliases | bound or (aliases | bound) & patterns or aliases & bound:
            raise Unsupported("a query with a variable bound twice")

    def _check_group(self, group: Group, scope: Scope, bound: frozenset[str]) -> None:
        """Check the filters, bindings and paths that stand in a group itself."""
        known: dict[str, str] = {}
        seen: frozenset[str] = frozenset({THIS}) if group is self._top else frozenset()
        for element in group.elements:
            match element:
                case Patterns(patterns, _):
                    seen |= _variables(patterns)
                    for each in patterns:
                        _check_star(each, group.patterns, frozenset())
                case Bind(expression, name, _):
                    _check_bound(expression, seen)
                    known[name] = kind_of(expression, scope.knowing(known), self._guards)
        for element in group.elements:
            if isinstance(element, Filter):
                _check_bound(element.expression, bound | known.keys())
                check_filter(element.expression, scope.knowing(known), self._guards)

    def _check_branch(self, group: Group) -> None:
        """Check a group within the outermost one: it must stand by itself."""
        if any(isinstance(each, Union | Exists) for each in group.elements):
            raise Unsupported("a query with groups within groups")
        own = _variables(group.patterns)
        mentioned = own.union(*(_names(each) for each in _expressions(group)))
        if THIS in mentioned and self._by_values:
            raise Unsupported("a query with $this in some branches only")
        self._check_group(group, Scope(group.patterns), own)

    def _check_exists(self, exists: Exists) -> None:
        """Check an EXISTS: patterns and filters only, of variables that are bound for sure."""
        group = exists.group
        if not all(isinstance(each, Patterns | Filter) for each in group.elements):
            raise Unsupported("a query with groups within EXISTS")
        own = _variables(group.patterns)
        mentioned = own.union(*(_names(each) for each in _expressions(group)))
        uncertain = _variables(_all_patterns(self._top, exists=False)) | {
            each.name for each in _all_binds(self._top)
        }
        if mentioned & (uncertain - self._bound):
            raise Unsupported("a query with EXISTS of what may not be bound")
        aside = len(group.patterns) > 1
        for each in group.patterns:
            _check_star(each, group.patterns, frozenset() if aside else self._certain)
        scope = Scope(group.patterns + self._top.patterns)
        for element in group.elements:
            if isinstance(element, Filter):
                _check_bound(element.expression, own | self._bound)
                check_filter(element.expression, scope, self._guards)

    def _probe(self, exists: Exists) -> Probe:
        """Return what asks an EXISTS for all solutions; with the patterns around it if need be."""
        own = _variables(exists.group.patterns)
        texts = [each.text for each in exists.group.elements]
        needed = frozenset().union(*(_names(each) for each in _expressions(exists.group)))
        if not needed <= own:
            own |= _variables(self._top.patterns)
            texts = [*self._top.texts, *texts]
        if not needed <= own:
            raise Unsupported("a query with EXISTS of what a nested group binds")
        shared = tuple(sorted(own & self._bound))
        if not shared:
            raise Unsupported("a query with EXISTS of something else")
        select = " ".join(f"?{each}" for each in shared)
        body = " .\n".join(texts)
        query = f"{self._head}SELECT DISTINCT {select} WHERE {{\n{body}\n}}"
        return Probe(query, shared, exists.negated)


def _certain(group: Group) -> frozenset[str]:
    """Return the variables that patterns bind in every solution of a group."""
    found = _variables(group.patterns)
    for each in group.elements:
        if isinstance(each, Union):
            found |= frozenset.intersection(*map(_certain, each.groups))
    return found


def _check_star(pattern: Pattern, around: Iterable[Pattern], outside: frozenset[str]) -> None:
    """Check that a path that may have no length starts at a node of the graph."""
    if not pattern.has_star:
        return
    others = outside.union(*(each.variables for each in around if not each.has_star))
    start = getattr(pattern.subject, "name", None)
    if THIS in pattern.variables or start not in others:
        raise Unsupported("a query with a path of any length from anywhere")


def _check_bound(expression: Expression, bound: Iterable[str]) -> None:
    if not _names(expression) <= frozenset(bound):
        raise Unsupported("a query with an expression of what may not be bound")


def _names(expression: object) -> frozenset[str]:
    """Return the names of the variables of an expression."""
    name = getattr(expression, "name", None)
    parts = [getattr(expression, each, ()) for each in ("left", "right")]
    parts += getattr(expression, "arguments", ())
    if name is not None and not hasattr(expression, "arguments"):
        return frozenset({name})
    return frozenset().union(*(_names(each) for each in parts if each != ()))


def _expressions(group: Group) -> list[Expression]:
    return [each.expression for each in group.elements if isinstance(each, Filter | Bind)]


def _variables(patterns: Iterable[Pattern]) -> frozenset[str]:
    return frozenset().union(*(each.variables for each in patterns))


def _all_patterns(group: Group, *, exists: bool = True) -> tuple[Pattern, ...]:
    found = group.patterns
    for each in group.elements:
        if isinstance(each, Union):
            for inner in each.groups:
                found += _all_patterns(inner, exists=exists)
        if isinstance(each, Exists) and exists:
            found += _all_patterns(each.group)
    return found


def _all_binds(group: Group) -> tuple[Bind, ...]:
    found = tuple(each for each in group.elements if isinstance(each, Bind))
    inner = [each for each in group.elements if isinstance(each, Union)]
    return found + tuple(bind for each in inner for one in each.groups for bind in _all_binds(one))


def _marked(names: Iterable[str]) -> set[str]:
    return {f"?{each}" for each in names}
