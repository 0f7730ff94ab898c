"""A client of the SPARQL 1.1 Protocol and the SPARQL 1.1 Graph Store HTTP Protocol, and staging.

Credentials come from the environment only, because others on the machine can read a command line.
Redirects are not followed, so that they go nowhere but to the address given. To urllib3 this module
adds a deadline for a whole answer and a bound on its size. No request is sent twice.

A build works in named graphs of its own (``urn:nhskg:staging:<token>:…``). The published graphs,
those whose names begin with :data:`nhskg.rdf.terms.GRAPH`, are replaced in a single update request
at the end, so that whatever fails before leaves them as they were; no other is read or written. The
next build clears the staging of a killed one, and of a running one, which then finds so and stops.
"""

from __future__ import annotations

import base64
import contextlib
import os
import re
import secrets
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial
from http.client import HTTPException, IncompleteRead
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Final
from urllib.parse import quote, unquote, urlencode, urljoin
from urllib.request import getproxies, proxy_bypass

import pyoxigraph as ox
import urllib3
from urllib3.exceptions import HTTPError

from nhskg.rdf import terms
from nhskg.rdf.bounds import beyond_bounds
from nhskg.rdf.errors import StoreError, UsageError
from nhskg.rdf.escaping import escaped

MOST_BYTES: Final = 2**32
"""The length of the longest answer that is read."""
MOST_TRIPLES: Final = 250_000
"""How many triples one request uploads."""
STAGING: Final = "urn:nhskg:staging:"
"""How the names of all staging graphs begin."""

_CREDENTIALS: Final = "NHSKG_STORE_USER and NHSKG_STORE_PASSWORD, or NHSKG_STORE_TOKEN"
_PATH: Final = r"[!\"$->@-~]*"
_URL: Final = re.compile(
    rf"https?://(?:[\w.-]+|\[[\da-f:.]+])(?::(\d{{1,5}}))?(?:/{_PATH})?", re.ASCII | re.I
)
_ALTERNATE: Final = re.compile(
    r"<([^<>]*)>(?=[^,<]*rel=\"?alternate)(?=[^,<]*type=\"?application/ld\+json)"
)
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
    """The URL of a server without credentials, and the paths of its three services below that.

    The paths that are not given are Oxigraph's. An empty one is the URL itself.

    Raises:
        UsageError: the URL or a path is invalid, or the URL carries credentials.
    """

    url: str
    query: str = "query"
    update: str = "update"
    data: str = "store"

    def __post_init__(self) -> None:
        if "@" in self.url:  # anywhere: a password may hold a slash. Nothing of it is repeated
            reason = "credentials do not belong in the address of the endpoint, where others can"
            raise UsageError(f"{reason} read them; set {_CREDENTIALS} in the environment")
        found = _URL.fullmatch(self.url)
        if not found or int(found[1] or 0) >= 2**16:
            repair = "give http://host:port, perhaps with a path, without spaces, '?' and '#'"
            raise UsageError(f"not the address of an endpoint: {self.url!r}; {repair}")
        for name in ("query", "update", "data"):
            if not re.fullmatch(_PATH, path := getattr(self, name)):
                repair = "give a path without spaces, '?' and '#'"
                raise UsageError(f"not the path of a {name} service: {path!r}; {repair}")

    def service(self, path: str) -> str:
        """Return the URL of the service at a path."""
        base, below = self.url.rstrip("/"), path.lstrip("/")
        return f"{base}/{below}" if below else base


def credentials() -> str | None:
    """Return the Authorization header of the environment: Basic (RFC 7617) or Bearer (RFC 6750).

    Raises:
        UsageError: the environment has only a part of what is needed, or both ways at once.
    """
    user, password, token = (
        os.environ.get(f"NHSKG_STORE_{name}") for name in ("USER", "PASSWORD", "TOKEN")
    )
    if token and (user or password):
        raise UsageError(f"set either {_CREDENTIALS}; not both")
    if token:
        if not re.fullmatch("[!-~]*", token):
            raise UsageError("NHSKG_STORE_TOKEN has spaces, line breaks or letters beyond ASCII")
        return f"Bearer {token}"
    if not user and not password:
        return None
    if not user or password is None:
        raise UsageError("NHSKG_STORE_USER and NHSKG_STORE_PASSWORD go together; set both")
    if ":" in user:
        raise UsageError("NHSKG_STORE_USER has a colon, which no user name can have")
    try:
        return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()
    except UnicodeEncodeError as error:
        raise UsageError("NHSKG_STORE_USER or NHSKG_STORE_PASSWORD is not UTF-8") from error


@dataclass
class Endpoint:
    """A SPARQL server, which has ``timeout`` seconds for each whole answer.

    Raises:
        UsageError: the timeout, or the proxy that the environment names, is invalid.
        StoreError: from every method, where the server does not answer in time, or not as asked.
    """

    address: Address
    authorization: str | None = field(default=None, repr=False)
    timeout: float = 600.0
    _pool: urllib3.PoolManager = field(init=False, repr=False)

    def __post_init__(self) -> None:
        if not 0 < self.timeout <= 86_400:  # which is not so of NaN
            raise UsageError("a time limit is above 0 and up to 86400 seconds")
        self._pool = _pool(self.address.url)

    def __str__(self) -> str:
        return self.address.url

    def select(
        self, text: str, *, width: int | None = None, graphs: Sequence[str] = ()
    ) -> list[Row]:
        """Return the rows of a SELECT query of so many columns, over some named graphs or all."""
        fields = [("query", text), *(("named-graph-uri", each) for each in graphs)]
        kind, answer = self._submit("query", self.address.query, fields)
        rows = _read_rows(answer)
        if isinstance(rows, str):
            raise self._error("query", f"the answer is not SPARQL results ({kind}: {rows})")
        if any(width not in (None, len(row)) for row in rows):
            raise self._error("query", f"{len(rows[0])} columns came back, not {width}")
        return rows

    def graphs(self, prefix: str) -> list[str]:
        """Return the names of the named graphs that begin with a prefix, sorted."""
        text = f'SELECT ?g WHERE {{ GRAPH ?g {{}} FILTER (STRSTARTS(STR(?g), "{prefix}")) }}'
        rows = self.select(text, width=1)
        return sorted({name.value for (name,) in rows if isinstance(name, ox.NamedNode)})

    def update(self, *operations: str) -> None:
        """Run some operations in one update request."""
        self._submit("update", self.address.update, [("update", " ; ".join(operations))])

    def drop(self, graphs: Iterable[str]) -> None:
        """Drop some named graphs, as far as they are there."""
        if operations := [f"DROP SILENT GRAPH <{each}>" for each in graphs]:
            self.update(*operations)

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

    def _submit(self, what: str, path: str, form: list[tuple[str, str]]) -> tuple[str, bytes]:
        body, kind = urlencode(form).encode(), "application/x-www-form-urlencoded"
        return self._send(what, "POST", self.address.service(path), body, kind)

    def _send(self, what: str, method: str, url: str, body: bytes, kind: str) -> tuple[str, bytes]:
        """Send a request; return the content type and the body of the answer, if a success."""
        headers = {"Content-Type": kind, "Accept": "application/sparql-results+json, */*;q=0.1"}
        if self.authorization:
            headers["Authorization"] = self.authorization
        request = partial(self._pool.urlopen, method, url, body=body, headers=headers)
        reply = _exchange_in_time(request, self.timeout, MOST_BYTES)
        if isinstance(reply, str):
            if (proxy := self._pool.proxy) is not None:
                reply = f"{reply} (through the proxy {proxy.host}:{proxy.port})"
            raise self._error(what, reply)
        response, received = reply
        if response.status // 100 != 2:
            raise self._error(what, self._refusal(response, received))
        return response.headers.get("Content-Type", "no content type"), received

    def _refusal(self, response: urllib3.BaseHTTPResponse, body: bytes) -> str:
        status, repair = response.status, ""
        text = self._masked(body.decode("utf-8", "replace")).strip().partition("\n")[0]
        if not text or text.startswith("<"):  # the first line of a page for people says nothing
            text = response.reason or ""
        if status in {401, 403}:
            verb = "credentials refused; check" if self.authorization else "set"
            repair = f", {verb} {_CREDENTIALS}; it says:"
        elif status // 100 == 3:
            repair = ", a redirect; give the address it leads to:"
        return f"HTTP {status}{repair} {text}"

    def _error(self, what: str, reason: str) -> StoreError:
        shown = escaped(" ".join(self._masked(reason).split()))
        cut = f"{shown[:199]}…" if len(shown) > 200 else shown
        return StoreError(f"{self}: {what} failed: {cut}")

    def _masked(self, text: str) -> str:
        """Return a text without the credentials, which a server may repeat."""
        kind, _, value = (self.authorization or "").partition(" ")
        pair = base64.b64decode(value).decode() if kind == "Basic" else ""
        for secret in filter(None, (value, pair.partition(":")[2])):
            text = text.replace(secret, "…")
        return text


def _pool(url: str) -> urllib3.PoolManager:
    """Return connections to a server, through the proxy that the environment names for it."""
    server = urllib3.util.parse_url(url)
    scheme, host = server.scheme or "", (server.host or "").strip("[]")
    via = getproxies().get(scheme)
    if not via or proxy_bypass(host) or re.fullmatch(r"localhost|127\.[\d.]+|::1", host):
        return urllib3.PoolManager()
    with contextlib.suppress(HTTPError, ValueError):
        proxy = urllib3.util.parse_url(via if "://" in via else f"http://{via}")
        headers = urllib3.make_headers(proxy_basic_auth=unquote(proxy.auth or "") or None)
        if proxy.host:
            return urllib3.ProxyManager(proxy.url, proxy_headers=headers)
    raise UsageError(  # the URL may hold a password, so it is not repeated
        f"the proxy that the environment names for {scheme} is not of the form "
        "http://host:port; mend it, or set no_proxy for the endpoint's host"
    )


def fetch(address: str, *, accept: str, most: int, timeout: float = 60.0) -> bytes:
    """Return what is at an address, over at most five redirects, or links to another format of it.

    Raises:
        StoreError: it cannot be had, or is longer than so many bytes.
    """
    for _ in range(6):
        if not re.match("https?://", address, re.IGNORECASE):
            raise StoreError(f"{address} is no address of the web")
        request = partial(_pool(address).urlopen, "GET", address, headers={"Accept": accept})
        reply = _exchange_in_time(request, timeout, most)
        if isinstance(reply, str):
            raise StoreError(escaped(reply))
        response, body = reply
        kind = response.headers.get("Content-Type", "")
        link = _ALTERNATE.search(response.headers.get("Link", ""))
        if response.status // 100 == 3 and (moved := response.headers.get("Location")):
            address = urljoin(address, moved)
        elif response.status // 100 != 2:
            raise StoreError(escaped(f"HTTP {response.status} {response.reason or ''}".strip()))
        elif link and "json" not in kind:
            address = urljoin(address, link[1])
        else:
            return body
    raise StoreError("there are more than five redirects")


def _exchange_in_time(
    request: Callable[..., urllib3.BaseHTTPResponse], timeout: float, most: int
) -> _Reply:
    """Send a request; return the answer and its body, or what is wrong with them.

    The client's own timeout is one for each piece of an answer, which a server that sends a letter
    now and then never exceeds. Hence the thread, which is left alone when time is over.
    """
    replies: SimpleQueue[_Reply] = SimpleQueue()
    Thread(target=lambda: replies.put(_exchange(request, timeout, most)), daemon=True).start()
    try:
        return replies.get(timeout=timeout)
    except Empty:
        return _LATE.format(timeout)


def _exchange(
    request: Callable[..., urllib3.BaseHTTPResponse], timeout: float, most: int
) -> _Reply:
    options = {"redirect": False, "retries": False, "preload_content": False}
    try:
        with contextlib.closing(request(timeout=timeout, **options)) as response:
            body = bytearray()
            for piece in response.stream(2**16):
                body += piece
                if len(body) > most:
                    return f"the answer is longer than {most} bytes"
            return response, bytes(body)
    except Exception as error:  # noqa: BLE001  # nothing above it in this thread would report it
        causes: list[BaseException] = [error]
        while cause := causes[-1].__cause__ or causes[-1].__context__:
            causes.append(cause)
        for kinds, words in _FAULTS.items():
            if any(isinstance(each, kinds) for each in causes):
                return words.format(timeout)
        return getattr(causes[-1], "strerror", None) or str(causes[-1])


def _read_rows(body: bytes) -> list[Row] | str:
    """Return the rows of an answer in JSON, or the reason why there are none.

    An error would keep hold of objects of the parser, which are bound to their thread.
    """
    if beyond := beyond_bounds(body, ox.RdfFormat.JSON_LD):
        return f"it has {beyond[0].partition(';')[0]}"
    try:
        found = ox.parse_query_results(body, ox.QueryResultsFormat.JSON)
        return "yes or no" if isinstance(found, ox.QueryBoolean) else [tuple(row) for row in found]
    except (SyntaxError, ValueError) as error:
        return str(error)


class Staging:
    """The staging graphs of one build on one server; a context manager that clears them.

    Their names begin with ``prefix``; ``working`` has those that are not published. Triples with
    blank nodes go to all graphs in one INSERT DATA of the publishing request, in which a label
    stands for one node throughout (SPARQL 1.1 Update, section 3.1.1).

    Raises:
        StoreError: from every method, where the server does not do its part.
    """

    def __init__(self, endpoint: Endpoint) -> None:
        self.endpoint = endpoint
        self.prefix = f"{STAGING}{secrets.token_hex(8)}:"
        self.working: list[str] = []
        self._old: list[str] = []
        self._sizes: dict[str, int] = {}
        self._staged: dict[str, str] = {}
        self._blank: list[tuple[str, ox.Triple]] = []

    def __enter__(self) -> Staging:
        try:  # a server that cannot be reached is reported before any work is done
            self._old = self.endpoint.graphs(STAGING)
        except StoreError:
            self.endpoint.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        if self._sizes:
            self.endpoint.timeout = min(self.endpoint.timeout, 10.0)
            with contextlib.suppress(StoreError):  # the next build clears what is left
                self.endpoint.drop(self.endpoint.graphs(self.prefix))
        self.endpoint.close()

    def upload(self, name: str, triples: Sequence[ox.Triple]) -> None:
        """Upload triples, each once and without blank nodes, as a graph that is not published."""
        if not self._sizes:
            # one of no graph too: an update service that does not answer is found before any upload
            self.endpoint.drop([*self._old, f"{self.prefix}none"])
        self._sizes[name] = len(triples)
        if triples:  # an empty graph would remain after publishing
            self.endpoint.put(name, triples)

    def stage(self, graph: str, triples: Sequence[ox.Triple]) -> None:
        """Upload a graph that is to be published."""
        blank = {t for t in triples if any(isinstance(node, ox.BlankNode) for node in t)}
        self._staged[graph] = f"{self.prefix}graph:{graph}"
        self.upload(self._staged[graph], [t for t in triples if t not in blank])
        self._blank += [(graph, triple) for triple in sorted(blank, key=str)]

    def check(self) -> None:
        """Check that the staging graphs hold as many triples as they were given."""
        text = "SELECT ?g (COUNT(*) AS ?n) WHERE { GRAPH ?g { ?s ?p ?o } } GROUP BY ?g"
        rows = self.endpoint.select(text, width=2, graphs=sorted(self._sizes))
        found = {str(name): size for name, size in rows}
        sizes = {f"<{name}>": ox.Literal(size) for name, size in self._sizes.items() if size}
        if self._sizes and found != sizes:
            raise StoreError(
                f"{self.endpoint}: the staging graphs are not what was put there; another "
                "build has begun. Wait for it to end, then build again"
            )

    def publish(self) -> None:
        """Replace all that nhskg has published here by the staged graphs, in one request.

        Raises:
            StoreError: the staging graphs are no longer what they were, or the server does not
                confirm; its graphs are then as they were, or as they should be.
        """
        self.check()
        removed = set(self.endpoint.graphs(terms.GRAPH)).union(self.working) - set(self._staged)
        steps = [f"DROP SILENT GRAPH <{each}>" for each in sorted(removed)]
        for graph, name in sorted(self._staged.items()):  # MOVE of a graph without triples may fail
            source = f"MOVE <{name}> TO" if self._sizes[name] else "DROP SILENT GRAPH"
            steps.append(f"{source} <{graph}>")
        if self._blank:
            blocks = [f"GRAPH <{graph}> {{ {triple} }}" for graph, triple in self._blank]
            steps.append("INSERT DATA {\n" + "\n".join(blocks) + "\n}")
        try:
            self.endpoint.update(*steps)
        except StoreError as error:
            raise StoreError(
                f"{error}. The graph was being published; build again, lest only the "
                "confirmation was lost"
            ) from error
        self._sizes.clear()
