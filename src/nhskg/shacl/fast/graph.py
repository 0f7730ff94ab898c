"""The data, read from a store or from quads one predicate at a time, as the shapes ask for them.

What is read is the union of all graphs, or of all but one; a triple in two graphs counts once
(SHACL validates one graph, section 3.4). SPARQL constraints are asked of the store itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any, Final

from pyoxigraph import BlankNode, DefaultGraph, Literal, NamedNode, Quad, Store, Triple

from nhskg.rdf.terms import OWL, RDF, RDF_TYPE, RDFS, XSD
from nhskg.shacl.fast.terms import Node
from nhskg.shacl.requirements import Target

__all__ = ["DataGraph", "Source"]

_SUBCLASS_OF: Final = RDFS + "subClassOf"
_DECLARING: Final = (
    OWL + "Class",
    OWL + "ObjectProperty",
    OWL + "DatatypeProperty",
    OWL + "AnnotationProperty",
    RDFS + "Class",
    RDF + "Property",
)

Values = Mapping[Node, Sequence[Node]]


class Source:
    """Where the quads come from: a store, or any quads, of which a store is made when needed."""

    def __init__(self, quads: Iterable[Quad]) -> None:
        self._given = quads if isinstance(quads, Store) else list(quads)

    @cached_property
    def store(self) -> Store:
        """The quads as a store."""
        if isinstance(self._given, Store):
            return self._given
        store = Store()
        store.bulk_extend(self._given)
        return store

    def of(self, predicate: str) -> Iterable[Quad]:
        """Return the quads of a predicate."""
        if isinstance(self._given, Store):
            return self._given.quads_for_pattern(None, NamedNode(predicate), None, None)
        return self._by_predicate.get(predicate, ())

    @cached_property
    def _by_predicate(self) -> dict[str, list[Quad]]:
        found: dict[str, list[Quad]] = {}
        for quad in self._given:
            found.setdefault(quad.predicate.value, []).append(quad)
        return found

    @cached_property
    def keeps_literals(self) -> bool:
        """Whether the store has every literal as it was given: it writes ``01`` as ``1``."""
        if isinstance(self._given, Store):
            return True
        typed = {
            quad.object
            for quad in self._given
            if isinstance(quad.object, Literal)
            and not quad.object.language
            and quad.object.datatype.value != XSD + "string"
        }
        some = NamedNode(RDF_TYPE)
        read_back = Store()
        read_back.extend(Quad(some, some, each) for each in typed)
        return typed == {quad.object for quad in read_back}


class DataGraph:
    """The union of the graphs of a source.

    Args:
        source: the quads.
        without: the IRI of a graph that is left out.
    """

    def __init__(self, source: Source, *, without: str | None = None) -> None:
        self.source: Final = source
        self._without = NamedNode(without) if without else None
        self._values: dict[str, Values] = {}
        self._inverse: dict[str, Values] = {}
        self._instances: dict[str, frozenset[Node]] = {}
        self._names: dict[str, str] = {}

    def values(self, predicate: str) -> Values:
        """Return the objects of a predicate by subject, each once."""
        if predicate not in self._values:
            self._values[predicate] = self._read(predicate)
        return self._values[predicate]

    def inverse(self, predicate: str) -> Values:
        """Return the subjects of a predicate by object, each once."""
        if predicate not in self._inverse:
            found: dict[Node, list[Node]] = {}
            for subject, objects in self.values(predicate).items():
                for each in objects:
                    found.setdefault(each, []).append(subject)
            self._inverse[predicate] = found
        return self._inverse[predicate]

    def _read(self, predicate: str) -> Values:
        found: dict[Node, list[Node]] = {}
        without, known = self._without, self._names.setdefault
        for quad in self.source.of(predicate):
            if without is not None and quad.graph_name == without:
                continue
            subject: Any = quad.subject
            value: Any = quad.object
            if isinstance(value, Triple):
                continue
            if isinstance(subject, NamedNode):
                subject = subject.value
                subject = known(subject, subject)
            if isinstance(value, NamedNode):
                value = value.value
                value = known(value, value)
            if subject in found:
                found[subject].append(value)
            else:
                found[subject] = [value]
        for subject, objects in found.items():
            if len(objects) > 1:
                found[subject] = list(dict.fromkeys(objects))
        return found

    def instances(self, of: str) -> frozenset[Node]:
        """Return the SHACL instances of a class: those of its subclasses, too (section 1.1)."""
        if of not in self._instances:
            types, below = self.inverse(RDF_TYPE), self.inverse(_SUBCLASS_OF)
            classes: set[Node] = set()
            queue: list[Node] = [of]
            while queue:
                each = queue.pop()
                if each not in classes:
                    classes.add(each)
                    queue += below.get(each, ())
            self._instances[of] = frozenset().union(*(types.get(each, ()) for each in classes))
        return self._instances[of]

    def targeted(self, kind: str, term: Node) -> Iterable[Node]:
        """Return the nodes that a target finds (SHACL 2.1.3.1 to 2.1.3.5)."""
        if kind == "node":
            return (term,)
        assert isinstance(term, str)
        if kind == "class":
            return self.instances(term)
        return (self.values if kind == "subjects of" else self.inverse)(term).keys()

    def finds(self, target: Target) -> bool:
        """Tell whether a target finds anything that the graph mentions.

        To SHACL a named node is a focus node even where the graph has none (2.1.3.1). What is asked
        here is whether the name was misspelt; a literal is not.
        """
        if target.kind == "node" and target.is_iri:
            node, store = NamedNode(target.term), self.source.store
            mentions = [
                store.quads_for_pattern(node, None, None),
                store.quads_for_pattern(None, None, node),
            ]
            return any(next(quads, None) is not None for quads in mentions)
        return bool(self.targeted(target.kind, target.term))

    @cached_property
    def declared_terms(self) -> frozenset[str] | None:
        """Every IRI that has a type, or None where the graph declares no vocabulary at all."""
        typed = self.values(RDF_TYPE)
        if not any(each in self.inverse(RDF_TYPE) for each in _DECLARING):
            return None
        return frozenset(each for each in typed if isinstance(each, str))

    @cached_property
    def _graphs(self) -> list[NamedNode | BlankNode | DefaultGraph]:
        named = self.source.store.named_graphs()
        return [DefaultGraph(), *(each for each in named if each != self._without)]

    def rows(self, query: str) -> Iterator[Any]:
        """Yield the solutions of a SELECT query over the graph."""
        store = self.source.store
        found: Any
        if self._without is None:
            found = store.query(query, use_default_graph_as_union=True)
        else:
            found = store.query(query, default_graph=self._graphs)
        yield from found
