"""With the ontology and the project's rules, both engines derive the same from every case.

The cases of ``tests/rules`` keep to names of their own, so all are reasoned over in one store, once
by each engine; owlrl needs half a minute of processor time for that, and five for one at a time.
That what follows is right is told case by case in ``tests/test_ontology.py``.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import pyoxigraph as ox
import pytest

from nhskg.rdf.sparql.algebra import TYPE
from nhskg.rdf.terms import BASE, NS, RDFS
from nhskg.reasoning.owlrl_engine import OwlrlEngine
from nhskg.reasoning.reasoner import CompiledEngine, Engine, read_rule_texts

ROOT = Path(__file__).resolve().parents[2]
ONTOLOGY = ROOT / "ontology"
CASES = sorted((ROOT / "tests" / "rules").glob("*.ttl"))
GIVEN = ox.NamedNode("https://w3id.org/nhskg/test/given")
DERIVED = ox.NamedNode("https://w3id.org/nhskg/test/derived")
SKOS = "http://www.w3.org/2004/02/skos/core#"
WORDS = (
    NS + "counterExample",
    RDFS + "isDefinedBy",
    *(SKOS + name for name in ("prefLabel", "altLabel", "definition", "notation")),
    *(SKOS + name for name in ("scopeNote", "example", "note")),
)
"""What the ontology says in words; rules read the other properties of its concept schemes."""


def given(cases: Sequence[Path] = CASES) -> ox.Store:
    """Return the ontology that is reasoned over, without its words, and cases."""
    store = ox.Store()
    for path in (*ONTOLOGY.glob("*.ttl"), *cases):
        if path.name != "align.ttl":
            store.load(path=path, to_graph=GIVEN)
    for quad in list(store):
        if quad.predicate.value in WORDS:
            store.remove(quad)
    return store


def derived(engine: Engine) -> set[ox.Triple]:
    store = given()
    done = engine.derive(store, DERIVED)
    assert done.inconsistencies == ()
    found = {quad.triple for quad in store.quads_for_pattern(None, None, None, DERIVED)}
    return set(filter(OwlrlEngine([], base=BASE).is_about_base, found))


@pytest.fixture(scope="module")
def by_compiler() -> set[ox.Triple]:
    return derived(CompiledEngine(read_rule_texts(ONTOLOGY / "rules")))


@pytest.fixture(scope="module")
def by_owlrl() -> set[ox.Triple]:
    return derived(OwlrlEngine(read_rule_texts(ONTOLOGY / "rules"), base=BASE))


def of_case(triples: set[ox.Triple], number: str) -> set[ox.Triple]:
    name = re.compile(rf"/s{number}[-/.]")
    return {triple for triple in triples if name.search(str(triple))}


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_the_engines_agree_on_a_case(
    path: Path, by_compiler: set[ox.Triple], by_owlrl: set[ox.Triple]
) -> None:
    number = path.stem[:2]
    expected = of_case(by_owlrl, number)
    assert expected
    assert of_case(by_compiler, number) == expected


def test_the_engines_agree_on_the_whole(
    by_compiler: set[ox.Triple], by_owlrl: set[ox.Triple]
) -> None:
    """No triple is left that belongs to no case."""
    assert by_compiler == by_owlrl


def test_a_circle_of_baselines_has_an_end() -> None:
    """It is refused where annotations are read, and by shape L-04; rules meet it all the same."""
    circle = """
        @prefix c: <https://w3id.org/nhskg/id/> .
        @prefix k: <https://w3id.org/nhskg/id/claim/> .
        @prefix nhs: <https://w3id.org/nhskg/ns#> .
        c:one a nhs:Proposal ; nhs:baseline c:two .
        c:two a nhs:Proposal ; nhs:baseline c:three .
        c:three a nhs:Proposal ; nhs:baseline c:one .
        c:board a nhs:Organisation . c:plans a nhs:Matter .
        k:give a nhs:Provision ; nhs:provisionOf c:one ; nhs:action nhs:Confer ;
            nhs:power nhs:SignOff ; nhs:matter c:plans ; nhs:toBody c:board ;
            nhs:modality nhs:Would ."""
    store = given(())
    store.load(circle.encode(), format=ox.RdfFormat.TURTLE, to_graph=GIVEN)
    CompiledEngine(read_rule_texts(ONTOLOGY / "rules")).derive(store, DERIVED)
    holdings = store.quads_for_pattern(None, TYPE, ox.NamedNode(NS + "Holding"), DERIVED)
    under = {str(quad.subject).rsplit("/", 1)[-1].split(".")[0] for quad in holdings}
    assert under == {"one", "two", "three"}
