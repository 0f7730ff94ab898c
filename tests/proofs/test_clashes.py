"""An inconsistency names the rule, what clashes, the axiom, and the claims with their passages."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from nhskg.building import assemble
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


def _clashes(project: Project, rule: str) -> list[Finding]:
    found = [each for each in assemble(project).findings if each.rule == rule]
    assert found
    assert {each.severity for each in found} == {Severity.VIOLATION}
    return found


def _quoted_at(place: Place) -> str:
    """Return what stands at a place: the quote that marks the passage."""
    assert place.line is not None
    assert place.column is not None
    return place.path.read_text("utf-8").splitlines()[place.line - 1][place.column - 1 :]


def test_derived_things_are_traced_to_the_claims_of_their_proofs(barchester: Project) -> None:
    """Two kinds of holding made disjoint: what a plan stipulates is both."""
    project = _with_axiom(barchester, "nhs:StipulatedHolding owl:disjointWith nhs:FirmHolding")
    told = _clashes(project, "owl-cax-dw")
    name = "holding/pell-pledge.ControlBudget.winter-fund.county-board"
    (found,) = (each for each in told if each.focus and each.focus.endswith(name))
    assert f"{name} rdf:type nhs:StipulatedHolding" in found.message
    assert f"{name} rdf:type nhs:FirmHolding" in found.message
    assert "by the axiom nhs:StipulatedHolding owl:disjointWith nhs:FirmHolding" in found.message
    assert found.place is not None
    assert "control of the winter fund would go" in _quoted_at(found.place)
    where = f"{found.place.path.name}:{found.place.line}:{found.place.column}"
    assert (
        f"said in claim/chronicle-reply/board-controls-winter-fund ({where}; "
        "chronicle-reply:1222-1387 “control of the winter fund would go”)"
    ) in found.message


def test_a_promoted_relation_stands_where_it_is_said(barchester: Project) -> None:
    """Not where the thing is declared: a plain triple that a rule made of a claim.

    A symmetric relation is made asymmetric. (Relations made disjoint would not clash: by rule 63
    claims that exclude each other are disputed.)
    """
    axiom = "nhs:alliedWith a owl:AsymmetricProperty"
    for found in _clashes(_with_axiom(barchester, axiom), "owl-prp-asyp"):
        assert found.place is not None
        assert found.place.path.parent.name == "documents"
        assert "said in claim/" in found.message
        quote = _quoted_at(found.place).strip('"')
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
