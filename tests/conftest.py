"""Fixtures that many tests share: our own corpus, built once, and the real texts where they are."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from nhskg.project import DATA_FOLDERS, Project

HERE = Path(__file__).parent
ROOT = HERE.parent
BARCHESTER = HERE / "corpora" / "barchester"


_SLOW = [HealthCheck.too_slow]
settings.register_profile("same", deadline=None, derandomize=True, suppress_health_check=_SLOW)
settings.register_profile("explore", deadline=None, suppress_health_check=_SLOW)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "same"))


@pytest.fixture(scope="session")
def texts() -> Path:
    """The folder of the five source texts; skips where there is none."""
    folder = os.environ.get("NHSKG_TEXTS")
    if not folder:
        pytest.skip("the five source texts are not here; NHSKG_TEXTS names their folder")
    return Path(folder)


@pytest.fixture
def barchester(tmp_path: Path) -> Project:
    """A fresh copy of our own corpus, not built."""
    return copy_barchester(tmp_path)


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Our own corpus, built once; not to be changed."""
    return build(copy_barchester(tmp_path_factory.mktemp("built")))


@pytest.fixture(scope="session")
def real(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The shipped corpus, built once in a folder of its own; not to be changed."""
    folder = tmp_path_factory.mktemp("real") / "nhskg"
    for name in DATA_FOLDERS:
        shutil.copytree(ROOT / name, folder / name)
    return build(Project.locate(folder))


def copy_barchester(folder: Path) -> Project:
    ignored = shutil.ignore_patterns("build")
    return Project.locate(shutil.copytree(BARCHESTER, folder / "barchester", ignore=ignored))


def build(project: Project) -> Project:
    from nhskg.building.pipeline import build_project

    report = build_project(project)
    assert report.published is not None, [str(finding) for finding in report.findings]
    return project
