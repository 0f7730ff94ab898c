"""``nhskg list``, ``find``, ``show`` and ``compare`` on the shipped and on an invented corpus."""

from __future__ import annotations

import json
import re

import pytest

from nhskg.graph.store import open_published
from nhskg.project import Project
from nhskg.queries.names import LISTED
from nhskg.queries.pages import read_page, render_page
from tests.cli.runner import nhskg


@pytest.mark.parametrize(
    ("kind", "row"),
    [
        ("bodies", {"id": "hwb", "label": "health and wellbeing board", "claims": "40"}),
        ("people", {"id": "liz-kendall", "label": "Liz Kendall", "claims": "4"}),
        ("budgets", {"id": "running-costs", "label": "running costs", "claims": "3"}),
        ("documents", {"id": "article-abrahams-column", "claims": "66"}),
    ],
)
def test_each_thing_of_a_kind_is_listed_with_the_number_of_its_claims(
    real: Project, kind: str, row: dict[str, str]
) -> None:
    listed = json.loads(nhskg("--project", real.root, "list", kind, "--format", "json").stdout)
    assert [each for each in listed if row.items() <= each.items()]
    assert len({each["id"] for each in listed}) == len(listed)


def test_plans_are_listed_in_the_order_of_time(real: Project) -> None:
    listed = nhskg("--project", real.root, "list", "plans", "--format", "csv").stdout.splitlines()
    ids = [each.split(",")[0] for each in listed]
    assert ids[1:3] == ["in-force-labour-plans", "in-force-nicholson"]
    assert ids.index("burnham-proposal") < ids.index("burnham-speech")


def test_a_list_is_for_people_too(built: Project) -> None:
    done = nhskg("--project", built.root, "list", "plans", "--format", "table", COLUMNS="80")
    assert done.exit_code == 0
    assert "hiram-report" in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 80


def test_every_kind_is_one_of_the_query(real: Project) -> None:
    rows = nhskg("--project", real.root, "query", "run", "things", "--format", "json").stdout
    assert {each["kind"] for each in json.loads(rows)} == set(LISTED.values())


def find(project: Project, *words: str) -> list[dict[str, str]]:
    done = nhskg("--project", project.root, "find", *words, "--format", "json")
    assert done.exit_code == 0, done.stderr
    found: list[dict[str, str]] = json.loads(done.stdout)
    return found


@pytest.mark.parametrize(
    ("words", "first"),
    [
        ("sign off", {"kind": "power", "command": "nhskg show sign-off"}),
        ("HWBs", {"kind": "body", "found_in": "other label: HWB", "command": "nhskg show hwb"}),
        ("pooled budjets", {"kind": "power", "command": "nhskg show hold-pooled-budget"}),
        ("top-down shake", {"kind": "matter", "command": "nhskg show top-down-big-bang-shake-up"}),
    ],
)
def test_the_best_finding_comes_first_with_what_shows_it(
    real: Project, words: str, first: dict[str, str]
) -> None:
    assert first.items() <= find(real, words)[0].items()


def test_all_words_are_in_the_texts_of_what_is_found(real: Project) -> None:
    wide, narrow = find(real, "sign", "--all"), find(real, "sign", "proposals", "--all")
    commands = [each["command"] for each in wide]
    assert 0 < len(narrow) < len(wide)
    assert all(each["command"] in commands for each in narrow)
    assert {"provision", "relation claim"} < {each["kind"] for each in wide}


def test_twenty_are_shown_and_the_others_counted_and_a_word_that_is_nowhere_is_told(
    real: Project,
) -> None:
    assert len(find(real, "care")) == 20 < len(find(real, "care", "--all"))
    done = nhskg("--project", real.root, "find", "care", "--format", "table")
    assert "--all for the others" in done.stdout
    done = nhskg("--project", real.root, "find", "care", "zebra", "--format", "table")
    assert "no text has a word like “zebra”" in done.stdout


@pytest.mark.parametrize(
    ("thing", "kind", "sections"),
    [
        ("Oldham report", "plan", {"Provisions", "Entries", "Gaps"}),
        ("HWB", "body", {"Gains", "Other entries", "Tensions"}),
        ("debbie-abrahams", "person", {"Stances taken", "Quotes"}),
        ("article-miliband", "document", {"Document"}),
        ("sign off", "power", {"Entries"}),
        ("labour wins power", "condition", {"Conditions"}),
        ("thirty-per-cent-of-gp-income-through-qof", "condition", {"Other claims"}),
        ("pooled-health-and-social-care-budget", "budget", {"Entries"}),
        ("article-burnham-interview/hwb-sign-off", "claim", {"Entries", "Tensions"}),
    ],
)
def test_a_page_shows_what_the_stored_queries_know_of_a_thing(
    real: Project, thing: str, kind: str, sections: set[str]
) -> None:
    done = nhskg("--project", real.root, "show", thing, "--format", "json")
    page = json.loads(done.stdout)
    assert page["kind"] == kind
    assert sections <= {name for name, section in page["sections"].items() if section["rows"]}
    for name in sections:
        command, rows = page["sections"][name].values()
        if command and name == "Entries":
            again = nhskg("--project", real.root, *command.split()[1:], "--format", "json")
            assert json.loads(again.stdout) == rows
        elif not command and kind == "claim":
            iri = page["iri"]
            assert all(iri in (row["claim"], row.get("other_claim")) for row in rows)


def test_a_page_fits_the_terminal_and_names_what_it_has_nothing_of(real: Project) -> None:
    page = read_page(open_published(real.build).open(), real.queries, "nicholson-position")
    for width in (80, 100, 120):
        shown = render_page(page, "text", width=width)
        assert max(map(len, shown.splitlines())) <= width
        assert "ENTRIES" in shown
        assert shown.count("\nsource  ") > 10
        assert "\nplan  " not in shown, "it is the page's own"
    done = nhskg("--project", real.root, "show", "health act", COLUMNS="80")
    assert "law health-act-2012 " in done.stdout
    assert "also: Health Act\n" in done.stdout
    assert "nothing on: entries" in done.stdout


def test_a_page_in_markdown_and_of_an_invented_corpus(built: Project) -> None:
    done = nhskg("--project", built.root, "show", "hiram report", "--format", "markdown")
    assert done.stdout.startswith("# ")
    assert "\n## Entries\n\n|" in done.stdout
    document = nhskg("--project", built.root, "show", "gazette-boards").stdout
    assert "source  " in document


def test_a_page_of_several_things_is_of_none(real: Project) -> None:
    done = nhskg("--project", real.root, "show", "miliband")
    assert (done.exit_code, done.stdout) == (2, "")
    assert "  ed-miliband\n" in done.stderr


def test_plans_are_compared_by_power_and_matter(real: Project) -> None:
    ask = ("--project", real.root, "compare", "Oldham report", "burnham-proposal")
    page = json.loads(nhskg(*ask, "--format", "json").stdout)
    assert page["plans"] == ["oldham-report", "burnham-proposal"]
    rows = {name: section["rows"] for name, section in page["sections"].items()}
    topics = {
        name: {(row["power_id"], row["matter_id"]) for row in rows[name]}
        for name in ("What differs", "What agrees", "Only Oldham report", "Only Burnham's proposal")
    }
    assert ("control-budget", "ccg-budgets") in topics["What differs"]
    suggested = rows["What differs only in that some suggest it"]
    assert {(row["matter_id"], row["basis"]) for row in suggested} == {
        ("ccg", "keeps"),
        ("ccg", "suggested"),
    }
    assert sum(map(len, topics.values())) == len(set.union(*topics.values())), "each in one place"
    for topic in topics["What differs"]:
        plans = {
            row["plan_id"]
            for row in rows["What differs"]
            if topic == (row["power_id"], row["matter_id"])
        }
        assert len(plans) == 2
    assert {row["plan_id"] for row in rows["Only Oldham report"]} == {"oldham-report"}
    assert {"merely"} == {row["kind"] for row in rows["Tensions"]}
    assert all(row["quote"] and row["other_quote"] for row in rows["Tensions"])


def test_a_comparison_is_side_by_side_with_the_passages(real: Project) -> None:
    plans = ("burnham-interview", "burnham-proposal", "abrahams-account")
    shown = nhskg("--project", real.root, "compare", *plans, COLUMNS="80").stdout
    assert max(map(len, shown.splitlines())) <= 80
    agrees = shown[shown.index("WHAT AGREES") :]
    assert agrees.index("Burnham's interview  suggested: keeps (to reform into clinical") > 0
    assert re.search(r"^nothing on: .*tensions,\s+conflicts$", shown, re.MULTILINE)
    done = nhskg("--project", real.root, "compare", "oldham", "oldham-report")
    assert (done.exit_code, done.stdout) == (2, "")
    assert "give two plans or more" in done.stderr


def test_what_differs_in_its_passage_only_is_told_once_and_counted_once(real: Project) -> None:
    ask = ("--project", real.root, "compare", "burnham-proposal", "oldham-report")
    shown = nhskg(*ask, COLUMNS="100").stdout
    assert "\nCONFLICTS (1) " in shown
    assert "\nTENSIONS (2) " in shown
    tensions = shown.partition("\nTENSIONS (2) ")[2].partition("\nCONFLICTS")[0]
    assert tensions.count("\nsentence ") == 2
    assert len(re.findall("article-oldham-report ¶[46] s", tensions)) == 2
    rows = json.loads(nhskg(*ask, "--format", "json").stdout)["sections"]["Tensions"]["rows"]
    assert len(rows) == 2, "a program gets a row for each two claims"


def test_an_invented_corpus_is_compared_too(built: Project) -> None:
    plans = ("hiram-report", "quill-vision")
    done = nhskg("--project", built.root, "compare", *plans, "--format", "markdown")
    assert done.exit_code == 0
    assert "\n## " in done.stdout


def test_find_shows_what_has_most_words_and_what_names_a_thing_and_leaves_small_words_aside(
    real: Project,
) -> None:
    ask = ("--project", real.root, "find", "--format", "table")
    shown = nhskg(*ask, "budget", "to", "councils", COLUMNS="80").stdout
    assert "\nnhskg show article-oldham-report/explored-budget-to-local-authority\n" in shown
    most = nhskg(*ask, "nicholson", "qof", "treatment", "tender").stdout
    assert "nothing has all of these words; here is what has" in most
    assert "nhskg show " in most


def test_a_page_of_a_body_begins_with_each_plan_and_says_each_thing_once(real: Project) -> None:
    done = nhskg("--project", real.root, "show", "ccg", COLUMNS="100")
    head = done.stdout.partition("\nGAINS (")[0]
    assert "under Oldham report: gets enacting the plan; keeps controlling the budget" in head
    page = json.loads(nhskg("--project", real.root, "show", "ccg", "--format", "json").stdout)
    sections = page["sections"]
    told = {(row["claim"], row["plan_id"]) for row in sections["Gains"]["rows"]}
    other = {(row["claim"], row["plan_id"]) for row in sections["Other entries"]["rows"]}
    assert told
    assert other
    assert not told & other
    claim = nhskg("--project", real.root, "show", "article-burnham-interview/hwb-sign-off").stdout
    heads = re.findall(r"^([A-Z ]+) \(", claim, re.MULTILINE)
    assert len(heads) == len(set(heads))
    document = nhskg("--project", real.root, "show", "article-miliband").stdout
    assert "timing: document/" not in document
    assert re.search(r"^DOCUMENT \(\d+ claims\)", document, re.MULTILINE)


def test_plans_are_compared_in_what_concerns_a_body_and_the_command_beside_gives_as_many(
    real: Project,
) -> None:
    ask = ("--project", real.root, "compare", "oldham-report", "burnham-proposal")
    page = json.loads(nhskg(*ask, "--body", "ccg", "--format", "json").stdout)
    bodies = {row["body_id"] for row in page["sections"]["What differs"]["rows"]}
    assert bodies - {""} == {"ccg"}, "what names no body may concern it"
    command, rows = page["sections"]["Tensions"].values()
    again = nhskg("--project", real.root, *command.split()[1:], "--format", "json")
    assert json.loads(again.stdout) == rows != []
