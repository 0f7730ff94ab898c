"""The validation report of SHACL (Shapes Constraint Language, 3.6), as Turtle and as JSON-LD.

Every finding is a validation result, those of reading, of OWL and of a baseline too. A result has
an IRI made from its fingerprint; there are no blank nodes but in complex property paths.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final
from urllib.parse import quote

import pyoxigraph as ox

from nhskg.rdf.terms import BASE, PREFIXES, RDF_TYPE, SH, XSD
from nhskg.shacl.findings import Finding
from nhskg.shacl.reports.report import Report, json_text, relative_uri

__all__ = ["render_jsonld", "render_turtle"]

_REPORT: Final = BASE + "report"
"""The IRI of a report; a result's is this, ``#``, and the fingerprint of the finding."""

_RULES: Final = BASE + "rule#"
"""What the constraint component of a rule begins with that is no constraint of SHACL."""

_FILES: Final = BASE + "file/"
_CONTEXT: Final = {name: PREFIXES[name] for name in ("sh", "rdf", "xsd")}
_IRI: Final = re.compile(r"(?:https?|urn|file|mailto|tag|doi):[^\s<>\"{}|\\^`]+")

Node = ox.NamedNode | ox.BlankNode


def render_turtle(report: Report) -> str:
    """Return the validation report as Turtle, sorted.

    The ids of claims hold slashes, which a prefixed name would escape: they are written in full.
    """
    triples = _triples(report)
    text = "\n".join(map(str, triples))
    used = {name: iri for name, iri in PREFIXES.items() if name != "id" and f"<{iri}" in text}
    raw = ox.serialize(triples, format=ox.RdfFormat.TURTLE, prefixes=used)
    assert raw is not None
    return raw.decode("utf-8")


def render_jsonld(report: Report) -> str:
    """Return the validation report as JSON-LD 1.1, with prefixes, one object a subject, sorted."""
    nodes: dict[str, dict[str, list[Any]]] = {}
    for triple in _triples(report):
        properties = nodes.setdefault(_value(triple.subject)["@id"], {})
        value = _value(triple.object)
        if triple.predicate.value == RDF_TYPE:
            properties.setdefault("@type", []).append(_short(value["@id"]))
        else:
            properties.setdefault(_short(triple.predicate.value), []).append(value)
    graph = []
    for node, properties in nodes.items():
        single = {key: found if len(found) > 1 else found[0] for key, found in properties.items()}
        graph.append({"@id": node, **dict(sorted(single.items()))})
    return json_text({"@context": _CONTEXT, "@graph": graph})


def _value(term: Any) -> Any:
    """Return a term of pyoxigraph as JSON-LD."""
    if isinstance(term, ox.NamedNode):
        return {"@id": term.value}
    if isinstance(term, ox.BlankNode):
        return {"@id": str(term)}
    if term.language is not None:
        return {"@language": term.language, "@value": term.value}
    if term.datatype.value == XSD + "string":
        return term.value
    return {"@type": _short(term.datatype.value), "@value": term.value}


def _short(iri: str) -> str:
    for name, namespace in _CONTEXT.items():
        if iri.startswith(namespace):
            return f"{name}:{iri.removeprefix(namespace)}"
    return iri


def _triples(report: Report) -> list[ox.Triple]:
    """Return the validation report as triples, in order.

    ``sh:conforms`` is true where there is no result at all, of whatever severity (3.6.1.1).
    """
    if report.triples is not None:
        return sorted(set(report.triples), key=_order)
    node = ox.NamedNode(_REPORT)
    triples = {
        ox.Triple(node, ox.NamedNode(RDF_TYPE), ox.NamedNode(SH + "ValidationReport")),
        ox.Triple(node, ox.NamedNode(SH + "conforms"), ox.Literal(not report.findings)),
    }
    for finding in report.findings:
        result = ox.NamedNode(f"{_REPORT}#{finding.fingerprint}")
        triples.add(ox.Triple(node, ox.NamedNode(SH + "result"), result))
        triples.update(_result(report, finding, result))
    return sorted(triples, key=_order)


def _result(report: Report, finding: Finding, result: ox.NamedNode) -> Iterator[ox.Triple]:
    values: dict[str, Node | ox.Literal] = {
        "focusNode": _focus(report, finding),
        "resultSeverity": ox.NamedNode(SH + finding.severity.value),
        "resultMessage": ox.Literal(finding.text),
        "sourceConstraintComponent": ox.NamedNode(_component(finding)),
    }
    rule = report.rules.get(finding.rule)
    if rule is not None and rule.iri is not None:
        values["sourceShape"] = ox.NamedNode(rule.iri)
    if finding.value:
        values["value"] = _term(finding.value)
    if finding.path:
        values["resultPath"], triples = finding.path.to_rdf()
        yield from triples
    yield ox.Triple(result, ox.NamedNode(RDF_TYPE), ox.NamedNode(SH + "ValidationResult"))
    for name, value in values.items():
        yield ox.Triple(result, ox.NamedNode(SH + name), value)


def _component(finding: Finding) -> str:
    """Return the constraint component, of which a result has one; else what names the rule."""
    return finding.component or _RULES + quote(finding.rule, safe="-._~")


def _focus(report: Report, finding: Finding) -> ox.NamedNode | ox.Literal:
    """Return the focus, of which a result has one; for a fault of a file, the file."""
    if finding.focus:
        return _term(finding.focus)
    file, _, _ = report.position(finding.place)
    if file is None:
        return ox.NamedNode(_component(finding))
    uri = relative_uri(file)
    return ox.NamedNode(uri if uri.startswith("file:") else _FILES + uri)


def _term(text: str) -> ox.NamedNode | ox.Literal:
    """Return an IRI where the text can only be one, else a literal."""
    return ox.NamedNode(text) if _IRI.fullmatch(text) else ox.Literal(text)


def _order(triple: ox.Triple) -> tuple[object, ...]:
    """Order triples: the report, then its results, then paths; the type of each first."""
    subject: Any = triple.subject
    predicate = triple.predicate
    is_blank = isinstance(subject, ox.BlankNode)
    typed = predicate.value == RDF_TYPE
    return (is_blank, subject.value, not typed, predicate.value, str(triple.object))
