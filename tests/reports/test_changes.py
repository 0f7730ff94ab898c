"""``--changed-since``: the findings on lines that were changed, and the number of others."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from nhskg.rdf.errors import Place
from nhskg.shacl.changes import find_changes, within_changes
from nhskg.shacl.findings import READING, Finding, Report, Rule, Severity, settle
from tests.cli.runner import nhskg

Git = Callable[..., str]
PREFIX = "@prefix ex: <http://example.org/> .\n"
SHAPES = f"""{PREFIX}@prefix sh: <http://www.w3.org/ns/shacl#> .
ex:Named a sh:NodeShape ; sh:targetClass ex:Person ;
  sh:property [ sh:path ex:name ; sh:minCount 1 ] .
"""
OLD = f"""{PREFIX}
ex:ann a ex:Person .

ex:bob a ex:Person ;
  ex:name "Bob" ;
  ex:age 3 .

ex:cat a ex:Person ;
  ex:knows [
    ex:age 4 ] .
"""


@pytest.fixture
def git(tmp_path: Path) -> Git:
    """Run git in a repository whose first commit, ``old``, has data and shapes."""
    names = ("AUTHOR", "COMMITTER")
    who = {f"GIT_{each}_{what}": "a@example.org" for each in names for what in ("NAME", "EMAIL")}
    outside = {k: v for k, v in os.environ.items() if not k.startswith("GIT_")}
    variables = outside | who | {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}

    def run(*arguments: str) -> str:
        command = ["git", "-C", str(tmp_path), *arguments]
        return subprocess.run(
            command, check=True, capture_output=True, text=True, env=variables
        ).stdout

    (tmp_path / "data.ttl").write_text(OLD, "utf-8")
    (tmp_path / "shapes.ttl").write_text(SHAPES, "utf-8")
    run("init", "-q", "-b", "main")
    commit(run)
    run("tag", "old")
    return run


def commit(git: Git) -> None:
    git("add", "-A")
    git("commit", "-q", "-m", "more")


def changed(folder: Path, old: str, new: str) -> None:
    path = folder / "data.ttl"
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")


def told(folder: Path, *more: str, since: str = "old") -> tuple[list[int], str]:
    """Return the lines of data.ttl that are told, and the summary."""
    files = ("--data", "data.ttl", "--shapes", "shapes.ttl")
    done = nhskg("validate", *files, *more, "--changed-since", since, cwd=folder)
    lines = [int(each.split(":")[1]) for each in done.stdout.splitlines()]
    assert done.exit_code == bool(lines), done.stderr
    return lines, done.stderr.strip()


def known_changes(folder: Path, revision: str) -> dict[Path, set[int] | None]:
    """Return the changes of the files that have any."""
    found = find_changes(folder, revision)
    return {path: lines for path, lines in found.items() if lines != set()}


@pytest.mark.parametrize(
    ("old", "new", "lines"),
    [
        ("ex:age 3", "ex:age 4", []),
        ('  ex:name "Bob" ;\n', "", [5]),  # what a deleted line leaves is on another
        ("ex:ann a ex:Person", "ex:ann a ex:Person ; ex:age 5", [3]),
        ("    ex:age 4", "    ex:age 5", [9]),  # below the line that opens it, by two steps
        ("    ex:age 4 ] .\n", "    ex:age 4 ] .\nex:dan a ex:Person .\n", [12]),
        (PREFIX, f"{PREFIX}# more\n", []),
    ],
)
def test_findings_on_changed_lines_are_told_and_others_counted(
    git: Git, tmp_path: Path, old: str, new: str, lines: list[int]
) -> None:
    changed(tmp_path, old, new)
    assert told(tmp_path)[0] == lines
    commit(git)
    found, summary = told(tmp_path)
    assert found == lines
    others = 2 + (lines in ([5], [12])) - len(lines)
    assert summary.endswith(f"; {others} outside the changes")
    assert told(tmp_path, since="HEAD")[0] == []
    assert len(told(tmp_path, since="")[0]) == others + len(lines)  # as where a variable is empty


def test_changes_are_those_since_the_branches_parted(git: Git, tmp_path: Path) -> None:
    git("checkout", "-q", "-b", "side")
    changed(tmp_path, "ex:ann a ex:Person", "ex:ann ex:age 3 ; a ex:Person")
    commit(git)
    git("checkout", "-q", "main")
    changed(tmp_path, "ex:cat a ex:Person", "ex:cat ex:age 3 ; a ex:Person")
    commit(git)
    git("checkout", "-q", "side")
    assert told(tmp_path, since="main")[0] == [3]


def test_names_that_git_quotes_renamed_new_and_binary_files(git: Git, tmp_path: Path) -> None:
    odd = tmp_path / 'the "data" of\tZoë.ttl'
    text = (tmp_path / "data.ttl").read_text("utf-8").replace("ex:ann a", "ex:ann  a")
    (tmp_path / "data.ttl").unlink()
    odd.write_text(text, "utf-8")
    commit(git)
    (tmp_path / "with space").mkdir()
    (tmp_path / "with space" / "a b.ttl").write_text("x\n", "utf-8")
    (tmp_path / "blob").write_bytes(b"\0\n")
    commit(git)
    (tmp_path / "blob").write_bytes(b"\0\n\1")
    (tmp_path / "new.ttl").write_text("x\n", "utf-8")
    (tmp_path / "with space" / "a b.ttl").write_text("x\n++ b/y\n-- z", "utf-8")
    root = tmp_path.resolve()
    assert known_changes(tmp_path, "old") == {
        root / odd.name: {3},
        root / "with space" / "a b.ttl": {1, 2, 3},
        root / "blob": {1, 2},
        root / "new.ttl": None,
    }
    assert known_changes(tmp_path / "with space", "HEAD") == {
        root / "with space" / "a b.ttl": {2, 3},
        root / "blob": {2},
        root / "new.ttl": None,
    }


def test_what_has_no_line_or_is_of_a_changed_rule_is_told(tmp_path: Path) -> None:
    """Nothing is left out because it is not known where it is."""
    unknown = tmp_path / "unknown.ttl"
    new, old, json = tmp_path / "new.ttl", tmp_path / "old.ttl", tmp_path / "a.jsonld.gz"
    new.write_text("ex:a\n  ex:b 1 .\n", "utf-8")

    def finding(rule: str, *places: Place | None) -> Finding:
        place, *related = places
        return Finding(rule, Severity.INFO, "no", place=place, related=tuple(filter(None, related)))

    kept = [
        finding("no-place", None),
        finding("no-line", Place(new)),
        finding("opens", Place(new, 1)),
        finding("related", Place(old, 1), Place(new, 2)),
        finding("of-json", Place(json, 4)),
        finding(READING, Place(old, 2)),
        finding("baseline-stale", Place(old, 3)),
        finding("changed-rule", Place(old, 4)),
        finding("in-no-repository", Place(unknown, 4)),
    ]
    left = [finding("other", Place(old, 1)), finding("other-line", Place(new, 3))]
    rules = {
        "changed-rule": Rule("changed-rule", "", Severity.INFO, place=Place(new, 7)),
        "other": Rule("other", "", Severity.INFO, place=Place(old, 7)),
        "other-line": Rule("other-line", "", Severity.INFO, place=Place(unknown, 7)),
    }
    changes = {new: {2}, json: {1}, old: set[int]()}
    report = within_changes(Report(settle([*kept, *left]), rules), changes)
    assert {each.rule for each in report.findings} == {each.rule for each in kept}
    assert report.outside == 2


def test_data_that_git_ignores_is_told_whole(git: Git, tmp_path: Path) -> None:
    (tmp_path / ".gitignore").write_text("made\n", "utf-8")
    (tmp_path / "made").mkdir()
    (tmp_path / "made" / "all.ttl").write_text(OLD, "utf-8")
    commit(git)
    command = ("validate", "--data", "made", "--shapes", "shapes.ttl", "--changed-since", "HEAD")
    assert nhskg(*command, cwd=tmp_path).stdout.count(": violation: ") == 2


def test_a_revision_that_is_none_is_one_line(git: Git, tmp_path: Path) -> None:
    files = ("--data", "data.ttl", "--shapes", "shapes.ttl", "--changed-since")
    git("checkout", "-q", "--orphan", "other")
    changed(tmp_path, "ex:age 3", "ex:age 4")
    commit(git)
    for revision, message in (
        ("nowhere", "git knows no commit 'nowhere' here; fetch it, or name another"),
        ("-x", "git knows no commit '-x' here; fetch it, or name another"),
        ("old", "'old' and HEAD have no commit in common; fetch more of the history"),
    ):
        done = nhskg("validate", *files, revision, cwd=tmp_path)
        assert (done.exit_code, done.stdout) == (2, "")
        assert done.stderr == f"nhskg: --changed-since: {message}\n"


def test_no_repository_or_no_git_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "data.ttl").write_text(PREFIX, "utf-8")
    command = ("validate", "--data", "data.ttl", "--shapes", "data.ttl", "--changed-since", "HEAD")
    for variables, message in (
        ({"GIT_CEILING_DIRECTORIES": str(tmp_path.parent)}, f"no repository in {tmp_path}"),
        ({"PATH": str(tmp_path)}, "git cannot be run"),
    ):
        done = nhskg(*command, cwd=tmp_path, **variables)
        assert (done.exit_code, done.stdout, done.stderr.count("\n")) == (2, "", 1)
        assert message in done.stderr


@pytest.mark.parametrize(
    "key",
    "core.fsmonitor core.hooksPath diff.external diff.f.command diff.f.textconv filter.f.clean "
    "filter.f.process filter.f.smudge filter.a=b.clean".split(),
)
def test_no_program_that_the_repository_names_is_run(git: Git, tmp_path: Path, key: str) -> None:
    """Not of any of these settings; an attacker can send a folder with its ``.git``."""
    name = "a=b" if "=" in key else "f"
    program, ran = tmp_path / "post-index-change", tmp_path / "ran"
    program.write_text(f"#!/bin/sh\ntouch '{ran}'\ncat\n", "utf-8")
    program.chmod(0o755)
    (tmp_path / ".gitattributes").write_text(f"*.ttl filter={name} diff={name}\n", "utf-8")
    commit(git)
    git("config", key, str(tmp_path if key == "core.hooksPath" else program))
    if key.startswith("filter"):
        git("config", f"filter.{name}.required", "true")
    (tmp_path / "data.ttl").write_text(OLD + "ex:dan a ex:Person .\n", "utf-8")
    files = ("--data", "data.ttl", "--shapes", "shapes.ttl")
    done = nhskg("validate", *files, "--changed-since", "old", cwd=tmp_path)
    assert (done.stdout.count(": violation: "), done.exit_code) in [(1, 1), (0, 2)]
    assert done.exit_code == 1 or "has 'filter.a=b.clean'; take it out" in done.stderr
    nhskg("diff", "HEAD", ".", cwd=tmp_path)
    assert not ran.exists()


def test_where_git_does_not_tell_whose_its_settings_are_it_is_not_run(
    git: Git, tmp_path: Path
) -> None:
    """As git before 2.26, which has no ``--show-scope``."""
    old = tmp_path / "bin" / "git"
    old.parent.mkdir()
    old.write_text("#!/bin/sh\necho 'error: no show-scope' >&2\nexit 129\n", "utf-8")
    old.chmod(0o755)
    files = ("--data", "data.ttl", "--shapes", "shapes.ttl", "--changed-since", "old")
    done = nhskg("validate", *files, cwd=tmp_path, PATH=f"{old.parent}:{os.environ['PATH']}")
    assert (done.exit_code, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert "cannot be read (error: no show-scope); mend it, or " in done.stderr
