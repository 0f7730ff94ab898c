"""The example of the README of nhskg.shacl runs, and prints what is said there."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

import nhskg.shacl

README = Path(nhskg.shacl.__file__).with_name("README.md")


def test_the_example_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    text = README.read_text("utf-8")
    code = re.search(r"```python\n(.*?)```", text, re.DOTALL)
    printed = re.search(r"It prints `(.*?)`\.", text)
    assert code is not None
    assert printed is not None
    monkeypatch.chdir(tmp_path)
    exec(code[1], {})  # our own page
    assert capsys.readouterr().out == printed[1] + "\n"
    sarif = json.loads(Path("findings.sarif").read_text("utf-8"))
    assert len(sarif["runs"][0]["results"]) == 1
