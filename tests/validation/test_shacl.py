"""Validation of a graph: findings out of results, and shapes that would pass by doing nothing."""

from __future__ import annotations

import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest
from pyoxigraph import Quad, Store

from nhskg.rdf.errors import InputError, Place
from nhskg.rdf.terms import ID, NS, claim
from nhskg.shacl.findings import Finding, Locate, Severity
from nhskg.shacl.loading import load_shapes
from nhskg.shacl.requirements import NSH
from nhskg.shacl.validation import nowhere, validate_graph, validate_quads

from .corpus import SHAPES, base, turtle

HEAD = """
@prefix gz: <https://w3id.org/nhskg/id/claim/gazette/> .
@prefix ids: <https://w3id.org/nhskg/id/> .
@prefix nhs: <https://w3id.org/nhskg/ns#> .
@prefix nsh: <https://w3id.org/nhskg/shapes#> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
<https://w3id.org/nhskg/shapes> sh:declare nsh:prefix .
nsh:prefix sh:prefix "nhs" ; sh:namespace "https://w3id.org/nhskg/ns#"^^xsd:anyURI .
"""

DATA = """
nhs:Plan a owl:Class . nhs:Proposal a owl:Class ; rdfs:subClassOf nhs:Plan .
nhs:baseline a owl:ObjectProperty . nhs:claimant a owl:ObjectProperty .
id:a a nhs:Proposal ; nhs:baseline id:b . id:b a nhs:Plan ; nhs:baseline id:a .
"""


ON_A = "nsh:X-01 sh:targetNode ids:a ; sh:property nsh:p ."


def validate(
    tmp_path: Path, shapes: str, data: str = DATA, locate: Locate = nowhere
) -> tuple[Finding, ...]:
    path = tmp_path / "own.ttl"
    path.write_text(HEAD + shapes, "utf-8")
    return validate_quads(turtle(data), load_shapes(path), locate=locate)


def told(tmp_path: Path, shapes: str, data: str = DATA) -> list[str]:
    found = validate(tmp_path, shapes, data)
    return [str(each).replace(str(tmp_path), "…") for each in found]


def test_subclasses_of_a_targeted_class_are_looked_at(tmp_path: Path) -> None:
    shape = """
    nsh:X-01 a sh:NodeShape ; sh:targetClass nhs:Plan ; sh:property nsh:X-01-a .
    nsh:X-01-a sh:path nhs:baseline ; sh:maxCount 0 ; sh:severity sh:Warning ;
        sh:message "Requirement X-01: a plan MUST be one. Repair: mend it." .
    """
    assert told(tmp_path, shape) == [
        "a: warning: a plan MUST be one; mend it [X-01]",
        "b: warning: a plan MUST be one; mend it [X-01]",
    ]


def test_a_result_keeps_focus_path_and_value(tmp_path: Path) -> None:
    shape = """
    nsh:X-01 sh:targetNode ids:a ; sh:property nsh:X-01-a .
    nsh:X-01-a sh:path ( nhs:baseline [ sh:inversePath nhs:baseline ] ) ; sh:nodeKind sh:Literal ;
        sh:message "{$this} has {?value} by {?path}" .
    """
    (found,) = validate(tmp_path, shape)
    assert (found.rule, found.severity) == ("X-01", Severity.VIOLATION)
    assert (found.focus, found.value) == (ID + "a", ID + "a")
    assert str(found.path) == "nhs:baseline/^nhs:baseline"
    assert found.message == "a has a by nhs:baseline/^nhs:baseline"


@pytest.mark.parametrize(
    ("path", "written"),
    [
        ("nhs:baseline", "nhs:baseline"),
        ("[ sh:oneOrMorePath nhs:baseline ]", "nhs:baseline+"),
        ("[ sh:zeroOrMorePath ( nhs:baseline nhs:baseline ) ]", "(nhs:baseline/nhs:baseline)*"),
        ("[ sh:zeroOrOnePath nhs:baseline ]", "nhs:baseline?"),
        ("[ sh:alternativePath ( nhs:baseline nhs:claimant ) ]", "nhs:baseline|nhs:claimant"),
        ("[ sh:inversePath nhs:baseline ]", "^nhs:baseline"),
    ],
)
def test_paths_are_told_in_the_syntax_of_sparql(path: str, written: str, tmp_path: Path) -> None:
    shape = f"{ON_A} nsh:p sh:path {path} ; sh:maxCount 0 ."
    assert {str(each.path) for each in validate(tmp_path, shape)} == {written}


def test_a_query_fills_message_path_and_value(tmp_path: Path) -> None:
    shape = '''
    nsh:X-02 sh:targetClass nhs:Plan ; sh:message "{$this} and {?value}: {?other}" ;
        sh:sparql nsh:X-02-query .
    nsh:X-02-query sh:prefixes <https://w3id.org/nhskg/shapes> ; sh:select """
        SELECT $this (nhs:baseline AS ?path) ?value ?other
        WHERE { $this nhs:baseline ?value . ?value nhs:baseline ?other }""" .
    '''
    found = validate(tmp_path, shape)
    assert [(each.message, str(each.path), each.value) for each in found] == [
        ("a and b: a", "nhs:baseline", ID + "b"),
        ("b and a: b", "nhs:baseline", ID + "a"),
    ]


def test_a_property_shape_without_a_message_speaks_as_its_requirement(tmp_path: Path) -> None:
    shape = """
    nsh:X-01 sh:targetNode ids:a ; sh:property nsh:p ;
        sh:message "Requirement X-01: no. Repair: do." .
    nsh:p sh:path nhs:baseline ; sh:maxCount 0 .
    """
    assert told(tmp_path, shape) == ["a: violation: no; do [X-01]"]


def test_shapes_without_names_or_messages_are_reported_as_their_requirement(
    tmp_path: Path,
) -> None:
    shape = "nsh:X-01 sh:targetNode ids:a ; sh:property [ sh:path nhs:baseline ; sh:maxCount 0 ] ."
    (found,) = validate(tmp_path, shape)
    assert found.rule == "X-01"
    assert "nhs:baseline" in found.message or "baseline" in found.message


def test_a_finding_stands_where_the_locator_says(tmp_path: Path) -> None:
    seen = []

    def locate(
        focus: str, predicate: str | None = None, value: str | None = None
    ) -> tuple[Place, ...]:
        seen.append((focus, predicate, value))
        return (Place(Path("a.yaml"), 3, 4), Place(Path("b.yaml"), 5))

    shape = f"{ON_A} nsh:p sh:path nhs:baseline ; sh:maxCount 0 ."
    (found,) = validate(tmp_path, shape, locate=locate)
    assert seen == [(ID + "a", NS + "baseline", None)]
    assert (found.place, found.related) == (
        Place(Path("a.yaml"), 3, 4),
        (Place(Path("b.yaml"), 5),),
    )


def test_a_target_that_finds_nothing_is_told(tmp_path: Path) -> None:
    data = DATA + "nhs:Cohort a owl:Class . nhs:cohort a owl:ObjectProperty ."
    shape = """
    nsh:X-01 sh:targetClass nhs:Cohort ; sh:nodeKind sh:IRI .
    nsh:X-02 sh:targetSubjectsOf nhs:cohort ; sh:targetObjectsOf nhs:cohort ; sh:nodeKind sh:IRI .
    nsh:X-03 sh:targetClass nhs:Cohort , nhs:Plan ; sh:nodeKind sh:IRI .
    """
    found = validate(tmp_path, shape, data)
    assert {each.rule for each in found} == {"unmatched-target"}
    assert {each.severity for each in found} == {Severity.INFO}
    assert [each.message for each in found] == [
        "X-01 finds nothing to look at: there is no instance of nhs:Cohort",
        "X-02 finds nothing to look at: nothing is the value of nhs:cohort, nothing has nhs:cohort",
    ]
    assert [each.focus for each in found] == [NSH + "X-01", NSH + "X-02"]


def test_a_term_that_no_ontology_declares_is_a_violation(tmp_path: Path) -> None:
    shape = '''
    nsh:X-01 sh:targetClass nhs:Plann ; sh:property nsh:X-01-a .
    nsh:X-01-a sh:path [ sh:inversePath nhs:basline ] ; sh:class nhs:Plan .
    nsh:X-02 sh:targetClass nhs:Plan ; sh:sparql nsh:X-02-query .
    nsh:X-02-query sh:prefixes <https://w3id.org/nhskg/shapes> ; sh:select """
        # nhs:inAComment
        SELECT $this WHERE {
            $this nhs:noSuch <https://w3id.org/nhskg/ns#NorThis> , "nhs:noTerm"
        }""" .
    '''
    found = validate(tmp_path, shape)
    assert [each.message for each in found] == [
        "X-01 uses nhs:Plann, which no ontology declares",
        "X-01 uses nhs:basline, which no ontology declares",
        "X-02-query uses nhs:NorThis, which no ontology declares",
        "X-02-query uses nhs:noSuch, which no ontology declares",
    ]
    assert {(each.rule, each.severity) for each in found} == {
        ("undeclared-term", Severity.VIOLATION)
    }


def test_without_an_ontology_each_target_without_a_match_is_told(tmp_path: Path) -> None:
    shape = "nsh:X-01 sh:targetClass nhs:Plan , nhs:Plann ; sh:nodeKind sh:IRI ."
    found = validate(tmp_path, shape, "id:a a nhs:Plan .")
    assert [(each.rule, each.value) for each in found] == [("unmatched-target", NS + "Plann")]


def test_a_named_node_that_nothing_mentions_is_told(tmp_path: Path) -> None:
    shape = "nsh:X-01 a sh:NodeShape ; sh:targetNode ids:aa ; sh:nodeKind sh:IRI ."
    (found,) = validate(tmp_path, shape)
    assert str(found).endswith(
        ": info: X-01 finds nothing to look at: there is no aa; nothing to mend if the corpus "
        "has none; else correct the target [unmatched-target]"
    )


def test_a_shape_that_is_asked_by_nothing_is_a_violation(tmp_path: Path) -> None:
    shapes = """
    nsh:X-01 a sh:NodeShape ; sh:targetClass nhs:Plan ; sh:node nsh:help .
    nsh:help a sh:NodeShape ; sh:nodeKind sh:IRI .
nsh:X-02 a sh:NodeShape ; sh:property nsh:X-02-a .
    nsh:X-02-a a sh:PropertyShape ; sh:path nhs:baseline ; sh:maxCount 0 .
    nsh:X-03 a sh:NodeShape ; sh:nodeKind sh:IRI ; sh:deactivated true .
    """
    (found,) = validate(tmp_path, shapes)
    assert (found.rule, found.severity, found.focus) == (
        "idle-shape",
        Severity.VIOLATION,
        NSH + "X-02",
    )
    assert found.place is not None
    lines = (HEAD + shapes).splitlines()
    assert lines[(found.place.line or 0) - 1].startswith("nsh:X-02 ")


def test_a_word_that_shacl_does_not_have_is_a_violation(tmp_path: Path) -> None:
    shapes = """
    nsh:X-01 a sh:NodeShape ; sh:targetClass nhs:Plan ; sh:nodKind sh:IRI ; sh:property nsh:p .
    nsh:p a sh:PropertyShap ; sh:path nhs:baseline .
    """
    found = validate(tmp_path, shapes)
    assert {(each.rule, each.severity) for each in found} == {
        ("undeclared-term", Severity.VIOLATION)
    }
    assert [each.message for each in found] == [
        "X-01 uses sh:nodKind, which SHACL does not have; did you mean 'sh:nodeKind'?",
        "p uses sh:PropertyShap, which SHACL does not have; did you mean 'sh:PropertyShape'?",
    ]


def test_what_pyshacl_refuses_is_an_input_error(tmp_path: Path) -> None:
    shape = f"{ON_A} nsh:p sh:maxCount 0 ."
    with pytest.raises(InputError, match=r"own\.ttl: pySHACL refuses the shapes"):
        validate(tmp_path, shape)
    query = "SELECT $this WHERE { $this ?p ?o MINUS { $this a ?c } }"
    minus = f'nsh:X-01 sh:targetNode ids:a ; sh:sparql [ sh:select "{query}" ] .'
    with pytest.raises(InputError, match="must not contain a MINUS"):
        validate(tmp_path, minus)


@cache
def corpus_with_faults() -> tuple[Quad, ...]:
    faults = """
    gz:a a nhs:Stance ; nhs:about id:hiram-report . gz:b a nhs:Stance ; nhs:about id:nothing .
    gz:c a nhs:Provision , nhs:EffectiveProvision ; nhs:provisionOf id:hiram-report .
    """
    return (*base(), *turtle(faults))


def test_the_same_graph_gives_the_same_findings_in_the_same_order() -> None:
    quads = corpus_with_faults()
    shapes = load_shapes(SHAPES)
    first = validate_quads(quads, shapes)
    assert len(first) > 10
    assert first == validate_quads(tuple(reversed(quads)), shapes)
    assert len({each.fingerprint for each in first}) == len(first)


def test_a_store_is_validated_by_a_folder_of_shapes() -> None:
    store = Store()
    store.extend(corpus_with_faults())
    found = {(each.rule, each.focus) for each in validate_graph(store, SHAPES)}
    assert ("C-02", claim("gazette", "a")) in found
    assert ("D-01", claim("gazette", "c")) in found, "an effective provision asserted by hand"
    assert ("D-01", claim("gazette", "sign-off")) not in found, "a derived one"
    assert not {rule for rule, _ in found if rule.startswith("O-")}, "style is for the ontology"


def test_importing_validation_loads_neither_rdflib_nor_an_engine() -> None:
    names = ["findings", "loading", "requirements", "validation", "rdf_validation"]
    script = f"import sys, {', '.join(f'nhskg.shacl.{name}' for name in names)}\n"
    script += "sys.exit(' '.join({'rdflib', 'pyshacl', 'pyshacl_turbo'} & set(sys.modules)) or 0)"
    subprocess.run([sys.executable, "-c", script], check=True)
