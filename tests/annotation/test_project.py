from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from nhskg.project import DATA_FOLDERS, Project, shipped_data
from nhskg.rdf.errors import UsageError


def make(root: Path, *folders: str) -> Path:
    for folder in folders:
        (root / folder).mkdir(parents=True)
    return root


def test_a_project_uses_its_own_folders_and_falls_back_one_by_one(tmp_path: Path) -> None:
    root = make(tmp_path, "seeds", "shapes")
    found = Project.locate(root)
    assert found.seeds == root / "seeds"
    assert found.shapes == root / "shapes"
    assert found.ontology == shipped_data() / "ontology"
    assert found.queries == shipped_data() / "queries"
    assert found.build == root / "build"
    assert found.documents == root / "seeds" / "documents"
    assert found.register == root / "seeds" / "register"


def test_the_nearest_folder_above_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = make(tmp_path / "corpus", "seeds/documents")
    monkeypatch.chdir(root / "seeds" / "documents")
    assert Project.locate() == Project.locate(root)


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
    """The XDG specification has relative paths ignored."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", cache.format(tmp_path))
    monkeypatch.delenv("LOCALAPPDATA", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    found = Project.locate()
    assert found.root == shipped_data()
    assert found.build.parent == tmp_path / expected / "nhskg"
    assert [getattr(found, name) for name in DATA_FOLDERS] == [
        shipped_data() / name for name in DATA_FOLDERS
    ]


def test_each_installation_builds_its_corpus_in_a_place_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    builds = [Project.locate().build]
    (tmp_path / "elsewhere" / "seeds").mkdir(parents=True)
    monkeypatch.setattr("nhskg.project.shipped_data", lambda: tmp_path / "elsewhere")
    builds.append(Project.locate().build)
    assert builds[0].parent == builds[1].parent
    assert builds[0] != builds[1]


def test_a_folder_named_seeds_is_no_project_by_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "seeds").mkdir()
    monkeypatch.chdir(tmp_path)
    assert Project.locate().root == shipped_data()
    (tmp_path / "seeds" / "register").mkdir()
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


@pytest.mark.parametrize(
    "name",
    ["seeds", "seeds/documents", "seeds/register", "ontology", "ontology/rules", "shapes"],
)
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
