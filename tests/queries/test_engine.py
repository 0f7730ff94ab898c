"""Queries over a store: which graphs they see, and the message for one that is wrong."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pyoxigraph import Literal, NamedNode, Quad, QueryBoolean, RdfFormat, Store, parse

from nhskg.queries.engine import evaluate, limit_rows, load_data, select
from nhskg.rdf.errors import QueryError
from nhskg.rdf.sparql import exact
from nhskg.rdf.sparql.exact import evaluate_exactly


@pytest.fixture(scope="module")
def graphs() -> Store:
    """One triple in the default graph, two in one named graph, three in another."""
    made = Store()
    for count, graph in enumerate((None, NamedNode("urn:g:one"), NamedNode("urn:g:two")), 1):
        for number in range(count):
            subject = NamedNode(f"urn:s:{count}:{number}")
            made.add(Quad(subject, NamedNode("urn:p"), Literal("FROM <urn:g:one>"), graph))
    return made


@pytest.mark.parametrize(
    ("dataset", "outside", "in_graphs"),
    [
        ("", 6, 5),
        ("FROM <urn:g:one>", 2, 0),
        ("from<urn:g:two>", 3, 0),
        ("FROM <urn:g:one> FROM <urn:g:two>", 5, 0),
        ("FROM NAMED <urn:g:two>", 0, 3),
        ("FROM <urn:g:one> FROM NAMED <urn:g:two>", 2, 3),
        ("# FROM <urn:g:one>\n", 6, 5),
    ],
)
def test_a_query_is_answered_over_its_own_dataset_or_else_over_the_union(
    graphs: Store, dataset: str, outside: int, in_graphs: int
) -> None:
    for pattern, count in (("?s ?p ?o", outside), ("GRAPH ?g { ?s ?p ?o }", in_graphs)):
        rows = select(graphs, f"SELECT (COUNT(*) AS ?n) {dataset} {{ {pattern} }}")
        assert rows == [{"n": str(count)}]


def test_every_form_of_query_has_its_dataset(graphs: Store) -> None:
    assert not evaluate(graphs, "ASK FROM <urn:g:one> { <urn:s:3:0> ?p ?o }")
    made = evaluate(graphs, "CONSTRUCT FROM <urn:g:one> WHERE { ?s ?p ?o }")
    assert len(list(made)) == 2  # type: ignore[arg-type]
    assert not list(evaluate(graphs, "DESCRIBE <urn:s:3:0> FROM <urn:g:one>"))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "pattern",
    [
        '?s ?p "FROM <urn:g:one>"',
        "?s ?p ?o . FILTER(?o != '''it's\n FROM <urn:g:one>''')",
        "?s ?p ?o . FILTER(STR(?o) != 'a\\' FROM <urn:x>')",
        "?s ?p ?from",
        "?s ?p ?o FILTER(?s != from:from && ?s != nhs:from && ?s != nhs:FROM.from)",
        "?s ?p ?o # FROM <urn:g:one>\n",
        "?s ?p ?o FILTER(?s != <urn:FROM#from>)",
        "?s ?p ?o FILTER(?o != 'x'@from)",
        "?s ?p ?o OPTIONAL { _:from <urn:q> ?x }",
    ],
)
def test_the_word_elsewhere_is_no_dataset(graphs: Store, pattern: str) -> None:
    query = f"PREFIX from: <urn:from:>\nSELECT * {{ {pattern} }}"
    assert len(select(graphs, query)) == 6


OTHERWISE = "not a SPARQL query: expected"
FAULTS = {
    "": "query:1:1: not a SPARQL query: the query is empty; write a SELECT, ASK",
    "  # nothing\n\n": "query:1:1: not a SPARQL query: the query is empty; write",
    "PREFIX a: <urn:a>\nBASE <urn:b>": "query:1:1: not a SPARQL query: the query is empty",
    "INSERT DATA { <urn:a> <urn:b> 1 }": "query:1:1: not a SPARQL query: INSERT is an update",
    "PREFIX a: <urn:a>\n  delete where { ?s ?p ?o }": "query:2:3: not a SPARQL query: DELETE",
    "CLEAR ALL": "CLEAR is an update, and only queries are answered: SELECT, ASK",
    "ASK { ?s x:y ?o }": "query:1:10: not a SPARQL query: unknown prefix 'x:'; declare it",
    "ASK {\n ?é :y ?o }": "query:2:5: not a SPARQL query: unknown prefix ':'; declare it with",
    "ASK { 'é' a 'x'^^foo:bar }": "query:1:18: not a SPARQL query: unknown prefix 'foo:'",
    "ASK FROM foo:g { }": "query:1:10: not a SPARQL query: unknown prefix 'foo:'; declare",
    "PREFIX x: <urn:x:> ASK { ?s x:y/z:y ?o }": "unknown prefix 'z:'; declare it with PREFIX z:",
    "ASK { ?s nhs:a 'x:y' . # x:y\n ?s w:a <x:y> }": "query:2:5: not a SPARQL query: unknown",
    "SELECT ?s\nWHERE { ?s ?p }": f"query:2:16: {OTHERWISE}",
    "{ ?s ?p ?o }": OTHERWISE,
    "ASK { ?s ?p } # x:y": OTHERWISE,
    "ASK { ?s ?p } x:y": OTHERWISE,
    "ASK { <http://host:80/a b> ?p ?o }": OTHERWISE,
    "ASK { ?s ?p 'not closed x:y }": OTHERWISE,
    "ASK { ?s nhs:p ?o ": OTHERWISE,
    "PREFIX x <urn:x> ASK { ?s x:p ?o }": OTHERWISE,
    "PREFIX add <urn:x> ASK { ?s add:p ?o }": OTHERWISE,
    "SELEKT * { ?s x:p ?o }": OTHERWISE,
    "ASK { GRAPH insert { } }": OTHERWISE,
}


@pytest.mark.parametrize(("query", "message"), FAULTS.items())
def test_the_message_says_what_is_wrong_and_where(query: str, message: str) -> None:
    """What is no unknown prefix is not called one."""
    with pytest.raises(QueryError) as caught:
        evaluate(Store(), query)
    assert message in str(caught.value)


def test_a_prefix_that_is_declared_or_well_known_is_no_fault() -> None:
    assert not evaluate(Store(), "PREFIX : <urn:a> PREFIX x.y-z: <urn:b> ASK { :a x.y-z:b nhs:c }")


ELSEWHERE = "<http://elsewhere.invalid/>"


@pytest.mark.parametrize(
    "query",
    [
        f"SELECT * {{ SERVICE {ELSEWHERE} {{ ?s ?p ?o }} }}",
        f"ASK {{ service silent{ELSEWHERE} {{ }} }}",
        f"CONSTRUCT {{ ?s ?p ?o }} {{ {{ SERVICE {ELSEWHERE} {{ ?s ?p ?o }} }} }}",
        f"DESCRIBE ?s {{ OPTIONAL {{ SERVICE {ELSEWHERE} {{ ?s ?p ?o }} }} }}",
        "ASK { FILTER EXISTS { SERVICE ?s { } } }",
        f"ASK {{ ?s ?p trueSERVICE{ELSEWHERE} {{ }} }}",
        "PREFIX : <urn:> ASK { ?s ?p true.SERVICE:y { } }",
        f"PREFIX x: <urn:> ASK {{ ?s ?p x:.SERVICE{ELSEWHERE} {{ }} }}",
        f"ASK {{ ?s <urn:\\u0041'> ?o . SERVICE {ELSEWHERE} {{ }} ?s <urn:'> ?o }}",
        f"PREFIX x: <urn:> ASK {{ ?s x:·\\' ?o . SERVICE {ELSEWHERE} {{ }} ?s ?p 'a' }}",
        f"ASK {{ \\u0053ERVICE {ELSEWHERE} {{ }} }}",
        f"LOAD {ELSEWHERE}",
    ],
)
def test_no_query_reaches_another_server_unless_allowed(query: str) -> None:
    """However the word is written, and whatever a scanner of strings and names would make of it."""
    with pytest.raises(QueryError):
        evaluate(Store(), query)


def test_a_refused_service_is_named_with_its_place_and_the_way_to_allow_it() -> None:
    query = f"ASK {{\n  SERVICE {ELSEWHERE} {{ ?s ?p ?o }} }}"
    with pytest.raises(QueryError, match="--allow-service allows it") as caught:
        evaluate(Store(), query)
    assert str(caught.value).startswith("query:2:3: SERVICE sends")


@pytest.mark.parametrize(
    "query",
    [
        "PREFIX service: <urn:service:> ASK { ?Service service:SERVICE 'service' } # SERVICE",
        "SELECT ?service { ?service ?p 'SERVICE <urn:a> { }' }",
        "ASK { id:national-health-service ?p ?o }",
    ],
)
def test_the_word_service_elsewhere_is_not_refused(query: str) -> None:
    result = evaluate(Store(), query)
    assert not (result if isinstance(result, QueryBoolean) else list(result))


@pytest.mark.parametrize("most", [0, 1, 5, 6, 7])
@pytest.mark.parametrize("head", ["SELECT *", "CONSTRUCT", "SELECT ?nothing"])
def test_a_result_is_cut_after_so_many_rows(graphs: Store, head: str, most: int) -> None:
    result, is_cut = limit_rows(evaluate(graphs, f"{head} WHERE {{ ?s ?p ?o }}"), most)
    assert (len(list(result)), is_cut) == (min(most, 6), most < 6)  # type: ignore[arg-type]


def test_what_is_beyond_the_limit_of_rows_is_not_evaluated(graphs: Store) -> None:
    """Six to the power of thirty rows would never end."""
    endless = " ".join(f"?s{n} ?p{n} ?o{n} ." for n in range(30))
    result, is_cut = limit_rows(evaluate(graphs, f"SELECT * {{ {endless} }}"), 3)
    assert len(list(result)) == 3  # type: ignore[arg-type]
    assert is_cut


def test_a_result_within_the_limit_keeps_every_term() -> None:
    query = """SELECT * { VALUES (?a ?b) {
        ("a\\n\\tb" "c"@en) (1.50 UNDEF) (true <urn:x>) ("x"^^<urn:t> 2e3) } }"""
    whole = [[str(term) for term in row] for row in evaluate(Store(), query)]  # type: ignore[union-attr]
    result, is_cut = limit_rows(evaluate(Store(), query), 4)
    assert [[str(term) for term in row] for row in result] == whole  # type: ignore[union-attr]
    assert not is_cut


WRITTEN = """
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
<urn:s> <urn:p> 01 , 1 , 1.0 , 1.50 , "x"^^xsd:byte , "1"^^xsd:byte , "1"^^xsd:boolean , 1e0 ,
  "P12M"^^xsd:duration , "2020-01-01T24:00:00"^^xsd:dateTime , "a\\r\\nb" , "a"@en-GB .
"""
TERMS = "SELECT ?o (STR(?o) AS ?text) (DATATYPE(?o) AS ?type) { ?s ?p ?o }"


def test_exactly_every_term_comes_out_as_it_is_written() -> None:
    quads = list(parse(WRITTEN, RdfFormat.TURTLE))
    result: Any = evaluate_exactly(quads, TERMS)
    found = {(row["o"], row["text"].value, row["type"].value) for row in result}
    terms: set[Any] = {each.object for each in quads}
    assert found == {(each, each.value, each.datatype.value) for each in terms}
    graph = evaluate_exactly(quads, "CONSTRUCT WHERE { ?s ?p ?o }")
    assert {each.object for each in graph} == terms  # type: ignore[union-attr]
    count: Any = evaluate_exactly(quads, "SELECT (COUNT(DISTINCT ?o) AS ?n) { ?s ?p ?o }")
    assert next(iter(count))["n"].value == str(len(terms))
    assert evaluate_exactly(quads, "ASK { ?s ?p 01 }")
    assert not evaluate_exactly(quads, "ASK { ?s ?p 001 }")


def test_exactly_all_graphs_are_one_and_a_dataset_of_the_web_is_not_read() -> None:
    quads = list(parse("<urn:g> { <urn:a> <urn:p> 01 }", RdfFormat.TRIG))
    assert evaluate_exactly(quads, "ASK { ?s ?p 01 }")
    assert evaluate_exactly(quads, "ASK { GRAPH <g> { <a> <p> 01 } }", base="urn:") is not None
    assert not evaluate_exactly(quads, f"ASK FROM {ELSEWHERE} {{ ?s ?p ?o }}")
    with pytest.raises(QueryError, match="cannot be evaluated with --exact: "):
        evaluate_exactly(quads, "ASK { ?s ?p ?o FILTER(<urn:no-function>(?o)) } GARBAGE")


def test_the_literals_that_a_store_changes_are_told(tmp_path: Path) -> None:
    file = tmp_path / "d.ttl"
    file.write_text(WRITTEN, "utf-8")
    changed: dict[Literal, Literal] = {}
    load_data([file], changed=changed)
    forms = {(each.value, changed[each].value) for each in changed}
    assert forms == {
        *(("01", "1"), ("1.0", "1"), ("1.50", "1.5"), ("1", "1"), ("1", "true"), ("1e0", "1")),
        *(("P12M", "P1Y"), ("2020-01-01T24:00:00", "2020-01-02T00:00:00")),
    }
    assert len(changed) == 8


def test_a_relative_iri_is_relative_to_the_file_of_the_query(tmp_path: Path) -> None:
    (row,) = select(Store(), "SELECT (<#a> AS ?a) {}", source=tmp_path / "q.rq")
    assert row["a"] == (tmp_path / "q.rq").as_uri() + "#a"
    (row,) = select(Store(), "SELECT (<d.ttl> AS ?a) {}")
    assert row["a"] == (Path.cwd() / "d.ttl").as_uri()


@pytest.mark.parametrize("call", ["REGEX(?v, '(a+)+$')", "REPLACE(?v, '(a+)+$', 'b')"])
def test_a_pattern_that_takes_for_ever_ends_an_exact_query(
    call: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exact, "PATTERN_SECONDS", 0.1)
    text = f"SELECT ({call} AS ?r) {{ VALUES ?v {{ '{'a' * 40}!' }} }}"
    with pytest.raises(QueryError, match="a regular expression takes more than"):
        evaluate_exactly([], text)
