"""Measure two sides of a comparison in turn, and compute their ratio.

Machines are shared and noisy, so no time is reported by itself: the sides run alternately
(A B A B …) in one run, each pair gives a ratio, and median, least and greatest are reported.
"""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import linear_regression
from typing import Any, Final

from benchmarks.results import Result

ROOT: Final = Path(__file__).resolve().parent.parent

Run = dict[str, Any]
"""What one run of a side took (``seconds``, and ``cpu`` if known), and what it says of itself."""
Side = Callable[[], Run]


class Clock:
    """The time spent inside ``with clock:``, of the wall and of the processor."""

    def __enter__(self) -> Clock:
        self.seconds, self.cpu = -time.perf_counter(), -time.process_time()
        return self

    def __exit__(self, *_: object) -> None:
        self.seconds += time.perf_counter()
        self.cpu += time.process_time()


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
    """Measure nhskg and an alternative in turn, so many rounds.

    The ratio is theirs to ours (times faster), or ours to theirs (times as long); a lower bound, if
    the alternative was stopped. A note that is a function is made of the last run of each side.
    """
    runs = [(sides[0](), sides[1]()) for _ in range(rounds)]
    ours = tuple(float(mine["seconds"]) for mine, _ in runs)
    theirs = tuple(float(other["seconds"]) for _, other in runs)
    ratio = tuple(b / a if faster else a / b for a, b in zip(ours, theirs, strict=True))
    reads = "times faster" if faster else "times as long"
    mine, other = runs[-1]
    if other.get("stopped"):
        reads += " at least"
        said = f"the other was stopped after {other['seconds']:,.0f} s; the ratio is a lower bound"
    else:
        said = note if isinstance(note, str) else note(mine, other)
        if "cpu" in mine and "cpu" in other:
            cpu = f"processor time {mine['cpu']:.3g} s against {other['cpu']:.3g} s"
            said = f"{said}; {cpu}" if said else cpu
    return Result(benchmark, what, against, ours, theirs, ratio, reads, goal=goal, note=said)


def run_engine(
    name: str, *files: Path, rules: Path | None = None, limit: float | None = None
) -> Run:
    """Run one engine of :mod:`benchmarks.engines` in a fresh process, if need be up to a limit."""
    arguments = [*map(str, files), *(["--rules", str(rules)] if rules else [])]
    with progress(f"{name}: {files[0].name}"):
        try:
            raw = run_python("-m", "benchmarks.engines", name, *arguments, timeout=limit)
        except subprocess.TimeoutExpired:
            return {"seconds": limit, "stopped": True}
    found: Run = json.loads(raw)
    return found


def time_python(*arguments: str) -> Run:
    """Run a Python process to its end, and return the seconds that it took."""
    with Clock() as clock:
        run_python(*arguments)
    return {"seconds": clock.seconds}


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
    """Return e of the power law ``value = c · size^e`` that fits best (least squares of logs)."""
    return linear_regression(list(map(math.log, sizes)), list(map(math.log, values))).slope


@contextmanager
def progress(text: str) -> Iterator[None]:
    """Say on stderr what is being done, and how long it took."""
    print(f"… {text}", file=sys.stderr, flush=True)
    with Clock() as clock:
        yield
    print(f"  {clock.seconds:.1f} s", file=sys.stderr, flush=True)
