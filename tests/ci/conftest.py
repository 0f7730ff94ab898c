"""A checkout of nhskg as CI services have one, and a machine on which it can be installed."""

from __future__ import annotations

import os
import shutil
import site
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from tests.conftest import copy_barchester

from .services import Environment

ROOT: Final = Path(__file__).parents[2]
DOCUMENT: Final = "seeds/documents/chronicle-reply.yaml"
BREAKS: Final = {
    "misspelt power": ("power: sign-off\n", "power: sign-of\n"),
    "passage beyond the text": ("at: [2538, 2586]\n", "at: [2538, 99999]\n"),
    "passage a letter early": ("at: [2538, 2586]\n", "at: [2537, 2586]\n"),
    "tab": ("  label: Chronicle", "\tlabel: Chronicle"),
}
"""Ways to break a document of Barchester: what is replaced, and by what."""
NOT_CHECKED_OUT: Final = (".git", ".venv", ".venvs", "build", "dist", ".*_cache", "__pycache__")
NOT_LENT: Final = ("nhskg*", "_nhskg*", "__editable__*", "*.pth", "pip", "pip-*", "setuptools*")


def break_document(corpus: Path, how: str) -> int:
    """Break the document of a corpus in one of the ways; return the number of the line."""
    old, new = BREAKS[how]
    path = corpus / DOCUMENT
    before, found, after = path.read_text("utf-8").partition(old)
    assert found, old
    path.write_text(before + new + after, "utf-8")
    return before.count("\n") + 1


def commit(folder: Path) -> None:
    """Make a repository of a folder with everything in one commit on ``main``."""
    git = ["git", "-c", "user.name=Nobody", "-c", "user.email=nobody@invalid"]
    git += ["-c", "commit.gpgsign=false"]
    for arguments in ("init -q -b main", "add -A", "commit -q --no-verify -m All"):
        subprocess.run([*git, *arguments.split()], cwd=folder, check=True, timeout=60)


@pytest.fixture(scope="package")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder that is removed after the tests."""
    folder = tmp_path_factory.mktemp("machine")
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="package")
def checkout(machine: Path) -> Path:
    """What a service checks out: these files and nothing that was made of them, in one commit."""
    target = machine / "nhskg"
    shutil.copytree(ROOT, target, ignore=shutil.ignore_patterns(*NOT_CHECKED_OUT))
    commit(target)
    return target


@pytest.fixture(scope="package")
def environment(machine: Path) -> Environment:
    """Variables with which pip really installs nhskg, but not what it depends on.

    The packages that it depends on, and what builds it, are lent by the environment of these tests
    through PYTHONPATH, all but nhskg itself; pip is told to ask no index. So the tests say nothing
    about what an index has, and need none. A service's own variables are taken away.
    """
    lent, home = machine / "lent", machine / "home"
    lent.mkdir()
    home.mkdir()
    ignored = shutil.ignore_patterns(*NOT_LENT)
    for folder in map(Path, site.getsitepackages()):
        names = [each.name for each in folder.iterdir()] if folder.is_dir() else []
        for name in set(names) - ignored(str(folder), names):
            (lent / name).symlink_to(folder / name)
    foreign = ("GITHUB_", "CI", "PIP_", "PRE_COMMIT", "GIT_", "PYTHON", "NHSKG")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(foreign)}
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
def plain(tmp_path: Path) -> Path:
    """A repository that is no project: data with one finding, on line 2, and shapes."""
    files = {
        "my data/a/people.ttl": "@prefix ex: <http://example.org/> .\nex:ann a ex:Person .\n",
        "shapes/people.ttl": (
            "@prefix ex: <http://example.org/> .\n@prefix sh: <http://www.w3.org/ns/shacl#> .\n"
            "ex:Named a sh:NodeShape ; sh:targetClass ex:Person ;\n"
            "  sh:property [ sh:path ex:name ; sh:minCount 1 ] .\n"
        ),
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, "utf-8")
    commit(tmp_path)
    return tmp_path


SETTINGS: Final = '[validate]\ndata = "my data/**/*.ttl"\nshapes = "shapes"\n'
"""The settings of that repository."""


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """A repository in which Barchester is the folder ``corpus``."""
    copy_barchester(tmp_path).root.rename(tmp_path / "corpus")
    return tmp_path
