"""From claims to quads: nothing added, nothing lost, no blank nodes."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import BlankNode, Literal, NamedNode, Quad, Store

from nhskg.annotation.claims import CLAIM_MODELS, Passage
from nhskg.annotation.corpus import Corpus
from nhskg.annotation.reader import read_corpus
from nhskg.graph.claims import LINKS, TEXTS
from nhskg.graph.mapping import Names, map_corpus, map_ontology
from nhskg.graph.quads import canonical_decimal
from nhskg.project import Project
from nhskg.rdf import terms
from nhskg.vocabulary import load_vocabulary

ROOT = Path(__file__).parents[2]
BARCHESTER = ROOT / "tests" / "corpora" / "barchester"
PROJECTS = {"barchester": BARCHESTER, "shipped": ROOT}


@pytest.fixture(scope="module", params=PROJECTS)
def corpus(request: pytest.FixtureRequest) -> Corpus:
    project = Project.locate(PROJECTS[request.param])
    return read_corpus(project, load_vocabulary(project.ontology))


@pytest.fixture(scope="module")
def quads(corpus: Corpus) -> list[Quad]:
    return list(map_corpus(corpus))


@pytest.fixture(scope="module")
def store(quads: list[Quad]) -> Store:
    made = Store()
    made.extend(quads)
    return made


def objects(store: Store, subject: str, predicate: str) -> list[str]:
    found = store.quads_for_pattern(NamedNode(subject), NamedNode(predicate), None, None)
    return sorted(quad.object.value for quad in found if not isinstance(quad.object, BlankNode))  # type: ignore[union-attr]


def test_every_field_of_a_claim_has_its_property() -> None:
    """Those of its passage, its quantity and its timing are mapped by themselves."""
    fields = {name for each in CLAIM_MODELS.values() for name in each.model_fields}
    apart = {*Passage.model_fields, "id", "kind", "also", "quantity", "timing"}
    assert LINKS.keys() | TEXTS.keys() == fields - apart


def test_no_blank_node_is_published(quads: list[Quad]) -> None:
    for quad in quads:
        assert isinstance(quad.subject, NamedNode)
        assert isinstance(quad.object, NamedNode | Literal)


def test_each_document_has_a_graph_of_its_own_and_the_register_one(
    corpus: Corpus, quads: list[Quad]
) -> None:
    graphs = {quad.graph_name.value for quad in quads if isinstance(quad.graph_name, NamedNode)}
    expected = {terms.document_graph(document.id) for document in corpus.documents}
    assert graphs == expected | {terms.REGISTER_GRAPH}
    for quad in quads:
        assert isinstance(quad.subject, NamedNode)
        for document in corpus.documents:
            if quad.subject.value.startswith(terms.claim(document.id, "")):
                assert quad.graph_name == NamedNode(terms.document_graph(document.id))


def test_nothing_derived_is_asserted(quads: list[Quad]) -> None:
    derived = {"Holding", "Conflict", "EffectiveProvision", "DisplacingProvision"}
    for quad in quads:
        if quad.predicate.value == terms.RDF_TYPE and isinstance(quad.object, NamedNode):
            assert not any(quad.object.value.endswith(name) for name in derived)


def test_every_passage_is_evidence_with_its_selectors(corpus: Corpus, store: Store) -> None:
    for document in corpus.documents:
        iri = terms.document(document.id)
        assert objects(store, iri, terms.DCTERMS + "identifier") == [document.header.source]
        assert objects(store, iri, terms.SCHEMA + "sha256") == [document.header.sha256]
    for document, _, claim in corpus.claims():
        parts = (claim, *claim.also)
        iris = objects(store, terms.claim(document.id, claim.id), terms.NS + "evidence")
        assert len(iris) == len(parts)
        for iri, part in zip(iris, parts, strict=True):
            assert objects(store, iri, terms.OA + "hasSource") == [terms.document(document.id)]
            selectors = objects(store, iri, terms.OA + "hasSelector")
            starts = [v for s in selectors for v in objects(store, s, terms.OA + "start")]
            ends = [v for s in selectors for v in objects(store, s, terms.OA + "end")]
            exact = [v for s in selectors for v in objects(store, s, terms.OA + "exact")]
            assert part.at is not None
            assert ([str(part.at[0])], [str(part.at[1])], [part.quote]) == (starts, ends, exact)


FIELDS = {
    "plan": "provisionOf",
    "action": "action",
    "power": "power",
    "matter": "matter",
    "modality": "modality",
    "gate": "effectiveWhen",
    "cohort": "cohort",
    "claimant": "claimant",
    "capacity": "capacity",
    "occasion": "occasion",
    "voice": "voice",
    "polarity": "polarity",
    "subject": "subject",
    "predicate": "predicate",
    "object": "object",
    "denies": "denies",
    "qualifier": "bearerQualifier",
    "deontic": "deontic",
    "result": "result",
}
LISTS = {
    "from_": "fromBody",
    "to": "toBody",
    "by": "actor",
    "target": "target",
    "subject_to": "subjectTo",
    "given": "given",
    "stance_of": "stanceOf",
    "candidates": "candidate",
}


def test_every_field_of_every_claim_is_restated(corpus: Corpus, store: Store) -> None:
    names = Names(corpus)
    seen: Counter[str] = Counter()
    for document, _, claim in corpus.claims():
        iri = terms.claim(document.id, claim.id)
        for field, predicate in FIELDS.items():
            value = getattr(claim, field, None)
            expected = [] if value is None else [names.iri(value, document.id)]
            assert objects(store, iri, terms.NS + predicate) == expected, (iri, field)
            seen[field] += value is not None
        for field, predicate in LISTS.items():
            values = getattr(claim, field, ())
            expected = sorted(names.iri(value, document.id) for value in values)
            assert objects(store, iri, terms.NS + predicate) == expected, (iri, field)
            seen[field] += bool(values)
    assert all(seen[field] for field in ("plan", "gate", "cohort", "from_", "target", "given"))


def test_dates_keep_the_precision_of_the_text(store: Store) -> None:
    datatypes = {4: "gYear", 7: "gYearMonth", 10: "date"}
    found = 0
    for name in ("notBefore", "notAfter"):
        for quad in store.quads_for_pattern(None, NamedNode(terms.NS + name), None, None):
            assert isinstance(quad.object, Literal)
            assert quad.object.datatype.value == terms.XSD + datatypes[len(quad.object.value)]
            found += 1
    assert found


def test_the_ontology_is_mapped_without_what_is_only_published() -> None:
    subjects = {str(quad.subject) for quad in map_ontology(ROOT / "ontology")}
    assert f"<{terms.NS}SignOff>" in subjects
    assert "<https://w3id.org/nhskg/align>" not in subjects


@given(st.decimals(allow_nan=False, allow_infinity=False, places=6, min_value=0, max_value=10**12))
def test_a_store_does_not_rewrite_a_canonical_decimal(value: Decimal) -> None:
    shown = canonical_decimal(value)
    assert Decimal(shown) == value
    made = Store()
    literal = Literal(shown, datatype=NamedNode(terms.XSD + "decimal"))
    made.add(Quad(NamedNode("urn:s"), NamedNode("urn:p"), literal))
    (quad,) = made
    assert quad.object == literal
