"""The tables of a dump: CSV as the program answers, described by CSVW, and the same as SQLite."""

from __future__ import annotations

import csv
import json
import re
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any
from urllib.parse import quote
from urllib.request import urlopen

import pytest
import yaml
from pyoxigraph import NamedNode, RdfFormat, parse
from tests.cli.runner import nhskg

from nhskg.graph.store import open_published
from nhskg.project import Project
from nhskg.queries.stored import list_queries
from nhskg.rdf.errors import InputError, QueryError
from nhskg.rdf.files import Folders
from nhskg.release.source import Source
from nhskg.release.tables import write_tables

ROOT = Path(__file__).parents[2]
GOLDEN = ROOT / "tests" / "queries" / "golden"
METADATA = "csv-metadata.json"
Tables = dict[str, dict[str, Any]]


def _rows(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def _cells(path: Path, column: str) -> list[str]:
    header, *rows = _rows(path)
    return [row[header.index(column)] for row in rows] if column in header else []


def _tables(folder: Path) -> Tables:
    group = json.loads((folder / METADATA).read_text("utf-8"))
    return {table["url"]: table for table in group["tables"]}


@pytest.fixture(params=["dumped", "dumped_small"])
def folder(request: pytest.FixtureRequest) -> Path:
    """The dump of the shipped corpus, then that of our own."""
    return request.getfixturevalue(request.param)  # type: ignore[no-any-return]


def test_each_answer_is_that_of_the_query(dumped: Path) -> None:
    """With lines that end in CR LF; and no other file is there."""
    names = [query.name for query in list_queries(ROOT / "queries")]
    assert sorted(path.stem for path in (dumped / "answers").iterdir()) == sorted(names)
    for name in names:
        golden = (GOLDEN / f"{name}.csv").read_bytes()
        assert (dumped / "answers" / f"{name}.csv").read_bytes() == golden.replace(b"\n", b"\r\n")


@pytest.mark.parametrize("name", ["holders", "quotes", "tensions"])
def test_each_answer_is_what_the_program_prints(
    built: Project, dumped_small: Path, name: str
) -> None:
    told = nhskg("--project", built.root, "query", "run", name, "--format", "csv")
    assert (dumped_small / "answers" / f"{name}.csv").read_bytes() == told.stdout_bytes


@pytest.mark.parametrize(("name", "project"), [("dumped", "real"), ("dumped_small", "built")])
def test_the_matrix_and_its_view_are_what_the_program_prints(
    request: pytest.FixtureRequest, name: str, project: str
) -> None:
    """The cells of which no text says anything are in a view of the database."""
    folder, of = request.getfixturevalue(name), request.getfixturevalue(project)
    told = nhskg("--project", of.root, "matrix", "--all", "--unchanged", "--format", "csv")
    header, *printed = list(csv.reader(told.stdout.splitlines()))
    basis, ids = (
        header.index("basis"),
        [header.index(f"{n}_id") for n in ("plan", "power", "matter")],
    )
    unsaid = [row for row in printed if row[basis] == "no text says"]
    said = [row for row in printed if row[basis] != "no text says"]
    assert _rows(folder / "matrix.csv") == [header, *said]
    with closing(sqlite3.connect(folder / "nhskg.sqlite")) as database:
        view = database.execute("SELECT plan_id, power_id, matter_id FROM no_text_says").fetchall()
    assert said
    assert unsaid
    assert sorted(view) == sorted(tuple(row[place] for place in ids) for row in unsaid)


def test_each_column_is_described_in_order(folder: Path) -> None:
    """By a sentence of its own; and each of ``columns.yaml`` is a column of some table."""
    tables = _tables(folder)
    files = {path.relative_to(folder).as_posix() for path in folder.rglob("*.csv")}
    assert set(tables) == files
    known, used = yaml.safe_load((ROOT / "queries" / "columns.yaml").read_text("utf-8")), set()
    for url, table in tables.items():
        columns = table["tableSchema"]["columns"]
        assert [column["titles"] for column in columns] == _rows(folder / url)[0]
        for column in columns:
            assert column["dc:description"].endswith("."), column
            assert not column["dc:description"].startswith("The variable"), column
            used.add(column["name"])
        assert table["dc:title"]
        assert table["dc:description"]
    assert used == set(known)


def test_a_description_says_what_an_answer_leaves_out(dumped: Path) -> None:
    tables = _tables(dumped)
    told = tables["answers/holders.csv"]["dc:description"]
    assert told == (
        "What does each plan make of this power, for which body, on what basis, and who says so"
        " where? Only sign-off, which is the default of the parameter power. What a plan does not"
        " mention or address is left out; the table matrix has all."
    )
    assert "no_text_says" in tables["matrix.csv"]["dc:description"]


def test_the_licence_is_told_of_the_corpus_that_ships_only(
    dumped: Path, dumped_small: Path
) -> None:
    for folder, licence in ((dumped, "by/4.0"), (dumped_small, None)):
        group = json.loads((folder / METADATA).read_text("utf-8"))
        assert group["dc:isPartOf"]["@id"].endswith("/dataset")
        assert ("dc:license" in group) == bool(licence)
        assert licence is None or licence in group["dc:license"]["@id"]


def _is_valid(folder: Path) -> bool:
    from csvw import CSVW  # it is slow to import

    try:
        return bool(CSVW(str(folder / METADATA), validate=True).is_valid)
    except ValueError:
        return False


@pytest.mark.filterwarnings("ignore")
def test_the_description_is_valid_csvw(dumped_small: Path, tmp_path: Path) -> None:
    """As the library csvw sees three of its tables; it finds a value that is no key."""
    shutil.copytree(dumped_small / "answers", tmp_path / "answers")
    names = [f"answers/{name}.csv" for name in ("things", "document", "losses")]
    group = json.loads((dumped_small / METADATA).read_text("utf-8"))
    group["tables"] = [table for table in group["tables"] if table["url"] in names]
    (tmp_path / METADATA).write_text(json.dumps(group), "utf-8")
    assert _is_valid(tmp_path)
    header, first, *_ = _rows(tmp_path / names[-1])
    first[header.index("document")] = "no-such-document"
    with (tmp_path / names[-1]).open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([header, first])
    assert not _is_valid(tmp_path)


@pytest.mark.services
@pytest.mark.filterwarnings("ignore")
def test_the_whole_description_is_valid_csvw(folder: Path) -> None:
    assert _is_valid(folder)


def test_keys_are_those_that_hold(folder: Path) -> None:
    tables = _tables(folder)
    assert tables["answers/things.csv"]["tableSchema"]["primaryKey"] == "id"
    assert tables["answers/document.csv"]["tableSchema"]["primaryKey"] == "claim"
    links = {
        url: {each["columnReference"] for each in table["tableSchema"]["foreignKeys"]}
        for url, table in tables.items()
    }
    assert links["answers/losses.csv"] == {"claim", "document", "plan_id", "power_id", "matter_id"}
    lists = {
        url
        for url, table in tables.items()
        for column in table["tableSchema"]["columns"]
        if column["name"] == "body_id" and "separator" in column
    }
    several = {
        url for url in tables if any(" " in each for each in _cells(folder / url, "body_id"))
    }
    assert lists == several
    assert "claim" not in links["answers/statuses.csv"]  # a plan without a status has no claim
    (claim,) = (
        column
        for column in tables["answers/statuses.csv"]["tableSchema"]["columns"]
        if column["name"] == "claim"
    )
    assert claim["dc:references"] == "answers/document.csv"
    about = {url: table["tableSchema"].get("aboutUrl") for url, table in tables.items()}
    assert about.pop("answers/things.csv") == "{+iri}"
    assert about.pop("answers/document.csv") == "{+claim}"
    assert set(about.values()) == {None}  # several rows may be of one claim


def test_what_the_description_says_is_in_the_graph(folder: Path) -> None:
    """The IRI that a cell stands for is described; what a cell says of a claim or thing is stated.

    Of the row itself it is said only from which claim it is derived.
    """
    quads = list(parse(path=str(folder / "nhskg.nq"), format=RdfFormat.N_QUADS))
    described = {quad.subject.value for quad in quads if isinstance(quad.subject, NamedNode)}
    stated = {tuple(getattr(each, "value", "") for each in tuple(quad)[:3]) for quad in quads}
    values, said, of_rows = set[str](), set[tuple[str, ...]](), set[tuple[str, ...]]()
    for url, table in _tables(folder).items():
        header, *rows = _rows(folder / url)
        for column, row in product(table["tableSchema"]["columns"], rows):
            cells = dict(zip(header, row, strict=True))
            value, about = cells[column["name"]], column.get("aboutUrl")
            about = about or table["tableSchema"].get("aboutUrl")
            if value and "valueUrl" in column:
                values.add(re.sub(r"\{\+?\w+\}", quote(value, safe="/:"), column["valueUrl"]))
            if value and "propertyUrl" in column and "suppressOutput" not in column:
                subject = re.sub(r"\{\+(\w+)\}", lambda name, of=cells: of[name[1]], about or "")
                (said if about else of_rows).add((subject, column["propertyUrl"], value))
    assert values
    assert values - described == set()
    assert said
    assert said - stated == set()
    assert {name for _, name, _ in of_rows} == {"http://www.w3.org/ns/prov#wasDerivedFrom"}


def test_each_id_of_a_table_leads_to_its_iri(dumped: Path) -> None:
    (sign_off,) = (row for row in _rows(dumped / "answers" / "things.csv") if row[1] == "sign-off")
    assert sign_off[-1] == "https://w3id.org/nhskg/ns#SignOff"
    found = {row[1] for row in _rows(dumped / "answers" / "things.csv")}
    for url, table in _tables(dumped).items():
        for column in table["tableSchema"]["columns"]:
            if column["name"] == "body_ids" or "dc:references" in column or "separator" in column:
                ids = {
                    part for cell in _cells(dumped / url, column["name"]) for part in cell.split()
                }
                claims = {each for each in ids if "/claim/" in each}
                assert ids - claims - found == set(), (url, column["name"])


def test_the_database_has_the_rows_of_the_csv(folder: Path) -> None:
    with closing(sqlite3.connect(folder / "nhskg.sqlite")) as database:
        ask = database.execute
        assert ask("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert ask("PRAGMA foreign_key_check").fetchall() == []
        assert len(ask("PRAGMA foreign_key_list(matrix)").fetchall()) >= 4
        for url, table in _tables(folder).items():
            header, *rows = _rows(folder / url)
            found = ask(f'SELECT * FROM "{Path(url).stem}" ORDER BY rowid').fetchall()
            shown = [["" if cell is None else str(cell) for cell in row] for row in found]
            assert shown == rows, url
            for place, column in enumerate(table["tableSchema"]["columns"]):
                kind = int if column.get("datatype") == "integer" else str
                assert {type(row[place]) for row in found} <= {kind, type(None)}, column
            told = ask("SELECT title, about FROM about_tables WHERE file = ?", [url]).fetchall()
            assert told == [(table["dc:title"], table["dc:description"])]
            listed = ask(
                'SELECT name FROM about_columns WHERE "table" = ? ORDER BY rowid', [Path(url).stem]
            )
            assert [name for (name,) in listed] == header


def _write(project: Project, folder: Path, **queries: str) -> Path:
    """Write the tables of some queries of one's own, and of no other."""
    (folder / "queries").mkdir()
    shutil.copy(ROOT / "queries" / "columns.yaml", folder / "queries")
    for name, text in queries.items():
        (folder / "queries" / f"{name}.rq").write_text(text, "utf-8")
    (folder / "out").mkdir()
    own = replace(project, queries=Folders((folder / "queries",)))
    write_tables(Source(own, open_published(project.build).open()), folder / "out")
    return folder / "out"


def test_tables_of_queries_of_ones_own(built: Project, tmp_path: Path) -> None:
    """Also without things and documents, with a default that the corpus lacks, and odd cells."""
    header = "#+ title: Mine\n#+ question: Which?\n"
    cells = 'VALUES (?plan_id ?x) { ("=1+1" "a, \\"b\\"\\r\\nc") ("nowhere" UNDEF) }'
    unknown = "#+ parameters: {plan: {type: plan, default: nowhere}}\n#+ columns: [asked_plan]\n"
    out = _write(
        built,
        tmp_path,
        **{'my "own"': f"{header}#+ columns: [plan_id, x]\nWHERE {{ {cells} }}\n"},
        lone=f"{header}{unknown}WHERE {{ VALUES ?asked_plan {{ UNDEF }} }}\n",
    )
    raw = (out / "answers" / 'my "own".csv').read_bytes()
    assert raw == b'plan_id,x\r\n=1+1,"a, ""b""\r\nc"\r\nnowhere,\r\n'
    mine = _tables(out)['answers/my "own".csv']
    assert mine["tableSchema"]["foreignKeys"] == []
    assert mine["tableSchema"]["columns"][1]["dc:description"] == "The variable x of the query."
    with closing(sqlite3.connect(out / "nhskg.sqlite")) as database:
        found = database.execute('SELECT * FROM "my ""own"""').fetchall()
        lone = database.execute("SELECT * FROM lone").fetchall()
    assert found == [("=1+1", 'a, "b"\r\nc'), ("nowhere", None)]
    assert lone == [(None,)]


@pytest.mark.parametrize(
    ("ids", "plans", "key", "refers", "is_link"),
    [
        ('"a" "b"', '"a" "a"', "id", True, True),
        ('"a" "b"', '"a" UNDEF', "id", True, False),
        ('"a" "b"', '"a" "c"', "id", False, False),
        ('"a" UNDEF', '"a"', None, False, False),
    ],
    ids=["holds", "with-an-empty-cell", "does-not-hold", "to-no-key"],
)
def test_a_reference_is_declared_where_it_holds(
    built: Project,
    tmp_path: Path,
    ids: str,
    plans: str,
    key: str | None,
    *,
    refers: bool,
    is_link: bool,
) -> None:
    query = (
        "#+ title: T\n#+ question: Which?\n#+ columns: [{0}]\nWHERE {{ VALUES ?{0} {{ {1} }} }}\n"
    )
    own = {"things": query.format("id", ids), "plans": query.format("plan_id", plans)}
    out = _write(built, tmp_path, **own)
    tables = _tables(out)
    schema = tables["answers/plans.csv"]["tableSchema"]
    assert tables["answers/things.csv"]["tableSchema"].get("primaryKey") == key
    assert ("dc:references" in schema["columns"][0]) == refers
    assert bool(schema["foreignKeys"]) == is_link
    with closing(sqlite3.connect(out / "nhskg.sqlite")) as database:
        assert bool(database.execute("PRAGMA foreign_key_list(plans)").fetchall()) == refers
        assert database.execute("PRAGMA foreign_key_check").fetchall() == []


@pytest.mark.parametrize(
    ("name", "text", "error", "message"),
    [
        ("about_tables", "WHERE { VALUES ?x { 1 } }", InputError, "about_tables"),
        ("twice", "SELECT ?x ?X { VALUES (?x ?X) { (1 2) } }", InputError, "duplicate column"),
        ("built", "CONSTRUCT { ?x a ?x } WHERE { ?x a ?x }", QueryError, "SELECT"),
    ],
)
def test_a_query_that_cannot_be_a_table(
    built: Project, tmp_path: Path, name: str, text: str, error: type[Exception], message: str
) -> None:
    query = f"#+ title: Mine\n#+ question: Which?\n#+ columns: [x]\n{text}\n"
    with pytest.raises(error, match=message):
        _write(built, tmp_path, **{name: query})


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("- plan", "not a mapping of columns"),
        ("plan: [", "2:1: not valid YAML"),
        ("3", "not a mapping of columns"),
        ("plan: 3", "'plan' has neither a sentence nor a mapping"),
    ],
)
def test_columns_that_cannot_be_read(
    built: Project, tmp_path: Path, text: str, message: str
) -> None:
    (tmp_path / "columns.yaml").write_text(text, "utf-8")
    own = replace(built, queries=Folders((tmp_path,)))
    with pytest.raises(InputError, match=message):
        write_tables(Source(own, open_published(built.build).open()), tmp_path)


@pytest.mark.services
def test_datasette_serves_the_database(dumped: Path) -> None:
    """As it is: a table, and a question in SQL, by its JSON API."""
    pytest.importorskip("datasette", reason="datasette is not installed; requirements/docs.txt")
    command = [sys.executable, "-m", "datasette", "serve", "--host", "127.0.0.1", "--port", "0"]
    database = str(dumped / "nhskg.sqlite")
    with subprocess.Popen([*command, database], stderr=subprocess.PIPE, text=True) as server:
        try:
            lines = iter(server.stderr or ())
            told = (re.search(r"running on (http://127\.0\.0\.1:\d+)", line) for line in lines)
            (address,) = next(filter(None, told)).groups()
            table = f"{address}/nhskg/losers.json?_shape=array&plans__gt=1&_size=max"
            with urlopen(table) as answer:
                claims = [row["claim"] for row in json.load(answer)]
            asked = quote("SELECT count(*) AS number FROM no_text_says")
            with urlopen(f"{address}/nhskg.json?_shape=array&sql={asked}") as answer:
                ((number,),) = (row.values() for row in json.load(answer))
        finally:
            server.terminate()
    header, *rows = _rows(dumped / "answers" / "losers.csv")
    claim, plans = header.index("claim"), header.index("plans")
    assert claims == [row[claim] for row in rows if int(row[plans]) > 1]
    assert number > 0
