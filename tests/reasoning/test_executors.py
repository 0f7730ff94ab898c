"""The two executors derive the same from whole corpora, and the project's rules run on arrays."""

from __future__ import annotations

from pathlib import Path

import pyoxigraph as ox
import pytest
from benchmarks.generator import Settings, quads

from nhskg.annotation.reader import read_corpus
from nhskg.graph.mapping import map_corpus, map_ontology
from nhskg.project import Project
from nhskg.reasoning.array_executor import ArrayExecutor
from nhskg.reasoning.program import compile_program
from nhskg.reasoning.reasoner import choose_executor, read_rule_texts
from nhskg.reasoning.rules import run_on_arrays
from nhskg.vocabulary import load_vocabulary

from .test_running import DERIVED, reason_twice

ROOT = Path(__file__).parents[2]
SEEDS = Project.locate(ROOT)
RULES = read_rule_texts(SEEDS.ontology / "rules")


def corpus(project: Project) -> list[ox.Quad]:
    return list(map_corpus(read_corpus(project, load_vocabulary(project.ontology))))


CORPORA = {
    "the five documents": lambda: corpus(SEEDS),
    "Barchester": lambda: corpus(Project.locate(ROOT / "tests" / "corpora" / "barchester")),
    "synthetic, with proposals on proposals": lambda: list(quads(Settings(100, stacked=0.5))),
}


@pytest.mark.parametrize("name", CORPORA)
def test_arrays_and_sparql_derive_the_same(name: str) -> None:
    store = ox.Store()
    store.extend([*CORPORA[name](), *map_ontology(SEEDS.ontology)])
    graphs = set(store.named_graphs())
    assert isinstance(choose_executor(store, RULES), ArrayExecutor)
    assert reason_twice(store, RULES).derived > 100
    # nothing that only serves reasoning is left
    assert set(store.named_graphs()) == {*graphs, DERIVED}
    assert not any("urn:nhskg:" in str(quad) for quad in store)


def test_all_rules_that_axioms_compile_to_run_on_arrays() -> None:
    store = ox.Store()
    for path in sorted((ROOT / "tests" / "reasoning" / "tables").glob("*.ttl")):
        store.load(path.read_bytes(), format=ox.RdfFormat.TURTLE)
    store.extend(map_ontology(SEEDS.ontology))
    program = compile_program(store)
    assert len(program.rules) > 300
    assert run_on_arrays([*program.rules, *program.checks])
