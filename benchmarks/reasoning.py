"""Reasoning: the compiled program against owlrl, reasonable, and merely loading the data."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from benchmarks.context import Context
from benchmarks.engines import compiled_is_missing
from benchmarks.generator import Settings
from benchmarks.measuring import (
    Goal,
    Result,
    Spread,
    at_least,
    compare,
    exponent,
    unavailable,
)
from benchmarks.sides import Side, processor_note, run_engine

__all__ = [
    "agree",
    "chain",
    "growth",
    "memory",
    "names",
    "reason_and_load",
    "reason_with_owlrl",
    "reason_with_reasonable",
]

_LONG: Final = 100_000
_MILLION: Final = 1_000_000
_WHAT: Final = "OWL 2 RL and the rules, {:,} claims"
_OWLRL: Final = "owlrl and the rules in turn (the reference engine)"
_LOAD_GOALS: Final = {
    _LONG: Goal(1.8, at_least=False),
    _MILLION: Goal(2.2, at_least=False),
}
_ONCE: Final = "owlrl, a single closure, none of the rules"
_REASONABLE: Final = "reasonable, the rules of OWL 2 RL that it has"
_LOAD: Final = "bulk-loading the same asserted quads from N-Quads"


def _rounds(context: Context, claims: int) -> int:
    return context.rounds if claims <= 10_000 else 1


def reason_with_owlrl(context: Context) -> Iterator[Result]:
    """Measure the compiled program against owlrl, once with the rules and once without."""
    rules = context.seeds.ontology / "rules"
    missing = compiled_is_missing(rules)
    (claims,) = context.sizes(1_000)
    if missing:
        yield unavailable("reasoning", _WHAT.format(claims), _OWLRL, missing)
        return
    files = (context.asserted(Settings(claims)), context.ontology())
    ours = Side(lambda: _median_of_five("compiled", *files, rules=rules))
    once = Side(lambda: run_engine("owlrl-once", *files))
    yield compare(
        "reasoning",
        _WHAT.format(claims),
        _ONCE,
        (ours, once),
        rounds=1,
        faster=True,
        note="a lower bound of the next line: ours runs the rules too",
    )
    if not context.full and context.size is None:
        why = "long, more than 25 minutes: python -m benchmarks owlrl --full"
        yield unavailable("reasoning", _WHAT.format(claims), _OWLRL, why)
        return
    whole = Side(lambda: run_engine("owlrl", *files, rules=rules, limit=context.limit))
    found = compare(
        "reasoning",
        _WHAT.format(claims),
        _OWLRL,
        (ours, whole),
        rounds=1,
        faster=True,
        goal=Goal(500, at_least=True),
    )
    if whole.last.get("stopped"):
        yield at_least(found, context.limit)
        return
    same = ours.last["derived"] == whole.last["derived"]
    count = f"{ours.last['derived']} triples" + ("" if same else f", owlrl {whole.last['derived']}")
    yield replace(
        found, note=f"{whole.last['note']} by owlrl; derived {count}; {processor_note(ours, whole)}"
    )


def _median_of_five(engine: str, *files: Path, rules: Path) -> dict[str, Any]:
    """Run an engine five times: one run of a fifth of a second says little beside minutes."""
    runs = [run_engine(engine, *files, rules=rules) for _ in range(5)]
    return sorted(runs, key=lambda run: float(run["seconds"]))[2]


def reason_with_reasonable(context: Context) -> Iterator[Result]:
    """Measure the OWL part of the compiled program against reasonable."""
    missing = compiled_is_missing(context.seeds.ontology / "rules")
    for claims in context.sizes(1_000, 10_000, full=(_LONG,)):
        what = f"OWL 2 RL without the rules, {claims:,} claims"
        if missing:
            yield unavailable("reasoning", what, _REASONABLE, missing)
            continue
        files = (context.asserted(Settings(claims)), context.ontology())
        ours = Side(lambda files=files: run_engine("compiled", *files))  # type: ignore[misc]
        other = Side(lambda files=files: run_engine("reasonable", *files))  # type: ignore[misc]
        found = compare(
            "reasoning",
            what,
            _REASONABLE,
            (ours, other),
            rounds=_rounds(context, claims),
            faster=True,
        )
        note = (
            f"derived {ours.last['derived']} against {other.last['derived']}, which counts what "
            f"is true of everything; loading is counted on neither side; "
            f"{processor_note(ours, other)}"
        )
        yield replace(found, note=note)


def reason_and_load(context: Context) -> Iterator[Result]:
    """Measure the compiled program against bulk-loading what it reasons over."""
    rules = context.seeds.ontology / "rules"
    missing = compiled_is_missing(rules)
    for claims in context.sizes(1_000, 10_000, full=(_LONG, _MILLION)):
        if missing:
            yield unavailable("reasoning", _WHAT.format(claims), _LOAD, missing)
            continue
        yield _against_loading(context, Settings(claims), rules)
    if not missing and context.size is None:
        yield _against_loading(context, Settings(10_000, stacked=0.3), rules)


def _against_loading(context: Context, settings: Settings, rules: Path) -> Result:
    asserted = context.asserted(settings)
    ours = Side(lambda: run_engine("compiled", asserted, context.ontology(), rules=rules))
    other = Side(lambda: run_engine("load", asserted))
    what = _WHAT.format(settings.claims)
    if settings.stacked:
        what += f", {settings.stacked:.0%} of proposals on another proposal"
    found = compare(
        "reasoning",
        what,
        _LOAD,
        (ours, other),
        rounds=_rounds(context, settings.claims),
        faster=False,
        goal=_LOAD_GOALS.get(settings.claims),
    )
    clashes = ours.last["inconsistencies"]
    note = f"{other.last['note']}, {ours.last['derived']} derived; {processor_note(ours, other)}"
    return replace(found, note=note + (f"; {clashes} inconsistencies" if clashes else ""))


def growth(context: Context) -> Iterator[Result]:
    """Measure how reasoning grows: the exponent of the power law through three sizes."""
    rules = context.seeds.ontology / "rules"
    missing = compiled_is_missing(rules)
    steps = (10_000, 30_000, _LONG) if context.full else (1_000, 3_000, 10_000)
    if context.size is not None:
        steps = (context.size, 2 * context.size, 4 * context.size)
    what = f"growth of reasoning from {steps[0]:,} to {steps[-1]:,} claims"
    if missing:
        yield unavailable("reasoning", what, "growth in proportion (exponent 1)", missing)
        return
    files = {claims: context.asserted(Settings(claims)) for claims in steps}
    exponents: list[tuple[float, float]] = []
    for _ in range(2 if context.full else context.rounds):
        pairs = [
            (
                run_engine("compiled", files[claims], context.ontology(), rules=rules)["seconds"],
                run_engine("load", files[claims])["seconds"],
            )
            for claims in steps
        ]
        ours, load = zip(*pairs, strict=True)
        exponents.append((exponent(steps, ours), exponent(steps, load)))
    mine, loads = (Spread.of([pair[side] for pair in exponents]) for side in (0, 1))
    yield Result(
        "reasoning",
        what,
        "growth in proportion (exponent 1)",
        unit="exponent",
        ours=mine,
        theirs=loads,
        ratio=mine,
        reads="is the exponent",
        goal=Goal(1.1, at_least=False) if steps[-1] == _LONG else None,
        note="least squares over three sizes; beside it the exponent of loading alone, which "
        "shows what the machine adds",
    )


def memory(context: Context) -> Iterator[Result]:
    """Measure the greatest memory of a process that loads and reasons, against one that loads."""
    rules = context.seeds.ontology / "rules"
    missing = compiled_is_missing(rules)
    for claims in context.sizes(10_000, full=(_LONG, _MILLION)):
        what = f"peak memory of loading and reasoning, {claims:,} claims"
        if missing:
            yield unavailable("memory", what, "the loaded store alone", missing)
            continue
        files = (context.asserted(Settings(claims)), context.ontology())
        alone = run_engine("load", *files)
        ours = run_engine("compiled", *files, rules=rules)
        ratio = ours["peak_mb"] / alone["resident_mb"]
        yield Result(
            "memory",
            what,
            "the loaded store alone",
            unit="MB",
            ours=Spread.of([ours["peak_mb"]]),
            theirs=Spread.of([alone["resident_mb"]]),
            ratio=Spread.of([ratio]),
            reads="times the memory",
            goal=Goal(2, at_least=False) if claims == _LONG else None,
            note=f"fresh processes (VmHWM against VmRSS); reasoning {ours['seconds']:,.0f} s, "
            f"loading {alone['seconds']:,.0f} s, {alone['note']}, {ours['derived']} derived",
        )


def agree(context: Context) -> Iterator[Result]:
    """Compare, by digest, what the arrays derive with what the SPARQL texts derive."""
    rules = context.seeds.ontology / "rules"
    for claims in context.sizes(1_000, 10_000, full=(_LONG,)):
        files = (context.asserted(Settings(claims)), context.ontology())
        ours = Side(lambda files=files: run_engine("arrays", *files, rules=rules))  # type: ignore[misc]
        other = Side(
            lambda files=files: run_engine("sparql", *files, rules=rules, limit=context.limit)  # type: ignore[misc]
        )
        found = compare(
            "executors",
            _WHAT.format(claims),
            "the same program as SPARQL texts on the same store",
            (ours, other),
            rounds=1,
            faster=True,
        )
        if other.last.get("stopped"):
            yield at_least(found, context.limit)
            continue
        same = ours.last["note"] == other.last["note"]
        derived = f"{ours.last['derived']:,} triples"
        note = f"the same {derived}, by digest" if same else f"OTHER TRIPLES: {derived} differ"
        yield replace(found, note=f"{note}; {processor_note(ours, other)}")


def names(context: Context) -> Iterator[Result]:
    """Measure equality: 400 names of one thing against 100, by ``owl:sameAs`` in a row."""
    few, many = (_file(context, f"names-{n}.nq", _names(n)) for n in (100, 400))
    ours = Side(lambda: run_engine("compiled", many))
    other = Side(lambda: run_engine("compiled", few))
    found = compare(
        "equality",
        "400 names of one thing with two properties",
        "100 names of it",
        (ours, other),
        rounds=context.rounds,
        faster=False,
        goal=Goal(20, at_least=False),
    )
    derived = f"{ours.last['derived']:,} triples derived against {other.last['derived']:,}"
    yield replace(found, note=f"{derived}; {processor_note(ours, other)}")


def chain(context: Context) -> Iterator[Result]:
    """Measure recursion: a transitive chain of 1,000 edges against writing what follows."""
    file = _file(context, "chain.nq", _chain(1_000))
    ours, other = (
        Side(lambda: run_engine("compiled", file)),
        Side(lambda: run_engine("write", file)),
    )
    found = compare(
        "recursion",
        "a transitive chain of 1,000 edges",
        "putting the triples that follow into a store",
        (ours, other),
        rounds=context.rounds,
        faster=False,
        goal=Goal(10, at_least=False),
    )
    yield replace(found, note=f"{ours.last['derived']:,} derived; {processor_note(ours, other)}")


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
