"""What can reason or load, each as a function of files: run here, or in a fresh process.

``python -m benchmarks.engines NAME FILE… [--rules DIR]`` loads N-Quads files, runs one engine,
and prints seconds and memory as JSON: what a process needs that does nothing else.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from importlib import util
from pathlib import Path
from typing import Final

import pyoxigraph as ox

from benchmarks.measuring import Clock
from nhskg.rdf import terms

__all__ = ["ENGINES", "Ran", "compiled_is_missing", "load", "resident"]

DERIVED: Final = ox.NamedNode(terms.DERIVED_GRAPH)


@dataclass(frozen=True, slots=True)
class Ran:
    """What one run of an engine took, and what it derived.

    Attributes:
        seconds: wall time.
        cpu: time of the processor, which a busy machine does not lengthen as much; more than
            wall time where several threads work.
        derived: number of new triples.
        inconsistencies: number of clashes.
        note: anything else to be told.
        resident_mb: the memory in use while the result still stands.
    """

    seconds: float
    cpu: float
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
    return Ran(clock.seconds, clock.cpu, 0, 0, f"{len(store)} quads", resident())


def run_compiled(files: Sequence[Path], rules: Path | None, *, digested: bool = False) -> Ran:
    """Reason with the compiled program; without rules, with the OWL part of it only."""
    import nhskg.reasoning.array_executor  # noqa: F401  # importing numpy is not reasoning
    from nhskg.reasoning.engine import CompiledEngine, read_rule_texts

    store = load(files)
    with Clock() as clock:
        engine = CompiledEngine(read_rule_texts(rules) if rules else ())
        found = engine.derive(store, DERIVED)
    clashes = len(found.inconsistencies)
    note = digest(store) if digested else ""
    return Ran(clock.seconds, clock.cpu, found.derived, clashes, note, resident())


def run_sparql(files: Sequence[Path], rules: Path | None) -> Ran:
    """Reason with the same program as SPARQL texts, which plans nothing."""
    from nhskg.reasoning.engine import read_rule_texts
    from nhskg.reasoning.reasoner import reason
    from nhskg.reasoning.sparql_executor import SparqlExecutor
    from nhskg.reasoning.stores import EmbeddedStore

    store = load(files)
    with Clock() as clock:
        executor = SparqlExecutor(EmbeddedStore(store))
        found = reason(executor, read_rule_texts(rules) if rules else (), DERIVED)
    clashes = len(found.inconsistencies)
    return Ran(clock.seconds, clock.cpu, found.derived, clashes, digest(store), resident())


def digest(store: ox.Store) -> str:
    """Return a digest of the derived triples, whatever their order."""
    found = hashlib.sha256()
    for line in sorted(str(q.triple) for q in store.quads_for_pattern(None, None, None, DERIVED)):
        found.update(line.encode() + b"\n")
    return found.hexdigest()


def run_write(files: Sequence[Path], rules: Path | None) -> Ran:
    """Put what the compiled program derives into a store of its own; reasoning is not counted."""
    from nhskg.reasoning.engine import CompiledEngine, read_rule_texts

    store = load(files)
    CompiledEngine(read_rule_texts(rules) if rules else ()).derive(store, DERIVED)
    derived = list(store.quads_for_pattern(None, None, None, DERIVED))
    with Clock() as clock:
        ox.Store().bulk_extend(derived)
    return Ran(clock.seconds, clock.cpu, len(derived))


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
    clashes = len(found.inconsistencies)
    return Ran(clock.seconds, clock.cpu, found.derived, clashes, f"{closures} closures")


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
    return Ran(clock.seconds, clock.cpu, len(graph) - before)


def run_reasonable(files: Sequence[Path], _: Path | None) -> Ran:
    """Reason with reasonable; loading its file is not counted."""
    import rdflib  # noqa: F401  # reasonable hands out its terms; loading it is not reasoning
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
    return Ran(clock.seconds, clock.cpu, len(found) - before)


def run_pyshacl(files: Sequence[Path], rules: Path | None) -> Ran:
    """Validate with pySHACL, by all shapes of a folder; making rdflib's graph counts."""
    from pyshacl import validate
    from rdflib import Graph

    assert rules is not None
    shapes = Graph()
    for path in sorted(rules.glob("*.ttl")):
        if path.name != "ontology-style.ttl":
            shapes.parse(path, format="turtle")
    store = load(files)
    raw = ox.serialize({quad.triple for quad in store}, format=ox.RdfFormat.N_TRIPLES)
    assert raw is not None
    with Clock() as clock:
        data = Graph().parse(data=raw, format="nt")
        validate(data, shacl_graph=shapes, inplace=True)
    return Ran(clock.seconds, clock.cpu, 0)


def run_shapes(files: Sequence[Path], rules: Path | None) -> Ran:
    """Validate with nhskg, by all shapes of a folder."""
    from nhskg.shacl.validation import validate_graph

    assert rules is not None
    store = load(files)
    with Clock() as clock:
        found = validate_graph(store, rules)
    return Ran(clock.seconds, clock.cpu, 0, note=f"{len(found)} findings")


ENGINES: Final[dict[str, Callable[[Sequence[Path], Path | None], Ran]]] = {
    "arrays": partial(run_compiled, digested=True),
    "compiled": run_compiled,
    "load": run_load,
    "owlrl": run_owlrl,
    "owlrl-once": run_owlrl_once,
    "pyshacl": run_pyshacl,
    "reasonable": run_reasonable,
    "shapes": run_shapes,
    "sparql": run_sparql,
    "write": run_write,
}


def compiled_is_missing(rules: Path) -> str:
    """Return why the compiled engine cannot run the rules; nothing where it can."""
    if util.find_spec("nhskg.reasoning.engine") is None:
        return "not available yet: there is no compiled engine"
    from nhskg.graph.mapping import map_ontology
    from nhskg.rdf.errors import NhskgError

    try:
        from nhskg.reasoning.engine import CompiledEngine, read_rule_texts

        store = ox.Store()
        store.extend(map_ontology(rules.parent))
        CompiledEngine(read_rule_texts(rules)).derive(store, DERIVED)
    except (ImportError, TypeError, AttributeError, NhskgError) as error:
        return f"not available yet: {str(error).splitlines()[0][:200]}"
    return ""


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
    parser.add_argument("--rules", type=Path, help="folder of rules, or of shapes")
    given = parser.parse_args(argv)
    ran = ENGINES[given.engine](given.files, given.rules)
    print(json.dumps({**asdict(ran), "peak_mb": resident("VmHWM")}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
