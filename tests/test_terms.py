"""Terms of released versions: each is declared still, or deprecated with what takes its place."""

from __future__ import annotations

import gzip
import re
from pathlib import Path
from typing import Final

import pyoxigraph as ox
import pytest

from nhskg.graph.mapping import map_ontology
from nhskg.graph.store import open_published
from nhskg.project import Project
from nhskg.rdf.lines import read_rdf
from nhskg.rdf.terms import DCTERMS, NS, OWL, RDFS, SKOS

ROOT: Final = Path(__file__).parents[1]
DEPRECATED: Final = ROOT / "ontology" / "deprecated.ttl"
RELEASED: Final = sorted((ROOT / "tests" / "data" / "releases").glob("*/*.nq.gz"))


@pytest.fixture(scope="module")
def said() -> dict[str, dict[str, list[str]]]:
    """What the file says of each term: values by predicate."""
    found: dict[str, dict[str, list[str]]] = {}
    for s, p, o in read_rdf(DEPRECATED).triples:
        assert isinstance(s, ox.NamedNode)
        assert isinstance(o, ox.NamedNode | ox.Literal)
        found.setdefault(s.value, {}).setdefault(p.value, []).append(o.value)
    return found


@pytest.fixture(scope="module")
def gone(said: dict[str, dict[str, list[str]]]) -> set[str]:
    return {term for term, values in said.items() if values.get(OWL + "deprecated") == ["true"]}


@pytest.fixture(scope="module")
def declared() -> set[str]:
    subjects = {quad.subject for quad in map_ontology(ROOT / "ontology")}
    return {each.value for each in subjects if isinstance(each, ox.NamedNode)}


@pytest.mark.parametrize("path", RELEASED, ids=lambda path: f"{path.parent.name}-{path.name}")
def test_a_term_once_released_is_declared_or_deprecated(
    path: Path, declared: set[str], gone: set[str]
) -> None:
    used = set(re.findall(rf"<({NS}[^>]+)>", gzip.decompress(path.read_bytes()).decode("utf-8")))
    assert used & gone
    assert used - gone <= declared


def test_a_deprecated_term_is_described_and_leads_to_what_takes_its_place(
    said: dict[str, dict[str, list[str]]], declared: set[str], gone: set[str]
) -> None:
    names = re.findall(r"^nhs:(\w+)", DEPRECATED.read_text("utf-8"), re.MULTILINE)
    assert names == sorted(set(names))
    assert len(gone) > 20
    assert not gone & declared
    for term, values in said.items():
        (note,) = values[SKOS + "changeNote"]
        assert {NS + name for name in re.findall(r"nhs:(\w+)", note)} <= declared | gone, note
        if term not in gone:
            assert term in declared
            assert list(values) == [SKOS + "changeNote"]
            continue
        assert len(values[SKOS + "prefLabel"]) == len(values[SKOS + "definition"]) == 1
        assert values[RDFS + "isDefinedBy"] == [NS.removesuffix("#")]
        successors = values.get(DCTERMS + "isReplacedBy", [])
        assert set(successors) <= declared
        assert bool(successors) != note.startswith("Dropped"), note


def test_nothing_uses_a_deprecated_term(real: Project, gone: set[str]) -> None:
    """No quad of the built graph, and no rule, query, shape or alignment."""
    names = "|".join(term.removeprefix(NS) for term in sorted(gone))
    use = re.compile(rf"(?:nhs:|{NS})({names})\b(?!-)")
    assert use.search("?claim nhs:stanceOf ?who")
    assert not use.search("?claim nhs:subject ?who")
    for folder, pattern in (("ontology", "*.*"), ("queries", "*.rq"), ("shapes", "*.ttl")):
        for path in (ROOT / folder).rglob(pattern):
            found = path != DEPRECATED and use.search(path.read_text("utf-8"))
            assert not found, f"{path.name}: {found}"
    for quad in open_published(real.build).open():
        assert not use.search(str(quad.triple)), quad
