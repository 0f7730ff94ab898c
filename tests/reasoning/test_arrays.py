"""Sorted arrays against plain sets, and expressions against the store's own SPARQL engine."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import numpy as np
import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nhskg.rdf.sparql.parser import expression
from nhskg.rdf.terms import XSD
from nhskg.reasoning import expressions
from nhskg.reasoning.expressions import Expressions, by_sparql
from nhskg.reasoning.relations import Numbers, Relation, Solutions, distinct, distinct_rows
from nhskg.reasoning.triple_arrays import Dictionary

SMALL = st.integers(0, 6)
PAIRS = st.lists(st.tuples(SMALL, SMALL), max_size=20)


def keys(found: list[tuple[int, int]]) -> Numbers:
    return distinct(np.array([a << 32 | b for a, b in found], np.int64))


def tuples(found: Numbers) -> list[tuple[int, int]]:
    return [(int(key >> 32), int(key & 0xFFFFFFFF)) for key in found]


@given(PAIRS, PAIRS)
def test_a_relation_holds_what_was_added_once_and_tells_what_was_new(
    first: list[tuple[int, int]], more: list[tuple[int, int]]
) -> None:
    relation = Relation(keys(first))
    both = sorted(set(first) | set(more))
    new = relation.add(np.array([a << 32 | b for a, b in more], np.int64))
    assert tuples(relation.keys) == both
    assert tuples(new) == tuples(relation.derived) == sorted(set(more) - set(first))
    assert tuples(relation.inverse) == sorted((b, a) for a, b in both)
    reached = set(both)
    while longer := {(a, d) for a, b in reached for c, d in both if b == c} - reached:
        reached |= longer
    assert tuples(relation.closure.keys) == sorted(reached)
    relation.reset()
    assert tuples(relation.keys) == sorted(set(first))


def test_rows_of_many_wide_columns_are_told_apart() -> None:
    """The keys of four columns of 31 bits do not fit into one number."""
    values = np.array([0, 2**31 - 1, 2**31 - 1, 0, 5])
    columns = [values, values[::-1].copy(), values, np.array([1, 2, 3, 1, -1])]
    first, kinds = distinct_rows(columns, 5)
    rows = [tuple(int(column[n]) for column in columns) for n in range(5)]
    assert len(first) == len(set(rows))
    assert [rows[first[kind]] for kind in kinds] == rows


# -- expressions

X, Y = ox.Variable("x"), ox.Variable("y")
_LISTED = """<http://example.org/a#one> <http://example.org/b/two> "http://example.org/a#one"
"two" "" "two"@en 1 1.0 true false"""
TERMS: list[Any] = [*map(expression, _LISTED.split()), ox.BlankNode("b"), None]
EXPRESSIONS = (Path(__file__).parent / "cases" / "expressions.txt").read_text("utf-8")


def rows_of(dictionary: Dictionary) -> Solutions:
    """Return every pair of terms as rows."""
    rows = list(itertools.product(TERMS, repeat=2))
    columns = {
        name: np.array([-1 if (t := row[n]) is None else dictionary.constant(t) for row in rows])
        for n, name in enumerate((X, Y))
    }
    return Solutions(len(rows), columns)


@pytest.mark.parametrize("text", EXPRESSIONS.splitlines())
def test_an_expression_is_what_the_engine_says_it_is(text: str) -> None:
    """Whatever other rows there are: what is evaluated here depends on the terms at hand."""
    dictionary, tree = Dictionary(), expression(text)
    evaluate, rows = Expressions(dictionary), rows_of(dictionary)
    terms = [*dictionary.terms, None]
    table = {name: [terms[n] for n in column.tolist()] for name, column in rows.columns.items()}
    stated = by_sparql(tree, table, rows.size)
    test = expression(f"IF({text}, true, false)")
    holds = [str(value).startswith('"true"') for value in by_sparql(test, table, rows.size)]
    values = evaluate.values(tree, rows).tolist()
    assert [dictionary.terms[n] if n >= 0 else None for n in values] == stated
    assert evaluate.holds(tree, rows).tolist() == holds
    for number in range(rows.size):
        one = rows.where(np.array([number]))
        assert evaluate.values(tree, one).tolist() == [values[number]], number
        assert evaluate.holds(tree, one).tolist() == [holds[number]], number


def test_what_rules_mostly_do_is_evaluated_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(expressions, "by_sparql")
    dictionary = Dictionary()
    evaluate, rows = Expressions(dictionary), rows_of(dictionary)
    text = 'IRI(CONCAT("http://example.org/", REPLACE(STR(?x), "^.*[/#]", "")))'
    evaluate.values(expression(text), rows)
    with pytest.raises(NameError):
        evaluate.values(expression("COALESCE(?x, 1)"), rows)


def test_triple_terms_are_compared_by_what_they_say() -> None:
    one, two = (ox.Literal(text, datatype=ox.NamedNode(XSD + "decimal")) for text in ("1", "1.0"))
    name = ox.NamedNode("urn:x:n")
    dictionary = Dictionary()
    said = [dictionary.number(ox.Triple(name, name, value)) for value in (one, two)]  # type: ignore[arg-type]
    rows = Solutions(1, {X: np.array(said[:1]), Y: np.array(said[1:])})
    evaluate = Expressions(dictionary)
    assert evaluate.holds(expression("?x = ?y"), rows).tolist() == [True]
    assert evaluate.holds(expression("?x != ?y"), rows).tolist() == [False]
