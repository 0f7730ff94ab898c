"""The build area: one writer, a swap in one rename, and readers that are never disturbed."""

from __future__ import annotations

import errno
import json
import os
import shutil
import stat
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from pyoxigraph import Literal, NamedNode, Quad, Store

from nhskg.graph import store as stores
from nhskg.graph.store import Published, new_store, open_published
from nhskg.rdf.errors import StoreAccessError, StoreError

SUBJECT = NamedNode("https://example.org/s")
SAYS = NamedNode("https://example.org/says")


def write(folder: Path, text: str) -> None:
    store = Store(str(folder / "data"))
    store.add(Quad(SUBJECT, SAYS, Literal(text)))
    store.flush()


def publish(build: Path, text: str) -> Published:
    with new_store(build) as folder:
        write(folder, text)
        return stores.publish(folder, {"text": text})


def answer(published: Published) -> str:
    (quad,) = published.open()
    assert isinstance(quad.object, Literal)
    return quad.object.value


def test_the_latest_published_store_answers_and_readers_of_the_last_are_not_disturbed(
    tmp_path: Path,
) -> None:
    """Stores before the last two are deleted."""
    with pytest.raises(StoreError, match="no store has been built; run 'nhskg build'"):
        open_published(tmp_path)
    publish(tmp_path, "older")
    old = publish(tmp_path, "old")
    store = old.open()
    publish(tmp_path, "new")
    assert answer(open_published(tmp_path)) == open_published(tmp_path).summary["text"] == "new"
    assert [quad.object for quad in store] == [Literal("old")]
    assert answer(old) == "old"
    assert names(tmp_path) == ["store-000002", "store-000003"]


def names(build: Path) -> list[str]:
    return sorted(path.name for path in (build / "stores").iterdir())


def test_stores_are_ordered_by_number_and_not_by_name(tmp_path: Path) -> None:
    """The millionth has a digit more."""
    publish(tmp_path, "first")
    (tmp_path / "stores" / "store-000001").rename(tmp_path / "stores" / "store-999999")
    (tmp_path / "current").unlink()
    (tmp_path / "current").symlink_to("stores/store-999999")
    for text in ("millionth", "next"):
        assert answer(publish(tmp_path, text)) == text
    assert names(tmp_path) == ["store-1000000", "store-1000001"]
    (tmp_path / "stores" / "store-1000002").mkdir()  # a killed build left it
    assert answer(publish(tmp_path, "last")) == "last"
    assert names(tmp_path) == ["store-1000001", "store-1000002"]


def test_older_stores_are_kept_until_the_next_is_published_though_the_present_is_gone(
    tmp_path: Path,
) -> None:
    """Someone may be reading them; the new store has not the number of the one that is gone."""
    published = [publish(tmp_path, text) for text in ("old", "gone")]
    shutil.rmtree(published[1].folder)
    with suppress(RuntimeError), new_store(tmp_path) as folder:
        write(folder, "bad")
        assert names(tmp_path) == ["store-000001", "store-000003"]
        raise RuntimeError
    assert names(tmp_path) == ["store-000001"], "one that was not published is cleared away"
    assert answer(published[0]) == "old"
    assert answer(publish(tmp_path, "new")) == "new"
    assert names(tmp_path) == ["store-000001", "store-000003"]


def test_a_second_builder_is_refused(tmp_path: Path) -> None:
    with (
        new_store(tmp_path),
        pytest.raises(StoreError, match="another build is running"),
        new_store(tmp_path),
    ):
        pass


@pytest.mark.parametrize(
    ("summary", "message"),
    [
        ("{", "damaged"),
        ("[" * 400_000, "damaged"),
        ("[]", "another version"),
        (json.dumps({"layout": 0}), "another version"),
    ],
)
def test_a_damaged_or_foreign_store_is_told(tmp_path: Path, summary: str, message: str) -> None:
    published = publish(tmp_path, "x")
    (published.folder / "summary.json").write_text(summary)
    with pytest.raises(StoreError, match=message):
        open_published(tmp_path)


@pytest.mark.parametrize("name", ["current", "current.new", "stores/store-old", "stores/other"])
def test_a_folder_in_the_way_is_no_hindrance(tmp_path: Path, name: str) -> None:
    """A copy that follows links makes one of ``current``, which answers, and is replaced."""
    publish(tmp_path / "from", "old")
    shutil.copytree(tmp_path / "from", tmp_path / "to", symlinks=name != "current")
    (tmp_path / "to" / name / "inside").mkdir(parents=True)
    assert answer(open_published(tmp_path / "to")) == "old"
    publish(tmp_path / "to", "new")
    assert answer(open_published(tmp_path / "to")) == "new"
    assert (tmp_path / "to" / "current").is_symlink()


@pytest.mark.parametrize("umask", [0o022, 0o027, 0o077])
def test_a_store_is_as_open_to_others_as_the_umask_says(tmp_path: Path, umask: int) -> None:
    before = os.umask(umask)
    try:
        folder = publish(tmp_path, "x").folder
    finally:
        os.umask(before)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o777 & ~umask
    assert stat.S_IMODE((folder / "summary.json").stat().st_mode) == 0o666 & ~umask


def refuse(path: Path, *_: Any, **__: Any) -> Any:
    raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))


@pytest.mark.parametrize("name", ["summary.json", "CURRENT"])
def test_a_store_that_may_not_be_read_is_not_told_as_damaged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    published = publish(tmp_path, "x")
    if name == "CURRENT":
        (published.folder / "data" / name).write_text("not to be opened")
    opened = Path.open

    def open_(path: Path, *rest: Any, **given: Any) -> Any:
        return (refuse if path.name == name else opened)(path, *rest, **given)

    monkeypatch.setattr(Path, "open", open_)
    message = r"the store may not be read \(Permission denied\); ask its owner to make it readable"
    with pytest.raises(StoreAccessError, match=message):
        open_published(tmp_path).open()


def test_a_folder_of_stores_that_may_not_be_written_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(tmp_path, "x")
    made = Path.mkdir
    monkeypatch.setattr(
        Path,
        "mkdir",
        lambda path, **options: (made if path.name == "stores" else refuse)(path, **options),
    )
    with pytest.raises(StoreError, match=r"stores: cannot be written"), new_store(tmp_path):
        pass


KILLED_EVERYWHERE = """
import itertools, os, signal, shutil, sys
from pathlib import Path
from tests.graph.test_store import publish

CHANGES = {"os.mkdir", "os.remove", "os.rename", "os.rmdir", "os.symlink", "shutil.rmtree"}

def kill_before(change):
    done = itertools.count()
    def hook(event, arguments):
        writes = event == "open" and isinstance(arguments[2], int) and arguments[2] & os.O_ACCMODE
        if (event in CHANGES or writes) and next(done) == change:
            os.kill(os.getpid(), signal.SIGKILL)
    sys.addaudithook(hook)

base = Path(sys.argv[1])
for change in itertools.count():
    folder = base.with_name(f"killed-{change:03d}")
    shutil.copytree(base, folder, symlinks=True)
    child = os.fork()
    if child == 0:
        kill_before(change)
        publish(folder, "next")
        os._exit(0)
    if os.waitpid(child, 0)[1] == 0:
        break
"""


def test_a_build_killed_before_any_change_of_a_file_leaves_a_good_store(tmp_path: Path) -> None:
    """Kill a build before its first change of a file, its second, and so on to its last."""
    base = tmp_path / "base"
    publish(base, "older")
    publish(base, "good")
    command, root = [sys.executable, "-c", KILLED_EVERYWHERE, str(base)], Path(__file__).parents[2]
    subprocess.run(command, cwd=root, check=True, timeout=120)
    *killed, whole = sorted(tmp_path.glob("killed-*"))
    assert answer(open_published(whole)) == "next"
    answers = []
    for folder in killed:
        left = open_published(folder)
        answers.append(answer(left))
        assert answer(publish(folder, "after")) == "after"
        assert answer(left) == answers[-1], f"{folder}: a reader of the last good store lost it"
        assert len(list((folder / "stores").iterdir())) == 2
    assert answers == sorted(answers), "the new store answered before it was put in place"
    assert set(answers) == {"good", "next"}


def files_below(folder: Path) -> dict[str, str]:
    files = (each for each in folder.rglob("*") if each.is_file())
    return {each.relative_to(folder).as_posix(): each.read_text() for each in files}


@pytest.mark.parametrize("link", ["build", "build/stores"])
def test_nothing_is_cleared_behind_a_link(tmp_path: Path, link: str) -> None:
    """A project from elsewhere can have links, and the names of stores elsewhere."""
    others = tmp_path / "others"
    for name in ("store-000001/mine", "stores/store-000001/mine", "current/mine"):
        (others / name).parent.mkdir(parents=True)
        (others / name).write_text("mine")
    before = files_below(others)
    (tmp_path / link).parent.mkdir(exist_ok=True)
    (tmp_path / link).symlink_to(others)
    with pytest.raises(StoreError, match=f"{link}: is a link, .*; move it away"):
        publish(tmp_path / "build", "x")
    assert files_below(others) == before


@pytest.mark.parametrize("name", ["current", "current.new", "stores/store-000002"])
@pytest.mark.parametrize("file", ["mine", "data/mine", "data/below/000001.sst"])
def test_what_others_put_into_a_folder_of_theirs_is_not_cleared(
    tmp_path: Path, name: str, file: str
) -> None:
    (tmp_path / name / file).parent.mkdir(parents=True)
    (tmp_path / name / file).write_text("mine")
    with pytest.raises(StoreError, match=f"{name}: is not of nhskg, .*; move it away"):
        publish(tmp_path, "x")
    assert files_below(tmp_path) == {"lock": "", f"{name}/{file}": "mine"}


@pytest.mark.parametrize("name", ["lock", "stores/store-000009", "current", "CACHEDIR.TAG"])
def test_a_link_within_is_not_followed(tmp_path: Path, name: str) -> None:
    others = tmp_path / "others"
    others.mkdir()
    (others / "mine").write_text("mine")
    (tmp_path / "build" / "stores").mkdir(parents=True)
    (tmp_path / "build" / name).symlink_to(others / "mine" if name == "lock" else others)
    with suppress(StoreError):
        publish(tmp_path / "build", "x")
    assert files_below(others) == {"mine": "mine"}


def test_a_folder_of_an_older_version_is_adopted_and_marked(tmp_path: Path) -> None:
    """Not where it has other things, as a dump, of which a backup must not be without."""
    publish(tmp_path, "old")
    (tmp_path / stores.TAG).unlink()
    (tmp_path / "dump").mkdir()
    assert answer(publish(tmp_path, "new")) == "new"
    assert not (tmp_path / stores.TAG).exists()
    (tmp_path / "dump").rmdir()
    assert answer(publish(tmp_path, "newer")) == "newer"
    assert (tmp_path / stores.TAG).read_text().startswith("Signature: 8a477f59")
    assert names(tmp_path) == ["store-000002", "store-000003"]


def test_a_store_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    """Here as a file is where its data go."""
    quads = [Quad(SUBJECT, SAYS, Literal("x"))]
    with pytest.raises(StoreError, match=r"store-000001: cannot be written \("):  # noqa: PT012, SIM117
        with new_store(tmp_path) as folder:
            (folder / "data").write_text("in the way")
            stores.write_store(folder, quads)
    assert names(tmp_path) == []
