"""The property of the fuzzer, without it: over its corpus, over changed lines, over large files."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from .fuzz_reader import (
    CORPUS,
    MOST_MEGABYTES,
    MOST_SECONDS,
    Reader,
    mutator,
    open_reader,
    words,
)
from .growth import FAMILIES, grown

SIZE = 400_000
"""Bytes of a large file: some 2,500 claims, or five times the corpus that ships with nhskg."""

TOO_MUCH = {
    "claims of a misspelt claim": "each is compared with each id of its document",
    "circles of matters": "every circle is told in full, and they are long",
    "unknown fields of a claim": "the place of each is searched for from the first on",
    "unknown sections": "the place of each is searched for from the first on",
}
"""What takes more than the bounds now."""


@pytest.fixture(scope="module")
def read() -> Iterator[Reader]:
    with open_reader() as reader:
        yield reader


linux = pytest.mark.skipif(sys.platform != "linux", reason="the bounds are told by /proc")


def replayed(*paths: Path, folder: Path) -> dict[str, Any]:
    """Read files in a process of its own, bounded in time and memory; it works in a folder."""
    done = subprocess.run(
        [sys.executable, str(CORPUS.parent / "fuzz_reader.py"), "replay", *map(str, paths)],
        capture_output=True,
        text=True,
        timeout=300,
        env={**os.environ, "TMPDIR": str(folder)},
        check=False,
    )
    assert done.returncode == 0, f"{done.returncode}: {done.stderr[-2000:]}"
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@linux
def test_the_corpus_is_read_without_a_traceback_and_within_its_bounds(tmp_path: Path) -> None:
    paths = sorted(CORPUS.glob("*.yaml"))
    found = replayed(*paths, folder=tmp_path)
    assert len(found["inputs"]) == len(paths) >= 40
    assert found["megabytes"] < MOST_MEGABYTES
    assert max(each["seconds"] for each in found["inputs"]) < MOST_SECONDS / 10
    whole = {each["name"] for each in found["inputs"] if not each["faults"]}
    assert whole >= {"document-whole.yaml", "document-merge.yaml", "register-whole.yaml"}


@settings(deadline=None)
@given(
    st.sampled_from(sorted(CORPUS.glob("*.yaml"))),
    st.lists(st.integers(0, 2**32), min_size=1, max_size=4),
)
def test_changed_lines_are_read_or_told(read: Reader, path: Path, seeds: list[int]) -> None:
    """``tests/annotation/test_reader_fuzz.py`` changes values; here it is lines, as by a slip."""
    change = mutator(words(), lambda data, _: data)
    data = path.read_bytes()
    for seed in seeds:
        data = change(data, 8_192, seed)
    read(data)


@linux
@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=pytest.mark.skip(reason=TOO_MUCH[name]))
        if name in TOO_MUCH
        else name
        for name in FAMILIES
    ],
)
def test_a_large_file_is_read_within_the_bounds(name: str, tmp_path: Path) -> None:
    path = tmp_path / "large.yaml"
    path.write_bytes(grown(name, SIZE))
    found = replayed(path, folder=tmp_path)
    path.unlink()
    assert found["inputs"][0]["seconds"] < MOST_SECONDS
    assert found["megabytes"] < MOST_MEGABYTES
