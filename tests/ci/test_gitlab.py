"""``docs/ci/gitlab.yml``: the job's script runs in a shell, in an environment of its own."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from junitparser import JUnitXml

from .conftest import DOCUMENT, ROOT, break_document
from .services import Environment, execute, run_gitlab_job

pytestmark = pytest.mark.services


@pytest.fixture(scope="module")
def job() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((ROOT / "docs" / "ci" / "gitlab.yml").read_text("utf-8"))
    (job,) = found.values()
    assert isinstance(job, dict)
    return job


@pytest.fixture(scope="module")
def image(machine: Path, environment: Environment) -> Environment:
    """The Python of the image: one without nhskg, into which the script installs."""
    folder = machine / "image"
    done = execute([sys.executable, "-m", "venv", str(folder)], machine, environment)
    assert done.returncode == 0, done.stderr
    return {**environment, "PATH": os.pathsep.join([str(folder / "bin"), environment["PATH"]])}


def test_a_good_and_a_broken_corpus_go_through_the_script(
    job: dict[str, Any], image: Environment, checkout: Path, workspace: Path
) -> None:
    reports = job["artifacts"]["reports"]
    given = {"NHSKG": str(checkout), "NHSKG_PROJECT": "corpus"}
    assert given.keys() == job["variables"].keys()

    good = run_gitlab_job(job, workspace, image, **given)
    assert good.returncode == 0, good.stderr
    assert {each["severity"] for each in entries(workspace, reports)} <= {"minor", "info"}
    assert JUnitXml.fromfile(str(workspace / reports["junit"])).failures == 0

    line = break_document(workspace / "corpus", "passage beyond the text")
    broken = run_gitlab_job(job, workspace, image, **given)
    assert broken.returncode == 1
    assert f"corpus/{DOCUMENT}:{line}:" in broken.stdout
    (worst,) = [each for each in entries(workspace, reports) if each["severity"] == "major"]
    assert worst["check_name"] == "E-05"
    assert worst["location"] == {"path": f"corpus/{DOCUMENT}", "lines": {"begin": line}}
    assert JUnitXml.fromfile(str(workspace / reports["junit"])).failures == 1


def entries(workspace: Path, reports: dict[str, str]) -> list[dict[str, Any]]:
    """Return the entries of the report; ``tests/reports`` holds them against GitLab's format."""
    text = (workspace / reports["codequality"]).read_text("utf-8")
    found: list[dict[str, Any]] = json.loads(text)
    assert found
    assert all((workspace / each["location"]["path"]).is_file() for each in found)
    return found


def test_the_reports_are_kept_when_the_job_fails(job: dict[str, Any]) -> None:
    assert job["artifacts"]["when"] == "always"
    written = " ".join(job["script"])
    assert all(f"={file}" in written for file in job["artifacts"]["reports"].values())
