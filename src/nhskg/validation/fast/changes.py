"""What differs between two states of the data, and what that is for the shapes that see them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from pyoxigraph import NamedNode, Quad, Store, Triple

from nhskg.terms import RDF_TYPE
from nhskg.validation.fast.graph import SUBCLASS_OF
from nhskg.validation.fast.lookups import Edge
from nhskg.validation.fast.terms import Node, node

__all__ = ["Changes", "Delta", "delta_of"]


@dataclass(frozen=True, slots=True)
class Changes:
    """What differs between a state of a store that was validated and its present one.

    Attributes:
        gone: the quads that it no longer has.
        came: the quads that it has now, and had not.
    """

    gone: frozenset[Quad]
    came: frozenset[Quad]

    def __bool__(self) -> bool:
        return bool(self.gone or self.came)


@dataclass(frozen=True)
class Delta:
    """What differs between two graphs.

    Attributes:
        gone: the triples that only the earlier graph has.
        came: the triples that only the present graph has.
        is_basic: whether so much depends on what differs that no shape may keep its results: the
            hierarchy of classes, or triples about triples, which this engine doesn't look into.
    """

    gone: frozenset[Edge]
    came: frozenset[Edge]
    is_basic: bool

    @cached_property
    def all(self) -> tuple[Edge, ...]:
        """The triples that only one of the graphs has."""
        return (*self.gone, *self.came)

    @cached_property
    def by_predicate(self) -> Mapping[str, tuple[tuple[Node, Node], ...]]:
        """Subject and object of each, by predicate."""
        found: dict[str, list[tuple[Node, Node]]] = {}
        for subject, predicate, value in self.all:
            found.setdefault(predicate, []).append((subject, value))
        return {predicate: tuple(edges) for predicate, edges in found.items()}

    @cached_property
    def retyped(self) -> Mapping[Node, frozenset[Node]]:
        """The nodes that only one of the graphs says to be of a class, by class."""
        found: dict[Node, set[Node]] = {}
        for subject, kind in self.by_predicate.get(RDF_TYPE, ()):
            found.setdefault(kind, set()).add(subject)
        return {kind: frozenset(nodes) for kind, nodes in found.items()}


def delta_of(store: Store, changes: Changes, *, without: str | None = None) -> Delta:
    """Return what differs in the union of all graphs of a store, or of all but one.

    A triple that stands in two graphs, and goes from one, is not gone from the union.

    Args:
        store: the present state.
        changes: what differs from the earlier one.
        without: the IRI of a graph that is left out.
    """
    gone = _seen(changes.gone, without)
    came = _seen(changes.came, without)
    before = {_triple(each) for each in gone}
    now = {_triple(each) for each in came}
    only_before = {each for each in before if not _holds(store, each, without)}
    only_now = {
        each
        for each in now
        if each not in before and not _holds(store, each, without, besides=came)
    }
    triples = only_before | only_now
    about_triples = any(isinstance(part, Triple) for each in triples for part in each)
    basic = about_triples or any(each[1].value == SUBCLASS_OF for each in triples)
    if about_triples:
        return Delta(frozenset(), frozenset(), is_basic=True)
    return Delta(_edges(only_before), _edges(only_now), is_basic=basic)


_Terms = tuple[Any, NamedNode, Any]


def _seen(quads: Iterable[Quad], without: str | None) -> frozenset[Quad]:
    """Return the quads of the graphs that are seen, with their literals as a store writes them."""
    store = Store()
    store.extend(quads)
    return frozenset(each for each in store if not _is_in(each, without))


def _is_in(quad: Quad, graph: str | None) -> bool:
    return isinstance(quad.graph_name, NamedNode) and quad.graph_name.value == graph


def _triple(quad: Quad) -> _Terms:
    return quad.subject, quad.predicate, quad.object


def _holds(
    store: Store, triple: _Terms, without: str | None, besides: frozenset[Quad] = frozenset()
) -> bool:
    """Tell whether a store has a triple in a graph that is seen, but for some quads."""
    return any(
        not _is_in(each, without) and each not in besides
        for each in store.quads_for_pattern(*triple, None)
    )


def _edges(triples: Iterable[_Terms]) -> frozenset[Edge]:
    return frozenset((node(each[0]), each[1].value, node(each[2])) for each in triples)
