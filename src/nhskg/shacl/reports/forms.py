"""Findings as text, JSON, JUnit XML, GitHub's workflow commands and GitLab's Code Quality.

JUnit XML has no standard; this is what Ant's JUnit task wrote, as far as Jenkins, GitLab, Azure and
GitHub's actions read it: a test suite for each rule, a failed test for each finding that fails. A
rule that nothing breaks is one passed test, so that a report also says what was checked.
"""

from __future__ import annotations

import re
from collections import defaultdict
from typing import Any, Final
from xml.etree import ElementTree as ET

from nhskg.rdf.errors import Place
from nhskg.rdf.terms import shorten_iri
from nhskg.shacl.findings import Finding, Rule, Severity
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


_WIDTH = 60


def render_text(report: Report) -> str:
    """Return ``file:line:column: severity: message [rule]`` for each finding.

    That is the form of compilers (GNU Coding Standards, 4.4), which editors and CI systems follow
    to the place. A finding without a place begins with its focus.
    """
    lines = []
    for finding in report.findings:
        severity, rule, place, message = _columns(report, finding)
        lines.append(f"{place}: {severity}: {message} [{rule}]\n")
    return "".join(lines)


def render_table(report: Report) -> str:
    """Return a table for a person: severity, rule, place, and the message in lines of 60."""
    from tabulate import tabulate  # noqa: PLC0415  # only a table pays for its import

    if not report.findings:
        return "(no findings)\n"
    table = tabulate(
        [_columns(report, finding) for finding in report.findings],
        headers=("severity", "rule", "place", "message"),
        tablefmt="simple",
        disable_numparse=True,
        maxcolwidths=[None, None, None, _WIDTH],
    )
    return "\n".join(line.rstrip() for line in table.splitlines()) + "\n"


def _columns(report: Report, finding: Finding) -> tuple[str, str, str, str]:
    """Return the severity, the rule, the place or else the focus, and the message."""
    if finding.place is not None:
        place = report.address(finding.place)
    else:
        place = one_line(shorten_iri(finding.focus)) if finding.focus else "-"
    return finding.severity.value.lower(), one_line(finding.rule), place, one_line(finding.text)


_NOT_XML: Final = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 cannot hold, not even escaped (production 2, Char)."""

_CONFORMANCE: Final = Rule("conforms", "the data conforms to the shapes", Severity.VIOLATION)
"""Stands for all shapes together, where their rules are not known."""


def render_junit(report: Report) -> str:
    """Return the report as JUnit's XML."""
    findings: dict[str, list[Finding]] = defaultdict(list)
    for finding in report.findings:
        findings[finding.rule].append(finding)
    root = ET.Element("testsuites", name="nhskg validate")
    rules = report.rules_in_order() or (_CONFORMANCE,)
    root.extend(_suite(report, rule, findings[rule.id]) for rule in rules)
    for name in ("tests", "failures", "skipped", "errors"):
        root.set(name, str(sum(int(suite.attrib[name]) for suite in root)))
    ET.indent(root)
    text = ET.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n'


def _suite(report: Report, rule: Rule, findings: list[Finding]) -> ET.Element:
    cases = [_case(report, finding) for finding in findings] or [_empty_case(report, rule)]
    suite = ET.Element(
        "testsuite",
        name=_xml(one_line(f"{rule.id} {rule.title}".strip())),
        tests=str(len(cases)),
        failures=str(sum(case.find("failure") is not None for case in cases)),
        errors="0",
        skipped=str(sum(case.find("skipped") is not None for case in cases)),
    )
    suite.extend(cases)
    return suite


def _empty_case(report: Report, rule: Rule) -> ET.Element:
    case = ET.Element("testcase", name="no finding", classname=_xml(rule.id))
    if not report.complete and not rule.read:
        ET.SubElement(case, "skipped", message="not checked: the graph could not be made")
    return case


def _case(report: Report, finding: Finding) -> ET.Element:
    where = report.address(finding.place) if finding.place else finding.focus or "-"
    name = _xml(f"{one_line(where)} {finding.fingerprint}")
    case = ET.Element("testcase", name=name, classname=_xml(finding.rule))
    file, line, _ = report.position(finding.place)
    if file is not None:
        case.set("file", _xml(file))
    if line is not None:
        case.set("line", str(line))
    about = [("focus", finding.focus), ("path", finding.path), ("value", finding.value)]
    lines = [f"{where}: {finding.text}", *(f"{name}: {each}" for name, each in about if each)]
    lines += (f"see also: {report.address(each)}" for each in finding.related)
    if report.fails(finding):
        severity = finding.severity.value.lower()
        output = ET.SubElement(case, "failure", message=_xml(finding.text), type=severity)
    else:
        output = ET.SubElement(case, "system-out")
    output.text = _xml("\n".join(lines))
    return case


def _xml(text: str) -> str:
    """Return a text with line feeds as line ends, and what XML cannot hold replaced by U+FFFD."""
    return _NOT_XML.sub("\ufffd", text.replace("\r\n", "\n").replace("\r", "\n"))
