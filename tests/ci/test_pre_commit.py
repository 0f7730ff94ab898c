"""The hook under pre-commit itself: in a repository that names a checkout of nhskg.

pre-commit makes an environment and installs the checkout into it; see ``environment`` for where
the dependencies come from. Neither asks anything of the network.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
import yaml

from .conftest import DOCUMENT, ROOT, SETTINGS, break_document, commit
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
def run_in(machine: Path, environment: Environment) -> Hook:
    """Stages all files of a repository and runs its hooks, which are installed once for all."""

    def run_hook(repository: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
        execute(["git", "add", "-A"], repository, environment)
        home = {"PRE_COMMIT_HOME": str(machine / "pre-commit")}
        command = [sys.executable, "-m", "pre_commit", "run", "--color=never", *arguments]
        return execute(command, repository, environment | home)

    return run_hook


@pytest.fixture
def run(repository: Path, run_in: Hook) -> Hook:
    return partial(run_in, repository)


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


def test_any_rdf_is_validated_by_the_shapes_of_the_settings_or_of_args(
    plain: Path, run_in: Hook, checkout: Path
) -> None:
    hook: dict[str, object] = {"id": "nhskg-validate-rdf"}
    config = {"repos": [{"repo": str(checkout), "rev": "main", "hooks": [hook]}]}

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        (plain / ".pre-commit-config.yaml").write_text(yaml.safe_dump(config), "utf-8")
        return run_in(plain, *arguments)

    neither = run("--all-files")
    assert neither.returncode == 1
    assert "to validate any RDF give --data and --shapes" in neither.stdout
    finding = "\nmy data/a/people.ttl:2:1: violation: "
    hook["args"] = ["--data", "my data/a", "--shapes", "shapes/people.ttl"]
    assert finding in run("--all-files").stdout
    del hook["args"]
    (plain / "nhskg.toml").write_text(SETTINGS, "utf-8")
    assert finding in run("--files", "nhskg.toml").stdout
    assert "Skipped" in run("--files", ".pre-commit-config.yaml").stdout
    path = plain / "my data" / "a" / "people.ttl"
    named = path.read_text("utf-8").replace("ex:Person", 'ex:Person ; ex:name "Ann"')
    path.write_text(named, "utf-8")
    done = run()
    assert (done.returncode, "Passed" in done.stdout) == (0, True), done.stdout
