"""A client of the SPARQL 1.1 Protocol and the SPARQL 1.1 Graph Store HTTP Protocol.

An address says where a server is. Credentials come from the environment only, because others on the
machine can read a command line.

urllib3 speaks HTTP. This module adds what it leaves to its callers: the proxy of the environment, a
deadline for a whole answer, a bound on its size, and one clear line for each fault. Redirects are
not followed, so that credentials go nowhere but to the address given. No request is sent twice.
"""

from __future__ import annotations

import base64
import contextlib
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http.client import HTTPException, IncompleteRead
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Final
from urllib.parse import quote, unquote, urlencode
from urllib.request import getproxies, proxy_bypass

import pyoxigraph as ox
import urllib3
from urllib3.exceptions import HTTPError

from nhskg.rdf.errors import StoreError, UsageError, escaped

CREDENTIALS: Final = "NHSKG_STORE_USER and NHSKG_STORE_PASSWORD, or NHSKG_STORE_TOKEN"
"""The environment variables that hold credentials."""

_PATH: Final = re.compile(r"[!\"$->@-~]*")
_URL: Final = re.compile(
    r"https?://(?:[\w.-]+|\[[\da-f:.]+])(?::(\d{1,5}))?(?:/[!\"$->@-~]*)?", re.ASCII | re.I
)
_MOST_PORT: Final = 65_535
_VISIBLE: Final = re.compile(r"[!-~]*")

TIMEOUT: Final = 600.0
"""Seconds that a server has for one whole answer, if nothing else is said."""
MOST_BYTES: Final = 2**32
"""The length of the longest answer that is read."""
MOST_TRIPLES: Final = 250_000
"""How many triples one request uploads."""

_MOST_SECONDS: Final = 86_400.0
_MOST_SHOWN: Final = 200
_FORM: Final = "application/x-www-form-urlencoded"
_PIECE: Final = 2**16

_LOOPBACK: Final = re.compile(r"localhost|127\.[\d.]+|::1")
_LATE: Final = "no answer within {:g} seconds"
_FAULTS: Final[dict[tuple[type[Exception], ...], str]] = {
    (TimeoutError,): _LATE,
    (ConnectionRefusedError,): "nothing listens there; is the server running?",
    (ConnectionError, IncompleteRead): "the connection dropped before the answer was whole",
    (HTTPException,): "the answer is not HTTP",
}

Row = tuple[ox.NamedNode | ox.BlankNode | ox.Literal | None, ...]
_Reply = tuple[urllib3.BaseHTTPResponse, bytes] | str


@dataclass(frozen=True, slots=True)
class Address:
    """The URL of a server, and the paths of its three services below that.

    Attributes:
        url: ``http://…`` or ``https://…``, without credentials, query or fragment.
        query: path of the SPARQL query service; the default is Oxigraph's, as with the others.
            An empty path is the URL itself.
        update: path of the SPARQL update service.
        data: path of the Graph Store Protocol service.

    Raises:
        UsageError: the URL is not that of a server, or carries credentials; or a path is invalid.
    """

    url: str
    query: str = "query"
    update: str = "update"
    data: str = "store"

    def __post_init__(self) -> None:
        if "@" in self.url:  # anywhere: a password may hold a slash. Nothing of it is repeated
            raise UsageError(
                "credentials do not belong in the address of the endpoint, where others can read "
                f"them; set {CREDENTIALS} in the environment"
            )
        found = _URL.fullmatch(self.url)
        if not found or int(found[1] or 0) > _MOST_PORT:
            raise UsageError(
                f"not the address of an endpoint: {self.url!r}; give http://host:port, perhaps "
                "with a path, without spaces, '?' and '#'"
            )
        for name, path in (("query", self.query), ("update", self.update), ("data", self.data)):
            if not _PATH.fullmatch(path):
                raise UsageError(
                    f"not the path of a {name} service: {path!r}; give a path without spaces, "
                    "'?' and '#'"
                )

    def service(self, path: str) -> str:
        """Return the URL of the service at a path."""
        base, below = self.url.rstrip("/"), path.lstrip("/")
        return f"{base}/{below}" if below else base


def credentials(environment: Mapping[str, str] | None = None) -> str | None:
    """Return the value of the Authorization header that the environment asks for, if any.

    A user and a password make Basic authentication (RFC 7617), a token makes Bearer (RFC 6750).

    Raises:
        UsageError: the environment has only a part of what is needed, or both ways at once.
    """
    environment = os.environ if environment is None else environment
    user, password, token = (
        environment.get(f"NHSKG_STORE_{name}") for name in ("USER", "PASSWORD", "TOKEN")
    )
    if token and (user or password):
        raise UsageError(f"set either {CREDENTIALS}; not both")
    if token:
        if not _VISIBLE.fullmatch(token):
            raise UsageError("NHSKG_STORE_TOKEN has spaces, line breaks or letters beyond ASCII")
        return f"Bearer {token}"
    if not user and not password:
        return None
    if not user or password is None:
        raise UsageError("NHSKG_STORE_USER and NHSKG_STORE_PASSWORD go together; set both")
    if ":" in user:
        raise UsageError("NHSKG_STORE_USER has a colon, which no user name can have")
    try:
        pair = f"{user}:{password}".encode()
    except UnicodeEncodeError as error:
        raise UsageError("NHSKG_STORE_USER or NHSKG_STORE_PASSWORD is not UTF-8") from error
    return "Basic " + base64.b64encode(pair).decode()


@dataclass
class Endpoint:
    """A SPARQL server.

    Attributes:
        address: its URL and the paths of its services.
        authorization: value of the Authorization header; never shown.
        timeout: seconds that the server has for each whole answer.

    Raises:
        UsageError: the timeout is not a number of seconds up to a day, or the proxy that the
            environment names is invalid.
        StoreError: from every method, where the server cannot be reached, does not answer in
            time, refuses, or answers with something else than was asked for.
    """

    address: Address
    authorization: str | None = field(default=None, repr=False)
    timeout: float = TIMEOUT
    _pool: urllib3.PoolManager = field(init=False, repr=False)

    def __post_init__(self) -> None:
        if not 0 < self.timeout <= _MOST_SECONDS:  # which is not so of NaN
            raise UsageError(f"a time limit is above 0 and up to {_MOST_SECONDS:g} seconds")
        self._pool = _pool(self.address)

    def __str__(self) -> str:
        return self.address.url

    def select(
        self, text: str, *, width: int | None = None, graphs: Sequence[str] = ()
    ) -> list[Row]:
        """Return the rows of a SELECT query of so many columns, over some named graphs or all."""
        fields = [("query", text), *(("named-graph-uri", each) for each in graphs)]
        url, body = self.address.service(self.address.query), urlencode(fields).encode()
        kind, answer = self._send("query", "POST", url, body, _FORM)
        rows = _read_rows(answer)
        if isinstance(rows, str):
            raise self.error("query", f"the answer is not SPARQL results ({kind}: {rows})")
        if any(width not in (None, len(row)) for row in rows):
            raise self.error("query", f"{len(rows[0])} columns came back, not {width}")
        return rows

    def graphs(self, prefix: str) -> list[str]:
        """Return the names of the named graphs that begin with a prefix, sorted."""
        text = f'SELECT ?g WHERE {{ GRAPH ?g {{}} FILTER (STRSTARTS(STR(?g), "{prefix}")) }}'
        rows = self.select(text, width=1)
        return sorted({name.value for (name,) in rows if isinstance(name, ox.NamedNode)})

    def update(self, text: str) -> None:
        """Run an update request."""
        url, body = self.address.service(self.address.update), urlencode({"update": text}).encode()
        self._send("update", "POST", url, body, _FORM)

    def put(self, graph: str, triples: Sequence[ox.Triple]) -> None:
        """Replace the triples of a named graph; one request uploads :data:`MOST_TRIPLES`."""
        url = f"{self.address.service(self.address.data)}?graph={quote(graph, safe='')}"
        for start in range(0, max(1, len(triples)), MOST_TRIPLES):
            part = triples[start : start + MOST_TRIPLES]
            body = ox.serialize(part, format=ox.RdfFormat.N_TRIPLES) or b""
            self._send("upload", "POST" if start else "PUT", url, body, "application/n-triples")

    def close(self) -> None:
        """Close the connection; the next request opens another."""
        self._pool.clear()

    def error(self, what: str, reason: str) -> StoreError:
        """Return an error in one line: the address, what failed, and the reason."""
        shown = escaped(" ".join(self._masked(reason).split()))
        if len(shown) > _MOST_SHOWN:
            shown = shown[: _MOST_SHOWN - 1] + "…"
        return StoreError(f"{self}: {what} failed: {shown}")

    def _send(self, what: str, method: str, url: str, body: bytes, kind: str) -> tuple[str, bytes]:
        """Send a request; return the content type and the body of the answer, if a success.

        The client's own timeout is one for each piece of an answer, so that a server which sends a
        letter now and then would be waited for without end. Hence the thread, which is left alone
        when the time is over; it does not keep the process alive.
        """
        headers = {"Content-Type": kind, "Accept": "application/sparql-results+json, */*;q=0.1"}
        if self.authorization:
            headers["Authorization"] = self.authorization
        replies: SimpleQueue[_Reply] = SimpleQueue()
        request = (method, url, body, headers)
        Thread(target=lambda: replies.put(self._exchange(*request)), daemon=True).start()
        try:
            reply = replies.get(timeout=self.timeout)
        except Empty:
            reply = _LATE.format(self.timeout)
        if isinstance(reply, str):
            if (proxy := self._pool.proxy) is not None:
                reply = f"{reply} (through the proxy {proxy.host}:{proxy.port})"
            raise self.error(what, reply)
        response, answer = reply
        if response.status // 100 != 2:
            raise self.error(what, self._refusal(response, answer))
        return response.headers.get("Content-Type", "no content type"), answer

    def _exchange(self, method: str, url: str, body: bytes, headers: dict[str, str]) -> _Reply:
        """Send a request; return the answer and its body, or what is wrong with them."""
        options = {"redirect": False, "retries": False, "preload_content": False}
        try:
            response = self._pool.urlopen(
                method, url, body=body, headers=headers, timeout=self.timeout, **options
            )
            with contextlib.closing(response):  # which keeps the connection of a whole answer
                answer = bytearray()
                for piece in response.stream(_PIECE):
                    answer += piece
                    if len(answer) > MOST_BYTES:
                        return f"the answer is longer than {MOST_BYTES} bytes"
            return response, bytes(answer)
        except Exception as error:  # noqa: BLE001  # nothing above it in this thread would report it
            return _reason(error, self.timeout)

    def _refusal(self, response: urllib3.BaseHTTPResponse, body: bytes) -> str:
        """Return the status, the repair where it is known, and the server's own words."""
        status, repair = response.status, ""
        text = self._masked(body.decode("utf-8", "replace")).strip().partition("\n")[0]
        if not text or text.startswith("<"):  # the first line of a page for people says nothing
            text = response.reason or ""
        if status in {401, 403}:
            verb = "credentials refused; check" if self.authorization else "set"
            repair = f", {verb} {CREDENTIALS}; it says:"
        elif status // 100 == 3:
            repair = ", a redirect; give the address it leads to:"
        return f"HTTP {status}{repair} {text}"

    def _masked(self, text: str) -> str:
        """Return a text without the credentials, which a server may repeat."""
        kind, _, value = (self.authorization or "").partition(" ")
        secrets = [value]
        if kind == "Basic":
            secrets.append(base64.b64decode(value).decode().partition(":")[2])
        for secret in filter(None, secrets):
            text = text.replace(secret, "…")
        return text


def _pool(address: Address) -> urllib3.PoolManager:
    """Return connections to a server, through the proxy that the environment names for it.

    Raises:
        UsageError: the proxy's URL cannot be used.
    """
    server = urllib3.util.parse_url(address.url)
    scheme, host = server.scheme or "", (server.host or "").strip("[]")
    url = getproxies().get(scheme)
    if not url or proxy_bypass(host) or _LOOPBACK.fullmatch(host):
        return urllib3.PoolManager()
    try:
        proxy = urllib3.util.parse_url(url if "://" in url else f"http://{url}")
        headers = urllib3.make_headers(proxy_basic_auth=unquote(proxy.auth or "") or None)
        if proxy.host:
            return urllib3.ProxyManager(proxy.url, proxy_headers=headers)
    except (HTTPError, ValueError):
        pass
    raise UsageError(  # the URL may hold a password, so it is not repeated
        f"the proxy that the environment names for {scheme} is not of the form "
        "http://host:port; mend it, or set no_proxy for the endpoint's host"
    )


def _reason(error: BaseException, timeout: float) -> str:
    """Return a fault of the connection in words, from the errors that led to it."""
    causes = [error]
    while cause := causes[-1].__cause__ or causes[-1].__context__:
        causes.append(cause)
    for kinds, words in _FAULTS.items():
        if any(isinstance(each, kinds) for each in causes):
            return words.format(timeout)
    return getattr(causes[-1], "strerror", None) or str(causes[-1])


def _read_rows(body: bytes) -> list[Row] | str:
    """Return the rows of an answer in JSON, or the reason why there are none.

    No error is raised from here: it would keep hold of objects of the parser, which are bound to
    their thread.
    """
    try:
        found = ox.parse_query_results(body, ox.QueryResultsFormat.JSON)
        return "yes or no" if isinstance(found, ox.QueryBoolean) else [tuple(row) for row in found]
    except (SyntaxError, ValueError) as error:
        return str(error)
