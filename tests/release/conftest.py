"""Fixtures of the tests of releases: the files of a dump, each made once and not to be changed."""

from __future__ import annotations

from pathlib import Path

import pytest

from nhskg.graph.store import open_published
from nhskg.project import Project
from nhskg.release.dump import dump
from nhskg.release.source import Source


@pytest.fixture(scope="session")
def dumped(real: Project, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The dump of the shipped corpus."""
    return _dump(real, tmp_path_factory.mktemp("dumped") / "real")


@pytest.fixture(scope="session")
def dumped_small(built: Project, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The dump of our own corpus."""
    return _dump(built, tmp_path_factory.mktemp("dumped") / "small")


def _dump(project: Project, folder: Path) -> Path:
    here = Project.locate(project.root)  # whose settings hold from now on
    dump(Source(here, open_published(here.build).open()), folder)
    return folder
