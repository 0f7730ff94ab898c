"""A new corpus validates, says what to do next, and does not touch what is there."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest

from tests.cli.runner import nhskg

ENTRIES = [
    ("in-force-ferrowby", "control-budget", "", "no text says"),
    ("clinics-proposal", "control-budget", "", "left open"),
    ("in-force-ferrowby", "sign-off", "ferrowby-trust", "in force"),
    ("clinics-proposal", "sign-off", "ferrowby-board", "says so"),
    ("clinics-proposal", "sign-off", "ferrowby-trust", "takes away"),
]


def files(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*")}


def test_what_it_says_to_do_next_can_be_done(tmp_path: Path) -> None:
    """The commands are run as they are printed, from a folder whose name has to be quoted."""
    done = nhskg("new", "my corpus", cwd=tmp_path)
    assert done.exit_code == 0, done.stderr
    enter, *commands = [shlex.split(line) for line in done.stdout.splitlines()]
    assert enter[0] == "cd"
    folder = tmp_path / enter[1]
    assert [each[0] for each in commands] == ["nhskg"] * 3
    told = [nhskg(*each[1:], cwd=folder) for each in commands]
    assert [each.exit_code for each in told] == [0, 0, 0], told[1].stderr
    assert told[0].stdout.endswith(": 7 passages, in order\n")
    assert "violation: " not in told[1].stderr
    assert "warning: " not in told[1].stderr
    header, *rows = [line.split("\t") for line in told[2].stdout.splitlines()]
    named = [dict(zip(header, row, strict=True)) for row in rows]
    columns = ("plan_id", "power_id", "body_ids", "basis")
    assert [tuple(each[name] for name in columns) for each in named] == ENTRIES
    assert nhskg("coverage", "--texts", "texts", cwd=folder).exit_code == 0
    shown = nhskg("show", "echo-clinics", cwd=folder).stdout
    assert "https://echo.example/clinics" in shown
    assert "CC0 1.0" in shown
    cited = nhskg("matrix", "--power", "sign-off", "--cite", "list", cwd=folder).stdout
    assert "https://echo.example/clinics; licence: CC0 1.0; paragraph 1" in " ".join(cited.split())


def test_defaults_are_resolved_in_the_graph(tmp_path: Path) -> None:
    nhskg("new", tmp_path / "new")
    assert nhskg("--project", tmp_path / "new", "build", "--quiet").exit_code == 0
    asked = (
        "SELECT ?claim { ?claim nhs:claimant ?who ; nhs:voice nhs:ReporterNarration . "
        "?who skos:notation 'reporter-of-echo-clinics' } ORDER BY ?claim"
    )
    done = nhskg("--project", tmp_path / "new", "sparql", "-q", asked, "--format", "tsv")
    assert [line.rsplit("/", 1)[-1] for line in done.stdout.splitlines()[1:]] == [
        *("marsh-chairs", "no-word-on-the-money", "proposal-in-report", "trust-signs-off-today")
    ]


@pytest.mark.parametrize("name", ["full", "file", "full/deep/../.."])
def test_what_is_there_is_left_alone(tmp_path: Path, name: str) -> None:
    (tmp_path / "full" / "deep").mkdir(parents=True)
    (tmp_path / "file").write_text("mine", "utf-8")
    before = files(tmp_path)
    done = nhskg("new", name, cwd=tmp_path)
    assert (done.exit_code, done.stdout) == (2, "")
    assert "; name a folder that is empty or not there yet\n" in done.stderr
    assert done.stderr.count("\n") == 1
    assert files(tmp_path) == before


def test_an_empty_folder_is_filled_and_nothing_else_is_left(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert nhskg("new", ".", cwd=tmp_path / "empty").exit_code == 0
    assert nhskg("new", "a/b/c", cwd=tmp_path).exit_code == 0
    assert files(tmp_path / "empty") == files(tmp_path / "a" / "b" / "c")
    assert {path.name for path in tmp_path.iterdir()} == {"empty", "a"}
    assert {path.name for path in (tmp_path / "a" / "b").iterdir()} == {"c"}


def test_a_folder_that_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine", "utf-8")
    done = nhskg("new", "file/new", cwd=tmp_path)
    assert done.exit_code == 2
    assert done.stderr.startswith("nhskg: cannot write file/new: ")
    assert done.stderr.count("\n") == 1
