"""Queries rewritten for the store: the same answers, and text that only differs where it must."""

from __future__ import annotations

from collections import Counter

import pytest
from pyoxigraph import Store
from tests.conftest import ROOT

from nhskg.graph.store import open_published
from nhskg.project import Project
from nhskg.queries.engine import select
from nhskg.queries.names import KINDS
from nhskg.queries.nested_loops import nest_loops
from nhskg.queries.stored import StoredQuery, bind, list_queries

QUERIES = [each for each in list_queries(ROOT / "queries") if "#+ like:" not in each.text]


@pytest.fixture(scope="module")
def store(built: Project) -> Store:
    return open_published(built.build).open()


def asked(query: StoredQuery, store: Store) -> list[dict[str, str]]:
    """Each parameter with the thing of its kind that the most triples are about."""
    found: list[dict[str, str]] = [{}]
    for parameter in query.parameters:
        if parameter.kind == "boolean":
            found += [{parameter.name: "yes"}, {parameter.name: "no"}]
        elif parameter.kind in KINDS:
            kinds = " ".join(f"<{each}>" for each in KINDS[parameter.kind])
            values = f"VALUES ?kind {{ {kinds} }} ?x a|skos:inScheme ?kind ." if kinds else ""
            rows = select(
                store,
                f"""SELECT ?id {{ {values} ?x skos:notation ?id . ?claim ?any ?x }}
                GROUP BY ?id ORDER BY DESC(COUNT(*)) ?id LIMIT 1""",
            )
            found += [{parameter.name: row["id"]} for row in rows]
    return found


@pytest.mark.parametrize("query", QUERIES, ids=[each.name for each in QUERIES])
def test_the_answer_is_that_of_the_query_as_written(query: StoredQuery, store: Store) -> None:
    for values in asked(query, store):
        plain, rewritten = (bind(query, values, store, standard=each) for each in (True, False))
        assert rewritten != plain
        one, two = (
            Counter(tuple(row.items()) for row in select(store, text))
            for text in (plain, rewritten)
        )
        assert one == two, values


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("SELECT * { ?a ?b ?c }", "SELECT * { ?a ?b ?c }"),
        (
            "{ ?a ?b ?c OPTIONAL { SELECT ?a { ?a ?d 1 } GROUP BY ?a } ?a ?e ?f }",
            """{ ?a ?b ?c LATERAL { OPTIONAL { SELECT ?a { ?a ?d 1 } GROUP BY ?a } }
            LATERAL { ?a ?e ?f } }""",
        ),
        (
            '{ { ?a ?b "}" } UNION { ?a ?c 2 } FILTER(?a > 1) }',
            '{ { LATERAL { { ?a ?b "}" } UNION { ?a ?c 2 } } FILTER(?a > 1) } }',
        ),
        (
            "{ ?a ?b ?c BIND(EXISTS { ?a :p/:q ?d ; :r 1 } AS ?e) }",
            """{ ?a ?b ?c BIND(EXISTS { { ?a :p ?link_1 } LATERAL { ?link_1 :q ?d }
            LATERAL { ?a :r 1 } } AS ?e) }""",
        ),
        ("{ ?a ?b (1", "{ ?a ?b (1"),
        ("ASK", "ASK"),
    ],
)
def test_each_element_after_the_first_is_evaluated_for_each_solution(
    query: str, expected: str
) -> None:
    assert nest_loops(query).split() == expected.split()
