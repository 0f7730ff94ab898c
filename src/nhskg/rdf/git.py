"""git in a repository of somebody else's, whose configuration can name programs and servers."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Final

from nhskg.rdf.errors import UsageError

_PROGRAMS: Final = r"^(filter|diff|gpg|tar)\..*(clean|smudge|process|textconv|command|program)$"
_SAFE: Final = ("core.fsmonitor=false", f"core.hooksPath={os.devnull}", "core.quotePath=true")
_OFFLINE: Final = {
    "GIT_ALLOW_PROTOCOL": "none",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_OPTIONAL_LOCKS": "0",
}


def run_git(
    folder: Path, *arguments: str, stdin: bytes = b""
) -> subprocess.CompletedProcess[bytes]:
    """Run git in a folder: nothing that the repository's own configuration names, and no server.

    What the user's configuration names stays, as the filters of Git LFS.

    Raises:
        OSError: there is no git.
        UsageError: the repository's configuration cannot be set aside.
    """
    base = ("git", "-C", str(folder))
    asked = ("config", "--show-scope", "--name-only", "-z", "--get-regexp", _PROGRAMS)
    done = _run(*base, *asked)
    if done.returncode not in (0, 1):  # 1: there is none
        said = os.fsdecode(done.stderr).strip().partition("\n")[0].removeprefix("fatal: ")
        problem = f"the configuration of git in {folder} cannot be read ({said})"
        raise UsageError(f"{problem}; mend it, or install git 2.26 or later")
    told = os.fsdecode(done.stdout).split("\0")
    settings = [*_SAFE]
    for scope, key in zip(told[::2], told[1::2], strict=False):
        if scope in ("local", "worktree"):
            if "=" in key:
                raise UsageError(f"the configuration of git in {folder} has '{key}'; take it out")
            settings.append(f"{key}=")
            if key.startswith("filter."):
                settings.append(f"{key.rpartition('.')[0]}.required=false")
    given = (part for each in settings for part in ("-c", each))
    return _run(*base, *given, *arguments, stdin=stdin)


def _run(*command: str, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    environment = {**os.environ, **_OFFLINE}
    return subprocess.run(  # noqa: S603
        command, input=stdin, capture_output=True, check=False, env=environment
    )
