"""A client of the SPARQL 1.1 Protocol and the SPARQL 1.1 Graph Store HTTP Protocol.

Everything that nhskg says to a server goes through here: one connection that is kept open,
credentials from the environment, a time limit for each request, and one clear line for whatever
goes wrong. Redirects are not followed, so that credentials go nowhere but to the address given.
"""

from __future__ import annotations

import base64
import http.client
import ipaddress
import os
import re
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import SplitResult, quote, unquote, urlencode, urlsplit

import pyoxigraph as ox

from nhskg.errors import StoreError, UsageError

__all__ = ["DATA_PATH", "QUERY_PATH", "UPDATE_PATH", "Address", "Endpoint", "credentials"]

QUERY_PATH: Final = "query"
UPDATE_PATH: Final = "update"
DATA_PATH: Final = "store"
TIMEOUT: Final = 600.0
"""Seconds that a server has to answer one request."""

_IDLE: Final = 2.0
_CHUNK: Final = 1 << 16
_MOST_TOLD: Final = 200
_FORM: Final = "application/x-www-form-urlencoded"
_ROWS: Final = "application/sparql-results+json"
_TRIPLES: Final = "application/n-triples"
_CREDENTIALS: Final = "NHSKG_STORE_USER and NHSKG_STORE_PASSWORD, or NHSKG_STORE_TOKEN"

Term = ox.NamedNode | ox.BlankNode | ox.Literal


@dataclass(frozen=True, slots=True)
class Address:
    """Where a server is, and the paths of its three services below that.

    Attributes:
        url: ``http://…`` or ``https://…``, without credentials, query or fragment.
        query: path of the SPARQL query service; the default is Oxigraph's, as with the others.
        update: path of the SPARQL update service.
        data: path of the Graph Store Protocol service.

    Raises:
        UsageError: the URL is none of a server, or carries credentials.
    """

    url: str
    query: str = QUERY_PATH
    update: str = UPDATE_PATH
    data: str = DATA_PATH

    def __post_init__(self) -> None:
        split = self.split()
        if "@" in split.netloc:
            raise UsageError(
                "credentials do not belong in the address of the endpoint, where others can read "
                f"them; set {_CREDENTIALS} in the environment"
            )
        if split.scheme not in ("http", "https") or not split.hostname:
            raise UsageError(f"not the address of an endpoint: {self.url}; give http://host:port")
        if split.query or split.fragment:
            raise UsageError(f"the address of the endpoint has a query or a fragment: {self.url}")

    def split(self) -> SplitResult:
        """Return the parts of the URL.

        Raises:
            UsageError: it is not a URL.
        """
        try:
            split = urlsplit(self.url)
            _ = split.port
        except ValueError as error:
            raise UsageError(f"not the address of an endpoint: {error}") from error
        if not re.fullmatch(r"[!-~]+", self.url):
            raise UsageError("the address of the endpoint has spaces or letters beyond ASCII")
        return split

    @property
    def is_local(self) -> bool:
        """Whether the server is on this machine, so that no proxy can stand between."""
        host = self.split().hostname or ""
        if host == "localhost":
            return True
        try:
            return ipaddress.ip_address(host).is_loopback
        except ValueError:
            return False

    def path(self, service: str) -> str:
        """Return the path of a service on the server."""
        return f"{self.split().path.rstrip('/')}/{service.lstrip('/')}"


def credentials(environment: Mapping[str, str] | None = None) -> str | None:
    """Return the value of the Authorization header that the environment asks for, if any.

    Raises:
        UsageError: the environment has a part of what is needed, or two ways at once.
    """
    environment = os.environ if environment is None else environment
    user, password, token = (
        environment.get(f"NHSKG_STORE_{name}") for name in ("USER", "PASSWORD", "TOKEN")
    )
    if token and (user or password):
        raise UsageError(f"set either {_CREDENTIALS}; not both")
    if token:
        value = f"Bearer {token}"
    elif user and password is not None:
        value = "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()
    elif user or password:
        raise UsageError("NHSKG_STORE_USER and NHSKG_STORE_PASSWORD go together; set both")
    else:
        return None
    if not re.fullmatch(r"[ -~]+", value):
        raise UsageError("NHSKG_STORE_TOKEN has a line break or letters beyond ASCII")
    return value


@dataclass(frozen=True, slots=True)
class _Line:
    """A connection, and what a proxy on the way wants of each request."""

    connection: http.client.HTTPConnection
    before_path: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass
class Endpoint:
    """A SPARQL server.

    Attributes:
        address: where it is.
        authorization: value of the Authorization header; never shown.
        timeout: seconds that the server has for each answer.

    Raises:
        StoreError: from every method, where the server cannot be reached, does not answer in
            time, refuses, or answers with what is not an answer.
    """

    address: Address
    authorization: str | None = field(default=None, repr=False)
    timeout: float = TIMEOUT
    _line: _Line | None = field(default=None, init=False, repr=False)
    _used: float = field(default=0.0, init=False, repr=False)

    def __str__(self) -> str:
        return self.address.url

    # -- the services

    def ask(self, text: str, *, graphs: Sequence[str] = ()) -> bool:
        """Ask an ASK query.

        Args:
            text: the query.
            graphs: the named graphs that it may see; where none is given, all of them.
        """
        result = self._results(text, graphs)
        if not isinstance(result, ox.QueryBoolean):
            raise self._error("asking", "rows came back where yes or no was asked for")
        return bool(result)

    def select(self, text: str, *, graphs: Sequence[str] = ()) -> Iterator[tuple[Term | None, ...]]:
        """Yield the rows of a SELECT query; ``graphs`` as with :meth:`ask`."""
        result = self._results(text, graphs)
        if not isinstance(result, ox.QuerySolutions):
            raise self._error("asking", "yes or no came back where rows were asked for")
        try:
            for row in result:
                yield tuple(row)
        except (SyntaxError, ValueError) as error:
            raise self._error("asking", f"the answer cannot be read ({error})") from error

    def update(self, text: str, *, graphs: Sequence[str] = ()) -> None:
        """Run an update request; its WHERE clauses see the named graphs given, or all."""
        fields = [("update", text), *(("using-named-graph-uri", each) for each in graphs)]
        headers = {"Content-Type": _FORM}
        path = self.address.path(self.address.update)
        self._send("update", "POST", path, urlencode(fields).encode(), headers)

    def put(self, graph: str, triples: Iterable[ox.Triple]) -> None:
        """Put triples in the place of all that a named graph holds."""
        body = ox.serialize(triples, format=ox.RdfFormat.N_TRIPLES) or b""
        headers = {"Content-Type": _TRIPLES}
        self._send("upload", "PUT", self._graph_path(graph), body, headers, again=True)

    def get(self, graph: str) -> list[ox.Triple]:
        """Return the triples of a named graph."""
        headers = {"Accept": _TRIPLES}
        body = self._send("download", "GET", self._graph_path(graph), None, headers, again=True)
        try:
            return [quad.triple for quad in ox.parse(body, format=ox.RdfFormat.N_TRIPLES)]
        except (SyntaxError, ValueError) as error:
            raise self._error("download", f"the answer is not N-Triples ({error})") from error

    def graphs(self, prefix: str) -> list[str]:
        """Return the names of the named graphs that begin so, in order."""
        text = f'SELECT ?g WHERE {{ GRAPH ?g {{}} FILTER (STRSTARTS(STR(?g), "{prefix}")) }}'
        found = {row[0].value for row in self.select(text) if isinstance(row[0], ox.NamedNode)}
        return sorted(found)

    def close(self) -> None:
        """Close the connection; the next request opens another."""
        if self._line is not None:
            self._line.connection.close()
            self._line = None

    # -- what they share

    def _results(self, text: str, graphs: Sequence[str]) -> ox.QuerySolutions | ox.QueryBoolean:
        fields = [("query", text), *(("named-graph-uri", each) for each in graphs)]
        headers = {"Content-Type": _FORM, "Accept": _ROWS}
        path = self.address.path(self.address.query)
        body = self._send("query", "POST", path, urlencode(fields).encode(), headers, again=True)
        try:
            return ox.parse_query_results(body, ox.QueryResultsFormat.JSON)
        except (SyntaxError, ValueError) as error:
            raise self._error("query", f"the answer is not SPARQL results ({error})") from error

    def _graph_path(self, graph: str) -> str:
        return f"{self.address.path(self.address.data)}?graph={quote(graph, safe='')}"

    def _send(
        self,
        what: str,
        method: str,
        path: str,
        body: bytes | None,
        headers: dict[str, str],
        *,
        again: bool = False,
    ) -> bytes:
        """Send a request and return the answer's body.

        With ``again`` a request that met a connection which the server had closed meanwhile is
        sent once more: never an update, of which nobody knows how far it came.
        """
        if self.authorization:
            headers["Authorization"] = self.authorization
        if time.monotonic() - self._used > _IDLE:
            self.close()
        fresh = self._line is None
        try:
            try:
                status, reason, answer = self._exchange(method, path, body, headers)
            except (http.client.RemoteDisconnected, ConnectionError):
                if fresh or not again:
                    raise
                self.close()
                status, reason, answer = self._exchange(method, path, body, headers)
        except (OSError, http.client.HTTPException) as error:
            self.close()
            raise self._error(what, _reason(error, self.timeout)) from error
        self._used = time.monotonic()
        if not 200 <= status < 300:
            self.close()
            raise self._refusal(what, status, reason, answer)
        return answer

    def _exchange(
        self, method: str, path: str, body: bytes | None, headers: dict[str, str]
    ) -> tuple[int, str, bytes]:
        deadline = time.monotonic() + self.timeout
        if self._line is None:
            self._line = _connect(self.address, self.timeout)
        line = self._line
        line.connection.request(method, line.before_path + path, body, {**headers, **line.headers})
        response = line.connection.getresponse()
        parts = []
        while chunk := response.read(_CHUNK):
            parts.append(chunk)
            if time.monotonic() > deadline:
                raise TimeoutError
        return response.status, response.reason, b"".join(parts)

    def _refusal(self, what: str, status: int, reason: str, answer: bytes) -> StoreError:
        if status in (401, 403):
            said = "credentials are needed" if not self.authorization else "credentials refused"
            return self._error(what, f"HTTP {status}, {said}; set {_CREDENTIALS}")
        if 300 <= status < 400:
            return self._error(what, f"HTTP {status}, a redirect; give the address it leads to")
        first = answer[:4096].decode("utf-8", "replace").strip().partition("\n")[0]
        return self._error(what, f"HTTP {status} {first or reason}")

    def _error(self, what: str, reason: str) -> StoreError:
        shown = "".join(c if c.isprintable() else " " for c in reason)
        if self.authorization:
            shown = shown.replace(self.authorization.partition(" ")[2], "…")
        if len(shown) > _MOST_TOLD:
            shown = shown[: _MOST_TOLD - 1] + "…"
        return StoreError(f"{self.address.url}: {what} failed: {shown}")


def _reason(error: Exception, timeout: float) -> str:
    if isinstance(error, TimeoutError):
        return f"no answer within {timeout:g} seconds"
    if isinstance(error, ConnectionRefusedError):
        return "nothing listens there; is the server running?"
    if isinstance(error, http.client.RemoteDisconnected | http.client.IncompleteRead):
        return "the connection dropped before the answer was whole"
    if isinstance(error, http.client.HTTPException):
        return f"the answer is not HTTP ({type(error).__name__})"
    return getattr(error, "strerror", None) or str(error) or type(error).__name__


def _connect(address: Address, timeout: float) -> _Line:
    split = address.split()
    host = split.hostname or ""
    secure = split.scheme == "https"
    kind = http.client.HTTPSConnection if secure else http.client.HTTPConnection
    proxy = None if address.is_local else _proxy(split)
    if proxy is None:
        return _Line(kind(host, split.port, timeout=timeout))
    connection = kind(proxy.hostname or "", proxy.port or 8080, timeout=timeout)
    headers = {}
    if proxy.username:
        pair = f"{unquote(proxy.username)}:{unquote(proxy.password or '')}"
        headers["Proxy-Authorization"] = "Basic " + base64.b64encode(pair.encode()).decode()
    if not secure:
        return _Line(connection, f"{split.scheme}://{split.netloc}", headers)
    connection.set_tunnel(host, split.port, headers)
    return _Line(connection)


def _proxy(split: SplitResult) -> SplitResult | None:
    """Return the proxy that the environment names for a server, if any."""
    from urllib.request import getproxies, proxy_bypass  # noqa: PLC0415  # only for far servers

    found = getproxies().get(split.scheme)
    if not found or proxy_bypass(split.hostname or ""):
        return None
    return urlsplit(found if "://" in found else f"http://{found}")
