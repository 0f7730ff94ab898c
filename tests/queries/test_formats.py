"""Formats of answers."""

from __future__ import annotations

import csv
import io
import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode, Quad, QueryResultsFormat, Store, parse_query_results

from nhskg.queries.engine import evaluate
from nhskg.queries.formats import render_result, render_rows
from nhskg.rdf.errors import QueryError, UsageError
from nhskg.rdf.terms import NS

TEXTS = ("one, “two”", "tab\there | bar")
ROWS = "SELECT ?s ?o { ?s nhs:says ?o } ORDER BY ?o"
GRAPH = "CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }"


def answer(query: str, form: str | None, *, terminal: bool = False) -> str:
    store = Store()
    for text in TEXTS:
        store.add(Quad(NamedNode(NS + "s"), NamedNode(NS + "says"), Literal(text)))
    return render_result(evaluate(store, query, allow_service=True), form, terminal=terminal)


def test_json_and_sparql_tsv_are_the_w3c_formats() -> None:
    for form, syntax in (("sparql-tsv", QueryResultsFormat.TSV), ("json", QueryResultsFormat.JSON)):
        read = parse_query_results(answer(ROWS, form), format=syntax)
        assert [row["o"].value for row in read] == list(TEXTS)  # type: ignore[union-attr]
    assert answer("ASK { ?s ?p ?o }", "csv") == "true\n"
    assert json.loads(answer("ASK { ?s nhs:none ?o }", "json"))["boolean"] is False


def test_csv_and_tsv_have_plain_values() -> None:
    assert list(csv.reader(io.StringIO(answer(ROWS, "csv"))))[1] == [NS + "s", "one, “two”"]
    assert answer(ROWS, "tsv") == f"s\to\n{NS}s\tone, “two”\n{NS}s\ttab\\there | bar\n"
    terms = "SELECT ?x { VALUES ?x { 01 'a'@en <urn:a> } }"
    assert answer(terms, "tsv") in ("x\n1\na\nurn:a\n", "x\n01\na\nurn:a\n")


@given(st.lists(st.lists(st.text("ab,\"\t\r\n\\' é"), min_size=2, max_size=2)))
def test_every_row_and_every_character_comes_back(rows: list[list[str]]) -> None:
    table = [["x", "y"], *rows]
    parsed = list(csv.reader(io.StringIO(render_rows(("x", "y"), rows, "csv"), newline="")))
    assert parsed == table
    marks = {r"\t": "\t", r"\n": "\n", r"\r": "\r", r"\\": "\\"}
    lines = render_rows(("x", "y"), rows, "tsv").removesuffix("\n").split("\n")
    parsed = [line.split("\t") for line in lines]
    assert table == [
        [re.sub(r"\\.", lambda each: marks[each[0]], cell) for cell in row] for row in parsed
    ]


def test_empty_rows_at_the_end_are_kept() -> None:
    query = "SELECT ?x { VALUES ?x { 'a' UNDEF UNDEF } }"
    assert answer(query, "csv") == 'x\r\na\r\n""\r\n""\r\n'
    assert answer(query, "table").count("\n") >= 5  # two of the head
    assert list(csv.reader(io.StringIO(answer(query, "csv")))) == [["x"], ["a"], [""], [""]]
    assert answer(query, "tsv") == "x\na\n\n\n"
    assert answer(query, "sparql-tsv").count("\n") == 4


@pytest.mark.parametrize("form", ["csv", "tsv"])
def test_cells_that_a_spreadsheet_would_run_are_made_safe_on_request(form: str) -> None:
    cells = ["=1+1", "+1", "-1", "@sum", "\t=1", "\r=1", "1=1", ""]
    safe = render_rows(("x",), [[cell] for cell in cells], form, safe=True)
    assert safe.count("'") == 6
    assert all(line.startswith(("'", "\"'")) for line in safe.splitlines()[1:6])
    assert "'" not in render_rows(("x",), [[cell] for cell in cells], form)


def test_the_table_shortens_iris_and_is_what_a_terminal_gets() -> None:
    shown = answer(ROWS, None, terminal=True)
    assert shown.splitlines()[0].split() == ["s", "o"]
    assert "nhs:s" in shown
    assert NS not in shown
    assert answer(ROWS, None).startswith("s\to\n")
    assert "here \\| bar" in answer(ROWS, "markdown")


@pytest.mark.parametrize("form", ["table", "csv", "turtle"])
def test_a_service_that_does_not_answer_is_a_clear_error(form: str) -> None:
    head = "CONSTRUCT { ?s ?p ?o } WHERE" if form == "turtle" else "SELECT *"
    with pytest.raises(QueryError, match="the query cannot be evaluated: "):
        answer(f"{head} {{ SERVICE <http://localhost:9/sparql> {{ ?s ?p ?o }} }}", form)


def test_graphs_are_sorted_and_have_only_the_prefixes_they_use() -> None:
    once = answer(GRAPH, None)
    assert once == answer(GRAPH, "turtle", terminal=True)
    assert once.count("@prefix") == 1
    lines = answer(GRAPH, "ntriples").splitlines()
    assert lines == sorted(lines)
    assert len(lines) == 2


@pytest.mark.parametrize(
    ("query", "form", "message"),
    [
        (ROWS, "turtle", "gives table, csv, tsv, json, markdown, sparql-tsv"),
        ("DESCRIBE nhs:s", "csv", "gives turtle or ntriples"),
    ],
)
def test_a_format_that_does_not_fit_is_refused(query: str, form: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        answer(query, form)


@pytest.mark.parametrize(
    ("form", "shown"),
    [("table", "(no rows)"), ("csv", "a,b"), ("tsv", "a\tb"), ("json", "[]"), ("markdown", "")],
)
def test_no_rows_is_no_fault(form: str, shown: str) -> None:
    assert render_rows(("a", "b"), [], form).strip() == shown
