"""What an invented statute answers: duties in force, lists under opening words, posts."""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.cli.runner import nhskg
from tests.conftest import build

from nhskg.project import Project
from nhskg.rdf.terms import use_base

CLINICS = Path(__file__).parents[1] / "corpora" / "clinics-act"
CLAIM = "https://clinics.example/id/claim/clinics-act/"
OPENING = "¶1 s1 [0-53] “In preparing a clinic strategy”"


@pytest.fixture(scope="module")
def statute(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    """The corpus of the Clinics Act, built once; not to be changed."""
    folder = tmp_path_factory.mktemp("statute") / "clinics-act"
    ignored = shutil.ignore_patterns("build")
    yield build(Project.locate(shutil.copytree(CLINICS, folder, ignore=ignored)))
    use_base()  # the base IRI is of one corpus at a time


def rows(statute: Project, *asked: str) -> list[dict[str, str]]:
    done = nhskg("--project", statute.root, *asked, "--format", "csv")
    assert done.exit_code == 0, done.stderr
    return list(csv.DictReader(done.stdout.splitlines()))


def test_who_is_under_a_duty_in_force_is_an_actor(statute: Project) -> None:
    found = rows(statute, "query", "run", "actors")
    assert [
        (each["actor"], each["basis"], each["claim"].removeprefix(CLAIM)) for each in found
    ] == [
        ("Ferrowby council", "carries it out", "board-established"),
        ("Ferrowby council", "under a duty", "involve-pilots"),
        ("Ferrowby council", "under a duty", "involve-board"),
        ("clinics board", "has the power", "board-states-views"),
        ("director of clinic services", "has the power", "director-is-member"),
        ("warden", "has the power", "wardens-are-members"),
    ]


def test_a_law_is_set_against_the_law_before_it_only(statute: Project) -> None:
    """Of law on which nothing is built, nobody gains, and the question says so."""
    done = nhskg("--project", statute.root, "query", "run", "gains", "--format", "table")
    assert "Against what is in force, or was before" in " ".join(done.stdout.split())


@pytest.mark.parametrize("command", [("query", "run", "document"), ("matrix", "--all")])
def test_a_claim_is_one_row_in_the_order_of_its_quote(
    statute: Project, command: tuple[str, ...]
) -> None:
    found = rows(statute, *command)
    claims = [each["claim"].removeprefix(CLAIM) for each in found]
    assert sorted(claims) == sorted({*claims})
    by_claim = {each["claim"].removeprefix(CLAIM): each for each in found}
    assert by_claim["involve-board"]["quote"] == "involve the clinics board"
    assert by_claim["involve-board"]["also"] == OPENING
    assert by_claim["board-established"]["also"] == ""
    if command[0] == "query":
        assert claims[:3] == ["involve-pilots", "involve-board", "board-established"]


def test_people_see_the_quote_and_then_the_opening_words(statute: Project) -> None:
    asked = ("query", "run", "document", "--having", "pilots")
    done = nhskg("--project", statute.root, *asked, "--format", "table")
    item, opening = done.stdout.index("“involve the pilots”"), done.stdout.index("“In preparing")
    assert item < opening
    texts = ("--texts", CLINICS / "texts")
    full = nhskg("--project", statute.root, *asked, "--format", "markdown", *texts).stdout
    assert "In preparing a clinic strategy, the council must—" in full
    grid = nhskg(
        "--project", statute.root, "matrix", "--all", *texts, "--format", "markdown"
    ).stdout
    assert "involve the clinics board. … (1) In preparing" in " ".join(grid.split())


def test_why_tells_each_claim_that_differs(statute: Project) -> None:
    done = nhskg(
        *("--project", statute.root, "why", "--plan", "law-with-act", "--power", "involve-others")
    )
    told = " ".join(done.stdout.replace("│", " ").split())
    assert "claim clinics-act/involve-board" in told
    assert (
        "1 more claim says so; why --all tells it: clinics-act/involve-pilots (as a duty; with"
        " the pilots)" in told
    )


@pytest.mark.parametrize(
    ("claim", "sentence"),
    [
        ("board-established", "now, Ferrowby council must establish clinics board (the Moot)"),
        (
            "board-states-views",
            "now, clinics board has permission for stating views over tides (the Moot)",
        ),
        (
            "director-is-member",
            "now, director of clinic services has the power of board membership over clinics board (the Moot)",  # noqa: E501
        ),
    ],
)
def test_a_sentence_says_duty_permission_and_number(
    statute: Project, claim: str, sentence: str
) -> None:
    found = rows(statute, "query", "run", "document")
    assert [each["sentence"] for each in found if each["claim"] == CLAIM + claim] == [sentence]


def test_whose_duty_it_is_to_set_a_body_up_is_told_at_its_existence(statute: Project) -> None:
    (row,) = rows(statute, "matrix", "--power", "existence")
    assert (row["matter"], row["deontic"]) == ("clinics board", "duty of Ferrowby council")


def test_a_post_is_a_holder_like_any_other(statute: Project) -> None:
    (row,) = rows(statute, "query", "run", "roles", "--body", "director-of-clinics")
    assert (row["power"], row["matter"]) == ("board membership", "clinics board")
    cell = ("--plan", "law-with-act", "--power", "board-membership")
    done = nhskg("--project", statute.root, "why", *cell, "--body", "director of clinic services")
    assert "claim clinics-act/director-is-member" in done.stdout
    page = nhskg("--project", statute.root, "show", "warden", "--format", "json").stdout
    assert "wardens-are-members" in json.dumps(json.loads(page)["sections"])
    done = nhskg("--project", statute.root, "query", "run", "roles", "--body", "x-y-z")
    assert "unknown body 'x-y-z'; 'nhskg list bodies' shows what there is" in done.stderr


def test_a_corpus_is_cited_as_its_settings_say(statute: Project) -> None:
    def cited(form: str) -> Any:
        asked = ("query", "run", "document", "--cite", form, "--format", "table")
        return nhskg("--project", statute.root, *asked).stdout

    title = "The law on the clinics of Ferrowby"
    last = f"From {title}, version 2.1. The clerk of Ferrowby. https://clinics.example/"
    assert " ".join(cited("list").split()).endswith(last)
    whole, first, *_ = json.loads(cited("csl-json"))
    assert (whole["title"], whole["version"]) == (title, "2.1")
    assert whole["author"] == [{"literal": "The clerk of Ferrowby"}]
    assert first["source"] == f"{title}, version 2.1"
    assert f"a claim of {title}, version 2.1" in cited("bibtex")
    assert "nhskg developers" not in cited("bibtex")


@pytest.mark.parametrize(
    ("question", "query", "claims"),
    [
        ("who must establish a clinics board?", "actors", ["board-established"]),
        (
            "what is the council required to do?",
            "actors",
            ["board-established", "involve-pilots", "involve-board"],
        ),
        ("whom must the council involve?", "provisions", ["involve-pilots", "involve-board"]),
        ("who must involve the pilots?", "actors", ["involve-pilots"]),
        ("what may the clinics board do?", "actors", ["board-states-views"]),
        ("who may state views on the tides?", "actors", ["board-states-views"]),
    ],
)
def test_must_and_may_ask_for_duties_and_permissions(
    statute: Project, question: str, query: str, claims: list[str]
) -> None:
    done = nhskg("--project", statute.root, "ask", question, "--format", "csv")
    assert f"understood as: nhskg query run {query} " in done.stderr
    found = csv.DictReader(done.stdout.splitlines())
    assert [each["claim"].removeprefix(CLAIM) for each in found] == claims


@pytest.mark.parametrize("question", ["what must the council publish?", "who must publish it?"])
def test_what_no_duty_says_is_refused(statute: Project, question: str) -> None:
    done = nhskg("--project", statute.root, "ask", question)
    assert (done.exit_code, done.stdout) == (1, "")
    assert "no duty in these texts has 'publish'" in done.stderr


def test_locators_are_found(statute: Project) -> None:
    (row, *_) = rows(statute, "find", "4(1)(b)")
    assert row["command"] == "nhskg show clinics-act/involve-board"
