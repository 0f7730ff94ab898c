"""What came of the benchmarks, for a terminal and for docs/benchmarks.md."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from benchmarks.measuring import Result, Spread

__all__ = ["BEGIN", "END", "render_markdown", "render_text", "write_docs"]

BEGIN: Final = "<!-- results: written by python -m benchmarks --write-docs -->"
END: Final = "<!-- end of results -->"


def render_text(result: Result) -> str:
    """Return the lines that tell of one result."""
    head = f"{result.benchmark}: {result.what}\n  against {result.against}"
    if result.missing:
        return f"{head}\n  not measured: {result.missing}\n"
    lines = [head]
    if result.ratio is not None:
        lines.append(f"  ratio   {result.ratio} {result.reads}{_verdict(result)}")
    if result.ours is not None:
        lines.append(f"  nhskg   {result.ours} {result.unit}")
    if result.theirs is not None:
        lines.append(f"  other   {result.theirs} {result.unit}")
    if result.note:
        lines.append(f"  note    {result.note}")
    return "\n".join(lines) + "\n"


def _verdict(result: Result) -> str:
    if result.goal is None:
        return ""
    return f"; goal {result.goal}: {'met' if result.met else 'NOT met'}"


def render_markdown(
    results: Sequence[Result], facts: Mapping[str, str], commands: Sequence[str]
) -> str:
    """Return the section of results as Markdown."""
    told = ", ".join(f"`{command}`" for command in commands)
    lines = [
        f"Commands: {told}. Machine: " + "; ".join(f"{k} {v}" for k, v in facts.items()) + ".",
        "",
        "Median, and least to greatest in brackets where a side ran more than once.",
        "",
        "| what | against | nhskg | other | ratio | goal | met |",
        "|---|---|---|---|---|---|---|",
    ]
    for each in results:
        if each.missing:
            cells = ["", "", f"not measured: {each.missing}", _shown(each.goal), ""]
        else:
            cells = [
                _with_unit(each.ours, each.unit),
                _with_unit(each.theirs, each.unit),
                f"{_shown(each.ratio)} {each.reads}",
                _shown(each.goal),
                {True: "yes", False: "**no**", None: ""}[each.met],
            ]
        lines.append("| " + " | ".join([each.what, each.against, *cells]) + " |")
    notes = [
        f"- {each.what}, against {each.against}: {each.note}." for each in results if each.note
    ]
    return "\n".join([*lines, "", *notes]) + "\n"


def _shown(value: object) -> str:
    return "" if value is None else str(value)


def _with_unit(value: Spread | None, unit: str) -> str:
    return "" if value is None else f"{value} {unit if unit != 'exponent' else ''}".strip()


def write_docs(
    path: Path, results: Sequence[Result], facts: Mapping[str, str], commands: Sequence[str]
) -> None:
    """Put the results between the markers of the page."""
    text = path.read_text("utf-8")
    before, rest = text.split(BEGIN, 1)
    _, after = rest.split(END, 1)
    section = render_markdown(results, facts, commands)
    path.write_text(f"{before}{BEGIN}\n{section}{END}{after}", "utf-8")
