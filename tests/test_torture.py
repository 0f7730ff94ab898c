"""A few of the trials of ``make torture``, on a small corpus."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from tools.torture import TRIALS, carry_out

from .conftest import BARCHESTER

pytestmark = [
    pytest.mark.fuzz,
    pytest.mark.skipif(sys.platform != "linux", reason="file systems and rights as on Linux"),
]


@pytest.mark.parametrize("name", TRIALS)
def test_what_ends_or_hinders_a_command_leaves_a_whole_store(name: str, tmp_path: Path) -> None:
    done = carry_out(name, BARCHESTER, tmp_path, 2)
    assert done.held > 0
    assert not done.fallen
