"""Every rule says what it is for, has a page, and its examples do what they say."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pyoxigraph as ox
import pytest
from tools.generate_docs import rule_pages

from nhskg.annotation.reader import read_corpus
from nhskg.project import Project, shipped_data
from nhskg.rdf.errors import AnnotationError
from nhskg.rdf.terms import PREFIXES
from nhskg.reasoning.reasoner import choose_executor, reason
from nhskg.shacl.findings import READING, Example, Rule, Severity
from nhskg.shacl.rules import built_in_rules, load_rules, render_page
from nhskg.shacl.shapes import load_shapes
from nhskg.shacl.unused_shapes import IDLE, UNDECLARED, UNMATCHED
from nhskg.vocabulary import load_vocabulary
from tests.reasoning.treatments import TABLES

ROOT = Path(__file__).parents[2]
RULES = load_rules(ROOT / "shapes")
CLASHES = [rule for name, rule in built_in_rules().items() if name.startswith("owl-")]


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_a_rule_says_what_it_is_for_and_its_page_shows_every_part(rule: Rule) -> None:
    page = render_page(rule)
    assert page.startswith(f"# {rule.id}: {rule.title}\n")
    assert f"Severity: {rule.severity.value.lower()}. " in page
    for text in (rule.title, rule.protects, rule.demands, rule.repair, rule.source):
        assert text.strip()
        words = text[1:].replace("{?value}", "the value").replace("{$this}", "the focus node")
        assert words in page
    for heading in ("What it demands", "What it protects against", "Repair", "Valid", "Invalid"):
        assert f"\n## {heading}\n" in page
    assert rule.valid
    assert rule.invalid
    for example in (*rule.valid, *rule.invalid):
        assert example.text.strip("\n") in page
    assert "#+" not in page


def test_a_page_of_a_rule_without_a_description_has_no_empty_parts() -> None:
    page = render_page(Rule("x", "a title", Severity.INFO, source="somewhere"))
    assert page == "# x: a title\n\nSeverity: info. Somewhere.\n"


def test_make_docs_writes_a_page_for_each_rule_and_an_index_that_names_them_all() -> None:
    (_, index), *pages = rule_pages().items()
    assert {path.stem: text.partition(":")[0] for path, text in pages} == {
        name: f"# {name}" for name in RULES
    }
    assert re.findall(r"(?m)^\| \[(.+?)\]\(\1\.md\) \|", index) == list(RULES)


def test_every_requirement_and_every_name_under_which_findings_are_reported_is_a_rule() -> None:
    numbers = {each.id for each in load_shapes(ROOT / "shapes").requirements}
    assert numbers | built_in_rules().keys() <= RULES.keys()
    names = {
        *(f"baseline-{each}" for each in ("entry", "expired", "reason", "stale")),
        *("suppression-reason", "suppression-unused"),
        *(
            READING,
            "no-documents",
            "missing-import",
            "unsupported-shape",
            IDLE,
            UNDECLARED,
            UNMATCHED,
        ),
    }
    assert built_in_rules().keys() == names | {rule.id for rule in CLASHES}


def test_shapes_of_one_local_name_are_two_rules_with_examples_of_their_own(tmp_path: Path) -> None:
    shape = "@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix own: <https://own.example/> .\n"
    shape += "own:C-02 a sh:NodeShape ; sh:targetClass own:Thing ; sh:name 'own' .\n"
    shape += "<https://w3id.org/nhskg/shapes#C-02> sh:targetClass own:Thing ; sh:name 'ours' ."
    (tmp_path / "own.ttl").write_text(shape)
    (tmp_path / "examples").mkdir()
    for name in ("own-C-02-valid.ttl", "C-02-invalid-none.ttl"):
        (tmp_path / "examples" / name).write_text("# here")
    rules = load_rules(tmp_path)
    one, two = rules["own:C-02"], rules["C-02"]
    assert (one.title, two.title) == ("own", "ours")
    assert [each.title for each in one.valid] == ["shapes/examples/own-C-02-valid.ttl"]
    assert [each.title for each in two.invalid] == ["shapes/examples/C-02-invalid-none.ttl"]
    assert one.invalid == two.valid == ()


def test_shapes_that_cannot_be_read_leave_the_other_rules(tmp_path: Path) -> None:
    (tmp_path / "broken.ttl").write_text("no turtle")
    assert load_rules(tmp_path) == dict(sorted(built_in_rules().items()))


# Reading


def faults_of(text: str, folder: Path) -> list[str]:
    """Return the faults of a file of annotations, which may name what is in our own corpus."""
    project = folder / "project"
    no_documents = shutil.ignore_patterns("gazette*", "chronicle*")
    shutil.copytree(ROOT / "tests" / "corpora" / "barchester", project, ignore=no_documents)
    section = "documents" if text.startswith("document:") else "register"
    target = project / "seeds" / section / "example.yaml"
    target.write_text(text, "utf-8")
    try:
        read_corpus(Project.locate(project), load_vocabulary(shipped_data() / "ontology"))
    except AnnotationError as error:
        return [fault.message for fault in error.faults if fault.place.path.name == target.name]
    return []


@pytest.mark.parametrize(
    "example", [*RULES[READING].valid, *RULES[READING].invalid], ids=lambda each: each.title
)
def test_an_example_of_reading_has_the_fault_in_its_title_or_none(
    example: Example, tmp_path: Path
) -> None:
    expected = example.title.partition(" (message: ")[2].removesuffix(")")
    assert bool(expected) == (example in RULES[READING].invalid)
    faults = faults_of(example.text, tmp_path)
    assert any(expected in each for each in faults) if expected else faults == []


# OWL


def clashes_of(turtle: str) -> set[str]:
    head = "".join(f"PREFIX {prefix}: <{iri}>\n" for prefix, iri in PREFIXES.items())
    store = ox.Store()
    graph = ox.NamedNode("urn:data")
    store.load(input=f"{head}\n{turtle}", format=ox.RdfFormat.TURTLE, to_graph=graph)
    outcome = reason(choose_executor(store, ()), (), ox.NamedNode("urn:derived"))
    # a test of datatypes is told with the rule that it was made for: prp-rng+dt-not-type
    return {each.rule.rpartition("+")[2] for each in outcome.inconsistencies}


def test_the_catalogue_has_every_rule_of_owl_that_ends_in_false() -> None:
    """Each names its table of the OWL 2 Profiles."""
    source = "OWL 2 RL/RDF rule `{0.name}`, table {0.table}; it ends in false"
    checks = {f"owl-{e.name}": source.format(e) for e in TABLES if e.treatment == "check"}
    assert {rule.id: rule.source for rule in CLASHES} == checks


@pytest.mark.parametrize("clash", CLASHES, ids=lambda clash: clash.id)
def test_the_examples_of_a_clash_are_consistent_and_not(clash: Rule) -> None:
    (valid,), (invalid,) = clash.valid, clash.invalid
    assert clashes_of(valid.text) == set()
    assert clash.id.removeprefix("owl-") in clashes_of(invalid.text)
