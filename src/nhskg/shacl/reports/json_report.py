"""Findings as JSON for programs, as ``docs/schema/findings.schema.json`` describes it."""

from __future__ import annotations

from typing import Any

from nhskg.rdf.errors import Place
from nhskg.shacl.findings import Finding
from nhskg.shacl.reports.report import Report, json_text


def render_json(report: Report) -> str:
    """Return one JSON object: counts, and the findings in order."""
    return json_text(
        {
            "version": 1,
            "tool": {"name": "nhskg", "version": report.version},
            "complete": report.complete,
            "conforms": not report.findings,
            "failing": len(report.failing),
            "counts": {each.value.lower(): count for each, count in report.counts.items()},
            "known": report.known,
            "findings": [_finding(report, finding) for finding in report.findings],
        }
    )


def _finding(report: Report, finding: Finding) -> dict[str, Any]:
    return {
        "rule": finding.rule,
        "severity": finding.severity.value.lower(),
        "message": finding.message,
        "repair": finding.repair or None,
        "focus": finding.focus,
        "path": str(finding.path) if finding.path else None,
        "value": finding.value,
        **_place(report, finding.place),
        "related": [_place(report, place) for place in finding.related],
        "fingerprint": finding.fingerprint,
    }


def _place(report: Report, place: Place | None) -> dict[str, str | int | None]:
    return dict(zip(("file", "line", "column"), report.position(place), strict=True))
