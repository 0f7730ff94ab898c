"""Formats of answers."""

from __future__ import annotations

import csv
import io
import json

import pytest
from pyoxigraph import Literal, NamedNode, Quad, QueryResultsFormat, Store, parse_query_results

from nhskg.queries.engine import evaluate
from nhskg.queries.formats import render_result, render_rows
from nhskg.rdf.errors import QueryError, UsageError
from nhskg.rdf.terms import NS

ROWS = "SELECT ?s ?o { ?s nhs:says ?o } ORDER BY ?o"


@pytest.fixture
def store() -> Store:
    made = Store()
    for text in ("one, “two”", "tab\there | bar"):
        made.add(Quad(NamedNode(NS + "s"), NamedNode(NS + "says"), Literal(text)))
    return made


def test_csv_tsv_and_json_are_the_w3c_formats(store: Store) -> None:
    for form, syntax in (("tsv", QueryResultsFormat.TSV), ("json", QueryResultsFormat.JSON)):
        raw = render_result(evaluate(store, ROWS), form, terminal=False)
        read = parse_query_results(raw, format=syntax)
        values = [row["o"].value for row in read]  # type: ignore[union-attr]
        assert values == ["one, “two”", "tab\there | bar"]
    raw = render_result(evaluate(store, ROWS), "csv", terminal=False)
    assert list(csv.reader(io.StringIO(raw)))[1] == [NS + "s", "one, “two”"]


def test_the_table_shortens_iris_and_is_what_a_terminal_gets(store: Store) -> None:
    shown = render_result(evaluate(store, ROWS), None, terminal=True)
    assert shown.splitlines()[0].split() == ["s", "o"]
    assert "nhs:s" in shown
    assert NS not in shown
    assert render_result(evaluate(store, ROWS), None, terminal=False).startswith("?s\t?o\n")


@pytest.mark.parametrize("form", ["table", "csv", "turtle"])
def test_a_service_that_does_not_answer_is_a_clear_error(store: Store, form: str) -> None:
    head = "CONSTRUCT { ?s ?p ?o } WHERE" if form == "turtle" else "SELECT *"
    query = f"{head} {{ SERVICE <http://localhost:9/sparql> {{ ?s ?p ?o }} }}"
    with pytest.raises(QueryError, match="the query cannot be evaluated: "):
        render_result(evaluate(store, query), form, terminal=False)


def test_markdown_keeps_its_columns(store: Store) -> None:
    shown = render_result(evaluate(store, ROWS), "markdown", terminal=False)
    assert "here \\| bar" in shown


def test_ask_answers_true_or_false(store: Store) -> None:
    assert render_result(evaluate(store, "ASK { ?s ?p ?o }"), "csv", terminal=False) == "true\n"
    told = render_result(evaluate(store, "ASK { ?s nhs:none ?o }"), "json", terminal=False)
    assert json.loads(told)["boolean"] is False


def test_graphs_are_sorted_and_have_only_the_prefixes_they_use(store: Store) -> None:
    query = "CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }"
    once = render_result(evaluate(store, query), None, terminal=False)
    assert once == render_result(evaluate(store, query), "turtle", terminal=True)
    assert once.count("@prefix") == 1
    plain = render_result(evaluate(store, query), "ntriples", terminal=False).splitlines()
    assert plain == sorted(plain)
    assert len(plain) == 2


@pytest.mark.parametrize(
    ("query", "form", "message"),
    [
        (ROWS, "turtle", "gives table, csv, tsv, json or markdown"),
        ("DESCRIBE nhs:s", "csv", "gives turtle or ntriples"),
    ],
)
def test_a_format_that_does_not_fit_is_told(
    store: Store, query: str, form: str, message: str
) -> None:
    with pytest.raises(UsageError, match=message):
        render_result(evaluate(store, query), form, terminal=False)


@pytest.mark.parametrize(
    ("form", "shown"),
    [("table", "(no rows)"), ("csv", "a,b"), ("tsv", "a\tb"), ("json", "[]"), ("markdown", "")],
)
def test_no_rows_is_no_fault(form: str, shown: str) -> None:
    assert render_rows(("a", "b"), [], form).strip() == shown
