"""Writes the matrix and the answer of each stored query: CSV with a description, and SQLite.

``matrix.csv`` and ``answers/<query>.csv`` are described in ``csv-metadata.json`` by the W3C's
`Metadata Vocabulary for Tabular Data <https://www.w3.org/TR/tabular-metadata/>`_ (CSVW), with what
``columns.yaml`` beside the queries says of columns; ``nhskg.sqlite`` has the same tables.
"""

# ruff: noqa: S608  # SQL is put together of names only, which are quoted

from __future__ import annotations

import csv
import json
import os
import sqlite3
import sys
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from itertools import islice
from pathlib import Path
from typing import Any, Final

from pyoxigraph import QueryResultsFormat, QuerySolutions, Store

from nhskg.queries.answers import is_id
from nhskg.queries.engine import evaluate, evaluating
from nhskg.queries.formats import render_rows
from nhskg.queries.matrix import UNTOUCHED, read_entries, read_matrix, render_matrix
from nhskg.queries.stored import StoredQuery, bind, list_queries
from nhskg.rdf import terms
from nhskg.rdf.errors import InputError, Place, QueryError, UsageError
from nhskg.rdf.files import AnyFolder, find_file, read_text
from nhskg.rdf.yaml_source import load_plain
from nhskg.release.source import Source

_KEYS: Final = {"answers/things.csv": "id", "answers/document.csv": "claim"}
"""The tables that others refer to, and by which column."""
_Csvw = dict[str, Any]
"""A part of the description, in the words of CSVW."""


def write_tables(source: Source, folder: Path) -> None:
    """Write the tables of a release.

    Raises InputError where ``columns.yaml`` is at fault or a stored query cannot be a table, and
    QueryError where one cannot be evaluated, or is no SELECT.
    """
    known, tables, credit = _read_columns(source.project.queries), list[_Csvw](), source.credit
    with closing(sqlite3.connect(folder / "nhskg.sqlite", isolation_level=None)) as database:
        try:
            database.executescript(Path(__file__).with_suffix(".sql").read_text("utf-8"))
            for table in _write_csv(source, folder):
                tables.append(table)
                _add_table(database, tables, folder, known)
            database.execute("COMMIT")
        except sqlite3.Error as error:
            message = f"the answers cannot be tables: {error}; rename the query or its column"
            raise InputError(message, place=Place(folder)) from error
    title = "nhskg" if credit is None else credit.get("title", "A corpus made with nhskg")
    group = {
        "@context": ["http://www.w3.org/ns/csvw", {"@language": "en"}],
        "dc:title": f"{title}: the matrix and the answers of the stored queries",
        "dc:description": "Cells are not escaped: a spreadsheet may take one for a formula.",
        "dc:isPartOf": {"@id": terms.in_base("dataset")},
        **({"dc:license": {"@id": source.licence}} if source.licence else {}),
        "dialect": {"encoding": "utf-8", "lineTerminators": ["\r\n"], "header": True},
        "tables": tables,
    }
    text = json.dumps(group, ensure_ascii=False, indent=1) + "\n"
    (folder / "csv-metadata.json").write_text(text, "utf-8", newline="\n")


def _read_columns(folder: AnyFolder) -> Mapping[str, Any]:
    path = find_file(folder, "columns.yaml") or Path(folder) / "columns.yaml"
    try:
        known = dict[str, Any](load_plain(read_text(path), path))
    except (TypeError, ValueError) as error:
        told = " ".join(str(error).split())
        raise InputError(f"not a mapping of columns: {told}", place=Place(path)) from error
    for name, facts in known.items():
        if not isinstance(facts, str | dict):
            message = f"'{name}' has neither a sentence nor a mapping"
            raise InputError(message, place=Place(path))
    return known


def _write_csv(source: Source, folder: Path) -> Iterator[_Csvw]:
    """Write each table, those first that others refer to; yield its file, title and question.

    As many are made at a time as there are processors: first that which takes longest, the matrix,
    then the tables that others refer to, then those of the longest queries.
    """
    store, project = source.asked, source.project
    (folder / "answers").mkdir()
    queries = {f"answers/{query.name}.csv": query for query in list_queries(project.queries)}
    by_length = sorted(queries, key=lambda url: len(queries[url].text), reverse=True)
    keys, jobs = list(filter(queries.get, _KEYS)), dict[str, Future[None]]()
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        if entries := queries.get(of := "answers/entries.csv"):
            jobs[of] = pool.submit(_write_matrix, store, project.queries, entries, folder)
        for url in (each for each in dict.fromkeys([*keys, *by_length]) if each not in jobs):
            jobs[url] = pool.submit(_write_answer, store, queries[url], folder / url)
        for url in dict.fromkeys([*keys, *queries]):
            jobs[url].result()
            about = " ".join([queries[url].question, *_notes(queries[url])])
            yield {"url": url, "dc:title": queries[url].title, "dc:description": about}
        if entries:
            about = "What no text says anything of is in the view no_text_says."
            about = f"{entries.question} {about}"
            yield {"url": "matrix.csv", "dc:title": "Matrix", "dc:description": about}


def _write_answer(store: Store, query: StoredQuery, path: Path) -> None:
    try:
        text = bind(query, {}, store)
    except UsageError:  # the corpus has nothing of the name that is the default
        text = bind(query, {each.name: () for each in query.parameters}, store)
    with evaluating():
        result = evaluate(store, text, source=query.path)
        try:
            if not isinstance(result, QuerySolutions):
                raise QueryError("a SELECT query is expected here", place=Place(query.path))
            result.serialize(str(path), QueryResultsFormat.CSV)
        finally:
            del result  # no other thread may drop it, as that which has the traceback would


def _write_matrix(store: Store, queries: AnyFolder, entries: StoredQuery, folder: Path) -> None:
    """Write the answer of ``entries``, and the matrix of it and of what plans do not touch."""
    rows = read_entries(store, queries)
    said = (
        [row[name] for name in entries.columns] for row in rows if row["basis"] not in UNTOUCHED
    )
    matrix = read_matrix(store, queries, unchanged=True, unsaid=False, rows=rows)
    for name, text in (
        ("answers/entries.csv", render_rows(entries.columns, said, "csv")),
        ("matrix.csv", render_matrix(matrix, "csv")),
    ):
        (folder / name).write_text(text, "utf-8", newline="")


def _notes(query: StoredQuery) -> Iterator[str]:
    yield from filter(None, [query.note])
    for each in query.parameters:
        if each.default is not None:
            yield f"Only {each.default}, which is the default of the parameter {each.name}."
        if each.name == "unchanged":
            yield "What a plan does not mention or address is left out; the table matrix has all."


def _add_table(
    database: sqlite3.Connection, tables: Sequence[_Csvw], folder: Path, known: Mapping[str, Any]
) -> None:
    """Add the last of some tables to the database, and its schema to its description.

    A key is declared where the values bear it out. A column refers to another table where each
    value is a key of that; it is a foreign key of CSVW where it is never empty, too. A row without
    a key is a cell of an answer, which has no IRI: it is derived from its claim.
    """
    table, ask, declared = tables[-1], database.execute, list[str]()
    name, key = Path(table["url"]).stem, _KEYS.get(table["url"])
    keys = {each["url"]: each["tableSchema"].get("primaryKey") for each in tables[:-1]}
    csv.field_size_limit(sys.maxsize)
    with (folder / table["url"]).open(encoding="utf-8", newline="") as file:
        rows = ([cell or None for cell in row] or [None] for row in csv.reader(file))
        columns = {each: _column(each, known) for each in map(str, next(rows))}
        ask(f"CREATE TEMP TABLE staged ({', '.join(map(_quoted, columns))})")
        places = ", ".join("?" * len(columns))
        database.executemany(f"INSERT INTO staged VALUES ({places})", rows)

    def count(what: str, where: str = "TRUE") -> int:
        return int(ask(f"SELECT count({what}) FROM staged WHERE {where}").fetchone()[0])

    total, links = count("*"), list[_Csvw]()
    schema = table["tableSchema"] = {"columns": [*columns.values()], "foreignKeys": links}
    ask("INSERT INTO about_tables VALUES (?, ?, ?, ?)", (name, *islice(table.values(), 3)))
    for each, column in columns.items():
        ask("INSERT INTO about_columns VALUES (?, ?, ?)", (name, each, column["dc:description"]))
        kind = "INTEGER" if column.get("datatype") == "integer" else "TEXT"
        declared.append(f"{_quoted(each)} {kind}")
        if each == key and count(f"DISTINCT {_quoted(each)}") == total:
            schema["primaryKey"] = key
            declared[-1] += " PRIMARY KEY"
        if about := column.get("aboutUrl", "")[2:-1]:
            unclear = f"{_quoted(about)} IS NULL AND {_quoted(each)} NOT NULL"
            if about not in columns or count("*", unclear):
                del column["aboutUrl"], column["propertyUrl"]
        of = column.pop("dc:references", "")
        if of_key := keys.get(of):
            among = f"(SELECT {of_key} FROM {Path(of).stem})"
            if not count("*", f"{_quoted(each)} NOT IN {among}"):
                column["dc:references"] = of
                column.pop("separator", None)
                declared[-1] += f" REFERENCES {Path(of).stem}"
                if count(_quoted(each)) == total:
                    reference = {"resource": of, "columnReference": of_key}
                    links.append({"columnReference": each, "reference": reference})
    if about := "primaryKey" in schema and next(filter(columns.get, ("iri", "claim")), None):
        schema["aboutUrl"] = f"{{+{about}}}"
        columns[about]["suppressOutput"] = True
    ask(f"CREATE TABLE {_quoted(name)} ({', '.join(declared)})")
    ask(f"INSERT INTO {_quoted(name)} SELECT * FROM staged ORDER BY rowid")
    ask("DROP TABLE staged")
    for each in filter(is_id, columns):
        if each != schema.get("primaryKey"):
            index = _quoted(f"{name}_{each}")
            ask(f"CREATE INDEX {index} ON {_quoted(name)} ({_quoted(each)})")


def _column(name: str, known: Mapping[str, Any]) -> _Csvw:
    facts = known.get(name, f"The variable {name} of the query.")
    facts = {"dc:description": facts, "lang": "en"} if isinstance(facts, str) else {**facts}
    if not facts.get("valueUrl", "{+").startswith("{+"):
        facts["valueUrl"] = terms.ID + facts["valueUrl"]
    return {"name": name, "titles": name, **facts}


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
