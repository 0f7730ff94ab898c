"""As much of GitHub Actions as it takes to run a composite action here.

That is inputs, outputs of steps, conditions, and how ``run`` scripts are started (`Workflow syntax,
shell <https://docs.github.com/actions/reference/workflow-syntax-for-github-actions>`_).
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

Environment = dict[str, str]
Outputs = dict[str, dict[str, str]]


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
    outputs: Outputs
    ran: list[str] = field(default_factory=list)
    left_out: dict[str, dict[str, str]] = field(default_factory=dict)
    code: int = 0
    log: str = ""
    errors: str = ""

    def expand(self, text: str, form: str = "{}") -> str:
        """Return a text with each expression replaced: by a value, or by a comparison of values."""
        name = r"(inputs|steps)\.([\w-]+)(?:\.outputs\.([\w-]+))?"

        def value(found: re.Match[str]) -> str:
            context, one, output = found.groups()
            steps = self.outputs.get(one, {})
            return form.format(self.inputs[one] if context == "inputs" else steps.get(output, ""))

        return re.sub(r"\$\{\{\s*(.*?)\s*\}\}", lambda found: re.sub(name, value, found[1]), text)


def run_steps(
    steps: Sequence[Mapping[str, Any]],
    inputs: Mapping[str, str],
    outputs: Outputs,
    workspace: Path,
    environment: Environment,
) -> Job:
    """Run steps in order until one fails; ``outputs`` are those of the steps before.

    A step that ``uses`` an action is noted and not run.
    """
    job = Job(inputs, dict(outputs))
    script, output = (Path(environment["RUNNER_TEMP"]) / name for name in ("step.sh", "output"))
    for step in steps:
        condition = job.expand(step.get("if", "true"), "'{}'").replace("&&", "and")
        if not eval(condition, {"true": True}):
            continue
        given = {name: job.expand(each) for name, each in step.get("env", {}).items()}
        if "uses" in step:
            job.left_out[step["uses"]] = {n: job.expand(e) for n, e in step["with"].items()}
            continue
        assert step["shell"] == "bash"
        script.write_text(step["run"], "utf-8")
        output.write_text("", "utf-8")
        variables = {"GITHUB_OUTPUT": str(output), "GITHUB_WORKSPACE": str(workspace), **given}
        command = ["bash", "--noprofile", "--norc", "-eo", "pipefail", str(script)]
        done = execute(command, workspace, environment | variables)
        job.ran.append(step["name"])
        job.log += done.stdout
        job.errors += done.stderr
        lines = output.read_text("utf-8").splitlines()
        job.outputs[step.get("id", "")] = dict(line.split("=", 1) for line in lines)
        job.code = done.returncode
        if job.code != 0:
            break
    return job
