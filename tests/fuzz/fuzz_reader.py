"""The annotation reader as a target of fuzz.py, and what it takes to read a file.

    python tests/fuzz/fuzz_reader.py replay FILE...  reads each file once, and counts calls

The input is a file of a small project: one that begins with a section of the register is read as
a register file, any other as a document. Whatever it holds, ``read_corpus`` returns a corpus or
raises AnnotationError or InputError. Its faults, and those of holding it against its text, have a
message and a place inside the file, no two of them alike; all that within ``MOST_SECONDS`` of
processor time and ``MOST_MEGABYTES`` of memory.
"""

from __future__ import annotations

import cProfile
import json
import random
import re
import resource
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from nhskg.rdf.errors import Fault


HERE: Final = Path(__file__).resolve().parent
CORPUS: Final = HERE / "corpus"
REGISTER: Final = HERE.parent / "annotation" / "corpus" / "seeds" / "register" / "base.yaml"

MOST_SECONDS: Final = 20
"""Processor time that reading one input may take, a file of the greatest size included."""

HANG_SECONDS: Final = 10 * MOST_SECONDS
"""Processor time after which a replay is stopped; far more, as machines differ."""

MOST_MEGABYTES: Final = 512
"""Memory of the whole process, interpreter and vocabulary included."""

MOST_BYTES: Final = 8_192
"""The longest input that the fuzzer tries; ``families.yaml`` has larger ones."""

ODD: Final = frozenset(
    """
    claim/ claim/a claim/a/b 2013-02-30 2013 P1Y P1W PT -1 1e9 0.5 999999999999999999999999999999
    {} [] '' "\\0" {value} %s ~ true ٣ \ud7ff \U0010ffff
    """.split()
)
"""Values with which something might go wrong."""

Reader = Callable[[bytes], "tuple[Fault, ...]"]
"""Reads a file with these bytes in a project, and returns its faults, having judged them."""


@contextmanager
def open_reader() -> Iterator[Reader]:
    """Yield a reader with a project of its own."""
    from nhskg.annotation.reader import read_corpus
    from nhskg.annotation.register import SECTIONS
    from nhskg.annotation.writer import verify_texts
    from nhskg.project import Project, shipped_data
    from nhskg.rdf.errors import AnnotationError, InputError
    from nhskg.vocabulary import load_vocabulary

    vocabulary = load_vocabulary(shipped_data() / "ontology")
    section = re.compile(rb"(?m)^(?:%s) *:" % "|".join(SECTIONS).encode())
    with tempfile.TemporaryDirectory(prefix="nhskg-fuzz-") as folder:
        root = Path(folder).resolve()
        for name in ("register", "documents"):
            (root / "seeds" / name).mkdir(parents=True)
        shutil.copy(REGISTER, root / "seeds" / "register")
        (root / "fuzzed.txt").write_text("The trust would sign off local plans. It rained all day.")
        project = Project.locate(root)

        def read(data: bytes) -> tuple[Fault, ...]:
            place = project.register if section.search(data) else project.documents
            path = place / "fuzzed.yaml"
            path.write_bytes(data)
            judge(tuple(verify_texts([path], root)), data, path)
            try:
                read_corpus(project, vocabulary)
            except InputError as error:
                refused = error
            else:
                return ()
            finally:
                path.unlink()
            assert str(refused), "refused without a word"
            faults = tuple(refused.faults) if isinstance(refused, AnnotationError) else ()
            judge(faults, data, path)
            return faults

        yield read


def judge(faults: tuple[Fault, ...], data: bytes, path: Path) -> None:
    """Raise AssertionError unless each fault has a message, a place in the file, and no double."""
    assert len(set(faults)) == len(faults), "a fault is told twice"
    lines = data.decode("utf-8", "surrogateescape").split("\n")
    for fault in faults:
        place = fault.place
        assert fault.message.strip(), fault
        assert place.line is not None, fault
        assert place.column is not None, fault
        if place.path == path:
            assert 1 <= place.line <= len(lines), fault
            assert 1 <= place.column <= len(lines[place.line - 1]) + 1, fault


def words() -> list[str]:
    """Return what the format is made of: sections, fields, words, ids; odd values, too."""
    schemas = sorted((HERE.parents[1] / "docs" / "schema").glob("[dr]*.schema.json"))
    texts = [path.read_text("utf-8") for path in (*schemas, REGISTER)]
    found = re.findall(r'"([a-z_-]+)"|- id: (\S+)', "".join(texts))
    return sorted({one or other for one, other in found} | ODD)


def mutator(known: list[str], mutate: Callable[[bytes, int], bytes]) -> Callable[..., bytes]:
    """Return a mutation of lines, fields and values, taking turns with libFuzzer's own of bytes."""

    def change(data: bytes, most: int, seed: int) -> bytes:
        chance = random.Random(seed)
        if chance.random() < 0.4:
            return bytes(mutate(data, most))
        lines = data.decode("utf-8", "replace").split("\n")
        for _ in range(chance.randint(1, 4)):
            here = chance.randrange(len(lines))
            line, word = lines[here], chance.choice(known)
            indent = line[: len(line) - len(line.lstrip(" -"))]
            head, colon, _ = line.partition(": ")
            deeper = f"{indent.replace('-', ' ')}"
            other = chance.choice(known)
            changes = (
                [""],
                [line, line],
                [f" {line}"],
                [line[1:]],
                [line, chance.choice(lines)],
                [f"{head}{colon}{word}"],
                [f"{head}{colon}[{word}, {other}]"],
                [f"{head}{colon}{{{other}: {word}}}"],
                [line, f"{deeper}{word}: {other}"],
                [line, f"{deeper}- {word}"],
            )
            lines[here : here + 1] = chance.choice(changes)
        return "\n".join(lines).encode("utf-8", "replace")[:most]

    return change


def replay(paths: list[str]) -> None:
    """Read each file, and print how many faults, function calls and megabytes it took, as JSON.

    A traceback ends it, as do a hang, and far more memory than the bound.
    """
    bound(resource.RLIMIT_AS, 4 * MOST_MEGABYTES * 2**20)
    bound(resource.RLIMIT_CPU, HANG_SECONDS)
    found: list[dict[str, Any]] = []
    with open_reader() as read:
        for path in map(Path, paths):
            data, profile = path.read_bytes(), cProfile.Profile()
            with profile:
                faults = len(read(data))
            calls = sum(each.callcount for each in profile.getstats())
            found.append({"name": path.name, "faults": faults, "calls": calls})
    status = Path("/proc/self/status").read_text("utf-8")
    peak = int(status.split("VmHWM:")[1].split()[0]) / 1024  # as Linux tells it
    json.dump({"inputs": found, "megabytes": peak}, sys.stdout)


def bound(what: int, most: int) -> None:
    """Set a limit of this process, for whatever is in force without one."""
    resource.setrlimit(what, (most, resource.getrlimit(what)[1]))


if __name__ == "__main__":
    replay(sys.argv[2:])
