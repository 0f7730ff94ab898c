"""A real oxigraph server, our own small corpora, and the command line without its process."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pyoxigraph as ox
import pytest

from nhskg.building import assemble
from nhskg.cli import main
from nhskg.project import Project
from nhskg.reasoning.reasoner import Engine

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
    return copy_of(HAMLET, tmp_path / "hamlet")


def copy_of(corpus: Path, folder: Path, *edit: str) -> Project:
    """Return a copy of a corpus; ``edit`` is a file of it, what stands there, and what shall."""
    shutil.copytree(corpus, folder, ignore=shutil.ignore_patterns("build"))
    if edit:
        name, old, new = edit
        path = folder / name
        text = path.read_text("utf-8")
        assert old in text
        path.write_text(text.replace(old, new), "utf-8")
    return Project.locate(folder)


def expected(project: Project, *, engine: Engine | None = None) -> list[ox.Quad]:
    """Return what a server is to hold once a project has been built there beside others."""
    kept = ox.parse(OTHERS, format=ox.RdfFormat.N_QUADS)
    return [*assemble(project, engine=engine).store, *kept]


@dataclass(frozen=True)
class Done:
    """What a command has left."""

    code: int | str | None
    out: str
    err: str


Run = Callable[..., Done]


@pytest.fixture
def run(capfd: pytest.CaptureFixture[str]) -> Run:
    """The command line, from the arguments to the exit code, in this process."""

    def call(*arguments: str | Path) -> Done:
        capfd.readouterr()
        with pytest.raises(SystemExit) as ended:
            main([str(each) for each in arguments])
        return Done(ended.value.code, *capfd.readouterr())

    return call
