"""The documentation is true: generated pages are current, examples print what they show."""

from __future__ import annotations

import contextlib
import re
import shlex
import subprocess
from pathlib import Path

import pytest
from tools.generate_docs import WITH_VERSION, render_readme, render_version
from tools.pages import render_queries, render_reference

from nhskg import PRIOR_VERSION, RELEASED, __version__
from nhskg.graph.store import open_published
from nhskg.project import Project
from nhskg.queries.engine import evaluate, select
from nhskg.queries.stored import list_queries
from nhskg.rdf.terms import ID, local_name
from tests.cli.runner import nhskg

ROOT = Path(__file__).parents[1]


@pytest.mark.parametrize("page", ["README.md", "docs/proofs.md"])
def test_examples_are_what_the_commands_print(real: Project, page: str) -> None:
    text = (ROOT / page).read_text("utf-8")
    assert text.count("<!-- run: nhskg ") >= 2
    assert render_readme(text, real.root) == text


def test_the_reference_page_is_current_and_has_every_command() -> None:
    page = (ROOT / "docs" / "cli.md").read_text("utf-8")
    assert page == render_reference()
    queries = render_queries(list_queries(ROOT / "queries"))
    assert (ROOT / "docs" / "queries.md").read_text("utf-8") == queries


def test_package_ontologies_and_citation_have_one_version() -> None:
    """It is that of the package, with the one before and the day, and none is left out."""
    told: dict[str, set[str]] = {}
    for path in WITH_VERSION:
        text = path.read_text("utf-8")
        assert render_version(text) == text, path
        iri = r"owl:(versionIRI|priorVersion) <https://w3id\.org/nhskg/\w+/([^/>]+)>"
        line = r"^\s*(?:owl:)?(version|versionInfo|date-released):? (\S+)"
        for found in (*re.finditer(iri, text), *re.finditer(line, text, re.MULTILINE)):
            told.setdefault(found[1], set()).add(found[2].strip('"'))
    assert told == {
        **({"date-released": {RELEASED}} if RELEASED else {}),
        "priorVersion": {PRIOR_VERSION},
        "version": {__version__},
        "versionIRI": {__version__},
        "versionInfo": {__version__},
    }
    ontologies = [each for each in WITH_VERSION if " a owl:Ontology" in each.read_text("utf-8")]
    assert {"align.ttl", "core.ttl"} <= {each.name for each in ontologies}
    for path in ontologies:
        assert path.read_text("utf-8").count(f'owl:versionInfo "{__version__}"') == 1, path


def test_the_page_of_the_architecture_names_every_room_and_nothing_that_is_not_there() -> None:
    page = (ROOT / "docs" / "architecture.md").read_text("utf-8")
    package = ROOT / "src" / "nhskg"
    rooms = {path.parent.name for path in package.glob("*/__init__.py")}
    assert set(re.findall(r"^\| `([a-z]+)` \|", page, re.MULTILINE)) == rooms
    rows = re.findall(r"^\| [^|]+\? \| `([^`]+)` \| (.*) \|$", page, re.MULTILINE)
    assert len(rows) >= 10
    for file, where in rows:
        named = re.findall(r"`([\w./-]+)`", where)
        others = [name for name in named if name.endswith((".py", ".rq", ".ttl"))]
        paths = [ROOT / file]
        for name in others:  # from the root, or from the folder of the row's file
            both = [ROOT / name, (ROOT / file).parent / name]
            paths += [path for path in both if path.is_file()]
        assert len(paths) == 1 + len(others), others
        text = "\n".join(path.read_text("utf-8") for path in paths if not path.is_dir())
        for name in {name.split(".")[-1] for name in named if name not in others}:
            assert re.search(rf"^\s*((def|class) )?{name}\b", text, re.MULTILINE), name


def test_links_between_pages_lead_somewhere() -> None:
    for page in [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").rglob("*.md")]:
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text("utf-8")):
            assert (page.parent / target).exists(), f"{page}: {target}"


def test_the_worked_example_is_what_the_graph_says(real: Project) -> None:
    """The claims that docs/ontology.md names are there, and what it says follows from them does."""
    store = open_published(real.build).open()
    page = (ROOT / "docs" / "ontology.md").read_text("utf-8")
    named = re.findall(
        r"^\| `([a-z-]+)` \| .* \| provision of `([a-z0-9-]+)` \|$", page, re.MULTILINE
    )
    assert len(named) == 4
    for claim, plan in named:
        iri = f"{ID}claim/article-miliband/{claim}"
        assert evaluate(store, f"ASK {{ <{iri}> nhs:provisionOf id:{plan} }}"), claim
    rows = select(
        store,
        """SELECT ?plan ?power ?body ?told {
          VALUES ?power { nhs:LeadConsultation nhs:SignOff }
          VALUES ?plan { id:in-force-labour-plans id:miliband-speech id:burnham-interview }
          ?entry nhs:underPlan ?plan ; nhs:power ?power ; nhs:holder ?body ; nhs:basis ?basis .
          BIND(IF(EXISTS { ?entry a nhs:UnchangedHolding }, nhs:UnchangedHolding, ?basis) AS ?told)
        }""",
    )
    told = {" ".join(local_name(value) for value in row.values()) for row in rows}
    assert told == {
        "in-force-labour-plans LeadConsultation ClinicalCommissioningGroup PlainlyInForce",
        "in-force-labour-plans LeadConsultation HospitalTrust PlainlyInForce",
        "in-force-labour-plans SignOff HealthAndWellbeingBoard NotSo",
        "miliband-speech LeadConsultation IndependentBody SaysSo",
        "miliband-speech LeadConsultation HealthAndWellbeingBoard SaysSo",
        "miliband-speech LeadConsultation ClinicalCommissioningGroup TakenAway",
        "miliband-speech LeadConsultation HospitalTrust TakenAway",
        "miliband-speech SignOff HealthAndWellbeingBoard NotAddressed",
        "burnham-interview LeadConsultation ClinicalCommissioningGroup UnchangedHolding",
        "burnham-interview LeadConsultation HospitalTrust UnchangedHolding",
        "burnham-interview SignOff HealthAndWellbeingBoard SaysSo",
    }
    (conflict,) = select(store, "SELECT ?c { ?c a nhs:RemovalConflict }")
    for plan in ("oldham-report", "burnham-proposal"):
        assert evaluate(store, f"ASK {{ <{conflict['c']}> nhs:underPlan id:{plan} }}")


def test_no_file_of_the_repository_is_machine_bound_or_holds_an_article(texts: Path) -> None:
    """No run of 13 words of a source text stands in a tracked file."""

    def runs(path: Path) -> set[tuple[str, ...]]:
        found = re.findall(r"[^\W_]+(?:['’][^\W_]+)*", path.read_text("utf-8"))
        words = [word.lower().replace("’", "'") for word in found]
        return {tuple(words[i : i + 13]) for i in range(len(words) - 12)}

    known = set[tuple[str, ...]]().union(*map(runs, texts.glob("*.txt")))
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    for name in filter(None, listed.stdout.split("\0")):
        with contextlib.suppress(UnicodeDecodeError, FileNotFoundError):
            assert not runs(ROOT / name) & known, name


def test_the_page_of_an_own_corpus_can_be_followed(tmp_path: Path) -> None:
    """Its files are written and its commands run in their order; the answers shown are theirs."""
    page = (ROOT / "docs" / "own-corpus.md").read_text("utf-8")
    blocks = re.findall(r"(?:<!-- file: (\S+) -->\n)?```(\w+)\n(.*?)```\n", page, re.DOTALL)
    assert len(blocks) > 8
    folder, told = tmp_path, ""
    for name, kind, content in blocks:
        if name:
            (folder / name).parent.mkdir(exist_ok=True)
            (folder / name).write_text(content, "utf-8")
        elif kind == "text":
            shown = "".join(f"{line.rstrip()}\n" for line in told.splitlines())
            assert shown == content, shown
        for command in content.splitlines() if kind == "sh" else ():
            program, *arguments = shlex.split(command)
            if program == "cd":
                folder /= arguments[0]
                continue
            assert program == "nhskg"
            done = nhskg(*arguments, cwd=folder)
            assert done.exit_code == 0, f"{command}\n{done.output}"
            assert "violation: " not in done.output
            assert "warning: " not in done.output
            told = done.stdout
    read = nhskg("query", "run", "document", "--document", "clinics-act", cwd=folder).stdout
    assert "now, Hospitals Act is amended (Parliament)" in read
    assert "now, local authority must establish clinics board (Parliament)" in read
    gained = nhskg("query", "run", "gains", "--body", "clinics-board", cwd=folder).stdout
    assert {"sign-off", "lead decision making"} <= {*gained.split("\t")}
    cited = nhskg("query", "run", "document", "--cite", "bibtex", cwd=folder).stdout
    assert "The law on clinics, version 1.0" in cited
    assert "publish-strategy" in nhskg("list", "powers", cwd=folder).stdout
    assert (
        "<https://clinics.example/id/clinics-board>"
        in nhskg("show", "clinics-board", cwd=folder).stdout
    )
