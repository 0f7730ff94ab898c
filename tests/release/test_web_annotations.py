"""The evidence as Web Annotations: each MUST of the recommendation, and passages of the texts."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import pytest
from pyoxigraph import Literal, Quad, RdfFormat, parse
from tests.cli.runner import nhskg
from tests.release.test_readers import read_annotation_context

from nhskg.annotation.texts import read_text
from nhskg.graph.store import open_published
from nhskg.project import Project
from nhskg.queries.engine import select
from nhskg.rdf import terms
from nhskg.release.source import Source
from nhskg.release.web_annotations import write_annotations

Node = dict[str, Any]
Check = Callable[[Any], bool]
PREF_LABEL: Final = terms.SKOS + "prefLabel"
CONTEXT: Final = "http://www.w3.org/ns/anno.jsonld"


def read(folder: Path) -> Node:
    found: Node = json.loads((folder / "annotations.jsonld").read_text("utf-8"))
    return found


def listed(value: object) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def collection(found: Node) -> list[Node]:
    return [found]


def pages(found: Node) -> list[Node]:
    return [found["first"]]


def entries(found: Node) -> list[Node]:
    return [each for page in pages(found) for each in page["items"]]


def labels(found: Node) -> list[Node]:
    return [each["body"][1] for each in entries(found)]


def targets(found: Node) -> list[Node]:
    return [each for entry in entries(found) for each in listed(entry["target"])]


def quotes(found: Node) -> list[Node]:
    return [each["selector"][0] for each in targets(found)]


def positions(found: Node) -> list[Node]:
    return [each["selector"][1] for each in targets(found)]


def is_iri(value: object) -> bool:
    return isinstance(value, str) and re.fullmatch(r"https?://[^\s<>\"{}|\\^`]+", value) is not None


def is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def is_utc(value: object) -> bool:
    pattern = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z"
    return isinstance(value, str) and re.fullmatch(pattern, value) is not None


def is_text(value: object) -> bool:
    return isinstance(value, str)


def is_list(value: object) -> bool:
    return isinstance(value, list) and len(value) > 0


def or_missing(check: Check) -> Check:
    return lambda value: value is None or check(value)


def one_of(*values: object) -> Check:
    return lambda value: value in values


MUSTS: Final[dict[str, tuple[Callable[[Node], list[Node]], str, Check, object]]] = {
    "3.1 context; one is a string": (collection, "@context", one_of(CONTEXT), [CONTEXT]),
    "3.1 exactly one IRI": (entries, "id", is_iri, None),
    "3.1 type Annotation": (entries, "type", one_of("Annotation"), "Dataset"),
    "3.1 one or more targets": (entries, "target", bool, []),
    "3.2 bodies are listed": (entries, "body", is_list, []),
    "3.2.4 an embedded text has exactly one value": (labels, "value", is_text, None),
    "3.2.4 no second format": (labels, "format", one_of("text/plain"), ["text/plain", "text/html"]),
    "3.2.4 no second language": (labels, "language", one_of("en"), ["en", "fr"]),
    "3.2.5 no bodyValue beside a body": (entries, "bodyValue", one_of(None), "text"),
    "3.3.1 created once, in UTC": (entries, "created", or_missing(is_utc), "2015-01-28"),
    "3.3.1 modified once, in UTC": (entries, "modified", or_missing(is_utc), "2015-01-28"),
    "3.3.6 rights are an IRI": (entries, "rights", or_missing(is_iri), "CC BY 4.0"),
    "3.3.7 one canonical IRI": (entries, "canonical", or_missing(is_iri), ["urn:a", "urn:b"]),
    "4 exactly one source": (targets, "source", is_iri, ["https://a.test/", "https://b.test/"]),
    "4.2.4 exactly one type": (quotes, "type", one_of("TextQuoteSelector"), ["Selector"]),
    "4.2.4 exactly one exact": (quotes, "exact", is_text, None),
    "4.2.4 no second prefix": (quotes, "prefix", or_missing(is_text), ["a", "b"]),
    "4.2.4 no second suffix": (quotes, "suffix", or_missing(is_text), ["a", "b"]),
    "4.2.5 exactly one type": (positions, "type", one_of("TextPositionSelector"), ["Selector"]),
    "4.2.5 exactly one start, not negative": (positions, "start", is_count, -1),
    "4.2.5 exactly one end, not negative": (positions, "end", is_count, "9"),
    "5.1 context": (collection, "@context", one_of(CONTEXT), "https://a.test/"),
    "5.1 exactly one IRI": (collection, "id", is_iri, None),
    "5.1 type AnnotationCollection": (collection, "type", one_of("AnnotationCollection"), "Bag"),
    "5.1 the label is a string": (collection, "label", is_text, {"en": "x"}),
    "5.1 the total is a number": (collection, "total", is_count, "5"),
    "5.1 exactly one first page": (collection, "first", lambda page: isinstance(page, dict), []),
    "5.2 an embedded page has no context": (pages, "@context", one_of(None), CONTEXT),
    "5.2 exactly one IRI": (pages, "id", is_iri, None),
    "5.2 type AnnotationPage": (pages, "type", one_of("AnnotationPage"), "Page"),
    "5.2 one or more items": (pages, "items", is_list, []),
    "5.2 the last page, and no other, has no next": (
        pages,
        "next",
        one_of(None),
        "https://a.test/",
    ),
    "5.2 one start index, not negative": (pages, "startIndex", is_count, [0, 1]),
}
"""The MUSTs that a file can break: which nodes, which key, what its value has to be, and what not.

An annotation in a page has the context of the collection, as in examples 39 and 40.
"""


@pytest.mark.parametrize("must", MUSTS)
def test_a_must_of_the_recommendation(dumped_small: Path, must: str) -> None:
    nodes_of, key, check, wrong = MUSTS[must]
    values = [node.get(key) for node in nodes_of(read(dumped_small))]
    assert values
    assert all(map(check, values))
    assert not check(wrong)


def test_what_should_be_there_is_there(dumped_small: Path) -> None:
    """Motivation, creator, classes, what the page is part of, the total, and the last page."""
    found = read(dumped_small)
    assert found["first"]["partOf"] == found["id"]
    assert found["last"] == found["first"]["id"]
    assert found["total"] == len(entries(found))
    assert found["first"]["startIndex"] == 0
    assert {each["motivation"] for each in entries(found)} == {"describing"}
    assert {each["creator"] for each in entries(found)} == {terms.CURATOR}
    (program,) = {each["generator"] for each in [found, *entries(found)]}
    assert f"<{program}> a prov:SoftwareAgent" in (dumped_small / "dataset.ttl").read_text("utf-8")
    assert {each["type"] for each in targets(found)} == {"SpecificResource"}
    assert {each["type"] for each in labels(found)} == {"TextualBody"}
    graph = parse(path=str(dumped_small / "nhskg.nq"), format=RdfFormat.N_QUADS)
    words = {str(q.subject)[1:-1]: q.object for q in graph if q.predicate.value == PREF_LABEL}
    for each in entries(found):
        claim, label = each["body"]
        assert words[claim] == Literal(label["value"], language="en")


def test_every_claim_that_stands_has_one_annotation_with_all_its_passages(
    dumped_small: Path, built: Project
) -> None:
    store = open_published(built.build).open()
    rows = select(
        store,
        """SELECT ?claim ?evidence ?document ?exact WHERE {
          ?claim a nhs:Claim ; nhs:evidence ?evidence .
          ?evidence oa:hasSource ?document ; oa:hasSelector/oa:exact ?exact
        } ORDER BY ?claim ?evidence""",
    )
    found = [
        {
            "claim": each["body"][0],
            "evidence": one["id"].replace("/id/annotation/", "/id/claim/"),
            "document": one["source"],
            "exact": one["selector"][0]["exact"],
        }
        for each in entries(read(dumped_small))
        for one in listed(each["target"])
    ]
    assert sorted(found, key=lambda each: (each["claim"], each["evidence"])) == rows
    ids = [each["id"] for each in entries(read(dumped_small))]
    assert len(set(ids)) == len(ids) == len({row["claim"] for row in rows}) < len(rows)
    assert set(ids) == {row["claim"].replace("/id/claim/", "/id/annotation/") for row in rows}


def check_passages(found: Node, texts: Path, documents: dict[str, str]) -> None:
    """Check that quote and position select the same: the quote, once, within its sentences."""
    read_texts = {iri: read_text(texts / name).text for iri, name in documents.items()}
    for each in targets(found):
        quote, position = each["selector"]
        assert position["refinedBy"] == quote["id"]
        words = quote.get("prefix", "") + quote["exact"] + quote.get("suffix", "")
        text = read_texts[each["source"]]
        assert text.count(words) == 1
        assert text[position["start"] : position["end"]].count(words) == 1


def documents_of(project: Project) -> dict[str, str]:
    rows = select(
        open_published(project.build).open(),
        "SELECT ?d ?file WHERE { ?d a nhs:SourceDocument ; dcterms:identifier ?file }",
    )
    return {row["d"]: row["file"] for row in rows}


def test_a_target_is_a_passage_of_its_text(dumped_small: Path, built: Project) -> None:
    check_passages(read(dumped_small), built.root / "texts", documents_of(built))


def test_the_licence_is_that_of_the_shipped_corpus_and_no_other(
    dumped: Path, dumped_small: Path
) -> None:
    licence = "https://creativecommons.org/licenses/by/4.0/"
    assert {each["rights"] for each in [read(dumped), *entries(read(dumped))]} == {licence}
    assert all("publisher" in each["dc:rights"] for each in [read(dumped), *entries(read(dumped))])
    assert not any({"rights", "dc:rights"} & {*each} for each in entries(read(dumped_small)))


@pytest.mark.texts
def test_a_target_is_a_passage_of_its_text_in_the_shipped_corpus(
    dumped: Path, real: Project, texts: Path
) -> None:
    check_passages(read(dumped), texts, documents_of(real))


def test_positions_count_code_points(tmp_path: Path) -> None:
    """In a text with characters that are two code units of UTF-16 each."""
    root = tmp_path / "new"
    nhskg("new", root)
    (root / "nhskg.toml").write_text('[corpus]\nbase = "https://echo.example/"\n', "utf-8")
    text = root / "texts" / "echo-clinics.txt"
    text.write_text("\N{SLIGHTLY SMILING FACE} 𝔉𝔢𝔯𝔯𝔬𝔴𝔟𝔶. " + text.read_text("utf-8"), "utf-8")
    told = nhskg("anchor", "--texts", "texts", "--update-digest", cwd=root)
    assert told.exit_code == 0, told.stderr
    assert nhskg("build", "--quiet", cwd=root).exit_code == 0
    try:
        project = Project.locate(root)
        write_annotations(Source(project, open_published(project.build).open()), tmp_path)
        found, documents = read(tmp_path), documents_of(project)
    finally:
        terms.use_base()
    check_passages(found, root / "texts", documents)
    content = text.read_text("utf-8")
    units = content.encode("utf-16-le")
    for each in positions(found):
        start, end = each["start"], each["end"]
        in_units = units[2 * start : 2 * end].decode("utf-16-le", "replace")
        assert in_units != content[start:end], "another passage, if they were code units"
    assert found["id"] == "https://echo.example/id/annotation/all"


def test_a_corpus_without_claims_has_a_collection_without_pages(
    barchester: Project, tmp_path: Path
) -> None:
    from pyoxigraph import Store

    write_annotations(Source(barchester, Store()), tmp_path)
    found = read(tmp_path)
    assert found["total"] == 0
    assert not {"first", "last"} & found.keys()


def test_beside_the_graph_nothing_gets_another_selector_or_quote(dumped_small: Path) -> None:
    """Read as RDF, a quote selector says again what the graph says of it, and a target is apart."""
    found = json.dumps({**read(dumped_small), "@context": read_annotation_context()})
    said = list(parse(found, RdfFormat.JSON_LD))
    graph = list(parse(path=str(dumped_small / "nhskg.nq"), format=RdfFormat.N_QUADS))

    def pairs(quads: list[Quad], name: str) -> set[tuple[object, object]]:
        return {(q.subject, q.object) for q in quads if q.predicate.value == terms.OA + name}

    assert pairs(said, "exact") == pairs(graph, "exact") != set()
    selecting, theirs = pairs(said, "hasSelector"), pairs(graph, "hasSelector")
    assert selecting
    assert not {each for each, _ in selecting} & {each for each, _ in theirs}
