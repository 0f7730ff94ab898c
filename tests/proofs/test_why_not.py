"""``nhskg why-not``: what stands in the way, else the premise that each rule lacks."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

import pytest

from nhskg.project import Project

from .conftest import GOLDEN, Asker, assert_golden


def _options(plan: str, power: str, body: str) -> tuple[str, ...]:
    return "--plan", plan, "--power", power, "--body", body


def _refusal(ask: Asker, plan: str, power: str, body: str) -> dict[str, Any]:
    code, out, err = ask("why-not", *_options(plan, power, body), "--format", "json")
    assert code == 0, err
    told: dict[str, Any] = json.loads(out)
    return told


TRANSFERRED = ("council-programme", "sign-off", "st-ewolds-trust")
LEFT_OPEN = ("pell-pledge", "lead-consultation", "carers-league")
REFUSALS = {
    "body-ended.txt": ("agency-statement", "regulate-care", "county-care-office"),
    "exclusive.txt": ("pell-pledge", "lead-planning", "st-ewolds-trust"),
    "nothing-known.txt": ("crake-proposal", "regulate-care", "carers-league"),
    "left-open.txt": LEFT_OPEN,
    "lost-before.txt": ("winter-paper", "allocate-funds", "county-money-office"),
    "transferred.txt": TRANSFERRED,
    "transferred.md": TRANSFERRED,
}


@pytest.mark.parametrize("name", REFUSALS)
def test_forms(ask: Asker, name: str) -> None:
    form = "markdown" if name.endswith(".md") else "text"
    code, out, _ = ask("why-not", *_options(*REFUSALS[name]), "--format", form)
    assert code == 0
    assert_golden(GOLDEN / f"why-not-{name}", out)


@pytest.mark.parametrize(
    ("cell", "title", "claim"),
    [
        (("hiram-report", "propose-change", "county-forum"), "ended", "forum-abolished"),
        (("hiram-report", "sign-off", "county-board"), "on condition: gives", "boards-sign-off"),
        (("hiram-report", "sign-off", "st-ewolds-trust"), "on condition: takes", "boards-sign-off"),
        (TRANSFERRED, "takes away", "council-takes-sign-off"),
        (("pell-pledge", "lead-planning", "st-ewolds-trust"), "takes away", "board-leads-all"),
        (("winter-paper", "enact-plan", "netherby-group"), "suggested: ends", "abolition-hinted"),
        (("winter-paper", "preferred-provider", "nhs-trust"), "suggested: gives", "preferred"),
        (("agency-statement", "provide-support", "cluster"), "not addressed", "clusters-lose-role"),
    ],
)
def test_what_the_plan_makes_of_the_body(
    ask: Asker, cell: tuple[str, str, str], title: str, claim: str
) -> None:
    """A loss, a gate, a suggestion, what is only implied: the entry, with its claims, says it."""
    told = _refusal(ask, *cell)
    (own,) = told["own"]
    assert f": {title}" in own["title"]
    assert any(claim in each["name"] for each in own["claims"])
    assert told["attempts"] == told["before"] == []


def test_what_stands_in_the_way(ask: Asker, barchester: Project) -> None:
    """Nothing is known of the body: no entry of its own, and a rule that would give it one."""
    told = _refusal(ask, "agency-statement", "allocate-funds", "carers-league")
    assert told["own"] == []
    assert told["attempts"]


def test_never_mentioned(ask: Asker) -> None:
    """Nothing speaks of the body: the nearest is that the plan gives it to another.

    Each rule that could give a holding is tried; those that lack more than one premise are left
    out.
    """
    told = _refusal(ask, "council-programme", "sign-off", "carers-league")
    first = told["attempts"][0]
    assert first["blocks"] == []
    assert len(first["missing"]) == 1
    assert "Barchester County Council, and not Carers’ League" in first["missing"][0]
    assert told["before"][0]["asked"]["plan"].endswith("/in-force-2013")
    gained, lost = told["instead"]
    assert "Barchester County Council, under Programme of the council: says so" in gained
    assert "St Ewold’s Trust, under Programme of the council: takes away" in lost
    assert told["left open"] == []
    nearest = [(attempt["rule"], attempt["distance"]) for attempt in told["attempts"]]
    assert nearest == [("20_stipulate", 1), ("40_inherit", 1)]


def test_left_open(ask: Asker) -> None:
    told = _refusal(ask, *LEFT_OPEN)
    assert told["instead"] == []
    (opened,) = told["left open"]
    assert ": left open: " in opened["title"]
    (claim,) = (each for each in opened["claims"] if each["kind"] == "silence")
    assert claim["claimant"]
    assert claim["passages"]


@pytest.mark.parametrize(
    ("plan", "power", "body", "message"),
    [
        ("hiram-report", "control-budget", "netherby-group", "under Hiram report: keeps"),
        ("agency-statement", "sign-off", "st-ewolds-trust", "agency: not addressed"),
        ("council-programme", "draw-up-plan", "netherby-group", "ruled out: will not remove"),
        ("in-force-2013", "provide-support", "cluster", "implied by Septimus Harding"),
    ],
)
def test_what_is_held_is_told_with_its_basis(
    ask: Asker, plan: str, power: str, body: str, message: str
) -> None:
    code, _, err = ask("why-not", *_options(plan, power, body))
    assert code == 1
    assert message in err
    assert f"nhskg why --plan {plan} --power {power} --body {body}" in err


@pytest.mark.parametrize(
    ("body", "hint"),
    [
        ("st-ewld-trust", "; did you mean one of these?\n  st-ewolds-trust"),
        ("hiram-report", "; 'nhskg list bodies' shows what there is"),
    ],
)
def test_misuse(ask: Asker, body: str, hint: str) -> None:
    code, out, err = ask("why-not", *_options("council-programme", "sign-off", body))
    assert (code, out) == (2, "")
    assert f"unknown body '{body}'{hint}\n" in err


def test_json_is_the_same_bytes_whatever_the_hash_seed(built: Project) -> None:
    command = [sys.executable, "-m", "nhskg", "--project", str(built.root), "why-not"]
    command += [*_options(*TRANSFERRED), "--format", "json"]
    outs = [
        subprocess.run(
            command, env={**os.environ, "PYTHONHASHSEED": seed}, capture_output=True, check=True
        ).stdout
        for seed in ("1", "2")
    ]
    assert outs[0] == outs[1]
    keys = ["asked", "title", "held", "own", "instead", "left open", "attempts", "before"]
    assert list(json.loads(outs[0])) == keys
