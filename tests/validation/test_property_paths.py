"""Property paths in SPARQL syntax become the RDF that SHACL describes them with."""

from __future__ import annotations

import pytest
from pyoxigraph import NamedNode, Triple
from pyshacl.helper.path_helper import shacl_path_to_sparql_path
from pyshacl.shapes_graph import ShapesGraph
from rdflib import Graph, URIRef

from nhskg.rdf.paths import PathSyntaxError, path_triples

PATHS = [
    "nhs:claimant",
    "^nhs:claimant",
    "nhs:baseline*",
    "nhs:baseline+",
    "nhs:baseline?",
    "oa:hasSelector/oa:start",
    "oa:start|oa:end|oa:exact",
    "^(oa:hasSelector/oa:start)",
    "(nhs:toBody|^nhs:fromBody)/skos:broader*",
]


def plain(triple: Triple) -> str:
    return f"{triple.subject} {triple.predicate} {triple.object} ."


@pytest.mark.parametrize("path", PATHS)
def test_a_path_is_read_back_by_pyshacl(path: str) -> None:
    node, triples = path_triples(path)
    data = "\n".join(plain(each) for each in triples)
    graph = Graph().parse(data=f"<urn:s> <urn:p> {node} .\n{data}", format="nt")
    (found,) = graph.objects(URIRef("urn:s"), URIRef("urn:p"))
    again = shacl_path_to_sparql_path(ShapesGraph(graph), found)
    assert path_triples(again) == (node, triples)


def test_a_plain_property_needs_no_triples() -> None:
    assert path_triples("<https://example.org/p>") == (NamedNode("https://example.org/p"), [])


@pytest.mark.parametrize(
    "text", ["", "class", "subjects of", "nhs:a nhs:b", "(nhs:a", "nhs:a/", "odd:a", "!nhs:a", "a|"]
)
def test_what_is_no_path_is_refused(text: str) -> None:
    with pytest.raises(PathSyntaxError):
        path_triples(text)


def test_one_path_has_one_label_wherever_it_stands() -> None:
    first, _ = path_triples("^nhs:a")
    _, triples = path_triples("nhs:b/^nhs:a")
    assert any(each.object == first for each in triples)
