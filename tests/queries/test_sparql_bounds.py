"""SPARQL that is nested, or goes on, beyond what a parser takes is refused before one reads it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from pyoxigraph import RdfFormat, Store

from nhskg.queries.engine import evaluate
from nhskg.rdf.errors import InputError, QueryError
from nhskg.rdf.lines import RdfParser
from nhskg.rdf.sparql.algebra import ProgramError
from nhskg.rdf.sparql.bounds import DEEPEST, MOST_PATTERNS, MOST_STEPS, beyond_bounds
from nhskg.rdf.sparql.parser import parse_rule
from nhskg.shacl.shapes import Shapes, faulty_queries

DEEP, LONG, MANY = "brackets more than 100 deep", "more than 2,000 signs", "more than 200 patterns"


def around(opening: str, inner: str, closing: str, times: int) -> str:
    return opening * times + inner + closing * times


@pytest.mark.parametrize(
    ("pattern", "most", "told"),
    [
        (lambda n: around("{", "?s ?p ?o", "}", n), DEEPEST, DEEP),
        (lambda n: f"FILTER{around('(', '?o', ')', n)}", DEEPEST, DEEP),
        (lambda n: f"FILTER{around('(STR', '(?o)', ')', n)}", DEEPEST, DEEP),
        (lambda n: around("?s ?p ?o FILTER EXISTS {", "", "}", n), DEEPEST, DEEP),
        (lambda n: around("{ SELECT * {", "", "}}", n // 2), DEEPEST, DEEP),
        (lambda n: f"?s {around('^(', '<a:a>', ')', n)} ?o", DEEPEST, DEEP),
        (lambda n: f"BIND({around('<<( <a:a> <a:a> ', '?o', ' )>>', n)} AS ?t)", DEEPEST, DEEP),
        (lambda n: f"FILTER(?o{'+1' * n})", MOST_STEPS, LONG),
        (lambda n: f"FILTER({'!' * n}?o)", MOST_STEPS, LONG),
        (lambda n: f"FILTER(?o != ''{' || ?o = 1.5' * (n // 2)})", MOST_STEPS, LONG),
        (lambda n: "{}" + " UNION {}" * n, MOST_STEPS, LONG),
        (lambda n: f"?s <a:a>{'|<a:a>' * n} ?o", MOST_STEPS, LONG),
        (lambda n: "?s ?p ?o . " * n, MOST_PATTERNS, MANY),
        (lambda n: f"?s ?p ?o{' ; ?p ?o , ?q' * (n // 2)}", MOST_PATTERNS, MANY),
        (lambda n: f"?s <a:a>{'/<a:a>' * n} ?o", MOST_PATTERNS, MANY),
        (lambda n: f"?s ?p ?o{' OPTIONAL { ?o ?p ?x }' * n}", MOST_PATTERNS, MANY),
        (lambda n: f"?s ?p ({' 1' * (n // 2)})", MOST_PATTERNS, MANY),
    ],
)
def test_a_query_is_asked_within_a_bound_and_refused_beyond_it(
    pattern: Callable[[int], str], most: int, told: str
) -> None:
    if most != MOST_PATTERNS:  # the store takes its time
        evaluate(Store(), f"SELECT * {{\n{pattern(most * 9 // 10)}\n}}")
    assert beyond_bounds(f"SELECT * {{\n{pattern(most * 9 // 10)}\n}}") is None
    for size in (most * 11 // 10, most * 100):
        with pytest.raises(QueryError, match=rf"^query:2:\d+: has {told}"):
            evaluate(Store(), f"SELECT * {{\n{pattern(size)}\n}}")


@pytest.mark.parametrize(
    "query",
    [
        f"SELECT * {{ VALUES ?x {{ {'-1 ' * 5_000} }} }}",
        f"SELECT * {{ VALUES (?x ?y) {{ {'(1.5 UNDEF) ' * 5_000} }} }}",
        f"SELECT * {{ ?s ?p ?o FILTER(?o IN ({', '.join(['-1'] * 5_000)})) }}",
        f"SELECT * {{ ?s ?p ?o }} # {'{ ( [ + ' * 5_000}",
        f"SELECT * {{ ?s ?p '''{'{ ( [ + ' * 5_000}''', \"{'{ ( [ . ' * 5_000}\" }}",
        f"SELECT {'(?o + 1 AS ?x) '.join('' for _ in range(500))} (1 AS ?y) {{ ?s ?p ?o }}",
        f"CONSTRUCT {{ {'?s ?p ?o . ' * 5_000} }} WHERE {{ ?s ?p ?o }}",
        f"PREFIX a: <http://a.b/{'c.d/' * 500}> SELECT * {{ a:b.c ?p <{'a:.;,' * 500}> }}",
    ],
)
def test_what_is_long_and_not_deep_is_no_step(query: str) -> None:
    assert beyond_bounds(query) is None


def test_a_rule_is_held_to_the_same_bounds() -> None:
    with pytest.raises(ProgramError, match=r"^mine\.rq:2: has brackets more than 100 deep"):
        parse_rule("CONSTRUCT { ?s a ?o }\nWHERE " + "{" * 5_000, source="mine.rq")


def test_a_query_of_a_shape_is_held_to_the_same_bounds() -> None:
    text = f"""@prefix sh: <http://www.w3.org/ns/shacl#> .
        <a:S> a sh:NodeShape ; sh:sparql <a:Q> .
        <a:Q> sh:message "no" ;
          sh:select '''SELECT $this {{ {"{" * 5_000}''' ."""
    file = RdfParser(Path("shapes.ttl"), text.encode(), RdfFormat.TURTLE).read()
    (fault,) = faulty_queries(Shapes(file.triples, [file]))
    assert isinstance(fault, InputError)
    assert "has a query with brackets more than 100 deep" in fault.message
    assert str(fault).startswith("shapes.ttl:4:")
