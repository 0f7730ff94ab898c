"""Run one reasoner, validator or loader over N-Quads files, in a process of its own.

``python -m benchmarks.engines NAME FILE… [--rules DIR]`` loads the files, runs the engine, and
prints seconds and memory as JSON. Each engine imports its library itself.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Final
from unittest.mock import patch

import pyoxigraph as ox

from benchmarks.measuring import Clock, Run
from nhskg.rdf import terms

if TYPE_CHECKING:
    from nhskg.reasoning.rules import RuleText

DERIVED: Final = ox.NamedNode(terms.DERIVED_GRAPH)


def _ran(clock: Clock, derived: int = 0, note: str = "", **more: Any) -> Run:
    """Return what a run took, what it derived, and the memory in use while that is held."""
    taken = {"seconds": clock.seconds, "cpu": clock.cpu, "resident_mb": resident()}
    return {**taken, "derived": derived, "note": note, **more}


def load(files: Iterable[Path]) -> ox.Store:
    """Bulk-load N-Quads files into a store in memory."""
    store = ox.Store()
    for path in files:
        store.bulk_load(path=str(path), format=ox.RdfFormat.N_QUADS)
    return store


def derive(store: ox.Store, rules: Path | None) -> Run:
    """Put what follows by OWL 2 RL, and by a folder of rules, into the derived graph."""
    import nhskg.reasoning.array_executor  # noqa: F401  # importing numpy is not reasoning
    from nhskg.reasoning.reasoner import CompiledEngine

    with Clock() as clock:
        found = CompiledEngine(_rules(rules)).derive(store, DERIVED)
    return _ran(clock, found.derived, inconsistencies=len(found.inconsistencies))


def digest(store: ox.Store) -> str:
    """Return a digest of the derived triples, whatever their order."""
    derived = sorted(str(q.triple) for q in store.quads_for_pattern(None, None, None, DERIVED))
    return hashlib.sha256("\n".join(derived).encode()).hexdigest()


def _rules(folder: Path | None) -> Sequence[RuleText]:
    from nhskg.reasoning.reasoner import read_rule_texts

    return read_rule_texts(folder) if folder else ()


def _ntriples(store: ox.Store) -> bytes:
    raw = ox.serialize({quad.triple for quad in store}, format=ox.RdfFormat.N_TRIPLES)
    assert raw is not None
    return raw


def run_load(files: Sequence[Path], _: Path | None) -> Run:
    """Bulk-load, and nothing else."""
    with Clock() as clock:
        store = load(files)
    return _ran(clock, note=f"{len(store)} quads")


def run_compiled(files: Sequence[Path], rules: Path | None, *, digested: bool = False) -> Run:
    """Reason with the compiled program; without rules, with the OWL part of it only."""
    store = load(files)
    run = derive(store, rules)
    return run | {"note": digest(store)} if digested else run


def run_sparql(files: Sequence[Path], rules: Path | None) -> Run:
    """Reason with the same program as SPARQL texts, which plans nothing."""
    from nhskg.reasoning.reasoner import reason
    from nhskg.reasoning.sparql_executor import EmbeddedStore, SparqlExecutor

    store = load(files)
    with Clock() as clock:
        found = reason(SparqlExecutor(EmbeddedStore(store)), _rules(rules), DERIVED)
    return _ran(clock, found.derived, digest(store))


def run_write(files: Sequence[Path], rules: Path | None) -> Run:
    """Put what the compiled program derives into a store of its own; reasoning is not counted."""
    store = load(files)
    derive(store, rules)
    derived = list(store.quads_for_pattern(None, None, None, DERIVED))
    with Clock() as clock:
        ox.Store().bulk_extend(derived)
    return _ran(clock, len(derived))


def run_owlrl(files: Sequence[Path], rules: Path | None) -> Run:
    """Reason with owlrl and the rules in turn, as the reference engine does, counting closures."""
    from owlrl import DeductiveClosure

    from nhskg.reasoning.owlrl_engine import OwlrlEngine

    store, engine = load(files), OwlrlEngine(_rules(rules), base=terms.BASE)
    expand = DeductiveClosure.expand
    counting = patch.object(DeductiveClosure, "expand", autospec=True, side_effect=expand)
    with counting as counted, Clock() as clock:
        found = engine.derive(store, DERIVED)
    return _ran(clock, found.derived, f"{counted.call_count} closures")


def run_owlrl_once(files: Sequence[Path], _: Path | None) -> Run:
    """Close an rdflib graph once with owlrl, without any rule of nhskg; parsing is not counted."""
    from owlrl import DeductiveClosure, OWLRL_Semantics
    from rdflib import Graph

    graph = Graph().parse(data=_ntriples(load(files)), format="nt")
    before = len(graph)
    closure = DeductiveClosure(OWLRL_Semantics, axiomatic_triples=False, datatype_axioms=False)
    with Clock() as clock:
        closure.expand(graph)
    return _ran(clock, len(graph) - before)


def run_reasonable(files: Sequence[Path], _: Path | None) -> Run:
    """Reason with reasonable; loading its file is not counted."""
    import rdflib  # noqa: F401  # reasonable hands out its terms; loading it is not reasoning
    import reasonable

    raw = _ntriples(load(files))
    path = files[0].with_suffix(".reasonable.ttl")
    path.write_bytes(raw)
    reasoner = reasonable.PyReasoner()
    reasoner.load_file(str(path))
    with Clock() as clock:
        found = reasoner.reason()
    return _ran(clock, len(found) - len(raw.splitlines()))


def run_pyshacl(files: Sequence[Path], shapes: Path) -> Run:
    """Validate with pySHACL, by all shapes of a folder; making rdflib's graph counts."""
    from pyshacl import validate
    from rdflib import Graph

    from benchmarks.plain_build import read_turtle

    by = read_turtle(shapes, "ontology-style.ttl")
    raw = _ntriples(load(files))
    with Clock() as clock:
        validate(Graph().parse(data=raw, format="nt"), shacl_graph=by, inplace=True)
    return _ran(clock)


def run_shapes(files: Sequence[Path], shapes: Path) -> Run:
    """Validate with nhskg, by all shapes of a folder."""
    from nhskg.shacl.shapes import load_shapes
    from nhskg.shacl.validation import validate_quads

    store = load(files)
    with Clock() as clock:
        found = validate_quads(store, load_shapes(shapes))
    return _ran(clock, note=f"{len(found)} findings")


def run_dump(files: Sequence[Path], _: Path | None) -> Run:
    """Dump a built store, whole and writer by writer, and by the store alone as N-Quads: timed."""
    from nhskg.project import Project
    from nhskg.release.description import write_description
    from nhskg.release.dump import WRITERS, compress, dump
    from nhskg.release.source import Source
    from nhskg.release.tables import write_tables

    store = ox.Store.read_only(str(files[0]))
    took: dict[str, tuple[float, float]] = {}
    most = 0.0
    with TemporaryDirectory(dir=files[0].parent) as folder:
        out, project = Path(folder), Project.locate(files[1])
        source = Source(project, store, scratch=out)
        (out / "files").mkdir()
        writers: list[Callable[[Source, Path], object]] = [*WRITERS, write_tables, compress]
        writers.append(write_description)
        steps: dict[str, Callable[[], object]] = {
            "all files": lambda: dump(Source(project, store), out / "dump"),
            "reading, sorting, labelling": source.files,
        }
        steps |= {each.__name__: partial(each, source, out / "files") for each in writers}
        for name, step in steps.items():
            with Clock() as clock:
                step()
            took[name] = (clock.seconds, clock.cpu)
            most = resident("VmHWM") if name == "all files" else most
        with Clock() as clock:
            store.dump(str(out / "plain.nq"), ox.RdfFormat.N_QUADS)
    return {**_ran(clock), "steps": took, "dump_mb": most}


ENGINES: Final[dict[str, Callable[..., Run]]] = {
    "arrays": partial(run_compiled, digested=True),
    "compiled": run_compiled,
    "dump": run_dump,
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
    words = Path("/proc/self/status").read_text("ascii").split()
    return int(words[words.index(f"{name}:") + 1]) / 1024


def main() -> None:
    """Run one engine and print what it needed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("engine", choices=sorted(ENGINES))
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--rules", type=Path, help="folder of rules, or of shapes")
    given = parser.parse_args()
    ran = ENGINES[given.engine](given.files, given.rules)
    json.dump({**ran, "peak_mb": resident("VmHWM")}, sys.stdout)


if __name__ == "__main__":
    main()
