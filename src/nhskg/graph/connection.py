"""A connection to an HTTP server, with one time limit for a whole answer.

The library's own limit is one for each piece of an answer, so that a server which sends a letter
now and then is waited for without end.
"""

from __future__ import annotations

import base64
import http.client
import io
import selectors
import socket
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING, Final
from urllib.parse import SplitResult, unquote, urlsplit

from nhskg.errors import UsageError
from nhskg.graph.address import Address

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

__all__ = ["Answer", "Line", "connect"]

_PROXY_PORT: Final = 80


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server answered."""

    status: int
    reason: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Line:
    """A connection, and what a proxy on the way wants of each request.

    Attributes:
        connection: the connection, to the server or to the proxy.
        proxy: host and port of the proxy, to be told; nothing where there is none.
        before_path: what stands before the path of each request.
        headers: what to add to the headers of each request.
    """

    connection: http.client.HTTPConnection
    proxy: str | None = None
    before_path: str = ""
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)

    def exchange(
        self, method: str, path: str, body: bytes | None, headers: Mapping[str, str], limit: float
    ) -> Answer:
        """Send a request and return the answer, all within ``limit`` seconds.

        Raises:
            OSError: the connection failed, or the time is over (TimeoutError).
            HTTPException: what came is not HTTP.
        """
        deadline = time.monotonic() + limit
        connection = self.connection
        connection.timeout = limit
        if connection.sock is not None:
            connection.sock.settimeout(limit)

        def respond(sock: socket.socket, method: str | None = None) -> http.client.HTTPResponse:
            return _Response(sock, deadline, method=method)

        connection.response_class = respond  # type: ignore[assignment]  # called, nothing else
        refused = None
        try:
            connection.request(method, self.before_path + path, body, {**headers, **self.headers})
        except ConnectionError as error:
            if connection.sock is None:
                raise
            refused = error  # maybe a server that has said why before it had read it all
        with connection.getresponse() as response:
            if refused is not None and response.status < HTTPStatus.BAD_REQUEST:
                raise refused
            return Answer(response.status, response.reason, response.read())

    def is_closed(self) -> bool:
        """Tell whether the server has closed its end: hardly anything else comes unasked."""
        if self.connection.sock is None:
            return False  # not open yet, or closed as announced: the next request opens it
        with selectors.DefaultSelector() as selector:
            selector.register(self.connection.sock, selectors.EVENT_READ)
            return bool(selector.select(0))

    def close(self) -> None:
        """Close the connection."""
        self.connection.close()


class _Response(http.client.HTTPResponse):
    """An answer that is read until a point in time, and no longer."""

    def __init__(self, sock: socket.socket, deadline: float, *, method: str | None) -> None:
        super().__init__(sock, method=method)
        self.fp.close()
        self._timed = _Timed(sock, deadline)
        self.fp = io.BufferedReader(self._timed)

    def begin(self) -> None:
        """Read the status and the headers, which the library takes for whole where they end."""
        super().begin()
        if self._timed.has_ended:
            raise http.client.IncompleteRead(b"")


class _Timed(io.RawIOBase):
    """The bytes that come from a socket until a point in time."""

    def __init__(self, sock: socket.socket, deadline: float) -> None:
        self._sock = sock
        self._raw = sock.makefile("rb", buffering=0)
        self._deadline = deadline
        self.has_ended = False

    def readable(self) -> bool:
        """Return that it can be read."""
        return True

    def readinto(self, buffer: WriteableBuffer, /) -> int | None:
        """Read what there is."""
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        self._sock.settimeout(left)
        count = self._raw.readinto(buffer)
        self.has_ended = count == 0
        return count

    def close(self) -> None:
        """Let go of the socket."""
        self._raw.close()
        super().close()


def connect(address: Address) -> Line:
    """Return a connection to a server, through the proxy that the environment names for it.

    Nothing is sent yet.

    Raises:
        UsageError: the environment's proxy is none that can be used.
    """
    secure = address.scheme == "https"
    kind = http.client.HTTPSConnection if secure else http.client.HTTPConnection
    proxy = None if address.is_local else _proxy(address)
    if proxy is None:
        return Line(kind(address.host, address.port))
    host, port = proxy.hostname or "", proxy.port or _PROXY_PORT
    connection = kind(host, port)
    headers = {}
    if proxy.username:
        pair = f"{unquote(proxy.username)}:{unquote(proxy.password or '')}"
        headers["Proxy-Authorization"] = "Basic " + base64.b64encode(pair.encode()).decode()
    if not secure:
        return Line(connection, f"{host}:{port}", address.origin, headers)
    connection.set_tunnel(address.host, address.port, headers)
    return Line(connection, f"{host}:{port}")


def _proxy(address: Address) -> SplitResult | None:
    """Return the proxy that the environment names for a server, if any."""
    from urllib.request import getproxies, proxy_bypass  # noqa: PLC0415  # only for far servers

    found = getproxies().get(address.scheme)
    if not found or proxy_bypass(address.host):
        return None
    try:
        split = urlsplit(found if "://" in found else f"http://{found}")
        usable = split.scheme == "http" and bool(split.hostname) and split.port != 0
        (split.hostname or "").encode("idna")
    except ValueError:
        usable = False
    if not usable:  # it may hold a password, so it is not repeated
        raise UsageError(
            f"the proxy that the environment names for {address.scheme} is not of the form "
            "http://host:port; mend it, or set no_proxy for the endpoint's host"
        )
    return split
