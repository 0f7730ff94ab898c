"""As much of GitHub Actions and of GitLab CI as it takes to run their scripts here.

What is imitated: composite actions, that is inputs, outputs of steps, conditions, and how ``run``
scripts are started (`Workflow syntax, shell
<https://docs.github.com/actions/reference/workflow-syntax-for-github-actions>`_); the script of a
GitLab job, whose lines one shell runs until one fails.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import yaml

Environment = dict[str, str]
Step = dict[str, Any]

MOST_SECONDS: Final = 300
_EXPRESSION: Final = re.compile(r"\$\{\{\s*(.*?)\s*\}\}", re.DOTALL)
_TERM: Final = re.compile(r"(?P<left>[\w.-]+)\s*(?P<how>==|!=)\s*'(?P<right>[^']*)'")


@dataclass
class Job:
    """What became of the steps of an action."""

    outputs: dict[str, dict[str, str]] = field(default_factory=dict)
    """Of each step that has an id."""
    ran: list[str] = field(default_factory=list)
    left_out: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Steps that use another action and would have run, with what they would have got."""
    code: int = 0
    log: str = ""
    errors: str = ""

    def expand(self, text: Any, inputs: Mapping[str, str]) -> str:
        """Return a text with its expressions replaced by their values."""
        return _EXPRESSION.sub(lambda found: self._look_up(found[1], inputs), str(text))

    def holds(self, condition: str, inputs: Mapping[str, str]) -> bool:
        """Return whether a condition, of comparisons joined by ``&&``, is met."""
        whole = _EXPRESSION.fullmatch(condition.strip())
        terms = (whole[1] if whole else condition).split("&&")
        return all(self._is_met(term.strip(), inputs) for term in terms)

    def _is_met(self, term: str, inputs: Mapping[str, str]) -> bool:
        found = _TERM.fullmatch(term)
        if found is None:
            raise ValueError(f"not a comparison: {term}")
        equal = self._look_up(found["left"], inputs) == found["right"]
        return equal is (found["how"] == "==")

    def _look_up(self, name: str, inputs: Mapping[str, str]) -> str:
        match name.split("."):
            case ["inputs", each]:
                return inputs[each]
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
        job = Job(dict(before.outputs), list(before.ran)) if before is not None else Job()
        for step in self.steps[len(job.ran) :]:
            if "if" in step and not job.holds(step["if"], values):
                continue
            if "uses" in step:
                wanted = step.get("with", {})
                told = {name: job.expand(each, values) for name, each in wanted.items()}
                job.left_out[step["uses"]] = told
                continue
            self._run_step(step, job, values, workspace, temporary, environment)
            if job.code != 0 or step["name"] == until:
                break
        return job

    def _run_step(
        self,
        step: Step,
        job: Job,
        values: Mapping[str, str],
        workspace: Path,
        temporary: Path,
        environment: Environment,
    ) -> None:
        assert step["shell"] == "bash"
        script = temporary / "step.sh"
        script.write_text(job.expand(step["run"], values), "utf-8")
        output = temporary / "output"
        output.write_text("", "utf-8")
        done = subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", str(script)],
            cwd=workspace,
            env={
                **environment,
                "GITHUB_ACTION_PATH": str(self.path.parent),
                "GITHUB_ACTIONS": "true",
                "GITHUB_OUTPUT": str(output),
                "GITHUB_WORKSPACE": str(workspace),
                "RUNNER_TEMP": str(temporary),
                **{name: job.expand(each, values) for name, each in step.get("env", {}).items()},
            },
            text=True,
            capture_output=True,
            timeout=MOST_SECONDS,
            check=False,
        )
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
    return subprocess.run(
        ["bash", "-eo", "pipefail", "-c", "\n".join(job["script"])],
        cwd=folder,
        env={
            **environment,
            "CI": "true",
            "CI_PROJECT_DIR": str(folder),
            **{name: str(value) for name, value in job["variables"].items()},
            **variables,
        },
        text=True,
        capture_output=True,
        timeout=MOST_SECONDS,
        check=False,
    )
