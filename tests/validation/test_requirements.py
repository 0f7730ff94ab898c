"""The shapes as requirements: what each says of itself, and what it finds in its examples.

What is found is told at its line of the example, or of the corpus that the example is added to;
lines of YAML are asserted in ``test_locating.py``.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from pyoxigraph import NamedNode
from tools.pages import list_requirements, put_list

from nhskg.rdf.errors import InputError
from nhskg.rdf.terms import RDF_TYPE, SH
from nhskg.shacl.findings import Finding, Rule, Severity
from nhskg.shacl.shapes import NSH, load_shapes
from nhskg.shacl.unused_shapes import UNMATCHED
from nhskg.shacl.validation import validate_quads

from .corpus import ROOT, Example, Expected, base, examples, shapes

ALL = examples()
PAGE = ROOT / "docs" / "validation.md"


@pytest.mark.parametrize("requirement", shapes().requirements, ids=lambda each: each.id)
def test_a_requirement_says_all_that_it_must(requirement: Rule) -> None:
    """An engine takes severity and message from the property shape that reports."""
    assert re.fullmatch(r"[A-Z]-\d\d", requirement.id)
    assert requirement.title
    assert requirement.protects.endswith(".")
    assert requirement.repair
    verb = {Severity.VIOLATION: " MUST ", Severity.WARNING: " SHOULD "}[requirement.severity]
    assert verb in requirement.demands
    node = NamedNode(requirement.iri or "")
    text = shapes().text(node, SH + "message")
    assert text.startswith(f"Requirement {requirement.id}: ")
    for part in shapes().values(node, SH + "property"):
        assert isinstance(part, NamedNode)
        if part.value.startswith(f"{requirement.iri}-"):
            assert shapes().values(part, SH + "severity") == shapes().values(node, SH + "severity")
            said = shapes().text(part, SH + "message")
            assert re.fullmatch(rf"Requirement {requirement.id}: .*{verb}.*\. Repair: .*\.", said)


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


# Examples


def found(findings: tuple[Finding, ...]) -> set[Expected]:
    return {
        (
            *(each.rule, each.severity.value, each.focus or ""),
            f"{each.place.path.name}:{each.place.line}" if each.place else "",
        )
        for each in findings
        if each.rule != UNMATCHED
    }


@pytest.mark.parametrize(
    "example", [each for each in ALL if not each.is_valid], ids=lambda each: each.path.stem
)
def test_an_invalid_example_has_exactly_the_findings_it_says(example: Example) -> None:
    findings = validate_quads(example.quads(), shapes(), locate=example.locate())
    assert found(findings) == example.expected
    assert example.requirement in {rule for rule, *_ in example.expected}
    assert all(where for *_, where in example.expected), "every focus is written somewhere"


def test_one_fault_of_several_that_a_requirement_forbids_is_told_alone() -> None:
    told = {
        "C-14-invalid-circle": "a withdrawn claim MUST NOT supersede what supersedes it",
        "C-14-invalid-no-reason": "a withdrawal MUST give one reason, in English",
        "C-14-invalid-still-a-claim": "a withdrawn claim MUST NOT be of a class of claims, too",
        "R-09-invalid-nobody": "a link MUST name one who says so",
        "R-09-invalid-not-stated": "a link MUST be stated as a triple, too",
        "R-09-invalid-own": "a link MUST lead to one web address outside the corpus",
        "R-09-invalid-same-as": "a link MUST have one relation, a mapping relation of SKOS or",
    }
    of = [each for each in ALL if each.requirement in ("C-14", "R-09") and not each.is_valid]
    assert {each.path.stem for each in of} == told.keys()
    for each in of:
        (finding,) = validate_quads(each.quads(), shapes().only({each.requirement}))
        assert finding.message.startswith(told[each.path.stem])
        assert finding.repair


@pytest.mark.parametrize("number", sorted({each.requirement for each in ALL}))
def test_the_valid_examples_of_a_requirement_have_no_finding_of_it(number: str) -> None:
    for example in ALL:
        if example.requirement == number and example.is_valid:
            findings = validate_quads(example.quads(), shapes().only({number}))
            assert found(findings) == example.expected == set(), example.path


def test_the_corpus_of_the_examples_has_no_finding() -> None:
    assert found(validate_quads(base(), shapes())) == set()


def test_every_requirement_has_a_valid_and_an_invalid_example_named_for_it() -> None:
    kinds = {(each.id, kind) for each in shapes().requirements for kind in ("valid", "invalid")}
    assert {(each.requirement, "valid" if each.is_valid else "invalid") for each in ALL} == kinds
    for each in ALL:
        assert re.match(rf"{each.requirement}-(in)?valid-", each.path.name)


# Files of shapes


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
            "nsh:a sh:targetNode 1 ; sh:property nsh:b .",
            "odd.ttl:5:1: a refers to b, which no file",
        ),
        ("nsh:a sh:targetNode 1 ; sh:or ( nsh:a nsh:c ) .", "odd.ttl:5:1: a refers to c, which no"),
        (
            'nsh:a sh:targetClass nhs:Plan ; sh:sparql nsh:q .\nnsh:q sh:select "SELECT" .',
            "odd.ttl:6:7: q has a query that is not SPARQL",
        ),
        (  # blank nodes in a circle are read once
            "nsh:a sh:targetNode 1 ; sh:node _:p . _:p sh:path _:p ; sh:not nsh:b .",
            "odd.ttl:5:1: a refers to b, which no file has",
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
