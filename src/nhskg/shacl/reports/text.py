"""For people and editors: a line a finding, and a table."""

from __future__ import annotations

from nhskg.rdf.terms import shorten_iri
from nhskg.shacl.findings import Finding
from nhskg.shacl.reports.report import Report, one_line

__all__ = ["render_table", "render_text"]

_WIDTH = 60


def render_text(report: Report) -> str:
    """Return ``file:line:column: severity: message [rule]`` for each finding.

    That is the form of compilers (GNU Coding Standards, 4.4), which editors and CI systems follow
    to the place. What has no place is told by its focus.
    """
    return "".join(f"{_line(report, finding)}\n" for finding in report.findings)


def _line(report: Report, finding: Finding) -> str:
    where = _where(report, finding)
    severity = finding.severity.value.lower()
    return f"{where}: {severity}: {one_line(finding.text)} [{one_line(finding.rule)}]"


def _where(report: Report, finding: Finding) -> str:
    if finding.place is not None:
        return report.address(finding.place)
    return one_line(shorten_iri(finding.focus)) if finding.focus else "-"


def render_table(report: Report) -> str:
    """Return a table for a person: severity, rule, place, and the message in lines of 60."""
    from tabulate import tabulate  # noqa: PLC0415  # only a table pays for its import

    if not report.findings:
        return "(no findings)\n"
    rows = [
        (
            finding.severity.value.lower(),
            one_line(finding.rule),
            _where(report, finding),
            one_line(finding.text),
        )
        for finding in report.findings
    ]
    table = tabulate(
        rows,
        headers=("severity", "rule", "place", "message"),
        tablefmt="simple",
        disable_numparse=True,
        maxcolwidths=[None, None, None, _WIDTH],
    )
    return "\n".join(line.rstrip() for line in table.splitlines()) + "\n"
