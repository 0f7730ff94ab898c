"""``nhskg diff``: which answers differ, by which claims; a new name is no other answer."""

from __future__ import annotations

import gzip
import json
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.cli.runner import nhskg

from nhskg.project import Project
from nhskg.rdf.errors import InputError
from nhskg.rdf.terms import ONTOLOGY_GRAPH, OWL, PREFIXES, RDF_TYPE, SKOS
from nhskg.release import diff as comparing
from nhskg.release.diff import Side

ROOT = Path(__file__).parents[2]
OLD_RELEASE = ROOT / "tests" / "data" / "releases" / "0.1"
FERRIES = ROOT / "tests" / "corpora" / "ferries"
GAZETTE = "documents/gazette-boards.yaml"
SIGN_OFF = "gazette-boards/boards-sign-off"
HEADLINE = "gazette-boards/headline-board-decides"

RUNNING = "article-nicholson/document-includes-running-costs"

Json = dict[str, Any]


def diff(old: str | Path, new: str | Path, cwd: Path | None = None) -> Json:
    """Return the differences; the exit code must fit them."""
    done = nhskg("diff", old, new, "--format", "json", cwd=cwd)
    assert (done.stderr, done.exit_code) == ("", 1 if '"change"' in done.stdout else 0)
    found: Json = json.loads(done.stdout)
    return found


def edit(project: Project, file: str, before: str, after: str) -> None:
    """Replace a text in a file of the seeds, or wherever it is."""
    paths = [project.seeds / file] if file else sorted(project.seeds.rglob("*.yaml"))
    texts = {path: path.read_text("utf-8") for path in paths}
    assert any(before in text for text in texts.values())
    for path, text in texts.items():
        path.write_text(text.replace(before, after), "utf-8")


def changes(found: Json, part: str) -> dict[str, str]:
    return {each["id"]: each["change"] for each in found["parts"].get(part, ())}


def test_each_answer_that_differs_names_the_claim_that_changed(
    built: Project, barchester: Project
) -> None:
    edit(
        barchester,
        GAZETTE,
        "modality: should\n    gate: boards-ready\n    cohort",
        "modality: will\n    cohort",
    )
    found = diff(built.build, barchester.root)
    assert changes(found, "claims") == {SIGN_OFF: "changed"}
    fields = found["parts"]["claims"][0]["fields"]
    assert fields["modality"] == {"before": ["should"], "after": ["will"]}
    assert fields["gate"] == {"before": ["the boards are ready"], "after": []}
    assert not {"things", "terms"} & found["parts"].keys()
    cells = {
        (each["row"]["plan_id"], each["row"]["body_id"]): each
        for each in found["parts"]["entries"]
        if each["row"]["power_id"] == "sign-off"
    }
    board = cells["hiram-report", "county-board"]
    assert board["fields"]["basis"] == {"before": ["on condition"], "after": ["says so"]}
    assert board["because"] == {SIGN_OFF: "changed: gate, modality"}
    for name in found["parts"].keys() - {"claims"}:
        assert all(each["because"] == board["because"] for each in found["parts"][name]), name


WITHDRAWN = """\
    withdrawn:
      by: curator
      on: 2013-07-01
      why: A headline is nobody's claim.
"""


@pytest.mark.parametrize("change", ["removed", "withdrawn"])
def test_a_claim_that_is_no_longer_made_is_the_cause_of_its_cells(
    built: Project, barchester: Project, change: str
) -> None:
    text = (barchester.seeds / GAZETTE).read_text("utf-8")
    claim = text[text.index("  - id: headline-board-decides") : text.index("\nno_claim:")]
    edit(barchester, GAZETTE, claim, claim + WITHDRAWN if change == "withdrawn" else "")
    found = diff(built.build, barchester.root)
    assert changes(found, "claims") == {HEADLINE: change}
    rows = [row for row in found["parts"]["entries"] if row["row"]["power_id"] == "lead-decision"]
    assert {row["change"] for row in rows} == {"removed"}
    assert all(row["because"] == {HEADLINE: change} for row in rows)


def test_a_document_that_is_added_adds_its_claims(built: Project, barchester: Project) -> None:
    (barchester.documents / "gazette-sequel.yaml").unlink()
    found = diff(barchester.root, built.build)
    assert set(changes(found, "claims").values()) == {"added"}
    assert all(each.startswith("gazette-sequel/") for each in changes(found, "claims"))
    assert changes(found, "things") == {"document/gazette-sequel": "added"}
    assert all(row["because"] for row in found["parts"]["entries"])


def test_another_id_is_a_new_name_and_no_other_answer(built: Project, barchester: Project) -> None:
    """Of claims, plans, matters, conditions and documents, all at once."""
    old = ("hiram-report", "local-plans", "boards-ready", "boards-sign-off", "gazette-boards")
    for name in old:
        edit(barchester, "", name, name[::-1].replace("-", "x"))
    edit(barchester, "", "sdraobxettezag.txt", "gazette-boards.txt")
    path = barchester.documents / "gazette-boards.yaml"
    path.rename(path.with_name("sdraobxettezag.yaml"))
    found = diff(built.build, barchester.root)
    assert found["parts"].keys() == {"claims", "things"}
    for items in found["parts"].values():
        assert {each["change"] for each in items} == {"renamed"}
        assert not any(each["fields"] for each in items)
    was = {each["was"] for each in found["parts"]["things"]}
    assert was >= {"hiram-report", "local-plans", "boards-ready", "document/gazette-boards"}
    assert SIGN_OFF in {each["was"] for each in found["parts"]["claims"]}


def test_labels_make_no_other_answer_and_a_passage_can_be_read_anew(
    built: Project, barchester: Project
) -> None:
    edit(barchester, "register/plans.yaml", "label: Hiram report", "label: Plan of Mr Harding")
    edit(barchester, GAZETTE, "boards-sign-off\n", "decision\n")
    edit(barchester, GAZETTE, 'hedge: "appeared to"\n    quote: "boards s', 'quote: "boards s')
    found = diff(built.build, barchester.root)
    (thing,) = found["parts"]["things"]
    assert thing["fields"]["label"] == {"before": ["Hiram report"], "after": ["Plan of Mr Harding"]}
    (claim,) = found["parts"]["claims"]
    assert (claim["change"], claim["was"]) == ("read anew", SIGN_OFF)
    assert claim["fields"] == {"hedge": {"before": ["appeared to"], "after": []}}
    rows = [
        row for name, of in found["parts"].items() if name not in ("claims", "things") for row in of
    ]
    assert {tuple(row["because"].items()) for row in rows} == {
        (("gazette-boards/decision", "read anew: hedge"),)
    }
    assert not any("plan" in row["fields"] for row in rows)


def test_where_no_claim_differs_the_rules_or_the_ontology_do(
    built: Project, barchester: Project
) -> None:
    """A rule is taken away; terms that claims lack are added, deprecated and of another kind."""
    own = barchester.root / "ontology"
    (own / "rules").mkdir(parents=True)
    (own / "rules" / "45_lose.rq").write_text("")
    prefixes = "".join(f"@prefix {k}: <{v}> .\n" for k, v in PREFIXES.items())
    deprecated = (
        "nhs:ReviewCompetition owl:deprecated true ; dcterms:isReplacedBy nhs:RegulateCare ."
        " nhs:Interview a owl:Class ."
    )
    new = 'nhs:Sing a nhs:Power ; skos:prefLabel "singing"@en .'
    (own / "mine.ttl").write_text(f"{prefixes}{deprecated}\n{new}\n")
    found = diff(built.build, barchester.root)
    assert not {"claims", "things"} & found["parts"].keys()
    assert changes(found, "terms") == {"nhs:ReviewCompetition": "deprecated", "nhs:Sing": "added"}
    assert changes(found, "kinds") == {"nhs:Interview": "changed"}
    assert found["parts"]["entries"]
    assert not any(row["because"] for row in found["parts"]["entries"])


def test_two_terms_of_which_only_a_type_is_known_are_not_one(tmp_path: Path) -> None:
    for name in ("one", "two"):
        quads = f"<x:{name}> <{RDF_TYPE}> <{OWL}Class> <{ONTOLOGY_GRAPH}> .\n"
        quads += f"<x:all> <{SKOS}inScheme> <x:of> <{ONTOLOGY_GRAPH}> .\n"
        (tmp_path / f"{name}.nq").write_text(quads)
    found = diff(tmp_path / "one.nq", tmp_path / "two.nq", cwd=ROOT)
    assert changes(found, "terms") == {"x:one": "removed", "x:two": "added"}


def test_a_corpus_with_its_own_ids_rules_and_queries(built: Project, tmp_path: Path) -> None:
    """Its base IRI is that of its claims, wherever the comparison is made."""
    new = shutil.copytree(FERRIES, tmp_path / "ferries", ignore=shutil.ignore_patterns("build"))
    edit(
        Project.locate(new), "documents/ferry-order.yaml", "to: [reed-board]", "to: [harbour-board]"
    )
    found = diff(FERRIES, new, cwd=ROOT)
    assert changes(found, "claims") == {"ferry-order/reed-board-licenses": "changed"}
    moved = {"before": ["reed-board"], "after": ["harbour-board"]}
    assert moved in [each["fields"].get("body_id") for each in found["parts"]["entries"]]
    assert "things" not in found["parts"]
    for sides in ((FERRIES, built.build), (built.build, FERRIES)):
        done = nhskg("diff", *sides)
        assert (done.exit_code, done.stdout, done.stderr.count("\n")) == (2, "", 1)
        assert " have different base IRIs, https://" in done.stderr


def git(folder: Path, *arguments: str) -> None:
    who = ("-c", "user.name=N", "-c", "user.email=n@example.org", "-c", "commit.gpgsign=false")
    subprocess.run(["git", *who, *arguments], cwd=folder, check=True, capture_output=True)


@pytest.fixture
def repository(barchester: Project) -> Path:
    """Our own corpus in a folder of a repository, committed once."""
    git(barchester.root.parent, "init", "-q")
    git(barchester.root.parent, "add", ".")
    git(barchester.root.parent, "commit", "-qm", "first")
    return barchester.root


def test_nothing_differs_between_dump_store_file_and_revision(
    built: Project, dumped_small: Path, repository: Path, tmp_path: Path
) -> None:
    edit(Project.locate(repository), GAZETTE, "label: Gazette article", "label: An article")
    file = tmp_path / "all.trig.gz"
    file.write_bytes(gzip.compress((dumped_small / "nhskg.trig").read_bytes()))
    nothing: Json = {"notes": [], "parts": {}, "counts": {}}
    for old, new in ((built.build, dumped_small), (file, "HEAD")):
        expected = {"old": str(old), "new": str(new), **nothing}
        assert diff(old, new, cwd=repository) == expected
    flat = diff(dumped_small / "asserted.ttl", dumped_small, cwd=repository)
    assert (flat["parts"], len(flat["notes"])) == ({}, 2)  # ontology and conclusions are of today
    done = nhskg("diff", "HEAD:barchester", ".", "--only", "terms", cwd=repository)
    assert done.exit_code == 1
    assert done.stdout.startswith("From HEAD:barchester to ., there are differences in things")
    assert "Gazette article on the county boards → An article on the county boards" in done.stdout


def test_what_cannot_be_read_is_one_line_and_exit_2(
    dumped_small: Path, repository: Path, tmp_path: Path
) -> None:
    (tmp_path / "broken.nq").write_text("<a")
    (tmp_path / "empty").mkdir()
    no_git = shutil.copytree(repository, tmp_path / "alone")
    edit(Project.locate(repository), GAZETTE, "kind: provision", "kind: promise")
    git(repository, "commit", "-qam", "a kind that is none")
    git(repository, "branch", "kind")
    (repository / "seeds" / "register" / "out.yaml").symlink_to("/etc/hosts")
    git(repository, "add", ".")
    git(repository, "commit", "-qm", "a link that leads out")
    told = {
        ("nothing", "."): "'nothing' is no file or folder here, and no revision in git (fatal: ",
        ("HEAD:nowhere", "."): "'HEAD:nowhere' is no file or folder here, and no revision in git",
        (str(tmp_path / "broken.nq"), "."): "broken.nq:1:",
        (str(tmp_path / "empty"), "."): "no RDF in this folder",
        (str(dumped_small / "annotations.jsonld"), "."): "/anno.jsonld; give RDF of another format",
        (".", ""): "NEW names nothing",
        (
            "HEAD",
            ".",
        ): "HEAD: 'seeds/register/out.yaml' is a link, or leads out; commit the file itself",
        ("kind", "."): "kind is not readable by this version: seeds/documents/gazette-boards.yaml:",
    }
    for sides, message in told.items():
        done = nhskg("diff", *sides, cwd=repository)
        assert (done.exit_code, done.stdout) == (2, "")
        assert message in done.stderr
        assert done.stderr.count("\n") == 1
    done = nhskg("diff", "HEAD", ".", cwd=no_git, GIT_CEILING_DIRECTORIES=str(tmp_path))
    assert (done.exit_code, "not a git repository" in done.stderr) == (2, True)


def test_a_revision_is_read_as_it_is_committed(repository: Path) -> None:
    """Attributes of the repository leave nothing out, and put nothing in."""
    edit(Project.locate(repository), GAZETTE, "label: Gazette article", "label: $Format:%H$")
    (repository / ".gitattributes").write_text("* export-ignore export-subst ident eol=crlf\n")
    git(repository, "add", ".")
    git(repository, "commit", "-qm", "attributes")
    assert diff("HEAD", ".", cwd=repository)["parts"] == {}


def test_a_revision_of_more_than_the_bound_is_not_unpacked(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(comparing, "MOST_BYTES", 50_000)
    with pytest.raises(InputError, match=r"^HEAD: its files are of [\d,]+ bytes, and 50,000 are "):
        comparing.open_side("HEAD", Project.locate(repository))


def test_a_name_in_a_revision_that_leads_out_is_refused(repository: Path) -> None:
    """git makes no such tree, but reads one that somebody else made."""

    def made(kind: str, content: bytes) -> str:
        command = ["git", "hash-object", "-w", "--literally", "-t", kind, "--stdin"]
        done = subprocess.run(
            command, cwd=repository, input=content, check=True, capture_output=True
        )
        return done.stdout.decode().strip()

    mode, of = b"100644 ../../../../out.yaml", made("blob", b"x")
    for name in (b"documents", b"seeds", b"barchester"):
        of = made("tree", mode + b"\0" + bytes.fromhex(of))
        mode = b"40000 " + name
    tree = made("tree", mode + b"\0" + bytes.fromhex(of))
    with pytest.raises(InputError, match=r"out\.yaml' is a link, or leads out"):
        comparing.open_side(tree, Project.locate(repository))


@pytest.fixture(scope="module")
def since_0_1(real: Project) -> Json:
    """What differs between release 0.1 and our corpus of today."""
    return diff(OLD_RELEASE, real.build, cwd=ROOT)


def test_from_release_0_1_to_today(since_0_1: Json) -> None:
    """Every text was read anew between the two; most claims kept their ids."""
    assert [note.rpartition("/")[2] for note in since_0_1["notes"]] == [
        "0.1 has no ontology: it is asked with today's.",
        "0.1 has no entries of the matrix: today's rules derive them.",
    ]
    counts = since_0_1["counts"]
    assert counts["claims"] == {
        "added": 109,
        "changed": 165,
        "read anew": 13,
        "removed": 11,
        "renamed": 1,
    }
    assert counts["entries"] == {"added": 45, "changed": 73, "removed": 9}
    assert counts["terms"] == {"deprecated": 19}
    successors = {each["id"]: each["successor"] for each in since_0_1["parts"]["terms"]}
    assert successors["nhs:occasion"] == "nhs:setOutIn"
    kinds = {each["id"]: each for each in since_0_1["parts"]["kinds"]}
    assert len(kinds) == 10
    kind = {"before": ["owl:Class"], "after": ["skos:Concept"]}
    assert all(each["fields"] == {"kind": kind} for each in kinds.values())
    assert kinds["nhs:Speech"]["text"].startswith("A class in 0.1; since 0.2 a concept in ")
    assert all(row["because"] for row in since_0_1["parts"]["entries"])


def test_what_differs_of_a_row_is_never_without_its_cause(since_0_1: Json) -> None:
    """Also a note alone, by its own claim; and a row that came by what its claim names."""
    parts, rows = since_0_1["parts"], list[Json]()
    differing = {each["id"]: each["fields"].keys() for each in parts["claims"]}
    for name in parts.keys() - {"claims", "things", "terms", "kinds"}:
        rows += [row | {"part": name, "claim": row["row"].get("claim")} for row in parts[name]]
    unexplained = [row for row in rows if not row["because"]]
    assert not [row for row in unexplained if row["claim"] in differing]
    parts_of = {row["part"] for row in unexplained}
    assert parts_of == {"timeline", "tensions", "quotes"}  # other claims are the causes
    notes = [row for row in rows if {*row["fields"]} == {"note"} and row["claim"] in differing]
    assert len(notes) > 50
    assert all({*row["because"]} == {row["claim"]} for row in notes)
    assert all("note" in differing[row["claim"]] for row in notes)
    (running,) = [row["because"] for row in parts["payments"] if row["row"].get("claim") == RUNNING]
    assert running["running-costs-division"] == "changed: topics, label"


@pytest.fixture
def told(since_0_1: Json, monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """Tell that again, in another form."""
    side = Side("", None)  # type: ignore[arg-type]
    monkeypatch.setattr(comparing, "open_side", lambda *_: side)
    monkeypatch.setattr(comparing, "compare", lambda *_: {**since_0_1})
    return lambda *options, **how: nhskg("diff", "a", "b", *options, **how).stdout


@pytest.mark.parametrize("form", ["text", "markdown"])
def test_first_it_says_how_much_differs(
    told: Callable[..., str], since_0_1: Json, form: str
) -> None:
    sides = f"from {since_0_1['old']} to {since_0_1['new']}"
    text = told("--format", form)
    title = f"# What differs {sides}\n\n" if form == "markdown" else ""
    assert text.startswith(title)
    first, _, rest = text.removeprefix(title).partition("\n\n")
    start = f"F{sides[1:]}, there are differences in "
    assert " ".join(first.split()) == (
        f"{start}claims (109 added, 165 changed, 13 read anew, 11 removed, 1 renamed), "
        "matrix entries (45 added, 73 changed, 9 removed), "
        "things and terms (46 added, 188 changed, 19 deprecated, 17 removed), "
        "rows of 26 other answers, which overlap."
    )
    assert " has no ontology: " in rest.partition("\n\n")[0]
    only = " ".join(told("--format", form, "--only", "terms").split())
    assert only.startswith(f"{' '.join(title.split())} {start}things and terms (46 added".lstrip())


def test_text_is_short_and_fits_the_width(told: Callable[..., str], since_0_1: Json) -> None:
    text = told(COLUMNS="80")
    assert max(map(len, text.splitlines())) <= 80
    left = len(since_0_1["parts"]["claims"]) - 20
    assert f"And {left} more: --all lists them." in text
    assert "## Quotes" not in text
    everything = told("--all", COLUMNS="80")
    assert "## Quotes" in everything
    assert "--all" not in everything
    assert len(re.findall("^change ", everything, re.MULTILINE)) == sum(
        map(len, since_0_1["parts"].values())
    )


def test_of_many_each_plan_has_its_turn_and_new_tensions_come_first(
    told: Callable[..., str],
) -> None:
    parts = told("--format", "markdown").split("\n## ")[1:]
    rows = {
        part.partition("\n")[0]: re.findall(r"^\| (added|changed|removed) \| (.*?) \|", part, re.M)
        for part in parts
    }
    assert len(rows["Entries"]) == len(rows["Tensions"]) == 20
    assert len({plan for _, plan in rows["Entries"]}) > 15
    changed = [change == "changed" for change, _ in rows["Tensions"]]
    assert changed == sorted(changed)
    assert "| changes what is in force |" not in told("--format", "markdown")


def test_markdown_names_a_path_by_its_last_part(dumped_small: Path, tmp_path: Path) -> None:
    new = shutil.copytree(dumped_small, tmp_path / "nhskg-2")
    text = nhskg("diff", dumped_small, new, "--format", "markdown").stdout
    assert text.startswith(f"# What differs from {dumped_small.name} to nhskg-2\n\nFrom ")
    assert str(tmp_path) not in text


def test_fields_are_named_by_words(told: Callable[..., str]) -> None:
    text = told("--format", "markdown")
    assert not re.findall(r"(?<![:\w])[a-z]+_[a-z]|\balt\b", text.partition("| part ")[2])
    assert "subject to: " in text


def test_what_tells_nothing_derived_is_not_compared_with_what_does(dumped_small: Path) -> None:
    done = nhskg("diff", dumped_small / "all.ttl", dumped_small)
    assert (done.exit_code, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert "all.ttl does not tell what is derived, as the other does; give " in done.stderr
    assert diff(dumped_small / "all.ttl", dumped_small / "all.nt")["parts"] == {}


def test_markdown_is_tables_with_all_parts(told: Callable[..., str]) -> None:
    text = told("--format", "markdown")
    assert "| part | added | changed |" in text
    assert "\n## Entries\n\n| change | plan | power |" in text


@pytest.mark.parametrize("only", ["answers", "claims", "terms"])
def test_only_one_sort_is_told(told: Callable[..., str], since_0_1: Json, only: str) -> None:
    found = json.loads(told("--only", only, "--format", "json"))["parts"].keys()
    sorts = {"claims": {"claims"}, "terms": {"terms", "things", "kinds"}}
    assert found == sorts.get(only, since_0_1["parts"].keys() - set().union(*sorts.values()))


def test_json_has_the_keys_that_the_docs_tell(since_0_1: Json) -> None:
    docs = (ROOT / "docs" / "releases.md").read_text("utf-8").partition("## For programs")[2]
    documented = set(re.findall("`(\\w+)`", docs)) | {""}
    assert {*since_0_1} == {"old", "new", "notes", "counts", "parts"} <= documented
    for name, items in since_0_1["parts"].items():
        for each in items:
            of_query = {"change", "row", "fields", "because"}
            of_node = {"id", "change", "was", "successor", "text", "fields"}
            expected = of_node if name in ("claims", "things", "terms", "kinds") else of_query
            assert each.keys() == expected <= documented
            assert all({*side} == {"before", "after"} for side in each["fields"].values())
