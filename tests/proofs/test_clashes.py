"""An inconsistency names the rule, what clashes, the axiom, and the claims with their passages."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from nhskg.building.pipeline import assemble
from nhskg.project import Project
from nhskg.rdf.errors import Place
from nhskg.shacl.findings import Finding, Severity

ROOT = Path(__file__).parents[2]


def _with_axiom(project: Project, axiom: str) -> Project:
    """Give a corpus an ontology of its own, with one axiom more."""
    shutil.copytree(ROOT / "ontology", project.root / "ontology")
    core = project.root / "ontology" / "core.ttl"
    core.write_text(core.read_text("utf-8") + f"\n{axiom} .\n", "utf-8")
    return Project.locate(project.root)


def _clashes(project: Project, rule: str) -> list[tuple[Finding, Place, str]]:
    """Return the findings of a rule, each with its place and the text that begins there."""
    found = [each for each in assemble(project).findings if each.rule == rule]
    assert {each.severity for each in found} == {Severity.VIOLATION}
    told = []
    for each in found:
        assert each.place
        lines = each.place.path.read_text("utf-8").splitlines()
        quote = lines[(each.place.line or 0) - 1][(each.place.column or 0) - 1 :]
        told.append((each, each.place, quote.strip('"')))
    return told


def test_derived_things_are_traced_to_the_claims_of_their_proofs(barchester: Project) -> None:
    """Two kinds of holding made disjoint: what a plan stipulates is both."""
    project = _with_axiom(barchester, "nhs:StipulatedHolding owl:disjointWith nhs:FirmHolding")
    name = "holding/pell-pledge.ControlBudget.winter-fund.county-board"
    told = _clashes(project, "owl-cax-dw")
    ((found, place, quote),) = (each for each in told if (each[0].focus or "").endswith(name))
    assert "control of the winter fund would go" in quote
    where = f"{place.path.name}:{place.line}:{place.column}"
    passage = "chronicle-reply ¶5 s1 [1222-1387] “control of the winter fund would go”"
    for part in (
        f"{name} rdf:type nhs:StipulatedHolding",
        f"{name} rdf:type nhs:FirmHolding",
        "by the axiom nhs:StipulatedHolding owl:disjointWith nhs:FirmHolding",
        f"said in claim/chronicle-reply/board-controls-winter-fund ({where}; {passage})",
    ):
        assert part in found.message


def test_a_promoted_relation_stands_where_it_is_said(barchester: Project) -> None:
    """Not where the thing is declared: a plain triple that a rule made of a claim.

    A symmetric relation is made asymmetric. (Relations made disjoint would not clash: by rule 63
    claims that exclude each other are disputed.)
    """
    axiom = "nhs:alliedWith a owl:AsymmetricProperty"
    for found, place, quote in _clashes(_with_axiom(barchester, axiom), "owl-prp-asyp"):
        assert place.path.parent.name == "documents"
        assert "said in claim/" in found.message
        assert quote[:20] in found.message


def test_the_command_tells_them(barchester: Project, capsys: pytest.CaptureFixture[str]) -> None:
    from nhskg.cli import main

    project = _with_axiom(barchester, "nhs:StipulatedHolding owl:disjointWith nhs:FirmHolding")
    for command in (("build",), ("validate", "--format", "text")):
        with pytest.raises(SystemExit) as ended:
            main(["--project", str(project.root), *command])
        assert ended.value.code == 1
        out, err = capsys.readouterr()
        lines = [line for line in (out + err).splitlines() if "[owl-cax-dw]" in line]
        assert lines
        assert all(".yaml:" in line.split(": violation:")[0] for line in lines)
        assert all("said in claim/" in line for line in lines)
    assert not (project.build / "current").exists()
