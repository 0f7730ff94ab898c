"""The validation report of SHACL (Shapes Constraint Language, 3.6), as Turtle and as JSON-LD.

Every finding is a validation result, those of reading, of OWL and of a baseline too. A result has
an IRI made from its fingerprint; there are no blank nodes but in complex property paths. A rule
that is no constraint of SHACL is a constraint component of ours; a fault of a file has the file as
its focus.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any, Final
from urllib.parse import quote

import pyoxigraph as ox

from nhskg.rdf.escaping import json_text
from nhskg.rdf.terms import BASE, PREFIXES, RDF_TYPE, SH, compact
from nhskg.shacl.engines import RESULT_PROPERTIES, Result, serialize
from nhskg.shacl.findings import Finding, Report, relative_path

_CONTEXT: Final = {name: PREFIXES[name] for name in ("sh", "rdf", "xsd")}
_short: Final = partial(compact, prefixes=_CONTEXT)


def relative_uri(path: str) -> str:
    """Return a path as a URI reference (RFC 3986): relative, or with the scheme ``file``.

    >>> relative_uri("seeds/a b.yaml")
    'seeds/a%20b.yaml'
    """
    quoted = quote(os.fsencode(path), safe="/-._~")
    return f"file://{quoted}" if path.startswith("/") else quoted


def render_turtle(report: Report) -> str:
    """Return the validation report as Turtle, sorted."""
    triples = _triples(report)
    text = "\n".join(map(str, triples))
    # the ids of claims hold slashes, which a prefixed name would escape
    used = {name: iri for name, iri in PREFIXES.items() if name != "id" and f"<{iri}" in text}
    return serialize(triples, ox.RdfFormat.TURTLE, prefixes=used)


def render_jsonld(report: Report) -> str:
    """Return the validation report as JSON-LD 1.1, with prefixes, one object a subject, sorted."""
    graph = []
    for node in json.loads(serialize(_triples(report), ox.RdfFormat.JSON_LD)):
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


def report_triples(
    report: ox.NamedNode | ox.BlankNode,
    results: Mapping[ox.NamedNode, Result] | Mapping[ox.BlankNode, Result],
) -> set[ox.Triple]:
    """Return a validation report; it conforms where there is no result, however grave (3.6.1.1)."""
    triples = {
        ox.Triple(report, ox.NamedNode(RDF_TYPE), ox.NamedNode(SH + "ValidationReport")),
        ox.Triple(report, ox.NamedNode(SH + "conforms"), ox.Literal(not results)),
    }
    for node, result in results.items():
        kind = ox.NamedNode(SH + "ValidationResult")
        triples.add(ox.Triple(report, ox.NamedNode(SH + "result"), node))
        triples.add(ox.Triple(node, ox.NamedNode(RDF_TYPE), kind))
        path, described = result.path.to_rdf() if result.path else (None, [])
        triples.update(described)
        values = (*([each] for each in (*result[:6], path)), result.messages)
        triples.update(
            ox.Triple(node, ox.NamedNode(SH + name), each)
            for name, found in zip(RESULT_PROPERTIES, values, strict=True)
            for each in found
            if each is not None
        )
    return triples


def _triples(report: Report) -> list[ox.Triple]:
    triples: Iterable[ox.Triple] | None = report.triples
    if triples is None:
        name = BASE + "report"
        results = {
            ox.NamedNode(f"{name}#{each.fingerprint}"): _result(report, each)
            for each in report.findings
        }
        triples = report_triples(ox.NamedNode(name), results)
    return sorted(set(triples), key=_order)


def _result(report: Report, finding: Finding) -> Result:
    rule = report.rules.get(finding.rule)
    component = finding.component or f"{BASE}rule#{quote(finding.rule, safe='-._~')}"
    focus = finding.focus or component
    if finding.place and not finding.focus:
        focus = relative_uri(relative_path(finding.place.path, report.roots))
        focus = focus if focus.startswith("file:") else f"{BASE}file/{focus}"
    return Result(
        focus=_term(focus),
        severity=ox.NamedNode(SH + finding.severity),
        component=ox.NamedNode(component),
        constraint=None,
        shape=ox.NamedNode(rule.iri) if rule and rule.iri else None,
        value=_term(finding.value) if finding.value else None,
        path=finding.path,
        messages=(ox.Literal(finding.text),),
    )


def _term(text: str) -> ox.NamedNode | ox.Literal:
    """Return an IRI where the text can only be one, else a literal."""
    is_iri = re.fullmatch(r"(?:https?|urn|file|mailto|tag|doi):[^\s<>\"{}|\\^`]+", text)
    return ox.NamedNode(text) if is_iri else ox.Literal(text)


def _order(triple: ox.Triple) -> tuple[object, ...]:
    """Order triples: the report, then its results, then paths; the type of each first."""
    subject: Any = triple.subject
    is_blank, predicate = isinstance(subject, ox.BlankNode), triple.predicate.value
    return is_blank, subject.value, predicate != RDF_TYPE, predicate, str(triple.object)
