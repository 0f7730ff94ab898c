"""Each requirement finds exactly what its invalid examples say, and nothing in its valid ones."""

from __future__ import annotations

from functools import cache

import pytest

from nhskg.validation.findings import Finding
from nhskg.validation.idle_shapes import UNMATCHED
from nhskg.validation.loading import load_shapes
from nhskg.validation.requirements import Shapes
from nhskg.validation.shacl import validate_quads

from .corpus import SHAPES, Example, base, examples, read

ALL = examples()


@cache
def shapes() -> Shapes:
    return load_shapes(SHAPES)


def found(findings: tuple[Finding, ...]) -> set[tuple[str, str, str]]:
    return {
        (each.rule, each.severity.value, each.focus or "")
        for each in findings
        if each.rule != UNMATCHED
    }


@pytest.mark.parametrize(
    "example", [each for each in ALL if not each.is_valid], ids=lambda each: each.path.stem
)
def test_an_invalid_example_has_exactly_the_findings_it_says(example: Example) -> None:
    quads = [*base(), *read(example.path, example.graph)]
    assert found(validate_quads(quads, shapes())) == example.expected
    assert example.requirement in {rule for rule, _, _ in example.expected}


@pytest.mark.parametrize("number", sorted({each.requirement for each in ALL}))
def test_the_valid_examples_of_a_requirement_have_no_finding_of_it(number: str) -> None:
    for example in ALL:
        if example.requirement == number and example.is_valid:
            quads = [*base(), *read(example.path, example.graph)]
            assert found(validate_quads(quads, shapes().only({number}))) == set(), example.path


def test_the_corpus_of_the_examples_has_no_finding() -> None:
    assert found(validate_quads(base(), shapes())) == set()


def test_every_requirement_has_a_valid_and_an_invalid_example() -> None:
    numbers = {each.number for each in shapes().requirements}
    assert {each.requirement for each in ALL if each.is_valid} == numbers
    assert {each.requirement for each in ALL if not each.is_valid} == numbers


@pytest.mark.parametrize("example", ALL, ids=lambda each: each.path.stem)
def test_an_example_is_named_for_its_requirement(example: Example) -> None:
    kind = "valid" if example.is_valid else "invalid"
    assert example.path.name.startswith(f"{example.requirement}-{kind}-")
    assert example.is_valid == (not example.expected)
