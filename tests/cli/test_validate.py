"""``nhskg validate`` and ``nhskg explain`` as processes: what goes where, and the exit code."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from junitparser import JUnitXml

from nhskg.cli.options import spread
from nhskg.cli.validate import _FORMS, _chosen, _outputs
from nhskg.project import Project, shipped_data
from nhskg.rdf.errors import UsageError

Run = subprocess.CompletedProcess[str]


def nhskg(*arguments: str | Path, cwd: Path, given: str | None = None, **variables: str) -> Run:
    environment = {**os.environ, "NO_COLOR": "1", **variables}
    for name in ("GITHUB_WORKSPACE", "CI_PROJECT_DIR"):
        if name not in variables:
            environment.pop(name, None)
    return subprocess.run(
        [sys.executable, "-m", "nhskg", *map(str, arguments)],
        cwd=cwd,
        input=given,
        text=True,
        capture_output=True,
        env=environment,
        timeout=300,
        check=False,
    )


def validate(project: Project, *arguments: str | Path, **variables: str) -> Run:
    """Run the command in the project's folder."""
    return nhskg("--project", ".", "validate", *arguments, cwd=project.root, **variables)


def append(project: Project, file: str, text: str) -> int:
    """Put lines at the end of a file; return the number of the first of them."""
    path = project.root / file
    before = path.read_text("utf-8").rstrip("\n") + "\n"
    path.write_text(before + text, "utf-8")
    return before.count("\n") + 1


MATTERS = "seeds/register/matters.yaml"
UNUSED = "  - id: bell-ropes\n    label: bell ropes\n    definition: The ropes of the bells.\n"


SMALL = f"""\
document:
  id: small
  label: Small
  source: small.txt
  sha256: {"0" * 64}
  length: 1
"""
WRONG = UNUSED.replace("label: bell", "label: wrong bell")
SMALL_SHAPES = """\
@prefix nsh: <https://w3id.org/nhskg/shapes#> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .

nsh:T-01 a sh:NodeShape ;
    sh:name "not wrong" ;
    sh:targetSubjectsOf skos:prefLabel ;
    sh:property nsh:T-01-label .
nsh:T-01-label a sh:PropertyShape ;
    sh:path skos:prefLabel ;
    sh:pattern "^(?!wrong)" ;
    sh:message "Requirement T-01: a label MUST NOT be wrong. Repair: right it." .
nsh:T-02 a sh:NodeShape ;
    sh:name "no bells" ;
    sh:severity sh:Warning ;
    sh:targetSubjectsOf skos:prefLabel ;
    sh:property nsh:T-02-label .
nsh:T-02-label a sh:PropertyShape ;
    sh:path skos:prefLabel ;
    sh:severity sh:Warning ;
    sh:pattern "^(?!bell)" ;
    sh:message "Requirement T-02: a label SHOULD NOT ring." .
"""


@pytest.fixture
def small(barchester: Project) -> Project:
    """A project of a register, a document without claims and two shapes: checked in a moment."""
    for path in barchester.documents.iterdir():
        path.unlink()
    (barchester.documents / "small.yaml").write_text(SMALL, "utf-8")
    shapes = barchester.root / "shapes"
    shapes.mkdir()
    (shapes / "small.ttl").write_text(SMALL_SHAPES, "utf-8")
    return barchester


# Exit codes


def test_a_corpus_without_violations_passes(barchester: Project) -> None:
    done = validate(barchester)
    assert done.returncode == 0, done.stdout
    assert ": violation: " not in done.stdout
    assert len(done.stderr.splitlines()) == 1
    assert "finding" in done.stderr


@pytest.mark.parametrize("command", ["validate", "build"])
def test_a_corpus_without_documents_is_no_success(barchester: Project, command: str) -> None:
    """That is told, and not that the shapes find nothing, in this run and the next."""
    shutil.rmtree(barchester.documents)
    for _ in range(2):
        done = nhskg("--project", ".", command, cwd=barchester.root)
        assert done.returncode == 1
        told = (done.stdout + done.stderr).splitlines()
        assert (
            sum("seeds/documents: violation: there are no documents" in each for each in told) == 1
        )
        assert not any("[unmatched-target]" in each for each in told)


def test_a_warning_fails_only_where_it_is_asked_for(small: Project) -> None:
    line = append(small, MATTERS, UNUSED)
    done = validate(small, "--fail-on", "warning")
    assert f"{MATTERS}:{line + 1}:12: warning: a label SHOULD NOT ring [T-02]\n" in done.stdout
    assert done.returncode == 1
    assert validate(small).returncode == 0


def test_a_violation_of_a_shape_fails_unless_nothing_does(small: Project) -> None:
    append(small, MATTERS, WRONG)
    done = validate(small)
    assert done.returncode == 1
    assert ": violation: a label MUST NOT be wrong; right it [T-01]\n" in done.stdout
    assert validate(small, "--fail-on", "never").returncode == 0


def test_a_fault_in_a_value_is_a_finding_and_the_summary_says_what_was_not_checked(
    small: Project,
) -> None:
    line = append(small, MATTERS, UNUSED + "    colour: blue\n")
    done = validate(small)
    assert done.returncode == 1
    assert done.stdout.startswith(f"{MATTERS}:{line + 3}:5: violation: unknown field ")
    assert done.stdout.endswith(" [reading]\n")
    assert done.stderr == (
        "1 finding: 1 violation; the graph was not checked: "
        "mend what keeps it from being read first\n"
    )


@pytest.mark.parametrize(
    ("raw", "told"),
    [
        (b"\tmatters:\n", ":1:1: violation: a tab"),
        (b"matters: [\n", "violation: not valid YAML"),
        (b"matters: \xff\n", ":1:10: violation: not UTF-8"),
        (b"# long\n" * 7_200_000, ":1:1: violation: the file has 50,400,000 bytes, and at most"),
    ],
)
def test_a_file_that_cannot_be_read_at_all_is_told_alike_with_exit_2(
    small: Project, raw: bytes, told: str
) -> None:
    (small.root / "seeds" / "register" / "new.yaml").write_bytes(raw)
    done = validate(small, "--format", "json=findings.json", "--format", "text")
    assert done.returncode == 2
    assert done.stdout.startswith("seeds/register/new.yaml:")
    assert told in done.stdout
    findings = json.loads((small.root / "findings.json").read_text("utf-8"))
    assert findings["complete"] is False
    assert findings["findings"][0]["rule"] == "reading"


@pytest.mark.parametrize("form", _FORMS)
def test_a_name_that_is_not_utf_8_is_told_on_one_line_with_exit_2_in_every_form(
    small: Project, form: str
) -> None:
    (small.register / "a\n\udcff.yaml").write_text(WRONG)
    done = validate(small, "--format", f"{form}=out", "--format", "text")
    assert done.returncode == 2
    assert done.stdout == (
        "seeds/register/a\\n\\udcff.yaml: violation: "
        "cannot be read: the name of the file is not UTF-8; rename it [reading]\n"
    )
    assert (small.root / "out").read_text("utf-8")


def test_a_line_feed_in_a_name_is_escaped(small: Project) -> None:
    (small.documents / "a\nb.yaml").write_text("document:\n  id: ab\n")
    done = validate(small)
    assert done.returncode == 1
    assert all(each.startswith("seeds/documents/a\\nb.yaml:") for each in done.stdout.splitlines())


def test_shapes_that_cannot_be_read_are_told_with_exit_2(small: Project) -> None:
    (small.root / "shapes" / "broken.ttl").write_text("no turtle")
    done = validate(small)
    assert done.returncode == 2
    assert done.stdout.startswith("shapes/broken.ttl:1:")


MISUSES: list[tuple[tuple[str, ...], str]] = [
    (("--format", "xml"), "no format 'xml'; there are text, table"),
    (("--format", "json="), "names no file"),
    (("--format", "json", "--format", "text"), "two formats go to one place"),
    (("--format", "json=a", "--output", "b"), "--output goes with one --format without"),
    (("--fail-on", "sometimes"), "Invalid value for '--fail-on'"),
    (("--update-baseline",), "--update-baseline needs --baseline FILE"),
    (("--baseline", "b.yaml", "--update-baseline", "seeds"), "without PATHs"),
    (("--data", "a.ttl"), "--data and --shapes go together"),
    (("--shapes", "a.ttl"), "--data and --shapes go together"),
    (("--data", "a", "--shapes", "b", "--texts", "."), "--data and --shapes go together"),
    (("--data",), "Option '--data' requires an argument"),
    (("none.yaml",), "no such file or folder: none.yaml"),
    (("/",), "/ is not in the project"),
    (("--baseline", "none.yaml"), "none.yaml: cannot be read: No such file"),
]


@pytest.mark.parametrize(("arguments", "message"), MISUSES)
def test_misuse_is_told_on_standard_error_with_exit_2(
    small: Project, arguments: tuple[str, ...], message: str
) -> None:
    done = validate(small, *arguments)
    assert done.returncode == 2
    assert message in done.stderr
    assert done.stdout == ""


def test_what_cannot_be_written_is_told_with_exit_2(small: Project) -> None:
    done = validate(small, "--format", f"json={MATTERS}/out.json")
    assert done.returncode == 2
    assert "cannot be written" in done.stderr


# The texts, and an ontology of the project's own

GAZETTE = "seeds/documents/gazette-boards.yaml"
CHRONICLE = "seeds/documents/chronicle-reply.yaml"


def edit(project: Project, file: str, old: str, new: str) -> int:
    """Replace the first of some words in a file; return its line."""
    path = project.root / file
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")
    return text[: text.index(old)].count("\n") + 1


def test_documents_are_held_against_their_texts_all_faults_at_once(barchester: Project) -> None:
    digest = edit(barchester, GAZETTE, "sha256: 11", "sha256: 12")
    nowhere = edit(barchester, CHRONICLE, "ran every consultation", "run every consultation")
    twice = edit(barchester, CHRONICLE, '"a former director of health"', '"the"')
    moved = edit(barchester, CHRONICLE, "at: [77, 230]", "at: [78, 231]")
    assert validate(barchester).returncode == 0, "without the texts none of it can be seen"
    done = validate(barchester, "--texts", "texts")
    assert done.returncode == 1
    told = [line for line in done.stdout.splitlines() if line.endswith("[reading]")]
    assert [line.partition(": violation: ")[0].rpartition(":")[0] for line in told] == [
        f"{CHRONICLE}:{line}" for line in (moved, nowhere, twice)
    ] + [f"{GAZETTE}:{digest}"]
    words = (
        "'at' is [78, 231], and should be [77, 230] [reading]",
        "the nearest, on line 3, is: ran every consultation on changes to services.",
        "times; add a prefix or suffix",
        "is not the text that was annotated",
    )
    assert all(word in line for word, line in zip(words, told, strict=True)), told


def test_a_fault_of_form_is_not_told_again_for_the_text(barchester: Project) -> None:
    """A document that cannot be read hides no fault of another's quotes, and is told once."""
    (barchester.root / GAZETTE).write_text("\tdocument:\n", "utf-8")
    line = edit(barchester, CHRONICLE, "ran every consultation", "run every consultation")
    done = validate(barchester, "--texts", "texts")
    assert done.returncode == 2
    places = [each.partition(": violation: ")[0] for each in done.stdout.splitlines()]
    assert places == [f"{CHRONICLE}:{line}:12", f"{GAZETTE}:1:1"]


def test_the_house_style_of_an_ontology_of_the_project_is_checked(barchester: Project) -> None:
    shutil.copytree(shipped_data() / "ontology", barchester.root / "ontology")
    term = "\nnhs:bell-Tower a owl:Class ;\n    rdfs:isDefinedBy <https://w3id.org/nhskg/ns> .\n"
    line = append(barchester, "ontology/core.ttl", term) + 1
    done = validate(barchester)
    assert done.returncode == 1
    rules = {
        each.rpartition("[")[2].strip("]")
        for each in done.stdout.splitlines()
        if each.startswith(f"ontology/core.ttl:{line}:1: violation: ")
    }
    assert rules == {"O-02", "O-03", "O-06"}, "label, definition, and capital letter"


# Where output goes


def test_several_forms_at_once_each_to_its_place(small: Project) -> None:
    append(small, MATTERS, UNUSED)
    done = validate(
        small,
        *("--format", "github", "--format", "sarif=out/findings.sarif"),
        *("--format", "junit=out/junit.xml"),
    )
    assert done.returncode == 0
    assert done.stdout.startswith("::warning file=seeds/")
    out = small.root / "out"
    assert sorted(path.name for path in out.iterdir()) == ["findings.sarif", "junit.xml"]
    assert json.loads((out / "findings.sarif").read_text("utf-8"))["version"] == "2.1.0"
    assert JUnitXml.fromfile(str(out / "junit.xml")).failures == 0


def test_output_takes_the_form_without_a_file(small: Project) -> None:
    done = validate(small, "--format", "json", "--output", "findings.json")
    assert done.stdout == ""
    assert "findings" in json.loads((small.root / "findings.json").read_text("utf-8"))


def test_paths_for_a_ci_service_are_relative_to_its_checkout(small: Project) -> None:
    append(small, MATTERS, UNUSED)
    above = str(small.root.parent)
    arguments = ("--format", "github", "--format", "gitlab=g.json", "--format", "text=t.txt")
    done = validate(small, *arguments, GITHUB_WORKSPACE=above, CI_PROJECT_DIR=above)
    assert f"file=barchester/{MATTERS}" in done.stdout
    entries = json.loads((small.root / "g.json").read_text("utf-8"))
    assert f"barchester/{MATTERS}" in {each["location"]["path"] for each in entries}
    assert f"\n{MATTERS}" in "\n" + (small.root / "t.txt").read_text("utf-8")


def test_a_closed_pipe_is_quiet_and_the_exit_code_tells(small: Project) -> None:
    append(small, MATTERS, WRONG)
    with subprocess.Popen(
        [sys.executable, "-m", "nhskg", "--project", ".", "validate"],
        cwd=small.root,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        told = process.stderr.read()
    assert process.returncode == 1
    assert len(told.splitlines()) == 1
    assert "violation" in told


# A part of the project


@pytest.mark.parametrize(
    "path", ["README.md", "texts", "seeds/documents/notes.txt", "seeds/documents/old", "build"]
)
def test_a_path_that_holds_nothing_that_is_checked_is_no_success(small: Project, path: str) -> None:
    (small.documents / "notes.txt").touch()
    (small.documents / "old").mkdir()
    (small.documents / "old" / "gazette.yaml").touch()
    small.build.mkdir()
    done = validate(small, path)
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr == (
        f"nhskg: {path} holds nothing that is checked; give annotations (*.yaml in "
        "seeds/documents or seeds/register), a file of ontology/ or shapes/, "
        "or a folder with such files\n"
    )


@pytest.mark.parametrize("path", [".", "seeds", "seeds/register", MATTERS, "shapes/small.ttl"])
def test_a_path_that_holds_something_that_is_checked_is_taken(path: str, small: Project) -> None:
    given = Path(path)
    project = Project.locate(small.root)
    assert _chosen([small.root / given], project, None) == ((small.root / given).resolve(),)


def test_only_findings_in_the_paths_given_are_told(small: Project) -> None:
    append(small, MATTERS, UNUSED)
    there = validate(small, MATTERS, "--fail-on", "warning")
    assert there.returncode == 1
    assert {line.split(":")[0] for line in there.stdout.splitlines()} == {MATTERS}
    elsewhere = validate(small, "seeds/register/people.yaml", "--fail-on", "warning")
    assert MATTERS not in elsewhere.stdout


def test_a_fault_elsewhere_that_keeps_the_paths_from_being_checked_is_no_success(
    small: Project,
) -> None:
    append(small, MATTERS, UNUSED + "    colour: blue\n")
    done = validate(small, "seeds/register/people.yaml")
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.startswith("0 findings; the graph was not checked")


# The baseline


def test_the_life_of_a_baseline(small: Project) -> None:
    append(small, MATTERS, WRONG)
    path = small.root / "known.yaml"
    wrote = validate(small, "--baseline", "known.yaml", "--update-baseline")
    assert wrote.returncode == 0
    assert "known.yaml:4:5: warning: no reason is given for accepting" in wrote.stdout
    assert validate(small, "--baseline", "known.yaml", "--fail-on", "warning").returncode == 1
    path.write_text(path.read_text("utf-8").replace("TODO say why this is accepted", "for a test"))
    known = validate(small, "--baseline", "known.yaml")
    assert known.returncode == 0
    assert "known.yaml" not in known.stdout
    assert "known (baseline)" in known.stderr
    again = validate(small, "--baseline", "known.yaml", "--update-baseline")
    assert again.returncode == 0
    assert "for a test" in path.read_text("utf-8")
    assert "TODO" not in path.read_text("utf-8")


def test_a_stale_entry_fails_at_its_line(small: Project) -> None:
    path = small.root / "known.yaml"
    path.write_text("known:\n  - fingerprint: 00000000000000000000\n    reason: mended\n")
    done = validate(small, "--baseline", "known.yaml", "--format", "json")
    assert done.returncode == 1
    (told,) = [each for each in json.loads(done.stdout)["findings"] if "known" in each["file"]]
    assert (told["rule"], told["file"], told["line"]) == ("baseline-stale", "known.yaml", 2)


def test_no_baseline_is_written_while_not_everything_is_checked(small: Project) -> None:
    append(small, MATTERS, UNUSED + "    colour: blue\n")
    done = validate(small, "--baseline", "known.yaml", "--update-baseline")
    assert done.returncode == 1
    assert "the baseline was not written" in done.stderr
    assert not (small.root / "known.yaml").exists()


# Any RDF

SHAPES = """\
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix ex: <https://example.org/> .
ex:S a sh:NodeShape ; sh:targetClass ex:Person ;
    sh:property [ sh:path ex:name ; sh:minCount 1 ] .
"""
DATA = "@prefix ex: <https://example.org/> .\nex:ann a ex:Person .\n"


@pytest.fixture
def rdf(tmp_path: Path) -> Callable[..., Run]:
    (tmp_path / "shapes.ttl").write_text(SHAPES)
    (tmp_path / "data.ttl").write_text(DATA)
    (tmp_path / "names.ttl").write_text(f"{DATA.splitlines()[0]}\nex:ann ex:name 'Ann' .\n")

    def run(*arguments: str, given: str | None = None) -> Run:
        return nhskg("validate", *arguments, cwd=tmp_path, given=given)

    return run


def test_any_rdf_is_validated_by_any_shapes(rdf: Callable[..., Run]) -> None:
    done = rdf("--data", "data.ttl", "--shapes", "shapes.ttl")
    assert done.returncode == 1
    expected = "data.ttl:2:1: violation: does not meet sh:minCount 1 along ex:name [S]\n"
    assert done.stdout == expected
    whole = rdf("--data", "data.ttl", "names.ttl", "--shapes", "shapes.ttl", "--format", "turtle")
    assert whole.returncode == 0
    assert "sh:conforms true" in whole.stdout
    given = rdf("--data", "-", "--shapes", "shapes.ttl", given=DATA)
    assert given.stdout.startswith("<stdin>:2:1: violation: ")


def test_rdf_that_cannot_be_read_is_told_with_exit_2(rdf: Callable[..., Run]) -> None:
    done = rdf("--data", "none.ttl", "--shapes", "shapes.ttl")
    assert done.returncode == 2
    told = "none.ttl: violation: cannot be read: No such file or directory [reading]\n"
    assert done.stdout == told


@pytest.mark.parametrize("name", ["data.ttl", "shapes.ttl", "./data.ttl", "link.ttl"])
def test_what_is_read_is_not_written_over(
    rdf: Callable[..., Run], tmp_path: Path, name: str
) -> None:
    (tmp_path / "link.ttl").symlink_to("data.ttl")
    for where in (("--output", name), ("--format", f"turtle={name}")):
        for data in ("data.ttl", "."):
            done = rdf("--data", data, "--shapes", "shapes.ttl", *where)
            assert (done.returncode, done.stdout) == (2, "")
            assert done.stderr.startswith(f"nhskg: {Path(name)} is read, and would be written over")
    assert (tmp_path / "data.ttl").read_text() == DATA
    assert (tmp_path / "shapes.ttl").read_text() == SHAPES


def test_an_output_beside_what_is_read_is_written_again(
    rdf: Callable[..., Run], tmp_path: Path
) -> None:
    (tmp_path / "names.ttl").unlink()
    for _ in range(2):
        done = rdf("--data", ".", "--shapes", "shapes.ttl", "--output", "out.txt")
        assert done.returncode == 1, done.stderr
    assert (tmp_path / "out.txt").is_file()


def test_an_annotation_is_not_written_over(small: Project) -> None:
    before = (small.root / MATTERS).read_bytes()
    assert validate(small, "--output", MATTERS).returncode == 2
    assert (small.root / MATTERS).read_bytes() == before


# Explaining


def test_explain_prints_the_page_of_a_rule(barchester: Project) -> None:
    done = nhskg("explain", "c-02", cwd=barchester.root)
    assert done.returncode == 0
    assert done.stdout.startswith("# C-02: ")
    assert "## Repair" in done.stdout
    assert nhskg("explain", "[C-02]", cwd=barchester.root).stdout == done.stdout


def test_explain_lists_every_rule(barchester: Project) -> None:
    done = nhskg("explain", "--list", "--format", "json", cwd=barchester.root)
    rules = {each["rule"] for each in json.loads(done.stdout)}
    assert {"C-02", "reading", "owl-cax-dw", "baseline-stale", "unmatched-target"} <= rules


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "name one rule, or list them"),
        (("C-02", "--list"), "name one rule, or list them"),
        (("readin",), "no rule 'readin'; did you mean 'reading'?"),
        (("C-02", "--format", "json"), "--format goes with --list"),
    ],
)
def test_explain_misused(small: Project, arguments: tuple[str, ...], message: str) -> None:
    done = nhskg("explain", *arguments, cwd=small.root)
    assert (done.returncode, done.stdout) == (2, "")
    assert message in done.stderr


# What the options mean


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("--data a b --shapes c", "--data a --data b --shapes c"),
        ("--data a --data b", "--data a --data b"),
        ("--data - --format text", "--data - --format text"),
        ("--data --shapes c", "--data --shapes c"),
        ("--data", "--data"),
        ("a b --fail-on never", "a b --fail-on never"),
        ("--data a --fail-on never b", "--data a --fail-on never b"),
        ("--data=a b", "--data=a b"),
    ],
)
def test_files_behind_an_option_are_its_own(given: str, expected: str) -> None:
    assert spread(given.split(), ("--data", "--shapes")) == expected.split()


def test_forms_and_where_they_go() -> None:
    out = Path("out")
    assert _outputs((), None) == [("text", None)]
    assert _outputs((), out) == [("text", out)]
    assert _outputs(("json=-",), None) == [("json", None)]
    assert _outputs(("sarif=a=b", "text"), None) == [("sarif", Path("a=b")), ("text", None)]
    assert _outputs(("sarif=a", "text"), out) == [("sarif", Path("a")), ("text", out)]
    with pytest.raises(UsageError):
        _outputs(("sarif=a", "text=a"), None)
