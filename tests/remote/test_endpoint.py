"""What an endpoint makes of a server's answers, and of whatever goes wrong on the way."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import pyoxigraph as ox
import pytest

from nhskg.errors import StoreError
from nhskg.graph.address import Address, credentials
from nhskg.graph.endpoint import Endpoint

from .servers import MOST_SECONDS, Connection, Play, Request, Server

TRIPLE = ox.Triple(
    ox.NamedNode("urn:x:s"), ox.NamedNode("urn:x:p"), ox.Literal("é\n", language="fr")
)
LINE = f"{TRIPLE} .\n"
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
    "query": lambda endpoint: list(endpoint.select("SELECT * {}")),
    "update": lambda endpoint: endpoint.update("CLEAR SILENT GRAPH <urn:x:g>"),
    "upload": lambda endpoint: endpoint.put("urn:x:g", [TRIPLE]),
    "download": lambda endpoint: endpoint.get("urn:x:g"),
}
GOOD = {"query": ROWS, "update": "", "upload": "", "download": LINE}
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
        rows = list(endpoint.select("SELECT", graphs=["urn:x:g", "urn:x:h"]))
        endpoint.close()
    seven = ox.Literal("7", datatype=ox.NamedNode("http://www.w3.org/2001/XMLSchema#integer"))
    assert rows[0] == (ox.NamedNode("urn:x:s"), None)
    assert rows[1] == (ox.Literal("é\n", language="fr"), seven)
    assert isinstance(rows[2][0], ox.BlankNode)
    (request,) = server.requests
    assert (request.method, request.path) == ("POST", "/query")
    assert request.headers["accept"] == "application/sparql-results+json"
    fields = {"query": ["SELECT"], "named-graph-uri": ["urn:x:g", "urn:x:h"]}
    assert parse_qs(request.body.decode()) == fields


def test_yes_and_no() -> None:
    with Server(answers(200, YES), answers(200, YES.replace("true", "false"))) as server:
        endpoint = Endpoint(Address(server.url))
        assert endpoint.ask("ASK {}") is True
        assert endpoint.ask("ASK {}") is False
        endpoint.close()


def test_an_update_says_which_graphs_there_are() -> None:
    text = "INSERT DATA { <urn:x:s> <urn:x:p> 'é&=+%' }"
    with Server(answers(204)) as server:
        endpoint = Endpoint(Address(server.url, update="a/statements"))
        endpoint.update(text, graphs=["urn:x:g?a=b&c"])
        endpoint.close()
    (request,) = server.requests
    assert (request.method, request.path) == ("POST", "/a/statements")
    fields = {"update": [text], "using-named-graph-uri": ["urn:x:g?a=b&c"]}
    assert parse_qs(request.body.decode()) == fields


def test_a_graph_is_put_and_got_in_n_triples() -> None:
    with Server(answers(201), answers(200, LINE)) as server:
        endpoint = Endpoint(Address(f"{server.url}/nhs", data="data"))
        endpoint.put("urn:x:g?a=b&c#é", [TRIPLE])
        assert endpoint.get("urn:x:g") == [TRIPLE]
        endpoint.close()
    put, got = server.requests
    assert (put.method, got.method) == ("PUT", "GET")
    assert urlsplit(put.path).path == "/nhs/data"
    assert parse_qs(urlsplit(put.path).query) == {"graph": ["urn:x:g?a=b&c#é"]}
    assert put.body.decode() == LINE
    assert put.headers["content-type"] == got.headers["accept"] == "application/n-triples"


def test_an_empty_graph_is_put_as_nothing() -> None:
    with Server(answers(204)) as server:
        endpoint = Endpoint(Address(server.url))
        endpoint.put("urn:x:g", [])
        endpoint.close()
    assert server.requests[0].body == b""


def test_one_connection_serves_many_requests() -> None:
    with Server(*(answers(200, GOOD[what]) for what in OPERATIONS)) as server:
        endpoint = Endpoint(Address(server.url))
        for operation in OPERATIONS.values():
            operation(endpoint)
        endpoint.close()
    assert server.connections == 1
    assert len(server.requests) == len(OPERATIONS)


@each_operation
def test_an_answer_may_come_in_chunks_or_end_with_the_connection(what: str) -> None:
    raw = GOOD[what].encode()
    chunks = "".join(f"1\r\n{letter}\r\n" for letter in raw.decode("latin-1")).encode("latin-1")
    head = b"HTTP/1.1 200 OK\r\n"
    chunked = head + b"Transfer-Encoding: chunked\r\n\r\n" + chunks + b"0\r\n\r\n"
    with Server(
        says(chunked, more=True),
        says(head + b"Connection: close\r\n\r\n" + raw),
        answers(200, GOOD[what]),
    ) as server:
        endpoint = Endpoint(Address(server.url))
        found = [OPERATIONS[what](endpoint) for _ in range(3)]
        endpoint.close()
    assert str(found[0]) == str(found[1]) == str(found[2])
    assert server.connections == 2


def test_an_address_in_version_6_needs_no_port(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(StoreError, match=r"^http://\[::1\]: query failed: "):
        Endpoint(Address("http://[::1]")).ask("ASK {}")  # nobody listens at port 80 here


# -- faults

FAULTS: dict[str, tuple[Play, str]] = {
    "dropped before the answer": (says(""), "the connection dropped before"),
    "reset before the answer": (resets, "the connection dropped before"),
    "dropped within the status": (says("HTTP/1."), "(dropped before|is not HTTP)"),
    "dropped within the headers": (says("HTTP/1.1 200 OK\r\nContent-Le"), "dropped before|not "),
    "dropped within the body": (
        says('HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{"head": {"vars": []}, "resu'),
        "the connection dropped before the answer was whole",
    ),
    "dropped within a chunk": (
        says("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n40\r\n<urn:x:s> "),
        "the connection dropped before the answer was whole",
    ),
    "dropped after whole lines": (
        says(f"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{LINE}"),
        "the connection dropped before the answer was whole",
    ),
    "not HTTP": (says("SSH-2.0-OpenSSH_9.2\r\n"), "the answer is not HTTP"),
    "bad size of a chunk": (
        says("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"),
        "the connection dropped before the answer was whole",
    ),
    "400": (answers(400, "parse error\nat line 1\n"), r"HTTP 400 parse error$"),
    "401": (answers(401), "HTTP 401, credentials refused; set NHSKG_STORE_USER and"),
    "403": (answers(403), "HTTP 403, credentials refused; set NHSKG_STORE_USER and"),
    "404": (answers(404), "HTTP 404 Not Found$"),
    "500": (answers(500, "\x1b[31mred\x07\r\nmore"), r"HTTP 500 \[31mred$"),
    "503": (answers(503, "<html><body>A page</body></html>"), "HTTP 503 Service Unavailable$"),
    "long": (answers(500, "a" * 5000), "HTTP 500 a{100,}…$"),
    "not UTF-8": (says("HTTP/1.1 500 Odd\r\nContent-Length: 2\r\n\r\n\xff\xfe"), "HTTP 500 "),
    "redirect": (answers(301, "", Location="http://127.0.0.1:1/"), "HTTP 301, a redirect; give"),
    "redirect of a request": (answers(307, "", Location="/other"), "HTTP 307, a redirect; give"),
}


@each_operation
@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_one_clear_line(what: str, fault: str) -> None:
    play, message = FAULTS[fault]
    with Server(play) as server:
        assert re.search(message, fails(what, server, timeout=20.0))
    assert len(server.requests) == 1


@each_operation
def test_an_open_port_that_never_answers(what: str) -> None:
    with Server(never) as server:
        started = time.monotonic()
        assert fails(what, server, timeout=0.2) == "no answer within 0.2 seconds"
        assert time.monotonic() - started < MOST_SECONDS


@each_operation
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
def test_a_trickle_does_not_outlast_the_time_limit(what: str, before: str) -> None:
    """Letters that keep coming do not put the end off."""
    with Server(trickles(before)) as server:
        started = time.monotonic()
        assert fails(what, server, timeout=0.2) == "no answer within 0.2 seconds"
        assert time.monotonic() - started < MOST_SECONDS


def test_a_server_that_does_not_read_does_not_outlast_the_time_limit() -> None:
    big = [ox.Triple(TRIPLE.subject, TRIPLE.predicate, ox.Literal("a" * 20_000_000))]
    with Server(never, reads_bodies=False) as server:
        endpoint = Endpoint(Address(server.url), timeout=0.3)
        started = time.monotonic()
        with pytest.raises(StoreError, match=r"upload failed: no answer within 0\.3 sec"):
            endpoint.put("urn:x:g", big)
        assert time.monotonic() - started < MOST_SECONDS


def test_a_refusal_before_all_was_sent_is_told() -> None:
    """A server may say that it is too much, and hang up."""
    big = [ox.Triple(TRIPLE.subject, TRIPLE.predicate, ox.Literal("a" * 20_000_000))]

    def refuse(connection: Connection, _: Request) -> bool:
        connection.answer(413, "too much")
        return False

    message = r"upload failed: (HTTP 413 too much|.*dropped)"
    with Server(refuse, reads_bodies=False) as server, pytest.raises(StoreError, match=message):
        Endpoint(Address(server.url)).put("urn:x:g", big)


@each_operation
def test_nobody_listens(what: str) -> None:
    server = Server(never)
    with server:
        pass
    assert fails(what, server) == "nothing listens there; is the server running?"


def test_a_name_that_nobody_has() -> None:
    with pytest.raises(StoreError, match=r"^http://nobody\.invalid: query failed: [^\n]+$"):
        Endpoint(Address("http://nobody.invalid")).ask("ASK {}")


@each_operation
def test_a_server_that_speaks_no_tls(what: str) -> None:
    with Server(says("HTTP/1.1 400 Bad Request\r\n\r\n")) as server:
        endpoint = Endpoint(Address(server.url.replace("http:", "https:")), "Bearer s3cret-token")
        with pytest.raises(StoreError, match=rf"^https://[^\n]*: {what} failed: [^\n]+$"):
            OPERATIONS[what](endpoint)
    assert server.requests == []


@pytest.mark.parametrize(
    "body",
    [
        "<html><body>Log in</body></html>",
        "",
        ROWS[:-20],
        ROWS[:40],
        YES,
        '{"head": {"vars": ["x"]}, "results": {"bindings": [{"x": {"type": "odd"}}]}}',
        '{"head": {"vars": ["x"]}, "results": {"bindings": [{"x": {"type":"uri","value":"<>"}}]}}',
        "[1, 2]",
        "\x00\x01",
    ],
    ids=["html", "nothing", "cut", "cut-early", "ask", "odd-kind", "odd-iri", "list", "binary"],
)
def test_what_are_no_rows(body: str) -> None:
    with Server(answers(200, body)) as server:
        assert re.search("answer|came back", fails("query", server))


def test_rows_are_no_yes_or_no_and_other_columns_are_none() -> None:
    with Server(answers(200, ROWS)) as server:
        endpoint = Endpoint(Address(server.url))
        with pytest.raises(StoreError, match="rows came back where yes or no"):
            endpoint.ask("ASK {}")
        with pytest.raises(StoreError, match="2 columns came back, not 1"):
            list(endpoint.select("SELECT ?x {}", width=1))
        with pytest.raises(StoreError, match="2 columns came back, not 1"):
            endpoint.graphs("urn:")
        with pytest.raises(StoreError, match="where a count was asked for"):
            endpoint.number(ox.Literal("many"))
        with pytest.raises(StoreError, match="where a count was asked for"):
            endpoint.number(None)
        endpoint.close()


@pytest.mark.parametrize("body", ["<html>", "<urn:x:s> <urn:x:p> .\n", LINE + "<urn:x:s> <ur"])
def test_what_are_no_triples(body: str) -> None:
    with Server(answers(200, body)) as server:
        assert "the answer is not N-Triples" in fails("download", server)


# -- connections that a server closes


@each_operation
def test_a_connection_closed_between_two_requests_is_opened_again(what: str) -> None:
    def closing(connection: Connection, _: Request) -> bool:
        connection.answer(200, GOOD[what])
        return False

    with Server(closing) as server:
        endpoint = Endpoint(Address(server.url))
        OPERATIONS[what](endpoint)
        _wait_until_closed(endpoint)
        OPERATIONS[what](endpoint)
        endpoint.close()
    assert server.connections == len(server.requests) == 2


@pytest.mark.parametrize("breaks", [says(""), resets], ids=["closed", "reset"])
@each_operation
def test_what_was_maybe_done_is_not_sent_again(what: str, breaks: Play) -> None:
    """A server may have taken a request and close then; only an update must not come twice."""
    with Server(answers(200, GOOD[what]), breaks, answers(200, GOOD[what])) as server:
        endpoint = Endpoint(Address(server.url))
        OPERATIONS[what](endpoint)
        if what == "update":
            with pytest.raises(StoreError, match="the connection dropped before"):
                OPERATIONS[what](endpoint)
        else:
            OPERATIONS[what](endpoint)
        endpoint.close()
    assert len(server.requests) == (2 if what == "update" else 3)


@each_operation
def test_after_a_fault_the_next_request_has_a_connection_of_its_own(what: str) -> None:
    with Server(answers(500, "x" * 100_000), answers(200, GOOD[what])) as server:
        endpoint = Endpoint(Address(server.url))
        with pytest.raises(StoreError):
            OPERATIONS[what](endpoint)
        OPERATIONS[what](endpoint)
        endpoint.close()
    assert server.connections == 2


def _wait_until_closed(endpoint: Endpoint) -> None:
    assert endpoint._line is not None
    end = time.monotonic() + MOST_SECONDS
    while not endpoint._line.is_closed():
        assert time.monotonic() < end
        time.sleep(0.005)


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


@each_operation
def test_a_server_that_allows_no_change_says_so_itself(what: str) -> None:
    message = "HTTP 403, not allowed, .*; it says: The server is read-only$"
    play = answers(403, "The server is read-only\nand more")
    with Server(play) as server, pytest.raises(StoreError, match=message):
        OPERATIONS[what](Endpoint(Address(server.url)))


@each_operation
def test_missing_credentials_are_asked_for(what: str) -> None:
    message = "HTTP 401, credentials are needed; set NHSKG_STORE_"
    play = answers(401, "", WWW_Authenticate="Basic realm=x")
    with Server(play) as server, pytest.raises(StoreError, match=message):
        OPERATIONS[what](Endpoint(Address(server.url)))


@each_operation
@pytest.mark.parametrize(
    "secret", ["Basic c2VwdGltdXM6czNjcmV0", "Bearer s3cret", f"Bearer {'s3cret' * 2000}"]
)
def test_a_server_that_repeats_the_credentials_is_not_repeated(what: str, secret: str) -> None:
    """A server may tell the header, or the password in it."""

    def repeat(connection: Connection, request: Request) -> None:
        connection.answer(500, f"no s3cret for {request.headers['authorization']} or s3cret")

    with Server(repeat) as server, pytest.raises(StoreError) as caught:
        OPERATIONS[what](Endpoint(Address(server.url), secret))
    assert "HTTP 500" in str(caught.value)
    assert "s3cret" not in str(caught.value) or len(secret) > 1000
    assert secret[7:] not in str(caught.value)
    assert "s3crets3" not in str(caught.value)
    assert "c2VwdGlt" not in str(caught.value)
