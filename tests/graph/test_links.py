"""Links from things of the register to what is described elsewhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml
from pyoxigraph import Literal, NamedNode
from tests.cli.runner import nhskg
from tests.conftest import build, copy_barchester

from nhskg.annotation.register import Link
from nhskg.building.pipeline import Assembled, assemble
from nhskg.graph.source_locations import Locator
from nhskg.graph.store import open_published
from nhskg.project import Project
from nhskg.queries.engine import select
from nhskg.rdf import terms

SHIPPED = Path(__file__).parents[2] / "seeds" / "register" / "links.yaml"
LINKS = """\
links:
  - thing: hiram-report
    address: "https://registry.example/hiram"
    relation: skos:closeMatch
    said_by: curator
    checked: 2026-11-01
    note: both are one report
  - {thing: hwb, address: "https://registry.example/b", relation: rdfs:seeAlso,
     said_by: septimus-harding, checked: 2026-11-02}
"""


@pytest.fixture(scope="module")
def linked(tmp_path_factory: pytest.TempPathFactory) -> Project:
    project = copy_barchester(tmp_path_factory.mktemp("linked"))
    (project.register / "links.yaml").write_text(LINKS, "utf-8")
    return build(project)


@pytest.fixture(scope="module")
def assembled(linked: Project) -> Assembled:
    return assemble(linked)


def test_a_link_is_in_a_graph_of_its_own_with_who_says_so_and_when(linked: Project) -> None:
    store = open_published(linked.build).open()
    rows = select(
        store,
        f"""SELECT ?thing ?relation ?address ?by ?on ?note {{ GRAPH <{terms.LINKS_GRAPH}> {{
          ?thing ?relation ?address .
          ?link a rdf:Statement ; rdf:subject ?thing ; rdf:predicate ?relation ;
            rdf:object ?address ; prov:wasAttributedTo ?by ; dcterms:date ?on .
          OPTIONAL {{ ?link skos:editorialNote ?note }}
        }} }} ORDER BY ?thing""",
    )
    assert [list(row.values()) for row in rows] == [
        [
            f"{terms.ID}hiram-report",
            f"{terms.SKOS}closeMatch",
            "https://registry.example/hiram",
            terms.CURATOR,
            "2026-11-01",
            "both are one report",
        ],
        [
            f"{terms.NS}HealthAndWellbeingBoard",
            f"{terms.RDFS}seeAlso",
            "https://registry.example/b",
            f"{terms.ID}septimus-harding",
            "2026-11-02",
            "",
        ],
    ]
    links = {row["link"] for row in select(store, "SELECT ?link { ?link a rdf:Statement }")}
    assert links == {
        terms.link("hiram-report", "https://registry.example/hiram"),
        terms.link("hwb", "https://registry.example/b"),
    }
    graph = NamedNode(terms.DERIVED_GRAPH)
    derived = [q for q in store.quads_for_pattern(None, None, None, graph) if "link/" in str(q)]
    assert not derived


def test_what_is_wrong_with_a_link_is_told_at_its_line(assembled: Assembled) -> None:
    locate = Locator(assembled.corpus, assembled.store)
    (link,) = (each for each in assembled.corpus.links if each.value.thing == "hiram-report")
    node = NamedNode(terms.link(link.value.thing, link.value.address))
    for predicate, line in ((terms.RDF + "object", 3), (terms.DCTERMS + "date", 6)):
        (place,) = locate(node, NamedNode(predicate), Literal(""))
        assert (place.path.name, place.line) == ("links.yaml", line)
    assert [place.line for place in locate(node)] == [2]


def test_a_page_tells_the_links_of_its_thing(linked: Project) -> None:
    shown = nhskg("show", "hiram-report", cwd=linked.root).stdout
    told = "close match: https://registry.example/hiram (says the curator, checked 2026-11-01)"
    assert told in shown.splitlines()
    assert "see also: https://registry.example/b (says Septimus Harding" in " ".join(
        nhskg("show", "hwb", cwd=linked.root).stdout.split()
    )


def test_the_shipped_file_is_empty_and_its_example_can_be_filled_in() -> None:
    text = SHIPPED.read_text("utf-8")
    assert yaml.safe_load(text) == {"links": []}
    example = re.findall(r"^# ([- ] \w+:.*|\s+# .*)$", text, re.MULTILINE)
    (entry,) = yaml.safe_load("\n".join(example))
    assert Link.model_validate({name: str(value) for name, value in entry.items()}).note
