"""A corpus with an ontology, a shape and a query of its own, beside those that ship."""

from __future__ import annotations

import json
import re
import shlex
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from jsonschema import Draft202012Validator

from nhskg.annotation.texts import read_text
from nhskg.building.pipeline import assemble
from nhskg.graph.store import open_published
from nhskg.project import Project
from nhskg.queries.engine import select
from nhskg.rdf.errors import AnnotationError
from nhskg.vocabulary import Kind, load_vocabulary
from tests.cli.runner import nhskg
from tests.conftest import BARCHESTER, build

FERRIES = Path(__file__).parents[1] / "corpora" / "ferries"
DOCUMENT = "seeds/documents/ferry-order.yaml"
BASE = "https://example.org/ferries/"
HOLDING = f"{BASE}id/holding/ferries-order"
FERRY = "https%3A%2F%2Fexample.org%2Fferry%23"
HARBOUR = "https%3A%2F%2Fexample.org%2Fharbour%23"


def copy(folder: Path) -> Project:
    ignored = shutil.ignore_patterns("build")
    return Project.locate(shutil.copytree(FERRIES, folder / "ferries", ignore=ignored))


@pytest.fixture(autouse=True)
def _other_tests_have_the_usual_settings() -> Iterator[None]:
    yield
    Project.locate(BARCHESTER)


@pytest.fixture(scope="module")
def ferries(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The corpus of the ferries, built once; not to be changed."""
    return build(copy(tmp_path_factory.mktemp("own")))


def test_what_only_a_withdrawn_claim_names_is_in_use(tmp_path: Path) -> None:
    project = copy(tmp_path)
    path, mark = project.root / DOCUMENT, '\n    withdrawn: {by: curator, "on": 2026-11-30, why: x}'
    text = path.read_text("utf-8")
    for claim in ("office-signs-off", "order-under-act"):
        text = text.replace(f"  - id: {claim}", f"  - id: {claim}{mark}")
    path.write_text(text, "utf-8")
    assert not [each for each in assemble(project).findings if each.rule == "R-06"]


def test_own_terms_are_called_by_their_names_with_a_prefix_where_two_share_one() -> None:
    found = load_vocabulary(Project.locate(FERRIES).ontology)
    own = {slug: (term.kind, term.label) for slug, term in found.items() if "example" in term.iri}
    assert own == {
        "drawn-up-under": (Kind.PREDICATE, "drawn up under"),
        "entrust": (Kind.ACTION, "entrust"),
        "ferry:license": (Kind.POWER, "license"),
        "ferry:sign-off": (Kind.POWER, "signing off tolls"),
        "harbour-board": (Kind.BODY_KIND, "harbour board"),
        "harbour:license": (Kind.POWER, "license"),
    }
    assert found["sign-off"].iri == "https://w3id.org/nhskg/ns#SignOff"


def test_two_terms_of_one_name_that_no_prefix_tells_apart_are_a_fault(tmp_path: Path) -> None:
    project = copy(tmp_path)
    (project.root / "ontology" / "more.ttl").write_text(
        "<https://example.org/more#License> a <https://w3id.org/nhskg/ns#Power> .\n"
        "<https://example.org/other#License> a <https://w3id.org/nhskg/ns#Power> .\n"
    )
    with pytest.raises(AnnotationError, match="the notation 'license' is given to 2 terms"):
        load_vocabulary(project.ontology)


def test_holdings_of_own_powers_have_the_whole_names_in_their_iris(ferries: Project) -> None:
    """So two powers of one local name never become one holding; ids of shipped terms stay."""
    Project.locate(ferries.root)
    store = open_published(ferries.build).open()
    rows = select(store, "SELECT DISTINCT ?h { ?h a nhs:Holding } ORDER BY ?h")
    assert [row["h"] for row in rows] == [
        f"{HOLDING}.{FERRY}License.ferries.{FERRY}HarbourBoard",
        f"{HOLDING}.{FERRY}SignOff.tolls.lantern-office",
        f"{HOLDING}.{HARBOUR}License.ferries.reed-board",
    ]


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("list powers --format tsv", "ferry:sign-off\tsigning off tolls\t\t\t1\n"),
        ("list bodies --format tsv", "harbour-board\tharbour board\t\t\t1\n"),
        ("matrix --power ferry:sign-off --format table", "Signing off tolls: tolls\n"),
        ("matrix --power harbour:license --format markdown", "Reed Board"),
        ("query run ferry-holders --format markdown", "| license | ferries | harbour board |"),
        ("query run roles --body harbour-board --format markdown", "| license | ferries |"),
        ("query run relations --predicate drawn-up-under --format markdown", "drawn up under"),
        ("why --plan ferries-order --power ferry:sign-off", "signing off tolls over tolls, "),
        ("why ferries-order drawn-up-under marsh-act", "claim ferry-order/order-under-act"),
        ("ask 'who signs off tolls?'", "Lantern Office"),
    ],
)
def test_own_terms_are_asked_for_and_told(ferries: Project, command: str, expected: str) -> None:
    done = nhskg("--project", ferries.root, *shlex.split(command))
    assert done.exit_code == 0, done.stderr
    assert expected in done.stdout


def test_own_shapes_and_the_shipped_ones_check_the_corpus(tmp_path: Path) -> None:
    """And what is own is told; a shipped shape with nothing to check is not."""
    project = copy(tmp_path)
    path = project.root / DOCUMENT
    text = path.read_text("utf-8")
    sound = nhskg("validate", cwd=project.root)
    assert (sound.exit_code, sound.stdout) == (0, "")
    assert re.sub(r"\d+ shipped", "N shipped", sound.stderr).splitlines() == [
        "ontology: N shipped, 2 own (ferries.ttl, harbour.ttl), 0 replaced",
        "shapes: N shipped, 1 own (ferries.ttl), 0 replaced",
        "queries: N shipped, 1 own (ferry-holders.rq), 0 replaced",
        "0 findings",
    ]
    wrong = text.replace(
        "power: ferry:license\n    matter: ferries", "power: ferry:license\n    matter: tolls"
    )
    path.write_text(wrong.replace("    to: [lantern-office]\n", ""), "utf-8")
    done = nhskg("validate", cwd=project.root)
    rules = {line.rpartition("[")[2].strip("]") for line in done.stdout.splitlines()}
    assert rules == {"ferry:F-01", "P-06", "R-06"}, "its own action confers, too"


def test_an_unknown_power_is_told_with_the_words_allowed_and_where_to_add_one(
    tmp_path: Path,
) -> None:
    project = copy(tmp_path)
    path = project.root / DOCUMENT
    path.write_text(path.read_text("utf-8").replace("ferry:license", "bless-the-boats"), "utf-8")
    done = nhskg("validate", cwd=project.root)
    line = next(each for each in done.stdout.splitlines() if "unknown power" in each)
    assert ", ferry:license, ferry:sign-off, " in line
    assert "; or declare your own in ontology/*.ttl" in line


def test_ids_and_graphs_have_the_base_iri_of_the_settings(ferries: Project, tmp_path: Path) -> None:
    """In the store and in what is written out of it; derived things have it, too."""
    done = nhskg("--project", ferries.root, "dump", "--out", tmp_path)
    assert done.exit_code == 0, done.stderr
    quads = (tmp_path / "nhskg.nq").read_text("utf-8")
    assert "<https://w3id.org/nhskg/ns#Holding>" in quads
    assert not re.findall("https://w3id.org/nhskg/(?:id|graph)/", quads)
    graphs = {line.rpartition(" <")[2] for line in quads.splitlines()}
    names = ("register", "derived", "ferry-order", "ontology")
    assert graphs >= {f"{BASE}graph/{each}> ." for each in names}
    asked = "ASK { id:ferries a nhs:Matter }"
    done = nhskg("--project", ferries.root, "sparql", "-q", asked, "--format", "json")
    assert '"boolean":true' in done.stdout.replace(" ", "")
    done = nhskg("--project", ferries.root, "show", f"{BASE}id/claim/ferry-order/order-under-act")
    assert done.stdout.startswith(
        "“drawn up under the Marsh Act”\nclaim ferry-order/order-under-act"
    )


def test_the_limit_of_quotes_is_that_of_the_settings_in_annotations_and_in_shapes(
    tmp_path: Path,
) -> None:
    project = copy(tmp_path)
    (project.root / "nhskg.toml").write_text(f'[corpus]\nbase = "{BASE}"\nquote-words = 13\n')
    done = nhskg("validate", cwd=project.root)
    assert (
        ":12: violation: 'quote': 14 words; at most 13 words of a text may be quoted" in done.stdout
    )


def test_the_schemas_for_editors_have_the_words_of_the_project(tmp_path: Path) -> None:
    project = copy(tmp_path)
    done = nhskg("--project", project.root, "schema")
    paths = [project.root / "schema" / f"{each}.schema.json" for each in ("document", "register")]
    assert done.stdout.splitlines() == list(map(str, paths))
    schemas = [json.loads(path.read_text("utf-8")) for path in paths]
    assert schemas[0]["$id"] == f"{BASE}schema/document.schema.json"
    words = {name: each.get("enum", ()) for name, each in schemas[0]["$defs"].items()}
    assert {"ferry:license", "harbour:license", "sign-off"} <= set(words["power"])
    assert "entrust" in words["action"]
    assert "drawn-up-under" in words["predicate"]
    quote = schemas[0]["$defs"]["Provision"]["properties"]["quote"]["description"]
    assert quote.startswith("at most 20 words of the text")
    for schema, file in zip(schemas, (DOCUMENT, "seeds/register/ferries.yaml"), strict=True):
        data = yaml.load((project.root / file).read_text("utf-8"), yaml.BaseLoader)
        data.get("document", {}).pop("length", None)  # a number, which this loader does not read
        for each in [*data.get("claims", ()), *data.get("no_claim", ())]:
            del each["at"]
        assert not [*Draft202012Validator(schema).iter_errors(data)]


def test_sentences_end_as_the_settings_say(tmp_path: Path) -> None:
    """No stop after an abbreviation ends one, nor a line where paragraphs end at blank lines."""
    path = tmp_path / "a.txt"
    path.write_text("It is in Sch. One\nof the\n\nAct.\n", "utf-8")
    Project.locate(FERRIES)
    assert read_text(path).sentence_starts == "0 / 26"
    Project.locate(BARCHESTER)
    assert read_text(path, "lines").sentence_starts == "0 14 / 18 / 26"


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        (
            "base = 'my'",
            "'my' is no base IRI; write one that ends in /, as https://example.org/my/",
        ),
        ("quote-words = 0", "'quote-words' is a number from 1 to 99"),
        ("paragraphs = 'page'", "'paragraphs' cannot be 'page'; it is one of lines, blank-lines"),
        ("licence = 'free'", "'free' is no address; write that of the licence, as https://…"),
        ("quote-word = 9", "unknown setting 'quote-word'; did you mean 'quote-words'?"),
    ],
)
def test_a_wrong_setting_is_told_at_its_line(tmp_path: Path, setting: str, message: str) -> None:
    project = copy(tmp_path)
    (project.root / "nhskg.toml").write_text(f"[corpus]\n{setting}\n", "utf-8")
    done = nhskg("validate", cwd=project.root)
    assert (done.exit_code, done.stderr) == (2, f"nhskg.toml:2: {message}\n")
