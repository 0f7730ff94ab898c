"""For two CI services: workflow commands of GitHub Actions, Code Quality of GitLab."""

from __future__ import annotations

import json
from typing import Any, Final

from nhskg.shacl.findings import Finding, Severity
from nhskg.shacl.reports.report import Report, one_line, printable

__all__ = ["render_github", "render_gitlab"]

_COMMANDS: Final = {
    Severity.VIOLATION: "error",
    Severity.WARNING: "warning",
    Severity.INFO: "notice",
}
_GITLAB: Final = {Severity.VIOLATION: "major", Severity.WARNING: "minor", Severity.INFO: "info"}


def render_github(report: Report) -> str:
    """Return a workflow command for each finding.

    They go to the standard output of a step and become annotations of the commit. See `Workflow
    commands for GitHub Actions, Setting an error message
    <https://docs.github.com/actions/reference/workflow-commands-for-github-actions>`_; what
    is escaped, and how, is that of ``command.ts`` of actions/toolkit.
    """
    return "".join(f"{_command(report, finding)}\n" for finding in report.findings)


def _command(report: Report, finding: Finding) -> str:
    place = report.place_of(finding)
    properties: dict[str, str] = {}
    if place is not None:
        properties["file"] = report.file(place)
        if place.line is not None:
            properties["line"] = str(place.line)
            if place.column is not None:
                properties["col"] = str(place.column)
    rule = report.rules.get(finding.rule)
    title = f"{finding.rule}: {rule.title}" if rule is not None and rule.title else finding.rule
    properties["title"] = title
    told = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
    return f"::{_COMMANDS[finding.severity]} {told}::{_data(printable(finding.text))}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def render_gitlab(report: Report) -> str:
    """Return the findings as an artifact of GitLab's Code Quality.

    See `Code Quality report format
    <https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format>`_. GitLab
    wants a path and a line: what has no place stands at the first line of its rule's file, or of
    the folder.
    """
    entries = [_entry(report, finding) for finding in report.findings]
    return json.dumps(entries, ensure_ascii=False, indent=2) + "\n"


def _entry(report: Report, finding: Finding) -> dict[str, Any]:
    place = report.place_of(finding)
    return {
        "description": one_line(finding.text),
        "check_name": finding.rule,
        "fingerprint": finding.fingerprint,
        "severity": _GITLAB[finding.severity],
        "location": {
            "path": report.file(place) if place is not None else ".",
            "lines": {"begin": (place.line if place is not None else None) or 1},
        },
    }
