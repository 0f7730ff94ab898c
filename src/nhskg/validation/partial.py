"""Validation check by check, so that a check whose grounds have not changed is not done again.

pySHACL does each check; what it reads of the graph is noted on the way. See
:mod:`nhskg.validation.traces`. Like ``engine``, loads rdflib and pySHACL: load it where it is used.
"""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from pyshacl.graph_abstraction import DataGraph
from pyshacl.validator import Validator
from rdflib import BNode, Literal
from rdflib.plugins.stores.memory import Memory
from rdflib.term import Node

from nhskg.terms import XSD
from nhskg.validation.engine import PreparedGraph, Violated, read_report, refused, to_graph
from nhskg.validation.requirements import Shapes
from nhskg.validation.traces import Check, Key, Result, bundle_of, pattern_number, term_number

__all__ = ["TracedGraph", "run_checks", "violated"]

Pattern = tuple[Node | None, Node | None, Node | None]


class _TracingMemory(Memory):
    """rdflib's store in memory, which notes the patterns that it is asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: set[Any] = set()

    def triples(self, triple_pattern: Any, context: Any = None) -> Any:
        self.asked.add(triple_pattern)
        return super().triples(triple_pattern, context)

    def __len__(self, context: Any = None) -> int:
        self.asked.add((None, None, None))
        return int(super().__len__(context))


class TracedGraph(PreparedGraph):
    """A graph in memory that notes the patterns that are matched against it."""

    def __init__(self) -> None:
        self.memory = _TracingMemory()
        super().__init__(self.memory)

    def reads(self) -> array[int]:
        """Return the numbers of the patterns matched since the last time, in order."""
        numbers = {
            pattern_number(*(0 if term is None else _number(term) for term in pattern))
            for pattern in self.memory.asked
        }
        self.memory.asked.clear()
        return array("Q", sorted(numbers))


def _number(term: Node) -> int:
    if isinstance(term, Literal):
        datatype = None if term.language else str(term.datatype or XSD + "string")
        return term_number(str(term), term.language, datatype or XSD + "string")
    return term_number(f"_:{term}" if isinstance(term, BNode) else str(term))


def run_checks(
    data: TracedGraph,
    shapes: Shapes,
    layer: str,
    *,
    before: Mapping[Key, Check],
    changed: frozenset[int],
) -> dict[Key, Check]:
    """Do the checks of some shapes on a graph, or take what they found before where it holds.

    Args:
        data: the graph, which has the hierarchy of classes in it; nothing is inferred.
        shapes: the requirements.
        layer: a name for the graphs that ``data`` is the union of.
        before: the checks of an earlier run, with the same shapes.
        changed: the patterns that match a triple which has come or gone since.

    Raises:
        InputError: pySHACL refuses the shapes.
    """
    validator = Validator(
        DataGraph.from_rdflib(data),
        shacl_graph=to_graph(shapes.triples),
        options={"inplace": True, "advanced": False, "inference": "none"},
    )
    graph, executor = validator.data_graph, validator.make_executor()
    done: dict[Key, Check] = {}
    try:
        for shape in validator.shacl_graph.shapes:
            for bundle, nodes in sorted(_bundles(shape.focus_nodes(graph)).items()):
                key = (layer, str(shape.node), bundle)
                focus = sum(map(_number, nodes)) % (1 << 64)
                known = before.get(key)
                if known is not None and known.holds(focus, changed):
                    done[key] = known
                    continue
                data.memory.asked.clear()
                _, told = shape.validate(executor, graph, focus=nodes)
                done[key] = Check(focus, data.reads(), tuple(_plain(validator, told)))
    except Exception as error:  # pySHACL lets errors of any kind through
        raise refused(f"{type(error).__name__}: {error}", shapes) from error
    return done


def _bundles(nodes: Any) -> dict[str, list[Node]]:
    found: dict[str, list[Node]] = defaultdict(list)
    for node in nodes:
        found[bundle_of(str(node))].append(node)
    return found


def _plain(validator: Validator, told: list[Any]) -> Iterator[Result]:
    """Yield what pySHACL has to tell in plain values."""
    if not told:
        return
    report, _ = Validator.create_validation_report(validator.shacl_graph, conforms=False, results=told)
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
