"""From claims to quads: nothing added, nothing lost, no blank nodes."""

from __future__ import annotations

import json
import re
import shutil
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode, Quad, QuerySolutions, Store
from rdflib import Graph
from tools.json_ld_context import render_context

from nhskg.annotation.claims import CLAIM_MODELS
from nhskg.annotation.corpus import Corpus
from nhskg.annotation.reader import read_corpus
from nhskg.annotation.texts import read_text
from nhskg.graph.mapping import PREDICATES, canonical_decimal, map_corpus, map_ontology
from nhskg.project import Project
from nhskg.queries.engine import select
from nhskg.rdf import terms
from nhskg.vocabulary import load_vocabulary

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "annotation-context.jsonld"
BARCHESTER = ROOT / "tests" / "corpora" / "barchester"
PROJECTS = {"barchester": BARCHESTER, "shipped": ROOT}


@pytest.fixture(scope="module", params=PROJECTS)
def corpus(request: pytest.FixtureRequest) -> Corpus:
    project = Project.locate(PROJECTS[request.param])
    return read_corpus(project, load_vocabulary(project.ontology))


@pytest.fixture(scope="module")
def quads(corpus: Corpus) -> list[Quad]:
    return list(map_corpus(corpus))


def test_every_field_of_a_claim_has_its_property() -> None:
    """Those of its passage, quantity, timing, withdrawal and class are mapped by themselves."""
    fields = {name for each in CLAIM_MODELS.values() for name in each.model_fields}
    apart = {"id", "kind", "also", "quantity", "sole_role", "timing", "at", "through", "withdrawn"}
    assert fields - PREDICATES.keys() == apart


def test_a_licence_is_an_address_or_a_name_and_an_address_is_no_id(tmp_path: Path) -> None:
    """Of the document, and of a claim whose source has its own."""
    root = tmp_path / "corpus"
    shutil.copytree(BARCHESTER, root)
    path = root / "seeds" / "documents" / "gazette-sequel.yaml"
    given = 'uri: "https://a.test/x"\n  licence: OGL\n  locator: Part 3\n  '
    claim = 'licence: "https://a.test/ogl"\n    locator: page 4\n    '
    text = path.read_text("utf-8").replace("  source:", f"  {given}source:", 1)
    path.write_text(text.replace("\n    kind:", f"\n    {claim}kind:", 1), "utf-8")
    project = Project.locate(root)
    corpus = read_corpus(project, load_vocabulary(project.ontology))
    (document,) = (each for each in corpus.documents if each.id == "gazette-sequel")
    store = Store()
    store.extend(map_corpus(corpus))
    header, first = terms.document(document.id), terms.claim(document.id, document.claims[0].id)
    expected = {
        (header, "schema:url"): "<https://a.test/x>",
        (header, "dcterms:rights"): '"OGL"',
        (header, "bibo:locator"): '"Part 3"',
        (first, "dcterms:license"): "<https://a.test/ogl>",
        (first, "bibo:locator"): '"page 4"',
    }
    found = {}
    for subject, name in expected:
        prefix, _, local = name.partition(":")
        predicate = NamedNode(terms.PREFIXES[prefix] + local)
        values = [
            str(q.object) for q in store.quads_for_pattern(NamedNode(subject), predicate, None)
        ]
        found[subject, name] = ", ".join(values)
    assert found == expected


def test_each_document_has_a_graph_of_its_own_and_the_register_one(
    corpus: Corpus, quads: list[Quad]
) -> None:
    """No blank node is published, and nothing is asserted that is to be derived."""
    graphs = [terms.GRAPH + document.id for document in corpus.documents]
    named = {quad.graph_name.value for quad in quads if isinstance(quad.graph_name, NamedNode)}
    assert named == {*graphs, terms.REGISTER_GRAPH}
    derived = re.compile("(Holding|Conflict|EffectiveProvision|DisplacingProvision)>$")
    for quad in quads:
        assert isinstance(quad.subject, NamedNode)
        assert isinstance(quad.object, NamedNode | Literal)
        assert quad.predicate.value != terms.RDF_TYPE or not derived.search(str(quad.object))
        for document, graph in zip(corpus.documents, graphs, strict=True):
            if quad.subject.value.startswith(terms.claim(document.id, "")):
                assert quad.graph_name == NamedNode(graph)


EVIDENCE = """
SELECT ?evidence ?document ?file ?digest ?start ?end ?exact {
  ?claim nhs:evidence ?evidence .
  ?evidence oa:hasSource ?document ;
    oa:hasSelector [ oa:start ?start ; oa:end ?end ] , [ oa:exact ?exact ] .
  ?document dcterms:identifier ?file ; schema:sha256 ?digest
}
"""


def test_every_passage_is_evidence_with_its_selectors(corpus: Corpus, quads: list[Quad]) -> None:
    store = Store()
    store.extend(quads)
    prefixes = "".join(f"PREFIX {name}: <{iri}>\n" for name, iri in terms.PREFIXES.items())
    rows = store.query(prefixes + EVIDENCE, use_default_graph_as_union=True)
    expected = [
        (
            f"{terms.claim(document.id, claim.id)}/evidence/{number}",
            terms.document(document.id),
            *(document.header.source, document.header.sha256),
            *(*map(str, part.at or ()), part.quote),
        )
        for document, _, claim in corpus.claims()
        for number, part in enumerate((claim, *claim.also), start=1)
    ]
    assert isinstance(rows, QuerySolutions)
    assert sorted(tuple(each.value for each in row) for row in rows) == sorted(expected)


def test_a_passage_has_the_paragraph_and_sentence_that_a_reader_counts() -> None:
    """Of each position: the lines that are not blank, and the sentences of the last, so far."""
    project = Project.locate(BARCHESTER)
    corpus = read_corpus(project, load_vocabulary(project.ontology))
    texts = {
        document.id: read_text(BARCHESTER / "texts" / document.header.source)
        for document in corpus.documents
    }
    found: dict[str, dict[str, str]] = {}
    for subject, predicate, value, _ in map_corpus(corpus):
        if isinstance(value, Literal) and "/passage/" in subject.value:
            found.setdefault(subject.value, {})[terms.local_name(predicate.value)] = value.value
    assert len(found) >= 70
    for iri, values in found.items():
        text, start = texts[iri.split("/")[-2]], int(values["start"])
        line = text.text.rfind("\n", 0, start) + 1
        before = [each for each in text.text[:line].split("\n") if each.strip()]
        inside = [each for each in text.sentences if line <= each.start <= start]
        assert values["paragraph"] == str(len(before) + 1), iri
        assert values["sentence"] == str(len(inside)), iri


CONTEXT: dict[str, Any] = json.loads(PAGE.read_text("utf-8"))["@context"]
"""The JSON-LD context of the annotation files."""

Triple = tuple[str, str, str, str]
"""Subject, predicate, value, and the language of the value."""


def test_the_context_in_docs_is_current() -> None:
    assert PAGE.read_text("utf-8") == render_context(load_vocabulary(ROOT / "ontology"))


def expanded(iri: str, entry: Any, *route: str | int) -> set[Triple]:
    """Return the plain fields of an entry as rdflib reads them with the context."""
    for step in route:
        entry = entry[step]
    names = (CONTEXT.keys() & entry.keys()) - {"kind", "quote", "prefix", "suffix"}
    apart = re.compile("reporter$|claim/")
    plain = {name: entry[name] for name in names if not apart.match(str(entry[name]))}
    text = json.dumps({"@context": CONTEXT, "@id": iri, **plain})
    graph = Graph().parse(data=text, format="json-ld")
    return {(str(s), str(p), str(o), getattr(o, "language", None) or "") for s, p, o in graph}


def test_plain_fields_are_json_ld_and_mapped_to_the_triples_that_it_says(
    corpus: Corpus, quads: list[Quad]
) -> None:
    """rdflib expands the files with the context, knowing nothing of the mapping."""
    found: set[Triple] = set()
    for document, index, claim in corpus.claims():
        iri = terms.claim(document.id, claim.id)
        found |= expanded(iri, document.source.data, "claims", index)
    for name, entry in corpus.register.items():
        found |= expanded(terms.ID + name, entry.source.data, *entry.route)
    subjects, predicates = {each[0] for each in found}, {each[1] for each in found}
    mapped = {
        (s.value, p.value, o.value, getattr(o, "language", None) or "") for s, p, o, _ in quads
    }
    left_out = (f"{terms.ID}claim/", f"{terms.ID}reporter/")
    assert len(predicates) > 25
    assert found == {
        each
        for each in mapped
        if each[0] in subjects and each[1] in predicates and not each[2].startswith(left_out)
    }


@pytest.fixture(scope="module")
def barchester_store() -> Store:
    project, store = Project.locate(BARCHESTER), Store()
    store.extend(map_corpus(read_corpus(project, load_vocabulary(project.ontology))))
    return store


SEQUEL = """
claim/gazette-sequel/doctors-hold-no-pooled-budget | nhs:claimant | lionel-crake maud-ashby
claim/gazette-sequel/paper-means-parish-plans | nhs:claimant | committee-paper-text
claim/gazette-sequel/paper-means-parish-plans | rdf:value | the plans of one parish
claim/gazette-sequel/doctors-only-advise | nhs:counterpart | LocalCommunity
claim/gazette-sequel/doctors-only-advise | a | Provision SoleRoleProvision
claim/gazette-sequel/trusts-involve-patients | a | Provision
claim/gazette-sequel/committee-cut | nhs:quantity/nhs:bound | UpTo
claim/gazette-sequel/trusts-receive-two-million | nhs:quantity/schema:unitText | year
hiram-report | nhs:account | WholeAccount
committee-paper | nhs:account | PartialAccount
lantern-takes-office | dcterms:type | TakingOffice
boards-ready | dcterms:type |
"""


@pytest.mark.parametrize("line", SEQUEL.strip().splitlines())
def test_what_is_said_of_a_thing(barchester_store: Store, line: str) -> None:
    thing, path, expected = (part.strip() for part in line.split("|"))
    rows = select(barchester_store, f"SELECT ?x {{ <{terms.ID}{thing}> {path} ?x }} ORDER BY ?x")
    assert " ".join(terms.local_name(row["x"]) for row in rows) == expected


def test_a_quantity_is_told_in_words(barchester_store: Store) -> None:
    """A number of things is an integer and no decimal: one of them is no share of the whole."""
    query = """SELECT ?said (DATATYPE(?value) AS ?type) {
      ?x a nhs:Quantity ; skos:prefLabel ?said OPTIONAL { ?x schema:value ?value } }"""
    told = {row["said"]: terms.local_name(row["type"]) for row in select(barchester_store, query)}
    assert told == {
        "25 per cent of bridging money": "decimal",
        "GBP 1,500,000": "decimal",
        "about 33 per cent of beds in Ward No. 4": "decimal",
        "more than GBP 2,000,000 a year": "decimal",
        "up to 12 seats on the plans committee": "integer",
        "some": "",
        "largely": "",
        "vast majority": "",
    }


def test_dates_keep_the_precision_of_the_text(quads: list[Quad]) -> None:
    datatypes = {4: "gYear", 7: "gYearMonth", 10: "date"}
    found = [quad.object for quad in quads if quad.predicate.value.endswith(("Before", "After"))]
    assert found
    for each in found:
        assert isinstance(each, Literal)
        assert each.datatype.value == terms.XSD + datatypes[len(each.value)]


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
