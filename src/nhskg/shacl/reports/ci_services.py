"""GitHub's workflow commands and GitLab's Code Quality: findings beside the lines of a commit."""

from __future__ import annotations

from typing import Any, Final

from nhskg.shacl.findings import Finding, Severity
from nhskg.shacl.reports.report import Report, json_text, one_line, printable

_GITHUB: Final = dict(zip(Severity, ("error", "warning", "notice"), strict=True))
_GITLAB: Final = dict(zip(Severity, ("major", "minor", "info"), strict=True))


def render_github(report: Report) -> str:
    """Return a workflow command for each finding, for the standard output of a step.

    See `Workflow commands for GitHub Actions, Setting an error message
    <https://docs.github.com/actions/reference/workflow-commands-for-github-actions>`_; what
    is escaped, and how, is that of ``command.ts`` of actions/toolkit.
    """
    return "".join(f"{_command(report, finding)}\n" for finding in report.findings)


def _command(report: Report, finding: Finding) -> str:
    file, line, column = report.position(report.place_of(finding))
    rule = report.rules.get(finding.rule)
    title = f"{finding.rule}: {rule.title}" if rule is not None and rule.title else finding.rule
    values = {"file": file, "line": line, "col": column, "title": title}
    properties = ",".join(
        f"{name}={_property(str(value))}" for name, value in values.items() if value is not None
    )
    return f"::{_GITHUB[finding.severity]} {properties}::{_data(printable(finding.text))}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


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
        "severity": _GITLAB[finding.severity],
        "location": {"path": file or ".", "lines": {"begin": line or 1}},
    }
