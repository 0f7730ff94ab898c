"""Reasoning: the compiled program against owlrl, reasonable, and merely loading the data."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Final

from benchmarks.context import Context
from benchmarks.generator import Settings
from benchmarks.measuring import Run, Side, compare, exponent, run_engine
from benchmarks.results import Result
from nhskg.rdf.terms import OWL, RDF_TYPE

_LONG: Final = 100_000
_MILLION: Final = 1_000_000
_WHAT: Final = "OWL 2 RL and the rules, {:,} claims"
_LOAD_GOALS: Final = {_LONG: 1.8, _MILLION: 2.2}


def reason_with_owlrl(context: Context) -> Iterator[Result]:
    """Measure the compiled program against owlrl, once with the rules and once without."""
    (claims,) = context.sizes(1_000)
    files = context.files(claims)

    def ours() -> Run:
        # the median of five: one run of a fifth of a second says little beside minutes
        run = context.engine("compiled", *files)
        return sorted((run() for _ in range(5)), key=lambda each: float(each["seconds"]))[2]

    def note(mine: Run, other: Run) -> str:
        same = mine["derived"] == other["derived"]
        differs = "" if same else f", owlrl {other['derived']}"
        return f"{other['note']} by owlrl; derived {mine['derived']} triples{differs}"

    measure = partial(compare, "reasoning", _WHAT.format(claims))
    yield measure(
        "owlrl, a single closure, none of the rules",
        (ours, context.engine("owlrl-once", *files)),
        note="a lower bound of the next line: ours runs the rules too",
    )
    against = "owlrl and the rules in turn (the reference engine)"
    if context.full or context.size is not None:
        whole = partial(run_engine, "owlrl", *files, rules=context.rules, limit=context.limit)
        yield measure(against, (ours, whole), goal=500, note=note)
    else:
        missing = "long, more than 25 minutes: python -m benchmarks owlrl --full"
        yield Result("reasoning", _WHAT.format(claims), against, missing=missing)


def reason_with_reasonable(context: Context) -> Iterator[Result]:
    """Measure the OWL part of the compiled program against reasonable."""
    for claims in context.sizes(1_000, 10_000, full=(_LONG,)):
        names, files = ("compiled", "reasonable"), context.files(claims)
        ours, theirs = (context.engine(name, *files, rules=False) for name in names)
        yield compare(
            "reasoning",
            f"OWL 2 RL without the rules, {claims:,} claims",
            "reasonable, the rules of OWL 2 RL that it has",
            (ours, theirs),
            rounds=context.rounds_at(claims),
            note=lambda mine, other: (
                f"derived {mine['derived']} against {other['derived']}, which counts what "
                "is true of everything; loading is counted on neither side"
            ),
        )


def reason_and_load(context: Context) -> Iterator[Result]:
    """Measure the compiled program against bulk-loading what it reasons over."""

    def note(mine: Run, other: Run) -> str:
        clashes = mine["inconsistencies"]
        also = f"; {clashes} inconsistencies" if clashes else ""
        return f"{other['note']}, {mine['derived']} derived{also}"

    corpora = list(map(Settings, context.sizes(1_000, 10_000, full=(_LONG, _MILLION))))
    if context.size is None:
        corpora.append(Settings(10_000, stacked=0.3))
    for settings in corpora:
        asserted, (_, ontology) = context.asserted(settings), context.files(settings.claims)
        stacked = f", {settings.stacked:.0%} of proposals on another proposal"
        yield compare(
            "reasoning",
            _WHAT.format(settings.claims) + (stacked if settings.stacked else ""),
            "bulk-loading the same asserted quads from N-Quads",
            (context.engine("compiled", asserted, ontology), context.engine("load", asserted)),
            rounds=context.rounds_at(settings.claims),
            faster=False,
            goal=_LOAD_GOALS.get(settings.claims),
            note=note,
        )


def growth(context: Context) -> Iterator[Result]:
    """Measure how reasoning grows: the exponent of the power law through three sizes."""
    steps = (10_000, 30_000, _LONG) if context.full else (1_000, 3_000, 10_000)
    if context.size is not None:
        steps = (context.size, 2 * context.size, 4 * context.size)
    files = [context.files(claims) for claims in steps]
    ours, loads = [], []
    for _ in range(2 if context.full else context.rounds):
        # in turn, so that what else the machine does meets both sides
        runs = [
            (context.engine("compiled", *pair)(), context.engine("load", pair[0])())
            for pair in files
        ]
        ours.append(exponent(steps, [mine["seconds"] for mine, _ in runs]))
        loads.append(exponent(steps, [other["seconds"] for _, other in runs]))
    yield Result(
        "reasoning",
        f"growth of reasoning from {steps[0]:,} to {steps[-1]:,} claims",
        "growth in proportion (exponent 1)",
        unit="exponent",
        ours=tuple(ours),
        theirs=tuple(loads),
        ratio=tuple(ours),
        reads="is the exponent",
        goal=1.1 if steps[-1] == _LONG else None,
        note="least squares over three sizes; beside it the exponent of loading alone, which "
        "shows what the machine adds",
    )


def memory(context: Context) -> Iterator[Result]:
    """Measure the greatest memory of a process that loads and reasons, against one that loads."""
    for claims in context.sizes(10_000, full=(_LONG, _MILLION)):
        files = context.files(claims)
        alone, ours = (context.engine(name, *files)() for name in ("load", "compiled"))
        yield Result(
            "memory",
            f"peak memory of loading and reasoning, {claims:,} claims",
            "the loaded store alone",
            unit="MB",
            ours=(ours["peak_mb"],),
            theirs=(alone["resident_mb"],),
            ratio=(ours["peak_mb"] / alone["resident_mb"],),
            reads="times the memory",
            goal=2 if claims == _LONG else None,
            note=f"fresh processes (VmHWM against VmRSS); reasoning {ours['seconds']:,.0f} s, "
            f"loading {alone['seconds']:,.0f} s, {alone['note']}, {ours['derived']} derived",
        )


def compare_executors(context: Context) -> Iterator[Result]:
    """Compare, by digest, what the arrays derive with what the SPARQL texts derive."""

    def note(mine: Run, other: Run) -> str:
        derived = f"{mine['derived']:,} triples"
        same = mine["note"] == other["note"]
        return f"the same {derived}, by digest" if same else f"OTHER TRIPLES: {derived} differ"

    for claims in context.sizes(1_000, 10_000, full=(_LONG,)):
        files = context.files(claims)
        theirs = partial(run_engine, "sparql", *files, rules=context.rules, limit=context.limit)
        yield compare(
            "executors",
            _WHAT.format(claims),
            "the same program as SPARQL texts on the same store",
            (context.engine("arrays", *files), theirs),
            note=note,
        )


def names(context: Context) -> Iterator[Result]:
    """Measure equality: 400 names of one thing against 100, by ``owl:sameAs`` in a row."""
    two_properties = ["<urn:x:0> <urn:x:p> <urn:x:v>", "<urn:x:w> <urn:x:q> <urn:x:3>"]
    ours, theirs = (
        _engine(context, "compiled", [*_row(f"{OWL}sameAs", n - 1), *two_properties])
        for n in (400, 100)
    )
    yield compare(
        "equality",
        "400 names of one thing with two properties",
        "100 names of it",
        (ours, theirs),
        rounds=context.rounds,
        faster=False,
        goal=20,
        note=lambda mine, other: (
            f"{mine['derived']:,} triples derived against {other['derived']:,}"
        ),
    )


def chain(context: Context) -> Iterator[Result]:
    """Measure recursion: a transitive chain of 1,000 edges against writing what follows."""
    triples = [f"<urn:x:p> <{RDF_TYPE}> <{OWL}TransitiveProperty>", *_row("urn:x:p", 1_000)]
    yield compare(
        "recursion",
        "a transitive chain of 1,000 edges",
        "putting the triples that follow into a store",
        (_engine(context, "compiled", triples), _engine(context, "write", triples)),
        rounds=context.rounds,
        faster=False,
        goal=10,
        note=lambda ours, _: f"{ours['derived']:,} derived",
    )


def _row(predicate: str, edges: int) -> list[str]:
    return [f"<urn:x:{place}> <{predicate}> <urn:x:{place + 1}>" for place in range(edges)]


def _engine(context: Context, name: str, triples: list[str]) -> Side:
    path = context.folder / f"triples-{len(triples)}.nq"
    path.write_text("".join(f"{triple} <urn:x:g> .\n" for triple in triples), "utf-8")
    return context.engine(name, path, rules=False)
