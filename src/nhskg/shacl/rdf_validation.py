"""SHACL validation of any RDF by any shapes, reported as the SHACL recommendation says.

The wording of results is ours where the shapes have none, as it differs from engine to engine.
Blank nodes are numbered in the order of the files, so that the same input gives the same bytes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pyoxigraph as ox

from nhskg.rdf.errors import InputError, Place
from nhskg.rdf.lines import RdfFile, find_places, read_rdf
from nhskg.rdf.paths import bracketed
from nhskg.rdf.terms import RDF_TYPE, SH, compact, local_name
from nhskg.rdf.triple_index import Term, TripleIndex
from nhskg.shacl.findings import Finding, Severity, settle
from nhskg.shacl.reports.report import Report
from nhskg.shacl.reports.rules import targeted_rules
from nhskg.shacl.requirements import Shapes
from nhskg.shacl.unused_shapes import UNMATCHED, TargetedData, idle_shapes, unknown_words

if TYPE_CHECKING:
    from nhskg.shacl.engines import EngineName, Result

__all__ = ["RDF_ENDINGS", "validate_rdf"]

RDF_ENDINGS: Final = (".ttl", ".trig", ".nt", ".nq", ".rdf", ".owl", ".jsonld")
"""The files of a folder that are taken for RDF; one that is named may have another ending."""

_SEVERITIES: Final = {SH + each.value: each for each in Severity}


def validate_rdf(
    data: Sequence[Path], shapes: Sequence[Path], *, engine: EngineName = "turbo"
) -> Report:
    """Validate the union of some files by the union of others.

    Nothing is inferred or imported, and nothing but the data says which class is below which
    (Shapes Constraint Language, 3.1 and 3.4). Files are Turtle, TriG, N-Triples, N-Quads, RDF/XML
    or JSON-LD, by the ends of their names; a folder stands for all such files in it, ``-`` for
    standard input. The report has the named shapes that have a target as its rules, and as RDF the
    validation report of the recommendation, blank nodes numbered.

    Raises:
        InputError: a file cannot be read as RDF, or pySHACL refuses the shapes.
    """
    from nhskg.shacl.engines import n_quads, run  # noqa: PLC0415  # loads rdflib

    labels: dict[ox.BlankNode, ox.BlankNode] = {}
    files, shape_files = (
        [_numbered(read_rdf(file), labels) for path in paths for file in _expanded(path)]
        for paths in (data, shapes)
    )
    graph = Shapes(_union(shape_files), shape_files)
    triples = _union(files)
    found = run(n_quads(triples), graph.triples, engine=engine, place=Place(shapes[0]))
    wording = _Wording(
        graph, {k: v for each in (*files, *shape_files) for k, v in each.prefixes.items()}
    )
    results = [(each, wording.messages(each)) for each in found]
    findings = [_finding(*each, graph, files) for each in results]
    findings += _unmatched(graph, triples, shapes[0])
    report = _report(results, TripleIndex((*triples, *graph.triples)))
    rules = targeted_rules(graph)
    return Report(settle(findings), rules=rules, roots=(Path.cwd(),), triples=report)


def _expanded(path: Path) -> list[Path]:
    if not path.is_dir():
        return [path]
    files = [each for each in sorted(path.iterdir()) if each.suffix in RDF_ENDINGS]
    if not files:
        raise InputError("no RDF here: no *.ttl, *.nt, *.rdf … in the folder", place=Place(path))
    return files


def _numbered(file: RdfFile, labels: dict[ox.BlankNode, ox.BlankNode]) -> RdfFile:
    """Return a file with its blank nodes numbered, in order, after those of other files."""

    def numbered(term: Any) -> Any:
        if isinstance(term, ox.BlankNode):
            return labels.setdefault(term, ox.BlankNode(f"b{len(labels)}"))
        return term

    quads = []
    for subject, predicate, value, _ in file.quads:
        if isinstance(value, ox.Triple):
            message = "a triple term of RDF 1.2, which SHACL does not have; leave it out"
            raise InputError(message, place=file.place(subject, predicate, value))
        quads.append(ox.Quad(numbered(subject), predicate, numbered(value)))
    return replace(file, quads=tuple(quads))


def _union(files: Iterable[RdfFile]) -> list[ox.Triple]:
    return list(dict.fromkeys(triple for file in files for triple in file.triples))


class _Wording:
    """The messages of results: those of the shapes, or ones of ours in place of the engine's."""

    def __init__(self, shapes: Shapes, prefixes: dict[str, str]) -> None:
        self._shapes = shapes
        self._prefixes = prefixes

    def messages(self, result: Result) -> tuple[ox.Literal, ...]:
        """Return the messages of a result; those of the shapes as the engine has filled them."""
        sources = [each for each in (result.shape, result.constraint) if each is not None]
        if any(self._shapes.values(each, SH + "message") for each in sources):
            return result.messages
        return (ox.Literal(self._sentence(result)),)

    def _sentence(self, result: Result) -> str:
        """Return what a result says, nodes without a name left out."""
        text = f"does not meet sh:{result.parameter}"
        limits = self._shapes.values(result.shape, SH + result.parameter) if result.shape else []
        if len(limits) == 1 and not isinstance(limits[0], ox.BlankNode):
            text += f" {self._short(limits[0])}"
        if result.path is not None:
            text += f" along {result.path.text(self._prefixed)}"
        value = result.value
        if value is None or isinstance(value, ox.BlankNode) or value == result.focus:
            return text
        return f"{text}: {self._short(value)}"

    def _short(self, term: Term) -> str:
        """Return a term as the files write it, as far as their prefixes go."""
        return self._prefixed(term.value) if isinstance(term, ox.NamedNode) else term.value

    def _prefixed(self, iri: str) -> str:
        for prefix, namespace in self._prefixes.items():
            if namespace and iri.startswith(namespace):
                return f"{prefix}:{iri[len(namespace) :]}"
        return bracketed(iri)


def _finding(
    result: Result, messages: Sequence[ox.Literal], shapes: Shapes, files: Sequence[RdfFile]
) -> Finding:
    """Return a result as a finding, at the line of its value or its focus."""
    predicate = result.path.first_predicate if result.path else None
    places = find_places(
        files, result.focus, ox.NamedNode(predicate) if predicate else None, result.value
    )
    requirement = shapes.requirement_of(result.shape) if result.shape else None
    rule = local_name(result.component).removesuffix("ConstraintComponent")
    if requirement is not None:
        rule = requirement.number
    elif isinstance(result.shape, ox.NamedNode):
        rule = local_name(result.shape.value)
    return Finding(
        rule=rule,
        severity=_SEVERITIES.get(result.severity, Severity.VIOLATION),
        message=" ".join(each.value for each in messages),
        focus=_shown(result.focus),
        path=result.path,
        value=_shown(result.other_value) if result.other_value else None,
        place=places[0] if places else None,
        related=places[1:],
        component=result.component,
    )


def _shown(term: Term) -> str:
    return str(term) if isinstance(term, ox.BlankNode) else term.value


def _report(
    results: Iterable[tuple[Result, Sequence[ox.Literal]]], described: TripleIndex
) -> tuple[ox.Triple, ...]:
    """Return the validation report (3.6), with what describes the blank nodes in it."""
    report = ox.BlankNode("report")
    found: list[tuple[Any, str, Any]] = [(report, RDF_TYPE, ox.NamedNode(SH + "ValidationReport"))]
    paths: list[ox.Triple] = []
    ordered = sorted((_properties(*each, paths) for each in results), key=str)
    found.append((report, SH + "conforms", ox.Literal(not ordered)))
    queue: list[Any] = []
    for number, properties in enumerate(ordered):
        node = ox.BlankNode(f"result{number}")
        found.append((report, SH + "result", node))
        found += ((node, predicate, value) for predicate, value in properties)
        queue += (value for _, value in properties)
    met: set[Any] = set()
    while queue:
        node = queue.pop()
        if isinstance(node, ox.BlankNode) and node not in met:
            met.add(node)
            for predicate in described.predicates(node):
                values = described.values(node, predicate)
                found += ((node, predicate, value) for value in values)
                queue += values
    triples = (ox.Triple(subject, ox.NamedNode(name), value) for subject, name, value in found)
    return tuple(sorted({*triples, *paths}, key=str))


def _properties(
    result: Result, messages: Iterable[ox.Literal], paths: list[ox.Triple]
) -> list[tuple[str, Any]]:
    """Return the properties of a result, and add what describes its path."""
    given: dict[str, Term | None] = {
        "focusNode": result.focus,
        "resultSeverity": ox.NamedNode(result.severity),
        "sourceConstraintComponent": ox.NamedNode(result.component),
        "sourceConstraint": result.constraint,
        "sourceShape": result.shape,
        "value": result.value,
    }
    if result.path is not None:
        given["resultPath"], triples = result.path.to_rdf()
        paths += triples
    found = [(SH + name, value) for name, value in given.items() if value is not None]
    found += [(SH + "resultMessage", each) for each in messages]
    return [(RDF_TYPE, ox.NamedNode(SH + "ValidationResult")), *found]


def _unmatched(shapes: Shapes, triples: Iterable[ox.Triple], path: Path) -> Iterator[Finding]:
    """Yield the targets that find nothing, and the shapes and words that check nothing."""
    store = ox.Store()
    store.bulk_extend(ox.Quad(*each) for each in triples)
    data = TargetedData(store)
    targets = list(shapes.targets())
    missing = [each for each in targets if not data.finds(each[1])]
    for node, target in missing:
        shape = node.value if isinstance(node, ox.NamedNode) else None
        name = local_name(shape) if shape else "a shape without a name"
        yield Finding(
            rule=UNMATCHED,
            severity=Severity.INFO,
            message=f"{name} finds nothing to look at: {target.kind} {compact(target.term)}",
            focus=shape,
            value=target.term,
            place=shapes.place(node),
        )
    checked = len(missing) < len(targets) or any(target.kind == "node" for _, target in targets)
    if not checked and not any(each.predicate.value == SH + "target" for each in shapes.triples):
        reason = "no target of a shape finds anything" if targets else "no shape here has a target"
        message = f"{reason}: nothing was checked"
        yield Finding(UNMATCHED, Severity.VIOLATION, message, place=Place(path))
    yield from idle_shapes(shapes, Severity.WARNING)
    yield from unknown_words(shapes, Severity.WARNING)
