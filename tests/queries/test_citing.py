"""Citations: of graph, claim and document, in three forms; and passages in full from the texts."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest
from pyoxigraph import Store
from tests.cli.runner import nhskg

from nhskg.graph.store import open_published
from nhskg.project import Project
from nhskg.queries.answers import Answer, answer
from nhskg.queries.citing import (
    Citation,
    citations,
    number_rows,
    read_source,
    render_citations,
    with_passages,
)
from nhskg.queries.engine import Row, select
from nhskg.rdf.terms import ID

GRAPH = "https://w3id.org/nhskg/"
COLUMN = f"{ID}claim/article-abrahams-column/labour-seeks-to-mollify"
INTERVIEW = Row(claim=f"{ID}claim/article-burnham-interview/hwb-sign-off")
HEADLINE = Row(document="article-abrahams-column", start="2472", end="2516", claim=COLUMN)


@pytest.fixture(scope="module")
def store(real: Project) -> Store:
    return open_published(real.build).open()


@pytest.fixture(scope="module")
def conflicts(store: Store, real: Project) -> Answer:
    return answer(store, real.queries, "conflicts")


def invented(**values: str) -> Citation:
    """A citation of a document with characters that BibTeX reads as commands."""
    names = (
        "label title type outlet stated after before during earliest latest document uri licence"
    ).split()
    place = Row(start="3", end="9", paragraph="2", sentence="1", quote="so % far")
    place |= {name: values.pop(f"of_{name}", "") for name in ("locator", "uri")}
    document = dict.fromkeys(names, "") | {"label": r"A 5% {cut} & a_b #1 \x ~ ^ $"} | values
    return Citation(f"{ID}claim/paper/cut", document, (place,))


def test_a_list_names_document_date_place_claim_and_graph(store: Store, conflicts: Answer) -> None:
    """What no text gives is said; a line is no wider than asked, and an IRI is never broken."""
    cited = citations(store, conflicts.rows)
    told = render_citations(cited, "list", width=100)
    assert "interview with Andy Burnham, no date in the text; " in " ".join(
        render_citations(citations(store, [INTERVIEW]), "list").split()
    )
    assert re.findall(r"^\[(\d+)\]", told, re.MULTILINE) == ["1", "2"]
    one_line = " ".join(told.split())
    assert (
        "[1] Article on the speeches of Ed Miliband and Andy Burnham, after Andy Burnham's speech "
        "to the medical leaders conference and before report of the independent commission on "
        "whole person care (“expected to be published before the end of March”); "
        "paragraph 4, sentence 1, characters 635–822: “CCGs would merely have an advisory role”. "
        f"{ID}claim/article-miliband/ccg-advisory-role" in one_line
    )
    assert "Oldham report, not before 2013-01 (“HSJ reported in January 2013”);" in one_line
    assert one_line.endswith(GRAPH)
    for width in (40, 80):
        lines = render_citations(cited, "list", width=width).splitlines()
        assert all(len(line) <= width or len(line.split()) == 1 for line in lines)
    assert f" {ID}claim/article-oldham-report/ccg-budgets" in render_citations(
        cited, "list", width=40
    )


def test_a_headline_outlet_and_date_stand_where_there_are_any(store: Store) -> None:
    (cited,) = citations(store, [HEADLINE, HEADLINE])
    (told, *_) = render_citations([cited], "list", width=500).splitlines()
    assert told.startswith(
        "[1] “Labour seeks to mollify reorganisation fears”, article, before “next year’s general "
        "election”; paragraph 15, sentence 1, characters 2472–2516: "
    )
    item = json.loads(render_citations([invented(outlet="The Gazette", title="Cut!")], "csl-json"))
    assert [item[1][name] for name in ("title", "container-title")] == ["Cut!", "The Gazette"]


def test_address_licence_and_locator_stand_where_there_are_any() -> None:
    act, part = "https://law.example/act", "https://law.example/act/194"
    cited = invented(uri=act, licence="OGL", of_locator="s 194(2)", of_uri=part)
    where = f"{act}; licence: OGL; s 194(2), {part}; paragraph 2, sentence 1, characters 3–9"
    assert f"no date in the text; {where}: " in render_citations([cited], "list", width=500)
    (_, item) = json.loads(render_citations([cited], "csl-json"))
    assert item["note"].startswith(f"{where}: ")
    assert f"; licence: OGL; s 194(2), {part}; p" in render_citations([cited], "bibtex")


def test_all_passages_of_a_claim_are_cited_its_quote_first(store: Store) -> None:
    claim = f"{ID}claim/article-abrahams-column/reforms-proposed-by-labour"
    (all_of_it,) = citations(store, [{"claim": claim}])
    (other,) = citations(store, [{"other_claim": claim, "other_start": "0", "other_end": "147"}])
    assert all_of_it == other
    assert [each["start"] for each in other.passages] == ["0", "148"]
    assert citations(store, [{"claim": ""}, {}]) == []


def test_bibtex_has_an_entry_for_the_graph_and_each_claim(store: Store, conflicts: Answer) -> None:
    """Keys are of the ids; what BibTeX reads as a command is escaped, and braces balance."""
    told = render_citations(citations(store, conflicts.rows), "bibtex")
    assert re.findall(r"^@misc\{(.*),$", told, re.MULTILINE) == [
        "nhskg",
        "article-miliband:ccg-advisory-role",
        "article-oldham-report:ccg-budgets-largely-intact",
    ]
    entry = render_citations([invented()], "bibtex").split("\n\n")[1]
    assert (
        r"title = {{A 5\% \{cut\} \& a\_b \#1 \textbackslash{}x \textasciitilde{} "
        r"\textasciicircum{} \$}}" in entry
    )
    assert r"“so \% far”" in entry
    bare = re.sub(r"\\[{}]", "", entry)
    assert bare.count("{") == bare.count("}")


def test_csl_json_is_items_with_unique_ids(store: Store, conflicts: Answer) -> None:
    items = json.loads(render_citations(citations(store, conflicts.rows), "csl-json"))
    assert [item["id"] for item in items] == [
        "nhskg",
        "article-miliband:ccg-advisory-role",
        "article-oldham-report:ccg-budgets-largely-intact",
    ]
    assert [item["type"] for item in items] == ["dataset", "article", "article"]
    (_, undated) = json.loads(render_citations(citations(store, [INTERVIEW]), "csl-json"))
    assert "issued" not in undated
    assert items[2]["issued"] == {"literal": "not before 2013-01 (“HSJ reported in January 2013”)"}
    assert items[2]["URL"].endswith("/claim/article-oldham-report/ccg-budgets-largely-intact")


def test_rows_have_the_numbers_of_their_citations(store: Store, conflicts: Answer) -> None:
    cited = citations(store, conflicts.rows)
    numbered = number_rows(conflicts.rows, cited, in_full=False)
    assert [(row["cite"], row["quote"]) for row in numbered] == [("[1]", ""), ("[2]", "")]
    in_full = number_rows(conflicts.rows, cited, in_full=True)
    assert in_full[1]["cite"].endswith(cited[1].claim)
    assert in_full[1]["quote"] == "and their budgets largely left intact"


def test_passages_are_read_from_the_text_that_was_annotated(built: Project, tmp_path: Path) -> None:
    """A text that is missing, or is another one, is reported once, and its passages stay empty."""
    texts = shutil.copytree(built.root / "texts", tmp_path / "texts")
    store = open_published(built.build).open()
    positions = """SELECT ?document ?start ?end ?quote {
      ?evidence oa:hasSource/skos:notation ?document ; oa:hasSelector ?position , ?marked .
      ?position oa:start ?start ; oa:end ?end . ?marked oa:exact ?quote
    }"""
    rows = select(store, positions)
    found, notes = with_passages(store, rows, texts)
    assert notes == []
    assert len(found) > 100
    assert all(" ".join(row["quote"].split()) in row["passage"] for row in found)
    (texts / "gazette-boards.txt").unlink()
    (texts / "gazette-sequel.txt").write_text("Another.")
    found, notes = with_passages(store, rows, texts)
    other = f"{texts / 'gazette-sequel.txt'} is not the text that was annotated: its digest differs"
    assert set(notes) == {
        f"no passages of gazette-boards in full: gazette-boards.txt is not in {texts}",
        f"no passages of gazette-sequel in full: {other}",
    }
    kept = {row["document"] for row in found if row["passage"]}
    assert kept == {"chronicle-reply"}


def test_the_command_cites_below_beside_or_alone(real: Project, tmp_path: Path) -> None:
    """A table has the list below it, CSV a column; BibTeX and CSL-JSON stand alone."""

    def run(*arguments: str) -> str:
        done = nhskg("--project", real.root, "query", "run", "conflicts", *arguments, COLUMNS="100")
        assert done.exit_code == 0, done.output
        return done.stdout

    table = run("--format", "table", "--cite", "list")
    assert table.index("[2]") < table.index("\n[1] Article on")
    first, row, *_ = run("--format", "tsv", "--cite", "list").splitlines()
    assert first.split("\t")[-1] == "cite"
    assert row.split("\t")[-1].startswith("Article on the speeches")
    assert run("--cite", "bibtex").startswith("@misc{nhskg,")
    assert json.loads(run("--cite", "csl-json"))[0]["id"] == "nhskg"
    bare = " ".join(run("--format", "table").split())
    assert bare.endswith(
        "article-oldham-report: Article on the recommendations of the Oldham report, not before "
        "2013-01 (“HSJ reported in January 2013”)"
    )
    assert "Article on" not in run("--format", "csv")
    found = nhskg("--project", real.root, "find", "competition", "--all", "--cite", "csl-json")
    assert {each["id"] for each in json.loads(found.stdout)} > {"nhskg"}
    nothing = nhskg("--project", real.root, "query", "run", "things", "--cite", "list")
    assert "nhskg: no row of this answer has a claim to cite\n" in nothing.stderr
    asked = ("--project", real.root, "query", "run", "conflicts", "--texts", tmp_path)
    assert "nhskg: no passages of article-miliband in full: " in nhskg(*asked).stderr
    assert "passage" not in run("--format", "csv").splitlines()[0]


def test_the_matrix_cites_in_its_own_order_and_a_grid_by_its_own_numbers(
    real: Project, texts: Path
) -> None:
    def run(*arguments: str) -> str:
        asked = ("--power", "sign-off", "--plan", "burnham-interview", *arguments)
        done = nhskg("--project", real.root, "matrix", *asked, COLUMNS="100")
        assert done.exit_code == 0, done.output
        return done.stdout

    place = (
        "paragraph 3, sentence 2, characters 582–663: “the health and wellbeing board is signing"
    )
    table, _, below = run("--format", "table", "--cite", "list").partition("\n[1] ")
    assert "article-burnham-interview [" not in table
    assert place in " ".join(below.split())
    _, _, below = run("--format", "table", "--grid", "--cite", "list").partition("\n[2] ")
    assert place in " ".join(below.partition("\n[")[0].split())
    assert [item["id"] for item in json.loads(run("--cite", "csl-json"))] == [
        "nhskg",
        "article-burnham-interview:lead-hwb-sign-off",
        "article-burnham-interview:hwb-sign-off",
    ]
    assert run("--format", "csv").splitlines()[0].endswith(",quote,also")
    first, *rows = run("--format", "csv", "--texts", str(texts)).splitlines()
    assert first.endswith(",quote,also,passage")
    assert len(rows) == 2
    assert all(row.count("“signing off”") == 2 or "I envisage" in row for row in rows)


def test_pages_cite_each_claim_and_passage_that_they_show(real: Project, texts: Path) -> None:
    def run(*arguments: str) -> str:
        done = nhskg("--project", real.root, *arguments, COLUMNS="100")
        assert done.exit_code == 0, done.output
        return done.stdout

    told = run("show", "quality-premium", "--cite", "list")
    numbers = [int(each) for each in re.findall(r"^\[(\d+)\] Article", told, re.MULTILINE)]
    assert numbers == list(range(1, len(numbers) + 1))
    assert {int(each) for each in re.findall(r"^cite +\[(\d+)\]", told, re.MULTILINE)} == {*numbers}
    claim = "article-nicholson/quality-premium-incentivises"
    told = " ".join(run("show", claim, "--texts", str(texts)).split())
    assert "passage The document will also give details" in told
    compared = ("compare", "oldham-report", "burnham-proposal")
    cited = {item["URL"] for item in json.loads(run(*compared, "--cite", "csl-json"))}
    sections = json.loads(run(*compared, "--format", "json"))["sections"].values()
    rows = [row for section in sections for row in section["rows"]]
    claims = {row.get(name) for row in rows for name in ("claim", "other_claim")}
    assert cited == {GRAPH} | claims - {"", None}


def test_a_text_is_of_its_folder_whatever_name_a_store_or_link_gives(tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("secret", "utf-8")
    texts = tmp_path / "texts"
    texts.mkdir()
    (texts / "link.txt").symlink_to(tmp_path / "secret.txt")
    (texts / "own.txt").write_text("own", "utf-8")
    for name in ("../secret.txt", str(tmp_path / "secret.txt"), "link.txt"):
        text, problem = read_source(texts, name, "")
        assert (text, bool(problem)) == ("", True), name
    assert read_source(texts, "own.txt", "") == ("own", "")
