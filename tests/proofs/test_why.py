"""``nhskg why``: its four forms, its exit codes, passages in full."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pyoxigraph as ox
import pytest

from nhskg.explain.summary import summary_branches
from nhskg.project import Project
from nhskg.queries.engine import select
from nhskg.rdf.terms import DCTERMS, NS, PROV
from nhskg.reasoning.proof_trees import render_text

from .conftest import GOLDEN, Asker, assert_golden, explainer_of

TEXTS = Path(__file__).parents[1] / "corpora" / "barchester" / "texts"
CELL = ("--plan", "hiram-report", "--power", "sign-off")
LOSS_GATED = (*CELL, "--body", "st-ewolds-trust")
UNCHANGED = ("--plan", "agency-statement", "--power", "advisory-role")
CONFLICT = ("council-programme", "conflictsWith", "hiram-report")
SEVERAL = ("--plan", "agency-statement", "--power", "existence", "--all")
LEFT_OPEN = ("--plan", "pell-pledge", "--power", "lead-consultation")
FORMS = (("text", "txt"), ("markdown", "md"), ("json", "json"), ("rdf", "ttl"))
FULL = {
    f"{name}.{ending}": (*asked, "--full", "--format", form)
    for name, asked in (("unchanged", UNCHANGED), ("left-open", LEFT_OPEN))
    for form, ending in FORMS
}
SHORT = {
    "unchanged": UNCHANGED,
    "gated": (*CELL, "--body", "county-board"),
    "loss-gated": LOSS_GATED,
    "loss": ("--plan", "council-programme", "--power", "sign-off", "--body", "st-ewolds-trust"),
    "loss-in-part": ("--plan", "council-programme", "--power", "allocate-funds"),
    "ruled-out": ("--plan", "council-programme", "--power", "draw-up-plan"),
    "existence": ("--plan", "winter-paper", "--power", "existence"),
    "several": SEVERAL,
    "in-force": ("--plan", "in-force-2013", "--power", "sign-off"),
    "not-addressed": ("--plan", "agency-statement", "--power", "control-budget"),
    "tentative": ("--plan", "winter-paper", "--power", "preferred-provider"),
    "joint": ("--plan", "in-force-2013", "--power", "control-budget"),
    "succeeded": ("--plan", "winter-paper", "--power", "allocate-funds"),
    "conflict": CONFLICT,
    "stated": ("hiram-report", "baseline", "in-force-2013"),
    "owl": ("hiram-report", "a", "nhs:Plan"),
}


def words_of(out: str) -> str:
    """Return what is printed on one line, without the lines of the tree."""
    return " ".join(out.replace("│", " ").replace(">", " ").split())


@pytest.mark.parametrize("name", [*FULL, "conflict.txt"])
def test_in_full(ask: Asker, name: str) -> None:
    """A holding; a cell that is left open, explained by who says so; and a triple."""
    code, out, _ = ask("why", *FULL.get(name, (*CONFLICT, "--full")))
    assert code == 0
    assert_golden(GOLDEN / f"why-{name}", out)


@pytest.mark.parametrize("name", SHORT)
def test_in_short(ask: Asker, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    code, out, err = ask("why", *SHORT[name])
    assert code == 0, err
    answer, _, _ = out.partition("\nto be read beside it\n")
    assert len(answer.splitlines()) <= 20 or name == "several"
    assert_golden(GOLDEN / f"why-short-{name}.txt", out)


MERELY = ("--plan", "committee-paper", "--power", "advisory-role")
FORUM = ("--plan", "hiram-report", "--power", "existence", "--matter", "county-forum")
IN_PART = ("pell-pledge", "conflictsWith", "council-programme")
NOT_SAID = (
    "nobody says, and it is inferred: that hospital services can be read as part of county services"
)


@pytest.mark.parametrize(
    ("asked", "words", "beside"),
    [
        (MERELY, "merely: Paper of the plans committee: general pract", {"tensions": ["merely"]}),
        (FORUM, "no text says who acts", {"gaps": ["who acts"]}),
        (IN_PART, NOT_SAID, {"conflicts": ["conflict of holders"]}),
        (CONFLICT, "conflict of existence", {"conflicts": ["conflict of existence"]}),
        (CELL, "", {"tensions": ["changes what is in force"]}),
        (UNCHANGED, "", {}),
    ],
)
def test_what_is_to_be_read_beside_is_told_in_every_form_and_only_where_there_is_any(
    ask: Asker, asked: tuple[str, ...], words: str, beside: dict[str, list[str]]
) -> None:
    """What a plan changes of what is in force is told by its basis, and listed in JSON only."""
    for form in ((), ("--full",), ("--format", "markdown")):
        code, out, _ = ask("why", *asked, *form)
        assert code == 0
        assert ("to be read beside it" in out) == bool(words)
        assert words_of(out).count(words) == 1 or not words
    _, out, _ = ask("why", *asked, "--format", "json")
    found = {name: rows for name, rows in json.loads(out)["beside"].items() if rows}
    assert {k: sorted({row["kind"] for row in rows}) for k, rows in found.items()} == beside


def test_of_many_tensions_three_are_told_and_the_others_counted(ask: Asker) -> None:
    _, out, _ = ask("why", "--plan", "winter-paper", "--power", "existence")
    _, _, below = out.partition("to be read beside it\n")
    assert below.count("ends, uses: Winter paper") == 3
    assert "1 more; 'nhskg query run tensions --plan winter-paper' tells all" in below


CELLS = """SELECT DISTINCT ?plan ?power ?matter {
    ?entry nhs:underPlan/skos:notation ?plan ; nhs:power/skos:notation ?power ; nhs:basis ?basis ;
           nhs:matter/skos:notation ?matter }"""


@pytest.mark.parametrize("whose", ["built", "real"])
def test_every_cell_of_the_matrix_takes_at_most_20_lines(
    request: pytest.FixtureRequest, whose: str
) -> None:
    """At 80 columns, and says who says it and where."""
    project: Project = request.getfixturevalue(whose)
    explainer = explainer_of(project)
    cells = [
        (row["plan"], row["power"], row["matter"]) for row in select(explainer.facts.store, CELLS)
    ]
    assert len(cells) > 50
    for plan, power, matter in {*cells, *((plan, power, None) for plan, power, _ in cells)}:
        explained = explainer.explain_cell(explainer.asked(plan=plan, power=power, matter=matter))
        text = render_text(summary_branches(explained, explainer), width=80)
        assert len(text.splitlines()) <= 20, (plan, power, matter)
        proofs = (proof for each in explained for proof in each.found.proofs)
        claims = explainer.evidence.claims(leaf for p in proofs for leaf in p.leaves())
        places = {passage.reference for claim in claims for passage in claim.passages}
        told = " ".join(text.replace("│", "").split())
        assert any(place in told for place in places), (plan, power, matter)
        if matter is not None and len(explained) < 3:
            assert "--matter or --body" not in text, "a plain cell is told whole"


def test_every_proof_is_told_with_its_number(ask: Asker) -> None:
    _, out, _ = ask("why", *SEVERAL, "--full")
    assert "proof 1 of 2, 4 steps" in words_of(out)
    assert "there are more" not in out


HIRAM = "<https://w3id.org/nhskg/id/hiram-report>"


@pytest.mark.parametrize(
    ("subject", "predicate", "value"),
    [
        ("hiram-report", "a", "nhs:Plan"),
        ("id:hiram-report", "rdf:type", "nhs:Plan"),
        (HIRAM, "type", "https://w3id.org/nhskg/ns#Plan"),
        *(
            (HIRAM, "skos:prefLabel", f"{mark}Hiram report{mark}{language}")
            for mark, language in (('"', "@en"), ('"', "@EN"), ('"', ""), ("", ""))
        ),
        ("hiram-report", "skos:notation", '"hiram-report"^^xsd:string'),
    ],
)
def test_ways_to_write_a_triple(ask: Asker, subject: str, predicate: str, value: str) -> None:
    code, out, _ = ask("why", subject, predicate, value)
    assert code == 0
    assert out.startswith(("Hiram report is a plan\n", "Hiram report — "))


def test_rdf_has_no_blank_nodes_and_proves_what_it_says(ask: Asker) -> None:
    _, out, _ = ask("why", *CELL, "--format", "rdf")
    said: dict[str, list[ox.Triple]] = {}
    for triple in (quad.triple for quad in ox.parse(out, format=ox.RdfFormat.TURTLE)):
        assert isinstance(triple.subject, ox.NamedNode)
        assert not isinstance(triple.object, ox.BlankNode)
        said.setdefault(triple.predicate.value, []).append(triple)
    claims = {t.object for t in said[PROV + "wasDerivedFrom"] if "/claim/" in str(t.object)}
    assert claims
    for name in ("claimant", "voice", "evidence"):
        assert claims == {t.subject for t in said[NS + name]}
    rule = ox.Literal("ontology/rules/20_stipulate.rq")
    assert rule in {t.object for t in said[DCTERMS + "source"]}
    made, stated = (
        {t.subject for t in said[PROV + name]} for name in ("wasGeneratedBy", "wasDerivedFrom")
    )
    assert not made & stated, "what is derived has no evidence of its own"


def test_passages_in_full_and_texts_that_are_missing_or_changed(ask: Asker, tmp_path: Path) -> None:
    shutil.copytree(TEXTS, tmp_path / "texts")
    path = tmp_path / "texts" / "gazette-boards.txt"
    path.write_text(path.read_text("utf-8") + " ", "utf-8")
    for texts, message in (
        (TEXTS, "boards should sign off local plans for the over-75s"),
        (tmp_path, "gazette-boards.txt is not in"),
        (tmp_path / "texts", "its digest differs"),
    ):
        code, out, _ = ask("why", *CELL, "--texts", str(texts))
        assert code == 0
        assert message in words_of(out)


NOTHING = ("--plan", "crake-proposal", "--power", "regulate-care")
NO_FACT = "neither stated nor derived"


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (NOTHING, 1, "no text says who holds"),
        (NOTHING, 1, f"'nhskg why-not {' '.join(NOTHING)} --body BODY' tells why not"),
        (("hiram-report", "conflictsWith", "quill-vision"), 1, NO_FACT),
        (("hiram-report", "owl:sameAs", "quill-vision"), 1, NO_FACT),
        (("hiram-report", "skos:prefLabel", '"Hiram report"@fr'), 1, NO_FACT),
        (("hiram-report", "no-such", "x"), 2, "unknown predicate 'no-such'"),
        (("--plan", "hirm", "--power", "sign-off"), 2, "unknown plan 'hirm'; did you mean"),
        (("--plan", "hiram-report", "--power", "sign-of"), 2, "\n  sign-off\n"),
        (("--plan", "hiram-report"), 2, "give --plan and --power"),
        (("hiram-report", "a"), 2, "SUBJECT PREDICATE OBJECT"),
        (("hiram-report", "conflictWith", "x"), 2, "did you mean 'conflictsWith'"),
        ((), 2, "give --plan and --power"),
        (('"lit"', "a", "nhs:Plan"), 2, "unknown subject '\"lit\"'"),
        (("hiram-report", "a", '"x'), 2, '\'"x\' is no quoted text; write "text"'),
        (("hiram-report", "a", '"x"^^y'), 2, "unknown datatype 'y'"),
        (("\udcff", "a", "nhs:Plan"), 2, "'\\udcff' is not UTF-8 text"),
        (("--plan", "\udcff", "--power", "sign-off"), 2, "'\\udcff' is not UTF-8 text"),
        (("hiram-report", "rdf:tipe", "nhs:Plan"), 2, "'rdf:tipe'; did you mean 'rdf:type'?"),
        (("hiram-report", "a", "nhs:Pla"), 2, "object 'nhs:Pla'; did you mean 'nhs:Plan'?"),
        (("id:hiram-repor", "a", "nhs:Plan"), 2, "did you mean 'id:hiram-report'?"),
        (("hiram-report", "a", f"<{NS}Pla>"), 2, f"did you mean '{NS}Plan'?"),
    ],
)
def test_exit_codes(ask: Asker, arguments: tuple[str, ...], code: int, message: str) -> None:
    given, out, err = ask("why", *arguments)
    assert (given, out) == (code, "")
    assert message in err


DISPUTED = ("pell-pledge", "at-odds-with", "council-programme")


def test_a_disputed_relation_is_told_as_the_claims_of_both_sides(ask: Asker) -> None:
    """In full also which rule would make it a fact, and what stands in its way."""
    code, out, err = ask("why", *DISPUTED, "--full")
    assert (code, err) == (0, "")
    assert_golden(GOLDEN / "why-disputed.txt", out)
    code, short, err = ask("why", *DISPUTED)
    assert (code, err) == (0, "")
    assert short == out.partition("\n70_promote")[0]
    _, out, _ = ask("why", *DISPUTED, "--format", "json")
    found = json.loads(out)
    assert found["explanations"][0]["proofs"] == []
    assert [*found["stated"], *found["denied"]] == sorted(found["claims"], reverse=True)
    code, out, err = ask("why", *DISPUTED, "--format", "rdf")
    assert (code, out) == (1, "")
    assert NO_FACT in err


def test_what_is_stated_of_a_fact_is_told_once(ask: Asker) -> None:
    _, out, _ = ask("why", "hiram-report", "proposedBy", "septimus-harding")
    assert out.count("claim gazette-boards/") == 1
    assert "told as claims" not in out


def test_lines_fit_a_narrow_terminal(ask: Asker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    code, out, _ = ask("why", *LOSS_GATED)
    assert code == 0
    assert max(map(len, out.splitlines())) <= 60 + len("gazette-boards/trust-loses-sign-off")
    assert sum(len(line) > 60 for line in out.splitlines()) < 5
    monkeypatch.setenv("COLUMNS", "300")
    _, wide, _ = ask("why", *LOSS_GATED)
    assert 100 < max(map(len, wide.splitlines())) <= 120


@pytest.mark.parametrize(
    ("plan", "power", "words"),
    [
        ("oldham-report", "lead-consultation", "either: clinical commissioning group or hospital"),
        ("miliband-speech", "lead-consultation", "such as: health and wellbeing board, under"),
        ("oldham-report", "joint-commission", "jointly: clinical commissioning group and local"),
        ("oldham-report", "joint-commission", "on condition: gives; until then as now"),
        ("oldham-report", "joint-commission", "once commissioners have"),
    ],
)
def test_short_is_as_exact_as_the_matrix(real: Project, plan: str, power: str, words: str) -> None:
    explainer = explainer_of(real)
    found = explainer.explain_cell(explainer.asked(plan=plan, power=power))
    assert words in render_text(summary_branches(found, explainer), width=1000)


def test_a_plan_that_rules_a_removal_out_would_not_remove_it(ask: Asker) -> None:
    """What it says of today is implied, and never told with the modality of what it would do."""
    cell = ("--plan", "in-force-2013", "--power", "control-budget", "--matter", "group-budget")
    _, out, _ = ask("why", *cell)
    words = words_of(out)
    assert "implied by Septimus Harding" in words
    assert "group-keeps-budget, which would retain it under Hiram report" in words
    assert "modality" not in words
