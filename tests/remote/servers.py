"""Servers on loopback for tests: one that plays faults, one that relays, and oxigraph itself.

Each is a context manager. It listens on a port that was free, and is gone at the end.
"""

from __future__ import annotations

import contextlib
import http.client
import importlib.util
import shutil
import socket
import ssl
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import pyoxigraph as ox
import pytest

LOOPBACK = "127.0.0.1"
MOST_SECONDS = 30.0
_HOP = ("connection", "content-length", "transfer-encoding", "host", "accept-encoding")


@dataclass(frozen=True)
class Request:
    """What a server was asked."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


class Connection:
    """The server's end of a connection."""

    def __init__(self, sock: socket.socket, stopped: threading.Event) -> None:
        self.sock = sock
        self.stopped = stopped
        self._file = sock.makefile("rb")

    def read_request(self, *, with_body: bool) -> Request | None:
        """Return the next request; nothing where the client has closed."""
        line = self._file.readline()
        if not line:
            return None
        method, path, _ = line.decode("ascii").split()
        headers = {}
        while header := self._file.readline().strip():
            name, _, value = header.decode("latin-1").partition(":")
            headers[name.lower()] = value.strip()
        size = int(headers.get("content-length", 0)) if with_body else 0
        return Request(method, path, headers, self._file.read(size))

    def send(self, text: str | bytes) -> None:
        self.sock.sendall(text.encode() if isinstance(text, str) else text)

    def answer(self, status: int, body: str | bytes = b"", **headers: str) -> None:
        """Send a whole answer; a name of a header is written with ``_`` for ``-``."""
        raw = body.encode() if isinstance(body, str) else body
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        lines = [f"HTTP/1.1 {status} {http.client.responses.get(status, 'Odd')}"]
        lines += [f"{name}: {value}" for name, value in given.items()]
        lines += [f"Content-Length: {len(raw)}"]
        self.send("\r\n".join([*lines, "", ""]).encode() + raw)

    def reset(self) -> None:
        """Break the connection off so that the client gets an error, not an end."""
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    def close(self) -> None:
        self._file.close()
        with contextlib.suppress(OSError):
            self.sock.shutdown(socket.SHUT_RDWR)
        self.sock.close()


Play = Callable[[Connection, Request], object]
"""What a server does with a request; ``False`` closes the connection afterwards."""


class Server:
    """Plays what it is given: one play a request, in order, the last one again and again.

    Without ``reads_bodies`` it plays as soon as it has read the headers; with ``tls`` it speaks
    that.
    """

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
        self._open: set[Connection] = set()
        self._threads: list[threading.Thread] = []
        self._listener = socket.create_server((LOOPBACK, 0))
        self.port: int = self._listener.getsockname()[1]
        self.url = f"http://{LOOPBACK}:{self.port}"

    def __enter__(self) -> Self:
        self._start(self._listen)
        return self

    def __exit__(self, *_: object) -> None:
        self.stopped.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)  # which wakes the thread that accepts
        self._listener.close()
        with self._lock:
            for each in self._open:
                with contextlib.suppress(OSError):
                    each.sock.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(MOST_SECONDS)
            assert not thread.is_alive()

    def _start(self, work: Callable[..., None], *arguments: object) -> None:
        thread = threading.Thread(target=work, args=arguments, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _listen(self) -> None:
        while not self.stopped.is_set():
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.connections += 1
            self._start(self._serve, sock)

    def _serve(self, sock: socket.socket) -> None:
        if self.tls is not None:
            try:
                sock = self.tls.wrap_socket(sock, server_side=True)
            except OSError:  # the client does not trust the certificate
                sock.close()
                return
        connection = Connection(sock, self.stopped)
        with self._lock:
            self._open.add(connection)
        try:
            with contextlib.suppress(OSError, ValueError):  # it ends, or what comes is not HTTP
                while request := connection.read_request(with_body=self.reads_bodies):
                    with self._lock:
                        play = self.plays[min(len(self.requests), len(self.plays) - 1)]
                        self.requests.append(request)
                    if play(connection, request) is False:
                        break
        finally:
            with self._lock:
                self._open.discard(connection)
            connection.close()


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
    change: Callable[[int, Request], Request] | None = None
    count: int = 0
    _lock: Any = field(default_factory=threading.Lock)

    def __call__(self, connection: Connection, request: Request) -> bool:
        with self._lock:
            self.count += 1
            number = self.count
        if self.change is not None:
            request = self.change(number, request)
        if number == self.fails and self.how == "unsent":
            return False
        if number == self.fails and self.how == "refused":
            connection.answer(503, "not now")
            return True
        status, kind, body = send(self.port, request)
        if number == self.fails:
            return False
        connection.answer(status, body, Content_Type=kind)
        return True


def send(port: int, request: Request) -> tuple[int, str, bytes]:
    """Send a request to a server; return status, content type and body."""
    connection = http.client.HTTPConnection(LOOPBACK, port, timeout=MOST_SECONDS)
    try:
        headers = {name: value for name, value in request.headers.items() if name not in _HOP}
        connection.request(request.method, request.path, request.body, headers)
        response = connection.getresponse()
        return response.status, response.headers.get("Content-Type", ""), response.read()
    finally:
        connection.close()


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
