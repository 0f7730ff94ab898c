"""``docs/ci/gitlab.yml``: the job's script runs in a shell, in an environment of its own."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest
import yaml
from junitparser import JUnitXml

from .conftest import DOCUMENT, ROOT, SETTINGS, break_document, commit
from .services import Environment, execute

pytestmark = pytest.mark.services


def test_a_good_and_a_broken_corpus_go_through_the_script(
    machine: Path, environment: Environment, checkout: Path, workspace: Path, plain: Path
) -> None:
    """``tests/reports`` holds the entries of the code quality report against GitLab's format."""
    image = machine / "image"  # the Python of the image: one without nhskg
    done = execute([sys.executable, "-m", "venv", str(image)], machine, environment)
    assert done.returncode == 0, done.stderr
    path = os.pathsep.join([str(image / "bin"), environment["PATH"]])
    (job,) = yaml.safe_load((ROOT / "docs" / "ci" / "gitlab.yml").read_text("utf-8")).values()
    assert job["artifacts"]["when"] == "always"
    quality, junit = (
        workspace / job["artifacts"]["reports"][name] for name in ("codequality", "junit")
    )
    given = {"NHSKG": str(checkout), "NHSKG_PROJECT": "corpus", "NHSKG_OPTIONS": ""}
    assert given.keys() == job["variables"].keys()
    variables = {"PATH": path, "CI": "true", "CI_PROJECT_DIR": str(workspace), **given}
    script = ["bash", "-eo", "pipefail", "-c", "\n".join(job["script"])]  # as a runner does

    good = execute(script, workspace, environment | variables)
    assert good.returncode == 0, good.stderr
    entries = json.loads(quality.read_text("utf-8"))
    assert {each["severity"] for each in entries} <= {"minor", "info"}
    assert all((workspace / each["location"]["path"]).is_file() for each in entries)
    assert JUnitXml.fromfile(str(junit)).failures == 0

    line = break_document(workspace / "corpus", "passage beyond the text")
    broken = execute(script, workspace, environment | variables)
    assert broken.returncode == 1
    assert f"corpus/{DOCUMENT}:{line}:" in broken.stdout
    entries = json.loads(quality.read_text("utf-8"))
    (worst,) = [each for each in entries if each["severity"] == "major"]
    assert worst["check_name"] == "E-05"
    assert worst["location"] == {"path": f"corpus/{DOCUMENT}", "lines": {"begin": line}}
    assert JUnitXml.fromfile(str(junit)).failures == 1

    commit(workspace)
    more = {"NHSKG_OPTIONS": "--fail-on warning --changed-since=HEAD"}
    unchanged = execute(script, workspace, environment | variables | more)
    assert (unchanged.returncode, unchanged.stdout) == (0, ""), unchanged.stderr
    assert "outside the changes" in unchanged.stderr

    of_any = {"NHSKG_PROJECT": ".", "NHSKG_OPTIONS": "--data my?data --shapes shapes"}
    rdf = execute(script, plain, environment | variables | of_any)
    assert rdf.returncode == 1, rdf.stderr
    assert rdf.stdout.startswith("my data/a/people.ttl:2:1: violation: ")
    (entry,) = json.loads((plain / quality.name).read_text("utf-8"))
    assert entry["location"] == {"path": "my data/a/people.ttl", "lines": {"begin": 2}}
    (plain / "nhskg.toml").write_text(SETTINGS, "utf-8")
    again = execute(script, plain, environment | variables | {"NHSKG_PROJECT": "."})
    assert (again.returncode, again.stdout) == (1, rdf.stdout), again.stderr
