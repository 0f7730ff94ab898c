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
import yaml
from hypothesis import given
from hypothesis import strategies as st

from nhskg.rdf.yaml_source import MAX_BYTES

from .fuzz_reader import (
    CORPUS,
    HANG_SECONDS,
    MOST_MEGABYTES,
    Reader,
    mutator,
    open_reader,
    words,
)

pytestmark = pytest.mark.fuzz

SIZE = 400_000
"""Bytes of a large file: a fifth of the largest that is read."""

FAMILIES: dict[str, list[str]] = yaml.safe_load(
    Path(__file__).with_name("families.yaml").read_text("utf-8")
)
DOCUMENT = "document:\n  id: fuzzed\n  label: Invented\n  source: fuzzed.txt\n"
STANCE = "kind: stance, polarity: supports, claimant: reporter, voice: headline, quote: q"
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
        timeout=3 * HANG_SECONDS,
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
    whole = {each["name"] for each in found["inputs"] if not each["faults"]}
    assert whole >= {"document-whole.yaml", "document-merge.yaml", "register-whole.yaml"}


@given(
    st.sampled_from(sorted(CORPUS.glob("*.yaml"))),
    st.lists(st.integers(0, 2**32), min_size=1, max_size=4),
)
def test_changed_lines_are_read_or_told(read: Reader, path: Path, seeds: list[int]) -> None:
    """Lines, fields and values of them, changed as by a slip."""
    change = mutator(words(), lambda data, _: data)
    data = path.read_bytes()
    for seed in seeds:
        data = change(data, 8_192, seed)
    read(data)


def written(name: str, size: int, folder: Path) -> Path:
    """Write the file of a family that has about so many bytes."""
    start, part, *end = (
        text.replace("<document>", DOCUMENT).replace("<stance>", STANCE) for text in FAMILIES[name]
    )
    parts: list[str] = []
    length = 0
    while length < size:
        n = len(parts)
        more = part.replace("<n>", str(n)).replace("<n+1>", str(n + 1))
        parts.append(more.replace("<long>", f"hiram-{n}-" * 100))
        length += len(parts[-1])
    path = folder / f"{size}.yaml"
    path.write_text("".join([start, *parts, *end]), "utf-8")
    return path


@linux
@pytest.mark.parametrize("name", FAMILIES)
def test_what_reading_takes_grows_no_faster_than_the_file(name: str, tmp_path: Path) -> None:
    """Told by counting, as time depends on the machine."""
    paths = [written(name, size, tmp_path) for size in (SIZE // 4, SIZE)]
    found = replayed(*paths, folder=tmp_path)
    quarter, whole = (each["calls"] for each in found["inputs"])
    assert 0 < whole < 5 * quarter
    assert found["megabytes"] < MOST_MEGABYTES / 2


@linux
@pytest.mark.parametrize("name", HEAVIEST)
def test_the_largest_file_is_read_within_the_bounds(name: str, tmp_path: Path) -> None:
    path = written(name, MAX_BYTES - 1_000, tmp_path)
    found = replayed(path, folder=tmp_path)
    assert found["inputs"][0]["faults"] < 2
    assert found["megabytes"] < MOST_MEGABYTES
