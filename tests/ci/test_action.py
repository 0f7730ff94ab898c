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

from .conftest import DOCUMENT, ROOT, SETTINGS, break_document
from .services import Environment, Job, execute, run_steps

pytestmark = pytest.mark.services

TEXT = (ROOT / "action.yml").read_text("utf-8")
ACTION = yaml.safe_load(TEXT)
STEPS = ACTION["runs"]["steps"]
DEFAULTS = {name: each["default"] for name, each in ACTION["inputs"].items()}
UPLOAD = "github/codeql-action/upload-sarif@v4"
FIND, INSTALL, *REST = ["Find Python", "Install nhskg", "Validate", "Fail as nhskg failed"]
PATH = f"corpus/{DOCUMENT}"
Runner = Callable[..., Job]


@pytest.fixture(scope="module")
def runner(checkout: Path, machine: Path, environment: Environment) -> Environment:
    folder = machine / "temporary"
    folder.mkdir()
    given = {"GITHUB_ACTIONS": "true", "GITHUB_ACTION_PATH": str(checkout)}
    return {**environment, **given, "RUNNER_TEMP": str(folder)}


@pytest.fixture(scope="module")
def installed(machine: Path, runner: Environment) -> Job:
    """A job in which the steps up to the installation have run; they are the same for all."""
    job = run_steps(STEPS[:2], DEFAULTS, {}, machine, runner)
    assert job.code == 0, job.errors
    assert job.ran == [FIND, INSTALL]
    return job


@pytest.fixture
def run(installed: Job, runner: Environment) -> Runner:
    def run_from_installed(workspace: Path, **given: str) -> Job:
        inputs = DEFAULTS | {name.replace("_", "-"): value for name, value in given.items()}
        assert inputs.keys() == DEFAULTS.keys()
        Path(runner["RUNNER_TEMP"], "nhskg.sarif").unlink(missing_ok=True)
        return run_steps(STEPS[2:], inputs, installed.outputs, workspace, runner)

    return run_from_installed


def results(file: Path) -> list[dict[str, Any]]:
    """Return the results of a job's SARIF; ``tests/reports`` holds it against its schema."""
    found: list[dict[str, Any]] = json.loads(file.read_text("utf-8"))["runs"][0]["results"]
    return found


def marked(job: Job, kind: str) -> list[str]:
    return [line for line in job.log.splitlines() if line.startswith(f"::{kind} ")]


def test_the_file_holds_shell_steps_one_other_action_and_inputs_that_are_used() -> None:
    """What somebody else can write, as the name of a file, must not become part of a script."""
    assert ACTION["runs"]["using"] == "composite"
    assert [step["name"] for step in STEPS if "run" in step] == [FIND, INSTALL, *REST]
    assert [step["uses"] for step in STEPS if "uses" in step] == [UPLOAD]
    assert all(each["description"] for each in ACTION["inputs"].values())
    assert set(re.findall(r"inputs\.([\w-]+)", TEXT)) == DEFAULTS.keys()
    assert not [step["name"] for step in STEPS if "${{" in step.get("run", "")]


def test_the_example_workflow_gives_inputs_that_there_are() -> None:
    workflow = yaml.safe_load((ROOT / "docs" / "ci" / "github.yml").read_text("utf-8"))
    steps = workflow["jobs"]["validate"]["steps"]
    (ours,) = [step for step in steps if "nhskg" in step["uses"]]
    assert ours["with"].keys() <= DEFAULTS.keys()
    assert workflow["permissions"]["security-events"] == "write"


def test_a_good_corpus_passes_with_its_warnings_as_annotations(
    run: Runner, workspace: Path
) -> None:
    break_document(workspace / "corpus", "passage a letter early")  # which no text shows here
    job = run(workspace, project="corpus")
    assert (job.code, job.ran, job.left_out) == (0, REST, {}), job.errors
    warnings = marked(job, "warning")
    assert warnings
    assert all(re.match(r"::warning file=corpus/seeds/\S+\.yaml,line=\d+,", w) for w in warnings)
    assert len(results(Path(job.outputs["validate"]["sarif-file"]))) == len(warnings)


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
    assert (job.code, job.ran) == (code, REST)
    assert job.outputs["validate"] == {"exit-code": str(code), "sarif-file": "out.sarif"}
    assert job.left_out == {UPLOAD: {"sarif_file": "out.sarif", "category": "nhskg"}}
    error = marked(job, "error")[0]
    assert error.startswith(f"::error file={PATH},line={line},")
    assert title in error
    errors = [each for each in results(workspace / "out.sarif") if each["level"] == "error"]
    place = errors[0]["locations"][0]["physicalLocation"]
    assert place["artifactLocation"] == {"uri": PATH, "uriBaseId": "%SRCROOT%"}
    assert place["region"]["startLine"] == line


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


PERSON = "::error file=my data/a/people.ttl,line=2,"


def test_data_and_shapes_of_any_repository(run: Runner, plain: Path) -> None:
    job = run(plain, data="\nmy data/a/people.ttl\n", shapes="shapes\n")
    assert (job.code, job.ran) == (1, REST), job.errors
    (error,) = marked(job, "error")
    assert error.startswith(PERSON)
    (result,) = results(Path(job.outputs["validate"]["sarif-file"]))
    assert result["level"] == "error"
    assert run(plain, data="my data/a", shapes="shapes", fail_on="never").code == 0


def test_settings_of_any_repository(run: Runner, plain: Path) -> None:
    (plain / "nhskg.toml").write_text(f'{SETTINGS}fail-on = "never"\n', "utf-8")
    (plain / "other.toml").write_text(SETTINGS, "utf-8")
    job = run(plain)
    assert (job.code, job.log.startswith(PERSON)) == (0, True), job.errors
    assert run(plain, fail_on="warning").code == 1
    assert run(plain, settings="other.toml").code == 1


def test_changes_since_a_revision_and_without_one_everything(run: Runner, plain: Path) -> None:
    (plain / "nhskg.toml").write_text(SETTINGS, "utf-8")
    job = run(plain, changed_since="HEAD")
    assert (job.code, marked(job, "error")) == (0, []), job.log + job.errors
    assert "1 outside the changes" in job.errors
    assert run(plain, changed_since="").code == 1
    path = plain / "my data" / "a" / "people.ttl"
    path.write_text(path.read_text("utf-8").replace("ex:ann", "ex:anne"), "utf-8")
    assert run(plain, changed_since="HEAD").log.startswith(PERSON)


def test_misuse_is_reported_nothing_is_uploaded_and_no_input_is_run(
    run: Runner, workspace: Path
) -> None:
    hostile = '$(touch made-1); "; touch made-2; `touch made-3`'
    names = ("paths", "fail_on", "baseline", "data", "shapes", "settings", "changed_since")
    for given in ({}, dict.fromkeys(names, hostile)):
        project = "nowhere" if not given else hostile
        job = run(workspace, project=project, upload_sarif="true", **given)
        assert (job.code, job.ran, job.left_out) == (2, REST, {})
        assert job.outputs["validate"] == {"exit-code": "2"}
        assert given or "no such project folder: nowhere" in job.errors
        (error,) = marked(job, "error")
        assert "nothing was validated (exit code 2)" in error
    assert not list(workspace.glob("made-*"))


def test_an_old_python_is_refused(tmp_path: Path, runner: Environment) -> None:
    for name in ("python", "python3"):
        (tmp_path / name).write_text("#!/bin/sh\nexit 1\n")
        (tmp_path / name).chmod(0o755)
    path = f"{tmp_path}:{runner['PATH']}"
    job = run_steps(STEPS, DEFAULTS, {}, tmp_path, runner | {"PATH": path})
    assert (job.code, job.ran) == (2, [FIND])
    assert "nhskg needs Python 3.11 or newer" in marked(job, "error")[0]
