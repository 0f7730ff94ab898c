"""The page of each rule: what it protects against, an example, and the repair.

``nhskg explain RULE`` prints it, and ``make docs`` writes them all to ``docs/rules/``.
"""

from __future__ import annotations

from collections.abc import Iterable

from nhskg.shacl.reports.rules import Example, Rule

__all__ = ["render_page"]


def render_page(rule: Rule) -> str:
    """Return the page of a rule as Markdown."""
    lines = [f"# {rule.id}: {rule.title}", ""]
    lines += [f"Severity: {rule.severity.value.lower()}. {_capital(rule.source)}.", ""]
    for heading, text in (
        ("What it demands", rule.demands),
        ("What it protects against", rule.protects),
        ("Repair", rule.repair),
    ):
        if text:
            lines += [f"## {heading}", "", _sentence(text), ""]
    lines += _examples("Valid", rule.valid)
    lines += _examples("Invalid", rule.invalid)
    return "\n".join(lines).rstrip() + "\n"


def _examples(heading: str, examples: Iterable[Example]) -> list[str]:
    lines: list[str] = []
    for example in examples:
        text = example.text.strip("\n")
        lines += [f"{_capital(example.title)}:", "", f"```{example.language}", text, "```", ""]
    return [f"## {heading}", "", *lines] if lines else []


def _capital(text: str) -> str:
    return text if text.startswith("shapes/") else text[:1].upper() + text[1:]


def _sentence(text: str) -> str:
    text = _capital(text)
    return text if text.endswith((".", "!", "?")) else f"{text}."
