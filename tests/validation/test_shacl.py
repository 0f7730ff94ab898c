"""Validation of a graph: findings out of results, and shapes that would pass by doing nothing."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest
from pyoxigraph import NamedNode, Quad

from nhskg.rdf.errors import InputError, Place
from nhskg.rdf.terms import ID, NS, claim
from nhskg.shacl.findings import Finding, Locate, Severity
from nhskg.shacl.shapes import load_shapes
from nhskg.shacl.validation import validate_quads

from .corpus import SHAPES, base, turtle

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
    tmp_path: Path, shapes: str, data: str = DATA, locate: Locate = lambda *_: ()
) -> tuple[Finding, ...]:
    path = tmp_path / "own.ttl"
    path.write_text(HEAD + shapes, "utf-8")
    return validate_quads(turtle(data), load_shapes(path), locate=locate)


RESULTS = {
    "instances of subclasses are focus nodes": (
        """nsh:X-01 a sh:NodeShape ; sh:targetClass nhs:Plan ; sh:property nsh:X-01-a .
        nsh:X-01-a sh:path nhs:baseline ; sh:maxCount 0 ; sh:severity sh:Warning ;
            sh:message "Requirement X-01: a plan MUST be one. Repair: mend it." .""",
        [
            "a: warning: a plan MUST be one; mend it [X-01]",
            "b: warning: a plan MUST be one; mend it [X-01]",
        ],
    ),
    "a message is filled with focus, value and path": (
        """nsh:X-01 sh:targetNode ids:a ; sh:property nsh:X-01-a .
        nsh:X-01-a sh:path ( nhs:baseline [ sh:inversePath nhs:baseline ] ) ;
            sh:nodeKind sh:Literal ; sh:message "{$this} has {?value} by {?path}" .""",
        ["a: violation: a has a by nhs:baseline/^nhs:baseline [X-01]"],
    ),
    "a query fills message, path and value": (
        '''nsh:X-02 sh:targetClass nhs:Plan ; sh:message "{$this}, {?path} {?value}: {?other}" ;
            sh:sparql nsh:X-02-query .
        nsh:X-02-query sh:prefixes <https://w3id.org/nhskg/shapes> ; sh:select """
            SELECT $this (nhs:baseline AS ?path) ?value ?other
            WHERE { $this nhs:baseline ?value . ?value nhs:baseline ?other }""" .''',
        [
            "a: violation: a, nhs:baseline b: a [X-02]",
            "b: violation: b, nhs:baseline a: b [X-02]",
        ],
    ),
    "a property shape without a message has that of its requirement": (
        """nsh:X-01 sh:targetNode ids:a ; sh:property nsh:p ;
            sh:message "Requirement X-01: no. Repair: do." .
        nsh:p sh:path nhs:baseline ; sh:maxCount 0 .""",
        ["a: violation: no; do [X-01]"],
    ),
    "a shape without a name is reported as its requirement": (
        """nsh:X-01 sh:targetNode ids:a ; sh:property [ sh:path nhs:baseline ; sh:maxCount 0 ;
            sh:message "none" ] .""",
        ["a: violation: none [X-01]"],
    ),
}


@pytest.mark.parametrize(("shapes", "expected"), RESULTS.values(), ids=RESULTS)
def test_a_result_is_a_finding_of_its_requirement(
    shapes: str, expected: list[str], tmp_path: Path
) -> None:
    assert [str(each) for each in validate(tmp_path, shapes)] == expected


def test_a_finding_is_where_the_locator_says(tmp_path: Path) -> None:
    seen = []

    def locate(*triple: object) -> tuple[Place, ...]:
        seen.append(triple)
        return (Place(Path("a.yaml"), 3, 4), Place(Path("b.yaml"), 5))

    shape = "nsh:X-01 sh:targetNode ids:a ; sh:property nsh:p . nsh:p sh:path nhs:baseline ; {} ."
    (found,) = validate(tmp_path, shape.format("sh:maxCount 0"), locate=locate)
    assert (found.place, found.related) == (
        Place(Path("a.yaml"), 3, 4),
        (Place(Path("b.yaml"), 5),),
    )
    (found,) = validate(tmp_path, shape.format("sh:nodeKind sh:Literal"), locate=locate)
    assert found.value == ID + "b"
    triple = NamedNode(ID + "a"), NamedNode(NS + "baseline")
    assert seen == [(*triple, None), (*triple, NamedNode(ID + "b"))]


# Shapes that check nothing

UNMATCHED = ("unmatched-target", Severity.INFO)
UNDECLARED = ("undeclared-term", Severity.VIOLATION)
IDLE = ("idle-shape", Severity.VIOLATION)
USELESS = {
    "targets that find nothing": (
        """nsh:X-01 sh:targetClass nhs:Cohort ; sh:nodeKind sh:IRI .
        nsh:X-02 sh:nodeKind sh:IRI ; sh:targetSubjectsOf nhs:cohort ;
            sh:targetObjectsOf nhs:cohort .
        nsh:X-03 a sh:NodeShape ; sh:targetNode ids:aa ; sh:nodeKind sh:IRI .
        nsh:X-04 sh:targetClass nhs:Cohort , nhs:Plan ; sh:nodeKind sh:IRI .""",
        UNMATCHED,
        [
            "X-01 finds nothing to look at: there is no instance of nhs:Cohort",
            (
                "X-02 finds nothing to look at: nothing is the value of nhs:cohort, "
                "nothing has nhs:cohort"
            ),
            "X-03 finds nothing to look at: there is no aa",
        ],
    ),
    "terms that no ontology declares": (
        '''nsh:X-01 sh:targetClass nhs:Plann ; sh:property nsh:X-01-a .
        nsh:X-01-a sh:path [ sh:inversePath nhs:basline ] ; sh:class nhs:Plan .
        nsh:X-02 sh:targetClass nhs:Plan ; sh:sparql nsh:X-02-query .
        nsh:X-02-query sh:prefixes <https://w3id.org/nhskg/shapes> ; sh:select """
            # nhs:inAComment
            SELECT $this WHERE {
                $this nhs:noSuch <https://w3id.org/nhskg/ns#NorThis> , "nhs:noTerm"
            }""" .''',
        UNDECLARED,
        [
            "X-01 uses nhs:Plann, which no ontology declares",
            "X-01 uses nhs:basline, which no ontology declares",
            "X-02-query uses nhs:NorThis, which no ontology declares",
            "X-02-query uses nhs:noSuch, which no ontology declares",
        ],
    ),
    "words that SHACL does not have": (
        """nsh:X-01 a sh:NodeShape ; sh:targetClass nhs:Plan ; sh:nodKind sh:IRI ;
            sh:property nsh:p .
        nsh:p a sh:PropertyShap ; sh:path nhs:baseline .""",
        UNDECLARED,
        [
            "X-01 uses sh:nodKind, which SHACL does not have; did you mean 'sh:nodeKind'?",
            "p uses sh:PropertyShap, which SHACL does not have; did you mean 'sh:PropertyShape'?",
        ],
    ),
    "a shape without a target to which no other refers": (
        """nsh:X-01 a sh:NodeShape ; sh:targetClass nhs:Plan ; sh:node nsh:help .
        nsh:help a sh:NodeShape ; sh:nodeKind sh:IRI .
        nsh:X-02 a sh:NodeShape ; sh:property nsh:X-02-a .
        nsh:X-02-a a sh:PropertyShape ; sh:path nhs:baseline ; sh:maxCount 0 .
        nsh:X-03 a sh:NodeShape ; sh:nodeKind sh:IRI ; sh:deactivated true .""",
        IDLE,
        ["X-02 checks nothing: it has no target, and no other shape refers to it"],
    ),
}


@pytest.mark.parametrize(("shapes", "kind", "messages"), USELESS.values(), ids=USELESS)
def test_what_checks_nothing_is_a_finding_at_its_line(
    shapes: str, kind: tuple[str, Severity], messages: list[str], tmp_path: Path
) -> None:
    found = validate(tmp_path, shapes)
    assert [each.message for each in found] == messages
    lines = (HEAD + shapes).splitlines()
    for each in found:
        assert (each.rule, each.severity) == kind
        assert each.place is not None
        name = each.message.split()[0]
        assert lines[(each.place.line or 0) - 1].lstrip().startswith(f"nsh:{name}")


def test_without_an_ontology_each_target_without_a_match_is_a_finding(tmp_path: Path) -> None:
    shape = "nsh:X-01 sh:targetClass nhs:Plan , nhs:Plann ; sh:nodeKind sh:IRI ."
    found = validate(tmp_path, shape, "id:a a nhs:Plan .")
    assert [(each.rule, each.value) for each in found] == [("unmatched-target", NS + "Plann")]


def test_shapes_that_pyshacl_refuses_are_an_input_error_with_their_file(tmp_path: Path) -> None:
    shape = "nsh:X-01 sh:targetNode ids:a ; sh:property nsh:p . nsh:p sh:maxCount 0 ."
    with pytest.raises(InputError, match=r"own\.ttl: pySHACL refuses the shapes"):
        validate(tmp_path, shape)


# The shapes of a project


@cache
def corpus_with_faults() -> tuple[Quad, ...]:
    faults = """
    gz:a a nhs:Stance ; nhs:about id:hiram-report . gz:b a nhs:Stance ; nhs:about id:nothing .
    gz:c a nhs:Provision , nhs:EffectiveProvision ; nhs:provisionOf id:hiram-report .
    """
    return (*base(), *turtle(faults))


def test_the_same_graph_gives_the_same_findings_in_the_same_order() -> None:
    quads, shapes = corpus_with_faults(), load_shapes(SHAPES)
    first = validate_quads(quads, shapes)
    assert len(first) > 10
    assert first == validate_quads(tuple(reversed(quads)), shapes)
    assert len({each.fingerprint for each in first}) == len(first)
    found = {(each.rule, each.focus) for each in first}
    assert ("C-02", claim("gazette", "a")) in found
    assert ("D-01", claim("gazette", "c")) in found, "an effective provision asserted by hand"
    assert ("D-01", claim("gazette", "sign-off")) not in found, "a derived one"
    assert not {rule for rule, _ in found if rule.startswith("O-")}, "style is for the ontology"
