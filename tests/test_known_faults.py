"""Inputs that some version answered wrongly: what is right of an answer today stays right.

``NHSKG_FAULTS`` names the folder of the inputs; ``tests/data/known_faults.yaml`` has the cases.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml

from nhskg.project import Project

CASES: list[dict[str, Any]] = yaml.safe_load(
    (Path(__file__).parent / "data" / "known_faults.yaml").read_text("utf-8")
)
NOISE = r"Traceback|site-packages|\w(Error|Warning): |trying to serialize this"
"""What Python, or a library beneath nhskg, writes when nobody catches it."""


class Fact(NamedTuple):
    """A regular expression that the answer matches, or does not match."""

    pattern: str
    matches: bool = True

    def holds(self, answer: str) -> bool:
        return bool(re.search(self.pattern, answer, re.MULTILINE)) == self.matches


def facts(given: dict[str, Any]) -> Iterator[Fact]:
    """Yield the facts that a case, or its part ``later``, lists."""
    if "exit" in given:
        yield Fact(rf"\Aexit {given['exit']}$")
    if given.get("quiet"):
        yield Fact(NOISE, matches=False)
    yield from (Fact(pattern) for pattern in given.get("has", ()))
    yield from (Fact(pattern, matches=False) for pattern in given.get("lacks", ()))
    for name, values in given.get("ill_typed", {}).items():
        yield from (Fact(rf"along ex:{name}: ?{re.escape(value)} ?\[") for value in values)


@pytest.fixture(scope="module")
def faults(tmp_path_factory: pytest.TempPathFactory) -> Path:
    given = os.environ.get("NHSKG_FAULTS")
    if not given:
        pytest.skip("NHSKG_FAULTS names no folder of inputs")
    return Path(shutil.copytree(given, tmp_path_factory.mktemp("faults") / "faults"))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["case"])
def test_what_is_right_stays_right(case: dict[str, Any], faults: Path, real: Project) -> None:
    folder = faults / case["case"].partition(":")[0]
    if not folder.is_dir():
        pytest.skip("this is no longer among the inputs")
    command = case.get("command", "validate --data d.ttl --shapes s.ttl")
    arguments = shlex.split(command.replace("BUILT", str(real.root)))
    environment = {name: value for name, value in os.environ.items() if name != "NHSKG_TEXTS"}
    done = subprocess.run(
        [sys.executable, "-m", "nhskg", *arguments],
        cwd=folder,
        env=environment,
        capture_output=True,
        timeout=300,
        check=False,
    )
    answer = f"exit {done.returncode}\n{(done.stdout + done.stderr).decode('utf-8')}"
    later = case.get("later", {})
    today = {**case, "quiet": not later.get("quiet")}
    assert done.returncode in (0, 1, 2), answer
    assert [fact for fact in facts(today) if not fact.holds(answer)] == [], answer
    missing = [fact.pattern for fact in facts(later) if not fact.holds(answer)]
    if missing:
        pytest.xfail(", ".join(missing))
