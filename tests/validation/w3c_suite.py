"""W3C's suite of SHACL: its tests, and whether a validation report is the one expected."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote, urlsplit

from pyoxigraph import BlankNode, NamedNode, Quad, Triple

from nhskg.rdf.errors import InputError
from nhskg.rdf.lines import read_rdf
from nhskg.rdf.paths import Term, TripleIndex
from nhskg.rdf.terms import RDF_TYPE
from nhskg.shacl.engines import EngineName, Result, read_results
from nhskg.shacl.validation import validate_rdf

_MF: Final = "http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#"
_SHT: Final = "http://www.w3.org/ns/shacl-test#"

Results = Counter[tuple[str, ...]]


@dataclass(frozen=True)
class SuiteCase:
    """A test of W3C's suite; ``expected`` is None where the shapes are to be refused."""

    name: str
    data: Path
    shapes: Path
    expected: Results | None

    def passes(self, engine: EngineName) -> bool:
        """Return whether nhskg's report has exactly the results that are expected."""
        try:
            report = validate_rdf([self.data], [self.shapes], engine=engine)
        except InputError:
            return self.expected is None
        return self.is_expected(report.triples or ())

    def is_expected(self, report: Iterable[Triple | Quad]) -> bool:
        """Return whether a validation report has exactly the results that are expected."""
        return _comparable(read_results(TripleIndex(report))) == self.expected


def suite_cases(manifest: Path) -> Iterator[SuiteCase]:
    """Yield the tests of a manifest and of those that it includes."""
    graph = TripleIndex(read_rdf(manifest).triples)
    (root,) = (each for each in graph.subjects() if _MF + "Manifest" in _types(graph, each))
    for included in graph.values(root, _MF + "include"):
        yield from suite_cases(_path(included))
    for entries in graph.values(root, _MF + "entries"):
        for entry in graph.members(entries):
            (action,), (result,) = (
                graph.values(entry, _MF + each) for each in ("action", "result")
            )
            (data,), (shapes,) = (
                graph.values(action, _SHT + each) for each in ("dataGraph", "shapesGraph")
            )
            failure = result == NamedNode(_SHT + "Failure")
            expected = None if failure else _comparable(read_results(graph, result))
            yield SuiteCase(_path(entry).name, _path(data), _path(shapes), expected)


def _types(graph: TripleIndex, node: Term) -> set[str]:
    return {each.value for each in graph.values(node, RDF_TYPE)}


def _path(iri: Any) -> Path:
    return Path(unquote(urlsplit(iri.value).path))


def _comparable(found: Iterable[Result]) -> Results:
    """Return results without their messages; a blank node equals any other."""
    return Counter(
        tuple(
            "_:" if isinstance(each, BlankNode) else str(each)
            for each in (r.focus, r.value, r.path, r.component, r.severity, r.shape)
        )
        for r in found
    )
