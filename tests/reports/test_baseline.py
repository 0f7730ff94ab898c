"""The life of a baseline: new, known, stale, expired, without a reason."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from nhskg.rdf.errors import InputError, Place
from nhskg.shacl.baseline import (
    PLACEHOLDER,
    Baseline,
    apply_baseline,
    read_baseline,
    update_baseline,
    write_baseline,
)
from nhskg.shacl.findings import READING, Finding, Report, Severity, one_line, settle
from tests.cases import cases

TODAY = dt.date(2030, 6, 15)


def finding(focus: str, *, rule: str = "C-02", line: int = 4, message: str = "no") -> Finding:
    place = Place(Path("/corpus/seeds/a.yaml"), line, 5)
    return Finding(rule, Severity.VIOLATION, message, focus=f"urn:{focus}", place=place)


A, B = settle([finding("a"), finding("b")])
C_02 = ("C-02", Severity.VIOLATION, 4)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "known.yaml"


def entry(each: Finding, *lines: str, reason: str | None = "the text leaves it open") -> str:
    fields = [f"fingerprint: {each.fingerprint}", *([f"reason: {reason}"] if reason else [])]
    return "  - " + "\n    ".join([*fields, *lines]) + "\n"


def written(path: Path, *entries: str) -> Baseline:
    path.write_text("known:\n" + "".join(entries), "utf-8")
    return read_baseline(path)


def applied(baseline: Baseline, *found: Finding, complete: bool = True) -> Report:
    return apply_baseline(Report(found, complete=complete), baseline, today=TODAY)


def rewritten(baseline: Baseline, *found: Finding, roots: tuple[Path, ...] = ()) -> Baseline:
    write_baseline(update_baseline(baseline, Report(found, roots=roots)))
    return read_baseline(baseline.path)


def shown(report: Report) -> list[tuple[str, Severity, int | None]]:
    return [(f.rule, f.severity, f.place.line if f.place else None) for f in report.findings]


# What is accepted


def test_a_known_finding_is_held_back_though_it_has_moved_and_a_new_one_is_not(path: Path) -> None:
    (moved,) = settle([finding("a", line=99, message="put otherwise")])
    report = applied(written(path, entry(A)), B, moved)
    assert (report.findings, report.known) == ((B,), 1)


def test_a_finding_keeps_its_fingerprint_where_one_that_is_alike_is_held_back(path: Path) -> None:
    first, second = settle([finding("a"), finding("a", message="no, again")])
    report = applied(written(path, entry(first)), first, second)
    assert [each.fingerprint for each in report.findings] == [second.fingerprint]


def test_an_entry_that_is_no_longer_found_is_a_violation_at_its_line(path: Path) -> None:
    baseline = written(path, entry(A), entry(B, "rule: C-02", "at: seeds/a.yaml", "message: gone"))
    report = applied(baseline, A)
    assert shown(report) == [("baseline-stale", Severity.VIOLATION, 4)]
    assert report.findings[0].message == "no longer found: C-02 at seeds/a.yaml: gone"
    assert report.known == 1
    assert applied(baseline, A, complete=False).findings == (), "where all checks ran"


@pytest.mark.parametrize(
    ("lines", "reason", "expected"),
    [
        (["expires: 2030-06-14"], "so", [C_02, ("baseline-expired", Severity.VIOLATION, 2)]),
        (["expires: 2030-06-15"], "so", []),
        (["expires: 2031-01-01"], "so", []),
        ([], None, [C_02, ("baseline-reason", Severity.VIOLATION, 2)]),
        ([], PLACEHOLDER, [("baseline-reason", Severity.WARNING, 2)]),
    ],
)
def test_an_entry_needs_a_reason_and_holds_to_the_end_of_its_last_day(
    path: Path, lines: list[str], reason: str | None, expected: list[tuple[str, Severity, int]]
) -> None:
    report = applied(written(path, entry(A, *lines, reason=reason)), A)
    assert sorted(shown(report)) == sorted(expected)
    assert report.known == (C_02 not in expected)


def test_faults_of_reading_are_never_known(path: Path) -> None:
    (fault,) = settle([finding("a", rule=READING)])
    report = applied(written(path, entry(fault)), fault)
    assert {each.rule for each in report.findings} == {READING, "baseline-stale"}


# What is wrong with the file


@cases("reports/malformed-baselines.yaml")
def test_a_malformed_entry_is_a_finding_at_its_place(path: Path, case: Any) -> None:
    with pytest.raises(InputError, match="No such file"):
        read_baseline(path)
    path.write_text(case["text"].replace("ENTRY", entry(A)), "utf-8")
    if "place" not in case:
        with pytest.raises(InputError, match=re.escape(case["message"])):
            read_baseline(path)
        return
    (found,) = read_baseline(path).findings
    assert found.rule == "baseline-entry"
    assert case["message"] in found.message
    assert found.place == Place(path, *case["place"])


def test_all_faults_are_found_at_once_and_have_fingerprints_of_their_own(path: Path) -> None:
    text = "known:\n  - reason: x\n  - reason: y\n  - fingerprint: z\n    why: so\n    at: [a]\n"
    path.write_text(text, "utf-8")
    found = settle(read_baseline(path).findings)
    assert len({each.fingerprint for each in found}) == len(found) == 5


# Updating


def test_an_update_keeps_reasons_and_dates_drops_what_is_stale_and_enters_what_is_new(
    path: Path,
) -> None:
    removed, stays, new = settle([finding("gone"), finding("stays"), finding("new")])
    known = entry(stays, "expires: 2031-01-31", reason="'said: \"so\"'")
    before = written(path, entry(removed), known)
    after = rewritten(before, new, stays, roots=(Path("/corpus"),))
    kept = {each.fingerprint: each for each in after.entries}
    assert kept.keys() == {stays.fingerprint, new.fingerprint}
    assert kept[stays.fingerprint].reason == 'said: "so"'
    assert kept[stays.fingerprint].expires == dt.date(2031, 1, 31)
    assert kept[stays.fingerprint].at == "seeds/a.yaml"
    assert kept[new.fingerprint].reason == PLACEHOLDER
    lines = path.read_text("utf-8").splitlines()
    number = next(n for n, line in enumerate(lines, 1) if new.fingerprint in line)
    assert shown(applied(after, stays, new)) == [("baseline-reason", Severity.WARNING, number)]


def test_an_update_enters_what_fails_and_keeps_what_is_entered(path: Path) -> None:
    warnings = settle(replace(each, severity=Severity.WARNING) for each in (A, B))
    report = Report(warnings)
    assert update_baseline(Baseline(path), report).entries == ()
    strict = replace(report, fail_on=Severity.WARNING)
    assert len(update_baseline(Baseline(path), strict).entries) == 2
    (kept,) = update_baseline(written(path, entry(A)), report).entries
    assert kept.fingerprint == A.fingerprint


def test_updating_twice_changes_nothing(path: Path) -> None:
    baseline = rewritten(Baseline(path), B, A)
    first = path.read_bytes()
    rewritten(baseline, A, B)
    assert path.read_bytes() == first
    assert sorted(each.name for each in path.parent.iterdir()) == [path.name]


def test_any_message_and_any_reason_survive_being_written(path: Path) -> None:
    message = "a: b # c 'd' \"e\" \\ \x07 \x85 \u2028 \ufeff 𝔘 - {x} [y] %" + " long" * 50
    (odd,) = settle([finding("odd", message=message)])
    reason = r'"a: b # \x07 \x85 \u2028 \uFEFF \U0001D518 \n {x} [y] %"'
    before = written(path, entry(odd, reason=reason))
    (known,) = rewritten(before, odd).entries
    assert known.message == one_line(message)
    assert known.reason == before.entries[0].reason
    assert "\u2028" in known.reason


def test_an_empty_baseline_is_written_and_one_that_cannot_be_is_an_error(path: Path) -> None:
    assert rewritten(Baseline(path)) == Baseline(path)
    with pytest.raises(InputError, match="cannot be written"):
        write_baseline(Baseline(path / "known.yaml"))
