"""docs/using-the-dumps.md is true: what it says is run is run as it stands, with its answers."""

from __future__ import annotations

import contextlib
import csv
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Final

import pytest

PAGE: Final = Path(__file__).parents[2] / "docs" / "using-the-dumps.md"
SECTIONS: Final = dict(
    re.findall(r"^## ([^\n]+)\n(.*?)(?=^## |\Z)", PAGE.read_text("utf-8"), re.M | re.S)
)
BESIDE: Final = Path(sys.executable).parent
JENA: Final = Path("/usr/share/java")
_JARS: Final = (
    "jena-arq jena-base jena-cmds jena-core jena-dboe-base jena-dboe-index jena-dboe-storage"
    " jena-dboe-trans-data jena-dboe-transaction jena-iri jena-rdfconnection jena-shacl jena-shex"
    " jena-tdb jena-tdb2 commons-cli commons-codec commons-compress commons-csv commons-io"
    " commons-lang3 commons-logging dexx.collection gson guava httpclient httpcore"
    " jackson-annotations jackson-core jackson-databind jakarta.json-api jakarta.json javax.json"
    " jsonld-java protobuf slf4j-api slf4j-nop thrift titanium-json-ld"
).split()
PROGRAMS: Final = {
    "Oxigraph": ["oxigraph"],
    "Oxigraph as a server": ["oxigraph", "curl"],
    "Apache Jena": ["java", str(JENA / "jena-cmds.jar")],
    "Virtuoso": ["virtuoso-t", "isql-vt", "curl"],
    "rdflib": [],
    "SQLite": ["sqlite3"],
    "datasette": ["datasette", "curl"],
}
"""The sections that are run, and the programs that they need."""


def files_of(text: str) -> dict[str, str]:
    return dict(re.findall(r"<!-- file: (\S+) -->\n```\w+\n(.*?)```\n", text, re.S))


def rows_of(text: str) -> list[list[str]]:
    """Return the rows of CSV, in the order of no tool's collation."""
    return sorted(row for row in csv.reader(text.splitlines()) if row)


def jena(folder: Path) -> None:
    """Write the commands of Jena's download that Debian leaves out.

    Debian's jena-core has the messages of its copy of Xerces where that does not look for them.
    """
    with zipfile.ZipFile(JENA / "jena-core.jar") as jar:
        for name in jar.namelist():
            if (start := "org/apache/jena/ext/") in name and name.endswith(".properties"):
                path = folder / "messages" / name.removeprefix(start)
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(jar.read(name))
    jars = [JENA / f"{each}.jar" for each in _JARS]
    class_path = ":".join(map(str, [folder / "messages", *jars]))
    for command in ("tdb2.tdbloader", "tdb2.tdbquery"):
        script = f'#!/bin/sh\nexec java -cp {class_path} {command} "$@"\n'
        (folder / command).write_text(script, "utf-8")
        (folder / command).chmod(0o755)


def run(script: str, folder: Path) -> str:
    """Run a script to its end, then what it has left running; return what it printed."""
    for port in set(re.findall(r"127\.0\.0\.1:(\d+)", script)):
        with socket.create_server(("127.0.0.1", 0)) as probe:
            free = str(probe.getsockname()[1])
        script = script.replace(port, free)
        for path in folder.glob("*.ini"):
            path.write_text(path.read_text("utf-8").replace(port, free), "utf-8")
    with (folder / "printed.txt").open("w+") as out, (folder / "told.txt").open("w+") as told:
        with subprocess.Popen(
            ["bash", "-euo", "pipefail", "-c", script],
            cwd=folder,
            env={**os.environ, "PATH": f"{folder / 'bin'}:{BESIDE}:{os.environ['PATH']}"},
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=told,
            start_new_session=True,
        ) as process:
            try:
                code = process.wait(300)
            finally:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGTERM)
                for lock in folder.glob("*.lck"):  # of a Virtuoso that was not shut down
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(
                            int(re.findall(r"VIRT_PID=(\d+)", lock.read_text())[0]), signal.SIGKILL
                        )
        out.seek(0)
        told.seek(0)
        assert code == 0, told.read()
        return out.read()


def test_each_section_says_whether_it_is_run() -> None:
    told = {name for name, text in SECTIONS.items() if "*Run in our tests" in text}
    assert told == set(PROGRAMS)
    others = {name for name, text in SECTIONS.items() if "*Not run here" in text}
    assert others == {"GraphDB", "Spreadsheets"}
    with_commands = {name for name, text in SECTIONS.items() if "```sh\n" in text}
    assert with_commands <= told | others


@pytest.mark.services
@pytest.mark.parametrize("section", PROGRAMS)
def test_the_questions_have_their_answers(section: str, dumped: Path, tmp_path: Path) -> None:
    for program in PROGRAMS[section]:
        found = shutil.which(program, path=f"{BESIDE}:{os.environ['PATH']}")
        if found is None and not Path(program).is_file():
            assert "CI" not in os.environ, f"{program} is missing; .ci/run is to install it"
            pytest.skip(f"{program} is not here")
    for path in dumped.iterdir():
        (tmp_path / path.name).symlink_to(path)
    text = PAGE.read_text("utf-8")
    for name, content in files_of(text).items():
        (tmp_path / name).write_text(content, "utf-8")
    (tmp_path / "bin").mkdir()
    if section == "Apache Jena":
        jena(tmp_path / "bin")
    ((kind, script),) = re.findall(r"^```(sh|python)\n(.*?)^```$", SECTIONS[section], re.M | re.S)
    if kind == "python":
        script = f"python - <<'END'\n{script}END\n"
    answers = re.findall(r"<!-- answer: \S+ -->\n```text\n(.*?)```\n", text, re.S)
    assert len(answers) == 3
    assert rows_of(run(script, tmp_path)) == rows_of("\n".join(answers))
