"""``nhskg validate`` and ``nhskg explain``: what goes where, and the exit code."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from junitparser import JUnitXml

from nhskg.cli.validate import validate_command
from nhskg.project import Project, shipped_data
from nhskg.shacl.reports import FORMATS

from .runner import Result, nhskg


def validate(project: Project, *arguments: str, **variables: str) -> Result:
    """Run the command in the project's folder."""
    return nhskg("--project", ".", "validate", *arguments, cwd=project.root, **variables)


def edit(project: Project, file: str, old: str, new: str) -> int:
    """Replace the first of some words in a file; return its line."""
    path = project.root / file
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")
    return text[: text.index(old)].count("\n") + 1


def append(project: Project, text: str, file: str) -> int:
    """Put lines at the end of a file; return the number of the first of them."""
    path = project.root / file
    before = path.read_text("utf-8").rstrip("\n") + "\n"
    path.write_text(before + text, "utf-8")
    return before.count("\n") + 1


MATTERS = "seeds/register/matters.yaml"
BELL = "  - id: bell-ropes\n    label: bell ropes\n    definition: The ropes of the bells.\n"
WRONG = BELL.replace("label: bell", "label: wrong bell")
SMALL = f"""\
document:
  id: small
  label: Small
  source: small.txt
  sha256: {"0" * 64}
  length: 1
"""
SMALL_SHAPES = """\
@prefix nsh: <https://w3id.org/nhskg/shapes#> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .

nsh:T-01 a sh:NodeShape ; sh:name "not wrong" ;
    sh:targetSubjectsOf skos:prefLabel ; sh:property nsh:T-01-label .
nsh:T-01-label a sh:PropertyShape ; sh:path skos:prefLabel ; sh:not [ sh:pattern "^wrong" ] ;
    sh:message "Requirement T-01: a label MUST NOT be wrong. Repair: right it." .
nsh:T-02 a sh:NodeShape ; sh:name "no bells" ; sh:severity sh:Warning ;
    sh:targetSubjectsOf skos:prefLabel ; sh:property nsh:T-02-label .
nsh:T-02-label a sh:PropertyShape ; sh:path skos:prefLabel ; sh:not [ sh:pattern "^bell" ] ;
    sh:severity sh:Warning ; sh:message "Requirement T-02: a label SHOULD NOT ring." .
"""


@pytest.fixture
def small(barchester: Project) -> Project:
    """A project of a register, a document without claims and two shapes: checked in a moment."""
    for path in barchester.documents.iterdir():
        path.unlink()
    (barchester.documents / "small.yaml").write_text(SMALL, "utf-8")
    shapes = barchester.root / "shapes"
    shapes.mkdir()
    for path in (shipped_data() / "shapes").glob("*.ttl"):
        (shapes / path.name).touch()  # which takes it away
    (shapes / "small.ttl").write_text(SMALL_SHAPES, "utf-8")
    return Project.locate(barchester.root)


# Exit codes


@pytest.mark.parametrize("command", ["validate", "build"])
def test_a_corpus_without_documents_is_no_success(barchester: Project, command: str) -> None:
    """That is the one finding; that the shapes find nothing is none."""
    shutil.rmtree(barchester.documents)
    done = nhskg("--project", ".", command, cwd=barchester.root)
    assert done.exit_code == 1
    output = done.stdout + done.stderr
    assert output.count("seeds/documents: violation: there are no documents") == 1
    assert "[no-documents]" in output
    assert "[unmatched-target]" not in output


RINGS = ":12: warning: a label SHOULD NOT ring [T-02]\n"
IS_WRONG = ":12: violation: a label MUST NOT be wrong; right it [T-01]\n"


@pytest.mark.parametrize(
    ("text", "fail_on", "line", "code"),
    [
        (BELL, "violation", RINGS, 0),
        (BELL, "warning", RINGS, 1),
        (WRONG, "violation", IS_WRONG, 1),
        (WRONG, "never", IS_WRONG, 0),
    ],
)
def test_a_finding_fails_from_the_severity_of_fail_on(
    small: Project, text: str, fail_on: str, line: str, code: int
) -> None:
    number = append(small, text, MATTERS) + 1
    done = validate(small, "--fail-on", fail_on)
    assert f"{MATTERS}:{number}{line}" in done.stdout
    assert done.exit_code == code


def test_a_comment_in_an_annotation_suppresses_a_finding(small: Project) -> None:
    number = append(
        small, WRONG.replace("\n    def", "  # nhskg: ignore T-01: so it is\n    def"), MATTERS
    )
    done = validate(small)
    assert f"{MATTERS}:{number + 1}:" not in done.stdout
    assert done.stderr.endswith("; 1 suppressed\n")
    edit(small, MATTERS, "wrong bell", "bell")
    done = validate(small)
    assert (
        f"{MATTERS}:{number + 1}:24: violation: line {number + 1} has no finding of 'T-01'"
        in done.stdout
    )


def test_a_fault_in_a_value_is_a_finding_and_keeps_the_graph_from_being_checked(
    small: Project,
) -> None:
    line = append(small, BELL + "    colour: blue\n", MATTERS)
    done = validate(small, "--baseline", "known.yaml", "--update-baseline")
    assert done.exit_code == 1
    assert done.stdout.startswith(f"{MATTERS}:{line + 3}:5: violation: unknown field ")
    assert done.stdout.endswith(" [reading]\n")
    own, _, told = done.stderr.partition("\n")
    taken = "11 taken away (claims.ttl, common.ttl, dataset-description.ttl, …)"
    assert own == f"shapes: 0 shipped, 1 own (small.ttl), 0 replaced, {taken}"
    assert told == (
        "nhskg: the baseline was not written, as not everything was checked\n"
        "1 finding: 1 violation; the graph was not checked: "
        "mend what keeps it from being read first\n"
    )
    assert not (small.root / "known.yaml").exists()
    elsewhere = validate(small, "seeds/register/people.yaml")
    assert (elsewhere.exit_code, elsewhere.stdout) == (2, "")
    assert "\n0 findings; the graph was not checked" in elsewhere.stderr


NEW = "seeds/register/new.yaml"


@pytest.mark.parametrize(
    ("file", "raw", "message"),
    [
        (NEW, b"\tmatters:\n", ":1:1: violation: a tab"),
        (NEW, b"matters: [\n", "violation: not valid YAML"),
        (NEW, b"matters: \xff\n", ":1:10: violation: not UTF-8"),
        (NEW, b"# long\n" * 7_200_000, ":1:1: violation: the file has 50,400,000 bytes, and at"),
        ("shapes/broken.ttl", b"no turtle", ":1:"),
    ],
    ids=["tab", "syntax", "encoding", "size", "shapes"],
)
def test_a_file_that_cannot_be_read_at_all_is_a_finding_with_exit_2(
    small: Project, file: str, raw: bytes, message: str
) -> None:
    (small.root / file).write_bytes(raw)
    done = validate(small, "--format", "json=findings.json", "--format", "text")
    assert done.exit_code == 2
    assert done.stdout.startswith(f"{file}:")
    assert message in done.stdout
    findings = json.loads((small.root / "findings.json").read_text("utf-8"))
    assert findings["complete"] is False
    assert findings["findings"][0]["rule"] == "reading"


def test_a_name_that_is_no_text_is_escaped_in_every_format(small: Project) -> None:
    (small.documents / "a\nb.yaml").write_text("document:\n  id: ab\n")
    done = validate(small)
    assert done.exit_code == 1
    assert all(each.startswith("seeds/documents/a\\nb.yaml:") for each in done.stdout.splitlines())
    (small.documents / "a\nb.yaml").rename(small.register / "a\n\udcff.yaml")
    formats = [part for name in FORMATS for part in ("--format", f"{name}=out/{name}")]
    done = validate(small, *formats, "--format", "text")
    assert done.exit_code == 2
    assert done.stdout == (
        "seeds/register/a\\n\\udcff.yaml: violation: "
        "cannot be read: the name of the file is not UTF-8; rename it [reading]\n"
    )
    assert all((small.root / "out" / name).read_text("utf-8") for name in FORMATS)


# The texts, and an ontology of the project's own

GAZETTE = "seeds/documents/gazette-boards.yaml"
CHRONICLE = "seeds/documents/chronicle-reply.yaml"


def test_documents_are_checked_against_their_texts_all_faults_at_once(barchester: Project) -> None:
    digest = edit(barchester, GAZETTE, "sha256: 11", "sha256: 12")
    nowhere = edit(barchester, CHRONICLE, "ran every consultation", "run every consultation")
    twice = edit(barchester, CHRONICLE, '"a former director of health"', '"the"')
    moved = edit(barchester, CHRONICLE, "at: [77, 230]", "at: [78, 231]")
    done = validate(barchester)
    assert done.exit_code == 0, "without the texts none of it can be seen"
    assert ": violation: " not in done.stdout
    assert re.fullmatch(r"[^\n]*\d+ findings?: [^\n]*\n", done.stderr)
    done = validate(barchester, "--texts", "texts")
    assert done.exit_code == 1
    faults = [line for line in done.stdout.splitlines() if line.endswith("[reading]")]
    expected = (
        (f"{CHRONICLE}:{moved}:", "'at' is [78, 231], and should be [77, 230] [reading]"),
        (f"{CHRONICLE}:{nowhere}:", 'the nearest, on line 3, is: "ran every consultation on chan'),
        (f"{CHRONICLE}:{twice}:", "times; add a prefix or suffix"),
        (f"{GAZETTE}:{digest}:", "is not the text that was annotated"),
    )
    for fault, (place, words) in zip(faults, expected, strict=True):
        assert fault.startswith(place)
        assert words in fault


def test_a_fault_of_form_is_not_repeated_for_the_text(barchester: Project) -> None:
    """A document that cannot be read hides no fault of another's quotes."""
    (barchester.root / GAZETTE).write_text("\tdocument:\n", "utf-8")
    line = edit(barchester, CHRONICLE, "ran every consultation", "run every consultation")
    done = validate(barchester, "--texts", "texts")
    assert done.exit_code == 2
    places = [each.partition(": violation: ")[0] for each in done.stdout.splitlines()]
    assert places == [f"{CHRONICLE}:{line}:12", f"{GAZETTE}:1:1"]


def test_the_house_style_of_an_ontology_of_the_project_is_checked(barchester: Project) -> None:
    shutil.copytree(shipped_data() / "ontology", barchester.root / "ontology")
    term = "\nnhs:bell-Tower a owl:Class ;\n    rdfs:isDefinedBy <https://w3id.org/nhskg/ns> .\n"
    line = append(barchester, term, "ontology/core.ttl") + 1
    done = validate(barchester)
    assert done.exit_code == 1
    rules = {
        each.rpartition("[")[2].strip("]")
        for each in done.stdout.splitlines()
        if each.startswith(f"ontology/core.ttl:{line}:1: violation: ")
    }
    assert rules == {"O-02", "O-03", "O-06"}, "label, definition, and capital letter"


# Where output goes


def test_several_formats_each_to_its_place_with_the_paths_that_a_service_wants(
    small: Project,
) -> None:
    append(small, BELL, MATTERS)
    arguments = "--format github --format sarif=out/s --format junit=out/j --format gitlab=out/g"
    above = str(small.root.parent)
    variables = {"GITHUB_WORKSPACE": above, "CI_PROJECT_DIR": above}
    done = validate(small, *arguments.split(), "--format", "text=out/t=1", **variables)
    assert done.exit_code == 0
    assert done.stdout.startswith("::warning file=barchester/seeds/")
    out = small.root / "out"
    assert sorted(path.name for path in out.iterdir()) == ["g", "j", "s", "t=1"]
    assert f'"uri": "barchester/{MATTERS}"' in (out / "s").read_text("utf-8")
    assert JUnitXml.fromfile(str(out / "j")).failures == 0
    entries = json.loads((out / "g").read_text("utf-8"))
    assert f"barchester/{MATTERS}" in {each["location"]["path"] for each in entries}
    assert f"\n{MATTERS}" in "\n" + (out / "t=1").read_text("utf-8")


def test_output_takes_the_format_without_a_file(small: Project) -> None:
    shown = validate(small, "--format", "json=-").stdout
    arguments = "--format json --format sarif=s --output findings.json"
    assert validate(small, *arguments.split()).stdout == ""
    assert (small.root / "s").is_file()
    assert (small.root / "findings.json").read_text("utf-8") == shown
    assert "findings" in json.loads(shown)
    done = validate(small, "--format", "json=findings.json/out.json")
    assert (done.exit_code, done.stdout) == (2, "")
    assert "cannot be written" in done.stderr


def test_a_closed_pipe_is_quiet_and_the_exit_code_is_that_of_the_findings(small: Project) -> None:
    append(small, WRONG, MATTERS)
    read, write = os.pipe()
    os.close(read)
    done = subprocess.run(
        [sys.executable, "-m", "nhskg", "--project", ".", "validate"],
        cwd=small.root,
        stdout=write,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    os.close(write)
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 2, "what is own, and the summary"
    assert "violation" in done.stderr


# A part of the project

CHECKED = ". seeds seeds/register shapes/small.ttl seeds/documents seeds/register/a.yml known.yaml"
NOT_CHECKED = "README.md seeds/documents/notes.txt seeds/documents/old seeds/documents/old/g.yaml"


def test_a_path_that_holds_nothing_that_is_checked_is_refused(small: Project) -> None:
    validate(small, "--baseline", "known.yaml", "--update-baseline")
    (small.documents / "old").mkdir()
    for path in ("seeds/register/a.yml", *NOT_CHECKED.split()):
        (small.root / path).touch()
    for paths, is_refused in ((CHECKED, False), (NOT_CHECKED, True)):
        for path in paths.split():
            done = validate(small, path, "--baseline", "known.yaml")
            refused = f"nhskg: {path} holds nothing that is checked" in done.stderr
            assert refused == is_refused, (path, done.output)


def test_only_findings_in_the_paths_given_are_reported(small: Project) -> None:
    append(small, BELL, MATTERS)
    there = validate(small, MATTERS, "--fail-on", "warning")
    assert there.exit_code == 1
    assert {line.split(":")[0] for line in there.stdout.splitlines()} == {MATTERS}
    elsewhere = validate(small, "seeds/register/people.yaml", "--fail-on", "warning")
    assert MATTERS not in elsewhere.stdout


def test_the_life_of_a_baseline(small: Project) -> None:
    append(small, WRONG, MATTERS)
    path = small.root / "known.yaml"
    known = ("--baseline", "known.yaml")
    done = validate(small, *known, "--update-baseline")
    assert done.exit_code == 0
    assert "known.yaml:4:5: warning: no reason is given for accepting" in done.stdout
    assert validate(small, *known, "--fail-on", "warning").exit_code == 1
    path.write_text(path.read_text("utf-8").replace("TODO say why this is accepted", "for a test"))
    done = validate(small, *known)
    assert done.exit_code == 0
    assert "known.yaml" not in done.stdout
    assert "known (baseline)" in done.stderr
    assert validate(small, *known, "--update-baseline").exit_code == 0
    assert "for a test" in path.read_text("utf-8")
    edit(small, MATTERS, "label: wrong bell", "label: a bell")
    done = validate(small, *known, "known.yaml")
    assert done.exit_code == 1
    assert done.stdout.startswith("known.yaml:4:5: violation: no longer found: T-01 at ")


# Any RDF

SHAPES = """\
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix ex: <https://example.org/> .
ex:S a sh:NodeShape ; sh:targetClass ex:Person ;
    sh:property [ sh:path ex:name ; sh:minCount 1 ] .
"""
DATA = "@prefix ex: <https://example.org/> .\nex:ann a ex:Person .\n"


@pytest.fixture
def rdf(tmp_path: Path) -> Callable[..., Result]:
    (tmp_path / "shapes.ttl").write_text(SHAPES)
    (tmp_path / "data.ttl").write_text(DATA)
    (tmp_path / "names.ttl").write_text(f"{DATA.splitlines()[0]}\nex:ann ex:name 'Ann' .\n")

    def run(data: str, *more: str, given: str | None = None) -> Result:
        arguments = ("--data", *data.split(), "--shapes", "shapes.ttl", *more)
        return nhskg("validate", *arguments, cwd=tmp_path, given=given)

    return run


def test_any_rdf_is_validated_by_any_shapes(rdf: Callable[..., Result]) -> None:
    line = ":2:1: violation: does not meet sh:minCount 1 along ex:name [ex:S]\n"
    done = rdf("data.ttl")
    assert (done.exit_code, done.stdout) == (1, f"data.ttl{line}")
    assert rdf("-", given=DATA).stdout == f"<stdin>{line}"
    done = rdf("data.ttl names.ttl", "--format", "turtle")
    assert done.exit_code == 0
    assert "sh:conforms true" in done.stdout
    done = rdf("names.ttl", "--check-shapes")
    assert (done.exit_code, done.stdout.count("[unmatched-target]")) == (1, 2)
    done = rdf("names.ttl")
    reason = "nothing was checked: no target of a shape finds anything"
    assert (done.exit_code, done.stdout, done.stderr) == (0, "", f"0 findings; {reason}\n")
    done = rdf("none.ttl")
    message = "none.ttl: violation: cannot be read: No such file or directory [reading]\n"
    assert (done.exit_code, done.stdout) == (2, message)


@pytest.mark.parametrize(
    ("data", "option", "file"),
    [
        ("data.ttl", "--output", "data.ttl"),
        ("data.ttl", "--format", "turtle=./data.ttl"),
        ("data.ttl", "--output", "shapes.ttl"),
        (".", "--output", "link.ttl"),
        (".", "--format", "turtle=data.ttl"),
    ],
)
def test_what_is_read_is_not_written_over(
    rdf: Callable[..., Result], tmp_path: Path, data: str, option: str, file: str
) -> None:
    (tmp_path / "link.ttl").symlink_to("data.ttl")
    done = rdf(data, option, file)
    assert (done.exit_code, done.stdout) == (2, "")
    name = Path(file.removeprefix("turtle="))
    assert f"nhskg: {name} is read, and would be written over" in done.stderr
    assert (tmp_path / "data.ttl").read_text() == DATA
    assert (tmp_path / "shapes.ttl").read_text() == SHAPES
    (tmp_path / "out.txt").write_text("of an earlier run, and nothing that is read")
    assert rdf(data, "--output", "out.txt").exit_code < 2
    assert "earlier" not in (tmp_path / "out.txt").read_text()
    assert rdf(".", "--format", "junit=out.xml").exit_code < 2
    done = rdf(".", "--format", "turtle=new.ttl")
    assert (done.exit_code, (tmp_path / "new.ttl").exists()) == (2, False)
    assert "new.ttl cannot be written: it is in ., whose files are read" in done.stderr


@pytest.mark.parametrize(
    ("command", "told"),
    [
        ("validate --output seeds/documents/new.yaml", "cannot be written: it is in"),
        ("validate --format json=ontology/new.ttl", "cannot be written: it is in"),
        ("validate --output link", "is read, and would be written over"),
        ("validate --output hard", "is read, and would be written over"),
        ("validate --texts texts --output texts/new", "cannot be written: it is in"),
        ("validate --texts . --output text", "is read, and would be written over"),
        ("validate --output nhskg.toml", "is read, and would be written over"),
        ("validate --update-baseline --baseline seeds/b.yaml", "cannot be written: it is in"),
        ("validate --update-baseline --baseline b --output ./b", "would be written over"),
        ("dump --out seeds", "cannot be written: it is in"),
        ("dump --out queries/new", "cannot be written: it is in"),
        ("dump --out texts", "cannot be written: it is in"),
        ("dump --out .", "is not of a dump; move it away"),
        ("schema --out seeds/documents", "cannot be written: it is in"),
        ("schema", "schema: is behind a link that leads out of the project"),
        ("schema --out own", "own/document.schema.json: is not of nhskg; move it away"),
        ("anchor --texts texts", "is behind a link that leads out of the project"),
    ],
)
def test_nothing_is_written_over_or_among_inputs(small: Project, command: str, told: str) -> None:
    """By whatever name: a link, a hard link, another spelling."""
    root = small.root
    (root / "texts").mkdir(exist_ok=True)
    (root / "own").mkdir()
    for name in ("texts/t", "text", "own/document.schema.json"):
        (root / name).write_text("mine")
    (root / "nhskg.toml").write_text('[validate]\nfail-on = "never"\n')
    (root / "link").symlink_to(root / MATTERS)
    (root / "hard").hardlink_to(root / MATTERS)
    (root / "schema").symlink_to(root.parent)
    (root.parent / "moved").mkdir()
    for path in small.documents.iterdir():
        path.rename(root.parent / "moved" / path.name)
        path.symlink_to(root.parent / "moved" / path.name)
    before = {each: each.read_bytes() for each in root.parent.rglob("*") if each.is_file()}
    done = nhskg(*command.split(), cwd=root, NHSKG_TEXTS=str(root / "texts"))
    assert (done.exit_code, done.stdout) == (2, "")
    assert told in done.stderr
    assert {e: e.read_bytes() for e in root.parent.rglob("*") if e.is_file()} == before


def test_a_report_that_cannot_be_written_leaves_the_others(small: Project) -> None:
    """Here as a file is where a folder goes, and on a full disk."""
    append(small, WRONG, MATTERS)
    (small.root / "file").touch()
    done = validate(small, "--format", "text", "--format", "json=file/x", "--format", "sarif=s")
    assert done.exit_code == 2
    assert MATTERS in done.stdout
    assert (small.root / "s").is_file()
    *_, told, last = done.stderr.splitlines()
    assert told == "file/x: cannot be written: File exists"
    assert "violation" in last
    done = validate(small, "--update-baseline", "--baseline", "file/x")
    assert (done.exit_code, MATTERS in done.stdout) == (2, True)
    with open("/dev/full", "w") as full:  # noqa: PTH123
        command = [sys.executable, "-m", "nhskg", "--project", str(small.root), "validate"]
        ended = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert ended.returncode == 2
    assert "nhskg: standard output cannot be written (No space left" in ended.stderr
    assert "violation" in ended.stderr.splitlines()[-1]
    with open("/dev/full", "w") as full:  # noqa: PTH123
        ended = subprocess.run(command, stdout=subprocess.PIPE, stderr=full, text=True, check=False)
    assert (ended.returncode, MATTERS in ended.stdout) == (1, True)


# Explaining, and what the options mean


def test_explain_prints_the_page_of_a_rule_and_lists_all(barchester: Project) -> None:
    done = nhskg("explain", "c-02", cwd=barchester.root)
    assert done.exit_code == 0
    assert done.stdout.startswith("# C-02: ")
    assert "## Repair" in done.stdout
    assert nhskg("explain", "[C-02]", cwd=barchester.root).stdout == done.stdout
    done = nhskg("explain", "--list", "--format", "json", cwd=barchester.root)
    rules = {each["rule"] for each in json.loads(done.stdout)}
    assert {"C-02", "reading", "owl-cax-dw", "baseline-stale", "unmatched-target"} <= rules


@pytest.mark.parametrize(
    ("given", "data", "shapes", "paths"),
    [
        ("--data a b --shapes c", "a b", "c", ""),
        ("--data a --data b", "a b", "", ""),
        ("--data - --fail-on never", "-", "", ""),
        ("a b --fail-on never", "", "", "a b"),
        ("--data a --fail-on never b", "a", "", "b"),
        ("--data=a b", "a", "", "b"),
    ],
)
def test_files_behind_an_option_are_its_own(given: str, data: str, shapes: str, paths: str) -> None:
    found = validate_command.make_context("validate", given.split()).params
    for name, files in (("data", data), ("shapes", shapes), ("paths", paths)):
        assert found[name] == tuple(map(Path, files.split()))
