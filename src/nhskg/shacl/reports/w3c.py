"""The validation report of the SHACL recommendation (Shapes Constraint Language, 3.6).

Every finding is a validation result, those of reading, of OWL and of a baseline too. A result has
an IRI made from its fingerprint; there are no blank nodes but in complex property paths.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any, Final
from urllib.parse import quote

import pyoxigraph as ox

from nhskg.rdf.paths import PathSyntaxError, path_triples
from nhskg.rdf.terms import BASE, PREFIXES, RDF_TYPE, SH
from nhskg.shacl.findings import Finding
from nhskg.shacl.reports.report import Report, relative_uri

__all__ = ["REPORT", "RULES", "render_jsonld", "render_turtle", "report_triples"]

REPORT: Final = BASE + "report"
"""The IRI of a report; a result's is this, ``#``, and the fingerprint of the finding."""

RULES: Final = BASE + "rule#"
"""What the constraint component of a rule begins with that is no constraint of SHACL."""

_TURTLE: Final = tuple(each for each in PREFIXES if each != "id")
"""The prefixes of Turtle; the ids of claims hold slashes, which a prefixed name would escape."""

_CONTEXT: Final = ("sh", "rdf", "xsd")
_FILES: Final = BASE + "file/"
_IRI: Final = re.compile(r"(?:https?|urn|file|mailto|tag|doi):[^\s<>\"{}|\\^`]+")

Node = ox.NamedNode | ox.BlankNode


def render_turtle(report: Report) -> str:
    """Return the validation report as Turtle, sorted."""
    return _turtle(report_triples(report))


def render_jsonld(report: Report) -> str:
    """Return the validation report as JSON-LD 1.1, with prefixes, one object a subject, sorted."""
    raw = ox.serialize(report_triples(report), format=ox.RdfFormat.JSON_LD)
    assert raw is not None
    graph = [_compacted(each) for each in json.loads(raw)]
    context = {name: PREFIXES[name] for name in _CONTEXT}
    return json.dumps({"@context": context, "@graph": graph}, ensure_ascii=False, indent=2) + "\n"


def report_triples(report: Report) -> list[ox.Triple]:
    """Return the validation report as triples, in order.

    ``sh:conforms`` is true where there is no result at all, of whatever severity (3.6.1.1).
    """
    if report.triples is not None:
        return sorted(set(report.triples), key=_order)
    node = ox.NamedNode(REPORT)
    found = [
        ox.Triple(node, ox.NamedNode(RDF_TYPE), ox.NamedNode(SH + "ValidationReport")),
        ox.Triple(node, ox.NamedNode(SH + "conforms"), ox.Literal(not report.findings)),
    ]
    for finding in report.findings:
        result = ox.NamedNode(f"{REPORT}#{finding.fingerprint}")
        found.append(ox.Triple(node, ox.NamedNode(SH + "result"), result))
        found += _result(report, finding, result)
    return sorted(set(found), key=_order)


def _result(report: Report, finding: Finding, result: ox.NamedNode) -> Iterator[ox.Triple]:
    def told(name: str, value: Node | ox.Literal) -> ox.Triple:
        return ox.Triple(result, ox.NamedNode(SH + name), value)

    rule = report.rules.get(finding.rule)
    yield ox.Triple(result, ox.NamedNode(RDF_TYPE), ox.NamedNode(SH + "ValidationResult"))
    yield told("focusNode", _focus(report, finding))
    yield told("resultSeverity", ox.NamedNode(SH + finding.severity.value))
    yield told("resultMessage", ox.Literal(finding.text))
    yield told("sourceConstraintComponent", ox.NamedNode(_component(finding)))
    if rule is not None and rule.iri is not None:
        yield told("sourceShape", ox.NamedNode(rule.iri))
    if finding.value:
        yield told("value", _term(finding.value))
    if finding.path:
        try:
            path, triples = path_triples(finding.path)
        except PathSyntaxError:
            return
        yield told("resultPath", path)
        yield from triples


def _component(finding: Finding) -> str:
    """Return the constraint component, of which a result has one; else what names the rule."""
    return finding.component or RULES + quote(finding.rule, safe="-._~")


def _focus(report: Report, finding: Finding) -> ox.NamedNode | ox.Literal:
    """Return the focus, of which a result has one; for a fault of a file, the file."""
    if finding.focus:
        return _term(finding.focus)
    if finding.place is None:
        return ox.NamedNode(_component(finding))
    uri = relative_uri(report.file(finding.place))
    return ox.NamedNode(uri if uri.startswith("file:") else _FILES + uri)


def _term(text: str) -> ox.NamedNode | ox.Literal:
    """Return an IRI where the text can only be one, else a literal."""
    return ox.NamedNode(text) if _IRI.fullmatch(text) else ox.Literal(text)


def _order(triple: ox.Triple) -> tuple[object, ...]:
    """Order triples: the report, then its results, then paths; the type of each first."""
    subject = triple.subject
    named = isinstance(subject, ox.NamedNode)
    name = subject.value if isinstance(subject, ox.NamedNode) else str(subject)
    typed = triple.predicate.value == RDF_TYPE
    return (not named, name, not typed, str(triple.predicate), str(triple.object))


def _turtle(triples: Iterable[ox.Triple]) -> str:
    listed = list(triples)
    text = "\n".join(str(each) for each in listed)
    used = {each: PREFIXES[each] for each in _TURTLE if f"<{PREFIXES[each]}" in text}
    raw = ox.serialize(listed, format=ox.RdfFormat.TURTLE, prefixes=used)
    assert raw is not None
    return raw.decode("utf-8")


def _compacted(node: Any) -> Any:
    """Return an expanded JSON-LD object with short keys, and plain values where they are plain."""
    if isinstance(node, list):
        return _compacted(node[0]) if len(node) == 1 else [_compacted(each) for each in node]
    if not isinstance(node, dict):
        return node
    if node.keys() == {"@value"}:
        return node["@value"]
    found: dict[str, Any] = {}
    for key in sorted(node):
        if key == RDF_TYPE:
            found["@type"] = _compacted([_short(each["@id"]) for each in node[key]])
        elif key == "@type":
            found[key] = _short(node[key])
        else:
            found[_short(key)] = _compacted(node[key])
    return dict(sorted(found.items()))


def _short(iri: str) -> str:
    for name in _CONTEXT:
        if iri.startswith(PREFIXES[name]):
            return f"{name}:{iri.removeprefix(PREFIXES[name])}"
    return iri
