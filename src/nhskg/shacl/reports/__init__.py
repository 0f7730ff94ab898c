"""Reports of findings as text, JSON, SARIF, JUnit, for GitHub, for GitLab, and in SHACL's own form.

A renderer is a function from a :class:`~nhskg.shacl.reports.report.Report` to text. The same
findings give the same bytes, whatever order they come in.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from nhskg.shacl.reports.forms import (
    render_github,
    render_gitlab,
    render_json,
    render_junit,
    render_table,
    render_text,
)
from nhskg.shacl.reports.report import Report
from nhskg.shacl.reports.sarif import render_sarif
from nhskg.shacl.reports.validation_report import render_jsonld, render_turtle

__all__ = ["FORMATS"]

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
