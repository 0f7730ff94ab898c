"""The wheel holds the package and its data, and answers in an empty folder."""

from __future__ import annotations

import os
import sys
import zipfile
from pathlib import Path

import pytest

from nhskg.shacl.rules import load_rules, render_page

from .conftest import ROOT
from .services import Environment, execute

pytestmark = pytest.mark.wheel

ANSWERS = ROOT / "tests" / "queries" / "golden"


def run(*command: str, cwd: Path, env: Environment) -> str:
    done = execute([sys.executable, *command], cwd, env)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_an_installed_wheel_answers_in_an_empty_folder(
    checkout: Path, environment: Environment, tmp_path: Path
) -> None:
    """The wheel holds the package with its data, and nothing else."""
    site, empty, wheels = (tmp_path / name for name in ("site", "empty", "wheels"))
    empty.mkdir()
    pip = ("-m", "pip", "--quiet")
    run(*pip, "wheel", "--wheel-dir", str(wheels), str(checkout), cwd=empty, env=environment)
    (wheel,) = wheels.glob("nhskg-*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    assert {name.split("/")[0].partition("-")[0] for name in names} == {"nhskg"}
    data = {name.split("/")[2] for name in names if name.startswith("nhskg/data/")}
    assert data == {"LICENSES", "ontology", "queries", "seeds", "shapes"}
    assert "nhskg/shacl/built_in_rules.yaml" in names
    run(*pip, "install", "--target", str(site), str(wheel), cwd=empty, env=environment)
    path = os.pathsep.join([str(site), environment["PYTHONPATH"]])
    env = {**environment, "PYTHONPATH": path, "XDG_CACHE_HOME": str(tmp_path / "cache")}
    file = run("-c", "import nhskg; print(nhskg.__file__)", cwd=empty, env=env)
    assert Path(file.strip()).is_relative_to(site)
    for name in ("holders", "conflicts"):
        asked = ("-m", "nhskg", "query", "run", name, "--format", "csv")
        answer = (ANSWERS / f"{name}.csv").read_text("utf-8")
        assert run(*asked, cwd=empty, env=env) == answer
    told = run("-m", "nhskg", "explain", "reading", cwd=empty, env=env)
    assert told == render_page(load_rules(ROOT / "shapes")["reading"])
    told = run("-m", "nhskg", "explain", "C-02", cwd=empty, env=env)
    assert "shapes/examples/C-02-valid-" in told
    run("-m", "nhskg", "new", str(tmp_path / "begun"), cwd=empty, env=env)
    begun = ("-m", "nhskg", "--project", str(tmp_path / "begun"), "validate")
    assert run(*begun, cwd=empty, env=env) == ""
    assert list(empty.iterdir()) == []
