"""pySHACL over rdflib graphs: what is validated, by which shapes, and what came of it.

The only module that loads rdflib and pySHACL, which take some 300 ms; load it where it is used.
pySHACL parses the query of a SPARQL constraint anew for each focus node; the graph given to it
prepares each query once.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import pyoxigraph as ox
import pyshacl
from pyshacl.errors import ReportableRuntimeError
from rdflib import BNode, Graph, Literal, URIRef
from rdflib.query import Result
from rdflib.term import Node

from nhskg.rdf.errors import InputError, Place
from nhskg.rdf.paths import first_predicate, path_text
from nhskg.rdf.terms import SH, XSD
from nhskg.shacl.query_order import prepare
from nhskg.shacl.requirements import Shapes
from nhskg.shacl.results import Violated

__all__ = [
    "PreparedGraph",
    "results",
    "run",
    "to_graph",
]

_PLAIN: Final = XSD + "string"
_RESULT: Final = SH + "result"


class PreparedGraph(Graph):
    """A graph in memory that prepares each query text once."""

    def __init__(self) -> None:
        super().__init__(bind_namespaces="none")

    def query(self, query_object: Any, *args: Any, **kwargs: Any) -> Result:
        """Run a query, as :meth:`rdflib.Graph.query` does."""
        query = prepare(query_object) if isinstance(query_object, str) else query_object
        return super().query(query, *args, **kwargs)


def to_graph(triples: Iterable[ox.Triple | ox.Quad], *, prepared: bool = True) -> Graph:
    """Return the triples, or the union of the graphs of the quads, as an rdflib graph.

    Args:
        triples: what is in the graph.
        prepared: whether it is a :class:`PreparedGraph`.
    """
    graph = PreparedGraph() if prepared else Graph(bind_namespaces="none")
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


def run(data: Graph, shapes: Graph, file: Path | None) -> tuple[ox.Triple, ...]:
    """Return the validation report of pySHACL (3.6); nothing is inferred.

    Args:
        data: the data graph, with the hierarchy of classes in it.
        shapes: the shapes graph.
        file: where the shapes stand.

    Raises:
        InputError: pySHACL refuses the shapes.
    """
    try:
        _, report, told = pyshacl.validate(
            data, shacl_graph=shapes, inplace=True, advanced=False, inference="none"
        )
    except ReportableRuntimeError as error:
        raise _refused(str(error), file) from error
    except Exception as error:  # pySHACL lets errors of any kind through
        raise _refused(f"{type(error).__name__}: {error}", file) from error
    if not isinstance(report, Graph):
        raise _refused(str(told), file)
    raw = report.serialize(format="nt", encoding="utf-8")
    quads = ox.parse(input=raw, format=ox.RdfFormat.N_TRIPLES, lenient=True)
    return tuple(each.triple for each in quads)


def _refused(reason: str, file: Path | None) -> InputError:
    first = " ".join(reason.partition("\n")[0].split())
    return InputError(f"pySHACL refuses the shapes: {first}", place=Place(file) if file else None)


def results(data: Graph, shapes: Shapes) -> list[Violated]:
    """Return the validation results of pySHACL; see :func:`run`."""
    file = shapes.requirements[0].place.path if shapes.requirements else None
    report = Shapes(run(data, to_graph(shapes.triples), file))
    return [
        _violated(report, each.object) for each in report.triples if each.predicate.value == _RESULT
    ]


def _violated(report: Shapes, result: Any) -> Violated:
    def one(name: str) -> Any:
        return next(iter(report.values(result, SH + name)), None)

    path, shape, focus, value = (
        one(name) for name in ("resultPath", "sourceShape", "focusNode", "value")
    )
    return Violated(
        shape=shape.value if isinstance(shape, ox.NamedNode) else None,
        severity=one("resultSeverity").value,
        component=one("sourceConstraintComponent").value,
        messages=tuple(sorted(each.value for each in report.values(result, SH + "resultMessage"))),
        focus=focus.value,
        path=None if path is None else path_text(report, path),
        predicate=None if path is None else first_predicate(report, path),
        value=None if value is None or (value == focus and path is None) else value.value,
    )
