"""A checkout of nhskg as CI services have one, and a machine on which it can be installed."""

from __future__ import annotations

import os
import shutil
import site
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from .services import Environment

ROOT = Path(__file__).parents[2]
BARCHESTER = ROOT / "tests" / "corpora" / "barchester"
NOT_CHECKED_OUT = (".git", ".venv", ".venvs", "build", "dist", ".*_cache", "__pycache__")
NOT_LENT = ("nhskg*", "_nhskg*", "__editable__*", "*.pth", "pip", "pip-*", "setuptools*")


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder that is gone after the tests of a module."""
    folder = tmp_path_factory.mktemp("machine")
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def checkout(machine: Path) -> Path:
    """What a service checks out: these files and nothing that was made of them, in one commit."""
    target = machine / "nhskg"
    shutil.copytree(ROOT, target, ignore=shutil.ignore_patterns(*NOT_CHECKED_OUT))
    commit(target)
    return target


@pytest.fixture(scope="module")
def environment(machine: Path) -> Environment:
    """Variables with which pip really installs nhskg, but not what it depends on.

    The packages that it depends on, and what builds it, are lent by the environment of these tests
    through PYTHONPATH, all but nhskg itself; pip is told to ask no index. So the tests say nothing
    about what an index has, and need none. A service's own variables are taken away.
    """
    lent = machine / "lent"
    lent.mkdir()
    ignored = shutil.ignore_patterns(*NOT_LENT)
    for folder in map(Path, site.getsitepackages()):
        names = [each.name for each in folder.iterdir()] if folder.is_dir() else []
        for name in set(names) - ignored(str(folder), names):
            (lent / name).symlink_to(folder / name)
    home = machine / "home"
    home.mkdir()
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("GITHUB_", "CI", "PIP_", "PRE_COMMIT", "GIT_", "PYTHON", "NHSKG"))
    }
    return {
        **kept,
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), kept["PATH"]]),
        "HOME": str(home),
        "PYTHONPATH": str(lent),
        "PIP_CONFIG_FILE": os.devnull,
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "PIP_NO_BUILD_ISOLATION": "0",  # which pip reads as --no-build-isolation
        "PIP_NO_DEPS": "1",
        "PIP_NO_INDEX": "1",
    }


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Path]:
    """A repository in which Barchester is the folder ``corpus``."""
    folder = tmp_path / "workspace"
    shutil.copytree(BARCHESTER, folder / "corpus", ignore=shutil.ignore_patterns("build"))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


def commit(folder: Path) -> str:
    """Make a repository of a folder with everything in one commit; return the commit's name."""
    git = ["git", "-c", "user.name=Nobody", "-c", "user.email=nobody@invalid"]
    for arguments in (
        ["init", "-q", "-b", "main"],
        ["add", "-A"],
        ["-c", "commit.gpgsign=false", "commit", "-q", "--no-verify", "-m", "All"],
    ):
        subprocess.run([*git, *arguments], cwd=folder, check=True, timeout=60)
    done = subprocess.run(
        ["git", "rev-parse", "HEAD"],
        cwd=folder,
        check=True,
        timeout=60,
        capture_output=True,
        text=True,
    )
    return done.stdout.strip()
