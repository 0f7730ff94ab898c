"""SARIF 2.1.0, which code scanning reads (OASIS Standard, 27 March 2020)."""

from __future__ import annotations

import json
from typing import Any, Final

from nhskg.rdf.errors import Place
from nhskg.shacl.findings import Finding, Severity
from nhskg.shacl.reports.report import Report, relative_uri
from nhskg.shacl.reports.rules import Rule

__all__ = ["render_sarif"]

_SCHEMA: Final = "https://json.schemastore.org/sarif-2.1.0.json"
_LEVELS: Final = {
    Severity.VIOLATION: "error",
    Severity.WARNING: "warning",
    Severity.INFO: "note",
}
_ROOT: Final = "%SRCROOT%"


def render_sarif(report: Report) -> str:
    """Return the report as one run of SARIF.

    Section numbers are those of the standard. Positions count code points (3.14.17); addresses are
    relative to ``%SRCROOT%`` where they can be (3.14.14); a fingerprint doesn't depend on lines
    (3.27.17); braces are doubled in messages, as single ones hold placeholders (3.11.5).
    """
    rules = report.rules_in_order()
    numbers = {rule.id: index for index, rule in enumerate(rules)}
    run = {
        "tool": {
            "driver": {
                "name": "nhskg",
                "version": report.version,
                "rules": [_rule(rule) for rule in rules],
            }
        },
        "invocations": [{"executionSuccessful": report.complete}],
        "originalUriBaseIds": {
            _ROOT: {"description": {"text": "The folder in which nhskg ran, or the project's."}}
        },
        "columnKind": "unicodeCodePoints",
        "results": [_result(report, each, numbers[each.rule]) for each in report.findings],
    }
    log = {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}
    return json.dumps(log, ensure_ascii=False, indent=2) + "\n"


def _rule(rule: Rule) -> dict[str, Any]:
    told: dict[str, Any] = {"id": rule.id}
    if rule.title:
        told["shortDescription"] = _text(rule.title)
    if rule.protects:
        told["fullDescription"] = _text(rule.protects)
    told["defaultConfiguration"] = {"level": _LEVELS[rule.severity]}
    told["help"] = _text(rule.help)
    return told


def _result(report: Report, finding: Finding, number: int) -> dict[str, Any]:
    result: dict[str, Any] = {
        "ruleId": finding.rule,
        "ruleIndex": number,
        "level": _LEVELS[finding.severity],
        "message": _text(finding.text),
    }
    place = report.place_of(finding)
    location = _location(report, place) if place is not None else {}
    if finding.focus is not None:
        location["logicalLocations"] = [{"fullyQualifiedName": finding.focus, "kind": "resource"}]
    if location:
        result["locations"] = [location]
    if finding.related:
        result["relatedLocations"] = [
            {"id": number, **_location(report, each)}
            for number, each in enumerate(finding.related, 1)
        ]
    result["partialFingerprints"] = {"nhskg/v1": finding.fingerprint}
    return result


def _location(report: Report, place: Place) -> dict[str, Any]:
    file = report.file(place)
    artifact = {"uri": relative_uri(file)}
    if not artifact["uri"].startswith("file:"):
        artifact["uriBaseId"] = _ROOT
    physical: dict[str, Any] = {"artifactLocation": artifact}
    if place.line is not None:
        physical["region"] = {"startLine": place.line}
        if place.column is not None:
            physical["region"]["startColumn"] = place.column
    return {"physicalLocation": physical}


def _text(text: str) -> dict[str, str]:
    return {"text": text.replace("{", "{{").replace("}", "}}")}
