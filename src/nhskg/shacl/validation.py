"""SHACL validation of a project's graph, or of any RDF, as findings with rule, line and repair.

Each validation result becomes a :class:`~nhskg.shacl.findings.Finding`, with the number of the
requirement and the line of YAML behind the focus. Shapes that check nothing, and terms that no
ontology declares, are found too: a typo must not pass as success.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from pyoxigraph import BlankNode, NamedNode, Quad, Store

from nhskg.rdf.errors import Place
from nhskg.rdf.paths import Term
from nhskg.rdf.terms import DERIVED_GRAPH, SH, local_name, shorten_iri
from nhskg.shacl.findings import Finding, Locate, Rule, Severity, settle
from nhskg.shacl.shapes import SEVERITIES, Shapes, split_message
from nhskg.shacl.unused_shapes import check_shapes

if TYPE_CHECKING:
    from nhskg.shacl.engines import EngineName, Result
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyoxigraph as ox

from nhskg.rdf.errors import InputError
from nhskg.rdf.lines import RdfFile, find_places, read_rdf
from nhskg.rdf.paths import TripleIndex, bracketed, reachable
from nhskg.rdf.terms import compact
from nhskg.shacl.reports.report import Report
from nhskg.shacl.reports.rules import built_in_rules
from nhskg.shacl.reports.validation_report import Properties, report_triples
from nhskg.shacl.unused_shapes import UNMATCHED, idle_shapes, is_matched

_ANY_IRI: Final = re.compile(r"https?://[^\s<>\"'{}()\[\],;]+[^\s<>\"'{}()\[\],;.:]")
_PLACEHOLDER: Final = re.compile(r"\{[$?](\w+)\}")


def validate_quads(
    quads: Iterable[Quad],
    shapes: Shapes,
    *,
    locate: Locate = lambda *_: (),
    engine: EngineName = "turbo",
) -> tuple[Finding, ...]:
    """Validate the union of the graphs of some quads: asserted graphs, ontology, derived graph.

    The ontology is there for its classes and its declarations. Nothing is inferred: what is derived
    must be there. Shapes marked ``nsh:over nsh:AssertedGraphs`` see all graphs but the derived one.

    Args:
        quads: a store, or quads whose literals stay as they are written.
        shapes: what must hold of them.
        locate: from a focus to its places.
        engine: what validates; pySHACL is the reference, many times slower.

    Returns:
        The findings, in order of place.

    Raises:
        InputError: pySHACL refuses the shapes.
    """
    if isinstance(quads, Store):
        store = quads
    else:
        quads, store = list(quads), Store()
        store.bulk_extend(quads)
    findings = []
    for result in run_shapes(quads, shapes, engine=engine):
        requirement = shapes.requirement_of(result.shape)
        text = _text(result, requirement, shapes)
        at = requirement.at if requirement else None
        findings.append(to_finding(result, requirement, locate, *text, at=at))
    return settle([*findings, *check_shapes(store, shapes)])


def run_shapes(
    quads: Iterable[Quad], shapes: Shapes, *, engine: EngineName = "turbo"
) -> list[Result]:
    """Return the validation results of some quads."""
    from nhskg.shacl.engines import n_quads, run  # noqa: PLC0415  # loads rdflib

    text = n_quads(quads)
    places = [each.place for each in shapes.requirements if each.place]
    place = Place(places[0].path) if places else None
    asserted_only = {each.id for each in shapes.requirements if each.asserted_only}
    results = run(text, shapes.without(asserted_only).triples, engine=engine, place=place)
    if asserted_only:
        derived = f" <{DERIVED_GRAPH}> ."
        lines = (line for line in text.split("\n") if not line.endswith(derived))
        only = shapes.only(asserted_only).triples
        results += run("\n".join(lines), only, engine=engine, place=place)
    return results


def to_finding(
    result: Result,
    requirement: Rule | None,
    locate: Locate,
    message: str,
    repair: str = "",
    *,
    at: NamedNode | None = None,
) -> Finding:
    """Return a validation result as a finding, at the line of its value or its focus.

    Args:
        result: what an engine found.
        requirement: the requirement that the source shape is a part of, if any.
        locate: from a focus, a property and a value to their places.
        message: what is wrong.
        repair: how to mend it.
        at: the property to locate where the result has no path.
    """
    predicate = result.path.first_predicate if result.path else None
    places = locate(result.focus, predicate or at, result.other_value)
    named = result.shape.value if isinstance(result.shape, NamedNode) else result.component
    return Finding(
        rule=requirement.id if requirement else local_name(named),
        severity=SEVERITIES.get(result.severity, Severity.VIOLATION),
        message=message,
        repair=repair,
        focus=_shown(result.focus),
        path=result.path,
        value=_shown(result.other_value) if result.other_value else None,
        place=places[0] if places else None,
        related=tuple(places[1:]),
        component=result.component,
    )


def _shown(term: Term) -> str:
    return str(term) if isinstance(term, BlankNode) else term.value


def _text(result: Result, requirement: Rule | None, shapes: Shapes) -> tuple[str, str]:
    """Return message and repair: of the shape, else of its requirement, else of the engine."""
    own = result.shape is not None and shapes.text(result.shape, SH + "message")
    if not own and requirement is not None and requirement.demands:
        message, repair = requirement.demands, requirement.repair
    else:
        message, repair = split_message(" ".join(each.value for each in result.messages))
    return _filled(message, result), _filled(repair, result)


def _filled(text: str, result: Result) -> str:
    """Replace ``{$this}``, ``{?value}`` and ``{?path}`` by the terms of a result."""
    if "{" in text:
        path = str(result.path) if result.path else ""
        value = result.other_value.value if result.other_value else ""
        known = {"this": result.focus.value, "value": value, "path": path, "PATH": path}
        text = _PLACEHOLDER.sub(lambda found: known.get(found[1]) or found[0], text)
    return _ANY_IRI.sub(lambda found: shorten_iri(found[0]), text) if "://" in text else text


RDF_ENDINGS: Final = (".ttl", ".trig", ".nt", ".nq", ".rdf", ".owl", ".jsonld")
"""The files of a folder that are taken for RDF; one that is named may have another ending."""


def validate_rdf(
    data: Sequence[Path], shapes: Sequence[Path], *, engine: EngineName = "turbo"
) -> Report:
    """Validate the union of some files by the union of others.

    Nothing is inferred or imported, and nothing but the data says which class is below which
    (Shapes Constraint Language, 3.1 and 3.4). Files are Turtle, TriG, N-Triples, N-Quads, RDF/XML
    or JSON-LD, by the ends of their names; a folder stands for all such files in it, ``-`` for
    standard input. The report has the named shapes that have a target as its rules, and as RDF the
    validation report of the recommendation, blank nodes numbered.

    Returns:
        The validation results, also as the report of the recommendation, and the shapes that check
        nothing.

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
    results = run(n_quads(triples), graph.triples, engine=engine, place=Place(shapes[0]))
    prefixes = {k: v for each in (*files, *shape_files) for k, v in each.prefixes.items()}
    findings: list[Finding] = []
    described: list[Properties] = []
    for result in results:
        messages = _messages(result, graph, prefixes)
        message = " ".join(each.value for each in messages)
        requirement = graph.requirement_of(result.shape)
        locate = partial(find_places, files)
        if isinstance(result.focus, ox.Literal):  # it can be the object of other statements, too
            locate = partial(find_places, ())
        found = to_finding(result, requirement, locate, message)
        findings.append(replace(found, rule=found.rule.removesuffix("ConstraintComponent")))
        described.append(_properties(result, messages))
    findings += _unmatched(graph, triples, shapes[0])
    return Report(
        settle(findings),
        rules={each.id: each for each in graph.requirements}
        | {UNMATCHED: built_in_rules()[UNMATCHED]},
        roots=(Path.cwd(),),
        triples=_report(described, (*triples, *graph.triples)),
    )


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
    return replace(file, quads=quads)


def _union(files: Iterable[RdfFile]) -> list[ox.Triple]:
    return list(dict.fromkeys(triple for file in files for triple in file.triples))


def _messages(
    result: Result, shapes: Shapes, prefixes: Mapping[str, str]
) -> tuple[ox.Literal, ...]:
    """Return the messages of the shapes as the engine has filled them, or one of ours."""
    sources = [each for each in (result.shape, result.constraint) if each is not None]
    if any(shapes.values(each, SH + "message") for each in sources):
        return result.messages

    def prefixed(iri: str) -> str:
        for prefix, namespace in prefixes.items():
            if namespace and iri.startswith(namespace):
                return f"{prefix}:{iri[len(namespace) :]}"
        return bracketed(iri)

    def shown(term: Term) -> str:
        return prefixed(term.value) if isinstance(term, ox.NamedNode) else term.value

    text = f"does not meet sh:{result.parameter}"
    limits = shapes.values(result.shape, SH + result.parameter) if result.shape else []
    if len(limits) == 1 and not isinstance(limits[0], ox.BlankNode):
        text += f" {shown(limits[0])}"
    if result.path is not None:
        text += f" along {result.path.text(prefixed)}"
    value = result.value
    if value is not None and not isinstance(value, ox.BlankNode) and value != result.focus:
        text += f": {shown(value)}"
    return (ox.Literal(text),)


def _properties(result: Result, messages: Sequence[ox.Literal]) -> Properties:
    return {
        "focusNode": [result.focus],
        "resultSeverity": [result.severity],
        "sourceConstraintComponent": [ox.NamedNode(result.component)],
        "sourceConstraint": [result.constraint],
        "sourceShape": [result.shape],
        "value": [result.value],
        "resultPath": [result.path],
        "resultMessage": messages,
    }


def _report(results: list[Properties], given: Sequence[ox.Triple]) -> tuple[ox.Triple, ...]:
    """Return the validation report, with what is given of the blank nodes in it."""
    nodes = (ox.BlankNode(f"result{number}") for number in range(len(results)))
    triples = report_triples(
        ox.BlankNode("report"), dict(zip(nodes, sorted(results, key=str), strict=True))
    )
    blank = [each.object for each in triples if isinstance(each.object, ox.BlankNode)]
    blank_nodes = set(reachable(blank, TripleIndex(given).blank_values))
    triples |= {each for each in given if each.subject in blank_nodes}
    return tuple(sorted(triples, key=str))


def _unmatched(shapes: Shapes, triples: Iterable[ox.Triple], path: Path) -> Iterator[Finding]:
    """Yield the targets that find nothing, and the shapes and words that check nothing."""
    data = ox.Store()
    data.bulk_extend(ox.Quad(*each) for each in triples)
    targets = [(node, target) for node in shapes.subjects() for target in shapes.targets(node)]
    missing = [each for each in targets if not is_matched(each[1], data)]
    for node, target in missing:
        shape = node.value if isinstance(node, ox.NamedNode) else None
        name = local_name(shape) if shape else "a shape without a name"
        looks_at = f"{target.kind} {compact(target.term.value)}"
        yield Finding(
            rule=UNMATCHED,
            severity=Severity.INFO,
            message=f"{name} finds nothing to look at: {looks_at}",
            focus=shape,
            value=target.term.value,
            place=shapes.place(node),
        )
    checked = len(missing) < len(targets) or any(target.kind == "node" for _, target in targets)
    if not checked and not any(each.predicate.value == SH + "target" for each in shapes.triples):
        reason = "no target of a shape finds anything" if targets else "no shape here has a target"
        message = f"{reason}: nothing was checked"
        yield Finding(UNMATCHED, Severity.VIOLATION, message, place=Place(path))
    yield from idle_shapes(shapes, Severity.WARNING)
