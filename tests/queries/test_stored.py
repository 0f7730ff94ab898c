"""Stored queries: headers, parameters bound as terms, and the queries that ship."""

from __future__ import annotations

from pathlib import Path

import pytest
from pyoxigraph import Literal, NamedNode, Quad, Store
from tools.check_shipped import check_queries

from nhskg.queries.answers import answer
from nhskg.queries.engine import evaluate, select
from nhskg.queries.matrix import read_entries
from nhskg.queries.names import resolve
from nhskg.queries.stored import bind, find_query, list_queries, read_query
from nhskg.rdf.errors import InputError, QueryError, UsageError
from nhskg.rdf.files import Folders
from nhskg.rdf.terms import ID, NS, RDF_TYPE, SKOS

ROOT = Path(__file__).parents[2]
HEADER = """#+ title: T
#+ question: Q?
#+ parameters:
#+   plan: {type: plan, default: oldham}
#+   text: {type: string}
#+   size: {type: integer}
#+ columns: [plan]
SELECT ?plan WHERE {
  VALUES ?asked_plan { UNDEF }
  VALUES ?asked_text { UNDEF }
  VALUES ?asked_size { UNDEF }
  ?plan ?p ?asked_plan
}
"""


def add_plan(store: Store, slug: str) -> NamedNode:
    plan = NamedNode(ID + slug)
    store.add(Quad(plan, NamedNode(RDF_TYPE), NamedNode(NS + "Plan")))
    store.add(Quad(plan, NamedNode(SKOS + "notation"), Literal(slug)))
    return plan


@pytest.fixture
def store() -> Store:
    made = Store()
    add_plan(made, "oldham")
    return made


def query_file(folder: Path, text: str = HEADER, name: str = "some-query") -> Path:
    path = folder / f"{name}.rq"
    path.write_text(text)
    return path


@pytest.mark.parametrize("value", ["oldham", "Oldham", "id:oldham", f"<{ID}oldham>"])
def test_an_id_in_whatever_case_a_prefixed_name_or_an_iri(
    tmp_path: Path, store: Store, value: str
) -> None:
    text = bind(read_query(query_file(tmp_path)), {"plan": value}, store)
    assert f"VALUES ?asked_plan {{ <{ID}oldham> }}" in text


def test_of_ids_that_differ_in_case_only_the_one_written_is_meant(store: Store) -> None:
    other = add_plan(store, "OLDHAM")
    assert resolve(store, "OLDHAM", "plan") == other
    with pytest.raises(UsageError, match="more than one plan is meant by 'Oldham'"):
        resolve(store, "Oldham", "plan")


def test_values_are_bound_as_terms_and_never_as_text(tmp_path: Path, store: Store) -> None:
    query = read_query(query_file(tmp_path))
    attack = '" } } ; DROP ALL # \\ VALUES ?asked_size { UNDEF }'
    text = bind(query, {"text": attack, "size": "7"}, store)
    assert f"VALUES ?asked_plan {{ <{ID}oldham> }}" in text, "by default"
    assert str(Literal(attack)) in text
    assert str(Literal(7)) in text
    store.query(text)
    assert "VALUES ?asked_text { UNDEF }" in bind(query, {}, store)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"plan": "oldam"}, "unknown plan 'oldam'; did you mean 'oldham'?"),
        ({"plan": "zzz"}, "unknown plan 'zzz'; known are oldham"),
        ({"plam": "x"}, "no parameter 'plam'; did you mean 'plan'?; it takes plan, text, size"),
        ({"size": "many"}, "parameter 'size' takes a whole number"),
    ],
)
def test_a_wrong_value_is_told_with_the_repair(
    tmp_path: Path, store: Store, values: dict[str, str], message: str
) -> None:
    with pytest.raises(UsageError) as caught:
        bind(read_query(query_file(tmp_path)), values, store)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("SELECT * {}", "no header"),
        ("#+ title: [", ":2:4: not valid YAML: did not find expected node content"),
        ("#+ a: &a [x]\n#+ title: *a", ":1:7: an anchor of a list or mapping"),
        ("#+ title: !!binary x", ":1:11: a tag, which is not read"),
        ("#+ title: T\n#+ a: " + "[" * 100_000, ":2:26: nested more than 20 deep; nest it less"),
        ("#+ title: 2001-99-99", ":1:4: not valid YAML: month must be in 1..12"),
        (f"#+ title: {'x' * 2_000_000}", ":1:4: more than 2,000,000 letters; shorten it"),
        ("#+ title: T\n#+ question: Q", "faulty header"),
        ("#+ title: T\n#+ defaults: [a]", "faulty header: 'defaults' has a name and a value"),
        (HEADER.replace("type: plan", "type: planet"), "unknown parameter type 'planet'"),
        (HEADER.replace("VALUES ?asked_text { UNDEF }", ""), "parameter 'text' has no line"),
    ],
)
def test_a_faulty_header_is_told(tmp_path: Path, text: str, message: str) -> None:
    path = query_file(tmp_path, text)
    with pytest.raises(InputError) as caught:
        read_query(path)
    assert message in str(caught.value)
    assert str(path) in str(caught.value)


def test_a_column_of_the_header_that_the_query_does_not_give_is_told(
    tmp_path: Path, store: Store
) -> None:
    path = tmp_path / "mine.rq"
    path.write_text("#+ title: T\n#+ question: Q\n#+ columns: [yes, s]\nSELECT ?s { ?s ?p ?o }")
    with pytest.raises(QueryError, match="its header has the columns True, which it does") as found:
        answer(store, tmp_path, "mine")
    assert found.value.place == (path, 1, None)


def test_parts_that_include_parts_many_times_are_refused(tmp_path: Path) -> None:
    """These would be 10**9 patterns."""
    (tmp_path / "parts").mkdir()
    for n in range(9):
        (tmp_path / "parts" / f"p{n}.rq").write_text(f"#include p{n + 1}\n" * 10)
    (tmp_path / "parts" / "p9.rq").write_text("?s ?p ?o .\n")
    with pytest.raises(InputError, match="more than 1,000,000 letters with its parts") as found:
        read_query(query_file(tmp_path, HEADER + "#include p0\n"))
    assert found.value.place is not None
    assert found.value.place.path == tmp_path / "parts" / "p4.rq"


@pytest.mark.parametrize(
    ("part", "at", "message"),
    [
        ("#include loop\n", "parts/loop.rq:1", "part 'loop' includes itself; take this line out"),
        ("# one\n#include gone\n", "parts/loop.rq:2", "no part 'gone'; it would be the file"),
        ("#\n\n  #include gone as x\n", "parts/loop.rq:3", "no part 'gone'; it would be the file"),
        ("#include loop as x\n", "parts/loop.rq:1", "part 'loop' includes itself; take this line"),
    ],
)
def test_a_part_that_is_not_there_or_includes_itself_is_told(
    tmp_path: Path, part: str, at: str, message: str
) -> None:
    (tmp_path / "parts").mkdir()
    (tmp_path / "parts" / "loop.rq").write_text(part, "utf-8")
    path = query_file(tmp_path, "#+ title: T\n#include loop\n")
    with pytest.raises(InputError) as caught:
        read_query(path)
    assert at in str(caught.value)
    assert message in str(caught.value)


@pytest.mark.parametrize(("file", "line"), [("query.rq", 7), ("parts/part.rq", 2)])
def test_a_fault_is_told_at_the_line_of_the_file_or_of_its_part(
    tmp_path: Path, file: str, line: int
) -> None:
    """The query that is parsed has more lines: prefixes, columns, and those of the part."""
    part, header = tmp_path / "parts" / "part.rq", "#+ title: t\n#+ question: q\n#+ columns: [a]\n"
    part.parent.mkdir()
    part.write_text("?a skos:note ?n .\n?a skos:prefLabel ?b .\n")
    query = tmp_path / "query.rq"
    query.write_text(f"{header}WHERE {{\n  #include part\n\n  ?a ?b ?c .\n}}\n")
    path = tmp_path / file
    path.write_text(path.read_text().replace("?b", "?b ?b ?b ?b", 1))
    with pytest.raises(QueryError) as caught:
        evaluate(Store(), read_query(query).text, source=query)
    assert caught.value.place is not None
    assert caught.value.place[:2] == (path, line)


def test_a_part_included_under_another_name_has_its_own_variables(tmp_path: Path) -> None:
    """Those of parts within it too; what only looks like a variable is kept, and so is the rest."""
    (tmp_path / "parts").mkdir()
    inner = '?a <urn:p?> "so? ?" ; <urn:q>? ?b .\n'
    (tmp_path / "parts" / "inner.rq").write_text(inner, "utf-8")
    outer = "?a ?p ?a .\n  #include inner\n#include inner as in\n"
    (tmp_path / "parts" / "outer.rq").write_text(outer, "utf-8")
    header = "#+ title: T\n#+ question: Q?\n#+ columns: [a]\n"
    query = query_file(tmp_path, f"{header}#include inner\n#include outer as o\n?a")
    assert read_query(query).text == (
        f"{header}{inner}?o_a ?o_p ?o_a .\n"
        '?o_a <urn:p?> "so? ?" ; <urn:q>? ?o_b .\n'
        '?o_in_a <urn:p?> "so? ?" ; <urn:q>? ?o_in_b .\n'
        "?a"
    )


def test_a_query_like_another_has_its_body_and_what_its_own_header_says(
    tmp_path: Path, store: Store
) -> None:
    body = "WHERE { VALUES ?asked_plan { UNDEF } ?plan skos:notation ?id . ?asked_plan ?p ?plan }"
    header = "#+ title: T\n#+ question: Q?\n#+ columns: [plan, id]\n#+ order: [id]\n"
    query_file(tmp_path, f"{header}#+ parameters: {{plan: {{type: plan}}}}\n{body}\n", "base")
    own = "#+ title: Own\n#+ question: Whose?\n#+ like: base\n#+ defaults: {plan: oldham}\n"
    query = read_query(query_file(tmp_path, own))
    assert query.question == "Whose?"
    assert query.text == (
        f"{own}PREFIX skos: <{SKOS}>\nSELECT DISTINCT ?plan ?id\n{body}\nORDER BY ?id ?plan\n"
    )
    assert f"{{ <{ID}oldham> }}" in bind(query, {}, store)
    for name in ("gone", "../far"):
        query_file(tmp_path.parent, header + body, "far")
        with pytest.raises(InputError, match=f"no query '{name}' to be like"):
            read_query(query_file(tmp_path, own.replace("base", name)))


def test_solutions_that_are_alike_in_all_columns_are_one_row_in_the_order_of_the_header(
    tmp_path: Path, store: Store
) -> None:
    """For our store, which sorts only the columns, as in standard SPARQL."""
    header = "#+ title: T\n#+ question: Q?\n#+ columns: [id]\n#+ order: [place]\n"
    body = "WHERE { ?plan skos:notation ?id ; ?p ?o . BIND(-STRLEN(?id) AS ?place) }\n"
    for slug in ("pell-pledge", "hiram"):
        add_plan(store, slug)
    query = read_query(query_file(tmp_path, header + body))
    found = [
        [row["id"] for row in select(store, bind(query, {}, store, standard=is_standard))]
        for is_standard in (False, True)
    ]
    assert found == [["pell-pledge", "oldham", "hiram"]] * 2


def test_own_queries_are_like_shipped_ones_and_include_parts_of_both(tmp_path: Path) -> None:
    """A part of the project's own takes the place of the one that a shipped query includes."""
    own, shipped = tmp_path / "own", tmp_path / "shipped"
    for folder in (own, shipped):
        (folder / "parts").mkdir(parents=True)
    header = "#+ title: T\n#+ question: Q?\n#+ columns: [a]\n"
    query_file(shipped, f"{header}#include one\n#include two\n", "base")
    query_file(shipped / "parts", "# shipped one\n", "one")
    query_file(shipped / "parts", "# shipped two\n", "two")
    query_file(own / "parts", "# own two\n", "two")
    query_file(own, "#+ title: Own\n#+ question: Whose?\n#+ like: base\n", "mine")
    query_file(own, "", "gone")
    query_file(shipped, header, "gone")
    base, mine = list_queries(Folders((own, shipped)))
    assert (base.name, base.path.parent) == ("base", shipped)
    assert (mine.name, mine.path.parent) == ("mine", own)
    assert all("# shipped one\n# own two\n" in each.text for each in (base, mine))


@pytest.mark.parametrize("name", ["holder", "../secret", "a/b", "", "A"])
def test_an_unknown_query_names_the_nearest_and_a_name_never_leaves_the_folder(
    tmp_path: Path, name: str
) -> None:
    (folder := tmp_path / "queries").mkdir()
    query_file(folder, name="holders")
    query_file(tmp_path, name="secret")
    hint = "did you mean 'holders'" if name == "holder" else "known are holders"
    with pytest.raises(UsageError, match=f"unknown query '{name}'; {hint}"):
        find_query(folder, name)


def test_the_shipped_queries_parse_keep_their_columns_and_use_declared_terms() -> None:
    assert {"entries", "holders", "tensions"} <= {q.name for q in list_queries(ROOT / "queries")}
    assert check_queries(ROOT / "queries", ROOT / "ontology") == []


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("SELECT ?x { ?x a nhs:Plan } ORDER BY ?x", "gives x; its header says y"),
        ("SELECT ?y { ?y a nhs:Plan }", "add y to ORDER BY"),
        ("SELECT ?y { ?y a nhs:Plan ; nhs:baseline ?z } ORDER BY ?z", "add y to ORDER BY"),
        ("SELECT ?y { ?y a nhs:Plann } ORDER BY ?y", "nhs:Plann, which the ontology does not decl"),
        ("SELECT ?y { ?y a nhs:Plan", "not a SPARQL query"),
        ("ASK { ?y a nhs:Plan }", "must be a SELECT query"),
    ],
)
def test_the_check_of_queries_finds_faults(tmp_path: Path, body: str, message: str) -> None:
    query_file(tmp_path, f"#+ title: T\n#+ question: Q\n#+ columns: [y]\n{body}\n")
    (told,) = check_queries(tmp_path, ROOT / "ontology")
    assert message in told


def test_entries_of_a_corpus_without_a_parameter_are_told_with_their_file(
    tmp_path: Path, store: Store
) -> None:
    path = query_file(tmp_path, HEADER, "entries")
    with pytest.raises(InputError) as caught:
        read_entries(store, tmp_path)
    assert str(caught.value).startswith(f"{path}:1: it has no parameter 'power', by which it")
