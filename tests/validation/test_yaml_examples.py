"""What shapes have against annotations is told at its line of YAML: the rule, how grave, the focus.

The files of ``yaml`` are put beside our own corpus. What is to be found stands behind ``#!`` on the
very line at which it is to be told.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from nhskg.building import assemble
from nhskg.project import Project
from nhskg.rdf.terms import shorten_iri

CASES = Path(__file__).parent / "yaml"
_EXPECTED = re.compile(r"#! (\S+) (violation|warning|info) (\S+)")

Told = tuple[str, int, str, str, str]
"""File, line, rule, severity, focus."""


def expected() -> list[Told]:
    """Return what the comments of the files say."""
    found: list[Told] = []
    for path in sorted(CASES.glob("*/*.yaml")):
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
            name = f"{path.parent.name}/{path.name}"
            found += [(name, number, *each) for each in _EXPECTED.findall(line)]
    return sorted(found)


def told(project: Project) -> list[Told]:
    """Return what is found in the files, or in nothing."""
    ours = {f"{path.parent.name}/{path.name}" for path in CASES.glob("*/*.yaml")}
    found: list[Told] = []
    for each in assemble(project).findings:
        path = each.place.path if each.place else Path()
        name = f"{path.parent.name}/{path.name}"
        if name in ours or each.place is None:
            line = (each.place.line if each.place else None) or 0
            severity = each.severity.value.lower()
            found.append((name, line, each.rule, severity, shorten_iri(each.focus or "")))
    return sorted(found)


def test_each_finding_is_told_at_its_line_and_nothing_else_is(barchester: Project) -> None:
    for path in CASES.glob("*/*.yaml"):
        shutil.copy(path, barchester.seeds / path.parent.name)
    assert told(barchester) == expected()
    assert len(expected()) > 15
