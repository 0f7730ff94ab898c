"""The tests of W3C's SHACL recommendation; ``NHSKG_SUITES`` names the folder that has them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from nhskg.shacl.engines import EngineName

from .w3c_suite import suite_cases

BY_PYSHACL = {"shapesGraph-001"}
"""What pySHACL fails behind our code: it has no graph of the shapes."""


@pytest.mark.parametrize(("part", "number"), [("core", 98), ("sparql", 22)])
@pytest.mark.parametrize(("engine", "failing"), [("turbo", set()), ("pyshacl", BY_PYSHACL)])
def test_the_suite_of_the_recommendation(
    part: str, number: int, engine: EngineName, failing: set[str]
) -> None:
    given = os.environ.get("NHSKG_SUITES")
    if not given:
        pytest.skip("NHSKG_SUITES names no folder of suites")
    found = list(suite_cases(Path(given) / "shacl" / part / "manifest.ttl"))
    assert len(found) == number
    failed = {each.name for each in found if not each.passes(engine)}
    assert failed == {each.name for each in found} & failing
