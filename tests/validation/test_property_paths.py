"""Property paths of SHACL, from RDF to SPARQL syntax and back to RDF."""

from __future__ import annotations

import re

import pytest
from pyoxigraph import NamedNode, RdfFormat, parse
from pyshacl.helper.path_helper import shacl_path_to_sparql_path
from pyshacl.shapes_graph import ShapesGraph
from rdflib import Graph, URIRef

from nhskg.rdf.paths import PropertyPath, TripleIndex, bracketed
from nhskg.rdf.terms import PREFIXES
from tests.cases import cases

HEAD = "".join(f"@prefix {name}: <{iri}> .\n" for name, iri in PREFIXES.items())
S, P = NamedNode("urn:s"), NamedNode("urn:p")


def read(text: str) -> PropertyPath | None:
    raw = f"{HEAD}<{S.value}> <{P.value}> {text} ."
    graph = TripleIndex(each.triple for each in parse(input=raw, format=RdfFormat.TURTLE))
    return PropertyPath.from_rdf(graph, graph.values(S, P.value)[0])


@cases("validation/paths.yaml")
def test_a_path_is_read_and_written(case: list[str | None]) -> None:
    path = read(str(case[0]))
    assert path is not None
    assert str(path) == case[1]
    first = path.first_predicate
    assert (first and bracketed(first.value)) == case[2]
    node, triples = path.to_rdf()
    assert PropertyPath.from_rdf(TripleIndex(triples), node) == path
    data = "".join(f"{each.subject} {each.predicate} {each.object} .\n" for each in triples)
    graph = Graph().parse(data=f"{S} {P} {node} .\n{data}", format="nt")
    (found,) = graph.objects(URIRef(S.value), URIRef(P.value))
    full = path.text(lambda iri: f"<{iri}>")
    theirs = shacl_path_to_sparql_path(ShapesGraph(graph), found)
    # pySHACL writes brackets and spaces where none are needed
    assert re.sub(r"[() ]", "", theirs) == re.sub(r"[() ]", "", full)


@pytest.mark.parametrize("text", ["'a'", "[ sh:minCount 1 ]", "( nhs:a 'b' )", "_:x"])
def test_what_is_no_path_is_none(text: str) -> None:
    loop = "_:x sh:inversePath _:x" if text == "_:x" else "<urn:a> <urn:b> <urn:c>"
    assert read(f"{text} . {loop}") is None


def test_one_path_has_one_label_wherever_it_is() -> None:
    path = read("( nhs:a [ sh:inversePath nhs:b ] )")
    assert path is not None
    node, _ = path.parts[1].to_rdf()
    assert node in {each.object for each in path.to_rdf()[1]}
