"""``make release``: one command makes it, and what was released never changes."""

from __future__ import annotations

import hashlib
import subprocess
from pathlib import Path

import pytest
from tools.release import NAME, release

from nhskg import PRIOR_VERSION, __version__
from nhskg.rdf import terms
from nhskg.rdf.errors import UsageError
from tests.conftest import copy_barchester

DAY = "2026-12-24"
PACKAGE = f"""\
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"
[project]
name = "nhskg"
version = "{__version__}"
requires-python = ">=3.11"
[tool.hatch.build.targets.wheel]
only-include = ["seeds"]
[tool.hatch.build.targets.sdist]
only-include = ["seeds"]
"""
CHANGELOG = f"# Changelog\n\n## {__version__}\n\n- Boards sign off.\n\n## 0.0.1\n\n- Begun.\n"


def commit(root: Path) -> None:
    git = ["git", "-c", "user.name=Nobody", "-c", "user.email=nobody@invalid"]
    git += ["-c", "commit.gpgsign=false"]
    for arguments in ("add -A", "commit -q --no-verify -m All"):
        subprocess.run([*git, *arguments.split()], cwd=root, check=True, timeout=60)


@pytest.fixture(autouse=True)
def _has_a_day(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tools.release.RELEASED", DAY)


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Our own corpus as a repository, released."""
    root = copy_barchester(tmp_path_factory.mktemp("release")).root
    (root / "pyproject.toml").write_text(PACKAGE, "utf-8")
    (root / "CHANGELOG.md").write_text(CHANGELOG, "utf-8")
    before = root / "tests" / "data" / "releases" / PRIOR_VERSION.rpartition(".")[0] / "old.nq"
    before.parent.mkdir(parents=True)
    label = f'<{terms.ID}crake> <{terms.SKOS}prefLabel> "Crake"@en <{terms.REGISTER_GRAPH}> .'
    before.write_text(label, "utf-8")
    (root / ".gitignore").write_text("/build/\n/dist/\n", "utf-8")
    subprocess.run(["git", "init", "-q", "-b", "main"], cwd=root, check=True, timeout=60)
    commit(root)
    return root


def files(root: Path) -> dict[str, str]:
    return {
        path.relative_to(root).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for folder in ("dist", "docs")
        for path in sorted((root / folder).rglob("*"))
        if path.is_file()
    }


@pytest.mark.wheel
def test_a_release_is_made_once_and_made_again_alike(repository: Path) -> None:
    told = release(repository)
    assert told.startswith(f"nhskg {__version__} of {DAY}, from commit ")
    assert f"commit docs/releases/{__version__}.sha256, tag the commit v{__version__}" in told
    made = files(repository)
    names = {name.removeprefix("dist/") for name in made}
    wheel, archive = f"{NAME}-py3-none-any.whl", f"{NAME}.tar.gz"
    assert {wheel, archive, f"{NAME}.md", f"{NAME}/nhskg.nq", f"{NAME}/SHA256SUMS"} <= names
    sums = (repository / "docs" / "releases" / f"{__version__}.sha256").read_text("utf-8")
    listed = {f"dist/{line[66:]}": line[:64] for line in sums.splitlines()}
    del made[f"dist/{NAME}.md"]
    assert listed == {name: digest for name, digest in made.items() if name.startswith("dist/")}
    text = (repository / "dist" / f"{NAME}.md").read_text("utf-8")
    assert text.startswith(f"# nhskg {__version__}, {DAY}\n\n- Boards sign off.\n\n# What")
    assert f"\nFrom nhskg-{PRIOR_VERSION} to {NAME}, there are differences in claims (" in text
    assert str(repository) not in text
    assert f"commit docs/releases/{__version__}.sha256, tag" in release(repository)
    commit(repository)
    (repository / "dist" / f"{NAME}.md").unlink()
    told = release(repository, dry_run=True)
    assert f"read dist/{NAME}.md, tag the commit v{__version__}, and" in told
    assert "dry run: nothing is kept" in told
    assert f"docs/releases/{__version__}.sha256 (unchanged)" in told
    assert files(repository) == made
    path = repository / "seeds" / "register" / "people.yaml"
    path.write_text(path.read_text("utf-8").replace("definition: ", "definition: X ", 1), "utf-8")
    commit(repository)
    with pytest.raises(UsageError, match="released files never change, and these would:") as caught:
        release(repository)
    assert f" {NAME}/nhskg.nq, " in str(caught.value)
    assert f" {NAME}/ontology.ttl, " not in str(caught.value)
    assert "raise __version__" in str(caught.value)
    assert files(repository) == made


def test_what_is_not_ready_is_refused(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = repository / "CHANGELOG.md"
    before = path.read_text("utf-8")
    path.write_text(before.replace(f"## {__version__}", "## [Unreleased]"), "utf-8")
    with pytest.raises(UsageError, match=r"not committed: M CHANGELOG\.md; commit first"):
        release(repository)
    commit(repository)
    with pytest.raises(UsageError, match=rf"CHANGELOG.md: has no section '## {__version__}'"):
        release(repository)
    (repository / "CITATION.cff").write_text("version: 0.0.1\n", "utf-8")
    commit(repository)
    with pytest.raises(UsageError, match=r"CITATION.cff: has another version"):
        release(repository)
    monkeypatch.setattr("tools.release.RELEASED", "")
    with pytest.raises(UsageError, match="a preview is not released; set RELEASED in"):
        release(repository)
