"""The page of the limits, held to the constants of the code."""

from __future__ import annotations

import importlib
import re
from pathlib import Path

import pytest

PAGE = Path(__file__).parents[1] / "docs" / "limits.md"
ROWS = re.findall(r"^\|[^|]+\| ([\d,.]+) \| `([\w.]+)` \| \w.* \|$", PAGE.read_text("utf-8"), re.M)


def test_each_row_of_the_page_has_a_number_and_a_constant() -> None:
    rows = PAGE.read_text("utf-8").count("\n| ") - 1
    assert len(ROWS) == rows >= 5


@pytest.mark.parametrize(("told", "name"), ROWS)
def test_the_page_tells_the_value_of_the_constant(told: str, name: str) -> None:
    module, _, constant = name.rpartition(".")
    assert f"{getattr(importlib.import_module(module), constant):,}" == told
