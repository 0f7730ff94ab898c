"""As much of GitHub Actions and of GitLab CI as it takes to run their scripts here.

What is imitated: composite actions, that is inputs, outputs of steps, conditions, and how ``run``
scripts are started (`Workflow syntax, shell
<https://docs.github.com/actions/reference/workflow-syntax-for-github-actions>`_); the script of a
GitLab job, whose lines one shell runs until one fails.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import yaml

Environment = dict[str, str]
Step = dict[str, Any]

_EXPRESSION: Final = re.compile(r"\$\{\{\s*(.*?)\s*\}\}", re.DOTALL)
_NAME: Final = re.compile(r"\b(?:inputs|steps)\.[\w.-]+")


def execute(
    command: Sequence[str], folder: Path, environment: Environment
) -> subprocess.CompletedProcess[str]:
    """Run a command to its end, whatever its exit code."""
    return subprocess.run(
        command,
        cwd=folder,
        env=environment,
        text=True,
        capture_output=True,
        timeout=300,
        check=False,
    )


@dataclass
class Job:
    """What became of the steps of an action, which got some inputs.

    ``outputs`` has those of each step with an id; ``left_out`` the steps that use another action
    and would have run, with their inputs.
    """

    inputs: Mapping[str, str]
    outputs: dict[str, dict[str, str]] = field(default_factory=dict)
    ran: list[str] = field(default_factory=list)
    left_out: dict[str, dict[str, str]] = field(default_factory=dict)
    code: int = 0
    log: str = ""
    errors: str = ""

    def expand(self, texts: Mapping[str, Any]) -> dict[str, str]:
        """Return texts with their expressions replaced by their values."""
        return {
            name: _EXPRESSION.sub(lambda found: self._look_up(found[1]), str(text))
            for name, text in texts.items()
        }

    def holds(self, condition: str) -> bool:
        """Return whether a condition is met: comparisons with quoted words, joined by ``&&``."""
        found = _EXPRESSION.fullmatch(condition.strip())
        assert found is not None
        values = _NAME.sub(lambda name: repr(self._look_up(name[0])), found[1])
        return bool(eval(values.replace("&&", "and")))

    def _look_up(self, name: str) -> str:
        match name.split("."):
            case ["inputs", each]:
                return self.inputs[each]
            case ["steps", step, "outputs", each]:
                return self.outputs.get(step, {}).get(each, "")
        raise ValueError(f"no such context: {name}")


class Action:
    """A composite action, out of its file."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.data: dict[str, Any] = yaml.safe_load(path.read_text("utf-8"))
        self.steps: list[Step] = self.data["runs"]["steps"]

    def run(
        self,
        workspace: Path,
        temporary: Path,
        environment: Environment,
        /,
        *,
        before: Job | None = None,
        until: str | None = None,
        **inputs: str,
    ) -> Job:
        """Run the steps in order until one fails; ``before`` is a job that ran the first of them.

        A name of an input is written with ``_`` for ``-``. A step that ``uses`` an action is
        noted and not run. ``until`` names the last step to run.
        """
        given = {name.replace("_", "-"): value for name, value in inputs.items()}
        assert given.keys() <= self.data["inputs"].keys()
        values = {name: each["default"] for name, each in self.data["inputs"].items()} | given
        job = Job(values)
        if before is not None:
            job.outputs, job.ran = dict(before.outputs), list(before.ran)
        for step in self.steps[len(job.ran) :]:
            if "if" in step and not job.holds(step["if"]):
                continue
            if "uses" in step:
                job.left_out[step["uses"]] = job.expand(step.get("with", {}))
                continue
            self._run_step(step, job, workspace, temporary, environment)
            if job.code != 0 or step["name"] == until:
                break
        return job

    def _run_step(
        self, step: Step, job: Job, workspace: Path, temporary: Path, environment: Environment
    ) -> None:
        assert step["shell"] == "bash"
        script, output = temporary / "step.sh", temporary / "output"
        script.write_text(step["run"], "utf-8")
        output.write_text("", "utf-8")
        variables = {
            **environment,
            "GITHUB_ACTION_PATH": str(self.path.parent),
            "GITHUB_ACTIONS": "true",
            "GITHUB_OUTPUT": str(output),
            "GITHUB_WORKSPACE": str(workspace),
            "RUNNER_TEMP": str(temporary),
            **job.expand(step.get("env", {})),
        }
        command = ["bash", "--noprofile", "--norc", "-eo", "pipefail", str(script)]
        done = execute(command, workspace, variables)
        job.ran.append(step["name"])
        job.code = done.returncode
        job.log += done.stdout
        job.errors += done.stderr
        if "id" in step:
            lines = output.read_text("utf-8").splitlines()
            job.outputs[step["id"]] = dict(line.split("=", 1) for line in lines)


def run_gitlab_job(
    job: Mapping[str, Any], folder: Path, environment: Environment, **variables: str
) -> subprocess.CompletedProcess[str]:
    """Run the lines of a job's script in one shell, as a GitLab runner does."""
    given = {"CI": "true", "CI_PROJECT_DIR": str(folder), **job["variables"], **variables}
    script = ["bash", "-eo", "pipefail", "-c", "\n".join(job["script"])]
    return execute(script, folder, {**environment, **given})
