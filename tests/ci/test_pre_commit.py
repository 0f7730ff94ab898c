"""The hook under pre-commit itself: in a repository that names a checkout of nhskg.

pre-commit makes an environment and installs the checkout into it; see ``environment`` for where
the dependencies come from. Neither asks anything of the network.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from .conftest import DOCUMENT, ROOT, break_document, commit
from .services import Environment, execute

pytestmark = pytest.mark.services

Hook = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def repository(workspace: Path, checkout: Path) -> Path:
    """A repository of Barchester with the example of the documentation as its configuration."""
    folder = workspace / "corpus"
    commit(folder)
    text = (ROOT / "docs" / "ci" / "pre-commit-config.yaml").read_text("utf-8")
    text = text.replace("repo: REPOSITORY", f"repo: {checkout}").replace("rev: TAG", "rev: main")
    (folder / ".pre-commit-config.yaml").write_text(text, "utf-8")
    return folder


@pytest.fixture
def run(repository: Path, machine: Path, environment: Environment) -> Hook:
    """Stages all files and runs the hook, which is installed once for all tests."""

    def run_hook(*arguments: str) -> subprocess.CompletedProcess[str]:
        execute(["git", "add", "-A"], repository, environment)
        home = {"PRE_COMMIT_HOME": str(machine / "pre-commit")}
        command = [sys.executable, "-m", "pre_commit", "run", "--color=never", *arguments]
        return execute(command, repository, environment | home)

    return run_hook


def test_a_good_commit_passes_and_a_broken_one_fails_with_file_and_line(
    repository: Path, run: Hook
) -> None:
    path = repository / DOCUMENT
    path.write_text(path.read_text("utf-8") + "# looked at again\n", "utf-8")
    good = run()
    assert good.returncode == 0, good.stdout + good.stderr
    assert "nhskg validate" in good.stdout
    assert "Passed" in good.stdout

    line = break_document(repository, "passage beyond the text")
    elsewhere = run("--files", "README.md", "seeds/notes.txt")
    assert elsewhere.returncode == 0, elsewhere.stdout
    assert "Skipped" in elsewhere.stdout, "what is no annotation does not start the hook"
    broken = run()
    assert broken.returncode == 1
    assert f"\n{DOCUMENT}:{line}:" in broken.stdout
    assert "[E-05]" in broken.stdout


def test_an_edit_of_the_register_that_breaks_a_document_fails(repository: Path, run: Hook) -> None:
    """The document is not part of the commit, and its finding is reported all the same."""
    plans = repository / "seeds" / "register" / "plans.yaml"
    text = plans.read_text("utf-8")
    assert "- id: pell-pledge\n" in text
    plans.write_text(text.replace("- id: pell-pledge\n", "- id: pell-promise\n"), "utf-8")
    done = run()
    assert done.returncode == 1
    assert f"\n{DOCUMENT}:" in done.stdout


def test_a_repository_without_a_corpus_is_refused_and_no_other_corpus_checked(
    repository: Path, run: Hook
) -> None:
    config = repository / ".pre-commit-config.yaml"
    settings = yaml.safe_load(config.read_text("utf-8"))
    hook = settings["repos"][0]["hooks"][0]
    (repository / "seeds").rename(repository / "elsewhere")
    for project, message in (
        ([], "no seeds/ in"),
        (["--project", "nowhere"], "no such project folder: nowhere"),
    ):
        hook |= {"files": "", "args": ["--fail-on", "never", *project]}
        config.write_text(yaml.safe_dump(settings), "utf-8")
        done = run()
        assert done.returncode == 1
        assert message in done.stdout
