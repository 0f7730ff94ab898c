"""Comments that suppress findings, in the syntax of each kind of data."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from nhskg.rdf.errors import Place
from nhskg.shacl.baseline import Baseline, BaselineEntry, apply_baseline
from nhskg.shacl.findings import READING, Finding, Report, Severity, settle
from nhskg.shacl.reports import FORMATS
from nhskg.shacl.suppressions import apply_suppressions
from nhskg.shacl.validation import validate_rdf
from tests.cases import cases

PREFIX = "@prefix ex: <http://example.org/> ."
START = (
    '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" '
    'xmlns:ex="http://example.org/">'
)
SHAPES = f"""{PREFIX} @prefix sh: <http://www.w3.org/ns/shacl#> .
ex:Named a sh:NodeShape ; sh:targetClass ex:Person ; sh:message "a name is wanted" ;
  sh:property [ sh:path ex:name ; sh:minCount 1 ] .
"""
YAML = """\
plans:
  - id: a  # nhskg: ignore R-1: it is a
    label: 'é # nhskg: ignore R-1: x'
    note: |
      # nhskg: ignore R-1: x
    # nhskg: ignore R-1: it is b
  - id: b
"""


def validated(folder: Path, text: str, name: str = "data.ttl") -> Report:
    """Return the report of a text by the shapes above."""
    for old, new in (("PREFIX", PREFIX), ("START", START), ("END", "</rdf:RDF>")):
        text = text.replace(old, new)
    (folder / name).write_text(text, "utf-8")
    (folder / "shapes.ttl").write_text(SHAPES, "utf-8")
    return validate_rdf([folder / name], [folder / "shapes.ttl"])


@cases("reports/suppressions.yaml")
def test_comments_suppress_and_are_findings_themselves(case: Any, tmp_path: Path) -> None:
    report = validated(tmp_path, case["text"], case.get("file", "data.ttl"))
    found = [f"{each.place.line} {each.rule}" for each in report.findings if each.place]
    assert found == case["findings"]
    assert len(report.suppressed) == case["suppressed"]
    assert case.get("told", "") in "".join(map(str, report.findings))
    assert ("suppressed" in report.summary()) is bool(case["suppressed"])


def test_yaml_has_comments_outside_of_quotes_and_blocks() -> None:
    path = Path("plans.yaml")
    lines = [
        Finding("R-1", Severity.WARNING, "no", value=str(line), place=Place(path, line, 5))
        for line in range(1, 8)
    ]
    report = apply_suppressions(Report(settle(lines)), [(path, YAML)])
    assert [each.place.line for each, _ in report.suppressed if each.place] == [2, 7]
    assert [reason for _, reason in report.suppressed] == ["it is a", "it is b"]
    assert len(report.findings) == 5


def test_comments_at_a_related_place_count_each() -> None:
    paths = [Path("a.ttl"), Path("b.ttl")]
    place, *related = (Place(path, 1, 1) for path in paths)
    finding = Finding("R-1", Severity.INFO, "no", place=place, related=tuple(related))
    text = "x # nhskg: ignore R-1: because\n"
    for chosen in (paths, paths[:1], paths[1:]):
        report = apply_suppressions(Report((finding,)), [(path, text) for path in chosen])
        assert (report.findings, report.suppressed) == ((), ((finding, "because"),))


def test_faults_of_reading_stay_and_of_an_incomplete_report_nothing_is_unused() -> None:
    path = Path("data.ttl")
    fault = Finding(READING, Severity.VIOLATION, "no", place=Place(path, 1))
    raw = "x # nhskg: ignore reading: x\n"
    report = apply_suppressions(Report((fault,), complete=False), [(path, raw)])
    assert report.findings == (fault,)
    assert report.suppressed == ()
    complete = apply_suppressions(replace(report, complete=True), [(path, raw)])
    assert {each.rule for each in complete.findings} == {READING, "suppression-unused"}


def test_sarif_has_what_is_suppressed_with_its_reason_and_a_baseline_needs_no_entry(
    tmp_path: Path,
) -> None:
    text = "PREFIX\nex:a a ex:Person . # nhskg: ignore ex:Named: who?\nex:b a ex:Person .\n"
    report = validated(tmp_path, text)
    entry = BaselineEntry(report.suppressed[0][0].fingerprint, reason="x")
    applied = apply_baseline(report, Baseline(Path("b"), (entry,)), today=dt.date(2030, 1, 1))
    assert [each.rule for each in applied.findings] == ["ex:Named", "baseline-stale"]
    (run,) = json.loads(FORMATS["sarif"](report))["runs"]
    found = [(each["ruleId"], each["suppressions"]) for each in run["results"]]
    suppression = {"kind": "inSource", "justification": "who?"}
    assert found == [("ex:Named", []), ("ex:Named", [suppression])]
    assert json.loads(FORMATS["json"](report))["suppressed"] == 1
