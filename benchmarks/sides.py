"""Sides of a comparison that run in a fresh process each time."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.measuring import run_python, told

__all__ = ["Side", "processor_note", "run_engine"]


def run_engine(
    engine: str, *files: Path, rules: Path | None = None, limit: float | None = None
) -> dict[str, Any]:
    """Run one engine in a fresh process, and return what it told of itself.

    What does not end within the limit, in seconds, is told to have taken that.
    """
    given = [str(path) for path in files]
    given += ["--rules", str(rules)] if rules else []
    with told(f"{engine}: {files[0].name}"):
        try:
            raw = run_python("-m", "benchmarks.engines", engine, *given, timeout=limit)
        except subprocess.TimeoutExpired:
            return {"seconds": limit, "cpu": limit, "stopped": True}
    found: dict[str, Any] = json.loads(raw)
    return found


class Side:
    """One side of a comparison: a fresh process each time; remembers what the last one told."""

    def __init__(self, run: Callable[[], dict[str, Any]]) -> None:
        self._run = run
        self.last: dict[str, Any] = {}

    def __call__(self) -> float:
        """Run it, and return the seconds that it tells."""
        self.last = self._run()
        return float(self.last["seconds"])


def processor_note(ours: Side, other: Side) -> str:
    """Say what the last runs took of the processor, which others on the machine disturb less."""
    mine, theirs = ours.last["cpu"], other.last["cpu"]
    return f"processor time {mine:.3g} s against {theirs:.3g} s"
