"""Builds and validations: each from nothing, and none in the way of another or of a reader."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from pyoxigraph import Store

from nhskg.building.pipeline import assemble, build_project, validate_project
from nhskg.graph.store import open_published
from nhskg.project import Project
from nhskg.rdf.errors import AnnotationError, StoreError

STEPS = ["reading", "mapping", "reasoning", "validating", "writing"]
INSIDE = "at: [0, 134]"
OUTSIDE = "at: [0, 99999]"  # beyond the end of the text, which shape E-05 reports


def edit(project: Project, old: str, new: str) -> None:
    path = project.documents / "gazette-boards.yaml"
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")


def quads(store: Store) -> set[str]:
    """Return the quads of a store without blank nodes, which only the ontology has."""
    return {line for line in map(str, store) if "_:" not in line}


def published(project: Project) -> set[str]:
    """Return the quads of the published store."""
    return quads(open_published(project.build).open())


@pytest.fixture
def corpus(built: Project, tmp_path: Path) -> Project:
    """A copy of our own corpus with its store."""
    return Project.locate(shutil.copytree(built.root, tmp_path / "barchester", symlinks=True))


def test_a_build_after_an_edit_is_one_from_nothing(corpus: Project) -> None:
    """Of a document that was removed not even the graph is left."""
    edit(corpus, "modality: should", "modality: would")
    (corpus.documents / "chronicle-reply.yaml").unlink()
    report = build_project(corpus)
    expected = assemble(corpus)
    assert report.findings == expected.findings
    assert published(corpus) == quads(expected.store)
    graphs = open_published(corpus.build).open().named_graphs()
    assert not any("chronicle-reply" in str(graph) for graph in graphs)


def test_violations_keep_the_last_store(corpus: Project) -> None:
    first = open_published(corpus.build)
    edit(corpus, INSIDE, OUTSIDE)
    report = build_project(corpus)
    assert report.violations
    assert report.published is None
    assert report.findings == validate_project(corpus)
    assert open_published(corpus.build) == first


KILLED = """
import os, signal, sys
from pathlib import Path
from nhskg.building.pipeline import build_project
from nhskg.project import Project

def progress(step):
    if step == sys.argv[2]:
        os.kill(os.getpid(), signal.SIGKILL)

build_project(Project.locate(Path(sys.argv[1])), progress=progress)
"""


@pytest.mark.parametrize("step", STEPS)
def test_a_build_killed_in_any_step_leaves_the_last_store(corpus: Project, step: str) -> None:
    first = open_published(corpus.build)
    edit(corpus, "modality: should", "modality: would")
    command = [sys.executable, "-c", KILLED, str(corpus.root), step]
    assert subprocess.run(command, check=False).returncode == -signal.SIGKILL
    assert open_published(corpus.build) == first
    assert build_project(corpus).published
    assert len(list((corpus.build / "stores").iterdir())) == 2


@pytest.mark.parametrize("damage", ["data", "no data", "summary", "link"])
def test_a_damaged_build_folder_is_built_over(corpus: Project, damage: str) -> None:
    published = open_published(corpus.build)
    if damage == "data":
        (published.folder / "data" / "CURRENT").write_text("damaged")
    elif damage == "no data":
        shutil.rmtree(published.folder / "data")
    elif damage == "summary":
        (published.folder / "summary.json").write_text("[" * 400_000)
    else:
        (corpus.build / "current").unlink()
        (corpus.build / "current").write_text("in the way")
    expected = assemble(corpus).findings
    assert validate_project(corpus) == expected
    assert build_project(corpus).findings == expected
    assert len(open_published(corpus.build).open())


def test_a_second_build_is_refused_and_readers_are_not(corpus: Project) -> None:
    """While a build runs, a second one ends at once; queries and validation go on."""
    first = open_published(corpus.build)
    reader = first.open()
    triples = len(reader)
    edit(corpus, "modality: should", "modality: would")
    met = []

    def beside(step: str) -> None:
        with pytest.raises(StoreError, match="another build is running"):
            build_project(corpus)
        assert open_published(corpus.build) == first
        if step == "writing":
            validate_project(corpus)
        met.append(step)

    second = build_project(corpus, progress=beside)
    assert met == STEPS
    assert open_published(corpus.build) == second.published != first
    assert len(reader) == len(first.open()) == triples


@pytest.mark.parametrize("step", ["mapping", "validating", "writing"])
def test_a_build_holds_to_what_it_has_read(corpus: Project, step: str) -> None:
    """Files that change while a build runs are for the next one."""
    before = published(corpus)

    def change(now: str) -> None:
        if now == step:
            edit(corpus, "modality: should", "modality: would")
            (corpus.documents / "chronicle-reply.yaml").unlink()

    during = build_project(corpus, progress=change)
    assert during.figures["documents"] == 3
    assert published(corpus) == before
    after = build_project(corpus)
    assert after.figures["documents"] == 2
    assert published(corpus) != before


@pytest.mark.parametrize("command", [build_project, validate_project])
def test_a_name_that_is_no_file_is_told_and_never_read(
    barchester: Project, command: Callable[[Project], object]
) -> None:
    """A pipe nobody writes to would be waited for, and a device without end be read for ever."""
    names = set()
    for folder in (barchester.documents, barchester.register):
        os.mkfifo(folder / f"pipe-{folder.name}.yaml")
        (folder / f"zero-{folder.name}.yaml").symlink_to("/dev/zero")
        (folder / f"folder-{folder.name}.yaml").mkdir()
        names |= {f"{each}-{folder.name}.yaml" for each in ("pipe", "zero", "folder")}
    with pytest.raises(AnnotationError) as told:
        command(barchester)
    messages = {fault.place.path.name: fault.message for fault in told.value.faults}
    assert {messages.get(name) for name in names} == {"cannot be read: not a file"}


def test_a_name_that_is_not_utf_8_is_told(barchester: Project) -> None:
    path = barchester.documents / "gazette-\udcff.yaml"
    path.symlink_to("gazette-boards.yaml")
    with pytest.raises(AnnotationError, match=r"gazette-\\udcff\.yaml: .* not UTF-8; rename it"):
        build_project(barchester)
    path.rename(path.with_name(".hidden-\udcff.yaml"))
    assert build_project(barchester).published is not None


def test_validation_writes_nothing(barchester: Project) -> None:
    found = validate_project(barchester)
    assert not barchester.build.exists()
    barchester.build.parent.mkdir(parents=True, exist_ok=True)
    barchester.build.write_text("in the way", "utf-8")
    assert validate_project(barchester) == found
