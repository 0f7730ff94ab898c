"""Tables of test cases, each a YAML file: a name, and what the case holds."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml


def cases(file: str) -> pytest.MarkDecorator:
    """Return a decorator that runs a test for each case of a file below ``tests``, as ``case``."""
    found = yaml.safe_load((Path(__file__).parent / file).read_text("utf-8"))
    return pytest.mark.parametrize("case", found.values(), ids=found)
