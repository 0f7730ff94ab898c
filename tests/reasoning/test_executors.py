"""The two executors derive the same from whole corpora."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pyoxigraph as ox
import pytest
from benchmarks.generator import Settings, quads

from nhskg.annotation.reader import read_corpus
from nhskg.graph.mapping import map_corpus, map_ontology
from nhskg.project import Project
from nhskg.reasoning.array_executor import ArrayExecutor
from nhskg.reasoning.reasoner import read_rule_texts, reason
from nhskg.reasoning.sparql_executor import EmbeddedStore, SparqlExecutor
from nhskg.vocabulary import load_vocabulary

ROOT = Path(__file__).parents[2]
SEEDS = Project.locate(ROOT)
BARCHESTER = Project.locate(ROOT / "tests" / "corpora" / "barchester")
DERIVED = ox.NamedNode("urn:x:derived")


def corpus(project: Project) -> list[ox.Quad]:
    return list(map_corpus(read_corpus(project, load_vocabulary(project.ontology))))


CORPORA = {
    "the five documents": lambda: corpus(SEEDS),
    "Barchester": lambda: corpus(BARCHESTER),
    "synthetic, with proposals on proposals": lambda: list(quads(Settings(100, stacked=0.5))),
}


def derived(store: ox.Store) -> set[ox.Triple]:
    return {quad.triple for quad in store.quads_for_pattern(None, None, None, DERIVED)}


def stores(given: Iterable[ox.Quad]) -> tuple[ox.Store, ox.Store]:
    one, two = ox.Store(), ox.Store()
    one.extend([*given, *map_ontology(SEEDS.ontology)])
    two.extend(one)
    return one, two


@pytest.mark.parametrize("name", CORPORA)
def test_arrays_and_sparql_derive_the_same(name: str) -> None:
    rules = read_rule_texts(SEEDS.ontology / "rules")
    one, two = stores(CORPORA[name]())
    graphs = set(one.named_graphs())
    on_arrays = reason(ArrayExecutor(one), rules, DERIVED)
    by_sparql = reason(SparqlExecutor(EmbeddedStore(two)), rules, DERIVED)
    assert derived(one) == derived(two)
    assert on_arrays.derived == by_sparql.derived == len(derived(one)) > 100
    assert on_arrays.inconsistencies == by_sparql.inconsistencies
    for store in (one, two):  # nothing that only serves reasoning is left
        assert set(store.named_graphs()) == {*graphs, DERIVED}
        assert not any("urn:nhskg:" in str(quad) for quad in store)
