"""The commands: exit codes, one clear line, the right stream, a closed pipe."""

from __future__ import annotations

import contextlib
import json
import os
import pty
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from nhskg.project import Project

from .runner import nhskg

ROOT = Path(__file__).parents[2]
TEXTS = ROOT / "tests" / "corpora" / "barchester" / "texts"
MATTERS = "seeds/register/matters.yaml"
MISUSES: dict[str, str] = yaml.safe_load((ROOT / "tests/cli/misuses.yaml").read_text("utf-8"))


def test_version() -> None:
    assert nhskg("--version").stdout.startswith("nhskg, version 0.")


@pytest.mark.parametrize(("arguments", "message"), MISUSES.items(), ids=MISUSES)
def test_misuse_is_one_clear_line_and_exit_2(built: Project, arguments: str, message: str) -> None:
    """Of misuse that click notices, too: the line names what is nearest, or where to read on.

    Of a name that may mean several things, each has a line of its own.
    """
    before = (built.root / MATTERS).read_bytes()
    done = nhskg("--project", ".", *shlex.split(arguments), cwd=built.root)
    assert (done.exit_code, done.stdout) == (2, "")
    line, *candidates = done.stderr.splitlines()
    assert message in line
    assert all(each.startswith("  ") for each in candidates)
    assert (built.root / MATTERS).read_bytes() == before


@pytest.mark.parametrize(
    "arguments",
    [
        "-q Q --data a.ttl b.nt",
        "-qQ --data a.ttl --data b.nt",
        "--data a.ttl b.nt --query=Q",
        "--data a.ttl b.nt q.rq",
        "q.rq --data a.ttl b.nt",
        "--data a.ttl - --data b.nt",
        "-q Q --data - b.nt",
    ],
)
def test_data_takes_several_files(tmp_path: Path, arguments: str) -> None:
    """With -q all that follow; else those with an ending of RDF, and the query by itself."""
    query = "SELECT ?s { ?s ?p ?o } ORDER BY ?s"
    (tmp_path / "q.rq").write_text(query)
    (tmp_path / "a.ttl").write_text("<urn:a> <urn:p> 1 .")
    (tmp_path / "b.nt").write_text("<urn:b> <urn:p> <urn:o> .\n")
    given = query if "Q" not in arguments else "<urn:a> <urn:p> 1 ."
    said = [each.replace("Q", query) for each in arguments.split()]
    done = nhskg("sparql", *said, "--format", "csv", cwd=tmp_path, given=given)
    assert (done.stdout, done.stderr) == ("s\nurn:a\nurn:b\n", "")


def test_a_literal_that_the_store_changes_is_told_and_kept_exactly(tmp_path: Path) -> None:
    (tmp_path / "a.ttl").write_text("<urn:a> <urn:p> 01 .")
    (tmp_path / "q.rq").write_bytes(b"\xef\xbb\xbfSELECT ?o { ?s ?p ?o }")
    done = nhskg("sparql", "q.rq", "--data", "a.ttl", cwd=tmp_path)
    assert done.stdout == "o\n1\n"
    assert 'changes a literal "01"^^xsd:integer to "1"^^xsd:integer; --exact' in done.stderr
    exact = nhskg("sparql", "q.rq", "--data", "a.ttl", "--exact", cwd=tmp_path)
    assert (exact.stdout, exact.stderr) == ("o\n01\n", "")
    every = ("sparql", "-q", "SELECT * { ?s ?p ?o ; ?q ?r }", "--data", "a.ttl")
    heads = [
        nhskg(*every, *also, cwd=tmp_path).stdout.split("\n")[0] for also in ((), ("--exact",))
    ]
    assert heads[0] == heads[1], "the columns of SELECT * are in the same order"


def test_every_file_of_data_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "broken.ttl").write_text(":a")
    files = ("none.ttl", "broken.ttl", "x.doc", ".", "-")
    done = nhskg("sparql", "-q", "ASK {}", "--data", *files, cwd=tmp_path, given="<a")
    assert (done.exit_code, done.stdout) == (2, "")
    told, *faults = done.stderr.splitlines()
    assert told == "nhskg: left out 1 of ./: broken.ttl (is read already)"
    starts = [line.split(": ")[0] for line in faults]
    assert starts == ["none.ttl", "broken.ttl:1:1", "x.doc", "<stdin>:1:1"]


@pytest.mark.parametrize(
    ("arguments", "unknown"), [("matrix --power sign-off", 80), ("query run holders", 80)]
)
def test_a_table_is_fitted_to_columns_where_no_terminal_is(
    built: Project, arguments: str, unknown: int
) -> None:
    def widest(columns: str) -> int:
        ask = [*arguments.split(), "--format", "table"]
        done = nhskg("--project", built.root, *ask, COLUMNS=columns)
        return max(map(len, done.stdout.splitlines()))

    assert widest("") == widest("0") > unknown
    assert 40 < widest("140") <= 140


def test_an_answer_with_more_rows_than_the_limit_is_cut_and_it_is_said(built: Project) -> None:
    ask = ("--project", built.root, "sparql", "-q", "SELECT ?s { ?s ?p ?o }", "--format", "csv")
    done = nhskg(*ask, "--row-limit", "2")
    assert (done.exit_code, len(done.stdout.splitlines())) == (1, 3)
    assert done.stderr == (
        "nhskg: the answer is cut after 2 rows; --row-limit N allows more (0: no limit)\n"
    )
    assert len(nhskg(*ask, "--row-limit", "0").stdout.splitlines()) > 1_000


# Processes of their own: limits of time, pipes, terminals, imports


@pytest.mark.parametrize(
    "arguments",
    [
        ("--help",),
        ("query", "list"),
        ("matrix", "--all"),
        ("anchor", "--check", "--texts", str(TEXTS)),
    ],
)
def test_a_command_that_nobody_reads_on_is_neither_good_nor_has_findings(
    built: Project, arguments: tuple[str, ...]
) -> None:
    """The exit code is 141, as shells have it for a command that a closed pipe ended."""
    with subprocess.Popen(
        [sys.executable, "-m", "nhskg", "--project", str(built.root), *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == ""
    assert process.returncode == 141


@pytest.mark.parametrize(
    ("redirection", "code", "message"),
    [
        pytest.param(
            "> /dev/full",
            2,
            "nhskg: standard output cannot be written (No space left on device)\n",
            marks=pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full"),
        ),
        (">&-", 0, ""),
    ],
)
def test_standard_output_that_is_full_or_closed(
    built: Project, redirection: str, code: int, message: str
) -> None:
    command = f"{sys.executable} -m nhskg --project {built.root} query list {redirection}"
    done = subprocess.run(command, shell=True, text=True, stderr=subprocess.PIPE, check=False)
    assert (done.returncode, done.stderr) == (code, message)


def test_a_query_that_takes_too_long_is_ended_and_it_is_said(built: Project) -> None:
    """This one would never end."""
    endless = " ".join(f"?s{n} ?p{n} ?o{n} ." for n in range(30))
    query = f"SELECT (COUNT(*) AS ?n) {{ {endless} }}"
    command = [sys.executable, "-m", "nhskg", "--project", str(built.root), "sparql", "-q", query]
    done = subprocess.run(
        [*command, "--time-limit", "0.01"], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        "nhskg: ended, as it took too much time; --time-limit SECONDS of a query, "
        "else NHSKG_SECONDS, allows more (0: no limit)\n"
    )


ASKING = """
import shlex, sys
from nhskg.cli import main
for line in sys.stdin:
    try:
        main(["--project", sys.argv[1], *shlex.split(line)])
    except SystemExit as end:
        assert end.code == 0, (line, end.code)
    heavy = {"numpy", "rdflib", "pyshacl", "owlrl", "pydantic"} & set(sys.modules)
    heavy |= {"rich", "nhskg.reasoning.rules"} & set(sys.modules) if "query" in line else set()
    assert not heavy, (line, heavy)
"""
QUESTIONS = """\
query run holders
query list
sparql -q 'ASK {}'
matrix --power sign-off --format table
why --plan hiram-report --power sign-off
why-not --plan hiram-report --power sign-off --body ccg
"""


def test_asking_imports_no_library_of_reasoning_or_validation(built: Project) -> None:
    done = subprocess.run(
        [sys.executable, "-c", ASKING, str(built.root)],
        input=QUESTIONS,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout


def test_progress_is_shown_on_a_terminal_and_nowhere_else(barchester: Project) -> None:
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "nhskg", "--project", str(barchester.root), "build"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=theirs, text=True) as process:
        os.close(theirs)
        shown = b""
        # Linux ends a terminal that nobody writes to any more with an error, macOS with nothing
        with contextlib.suppress(OSError):
            while chunk := os.read(ours, 4096):
                shown += chunk
        assert process.stdout is not None
        summary = process.stdout.read()
    os.close(ours)
    assert process.returncode == 0
    for step in ("reading", "mapping", "reasoning", "validating", "writing"):
        assert f"{step} …" in shown.decode("utf-8")
        assert step not in summary
    assert "…" not in nhskg("--project", barchester.root, "build").output


# Building, dumping and anchoring


@pytest.mark.parametrize("command", ["build", "validate"])
def test_fresh_is_accepted_and_has_no_effect(barchester: Project, command: str) -> None:
    once = nhskg("--project", barchester.root, command)
    fresh = nhskg("--project", barchester.root, command, "--fresh")
    assert fresh.exit_code == once.exit_code == 0
    assert fresh.stdout.partition("seconds")[0] == once.stdout.partition("seconds")[0]
    assert "'fresh' is deprecated" in fresh.stderr
    assert "--fresh" not in nhskg(command, "--help").stdout


def test_the_first_question_builds_the_store_where_it_can_be_read(barchester: Project) -> None:
    path = barchester.documents / "gazette-boards.yaml"
    text = path.read_text("utf-8")
    path.write_text(text.replace("power: sign-off", "power: sign-of", 1), "utf-8")
    line = text[: text.index("power: sign-off")].count("\n") + 1
    done = nhskg("--project", barchester.root, "build")
    assert done.exit_code == 2
    assert f"{path}:{line}:12: unknown power 'sign-of'; did you mean 'sign-off'?" in done.stderr
    path.write_text(text, "utf-8")
    done = nhskg("--project", barchester.root, "query", "run", "statuses", "--format", "csv")
    assert done.exit_code == 0, done.stderr
    assert "no store has been built; building it now" in done.stderr
    assert (barchester.build / "current").is_symlink()


def test_braces_in_a_label_and_the_fraction_of_an_amount_are_kept(barchester: Project) -> None:
    for path, old, new in (
        (barchester.register / "plans.yaml", "- id: hiram-report\n    label: ", "Draft {1} "),
        (barchester.documents / "gazette-boards.yaml", "amount: 1500000", ".50"),
    ):
        text = path.read_text("utf-8")
        assert old in text
        path.write_text(text.replace(old, old + new), "utf-8")
    ask = ("--project", barchester.root)
    cell = ("--plan", "hiram-report", "--power", "sign-off", "--body", "ccg")
    assert "under Draft {1} Hiram report" in nhskg(*ask, "why-not", *cell).stdout
    labels = "SELECT ?l { [] nhs:quantity/skos:prefLabel ?l }"
    assert "1,500,000.50" in nhskg(*ask, "sparql", "-q", labels).stdout


def test_a_store_older_than_its_sources_is_noticed(built: Project, tmp_path: Path) -> None:
    folder = tmp_path / "later"
    shutil.copytree(built.root, folder, symlinks=True)
    later = (built.build / "current" / "summary.json").stat().st_mtime + 60
    document = folder / "seeds" / "documents" / "gazette-boards.yaml"
    os.utime(document, (later, later))
    for name in (f".#{document.name}", "gone.yaml"):  # an editor's lock is a link to nothing
        document.with_name(name).symlink_to("nothing")
    done = nhskg("--project", folder, "sparql", "-q", "ASK {}")
    assert done.stdout == "true\n"
    told = "nhskg: the store is older than its sources; "
    assert done.stderr == f"{told}'nhskg build' or --build renews it\n"
    (document.parent / "gone.yaml").unlink()
    os.utime(document)
    os.utime(folder / "build" / "current" / "summary.json", (0, 0))
    first, then = (nhskg("--project", folder, "matrix", "--all", "--build") for _ in range(2))
    assert first.stderr == told.replace("; ", "; building it now\n")
    assert (then.stdout, then.stderr) == (first.stdout, "")


def test_every_text_that_is_missing_is_named(built: Project, tmp_path: Path) -> None:
    done = nhskg("--project", built.root, "coverage", "--texts", tmp_path)
    assert (done.exit_code, done.stdout) == (2, "")
    missing = sorted(TEXTS.glob("*.txt"))
    assert len(missing) == 3
    for line, path in zip(sorted(done.stderr.splitlines()), missing, strict=True):
        assert line.startswith(f"{tmp_path / path.name}: the text cannot be read")
        assert line.endswith("; pass the folder that holds it")


def test_coverage_counts_sentences_and_lists_them(built: Project) -> None:
    ask = ("--project", built.root, "coverage", "--texts", TEXTS, "--format", "json")
    counted, listed = nhskg(*ask), nhskg(*ask, "--list")
    assert counted.exit_code == listed.exit_code == 0, counted.stderr
    sentences = json.loads(listed.stdout)
    for row in json.loads(counted.stdout):
        states = [each["state"] for each in sentences if each["document"] == row["document"]]
        assert len(states) == int(row["sentences"]) > 0
        assert states.count("claims") == int(row["with claims"])
        assert states.count("no claim") == int(row["with a reason for none"])
        assert row["unaccounted"] == "0"


def test_anchor_writes_what_is_missing_and_nothing_else(barchester: Project) -> None:
    anchor = ("--project", barchester.root, "anchor", "--texts", TEXTS)
    path = barchester.documents / "gazette-boards.yaml"
    whole = path.read_text("utf-8")
    lines = [line for line in whole.splitlines(keepends=True) if not line.startswith("    at: ")]
    assert len(lines) < len(whole.splitlines())
    path.write_text("".join(lines), "utf-8")
    assert nhskg(*anchor, path, "--check").exit_code == 1
    assert path.read_text("utf-8") == "".join(lines)
    assert nhskg(*anchor, path).exit_code == 0
    assert path.read_text("utf-8") == whole
    assert nhskg(*anchor, "--check").exit_code == 0


def test_the_matrix_in_json_holds_what_the_table_shows(built: Project) -> None:
    done = nhskg("--project", built.root, "matrix", "--power", "sign-off", "--format", "json")
    cells = json.loads(done.stdout)
    assert {cell["power"]["slug"] for cell in cells} == {"sign-off"}
    assert len({cell["plan"]["slug"] for cell in cells}) == 12
    assert all(cell["sources"] for cell in cells if cell["basis"] != "no text says")


@pytest.mark.parametrize("command", ["ask", "find"])
def test_a_question_is_not_a_text(command: str) -> None:
    done = nhskg(command, "oldham " * 101)
    assert (done.exit_code, done.stderr) == (2, "nhskg: more than 100 words; ask with fewer\n")


def test_a_line_that_people_are_told_is_not_as_long_as_a_value() -> None:
    done = nhskg("x" * 100_000)
    assert done.exit_code == 2
    assert done.stderr.startswith("nhskg: unknown command 'xxx")
    assert done.stderr.endswith("xxx'; see 'nhskg --help'\n")
    assert len(done.stderr) == 1_001
