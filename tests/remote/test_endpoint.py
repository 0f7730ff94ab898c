"""What an endpoint makes of a server's answers, and of whatever goes wrong on the way."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import pyoxigraph as ox
import pytest

from nhskg.rdf import endpoint as module
from nhskg.rdf.address import Address, credentials
from nhskg.rdf.endpoint import Endpoint
from nhskg.rdf.errors import StoreError

from .servers import Connection, Play, Request, Server

TRIPLE = ox.Triple(
    ox.NamedNode("urn:x:s"), ox.NamedNode("urn:x:p"), ox.Literal("é\n", language="fr")
)
LINE = f"{TRIPLE} .\n"
BIG = [ox.Triple(TRIPLE.subject, TRIPLE.predicate, ox.Literal("a" * 20_000_000))]
ROWS = json.dumps(
    {
        "head": {"vars": ["x", "n"]},
        "results": {
            "bindings": [
                {"x": {"type": "uri", "value": "urn:x:s"}},
                {
                    "x": {"type": "literal", "value": "é\n", "xml:lang": "fr"},
                    "n": {
                        "type": "literal",
                        "value": "7",
                        "datatype": "http://www.w3.org/2001/XMLSchema#integer",
                    },
                },
                {"x": {"type": "bnode", "value": "b"}},
            ]
        },
    }
)
YES = json.dumps({"head": {}, "boolean": True})

Operation = Callable[[Endpoint], object]
OPERATIONS: dict[str, Operation] = {
    "query": lambda endpoint: endpoint.select("SELECT * {}"),
    "update": lambda endpoint: endpoint.update("CLEAR SILENT GRAPH <urn:x:g>"),
    "upload": lambda endpoint: endpoint.put("urn:x:g", [TRIPLE]),
}
GOOD = {"query": ROWS, "update": "", "upload": ""}
each_operation = pytest.mark.parametrize("what", sorted(OPERATIONS))


def answers(status: int, body: str = "", **headers: str) -> Play:
    return lambda connection, _: connection.answer(status, body, **headers)


def says(text: str | bytes, *, more: bool = False) -> Play:
    """Send a text as it is; close the connection then, unless there is ``more``."""

    def play(connection: Connection, _: Request) -> bool:
        connection.send(text)
        return more

    return play


def resets(connection: Connection, _: Request) -> bool:
    connection.reset()
    return False


def never(connection: Connection, _: Request) -> bool:
    connection.stopped.wait(30)
    return False


def trickles(before: str) -> Play:
    """Send a letter now and then, without end."""

    def play(connection: Connection, _: Request) -> bool:
        connection.send(before)
        while not connection.stopped.wait(0.02):
            connection.send("1")
        return False

    return play


def fails(what: str, server: Server, **options: float) -> str:
    """Do it, and return the message of the error."""
    endpoint = Endpoint(Address(server.url), "Bearer s3cret-token", **options)
    with pytest.raises(StoreError) as caught:
        OPERATIONS[what](endpoint)
    endpoint.close()
    message = str(caught.value)
    assert message.startswith(f"{server.url}: {what} failed: ")
    assert "\n" not in message
    assert "s3cret-token" not in message
    assert len(message) < 300
    return message.removeprefix(f"{server.url}: {what} failed: ")


# -- what goes well


def test_rows_come_with_their_kinds_and_gaps() -> None:
    with Server(answers(200, ROWS)) as server:
        endpoint = Endpoint(Address(server.url))
        rows = endpoint.select("SELECT", width=2, graphs=["urn:x:g", "urn:x:h"])
        endpoint.close()
    seven = ox.Literal("7", datatype=ox.NamedNode("http://www.w3.org/2001/XMLSchema#integer"))
    assert rows[0] == (ox.NamedNode("urn:x:s"), None)
    assert rows[1] == (ox.Literal("é\n", language="fr"), seven)
    assert isinstance(rows[2][0], ox.BlankNode)
    (request,) = server.requests
    assert (request.method, request.path) == ("POST", "/query")
    assert request.headers["accept"].startswith("application/sparql-results+json")
    fields = {"query": ["SELECT"], "named-graph-uri": ["urn:x:g", "urn:x:h"]}
    assert parse_qs(request.body.decode()) == fields


def test_an_update_is_sent_as_a_form() -> None:
    text = "INSERT DATA { <urn:x:s> <urn:x:p> 'é&=+%' }"
    with Server(answers(204)) as server:
        endpoint = Endpoint(Address(server.url, update="a/statements"))
        endpoint.update(text)
        endpoint.close()
    (request,) = server.requests
    assert (request.method, request.path) == ("POST", "/a/statements")
    assert parse_qs(request.body.decode()) == {"update": [text]}


def test_a_graph_is_put_in_n_triples_in_parts_if_it_is_large(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "MOST_TRIPLES", 2)
    with Server(answers(201), answers(204)) as server:
        endpoint = Endpoint(Address(f"{server.url}/nhs", data="data"))
        endpoint.put("urn:x:g?a=b&c#é", [TRIPLE] * 5)
        endpoint.close()
    assert [request.method for request in server.requests] == ["PUT", "POST", "POST"]
    assert [request.body.decode() for request in server.requests] == [LINE * 2, LINE * 2, LINE]
    for request in server.requests:
        assert urlsplit(request.path).path == "/nhs/data"
        assert parse_qs(urlsplit(request.path).query) == {"graph": ["urn:x:g?a=b&c#é"]}
        assert request.headers["content-type"] == "application/n-triples"


def test_one_connection_serves_many_requests_and_another_is_opened_when_it_is_closed() -> None:
    def closing(connection: Connection, _: Request) -> bool:
        connection.answer(200, ROWS, Connection="close")
        return False

    with Server(answers(200, ROWS), answers(204), closing, answers(200, ROWS)) as server:
        endpoint = Endpoint(Address(server.url))
        for what in ("query", "update", "query", "query"):
            OPERATIONS[what](endpoint)
        endpoint.close()
    assert server.connections == 2
    assert len(server.requests) == 4


def test_an_answer_may_come_in_chunks_or_end_with_the_connection() -> None:
    raw = ROWS.encode()
    chunks = b"".join(b"1\r\n%c\r\n" % letter for letter in raw)
    head = b"HTTP/1.1 200 OK\r\n"
    chunked = head + b"Transfer-Encoding: chunked\r\n\r\n" + chunks + b"0\r\n\r\n"
    closed = head + b"Connection: close\r\n\r\n" + raw
    with Server(says(chunked, more=True), says(closed), answers(200, ROWS)) as server:
        endpoint = Endpoint(Address(server.url))
        found = [OPERATIONS["query"](endpoint) for _ in range(3)]
        endpoint.close()
    assert str(found[0]) == str(found[1]) == str(found[2])
    assert server.connections == 2


# -- faults

FAULTS: dict[str, tuple[Play, str]] = {
    "dropped before the answer": (says(""), "the connection dropped before the answer was whole$"),
    "reset before the answer": (resets, "the connection dropped before the answer was whole$"),
    "dropped within the status": (says("HTTP/1."), "the answer is not HTTP$"),
    "dropped within the body": (
        says(f"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{LINE}"),
        "the connection dropped before the answer was whole$",
    ),
    "dropped within a chunk": (
        says("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n40\r\n<urn:x:s> "),
        "the connection dropped before the answer was whole$",
    ),
    "bad size of a chunk": (
        says("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"),
        "the connection dropped before the answer was whole$",
    ),
    "not HTTP": (says("SSH-2.0-OpenSSH_9.2\r\n"), "the answer is not HTTP$"),
    "400": (answers(400, "parse error\nat line 1\n"), r"HTTP 400 parse error$"),
    "401": (answers(401), "HTTP 401, credentials refused; check NHSKG_STORE_USER and"),
    "403": (answers(403, "read-only"), "HTTP 403, credentials refused.* it says: read-only$"),
    "404": (answers(404), "HTTP 404 Not Found$"),
    "500": (answers(500, "\x1b[31mred\x07\r\nmore"), r"HTTP 500 \\x1b\[31mred\\x07$"),
    "503": (answers(503, "<html><body>A page</body></html>"), "HTTP 503 Service Unavailable$"),
    "long": (answers(500, "a" * 5000), "HTTP 500 a{100,}…$"),
    "not UTF-8": (says("HTTP/1.1 500 Odd\r\nContent-Length: 2\r\n\r\n\xff\xfe"), "HTTP 500 "),
    "redirect": (answers(301, "", Location="http://127.0.0.1:1/"), "HTTP 301, a redirect; give"),
    "redirect of a request": (answers(307, "", Location="/other"), "HTTP 307, a redirect; give"),
}


@each_operation
@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_one_clear_line_and_nothing_is_sent_twice(what: str, fault: str) -> None:
    play, message = FAULTS[fault]
    with Server(play) as server:
        assert re.search(message, fails(what, server, timeout=20.0))
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    "before",
    [
        "",
        "HTTP/1.1 200 OK\r\nX-Slow: ",
        "HTTP/1.1 200 OK\r\nContent-Length: 999999\r\n\r\n",
        "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffff\r\n",
    ],
    ids=["status", "headers", "body", "until-close", "chunk"],
)
def test_letters_that_keep_coming_do_not_put_the_end_off(before: str) -> None:
    with Server(trickles(before)) as server:
        assert fails("query", server, timeout=0.2) == "no answer within 0.2 seconds"


@each_operation
def test_an_open_port_that_never_answers(what: str) -> None:
    with Server(never) as server:
        assert fails(what, server, timeout=0.2) == "no answer within 0.2 seconds"


def test_a_server_that_does_not_read() -> None:
    with Server(never, reads_bodies=False) as server:
        endpoint = Endpoint(Address(server.url), timeout=0.3)
        with pytest.raises(StoreError, match=r"upload failed: no answer within 0\.3 sec"):
            endpoint.put("urn:x:g", BIG)


def test_a_refusal_before_all_was_sent_is_told() -> None:
    """A server may say that it is too much, and hang up."""

    def refuse(connection: Connection, _: Request) -> bool:
        connection.answer(413, "too much")
        return False

    message = r"upload failed: (HTTP 413 too much|.*dropped)"
    with Server(refuse, reads_bodies=False) as server, pytest.raises(StoreError, match=message):
        Endpoint(Address(server.url)).put("urn:x:g", BIG)


@pytest.mark.parametrize("status", [200, 500])
def test_an_answer_without_end_is_read_to_a_bound(
    monkeypatch: pytest.MonkeyPatch, status: int
) -> None:
    def floods(connection: Connection, _: Request) -> bool:
        connection.send(f"HTTP/1.1 {status} Odd\r\nConnection: close\r\n\r\n")
        while not connection.stopped.is_set():
            connection.send(b"x" * 100_000)
        return False

    monkeypatch.setattr(module, "MOST_BYTES", 1_000_000)
    with Server(floods) as server:
        assert fails("query", server) == "the answer is longer than 1000000 bytes"


@each_operation
def test_nobody_listens(what: str) -> None:
    server = Server(never)
    with server:
        pass
    assert fails(what, server) == "nothing listens there; is the server running?"


@pytest.mark.parametrize("url", ["http://nobody.invalid", "http://[::1]:1", "http://a..b"])
def test_a_server_that_is_nowhere(url: str) -> None:
    with pytest.raises(StoreError) as caught:
        Endpoint(Address(url)).select("SELECT * {}")
    assert re.fullmatch(rf"{re.escape(url)}: query failed: [^\n]+", str(caught.value))


def test_a_server_that_speaks_no_tls() -> None:
    with Server(says("HTTP/1.1 400 Bad Request\r\n\r\n")) as server:
        endpoint = Endpoint(Address(server.url.replace("http:", "https:")), "Bearer s3cret-token")
        with pytest.raises(StoreError, match=r"^https://[^\n]*: query failed: [^\n]+$"):
            endpoint.select("SELECT * {}")
    assert server.requests == []


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("text/html", "<html><body>Log in</body></html>"),
        ("application/n-triples", LINE),
        ("application/json", ""),
        ("application/sparql-results+json", ROWS[:-20]),
        ("application/sparql-results+json", ROWS[:40]),
        ("application/sparql-results+json", YES),
        (
            "application/sparql-results+json",
            '{"head":{"vars":["x"]},"results":{"bindings":[{"x":{"type":"uri","value":"<>"}}]}}',
        ),
        ("application/json", "[1, 2]"),
        ("application/octet-stream", "\x00\x01"),
    ],
)
def test_what_are_no_rows_is_told_with_its_content_type(kind: str, body: str) -> None:
    with Server(answers(200, body, Content_Type=kind)) as server:
        assert fails("query", server).startswith(f"the answer is not SPARQL results ({kind}: ")


def test_other_columns_than_asked_for_are_refused() -> None:
    with Server(answers(200, ROWS)) as server, pytest.raises(StoreError, match="2 columns came"):
        Endpoint(Address(server.url)).graphs("urn:")


def test_after_a_failure_nothing_more_is_asked() -> None:
    """Each further request might take all of the time that the server has."""
    with Server(answers(500, "first"), answers(200, ROWS)) as server:
        endpoint = Endpoint(Address(server.url))
        for what in ("update", "query", "upload"):
            with pytest.raises(StoreError, match="update failed: HTTP 500 first"):
                OPERATIONS[what](endpoint)
        assert len(server.requests) == 1
        endpoint.failure = None
        OPERATIONS["query"](endpoint)
        endpoint.close()


# -- credentials


@each_operation
@pytest.mark.parametrize(
    ("environment", "header"),
    [
        ({}, None),
        ({"USER": "Aladdin", "PASSWORD": "open sesame"}, "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="),
        ({"TOKEN": "mF_9.B5f-4.1JqM"}, "Bearer mF_9.B5f-4.1JqM"),
    ],
    ids=["none", "basic", "bearer"],
)
def test_every_request_says_who_asks(
    what: str, environment: dict[str, str], header: str | None
) -> None:
    given = {f"NHSKG_STORE_{name}": value for name, value in environment.items()}
    with Server(answers(200, GOOD[what])) as server:
        endpoint = Endpoint(Address(server.url), credentials(given))
        OPERATIONS[what](endpoint)
        OPERATIONS[what](endpoint)
        endpoint.close()
    assert [request.headers.get("authorization") for request in server.requests] == [header] * 2


@each_operation
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_credentials_go_to_no_other_host(what: str, status: int) -> None:
    with Server(answers(200, GOOD[what])) as other:
        with Server(answers(status, "", Location=f"{other.url}/query")) as server:
            fails(what, server)
        assert other.connections == 0
    assert server.requests[0].headers["authorization"] == "Bearer s3cret-token"


@pytest.mark.parametrize("status", [401, 403])
def test_missing_credentials_are_asked_for(status: int) -> None:
    message = f"HTTP {status}, set NHSKG_STORE_USER .*; it says: The server is read-only$"
    play = answers(status, "The server is read-only\nand more", WWW_Authenticate="Basic realm=x")
    with Server(play) as server, pytest.raises(StoreError, match=message):
        Endpoint(Address(server.url)).update("DROP ALL")


@pytest.mark.parametrize(
    "secret", ["Basic c2VwdGltdXM6czNjcmV0", "Bearer s3cret", f"Bearer {'s3cret' * 2000}"]
)
def test_a_server_that_repeats_the_credentials_is_not_repeated(secret: str) -> None:
    """A server may tell the header, or the password in it."""

    def repeat(connection: Connection, request: Request) -> None:
        connection.answer(500, f"no s3cret for {request.headers['authorization']} or s3cret")

    with Server(repeat) as server, pytest.raises(StoreError) as caught:
        Endpoint(Address(server.url), secret).update("DROP ALL")
    assert "HTTP 500" in str(caught.value)
    assert "s3cret" not in str(caught.value) or len(secret) > 1000
    assert secret[7:] not in str(caught.value)
    assert "s3crets3" not in str(caught.value)
    assert "c2VwdGlt" not in str(caught.value)
