"""The commands as processes: exit codes, one clear line, the right stream, a closed pipe."""

from __future__ import annotations

import contextlib
import json
import os
import pty
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from pyoxigraph import parse

from nhskg.project import Project

ROOT = Path(__file__).parents[2]
TEXTS = ROOT / "tests" / "corpora" / "barchester" / "texts"


def nhskg(
    *arguments: str, cwd: Path | None = None, given: str | None = None, **variables: str
) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "NO_COLOR": "1", **variables}
    environment.pop("NHSKG_TEXTS", None)
    return subprocess.run(
        [sys.executable, "-m", "nhskg", *arguments],
        cwd=cwd,
        input=given,
        text=True,
        capture_output=True,
        env=environment,
        timeout=300,
        check=False,
    )


def in_shell(command: str) -> subprocess.CompletedProcess[str]:
    """Run a command line in which ``nhskg`` is this one."""
    command = command.replace("nhskg", f"{sys.executable} -m nhskg", 1)
    return subprocess.run(
        command, shell=True, text=True, stderr=subprocess.PIPE, timeout=120, check=False
    )


def test_version_and_help() -> None:
    assert nhskg("--version").stdout.startswith("nhskg, version 0.")
    shown = nhskg("--help").stdout
    for name in ("anchor", "build", "coverage", "dump", "matrix", "query", "sparql", "validate"):
        assert f"\n  {name} " in shown


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("matrix",), "give --power NAME (repeatable), or --all"),
        (("matrix", "--power", "sign-of"), "unknown power 'sign-of'; did you mean 'sign-off'?"),
        (("matrix", "--power", "sign-off", "--plan", "hiram"), "unknown plan 'hiram'; did you"),
        (("matrix", "--power", "hwb"), "unknown power 'hwb'; known are advisory-role, "),
        (("matrix", "--all", "--plan", "Hiram Report"), "'Hiram Report'; its id is 'hiram-report'"),
        (("dump", "--out", ""), "--out names no folder; give one, or . for the current folder"),
        (("query", "run", "holder"), "unknown query 'holder'; did you mean 'holders'?"),
        (("query", "run", "holders", "--param", "power"), "'power' is not of the form key=value"),
        (("query", "run", "nosuch"), "unknown query 'nosuch'; known are budgets, changes,"),
        (
            ("query", "run", "roles", "--param", "body=hwb", "--param", "body=ccg"),
            "'body' is given twice; ask once for each value",
        ),
        (("query", "run", "holders", "--param", "pow=x"), "no parameter 'pow'; did you mean"),
        (("sparql", "-q", "SELEKT"), "query:1:7: not a SPARQL query"),
        (("sparql", "-q", "ASK {}", "--format", "turtle"), "a SELECT or ASK query gives table"),
        (("sparql", "missing.rq"), "missing.rq: cannot be read (No such file or directory)"),
        (("sparql", "-q", "ASK {}", "--data", "missing.ttl"), "missing.ttl: cannot be read"),
        (("sparql", "-q", "ASK {}", "--data", "x.doc"), "x.doc: unknown file ending; known are"),
        (("sparql", "-q", "ASK {}", "--data", "."), ".: is a folder; name the files in it"),
        (
            ("sparql", "-q", "ASK {}", "q.rq"),
            "give the query with -q or as a file, not both: 'q.rq' is left over",
        ),
        (("sparql", "g.ttl", "-q", "ASK {}", "--data", "h.ttl"), "not both: 'g.ttl' is left over"),
        (("sparql", "--data", "-"), "standard input is read once: for the query, or for --data"),
    ],
)
def test_misuse_is_one_clear_line_and_exit_2(
    built: Project, arguments: tuple[str, ...], message: str
) -> None:
    done = nhskg("--project", str(built.root), *arguments)
    assert done.returncode == 2
    assert done.stdout == ""
    assert message in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_an_unknown_command_or_option_is_misuse() -> None:
    for arguments in (("matrx",), ("build", "--fast"), ("dump",)):
        done = nhskg(*arguments)
        assert done.returncode == 2
        assert "Traceback" not in done.stderr


def test_a_query_comes_from_standard_input(built: Project) -> None:
    query = "SELECT (COUNT(DISTINCT ?plan) AS ?plans) { ?plan a nhs:Plan }"
    done = nhskg("--project", str(built.root), "sparql", "-", "--format", "csv", given=query)
    assert done.returncode == 0
    assert done.stdout == "plans\n10\n"


@pytest.mark.parametrize(
    "arguments",
    [
        ("-q", "Q", "--data", "a.ttl", "b.nt"),
        ("-qQ", "--data", "a.ttl", "--data", "b.nt"),
        ("--data", "a.ttl", "b.nt", "--query=Q"),
        ("--data", "a.ttl", "b.nt", "q.rq"),
        ("q.rq", "--data", "a.ttl", "b.nt"),
        ("--data", "a.ttl", "-", "--data", "b.nt"),
        ("-q", "Q", "--data", "-", "b.nt"),
    ],
)
def test_data_takes_several_files(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    """With -q all that follow; else those with an ending of RDF, and the query by itself."""
    query = "SELECT ?s { ?s ?p ?o } ORDER BY ?s"
    (tmp_path / "q.rq").write_text(query)
    (tmp_path / "a.ttl").write_text("<urn:a> <urn:p> 1 .")
    (tmp_path / "b.nt").write_text("<urn:b> <urn:p> <urn:o> .\n")
    given = query if "Q" not in "".join(arguments) else "<urn:a> <urn:p> 1 ."
    said = [each.replace("Q", query) for each in arguments]
    done = nhskg("sparql", *said, "--format", "csv", cwd=tmp_path, given=given)
    assert (done.stdout, done.stderr) == ("s\nurn:a\nurn:b\n", "")


def test_every_file_of_data_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    (tmp_path / "broken.ttl").write_text(":a")
    files = ("none.ttl", "broken.ttl", "x.doc", ".", "-")
    done = nhskg("sparql", "-q", "ASK {}", "--data", *files, cwd=tmp_path, given="<a")
    assert (done.returncode, done.stdout) == (2, "")
    starts = [line.split(": ")[0] for line in done.stderr.splitlines()]
    assert starts == ["none.ttl", "broken.ttl:1:1", "x.doc", ".", "<stdin>:1:1"]


@pytest.mark.parametrize(
    "arguments",
    [("query", "list"), ("matrix", "--all"), ("anchor", "--check", "--texts", str(TEXTS))],
)
def test_who_stops_reading_gets_neither_good_nor_findings(
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
    done = in_shell(f"nhskg --project {built.root} query list {redirection}")
    assert (done.returncode, done.stderr) == (code, message)


@pytest.mark.parametrize(
    "arguments",
    [
        ("matrix", "--power", "sign-off", "--format", "table"),
        ("query", "run", "holders"),
        ("query", "list"),
        ("sparql", "-q", "ASK {}"),
        ("why", "--plan", "hiram-report", "--power", "sign-off"),
        ("why-not", "--plan", "hiram-report", "--power", "sign-off", "--body", "ccg"),
    ],
    ids=lambda arguments: arguments[0],
)
def test_asking_imports_no_library_of_reasoning_or_validation(
    built: Project, arguments: tuple[str, ...]
) -> None:
    code = """
import sys
from nhskg.cli import main
try:
    main(sys.argv[1:])
except SystemExit as end:
    assert end.code == 0, end.code
heavy = {"numpy", "rdflib", "pyshacl", "owlrl", "pydantic"} & set(sys.modules)
assert not heavy, heavy
"""
    done = subprocess.run(
        [sys.executable, "-c", code, "--project", str(built.root), *arguments],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr


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
    piped = nhskg("--project", str(barchester.root), "build")
    assert "…" not in piped.stderr + piped.stdout


@pytest.mark.parametrize("command", ["build", "validate"])
def test_fresh_is_accepted_and_has_no_effect(barchester: Project, command: str) -> None:
    plain = nhskg("--project", str(barchester.root), command)
    fresh = nhskg("--project", str(barchester.root), command, "--fresh")
    assert fresh.returncode == plain.returncode == 0
    assert fresh.stdout.partition("seconds")[0] == plain.stdout.partition("seconds")[0]
    assert "'fresh' is deprecated" in fresh.stderr
    assert "--fresh" not in nhskg(command, "--help").stdout


def test_no_store_is_built_on_the_first_question(barchester: Project) -> None:
    done = nhskg("--project", str(barchester.root), "query", "run", "statuses", "--format", "csv")
    assert done.returncode == 0, done.stderr
    assert "no store has been built; building it now" in done.stderr
    assert (barchester.build / "current").is_symlink()


def test_a_store_older_than_its_sources_is_told(built: Project, tmp_path: Path) -> None:
    folder = tmp_path / "later"
    shutil.copytree(built.root, folder, symlinks=True)
    later = (built.build / "current" / "summary.json").stat().st_mtime + 60
    os.utime(folder / "seeds" / "documents" / "gazette-boards.yaml", (later, later))
    done = nhskg("--project", str(folder), "sparql", "-q", "ASK {}")
    assert done.stdout == "true\n"
    assert "the store is older than its sources; 'nhskg build' renews it" in done.stderr


def test_anchor_check_and_coverage_find_the_corpus_in_order(barchester: Project) -> None:
    for arguments in (("anchor", "--check"), ("coverage",)):
        done = nhskg("--project", str(barchester.root), *arguments, "--texts", str(TEXTS))
        assert done.returncode == 0, done.stdout + done.stderr


def test_every_text_that_is_missing_is_told(built: Project, tmp_path: Path) -> None:
    done = nhskg("--project", str(built.root), "coverage", "--texts", str(tmp_path))
    assert (done.returncode, done.stdout) == (2, "")
    missing = [f"{tmp_path / path.name}: the text cannot be read" for path in TEXTS.glob("*.txt")]
    assert len(missing) == 2
    told = sorted(done.stderr.splitlines())
    for line, start in zip(told, sorted(missing), strict=True):
        assert line.startswith(start)
        assert line.endswith("; pass the folder that holds it")


def test_anchor_writes_what_is_missing_and_nothing_else(barchester: Project) -> None:
    path = barchester.documents / "gazette-boards.yaml"
    whole = path.read_text("utf-8")
    lines = [line for line in whole.splitlines(keepends=True) if not line.startswith("    at: ")]
    assert len(lines) < len(whole.splitlines())
    path.write_text("".join(lines), "utf-8")
    check = ("anchor", str(path), "--check", "--texts", str(TEXTS))
    assert nhskg("--project", str(barchester.root), *check).returncode == 1
    assert path.read_text("utf-8") == "".join(lines)
    done = nhskg("--project", str(barchester.root), "anchor", str(path), "--texts", str(TEXTS))
    assert done.returncode == 0, done.stderr
    assert path.read_text("utf-8") == whole


def test_a_fault_of_an_annotation_is_told_with_its_place(barchester: Project) -> None:
    path = barchester.documents / "gazette-boards.yaml"
    text = path.read_text("utf-8").replace("power: sign-off", "power: sign-of", 1)
    path.write_text(text, "utf-8")
    line = next(n for n, each in enumerate(text.splitlines(), 1) if "power: sign-of" in each)
    done = nhskg("--project", str(barchester.root), "build")
    assert done.returncode == 2
    assert f"{path}:{line}:12: unknown power 'sign-of'; did you mean 'sign-off'?" in done.stderr


def test_a_dump_has_no_blank_nodes_and_no_ontology(built: Project, tmp_path: Path) -> None:
    done = nhskg("--project", str(built.root), "dump", "--out", str(tmp_path))
    assert done.returncode == 0, done.stderr
    assert len(done.stdout.splitlines()) == 6
    assert not any(b"_:" in path.read_bytes() for path in tmp_path.iterdir())
    quads = [q for name in ("asserted", "derived") for q in parse(path=tmp_path / f"{name}.nq")]
    graphs = {str(quad.graph_name) for quad in quads}
    for name in ("gazette-boards", "register", "derived"):
        assert f"<https://w3id.org/nhskg/graph/{name}>" in graphs
    assert "<https://w3id.org/nhskg/graph/ontology>" not in graphs


def test_two_builds_from_nothing_give_the_same_dump(barchester: Project, tmp_path: Path) -> None:
    """Whatever the seed of the hashes, which the order of a set depends on."""
    dumps = []
    for seed in ("1", "2"):
        shutil.rmtree(barchester.build, ignore_errors=True)
        for arguments in (("build",), ("dump", "--out", str(tmp_path / seed))):
            done = nhskg("--project", str(barchester.root), *arguments, PYTHONHASHSEED=seed)
            assert done.returncode == 0, done.stderr
        dumps.append({path.name: path.read_bytes() for path in (tmp_path / seed).iterdir()})
    assert len(dumps[0]) == 6
    assert dumps[0] == dumps[1]


def test_the_matrix_in_json_holds_what_the_table_shows(built: Project) -> None:
    done = nhskg("--project", str(built.root), "matrix", "--power", "sign-off", "--format", "json")
    cells = json.loads(done.stdout)
    assert {cell["power"]["slug"] for cell in cells} == {"sign-off"}
    assert len({cell["plan"]["slug"] for cell in cells}) == 10
    assert all(cell["sources"] for cell in cells if cell["basis"] != "no text says")
