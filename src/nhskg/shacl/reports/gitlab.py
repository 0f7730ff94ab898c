"""GitLab Code Quality: findings as an artifact that merge requests show."""

from __future__ import annotations

from typing import Any, Final

from nhskg.shacl.findings import Finding, Severity
from nhskg.shacl.reports.report import Report, json_text, one_line

__all__ = ["render_gitlab"]

_SEVERITIES: Final = dict(zip(Severity, ("major", "minor", "info"), strict=True))


def render_gitlab(report: Report) -> str:
    """Return the findings as an artifact of GitLab's Code Quality.

    See `Code Quality report format
    <https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format>`_. GitLab
    wants a path and a line: a finding without a place is put at its rule's first line, or at the
    folder.
    """
    return json_text([_entry(report, finding) for finding in report.findings])


def _entry(report: Report, finding: Finding) -> dict[str, Any]:
    file, line, _ = report.position(report.place_of(finding))
    return {
        "description": one_line(finding.text),
        "check_name": finding.rule,
        "fingerprint": finding.fingerprint,
        "severity": _SEVERITIES[finding.severity],
        "location": {"path": file or ".", "lines": {"begin": line or 1}},
    }
