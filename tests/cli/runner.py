"""The command line in this process, where a process of its own is not the point."""

from __future__ import annotations

from contextlib import chdir
from pathlib import Path

from click.testing import CliRunner, Result

from nhskg.cli import cli

__all__ = ["Result", "nhskg"]

_OUTSIDE = ("NHSKG_TEXTS", "COLUMNS", "GITHUB_WORKSPACE", "CI_PROJECT_DIR")


def nhskg(
    *arguments: str | Path, cwd: Path | None = None, given: str | None = None, **variables: str
) -> Result:
    """Run the command line in a folder, from its arguments to its exit code."""
    environment = dict.fromkeys(_OUTSIDE) | variables
    with chdir(cwd or "."):
        return CliRunner().invoke(cli, list(map(str, arguments)), input=given, env=environment)
