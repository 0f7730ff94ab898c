"""The life of a baseline: new, known, stale, expired, without a reason."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from pathlib import Path

import pytest

from nhskg.rdf.errors import InputError, Place
from nhskg.shacl.baseline import (
    PLACEHOLDER,
    Baseline,
    Judged,
    judge,
    read_baseline,
    update_baseline,
    write_baseline,
)
from nhskg.shacl.findings import READING, Finding, Severity, settle
from nhskg.shacl.reports.report import one_line

TODAY = dt.date(2030, 6, 15)


def finding(focus: str, *, rule: str = "C-02", line: int = 4, message: str = "no") -> Finding:
    place = Place(Path("/corpus/seeds/a.yaml"), line, 5)
    return Finding(rule, Severity.VIOLATION, message, focus=f"urn:{focus}", place=place)


A, B = settle([finding("a"), finding("b")])


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "known.yaml"


def entry(each: Finding, *lines: str, reason: str | None = "the text leaves it open") -> str:
    told = [f"fingerprint: {each.fingerprint}", *([f"reason: {reason}"] if reason else []), *lines]
    return "  - " + "\n    ".join(told) + "\n"


def written(path: Path, *entries: str) -> Baseline:
    path.write_text("known:\n" + "".join(entries), "utf-8")
    return read_baseline(path)


def told(judged: Judged) -> list[tuple[str, Severity, int | None]]:
    return [
        (each.rule, each.severity, each.place.line if each.place else None)
        for each in judged.findings
    ]


def judged(found: Iterable[Finding], baseline: Baseline, *, complete: bool = True) -> Judged:
    return judge(tuple(found), baseline, today=TODAY, complete=complete)


def test_a_known_finding_is_held_back_and_a_new_one_is_told(path: Path) -> None:
    result = judged([A, B], written(path, entry(A)))
    assert result == Judged((B,), 1)


def test_a_finding_is_known_though_its_line_and_wording_have_changed(path: Path) -> None:
    (moved,) = settle([finding("a", line=99, message="put otherwise")])
    assert judged([moved], written(path, entry(A))) == Judged((), 1)


def test_an_entry_that_is_no_longer_found_is_a_violation_at_its_line(path: Path) -> None:
    baseline = written(path, entry(A), entry(B, "rule: C-02", "at: seeds/a.yaml", "message: gone"))
    result = judged([A], baseline)
    assert told(result) == [("baseline-stale", Severity.VIOLATION, 4)]
    assert result.findings[0].message == "no longer found: C-02 at seeds/a.yaml: gone"
    assert result.known == 1


def test_nothing_is_stale_where_not_everything_was_checked(path: Path) -> None:
    assert judged([], written(path, entry(A)), complete=False) == Judged((), 0)


@pytest.mark.parametrize(
    ("day", "known"), [("2030-06-14", False), ("2030-06-15", True), ("2031-01-01", True)]
)
def test_an_entry_holds_to_the_end_of_its_last_day(path: Path, day: str, *, known: bool) -> None:
    result = judged([A], written(path, entry(A, f"expires: {day}")))
    if known:
        assert result == Judged((), 1)
    else:
        expected = [("C-02", Severity.VIOLATION, 4), ("baseline-expired", Severity.VIOLATION, 2)]
        assert told(result) == expected


def test_an_entry_without_a_reason_is_a_violation_at_its_line_and_holds_nothing_back(
    path: Path,
) -> None:
    result = judged([A], written(path, entry(A, reason=None)))
    expected = [("C-02", Severity.VIOLATION, 4), ("baseline-reason", Severity.VIOLATION, 2)]
    assert told(result) == expected


def test_a_placeholder_is_a_warning_and_holds_the_finding_back(path: Path) -> None:
    result = judged([A], written(path, entry(A, reason=PLACEHOLDER)))
    assert told(result) == [("baseline-reason", Severity.WARNING, 2)]
    assert result.known == 1


def test_faults_of_reading_are_never_known(path: Path) -> None:
    (fault,) = settle([finding("a", rule=READING)])
    result = judged([fault], written(path, entry(fault)))
    assert [each.rule for each in result.findings] == [READING, "baseline-stale"]


@pytest.mark.parametrize(
    ("text", "message", "line", "column"),
    [
        ("known:\n  - just words\n", "an entry has fields", 2, 5),
        ("known:\n  - reason: x\n", "needs the 'fingerprint'", 2, 5),
        ("known:\n  - fingerprint: xyz\n    reason: x\n", "20 hex digits", 2, 18),
        (f"known:\n{entry(A, 'why: so')}", "unknown field 'why'", 4, 10),
        (f"known:\n{entry(A, 'at: [a]')}", "'at' takes one value", 4, 9),
        (f"known:\n{entry(A, 'expires: soon')}", "'soon' is no day; write 2031-01-31", 4, 14),
        (f"known:\n{entry(A, 'expires: 20310131')}", "'20310131' is no day", 4, 14),
        (f"known:\n{entry(A)}{entry(A)}", "stands already on line 2", 4, 18),
        ("known: []\nmore: []\n", "unknown field 'more'", 2, 7),
    ],
)
def test_what_is_wrong_with_an_entry_is_told_at_its_place(
    path: Path, text: str, message: str, line: int, column: int
) -> None:
    path.write_text(text, "utf-8")
    (found,) = read_baseline(path).findings
    assert found.rule == "baseline-entry"
    assert message in found.message
    assert found.place == Place(path, line, column)


def test_all_that_is_wrong_is_told_at_once_and_has_fingerprints_of_its_own(path: Path) -> None:
    text = "known:\n  - reason: x\n  - reason: y\n  - fingerprint: z\n    why: so\n    at: [a]\n"
    path.write_text(text, "utf-8")
    found = settle(read_baseline(path).findings)
    assert len(found) == 5
    assert len({each.fingerprint for each in found}) == 5


@pytest.mark.parametrize("text", ["", "known: yes\n", "- a\n", "known: [\n", "other: []\n"])
def test_a_file_that_is_no_baseline_cannot_be_read(path: Path, text: str) -> None:
    path.write_text(text, "utf-8")
    with pytest.raises(InputError):
        read_baseline(path)


def test_an_empty_baseline_is_told_where_to_read_what_it_holds(path: Path) -> None:
    path.write_text("# nothing yet\n", "utf-8")
    with pytest.raises(InputError) as caught:
        read_baseline(path)
    assert "the file is empty; see 'nhskg explain baseline-entry' for" in str(caught.value)


def test_a_missing_baseline_cannot_be_read(path: Path) -> None:
    with pytest.raises(InputError, match="No such file"):
        read_baseline(path)


def test_an_update_keeps_reasons_and_dates_drops_what_is_stale_and_enters_what_is_new(
    path: Path,
) -> None:
    gone, stays, new = settle([finding("gone"), finding("stays"), finding("new")])
    before = written(
        path, entry(gone), entry(stays, "expires: 2031-01-31", reason="'said: \"so\"'")
    )
    write_baseline(update_baseline(before, [stays, new], roots=[Path("/corpus")]))
    after = read_baseline(path)
    kept = {each.fingerprint: each for each in after.entries}
    assert kept.keys() == {stays.fingerprint, new.fingerprint}
    assert kept[stays.fingerprint].reason == 'said: "so"'
    assert kept[stays.fingerprint].expires == dt.date(2031, 1, 31)
    assert kept[stays.fingerprint].at == "seeds/a.yaml"
    assert kept[new.fingerprint].reason == PLACEHOLDER
    assert told(judged([stays, new], after)) == [
        ("baseline-reason", Severity.WARNING, read_line(path, new.fingerprint))
    ]


def read_line(path: Path, text: str) -> int:
    lines = path.read_text("utf-8").splitlines()
    return next(number for number, line in enumerate(lines, 1) if text in line)


def test_updating_twice_changes_nothing(path: Path) -> None:
    write_baseline(update_baseline(Baseline(path), [B, A], roots=[]))
    first = path.read_bytes()
    write_baseline(update_baseline(read_baseline(path), [A, B], roots=[]))
    assert path.read_bytes() == first
    assert sorted(each.name for each in path.parent.iterdir()) == [path.name]


def test_an_empty_baseline_can_be_read_again(path: Path) -> None:
    write_baseline(Baseline(path))
    assert read_baseline(path) == Baseline(path)


def test_any_message_survives_being_written(path: Path) -> None:
    message = "a: b # c 'd' \"e\" \\ \x07 \x85 \u2028 \ufeff 𝔘 - {x} [y] %"
    (odd,) = settle([finding("odd", message=message)])
    write_baseline(update_baseline(Baseline(path), [odd], roots=[]))
    (known,) = read_baseline(path).entries
    assert known.message == one_line(message)


def test_any_reason_survives_an_update(path: Path) -> None:
    reason = r'"a: b # \x07 \x85 \u2028 \uFEFF \U0001D518 {x} [y] %"'
    before = written(path, entry(A, reason=reason))
    write_baseline(update_baseline(before, [A], roots=[]))
    (known,) = read_baseline(path).entries
    assert known.reason == before.entries[0].reason
    assert "\u2028" in known.reason


def test_a_baseline_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="cannot be written"):
        write_baseline(Baseline(tmp_path / "file" / "known.yaml"))
