"""Of each target of fuzz.py some hundred inputs, the same ones each time."""

from __future__ import annotations

import subprocess
import sys
from contextlib import nullcontext
from pathlib import Path

import pytest

from . import fuzz

pytestmark = pytest.mark.fuzz

COUNT = 100


@pytest.mark.parametrize("name", fuzz.TARGETS)
def test_whatever_a_file_holds_is_read_or_told_with_its_place(name: str) -> None:
    command = [sys.executable, "-m", "tests.fuzz.fuzz", "run", "--count", str(COUNT), name]
    root = Path(__file__).parents[2]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_crash_a_hang_and_an_error_are_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    def read(data: bytes) -> None:
        if data != b"fine":
            exec(data)

    monkeypatch.setattr(fuzz, "open_target", lambda _: nullcontext(read))
    monkeypatch.setattr(fuzz, "HANG_SECONDS", 0.01)
    crash, hang, error = b"import os; os.abort()", b"while True: pass", b"raise ValueError"
    fallen = dict(fuzz.run("any", [b"fine", crash, b"fine", hang, error, b"fine"]))
    assert [*fallen] == [crash, hang, error]
    assert "SIGABRT" in fallen[crash]
    assert "SIGPROF" in fallen[hang]
    assert "ValueError" in fallen[error]
