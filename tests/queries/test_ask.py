"""The hundred questions: which are read rightly, which are asked back, and none is guessed."""

from __future__ import annotations

from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from tests.cli.runner import nhskg

from nhskg.graph.store import open_published
from nhskg.project import Project
from nhskg.queries.asking import Asked, Asker

QUESTIONS = yaml.safe_load((Path(__file__).parent / "questions.yaml").read_text("utf-8"))
CLEAR = [each for each in QUESTIONS if each["kind"] == "answerable"]
UNCLEAR = [each for each in QUESTIONS if each["kind"] != "answerable"]
RIGHT, MISREAD, GUESSED, TO_THE_POINT = 62, 2, 0, 22
"""How many are right at least; how many clear, and unclear, ones are answered wrongly at most; how
many of the unclear are asked back with what stands in the way."""


@cache
def _asker(project: Project) -> Asker:
    return Asker(open_published(project.build).open(), project.queries)


@cache
def _asked(project: Project, question: str) -> Asked:
    return _asker(project).ask(question)


def _fits(wanted: list[str], given: tuple[str, ...]) -> bool:
    """Tell whether the values of a parameter are those wanted; ``questions.yaml`` says how."""
    optional = [name for each in wanted if each[0] == "(" for name in each[1:-1].split("/")]
    for names in (each.split("/") for each in wanted if each[0] != "("):
        if not any(fnmatchcase(value, name) for value in given for name in names):
            return False
        optional += names
    return all(any(fnmatchcase(value, name) for name in optional) for value in given)


def _is_right(asked: Asked, right: list[dict[str, Any]]) -> bool:
    for each in right:
        if "note" in each and each["note"] in asked.doubt:
            return True
        wanted = {name: values for name, values in each.items() if name not in ("query", "note")}
        is_asked = asked.query in each.get("query", ()) and asked.values.keys() <= wanted.keys()
        if is_asked and all(_fits(v, asked.values.get(k, ())) for k, v in wanted.items()):
            return True
    return False


def test_clear_questions(real: Project) -> None:
    asked = {each["q"]: _asked(real, each["q"]) for each in CLEAR}
    wrong = {each["q"] for each in CLEAR if not _is_right(asked[each["q"]], each["right"])}
    misread = {q: " ".join(asked[q].command) for q in wrong if asked[q].answer is not None}
    back = {q: asked[q].doubt for q in wrong if asked[q].answer is None}
    assert len(CLEAR) == 67
    assert len(misread) <= MISREAD, misread
    assert len(CLEAR) - len(wrong) >= RIGHT, (misread, back)
    assert all(back.values())


def test_unclear_questions(real: Project) -> None:
    asked = {each["q"]: _asked(real, each["q"]) for each in UNCLEAR}
    guessed = {q: " ".join(each.command) for q, each in asked.items() if each.answer is not None}
    assert len(UNCLEAR) == 33
    assert len(guessed) <= GUESSED, guessed
    assert all(each.doubt for q, each in asked.items() if q not in guessed)
    # what is asked back is about what stands in the way
    told = {q: f"{each.doubt} {' '.join(each.candidates)}".lower() for q, each in asked.items()}
    named = [
        each["q"]
        for each in UNCLEAR
        if any(word in told[each["q"]] for word in each.get("candidates") or [each["note"]])
    ]
    assert len(named) >= TO_THE_POINT, set(told.items()) - {(q, told[q]) for q in named}


def test_command_says_what_it_understood(real: Project) -> None:
    done = nhskg("--project", real.root, "ask", "who signs off under Burnham's vision?")
    assert done.exit_code == 0
    assert "understood as: nhskg query run entries --power sign-off --plan burnham-" in done.stderr
    assert "health and wellbeing board" in done.stdout


def test_command_asks_back(real: Project) -> None:
    done = nhskg("--project", real.root, "ask", "what", "does", "the", "board", "do")
    assert (done.exit_code, done.stdout) == (1, "")
    assert "which is meant by 'board'?" in done.stderr
    assert "  hwb (health and wellbeing board)" in done.stderr


def test_command_says_what_it_left_aside(real: Project) -> None:
    done = nhskg("--project", real.root, "ask", "conditions oldham joint commissioning")
    assert "understood as: nhskg query run conditions --plan oldham-report" in done.stderr
    assert "not narrowed by: joint-commission" in done.stderr


def test_topics_are_asked_together(real: Project) -> None:
    asked = _asked(real, "views on clinical senates and personal health budgets")
    assert asked.query == "stances"
    assert {"clinical-senate", "personal-health-budgets"} < {*asked.values["about"]}
    assert asked.answer
    about = {row["about_id"] for row in asked.answer.rows}
    assert {"personal-health-budgets", "continuation-of-clinical-senates"} <= about
    # what no row is about is told
    asked = _asked(real, "what do CCGs lose to HWBs under Labour's plans")
    assert asked.unused == ("hwb (health and wellbeing board)",)


def test_denials_are_found(real: Project) -> None:
    for question in ("who denies a reorganisation", "is a top-down reorganisation needed"):
        asked = _asked(real, question)
        assert asked.answer, question
        assert any(row["said"] == "denies" for row in asked.answer.rows)


def test_no_rows_do_not_say_that_no_text_does(real: Project) -> None:
    asked = _asked(real, "does Nicholson's plan abolish the primary care trusts")
    assert asked.answer is None
    assert asked.doubt.startswith("'changes' has nothing on nicholson-position, pct; the texts may")
    assert "nhskg show pct" in asked.candidates


def test_words_left_aside_are_told(real: Project) -> None:
    assert _asked(real, "who judges readiness").unused == ("readiness",)
    # what would turn the question round is asked back
    asked = _asked(real, "what does each plan do without CCGs")
    assert asked.answer is None
    assert asked.doubt == "no query takes 'without' here; leave it out for"


def test_plans_of_who_set_them_out(real: Project) -> None:
    assert _asked(real, "what does Debbie Abrahams propose?").values["plan"] == (
        "abrahams-account",
    )


def test_command_cites(real: Project) -> None:
    done = nhskg("--project", real.root, "ask", "--cite", "bibtex", "who denies a reorganisation")
    assert done.exit_code == 0
    assert "@" in done.stdout


def test_each_query_of_tasks_has_its_words(real: Project) -> None:
    for question, query in {
        "Which bodies lose a power under more than one plan?": "losers",
        "what did the reporter infer rather than report?": "inferences",
        "what in the Oldham report needs a law?": "legislation",
        "Who would have to act to put the Oldham recommendations into practice?": "actors",
        "what does Debbie Abrahams leave open?": "open_points",
        "what becomes of each body": "bodies",
        "how has Labour's plan for CCGs changed between 2013 and the Oldham review?": "tensions",
    }.items():
        assert _asked(real, question).query == query, question
