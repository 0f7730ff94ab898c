"""Render the results of the benchmarks, for a terminal and for docs/benchmarks.md."""

from __future__ import annotations

import os
import platform
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Final

from pydantic import TypeAdapter

from benchmarks.measuring import Result

BEGIN: Final = "<!-- results: written by python -m benchmarks --write-docs -->"
END: Final = "<!-- end of results -->"
_LIBRARIES: Final = ("nhskg", "pyoxigraph", "rdflib", "owlrl", "reasonable", "pyshacl", "PyYAML")


@dataclass(frozen=True)
class Report:
    """The results of a command on a machine, as they are saved in JSON."""

    command: str
    machine: dict[str, str]
    results: tuple[Result, ...]

    def save(self, path: Path) -> None:
        """Write the report as JSON."""
        path.write_bytes(TypeAdapter(Report).dump_json(self, indent=2) + b"\n")

    @staticmethod
    def load(path: Path) -> Report:
        """Read a report that was saved."""
        return TypeAdapter(Report).validate_json(path.read_bytes())


def machine_facts() -> dict[str, str]:
    """Return what must be known of the machine to read the figures."""
    installed = {each.name for each in metadata.distributions()}
    versions = {
        name: metadata.version(name) if name in installed else "not installed"
        for name in _LIBRARIES
    }
    return {
        "machine": f"{platform.system()} {platform.machine()}",
        "processor": _processor(),
        "cores": str(len(os.sched_getaffinity(0))),
        "load at start": f"{os.getloadavg()[0]:.1f}",
        "Python": platform.python_version(),
        **versions,
    }


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    names = (line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
    return next(names, "unknown")


def render_text(result: Result) -> str:
    """Return the lines of one result for a terminal."""
    lines = [f"{result.benchmark}: {result.what}", f"  against {result.against}"]
    if result.missing:
        lines.append(f"  not measured: {result.missing}")
    else:
        met = {True: "; met", False: "; NOT met", None: ""}[result.met]
        goal = f"; goal {_goal(result)}{met}" if result.goal is not None else ""
        lines.append(f"  ratio   {_spread(result.ratio)} {result.reads}{goal}")
        lines.append(f"  nhskg   {_spread(result.ours)} {result.unit}")
        lines.append(f"  other   {_spread(result.theirs)} {result.unit}")
    if result.note:
        lines.append(f"  note    {result.note}")
    return "\n".join(lines) + "\n"


def write_docs(path: Path, reports: Sequence[Report]) -> None:
    """Put the results of some reports, all of one machine, between the markers of a page."""
    before, _, rest = path.read_text("utf-8").partition(f"{BEGIN}\n")
    _, end, after = rest.partition(END)
    results = [result for report in reports for result in report.results]
    commands = ", ".join(f"`{report.command}`" for report in reports)
    machine = "; ".join(f"{name} {value}" for name, value in reports[0].machine.items())
    lines = [
        f"Commands: {commands}. Machine: {machine}.",
        "",
        "Median, and least to greatest in brackets where a side ran more than once.",
        "",
        "| what | against | nhskg | other | ratio | goal | met |",
        "|---|---|---|---|---|---|---|",
        *map(_row, results),
        "",
        *(f"- {each.what}, against {each.against}: {each.note}." for each in results if each.note),
    ]
    section = "\n".join(lines)
    path.write_text(f"{before}{BEGIN}\n{section}\n{end}{after}", "utf-8")


def _row(result: Result) -> str:
    cells = [result.what, result.against]
    if result.missing:
        cells += ["", "", f"not measured: {result.missing}"]
    else:
        unit = "" if result.unit == "exponent" else f" {result.unit}"
        cells += [_spread(result.ours) + unit, _spread(result.theirs) + unit]
        cells.append(f"{_spread(result.ratio)} {result.reads}")
    cells += [_goal(result), {True: "yes", False: "**no**", None: ""}[result.met]]
    return f"| {' | '.join(cells)} |"


def _goal(result: Result) -> str:
    if result.goal is None:
        return ""
    return f"{'at least' if result.more_is_better else 'at most'} {result.goal:g}"


def _spread(values: Sequence[float]) -> str:
    """Return the median of some values, and the least and greatest if there are several.

    >>> _spread([0.01234]), _spread([3, 1, 1234.5])
    ('0.0123', '3 (1 to 1,234)')
    """
    median, least, greatest = (
        f"{value:,.0f}" if value >= 100 else f"{value:.3g}"
        for value in (statistics.median(values), min(values), max(values))
    )
    return median if len(values) == 1 else f"{median} ({least} to {greatest})"
