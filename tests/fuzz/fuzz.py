"""Fuzzing of all that reads what somebody else wrote: a target for each kind of file.

    python -m tests.fuzz.fuzz run [--count N] [TARGET...]  changed seeds, the same ones each time
    python -m tests.fuzz.fuzz replay TARGET FILE...        reads each file
    python -m tests.fuzz.fuzz long [TARGET...] [OPTION...]  atheris; the options are libFuzzer's,
                                                            and their numbers those of all targets

Whatever an input holds, a command ends with exit code 0, 1 or 2; what it refuses it tells in lines
that can be printed, each with its place. The inputs for which that is not so are left in
``build/fuzz/found``, named by their target. Inputs are read in a child process, so that a crash of
a library is seen, too.
"""

from __future__ import annotations

import argparse
import importlib
import io
import mmap
import os
import random
import re
import resource
import shlex
import signal
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import chdir, contextmanager, redirect_stderr, redirect_stdout
from itertools import chain
from pathlib import Path
from typing import Any, Final

import click
import pyoxigraph as ox
import yaml

from tests.fuzz.fuzz_reader import CORPUS, MOST_BYTES, mutator, open_reader, words

ROOT: Final = Path(__file__).resolve().parents[2]
FOUND: Final = ROOT / "build" / "fuzz" / "found"
SEEDS: Final[dict[str, list[str]]] = yaml.safe_load(
    Path(__file__).with_name("seeds.yaml").read_text("utf-8")
)

HANG_SECONDS: Final = 60
"""Processor time after which an input counts as a hang; far more than any takes."""
MOST_FALLEN: Final = 25
"""After so many inputs that fell, no more of a target are read."""
MOST_MEGABYTES: Final = 2_000
"""Memory that a child process may take."""

_SHAPES: Final = "validate --data data.ttl --shapes fuzzed.ttl --check-shapes"
_DATA: Final = (
    "validate --data {0} --shapes shapes.ttl",
    "reason {0}",
    "sparql --data {0} -q 'SELECT * {{ ?s ?p ?o }}'",
)
COMMANDS: Final[dict[str, tuple[str, tuple[str, ...]]]] = {
    "turtle": ("fuzzed.ttl", _DATA),
    "trig": ("fuzzed.trig", _DATA),
    "ntriples": ("fuzzed.nt", _DATA),
    "nquads": ("fuzzed.nq", _DATA),
    "rdfxml": ("fuzzed.rdf", _DATA),
    "jsonld": ("fuzzed.jsonld", _DATA),
    "context": ("context.jsonld", ("reason used.jsonld --context http://example.org/={0}",)),
    "shapes": ("fuzzed.ttl", (_SHAPES, f"{_SHAPES} --advanced", f"{_SHAPES} --engine pyshacl")),
    "rules": ("fuzzed.rq", ("reason data.ttl --rules {0}",)),
    "sparql": ("fuzzed.rq", ("sparql {0} --data data.ttl", "sparql {0} --data data.ttl --exact")),
    "query": ("project/queries/fuzzed.rq", ("--project project query run fuzzed",)),
    "part": ("project/queries/parts/fuzzed.rq", ("--project project query run including",)),
    "settings": ("nhskg.toml", ("validate --data data.ttl --shapes shapes.ttl",)),
    "baseline": ("b.yaml", ("validate --data data.ttl --shapes shapes.ttl --baseline {0}",)),
}
"""The file that an input is written to, and the commands that read it, by target."""
TARGETS: Final = (*COMMANDS, "server", "triple", "annotations")

Target = Callable[[bytes], object]
"""Reads an input, and raises whatever a user must not see."""


@contextmanager
def open_target(name: str) -> Iterator[Target]:
    """Yield what reads the inputs of a target, in a folder of its own, which is the current one."""
    from nhskg.rdf.errors import NhskgError
    from tests.conftest import build, copy_barchester

    if name == "annotations":
        with open_reader() as reader:
            yield reader
        return
    with tempfile.TemporaryDirectory(prefix="nhskg-fuzz-") as folder, chdir(folder):
        for file, text in (("data.ttl", SEEDS["turtle"][0]), ("shapes.ttl", SEEDS["shapes"][0])):
            Path(file).write_text(text)
        Path("used.jsonld").write_text('{"@context": "http://example.org/", "name": "x", "a": "b"}')
        if name in ("query", "part"):
            project = build(copy_barchester(Path.cwd()))
            project.root.rename("project")
            parts = Path("project/queries/parts")
            parts.mkdir(parents=True)
            (parts / "fuzzed.rq").write_text(SEEDS["part"][0].replace("#include label", ""))
            (parts / "label.rq").write_text("?body skos:prefLabel ?label .\n")
            (parts.parent / "including.rq").write_text(SEEDS["query"][0])
        file, commands = COMMANDS.get(name, ("fuzzed", ()))

        def read(data: bytes) -> None:
            Path(file).write_bytes(data)
            for command in commands:
                run_command(
                    shlex.split(command.format(file)), file, len(re.split(rb"\r\n|\r|\n", data))
                )

        def read_triple(data: bytes) -> None:
            told = data.decode("utf-8", "replace").replace("\0", "")
            run_command(["reason", "data.ttl", "--why", told])

        def ask_server(data: bytes) -> None:
            from nhskg.rdf.endpoint import Address, Endpoint
            from tests.remote.servers import Server

            def play(connection: Any, _: object) -> bool:
                connection.send(data)
                return False

            with Server(play) as server:
                try:
                    Endpoint(Address(server.url), timeout=HANG_SECONDS).graphs("urn:")
                except NhskgError as error:
                    judge(str(error))

        yield {"triple": read_triple, "server": ask_server}.get(name, read)


def run_command(arguments: Sequence[str], file: str = "", lines: int = 0) -> None:
    """Run the command line in this process; raise what its last line of defence would catch."""
    from nhskg.cli import cli
    from nhskg.rdf.errors import InputError, NhskgError, QueryError

    told, noise = (io.TextIOWrapper(io.BytesIO(), "utf-8", write_through=True) for _ in range(2))
    code = 0
    with redirect_stdout(told), redirect_stderr(noise):
        try:
            code = click.Group.main(cli, list(arguments), "nhskg", standalone_mode=False) or 0
        except click.ClickException as error:
            judge(error.format_message())
        except (InputError, QueryError) as error:
            judge(str(error), file, lines)
        except NhskgError as error:
            judge(str(error))
    assert code in (0, 1, 2), f"exit code {code}"
    if code == 2:  # what cannot be read is a finding
        told.seek(0)
        judge(told.read().strip(), file, lines)


def judge(told: str, file: str = "", lines: int = 0) -> None:
    """Check each line of a message; of a file of so many lines, that a place is told, inside it."""
    for line in told.split("\n"):
        assert line.strip(), f"an empty line is told: {told!r}"
        assert line.isprintable(), f"what cannot be printed is told: {line!r}"
        if file:
            place = re.match(r"([\w./-]+?\.\w+)(?::(\d+)(?::\d+)?)?: ", line)
            assert place, f"no place is told: {line[:300]}"
            is_there = Path(place[1]).exists() or "No such file" in line
            assert is_there, f"no file of this name: {line[:300]}"
            if place[2] and Path(place[1]).name == Path(file).name:
                assert 1 <= int(place[2]) <= lines, f"the place is outside: {line[:300]}"


# -- the inputs

_TOKEN: Final = re.compile(r'\s+|[\w:.-]+|"[^"\n]*"|<[^>\s]*>|.', re.DOTALL)
_AROUND: Final = (
    *("[]", "()", "{}", "<>", '""', "''", "{{}}", "!()"),
    *("[ ex:p | ]", "<< | ex:p ex:q >>", '{"a": | }', "<ex:a> | </ex:a>", "{ SELECT * { | } }"),
    *("FILTER NOT EXISTS { | }", "OPTIONAL { | }", "[ sh:not | ]", "- ", "STR( | )"),
)
_ODD: Final = (
    *(
        '"" 0 -1 1e400 99999999999999999999 -0.0 NaN _:x [] () {} <> <:> <a> % \\u0000 \\uD800'
    ).split(),
    *(
        "''' \\ \" ' @ @en ^^ ?x $this * | / ^ ! ; , . # ( ) [ ] { } < > & &x; --> <!-- ]]> null"
    ).split(),
    *("true a base: PREFIX @prefix 2013-02-30 P1Y 24:00:00 ٣ \U0010ffff é e\u0301 \u202e").split(),
    *(
        "\0",
        "\ud800",
        "\ufeff",
        "\u2028",
        "\x85",
        "\x1b[2J",
        "\r",
        "\t",
        "\n\n",
        "\\n",
        "x" * 3_000,
    ),
)


def change(seeds: Sequence[str], chance: random.Random) -> bytes:
    """Return a seed in which tokens are deleted, doubled, moved, put in each other, or made odd.

    Most seeds only get tokens of the same sort in place of theirs, and so keep their form.
    """
    known = [_TOKEN.findall(text) for text in seeds]
    tokens = list(chance.choice(known))
    if keeps := chance.random() < 0.6:
        sorts: dict[str, list[str]] = {}
        for each in chain(*known, _ODD):
            sorts.setdefault(_sort(each), []).append(each)
    for _ in range(chance.choice((1, 1, 2, 2 if keeps else 6))):
        start = chance.randrange(len(tokens) or 1)
        if keeps:
            start = chance.choice([n for n, each in enumerate(tokens) if not each.isspace()])
            tokens[start] = chance.choice(sorts[_sort(tokens[start])])
            continue
        end = start + chance.choice((1, 1, 2, 4, 8, 16))
        part, times = tokens[start:end], chance.choice((1, 1, 1, 2, 3, 30, 300))
        other = chance.choice(known)
        here = chance.randrange(len(other))
        left, bar, right = (around := chance.choice(_AROUND)).partition("|")
        if not bar:
            left, right = around[: len(around) // 2], around[len(around) // 2 :]
        tokens[start:end] = chance.choice(
            (
                [],
                part * (times + 1),
                [chance.choice(_ODD)],
                [*part, chance.choice(_ODD)],
                [left * times, *part, right * times],
                other[here : here + len(part)],
                [*part, *other[here : here + chance.randint(1, 40)]],
                chance.sample(part, len(part)),
            )
        )
    raw = bytearray("".join(tokens).encode("utf-8", "surrogatepass"))
    for _ in range(chance.choice((0,) * 19 + (3,))):
        raw[chance.randrange(len(raw) or 1) :][:1] = [chance.randrange(256)]
    return bytes(raw[:MOST_BYTES])


def _sort(token: str) -> str:
    """Return what tokens have in common that can take the place of each other: about its form."""
    if len(token) == 1 and not token.isalnum():
        return token if token in "()[]{};.:=," else "sign"
    return re.sub(r"[\w.-]+", "x", token)[:2]


def seeds_of(name: str) -> list[str]:
    """Return the seeds of a target; those of other formats of RDF are those of TriG anew."""
    if name == "annotations":
        return [path.read_bytes().decode("utf-8", "replace") for path in sorted(CORPUS.iterdir())]
    if name not in ("ntriples", "nquads"):
        return SEEDS[name]
    form = ox.RdfFormat.N_TRIPLES if name == "ntriples" else ox.RdfFormat.N_QUADS
    parsed = [list(ox.parse(text, format=ox.RdfFormat.TRIG)) for text in SEEDS["trig"]]
    plain = [[q if form.supports_datasets else q.triple for q in each] for each in parsed]
    written = [(ox.serialize(each, format=form) or b"").decode() for each in plain]
    return [re.sub(r"_:[0-9a-f]{20,}", "_:b", text) for text in written]


def input_of(name: str, number: int) -> bytes:
    """Return the input of a number, which is the same each time; the first ones are the seeds."""
    seeds, chance = seeds_of(name), random.Random(f"{name} {number}")
    if number < len(seeds):
        return seeds[number].encode()
    if name != "annotations":
        return change(seeds, chance)
    changed = mutator(words(), lambda data, _: data)
    return changed(chance.choice(seeds).encode(), MOST_BYTES, chance.randrange(2**32))


# -- running


def run(name: str, inputs: Sequence[bytes]) -> list[tuple[bytes, str]]:
    """Read inputs in child processes; return those that fell, each with what was seen."""
    fallen: list[tuple[bytes, str]] = []
    counter = mmap.mmap(-1, 8)  # which number is read, as the child last said
    while (at := int.from_bytes(counter[:], "little")) < len(inputs) and len(fallen) < MOST_FALLEN:
        reading, writing = os.pipe()
        if not (child := os.fork()):
            os.dup2(writing, 3)
            os._exit(_child(name, inputs, at, counter))
        os.close(writing)
        with os.fdopen(reading, encoding="utf-8", errors="replace") as pipe:
            seen = pipe.read()
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        at = int.from_bytes(counter[:], "little")
        if code == -signal.SIGALRM:  # the time limit of a query
            counter[:] = (at + 1).to_bytes(8, "little")
        elif code:
            what = signal.Signals(-code).name if code < 0 else f"exit {code}"
            fallen.append((inputs[at], seen or f"the process ended: {what}"))
            counter[:] = (at + 1).to_bytes(8, "little")
    return fallen


def _child(name: str, inputs: Sequence[bytes], start: int, counter: mmap.mmap) -> int:
    """Read the inputs from one on; return 1 where one fell, having written why to a pipe."""
    resource.setrlimit(resource.RLIMIT_DATA, (MOST_MEGABYTES * 2**20,) * 2)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # a library that panics says so there
    with open_target(name) as read:
        for number in range(start, len(inputs)):
            counter[:] = number.to_bytes(8, "little")
            signal.setitimer(signal.ITIMER_PROF, HANG_SECONDS)
            try:
                read(inputs[number])
            except BaseException:  # noqa: BLE001  # a panic of a library in Rust is one
                os.write(3, traceback.format_exc()[-20_000:].encode("utf-8", "replace"))
                return 1
    counter[:] = len(inputs).to_bytes(8, "little")
    return 0


def summary(seen: str) -> str:
    """Return the kind of a fault: the last line of what was seen, behind nhskg's innermost line."""
    frames = re.findall(r'File ".*?/(src/nhskg/\S+)", line (\d+)', seen)
    words = re.sub(r"\d+|\".*?\"|'.*?'", "…", seen.strip().splitlines()[-1])[:160]
    return f"{':'.join(frames[-1]) if frames else ''} {words}".strip()


def run_all(names: Sequence[str], count: int) -> int:
    """Read so many inputs of each target, and print what fell; return how many did."""
    everything = 0
    for name in names:
        fallen = run(name, [input_of(name, number) for number in range(count)])
        kinds: dict[str, bytes] = {}
        for data, seen in fallen:
            short = min(data, kinds.get(summary(seen), data), key=len)
            kinds[summary(seen)] = short
        print(f"{name}: {count} inputs, {len(fallen)} fell", flush=True)
        for number, (told, data) in enumerate(sorted(kinds.items())):
            FOUND.mkdir(parents=True, exist_ok=True)
            (path := FOUND / f"{name}-{number}").write_bytes(data)
            print(f"  {path.relative_to(ROOT)}: {told}", flush=True)
        everything += len(fallen)
    return everything


def fuzz(name: str, options: Sequence[str]) -> None:
    """Run atheris on a target without end, or as libFuzzer's options say."""
    atheris = importlib.import_module("atheris")
    seeds, folder = seeds_of(name), FOUND.parent / name
    folder.mkdir(parents=True, exist_ok=True)
    for number, text in enumerate(seeds):
        (folder / f"seed-{number}").write_text(text, "utf-8")
    FOUND.mkdir(parents=True, exist_ok=True)

    def by_bytes(data: bytes, most: int) -> bytes:
        return bytes(atheris.Mutate(data, most))  # bound late: Fuzz() puts another in its place

    def by_tokens(data: bytes, most: int, seed: int) -> bytes:
        chance = random.Random(seed)
        if chance.random() < 0.3:
            return by_bytes(data, most)
        return change([data.decode("utf-8", "replace") or " ", *seeds], chance)[:most]

    given = [f"-max_len={MOST_BYTES}", f"-timeout={HANG_SECONDS}", "-rss_limit_mb=2000"]
    given += [f"-artifact_prefix={FOUND / name}-", *options, str(folder)]
    with atheris.instrument_imports(include=["nhskg"]), open_target(name) as read:
        changing = mutator(words(), by_bytes) if name == "annotations" else by_tokens
        atheris.Setup([sys.argv[0], *given], read, custom_mutator=changing)
        atheris.Fuzz()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=("run", "replay", "long"))
    parser.add_argument("--count", type=int, default=300)
    parser.add_argument("rest", nargs="*")
    given, options = parser.parse_known_args()
    names = [*given.rest, *(each for each in options if each[0] != "-")] or TARGETS
    if unknown := {*names[: None if given.what == "run" else 1]} - {*TARGETS}:
        parser.error(f"no target: {', '.join(unknown)}; known are {', '.join(TARGETS)}")
    if given.what == "long" and len(names) == 1:
        fuzz(names[0], [each for each in options if each[0] == "-"])
    if given.what == "long":
        flags = [each for each in options if each[0] == "-"]
        shared = [
            re.sub(r"\d+", lambda n: str(1 + int(n[0]) // len(names)), flag) for flag in flags
        ]
        command = [sys.executable, "-m", "tests.fuzz.fuzz", "long"]
        codes = [
            subprocess.run([*command, name, *shared], check=False).returncode for name in names
        ]
        return min(1, sum(map(abs, codes)))
    if given.what == "run":
        return min(1, run_all(names, given.count))
    fallen = run(names[0], [Path(each).read_bytes() for each in names[1:]])
    print(*(seen for _, seen in fallen), sep="\n")
    return len(fallen)


if __name__ == "__main__":
    sys.exit(main())
