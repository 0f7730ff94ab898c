"""Sorted arrays against plain sets, and expressions against the store's own SPARQL engine."""

from __future__ import annotations

import itertools

import numpy as np
import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nhskg.rdf.sparql.parser import expression
from nhskg.rdf.terms import XSD
from nhskg.reasoning.expressions import Expressions
from nhskg.reasoning.relations import (
    Numbers,
    Relation,
    composed,
    contains,
    distinct,
    distinct_rows,
    expanded,
    pairs,
    transitive_closure,
)
from nhskg.reasoning.solutions import Dictionary, Solutions, concatenated, joined

SMALL = st.integers(0, 6)
PAIRS = st.lists(st.tuples(SMALL, SMALL), max_size=20)


def keys(found: list[tuple[int, int]]) -> Numbers:
    one = np.array([a for a, _ in found], np.int64)
    two = np.array([b for _, b in found], np.int64)
    return distinct(pairs(one, two))


def tuples(found: Numbers) -> list[tuple[int, int]]:
    return [(int(key >> 32), int(key & 0xFFFFFFFF)) for key in found]


@given(PAIRS, PAIRS)
def test_a_relation_holds_what_was_added_once_and_tells_what_was_new(
    first: list[tuple[int, int]], more: list[tuple[int, int]]
) -> None:
    relation = Relation(keys(first), binary=True)
    new = relation.add(np.array([a << 32 | b for a, b in more], np.int64))
    assert tuples(relation.keys) == sorted(set(first) | set(more))
    assert tuples(new) == tuples(relation.derived) == sorted(set(more) - set(first))
    assert tuples(relation.inverse) == sorted((b, a) for a, b in set(first) | set(more))
    relation.reset()
    assert tuples(relation.keys) == sorted(set(first))


@given(PAIRS, PAIRS)
def test_composition_and_look_up_are_those_of_relations(
    first: list[tuple[int, int]], second: list[tuple[int, int]]
) -> None:
    found = tuples(distinct(composed(keys(first), keys(second))))
    assert found == sorted({(a, d) for a, b in first for c, d in second if b == c})
    starts = np.arange(7)
    rows, ends = expanded(keys(second), starts)
    assert list(zip(rows.tolist(), ends.tolist(), strict=True)) == sorted(set(second))
    assert contains(keys(first), keys(second)).tolist() == [p in first for p in sorted(set(second))]


@given(PAIRS)
def test_a_closure_has_every_pair_that_a_walk_connects(edges: list[tuple[int, int]]) -> None:
    reached = set(edges)
    while more := {(a, d) for a, b in reached for c, d in edges if b == c} - reached:
        reached |= more
    assert tuples(transitive_closure(keys(edges))) == sorted(reached)


def test_rows_of_many_wide_columns_are_told_apart() -> None:
    """The keys of four columns of 31 bits do not fit into one number."""
    values = np.array([0, 2**31 - 1, 2**31 - 1, 0, 5])
    columns = [values, values[::-1].copy(), values, np.array([1, 2, 3, 1, -1])]
    first, kinds = distinct_rows(columns)
    rows = [tuple(int(column[n]) for column in columns) for n in range(5)]
    assert len(first) == len(set(rows))
    assert [rows[first[kind]] for kind in kinds] == rows


X, Y, Z = (ox.Variable(name) for name in "xyz")


@given(PAIRS, PAIRS)
def test_solutions_join_on_what_they_share(
    first: list[tuple[int, int]], second: list[tuple[int, int]]
) -> None:
    def rows(names: tuple[ox.Variable, ox.Variable], found: list[tuple[int, int]]) -> Solutions:
        columns = {name: np.array([r[n] for r in found], np.int64) for n, name in enumerate(names)}
        return Solutions(len(found), dict(columns))

    one, two = rows((X, Y), first), rows((Y, Z), second)
    both = joined(one, two)
    found = zip(*(both.columns[name].tolist() for name in (X, Y, Z)), strict=True)
    assert sorted(found) == sorted((a, b, d) for a, b in first for c, d in second if b == c)
    ends = concatenated([one, two], [X, Y, Z], lambda column: column)
    assert ends.size == len(first) + len(second)
    assert ends.columns[Z].tolist() == [-1] * len(first) + [d for _, d in second]


# -- expressions

TERMS: list[ox.NamedNode | ox.BlankNode | ox.Literal | None] = [
    ox.NamedNode("http://example.org/a#one"),
    ox.NamedNode("http://example.org/b/two"),
    ox.Literal("http://example.org/a#one"),
    ox.Literal("two"),
    ox.Literal(""),
    ox.Literal("two", language="en"),
    ox.Literal("1", datatype=ox.NamedNode(XSD + "integer")),
    ox.Literal("1.0", datatype=ox.NamedNode(XSD + "decimal")),
    ox.Literal("true", datatype=ox.NamedNode(XSD + "boolean")),
    ox.Literal("false", datatype=ox.NamedNode(XSD + "boolean")),
    ox.BlankNode("b"),
    None,
]
EXPRESSIONS = [
    "?x = ?y",
    "?x != ?y",
    "sameTerm(?x, ?y)",
    "!sameTerm(?x, ?y)",
    "!(?x = ?y)",
    "STR(?x) < STR(?y)",
    'STR(?x) >= "http://example.org/b"',
    "BOUND(?x) && !BOUND(?y)",
    "?x || ?y",
    "?x && ?y",
    "!?x",
    "isLiteral(?x) || isIRI(?y)",
    "?x IN (?y, <http://example.org/b/two>)",
    "?x NOT IN (?y)",
    "IRI(STR(?x))",
    "IRI(?x)",
    'IRI(CONCAT("http://example.org/", STR(?x), ".", STR(?y)))',
    'REPLACE(STR(?x), "^.*[/#]", "")',
    'REPLACE(STR(?x), "(t).*", "$1")',
    'STRAFTER(STR(?x), "example.")',
    'STRBEFORE(STR(?x), "nothing")',
    'STRSTARTS(STR(?x), "http")',
    'IF(BOUND(?y), CONCAT(".", STR(?y)), "")',
    "IF(?x, ?y, ?x)",
    'CONCAT(STR(?x), "\\u00e9")',
    "COALESCE(?y, ?x)",
    "STRLEN(STR(?x))",
    "?x + 1",
    "LANG(?x)",
    "<http://example.org/a#one>",
    '"text"',
    "true",
    "?x",
]


def solutions() -> tuple[Dictionary, Expressions, Solutions]:
    """Return every pair of terms as rows."""
    dictionary = Dictionary()
    rows = list(itertools.product(TERMS, repeat=2))
    columns = {
        name: np.array([-1 if (t := row[n]) is None else dictionary.constant(t) for row in rows])
        for n, name in enumerate((X, Y))
    }
    return dictionary, Expressions(dictionary), Solutions(len(rows), dict(columns))


@pytest.mark.parametrize("text", EXPRESSIONS)
def test_an_expression_is_what_the_engine_says_it_is(text: str) -> None:
    """Whatever other rows there are: what is evaluated here depends on the terms at hand."""
    dictionary, expressions, rows = solutions()
    tree = expression(text)
    made = expressions.numbers(expressions.values(tree, rows)).tolist()
    stated = expressions.by_sparql(tree, rows, test=False).tolist()
    holds = expressions.holds(tree, rows).tolist()
    assert [dictionary.terms[n] if n >= 0 else None for n in made] == [
        dictionary.terms[n] if n >= 0 else None for n in stated
    ]
    assert holds == (expressions.by_sparql(tree, rows, test=True) >= 0).tolist()
    for number in range(rows.size):
        one = rows.where(np.array([number]))
        alone = expressions.numbers(expressions.values(tree, one)).tolist()
        assert alone == [made[number]], (rows.columns[X][number], rows.columns[Y][number])
        assert expressions.holds(tree, one).tolist() == [holds[number]]


def test_what_rules_mostly_do_is_evaluated_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(Expressions, "by_sparql")
    _, expressions, rows = solutions()
    text = 'IRI(CONCAT("http://example.org/", REPLACE(STR(?x), "^.*[/#]", "")))'
    expressions.values(expression(text), rows)
    with pytest.raises(AttributeError):
        expressions.values(expression("COALESCE(?x, 1)"), rows)


def test_triple_terms_are_compared_by_what_they_say() -> None:
    one, two = (ox.Literal(text, datatype=ox.NamedNode(XSD + "decimal")) for text in ("1", "1.0"))
    name = ox.NamedNode("urn:x:n")
    dictionary = Dictionary()
    said = [dictionary.number(ox.Triple(name, name, value)) for value in (one, two)]  # type: ignore[arg-type]
    rows = Solutions(1, {X: np.array(said[:1]), Y: np.array(said[1:])})
    assert not dictionary.can_be_subject(np.array(said)).any()
    assert Expressions(dictionary).holds(expression("?x = ?y"), rows).tolist() == [True]
    assert Expressions(dictionary).holds(expression("?x != ?y"), rows).tolist() == [False]
