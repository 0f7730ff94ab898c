"""The hook under pre-commit itself: in a repository that names a checkout of nhskg.

pre-commit makes an environment and installs the checkout into it; see ``environment`` for where
the dependencies come from. Neither asks anything of the network.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from .breaking import DOCUMENT, misspell_a_power, move_a_passage
from .conftest import ROOT, commit
from .services import Environment

CONFIG = ROOT / "docs" / "ci" / "pre-commit-config.yaml"


@pytest.fixture(scope="module")
def home(machine: Path) -> Path:
    """Where pre-commit keeps what it installed; one for all tests of the module."""
    return machine / "pre-commit"


@pytest.fixture
def repository(workspace: Path, checkout: Path) -> Path:
    """A repository of Barchester with the example of the documentation as its configuration."""
    folder = workspace / "corpus"
    commit(folder)
    name = subprocess.run(
        ["git", "-C", str(checkout), "rev-parse", "HEAD"],
        check=True,
        capture_output=True,
        text=True,
        timeout=60,
    ).stdout.strip()
    text = CONFIG.read_text("utf-8").replace("repo: REPOSITORY", f"repo: {checkout}")
    text = text.replace("rev: TAG", f"rev: {name}")
    (folder / ".pre-commit-config.yaml").write_text(text, "utf-8")
    return folder


def run(
    repository: Path, home: Path, environment: Environment, *arguments: str
) -> subprocess.CompletedProcess[str]:
    subprocess.run(["git", "add", "-A"], cwd=repository, check=True, timeout=60)
    return subprocess.run(
        [sys.executable, "-m", "pre_commit", "run", "--color=never", *arguments],
        cwd=repository,
        env={**environment, "PRE_COMMIT_HOME": str(home)},
        text=True,
        capture_output=True,
        timeout=300,
        check=False,
    )


def test_a_good_commit_passes_and_a_broken_one_fails_with_file_and_line(
    repository: Path, home: Path, environment: Environment
) -> None:
    path = repository / DOCUMENT
    path.write_text(path.read_text("utf-8") + "# looked at again\n", "utf-8")
    good = run(repository, home, environment)
    assert good.returncode == 0, good.stdout + good.stderr
    assert "nhskg validate" in good.stdout
    assert "Passed" in good.stdout

    line = move_a_passage(repository)
    broken = run(repository, home, environment)
    assert broken.returncode == 1
    assert f"\n{DOCUMENT}:{line}:" in broken.stdout
    assert "[E-05]" in broken.stdout


def test_an_edit_of_the_register_that_breaks_a_document_fails(
    repository: Path, home: Path, environment: Environment
) -> None:
    """The document is not part of the commit, and its finding is told all the same."""
    plans = repository / "seeds" / "register" / "plans.yaml"
    text = plans.read_text("utf-8")
    assert "- id: pell-pledge\n" in text
    plans.write_text(text.replace("- id: pell-pledge\n", "- id: pell-promise\n"), "utf-8")
    done = run(repository, home, environment)
    assert done.returncode == 1
    assert f"\n{DOCUMENT}:" in done.stdout


def test_what_is_no_annotation_does_not_start_the_hook(
    repository: Path, home: Path, environment: Environment
) -> None:
    misspell_a_power(repository)
    subprocess.run(["git", "add", "-A"], cwd=repository, check=True, timeout=60)
    done = run(repository, home, environment, "--files", "README.md", "seeds/notes.txt")
    assert done.returncode == 0, done.stdout
    assert "Skipped" in done.stdout


def test_a_repository_without_a_corpus_is_told_and_not_another_corpus_checked(
    repository: Path, home: Path, environment: Environment
) -> None:
    config = repository / ".pre-commit-config.yaml"
    settings = yaml.safe_load(config.read_text("utf-8"))
    settings["repos"][0]["hooks"][0] |= {"files": "", "args": ["--fail-on", "never"]}
    config.write_text(yaml.safe_dump(settings), "utf-8")
    (repository / "seeds").rename(repository / "elsewhere")
    done = run(repository, home, environment)
    assert done.returncode == 1
    assert "no seeds/ in" in done.stdout
    settings["repos"][0]["hooks"][0]["args"] += ["--project", "nowhere"]
    config.write_text(yaml.safe_dump(settings), "utf-8")
    done = run(repository, home, environment)
    assert "no such project folder: nowhere" in done.stdout
