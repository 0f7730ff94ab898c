"""The synthetic corpora and the command of the benchmarks; nothing here measures time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pyoxigraph as ox
import pytest
from benchmarks import __main__ as command
from benchmarks.context import Context
from benchmarks.engines import ENGINES
from benchmarks.generator import (
    Raw,
    Settings,
    named_in,
    quads,
    read_real_corpus,
    worlds,
    write_project,
)
from benchmarks.measuring import compare, exponent
from benchmarks.plain_build import Mapper, read_turtle, read_yaml
from benchmarks.results import BEGIN, END, REPORT, Report, Result, render_text, write_docs

from nhskg.annotation.corpus import check_anchored
from nhskg.annotation.reader import read_corpus
from nhskg.graph.mapping import map_corpus
from nhskg.project import Project

SMALL = Settings(60)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Project:
    return Project.locate(write_project(tmp_path_factory.mktemp("small"), SMALL))


def test_same_seed_same_bytes(tmp_path: Path, small: Project) -> None:
    def files(folder: Path) -> dict[Path, bytes]:
        return {p.relative_to(folder): p.read_bytes() for p in folder.rglob("*.yaml")}

    assert files(write_project(tmp_path / "again", SMALL)) == files(small.root)
    assert files(write_project(tmp_path / "other", Settings(60, seed=2))) != files(small.root)


def test_a_generated_project_is_read_without_fault_and_anchored(small: Project) -> None:
    found = read_corpus(small, read_real_corpus().vocabulary)
    assert sum(1 for _ in found.claims()) == SMALL.claims
    assert check_anchored(found.documents) == []
    assert set(quads(SMALL)) == set(map_corpus(found))


@pytest.mark.parametrize("claims", [1, 2, 64, 325, 700])
def test_any_size(claims: int) -> None:
    made = [document for world in worlds(Settings(claims)) for document in world.documents]
    assert sum(len(document["claims"]) for document in made) == claims


def shares(documents: Sequence[Raw]) -> Counter[tuple[str, ...]]:
    """Return how large a share of claims is of a kind, has a field, and names a term in it."""
    claims = [claim for document in documents for claim in document["claims"]]
    terms = read_real_corpus().vocabulary
    found: Counter[tuple[str, ...]] = Counter()
    for claim in claims:
        found.update([(claim["kind"],), *((claim["kind"], name) for name in claim)])
        found.update((claim["kind"], *pair) for pair in named_in(claim) if pair[1] in terms)
    return Counter({each: number / len(claims) for each, number in found.items()})


def test_shares_of_kinds_fields_and_terms_are_near_the_real_ones() -> None:
    real = read_real_corpus()
    made = [document for world in worlds(Settings(1269, seed=7)) for document in world.documents]
    found, wanted = shares(made), shares(real.documents)
    quoting = {"prefix", "suffix", "through"}  # which an invented quote does not need
    for each in (each for each in wanted if not quoting & {*each}):
        assert found[each] == pytest.approx(wanted[each], abs=0.03), each
    assert len(made) / 1269 == pytest.approx(len(real.documents) / real.claims, rel=0.08)


def test_no_quote_of_an_annotation_is_repeated(small: Project) -> None:
    """What annotators quoted from the texts must not come back in another guise."""
    documents = read_real_corpus().documents
    quotes = [claim["quote"] for document in documents for claim in document["claims"]]
    for path in small.documents.glob("*.yaml"):
        text = path.read_text("utf-8")
        assert not [quote for quote in quotes if len(quote.split()) > 1 and quote in text]


def test_proposals_can_be_stacked_on_proposals() -> None:
    def stacked(share: float) -> int:
        (world,) = worlds(Settings(325, stacked=share))
        plans = {plan["id"]: plan.get("baseline") for plan in world.register["plans"]}
        return sum(plans.get(baseline) is not None for baseline in plans.values() if baseline)

    assert stacked(0.0) == 0 < stacked(0.9)


def test_plain_build_maps_what_nhskg_maps(small: Project) -> None:
    """The plain script is a fair alternative only if it states the same triples."""
    real = read_real_corpus()
    ontology = read_turtle(Path(real.project.ontology), "align.ttl", "deprecated.ttl")
    for project in (small, real.project):
        mapper = Mapper(ontology)
        mapper.register(list(read_yaml(project.register)))
        for file in read_yaml(project.documents):
            mapper.document(file)
        mine = ox.parse(input=mapper.graph.serialize(format="nt"), format=ox.RdfFormat.N_TRIPLES)
        wanted = {str(each.triple) for each in map_corpus(read_corpus(project, real.vocabulary))}
        assert {str(each.triple) for each in mine} == wanted


def test_engines_run_and_both_executors_derive_the_same(tmp_path: Path) -> None:
    context = Context(tmp_path)
    files = context.files(SMALL.claims)
    names = ("arrays", "sparql", "write", "reasonable")
    ran = {name: ENGINES[name](files, context.rules) for name in names}
    assert ran["arrays"]["note"] == ran["sparql"]["note"]
    derived = [ran[name]["derived"] for name in names]
    assert derived[0] == derived[1] == derived[2] > SMALL.claims
    assert derived[3] > SMALL.claims
    assert ENGINES["shapes"](files, context.seeds.shapes)["note"].endswith(" findings")


def test_the_command_prints_ratios_saves_them_and_shows_them_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    saved = tmp_path / "results.json"
    arguments = ["load", "proving", "--size", "30", "--rounds", "1"]
    assert command.main([*arguments, "--json", str(saved)]) == 0
    printed = capsys.readouterr().out
    for part in ("bulk-loading the same asserted quads", "times as long", "cores: ", "`why` of"):
        assert part in printed
    report = REPORT.validate_json(saved.read_bytes())
    assert report.command == " ".join(["python -m benchmarks", *arguments])
    assert [len(result.ratio) for result in report.results] == [1, 1]
    assert command.main(["--results", str(saved)]) == 0
    assert render_text(report.results[0]) in capsys.readouterr().out
    with pytest.raises(SystemExit):
        command.main(["nothing"])
    assert "no benchmark nothing" in capsys.readouterr().err


def test_ratios_goals_and_lower_bounds() -> None:
    quick, slow = {"seconds": 1.0, "cpu": 1.0}, {"seconds": 3.0, "cpu": 2.0}
    sides = (lambda: quick), (lambda: slow)
    for faster, goal, met in ((True, 3, True), (True, 4, False), (False, 0.3, False)):
        result = compare("b", "what", "other", sides, rounds=2, faster=faster, goal=goal, note="n")
        assert result.ratio == ((3, 3) if faster else (1 / 3, 1 / 3))
        assert result.met is met
        assert result.note == "n; processor time 1 s against 2 s"
    stopped = compare("b", "what", "other", (sides[0], lambda: {**slow, "stopped": True}))
    assert stopped.reads == "times faster at least"
    assert "stopped after 3 s" in stopped.note
    assert exponent([10, 100, 1000], [3, 300, 30000]) == pytest.approx(2)


def test_results_are_written_between_the_markers_of_the_page(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(f"before\n{BEGIN}\nold\n{END}\nafter\n", "utf-8")
    measured = Result("r", "what", "other", (1,), (3,), (2.0, 4.0), "times faster", goal=2)
    absent = Result("r", "this", "that", missing="it does not run")
    assert "not measured: it does not run" in render_text(absent)
    write_docs(page, [Report("the command", {"cores": "2"}, (measured, absent))])
    text = page.read_text("utf-8")
    assert text.startswith(f"before\n{BEGIN}\nCommands: `the command`. Machine: cores 2.\n")
    assert text.endswith(f"{END}\nafter\n")
    assert "| what | other | 1 s | 3 s | 3 (2 to 4) times faster | at least 2 | yes |" in text
    assert "| this | that |  |  | not measured: it does not run |  |  |" in text
    assert "old" not in text
