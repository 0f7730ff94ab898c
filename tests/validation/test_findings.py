"""The one model of a finding."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from nhskg.rdf.errors import AnnotationError, Fault, InputError, Place
from nhskg.rdf.paths import PropertyPath
from nhskg.rdf.terms import NS, claim
from nhskg.shacl.findings import Finding, Severity, from_error, settle

FILE = Path("seeds/documents/gazette.yaml")
VIOLATION = Finding(
    "C-02",
    Severity.VIOLATION,
    "a claim MUST have exactly one claimant",
    repair="add 'claimant'",
    focus=claim("gazette", "sign-off"),
    path=PropertyPath.of(NS + "claimant"),
    place=Place(FILE, 12, 5),
)


def test_a_finding_is_one_line_that_editors_read() -> None:
    assert str(VIOLATION) == (
        "seeds/documents/gazette.yaml:12:5: violation: "
        "a claim MUST have exactly one claimant; add 'claimant' [C-02]"
    )
    without_place = replace(VIOLATION, place=None, repair="", severity=Severity.INFO)
    assert str(without_place).startswith("claim/gazette/sign-off: info: a claim MUST have")
    assert str(replace(without_place, focus=None)).startswith("-: info: ")


def test_the_fingerprint_stays_when_lines_move_and_words_change() -> None:
    moved = replace(
        VIOLATION, severity=Severity.WARNING, message="worded anew", place=Place(FILE, 99, 1)
    )
    assert moved.fingerprint == VIOLATION.fingerprint
    assert replace(VIOLATION, value="other").fingerprint != VIOLATION.fingerprint


def test_a_fault_keeps_its_fingerprint_when_lines_and_checkouts_move() -> None:
    def fingerprint(path: str, line: int, message: str) -> str:
        (found,) = from_error(AnnotationError([Fault(Place(Path(path), line, 1), message)]))
        return found.fingerprint

    here = fingerprint("/corpus/seeds/documents/gazette.yaml", 3, "given twice, first on line 2")
    there = fingerprint("seeds/documents/gazette.yaml", 8, "given twice, first on line 7")
    other = fingerprint("seeds/register/gazette.yaml", 3, "given twice, first on line 2")
    assert here == there != other


def test_all_faults_of_reading_become_findings() -> None:
    faults = [Fault(Place(FILE, 2, 1), "b"), Fault(Place(FILE, 1, 1), "a")]
    assert [str(each) for each in from_error(AnnotationError(faults))] == [
        f"{FILE}:1:1: violation: a [reading]",
        f"{FILE}:2:1: violation: b [reading]",
    ]
    assert [str(each) for each in from_error(InputError("gone", place=Place(FILE)))] == [
        f"{FILE}: violation: gone [reading]"
    ]


findings = st.builds(
    Finding,
    rule=st.sampled_from(["C-01", "reading"]),
    severity=st.sampled_from(Severity),
    message=st.sampled_from(["a", "b"]),
    focus=st.sampled_from([None, claim("gazette", "a"), claim("gazette", "b")]),
    place=st.sampled_from([None, Place(FILE, 1, 1), Place(FILE, 2)]),
)


@given(st.lists(findings))
def test_settled_findings_have_one_order_and_differing_fingerprints(given: list[Finding]) -> None:
    settled = settle(given)
    assert settled == settle(reversed(given)) == settle(settled) == tuple(sorted(settled))
    fingerprints = [each.fingerprint for each in settled]
    assert len(set(fingerprints)) == len(fingerprints)
    assert len(settled) == len(set(given))
