"""Asking: a stored query as a whole process, against an rdflib script on the dumped Turtle."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from benchmarks.context import Context
from benchmarks.measuring import ROOT, Result, compare, run_python, seconds_of, told, unavailable

__all__ = ["ask"]

_WHAT: Final = "`nhskg query run {}`, process start to exit, the five documents"
_AGAINST: Final = "a plain rdflib script that parses the dumped Turtle and runs the same query"
_QUERIES: Final = ("holders", "silences")


def ask(context: Context) -> Iterator[Result]:
    """Ask stored queries of the five documents."""
    project = context.copy_of_seeds()
    try:
        with told("building the five documents, to ask them"):
            run_python("-m", "nhskg", "--project", str(project), "build", "--quiet")
            dump = project / "dump"
            run_python("-m", "nhskg", "--project", str(project), "dump", "--out", str(dump))
    except RuntimeError as error:
        yield unavailable("asking", _WHAT.format("holders"), _AGAINST, f"no build: {error}")
        return
    for name in _QUERIES:
        yield _ask_one(context, project, dump, name)


def _ask_one(context: Context, project: Path, dump: Path, name: str) -> Result:
    query = context.folder / f"{name}.rq"
    query.write_text(_bound(project, name), "utf-8")
    files = [str(dump / "asserted.ttl"), str(dump / "derived.ttl")]
    files += [str(path) for path in sorted((project / "ontology").glob("*.ttl"))]
    ours = ("-m", "nhskg", "--project", str(project), "query", "run", name, "--format", "tsv")
    theirs = (str(ROOT / "benchmarks" / "plain_ask.py"), str(query), *files)
    rows = [len(run_python(*each).splitlines()) - 1 for each in (ours, theirs)]
    same = f"{rows[0]} rows" if rows[0] == rows[1] else f"{rows[0]} rows against {rows[1]}"
    return compare(
        "asking",
        _WHAT.format(name),
        _AGAINST,
        (seconds_of(lambda: run_python(*ours)), seconds_of(lambda: run_python(*theirs))),
        rounds=max(3, context.rounds),
        faster=True,
        note=same,
    )


def _bound(project: Path, name: str) -> str:
    """Return a stored query with its defaults bound, and its prefixes declared."""
    code = (
        "import sys; from pathlib import Path; from nhskg.project import Project;"
        "from nhskg.graph.store import open_published; from nhskg.rdf.terms import PREFIXES;"
        "from nhskg.queries.stored import bind, find_query;"
        "project = Project.locate(Path(sys.argv[1])); store = open_published(project.build).open();"
        "print(*(f'PREFIX {p}: <{iri}>' for p, iri in PREFIXES.items()), sep='\\n');"
        "print(bind(find_query(project.queries, sys.argv[2]), {}, store))"
    )
    return run_python("-c", code, str(project), name)
