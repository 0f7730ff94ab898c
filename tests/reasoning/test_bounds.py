"""What would take all memory, or never end, is refused in one line, with the place of its rule."""

from __future__ import annotations

import itertools
from pathlib import Path

import pyoxigraph as ox
import pytest

from nhskg.rdf.sparql.algebra import ProgramError
from nhskg.rdf.terms import OWL, RDFS
from nhskg.reasoning import expressions, relations, schema, triple_arrays
from nhskg.reasoning.inference import infer
from nhskg.reasoning.reasoner import CompiledEngine
from nhskg.reasoning.rules import RuleText

PRODUCT = "#+ title: all\nCONSTRUCT { ?a <urn:x> ?d }\nWHERE { ?a <urn:p> ?b . ?c <urn:p> ?d }"
GROWING = (
    "CONSTRUCT { ?a <urn:p> ?c } WHERE { ?a <urn:p> ?b . "
    "BIND(IRI(CONCAT(STR(?b), STR(?b))) AS ?c) }"
)
SUB_CLASS = RDFS + "subClassOf"


def chain(length: int, predicate: str = "urn:p") -> list[ox.Quad]:
    nodes = [ox.NamedNode(f"urn:n{number}") for number in range(length + 1)]
    return [ox.Quad(nodes[n], ox.NamedNode(predicate), nodes[n + 1]) for n in range(length)]


def derive(quads: list[ox.Quad], folder: Path, *texts: str) -> set[ox.Triple]:
    rules = []
    for number, text in enumerate(texts):
        path = folder / f"rule{number}.rq"
        path.write_text(text)
        rules.append(RuleText(text, path.stem, str(path)))
    return set(infer(quads, CompiledEngine(rules)).triples)


def test_a_product_of_patterns_is_refused_before_it_is_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert len(derive(chain(30), tmp_path, PRODUCT)) == 900
    monkeypatch.setattr(relations, "MOST_ROWS", 800)
    with pytest.raises(
        ProgramError, match=r": a step of its join has 900 rows, more than 800; "
    ) as e:
        derive(chain(30), tmp_path, PRODUCT)
    assert e.value.place == (tmp_path / "rule0.rq", 3, None)


def test_a_term_that_grows_without_end_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(expressions, "MOST_LETTERS", 1_000)
    with pytest.raises(ProgramError, match="a term of more than 1,000 letters; let it make") as e:
        derive(chain(1), tmp_path, GROWING)
    assert e.value.place == (tmp_path / "rule0.rq", 1, None)


def test_more_derived_triples_than_the_bound_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    property_ = ox.Quad(*ox.Triple(ox.NamedNode("urn:p"), *map(ox.NamedNode, TRANSITIVE)))
    assert len(derive([*chain(50), property_], tmp_path)) == 50 * 49 / 2
    monkeypatch.setattr(triple_arrays, "MOST_DERIVED", 1_000)
    with pytest.raises(ProgramError, match="more than 1,000 triples follow; give less"):
        derive([*chain(50), property_], tmp_path)


TRANSITIVE = ("http://www.w3.org/1999/02/22-rdf-syntax-ns#type", OWL + "TransitiveProperty")


def test_more_subsumptions_than_the_bound_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert len(derive(chain(50, SUB_CLASS), tmp_path)) == 50 * 49 / 2
    monkeypatch.setattr(schema, "MOST_SUBSUMPTIONS", 1_000)
    with pytest.raises(ProgramError, match="more than 1,000 subsumptions of classes"):
        derive(chain(50, SUB_CLASS), tmp_path)


def test_classes_below_each_other_are_equivalent(tmp_path: Path) -> None:
    ring = [*chain(2, SUB_CLASS), ox.Quad(*map(ox.NamedNode, ("urn:n2", SUB_CLASS, "urn:n0")))]
    found = derive(ring, tmp_path)
    assert sum(each.predicate.value == OWL + "equivalentClass" for each in found) == 6


def test_expressions_that_share_their_parts_are_not_unfolded(tmp_path: Path) -> None:
    nodes = [ox.BlankNode(f"b{number}") for number in range(20)]
    predicates = ox.NamedNode(OWL + "complementOf"), ox.NamedNode(OWL + "equivalentClass")
    quads = [ox.Quad(a, p, b) for a, b in itertools.pairwise(nodes) for p in predicates]
    assert not derive(quads, tmp_path)
