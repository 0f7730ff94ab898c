"""The files of a dump: the same bytes from every build, the same answers, all files or none."""

from __future__ import annotations

import fcntl
import gzip
import hashlib
import json
import os
import resource
import shutil
import subprocess
import sys
from contextlib import suppress
from itertools import groupby
from pathlib import Path

import pytest
from pyoxigraph import BlankNode, Literal, NamedNode, Quad, RdfFormat, Store, parse
from tests.cli.runner import nhskg

from nhskg.annotation.reader import read_corpus
from nhskg.graph.mapping import map_corpus
from nhskg.graph.store import open_published
from nhskg.project import Project
from nhskg.queries.engine import select
from nhskg.queries.matrix import read_matrix
from nhskg.queries.stored import bind, list_queries
from nhskg.rdf.errors import InputError, StoreError
from nhskg.rdf.terms import SKOS, XSD
from nhskg.release import source as sources
from nhskg.release.dump import LARGE, dump, files_of
from nhskg.release.graphs import write_graphs
from nhskg.release.source import Source, sort_lines
from nhskg.vocabulary import load_vocabulary

from ..conftest import build, copy_barchester

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
    store, read = Store(), Store()
    store.extend(open_published(source.build).open())
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


ODD = "\"quotes\" ''' \\ <a> _:b > _:c \xa0 e\u0301 @en 1.50 \U0001d4b3\U0001f3db"


def test_literals_come_back_as_they_were_annotated(tmp_path: Path) -> None:
    """Characters that a format escapes, or outside the BMP; a decimal by its value."""
    project = copy_barchester(tmp_path)
    for name, old, new in (
        ("documents/gazette-sequel", "amount: 2000000", "amount: 1.50"),
        ("documents/gazette-sequel", "gate: lantern-takes", "note: ODD\n    gate: lantern-takes"),
        ("register/matters", "label: local plans", "alt: [ODD]\n    label: local plans"),
    ):
        path = project.seeds / f"{name}.yaml"
        text = path.read_text("utf-8")
        assert old in text
        text = text.replace(old, new.replace("ODD", json.dumps(ODD, ensure_ascii=False)), 1)
        path.write_text(text, "utf-8")
    source = Source(project, open_published(build(project).build).open())
    write_graphs(source, tmp_path)
    quads = set(map_corpus(read_corpus(project, load_vocabulary(project.ontology))))
    decimal = Literal("1.5", datatype=NamedNode(XSD + "decimal"))
    assert {Literal(ODD), Literal(ODD, language="en"), decimal} < {quad.object for quad in quads}
    for path in sorted(tmp_path.glob("*.*")):
        found = set(parse(path=str(path)))
        if path.stem == "nhskg":
            assert quads < found
        elif path.stem != "derived":
            assert {quad.triple for quad in quads} <= {quad.triple for quad in found}, path.name


def test_lines_are_sorted_in_several_runs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Each once, and an IRI before those that it begins."""
    monkeypatch.setattr(sources, "_RUN", 3)
    names = ["a/1", "a/10", "a/1/x", "b", "a", "a/1", "a/2", "a/1"]
    lines = [f'<urn:{name}> <urn:p> ">" .\n'.encode() for name in names]
    found = b"".join(sort_lines(iter(lines), tmp_path)).decode().split('> <urn:p> ">" .\n<urn:')
    assert found[0] == "<urn:a"
    assert found[1:-1] == ["a/1", "a/1/x", "a/10", "a/2"]
    assert list(tmp_path.iterdir()) == []


def test_a_blank_node_is_not_published(built: Project) -> None:
    store, graph = Store(), NamedNode("urn:graph")
    node, predicate, blank = NamedNode("urn:a"), NamedNode(SKOS + "related"), BlankNode("b")
    store.add(Quad(node, predicate, Literal("> _:b"), graph))
    assert len(list(Source(built, store).quads("asserted"))) == 1
    for quad in (Quad(blank, predicate, node, graph), Quad(node, predicate, blank, graph)):
        store.add(quad)
        with pytest.raises(StoreError, match=r"a blank node would be published: .*_:b"):
            Source(built, store).files()
        store.remove(quad)


# All files or none


@pytest.fixture
def older(dumped_small: Path, tmp_path: Path) -> Path:
    """A copy of a dump with files that are not written any more, and two that are none of it."""
    folder = tmp_path / "out"
    shutil.copytree(dumped_small, folder)
    for name in ("answers/gone.csv", "answers/changed.csv", "mine.txt", "answers/mine.csv"):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text("x")
    sums = (folder / "SHA256SUMS").read_text("utf-8")
    known = {"gone": hashlib.sha256(b"x").hexdigest(), "changed": "0" * 64}
    sums += "".join(f"{each}  answers/{name}.csv\n" for name, each in known.items())
    (folder / "SHA256SUMS").write_text(sums, "utf-8")
    (folder / "nhskg.nq").write_text("old")
    return folder


def test_a_new_dump_takes_the_place_of_an_old_one(
    built: Project, older: Path, dumped_small: Path
) -> None:
    """What the old one lists is deleted, what nobody lists stays, what a killed one left goes."""
    for name in (".nhskg-dump-killed", ".dump-mine"):
        (older / name).mkdir()
        (older / name / "nhskg.nq").write_text("x")
    written = dump(Source(built, open_published(built.build).open()), older)
    names = {path.relative_to(older).as_posix() for path in older.rglob("*") if path.is_file()}
    assert {path.relative_to(older).as_posix() for path in written} == names - {
        "mine.txt",
        "answers/mine.csv",
        "answers/changed.csv",
        ".dump-mine/nhskg.nq",
    }
    assert (older / "nhskg.nq").read_bytes() == (dumped_small / "nhskg.nq").read_bytes()
    assert not (older / ".nhskg-dump-killed").exists()


@pytest.mark.parametrize("name", ["LICENSE", "README.md", "nhskg.nq", "mine.txt"])
def test_nothing_is_written_among_files_of_others(
    built: Project, tmp_path: Path, name: str
) -> None:
    (tmp_path / name).write_text("mine")
    with pytest.raises(InputError, match="is not of a dump; move it away"):
        dump(Source(built, open_published(built.build).open()), tmp_path, answers=False)
    assert [(each.name, each.read_text()) for each in files_of(tmp_path)] == [(name, "mine")]


def test_what_a_dump_does_not_list_is_not_written_over(built: Project, older: Path) -> None:
    sums = (older / "SHA256SUMS").read_text("utf-8")
    (older / "SHA256SUMS").write_text(
        "".join(
            line for line in sums.splitlines(keepends=True) if not line.endswith("  README.md\n")
        )
    )
    with pytest.raises(InputError, match=r"out/README\.md: is not of a dump; move it away"):
        dump(Source(built, open_published(built.build).open()), older, answers=False)


def test_nothing_is_written_or_deleted_behind_a_link_in_a_dump(built: Project, older: Path) -> None:
    (older / "answers").rename(older.parent / "others")
    (older / "answers").symlink_to(older.parent / "others")
    before = {path: path.read_bytes() for path in files_of(older.parent / "others")}
    with pytest.raises(InputError, match="out/answers: is a link; move it away"):
        dump(Source(built, open_published(built.build).open()), older)
    assert {path: path.read_bytes() for path in before} == before


def test_without_answers_a_dump_has_all_but_the_tables(
    built: Project, dumped_small: Path, tmp_path: Path
) -> None:
    """And its description speaks of none."""
    out = tmp_path / "out"
    command = ("--project", built.root, "dump", "--no-answers", "--out", out)
    assert nhskg(*command).exit_code == 0
    names, all_names = (
        {path.relative_to(of).as_posix() for path in files_of(of)} for of in (out, dumped_small)
    )
    assert all_names - names == {
        name
        for name in all_names
        if name.startswith(("answers/", "matrix.", "csv-metadata.", "nhskg.sqlite"))
    }
    assert names < all_names
    assert "csv" in (dumped_small / "dataset.ttl").read_text("utf-8").lower()
    assert "csv" not in (out / "dataset.ttl").read_text("utf-8").lower()


@pytest.mark.parametrize(
    "sums", ["", f"{'0' * 64}  mine.txt\n", f"{'0' * 64}  ../mine.txt\n{'0' * 64}  nhskg.nq\n"]
)
def test_a_list_that_is_not_of_a_dump_deletes_nothing(
    built: Project, tmp_path: Path, sums: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("nhskg.release.dump.WRITERS", ())
    out = tmp_path / "out"
    out.mkdir()
    for name in ("out/mine.txt", "mine.txt"):
        (tmp_path / name).write_text("x")
    (out / "SHA256SUMS").write_text(sums)
    with suppress(InputError):
        dump(Source(built, Store()), out, answers=False)
    assert (out / "mine.txt").exists()
    assert (out / "SHA256SUMS").read_text().startswith(sums)
    assert (tmp_path / "mine.txt").exists()


def test_a_dump_that_fails_leaves_the_old_one_as_it_was(built: Project, older: Path) -> None:
    """Here on a disk on which no file can be longer than 100,000 bytes."""
    before = {path: path.read_bytes() for path in files_of(older)}
    command = [sys.executable, "-m", "nhskg", "--project", str(built.root), "dump", "--out"]

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))

    done = subprocess.run(
        [*command, str(older)], capture_output=True, text=True, check=False, preexec_fn=limit
    )
    assert done.returncode == 2
    assert done.stderr == f"{older}: cannot be written: File too large\n"
    assert {path: path.read_bytes() for path in files_of(older)} == before


@pytest.mark.parametrize(
    ("name", "told"), [("nhskg.trig", "is a folder"), ("answers", "is no folder")]
)
def test_what_is_in_the_way_leaves_the_old_dump_as_it_was(
    built: Project, older: Path, name: str, told: str
) -> None:
    """A folder where a file goes, and a file where a folder goes."""
    shutil.rmtree(older / name) if name == "answers" else (older / name).unlink()
    (older / name).touch() if name == "answers" else (older / name).mkdir()
    before = {path: path.read_bytes() for path in files_of(older)}
    with pytest.raises(InputError, match=f"out/{name}: {told}; move it away"):
        dump(Source(built, open_published(built.build).open()), older)
    assert {path: path.read_bytes() for path in files_of(older)} == before


def test_a_folder_that_cannot_be_written_is_one_line(built: Project, tmp_path: Path) -> None:
    """A file, something below a file, and a folder that another dump is being written to."""
    (tmp_path / "file").write_text("x")
    source = Source(built, Store())
    for name in ("file", "file/below"):
        with pytest.raises(InputError, match=r"is no folder|be written: Not a directory"):
            dump(source, tmp_path / name)
    lock = os.open(tmp_path, os.O_RDONLY)
    fcntl.flock(lock, fcntl.LOCK_EX)
    with pytest.raises(InputError, match="another dump is being written here"):
        dump(source, tmp_path)
    os.close(lock)
    assert list(tmp_path.iterdir()) == [tmp_path / "file"]
