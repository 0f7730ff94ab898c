"""Reasoning: the compiled program against owlrl, reasonable, and merely loading the data."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from benchmarks.context import Context
from benchmarks.generator import Settings
from benchmarks.measuring import Result, Run, compare, engine, exponent, run_engine

_LONG: Final = 100_000
_MILLION: Final = 1_000_000
_WHAT: Final = "OWL 2 RL and the rules, {:,} claims"
_LOAD_GOALS: Final = {_LONG: 1.8, _MILLION: 2.2}


def _files(context: Context, claims: int) -> tuple[Path, Path]:
    return context.asserted(Settings(claims)), context.ontology()


def _rounds(context: Context, claims: int) -> int:
    return context.rounds if claims <= 10_000 else 1


def reason_with_owlrl(context: Context) -> Iterator[Result]:
    """Measure the compiled program against owlrl, once with the rules and once without."""
    (claims,) = context.sizes(1_000)
    files, rules = _files(context, claims), context.rules
    what = _WHAT.format(claims)

    def ours() -> Run:
        # the median of five: one run of a fifth of a second says little beside minutes
        runs = [run_engine("compiled", *files, rules=rules) for _ in range(5)]
        return sorted(runs, key=lambda run: float(run["seconds"]))[2]

    yield compare(
        "reasoning",
        what,
        "owlrl, a single closure, none of the rules",
        (ours, engine("owlrl-once", *files)),
        note="a lower bound of the next line: ours runs the rules too",
    )
    against = "owlrl and the rules in turn (the reference engine)"
    if not context.full and context.size is None:
        why = "long, more than 25 minutes: python -m benchmarks owlrl --full"
        yield Result("reasoning", what, against, missing=why)
        return

    def note(mine: Run, other: Run) -> str:
        same = mine["derived"] == other["derived"]
        differs = "" if same else f", owlrl {other['derived']}"
        return f"{other['note']} by owlrl; derived {mine['derived']} triples{differs}"

    whole = engine("owlrl", *files, rules=rules, limit=context.limit)
    yield compare("reasoning", what, against, (ours, whole), goal=500, note=note)


def reason_with_reasonable(context: Context) -> Iterator[Result]:
    """Measure the OWL part of the compiled program against reasonable."""

    def note(mine: Run, other: Run) -> str:
        return (
            f"derived {mine['derived']} against {other['derived']}, which counts what "
            "is true of everything; loading is counted on neither side"
        )

    for claims in context.sizes(1_000, 10_000, full=(_LONG,)):
        files = _files(context, claims)
        yield compare(
            "reasoning",
            f"OWL 2 RL without the rules, {claims:,} claims",
            "reasonable, the rules of OWL 2 RL that it has",
            (engine("compiled", *files), engine("reasonable", *files)),
            rounds=_rounds(context, claims),
            note=note,
        )


def reason_and_load(context: Context) -> Iterator[Result]:
    """Measure the compiled program against bulk-loading what it reasons over."""
    for claims in context.sizes(1_000, 10_000, full=(_LONG, _MILLION)):
        yield _against_loading(context, Settings(claims))
    if context.size is None:
        yield _against_loading(context, Settings(10_000, stacked=0.3))


def _against_loading(context: Context, settings: Settings) -> Result:
    def note(mine: Run, other: Run) -> str:
        clashes = mine["inconsistencies"]
        also = f"; {clashes} inconsistencies" if clashes else ""
        return f"{other['note']}, {mine['derived']} derived{also}"

    asserted = context.asserted(settings)
    stacked = f", {settings.stacked:.0%} of proposals on another proposal"
    return compare(
        "reasoning",
        _WHAT.format(settings.claims) + (stacked if settings.stacked else ""),
        "bulk-loading the same asserted quads from N-Quads",
        (
            engine("compiled", asserted, context.ontology(), rules=context.rules),
            engine("load", asserted),
        ),
        rounds=_rounds(context, settings.claims),
        faster=False,
        goal=_LOAD_GOALS.get(settings.claims),
        note=note,
    )


def growth(context: Context) -> Iterator[Result]:
    """Measure how reasoning grows: the exponent of the power law through three sizes."""
    steps = (10_000, 30_000, _LONG) if context.full else (1_000, 3_000, 10_000)
    if context.size is not None:
        steps = (context.size, 2 * context.size, 4 * context.size)
    files = [_files(context, claims) for claims in steps]
    ours, loads = [], []
    for _ in range(2 if context.full else context.rounds):
        # in turn, so that what else the machine does meets both sides
        runs = [
            (run_engine("compiled", *pair, rules=context.rules), run_engine("load", pair[0]))
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
        files = _files(context, claims)
        alone = run_engine("load", *files)
        ours = run_engine("compiled", *files, rules=context.rules)
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
        files = _files(context, claims)
        yield compare(
            "executors",
            _WHAT.format(claims),
            "the same program as SPARQL texts on the same store",
            (
                engine("arrays", *files, rules=context.rules),
                engine("sparql", *files, rules=context.rules, limit=context.limit),
            ),
            note=note,
        )


def names(context: Context) -> Iterator[Result]:
    """Measure equality: 400 names of one thing against 100, by ``owl:sameAs`` in a row."""
    few, many = (_file(context, f"names-{n}.nq", _names(n)) for n in (100, 400))
    yield compare(
        "equality",
        "400 names of one thing with two properties",
        "100 names of it",
        (engine("compiled", many), engine("compiled", few)),
        rounds=context.rounds,
        faster=False,
        goal=20,
        note=lambda ours, other: (
            f"{ours['derived']:,} triples derived against {other['derived']:,}"
        ),
    )


def chain(context: Context) -> Iterator[Result]:
    """Measure recursion: a transitive chain of 1,000 edges against writing what follows."""
    file = _file(context, "chain.nq", _chain(1_000))
    yield compare(
        "recursion",
        "a transitive chain of 1,000 edges",
        "putting the triples that follow into a store",
        (engine("compiled", file), engine("write", file)),
        rounds=context.rounds,
        faster=False,
        goal=10,
        note=lambda ours, _: f"{ours['derived']:,} derived",
    )


def _file(context: Context, name: str, triples: Iterator[str]) -> Path:
    path = context.folder / name
    path.write_text("".join(f"{triple} <urn:x:g> .\n" for triple in triples), "utf-8")
    return path


def _names(number: int) -> Iterator[str]:
    for place in range(number - 1):
        yield f"<urn:x:{place}> <http://www.w3.org/2002/07/owl#sameAs> <urn:x:{place + 1}>"
    yield "<urn:x:0> <urn:x:p> <urn:x:v>"
    yield "<urn:x:w> <urn:x:q> <urn:x:3>"


def _chain(edges: int) -> Iterator[str]:
    kind = "http://www.w3.org/2002/07/owl#TransitiveProperty"
    yield f"<urn:x:p> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <{kind}>"
    for place in range(edges):
        yield f"<urn:x:{place}> <urn:x:p> <urn:x:{place + 1}>"
