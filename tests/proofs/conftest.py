"""The explainer of our own corpus, and a way to compare with what is kept in golden/."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pyoxigraph as ox
import pytest

from nhskg.explain.explaining import Explainer
from nhskg.graph.store import open_published
from nhskg.project import Project
from nhskg.rdf import terms
from nhskg.reasoning.reasoner import choose_executor, read_rule_texts, reason
from tests.oracles.proof_checker import ProofChecker

GOLDEN = Path(__file__).parent / "golden"
Asker = Callable[..., tuple[int, str, str]]


@pytest.fixture(autouse=True)
def _no_texts_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the texts of the shipped corpus, and the terminal at hand, out of the answers."""
    monkeypatch.delenv("NHSKG_TEXTS", raising=False)
    monkeypatch.delenv("COLUMNS", raising=False)


def explainer_of(project: Project) -> Explainer:
    store = open_published(project.build).open()
    return Explainer(store, read_rule_texts(project.ontology / "rules"))


@pytest.fixture(scope="session")
def explainer(built: Project) -> Explainer:
    return explainer_of(built)


@pytest.fixture(scope="session")
def checker(built: Project, explainer: Explainer) -> ProofChecker:
    return ProofChecker(explainer.facts.store, Path(built.ontology / "rules"))


def derived(store: ox.Store) -> list[ox.Triple]:
    """All derived triples of a store, in order."""
    graph = ox.NamedNode(terms.DERIVED_GRAPH)
    return sorted({q.triple for q in store.quads_for_pattern(None, None, None, graph)}, key=str)


EX = "https://example.org/"


def closed(turtle: str) -> ox.Store:
    """A store of some Turtle and what OWL derives from it."""
    store = ox.Store()
    prefixes = {"": EX, "owl": terms.OWL, "rdf": terms.RDF, "rdfs": terms.RDFS}
    head = "".join(f"@prefix {prefix}: <{iri}> . " for prefix, iri in prefixes.items())
    graph = ox.NamedNode(EX + "graph")
    for quad in ox.parse(head + turtle, format=ox.RdfFormat.TURTLE):
        store.add(ox.Quad(quad.subject, quad.predicate, quad.object, graph))
    reason(choose_executor(store, ()), (), ox.NamedNode(terms.DERIVED_GRAPH))
    return store


def assert_golden(path: Path, text: str) -> None:
    """Compare with a file; NHSKG_GOLDEN=write writes it anew, to be read before a commit."""
    if os.environ.get("NHSKG_GOLDEN") == "write":
        path.write_text(text, "utf-8")
    assert text == path.read_text("utf-8")


@pytest.fixture
def ask(built: Project, capsys: pytest.CaptureFixture[str]) -> Asker:
    """Run a command on our own corpus: exit code, what it printed, what it said."""
    from nhskg.cli import main

    def run(*arguments: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as ended:
            main(["--project", str(built.root), *arguments])
        out, err = capsys.readouterr()
        return int(ended.value.code or 0), out, err

    return run
