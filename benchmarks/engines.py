"""What can reason or load, each as a function of files: run here, or in a fresh process.

``python -m benchmarks.engines NAME FILE… [--rules DIR]`` loads N-Quads files, runs one engine,
and prints seconds and memory as JSON: what a process needs that does nothing else.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from importlib import util
from pathlib import Path
from typing import Final

import pyoxigraph as ox

from benchmarks.measuring import Clock
from nhskg import terms

__all__ = ["ENGINES", "Ran", "compiled_is_missing", "load", "resident"]

DERIVED: Final = ox.NamedNode(terms.DERIVED_GRAPH)


@dataclass(frozen=True, slots=True)
class Ran:
    """What one run of an engine took, in seconds, and what it derived.

    ``resident_mb`` is the memory in use while the result still stands.
    """

    seconds: float
    derived: int
    inconsistencies: int = 0
    note: str = ""
    resident_mb: float = 0.0


def load(files: Sequence[Path]) -> ox.Store:
    """Bulk-load N-Quads files into a store in memory."""
    store = ox.Store()
    for path in files:
        store.bulk_load(path=str(path), format=ox.RdfFormat.N_QUADS)
    return store


def run_load(files: Sequence[Path], _: Path | None) -> Ran:
    """Bulk-load, and nothing else."""
    with Clock() as clock:
        store = load(files)
    return Ran(clock.seconds, 0, 0, f"{len(store)} quads", resident())


def run_compiled(files: Sequence[Path], rules: Path | None) -> Ran:
    """Reason with the compiled program; without rules, with the OWL part of it only."""
    from nhskg.reasoning.domain import RuleText
    from nhskg.reasoning.reasoner import reason
    from nhskg.reasoning.stores import EmbeddedStore

    paths = sorted(rules.glob("*.rq")) if rules else []
    store = load(files)
    with Clock() as clock:
        texts = [RuleText(path.read_text("utf-8"), path.stem, str(path)) for path in paths]
        outcome = reason(EmbeddedStore(store), texts, DERIVED)
    derived = sum(1 for _ in store.quads_for_pattern(None, None, None, DERIVED))
    clashes = len(outcome.inconsistencies)
    return Ran(clock.seconds, derived, clashes, f"{outcome.passes} passes", resident())


def run_owlrl(files: Sequence[Path], rules: Path | None) -> Ran:
    """Reason with owlrl and the rules in turn, as the reference engine does.

    Each stratum of rules runs on pyoxigraph, then owlrl closes the whole graph, until neither
    adds anything: one closure at the start, and one or more for each stratum.
    """
    from nhskg.reasoning import owlrl_engine

    store = load(files)
    closures = 0
    close = owlrl_engine._closure  # noqa: SLF001  # counted, not changed

    def counted(triples: set[ox.Triple]) -> set[ox.Triple]:
        nonlocal closures
        closures += 1
        return close(triples)

    owlrl_engine._closure = counted  # noqa: SLF001
    try:
        engine = owlrl_engine.OwlrlEngine(owlrl_engine.read_rules(rules) if rules else [])
        with Clock() as clock:
            found = engine.derive(store, DERIVED)
    finally:
        owlrl_engine._closure = close  # noqa: SLF001
    return Ran(clock.seconds, found.derived, len(found.inconsistencies), f"{closures} closures")


def run_owlrl_once(files: Sequence[Path], _: Path | None) -> Ran:
    """Close an rdflib graph once with owlrl, without any rule of nhskg; parsing is not counted."""
    import owlrl
    from rdflib import Graph

    graph = Graph()
    raw = ox.serialize((quad.triple for quad in load(files)), format=ox.RdfFormat.N_TRIPLES)
    assert raw is not None
    graph.parse(data=raw, format="nt")
    before = len(graph)
    with Clock() as clock:
        owlrl.DeductiveClosure(
            owlrl.OWLRL_Semantics, axiomatic_triples=False, datatype_axioms=False
        ).expand(graph)
    return Ran(clock.seconds, len(graph) - before)


def run_reasonable(files: Sequence[Path], _: Path | None) -> Ran:
    """Reason with reasonable; loading its file is not counted."""
    import reasonable

    raw = ox.serialize((quad.triple for quad in load(files)), format=ox.RdfFormat.N_TRIPLES)
    assert raw is not None
    path = files[0].with_suffix(".reasonable.ttl")
    path.write_bytes(raw)
    before = len(raw.splitlines())
    del raw
    reasoner = reasonable.PyReasoner()
    reasoner.load_file(str(path))
    with Clock() as clock:
        found = reasoner.reason()
    return Ran(clock.seconds, len(found) - before)


ENGINES: Final[dict[str, Callable[[Sequence[Path], Path | None], Ran]]] = {
    "compiled": run_compiled,
    "load": run_load,
    "owlrl": run_owlrl,
    "owlrl-once": run_owlrl_once,
    "reasonable": run_reasonable,
}


def compiled_is_missing(rules: Path) -> str:
    """Return why the compiled engine cannot run the rules; nothing where it can."""
    if util.find_spec("nhskg.reasoning.reasoner") is None:
        return "not available yet: there is no compiled engine"
    from nhskg.errors import NhskgError

    try:
        from nhskg.reasoning.domain import RuleText
        from nhskg.reasoning.reasoner import reason
        from nhskg.reasoning.stores import EmbeddedStore

        paths = sorted(rules.glob("*.rq"))
        texts = [RuleText(path.read_text("utf-8"), path.stem, str(path)) for path in paths]
        store = ox.Store()
        _put_ontology(store, rules.parent)
        reason(EmbeddedStore(store), texts, DERIVED)
    except (ImportError, TypeError, AttributeError, NhskgError) as error:
        return f"not available yet: {str(error).splitlines()[0][:200]}"
    return ""


def _put_ontology(store: ox.Store, folder: Path) -> None:
    from nhskg.graph.mapping import map_ontology

    store.extend(map_ontology(folder))


def resident(name: str = "VmRSS") -> float:
    """Return a figure of this process's memory in MB: ``VmRSS`` now, ``VmHWM`` at its highest."""
    for line in Path("/proc/self/status").read_text("ascii").splitlines():
        if line.startswith(name + ":"):
            return int(line.split()[1]) / 1024
    raise LookupError(name)


def main(argv: Sequence[str] | None = None) -> int:
    """Run one engine and print what it needed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("engine", choices=sorted(ENGINES))
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--rules", type=Path)
    given = parser.parse_args(argv)
    ran = ENGINES[given.engine](given.files, given.rules)
    print(json.dumps({**asdict(ran), "peak_mb": resident("VmHWM")}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
