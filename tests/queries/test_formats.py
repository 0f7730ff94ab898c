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

TEXTS = ("one, “two”", "tab\there | bar")
ROWS = "SELECT ?s ?o { ?s nhs:says ?o } ORDER BY ?o"
GRAPH = "CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }"


def answer(query: str, form: str | None, *, terminal: bool = False) -> str:
    store = Store()
    for text in TEXTS:
        store.add(Quad(NamedNode(NS + "s"), NamedNode(NS + "says"), Literal(text)))
    return render_result(evaluate(store, query, allow_service=True), form, terminal=terminal)


def test_csv_tsv_and_json_are_the_w3c_formats() -> None:
    for form, syntax in (("tsv", QueryResultsFormat.TSV), ("json", QueryResultsFormat.JSON)):
        read = parse_query_results(answer(ROWS, form), format=syntax)
        assert [row["o"].value for row in read] == list(TEXTS)  # type: ignore[union-attr]
    assert list(csv.reader(io.StringIO(answer(ROWS, "csv"))))[1] == [NS + "s", "one, “two”"]
    assert answer("ASK { ?s ?p ?o }", "csv") == "true\n"
    assert json.loads(answer("ASK { ?s nhs:none ?o }", "json"))["boolean"] is False


def test_the_table_shortens_iris_and_is_what_a_terminal_gets() -> None:
    shown = answer(ROWS, None, terminal=True)
    assert shown.splitlines()[0].split() == ["s", "o"]
    assert "nhs:s" in shown
    assert NS not in shown
    assert answer(ROWS, None).startswith("?s\t?o\n")
    assert "here \\| bar" in answer(ROWS, "markdown")


def test_a_table_is_fitted_to_a_width_as_far_as_its_words_allow() -> None:
    rows = [("False", "a health and wellbeing board"), ("2", "a-long-hyphenated commissioning")]

    def drawn(width: int | None) -> str:
        return render_rows(("n", "who"), rows, "table", width=width)

    assert max(map(len, drawn(22).splitlines())) == 22
    assert {"False", "wellbeing", "a-long-", "commissioning"} <= set(drawn(22).split())
    assert "commissioning" in drawn(1).split()
    assert drawn(99) == drawn(None)


def test_a_table_that_does_not_fit_has_a_block_for_each_row_with_what_is_known() -> None:
    rows = [("board", "", "signs off the plans of its area"), ("trust", "duty", "")]
    drawn = render_rows(("body", "kind", "quotation"), rows, "table", width=25)
    assert drawn == (
        "body       board\nquotation  signs off the\n           plans of its\n           area\n\n"
        "body       trust\nkind       duty\n"
    )


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
        (ROWS, "turtle", "gives table, csv, tsv, json or markdown"),
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
