"""What somebody waits for, against plain scripts: asking, building, explaining, validating."""

from __future__ import annotations

import json
import subprocess
import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from statistics import median

import pyoxigraph as ox

from benchmarks.context import Context
from benchmarks.generator import Settings
from benchmarks.measuring import Clock, Run, compare, progress, run_engine, run_python, time_python
from benchmarks.results import Result
from nhskg.explain.explaining import Asked, Explainer
from nhskg.explain.summary import summary_branches
from nhskg.graph.store import open_published
from nhskg.project import Project
from nhskg.queries.engine import select
from nhskg.queries.stored import bind, find_query, list_queries
from nhskg.rdf.errors import StoreError
from nhskg.rdf.files import files_in
from nhskg.rdf.terms import PREFIXES
from nhskg.reasoning.proof_trees import render_text
from nhskg.reasoning.reasoner import read_rule_texts


def ask(context: Context) -> Iterator[Result]:
    """Run stored queries on the five documents, against rdflib on the dumped Turtle; and grow."""
    folder = context.project()
    nhskg = ("-m", "nhskg", "--project", str(folder))
    with progress("building the five documents, to query them"):
        run_python(*nhskg, "build", "--quiet")
        run_python(*nhskg, "dump", "--out", str(folder / "dump"))
    project = Project.locate(folder)
    files = [folder / "dump" / name for name in ("asserted.ttl", "derived.ttl")]
    files += files_in(project.ontology, ".ttl")
    prefixes = "".join(f"PREFIX {prefix}: <{iri}>\n" for prefix, iri in PREFIXES.items())
    store = open_published(project.build).open()
    for name in ("stances", "silences"):
        query = context.folder / f"{name}.rq"
        query.write_text(
            prefixes + bind(find_query(project.queries, name), {}, store, standard=True), "utf-8"
        )
        ours = (*nhskg, "query", "run", name, "--format", "tsv")
        theirs = ("benchmarks/plain_ask.py", str(query), *map(str, files))
        rows = {len(run_python(*side).splitlines()) - 1 for side in (ours, theirs)}
        yield compare(
            "asking",
            f"`nhskg query run {name}`, process start to exit, the five documents",
            "a plain rdflib script that parses the dumped Turtle and runs the same query",
            (partial(time_python, *ours), partial(time_python, *theirs)),
            rounds=max(3, context.rounds),
            goal=4,
            note=f"{' against '.join(map(str, rows))} rows",
        )

    yield compare(
        "asking",
        "`nhskg --help`, process start to exit",
        "`python -c 'import click'`",
        (partial(time_python, "-m", "nhskg", "--help"), partial(time_python, "-c", "import click")),
        rounds=max(5, context.rounds),
        faster=False,
        goal=1.5,
    )
    for name in ("plan", "body"):
        yield _growth(context, name)


def _growth(context: Context, name: str) -> Result:
    """Measure the slowest stored query with one plan or body of the first world, as graphs grow."""
    sizes = context.sizes(1_000, 10_000, full=(100_000,))
    queries = [
        each
        for each in list_queries(context.seeds.queries)
        if name in {k.name for k in each.parameters}
    ]
    took: dict[str, list[tuple[float, int]]] = {each.name: [] for each in queries}
    for claims in sizes:
        store = _stored(context, claims)
        (busiest,) = select(
            store,
            f"""SELECT ?id {{ ?entry nhs:{"underPlan" if name == "plan" else "holder"}/skos:notation
                ?id FILTER(CONTAINS(?id, "-0-")) }} GROUP BY ?id ORDER BY DESC(COUNT(*)) LIMIT 1""",
        )
        for query in queries:
            with Clock() as clock:
                rows = select(store, bind(query, {name: busiest["id"]}, store))
            took[query.name].append((clock.cpu, len(rows)))
    slowest, times = max(took.items(), key=lambda each: each[1][-1])
    rest = ", ".join(f"{each} {last[-1][0]:.2f} s" for each, last in sorted(took.items()))
    return Result(
        "asking",
        f"the slowest of {len(queries)} stored queries with a {name}, `{slowest}`, "
        f"in process, {sizes[-1]:,} claims",
        f"the same with {sizes[0]:,} claims",
        ours=(times[-1][0],),
        theirs=(times[0][0],),
        ratio=(times[-1][0] / times[0][0],),
        reads="times as long",
        note=f"{times[-1][1]} rows against {times[0][1]}; processor time; goal 1 s; {rest}",
    )


def build(context: Context) -> Iterator[Result]:
    """Build the five documents; with a size, a synthetic corpus of that size too."""
    yield _build(context, context.project(), "the five documents", 5)
    if context.size is not None:
        project = context.project(Settings(context.size))
        yield _build(context, project, f"{context.size:,} synthetic claims", None)


def _build(context: Context, project: Path, whose: str, goal: float | None) -> Result:
    what = f"`nhskg build`, process start to exit, {whose}"
    against = "benchmarks/plain_build.py: PyYAML, rdflib, owlrl, pySHACL"

    def ours() -> Run:
        with progress("nhskg build"), Clock() as clock:
            try:
                run_python("-m", "nhskg", "--project", str(project), "build")
            except RuntimeError as error:
                if not str(error).startswith("exit 1:"):  # of violations; the steps are the same
                    raise
        return {"seconds": clock.seconds}

    def theirs() -> Run:
        out = tempfile.TemporaryDirectory(dir=context.folder)
        with progress("plain_build.py"), out as folder, Clock() as clock:
            printed = run_python("benchmarks/plain_build.py", str(project), folder, timeout=1_800)
        return {"seconds": clock.seconds, **json.loads(printed)}

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


def _derived(project: Path) -> str:
    try:
        summary = open_published(Project.locate(project).build).summary
    except StoreError:
        return "violations, so nothing was written,"
    return str(summary["figures"]["triples derived"])


def why(context: Context) -> Iterator[Result]:
    """Measure the answer of ``why``, each time with a fresh compilation of the program."""
    sizes = context.sizes(1_000, 10_000, 100_000)
    first: tuple[float, ...] = ()
    for claims in sizes:
        store = _stored(context, claims)
        ours = tuple(_seconds(context, store, cell) for cell in _cells(store, context.rounds))
        first = first or ours
        yield Result(
            "proving",
            f"`why` of one cell, in process, {claims:,} claims",
            f"the same with {sizes[0]:,} claims",
            ours=ours,
            theirs=first,
            ratio=(median(ours) / median(first),),
            reads="times as long",
            note=f"{len(ours)} cells, of each basis; the longest took {max(ours):.2f} s",
        )


def _stored(context: Context, claims: int) -> ox.Store:
    """Return a store on disk, read-only as a built one, of a corpus with what follows from it."""
    folder = context.folder / f"store-{claims}"
    if not folder.exists():
        disk = ox.Store(str(folder))
        disk.bulk_extend(context.reasoned(claims))
        disk.optimize()
        del disk  # which closes it
    return ox.Store.read_only(str(folder))


def _cells(store: ox.Store, count: int) -> Iterator[Asked]:
    """Yield so many cells with an entry on each basis, spread over its entries."""
    for basis in ("SaysSo", "Suggested", "TakenAway", "NotAddressed", "ImpliedInForce"):
        query = f"""SELECT ?plan ?power ?holder ?matter {{
            ?entry nhs:basis nhs:{basis} ; nhs:underPlan ?plan ; nhs:power ?power ;
                nhs:holder ?holder ; nhs:matter ?matter }} ORDER BY ?entry ?matter"""
        rows = select(store, query)
        for n in range(min(count, len(rows))):
            yield Asked(*map(ox.NamedNode, rows[len(rows) * n // count].values()))


def _seconds(context: Context, store: ox.Store, cell: Asked) -> float:
    """Return what one question takes: read the rules, compile, prove, and render."""
    with Clock() as clock:
        explainer = Explainer(store, read_rule_texts(context.rules))
        assert render_text(summary_branches(explainer.explain_cell(cell), explainer))
    return clock.seconds


def dump(context: Context) -> Iterator[Result]:
    """Dump the five documents; with a size or all, synthetic corpora, writer by writer."""
    folder = context.project()
    nhskg = ("-m", "nhskg", "--project", str(folder))
    with progress("building the five documents, to dump them"):
        run_python(*nhskg, "build", "--quiet")
    yield compare(
        "dump",
        "`nhskg dump`, all files, process start to exit, the five documents",
        "`nhskg build` of them",
        (
            partial(time_python, *nhskg, "dump", "--out", str(folder / "dump")),
            partial(time_python, *nhskg, "build", "--quiet"),
        ),
        rounds=max(3, context.rounds),
        faster=False,
        goal=3,
    )
    peaks: dict[int, float] = {}
    goals = {"all files": 15, "reading, sorting, labelling": None, "write_tables": None}
    for claims in context.sizes(full=(10_000, 100_000)):
        _stored(context, claims)
        run = run_engine("dump", context.folder / f"store-{claims}", context.seeds.root)
        peaks[claims] = run["dump_mb"]
        for name, (seconds, cpu) in run["steps"].items():
            yield Result(
                "dump",
                f"a dump's {name}, {claims:,} claims",
                "the same quads as N-Quads by the store alone",
                ours=(seconds,),
                theirs=(run["seconds"],),
                ratio=(seconds / run["seconds"],),
                reads="times as long",
                goal=goals.get(name, 3),
                note=f"processor time {cpu:.3g} s against {run['cpu']:.3g} s",
            )
        first = next(iter(peaks))
        yield Result(
            "dump",
            f"peak memory of all files, {claims:,} claims",
            f"the same with {first:,} claims",
            ours=(peaks[claims],),
            theirs=(peaks[first],),
            ratio=(peaks[claims] / peaks[first],),
            reads="times the memory",
            unit="MB",
        )


def validate(context: Context) -> Iterator[Result]:
    """Validate graphs with what is derived in them, as ``nhskg validate`` does."""
    for claims in context.sizes(1_000, full=(10_000,)):
        file = context.folder / f"reasoned-{claims}.nq"
        ox.serialize(context.reasoned(claims), str(file), ox.RdfFormat.N_QUADS)
        ours, theirs = (
            partial(run_engine, name, file, rules=Path(context.seeds.shapes), limit=limit)
            for name, limit in (("shapes", None), ("pyshacl", context.limit))
        )
        yield compare(
            "validation",
            f"all shapes over the whole graph, {claims:,} claims",
            "pySHACL over the whole graph, the same shapes",
            (ours, theirs),
            goal=10 if claims == 10_000 else None,
            note="the graph reasoned over before; making rdflib's graph counts",
        )
