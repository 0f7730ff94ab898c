"""Whole commands, process start to exit, against plain scripts that do the same."""

from __future__ import annotations

import json
import subprocess
import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from benchmarks.context import Context
from benchmarks.generator import Settings
from benchmarks.measuring import ROOT, Result, Run, compare, progress, run_python, seconds_of
from nhskg.graph.store import open_published
from nhskg.project import Project
from nhskg.queries.stored import bind, find_query
from nhskg.rdf.errors import StoreError
from nhskg.rdf.terms import PREFIXES


def ask(context: Context) -> Iterator[Result]:
    """Run stored queries on the five documents, against an rdflib script on the dumped Turtle."""
    folder = context.copy_of_seeds()
    nhskg = ("-m", "nhskg", "--project", str(folder))
    with progress("building the five documents, to query them"):
        run_python(*nhskg, "build", "--quiet")
        run_python(*nhskg, "dump", "--out", str(folder / "dump"))
    files = [folder / "dump" / name for name in ("asserted.ttl", "derived.ttl")]
    files += sorted((folder / "ontology").glob("*.ttl"))
    for name in ("holders", "silences"):
        query = context.folder / f"{name}.rq"
        query.write_text(_bound(folder, name), "utf-8")
        ours = (*nhskg, "query", "run", name, "--format", "tsv")
        theirs = (str(ROOT / "benchmarks" / "plain_ask.py"), str(query), *map(str, files))
        rows = {len(run_python(*side).splitlines()) - 1 for side in (ours, theirs)}
        yield compare(
            "asking",
            f"`nhskg query run {name}`, process start to exit, the five documents",
            "a plain rdflib script that parses the dumped Turtle and runs the same query",
            (seconds_of(partial(run_python, *ours)), seconds_of(partial(run_python, *theirs))),
            rounds=max(3, context.rounds),
            note=f"{' against '.join(map(str, rows))} rows",
        )


def _bound(folder: Path, name: str) -> str:
    """Return a stored query with its defaults bound, and its prefixes declared."""
    project = Project.locate(folder)
    store = open_published(project.build).open()
    prefixes = "".join(f"PREFIX {prefix}: <{iri}>\n" for prefix, iri in PREFIXES.items())
    return prefixes + bind(find_query(project.queries, name), {}, store)


def build(context: Context) -> Iterator[Result]:
    """Build the five documents; with a size, a synthetic corpus of that size too."""
    yield _build(context, context.copy_of_seeds(), "the five documents", 5)
    if context.size is not None:
        project = context.synthetic_project(Settings(context.size))
        yield _build(context, project, f"{context.size:,} synthetic claims", None)


def _build(context: Context, project: Path, whose: str, goal: float | None) -> Result:
    what = f"`nhskg build`, process start to exit, {whose}"
    against = "benchmarks/plain_build.py: PyYAML, rdflib, owlrl, pySHACL"

    def ours() -> Run:
        with progress("nhskg build"):
            return seconds_of(lambda: _run_nhskg(project))()

    def theirs() -> Run:
        script = str(ROOT / "benchmarks" / "plain_build.py")
        printed: list[str] = []
        with progress("plain_build.py"), tempfile.TemporaryDirectory(dir=context.folder) as out:
            work = seconds_of(
                lambda: printed.append(run_python(script, str(project), out, timeout=1_800))
            )
            return {**work(), **json.loads(printed[0])}

    try:
        return compare(
            "build",
            what,
            against,
            (ours, theirs),
            rounds=context.rounds if context.full else 1,
            goal=goal,
            note=lambda _, plain: f"derived {_derived(project)} against {plain['derived']} triples",
        )
    except (RuntimeError, subprocess.TimeoutExpired) as error:
        return Result("build", what, against, missing=str(error)[:300])


def _run_nhskg(project: Path) -> None:
    """Build; violations (exit 1) are an end as good as any, for the steps are the same."""
    try:
        run_python("-m", "nhskg", "--project", str(project), "build")
    except RuntimeError as error:
        if not str(error).startswith("exit 1:"):
            raise


def _derived(project: Path) -> str:
    try:
        summary = open_published(Project.locate(project).build).summary
    except StoreError:
        return "violations, so nothing was written,"
    return str(summary["figures"]["triples derived"])
