"""The one model of a finding; findings of a graph, and of shapes that pass by doing nothing."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import NamedNode

from nhskg.rdf.errors import AnnotationError, Fault, InputError, Place
from nhskg.rdf.paths import PropertyPath
from nhskg.rdf.terms import ID, NS, claim
from nhskg.shacl.findings import Finding, Locate, Severity, from_error, settle
from nhskg.shacl.shapes import load_shapes
from nhskg.shacl.validation import validate_quads
from tests.cases import cases

from .corpus import base, shapes, turtle

FILE = Path("seeds/documents/gazette.yaml")
VIOLATION = Finding(
    "C-02",
    Severity.VIOLATION,
    "a claim MUST have exactly one claimant",
    repair="add 'claimant'",
    focus=claim("gazette", "sign-off"),
    path=PropertyPath(iri=NS + "claimant"),
    place=Place(FILE, 12, 5),
)


def test_a_finding_is_one_line_that_editors_read() -> None:
    assert str(VIOLATION) == (
        "seeds/documents/gazette.yaml:12:5: violation: "
        "a claim MUST have exactly one claimant; add 'claimant' [C-02]"
    )
    without_place = replace(VIOLATION, place=None, repair="", severity=Severity.INFO)
    assert str(without_place).startswith("claim/gazette/sign-off: info: a claim MUST have")
    assert str(replace(without_place, focus=None)).startswith("-: info: ")


def test_the_fingerprint_stays_when_lines_move_and_words_change() -> None:
    moved = replace(VIOLATION, severity=Severity.WARNING, message="anew", place=Place(FILE, 99))
    assert moved.fingerprint == VIOLATION.fingerprint
    assert replace(VIOLATION, value="other").fingerprint != VIOLATION.fingerprint


def test_a_fault_keeps_its_fingerprint_when_lines_and_checkouts_move() -> None:
    def fingerprint(path: str, line: int, message: str) -> str:
        (found,) = from_error(AnnotationError([Fault(Place(Path(path), line, 1), message)]))
        return found.fingerprint

    here = fingerprint("/corpus/seeds/documents/gazette.yaml", 3, "given twice, first on line 2")
    there = fingerprint("seeds/documents/gazette.yaml", 8, "given twice, first on line 7")
    other = fingerprint("seeds/register/gazette.yaml", 3, "given twice, first on line 2")
    assert here == there != other


def test_all_faults_of_reading_become_findings() -> None:
    faults = [Fault(Place(FILE, 2, 1), "b"), Fault(Place(FILE, 1, 1), "a")]
    assert [str(each) for each in from_error(AnnotationError(faults))] == [
        f"{FILE}:1:1: violation: a [reading]",
        f"{FILE}:2:1: violation: b [reading]",
    ]
    assert [str(each) for each in from_error(InputError("gone", place=Place(FILE)))] == [
        f"{FILE}: violation: gone [reading]"
    ]


findings = st.builds(
    Finding,
    rule=st.sampled_from(["C-01", "reading"]),
    severity=st.sampled_from(Severity),
    message=st.sampled_from(["a", "b"]),
    focus=st.sampled_from([None, claim("gazette", "a"), claim("gazette", "b")]),
    place=st.sampled_from([None, Place(FILE, 1, 1), Place(FILE, 2)]),
)


@given(st.lists(findings))
def test_settled_findings_have_one_order_and_differing_fingerprints(given: list[Finding]) -> None:
    settled = settle(given)
    assert settled == settle(reversed(given)) == settle(settled) == tuple(sorted(settled))
    fingerprints = [each.fingerprint for each in settled]
    assert len(set(fingerprints)) == len(fingerprints)
    assert len(settled) == len(set(given))


# Findings of a graph, and of shapes


HEAD = """
@prefix ids: <https://w3id.org/nhskg/id/> .
@prefix nhs: <https://w3id.org/nhskg/ns#> .
@prefix nsh: <https://w3id.org/nhskg/shapes#> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
<https://w3id.org/nhskg/shapes> sh:declare nsh:prefix .
nsh:prefix sh:prefix "nhs" ; sh:namespace "https://w3id.org/nhskg/ns#"^^xsd:anyURI .
"""

DATA = """
nhs:Plan a owl:Class . nhs:Proposal a owl:Class ; rdfs:subClassOf nhs:Plan .
nhs:Cohort a owl:Class . nhs:baseline a owl:ObjectProperty . nhs:cohort a owl:ObjectProperty .
id:a a nhs:Proposal ; nhs:baseline id:b . id:b a nhs:Plan ; nhs:baseline id:a .
"""


def validate(
    tmp_path: Path, text: str, data: str = DATA, locate: Locate = lambda *_: ()
) -> tuple[Finding, ...]:
    path = tmp_path / "own.ttl"
    path.write_text(HEAD + text, "utf-8")
    return validate_quads(turtle(data), load_shapes(path), locate=locate)


@cases("validation/own-shapes.yaml")
def test_findings_are_of_a_requirement_or_of_shapes_that_check_nothing(
    case: dict[str, Any], tmp_path: Path
) -> None:
    """The first have the places of their focus, none here; the others have lines of the shapes."""
    found = validate(tmp_path, case["shapes"], case.get("data", DATA))
    assert [str(each).removeprefix(f"{tmp_path}/") for each in found] == case["findings"]


def test_a_finding_is_where_the_locator_says(tmp_path: Path) -> None:
    seen = []
    places = Place(Path("a.yaml"), 3, 4), Place(Path("b.yaml"), 5)

    def locate(*triple: object) -> tuple[Place, ...]:
        seen.append(triple)
        return places

    shape = "nsh:X-01 sh:targetNode ids:a ; sh:property nsh:p . nsh:p sh:path nhs:baseline ; {} ."
    (found,) = validate(tmp_path, shape.format("sh:maxCount 0"), locate=locate)
    assert (found.place, *found.related) == places
    (found,) = validate(tmp_path, shape.format("sh:nodeKind sh:Literal"), locate=locate)
    assert found.value == ID + "b"
    triple = NamedNode(ID + "a"), NamedNode(NS + "baseline")
    assert seen == [(*triple, None), (*triple, NamedNode(ID + "b"))]


def test_shapes_that_pyshacl_refuses_are_an_input_error_with_their_line(tmp_path: Path) -> None:
    shape = "nsh:X-01 sh:targetNode ids:a ; sh:or [ sh:class nsh:X ] ."
    with pytest.raises(InputError, match=r"own\.ttl:9:32: X-01 has sh:or, which is not a list"):
        validate(tmp_path, shape)


@pytest.mark.parametrize(
    ("part", "told"),
    [
        ("sh:property [ sh:minCount 1 ]", "what it names is not a well-formed SHACL PropertyShape"),
        ("sh:in ( 1 ) , ( 2 )", ".* must have at most one sh:in predicate"),
        ("sh:minCount 1", ".* can only be present on a PropertyShape"),
        ("sh:property [ sh:path [ sh:foo nsh:p ] ]", ".*shacl#foo is not a known property"),
    ],
)
def test_a_refused_shape_is_named_with_its_line(tmp_path: Path, part: str, told: str) -> None:
    good = "nsh:Y-01 sh:property [ sh:path nsh:p ; sh:minCount 1 ] ; sh:in ( 1 ) ."
    shape = f"{good}\nnsh:X-01 sh:targetNode ids:a ; {part} ."
    with pytest.raises(
        InputError, match=rf"own\.ttl:\d+:\d+: X-01 is refused by pySHACL: {told}"
    ) as caught:
        validate(tmp_path, shape)
    assert caught.value.place is not None
    line = (caught.value.place.line or 0) - 1
    assert "nsh:X-01" in (tmp_path / "own.ttl").read_text().splitlines()[line]


def test_the_same_graph_gives_the_same_findings_in_the_same_order() -> None:
    faults = """
    gz:a a nhs:Stance ; nhs:about id:hiram-report . gz:b a nhs:Stance ; nhs:about id:nothing .
    gz:c a nhs:Provision , nhs:EffectiveProvision ; nhs:provisionOf id:hiram-report .
    """
    quads = [*base(), *turtle(faults)]
    first = validate_quads(quads, shapes())
    assert len(first) > 10
    assert first == validate_quads(reversed(quads), shapes())
    assert len({each.fingerprint for each in first}) == len(first)
    found = {(each.rule, each.focus) for each in first}
    assert ("C-02", claim("gazette", "a")) in found
    assert ("D-01", claim("gazette", "c")) in found, "an effective provision asserted by hand"
    assert ("D-01", claim("gazette", "sign-off")) not in found, "a derived one"
    assert not {rule for rule, _ in found if rule.startswith("O-")}, "style is for the ontology"
