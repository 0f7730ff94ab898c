"""Validation by the fast engine: from a division of shapes, and data, to results."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Set
from dataclasses import dataclass, field
from typing import Final

from nhskg.terms import SH
from nhskg.validation.fast.components import Check, check_of
from nhskg.validation.fast.dividing import Division, Taken
from nhskg.validation.fast.graph import DataGraph, Graph
from nhskg.validation.fast.model import Select, Shape, component_of
from nhskg.validation.fast.paths import Follow, first_predicate, follower, written
from nhskg.validation.fast.query_running import Solution, messages_of, solve
from nhskg.validation.fast.terms import Node, Unsure, lexical
from nhskg.validation.findings import shown
from nhskg.validation.results import Violated

__all__ = ["Found", "Outcome", "Run", "WholeRun", "key_of", "run"]

_BY_QUERY: Final = SH + "SPARQLConstraintComponent"


Found = Mapping[str, tuple[Violated, ...]]
"""The results of a shape by focus node, those without any left out.

A result of a property shape within a property shape stands at the focus node of the outermost.
"""


@dataclass(frozen=True)
class Outcome:
    """What the fast engine found, and what it left to pySHACL because of the data.

    Attributes:
        found: the validation results of all shapes but those of ``unsure``, by IRI.
        unsure: from the IRIs of shapes to the reason why pySHACL must validate them.
        looked_at: how many focus nodes of a shape were looked at, by IRI.
    """

    found: dict[str, Found] = field(default_factory=dict)
    unsure: dict[str, str] = field(default_factory=dict)
    looked_at: dict[str, int] = field(default_factory=dict)

    @property
    def results(self) -> list[Violated]:
        """The results of all shapes."""
        each_focus = (results for found in self.found.values() for results in found.values())
        return [each for results in each_focus for each in results]


def run(division: Division, whole: DataGraph, asserted: DataGraph) -> Outcome:
    """Validate data by the shapes that the fast engine takes (SHACL 3.4).

    Args:
        division: the shapes.
        whole: the data, with the hierarchy of classes in it; nothing is inferred.
        asserted: the data that shapes see that are marked so.
    """
    outcome = Outcome()
    runs = {False: WholeRun(whole), True: WholeRun(asserted)}
    for taken in division.taken:
        runs[taken.asserted_only].add(taken, outcome)
    return outcome


class WholeRun:
    """Validation of a graph, each shape for all its targets."""

    def __init__(self, graph: DataGraph) -> None:
        self._graph = graph
        self._run = Run(graph, lambda select, focus: solve(select, graph, focus))

    def add(self, taken: Taken, outcome: Outcome) -> None:
        """Validate a shape, and note what comes of it."""
        targets = [self._graph.targeted(kind, term) for kind, term in taken.targets]
        focus = frozenset().union(*targets)
        outcome.looked_at[taken.iri] = len(focus)
        try:
            outcome.found[taken.iri] = self._run.validate(taken, focus)
        except Unsure as reason:
            outcome.unsure[taken.iri] = str(reason)


@dataclass(frozen=True, slots=True)
class _Prepared:
    """A shape made ready for one graph."""

    follow: Follow | None
    checks: tuple[tuple[Check, str], ...]
    """What checks each constraint, and the IRI of its component."""
    known: dict[Node, bool]
    """Which nodes conform, as far as that was asked."""


class Run:
    """Validation of one graph.

    Args:
        graph: the graph.
        ask: gives the solutions of a SPARQL constraint for focus nodes.
    """

    def __init__(
        self, graph: Graph, ask: Callable[[Select, Set[Node]], Iterable[Solution]]
    ) -> None:
        self._graph = graph
        self._ask = ask
        self._prepared: dict[Shape, _Prepared] = {}

    def validate(self, taken: Taken, focus: Set[Node]) -> Found:
        """Return the results of a shape for some of its targets (3.4.1).

        Raises:
            Unsure: pySHACL must validate the shape.
        """
        found: dict[str, list[Violated]] = {}
        for target, result in self._results(taken.shape, [*zip(focus, focus, strict=True)]):
            found.setdefault(key_of(target), []).append(result)
        for select in taken.shape.selects:
            for solution in self._ask(select, focus):
                result = _by_query(taken.shape, select, solution)
                found.setdefault(solution.focus, []).append(result)
        return {target: tuple(results) for target, results in found.items()}

    def _prepare(self, shape: Shape) -> _Prepared:
        ready = self._prepared.get(shape)
        if ready is None:
            follow = None if shape.path is None else follower(shape.path, self._graph)
            checks = [
                (check_of(each, self._graph, self.conforms), component_of(each))
                for each in shape.constraints
            ]
            ready = self._prepared[shape] = _Prepared(follow, tuple(checks), {})
        return ready

    def _results(
        self, shape: Shape, nodes: Collection[tuple[Node, Node]]
    ) -> Iterator[tuple[Node, Violated]]:
        """Yield the results of validating focus nodes against a shape (3.4.2).

        Args:
            shape: the shape.
            nodes: the focus nodes, each after the target from which the shapes led to it.
        """
        if shape.deactivated or not nodes:
            return
        ready = self._prepare(shape)
        follow, checks = ready.follow, ready.checks
        inner: list[tuple[Node, Node]] = []
        for target, focus in nodes:
            values = (focus,) if follow is None else follow(focus)
            for check, component in checks:
                for value in check(focus, values):
                    yield target, _violated(shape, component, focus, value)
            if shape.properties:
                inner += [(target, each) for each in values]
        for each in shape.properties:
            yield from self._results(each, inner)

    def conforms(self, shape: Shape, node: Node) -> bool:
        """Tell whether a node conforms to a shape (3.4.3)."""
        known = self._prepare(shape).known
        found = known.get(node)
        if found is None:
            found = known[node] = shape.deactivated or self._conforms(shape, node)
        return found

    def _conforms(self, shape: Shape, node: Node) -> bool:
        ready = self._prepare(shape)
        values = (node,) if ready.follow is None else ready.follow(node)
        for check, _ in ready.checks:
            if check(node, values):
                return False
        for inner in shape.properties:
            for value in values:
                if not self.conforms(inner, value):
                    return False
        return True


def key_of(target: Node) -> str:
    """Return what tells a focus node from any other: an IRI, or a term in N-Triples."""
    return target if isinstance(target, str) else str(target)


def _violated(shape: Shape, component: str, focus: Node, value: Node | None) -> Violated:
    """Return a result of a core constraint (3.6.2)."""
    return Violated(
        shape=shape.iri,
        severity=shape.severity,
        component=component,
        messages=tuple(sorted(text for text, _ in shape.messages)),
        focus=lexical(focus),
        path=None if shape.path is None else written(shape.path),
        predicate=None if shape.path is None else first_predicate(shape.path),
        value=None if value is None or shape.path is None else lexical(value),
    )


def _by_query(shape: Shape, select: Select, solution: Solution) -> Violated:
    """Return the result that a solution of a SPARQL constraint makes (5.3.2)."""
    bound = dict(solution.bound)
    path = bound.get("path")
    if path is not None and not isinstance(path, str):
        raise Unsure("a SPARQL constraint with a path that is no IRI")
    value = bound.get("value", solution.focus)
    return Violated(
        shape=shape.iri,
        severity=shape.severity,
        component=_BY_QUERY,
        messages=messages_of(shape, select, solution),
        focus=solution.focus,
        path=None if path is None else shown(path),
        predicate=path,
        value=None if value == solution.focus and path is None else lexical(value),
    )
