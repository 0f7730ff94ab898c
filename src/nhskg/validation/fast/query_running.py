"""SPARQL constraints (SHACL 5.1), asked of pyoxigraph for all focus nodes at once."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass
from typing import Any, Final

from pyoxigraph import BlankNode, Literal, NamedNode

from nhskg.validation.fast.graph import DataGraph
from nhskg.validation.fast.literals import is_integer, is_plain
from nhskg.validation.fast.model import Select, Shape
from nhskg.validation.fast.query_kinds import Column, Guard, Holds
from nhskg.validation.fast.query_safety import Plan
from nhskg.validation.fast.terms import Node, Unsure, lexical, node

__all__ = ["Solution", "messages_of", "solve"]

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
    """Yield the solutions of a constraint for some focus nodes, each once.

    Raises:
        Unsure: the data hold something on which rdflib and pyoxigraph may differ.
    """
    if not focus:
        return
    if not all(isinstance(each, str) and _IRI.fullmatch(each) for each in focus):
        raise Unsure("a SPARQL constraint on a focus node that is no IRI")
    if not graph.source.keeps_literals:
        raise Unsure("a SPARQL constraint on literals that a store writes anew")
    plan = select.plan
    for guard in plan.guards:
        _check_guard(guard, graph)
    probes = [(each, _found(each.query, graph)) for each in plan.probes]
    seen = set()
    for row in graph.rows(_query(plan, focus)):
        this = row["this"]
        if not isinstance(this, NamedNode) or this.value not in focus:
            continue
        if any(
            (tuple(row[name] for name in probe.shared) in found) == probe.negated
            for probe, found in probes
        ):
            continue
        bound = ((name, row[name]) for name in plan.names)
        solution = Solution(
            this.value, tuple((name, node(value)) for name, value in bound if value is not None)
        )
        if solution not in seen:
            seen.add(solution)
            yield solution


def _query(plan: Plan, focus: Set[Node]) -> str:
    """Return the query, with the focus nodes in it where they are asked for by name."""
    values = " ".join(sorted(f"<{each}>" for each in focus)) if plan.by_values else ""
    return plan.before + (f"VALUES ?this {{ {values} }}\n" if plan.by_values else "") + plan.after


def _found(query: str, graph: DataGraph) -> set[tuple[Any, ...]]:
    return {tuple(row) for row in graph.rows(query)}


def _check_guard(guard: Guard, graph: DataGraph) -> None:
    if not any(_holds(guard.holds, column, graph) for column in guard.columns):
        raise Unsure(f"a SPARQL constraint on a property that has not {guard.holds.value}")


def _holds(holds: Holds, column: Column, graph: DataGraph) -> bool:
    """Tell whether a column of the graph holds one kind of node only."""
    predicate, of_objects = column
    nodes = (graph.inverse if of_objects else graph.values)(predicate)
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
