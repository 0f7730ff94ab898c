"""The results of the benchmarks: for a terminal, as JSON, and in docs/benchmarks.md."""

from __future__ import annotations

import os
import platform
import re
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Final

from pydantic import TypeAdapter

BEGIN: Final = "<!-- results: written by python -m benchmarks --write-docs -->"
END: Final = "<!-- end of results -->"
_LIBRARIES: Final = ("nhskg", "pyoxigraph", "rdflib", "owlrl", "reasonable", "pyshacl", "PyYAML")


@dataclass(frozen=True)
class Result:
    """One line of a table: nhskg against one alternative, or why there is none.

    ``ours`` and ``theirs`` are what each needed, run by run, in a unit; ``ratio`` is the figure to
    look at, for each pair of runs, and ``reads`` what it says: ``times faster``, of which more is
    better, or another. The goal is the least ratio that is wanted, or the greatest if less is
    better. ``missing`` is why nothing was measured; no figure stands in for it.
    """

    benchmark: str
    what: str
    against: str
    ours: tuple[float, ...] = ()
    theirs: tuple[float, ...] = ()
    ratio: tuple[float, ...] = ()
    reads: str = ""
    unit: str = "s"
    goal: float | None = None
    note: str = ""
    missing: str = ""

    @property
    def met(self) -> bool | None:
        """Whether the goal is met; None if there is none, or no measurement."""
        if self.goal is None or not self.ratio:
            return None
        median = statistics.median(self.ratio)
        return median >= self.goal if "faster" in self.reads else median <= self.goal

    def cells(self) -> list[str]:
        """Return its row of a table, without the last column, whether the goal is met."""
        unit = "" if self.unit == "exponent" else f" {self.unit}"
        cells = [self.what, self.against, "", "", f"not measured: {self.missing}", ""]
        if not self.missing:
            cells[2:4] = (f"{_spread(each)}{unit}" for each in (self.ours, self.theirs))
            cells[4] = f"{_spread(self.ratio)} {self.reads}"
        if self.goal is not None:
            cells[5] = f"at {'least' if 'faster' in self.reads else 'most'} {self.goal:g}"
        return cells


@dataclass(frozen=True)
class Report:
    """The results of a command on a machine, as they are saved in JSON."""

    command: str
    machine: dict[str, str]
    results: tuple[Result, ...]


REPORT: Final = TypeAdapter(Report)
"""Reads and writes a report as JSON."""


def machine_facts() -> dict[str, str]:
    """Return what must be known of the machine to read the figures."""
    processor = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text("utf-8"))
    return {
        "machine": f"{platform.system()} {platform.machine()}",
        "processor": processor[1] if processor else "unknown",
        "cores": str(len(os.sched_getaffinity(0))),
        "load at start": f"{os.getloadavg()[0]:.1f}",
        "Python": platform.python_version(),
        **{name: metadata.version(name) for name in _LIBRARIES},
    }


def render_text(result: Result) -> str:
    """Return the lines of one result for a terminal."""
    what, against, ours, theirs, ratio, goal = result.cells()
    lines = [f"{result.benchmark}: {what}", f"  against {against}"]
    if result.missing:
        lines.append(f"  {ratio}")
    else:
        met = {True: "; met", False: "; NOT met", None: ""}[result.met]
        lines.append(f"  ratio   {ratio}{f'; goal {goal}' if goal else ''}{met}")
        lines += [f"  nhskg   {ours}", f"  other   {theirs}"]
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
    met = {True: "yes", False: "**no**", None: ""}
    lines = [
        f"Commands: {commands}. Machine: {machine}.",
        "",
        "Median, and least to greatest in brackets where a side ran more than once.",
        "",
        "| what | against | nhskg | other | ratio | goal | met |",
        "|---|---|---|---|---|---|---|",
        *(f"| {' | '.join([*each.cells(), met[each.met]])} |" for each in results),
        "",
        *(f"- {each.what}, against {each.against}: {each.note}." for each in results if each.note),
    ]
    section = "\n".join(lines)
    path.write_text(f"{before}{BEGIN}\n{section}\n{end}{after}", "utf-8")


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
