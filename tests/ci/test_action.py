"""``action.yml``: its steps run in a shell, in order, with what GitHub would give them.

nhskg is really installed, from a checkout into an environment of its own; see ``environment`` for
where its dependencies come from. Steps that use another action are listed, and not run.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from .conftest import DOCUMENT, ROOT, break_document
from .services import Action, Environment, Job, execute

pytestmark = pytest.mark.services

UPLOAD = "github/codeql-action/upload-sarif@v4"
ALL = ["Find Python", "Install nhskg", "Validate", "Fail as nhskg failed"]
PATH = f"corpus/{DOCUMENT}"
Runner = Callable[..., Job]


@pytest.fixture(scope="module")
def action(checkout: Path) -> Action:
    return Action(checkout / "action.yml")


@pytest.fixture(scope="module")
def temporary(machine: Path) -> Path:
    folder = machine / "temporary"
    folder.mkdir()
    return folder


@pytest.fixture(scope="module")
def installed(action: Action, machine: Path, temporary: Path, environment: Environment) -> Job:
    """A job in which the steps up to the installation have run; they are the same for all."""
    job = action.run(machine, temporary, environment, until="Install nhskg")
    assert job.code == 0, job.errors
    return job


@pytest.fixture
def run(action: Action, installed: Job, temporary: Path, environment: Environment) -> Runner:
    def run_from_installed(workspace: Path, **inputs: str) -> Job:
        (temporary / "nhskg.sarif").unlink(missing_ok=True)
        return action.run(workspace, temporary, environment, before=installed, **inputs)

    return run_from_installed


def results(job: Job) -> list[dict[str, Any]]:
    """Return the results of the job's SARIF; ``tests/reports`` holds it against its schema."""
    log = json.loads(Path(job.outputs["validate"]["sarif-file"]).read_text("utf-8"))
    assert log["version"] == "2.1.0"
    found: list[dict[str, Any]] = log["runs"][0]["results"]
    return found


def marked(job: Job, kind: str) -> list[str]:
    return [line for line in job.log.splitlines() if line.startswith(f"::{kind} ")]


def test_the_file_holds_shell_steps_one_other_action_and_inputs_that_are_used(
    action: Action,
) -> None:
    assert action.data["runs"]["using"] == "composite"
    assert [step["name"] for step in action.steps if "run" in step] == ALL
    assert [step["uses"] for step in action.steps if "uses" in step] == [UPLOAD]
    inputs = action.data["inputs"]
    assert all(each["description"] and "default" in each for each in inputs.values())
    used = re.findall(r"inputs\.([\w-]+)", (ROOT / "action.yml").read_text("utf-8"))
    assert set(used) == set(inputs)


def test_no_script_holds_an_expression(action: Action) -> None:
    """What somebody else can write, as the name of a file, must not become part of a script."""
    assert not [step["name"] for step in action.steps if "${{" in step.get("run", "")]


def test_the_example_workflow_gives_inputs_that_there_are(action: Action) -> None:
    workflow = yaml.safe_load((ROOT / "docs" / "ci" / "github.yml").read_text("utf-8"))
    steps = workflow["jobs"]["validate"]["steps"]
    (ours,) = [step for step in steps if "nhskg" in step["uses"]]
    assert set(ours["with"]) <= set(action.data["inputs"])
    assert workflow["permissions"]["security-events"] == "write"


def test_nhskg_is_installed_from_the_checkout_of_the_action(
    installed: Job, temporary: Path
) -> None:
    assert installed.ran == ALL[:2]
    assert installed.outputs["install"]["nhskg"] == str(temporary / "nhskg" / "bin" / "nhskg")
    package = next((temporary / "nhskg" / "lib").glob("python*/site-packages/nhskg"))
    assert (package / "data" / "shapes").is_dir()


def test_a_good_corpus_passes_with_its_warnings_as_annotations(
    run: Runner, workspace: Path
) -> None:
    break_document(workspace / "corpus", "passage a letter early")  # which no text shows here
    job = run(workspace, project="corpus")
    assert job.code == 0, job.errors
    assert job.ran == ALL
    assert job.left_out == {}
    warnings = marked(job, "warning")
    assert warnings
    assert all(re.match(r"::warning file=corpus/seeds/\S+\.yaml,line=\d+,", w) for w in warnings)
    assert len(results(job)) == len(warnings)


@pytest.mark.parametrize(
    ("how", "inputs", "code", "title"),
    [
        ("passage beyond the text", {}, 1, "title=E-05"),
        ("passage a letter early", {"texts": "corpus/texts"}, 1, ""),
        ("tab", {}, 2, "col=1,"),
    ],
)
def test_a_fault_is_annotated_at_its_line_and_its_sarif_uploaded(
    how: str, inputs: dict[str, str], code: int, title: str, run: Runner, workspace: Path
) -> None:
    line = break_document(workspace / "corpus", how)
    job = run(workspace, project="corpus", upload_sarif="true", sarif_file="out.sarif", **inputs)
    assert job.code == code
    assert job.ran == ALL
    assert job.outputs["validate"] == {"exit-code": str(code), "sarif-file": "out.sarif"}
    assert job.left_out == {UPLOAD: {"sarif_file": "out.sarif", "category": "nhskg"}}
    error = marked(job, "error")[0]
    assert error.startswith(f"::error file={PATH},line={line},")
    assert title in error
    job.outputs["validate"]["sarif-file"] = str(workspace / "out.sarif")
    place = next(each for each in results(job) if each["level"] == "error")["locations"][0]
    assert place["physicalLocation"]["artifactLocation"] == {"uri": PATH, "uriBaseId": "%SRCROOT%"}
    assert place["physicalLocation"]["region"]["startLine"] == line


def test_paths_fail_on_and_format_reach_the_command(run: Runner, workspace: Path) -> None:
    line = break_document(workspace / "corpus", "misspelt power")
    spaced = workspace / "corpus" / "seeds" / "documents" / "a reply.yaml"
    shutil.copy(workspace / PATH, spaced)
    other = workspace / "corpus" / "seeds" / "register" / "other.yaml"
    other.write_text("nothing: []\n", "utf-8")
    paths = f"{PATH}\n\n{spaced.relative_to(workspace)}\n"
    job = run(workspace, project="corpus", paths=paths, fail_on="never", format="text")
    assert job.code == 0, job.errors
    assert f"{PATH}:{line}:" in job.log
    assert "documents/a reply.yaml:" in job.log
    assert "register/other.yaml" not in job.log
    assert "::" not in job.log


def test_findings_of_the_baseline_do_not_fail(
    run: Runner, workspace: Path, installed: Job, environment: Environment
) -> None:
    break_document(workspace / "corpus", "passage beyond the text")
    command = [installed.outputs["install"]["nhskg"], "--project", "corpus", "validate"]
    execute([*command, "--baseline", "known.yaml", "--update-baseline"], workspace, environment)
    job = run(workspace, project="corpus", baseline="known.yaml")
    assert job.code == 0, job.log + job.errors
    assert "1 known (baseline)" in job.errors
    assert marked(job, "error") == []


def test_misuse_is_reported_and_nothing_is_uploaded(run: Runner, workspace: Path) -> None:
    job = run(workspace, project="nowhere", upload_sarif="true")
    assert job.code == 2
    assert job.ran == ALL
    assert job.outputs["validate"] == {"exit-code": "2"}
    assert job.left_out == {}
    assert "no such project folder: nowhere" in job.errors
    (error,) = marked(job, "error")
    assert "nothing was validated (exit code 2)" in error


def test_the_value_of_an_input_is_never_run(run: Runner, workspace: Path) -> None:
    hostile = '$(touch made-1); "; touch made-2; `touch made-3`'
    job = run(workspace, project=hostile, paths=hostile, fail_on=hostile, baseline=hostile)
    assert job.code == 2
    assert not list(workspace.glob("made-*"))


def test_an_old_python_is_refused(action: Action, tmp_path: Path, environment: Environment) -> None:
    old = tmp_path / "old"
    old.mkdir()
    for name in ("python", "python3"):
        (old / name).write_text("#!/bin/sh\nexit 1\n")
        (old / name).chmod(0o755)
    path = f"{old}:{environment['PATH']}"
    job = action.run(tmp_path, tmp_path, {**environment, "PATH": path})
    assert job.code == 2
    assert job.ran == ALL[:1]
    assert "nhskg needs Python 3.11 or newer" in marked(job, "error")[0]
