"""The validation report of SHACL (Shapes Constraint Language, 3.6), as Turtle and as JSON-LD.

Every finding is a validation result, those of reading, of OWL and of a baseline too. A result has
an IRI made from its fingerprint; there are no blank nodes but in complex property paths.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final
from urllib.parse import quote

import pyoxigraph as ox

from nhskg.rdf.paths import PropertyPath, Term
from nhskg.rdf.terms import BASE, PREFIXES, RDF_TYPE, SH
from nhskg.shacl.findings import Finding, Report

_REPORT: Final = BASE + "report"
"""The IRI of a report; a result's is this, ``#``, and the fingerprint of the finding."""

_RULES: Final = BASE + "rule#"
"""What the constraint component of a rule begins with that is no constraint of SHACL."""

_FILES: Final = BASE + "file/"
_CONTEXT: Final = {name: PREFIXES[name] for name in ("sh", "rdf", "xsd")}
_IRI: Final = re.compile(r"(?:https?|urn|file|mailto|tag|doi):[^\s<>\"{}|\\^`]+")

Properties = Mapping[str, Sequence[Term | PropertyPath | None]]
"""The values of a validation result by the local names of its properties; None is no value."""


def json_text(value: Any) -> str:
    """Return a value as the JSON of a file: indented, not escaped, with a line end."""
    return json.dumps(value, ensure_ascii=False, indent=2) + "\n"


def relative_uri(path: str) -> str:
    """Return a path as a URI reference (RFC 3986): relative, or with the scheme ``file``.

    >>> relative_uri("seeds/a b.yaml")
    'seeds/a%20b.yaml'
    """
    quoted = quote(os.fsencode(path), safe="/-._~")
    return f"file://{quoted}" if path.startswith("/") else quoted


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
    raw = ox.serialize(_triples(report), format=ox.RdfFormat.JSON_LD)
    assert raw is not None
    graph = []
    for node in json.loads(raw):
        about, types = node.pop("@id"), node.pop(RDF_TYPE, None)
        short = {_short(name): [_compacted(each) for each in node[name]] for name in node}
        if types:
            short["@type"] = [_short(each["@id"]) for each in types]
        single = {name: found if len(found) > 1 else found[0] for name, found in short.items()}
        graph.append({"@id": about, **dict(sorted(single.items()))})
    return json_text({"@context": _CONTEXT, "@graph": graph})


def _compacted(value: dict[str, str]) -> Any:
    """Return a value of expanded JSON-LD, its datatype with a prefix, a plain string as such."""
    if value.keys() == {"@value"}:
        return value["@value"]
    return {key: _short(each) if key == "@type" else each for key, each in value.items()}


def _short(iri: str) -> str:
    for name, namespace in _CONTEXT.items():
        if iri.startswith(namespace):
            return f"{name}:{iri.removeprefix(namespace)}"
    return iri


def report_triples(
    report: ox.NamedNode | ox.BlankNode,
    results: Mapping[ox.NamedNode, Properties] | Mapping[ox.BlankNode, Properties],
) -> set[ox.Triple]:
    """Return a validation report (3.6) as triples.

    ``sh:conforms`` is true where there is no result at all, of whatever severity (3.6.1.1).
    """
    triples = {
        ox.Triple(report, ox.NamedNode(RDF_TYPE), ox.NamedNode(SH + "ValidationReport")),
        ox.Triple(report, ox.NamedNode(SH + "conforms"), ox.Literal(not results)),
    }
    for result, properties in results.items():
        kind = ox.NamedNode(SH + "ValidationResult")
        triples.add(ox.Triple(report, ox.NamedNode(SH + "result"), result))
        triples.add(ox.Triple(result, ox.NamedNode(RDF_TYPE), kind))
        for name, values in properties.items():
            for value in values:
                if isinstance(value, PropertyPath):
                    value, described = value.to_rdf()  # noqa: PLW2901
                    triples.update(described)
                if value is not None:
                    triples.add(ox.Triple(result, ox.NamedNode(SH + name), value))
    return triples


def _triples(report: Report) -> list[ox.Triple]:
    if report.triples is not None:
        return sorted(set(report.triples), key=_order)
    results = {
        ox.NamedNode(f"{_REPORT}#{each.fingerprint}"): _properties(report, each)
        for each in report.findings
    }
    return sorted(report_triples(ox.NamedNode(_REPORT), results), key=_order)


def _properties(report: Report, finding: Finding) -> Properties:
    """Return the properties of a result; the focus of a fault of a file is the file."""
    rule = report.rules.get(finding.rule)
    component = finding.component or _RULES + quote(finding.rule, safe="-._~")
    file, _, _ = report.position(finding.place)
    if finding.focus:
        focus = _term(finding.focus)
    elif file:
        uri = relative_uri(file)
        focus = ox.NamedNode(uri if uri.startswith("file:") else _FILES + uri)
    else:
        focus = ox.NamedNode(component)
    return {
        "focusNode": [focus],
        "resultSeverity": [ox.NamedNode(SH + finding.severity)],
        "resultMessage": [ox.Literal(finding.text)],
        "sourceConstraintComponent": [ox.NamedNode(component)],
        "sourceShape": [ox.NamedNode(rule.iri)] if rule and rule.iri else [],
        "value": [_term(finding.value)] if finding.value else [],
        "resultPath": [finding.path],
    }


def _term(text: str) -> ox.NamedNode | ox.Literal:
    """Return an IRI where the text can only be one, else a literal."""
    return ox.NamedNode(text) if _IRI.fullmatch(text) else ox.Literal(text)


def _order(triple: ox.Triple) -> tuple[object, ...]:
    """Order triples: the report, then its results, then paths; the type of each first."""
    subject: Any = triple.subject
    predicate = triple.predicate.value
    is_blank = isinstance(subject, ox.BlankNode)
    return is_blank, subject.value, predicate != RDF_TYPE, predicate, str(triple.object)
