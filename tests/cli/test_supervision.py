"""What ends a command from outside, or crashes in a library, is one line and an exit code."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from nhskg.project import Project

NHSKG = [sys.executable, "-m", "nhskg"]
LIBRARY = """
import os, signal, sys, threading
sys.modules["nhskg.cli"] = cli = type(sys)("nhskg.cli")
def main():
    print("begun", flush=True)
    {}
cli.main = main
from nhskg.supervisor import main
signal.pthread_sigmask(signal.SIG_BLOCK, (signal.SIGINT, signal.SIGTERM))  # as __main__ does
main()
"""
"""A command that does something else than ours would."""


def run(
    action: str, *, asked: int | None = None, variables: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run an action as the command, and send it a signal once it has begun."""
    program = subprocess.Popen(
        [sys.executable, "-c", LIBRARY.format(action)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | (variables or {}),
    )
    if asked is not None:
        assert program.stdout is not None
        assert program.stdout.readline() == "begun\n"
        program.send_signal(asked)
    told = program.communicate(timeout=120)
    return subprocess.CompletedProcess([], program.returncode, *told)


@pytest.mark.parametrize(
    ("number", "code", "line"),
    [(signal.SIGINT, 130, "interrupted"), (signal.SIGTERM, 143, "terminated")],
)
@pytest.mark.parametrize(
    "action",
    [
        "threading.Event().wait()",
        "import time\n    while True:\n        try: time.sleep(9)\n        except Exception: pass",
        "signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 32)); signal.pause()",  # as native code
    ],
)
def test_an_interrupt_is_one_line(action: str, number: int, code: int, line: str) -> None:
    done = run(action, asked=number)
    assert (done.returncode, done.stderr) == (code, f"nhskg: {line}\n")


@pytest.mark.parametrize(
    ("action", "told"),
    [
        ("os.kill(os.getpid(), signal.SIGSEGV)", "crashed (SIGSEGV)"),
        ("os.write(2, b'memory allocation of 9 bytes failed'); os.abort()", "too much memory"),
        ("os.kill(os.getpid(), signal.SIGKILL)", "too much memory (SIGKILL)"),
        ("signal.alarm(1); signal.pause()", "too much time"),
        ("raise type('PanicException', (BaseException,), {})('a panic')", "(a panic)"),
    ],
)
def test_what_a_library_dies_of_is_one_line_without_its_noise(action: str, told: str) -> None:
    done = run(f"os.write(2, b'noise\\n'); {action}")
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert done.stderr.startswith("nhskg: ")
    assert told in done.stderr


@pytest.mark.parametrize(
    ("variables", "told"),
    [
        ({"NHSKG_SECONDS": "1"}, "nhskg: ended, as it took too much time; "),
        ({"NHSKG_MEMORY": "1"}, "nhskg: ended, as it took too much memory"),
        ({"NHSKG_MEMORY": "2G"}, "nhskg: cannot be started (NHSKG_MEMORY is a whole number of "),
        ({"NHSKG_SECONDS": "9" * 20}, "nhskg: cannot be started (NHSKG_SECONDS is a whole "),
    ],
)
def test_limits_of_the_environment(variables: dict[str, str], told: str) -> None:
    action = "x = bytearray(2**24)\n    while True: signal.pause()"
    done = run(action, variables=variables)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert done.stderr.startswith(told)


def test_who_ignores_the_end_of_children_is_told_the_exit_code() -> None:
    command = f"trap '' CHLD; exec {' '.join(NHSKG)} --version"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_memory_is_bounded() -> None:
    action = "import resource; print(resource.getrlimit(resource.RLIMIT_DATA)[0])"
    assert run(action, variables={"NHSKG_MEMORY": "500"}).stdout == f"begun\n{500 * 2**20}\n"
    assert int(run(action).stdout.removeprefix("begun")) < os.sysconf("SC_PHYS_PAGES") * os.sysconf(
        "SC_PAGE_SIZE"
    )


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel tells of it on Linux")
def test_a_command_ends_with_its_supervisor() -> None:
    """Its end is seen by the pipe of its standard output, which it leaves open until then."""
    done = run("threading.Event().wait()", asked=signal.SIGKILL)
    assert (done.returncode, done.stdout, done.stderr) == (-signal.SIGKILL, "", "")


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_streams_that_the_caller_closed_are_empty(built: Project, closed: str) -> None:
    command = f"{sys.executable} -m nhskg --project {built.root} sparql --data - -q 'ASK {{}}'"
    done = subprocess.run(f"{command} {closed}", shell=True, capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")


def test_noise_of_python_and_its_libraries_is_not_told(tmp_path: Path) -> None:
    (tmp_path / "d.ttl").write_text("<urn:a> <urn:b> <urn:c d> .\n")
    environment = os.environ | {"PYTHONWARNINGS": "always", "PYTHONUNBUFFERED": "1"}
    done = subprocess.run(
        [*NHSKG, "sparql", "--data", "d.ttl", "--exact", "-q", "ASK {}"],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert done.stderr.startswith("d.ttl:1:")
    assert done.stderr.count("\n") == 1
