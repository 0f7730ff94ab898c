"""The findings on lines that were changed since a revision of git, for who reviews the changes."""

from __future__ import annotations

import os
import re
from ast import literal_eval
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final

from nhskg.rdf.errors import Place, UsageError
from nhskg.rdf.files import MOST_RDF, read_whole
from nhskg.rdf.git import run_git
from nhskg.shacl.findings import READING, Finding, Report

Changes = Mapping[Path, set[int] | None]
"""The lines that were changed of each file that git knows, or would take; None: all."""

_DIFF: Final = "diff-index -p -U0 -M --text --ignore-submodules --no-ext-diff --no-textconv".split()
_HUNK: Final = re.compile(r"@@ -\d+(?:,(\d+))? \+(\d+)(?:,(\d+))? @@")
_WHOLE: Final = {".gz", ".jsonld"}
"""The files of which every line counts where one was changed."""


def find_changes(folder: Path, revision: str) -> Changes:
    """Return what the working tree of a folder's repository has changed since a revision.

    That is since the commit at which HEAD and the revision parted, as in a pull request. Where
    lines were deleted, the line before counts. A file that git neither tracks nor ignores is new.

    Raises:
        UsageError: the folder is in no repository, or git knows no such revision.
    """
    top = _git(folder, "rev-parse", "--show-toplevel", or_else=f"no repository in {folder}")
    root = Path(top.removesuffix("\n"))
    unknown = f"git knows no commit '{revision}' here; fetch it, or name another"
    verify = ("rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
    commit = _git(root, *verify, or_else=unknown)
    parted = f"'{revision}' and HEAD have no commit in common; fetch more of the history"
    base = _git(root, "merge-base", commit.strip(), "HEAD", or_else=parted)

    def files(*options: str) -> list[Path]:
        names = _git(root, "ls-files", "-z", *options).split("\0")
        return [root / each for each in names if each]

    changed = _changed_lines(_git(root, *_DIFF, base.strip(), "--"))
    found: dict[Path, set[int] | None] = {each: set() for each in files()}
    found |= {root / name: lines for name, lines in changed.items()}
    return found | dict.fromkeys(files("--others", "--exclude-standard"))


def within_changes(report: Report, changes: Changes) -> Report:
    """Return the report of the findings on lines that were changed; the others are counted.

    A line also counts where what it opens was changed: lines below it that are indented further.
    So does a finding without a line in a file that was changed, one of a rule whose file was, one
    without a place or in a file that git does not know, a fault of reading, and a finding against
    the baseline.
    """
    opened: dict[Path, set[int] | None] = {}

    def is_on_change(place: Place) -> bool:
        path = place.path.resolve()
        if path not in opened:
            opened[path] = _with_openings(path, changes.get(path))
        lines = opened[path]
        return lines is None or place.line in lines or (place.line is None and bool(lines))

    def counts(finding: Finding) -> bool:
        rule = report.rules.get(finding.rule)
        return (
            finding.place is None
            or finding.rule == READING
            or finding.rule.startswith("baseline-")
            or any(is_on_change(each) for each in (finding.place, *finding.related))
            or bool(rule and rule.place and changes.get(rule.place.path.resolve(), set()) != set())
        )

    findings = tuple(filter(counts, report.findings))
    return replace(report, findings=findings, outside=len(report.findings) - len(findings))


def _git(folder: Path, *arguments: str, or_else: str = "") -> str:
    try:
        done = run_git(folder, *arguments)
    except OSError as error:
        raise UsageError(f"--changed-since: git cannot be run ({error.strerror})") from error
    if done.returncode:
        said = os.fsdecode(done.stderr).strip().partition("\n")[0].removeprefix("fatal: ")
        reason = f"{or_else} ({said})" if or_else and said else or_else or said
        raise UsageError(f"--changed-since: {reason}")
    return os.fsdecode(done.stdout)


def _changed_lines(diff: str) -> dict[str, set[int]]:
    """Return the new lines of each file of a diff without context."""
    found: dict[str, set[int]] = defaultdict(set)
    name, left = "", 0
    for line in diff.split("\n"):
        if left:
            left -= line[:1] in "+-"  # and not a backslash: no line feed at the end of the file
        elif hunk := _HUNK.match(line):
            removed, start, added = (int(each or "1") for each in hunk.groups())
            left = removed + added
            found[name].update(range(start, start + max(added, 1)))
        elif line.startswith("+++ "):
            name = line[4:].rstrip("\t")
            name = os.fsdecode(literal_eval("b" + name)) if name[0] == '"' else name
            name = name.removeprefix("b/")
    return found


def _with_openings(path: Path, lines: set[int] | None) -> set[int] | None:
    """Return lines with the lines that they are indented below; None: all."""
    if not lines or not _WHOLE.isdisjoint(path.suffixes):
        return lines and None
    text = read_whole(path, MOST_RDF).decode("utf-8", "replace").split("\n")
    found, opening = set(lines), dict[int, int]()
    for number, line in enumerate(text, 1):
        words = line.lstrip()
        if words:
            indent = len(line) - len(words)
            opening = {level: at for level, at in opening.items() if level < indent}
            if number in lines:
                found.update(opening.values())
            opening[indent] = number
    return found
