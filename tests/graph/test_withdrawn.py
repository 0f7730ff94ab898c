"""A withdrawn claim stays, marked; in answers it is as if it were not there, unless asked for."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Final

import pytest
from pyoxigraph import NamedNode, Quad, Store
from tests.cli.runner import nhskg
from tests.conftest import BARCHESTER, copy_barchester

from nhskg.annotation.corpus import check_coverage
from nhskg.annotation.texts import read_text
from nhskg.building.pipeline import Assembled, assemble
from nhskg.project import Project
from nhskg.queries.engine import Row, select
from nhskg.queries.stored import bind, list_queries
from nhskg.rdf import terms
from nhskg.rdf.errors import AnnotationError

FILE: Final = "gazette-boards.yaml"
MARK: Final = (
    '{by: curator, on: 2026-11-01, why: "It was misread.", superseded_by: claim/report-sets-out}'
)


OTHERS: Final = "".join(
    (BARCHESTER / "seeds" / "documents" / name).read_text("utf-8")
    for name in ("chronicle-reply.yaml", "gazette-sequel.yaml")
)


def entries(text: str) -> dict[str, str]:
    """Return the text of each claim of a document by its id."""
    blocks = re.split(r"(?m)^(?=  - id: )", text.partition("no_claim:")[0])[1:]
    return {block.split()[2]: block for block in blocks}


def withdraw(project: Project, claim: str, mark: str = MARK) -> None:
    path = project.documents / FILE
    line = f"  - id: {claim}\n"
    text = path.read_text("utf-8")
    assert line in text
    path.write_text(text.replace(line, f"{line}    withdrawn: {mark}\n"), "utf-8")


def choose(text: str) -> dict[str, str]:
    """Return a claim of each kind that no other claim names, by its kind."""
    named = set(re.findall(r"claim/(?:gazette-boards/)?([\w-]+)", text + OTHERS))
    chosen: dict[str, str] = {}
    for claim, block in entries(text).items():
        if claim not in named:
            chosen.setdefault(block.partition("kind: ")[2].split()[0], claim)
    return chosen


@pytest.fixture(scope="module")
def chosen() -> dict[str, str]:
    return choose((BARCHESTER / "seeds" / "documents" / FILE).read_text("utf-8"))


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory, chosen: dict[str, str]) -> Project:
    project = copy_barchester(tmp_path_factory.mktemp("withdrawn"))
    successor = next(
        each
        for each in entries((project.documents / FILE).read_text("utf-8"))
        if each not in chosen.values()
    )
    for claim in chosen.values():
        withdraw(project, claim, MARK.replace("report-sets-out", successor))
    return project


@pytest.fixture(scope="module")
def marked(project: Project) -> Assembled:
    return assemble(project)


@pytest.fixture(scope="module")
def without(tmp_path_factory: pytest.TempPathFactory, chosen: dict[str, str]) -> Assembled:
    """The graph of the corpus from which the same claims are deleted."""
    project = copy_barchester(tmp_path_factory.mktemp("deleted"))
    path = project.documents / FILE
    text = path.read_text("utf-8")
    for claim in chosen.values():
        text = text.replace(entries(text)[claim], "")
    path.write_text(text, "utf-8")
    return assemble(project)


def derived(store: Store) -> set[Quad]:
    return set(store.quads_for_pattern(None, None, None, NamedNode(terms.DERIVED_GRAPH)))


def answers(assembled: Assembled, project: Project) -> dict[str, list[Row]]:
    return {
        query.name: list(select(assembled.store, bind(query, {}, assembled.store)))
        for query in list_queries(project.queries)
    }


def test_there_is_a_claim_of_each_kind_to_withdraw(chosen: dict[str, str]) -> None:
    assert chosen.keys() == {"provision", "stance", "silence", "relation"}


def test_nothing_follows_from_what_is_withdrawn(marked: Assembled, without: Assembled) -> None:
    assert derived(marked.store) == derived(without.store)
    findings = {(each.rule, each.message) for each in marked.findings}
    assert findings == {(each.rule, each.message) for each in without.findings}
    assert marked.figures["withdrawn claims"] == 4
    marking = {"withdrawn claims", "triples asserted"}
    assert {name for name, n in marked.figures.items() if n != without.figures.get(name)} == marking


def test_no_answer_has_it_but_the_one_that_asks_for_it(
    marked: Assembled, without: Assembled, project: Project, chosen: dict[str, str]
) -> None:
    found, others = answers(marked, project), answers(without, project)
    told = found.pop("withdrawn")
    assert others.pop("withdrawn") == []
    assert len(found) > 20
    assert found == others
    iris = {terms.claim("gazette-boards", each) for each in chosen.values()}
    assert {row["claim"] for row in told} == iris
    assert {row["was"] for row in told} == {"provision", "stance", "silence", "relation claim"}
    assert all(row["why"] == "It was misread." and row["by"] == "the curator" for row in told)


def test_it_keeps_its_evidence_and_loses_what_it_said(
    marked: Assembled, chosen: dict[str, str]
) -> None:
    for claim in chosen.values():
        node = NamedNode(terms.claim("gazette-boards", claim))
        said = {each.predicate.value for each in marked.store.quads_for_pattern(node, None, None)}
        assert said == {
            terms.RDF_TYPE,
            terms.DCTERMS + "references",
            terms.DCTERMS + "type",
            terms.DCTERMS + "isReplacedBy",
            terms.NS + "evidence",
            terms.PROV + "wasInvalidatedBy",
            terms.SKOS + "prefLabel",
        }


def test_a_sentence_with_nothing_else_is_not_accounted_for(
    project: Project, marked: Assembled
) -> None:
    """Each sentence that only withdrawn claims are about is told."""
    (document,) = (each for each in marked.corpus.documents if each.id == "gazette-boards")
    text = read_text(project.root / "texts" / document.header.source, None)
    standing = [each for each in document.claims if not each.withdrawn]
    passages = [p for each in standing for p in (each, *each.also)] + [*document.no_claim]
    lost = [
        sentence
        for sentence in text.sentences
        if not any(p.at and p.at[0] < sentence.end and sentence.start < p.at[1] for p in passages)
    ]
    assert lost
    assert len(check_coverage(document, text)) == len(lost)


def test_its_page_tells_why(tmp_path: Path) -> None:
    project = copy_barchester(tmp_path)
    claim, other = [*entries((project.documents / FILE).read_text("utf-8"))][:2]
    withdraw(project, claim, MARK.replace("report-sets-out", other))
    assert nhskg("build", cwd=project.root).exit_code == 0
    shown = nhskg("show", f"claim/gazette-boards/{claim}", cwd=project.root).stdout
    assert "was invalidated by: withdrawal on 2026-11-01: It was misread." in shown
    assert f"is replaced by: gazette-boards/{other}" in shown
    successor = nhskg("show", f"claim/gazette-boards/{other}", cwd=project.root).stdout
    told = f"replaces: gazette-boards/{claim} (withdrawal on 2026-11-01: It was misread.)"
    assert told in " ".join(successor.split())
    assert re.search(r"(?s)WITHDRAWN \(1\).*the curator.*gazette-boards", shown)
    found = json.loads(
        nhskg("query", "run", "withdrawn", "--format", "json", cwd=project.root).stdout
    )
    assert f"gazette-boards/{other}" in json.dumps(found)


def test_that_none_is_withdrawn_says_nothing_of_the_texts(built: Project) -> None:
    done = nhskg("query", "run", "withdrawn", cwd=built.root)
    assert done.stderr == "nhskg: no claim is withdrawn\n"


@pytest.mark.parametrize(
    ("mark", "told"),
    [
        ("{by: curator, on: 2026-11-01}", "missing field 'why'"),
        ("{on: 2026-11-01, why: x}", "missing field 'by'"),
        ("{by: reporter, on: 2026-11-01, why: x}", "unknown id 'reporter' in 'by'"),
        ("{by: curator, on: 9999-11-01, why: x}", "yet to come"),
        (MARK.replace("report-sets-out", "nowhere"), "no claim 'nowhere' in document"),
        (MARK.replace("claim/report-sets-out", "in-force-2009"), "is a plan, not a claim"),
    ],
)
def test_a_mark_that_does_not_say_enough_is_a_fault(tmp_path: Path, mark: str, told: str) -> None:
    project = copy_barchester(tmp_path)
    first, *_ = entries((project.documents / FILE).read_text("utf-8"))
    withdraw(project, first, mark)
    with pytest.raises(AnnotationError) as caught:
        assemble(project)
    (fault,) = caught.value.faults
    assert told in fault.message
    assert fault.place.line is not None


def test_a_claim_that_stands_does_not_name_one_that_is_withdrawn(tmp_path: Path) -> None:
    project = copy_barchester(tmp_path)
    texts = "".join(path.read_text("utf-8") for path in sorted(project.documents.iterdir()))
    named, *_ = re.findall(r": claim/gazette-boards/([\w-]+)", texts)
    withdraw(project, named, "{by: curator, on: 2026-11-01, why: x}")
    with pytest.raises(AnnotationError) as caught:
        assemble(project)
    for fault in caught.value.faults:
        assert "is withdrawn; name one that supersedes it" in fault.message
        assert (
            named in fault.place.path.read_text("utf-8").splitlines()[(fault.place.line or 0) - 1]
        )


def test_what_supersedes_leads_to_no_circle(tmp_path: Path) -> None:
    project = copy_barchester(tmp_path)
    chosen = choose((project.documents / FILE).read_text("utf-8"))
    one, two = chosen["stance"], chosen["relation"]
    withdraw(project, one, MARK.replace("report-sets-out", two))
    withdraw(project, two, MARK.replace("report-sets-out", one))
    found = [each for each in assemble(project).findings if each.rule == "C-14"]
    assert len(found) == 2
    for each in found:
        assert each.place
        line = each.place.path.read_text("utf-8").splitlines()[(each.place.line or 0) - 1]
        assert "withdrawn: " in line
