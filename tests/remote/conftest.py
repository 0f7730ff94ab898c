"""A real oxigraph server, our own small corpora, and builds that publish there."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pyoxigraph as ox
import pytest

from nhskg.building.pipeline import assemble
from nhskg.project import Project, shipped_data
from nhskg.reasoning.reasoner import Engine
from tests.cli.runner import Result, nhskg

from .servers import Oxigraph, oxigraph

HAMLET = Path(__file__).parent / "hamlet"
OTHERS = """\
<urn:others:s> <urn:others:p> "\\u00E9 \\"quoted\\""@fr <urn:others:graph> .
<urn:others:s> <urn:others:p> _:b <https://w3id.org/nhskg/graphs-of-somebody-else> .
<https://w3id.org/nhskg/id/parish> <urn:others:p> "in no graph" .
"""
"""What others keep on the same server, one graph with a name that begins almost like ours."""


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """No credentials and no proxies but those of a test."""
    for name in list(os.environ):
        if name.lower().endswith("_proxy") or name.startswith("NHSKG_STORE_"):
            monkeypatch.delenv(name)


@pytest.fixture(scope="session")
def running() -> Iterator[Oxigraph]:
    """An ``oxigraph serve`` in memory."""
    with oxigraph() as server:
        yield server


@pytest.fixture
def server(running: Oxigraph) -> Oxigraph:
    """A server with the graphs of others, and nothing else."""
    running.clear()
    running.load(OTHERS)
    return running


@pytest.fixture
def hamlet(tmp_path: Path) -> Project:
    """A copy of the smallest corpus."""
    return copy_hamlet(tmp_path / "hamlet")


def copy_hamlet(folder: Path) -> Project:
    shutil.copytree(HAMLET, folder, ignore=shutil.ignore_patterns("build"))
    for name in ("ontology/*.ttl", "ontology/rules/*.rq", "shapes/*.ttl"):
        for path in shipped_data().glob(name):  # it wants none of what ships
            (folder / path.relative_to(shipped_data())).touch()
    return Project.locate(folder)


def edit(project: Project, file: str, old: str, new: str) -> Path:
    """Change the first of some words in a file of the annotations; return the file."""
    path = project.root / "seeds" / file
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")
    return path


def build(project: Project, url: str, *more: str) -> Result:
    return nhskg("--project", project.root, "build", "--store", url, *more)


def expected(project: Project, *, engine: Engine | None = None) -> list[ox.Quad]:
    """Return what a server is to hold once a project has been built there beside others."""
    return [*assemble(project, engine=engine).store, *others()]


def others() -> list[ox.Quad]:
    return list(ox.parse(OTHERS, format=ox.RdfFormat.N_QUADS))
