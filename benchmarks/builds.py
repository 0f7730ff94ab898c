"""Building: a whole ``nhskg build``, against a plain script that does the same steps."""

from __future__ import annotations

import json
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from benchmarks.context import Context
from benchmarks.generator import Settings
from benchmarks.measuring import (
    ROOT,
    Goal,
    Result,
    compare,
    run_python,
    seconds_of,
    told,
    unavailable,
)
from nhskg.project import Project

__all__ = ["build"]

_WHAT: Final = "`nhskg build`, process start to exit, {}"
_AGAINST: Final = "benchmarks/plain_build.py: PyYAML, rdflib, owlrl, pySHACL"
_PATIENCE: Final = 1_800


def build(context: Context) -> Iterator[Result]:
    """Build the five documents; with a size, a synthetic corpus of that size too."""
    seeds = context.copy_of_seeds()
    yield _build(context, seeds, "the five documents", Goal(5, at_least=True))
    if context.size is not None:
        project = context.synthetic_project(Settings(context.size)).root
        yield _build(context, project, f"{context.size:,} synthetic claims", None)


def _build(context: Context, project: Path, whose: str, goal: Goal | None) -> Result:
    told_by: dict[str, Any] = {}

    def ours() -> None:
        with told("nhskg build"):
            _run_nhskg(project)

    def theirs() -> None:
        with told("plain_build.py"), tempfile.TemporaryDirectory(dir=context.folder) as out:
            script = str(ROOT / "benchmarks" / "plain_build.py")
            told_by.update(json.loads(run_python(script, str(project), out, timeout=_PATIENCE)))

    try:
        found = compare(
            "build",
            _WHAT.format(whose),
            _AGAINST,
            (seconds_of(ours), seconds_of(theirs)),
            rounds=context.rounds if context.full else 1,
            faster=True,
            goal=goal,
        )
    except (RuntimeError, subprocess.TimeoutExpired) as error:
        return unavailable("build", _WHAT.format(whose), _AGAINST, str(error)[:300])
    mine = _derived(project)
    return replace(found, note=f"derived {mine} against {told_by['derived']} triples")


def _run_nhskg(project: Path) -> None:
    """Build; violations (exit 1) are an end as good as any, for the steps are the same."""
    try:
        run_python("-m", "nhskg", "--project", str(project), "build")
    except RuntimeError as error:
        if not str(error).startswith("exit 1:"):
            raise


def _derived(project: Path) -> str:
    from nhskg.graph.store import open_published
    from nhskg.rdf.errors import StoreError

    try:
        summary = open_published(Project.locate(project).build).summary
    except StoreError:
        return "violations, so nothing was written,"
    return str(summary["figures"]["triples derived"])
