"""Each requirement finds exactly what its invalid examples say, and nothing in its valid ones.

What is found is told at its line of the example, or of the corpus that the example is added to.
Lines of YAML are asserted in ``test_yaml_examples.py``.
"""

from __future__ import annotations

from functools import cache

import pytest

from nhskg.rdf.errors import Place
from nhskg.shacl.findings import Finding
from nhskg.shacl.shapes import Shapes, load_shapes
from nhskg.shacl.unused_shapes import UNMATCHED
from nhskg.shacl.validation import validate_quads

from .corpus import EXAMPLES, SHAPES, Example, Expected, base, examples, locate_in, read

ALL = examples()


@cache
def shapes() -> Shapes:
    return load_shapes(SHAPES)


def found(findings: tuple[Finding, ...]) -> set[Expected]:
    return {
        (each.rule, each.severity.value, each.focus or "", shown(each.place))
        for each in findings
        if each.rule != UNMATCHED
    }


def shown(place: Place | None) -> str:
    return f"{place.path.name}:{place.line}" if place else ""


@pytest.mark.parametrize(
    "example", [each for each in ALL if not each.is_valid], ids=lambda each: each.path.stem
)
def test_an_invalid_example_has_exactly_the_findings_it_says(example: Example) -> None:
    quads = [*base(), *read(example.path, example.graph)]
    findings = validate_quads(quads, shapes(), locate=locate_in(example.path))
    assert found(findings) == example.expected
    assert example.requirement in {rule for rule, *_ in example.expected}


@pytest.mark.parametrize(
    "example", [each for each in ALL if not each.is_valid], ids=lambda each: each.path.stem
)
def test_the_line_of_an_example_is_about_what_is_found_there(example: Example) -> None:
    """The line that a header names says the name of the focus, or stands in its block."""
    for _, _, focus, where in example.expected:
        assert where, "every focus is written somewhere"
        name, _, line = where.partition(":")
        lines = (EXAMPLES / name).read_text("utf-8").splitlines()
        block = lines[int(line) - 1 :: -1]
        start = next(text for text in block if text and not text.startswith((" ", "#", "@")))
        assert focus.endswith(start.split()[0].partition(":")[2].strip("<>")), (where, start)


@pytest.mark.parametrize("number", sorted({each.requirement for each in ALL}))
def test_the_valid_examples_of_a_requirement_have_no_finding_of_it(number: str) -> None:
    for example in ALL:
        if example.requirement == number and example.is_valid:
            quads = [*base(), *read(example.path, example.graph)]
            assert found(validate_quads(quads, shapes().only({number}))) == set(), example.path


def test_the_corpus_of_the_examples_has_no_finding() -> None:
    assert found(validate_quads(base(), shapes())) == set()


def test_every_requirement_has_a_valid_and_an_invalid_example() -> None:
    numbers = {each.id for each in shapes().requirements}
    assert {each.requirement for each in ALL if each.is_valid} == numbers
    assert {each.requirement for each in ALL if not each.is_valid} == numbers


@pytest.mark.parametrize("example", ALL, ids=lambda each: each.path.stem)
def test_an_example_is_named_for_its_requirement(example: Example) -> None:
    kind = "valid" if example.is_valid else "invalid"
    assert example.path.name.startswith(f"{example.requirement}-{kind}-")
    assert example.is_valid == (not example.expected)
