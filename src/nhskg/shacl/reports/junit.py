"""JUnit XML: a test suite for each rule, a failed test for each finding that fails.

There is no standard; this is what Ant's JUnit task wrote, as far as Jenkins, GitLab, Azure and
GitHub's actions read it. A rule that nothing breaks is one passed test, so that a report also says
what was checked. A finding below the severity that fails is a passed test with output.
"""

from __future__ import annotations

import re
from collections import defaultdict
from typing import Final
from xml.etree import ElementTree as ET

from nhskg.shacl.findings import Finding, Rule, Severity
from nhskg.shacl.reports.report import Report, one_line

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
