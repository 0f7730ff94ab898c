"""``nhskg why-not``: what stands in the way, else the premise that each rule lacks."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

import pytest

from nhskg.project import Project

from .conftest import Asker, assert_golden


def _options(plan: str, power: str, body: str) -> tuple[str, ...]:
    return "--plan", plan, "--power", power, "--body", body


def _refusal(ask: Asker, plan: str, power: str, body: str) -> dict[str, Any]:
    code, out, err = ask("why-not", *_options(plan, power, body), "--format", "json")
    assert code == 0, err
    told: dict[str, Any] = json.loads(out)
    return told


def _blocking(attempt: dict[str, Any]) -> set[str]:
    return {c["claim"]["name"] for block in attempt["blocks"] for c in block["claims"]}


TRANSFERRED = ("council-programme", "sign-off", "st-ewolds-trust")
EXCLUSIVE = ("pell-pledge", "lead-planning", "st-ewolds-trust")
BODY_ENDED = ("agency-statement", "regulate-care", "county-care-office")
LEFT_OPEN = ("pell-pledge", "lead-consultation", "carers-league")
LOST_BEFORE = ("winter-paper", "allocate-funds", "county-money-office")
NOTHING_KNOWN = ("crake-proposal", "regulate-care", "carers-league")


@pytest.mark.parametrize(
    ("cell", "claim"),
    [
        (TRANSFERRED, "gazette-boards/council-takes-sign-off"),
        (EXCLUSIVE, "gazette-boards/board-leads-all-planning"),
        (BODY_ENDED, "chronicle-reply/offices-merge"),
        (("hiram-report", "propose-change", "county-forum"), "gazette-boards/forum-abolished"),
    ],
)
def test_what_stands_in_the_way(ask: Asker, cell: tuple[str, str, str], claim: str) -> None:
    """The premises of inheritance are there, and a claim of the plan blocks it."""
    first = _refusal(ask, *cell)["attempts"][0]
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
    """Nothing speaks of the body: the nearest is that the plan gives it to another.

    Each rule that could give a holding is tried; those that lack more than one premise are left
    out.
    """
    told = _refusal(ask, "council-programme", "sign-off", "carers-league")
    first = told["attempts"][0]
    assert first["rule"] == "20_stipulate"
    assert first["blocks"] == []
    assert len(first["missing"]) == 1
    assert "Barchester County Council, and not Carers’ League" in first["missing"][0]
    assert told["before"][0]["asked"]["plan"].endswith("/in-force-2013")
    (instead,) = told["instead"]
    assert "is held by Barchester County Council" in instead
    assert told["left open"] == []
    nearest = [(attempt["rule"], attempt["distance"]) for attempt in told["attempts"]]
    assert nearest == [("20_stipulate", 1), ("40_inherit", 1)]


def test_lost_further_down(ask: Asker) -> None:
    """What the baseline had already taken away is told of the baseline."""
    (before,) = _refusal(ask, *LOST_BEFORE)["before"]
    assert before["asked"]["plan"].endswith("/quill-vision")
    assert "gazette-boards/board-shares-out-fund" in _blocking(before["attempts"][0])


def test_left_open(ask: Asker) -> None:
    told = _refusal(ask, *LEFT_OPEN)
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


@pytest.mark.parametrize(
    ("name", "cell", "form"),
    [
        ("body-ended.txt", BODY_ENDED, "text"),
        ("exclusive.txt", EXCLUSIVE, "text"),
        ("nothing-known.txt", NOTHING_KNOWN, "text"),
        ("left-open.txt", LEFT_OPEN, "text"),
        ("lost-before.txt", LOST_BEFORE, "text"),
        ("transferred.txt", TRANSFERRED, "text"),
        ("transferred.md", TRANSFERRED, "markdown"),
    ],
)
def test_forms(ask: Asker, name: str, cell: tuple[str, str, str], form: str) -> None:
    code, out, _ = ask("why-not", *_options(*cell), "--format", form)
    assert code == 0
    assert_golden(f"why-not-{name}", out)


@pytest.mark.parametrize(
    ("body", "message"),
    [("st-ewold", "unknown body 'st-ewold'; did you mean"), ("hiram-report", "unknown body")],
)
def test_misuse(ask: Asker, body: str, message: str) -> None:
    code, out, err = ask("why-not", *_options("council-programme", "sign-off", body))
    assert (code, out) == (2, "")
    assert message in err


def test_json_is_the_same_bytes_whatever_the_hash_seed(built: Project) -> None:
    command = [sys.executable, "-m", "nhskg", "--project", str(built.root), "why-not"]
    command += _options(*TRANSFERRED)
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
