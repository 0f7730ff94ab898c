"""Servers on loopback for tests: one that plays faults, one that relays, and oxigraph itself.

Each is a context manager. It listens on a port that was free, and is closed at the end.
"""

from __future__ import annotations

import contextlib
import http.server
import importlib.util
import shutil
import socket
import socketserver
import ssl
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, Self

import pyoxigraph as ox
import pytest
import urllib3

LOOPBACK = "127.0.0.1"
_UNTIL_IT_LISTENS = urllib3.Retry(connect=1_500, backoff_factor=0.01, backoff_max=0.02)
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


def relays(
    url: str,
    *,
    fails: int = 0,
    how: str = "refused",
    change: Callable[[int, Request], Request] = lambda _, request: request,
) -> Play:
    """Pass requests on to a server, but for the one of a number, from 1, that fails.

    That is ``refused`` with 503, or the connection is closed before the server has got it
    (``unsent``), or after that (``lost``). ``change`` gets the number of each request and the
    request, and returns what is passed on.
    """

    def play(connection: Connection, request: Request) -> bool:
        number = len(connection.server.requests)
        request = change(number, request)
        fault = how if number == fails else ""
        if fault == "refused":
            connection.answer(503, "not now")
        elif fault != "unsent":
            answer = send(url, request)
            if not fault:
                kind = answer.headers.get("Content-Type", "")
                connection.answer(answer.status, answer.data, Content_Type=kind)
        return fault in ("", "refused")

    return play


def send(url: str, request: Request) -> urllib3.BaseHTTPResponse:
    """Send a request to a server, once."""
    method, path, headers, body = request
    passed = {name: value for name, value in headers.items() if name not in _HOP}
    return urllib3.request(method, url + path, body=body, headers=passed, retries=False)


@dataclass
class Oxigraph:
    """A running ``oxigraph serve``."""

    url: str

    def request(self, path: str, body: str, kind: str, accept: str = "*/*") -> bytes:
        headers = {"Content-Type": kind, "Accept": accept}
        answer = send(self.url, Request("POST", path, headers, body.encode()))
        assert 200 <= answer.status < 300, answer.data
        return answer.data

    def quads(self) -> list[ox.Quad]:
        """Return all that the server holds."""
        headers = {"Accept": "application/n-quads"}
        raw = send(self.url, Request("GET", "/store", headers, b"")).data
        return list(ox.parse(raw, format=ox.RdfFormat.N_QUADS))

    def load(self, quads: str) -> None:
        """Add N-Quads to what it holds."""
        self.request("/store", quads, "application/n-quads")

    def graphs(self) -> set[str]:
        """Return the names of its named graphs, those without triples too."""
        query, kind = "SELECT ?g { GRAPH ?g {} }", "application/sparql-query"
        return set(self.request("/query", query, kind, "text/csv").decode().split()[1:])

    def clear(self) -> None:
        self.request("/update", "DROP ALL", "application/sparql-update")


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
    url = f"http://{LOOPBACK}:{port}"
    with subprocess.Popen(
        ["sh", "-c", script, "sh", *command],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as shell:
        try:
            urllib3.request("GET", url, retries=_UNTIL_IT_LISTENS)
            yield Oxigraph(url)
        finally:
            assert shell.stdin is not None
            shell.stdin.close()
            shell.wait(30)


def canonical(quads: Iterable[ox.Quad]) -> set[ox.Quad]:
    """Return a data set with its blank nodes named by what is said of them (RDFC-1.0)."""
    found = ox.Dataset(quads)
    found.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    return set(found)


def same(one: Iterable[ox.Quad], other: Iterable[ox.Quad]) -> bool:
    """Tell whether two data sets are the same, up to the names of blank nodes."""
    return canonical(one) == canonical(other)
