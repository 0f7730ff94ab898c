"""Plain text for people and editors: one line for each finding, or a table."""

from __future__ import annotations

from nhskg.rdf.terms import shorten_iri
from nhskg.shacl.findings import Finding
from nhskg.shacl.reports.report import Report, one_line

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
