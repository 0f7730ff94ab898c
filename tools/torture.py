"""Try what must not harm a corpus: kills, interrupts, a full disk, no permission, many at once.

``python -m tools.torture [--count N] [TRIAL...]`` works on a copy of the shipped corpus in a
temporary folder, prints a line for each kind of trial, and exits with 1 if one fell. ``--corpus``
names another. The moments of kills and interrupts are counted events of Python (a file is opened,
renamed, a module imported), or bytes that a build has written: not times.
"""

from __future__ import annotations

import argparse
import ctypes
import hashlib
import os
import re
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Final, TypeAlias

from nhskg.graph.store import open_published
from nhskg.project import DATA_FOLDERS, Project
from nhskg.rdf.errors import NhskgError

ROOT: Final = Path(__file__).parents[1]
_ALL: Final = "SELECT ?s ?p ?o { ?s ?p ?o FILTER (!ISBLANK(?s) && !ISBLANK(?o)) } ORDER BY ?s ?p ?o"
_IN_BUILD: Final = {"current", "lock", "stores", "CACHEDIR.TAG"}
_AT_EVENT: Final = """
import os, signal, sys
begun = left = 0
def hook(event, arguments):
    global begun, left
    if event == "exec" and arguments[0].co_filename.endswith("nhskg/__main__.py"):
        begun, left = 1, int(os.environ["AT_EVENT"])
    elif begun and event in EVENTS:
        left -= 1
        if left == 0:
            ACTION
        elif "COUNTER" in os.environ:
            os.write(int(os.environ["COUNTER"]), b"1")
sys.addaudithook(hook)
"""
"""A sitecustomize: once nhskg has begun, it does something at an event of a number."""
_EVENTS: Final = {"import", "open", "os.mkdir", "os.rename", "os.remove", "os.rmdir", "os.symlink"}


Done: TypeAlias = subprocess.CompletedProcess[str]


@dataclass
class Trials:
    """What came of the trials of a kind, on a corpus of which two versions are built in turn."""

    folder: Path
    count: int
    held: int = 0
    fallen: list[str] = field(default_factory=list)
    answers: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.document = min((self.folder / "seeds" / "documents").glob("*.yaml"))
        self.build = Project.locate(self.folder).build
        for _ in range(2):
            self.change()
            done = self.run("build")
            assert done.returncode == 0, done.stderr
            self.answers.add(self.answer())
        assert len(self.answers) == 2

    def change(self) -> None:
        """Turn the corpus into its other version."""
        first, label, rest = self.document.read_text("utf-8").partition("  label: ")
        other = rest.removeprefix("New ") if rest.startswith("New ") else f"New {rest}"
        self.document.write_text(f"{first}{label}{other}", "utf-8")

    def answer(self) -> str:
        """Return a digest of all that the published store holds, but for blank nodes."""
        lines = sorted(
            each for each in map(str, open_published(self.build).open()) if "_:" not in each
        )
        return hashlib.sha256("\n".join(lines).encode()).hexdigest()

    def command(self, *arguments: str | Path) -> list[str]:
        """Return the command line of nhskg on the corpus."""
        return [sys.executable, "-m", "nhskg", "--project", str(self.folder), *map(str, arguments)]

    def run(self, *arguments: str | Path, **how: Any) -> Done:
        """Run nhskg on the corpus; ``how`` are options of ``subprocess.run``."""
        options: dict[str, Any] = {"capture_output": True, "cwd": self.folder, "text": True, **how}
        return subprocess.run(self.command(*arguments), check=False, **options)

    def judge(self, trial: str, fault: str = "", *, builds: bool = False) -> None:
        """Count a trial: it held where it has no fault, and one of the stores answers, whole.

        Where the trial ``builds``, the next build has to work, too, and to leave nothing over.
        """
        try:
            if not fault and self.answer() not in self.answers:
                fault = "the store is neither the old one nor the new one"
            done = self.run("build") if builds else None
            if done and not fault:
                stores = sorted(each.name for each in (self.build / "stores").iterdir())
                others = {each.name for each in self.build.iterdir()} - _IN_BUILD
                fault = f"the next build fails: {done.stderr}" if done.returncode else ""
                fault = fault or (f"left over: {stores}, {others}" if others or stores[2:] else "")
        except (NhskgError, OSError) as error:
            fault = fault or f"the store does not answer: {error}"
        if fault:
            self.fallen.append(f"{trial}: {fault}")
        else:
            self.held += 1


def refusal(done: Done, *codes: int, told: str = ".") -> str:
    """Return what is wrong with how a command was refused: its exit code, or what it tells."""
    is_told = re.search(told, done.stderr) and "Traceback" not in done.stderr
    if done.returncode in codes and (is_told or done.returncode < 2):
        return ""
    return f"exit {done.returncode}: {done.stderr[-500:]!r}"


def spread(most: int, count: int) -> list[int]:
    """Return numbers from 1 to the most, at most so many, spread evenly."""
    return sorted({1 + at * (most - 1) // max(1, count - 1) for at in range(min(count, most))})


def at_event(trials: Trials, number: int, action: str, *arguments: str, **how: Any) -> Any:
    """Run a command in a session of its own, which does something at its event of a number."""
    with tempfile.TemporaryDirectory(dir=trials.folder.parent) as site:
        text = _AT_EVENT.replace("ACTION", action).replace("EVENTS", repr(_EVENTS))
        (Path(site) / "sitecustomize.py").write_text(text)
        path = os.pathsep.join(filter(None, (site, os.environ.get("PYTHONPATH"))))
        variables = os.environ | {"PYTHONPATH": path, "AT_EVENT": str(number)} | how.pop("env", {})
        return trials.run(*arguments, env=variables, start_new_session=True, **how)


def events(trials: Trials, *arguments: str) -> int:
    """Return how many events a command has."""
    with tempfile.TemporaryFile() as file:
        variables = {"COUNTER": str(file.fileno())}
        at_event(trials, 0, "pass", *arguments, env=variables, pass_fds=[file.fileno()])
        return file.seek(0, os.SEEK_END)


def kill(trials: Trials) -> None:
    """Kill a build, its worker or its supervisor at events, and all of it as its files grow."""
    most = events(trials, "build")
    for number in spread(most, trials.count):
        for whom in ("os.killpg(os.getpgrp()", "os.kill(os.getpid()", "os.kill(os.getpgrp()"):
            trials.change()
            at_event(trials, number, f"{whom}, signal.SIGKILL)", "build")
            trials.judge(f"{whom}) at event {number} of {most}", builds=True)
    largest = size(open_published(trials.build).folder)
    for most_bytes in (largest * number // 100 for number in spread(100, trials.count)):
        trials.change()
        known = {*(trials.build / "stores").iterdir()}
        build = subprocess.Popen(
            trials.command("build"),
            start_new_session=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        while build.poll() is None:
            if (
                sum(size(each) for each in {*(trials.build / "stores").iterdir()} - known)
                >= most_bytes
            ):
                os.killpg(build.pid, signal.SIGKILL)
                build.wait()
        trials.judge(f"killed at {most_bytes} bytes of {largest}", builds=True)


def size(folder: Path) -> int:
    """Return the bytes of the files of a folder that another process may be changing."""
    total = 0
    for path in folder.glob("**/*"):
        with suppress(OSError):
            total += path.stat().st_size
    return total


def interrupt(trials: Trials) -> None:
    """Send SIGINT or SIGTERM to a command, or to its session as a terminal does, at its events."""
    for arguments in (("build",), ("validate",), ("sparql", "-q", _ALL), ("query", "list")):
        most = events(trials, *arguments)
        for number in spread(most, trials.count):
            for name, code, told in (
                ("SIGINT", 130, "interrupted"),
                ("SIGTERM", 143, "terminated"),
            ):
                for whom in ("killpg", "kill"):
                    trials.change()
                    action = f"os.{whom}(os.getpgrp(), signal.{name})"
                    done = at_event(trials, number, action, *arguments)
                    trial = f"{arguments[0]}, {action} at event {number} of {most}"
                    trials.judge(trial, refusal(done, code, 0, 1, told=told))
    trials.judge("a build after the interrupts", builds=True)


def disk(trials: Trials) -> None:
    """Build and dump where there is too little room, and print to a device that is full."""
    needed = size(open_published(trials.build).folder)
    dumped = trials.folder / "dumped"
    for number in spread(99, trials.count):
        trials.change()
        with little_room(trials, needed * number // 100) as how:
            trials.judge(f"build, {number} % of its room", refusal(trials.run("build", **how), 2))
            done = trials.run("dump", dumped, **how)
            trials.judge(f"dump, {number} % of the room of a build", refusal(done, 0, 2))
            done = trials.run("validate", **how)
            fault = "" if done.returncode in (0, 1) and "finding" in done.stderr else done.stderr
            trials.judge(f"validate, {number} % of the room of a build", fault)
        trials.judge("a build when there is room again", builds=True)
        shutil.rmtree(dumped, ignore_errors=True)
    for arguments in (
        ("query", "list"),
        ("sparql", "-q", _ALL),
        ("validate",),
        ("matrix", "--all"),
    ):
        with Path("/dev/full").open("w") as full:
            done = trials.run(*arguments, stdout=full, capture_output=False, stderr=subprocess.PIPE)
        trials.judge(f"{arguments[0]} > /dev/full", refusal(done, 2))


@contextmanager
def little_room(trials: Trials, room: int) -> Iterator[dict[str, Any]]:
    """Let a file system, where root may mount one, or else each file have so many bytes."""
    if os.geteuid():
        yield {"preexec_fn": partial(resource.setrlimit, resource.RLIMIT_FSIZE, (room // 4,) * 2)}
        return
    copy, mount = (
        shutil.copytree(trials.folder, f"{trials.folder}-copy", symlinks=True),
        trials.folder,
    )

    def sized(*options: str) -> None:
        command = [shutil.which("mount") or "mount", "-t", "tmpfs", "-o", ",".join(options)]
        subprocess.run([*command, "tmpfs", str(mount)], check=True)

    sized("size=1g")
    try:
        shutil.copytree(copy, mount, symlinks=True, dirs_exist_ok=True)
        sized("remount", f"size={shutil.disk_usage(mount).used + room}")
        yield {}
    finally:
        subprocess.run([shutil.which("umount") or "umount", str(mount)], check=True)
        shutil.rmtree(copy)


def obey_modes() -> None:
    """Let root, too, have no more permissions than the modes of files give."""
    for capability in (1, 2):  # CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH
        ctypes.CDLL(None).prctl(24, capability, 0, 0, 0)  # PR_CAPBSET_DROP, for what is executed


def permission(trials: Trials) -> None:
    """Take permissions away, each in turn, from whoever builds and asks."""
    store = open_published(trials.build).folder
    build, ask = ("build",), ("sparql", "-q", "ASK {}")
    cases: list[tuple[Path, int, tuple[str, ...]]] = []
    cases += [(trials.build, 0o555, ("dump", str(trials.build / "dumped")))]
    cases += [(each, 0o555, build) for each in (trials.build, trials.build / "stores")]
    cases += [(trials.build / "lock", 0, build), (trials.build, 0, ask), (store, 0, ask)]
    cases += [
        (each, 0, ask) for each in (store / "summary.json", store / "data", store / "data/CURRENT")
    ]
    files = sorted(each for name in DATA_FOLDERS for each in (trials.folder / name).glob("**/*.*"))
    for number in spread(len(files), trials.count):
        cases += [(files[number - 1], 0, each) for each in (build, ("validate",))]
    for path, mode, arguments in cases:
        known = path.stat().st_mode
        path.chmod(mode)
        done = trials.run(*arguments, preexec_fn=obey_modes)
        path.chmod(known)
        codes = (0, 2) if "queries" in path.parts else (2,)
        trials.judge(f"{arguments[0]}, {path.name} {mode:o}", refusal(done, *codes))


def concurrency(trials: Trials) -> None:
    """Ask while builds follow each other, two of them at once each time."""
    wanted, seen = {}, []
    for _ in range(2):
        trials.change()
        trials.run("build")
        wanted[trials.run("sparql", "-q", _ALL).stdout] = 1
    ends = threading.Event()

    def ask() -> None:
        while not ends.is_set():
            seen.append(trials.run("sparql", "-q", _ALL))

    readers = [threading.Thread(target=ask) for _ in range(3)]
    for each in readers:
        each.start()
    for number in range(trials.count):
        trials.change()
        pipes: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
        pair = [subprocess.Popen(trials.command("build"), **pipes) for _ in range(2)]
        told = [each.communicate()[1] for each in pair]
        codes = sorted(each.returncode for each in pair)
        fine = codes == [0, 0] or (
            codes == [0, 2] and any("another build is running" in each for each in told)
        )
        trials.judge(f"two builds at once, {number}", "" if fine else f"{codes} {told}")
    ends.set()
    for each in readers:
        each.join()
    for done in seen:
        whole = done.returncode == 0 and done.stdout in wanted
        trials.judge("a reader", "" if whole else f"exit {done.returncode}: {done.stderr[-300:]}")


TRIALS: Final = {each.__name__: each for each in (kill, interrupt, disk, permission, concurrency)}


def main() -> int:
    """Carry out the trials that are asked for, and print what came of them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=20, help="moments, sizes, files or builds")
    parser.add_argument("--corpus", type=Path, default=ROOT)
    parser.add_argument("trials", nargs="*", metavar="TRIAL", help=", ".join(TRIALS))
    given = parser.parse_args()
    fallen: list[str] = []
    print(f"{'':<14}trials   held   fell")
    for name in given.trials or TRIALS:
        with tempfile.TemporaryDirectory(prefix="nhskg-torture-") as folder:
            done = carry_out(name, given.corpus, Path(folder), given.count)
        print(
            f"{name:<14}{done.held + len(done.fallen):>6} {done.held:>6} {len(done.fallen):>6}",
            flush=True,
        )
        fallen += (f"{name}: {each}" for each in done.fallen)
    print(*fallen, sep="\n")
    return min(1, len(fallen))


def carry_out(name: str, corpus: Path, folder: Path, count: int) -> Trials:
    """Carry out the trials of a name on a copy of a corpus, in a folder that all may read."""
    folder.chmod(0o755)
    copy = folder / "corpus"
    for each in DATA_FOLDERS:
        if (corpus / each).is_dir():
            shutil.copytree(corpus / each, copy / each)
    trials = Trials(copy, count)
    TRIALS[name](trials)
    return trials


if __name__ == "__main__":
    sys.exit(main())
