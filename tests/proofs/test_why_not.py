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


def test_what_stands_in_the_way(ask: Asker) -> None:
    """The premises of inheritance are there, and a claim of the plan blocks it."""
    first = _refusal(ask, "hiram-report", "propose-change", "county-forum")["attempts"][0]
    assert first["rule"] == "40_inherit"
    assert first["missing"] == []
    assert first["there"]
    blocking = {c["claim"]["name"] for block in first["blocks"] for c in block["claims"]}
    assert "gazette-boards/forum-abolished" in blocking


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
    (instead,) = told["instead"]
    assert "is held by Barchester County Council" in instead
    assert told["left open"] == []
    nearest = [(attempt["rule"], attempt["distance"]) for attempt in told["attempts"]]
    assert nearest == [("20_stipulate", 1), ("40_inherit", 1)]


def test_left_open(ask: Asker) -> None:
    told = _refusal(ask, *LEFT_OPEN)
    assert told["instead"] == []
    (opened,) = told["left open"]
    assert "is left open" in opened["title"]
    assert opened["claim"]["claimant"]
    assert opened["claim"]["passages"]


@pytest.mark.parametrize(
    ("power", "body", "message"),
    [
        ("sign-off", "county-board", "conditional holding, once: the boards are ready"),
        ("sign-off", "st-ewolds-trust", "is held by St Ewold’s Trust under Hiram report"),
        ("draw-up-plan", "netherby-group", "held until: the boards are ready"),
    ],
)
def test_what_is_held_is_told_with_its_gate_and_until_when(
    ask: Asker, power: str, body: str, message: str
) -> None:
    """A gate leaves the old holder in place, and the new one holds it once the gate is met."""
    code, _, err = ask("why-not", *_options("hiram-report", power, body))
    assert code == 1
    assert message in err
    assert f"nhskg why --plan hiram-report --power {power} --body {body}" in err


def test_held_until_is_explained(ask: Asker) -> None:
    command = _options("hiram-report", "draw-up-plan", "netherby-group")
    _, out, _ = ask("why", *command)
    assert "held until: the boards are ready" in out
    assert "gazette-boards:1107-1214" in out
    _, out, _ = ask("why", *command, "--full")
    assert "50_gate" in out


@pytest.mark.parametrize(
    ("body", "hint"), [("st-ewold", "; did you mean 'st-ewolds-trust'?"), ("hiram-report", "")]
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
    keys = ["asked", "title", "held", "instead", "left open", "attempts", "before"]
    assert list(json.loads(outs[0])) == keys
