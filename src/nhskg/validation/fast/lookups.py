"""The data of a store, looked up node by node: what a few focus nodes need costs no more than that.

A :class:`NodeGraph` gives what a :class:`~nhskg.validation.fast.graph.DataGraph` gives, without
reading a predicate as a whole. :class:`Both` is a graph and what was taken from it, together: what
stood in either state can be followed in it.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from functools import partial
from itertools import islice
from typing import Any, Final

from pyoxigraph import BlankNode, NamedNode, Quad, Store, Triple

from nhskg.terms import RDF_TYPE
from nhskg.validation.fast.graph import DECLARING, SUBCLASS_OF, ask
from nhskg.validation.fast.terms import Node, node
from nhskg.validation.requirements import Target

__all__ = ["Both", "Edge", "NodeGraph", "TooMuch"]

Edge = tuple[Node, str, Node]
"""A triple."""


class TooMuch(Exception):  # noqa: N818  # no error: the shape is run for all its targets
    """More depends on a change than is worth being looked for."""


class _Kept:
    """A lookup that keeps what it found."""

    def __init__(self, read: Callable[[Node], Sequence[Node]]) -> None:
        self._read = read
        self._known: dict[Node, Sequence[Node]] = {}

    def get(self, node: Node, _: tuple[()] = (), /) -> Sequence[Node]:
        """Return the nodes at the other end, each once."""
        found = self._known.get(node)
        if found is None:
            found = self._known[node] = self._read(node)
        return found


class _Instances:
    """The SHACL instances of some classes, as far as they are asked for."""

    def __init__(self, types: _Kept, classes: frozenset[Node]) -> None:
        self._types = types
        self._classes = classes

    def __contains__(self, each: object) -> bool:
        assert isinstance(each, Node)
        return not self._classes.isdisjoint(self._types.get(each))


class NodeGraph:
    """The union of the graphs of a store, looked up node by node.

    Args:
        store: the store.
        without: the IRI of a graph that is left out.
    """

    def __init__(self, store: Store, *, without: str | None = None) -> None:
        self.store: Final = store
        self.without: Final = NamedNode(without) if without else None
        self._values: dict[str, _Kept] = {}
        self._inverse: dict[str, _Kept] = {}
        self._below: dict[str, frozenset[Node]] = {}

    def values(self, predicate: str) -> _Kept:
        """Return the lookup of the objects of a predicate by subject."""
        if predicate not in self._values:
            ends = partial(self.ends, predicate=NamedNode(predicate), of_subject=True)
            self._values[predicate] = _Kept(lambda each: tuple(dict.fromkeys(ends(each))))
        return self._values[predicate]

    def inverse(self, predicate: str) -> _Kept:
        """Return the lookup of the subjects of a predicate by object."""
        if predicate not in self._inverse:
            ends = partial(self.ends, predicate=NamedNode(predicate), of_subject=False)
            self._inverse[predicate] = _Kept(lambda each: tuple(dict.fromkeys(ends(each))))
        return self._inverse[predicate]

    def ends(self, each: Node, predicate: NamedNode, *, of_subject: bool) -> Iterator[Node]:
        """Yield the nodes at the other end of a predicate; one in two graphs comes twice."""
        if not of_subject:
            found = self.quads(None, predicate, _term(each))
            # a store finds 1 for 01, which is another literal
            return (node(quad.subject) for quad in found if _object(quad) == each)
        subject = _subject(each)
        if subject is None:
            return iter(())
        return (_object(quad) for quad in self.quads(subject, predicate, None))

    def quads(self, subject: Any, predicate: NamedNode | None, value: Any) -> Iterator[Quad]:
        """Yield the quads of a pattern; those about triples are left out, as everywhere."""
        without = self.without
        for each in self.store.quads_for_pattern(subject, predicate, value, None):
            if each.graph_name != without and not isinstance(each.object, Triple):
                yield each

    def around(self, each: Node, *, of_subject: bool) -> Iterator[Edge]:
        """Yield the triples of which a node is the subject, or the object."""
        if of_subject:
            subject = _subject(each)
            found = iter(()) if subject is None else self.quads(subject, None, None)
        else:
            found = (quad for quad in self.quads(None, None, _term(each)) if _object(quad) == each)
        for quad in found:
            yield node(quad.subject), quad.predicate.value, _object(quad)

    def below(self, of: str) -> frozenset[Node]:
        """Return a class and its subclasses, in any number of steps."""
        if of not in self._below:
            lookup = self.inverse(SUBCLASS_OF)
            classes: set[Node] = set()
            queue: list[Node] = [of]
            while queue:
                each = queue.pop()
                if each not in classes:
                    classes.add(each)
                    queue += lookup.get(each)
            self._below[of] = frozenset(classes)
        return self._below[of]

    def instances(self, of: str) -> Container[Node]:
        """Return the SHACL instances of a class: those of its subclasses, too (section 1.1)."""
        return _Instances(self.values(RDF_TYPE), self.below(of))

    def is_targeted(self, each: Node, kind: str, term: Node) -> bool:
        """Tell whether a target finds a node (SHACL 2.1.3.1 to 2.1.3.5)."""
        if kind == "node":
            return each == term
        assert isinstance(term, str)
        if kind == "class":
            return each in self.instances(term)
        return bool((self.values if kind == "subjects of" else self.inverse)(term).get(each))

    def finds(self, target: Target) -> bool:
        """Tell whether a target finds anything that the graph mentions; see ``engine.finds``."""
        match target.kind:
            case "node" if target.is_iri:
                node = NamedNode(target.term)
                return any(self.quads(node, None, None)) or any(self.quads(None, None, node))
            case "node":
                return True
            case "class":
                return any(map(self._has_type, self.below(target.term)))
            case _:
                return any(self.quads(None, NamedNode(target.term), None))

    def _has_type(self, each: Node) -> bool:
        return any(self.quads(None, NamedNode(RDF_TYPE), _term(each)))

    @property
    def declared_terms(self) -> Container[str] | None:
        """Every IRI that has a type, or None where the graph declares no vocabulary at all."""
        return _Typed(self) if any(map(self._has_type, DECLARING)) else None

    def rows(self, query: str) -> Iterator[Any]:
        """Yield the solutions of a SELECT query over the graph."""
        return ask(self.store, query, without=self.without)


class _Typed:
    """The IRIs that have a type."""

    def __init__(self, graph: NodeGraph) -> None:
        self._types = graph.values(RDF_TYPE)

    def __contains__(self, each: object) -> bool:
        return isinstance(each, str) and bool(self._types.get(each))


class Both:
    """A graph, and triples that were taken from it.

    Args:
        present: the graph.
        gone: the triples.
        most: how many nodes may be read for one shape before it is given up.
    """

    def __init__(self, present: NodeGraph, gone: Iterable[Edge], most: int) -> None:
        self._present = present
        self._gone: dict[str, list[tuple[Node, Node]]] = {}
        for subject, predicate, value in gone:
            self._gone.setdefault(predicate, []).append((subject, value))
        self._known: dict[tuple[str, bool], _Kept] = {}
        self._most = most
        self._spent = 0

    def start(self) -> None:
        """Begin with a new shape."""
        self._spent = 0

    def spend(self, count: int) -> None:
        """Count what was read, or found.

        Raises:
            TooMuch: it is too much.
        """
        self._spent += count
        if self._spent > self._most:
            raise TooMuch

    def values(self, predicate: str) -> _Kept:
        """Return the lookup of the objects of a predicate by subject."""
        return self._lookup(predicate, of_subject=True)

    def inverse(self, predicate: str) -> _Kept:
        """Return the lookup of the subjects of a predicate by object."""
        return self._lookup(predicate, of_subject=False)

    def _lookup(self, predicate: str, *, of_subject: bool) -> _Kept:
        key = (predicate, of_subject)
        if key not in self._known:
            also: dict[Node, list[Node]] = {}
            for subject, value in self._gone.get(predicate, ()):
                start, end = (subject, value) if of_subject else (value, subject)
                also.setdefault(start, []).append(end)
            ends = partial(
                self._present.ends, predicate=NamedNode(predicate), of_subject=of_subject
            )

            def read(each: Node) -> Sequence[Node]:
                found = dict.fromkeys(islice(ends(each), self._most + 1))
                self.spend(1 + len(found))
                return (*found, *also.get(each, ()))

            self._known[key] = _Kept(read)
        return self._known[key]

    def around(self, each: Node, *, of_subject: bool) -> list[Edge]:
        """Return the triples of which a node is the subject, or the object."""
        found = [*islice(self._present.around(each, of_subject=of_subject), self._most + 1)]
        self.spend(1 + len(found))
        end = 0 if of_subject else 1
        gone = (
            (edge[0], predicate, edge[1])
            for predicate, edges in self._gone.items()
            for edge in edges
            if edge[end] == each
        )
        return [*found, *gone]

    def count(self, each: Node, predicate: str, *, of_subject: bool, most: int) -> int:
        """Return how many triples of a predicate a node has at an end, counted up to a number."""
        ends = self._present.ends(each, NamedNode(predicate), of_subject=of_subject)
        end = 0 if of_subject else 1
        gone = sum(edge[end] == each for edge in self._gone.get(predicate, ()))
        return gone + sum(1 for _ in islice(ends, most))


def _object(quad: Quad) -> Node:
    return node(quad.object)


def _term(each: Node) -> Any:
    return NamedNode(each) if isinstance(each, str) else each


def _subject(each: Node) -> NamedNode | BlankNode | None:
    """Return a node as the subject of a triple, which a literal can't be."""
    if isinstance(each, str):
        return NamedNode(each)
    return each if isinstance(each, BlankNode) else None
