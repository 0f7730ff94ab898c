"""Measuring two sides of a comparison in turn, and saying what came of it.

Machines are shared and noisy, so no time is reported by itself: the sides run alternately
(A B A B …) in one run, each pair gives a ratio, and median, least and greatest are told.
"""

from __future__ import annotations

import json
import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from importlib import metadata
from pathlib import Path
from typing import Any, Final

__all__ = [
    "ROOT",
    "Clock",
    "Goal",
    "Result",
    "Spread",
    "alternate",
    "at_least",
    "compare",
    "exponent",
    "from_json",
    "machine_facts",
    "run_python",
    "seconds_of",
    "unavailable",
]

ROOT: Final = Path(__file__).resolve().parent.parent
_LIBRARIES: Final = ("nhskg", "pyoxigraph", "rdflib", "owlrl", "reasonable", "pyshacl", "PyYAML")


@dataclass(frozen=True, slots=True)
class Spread:
    """Several measurements of one thing: median, least, greatest, and how many there were."""

    median: float
    least: float
    greatest: float
    runs: int

    @classmethod
    def of(cls, values: Sequence[float]) -> Spread:
        """Return the spread of some values."""
        return cls(statistics.median(values), min(values), max(values), len(values))

    def __str__(self) -> str:
        if self.runs == 1:
            return _digits(self.median)
        return f"{_digits(self.median)} ({_digits(self.least)} to {_digits(self.greatest)})"


@dataclass(frozen=True, slots=True)
class Goal:
    """What the ratio should be: at least, or at most, a number."""

    number: float
    at_least: bool

    def met(self, measured: float) -> bool:
        """Tell whether a measured number meets the goal."""
        return measured >= self.number if self.at_least else measured <= self.number

    def __str__(self) -> str:
        return f"{'at least' if self.at_least else 'at most'} {self.number:g}"


@dataclass(frozen=True)
class Result:
    """One line of a table: nhskg against one alternative, or why there is none.

    Attributes:
        benchmark: the benchmark that it belongs to.
        what: what was done, and at what size.
        against: the alternative, named.
        unit: of the two measurements: ``s``, ``MB``; of a figure without alternative too.
        ours: what nhskg needs.
        theirs: what the alternative needs.
        ratio: the figure to look at; see ``reads``.
        reads: what the ratio says, such as ``times faster``.
        goal: what is wanted of the ratio.
        note: what else must be known to read the line.
        missing: why nothing was measured.
    """

    benchmark: str
    what: str
    against: str
    unit: str = "s"
    ours: Spread | None = None
    theirs: Spread | None = None
    ratio: Spread | None = None
    reads: str = ""
    goal: Goal | None = None
    note: str = ""
    missing: str = ""

    @property
    def met(self) -> bool | None:
        """Whether the goal is met; nothing where there is none, or no measurement."""
        if self.goal is None or self.ratio is None:
            return None
        return self.goal.met(self.ratio.median)

    def as_json(self) -> dict[str, Any]:
        """Return the line as JSON data."""
        return {**asdict(self), "met": self.met}


def from_json(data: Mapping[str, Any]) -> Result:
    """Return the line that :meth:`Result.as_json` made."""
    given = {name: value for name, value in data.items() if name != "met"}
    for name in ("ours", "theirs", "ratio"):
        given[name] = None if given[name] is None else Spread(**given[name])
    given["goal"] = None if given["goal"] is None else Goal(**given["goal"])
    return Result(**given)


def unavailable(benchmark: str, what: str, against: str, why: str) -> Result:
    """Return a line that says why a comparison was not made; no figure stands in for it."""
    return Result(benchmark, what, against, missing=why)


@dataclass
class Clock:
    """Adds up the time spent inside ``with clock:``, of the wall and of the processor."""

    seconds: float = 0.0
    cpu: float = 0.0
    _started: tuple[float, float] = field(default=(0.0, 0.0), repr=False)

    def __enter__(self) -> Clock:
        self._started = time.perf_counter(), time.process_time()
        return self

    def __exit__(self, *_: object) -> None:
        self.seconds += time.perf_counter() - self._started[0]
        self.cpu += time.process_time() - self._started[1]


def seconds_of(work: Callable[[], Any]) -> Callable[[], float]:
    """Return a side that measures the whole of some work."""

    def side() -> float:
        with Clock() as clock:
            work()
        return clock.seconds

    return side


def alternate(
    ours: Callable[[], float], theirs: Callable[[], float], *, rounds: int
) -> tuple[list[float], list[float]]:
    """Run two sides in turn, and return what each measured, round by round."""
    mine, other = [], []
    for _ in range(rounds):
        mine.append(ours())
        other.append(theirs())
    return mine, other


def compare(
    benchmark: str,
    what: str,
    against: str,
    sides: tuple[Callable[[], float], Callable[[], float]],
    *,
    rounds: int,
    faster: bool,
    goal: Goal | None = None,
    note: str = "",
) -> Result:
    """Measure nhskg and an alternative in turn.

    Args:
        benchmark: its name.
        what: what was done.
        against: the alternative.
        sides: nhskg, and the alternative; each does its work and returns seconds.
        rounds: how often each runs.
        faster: whether the ratio is theirs to ours (times faster) or ours to theirs (times
            as long).
        goal: what is wanted of the ratio.
        note: what else must be known.
    """
    ours, theirs = alternate(*sides, rounds=rounds)
    pairs = zip(ours, theirs, strict=True)
    ratios = [b / a if faster else a / b for a, b in pairs]
    return Result(
        benchmark,
        what,
        against,
        ours=Spread.of(ours),
        theirs=Spread.of(theirs),
        ratio=Spread.of(ratios),
        reads="times faster" if faster else "times as long",
        goal=goal,
        note=note,
    )


def at_least(result: Result, limit: float) -> Result:
    """Return a comparison in which the alternative was stopped before its end."""
    note = f"the other was stopped after {limit:,.0f} s; the ratio is a lower bound"
    return replace(result, reads=f"{result.reads} at least", note=note)


def exponent(sizes: Sequence[float], values: Sequence[float]) -> float:
    """Return e of the power law ``value = c · size^e`` that fits best (least squares of logs).

    >>> round(exponent([1, 10, 100], [2, 20, 200]), 6)
    1.0
    """
    import math

    xs, ys = [math.log(x) for x in sizes], [math.log(y) for y in values]
    mean_x, mean_y = statistics.fmean(xs), statistics.fmean(ys)
    above = sum((x - mean_x) * (y - mean_y) for x, y in zip(xs, ys, strict=True))
    return above / sum((x - mean_x) ** 2 for x in xs)


def run_python(*arguments: str, cwd: Path = ROOT, timeout: float | None = None) -> str:
    """Run a Python process to its end, and return what it printed.

    Raises:
        RuntimeError: it failed; with the end of what it said.
        subprocess.TimeoutExpired: it did not end in time.
    """
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=cwd,
        capture_output=True,
        text=True,
        check=False,
        timeout=timeout,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONHASHSEED": "0"},
    )
    if done.returncode != 0:
        last = (done.stderr.strip() or done.stdout.strip()).splitlines()[-3:]
        raise RuntimeError(f"exit {done.returncode}: {' / '.join(last)}")
    return done.stdout


def machine_facts() -> dict[str, str]:
    """Return what must be known of the machine to read the figures."""
    facts = {
        "machine": f"{platform.system()} {platform.machine()}",
        "processor": _processor(),
        "cores": str(len(os.sched_getaffinity(0))),
        "load at start": f"{os.getloadavg()[0]:.1f}",
        "Python": platform.python_version(),
    }
    for name in _LIBRARIES:
        try:
            facts[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            facts[name] = "not installed"
    return facts


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    except OSError:
        return platform.processor() or "unknown"
    names = (line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
    return next(names, "unknown")


@contextmanager
def told(text: str) -> Iterator[None]:
    """Say on stderr what is being done, and how long it took."""
    started = time.perf_counter()
    print(f"… {text}", file=sys.stderr, flush=True)
    yield
    print(f"  {time.perf_counter() - started:.1f} s", file=sys.stderr, flush=True)


def _digits(value: float) -> str:
    """Return a number with three digits that mean something.

    >>> _digits(0.01234), _digits(12.34), _digits(1234.5)
    ('0.0123', '12.3', '1,234')
    """
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def to_json(results: Sequence[Result], facts: dict[str, str], command: str) -> str:
    """Return all results as a JSON text."""
    data = {"command": command, "machine": facts, "results": [each.as_json() for each in results]}
    return json.dumps(data, indent=2, ensure_ascii=False) + "\n"
