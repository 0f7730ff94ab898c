"""Runs the command line in a child process under supervision.

Whatever ends the child is one line and an exit code: an interrupt, a limit of time or memory, and a
crash of a library, which no exception tells. The noise of libraries does not reach standard error.
"""

from __future__ import annotations

import fcntl
import os
import resource
import signal
import sys
import warnings
from contextlib import suppress
from types import FrameType
from typing import NoReturn

MEMORY_SHARE = 0.75
"""The part of the machine's memory that a command may take; NHSKG_MEMORY says it in megabytes."""
MOST_SECONDS = 3_600
"""How long a command may take; NHSKG_SECONDS allows another time. Of both 0 is no limit."""
GRACE_SECONDS = 3
"""How long a command may clear up that is to stop, before it is killed."""

_STOPS = {signal.SIGINT: "interrupted", signal.SIGTERM: "terminated"}
_CLEAR = "\r\033[K"  # a line that shows progress
_WITH_RDFLIB = {"dump", "reason", "sparql", "validate"}
_NOISE_BYTES = 65_536  # as much as a pipe holds


class _Stopped(BaseException):
    """The command is to stop, by the signal of this number; no handler of errors catches it."""


def main() -> NoReturn:
    """Run the command line in a child process; exit with its code, or with what ended it.

    SIGINT and SIGTERM are blocked when it is called.
    """
    while (opened := os.open(os.devnull, os.O_RDWR)) < 3:
        pass  # the caller closed it (``>&-``), and no other file may take its number
    os.close(opened)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)  # who ignores it cannot wait for a child
    supervisor = os.getpid()
    try:
        seconds, memory = _limits()
        noise, alive = os.pipe(), os.pipe()
        child = os.fork()
    except (OSError, ValueError) as error:  # the first of too many files or processes
        _tell(2, f"nhskg: cannot be started ({getattr(error, 'strerror', None) or error})")
        os._exit(2)
    if not child:
        os.close(noise[0])
        os.close(alive[1])
        _work(supervisor, noise[1], alive[0], memory)
    os.close(noise[1])
    asked: list[int] = []

    def stop(number: int, _: FrameType | None) -> None:
        """Ask the child to stop, and kill it where it has not done so in time."""
        late = signal.SIGKILL if asked else signal.SIGTERM
        with suppress(ProcessLookupError):
            os.kill(child, late if number == signal.SIGALRM else number)
        asked.append(number)
        signal.alarm(GRACE_SECONDS)

    signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    _handle(stop)
    _, status = os.waitpid(child, 0)
    code = os.waitstatus_to_exitcode(status)
    stopped = asked[0] if asked else code - 128
    if code not in (0, 1, 2) and stopped in _STOPS:
        code = 128 + stopped
        _tell(2, f"{_CLEAR * os.isatty(2)}nhskg: {_STOPS[signal.Signals(stopped)]}")
    elif code < 0 or (code > 2 and asked):
        told = os.read(noise[0], _NOISE_BYTES).decode(errors="replace")
        reason = _ended(stopped if asked else -code, told, memory)
        _tell(2, f"{_CLEAR * os.isatty(2)}nhskg: {reason}")
        code = 2
    os._exit(code)


def _handle(handler: object) -> None:
    """Install the handler of what stops a command, but where that is ignored, as by nohup."""
    for each in _STOPS:
        if signal.getsignal(each) is not signal.SIG_IGN:
            signal.signal(each, handler)  # type: ignore[arg-type]
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _STOPS)


def _ended(number: int, noise: str, memory: int) -> str:
    """Return what is told of a signal that ended the child, with what a library said before."""
    name = signal.Signals(number).name if number in [*signal.Signals] else f"signal {number}"
    if number == signal.SIGALRM:
        return (
            "ended, as it took too much time; --time-limit SECONDS of a query, else NHSKG_SECONDS, "
            "allows more (0: no limit)"
        )
    if number == signal.SIGKILL or "memory allocation" in noise:
        return f"ended, as it took too much memory ({name}); {_less(memory)}"
    repair = "it is most likely nested too deep; --debug shows what the library says"
    return f"a library cannot cope with the input, and crashed ({name}); {repair}"


def _tell(stream: int, line: str) -> None:
    with suppress(OSError):  # nobody is there to be told
        os.write(stream, f"{line}\n".encode(errors="backslashreplace"))


def _less(memory: int) -> str:
    return f"give it less at once; NHSKG_MEMORY=MEGABYTES allows more than {memory // 2**20:,}"


def _limits() -> tuple[int, int]:
    """Return the most seconds and bytes that a command may take; of none, there is no limit."""
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    found = {"NHSKG_SECONDS": MOST_SECONDS, "NHSKG_MEMORY": int(MEMORY_SHARE * memory / 2**20)}
    for name in found:
        if text := os.environ.get(name, ""):
            if not (text.isascii() and text.isdecimal() and len(text) < 10):
                raise ValueError(f"{name} is a whole number of at most nine digits")
            found[name] = int(text)
    seconds, megabytes = found.values()
    return seconds, megabytes * 2**20


def _work(supervisor: int, noise: int, alive: int, memory: int) -> NoReturn:
    """Run the command line in this process, whose supervisor holds the other ends of two pipes."""
    is_debug, stderr = "--debug" in sys.argv, 2

    def stop(number: int, _: FrameType | None) -> NoReturn:
        for each in _STOPS:
            signal.signal(each, signal.SIG_IGN)
        os.dup2(os.open(os.devnull, os.O_WRONLY), stderr)  # the supervisor tells it
        raise _Stopped(number)

    try:
        _handle(stop)
        _end_with_supervisor(alive, supervisor)
        _open_streams()
        if not is_debug:
            stderr = _redirect_noise(noise)
        _, hard = resource.getrlimit(resource.RLIMIT_DATA)
        wanted = [each for each in (memory, hard) if each not in (0, resource.RLIM_INFINITY)]
        resource.setrlimit(resource.RLIMIT_DATA, (min(wanted, default=hard), hard))
        from nhskg.cli import main as run  # noqa: PLC0415  # an interrupt is told before

        run()
    except _Stopped as error:
        os._exit(128 + error.args[0])
    except MemoryError:
        _tell(stderr, f"nhskg: ended, as it took too much memory; {_less(memory)}")
        os._exit(2)
    except BaseException as error:
        if is_debug or isinstance(error, SystemExit):
            raise
        from nhskg.rdf.escaping import escaped  # noqa: PLC0415

        told = escaped(" ".join(str(error).split()))  # a library in Rust panics
        _tell(stderr, f"nhskg: a library cannot cope with the input ({told})")
        os._exit(2)


def _end_with_supervisor(alive: int, supervisor: int) -> None:
    """Let the kernel end this process as soon as the supervisor has ended, even if it was killed.

    Then the last other end of a pipe is closed, of which SIGIO tells; its default action ends.
    """
    if hasattr(fcntl, "F_SETSIG"):  # Linux
        fcntl.fcntl(alive, fcntl.F_SETOWN, os.getpid())
        fcntl.fcntl(alive, fcntl.F_SETFL, fcntl.fcntl(alive, fcntl.F_GETFL) | os.O_ASYNC)
    if os.getppid() != supervisor:  # it has ended before
        os._exit(2)


def _open_streams() -> None:
    """Give Python the standard streams that the caller closed, as empty ones."""
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        if getattr(sys, name) is None:
            setattr(sys, name, os.fdopen(number, "w" if number else "r", encoding="utf-8"))


def _redirect_noise(noise: int) -> int:
    """Let what libraries write go to a pipe, and return where standard error goes on."""
    stderr = os.dup(2)
    encoding, errors = sys.stderr.encoding, "backslashreplace"
    sys.stderr = os.fdopen(stderr, "w", buffering=1, encoding=encoding, errors=errors)
    os.set_blocking(noise, False)
    os.dup2(noise, 2)
    warnings.simplefilter("ignore")
    if _WITH_RDFLIB.intersection(sys.argv):
        import logging  # noqa: PLC0415  # takes a tenth of the time of a small command

        logging.disable()
    sys.unraisablehook = lambda _: None
    return stderr
