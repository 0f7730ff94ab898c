"""The graph as JSON-LD: the same quads, in the terms of the table of fields and of the ontology."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from pyoxigraph import BlankNode, Literal, NamedNode, Quad, RdfFormat, Store, parse
from tests.conftest import HERE, build
from tests.release.test_readers import by_rdflib, canonical

from nhskg.graph.mapping import PREDICATES
from nhskg.graph.store import open_published
from nhskg.project import Project
from nhskg.rdf import terms
from nhskg.rdf.terms import ID, NS, RDF_TYPE, RDFS, SCHEMA, SKOS, XSD
from nhskg.release.json_ld import write_json_ld
from nhskg.release.source import Source

GRAPH = NamedNode(terms.GRAPH + "made-up")


def read(path: Path) -> set[Quad]:
    return set(parse(path=str(path), format=RdfFormat.JSON_LD))


def nodes(folder: Path) -> list[dict[str, Any]]:
    """Return the node objects of all graphs."""
    text = json.loads((folder / "nhskg.jsonld").read_text("utf-8"))
    return [each for graph in text["@graph"] for each in graph["@graph"]]


def test_it_says_what_the_n_quads_say(dumped_small: Path) -> None:
    """Literals as they are written, and blank nodes of the ontology by the same labels."""
    quads = set(parse(path=str(dumped_small / "nhskg.nq"), format=RdfFormat.N_QUADS))
    assert read(dumped_small / "nhskg.jsonld") == quads
    assert len({quad.graph_name for quad in quads}) > 4
    assert any(isinstance(quad.subject, BlankNode) for quad in quads)


def test_of_a_corpus_with_a_base_and_an_ontology_of_its_own(tmp_path: Path) -> None:
    root = shutil.copytree(HERE / "corpora" / "ferries", tmp_path / "ferries")
    try:
        project = build(Project.locate(root))
        source = Source(project, open_published(project.build).open())
        write_json_ld(source, tmp_path)
        quads = set(source.quads())
        found = nodes(tmp_path)
    finally:
        terms.use_base()
    assert read(tmp_path / "nhskg.jsonld") == quads
    assert by_rdflib(tmp_path / "nhskg.jsonld", tmp_path) == canonical(quads)
    context = json.loads((tmp_path / "context.jsonld").read_text("utf-8"))["@context"]
    assert context["id"] == "https://example.org/ferries/id/"
    assert context["License"] == {"@id": "https://example.org/ferry#License"}
    assert any(each.get("power") == "License" for each in found)


def test_the_context_that_is_published_is_that_of_the_file(dumped_small: Path) -> None:
    published = json.loads((dumped_small / "context.jsonld").read_text("utf-8"))
    inside = json.loads((dumped_small / "nhskg.jsonld").read_text("utf-8"))
    assert inside["@context"] == published["@context"]
    assert published.keys() == {"@context"}
    assert published["@context"]["@version"] == 1.1


def test_its_terms_are_the_fields_of_the_table_and_the_names_of_the_ontology(
    dumped_small: Path, built: Project
) -> None:
    context = json.loads((dumped_small / "context.jsonld").read_text("utf-8"))["@context"]
    for name, (iri, form) in PREDICATES.items():
        shared = [each for each, of in PREDICATES.items() if of == (iri, form) and each != name]
        if not shared:
            assert context[name.rstrip("_")]["@id"] == iri, name
    declared = {
        quad.subject.value
        for quad in Source(built, open_published(built.build).open()).quads("ontology")
        if isinstance(quad.subject, NamedNode) and quad.subject.value.startswith(NS)
    }
    named = {each["@id"] for each in context.values() if isinstance(each, dict)}
    assert len(declared) > 200
    assert declared <= named
    assert context["number"] == {"@id": SCHEMA + "value", "@type": XSD + "integer"}
    assert not {"amount", "share"} & context.keys(), "which of the two a decimal is, is not told"
    assert context["claimant"] == {"@id": NS + "claimant", "@type": "@vocab"}
    assert context["label"] == {"@id": SKOS + "prefLabel", "@language": "en"}
    assert context["rdfs:label"] == {"@id": RDFS + "label", "@language": "en"}
    assert context["start"]["@type"] == XSD + "integer"


def test_a_node_reads_as_its_annotation(dumped_small: Path) -> None:
    """Names in place of IRIs, and plain values; of what is derived of it, in another graph."""
    name = "id:claim/gazette-boards/board-draws-up-plans"
    found = [each for each in nodes(dumped_small) if each["@id"] == name]
    assert any("EffectiveProvision" in each.get("@type", ()) for each in found), "derived"
    (annotated,) = (each for each in found if "evidence" in each)
    assert annotated.items() >= READ.items()
    named = [each for each in nodes(dumped_small) if each["@id"] == f"{name}/evidence/1/quote"]
    assert {key for each in named for key in each} == {
        "@id",
        "@type",
        "quote",
        "label",
        "rdfs:label",
    }
    assert all(isinstance(each, str) for node in named for each in node.values())


READ = {
    "@type": "Provision",
    "action": "Transfer",
    "from": "id:netherby-group",
    "to": "id:county-board",
    "gate": "id:boards-ready",
    "matter": "id:local-plans",
    "modality": "Should",
    "power": "DrawUpPlan",
    "plan": "id:hiram-report",
}


WORDS = 'a "quoted"\nline, \\ and \N{SLIGHTLY SMILING FACE}'
ODD: list[tuple[str, str, NamedNode | Literal]] = [
    ("nhs", NS + "claimant", NamedNode(ID + "label")),
    ("nhs", NS + "claimant", NamedNode(ID + "time")),
    ("nhs", NS + "claimant", NamedNode(NS + "claimant")),
    ("nhs", NS + "claimant", NamedNode("https://example.org/a/b#c")),
    ("nhs", NS + "claimant", NamedNode("urn:isbn:1")),
    ("nhs", NS + "claimant", Literal("a text where a link is expected")),
    ("label", SKOS + "prefLabel", Literal(WORDS, language="en")),
    ("label", SKOS + "prefLabel", Literal(WORDS, language="cy")),
    ("label", SKOS + "prefLabel", Literal(WORDS)),
    ("label", SKOS + "prefLabel", NamedNode(ID + "a/b/c")),
    ("label", SCHEMA + "value", Literal("0.5", datatype=NamedNode(XSD + "decimal"))),
    ("label", SCHEMA + "value", Literal("7", datatype=NamedNode(XSD + "integer"))),
    ("label", NS + "notAfter", Literal("2013", datatype=NamedNode(XSD + "gYear"))),
    ("label", NS + "inferred", Literal("true", datatype=NamedNode(XSD + "boolean"))),
    ("label", "https://example.org/unknown", Literal("x", datatype=NamedNode("urn:type"))),
    ("label", SCHEMA + "url", NamedNode("https://example.org/")),
    ("a//b", RDF_TYPE, NamedNode(NS + "Plan")),
    ("a//b", RDF_TYPE, NamedNode("https://example.org/Plan")),
    ("", RDF_TYPE, NamedNode(ID + "label")),
]


@pytest.mark.parametrize("reader", ["pyoxigraph", "rdflib"])
def test_no_id_or_value_is_mistaken_for_a_term(
    barchester: Project, tmp_path: Path, reader: str
) -> None:
    quads = [Quad(NamedNode(ID + s), NamedNode(p), o, GRAPH) for s, p, o in ODD]
    store = Store()
    store.extend(quads)
    store.extend(open_ontology(barchester))
    source = Source(barchester, store)
    write_json_ld(source, tmp_path)
    path = tmp_path / "nhskg.jsonld"
    found = by_rdflib(path, tmp_path) if reader == "rdflib" else canonical(read(path))
    assert found == canonical(source.quads())
    text = path.read_text("utf-8").partition('"@graph"')[2]
    assert "\\ud83d" not in text, "characters are written as they are"


def open_ontology(project: Project) -> list[Quad]:
    from nhskg.graph.mapping import map_ontology

    return list(map_ontology(project.ontology))
