"""The files of a dump: the same bytes from every build, and the same answers out of them."""

from __future__ import annotations

import gzip
import hashlib
import os
import shutil
import subprocess
import sys
from itertools import groupby
from pathlib import Path

import pytest
from pyoxigraph import BlankNode, RdfFormat, Store, parse

from nhskg.graph.store import open_published
from nhskg.project import Project
from nhskg.queries.engine import select
from nhskg.queries.matrix import read_matrix
from nhskg.queries.stored import bind, list_queries
from nhskg.release.dump import LARGE, files_of

BARCHESTER = Path(__file__).parents[1] / "corpora" / "barchester"
DISORDER = """
import os
listdir, scandir = os.listdir, os.scandir

class Entries:
    def __init__(self, *folder):
        with scandir(*folder) as found:
            self.found = iter(sorted(found, key=lambda each: each.name, reverse=True))
    __iter__ = __enter__ = lambda self: self
    __next__ = lambda self: next(self.found)
    __exit__ = lambda *_: None

os.listdir = lambda *folder: sorted(listdir(*folder), reverse=True)
os.scandir = Entries
"""
"""A ``sitecustomize`` by which folders list their files the other way round."""
SURROUNDINGS = [
    {"PYTHONHASHSEED": "1", "LC_ALL": "C.UTF-8", "TZ": "EAST-14"},
    {"PYTHONHASHSEED": "2", "LC_ALL": "C", "PYTHONUTF8": "0", "TZ": "WEST+11"},
]


def test_builds_from_nothing_give_the_same_bytes_in_every_file(tmp_path: Path) -> None:
    """In another folder, with other hashes, locale, time zone, times and order of the files."""
    dumps = []
    for number, surroundings in enumerate(SURROUNDINGS):
        folder = tmp_path / f"place{number}" / ("deep" * number) / "corpus"
        for path in sorted(files_of(BARCHESTER), reverse=bool(number)):
            copy = folder / path.relative_to(BARCHESTER)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, copy)
        search = os.environ.get("PYTHONPATH", "")
        if number:
            (tmp_path / "disorder").mkdir()
            (tmp_path / "disorder" / "sitecustomize.py").write_text(DISORDER)
            search = f"{tmp_path / 'disorder'}{os.pathsep}{search}"
        environment = {**os.environ, **surroundings, "PYTHONPATH": search}
        command = [sys.executable, "-m", "nhskg", "--project", str(folder), "dump", "--out"]
        subprocess.run([*command, str(folder / "dump")], env=environment, check=True)
        dumps.append(folder / "dump")
    names = [[path.relative_to(each) for path in files_of(each)] for each in dumps]
    assert names[0] == names[1]
    assert Path("nhskg.trig") in names[0]
    assert [n for n in names[0] if (dumps[0] / n).read_bytes() != (dumps[1] / n).read_bytes()] == []


@pytest.fixture(params=["dumped", "dumped_small"])
def folder(request: pytest.FixtureRequest) -> Path:
    """The dump of the shipped corpus, then that of our own."""
    return request.getfixturevalue(request.param)  # type: ignore[no-any-return]


@pytest.mark.parametrize(("name", "project"), [("dumped", "real"), ("dumped_small", "built")])
def test_the_trig_gives_the_answers_of_the_store(
    request: pytest.FixtureRequest, name: str, project: str
) -> None:
    """To every stored query with its defaults, and the same matrix."""
    source: Project = request.getfixturevalue(project)
    store, read = open_published(source.build).open(), Store()
    read.load(path=str(request.getfixturevalue(name) / "nhskg.trig"), format=RdfFormat.TRIG)
    for query in list_queries(source.queries):
        expected = select(store, bind(query, {}, store))
        assert select(read, bind(query, {}, read)) == expected, query.name
    expected_matrix = read_matrix(store, source.queries, unchanged=True)
    assert expected_matrix.entries
    assert read_matrix(read, source.queries, unchanged=True) == expected_matrix


def test_all_files_hold_the_same_quads_in_order(folder: Path) -> None:
    """Each graph once, in order of its name; in the flat files, each triple of theirs once."""
    quads = list(parse(path=str(folder / "nhskg.nq"), format=RdfFormat.N_QUADS))
    assert list(parse(path=str(folder / "nhskg.trig"), format=RdfFormat.TRIG)) == quads
    graphs = [graph.value for graph, _ in groupby(quads, key=lambda quad: quad.graph_name)]
    assert graphs == sorted(set(graphs))
    parts = {graph.rpartition("/")[2] for graph in graphs}
    assert parts >= {"derived", "ontology", "register"}
    apart = {"derived", "labels", "ontology"}
    for name, taken in (("asserted", parts - apart), ("derived", {"derived"}), ("all", parts)):
        flat = list(parse(path=str(folder / f"{name}.nt"), format=RdfFormat.N_TRIPLES))
        assert list(parse(path=str(folder / f"{name}.ttl"), format=RdfFormat.TURTLE)) == flat
        found = {q.triple for q in quads if q.graph_name.value.rpartition("/")[2] in taken}
        assert len(flat) == len(found)
        assert {quad.triple for quad in flat} == found
        blank = any(BlankNode in (type(quad.subject), type(quad.object)) for quad in flat)
        assert blank == (name == "all")  # those of the ontology
    claims = [str(quad.subject)[1:-1] for quad in quads if "/claim/" in str(quad.subject)]
    order = [claim for claim, _ in groupby(claims)]
    assert order.index(f"{order[0]}/evidence/1") == 1


def test_the_checksums_are_those_of_all_files_and_large_ones_are_compressed(folder: Path) -> None:
    lines = (folder / "SHA256SUMS").read_text("utf-8").splitlines()
    listed = {name: digest for digest, _, name in (line.partition("  ") for line in lines)}
    names = {path.relative_to(folder).as_posix(): path for path in files_of(folder)}
    del names["SHA256SUMS"]
    assert listed == {
        name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in names.items()
    }
    if program := shutil.which("sha256sum"):
        subprocess.run(
            [program, "--check", "--strict", "--quiet", "SHA256SUMS"], cwd=folder, check=True
        )
    for path in names.values():
        compressed = path.with_name(f"{path.name}.gz")
        assert compressed.exists() == (path.stat().st_size > LARGE), path
        if compressed.exists():
            raw = compressed.read_bytes()
            assert raw[3:8] == bytes(5)  # neither a name nor a time
            assert gzip.decompress(raw) == path.read_bytes()
