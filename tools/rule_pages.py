"""The pages of ``docs/rules``: what ``nhskg explain`` prints for each rule, and their index."""

from __future__ import annotations

from collections.abc import Mapping

from nhskg.shacl.reports.pages import render_page
from nhskg.shacl.reports.rules import Rule

__all__ = ["render_pages"]


def render_pages(rules: Mapping[str, Rule]) -> dict[str, str]:
    """Return every page by the name of its file, and the index, ``README.md``."""
    lines = ["# Rules", "", "What `nhskg validate` checks.", "", "| rule | severity | |"]
    lines.append("|---|---|---|")
    for rule in rules.values():
        title = rule.title.replace("|", "\\|")
        lines.append(f"| [{rule.id}]({rule.id}.md) | {rule.severity.value.lower()} | {title} |")
    pages = {f"{name}.md": render_page(rule) for name, rule in rules.items()}
    return {"README.md": "\n".join(lines) + "\n", **pages}
