"""``nhskg why-not``: what stands in the way, or what is missing, the nearest rule first."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

import pytest

from nhskg.project import Project

from .conftest import Asker, assert_golden


def _refusal(ask: Asker, plan: str, power: str, body: str, *more: str) -> dict[str, Any]:
    command = ("why-not", "--plan", plan, "--power", power, "--body", body, *more)
    code, out, err = ask(*command, "--format", "json")
    assert code == 0, err
    told: dict[str, Any] = json.loads(out)
    return told


def _blocking(attempt: dict[str, Any]) -> set[str]:
    return {c["claim"]["name"] for block in attempt["blocks"] for c in block["claims"]}


@pytest.mark.parametrize(
    ("plan", "power", "body", "claim"),
    [
        pytest.param(
            "council-programme",
            "sign-off",
            "st-ewolds-trust",
            "gazette-boards/council-takes-sign-off",
            id="transferred",
        ),
        pytest.param(
            "pell-pledge",
            "lead-planning",
            "st-ewolds-trust",
            "gazette-boards/board-leads-all-planning",
            id="exclusive-power-given-to-another",
        ),
        pytest.param(
            "agency-statement",
            "regulate-care",
            "county-care-office",
            "chronicle-reply/offices-merge",
            id="body-ended",
        ),
        pytest.param(
            "hiram-report",
            "propose-change",
            "county-forum",
            "gazette-boards/forum-abolished",
            id="body-abolished",
        ),
    ],
)
def test_what_stands_in_the_way(ask: Asker, plan: str, power: str, body: str, claim: str) -> None:
    """The premises of inheritance are there, and a claim of the plan blocks it."""
    first = _refusal(ask, plan, power, body)["attempts"][0]
    assert first["rule"] == "40_inherit"
    assert first["missing"] == []
    assert first["there"]
    assert claim in _blocking(first)


def test_gated_is_held_with_its_gate(ask: Asker) -> None:
    """A gate leaves the old holder in place, and the new one holds it once the gate is met."""
    command = ("why-not", "--plan", "hiram-report", "--power", "sign-off", "--body")
    code, _, err = ask(*command, "county-board")
    assert code == 1
    assert "conditional holding, once: the boards are ready" in err
    assert "nhskg why --plan hiram-report --power sign-off --body county-board" in err
    code, _, err = ask(*command, "st-ewolds-trust")
    assert code == 1
    assert "is held by St Ewold’s Trust under Hiram report" in err


def test_held_until(ask: Asker) -> None:
    """Of an old holder that a gated provision leaves in place it is said until when."""
    command = ("--plan", "hiram-report", "--power", "draw-up-plan", "--body", "netherby-group")
    code, _, err = ask("why-not", *command)
    assert code == 1
    assert "held until: the boards are ready" in err
    code, out, _ = ask("why", *command)
    assert code == 0
    assert "held until: the boards are ready" in out
    assert "gazette-boards:1107-1214" in out
    code, out, _ = ask("why", *command, "--full")
    assert code == 0
    assert "50_gate" in out


def test_never_mentioned(ask: Asker) -> None:
    """Nothing speaks of the body: the nearest is that the plan gives it to another."""
    told = _refusal(ask, "council-programme", "sign-off", "carers-league")
    first = told["attempts"][0]
    assert first["rule"] == "20_stipulate"
    assert first["blocks"] == []
    assert len(first["missing"]) == 1
    assert "Barchester County Council, and not Carers’ League" in first["missing"][0]
    assert told["before"][0]["asked"]["plan"].endswith("/in-force-2013")


def test_lost_further_down(ask: Asker) -> None:
    """What the baseline had already taken away is told of the baseline."""
    told = _refusal(ask, "winter-paper", "allocate-funds", "county-money-office")
    (before,) = told["before"]
    assert before["asked"]["plan"].endswith("/quill-vision")
    assert "gazette-boards/board-shares-out-fund" in _blocking(before["attempts"][0])


def test_who_holds_it_instead(ask: Asker) -> None:
    told = _refusal(ask, "council-programme", "sign-off", "carers-league")
    (instead,) = told["instead"]
    assert "is held by Barchester County Council" in instead
    assert told["left open"] == []


def test_left_open(ask: Asker) -> None:
    told = _refusal(ask, "pell-pledge", "lead-consultation", "carers-league")
    assert told["instead"] == []
    (opened,) = told["left open"]
    assert "is left open" in opened["title"]
    assert opened["claim"]["claimant"]
    assert opened["claim"]["passages"]


def test_what_is_derived_and_in_the_way_shows_what_it_rests_on(ask: Asker) -> None:
    """A dispute is derived: the claims behind it stand below it."""
    code, _, err = ask("why", "pell-pledge", "at-odds-with", "council-programme")
    assert code == 1
    assert "in the way: gazette-boards/pledge-at-odds-with-programme is a disputed claim" in err
    assert "claim chronicle-reply/pell-denies-contradiction says: denies:" in err


def test_rules_are_found_not_listed(ask: Asker) -> None:
    """Each rule that could give a holding is tried, the nearest first.

    Rules that find nothing of the plan to start from, whatever the body, matter and power, are
    not told.
    """
    told = _refusal(ask, "council-programme", "sign-off", "carers-league")
    distances = [attempt["distance"] for attempt in told["attempts"]]
    assert distances == sorted(distances)
    rules = {attempt["rule"] for attempt in told["attempts"]}
    assert rules == {"20_stipulate", "40_inherit", "54_float"}


@pytest.mark.parametrize(
    ("name", "plan", "power", "body"),
    [
        ("body-ended", "agency-statement", "regulate-care", "county-care-office"),
        ("exclusive", "pell-pledge", "lead-planning", "st-ewolds-trust"),
        ("nothing-known", "crake-proposal", "regulate-care", "carers-league"),
        ("left-open", "pell-pledge", "lead-consultation", "carers-league"),
        ("lost-before", "winter-paper", "allocate-funds", "county-money-office"),
    ],
)
def test_kinds_of_absence(ask: Asker, name: str, plan: str, power: str, body: str) -> None:
    code, out, _ = ask("why-not", "--plan", plan, "--power", power, "--body", body)
    assert code == 0
    assert_golden(f"why-not-{name}.txt", out)


@pytest.mark.parametrize(("form", "ending"), [("text", "txt"), ("markdown", "md")])
def test_forms(ask: Asker, form: str, ending: str) -> None:
    command = ("why-not", "--plan", "council-programme", "--power", "sign-off")
    code, out, _ = ask(*command, "--body", "st-ewolds-trust", "--format", form)
    assert code == 0
    assert_golden(f"why-not-transferred.{ending}", out)


@pytest.mark.parametrize(
    ("body", "message"),
    [("st-ewold", "unknown body 'st-ewold'; did you mean"), ("hiram-report", "unknown body")],
)
def test_misuse(ask: Asker, body: str, message: str) -> None:
    command = ("why-not", "--plan", "council-programme", "--power", "sign-off", "--body", body)
    code, out, err = ask(*command)
    assert (code, out) == (2, "")
    assert message in err


def test_json_is_the_same_bytes_whatever_the_hash_seed(built: Project) -> None:
    cell = ("--plan", "council-programme", "--power", "sign-off", "--body", "st-ewolds-trust")
    command = [sys.executable, "-m", "nhskg", "--project", str(built.root), "why-not", *cell]
    outs = [
        subprocess.run(
            [*command, "--format", "json"],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    ]
    assert outs[0] == outs[1]
    assert list(json.loads(outs[0])) == [
        "asked", "title", "held", "instead", "left open", "attempts", "before"
    ]  # fmt: skip
