"""The shapes as requirements: what each must say of itself, and the page that lists them."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest
from pyoxigraph import BlankNode, NamedNode
from tools.requirements_page import list_requirements, put_list

from nhskg.graph.mapping import map_ontology
from nhskg.rdf.errors import InputError
from nhskg.rdf.terms import RDF_TYPE, SH
from nhskg.shacl.findings import Severity
from nhskg.shacl.loading import load_shapes
from nhskg.shacl.requirements import NSH, Requirement, Shapes

from .corpus import ROOT, SHAPES

PAGE = ROOT / "docs" / "validation.md"


@cache
def shapes() -> Shapes:
    return load_shapes(SHAPES)


@pytest.mark.parametrize("requirement", shapes().requirements, ids=lambda each: each.number)
def test_a_requirement_says_all_that_it_must(requirement: Requirement) -> None:
    assert re.fullmatch(r"[A-Z]-\d\d", requirement.number)
    assert requirement.name
    assert requirement.description.endswith(".")
    assert requirement.repair
    verb = {Severity.VIOLATION: " MUST ", Severity.WARNING: " SHOULD "}[requirement.severity]
    assert verb in requirement.message
    text = shapes().text(NamedNode(requirement.iri), SH + "message")
    assert text.startswith(f"Requirement {requirement.number}: ")


@pytest.mark.parametrize("requirement", shapes().requirements, ids=lambda each: each.number)
def test_property_shapes_are_named_and_speak_for_their_requirement(
    requirement: Requirement,
) -> None:
    """An engine takes severity and message from the shape that reports."""
    node = NamedNode(requirement.iri)
    for part in shapes().values(node, SH + "property"):
        assert isinstance(part, NamedNode)
        if part.value.startswith(f"{requirement.iri}-"):
            for name in ("severity", "message"):
                assert shapes().values(part, SH + name) == shapes().values(node, SH + name)


def test_shapes_are_never_blank_nodes() -> None:
    kinds = {SH + "NodeShape", SH + "PropertyShape", SH + "SPARQLConstraint"}
    typed = [
        triple.subject
        for triple in shapes().triples
        if triple.predicate.value == RDF_TYPE
        and isinstance(triple.object, NamedNode)
        and triple.object.value in kinds
    ]
    assert typed
    assert not [each for each in typed if isinstance(each, BlankNode)]
    assert all(NSH in str(each) for each in typed)


def test_every_shape_is_used() -> None:
    used = {use.term for use in shapes().references()}
    requirements = {each.iri for each in shapes().requirements}
    kinds = {SH + "NodeShape", SH + "PropertyShape"}
    declared = {
        triple.subject.value
        for triple in shapes().triples
        if triple.predicate.value == RDF_TYPE
        and isinstance(triple.subject, NamedNode)
        and isinstance(triple.object, NamedNode)
        and triple.object.value in kinds
    }
    assert declared - used - requirements == set()


def test_every_class_and_property_of_the_shapes_is_declared() -> None:
    declared = {
        quad.subject.value
        for quad in map_ontology(ROOT / "ontology")
        if quad.predicate.value == RDF_TYPE and isinstance(quad.subject, NamedNode)
    }
    used = {use.term for use in shapes().uses()}
    assert len(used) > 100
    assert {each for each in used if "/id/" not in each} - declared == set()


def test_the_page_lists_every_requirement_as_it_is() -> None:
    page = PAGE.read_text("utf-8")
    assert put_list(page, list_requirements(shapes())) == page, "run make docs"
    assert all(f"**{each.number}**" in page for each in shapes().requirements)


def test_the_page_is_brought_up_to_date() -> None:
    page = PAGE.read_text("utf-8")
    old = page.replace("**C-01**", "**C-00**")
    assert old != page
    assert put_list(old, list_requirements(shapes())) == page


def test_a_page_without_a_place_for_the_list_is_refused() -> None:
    with pytest.raises(InputError, match="no place for the list"):
        put_list("# Validation\n", "…", path=PAGE)


def test_only_and_without_part_the_requirements() -> None:
    some = {"C-01", "D-03"}
    assert {each.number for each in shapes().only(some).requirements} == some
    rest = {each.number for each in shapes().without(some).requirements}
    assert rest == {each.number for each in shapes().requirements} - some


def test_what_is_not_turtle_is_told_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "odd.ttl").write_text("@prefix a: <http://a/> .\na:b a [\n", "utf-8")
    with pytest.raises(InputError, match=r"odd\.ttl:3:1: not valid Turtle"):
        load_shapes(tmp_path)


HEAD = """
@prefix nsh: <https://w3id.org/nhskg/shapes#> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix nhs: <https://w3id.org/nhskg/ns#> .
"""


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("nsh:a a sh:NodeShape .", "no shape with a target here"),
        (
            "nsh:a sh:targetClass nhs:Plan ; sh:property nsh:b .",
            "odd.ttl:5:1: a refers to b, which no file has",
        ),
        (
            "nsh:a sh:targetClass nhs:Plan ; sh:or ( nsh:a nsh:c ) .",
            "odd.ttl:5:1: a refers to c, which no file has",
        ),
        (
            'nsh:a sh:targetClass nhs:Plan ; sh:sparql nsh:q .\nnsh:q sh:select "SELECT" .',
            "odd.ttl:6:1: the query of q is not valid SPARQL",
        ),
    ],
)
def test_shapes_that_would_only_fail_later_are_refused(
    text: str, told: str, tmp_path: Path
) -> None:
    (tmp_path / "odd.ttl").write_text(HEAD + text, "utf-8")
    with pytest.raises(InputError) as caught:
        load_shapes(tmp_path)
    assert told in str(caught.value)


def test_a_folder_without_shapes_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no shapes here"):
        load_shapes(tmp_path)
    with pytest.raises(InputError, match="cannot be read"):
        load_shapes(tmp_path / "gone.ttl")
