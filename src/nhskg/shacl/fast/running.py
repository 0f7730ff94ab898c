"""Validation by the fast engine: from a division of shapes, and data, to results."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import Final

from nhskg.rdf.terms import SH, shorten_iri
from nhskg.shacl.fast.components import Check, check_of
from nhskg.shacl.fast.dividing import Division, Taken
from nhskg.shacl.fast.graph import DataGraph
from nhskg.shacl.fast.model import Shape, component_of
from nhskg.shacl.fast.paths import Follow, follower
from nhskg.shacl.fast.queries import Select, Solution, messages_of, solve
from nhskg.shacl.fast.terms import Node, Unsure, lexical
from nhskg.shacl.results import Violated

__all__ = ["Outcome", "run"]

_BY_QUERY: Final = SH + "SPARQLConstraintComponent"


@dataclass(frozen=True)
class Outcome:
    """What the fast engine found, and what it left to pySHACL because of the data.

    Attributes:
        results: the validation results of all shapes but those of ``unsure``.
        unsure: from the IRIs of shapes to the reason why pySHACL must validate them.
    """

    results: list[Violated]
    unsure: dict[str, str] = field(default_factory=dict)


def run(division: Division, whole: DataGraph, asserted: DataGraph) -> Outcome:
    """Validate data by the shapes that the fast engine takes (SHACL 3.4).

    Args:
        division: the shapes.
        whole: the data, with the hierarchy of classes in it; nothing is inferred.
        asserted: the data that shapes see that are marked so.
    """
    outcome = Outcome([])
    runs = {False: _Run(whole), True: _Run(asserted)}
    for taken in division.taken:
        try:
            outcome.results.extend(list(runs[taken.asserted_only].validate(taken)))
        except Unsure as reason:
            outcome.unsure[taken.iri] = str(reason)
    return outcome


@dataclass(frozen=True, slots=True)
class _Prepared:
    """A shape made ready for one graph."""

    follow: Follow | None
    checks: tuple[tuple[Check, str], ...]
    """What checks each constraint, and the IRI of its component."""
    known: dict[Node, bool]
    """Which nodes conform, as far as that was asked."""


class _Run:
    """Validation of one graph."""

    def __init__(self, graph: DataGraph) -> None:
        self._graph = graph
        self._prepared: dict[Shape, _Prepared] = {}

    def validate(self, taken: Taken) -> Iterator[Violated]:
        """Yield the results of a shape for its targets (3.4.1)."""
        targets = [self._graph.targeted(kind, term) for kind, term in taken.targets]
        focus = frozenset().union(*targets)
        yield from self._results(taken.shape, focus)
        for select in taken.shape.selects:
            for solution in solve(select, self._graph, focus):
                yield _by_query(taken.shape, select, solution)

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

    def _results(self, shape: Shape, nodes: Collection[Node]) -> Iterator[Violated]:
        """Yield the results of validating focus nodes against a shape (3.4.2)."""
        if shape.deactivated or not nodes:
            return
        ready = self._prepare(shape)
        follow, checks = ready.follow, ready.checks
        inner: list[Node] = []
        for focus in nodes:
            values = (focus,) if follow is None else follow(focus)
            for check, component in checks:
                for value in check(focus, values):
                    yield _violated(shape, component, focus, value)
            inner += values
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


def _violated(shape: Shape, component: str, focus: Node, value: Node | None) -> Violated:
    """Return a result of a core constraint (3.6.2)."""
    return Violated(
        shape=shape.iri,
        severity=shape.severity,
        component=component,
        messages=tuple(sorted(text for text, _ in shape.messages)),
        focus=lexical(focus),
        path=shape.path_text,
        predicate=shape.predicate,
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
        messages=messages_of(select, (text for text, _ in shape.messages), solution),
        focus=solution.focus,
        path=None if path is None else shorten_iri(path),
        predicate=path,
        value=None if value == solution.focus and path is None else lexical(value),
    )
