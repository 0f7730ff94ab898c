"""Tests of reading, anchoring and checking annotations; ``cases`` are tables of them as YAML."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml


def cases(name: str) -> pytest.MarkDecorator:
    """Return a decorator that runs a test for each case of a file: ``case`` is what it holds."""
    path = Path(__file__).parent / "cases" / f"{name}.yaml"
    found = yaml.safe_load(path.read_text("utf-8"))
    return pytest.mark.parametrize("case", found.values(), ids=found)
