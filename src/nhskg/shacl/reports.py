"""Reports of findings as text, JSON, SARIF, JUnit, for GitHub, for GitLab, and in SHACL's own form.

A renderer is a function from a :class:`~nhskg.shacl.findings.Report` to text. The same findings
give the same bytes, whatever order they come in.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final
from xml.etree import ElementTree as ET

from nhskg.rdf.errors import Place
from nhskg.rdf.escaping import json_text, plain
from nhskg.rdf.terms import shorten_iri
from nhskg.shacl.findings import Finding, Report, Rule, Severity, one_line
from nhskg.shacl.rules import help_text
from nhskg.shacl.validation_report import relative_uri, render_jsonld, render_turtle

_SARIF_LEVELS: Final = dict(zip(Severity, ("error", "warning", "note"), strict=True))
_GITHUB_LEVELS: Final = dict(zip(Severity, ("error", "warning", "notice"), strict=True))
_GITLAB_LEVELS: Final = dict(zip(Severity, ("major", "minor", "info"), strict=True))
_ROOT: Final = "%SRCROOT%"
_MESSAGE: Final = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A"})
_PROPERTY: Final = _MESSAGE | str.maketrans({":": "%3A", ",": "%2C"})


def render_text(report: Report) -> str:
    """Return each finding in the form of compilers (GNU Coding Standards, 4.4), one on a line."""
    return plain(
        "".join(
            f"{place}: {severity}: {message} [{rule}]\n"
            for severity, rule, place, message in _rows(report)
        )
    )


def render_table(report: Report) -> str:
    """Return a table for a person: severity, rule, place, and the message in lines of 60."""
    from rich import box  # noqa: PLC0415  # only a table pays for its import
    from rich.console import Console  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    if not report.findings:
        return "(no findings)\n"
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 1, 0, 0))
    for name, most in (("severity", None), ("rule", None), ("place", None), ("message", 60)):
        table.add_column(name, max_width=most, no_wrap=most is None)
    for row in _rows(report):
        table.add_row(*map(Text, row))
    console = Console(width=10_000, color_system=None, force_terminal=False, legacy_windows=False)
    with console.capture() as captured:
        console.print(table)
    return plain("".join(f"{line.rstrip()}\n" for line in captured.get().split("\n")[:-1]))


def _rows(report: Report) -> Iterator[tuple[str, str, str, str]]:
    """Yield the severity, the rule, the place or else the focus, and the message of findings."""
    for each in report.findings:
        where = one_line(shorten_iri(each.focus)) if each.focus else "-"
        where = report.address(each.place) if each.place else where
        yield each.severity.value.lower(), one_line(each.rule), where, one_line(each.text)


def render_json(report: Report) -> str:
    """Return one JSON object: counts, and the findings in order."""

    def place(place: Place | None) -> dict[str, str | int | None]:
        return dict(zip(("file", "line", "column"), report.position(place), strict=True))

    findings = [
        {
            "rule": finding.rule,
            "severity": finding.severity.value.lower(),
            "message": finding.message,
            "repair": finding.repair or None,
            "focus": finding.focus,
            "path": str(finding.path) if finding.path else None,
            "value": finding.value,
            **place(finding.place),
            "related": [*map(place, finding.related)],
            "fingerprint": finding.fingerprint,
        }
        for finding in report.findings
    ]
    whole = {
        "version": 1,
        "tool": {"name": "nhskg", "version": report.version},
        "complete": report.complete,
        "conforms": not report.findings,
        "failing": len(report.failing),
        "counts": report.counts,
        "known": report.known,
        "notes": report.notes,
        "suppressed": len(report.suppressed),
        "outside": report.outside,
        "findings": findings,
    }
    return json_text(whole)


def render_sarif(report: Report) -> str:
    """Return the report as one run of SARIF 2.1.0 (OASIS Standard, 27 March 2020).

    Positions count code points (3.14.17); addresses are relative to ``%SRCROOT%`` where they can be
    (3.14.14); a fingerprint doesn't depend on lines (3.27.17); braces are doubled in messages, as
    single ones hold placeholders (3.11.5);
    suppressions are on all results or on none (3.27.23).
    """
    rules = report.rules_in_order()
    numbers = {rule.id: index for index, rule in enumerate(rules)}
    described = [
        {
            "id": rule.id,
            **({"shortDescription": _sarif_message(rule.title)} if rule.title else {}),
            **({"fullDescription": _sarif_message(rule.protects)} if rule.protects else {}),
            "defaultConfiguration": {"level": _SARIF_LEVELS[rule.severity]},
            "help": _sarif_message(help_text(rule)),
            **({"helpUri": rule.iri} if rule.iri and rule.iri.startswith("http") else {}),
        }
        for rule in rules
    ]
    notes = [{"level": "note", "message": _sarif_message(each)} for each in report.notes]
    notified = {"toolExecutionNotifications": notes} if notes else {}
    root = "The folder in which nhskg ran, or the project's."
    results = [_sarif_result(report, each, numbers[each.rule]) for each in report.findings]
    if report.suppressed:  # all results have suppressions, or none
        results = [each | {"suppressions": []} for each in results]
    for finding, reason in report.suppressed:
        by = [{"kind": "inSource", "justification": reason}]
        result = _sarif_result(report, finding, numbers[finding.rule])
        results.append(result | {"suppressions": by})
    run = {
        "tool": {"driver": {"name": "nhskg", "version": report.version, "rules": described}},
        "invocations": [{"executionSuccessful": report.complete, **notified}],
        "originalUriBaseIds": {_ROOT: {"description": {"text": root}}},
        "columnKind": "unicodeCodePoints",
        "results": results,
    }
    schema = "https://json.schemastore.org/sarif-2.1.0.json"
    return json_text({"$schema": schema, "version": "2.1.0", "runs": [run]})


def _sarif_result(report: Report, finding: Finding, rule_index: int) -> dict[str, Any]:
    place = report.place_of(finding)
    location = _sarif_location(report, place) if place is not None else {}
    if finding.focus is not None:
        location["logicalLocations"] = [{"fullyQualifiedName": finding.focus, "kind": "resource"}]
    places = enumerate(finding.related, 1)
    related = [{"id": number, **_sarif_location(report, each)} for number, each in places]
    return {
        "ruleId": finding.rule,
        "ruleIndex": rule_index,
        "level": _SARIF_LEVELS[finding.severity],
        "message": _sarif_message(finding.text),
        **({"locations": [location]} if location else {}),
        **({"relatedLocations": related} if related else {}),
        "partialFingerprints": {"nhskg/v1": finding.fingerprint},
    }


def _sarif_location(report: Report, place: Place) -> dict[str, Any]:
    file, line, column = report.position(place)
    uri = relative_uri(file or "")
    base = {} if uri.startswith("file:") else {"uriBaseId": _ROOT}
    region = {"startLine": line} if column is None else {"startLine": line, "startColumn": column}
    physical = {"artifactLocation": {"uri": uri, **base}}
    return {"physicalLocation": physical | ({"region": region} if line else {})}


def _sarif_message(text: str) -> dict[str, str]:
    return {"text": plain(text).replace("{", "{{").replace("}", "}}")}


def render_junit(report: Report) -> str:
    """Return the report as JUnit's XML, a test suite for each rule.

    There is no standard; this is what Ant's JUnit task wrote, as far as Jenkins, GitLab, Azure and
    GitHub's actions read it. A finding that fails is a failed test; a rule that nothing breaks is
    one passed test, so that a report also says what was checked.
    """
    root = ET.Element("testsuites", name="nhskg validate")
    whole = Rule("conforms", "the data conforms to the shapes", Severity.VIOLATION)
    failing = set(report.failing)
    for rule in report.rules_in_order() or (whole,):
        findings = [each for each in report.findings if each.rule == rule.id]
        cases = [_junit_case(report, each, fails=each in failing) for each in findings]
        if not findings:
            cases = [ET.Element("testcase", name="no finding", classname=_xml(rule.id))]
        is_skipped = not (findings or report.complete or rule.read)
        if is_skipped:
            reason = "not checked: the graph could not be made"
            ET.SubElement(cases[0], "skipped", message=reason)
        suite = ET.SubElement(
            root,
            "testsuite",
            name=_xml(one_line(f"{rule.id} {rule.title}".strip())),
            tests=str(len(cases)),
            failures=str(len(failing.intersection(findings))),
            errors="0",
            skipped=str(int(is_skipped)),
        )
        suite.extend(cases)
    for name in ("tests", "failures", "skipped", "errors"):
        root.set(name, str(sum(int(suite.attrib[name]) for suite in root)))
    ET.indent(root)
    text = ET.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n'


def _junit_case(report: Report, finding: Finding, *, fails: bool) -> ET.Element:
    where = report.address(finding.place) if finding.place else finding.focus or "-"
    name = _xml(f"{one_line(where)} {finding.fingerprint}")
    case = ET.Element("testcase", name=name, classname=_xml(finding.rule))
    file, line, _ = report.position(finding.place)
    for attribute, each in (("file", file), ("line", line)):
        if each is not None:
            case.set(attribute, _xml(str(each)))
    about = [("focus", finding.focus), ("path", finding.path), ("value", finding.value)]
    lines = [f"{where}: {finding.text}", *(f"{name}: {each}" for name, each in about if each)]
    lines += (f"see also: {report.address(each)}" for each in finding.related)
    output = ET.SubElement(case, "failure" if fails else "system-out")
    if fails:
        output.attrib |= {"message": _xml(finding.text), "type": finding.severity.value.lower()}
    output.text = _xml("\n".join(lines))
    return case


def _xml(text: str) -> str:
    """Return a text with line feeds as line ends, and all that XML cannot hold escaped."""
    return plain(text.replace("\r\n", "\n").replace("\r", "\n"))


def render_github(report: Report) -> str:
    """Return a workflow command for each finding, for the standard output of a step.

    See `Workflow commands for GitHub Actions, Setting an error message
    <https://docs.github.com/actions/reference/workflow-commands-for-github-actions>`_; what
    is escaped, and how, is that of ``command.ts`` of actions/toolkit.
    """
    commands = []
    for finding in report.findings:
        file, line, column = report.position(report.place_of(finding))
        rule = report.rules.get(finding.rule)
        title = f"{finding.rule}: {rule.title}" if rule and rule.title else finding.rule
        properties = ",".join(
            f"{name}={plain(str(value)).translate(_PROPERTY)}"
            for name, value in (("file", file), ("line", line), ("col", column), ("title", title))
            if value is not None
        )
        text = plain(finding.text).translate(_MESSAGE)
        commands.append(f"::{_GITHUB_LEVELS[finding.severity]} {properties}::{text}\n")
    return "".join(commands)


def render_gitlab(report: Report) -> str:
    """Return the findings as an artifact of GitLab's Code Quality.

    `It <https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format>`_ wants a path
    and a line: a finding without a place is put at its rule, or at the folder.
    """
    entries = []
    for finding in report.findings:
        file, line, _ = report.position(report.place_of(finding))
        entry = {
            "description": one_line(finding.text),
            "check_name": one_line(finding.rule),
            "fingerprint": finding.fingerprint,
            "severity": _GITLAB_LEVELS[finding.severity],
            "location": {"path": file or ".", "lines": {"begin": line or 1}},
        }
        entries.append(entry)
    return json_text(entries)


FORMATS: Final[dict[str, Callable[[Report], str]]] = {
    "text": render_text,
    "table": render_table,
    "json": render_json,
    "turtle": render_turtle,
    "jsonld": render_jsonld,
    "sarif": render_sarif,
    "junit": render_junit,
    "github": render_github,
    "gitlab": render_gitlab,
}
"""From the name of a format to its renderer."""
