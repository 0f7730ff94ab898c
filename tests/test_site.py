"""The site of the documentation: its page of terms, its answers, and the check of its links."""

from __future__ import annotations

import re
from pathlib import Path

import pyoxigraph as ox
import pytest
from tools.build_site import ROWS, ask, check_links
from tools.ontology_page import render_terms

from nhskg.project import Project
from nhskg.rdf.terms import NS

ROOT = Path(__file__).parents[1]
ONTOLOGY = """
@prefix : <https://w3id.org/nhskg/ns#> .
@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
:Ferry a owl:Class ; skos:prefLabel "ferry"@en ; skos:definition "A *ship* <with> a timetable."@en ;
  skos:scopeNote "Not a barge."@en ; rdfs:subClassOf [ owl:unionOf ( :Ship :Barge ) ] .
:Ship a owl:Class ; skos:prefLabel "ship"@en .
:Barge a owl:Class ; skos:prefLabel "barge"@en ; owl:deprecated true ; dcterms:isReplacedBy :Ship .
:Tolls a skos:ConceptScheme ; skos:prefLabel "kinds of toll"@en .
:Fare a skos:Concept ; skos:prefLabel "fare"@en ; skos:inScheme :Tolls .
"""


def test_the_page_of_terms_has_all_that_is_stated_of_each(tmp_path: Path) -> None:
    (tmp_path / "ships.ttl").write_text(ONTOLOGY, "utf-8")
    page = render_terms([tmp_path / "ships.ttl"])
    assert re.findall("^## (.*)", page, re.MULTILINE) == [
        "Classes",
        "Concept schemes",
        "Kinds of toll",
    ]
    barge, ferry, ship, scheme, fare = page.split('<a id="')[1:]
    assert barge.startswith('Barge"></a>\n\n### nhs:Barge\n\n**barge**\n\n**Deprecated')
    assert '- dcterms:isReplacedBy: <a href="#Ship">nhs:Ship</a>' in barge
    assert '- replaces: <a href="#Barge">nhs:Barge</a>' in ship
    assert "A \\*ship\\* \\<with\\> a timetable." in ferry
    assert "- skos:scopeNote: Not a barge." in ferry
    parts = '<a href="#Ship">nhs:Ship</a>, <a href="#Barge">nhs:Barge</a>'
    assert f"- rdfs:subClassOf: owl:unionOf: {parts}" in ferry
    assert "Tolls" in scheme
    assert '- skos:inScheme: <a href="#Tolls">nhs:Tolls</a>' in fare


def test_each_term_of_the_ontology_has_an_anchor_of_its_name() -> None:
    files = sorted((ROOT / "ontology").glob("*.ttl"))
    page = render_terms(files)
    anchors = re.findall('<a id="(.*)"></a>', page)
    assert len(anchors) == len(set(anchors))
    terms = {quad.subject for path in files for quad in ox.parse(path=path)}
    ours = {each.value for each in terms if isinstance(each, ox.NamedNode)}
    assert {each.removeprefix(NS) for each in ours if each.startswith(NS)} <= set(anchors)
    assert page.count("\n### ") == len(ours)


def test_an_answer_of_the_catalogue_is_cut_and_says_so(built: Project) -> None:
    shown = ask("things", built.root)
    (count,) = re.findall(
        rf"^{ROWS} of its (\d+) rows, by `nhskg query run things --row-limit {ROWS}`", shown
    )
    assert int(count) > 20
    assert len(shown.splitlines()) < 20
    assert ask("silences", built.root).startswith("Its answer, by `nhskg query run silences`")


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        ('<a href="b.html#there">', None),
        ('<a href="https://example.org/">', None),
        ('<a href="#top">', "a.html: no anchor #top"),
        ('<a href="b.html#here">', "a.html: no anchor b.html#here"),
        ('<a href="c.html">', "a.html: no file c.html"),
        ('<img src="x.png">', "a.html: no file x.png"),
        ('<script src="//example.org/x.js">', "a.html: loads //example.org/x.js from elsewhere"),
        ('<link href="https://x.org/x.css">', "a.html: loads https://x.org/x.css from elsewhere"),
        ('<p id="x"><p id="x">', "a.html: two anchors x"),
    ],
)
def test_a_link_that_leads_nowhere_is_found(
    tmp_path: Path, content: str, fault: str | None
) -> None:
    (tmp_path / "a.html").write_text(content, "utf-8")
    (tmp_path / "b.html").write_text('<p id="there">', "utf-8")
    faults, others = check_links(tmp_path)
    assert faults == [fault] * bool(fault)
    assert list(others) == (["https://example.org/"] if 'example.org/"' in content else [])
