"""Validation check by check, so that a check whose grounds have not changed is not done again.

pySHACL does each check; what it reads of the graph is noted on the way. See
:mod:`nhskg.validation.traces`. Like ``engine``, loads rdflib and pySHACL: load it where it is used.
"""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

import pyoxigraph as ox
import rdflib.store
from pyshacl.graph_abstraction import DataGraph
from pyshacl.validator import Validator
from rdflib import BNode, Literal, URIRef
from rdflib.plugins.stores.memory import Memory
from rdflib.term import Node

from nhskg.terms import XSD
from nhskg.validation.engine import (
    PreparedGraph,
    Violated,
    convert,
    fill,
    read_report,
    refused,
    to_graph,
)
from nhskg.validation.requirements import Shapes
from nhskg.validation.traces import Check, Key, Result, bundle_of, pattern_number, term_number

__all__ = ["TracedGraph", "run_checks", "violated"]

_WORTH_FILLING: Final = 0.25
"""The share of checks to do from which a copy of the graph in rdflib pays for itself."""


class _Noting(rdflib.store.Store):
    """A store that notes the patterns that it is asked for.

    Its length is not noted: pySHACL asks it only to tell a graph from nothing.
    """

    asked: set[Any]

    def reads(self) -> array[int]:
        """Return the numbers of the patterns asked for since :meth:`forget`, in order."""
        numbers = {
            pattern_number(*(0 if term is None else _number(term) for term in pattern))
            for pattern in self.asked
        }
        return array("Q", sorted(numbers))

    def forget(self) -> None:
        """Begin to note anew."""
        self.asked.clear()


class _NotingMemory(Memory, _Noting):
    """A copy of the triples in rdflib's own store: slow to fill, fast to ask."""

    def __init__(self) -> None:
        super().__init__()
        self.asked = set()

    def triples(self, triple_pattern: Any, context: Any = None) -> Any:
        self.asked.add(triple_pattern)
        return super().triples(triple_pattern, context)


class _NotingView(_Noting):
    """The triples where they are, in pyoxigraph: nothing to fill, and slower to ask."""

    def __init__(self, store: ox.Store, hidden: ox.NamedNode | None) -> None:
        super().__init__()
        self.asked = set()
        self._store = store
        self._hidden = hidden

    def triples(self, triple_pattern: Any, context: Any = None) -> Any:  # noqa: ARG002
        self.asked.add(triple_pattern)
        try:
            pattern = [None if term is None else _back(term) for term in triple_pattern]
            quads = self._store.quads_for_pattern(*pattern)  # type: ignore[arg-type]
        except (TypeError, ValueError):  # a literal as subject, a label that is none
            return
        seen: set[ox.Triple] = set()
        for quad in quads:
            if quad.graph_name == self._hidden or quad.triple in seen:
                continue
            seen.add(quad.triple)
            found = (convert(quad.subject), convert(quad.predicate), convert(quad.object))
            # pyoxigraph finds 1 for 01; rdflib's store does not
            if triple_pattern[2] is None or triple_pattern[2] == found[2]:
                yield found, iter(())

    def __len__(self, context: Any = None) -> int:
        return len(self._store)


class TracedGraph(PreparedGraph):
    """A graph that notes the patterns that are matched against it."""

    def __init__(self, noting: _Noting) -> None:
        self.noting = noting
        super().__init__(noting)

    @classmethod
    def filled(cls, quads: Iterable[ox.Quad]) -> TracedGraph:
        """Return a graph that holds the union of the graphs of some quads."""
        return fill(cls(_NotingMemory()), quads)


def _number(term: Node) -> int:
    if isinstance(term, Literal):
        datatype = None if term.language else str(term.datatype or XSD + "string")
        return term_number(str(term), term.language, datatype)
    return term_number(f"_:{term}" if isinstance(term, BNode) else str(term))


def _back(term: Node) -> ox.NamedNode | ox.BlankNode | ox.Literal:
    if isinstance(term, URIRef):
        return ox.NamedNode(str(term))
    if isinstance(term, BNode):
        return ox.BlankNode(str(term))
    if not isinstance(term, Literal):
        raise TypeError(term)
    if term.language:
        return ox.Literal(str(term), language=term.language)
    return ox.Literal(str(term), datatype=ox.NamedNode(str(term.datatype or XSD + "string")))


def run_checks(
    store: ox.Store,
    shapes: Shapes,
    layer: str,
    *,
    hidden: ox.NamedNode | None = None,
    before: Mapping[Key, Check],
    changed: frozenset[int],
) -> tuple[dict[Key, Check], PreparedGraph]:
    """Do the checks of some shapes on a store, or take what they found before where it holds.

    Args:
        store: the graphs, with the hierarchy of classes in them; nothing is inferred.
        shapes: the requirements.
        layer: a name for the graphs that are to be seen.
        hidden: the one graph that is not to be seen.
        before: the checks of an earlier run, with the same shapes.
        changed: the patterns that match a triple which has come or gone since.

    Returns:
        The checks, and the graph that they were done on.

    Raises:
        InputError: pySHACL refuses the shapes.
    """
    try:
        run = _Run(store, shapes, hidden, lazy=bool(before))
        done: dict[Key, Check] = {}
        to_do: list[tuple[Key, int, Any, list[Node]]] = []
        for key, shape, nodes in run.checks(layer):
            focus = sum(map(_number, nodes)) % (1 << 64)
            known = before.get(key)
            if known is not None and known.holds(focus, changed):
                done[key] = known
            else:
                to_do.append((key, focus, shape, nodes))
        if before and len(to_do) > _WORTH_FILLING * (len(done) + len(to_do)):
            run = _Run(store, shapes, hidden, lazy=False)
        for key, focus, shape, nodes in to_do:
            done[key] = run.do(shape, nodes, focus)
    except Exception as error:  # pySHACL lets errors of any kind through
        raise refused(f"{type(error).__name__}: {error}", shapes) from error
    return done, run.data


class _Run:
    """pySHACL at work on one graph."""

    def __init__(
        self, store: ox.Store, shapes: Shapes, hidden: ox.NamedNode | None, *, lazy: bool
    ) -> None:
        if lazy:
            self.data = TracedGraph(_NotingView(store, hidden))
        else:
            self.data = TracedGraph.filled(q for q in store if q.graph_name != hidden)
        self.validator = Validator(
            DataGraph.from_rdflib(self.data),
            shacl_graph=to_graph(shapes.triples),
            options={"inplace": True, "advanced": False, "inference": "none"},
        )
        self.graph = self.validator.data_graph
        self.executor = self.validator.make_executor()
        self.shapes = {shape.node: shape for shape in self.validator.shacl_graph.shapes}

    def checks(self, layer: str) -> Iterator[tuple[Key, Node, list[Node]]]:
        """Yield each check that there is to do: its key, its shape, its focus nodes."""
        for node, shape in self.shapes.items():
            bundles: dict[str, list[Node]] = defaultdict(list)
            for focus in shape.focus_nodes(self.graph):
                bundles[bundle_of(str(focus))].append(focus)
            for bundle, nodes in bundles.items():
                yield (layer, str(node), bundle), node, nodes

    def do(self, shape: Node, nodes: list[Node], focus: int) -> Check:
        """Do one check."""
        self.data.noting.forget()
        _, told = self.shapes[shape].validate(self.executor, self.graph, focus=nodes)
        return Check(focus, self.data.noting.reads(), tuple(self._plain(told)))

    def _plain(self, told: list[Any]) -> Iterator[Result]:
        """Yield what pySHACL has to tell in plain values."""
        if not told:
            return
        shapes = self.validator.shacl_graph
        report, _ = Validator.create_validation_report(shapes, conforms=False, results=told)
        for each in read_report(report):
            yield (
                each.shape,
                each.severity,
                each.component,
                each.messages,
                each.focus,
                each.path,
                each.predicate,
                each.value,
            )


def violated(check: Check) -> list[Violated]:
    """Return what a check has found."""
    return [Violated(*result) for result in check.results]
