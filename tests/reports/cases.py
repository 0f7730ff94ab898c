"""A fixed report with everything that is awkward to write; its golden outputs are in golden/.

python tests/reports/cases.py     writes them anew; read the difference before keeping it
"""

from __future__ import annotations

import random
from pathlib import Path

from nhskg.rdf.errors import Place
from nhskg.rdf.paths import PropertyPath
from nhskg.rdf.terms import ID, NS, OA, SH
from nhskg.shacl.findings import Example, Finding, Report, Rule, Severity, settle
from nhskg.shacl.reports import FORMATS

GOLDEN = Path(__file__).parent / "golden"
PROJECT = Path("/corpus")
DOCUMENT = PROJECT / "seeds" / "documents" / "county gazette.yaml"
CLAIM = f"{ID}claim/gazette/boards"

RULES = {
    "C-02": Rule(
        id="C-02",
        title="one claimant: who says it",
        severity=Severity.VIOLATION,
        protects="An answer without a claimant cannot tell whose word it rests on.",
        demands="a claim MUST have exactly one claimant",
        repair="add 'claimant'",
        source="requirement of `shapes/claims.ttl` on class nhs:Claim",
        iri="https://w3id.org/nhskg/shapes#C-02",
        place=Place(PROJECT / "shapes" / "claims.ttl", 40, 1),
        valid=(Example("one", "gz:backs nhs:claimant id:warden .", "turtle"),),
    ),
    "reading": Rule("reading", "an annotation file can be read", Severity.VIOLATION, read=True),
    "R-06": Rule(
        id="R-06",
        title="used",
        severity=Severity.WARNING,
        iri="https://w3id.org/nhskg/shapes#R-06",
        place=Place(PROJECT / "shapes" / "register.ttl", 7, 1),
    ),
    "S-01": Rule("S-01", "nothing breaks this", Severity.VIOLATION),
}

_EVIDENCE, _SELECTOR, _START = (
    PropertyPath(iri=each) for each in (NS + "evidence", OA + "hasSelector", OA + "start")
)
_EITHER = PropertyPath("|", (_SELECTOR, _START))
PATH = PropertyPath("/", (PropertyPath("^", (_EVIDENCE,)), PropertyPath("*", (_EITHER,))))

FINDINGS = (
    Finding(
        rule="reading",
        severity=Severity.VIOLATION,
        message="'a, b: 100%' is <no> \"date\" & no {field: value};\nwrite 2013-06",
        place=Place(DOCUMENT, 3, 15),
    ),
    Finding(
        rule="C-02",
        severity=Severity.VIOLATION,
        message="a claim MUST have exactly one claimant",
        repair="add 'claimant'",
        focus=CLAIM,
        path=PropertyPath(iri=NS + "claimant"),
        value=f"{ID}hiram-report",
        place=Place(DOCUMENT, 12, 5),
        related=(
            Place(PROJECT / "seeds" / "register" / "plans.yaml", 2, 5),
            Place(Path("/b.yaml")),
        ),
        component=SH + "MaxCountConstraintComponent",
    ),
    Finding(
        rule="C-02",
        severity=Severity.WARNING,
        message="a passage SHOULD begin in its document",
        focus=CLAIM,
        path=PATH,
        value="𝔘nicode \x07 bell",
        place=Place(Path("/elsewhere/other.yaml"), 1),
    ),
    Finding("R-06", Severity.INFO, "a declared thing SHOULD be used", focus=f"{ID}pensions"),
)


def report(*, shuffled: int | None = None) -> Report:
    findings, rules = list(FINDINGS), RULES
    if shuffled is not None:
        random.Random(shuffled).shuffle(findings)
        rules = dict(sorted(RULES.items(), reverse=shuffled % 2 == 1))
    return Report(settle(findings), rules=rules, roots=(PROJECT,), version="0.0.0", known=1)


if __name__ == "__main__":
    for name, render in FORMATS.items():
        (GOLDEN / f"report.{name}").write_bytes(render(report()).encode())
