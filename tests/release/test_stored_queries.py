"""The stored queries as RDF: what SPARQL editors find, and that the texts give the same answers."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from pyoxigraph import BlankNode, QuerySolutions, RdfFormat, Store
from rdflib.plugins.sparql import prepareQuery
from tests.conftest import HERE, build

from nhskg.graph.store import open_published
from nhskg.project import Project
from nhskg.queries.engine import Row, select
from nhskg.queries.stored import bind, list_queries
from nhskg.rdf import terms
from nhskg.release.source import Source
from nhskg.release.stored_queries import write_stored_queries

EDITOR = """
PREFIX sh: <http://www.w3.org/ns/shacl#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
SELECT DISTINCT ?sq ?comment ?query WHERE {
  ?sq a sh:SPARQLExecutable ; rdfs:comment ?comment ;
      sh:select|sh:ask|sh:construct|sh:describe ?query .
} ORDER BY ?sq
"""
"""What the editor of the Swiss Institute of Bioinformatics asks an endpoint for its examples."""

PREFIXES = """
PREFIX sh: <http://www.w3.org/ns/shacl#>
SELECT DISTINCT ?prefix ?namespace WHERE { [] sh:namespace ?namespace ; sh:prefix ?prefix }
"""
"""What it asks an endpoint for its prefixes."""
SMALL = {"silences", "stances", "statuses", "things"}


def read(folder: Path) -> Store:
    store = Store()
    store.load(path=str(folder / "queries.ttl"), format=RdfFormat.TURTLE)
    return store


def texts(folder: Path) -> dict[str, str]:
    """Return the text of each query by its name, with the prefixes that are declared."""
    store = read(folder)
    declared = "".join(
        f"PREFIX {row['prefix']}: <{row['namespace']}>\n" for row in select(store, PREFIXES)
    )
    found = select(store, EDITOR)
    return {terms.local_name(row["sq"]): declared + row["query"] for row in found}


def written(project: Project, folder: Path) -> Path:
    write_stored_queries(Source(project, open_published(project.build).open()), folder)
    return folder


def test_an_editor_finds_each_query_with_its_question(dumped_small: Path, built: Project) -> None:
    found = {row["sq"]: row["comment"] for row in select(read(dumped_small), EDITOR)}
    queries = list_queries(built.queries)
    assert found == {f"{terms.ID}query/{each.name}": each.question for each in queries}
    assert len(found) >= 30


def test_a_query_has_what_the_shapes_of_the_examples_require(dumped_small: Path) -> None:
    """One text, a comment in English, a target, keywords without space around."""
    rows = select(
        read(dumped_small),
        """SELECT ?q (COUNT(DISTINCT ?text) AS ?texts) (COUNT(DISTINCT ?said) AS ?comments)
                  (GROUP_CONCAT(DISTINCT STR(?to)) AS ?targets) (COUNT(DISTINCT ?tag) AS ?tags)
        WHERE {
          ?q a sh:SPARQLSelectExecutable ; sh:select ?text ; rdfs:comment ?said ;
             rdfs:label ?label ; schema:target ?to ; schema:keywords ?tag ;
             sh:prefixes/sh:declare ?any .
          FILTER(LANG(?said) = "en" && LANG(?label) = "en" && REGEX(?tag, "^\\\\S(.*\\\\S)?$"))
        } GROUP BY ?q""",
    )
    assert len(rows) == len(texts(dumped_small))
    for row in rows:
        assert (row["texts"], row["comments"]) == ("1", "1")
        assert row["targets"] == "https://w3id.org/nhskg/dataset"
        assert int(row["tags"]) >= 1


def test_nothing_of_it_is_a_blank_node(dumped_small: Path) -> None:
    for quad in read(dumped_small):
        assert BlankNode not in (type(quad.subject), type(quad.object))


def test_the_texts_give_the_rows_of_the_stored_queries(dumped_small: Path, built: Project) -> None:
    """In another store of the same quads, which knows no patterns of ours and no defaults."""
    store = open_published(built.build).open()
    other = Store()
    other.extend(store)
    for query in list_queries(built.queries):
        given = select(store, bind(query, {}, store), source=query.path)
        assert rows(other, texts(dumped_small)[query.name]) == given, query.name


def rows(store: Store, text: str) -> list[Row]:
    """Return the rows of a query, with no prefix of ours."""
    found = store.query(text, use_default_graph_as_union=True)
    assert isinstance(found, QuerySolutions)
    names = [each.value for each in found.variables]
    return [{n: str(getattr(row[n], "value", row[n] or "")) for n in names} for row in found]


@pytest.mark.parametrize("name", sorted(SMALL))
def test_rdflib_parses_a_text(dumped_small: Path, name: str) -> None:
    prepareQuery(texts(dumped_small)[name])


@pytest.mark.services
def test_rdflib_parses_every_text(dumped_small: Path) -> None:
    """That takes some seconds a query."""
    for text in texts(dumped_small).values():
        prepareQuery(text)


def test_a_parameter_has_its_variable_kind_and_default(dumped_small: Path) -> None:
    found = select(
        read(dumped_small),
        """SELECT ?variable ?class ?type ?default ?about WHERE {
          id:query/holders sh:parameter ?p . ?p sh:path ?variable ; sh:description ?about .
          OPTIONAL { ?p sh:class ?class } OPTIONAL { ?p sh:datatype ?type }
          OPTIONAL { ?p sh:defaultValue ?default }
        }""".replace("id:query/holders", f"<{terms.ID}query/holders>"),
    )
    by_name = {terms.local_name(row["variable"]): row for row in found}
    assert set(by_name) == {
        f"asked_{each}" for each in ("power", "plan", "matter", "body", "unchanged")
    }
    assert by_name["asked_power"]["class"] == terms.NS + "Power"
    assert by_name["asked_power"]["default"] == terms.NS + "SignOff"
    assert by_name["asked_body"]["class"] == "", "a body or a post"
    assert by_name["asked_unchanged"]["type"] == terms.XSD + "boolean"
    assert by_name["asked_unchanged"]["about"].endswith(": yes, no")
    assert f"VALUES ?asked_power {{ <{terms.NS}SignOff> }}" in texts(dumped_small)["holders"]
    assert "VALUES ?asked_plan { UNDEF }" in texts(dumped_small)["holders"]


def test_a_corpus_of_ones_own_has_its_queries_at_its_own_address(tmp_path: Path) -> None:
    root = shutil.copytree(HERE / "corpora" / "ferries", tmp_path / "ferries")
    query = root / "queries" / "mine.rq"
    query.write_text(OWN, "utf-8")
    try:
        folder = written(build(Project.locate(root)), tmp_path)
        assert terms.in_base("queries") == "https://example.org/ferries/queries"
        text = texts(folder)["mine"]
        iris = {row["sq"] for row in select(read(folder), EDITOR)}
    finally:
        terms.use_base()
    assert "https://example.org/ferries/id/query/mine" in iris
    assert all(iri.startswith("https://example.org/ferries/") for iri in iris)
    assert "VALUES ?asked_plan { UNDEF }" in text, "the graph has no such plan"
    assert "PREFIX id: <https://example.org/ferries/id/>" in text
    assert "#given" not in text
    assert "#+" not in text
    prepareQuery(text)


OWN = """#+ title: Mine
#+ question: Which plans are there?
#+ parameters: {plan: {type: plan, default: no-such-plan}, word: {type: string}}
#+ columns: [plan]
SELECT ?plan WHERE {
  VALUES ?asked_plan { UNDEF }
  VALUES ?asked_word { UNDEF }
  #given plan: { ?asked_plan a nhs:Plan }
  ?asked_plan skos:prefLabel ?plan . FILTER(!REGEX(?plan, "\\\\d\\"") && ?plan != '''\"""
''')
}
ORDER BY ?plan
"""
