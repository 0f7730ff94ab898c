"""SPARQL constraints (SHACL 5.1), asked of pyoxigraph for all, or some, focus nodes at once."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Any, Final

from pyoxigraph import BlankNode, Literal, NamedNode

from nhskg.validation.fast.graph import DataGraph
from nhskg.validation.fast.literals import is_integer, is_plain
from nhskg.validation.fast.lookups import Edge, NodeGraph
from nhskg.validation.fast.model import Select, Shape
from nhskg.validation.fast.query_kinds import Column, Guard, Holds
from nhskg.validation.fast.query_safety import HERE, Plan, Probe
from nhskg.validation.fast.terms import Node, Unsure, lexical, node

__all__ = ["Solution", "breaks_guards", "messages_of", "solve", "solve_for"]

_IRI: Final = re.compile(r"[^\x00-\x20<>\"{}|^`\\]*")


@dataclass(frozen=True, slots=True)
class Solution:
    """A solution of a SPARQL constraint, which makes a validation result.

    Attributes:
        focus: the value of ``$this``.
        bound: the values of all projected variables that have one.
    """

    focus: str
    bound: tuple[tuple[str, Node], ...]


def solve(select: Select, graph: DataGraph, focus: Set[Node]) -> Iterator[Solution]:
    """Yield the solutions of a constraint for all focus nodes, each once.

    Raises:
        Unsure: the data hold something on which rdflib and pyoxigraph may differ.
    """
    plan = select.plan
    if not graph.source.keeps_literals:
        raise Unsure("a SPARQL constraint on literals that a store writes anew")
    for guard in plan.guards:
        _check_guard(guard, graph)
    if focus:
        _check_focus(focus)
        found = [{tuple(row) for row in graph.rows(_open(each.query))} for each in plan.probes]
        query = _within(plan.query, focus) if plan.by_values else _open(plan.query)
        yield from _solutions(plan, focus, graph.rows(query), found)


def solve_for(select: Select, graph: NodeGraph, focus: Set[Node]) -> Iterator[Solution]:
    """Yield the solutions of a constraint for a few of its focus nodes, each once.

    The guards of the constraint must hold.

    Raises:
        Unsure: the data hold something on which rdflib and pyoxigraph may differ.
    """
    if focus:
        _check_focus(focus)
        plan = select.plan
        rows = [*graph.rows(_within(plan.query, focus))]
        found = [_found(each, rows, graph) for each in plan.probes] if rows else []
        yield from _solutions(plan, focus, rows, found)


def breaks_guards(select: Select, came: Iterable[Edge]) -> bool:
    """Tell whether triples that came may break what the guards of a constraint hold of the data."""
    came = tuple(came)
    return any(
        not _all(
            guard.holds, [edge[2 if of_objects else 0] for edge in came if edge[1] == predicate]
        )
        for guard in select.plan.guards
        for predicate, of_objects in guard.columns
    )


def _check_focus(focus: Set[Node]) -> None:
    if not all(isinstance(each, str) and _IRI.fullmatch(each) for each in focus):
        raise Unsure("a SPARQL constraint on a focus node that is no IRI")


def _solutions(
    plan: Plan, focus: Set[Node], rows: Iterable[Any], found: Sequence[Set[tuple[Any, ...]]]
) -> Iterator[Solution]:
    """Yield solutions of rows, given what the probes found."""
    seen = set()
    for row in rows:
        this = row["this"]
        if not isinstance(this, NamedNode) or this.value not in focus:
            continue
        if any(
            (tuple(row[name] for name in probe.shared) in there) == probe.negated
            for probe, there in zip(plan.probes, found, strict=True)
        ):
            continue
        bound = ((name, row[name]) for name in plan.names)
        solution = Solution(
            this.value, tuple((name, node(value)) for name, value in bound if value is not None)
        )
        if solution not in seen:
            seen.add(solution)
            yield solution


def _open(query: str) -> str:
    """Return a query that is asked of everything."""
    return query.replace(HERE, "")


def _within(query: str, focus: Set[Node]) -> str:
    """Return a query that is asked of some focus nodes."""
    values = " ".join(sorted(f"<{each}>" for each in focus))
    return query.replace(HERE, f"VALUES ?this {{ {values} }}\n")


def _found(probe: Probe, rows: Sequence[Any], graph: NodeGraph) -> set[tuple[Any, ...]]:
    """Return what a probe finds, of what rows ask it for."""
    asked = {tuple(row[name] for name in probe.shared) for row in rows}
    if any(isinstance(each, BlankNode) for values in asked for each in values):
        raise Unsure("a blank node, which no query can name")
    names = " ".join(f"?{each}" for each in probe.shared)
    values = " ".join(f"({' '.join(map(str, each))})" for each in asked)
    query = probe.query.replace(HERE, f"VALUES ({names}) {{ {values} }}\n")
    return {tuple(row) for row in graph.rows(query)}


def _check_guard(guard: Guard, graph: DataGraph) -> None:
    if not any(_holds(guard.holds, column, graph) for column in guard.columns):
        raise Unsure(f"a SPARQL constraint on a property that has not {guard.holds.value}")


def _holds(holds: Holds, column: Column, graph: DataGraph) -> bool:
    """Tell whether a column of the graph holds one kind of node only."""
    predicate, of_objects = column
    return _all(holds, (graph.inverse if of_objects else graph.values)(predicate))


def _all(holds: Holds, nodes: Iterable[Node]) -> bool:
    """Tell whether nodes are all of one kind."""
    match holds:
        case Holds.NO_BLANK:
            return not any(isinstance(each, BlankNode) for each in nodes)
        case Holds.ONLY_IRIS:
            return all(isinstance(each, str) for each in nodes)
        case Holds.ONLY_STRINGS:
            return all(isinstance(each, Literal) and is_plain(each) for each in nodes)
        case Holds.ONLY_INTEGERS:
            return all(isinstance(each, Literal) and is_integer(each) for each in nodes)


def messages_of(shape: Shape, select: Select, solution: Solution) -> tuple[str, ...]:
    """Return the messages of a result, with variables replaced by their values (5.3.2)."""
    texts = {text for text, _ in shape.messages} | set(select.messages)
    bound = {"value": solution.focus, **dict(solution.bound)}
    return tuple(sorted({_filled(text, bound) for text in texts}))


def _filled(text: str, bound: Mapping[str, Node]) -> str:
    for name, value in bound.items():
        signs = f"{{?{name}}}", f"{{${name}}}"
        if any(sign in text for sign in signs):
            told = lexical(value)
            if "\\" in told or "{" in told:
                raise Unsure("a message with signs that pySHACL reads in a way of its own")
            for sign in signs:
                text = text.replace(sign, told)
    return text
