"""A dump stands alone: whatever is used in it is labelled and described."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
import rdflib.namespace as known
import yaml
from pyoxigraph import Literal, NamedNode, RdfFormat, Store
from tests.conftest import HERE, ROOT, build

from nhskg.graph.mapping import source_fields
from nhskg.graph.store import open_published
from nhskg.project import Project
from nhskg.rdf import terms
from nhskg.rdf.sparql.algebra import TYPE
from nhskg.release.dump import dump
from nhskg.release.labels import label_quads
from nhskg.release.source import Source

PREF, LABEL = (NamedNode(terms.SKOS + "prefLabel"), NamedNode(terms.RDFS + "label"))
IDS: Final = terms.BASE + "id/"
WORDING: Final = yaml.safe_load((Path(__file__).parent / "labels.yaml").read_text("utf-8"))


@pytest.fixture(scope="module")
def labels(built: Project, real: Project) -> dict[str, str]:
    """The labels that are made of both corpora, by what follows the base of ids."""
    found: dict[str, str] = {}
    for project in (built, real):
        quads = label_quads(open_published(project.build).open(), project.queries)
        pairs = [(q.subject, q.object) for q in quads if q.predicate == PREF]
        assert all(isinstance(node, NamedNode) and isinstance(o, Literal) for node, o in pairs)
        found |= {str(s)[1:-1].removeprefix(IDS): getattr(o, "value", "") for s, o in pairs}
    return found


@pytest.mark.parametrize("thing", WORDING)
def test_a_label_is_made_of_the_parts_of_a_thing(thing: str, labels: dict[str, str]) -> None:
    assert labels[thing] == WORDING[thing]


def test_labels_are_whole_and_without_ids(labels: dict[str, str]) -> None:
    assert not [words for words in labels.values() if words.endswith("…")]
    assert not [words for words in labels.values() if "https:" in words or "claim/" in words]


def test_no_two_claims_have_one_label(labels: dict[str, str]) -> None:
    """But the same words quoted for two claims."""
    times = Counter(
        words
        for thing, words in labels.items()
        if thing.startswith("claim/") and not thing.endswith("/quote")
    )
    assert [words for words, number in times.items() if number > 1] == []


def test_a_thing_has_the_same_label_in_both_vocabularies(built: Project) -> None:
    """Of SKOS and of RDFS, in English, and neither twice."""
    store = open_published(built.build).open()
    graph = list(label_quads(store, built.queries))
    assert len(set(graph)) == len(graph)
    found = {
        predicate: {
            (quad.subject, quad.object)
            for quad in [*graph, *store.quads_for_pattern(None, predicate, None)]
            if quad.predicate == predicate and isinstance(quad.object, Literal)
        }
        for predicate in (PREF, LABEL)
    }
    assert found[PREF] == found[LABEL]
    assert {label.language for _, label in found[PREF]} == {"en"}


# -- all that is used


@pytest.fixture(scope="module")
def dumped_own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The dump of a corpus with a base and terms of its own."""
    folder = tmp_path_factory.mktemp("own")
    try:
        project = Project.locate(shutil.copytree(HERE / "corpora" / "ferries", folder / "ferries"))
        build(project)
        dump(Source(project, open_published(project.build).open()), folder / "dump")
        yield folder / "dump"
    finally:
        terms.use_base()


def read(*paths: Path) -> Store:
    store = Store()
    for path in paths:
        store.load(path=str(path), format=RdfFormat.from_extension(path.suffix[1:]))
    return store


def subjects(store: Store, predicate: str, value: str | None = None) -> set[str]:
    """Return the IRIs of what has a value of a predicate, any or this one."""
    node = NamedNode(value) if value else None
    quads = store.quads_for_pattern(None, NamedNode(predicate), node)
    return {quad.subject.value for quad in quads if isinstance(quad.subject, NamedNode)}


def used(store: Store) -> tuple[set[str], set[str]]:
    """Return the IRIs of the properties and classes of a graph, and those of all other nodes."""
    named: set[str] = set()
    others: set[str] = set()
    versions = {terms.OWL + name for name in ("priorVersion", "versionIRI")}
    for quad in store:
        for node in (quad.subject, quad.object):
            if isinstance(node, NamedNode) and quad.predicate.value not in versions:
                (named if quad.predicate == TYPE and node == quad.object else others).add(
                    node.value
                )
        named.add(quad.predicate.value)
    built_in = (terms.RDF, terms.RDFS, terms.OWL, terms.XSD)
    return {iri for iri in named if not iri.startswith(built_in)}, others


@pytest.mark.parametrize("name", ["dumped", "dumped_small", "dumped_own"])
def test_all_that_is_used_is_described(name: str, request: pytest.FixtureRequest) -> None:
    """By a label, a term of ours by a definition too, and any term by what defines it."""
    store = read(request.getfixturevalue(name) / "nhskg.trig")
    named, others = used(store)
    bases = (terms.BASE, "https://example.org/")
    ours = {iri for iri in others if iri.startswith(bases) and not iri.endswith("#")}
    labelled = subjects(store, PREF.value)
    assert labelled == subjects(store, LABEL.value)
    assert not (named | ours) - labelled
    assert not named - subjects(store, terms.RDFS + "isDefinedBy")
    of_ours = {iri for iri in named | ours if iri.startswith(terms.NS)}
    assert not of_ours - subjects(store, terms.SKOS + "definition")


def test_powers_and_kinds_of_body_are_in_schemes_as_all_concepts_are(dumped: Path) -> None:
    store = read(dumped / "ontology.ttl")
    schemes = subjects(store, terms.RDF_TYPE, terms.SKOS + "ConceptScheme")
    assert {terms.NS + "PowerScheme", terms.NS + "BodyKindScheme"} <= schemes
    for kind in ("Power", "BodyKind"):
        members = subjects(store, terms.SKOS + "inScheme", f"{terms.NS}{kind}Scheme")
        assert members == subjects(store, terms.RDF_TYPE, terms.NS + kind) | {
            iri
            for part in subjects(store, terms.RDFS + "subClassOf", terms.NS + kind)
            for iri in subjects(store, terms.RDF_TYPE, part)
        }
    concepts = subjects(store, terms.SKOS + "inScheme")
    assert concepts >= subjects(store, terms.RDF_TYPE, terms.SKOS + "Concept")
    tops = {scheme: subjects(store, terms.SKOS + "topConceptOf", scheme) for scheme in schemes}
    assert all(tops.values()), tops
    assert not concepts - set().union(*tops.values()) - subjects(store, terms.SKOS + "broader")


def test_what_is_declared_of_other_vocabularies_is_used(dumped: Path) -> None:
    """By the graph, by the mapping of a field, or by a proof."""
    declared = subjects(read(ROOT / "ontology" / "reused.ttl"), terms.RDF_TYPE)
    named, others = used(read(dumped / "nhskg.trig"))
    store = read(*(p for p in (ROOT / "ontology").glob("*.ttl") if p.name != "reused.ttl"))
    axioms = set().union(*used(store))
    by_files = {
        *source_fields(),
        terms.PROV + "wasGeneratedBy",
        terms.TIME + "ProperInterval",
        *LINKS,
    }
    assert not declared - named - others - axioms - by_files


LINKS: Final = {
    f"{terms.SKOS}{each}Match" for each in ("broad", "close", "exact", "narrow", "related")
}
KNOWN: Final = (
    "DCAT DCTERMS FOAF ODRL2 ORG OWL PROV RDF RDFS SDO SH SKOS TIME VANN VOID XSD".split()
)
LOOKED_UP: Final = yaml.safe_load((Path(__file__).parent / "vocabularies.yaml").read_text("utf-8"))


def exists(iri: str) -> bool:
    """Tell whether a vocabulary has a term: one that rdflib knows, or one that was looked up."""
    if any(iri in getattr(known, name) for name in KNOWN):
        return True
    return any(
        iri in {space + each for each in names.split()} for space, names in LOOKED_UP.items()
    )


@pytest.mark.parametrize(
    "file", ["nhskg.trig", "alignments.ttl", "shapes.ttl", "queries.ttl", "dataset.ttl"]
)
def test_every_term_of_others_is_in_its_vocabulary(file: str, dumped: Path) -> None:
    """A property, a class, and whatever else is in a namespace that a term is of."""
    named, others = used(read(dumped / file))
    theirs = {iri for iri in named if not iri.startswith(terms.BASE)}
    spaces = {iri.removesuffix(terms.local_name(iri)) for iri in theirs} | {*LOOKED_UP}
    theirs |= {iri for iri in others if iri.removesuffix(terms.local_name(iri)) in spaces}
    assert not {iri for iri in theirs if not exists(iri) and not iri.endswith(("/", "#"))}
