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
from pathlib import Path
from typing import Any

import pytest
import yaml

from nhskg.project import Project

CASES: list[dict[str, Any]] = yaml.safe_load(
    (Path(__file__).parent / "data" / "known_faults.yaml").read_text("utf-8")
)
NOISE = r"Traceback|site-packages|\w(Error|Warning): |trying to serialize this"
"""What Python, or a library beneath nhskg, writes when nobody catches it."""


def broken(given: dict[str, Any], answer: str) -> list[str]:
    """Return the facts that a case, or its part ``later``, lists and the answer does not keep."""
    has, lacks = [*given.get("has", ())], [*given.get("lacks", ())]
    if "exit" in given:
        has.append(rf"\Aexit {given['exit']}$")
    if given.get("quiet"):
        lacks.append(NOISE)
    for name, values in given.get("ill_typed", {}).items():
        has += (rf"along ex:{name}: ?{re.escape(value)} ?\[" for value in values)
    found = {each for each in (*has, *lacks) if re.search(each, answer, re.MULTILINE)}
    return [each for each in has if each not in found] + [each for each in lacks if each in found]


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
    assert broken(today, answer) == [], answer
    if missing := broken(later, answer):
        pytest.xfail(", ".join(missing))
