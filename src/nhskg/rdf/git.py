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


def run_git(folder: Path, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    """Run git in a folder: nothing that the repository's own configuration names, and no server.

    What the user's configuration names stays, as the filters of Git LFS.

    Raises:
        OSError: there is no git.
        UsageError: the repository's configuration cannot be set aside.
    """
    base = ("git", "-C", str(folder))
    asked = ("config", "--show-scope", "--name-only", "-z", "--get-regexp", _PROGRAMS)
    told = os.fsdecode(_run(*base, *asked).stdout).split("\0")
    settings = [*_SAFE]
    for scope, key in zip(told[::2], told[1::2], strict=False):
        if scope in ("local", "worktree"):
            if "=" in key:
                raise UsageError(f"the configuration of git in {folder} has '{key}'; take it out")
            settings.append(f"{key}=")
            if key.startswith("filter."):
                settings.append(f"{key.rpartition('.')[0]}.required=false")
    return _run(*base, *(part for each in settings for part in ("-c", each)), *arguments)


def _run(*command: str) -> subprocess.CompletedProcess[bytes]:
    environment = {**os.environ, **_OFFLINE}
    return subprocess.run(command, capture_output=True, check=False, env=environment)  # noqa: S603
