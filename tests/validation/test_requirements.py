"""The shapes as requirements: what each must say of itself, and the page that lists them."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest
from pyoxigraph import NamedNode
from tools.pages import list_requirements, put_list

from nhskg.rdf.errors import InputError
from nhskg.rdf.terms import RDF_TYPE, SH
from nhskg.shacl.findings import Rule, Severity
from nhskg.shacl.shapes import NSH, Shapes, load_shapes

from .corpus import ROOT, SHAPES

PAGE = ROOT / "docs" / "validation.md"


@cache
def shapes() -> Shapes:
    return load_shapes(SHAPES)


@pytest.mark.parametrize("requirement", shapes().requirements, ids=lambda each: each.id)
def test_a_requirement_says_all_that_it_must(requirement: Rule) -> None:
    assert re.fullmatch(r"[A-Z]-\d\d", requirement.id)
    assert requirement.title
    assert requirement.protects.endswith(".")
    assert requirement.repair
    verb = {Severity.VIOLATION: " MUST ", Severity.WARNING: " SHOULD "}[requirement.severity]
    assert verb in requirement.demands
    text = shapes().text(NamedNode(requirement.iri or ""), SH + "message")
    assert text.startswith(f"Requirement {requirement.id}: ")


@pytest.mark.parametrize("requirement", shapes().requirements, ids=lambda each: each.id)
def test_property_shapes_are_named_and_speak_for_their_requirement(
    requirement: Rule,
) -> None:
    """An engine takes severity and message from the shape that reports."""
    node = NamedNode(requirement.iri or "")
    for part in shapes().values(node, SH + "property"):
        assert isinstance(part, NamedNode)
        if part.value.startswith(f"{requirement.iri}-"):
            for name in ("severity", "message"):
                assert shapes().values(part, SH + name) == shapes().values(node, SH + name)


def test_shapes_are_never_blank_nodes() -> None:
    kinds = {NamedNode(SH + each) for each in ("NodeShape", "PropertyShape", "SPARQLConstraint")}
    typed = [node for node in shapes().subjects() if kinds & set(shapes().values(node, RDF_TYPE))]
    assert typed
    assert all(each.value.startswith(NSH) for each in typed)


def test_the_page_lists_every_requirement_and_is_brought_up_to_date() -> None:
    page, requirements = PAGE.read_text("utf-8"), list_requirements(shapes())
    assert put_list(page, requirements) == page, "run make docs"
    assert all(f"**{each.id}**" in page for each in shapes().requirements)
    assert put_list(page.replace("**C-01**", "**C-00**"), requirements) == page
    with pytest.raises(InputError, match="no place for the list"):
        put_list("# Validation\n", "…", path=PAGE)


def test_only_and_without_part_the_requirements() -> None:
    some = {"C-01", "D-03"}
    assert {each.id for each in shapes().only(some).requirements} == some
    rest = {each.id for each in shapes().without(some).requirements}
    assert rest == {each.id for each in shapes().requirements} - some


HEAD = """
@prefix nsh: <https://w3id.org/nhskg/shapes#> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix nhs: <https://w3id.org/nhskg/ns#> .
"""


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (None, "no shapes here"),
        ("nsh:a a [\n", "odd.ttl:6:1: not valid Turtle"),
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
    text: str | None, message: str, tmp_path: Path
) -> None:
    if text is not None:
        (tmp_path / "odd.ttl").write_text(HEAD + text, "utf-8")
    with pytest.raises(InputError) as caught:
        load_shapes(tmp_path)
    assert message in str(caught.value)


def test_blank_nodes_in_a_circle_are_read_once(tmp_path: Path) -> None:
    text = "nsh:a sh:targetClass nhs:Plan ; sh:property _:p . _:p sh:path _:q . _:q sh:path _:q ."
    (tmp_path / "odd.ttl").write_text(HEAD + text, "utf-8")
    assert [each.id for each in load_shapes(tmp_path).requirements] == ["a"]
