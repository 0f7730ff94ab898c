"""Answers of stored queries: several values, what is said about them, and what people see."""

from __future__ import annotations

import csv
import json
import re

import pytest
from pyoxigraph import NamedNode, Store
from tests.cli.runner import nhskg

from nhskg.graph.store import open_published
from nhskg.project import Project
from nhskg.queries.answers import Answer, answer, is_id, render_answer
from nhskg.queries.names import short_label
from nhskg.queries.plans import in_order
from nhskg.rdf.errors import UsageError
from nhskg.rdf.terms import DERIVED_GRAPH
from nhskg.reasoning.triple_lookup import Facts

LEFT_OUT = "What a plan does not mention or address is left out: --unchanged shows it."


@pytest.fixture(scope="module")
def store(built: Project) -> Store:
    return open_published(built.build).open()


def test_several_values_of_a_parameter_give_the_rows_of_each(store: Store, built: Project) -> None:
    ask = [
        answer(store, built.queries, "roles", {"body": body})
        for body in ("st-ewolds-trust", "county-board")
    ]
    both = answer(store, built.queries, "roles", {"body": ["st-ewolds-trust", "county-board"]})
    assert all(each.rows for each in ask)
    assert sorted(map(str, both.rows)) == sorted(str(row) for each in ask for row in each.rows)


def test_a_default_that_narrows_is_told_and_what_is_given_is_not(
    store: Store, built: Project
) -> None:
    narrowed = answer(store, built.queries, "holders")
    assert narrowed.notes == ("Only sign-off: --power for others.", LEFT_OUT)
    assert "Only sign-off" in render_answer(narrowed, "table")
    assert "Only sign-off" not in render_answer(narrowed, "csv")
    assert answer(store, built.queries, "holders", {"power": "sign-off"}).notes == (LEFT_OUT,)


def test_the_note_of_a_query_is_told_above_its_answer(store: Store, built: Project) -> None:
    found = answer(store, built.queries, "gaps")
    (line,) = re.findall(r"^#\+ note: (.*)", found.query.text, re.MULTILINE)
    assert found.notes[0] == found.query.note == line
    assert answer(store, built.queries, "stances").notes == ()


def test_the_parameters_of_a_query_are_options_and_say_the_same(built: Project) -> None:
    ask = ("--project", built.root, "query", "run", "roles")
    plain = nhskg(*ask, "--body", "st-ewolds-trust", "--body", "county-board", "--format", "csv")
    paired = nhskg(
        *ask, "--param", "body=st-ewolds-trust", "--param", "body=county-board", "--format", "csv"
    )
    listed = nhskg(*ask, "--body", "st-ewolds-trust, county-board", "--format", "csv")
    assert plain.exit_code == 0, plain.output
    assert len(list(csv.reader(plain.stdout.splitlines()))) > 3
    assert plain.stdout == paired.stdout == listed.stdout
    assert "one body, kind of body or post" in nhskg(*ask, "--help").stdout


def test_json_is_a_list_of_objects_and_its_notes_go_to_standard_error(built: Project) -> None:
    ask = ("--project", built.root, "query", "run", "holders", "--format", "json")
    done = nhskg(*ask)
    assert json.loads(done.stdout)[0]["power"] == "sign-off"
    assert done.stderr.startswith("nhskg: only sign-off: --power for others\n")


def test_a_value_that_is_unknown_is_told(store: Store, built: Project) -> None:
    with pytest.raises(UsageError, match="unknown body 'nobody'"):
        answer(store, built.queries, "roles", {"body": ["st-ewolds-trust", "nobody"]})


def test_columns_of_ids_are_known_by_their_names() -> None:
    named = "plan plan_id claim other_claim body_ids claimant document idea"
    assert list(filter(is_id, named.split())) == "plan_id claim other_claim body_ids".split()


def test_no_rows_is_a_sentence_that_says_what_was_looked_for_and_what_it_means(
    store: Store, built: Project
) -> None:
    power = "lead-consultation"
    none = answer(store, built.queries, "holders", {"power": power, "body": "county-board"})
    assert none.rows == []
    shown = render_answer(none, "table", width=60)
    assert shown == render_answer(none, "markdown", width=60)
    told = " ".join(shown.split())
    assert "No claim in the 3 documents answers “What does each plan make" in told
    assert "for power leading consultation, body county board. That does not mean" in told
    assert render_answer(none, "csv").count("\n") == 1


def made(store: Store, project: Project, *rows: dict[str, str]) -> Answer:
    """Return an answer of the given rows."""
    return Answer(answer(store, project.queries, "silences").query, tuple(rows[0]), [*rows])


CLAIM = {"firmness": "should", "claimant": "Mary", "capacity": "warden", "voice": "direct quote"}
PASSAGE = {"document": "gazette", "start": "10", "end": "35", "quote": "so be it"}


def test_people_see_what_belongs_together_in_one_column(store: Store, built: Project) -> None:
    limits = {"deontic": "duty", "part": "in part: the old", "cohort": "old", "with": "the trust"}
    row = {"plan": "Draft", "effect": "gives", "basis": "suggested", **CLAIM, **limits, **PASSAGE}
    given = made(store, built, {**row, "timing": "", "claim": "urn:c", "plan_id": "draft"})
    shown = render_answer(given, "table", layout="record")
    assert shown.splitlines() == [
        "plan         Draft",
        "basis        suggested: gives",
        "who says so  should: Mary, warden — direct quote",
        "limits       duty; in part: the old; with the trust",
        "source       gazette [10-35] “so be it”",
    ]
    assert "urn:c" in render_answer(given, "table", ids=True)
    assert "| urn:c | draft |" in render_answer(given, "markdown", ids=True)
    assert "Draft,gives,suggested" in render_answer(given, "csv")


def test_paragraph_and_sentence_stand_before_the_offsets_and_pairs_have_both_sides(
    store: Store, built: Project
) -> None:
    here = {"claimant": "Mary", **PASSAGE, "paragraph": "4", "sentence_no": "2"}
    row = {**here, **{f"other_{name}": value for name, value in {**here, "start": "40"}.items()}}
    shown = render_answer(made(store, built, row), "table", layout="record").splitlines()
    assert shown[1].endswith("gazette ¶4 s2 [10-35] “so be it”")
    assert shown[3].split("  ")[0] == "other source"
    assert "[40-35]" in shown[3]


def test_rows_that_say_nothing_are_counted_unless_asked_for(store: Store, built: Project) -> None:
    said = {"power": "sign-off", "claims": "3"}
    given = made(store, built, said, *({"power": each, "claims": "0"} for each in "ab"))
    folded = render_answer(given, "table")
    assert "Of 2 more the texts say nothing; --unsaid lists them." in folded
    assert len(render_answer(given, "table", unsaid=True).splitlines()) == 5
    assert render_answer(given, "csv").count("\n") == 4
    alone = made(store, built, {"power": "a", "claims": "0"})
    assert render_answer(alone, "table") == render_answer(alone, "table", unsaid=True)


def test_what_is_the_same_in_each_row_is_said_once_above(store: Store, built: Project) -> None:
    rows = [{"power": "sign-off", "body": body, "gap": ""} for body in ("board", "trust")]
    shown = render_answer(made(store, built, *rows), "table")
    assert shown.count("sign-off") == 1
    assert "gap" not in shown


def test_plans_stand_in_their_order_by_their_short_labels(real: Project) -> None:
    store = open_published(real.build).open()
    shown = render_answer(answer(store, real.queries, "roles"), "markdown")
    plans = [line.split("|")[1].strip() for line in shown.splitlines() if line[:1] == "|"][2:]
    assert len(set(plans)) > 2
    assert list(dict.fromkeys(plans)) == [
        label
        for plan in in_order(store)
        if (label := short_label(Facts(store, NamedNode(DERIVED_GRAPH)), NamedNode(plan))) in plans
    ]
    assert plans[0].startswith("in force")


def test_claims_are_counted_by_columns_with_empty_cells_named(built: Project) -> None:
    ask = ("--project", built.root, "query", "run", "entries", "--count-by", "plan,timing")
    rows = list(csv.DictReader(nhskg(*ask, "--format", "csv").stdout.splitlines()))
    assert {*rows[0]} == {"plan", "timing", "claims"}
    assert any(row["timing"] == "(none)" for row in rows)
    whole = list(csv.DictReader(nhskg(*ask[:-2], "--format", "csv").stdout.splitlines()))
    for row in rows:
        same = {
            each["claim"]
            for each in whole
            if (each["plan"], each["timing"] or "(none)") == (row["plan"], row["timing"])
        }
        assert len(same) == int(row["claims"])
    assert "(none)" in nhskg(*ask, "--format", "table").stdout
    wrong = nhskg(*ask[:-1], "nonsense")
    assert (wrong.exit_code, wrong.stdout) == (2, "")
    assert "unknown column 'nonsense'" in wrong.stderr


def test_yes_and_no_are_flags_and_who_asks_for_a_layout_gets_it_in_a_pipe(built: Project) -> None:
    ask = ("--project", built.root, "query", "run", "tensions")
    whole, without = (nhskg(*ask, each).stdout for each in ("--changes", "--no-changes"))
    assert whole == nhskg(*ask).stdout
    assert without == nhskg(*ask, "--param", "changes=no").stdout != whole
    assert "kind  " in nhskg(*ask, "--layout", "record").stdout


def test_words_are_looked_for_in_what_people_read_and_where_none_has_them_it_is_said(
    real: Project,
) -> None:
    ask = ("--project", real.root, "query", "run")
    none = nhskg(*ask, "relations", "--thing", "burnham-proposal", "--having", "oldham/x")
    assert none.stderr.endswith(" rows none has “oldham/x”\n")
    assert not list(csv.DictReader(none.stdout.splitlines()))
    found = nhskg(*ask, "provisions", "--having", "clinical senate", "--format", "csv")
    rows = list(csv.DictReader(found.stdout.splitlines()))
    assert {row["claim"].rpartition("/")[2] for row in rows} == {
        "clinical-senates-in-force",
        "clinical-senates-abolished",
        "board-hosts-senates",
        "senates-support-locally",
    }


def test_of_tensions_the_pairs_are_counted(real: Project) -> None:
    ask = ("--project", real.root, "query", "run", "tensions", "--no-changes", "--format", "csv")
    rows = list(csv.DictReader(nhskg(*ask).stdout.splitlines()))
    counts = list(csv.DictReader(nhskg(*ask, "--count-by", "kind").stdout.splitlines()))
    pairs = {(row["kind"], row["claim"], row["other_claim"]) for row in rows}
    assert {row["kind"] for row in rows} == {row["kind"] for row in counts}
    assert (
        sum(int(row["pairs"]) for row in counts) == len(pairs) > len({row["claim"] for row in rows})
    )


def test_what_is_asked_about_is_a_column_of_quotes_so_that_things_stand_side_by_side(
    real: Project,
) -> None:
    ask = ("--project", real.root, "query", "run", "quotes")
    asked = ("--about", "hwb", "--about", "ccg", "--count-by", "about", "--format", "csv")
    several = nhskg(*ask, *asked).stdout
    counts = {row["about"]: row["claims"] for row in csv.DictReader(several.splitlines())}
    for slug, label in (
        ("hwb", "health and wellbeing board"),
        ("ccg", "clinical commissioning group"),
    ):
        found = nhskg(*ask, "--about", slug, *asked[4:]).stdout
        (one,) = csv.DictReader(found.splitlines())
        assert counts.pop(label) == one["claims"]
    assert not counts


def test_what_a_reporter_says_that_a_plan_leaves_open_is_a_point_of_who_put_it_forward(
    real: Project,
) -> None:
    ask = ("--project", real.root, "query", "run", "open_points", "--agent", "andy-burnham")
    rows = list(csv.DictReader(nhskg(*ask, "--format", "csv").stdout.splitlines()))
    assert [row["plan_id"] for row in rows if row["kind"] == "silence"] == ["burnham-speech"]
    assert {row["plan_id"].partition("-")[0] for row in rows} == {"burnham"}
