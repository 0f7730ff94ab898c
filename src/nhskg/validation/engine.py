"""pySHACL over rdflib graphs: what is validated, by which shapes, and what came of it.

The only module that loads rdflib and pySHACL, which take some 300 ms; load it where it is used.
pySHACL parses the query of a SPARQL constraint anew for each focus node; the graph given to it
prepares each query once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any, Final

import pyoxigraph as ox
import pyshacl
from pyshacl.errors import ReportableRuntimeError
from rdflib import BNode, Graph, Literal, URIRef
from rdflib.namespace import RDF, RDFS
from rdflib.query import Result
from rdflib.term import Node

from nhskg.errors import InputError, Place
from nhskg.terms import OWL, SH, XSD
from nhskg.validation.findings import shown
from nhskg.validation.query_order import prepare
from nhskg.validation.requirements import Shapes, Target
from nhskg.validation.results import Violated

__all__ = [
    "PreparedGraph",
    "Violated",
    "count_focus_nodes",
    "declared_terms",
    "finds",
    "run",
    "to_graph",
]

_PLAIN: Final = XSD + "string"
_DECLARING: Final = tuple(
    URIRef(each)
    for each in (
        OWL + "Class",
        OWL + "ObjectProperty",
        OWL + "DatatypeProperty",
        OWL + "AnnotationProperty",
        str(RDFS.Class),
        str(RDF.Property),
    )
)
_PATH_SIGNS: Final = {"zeroOrMorePath": "*", "oneOrMorePath": "+", "zeroOrOnePath": "?"}


class PreparedGraph(Graph):
    """A graph in memory that prepares each query text once."""

    def __init__(self) -> None:
        super().__init__(bind_namespaces="none")

    def query(self, query_object: Any, *args: Any, **kwargs: Any) -> Result:
        """Run a query, as :meth:`rdflib.Graph.query` does."""
        query = prepare(query_object) if isinstance(query_object, str) else query_object
        return super().query(query, *args, **kwargs)


def to_graph(triples: Iterable[ox.Triple | ox.Quad]) -> PreparedGraph:
    """Return the triples, or the union of the graphs of the quads, as an rdflib graph."""
    graph = PreparedGraph()
    add = graph.store.add
    for each in triples:
        if not isinstance(each.object, ox.Triple):
            triple = (_convert(each.subject), _convert(each.predicate), _convert(each.object))
            add(triple, graph)
    return graph


@lru_cache(maxsize=1 << 16)
def _convert(term: Any) -> Node:
    if isinstance(term, ox.NamedNode):
        return URIRef(term.value)
    if isinstance(term, ox.BlankNode):
        return BNode(term.value)
    if term.language:
        return Literal(term.value, lang=term.language)
    datatype = term.datatype.value
    if datatype == _PLAIN:
        return Literal(term.value)
    # rdflib would turn the year 2013 into the first of January of it
    return Literal(term.value, datatype=URIRef(datatype), normalize=False)


def run(data: PreparedGraph, shapes: Shapes) -> list[Violated]:
    """Validate a graph, which has the hierarchy of classes in it; nothing is inferred.

    Raises:
        InputError: pySHACL refuses the shapes.
    """
    graph = to_graph(shapes.triples)
    try:
        _, report, told = pyshacl.validate(
            data, shacl_graph=graph, inplace=True, advanced=False, inference="none"
        )
    except ReportableRuntimeError as error:
        raise _refused(str(error), shapes) from error
    except Exception as error:  # pySHACL lets errors of any kind through
        raise _refused(f"{type(error).__name__}: {error}", shapes) from error
    if not isinstance(report, Graph):
        raise _refused(str(told), shapes)
    return [_violated(report, each) for each in report.objects(None, URIRef(SH + "result"))]


def _refused(reason: str, shapes: Shapes) -> InputError:
    first = " ".join(reason.partition("\n")[0].split())
    place = shapes.requirements[0].place.path if shapes.requirements else None
    return InputError(f"pySHACL refuses the shapes: {first}", place=Place(place) if place else None)


def _violated(report: Graph, result: Node) -> Violated:
    def one(name: str) -> Node | None:
        return report.value(result, URIRef(SH + name))

    path, shape, focus, value = (
        one(name) for name in ("resultPath", "sourceShape", "focusNode", "value")
    )
    messages = (str(each) for each in report.objects(result, URIRef(SH + "resultMessage")))
    return Violated(
        shape=str(shape) if isinstance(shape, URIRef) else None,
        severity=str(one("resultSeverity")),
        component=str(one("sourceConstraintComponent")),
        messages=tuple(sorted(messages)),
        focus=str(focus),
        path=None if path is None else _written(report, path),
        predicate=None if path is None else _first(report, path),
        value=None if value is None or (value == focus and path is None) else str(value),
    )


def _written(graph: Graph, path: Node) -> str:
    """Return a SHACL property path in SPARQL syntax."""
    if isinstance(path, URIRef):
        return shown(str(path))
    if (path, RDF.first, None) in graph:
        return "/".join(_bracketed(graph, each) for each in _items(graph, path))
    for name, sign in _PATH_SIGNS.items():
        inner = graph.value(path, URIRef(SH + name))
        if inner is not None:
            return _bracketed(graph, inner) + sign
    inverse = graph.value(path, URIRef(SH + "inversePath"))
    if inverse is not None:
        return "^" + _bracketed(graph, inverse)
    either = graph.value(path, URIRef(SH + "alternativePath"))
    if either is not None:
        return "|".join(_bracketed(graph, each) for each in _items(graph, either))
    return str(path)


def _bracketed(graph: Graph, path: Node) -> str:
    text = _written(graph, path)
    return f"({text})" if "/" in text or "|" in text else text


def _first(graph: Graph, path: Node) -> str | None:
    """Return the predicate along which a path leaves its focus, unless it comes in to it."""
    while not isinstance(path, URIRef):
        following = [graph.value(path, RDF.first)]
        following += [graph.value(path, URIRef(SH + name)) for name in _PATH_SIGNS]
        found = next((each for each in following if each is not None), None)
        if found is None:
            return None
        path = found
    return str(path)


def _items(graph: Graph, head: Node) -> Iterator[Node]:
    yield from graph.items(head)


def count_focus_nodes(data: Graph, target: Target) -> int:
    """Return how many nodes of a graph a target finds; a named node always counts."""
    term = URIRef(target.term)
    if target.kind == "node":
        return 1
    if target.kind == "class":
        classes = data.transitive_subjects(RDFS.subClassOf, term)
        return len({node for each in classes for node in data.subjects(RDF.type, each)})
    pairs = data.subject_objects(term)
    return len({pair[0] if target.kind == "subjects of" else pair[1] for pair in pairs})


def finds(data: Graph, target: Target) -> bool:
    """Tell whether a target finds anything that the graph mentions.

    To SHACL a named node is a focus node even where the graph has none (2.1.3.1). What is asked
    here is whether the name was misspelt; a literal is not.
    """
    if target.kind == "node" and target.is_iri:
        term = URIRef(target.term)
        return (term, None, None) in data or (None, None, term) in data
    return count_focus_nodes(data, target) > 0


def declared_terms(data: Graph) -> frozenset[str] | None:
    """Return every IRI that has a type, or None where the graph declares no vocabulary at all."""
    if not any((None, RDF.type, each) in data for each in _DECLARING):
        return None
    return frozenset(
        str(each) for each in data.subjects(RDF.type, None) if isinstance(each, URIRef)
    )
