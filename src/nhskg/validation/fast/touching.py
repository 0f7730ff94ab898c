"""Which focus nodes of a shape can have other results, given what changed in the data.

The answer may have too many nodes and must not have too few. A result of a focus node follows from
triples along which the shape looks: from the focus along its path to the value nodes, and from
these on, through the shapes within it. If the result is another one now, one of these triples has
gone or come. So one starts at each triple that did, and walks back along the way on which the shape
would have come to it. All other steps of the way were in the earlier graph, for a result that went,
or are in the present one, for one that came: the walk takes both.
"""

from __future__ import annotations

from typing import Final

from nhskg.validation.fast import model
from nhskg.validation.fast.changes import Delta
from nhskg.validation.fast.dividing import Taken
from nhskg.validation.fast.lookups import Both, NodeGraph
from nhskg.validation.fast.query_touching import touched_by
from nhskg.validation.fast.terms import Node
from nhskg.validation.fast.walking import back, changed_starts

__all__ = ["Touching"]

_MOST: Final = 20_000
"""How many nodes may be read to find what is touched of one shape."""


class Touching:
    """What a change touches, in one graph.

    Args:
        graph: the present graph.
        delta: what differs from the earlier one; the hierarchy of classes must not.
    """

    def __init__(self, graph: NodeGraph, delta: Delta) -> None:
        self._graph = graph
        self._delta = delta
        self._both = Both(graph, delta.gone, _MOST)
        self._known: dict[model.Shape, frozenset[Node]] = {}

    def touched(self, taken: Taken) -> frozenset[Node] | None:
        """Return the nodes that may be focus nodes of a shape, in either state, with other results.

        Returns:
            The nodes; nothing where these can be all.

        Raises:
            TooMuch: it takes too long to find them.
        """
        self._both.start()
        found = set(self._of(taken.shape))
        for kind, term in taken.targets:
            found |= self._retargeted(kind, term)
        for select in taken.shape.selects:
            reached = touched_by(select.plan.group, self._delta, self._both)
            if reached is None:
                return None
            found |= reached
        self._both.spend(len(found))
        return frozenset(found)

    def _retargeted(self, kind: str, term: Node) -> frozenset[Node]:
        """Return the nodes that a target may find in one state only."""
        if kind == "node":
            return frozenset()
        assert isinstance(term, str)
        if kind == "class":
            return self._retyped(term)
        end = 0 if kind == "subjects of" else 1
        return frozenset(edge[end] for edge in self._delta.by_predicate.get(term, ()))

    def _retyped(self, of: str) -> frozenset[Node]:
        """Return the nodes that may be instances of a class in one state only."""
        retyped = self._delta.retyped
        return frozenset().union(
            *(retyped[each] for each in self._graph.below(of) & retyped.keys())
        )

    def _of(self, shape: model.Shape) -> frozenset[Node]:
        """Return the nodes that may conform to a shape, or break it, otherwise than before."""
        if shape not in self._known:
            self._known[shape] = frozenset() if shape.deactivated else self._search(shape)
        return self._known[shape]

    def _search(self, shape: model.Shape) -> frozenset[Node]:
        found: set[Node] = set()
        values: set[Node] = set()
        for constraint in shape.constraints:
            match constraint:
                case model.Class(iri):
                    values |= self._retyped(iri)
                case model.Disjoint(predicate) | model.LessThan(predicate):
                    edges = self._delta.by_predicate.get(predicate, ())
                    found.update(subject for subject, _ in edges)
        for inner in (
            *shape.properties,
            *(one for each in shape.constraints for one in model.within(each)),
        ):
            values |= self._of(inner)
        if shape.path is None:
            return frozenset(found | values)
        found |= changed_starts(shape.path, self._delta, self._both)
        if values:
            found |= back(shape.path, values, self._both)
        return frozenset(found)
