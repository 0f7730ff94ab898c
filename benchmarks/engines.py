"""Run one reasoner, validator or loader over N-Quads files, in a process of its own.

``python -m benchmarks.engines NAME FILE… [--rules DIR]`` loads the files, runs the engine, and
prints seconds and memory as JSON: what a process needs that does nothing else.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Final
from unittest.mock import patch

import pyoxigraph as ox

from benchmarks.measuring import Clock, Run
from nhskg.rdf import terms

DERIVED: Final = ox.NamedNode(terms.DERIVED_GRAPH)


def _ran(clock: Clock, derived: int = 0, note: str = "", **more: Any) -> Run:
    """Return what a run took, what it derived, and the memory in use while that is held."""
    memory = resident()
    taken = {"seconds": clock.seconds, "cpu": clock.cpu, "resident_mb": memory}
    return {**taken, "derived": derived, "note": note, **more}


def load(files: Sequence[Path]) -> ox.Store:
    """Bulk-load N-Quads files into a store in memory."""
    store = ox.Store()
    for path in files:
        store.bulk_load(path=str(path), format=ox.RdfFormat.N_QUADS)
    return store


def run_load(files: Sequence[Path], _: Path | None) -> Run:
    """Bulk-load, and nothing else."""
    with Clock() as clock:
        store = load(files)
    return _ran(clock, note=f"{len(store)} quads")


def run_compiled(files: Sequence[Path], rules: Path | None, *, digested: bool = False) -> Run:
    """Reason with the compiled program; without rules, with the OWL part of it only."""
    import nhskg.reasoning.array_executor  # noqa: F401  # importing numpy is not reasoning
    from nhskg.reasoning.reasoner import CompiledEngine, read_rule_texts

    store = load(files)
    with Clock() as clock:
        engine = CompiledEngine(read_rule_texts(rules) if rules else ())
        found = engine.derive(store, DERIVED)
    note = digest(store) if digested else ""
    return _ran(clock, found.derived, note, inconsistencies=len(found.inconsistencies))


def run_sparql(files: Sequence[Path], rules: Path | None) -> Run:
    """Reason with the same program as SPARQL texts, which plans nothing."""
    from nhskg.reasoning.reasoner import read_rule_texts, reason
    from nhskg.reasoning.sparql_executor import EmbeddedStore, SparqlExecutor

    store = load(files)
    with Clock() as clock:
        executor = SparqlExecutor(EmbeddedStore(store))
        found = reason(executor, read_rule_texts(rules) if rules else (), DERIVED)
    return _ran(clock, found.derived, digest(store))


def digest(store: ox.Store) -> str:
    """Return a digest of the derived triples, whatever their order."""
    found = hashlib.sha256()
    for line in sorted(str(q.triple) for q in store.quads_for_pattern(None, None, None, DERIVED)):
        found.update(line.encode() + b"\n")
    return found.hexdigest()


def run_write(files: Sequence[Path], rules: Path | None) -> Run:
    """Put what the compiled program derives into a store of its own; reasoning is not counted."""
    from nhskg.reasoning.reasoner import CompiledEngine, read_rule_texts

    store = load(files)
    CompiledEngine(read_rule_texts(rules) if rules else ()).derive(store, DERIVED)
    derived = list(store.quads_for_pattern(None, None, None, DERIVED))
    with Clock() as clock:
        ox.Store().bulk_extend(derived)
    return _ran(clock, len(derived))


def run_owlrl(files: Sequence[Path], rules: Path | None) -> Run:
    """Reason with owlrl and the rules in turn, as the reference engine does.

    Each stratum of rules runs on pyoxigraph, then owlrl closes the whole graph, until neither
    adds anything: one closure at the start, and one or more for each stratum.
    """
    from owlrl import DeductiveClosure

    from nhskg.rdf.terms import BASE
    from nhskg.reasoning.owlrl_engine import OwlrlEngine
    from nhskg.reasoning.reasoner import read_rule_texts

    store = load(files)
    engine = OwlrlEngine(read_rule_texts(rules) if rules else [], base=BASE)
    expand = DeductiveClosure.expand
    counting = patch.object(DeductiveClosure, "expand", autospec=True, side_effect=expand)
    with counting as counted, Clock() as clock:
        found = engine.derive(store, DERIVED)
    return _ran(clock, found.derived, f"{counted.call_count} closures")


def run_owlrl_once(files: Sequence[Path], _: Path | None) -> Run:
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
    return _ran(clock, len(graph) - before)


def run_reasonable(files: Sequence[Path], _: Path | None) -> Run:
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
    return _ran(clock, len(found) - before)


def run_pyshacl(files: Sequence[Path], rules: Path | None) -> Run:
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
    return _ran(clock)


def run_shapes(files: Sequence[Path], rules: Path | None) -> Run:
    """Validate with nhskg, by all shapes of a folder."""
    from nhskg.shacl.shapes import load_shapes
    from nhskg.shacl.validation import validate_quads

    assert rules is not None
    store = load(files)
    with Clock() as clock:
        found = validate_quads(store, load_shapes(rules))
    return _ran(clock, note=f"{len(found)} findings")


ENGINES: Final[dict[str, Callable[[Sequence[Path], Path | None], Run]]] = {
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
    print(json.dumps({**ran, "peak_mb": resident("VmHWM")}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
