"""Every form of a report by its name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from nhskg.shacl.reports.ci import render_github, render_gitlab
from nhskg.shacl.reports.json_form import render_json
from nhskg.shacl.reports.junit import render_junit
from nhskg.shacl.reports.report import Report
from nhskg.shacl.reports.sarif import render_sarif
from nhskg.shacl.reports.text import render_table, render_text
from nhskg.shacl.reports.w3c import render_jsonld, render_turtle

__all__ = ["FORMS", "Renderer", "render"]

Renderer = Callable[[Report], str]
"""From a report to its text; the same findings give the same text."""

FORMS: Final[dict[str, Renderer]] = {
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


def render(report: Report, form: str) -> str:
    """Return a report in one of :data:`FORMS`."""
    return FORMS[form](report)
