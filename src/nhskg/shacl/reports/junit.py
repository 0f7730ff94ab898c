"""JUnit's XML: a suite a rule, in which each finding that fails is a failed test.

There is no standard; this is what Ant's JUnit task wrote, as far as Jenkins, GitLab, Azure and
GitHub's actions read it. A rule that nothing breaks is one passed test, so that a report also says
what was checked. A finding below the severity that fails is a passed test with output.
"""

from __future__ import annotations

import re
from typing import Final
from xml.etree import ElementTree as ET

from nhskg.shacl.findings import Finding
from nhskg.shacl.reports.report import Report, one_line
from nhskg.shacl.reports.rules import Rule

__all__ = ["render_junit"]

_NOT_XML: Final = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 cannot hold, not even escaped (production 2, Char)."""

_SKIPPED: Final = "not checked: the graph could not be made"


def render_junit(report: Report) -> str:
    """Return the report as JUnit's XML."""
    failing = frozenset(each.fingerprint for each in report.failing)
    root = ET.Element("testsuites", name="nhskg validate")
    totals = [0, 0, 0]
    rules = report.rules_in_order() or (Rule.conformance(),)
    for rule in rules:
        found = [each for each in report.findings if each.rule == rule.id]
        suite = _suite(report, rule, found, failing)
        root.append(suite)
        for index, name in enumerate(("tests", "failures", "skipped")):
            totals[index] += int(suite.attrib[name])
    for name, total in zip(("tests", "failures", "skipped"), totals, strict=True):
        root.set(name, str(total))
    root.set("errors", "0")
    ET.indent(root)
    text = ET.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n'


def _suite(
    report: Report, rule: Rule, findings: list[Finding], failing: frozenset[str]
) -> ET.Element:
    suite = ET.Element("testsuite", name=_xml(one_line(f"{rule.id} {rule.title}".strip())))
    skipped = not findings and not report.complete and not rule.read
    for finding in findings:
        _case(suite, report, finding, failed=finding.fingerprint in failing)
    if not findings:
        case = ET.SubElement(suite, "testcase", name="no finding", classname=_xml(rule.id))
        if skipped:
            ET.SubElement(case, "skipped", message=_SKIPPED)
    suite.set("tests", str(max(1, len(findings))))
    suite.set("failures", str(sum(each.fingerprint in failing for each in findings)))
    suite.set("errors", "0")
    suite.set("skipped", str(int(skipped)))
    return suite


def _case(suite: ET.Element, report: Report, finding: Finding, *, failed: bool) -> None:
    place = finding.place
    where = report.address(place) if place is not None else finding.focus or "-"
    case = ET.SubElement(
        suite,
        "testcase",
        name=_xml(f"{one_line(where)} {finding.fingerprint}"),
        classname=_xml(finding.rule),
    )
    if place is not None:
        case.set("file", _xml(report.file(place)))
        if place.line is not None:
            case.set("line", str(place.line))
    told = [("focus", finding.focus), ("path", finding.path), ("value", finding.value)]
    lines = [f"{where}: {finding.text}", *(f"{name}: {each}" for name, each in told if each)]
    lines += (f"see also: {report.address(each)}" for each in finding.related)
    if failed:
        severity = finding.severity.value.lower()
        inner = ET.SubElement(case, "failure", message=_xml(finding.text), type=severity)
    else:
        inner = ET.SubElement(case, "system-out")
    inner.text = _xml("\n".join(lines))


def _xml(text: str) -> str:
    """Return a text with line feeds as line ends, and what XML cannot hold replaced by U+FFFD."""
    return _NOT_XML.sub("\ufffd", text.replace("\r\n", "\n").replace("\r", "\n"))
