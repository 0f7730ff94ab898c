"""SARIF 2.1.0, which code scanning reads (OASIS Standard, 27 March 2020)."""

from __future__ import annotations

from typing import Any, Final

from nhskg.rdf.errors import Place
from nhskg.shacl.findings import Finding, Rule, Severity
from nhskg.shacl.reports.report import Report, json_text, relative_uri
from nhskg.shacl.reports.rules import help_text

_SCHEMA: Final = "https://json.schemastore.org/sarif-2.1.0.json"
_LEVELS: Final = dict(zip(Severity, ("error", "warning", "note"), strict=True))
_ROOT: Final = "%SRCROOT%"


def render_sarif(report: Report) -> str:
    """Return the report as one run of SARIF.

    Section numbers are those of the standard. Positions count code points (3.14.17); addresses are
    relative to ``%SRCROOT%`` where they can be (3.14.14); a fingerprint doesn't depend on lines
    (3.27.17); braces are doubled in messages, as single ones hold placeholders (3.11.5).
    """
    rules = report.rules_in_order()
    numbers = {rule.id: index for index, rule in enumerate(rules)}
    driver = {"name": "nhskg", "version": report.version, "rules": [_rule(each) for each in rules]}
    root = "The folder in which nhskg ran, or the project's."
    run = {
        "tool": {"driver": driver},
        "invocations": [{"executionSuccessful": report.complete}],
        "originalUriBaseIds": {_ROOT: {"description": {"text": root}}},
        "columnKind": "unicodeCodePoints",
        "results": [_result(report, each, numbers[each.rule]) for each in report.findings],
    }
    return json_text({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]})


def _rule(rule: Rule) -> dict[str, Any]:
    descriptor: dict[str, Any] = {"id": rule.id}
    if rule.title:
        descriptor["shortDescription"] = _message(rule.title)
    if rule.protects:
        descriptor["fullDescription"] = _message(rule.protects)
    descriptor["defaultConfiguration"] = {"level": _LEVELS[rule.severity]}
    descriptor["help"] = _message(help_text(rule))
    return descriptor


def _result(report: Report, finding: Finding, rule_index: int) -> dict[str, Any]:
    result: dict[str, Any] = {
        "ruleId": finding.rule,
        "ruleIndex": rule_index,
        "level": _LEVELS[finding.severity],
        "message": _message(finding.text),
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
    file, line, column = report.position(place)
    artifact = {"uri": relative_uri(file or "")}
    if not artifact["uri"].startswith("file:"):
        artifact["uriBaseId"] = _ROOT
    physical: dict[str, Any] = {"artifactLocation": artifact}
    if line is not None:
        physical["region"] = {"startLine": line}
        if column is not None:
            physical["region"]["startColumn"] = column
    return {"physicalLocation": physical}


def _message(text: str) -> dict[str, str]:
    return {"text": text.replace("{", "{{").replace("}", "}}")}
