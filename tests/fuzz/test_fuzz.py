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

from nhskg.annotation.bounds import MAX_BYTES

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
"""Bytes of a large file: a fifth of the largest that is read."""

HEAVIEST = ("a chain of matters", "claims")
"""The register, and the document, without fault that take longest for their size."""


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


def grown_is_read(name: str, size: int, folder: Path) -> dict[str, Any]:
    """Read a large file; return what it took."""
    path = folder / "large.yaml"
    path.write_bytes(grown(name, size))
    found = replayed(path, folder=folder)
    path.unlink()
    return found


@linux
@pytest.mark.parametrize("name", FAMILIES)
def test_a_large_file_is_read_within_its_part_of_the_bounds(name: str, tmp_path: Path) -> None:
    """What grows faster than the file does takes more than that."""
    found = grown_is_read(name, SIZE, tmp_path)
    assert found["inputs"][0]["seconds"] < MOST_SECONDS * SIZE / MAX_BYTES + 1
    assert found["megabytes"] < MOST_MEGABYTES / 2


@linux
@pytest.mark.parametrize("name", HEAVIEST)
def test_the_largest_file_is_read_within_the_bounds(name: str, tmp_path: Path) -> None:
    found = grown_is_read(name, MAX_BYTES - 1_000, tmp_path)
    assert found["inputs"][0]["seconds"] < MOST_SECONDS
    assert found["megabytes"] < MOST_MEGABYTES


@linux
def test_a_file_of_50_megabytes_is_one_fault_and_not_read(tmp_path: Path) -> None:
    found = grown_is_read("claims", 50_000_000, tmp_path)
    assert found["inputs"][0]["faults"] == 1
    assert found["inputs"][0]["seconds"] < 1
    assert found["megabytes"] < MOST_MEGABYTES  # of which the test itself has most
