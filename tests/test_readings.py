"""The readings of claims, cells and pairs in ``docs/readings`` are complete and find nothing wrong.

They are by readers who wrote neither the claim nor the rule. No test can show that they were
honest; it shows that no claim, cell, tension, change or gap was left out, and that each doubt has
its reason.
"""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path
from typing import Final

import yaml

from nhskg.graph.store import open_published
from nhskg.project import Project
from nhskg.queries.engine import select
from nhskg.queries.matrix import NO_TEXT_SAYS, read_matrix
from nhskg.queries.stored import read_query

READINGS: Final = Path(__file__).parents[1] / "docs" / "readings"
MOST_IMPRECISE: Final = 0.02
HEADER: Final = "#+ title: All\n#+ question: Which?\n#+ columns: [kind, claim, other_claim]\n"


def readings(name: str, subject: str) -> list[dict[str, str]]:
    with (READINGS / name).open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        rows = [
            {**row, subject: f"{row['kind']} {row[subject]}"} if "kind" in row else row
            for row in reader
        ]
        names = [subject, *(["kind"] if subject == "pair" else []), "reader", "verdict", "reason"]
        assert reader.fieldnames == names
        return rows


def check(found: list[dict[str, str]], subject: str, wanted: set[str]) -> None:
    told = [row[subject] for row in found]
    assert set(told) == wanted
    assert len(told) == len(set(told))
    verdicts = Counter(row["verdict"] for row in found)
    assert set(verdicts) <= {"right", "imprecise"}
    assert verdicts["imprecise"] <= MOST_IMPRECISE * len(found)
    assert all(row["reader"] and (row["reason"] or row["verdict"] == "right") for row in found)


def test_every_claim_is_read(real: Project) -> None:
    wanted = set()
    for path in real.documents.glob("*.yaml"):
        claims = yaml.safe_load(path.read_text("utf-8"))["claims"]
        wanted |= {f"{path.stem}/{claim['id']}" for claim in claims}
    check(readings("claims.csv", "claim"), "claim", wanted)


def test_every_cell_about_which_a_text_says_something_is_read(real: Project) -> None:
    matrix = read_matrix(open_published(real.build).open(), real.queries)
    wanted = {
        "/".join(each.slug for each in (entry.plan, entry.power, entry.matter))
        for entry in matrix.entries
        if entry.basis != NO_TEXT_SAYS
    }
    check(readings("cells.csv", "cell"), "cell", wanted)


PAIRS: Final = """
SELECT DISTINCT ?kind ?claim ?other_claim WHERE {
  {
    #include pairs
  } UNION {
    ?claim nhs:predicate ?stating ; nhs:voice ?voice .
    FILTER(?stating IN (nhs:atOddsWith, nhs:complements) && ?voice != nhs:CuratorInference)
    BIND(nhs:Stated AS ?sort)
  } UNION {
    ?gap a nhs:Gap ; nhs:kind ?sort ; prov:wasDerivedFrom ?claim . ?claim a nhs:Claim .
  }
  ?sort skos:notation ?kind .
}
"""


def test_every_tension_change_and_gap_is_read(real: Project, tmp_path: Path) -> None:
    (tmp_path / "parts").symlink_to(real.queries / "parts")
    (tmp_path / "all.rq").write_text(f"{HEADER}{PAIRS}", "utf-8")
    rows = select(open_published(real.build).open(), read_query(tmp_path / "all.rq").text)
    sides = ([row["kind"], row["claim"], row["other_claim"] or ""] for row in rows)
    wanted = {" ".join(each.split("/claim/")[-1] for each in side).strip() for side in sides}
    check(readings("pairs.csv", "pair"), "pair", wanted)
