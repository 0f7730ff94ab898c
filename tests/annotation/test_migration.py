"""Files of version 0.1 are brought to the present format, and nothing else of them changes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from nhskg.annotation.migration import migrate
from nhskg.cli import main
from nhskg.project import Project
from nhskg.rdf.errors import AnnotationError
from tests.cases import cases


@cases("annotation/cases/migration.yaml")
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_what_is_older_is_rewritten_and_the_rest_kept(
    tmp_path: Path, case: Any, newline: str
) -> None:
    """A second run changes nothing, and a check not even at first."""
    before, after = (case[when].replace("\n", newline).encode() for when in ("before", "after"))
    path = tmp_path / "x.yaml"
    path.write_bytes(before)
    found = migrate([path], check=True)
    assert path.read_bytes() == before
    assert migrate([path]) == found
    assert path.read_bytes() == after
    told = [", ".join(f"{n} {what}" for what, n in each.counts.items()) for each in found]
    assert told == [case["told"]] * bool(case["told"])
    assert migrate([path]) == []


def test_all_faults_are_told_and_nothing_is_written(tmp_path: Path) -> None:
    old, odd = tmp_path / "old.yaml", tmp_path / "odd.yaml"
    old.write_text("plans: [{type: proposal}]\n")
    odd.write_text("claims:\n  - quantity: {extent: most, # ,\n      approximate: false}\n")
    bad = tmp_path / "bad.yaml"
    bad.write_text("plans: [")
    with pytest.raises(AnnotationError) as caught:
        migrate([old, odd, bad])
    assert [fault.place.path for fault in caught.value.faults] == [bad, odd]
    assert "cannot be edited in place" in caught.value.faults[1].message
    assert old.read_text() == "plans: [{type: proposal}]\n"


def test_the_command_tells_each_file_that_it_changes(
    barchester: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    plans = barchester.register / "plans.yaml"
    present = plans.read_bytes()
    older = present.replace(b"    account: part\n", b"")
    command = ["--project", str(barchester.root), "migrate"]
    told = f"{plans}: {present.count(b'account: part')} proposals without account\n"
    plans.write_bytes(older)
    for arguments, code, output in (
        ([*command, "--check"], 1, told),
        (command, 0, told),
        ([*command, "--check"], 0, ""),
        (command, 0, ""),
    ):
        with pytest.raises(SystemExit) as done:
            main(arguments)
        assert (done.value.code, capsys.readouterr().out) == (code, output)
    assert plans.read_bytes() == present
