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
from pathlib import Path

import pytest

from nhskg.building.pipeline import build_remotely
from nhskg.rdf.endpoint import STAGING, Address, Endpoint
from nhskg.rdf.terms import GRAPH
from tests.cli.runner import Result

from .conftest import build, copy_hamlet, edit, expected
from .servers import Oxigraph, Request, Server, canonical, relays
from .test_builds import each_mode


class Two:
    """Two editions of one corpus, and a server that has to hold one of them."""

    def __init__(self, folder: Path, server: Oxigraph) -> None:
        self.server = server
        self.projects = (copy_hamlet(folder / "one"), copy_hamlet(folder / "two"))
        edit(self.projects[1], "register/base.yaml", "Hamlet Chronicle", "Chronicle of the hamlet")
        document = edit(self.projects[1], "documents/notice.yaml", "id: notice", "id: other-notice")
        document.rename(document.with_name("other-notice.yaml"))  # a graph goes, another comes
        self.expected = [canonical(expected(each)) for each in self.projects]
        assert self.expected[0] != self.expected[1]

    def build(self, edition: int, url: str, *more: str) -> Result:
        return build(self.projects[edition], url, "--quiet", *more)

    def rebuild(self, edition: int) -> None:
        """Build an edition, without leaving anything behind."""
        done = self.build(edition, self.server.url)
        assert (done.exit_code, done.stderr) == (0, "")
        assert self.published() == edition
        assert self.staging() == set()

    def requests(self, mode: list[str]) -> list[Request]:
        """Return the requests of a build of the first edition; the last of them publishes."""
        with Server(relays(self.server.url)) as relay:
            assert self.build(0, relay.url, *mode).exit_code == 0
        *others, last = map(publishes, relay.requests)
        assert last
        assert not any(others)
        return relay.requests

    def published(self) -> int:
        """Return which edition the server holds, apart from staging; that it holds one whole."""
        quads = [q for q in self.server.quads() if STAGING not in str(q.graph_name)]
        found = canonical(quads)
        (edition,) = (number for number, each in enumerate(self.expected) if each == found)
        return edition

    def staging(self) -> set[str]:
        return {name for name in self.server.graphs() if name.startswith(STAGING)}


@pytest.fixture
def two(tmp_path: Path, server: Oxigraph) -> Two:
    """Two editions, the first of them built."""
    editions = Two(tmp_path, server)
    editions.rebuild(0)
    return editions


def publishes(request: Request) -> bool:
    return request.body.startswith(b"update=") and b"MOVE" in request.body


def some(order: list[Request]) -> list[int]:
    """Return the numbers of a build's requests, or a dozen of these, with the last ones."""
    count = len(order)
    return sorted({*range(1, count, max(1, count // 10)), count - 2, count - 1, count})


@each_mode
@pytest.mark.parametrize("how", ["refused", "unsent", "lost"])
def test_whatever_request_fails_the_graphs_are_the_old_ones_or_the_new(
    two: Two, how: str, mode: list[str]
) -> None:
    """Each request in turn fails. Old graphs stand until the one that publishes has been done."""
    order, new = two.requests(mode), 1
    for fails in some(order):
        with Server(relays(two.server.url, fails=fails, how=how)) as relay:
            done = two.build(new, relay.url, *mode)
        publishing = fails == len(order)
        assert publishes(relay.requests[fails - 1]) is publishing
        assert done.exit_code == 2
        assert re.fullmatch(rf"nhskg: {relay.url}: \w+ failed: [^\n]+\n", done.stderr)
        assert ("build again" in done.stderr) is publishing
        assert two.published() == (new if how == "lost" and publishing else 1 - new)
        two.rebuild(new)
        new = 1 - new


@each_mode
def test_two_builds_at_a_time_do_not_mix(two: Two, mode: list[str]) -> None:
    """At a request of one build, another one runs from its beginning to its end."""
    codes: dict[int, int] = {}
    others: list[int] = []

    def build_the_other(number: int, request: Request) -> Request:
        if number == at:
            endpoint = Endpoint(Address(two.server.url))
            others.append(build_remotely(two.projects[0], endpoint).violations)
        return request

    for at in some(two.requests(mode)):
        with Server(relays(two.server.url, change=build_the_other)) as relay:
            done = two.build(1, relay.url, *mode)
        assert others == [0] * (len(codes) + 1)
        assert two.published() == (1 if done.exit_code == 0 else 0)
        assert re.fullmatch(r"(nhskg: http://[^\n]+\n)?", done.stderr)
        assert two.staging() == set()
        codes[at] = done.exit_code
    first, *_, last = codes.values()
    assert (first, last, set(codes.values())) == (0, 2, {0, 2})


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
    two: Two, word: bytes, mode: list[str]
) -> None:
    """Killed where it can do nothing about it: at first, in the middle, and before publishing."""
    processes: list[subprocess.Popen[bytes]] = []

    def kill(number: int, request: Request) -> Request:
        if number > 1 and (not word or (b"update=" in request.body and word in request.body)):
            os.kill(processes[0].pid, signal.SIGKILL)
            processes[0].wait(30)
            raise ConnectionAbortedError  # nobody is there to be answered
        return request

    with Server(relays(two.server.url, change=kill)) as relay:
        command = [sys.executable, "-m", "nhskg", "--project", str(two.projects[1].root), "build"]
        command += ["--store", relay.url, *mode]
        with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:
            processes.append(process)
            assert process.wait(60) == -signal.SIGKILL
    assert two.published() == 0
    if word in (b"INSERT+%7B", b"MOVE"):
        assert two.staging()
    two.rebuild(1)


def test_graphs_that_are_not_staging_are_not_cleared(two: Two) -> None:
    """Only what begins like our own names is ever dropped."""
    kept = [f"{STAGING[:-1]}x", "urn:nhskg:other", f"{GRAPH[:-1]}", "https://w3id.org/nhskg/id/x"]
    dropped = [f"{STAGING}killed:given", f"{GRAPH}gone"]
    two.server.load("".join(f"<urn:s> <urn:p> <urn:o> <{each}> .\n" for each in kept + dropped))
    assert two.build(1, two.server.url).exit_code == 0
    assert two.server.graphs() >= set(kept)
    assert not two.server.graphs() & set(dropped)


@pytest.mark.parametrize(
    ("service", "number", "mode"),
    [("/store", 1, []), ("/update", 20, ["--reason-on-server"])],
)
def test_once_a_server_hangs_nothing_more_is_asked_of_it_but_to_clear(
    two: Two, service: str, number: int, mode: list[str]
) -> None:
    """A time limit of minutes must not be waited for at every step of an orderly end."""
    hanging: list[Request] = []

    def hang(count: int, request: Request) -> Request:
        if hanging or (count > number and request.path.startswith(service)):
            hanging.append(request)
            relay.stopped.wait(30)
            raise ConnectionAbortedError
        return request

    with Server(relays(two.server.url, change=hang)) as relay:
        done = two.build(1, relay.url, *mode, "--timeout", "1")
    assert done.exit_code == 2
    assert re.fullmatch(rf"nhskg: {relay.url}: \w+ failed: no answer within 1 .*\n", done.stderr)
    assert len(hanging) == 2
    assert two.published() == 0


def test_a_server_that_loses_triples_publishes_nothing(two: Two) -> None:
    """Uploads are counted: a part that is taken for the whole would be published."""

    def lose(number: int, request: Request) -> Request:
        if request.method != "PUT" or "graph%2Fregister" not in request.path:
            return request
        return request._replace(body=request.body.splitlines(keepends=True)[0])

    with Server(relays(two.server.url, change=lose)) as relay:
        done = two.build(1, relay.url)
    assert done.exit_code == 2
    assert "the staging graphs are not what was put there" in done.stderr
    assert two.published() == 0
