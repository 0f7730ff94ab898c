"""The synthetic corpora and the benchmarks' command; nothing here measures time."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from pathlib import Path

import pyoxigraph as ox
import pytest
from benchmarks import __main__ as command
from benchmarks.engines import DERIVED
from benchmarks.generator import Settings, corpus, quads, write_project
from benchmarks.measuring import Goal, Result, Spread, at_least, exponent, to_json, unavailable
from benchmarks.plain_build import Mapper, read_yaml
from benchmarks.reporting import BEGIN, END, render_text, write_docs
from benchmarks.shares import Measured, measure, shares

from nhskg.annotation.reader import check_anchored, read_corpus
from nhskg.annotation.writer import anchor_file
from nhskg.graph.mapping import map_corpus, map_ontology
from nhskg.project import Project

SMALL = Settings(60)
WORLDS = Settings(975, seed=7)
"""Three worlds of the size of the real corpus."""


@pytest.fixture(scope="module")
def real() -> Measured:
    return measure()


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory, real: Measured) -> Project:
    return Project.locate(write_project(tmp_path_factory.mktemp("small"), SMALL, real))


def _digest(folder: Path) -> str:
    found = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            found.update(str(path.relative_to(folder)).encode() + b"\0" + path.read_bytes())
    return found.hexdigest()


def test_same_seed_same_bytes(tmp_path: Path, real: Measured) -> None:
    one, two, other = (tmp_path / name for name in ("one", "two", "other"))
    write_project(one, SMALL, real)
    write_project(two, SMALL, measure())
    write_project(other, Settings(60, seed=2), real)
    assert _digest(one) == _digest(two)
    assert _digest(one) != _digest(other)


def test_generated_project_reads_without_fault_and_is_anchored(
    small: Project, real: Measured
) -> None:
    found = read_corpus(small, real.vocabulary)
    assert sum(1 for _ in found.claims()) == SMALL.claims
    assert check_anchored(found.documents) == []


def test_anchors_are_those_that_the_texts_give(small: Project) -> None:
    for path in small.documents.glob("*.yaml"):
        report = anchor_file(path, small.root / "texts", check=True)
        assert report.passages >= 1
        assert report.findings == ()


def test_quads_without_files_are_those_of_the_files(small: Project, real: Measured) -> None:
    from_files = set(map_corpus(read_corpus(small, real.vocabulary)))
    assert set(quads(SMALL, real)) == from_files


@pytest.mark.parametrize("claims", [1, 2, 64, 325, 700])
def test_any_size(claims: int, real: Measured) -> None:
    found = corpus(Settings(claims), real)
    assert sum(1 for _ in found.claims()) == claims


def test_shares_are_near_the_real_ones(real: Measured) -> None:
    wanted = shares(read_corpus(real.project, real.vocabulary))
    found = shares(corpus(WORLDS, real))
    for name, share in wanted.items():
        near = 0.08 * share if name.startswith(("claims", "plans", "things", "mean")) else 0.03
        assert found.get(name, 0) == pytest.approx(share, abs=near), name


def test_no_run_of_words_of_an_annotation_is_repeated(small: Project, real: Measured) -> None:
    """What annotators quoted from the texts must not come back in another guise."""
    quotes = [claim["quote"] for document in real.documents for claim in document["claims"]]
    for path in small.documents.glob("*.yaml"):
        text = path.read_text("utf-8")
        assert not [quote for quote in quotes if len(quote.split()) > 1 and quote in text]


def test_stacked_proposals_stand_on_proposals(real: Measured) -> None:
    depth = "mean depth of baselines"
    flat, stacked = (shares(corpus(Settings(325, stacked=s), real))[depth] for s in (0.0, 0.9))
    assert stacked > flat


def test_plain_build_maps_what_nhskg_maps(small: Project, real: Measured) -> None:
    """The plain script is a fair alternative only if it states the same triples."""
    from rdflib import Graph

    ontology = Graph()
    for path in sorted(small.ontology.glob("*.ttl")):
        ontology.parse(path, format="turtle")
    for project in (small, real.project):
        mapper = Mapper(ontology)
        mapper.register(list(read_yaml(project.register)))
        for file in read_yaml(project.documents):
            mapper.document(file)
        mine = ox.parse(input=mapper.graph.serialize(format="nt"), format=ox.RdfFormat.N_TRIPLES)
        wanted = {quad.triple for quad in map_corpus(read_corpus(project, real.vocabulary))}
        assert {each.triple for each in _as_quads(mine)} == wanted


def _as_quads(found: Iterable[object]) -> Iterable[ox.Quad]:
    for each in found:
        assert isinstance(each, ox.Quad)
        yield each


def test_the_reasoner_derives_holdings_from_it(real: Measured) -> None:
    from nhskg.reasoning.engine import CompiledEngine, read_rule_texts

    store = ox.Store()
    store.extend(quads(SMALL, real))
    store.extend(map_ontology(real.project.ontology))
    engine = CompiledEngine(read_rule_texts(real.project.ontology / "rules"))
    found = engine.derive(store, DERIVED)
    assert found.derived > SMALL.claims
    holding = ox.NamedNode("https://w3id.org/nhskg/ns#Holding")
    assert any(store.quads_for_pattern(None, None, holding, DERIVED))


def test_command_prints_ratios_of_a_tiny_size(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "results.json"
    arguments = ["load", "validation", "--size", "30", "--rounds", "1", "--json", str(out)]
    assert command.main(arguments) == 0
    told = capsys.readouterr().out
    assert "bulk-loading the same asserted quads" in told
    assert "times as long" in told
    assert "cores: " in told
    results = json.loads(out.read_text("utf-8"))["results"]
    assert {each["benchmark"] for each in results} == {"reasoning", "validation"}
    assert results[0]["ratio"]["runs"] == 1


def test_unknown_benchmark_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        command.main(["nothing"])
    assert "no benchmark nothing" in capsys.readouterr().err


def test_what_is_not_there_has_no_figure() -> None:
    result = unavailable("reasoning", "a", "b", "not available yet: c")
    assert result.met is None
    assert "not measured: not available yet: c" in render_text(result)
    assert "ratio" not in render_text(result)


@pytest.mark.parametrize(("number", "met"), [(99.0, False), (100.0, True)])
def test_goals(number: float, met: bool) -> None:
    goal = Goal(100, at_least=True)
    result = Result("r", "a", "b", ratio=Spread.of([number]), goal=goal)
    assert result.met is met
    assert Goal(100, at_least=False).met(number) is (number <= 100)


def test_exponent_of_a_square() -> None:
    assert exponent([10, 100, 1000], [3, 300, 30000]) == pytest.approx(2)


def test_docs_are_written_between_the_markers(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(f"before\n{BEGIN}\nold\n{END}\nafter\n", "utf-8")
    one = Result("r", "what", "other", ratio=Spread.of([2.0, 4.0]), reads="times", note="n")
    write_docs(page, [one], {"cores": "2"}, "the command")
    text = page.read_text("utf-8")
    assert text.startswith("before\n")
    assert text.endswith(f"{END}\nafter\n")
    assert "| what | other |  |  | 3 (2 to 4) times |  |  |" in text
    assert "old" not in text


def test_saved_results_are_told_again(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Also that the command says nothing of where they went."""
    result = Result(
        "b",
        "what",
        "other",
        ours=Spread.of([1.0]),
        theirs=Spread.of([3.0]),
        ratio=Spread.of([3.0]),
        reads="times faster",
        goal=Goal(2, at_least=True),
    )
    told = command._command(["load", "--json", "some/where.json", "--rounds", "1"])
    assert told == "python -m benchmarks load --rounds 1"
    saved = tmp_path / "saved.json"
    saved.write_text(to_json([result], {"machine": "m"}, told), "utf-8")
    assert command.main(["--results", str(saved)]) == 0
    assert render_text(result) in capsys.readouterr().out


def test_a_stopped_alternative_gives_a_lower_bound() -> None:
    result = Result("b", "what", "other", ratio=Spread.of([3.0]), reads="times faster")
    assert at_least(result, 60).reads == "times faster at least"
    assert "stopped after 60 s" in at_least(result, 60).note


def test_proving_asks_cells_of_a_tiny_corpus(capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["proving", "--size", "60", "--rounds", "1"]) == 0
    told = capsys.readouterr().out
    assert "proving: `why` of one cell, in process, 60 claims" in told
    assert "cells, of each basis" in told
