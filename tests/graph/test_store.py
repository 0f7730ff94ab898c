"""The build area: one writer, a swap in one rename, and readers that are never disturbed."""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
import time
from pathlib import Path

import pytest
from pyoxigraph import Literal, NamedNode, Quad, Store

from nhskg.errors import StoreError
from nhskg.graph.store import BuildArea, Published, open_published

SUBJECT = NamedNode("https://example.org/s")
SAYS = NamedNode("https://example.org/says")


def write(folder: Path, text: str) -> None:
    store = Store(str(folder / "data"))
    store.add(Quad(SUBJECT, SAYS, Literal(text)))
    store.flush()


def publish(build: Path, text: str) -> Published:
    with BuildArea(build) as area, area.new_folder() as folder:
        write(folder, text)
        return area.publish(folder, {"text": text})


def answer(published: Published) -> str:
    (quad,) = published.open()
    assert isinstance(quad.object, Literal)
    return quad.object.value


def test_the_latest_published_store_answers(tmp_path: Path) -> None:
    publish(tmp_path, "one")
    publish(tmp_path, "two")
    assert answer(open_published(tmp_path)) == "two"
    assert open_published(tmp_path).summary["text"] == "two"


def test_a_reader_of_the_old_store_is_not_disturbed(tmp_path: Path) -> None:
    old = publish(tmp_path, "old")
    store = old.open()
    publish(tmp_path, "new")
    assert [quad.object for quad in store] == [Literal("old")]
    assert answer(old) == "old"


def test_stores_before_the_last_two_are_deleted(tmp_path: Path) -> None:
    for number in range(4):
        publish(tmp_path, str(number))
    assert sorted(p.name for p in (tmp_path / "stores").iterdir()) == [
        "store-000003",
        "store-000004",
    ]


def test_an_unpublished_folder_is_deleted(tmp_path: Path) -> None:
    publish(tmp_path, "good")

    def fail() -> None:
        with BuildArea(tmp_path) as area, area.new_folder() as folder:
            write(folder, "bad")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert answer(open_published(tmp_path)) == "good"
    assert not list((tmp_path / "stores").glob("new-*"))


def test_a_second_builder_is_refused(tmp_path: Path) -> None:
    with BuildArea(tmp_path), pytest.raises(StoreError, match="another build is running"):
        BuildArea(tmp_path).__enter__()


def test_no_store_names_the_next_step(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="no store has been built; run 'nhskg build'"):
        open_published(tmp_path)


@pytest.mark.parametrize(
    ("summary", "message"),
    [("{", "damaged"), ("[]", "another version"), (json.dumps({"layout": 0}), "another version")],
)
def test_a_damaged_or_foreign_store_is_told(tmp_path: Path, summary: str, message: str) -> None:
    published = publish(tmp_path, "x")
    (published.folder / "summary.json").write_text(summary)
    with pytest.raises(StoreError, match=message):
        open_published(tmp_path)


def _build_forever(build: str, at: str) -> None:
    with BuildArea(Path(build)) as area, area.new_folder() as folder:
        write(folder, "half")
        Path(at).touch()
        time.sleep(60)


def test_a_killed_build_leaves_the_last_good_store(tmp_path: Path) -> None:
    publish(tmp_path, "good")
    started = tmp_path / "started"
    process = multiprocessing.get_context("spawn").Process(
        target=_build_forever, args=(str(tmp_path), str(started))
    )
    process.start()
    deadline = time.monotonic() + 30
    while not started.exists():
        assert time.monotonic() < deadline, "the builder did not start"
        time.sleep(0.02)
    assert process.pid is not None
    os.kill(process.pid, signal.SIGKILL)
    process.join()
    assert answer(open_published(tmp_path)) == "good"
    assert list((tmp_path / "stores").glob("new-*")), "the kill came too late to leave anything"
    assert answer(publish(tmp_path, "next")) == "next"
    assert not list((tmp_path / "stores").glob("new-*"))
