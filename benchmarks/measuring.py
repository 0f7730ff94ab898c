"""Measure two sides of a comparison in turn, and compute their ratio.

Machines are shared and noisy, so no time is reported by itself: the sides run alternately
(A B A B …) in one run, each pair gives a ratio, and median, least and greatest are reported.
"""

from __future__ import annotations

import json
import math
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).resolve().parent.parent

Run = dict[str, Any]
"""What one run of a side took (``seconds``, and ``cpu`` if known), and what it says of itself."""
Side = Callable[[], Run]


@dataclass(frozen=True)
class Result:
    """One line of a table: nhskg against one alternative, or why there is none.

    Attributes:
        benchmark: the benchmark that it belongs to.
        what: what was done, and at what size.
        against: the alternative, named.
        ours: what nhskg needed, run by run.
        theirs: what the alternative needed.
        ratio: the figure to look at, for each pair of runs.
        reads: what the ratio says: ``times faster``, of which more is better, or another.
        unit: of the two measurements.
        goal: the least ratio that is wanted, or the greatest if less is better.
        note: what else must be known to read the line.
        missing: why nothing was measured; no figure stands in for it.
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
    def more_is_better(self) -> bool:
        """Whether the goal is the least ratio."""
        return "faster" in self.reads

    @property
    def met(self) -> bool | None:
        """Whether the goal is met; None if there is none, or no measurement."""
        if self.goal is None or not self.ratio:
            return None
        median = statistics.median(self.ratio)
        return median >= self.goal if self.more_is_better else median <= self.goal


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


def seconds_of(work: Callable[[], Any]) -> Side:
    """Return a side that measures the whole of some work."""

    def side() -> Run:
        with Clock() as clock:
            work()
        return {"seconds": clock.seconds}

    return side


def compare(
    benchmark: str,
    what: str,
    against: str,
    sides: tuple[Side, Side],
    *,
    rounds: int = 1,
    faster: bool = True,
    goal: float | None = None,
    note: str | Callable[[Run, Run], str] = "",
) -> Result:
    """Measure nhskg and an alternative in turn.

    If the alternative was stopped before its end, the ratio is a lower bound, and the result says
    so.

    Args:
        benchmark: its name.
        what: what was done.
        against: the alternative.
        sides: nhskg, and the alternative; each does its work.
        rounds: how often each runs.
        faster: whether the ratio is theirs to ours (times faster) or ours to theirs (times
            as long).
        goal: what is wanted of the ratio.
        note: what else must be known; a function makes it of the last run of each side.
    """
    runs = [(sides[0](), sides[1]()) for _ in range(rounds)]
    ours = tuple(float(mine["seconds"]) for mine, _ in runs)
    theirs = tuple(float(other["seconds"]) for _, other in runs)
    pairs = zip(ours, theirs, strict=True)
    ratio = tuple(b / a if faster else a / b for a, b in pairs)
    reads = "times faster" if faster else "times as long"
    mine, other = runs[-1]
    if other.get("stopped"):
        reads += " at least"
        said = f"the other was stopped after {other['seconds']:,.0f} s; the ratio is a lower bound"
    else:
        parts = [note if isinstance(note, str) else note(mine, other)]
        if "cpu" in mine and "cpu" in other:
            parts.append(f"processor time {mine['cpu']:.3g} s against {other['cpu']:.3g} s")
        said = "; ".join(part for part in parts if part)
    return Result(benchmark, what, against, ours, theirs, ratio, reads, goal=goal, note=said)


def run_engine(
    name: str, *files: Path, rules: Path | None = None, limit: float | None = None
) -> Run:
    """Run one engine of :mod:`benchmarks.engines` in a fresh process, and return what it printed.

    One that does not end within the limit, in seconds, is reported to have taken that.
    """
    arguments = [*map(str, files), *(["--rules", str(rules)] if rules else [])]
    with progress(f"{name}: {files[0].name}"):
        try:
            raw = run_python("-m", "benchmarks.engines", name, *arguments, timeout=limit)
        except subprocess.TimeoutExpired:
            return {"seconds": limit, "stopped": True}
    found: Run = json.loads(raw)
    return found


def engine(name: str, *files: Path, rules: Path | None = None, limit: float | None = None) -> Side:
    """Return a side that runs one engine; see :func:`run_engine`."""
    return partial(run_engine, name, *files, rules=rules, limit=limit)


def run_python(*arguments: str, timeout: float | None = None) -> str:
    """Run a Python process to its end, and return what it printed.

    Raises:
        RuntimeError: it failed; with the end of what it said.
        subprocess.TimeoutExpired: it did not end in time.
    """
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
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


def exponent(sizes: Sequence[float], values: Sequence[float]) -> float:
    """Return e of the power law ``value = c · size^e`` that fits best (least squares of logs).

    >>> round(exponent([1, 10, 100], [2, 20, 200]), 6)
    1.0
    """
    logs = [math.log(size) for size in sizes], [math.log(value) for value in values]
    return statistics.linear_regression(*logs).slope


@contextmanager
def progress(text: str) -> Iterator[None]:
    """Say on stderr what is being done, and how long it took."""
    started = time.perf_counter()
    print(f"… {text}", file=sys.stderr, flush=True)
    yield
    print(f"  {time.perf_counter() - started:.1f} s", file=sys.stderr, flush=True)
