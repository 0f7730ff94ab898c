"""Servers on loopback for tests: one that plays faults, one that relays, and oxigraph itself.

Each is a context manager. It listens on a port that was free, and is closed at the end.
"""

from __future__ import annotations

import contextlib
import http.client
import http.server
import importlib.util
import itertools
import shutil
import socket
import socketserver
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple, Self

import pyoxigraph as ox
import pytest

LOOPBACK = "127.0.0.1"
MOST_SECONDS = 30.0
_HOP = ("connection", "content-length", "transfer-encoding", "host", "accept-encoding")


class Request(NamedTuple):
    """What a server was asked."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


class Connection(http.server.BaseHTTPRequestHandler):
    """The server's end of a connection."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: Server

    def setup(self) -> None:
        if self.server.tls is not None:
            self.request = self.server.tls.wrap_socket(self.request, server_side=True)
        super().setup()

    def handle_one_request(self) -> None:
        self.raw_requestline = self.rfile.readline()
        self.close_connection = True
        if self.raw_requestline and self.parse_request():
            headers = {name.lower(): value for name, value in self.headers.items()}
            size = int(headers.get("content-length", 0)) if self.server.reads_bodies else 0
            request = Request(self.command, self.path, headers, self.rfile.read(size))
            self.close_connection = self.server.next_play(request)(self, request) is False

    def finish(self) -> None:
        with contextlib.suppress(OSError):
            super().finish()
        self.request.close()

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def send(self, text: str | bytes) -> None:
        self.wfile.write(text.encode() if isinstance(text, str) else text)

    def answer(self, status: int, body: str | bytes = b"", **headers: str) -> None:
        """Send a whole answer; a name of a header is written with ``_`` for ``-``."""
        raw = body.encode() if isinstance(body, str) else body
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(raw))}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.send(raw)


Play = Callable[[Connection, Request], object]
"""What a server does with a request; ``False`` closes the connection afterwards."""


class Server(socketserver.ThreadingTCPServer):
    """Plays what it is given: one play a request, in order, the last one again and again.

    Without ``reads_bodies`` it plays as soon as it has read the headers; with ``tls`` it speaks
    that.
    """

    daemon_threads = True

    def __init__(
        self, *plays: Play, reads_bodies: bool = True, tls: ssl.SSLContext | None = None
    ) -> None:
        self.tls = tls
        self.plays = plays
        self.reads_bodies = reads_bodies
        self.requests: list[Request] = []
        self.connections = 0
        self.stopped = threading.Event()
        self._lock = threading.Lock()
        super().__init__((LOOPBACK, 0), Connection)
        self.port: int = self.server_address[1]
        self.url = f"http://{LOOPBACK}:{self.port}"

    def __enter__(self) -> Self:
        threading.Thread(target=self.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stopped.set()
        self.shutdown()
        self.server_close()

    def process_request(self, request: Any, client_address: Any) -> None:
        self.connections += 1
        super().process_request(request, client_address)

    def handle_error(self, *_: object) -> None:
        """Go on: a client has ended, does not trust the certificate, or speaks no HTTP."""
        assert isinstance(sys.exception(), OSError | ValueError)

    def next_play(self, request: Request) -> Play:
        with self._lock:
            self.requests.append(request)
            return self.plays[min(len(self.requests), len(self.plays)) - 1]


@dataclass
class Relay:
    """A play that passes requests on to a server, and may do something else with one of them.

    Attributes:
        port: of the server.
        fails: the number of the request, from 1, that does not pass as it should.
        how: ``refused`` is answered with 503, ``unsent`` closes the connection before the server
            has got it, ``lost`` after that.
        change: gets the number of each request and the request; returns what is to be passed on.
    """

    port: int
    fails: int = 0
    how: str = "refused"
    change: Callable[[int, Request], Request] = lambda _, request: request
    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def __call__(self, connection: Connection, request: Request) -> bool:
        number = next(self.numbers)
        request = self.change(number, request)
        how = self.how if number == self.fails else ""
        if how == "refused":
            connection.answer(503, "not now")
        elif how != "unsent":
            status, kind, body = send(self.port, request)
            if not how:
                connection.answer(status, body, Content_Type=kind)
        return how in ("", "refused")


def send(port: int, request: Request) -> tuple[int, str, bytes]:
    """Send a request to a server; return status, content type and body."""
    with contextlib.closing(
        http.client.HTTPConnection(LOOPBACK, port, timeout=MOST_SECONDS)
    ) as connection:
        headers = {name: value for name, value in request.headers.items() if name not in _HOP}
        connection.request(request.method, request.path, request.body, headers)
        response = connection.getresponse()
        return response.status, response.headers.get("Content-Type", ""), response.read()


class Oxigraph:
    """A running ``oxigraph serve``."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.url = f"http://{LOOPBACK}:{port}"

    def request(self, method: str, path: str, body: str = "", **headers: str) -> bytes:
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        status, _, answer = send(self.port, Request(method, path, given, body.encode()))
        assert 200 <= status < 300, answer
        return answer

    def quads(self) -> list[ox.Quad]:
        """Return all that the server holds."""
        raw = self.request("GET", "/store", Accept="application/n-quads")
        return list(ox.parse(raw, format=ox.RdfFormat.N_QUADS))

    def load(self, quads: str) -> None:
        """Add N-Quads to what it holds."""
        self.request("POST", "/store", quads, Content_Type="application/n-quads")

    def graphs(self) -> set[str]:
        """Return the names of its named graphs, those without triples too."""
        query = "SELECT ?g { GRAPH ?g {} }"
        given = {"Content_Type": "application/sparql-query", "Accept": "text/csv"}
        return set(self.request("POST", "/query", query, **given).decode().split()[1:])

    def clear(self) -> None:
        self.request("POST", "/update", "DROP ALL", Content_Type="application/sparql-update")


@contextlib.contextmanager
def oxigraph() -> Iterator[Oxigraph]:
    """Run ``oxigraph serve`` on a free port, in memory.

    A shell stands between, which ends it when its own input ends: so also when the tests are
    killed.
    """
    program = shutil.which("oxigraph", path=str(Path(sys.executable).parent))
    program = program or shutil.which("oxigraph")
    if program is None:
        assert importlib.util.find_spec("oxigraph") is None
        pytest.skip("oxigraph is not here; it is in requirements/dev.txt")
    with socket.create_server((LOOPBACK, 0)) as probe:
        port: int = probe.getsockname()[1]
    command = [program, "serve", "--bind", f"{LOOPBACK}:{port}"]
    script = '"$@" </dev/null & trap "kill -9 $! 2>/dev/null" EXIT; read -r line'
    with subprocess.Popen(
        ["sh", "-c", script, "sh", *command],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as shell:
        try:
            server = Oxigraph(port)
            _wait(server)
            yield server
        finally:
            assert shell.stdin is not None
            shell.stdin.close()
            shell.wait(MOST_SECONDS)


def _wait(server: Oxigraph) -> None:
    """Wait until a server answers."""
    end = time.monotonic() + MOST_SECONDS
    while True:
        try:
            server.graphs()
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.02)
        else:
            return


def canonical(quads: Iterable[ox.Quad]) -> set[ox.Quad]:
    """Return a data set with its blank nodes named by what is said of them (RDFC-1.0)."""
    found = ox.Dataset(quads)
    found.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    return set(found)


def same(one: Iterable[ox.Quad], other: Iterable[ox.Quad]) -> bool:
    """Tell whether two data sets are the same, up to the names of blank nodes."""
    return canonical(one) == canonical(other)
