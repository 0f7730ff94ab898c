"""What is inferred before validating is what pySHACL infers; contradictions are findings."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pyshacl
import pytest
from rdflib import SH, Graph, Literal

from nhskg.building.entailment import entail
from nhskg.shacl.validation import validate_rdf
from tests.cli.runner import nhskg

HEAD = """\
@prefix ex: <https://example.org/> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""
SHAPES = f"""{HEAD}
ex:S a sh:NodeShape ; sh:targetClass ex:A ; sh:targetSubjectsOf ex:q ; sh:nodeKind sh:BlankNode ;
    sh:property [ sh:path ex:q ; sh:minCount 2 ; sh:datatype xsd:byte ] ;
    sh:property [ sh:path ex:r ; sh:class ex:A ; sh:hasValue ex:none ] ;
    sh:property [ sh:path [ sh:alternativePath ( rdf:type ex:r ) ] ; sh:qualifiedMaxCount 0 ;
        sh:qualifiedValueShape [ sh:in ( ex:A ex:x ) ] ] .
"""
Found = set[tuple[str, str]]


def findings(tmp_path: Path, data: str, regime: str | None) -> Found:
    """Return focus node and constraint component of each result."""
    paths = tmp_path / "data.ttl", tmp_path / "shapes.ttl"
    for path, text in zip(paths, (f"{HEAD}{data}", SHAPES), strict=True):
        path.write_text(text)
    given = partial(entail, regime=regime) if regime else None
    report = validate_rdf(paths[:1], paths[1:], entail=given)
    return {(str(each.focus), each.component or each.rule) for each in report.findings}


@pytest.mark.parametrize("regime", ["rdfs", "owl-rl"])
@pytest.mark.parametrize(
    "data",
    [
        "ex:B rdfs:subClassOf ex:C . ex:C rdfs:subClassOf ex:A . ex:x a ex:B .",
        "ex:o rdfs:subPropertyOf ex:p . ex:p rdfs:subPropertyOf ex:q . ex:x ex:o 1 , ex:y .",
        "ex:p rdfs:domain ex:A ; rdfs:range ex:B . ex:x ex:p ex:y , 5 . ex:B rdfs:subClassOf ex:A.",
        'ex:p rdfs:subPropertyOf ex:q . ex:x ex:p "01"^^xsd:byte , "2"^^xsd:byte , 300 .',
        "ex:A rdfs:subClassOf ex:B . ex:B rdfs:subClassOf ex:A . ex:x a ex:B ; ex:r ex:y .",
        "ex:p owl:inverseOf ex:q . ex:x ex:p ex:y . ex:y a ex:A .",
        "ex:q a owl:TransitiveProperty . ex:x ex:q ex:y . ex:y ex:q ex:z .",
        "ex:B owl:equivalentClass ex:A . ex:x a ex:B . ex:y a ex:A .",
        "ex:x owl:sameAs ex:y . ex:y a ex:A ; ex:r ex:x .",
        """ex:B owl:equivalentClass [ owl:onProperty ex:p ; owl:hasValue 1 ] ; rdfs:subClassOf ex:A.
        ex:x ex:p 1 .""",
    ],
)
def test_results_are_those_of_pyshacl_with_inference(
    tmp_path: Path, regime: str, data: str
) -> None:
    found = findings(tmp_path, data, regime)
    engine = "owlrl" if regime == "owl-rl" else regime
    _, report, _ = pyshacl.validate(
        Graph().parse(data=HEAD + data, format="turtle"),
        shacl_graph=Graph().parse(data=SHAPES, format="turtle"),
        inference=engine,
    )
    assert isinstance(report, Graph)
    expected = {
        (
            str(report.value(each, SH.focusNode)),
            str(report.value(each, SH.sourceConstraintComponent)),
        )
        for each in report.objects(None, SH.result)
        # pySHACL has literals as subjects, which no RDF has
        if not isinstance(report.value(each, SH.focusNode), Literal)
    }
    assert found == expected
    if "owl:" not in data or regime == "owl-rl":
        assert found != findings(tmp_path, data, None), "something is inferred"


def test_blank_nodes_and_literals_are_those_of_the_data(tmp_path: Path) -> None:
    data = """ex:p rdfs:subPropertyOf ex:q . ex:x ex:p _:b , "007"^^xsd:byte , 7 .
    _:b ex:p "+7"^^xsd:byte ."""
    path, shapes = tmp_path / "data.ttl", tmp_path / "shapes.ttl"
    path.write_text(HEAD + data)
    shapes.write_text(
        f"{HEAD}ex:S sh:targetSubjectsOf ex:q ; sh:property [ sh:path ex:q ; sh:nodeKind sh:IRI ] ."
    )
    found = validate_rdf([path], [shapes], entail=partial(entail, regime="rdfs")).findings
    blank = next(str(each.focus) for each in found if str(each.focus).startswith("_:"))
    told = {(each.focus, each.value) for each in found}
    assert told >= {("https://example.org/x", blank), (blank, "+7")}
    assert told - {("https://example.org/x", blank), (blank, "+7")} <= {
        ("https://example.org/x", each) for each in ("007", "7")
    }


def test_a_contradiction_is_a_finding_by_owl_and_not_by_rdfs(tmp_path: Path) -> None:
    (tmp_path / "shapes.ttl").write_text(f"{HEAD}ex:S sh:targetClass ex:A ; sh:nodeKind sh:IRI .")
    (tmp_path / "data.ttl").write_text(
        f"{HEAD}ex:A owl:disjointWith ex:B .\nex:p rdfs:domain ex:A .\nex:x a ex:B ; ex:p 1 .\n"
    )
    arguments = ("validate", "--data", "data.ttl", "--shapes", "shapes.ttl", "--inference")
    assert nhskg(*arguments, "rdfs", cwd=tmp_path).stdout == ""
    done = nhskg(*arguments, "owl-rl", cwd=tmp_path)
    triples = "ex:x rdf:type ex:A . ex:x rdf:type ex:B; by ex:A owl:disjointWith ex:B"
    message = f"these cannot all be true: {triples}; correct the data, or the axiom that forbids it"
    expected = f"data.ttl:9:6: violation: {message} [owl-cax-dw]\n"
    assert (done.exit_code, done.stdout) == (1, expected)
