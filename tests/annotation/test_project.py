from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from nhskg.project import DATA_FOLDERS, Project, shipped_data
from nhskg.rdf.errors import UsageError
from nhskg.rdf.files import Folders, files_in, find_file


def make(root: Path, *folders: str) -> Path:
    for folder in folders:
        (root / folder).mkdir(parents=True)
    return root


def test_own_files_add_to_those_that_ship_and_replace_one_of_the_same_name(tmp_path: Path) -> None:
    found = Project.locate(make(tmp_path, "seeds", "shapes"))
    shipped = shipped_data()
    assert found == Project(
        root=tmp_path,
        ontology=Folders((shipped / "ontology",)),
        seeds=tmp_path / "seeds",
        shapes=Folders((tmp_path / "shapes", shipped / "shapes")),
        queries=Folders((shipped / "queries",)),
        build=tmp_path / "build",
    )
    known = {path.name: path for path in files_in(found.shapes, ".ttl")}
    assert known == {path.name: path for path in (shipped / "shapes").glob("*.ttl")}
    for name, text in {"my.ttl": "#", "claims.ttl": "#", "plans.ttl": "", ".own.ttl": "#"}.items():
        (tmp_path / "shapes" / name).write_text(text)
    (tmp_path / "shapes" / "derived.ttl").write_bytes(known["derived.ttl"].read_bytes())
    mine = {name: tmp_path / "shapes" / name for name in ("claims.ttl", "derived.ttl", "my.ttl")}
    known = {**known, **mine}
    del known["plans.ttl"]
    assert files_in(found.shapes, ".ttl") == [known[name] for name in sorted(known)]
    assert find_file(found.shapes, "claims.ttl") == mine["claims.ttl"]
    assert find_file(found.shapes, "plans.ttl") is find_file(found.shapes, "none.ttl") is None
    count = len(known) - 2  # a copy is not told of, and what is there by an empty file is not there
    (told,) = found.own_files()
    changed = "1 own (my.ttl), 1 replaced (claims.ttl), 1 taken away (plans.ttl)"
    assert told == f"shapes: {count} shipped, {changed}"


def test_no_more_than_three_own_files_are_named(tmp_path: Path) -> None:
    root = make(tmp_path, "seeds", "queries/parts")
    for name in ("a.rq", "b.rq", "c.rq", "d.rq", "parts/e.rq"):
        (root / "queries" / name).write_text("#+ title: x\n")
    queries, parts = Project.locate(root).own_files()
    assert queries.endswith(" shipped, 4 own (a.rq, b.rq, c.rq, …), 0 replaced")
    assert parts.startswith("parts of queries: ")
    assert parts.endswith(" shipped, 1 own (e.rq), 0 replaced")


def test_what_is_not_read_in_the_folders_of_a_project_is_told(tmp_path: Path) -> None:
    """Shapes, queries and documents that are passed over would look like ones that find nothing."""
    root = make(tmp_path, "seeds/documents/old", "seeds/register", "shapes/more", "shapes/examples")
    read = ("shapes/a.ttl", "seeds/documents/a.yml", "seeds/documents/.b", "seeds/register/a.yaml")
    for name in (*read, "seeds/notes\n.txt", "shapes/b.trig"):
        (root / name).write_text("#")
    assert [*Project.locate(root).left_out()] == [
        r"seeds/: 1 left out (notes\n.txt), as only documents/ and register/ are read",
        "seeds/documents/: 1 left out (old), as only *.yaml are read",
        "shapes/: 2 left out (b.trig, more), as only *.ttl and examples/ are read",
    ]


def test_in_a_checkout_the_corpus_is_that_of_the_nearest_folder(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    root = Path(__file__).parents[2]
    inner = root / "tests" / "corpora" / "barchester"
    for folder, expected in ((root, root), (root / "docs", root), (inner / "texts", inner)):
        monkeypatch.chdir(folder)
        assert Project.locate() == Project.locate(expected)


@pytest.mark.parametrize(("cache", "expected"), [("{}/cache", "cache"), ("cache", "home/.cache")])
def test_elsewhere_the_shipped_corpus_is_built_in_the_user_cache(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cache: str, expected: str
) -> None:
    """The XDG specification has relative paths ignored; each installation has its own place."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", cache.format(tmp_path))
    monkeypatch.delenv("LOCALAPPDATA", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    found = Project.locate()
    assert found.build.parent == tmp_path / expected / "nhskg"
    assert not [*found.own_files()]
    for name in DATA_FOLDERS:
        assert Path(getattr(found, name)) == shipped_data() / name
    elsewhere = make(tmp_path / "elsewhere", "seeds")
    monkeypatch.setattr("nhskg.project.shipped_data", lambda: elsewhere)
    other = Project.locate()
    assert (other.root, other.build.parent) == (elsewhere, found.build.parent)
    assert other.build != found.build


def test_a_folder_named_seeds_is_no_project_by_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(make(tmp_path, "seeds"))
    assert Project.locate().root == shipped_data()
    make(tmp_path, "seeds/register")
    assert Project.locate().root == tmp_path


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("", "no seeds/ in {}; a project is a folder that holds seeds/"),
        ("file", "not a folder: {}; a project is a folder that holds seeds/"),
        ("none", "no such project folder: {}"),
        (
            "q\udcff",
            "{}/build: no store can be put here, as the path is not UTF-8; rename the folder",
        ),
    ],
)
def test_a_project_that_cannot_be_used(tmp_path: Path, name: str, message: str) -> None:
    (tmp_path / "file").write_text("")
    make(tmp_path / "q\udcff", "seeds")
    with pytest.raises(UsageError) as caught:
        Project.locate(tmp_path / name)
    assert str(caught.value) == message.format(f"{tmp_path / name}".replace("\udcff", "\\udcff"))


FOLDERS = ("seeds", "seeds/documents", "seeds/register", "ontology", "ontology/rules", "shapes")


@pytest.mark.parametrize("name", FOLDERS)
def test_a_folder_that_cannot_be_read_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """It would look like an empty one."""
    root = make(tmp_path, "seeds/documents", "seeds/register", "ontology/rules", "shapes")
    listed = Path.iterdir

    def iterdir(folder: Path) -> Iterator[Path]:
        if folder == root / name:
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(folder))
        return listed(folder)

    monkeypatch.setattr(Path, "iterdir", iterdir)
    with pytest.raises(UsageError) as caught:
        Project.locate(root)
    assert str(caught.value) == (
        f"{root}/{name}: the folder cannot be read (Permission denied); make it readable"
    )
