"""Builds that fail at any of their requests: the old graphs answer, or the new ones, never a part.

The corpus is small enough to go through every request. Between nhskg and a real oxigraph stands a
relay that does something else with one request: it refuses it, it drops the connection before the
server has got it, or after. Each failing build is followed by one that succeeds.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pyoxigraph as ox
import pytest

from nhskg.building.pipeline import build_remotely
from nhskg.rdf.endpoint import Address, Endpoint
from nhskg.rdf.staging import STAGING
from nhskg.rdf.terms import GRAPH

from .conftest import HAMLET, Run, copy_of, expected
from .servers import Oxigraph, Relay, Request, Server, canonical
from .test_builds import each_mode

LABEL = ("seeds/register/base.yaml", "label: Hamlet Chronicle", "label: Chronicle of the hamlet")


class Two:
    """Two editions of one corpus, and a server that has to hold one of them."""

    def __init__(self, folder: Path, server: Oxigraph) -> None:
        self.server = server
        self.projects = (
            copy_of(HAMLET, folder / "one"),
            copy_of(HAMLET, folder / "two", *LABEL),
        )
        document = self.projects[1].root / "seeds" / "documents" / "notice.yaml"
        text = document.read_text("utf-8").replace("id: notice", "id: other-notice")
        document.with_name("other-notice.yaml").write_text(text, "utf-8")
        document.unlink()  # so that a graph goes and another comes
        self.expected = [canonical(expected(each)) for each in self.projects]
        assert self.expected[0] != self.expected[1]

    def published(self) -> int:
        """Return which edition the server holds, apart from staging; that it holds one whole."""
        quads = [q for q in self.server.quads() if not _name(q).startswith(STAGING)]
        found = canonical(quads)
        (edition,) = (number for number, each in enumerate(self.expected) if each == found)
        return edition

    def staging(self) -> set[str]:
        return {name for name in self.server.graphs() if name.startswith(STAGING)}

    def arguments(self, edition: int, url: str, *more: str) -> list[str]:
        project = str(self.projects[edition].root)
        return ["--project", project, "build", "--store", url, "--quiet", *more]


def _name(quad: ox.Quad) -> str:
    return str(quad.graph_name).strip("<>")


@pytest.fixture
def two(tmp_path: Path, server: Oxigraph, run: Run) -> Two:
    """Two editions, the first of them built."""
    editions = Two(tmp_path, server)
    done = run(*editions.arguments(0, server.url))
    assert (done.code, done.err) == (0, "")
    assert editions.published() == 0
    assert editions.staging() == set()
    return editions


@each_mode
@pytest.mark.parametrize("how", ["refused", "unsent", "lost"])
def test_whatever_request_fails_the_graphs_are_the_old_ones_or_the_new(
    two: Two, run: Run, how: str, mode: list[str]
) -> None:
    """Each request in turn fails. Old graphs stand until the one that publishes has been done."""
    order, new = undisturbed(two, run, mode), 1
    for fails in some(order):
        with Server(Relay(two.server.port, fails=fails, how=how)) as server:
            done = run(*two.arguments(new, server.url, *mode))
        publishing = fails == len(order)
        assert _publishes(server.requests[fails - 1]) is publishing
        assert done.code == 2
        assert re.fullmatch(rf"nhskg: {server.url}: \w+ failed: [^\n]+\n", done.err)
        assert ("build again" in done.err) is publishing
        assert two.published() == (new if how == "lost" and publishing else 1 - new)
        again = run(*two.arguments(new, two.server.url))
        assert (again.code, again.err) == (0, "")
        assert two.published() == new
        assert two.staging() == set()
        new = 1 - new


def undisturbed(two: Two, run: Run, mode: list[str]) -> list[Request]:
    """Return the requests of a build of the first edition; the last of them publishes."""
    with Server(Relay(two.server.port)) as server:
        assert run(*two.arguments(0, server.url, *mode)).code == 0
    assert [_publishes(request) for request in server.requests].index(True) + 1 == len(
        server.requests
    )
    return server.requests


def some(order: list[Request]) -> list[int]:
    """Return the numbers of a build's requests, or a dozen of these, with the last ones."""
    count = len(order)
    step = max(1, count // 10)
    return sorted({*range(1, count, step), count - 2, count - 1, count})


def _publishes(request: Request) -> bool:
    return request.body.startswith(b"update=") and b"MOVE" in request.body


@each_mode
def test_two_builds_at_a_time_do_not_mix(two: Two, run: Run, mode: list[str]) -> None:
    """At a request of one build, another one runs from its beginning to its end."""
    done_or_not, new = [], 1
    for at in some(undisturbed(two, run, mode)):
        others: list[bool] = []
        relay = Relay(two.server.port, change=_once(at, partial(_build, two, 1 - new, others)))
        with Server(relay) as server:
            done = run(*two.arguments(new, server.url, *mode))
        assert others == [True]
        done_or_not.append(done.code)
        if done.code == 0:
            assert two.published() == new
        else:
            assert done.code == 2
            assert re.fullmatch(r"nhskg: http://[^\n]+\n", done.err)
            assert two.published() == 1 - new
        assert two.staging() == set()
    assert done_or_not[0] == 0
    assert done_or_not[-1] == 2


def _build(two: Two, edition: int, done: list[bool]) -> None:
    """Build as the command line does, in whatever thread this is."""
    endpoint = Endpoint(Address(two.server.url))
    done.append(not build_remotely(two.projects[edition], endpoint).violations)


def _once(at: int, work: Callable[[], None]) -> Callable[[int, Request], Request]:
    """Return what does something before one request is passed on."""

    def change(number: int, request: Request) -> Request:
        if number == at:
            work()
        return request

    return change


@pytest.mark.parametrize(
    ("word", "mode"),
    [
        (b"", []),
        (b"urn%3Anhskg%3Astaging", []),
        (b"INSERT+%7B", ["--reason-on-server"]),
        (b"MOVE", []),
    ],
)
def test_what_a_killed_build_leaves_is_cleared_by_the_next(
    two: Two, run: Run, word: bytes, mode: list[str]
) -> None:
    """Killed where it can do nothing about it: at first, in the middle, and before publishing."""
    processes: list[subprocess.Popen[bytes]] = []

    def kill(number: int, request: Request) -> Request:
        if number > 1 and (not word or (b"update=" in request.body and word in request.body)):
            os.kill(processes[0].pid, signal.SIGKILL)
            processes[0].wait(30)
            raise ConnectionAbortedError  # nobody is there to be answered
        return request

    with Server(Relay(two.server.port, change=kill)) as server:
        command = [sys.executable, "-m", "nhskg", *two.arguments(1, server.url, *mode)]
        with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:
            processes.append(process)
            assert process.wait(60) == -signal.SIGKILL
    assert two.published() == 0
    if word in (b"INSERT+%7B", b"MOVE"):
        assert two.staging()
    again = run(*two.arguments(1, two.server.url))
    assert (again.code, again.err) == (0, "")
    assert two.published() == 1
    assert two.staging() == set()


def test_graphs_that_are_not_staging_are_not_cleared(two: Two, run: Run) -> None:
    """Only what begins like our own names is ever dropped."""
    kept = [f"{STAGING[:-1]}x", "urn:nhskg:other", f"{GRAPH[:-1]}", "https://w3id.org/nhskg/id/x"]
    lines = [f"<urn:s> <urn:p> <urn:o> <{name}> .\n" for name in kept]
    two.server.load("".join(lines) + f"<urn:s> <urn:p> <urn:o> <{STAGING}killed:given> .\n")
    two.server.load(f"<urn:s> <urn:p> <urn:o> <{GRAPH}gone> .\n")
    assert run(*two.arguments(1, two.server.url)).code == 0
    assert two.server.graphs() >= set(kept)
    assert not two.server.graphs() & {f"{STAGING}killed:given", f"{GRAPH}gone"}


@pytest.mark.parametrize(
    ("service", "number", "mode"),
    [
        ("/store", 1, []),
        ("/update", 20, ["--reason-on-server"]),
    ],
)
def test_once_a_server_hangs_nothing_more_is_asked_of_it_but_to_clear(
    two: Two, run: Run, service: str, number: int, mode: list[str]
) -> None:
    """A time limit of minutes must not be waited for at every step of an orderly end."""
    hanging: list[Request] = []

    def hang(count: int, request: Request) -> Request:
        if hanging or (count > number and request.path.startswith(service)):
            hanging.append(request)
            server.stopped.wait(30)
            raise ConnectionAbortedError
        return request

    with Server(Relay(two.server.port, change=hang)) as server:
        done = run(*two.arguments(1, server.url, *mode), "--timeout", "1")
    assert done.code == 2
    assert re.fullmatch(rf"nhskg: {server.url}: \w+ failed: no answer within 1 .*\n", done.err)
    assert len(hanging) == 2
    assert two.published() == 0


def test_a_server_that_loses_triples_publishes_nothing(two: Two, run: Run) -> None:
    """Uploads are counted: a part that is taken for the whole would be published."""

    def lose(number: int, request: Request) -> Request:
        if request.method != "PUT" or "graph%2Fregister" not in request.path:
            return request
        first = request.body.splitlines(keepends=True)[0]
        return Request(request.method, request.path, request.headers, first)

    with Server(Relay(two.server.port, change=lose)) as server:
        done = run(*two.arguments(1, server.url))
    assert done.code == 2
    assert "the staging graphs are not what was put there" in done.err
    assert two.published() == 0
