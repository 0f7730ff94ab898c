"""From IRIs to lines of YAML, in our own corpus; and each finding is told at its line.

The files of ``yaml`` are put beside our own corpus. What is to be found stands behind ``#!`` on the
very line at which it is to be told.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from pyoxigraph import NamedNode

from nhskg.annotation.claims import (
    CLAIM_MODELS,
    DocumentHeader,
    IssuedDate,
    Quantity,
    Timing,
    Withdrawal,
)
from nhskg.annotation.fields import slots
from nhskg.annotation.register import SECTIONS, Link
from nhskg.building.pipeline import Assembled, assemble
from nhskg.graph.source_locations import FIELDS, Locator
from nhskg.project import Project
from nhskg.rdf import terms
from nhskg.rdf.errors import Place

from .corpus import ROOT

Locate = Callable[..., tuple[Place, ...]]
NEW_NAME = terms.NS + "newName"
BARCHESTER = ROOT / "tests" / "corpora" / "barchester"


@pytest.fixture(scope="module")
def assembled() -> Assembled:
    return assemble(Project.locate(BARCHESTER))


@pytest.fixture(scope="module")
def locate(assembled: Assembled) -> Locate:
    locator = Locator(assembled.corpus, assembled.store)
    return lambda focus, predicate=None: locator(
        NamedNode(focus), NamedNode(predicate) if predicate else None
    )


def line(place: Place) -> str:
    assert place.line is not None
    return place.path.read_text("utf-8").splitlines()[place.line - 1]


def written(place: Place) -> str:
    """Return the line of a file from the place on."""
    return line(place)[(place.column or 1) - 1 :]


def test_every_claim_and_every_field_of_it_is_found(assembled: Assembled, locate: Locate) -> None:
    """Each asserted property of a claim leads to a field that the claim has."""
    checked = 0
    for document, index, each in assembled.corpus.claims():
        iri = terms.claim(document.id, each.id)
        start = document.source.place("claims", index)
        assert [written(place) for place in locate(iri)] == [each.id]
        graph = NamedNode(terms.GRAPH + document.id)
        quads = assembled.store.quads_for_pattern(NamedNode(iri), None, None, graph)
        predicates = {quad.predicate.value for quad in quads}
        checked += len(predicates)
        for predicate in (*predicates, NEW_NAME):
            (place,) = locate(iri, predicate)
            assert (place == start) == (predicate not in predicates), (iri, predicate)
    assert checked > 100


def test_shared_things_documents_and_reporters(assembled: Assembled, locate: Locate) -> None:
    for name, entry in assembled.corpus.register.items():
        (place,) = locate(terms.ID + name, terms.SKOS + "notation")
        assert written(place) == name
        assert locate(terms.ID + name) == (entry.source.place(*entry.route),)
    (place,) = locate(terms.NS + "SignOff")
    assert '"sign-off"' in line(place)
    for document in assembled.corpus.documents:
        iri, at = terms.document(document.id), document.source.place
        assert locate(iri, terms.SCHEMA + "sha256") == (at("document", "sha256"),)
        assert locate(terms.reporter(document.id)) == (at("document"),)


def test_evidence_is_found_at_its_quote(assembled: Assembled, locate: Locate) -> None:
    store = assembled.store
    for quad in store.quads_for_pattern(None, NamedNode(terms.OA + "exact"), None):
        assert isinstance(quad.subject, NamedNode)
        (place,) = locate(quad.subject.value, quad.predicate.value)
        assert written(place).strip("\"'") == quad.object.value  # type: ignore[union-attr]


def test_what_claims_share_or_imply_is_found_at_the_claims(
    assembled: Assembled, locate: Locate
) -> None:
    def first(type_: str) -> str:
        quads = assembled.store.quads_for_pattern(None, NamedNode(terms.RDF_TYPE), NamedNode(type_))
        return min(quad.subject.value for quad in quads if isinstance(quad.subject, NamedNode))

    passage = first(terms.OA + "TextPositionSelector")
    span = passage.rsplit("/", 1)[1].replace("-", ", ")
    assert {written(place) for place in locate(passage)} == {f"[{span}]"}
    unchanged = first(terms.NS + "UnchangedHolding")
    claims = {written(place) for place in locate(unchanged, terms.NS + "holder")}
    assert claims
    assert claims <= {each.id for _, _, each in assembled.corpus.claims()}
    places = locate(first(terms.NS + "Quantity"), terms.SCHEMA + "value")
    assert places
    assert all(re.search("amount|extent|quantity|share", line(place)) for place in places)


@pytest.mark.parametrize("name", ["no-such-thing", "claim/no-such-document/x", "passage/odd/x-y"])
def test_what_is_written_nowhere_has_no_place(name: str, locate: Locate) -> None:
    assert locate(terms.ID + name) == locate("https://example.org/" + name) == ()


PARTS = (DocumentHeader, IssuedDate, Link, Quantity, Timing, Withdrawal)


def test_the_fields_are_those_of_the_format() -> None:
    """Each field that a predicate leads to is a field of a model."""
    sections = (model for _, model, _ in SECTIONS.values())
    known: set[str] = set()
    for model in (*CLAIM_MODELS.values(), *PARTS, *sections):
        known |= slots(model).keys()
    assert {field for fields in FIELDS.values() for field in fields} <= known


# Derived triples of things that are not derived

OWN_SHAPES = """\
@prefix nhs: <https://w3id.org/nhskg/ns#> .
@prefix nsh: <https://w3id.org/nhskg/shapes#> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .

nsh:T-01 a sh:NodeShape ; sh:targetSubjectsOf nhs:commissionedBy ; sh:property nsh:T-01-nobody .
nsh:T-01-nobody a sh:PropertyShape ; sh:path nhs:commissionedBy ; sh:nodeKind sh:Literal ;
    sh:message "Requirement T-01: MUST not." .
nsh:T-02 a sh:NodeShape ; sh:targetObjectsOf skos:prefLabel ; sh:maxLength 1 ;
    sh:message "Requirement T-02: a literal MUST be short." .
"""


def test_a_finding_about_a_derived_triple_points_at_the_claims_behind_it(
    barchester: Project,
) -> None:
    """A promoted relation, and the class that follows from it, are written in the claim only."""
    root = barchester.root
    (root / "shapes").mkdir()
    (root / "shapes" / "own.ttl").write_text(OWN_SHAPES, "utf-8")
    shutil.copytree(ROOT / "ontology", root / "ontology")
    axiom = f"<{terms.NS}commissionedBy> <{terms.RDFS}range> <{terms.NS}Matter> .\n"
    (root / "ontology" / "more.ttl").write_text(axiom, "utf-8")
    found = assemble(Project.locate(root)).findings
    assert found == assemble(Project.locate(root)).findings
    places = {each.rule: [written(p) for p in (each.place, *each.related) if p] for each in found}
    assert places["T-01"][0] == "report-commissioned-by-council"
    assert len(places["T-01"]) == 2, "the plan itself comes behind"
    quote = '"A report commissioned by Barchester County Council"'
    # from the first field it follows that the council is a body; these two clash
    assert places["owl-cax-adc"] == ["local-authority", quote]
    assert places["T-02"] == [], "a literal has no place"


# Lines of YAML

CASES = Path(__file__).parent / "yaml"


def test_each_finding_is_told_at_its_line_and_nothing_else_is(barchester: Project) -> None:
    """File, line, rule, severity and focus; a finding without a place counts, too."""
    expected = []
    for path in CASES.glob("*/*.yaml"):
        shutil.copy(path, barchester.seeds / path.parent.name)
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
            comments = re.findall(r"#! (\S+) (violation|warning|info) (\S+)", line)
            expected += [(path.parts[-2:], number, *each) for each in comments]
    assert len(expected) > 15
    files = {path.parts[-2:] for path in CASES.glob("*/*.yaml")}
    told = []
    for each in assemble(barchester).findings:
        place = each.place or Place(Path())
        if place.path.parts[-2:] in {*files, ()}:
            what = each.rule, each.severity.value.lower(), terms.shorten_iri(each.focus or "")
            told.append((place.path.parts[-2:], place.line, *what))
    assert sorted(told) == sorted(expected)
