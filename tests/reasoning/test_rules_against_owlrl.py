"""With the ontology and the project's rules, both engines derive the same.

Cases of ``tests/rules`` keep to names of their own, so several are reasoned over in one store, once
by each engine. As owlrl is slow, they are some that have every kind of conclusion, and those in
which nothing is to be concluded; with ``HYPOTHESIS_PROFILE=explore`` they are all.
``tests/test_ontology.py`` states what must follow, case by case.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

import pyoxigraph as ox

from nhskg.graph.mapping import PUBLISHED_ONLY
from nhskg.rdf.sparql.algebra import TYPE
from nhskg.rdf.terms import BASE, NS, RDFS, SKOS
from nhskg.reasoning.owlrl_engine import OwlrlEngine
from nhskg.reasoning.reasoner import CompiledEngine, Engine, read_rule_texts

ROOT = Path(__file__).resolve().parents[2]
ONTOLOGY = ROOT / "ontology"
RULES = read_rule_texts(ONTOLOGY / "rules")
CHOSEN = "(19|25|26|30|32|33|62|69|72)-|.*-(no|not|barred)\\b"
GIVEN = ox.NamedNode("https://w3id.org/nhskg/test/given")
DERIVED = ox.NamedNode("https://w3id.org/nhskg/test/derived")


def given(*cases: Path) -> ox.Store:
    """Return the ontology, without labels and notes, and cases."""
    store = ox.Store()
    for path in (*ONTOLOGY.glob("*.ttl"), *cases):
        if path.name not in PUBLISHED_ONLY:
            store.load(path=path, to_graph=GIVEN)
    for quad in list(store):
        name = quad.predicate.value
        is_note = name.startswith(SKOS) and isinstance(quad.object, ox.Literal)
        if is_note or name in {NS + "counterExample", NS + "participle", RDFS + "isDefinedBy"}:
            store.remove(quad)
    return store


def derived(engine: Engine, cases: list[Path]) -> set[ox.Triple]:
    store = given(*cases)
    done = engine.derive(store, DERIVED)
    assert done.inconsistencies == ()
    found = {quad.triple for quad in store.quads_for_pattern(None, None, None, DERIVED)}
    return set(filter(OwlrlEngine([], base=BASE).is_about_base, found))


def kinds(triples: set[ox.Triple]) -> set[tuple[str, str]]:
    """Return the properties, and the classes, of which there is something."""
    return {(t.predicate.value, str(t.object) if t.predicate == TYPE else "") for t in triples}


def test_the_engines_agree() -> None:
    every = sorted((ROOT / "tests" / "rules").glob("*.ttl"))
    is_all = os.environ.get("HYPOTHESIS_PROFILE") == "explore"
    cases = [path for path in every if is_all or re.match(CHOSEN, path.stem)]
    assert kinds(derived(CompiledEngine(RULES), cases)) == kinds(
        derived(CompiledEngine(RULES), every)
    )
    by_compiler = derived(CompiledEngine(RULES), cases)
    assert by_compiler == derived(OwlrlEngine(RULES, base=BASE), cases)
    reached = set(re.findall(r"/s(\d\d)[-/.]", " ".join(map(str, by_compiler))))
    assert reached == {path.stem[:2] for path in cases}


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
    store = given()
    store.load(circle.encode(), format=ox.RdfFormat.TURTLE, to_graph=GIVEN)
    CompiledEngine(RULES).derive(store, DERIVED)
    holdings = store.quads_for_pattern(None, TYPE, ox.NamedNode(NS + "Holding"), DERIVED)
    under = {str(quad.subject).rsplit("/", 1)[-1].split(".")[0] for quad in holdings}
    assert under == {"one", "two", "three"}
