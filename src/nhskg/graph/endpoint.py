"""A client of the SPARQL 1.1 Protocol and the SPARQL 1.1 Graph Store HTTP Protocol.

Everything that nhskg says to a server goes through here: one connection that is kept open,
credentials from the environment, a time limit for each request, and one clear line for whatever
goes wrong. Redirects are not followed, so that credentials go nowhere but to the address given.
"""

from __future__ import annotations

import base64
import http.client
import re
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Final
from urllib.parse import quote, urlencode

import pyoxigraph as ox

from nhskg.errors import StoreError, UsageError
from nhskg.graph.address import CREDENTIALS, Address
from nhskg.graph.connection import Answer, Line, connect

__all__ = ["MOST_SECONDS", "TIMEOUT", "Endpoint"]

TIMEOUT: Final = 600.0
"""Seconds that a server has to answer one request, if nothing else is said."""
MOST_SECONDS: Final = 86_400.0
"""The longest time to wait for one answer."""

_IDLE: Final = 2.0
_MOST_TOLD: Final = 200
_FORM: Final = "application/x-www-form-urlencoded"
_ROWS: Final = "application/sparql-results+json"
_TRIPLES: Final = "application/n-triples"

Term = ox.NamedNode | ox.BlankNode | ox.Literal


@dataclass(frozen=True, slots=True)
class _Rows:
    """The rows of an answer, and the number of their columns."""

    width: int
    rows: list[tuple[Term | None, ...]]


@dataclass
class Endpoint:
    """A SPARQL server.

    Attributes:
        address: where it is.
        authorization: value of the Authorization header; never shown.
        timeout: seconds that the server has for each answer.

    Raises:
        UsageError: the time is not a number of seconds up to a day.
        StoreError: from every method, where the server cannot be reached, does not answer in
            time, refuses, or answers with what is not an answer.
    """

    address: Address
    authorization: str | None = field(default=None, repr=False)
    timeout: float = TIMEOUT
    _line: Line | None = field(default=None, init=False, repr=False)
    _used: float = field(default=0.0, init=False, repr=False)

    def __post_init__(self) -> None:
        if not 0 < self.timeout <= MOST_SECONDS:  # which is not so of NaN
            raise UsageError(f"a time limit is above 0 and up to {MOST_SECONDS:g} seconds")

    def __str__(self) -> str:
        return self.address.url

    # -- the services

    def ask(self, text: str, *, graphs: Sequence[str] = ()) -> bool:
        """Ask an ASK query.

        Args:
            text: the query.
            graphs: the named graphs that it may see; where none is given, all of them.
        """
        answer = self._results(text, graphs)
        if not isinstance(answer, bool):
            raise self.unfit("rows came back where yes or no was asked for")
        return answer

    def select(
        self, text: str, *, graphs: Sequence[str] = (), width: int | None = None
    ) -> Iterator[tuple[Term | None, ...]]:
        """Yield the rows of a SELECT query.

        Args:
            text: the query.
            graphs: as with :meth:`ask`.
            width: the number of columns asked for, where another would do harm.
        """
        answer = self._results(text, graphs)
        if isinstance(answer, bool):
            raise self.unfit("yes or no came back where rows were asked for")
        if width is not None and answer.width != width:
            raise self.unfit(f"{answer.width} columns came back, not {width}")
        yield from answer.rows

    def number(self, term: Term | None) -> int:
        """Return the value of a term of an answer that is to be a count."""
        if isinstance(term, ox.Literal) and re.fullmatch(r"[0-9]{1,18}", term.value):
            return int(term.value)
        raise self.unfit(f"{term} came back where a count was asked for")

    def unfit(self, reason: str) -> StoreError:
        """Return the error for an answer that is none to the query."""
        return self._error("query", reason)

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
        rows = self.select(text, width=1)
        return sorted({name.value for (name,) in rows if isinstance(name, ox.NamedNode)})

    def close(self) -> None:
        """Close the connection; the next request opens another."""
        if self._line is not None:
            self._line.close()
            self._line = None

    # -- what they share

    def _results(self, text: str, graphs: Sequence[str]) -> _Rows | bool:
        fields = [("query", text), *(("named-graph-uri", each) for each in graphs)]
        headers = {"Content-Type": _FORM, "Accept": _ROWS}
        path = self.address.path(self.address.query)
        body = self._send("query", "POST", path, urlencode(fields).encode(), headers, again=True)
        answer = _read_results(body)
        if isinstance(answer, str):
            raise self.unfit(f"the answer is not SPARQL results ({answer})")
        return answer

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
        line, is_fresh = self._open()
        try:
            try:
                answer = line.exchange(method, path, body, headers, self.timeout)
            except ConnectionError:
                if is_fresh or not again:
                    raise
                self.close()
                line, _ = self._open()
                answer = line.exchange(method, path, body, headers, self.timeout)
        except (OSError, http.client.HTTPException) as error:
            self.close()
            reason = _reason(error, self.timeout)
            if line.proxy is not None:
                reason = f"{reason} (through the proxy {line.proxy})"
            raise self._error(what, reason) from error
        self._used = time.monotonic()
        if not HTTPStatus.OK <= answer.status < HTTPStatus.MULTIPLE_CHOICES:
            self.close()
            raise self._refusal(what, answer)
        return answer.body

    def _open(self) -> tuple[Line, bool]:
        """Return the connection, and whether it is a new one."""
        if self._line is not None:
            idle = time.monotonic() - self._used
            if idle > _IDLE or self._line.is_closed():
                self.close()
        if self._line is not None:
            return self._line, False
        self._line = connect(self.address)
        return self._line, True

    def _refusal(self, what: str, answer: Answer) -> StoreError:
        status = answer.status
        text = self._masked(answer.body.decode("utf-8", "replace")).strip().partition("\n")[0]
        if text.startswith("<"):  # a page for people, whose first line says nothing
            text = ""
        if status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
            said = "credentials refused" if self.authorization else "credentials are needed"
            if status == HTTPStatus.FORBIDDEN and not self.authorization:
                said = "not allowed, perhaps without credentials"
            says = f"; it says: {text}" if text else ""
            return self._error(what, f"HTTP {status}, {said}; set {CREDENTIALS}{says}")
        if HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.BAD_REQUEST:
            return self._error(what, f"HTTP {status}, a redirect; give the address it leads to")
        return self._error(what, f"HTTP {status} {text or answer.reason}")

    def _error(self, what: str, reason: str) -> StoreError:
        shown = "".join(c if c.isprintable() else " " for c in self._masked(reason))
        shown = " ".join(shown.split())
        if len(shown) > _MOST_TOLD:
            shown = shown[: _MOST_TOLD - 1] + "…"
        return StoreError(f"{self.address.url}: {what} failed: {shown}")

    def _masked(self, text: str) -> str:
        """Return a text without the credentials, which a server may repeat."""
        if self.authorization is None:
            return text
        kind, _, value = self.authorization.partition(" ")
        secrets = [value]
        if kind == "Basic":
            secrets.append(base64.b64decode(value).decode().partition(":")[2])
        for secret in filter(None, secrets):
            text = text.replace(secret, "…")
        return text


def _read_results(body: bytes) -> _Rows | bool | str:
    """Return the rows of an answer in JSON, yes or no, or why it is neither.

    No error is raised from here: it would keep hold of objects of the parser, which are bound to
    their thread.
    """
    try:
        found = ox.parse_query_results(body, ox.QueryResultsFormat.JSON)
        if isinstance(found, ox.QueryBoolean):
            return bool(found)
        return _Rows(len(found.variables), [tuple(row) for row in found])
    except (SyntaxError, ValueError) as error:
        return str(error)


def _reason(error: Exception, timeout: float) -> str:
    if isinstance(error, TimeoutError):
        return f"no answer within {timeout:g} seconds"
    if isinstance(error, ConnectionRefusedError):
        return "nothing listens there; is the server running?"
    if isinstance(error, ConnectionError | http.client.IncompleteRead):
        return "the connection dropped before the answer was whole"
    if isinstance(error, http.client.HTTPException):
        return f"the answer is not HTTP ({type(error).__name__})"
    return getattr(error, "strerror", None) or str(error) or type(error).__name__
