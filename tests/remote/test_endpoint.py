"""The client of a SPARQL server: addresses, credentials, proxies, answers and faults."""

from __future__ import annotations

import gzip
import re
import shutil
import socket
import ssl
import struct
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pyoxigraph as ox
import pytest

from nhskg.rdf import endpoint as module
from nhskg.rdf.endpoint import Address, Endpoint, credentials
from nhskg.rdf.errors import StoreError, UsageError

from .servers import Connection, Play, Request, Server

TRIPLE = ox.Triple(
    ox.NamedNode("urn:x:s"), ox.NamedNode("urn:x:p"), ox.Literal("é\n", language="fr")
)
LINE = f"{TRIPLE} .\n"
ROWS = """{"head": {"vars": ["x", "n"]}, "results": {"bindings": [
  {"x": {"type": "uri", "value": "urn:x:s"}},
  {"x": {"type": "literal", "value": "é\\n", "xml:lang": "fr"},
   "n": {"type": "literal", "value": "7",
         "datatype": "http://www.w3.org/2001/XMLSchema#integer"}},
  {"x": {"type": "bnode", "value": "b"}}
]}}"""
DEEP = '{"type": "triple", "value": {"object": ' * 100_000 + "{}" + "}}" * 100_000
"""Of which the parser ends the process."""
OK = "HTTP/1.1 200 OK\r\n"
CHUNKED = f"{OK}Transfer-Encoding: chunked\r\n\r\n"
FAR = "http://graph.invalid:7878/nhs"

Operation = Callable[[Endpoint], object]
OPERATIONS: dict[str, Operation] = {
    "query": lambda endpoint: endpoint.select("SELECT * {}"),
    "update": lambda endpoint: endpoint.update("CLEAR SILENT GRAPH <urn:x:g>"),
    "upload": lambda endpoint: endpoint.put("urn:x:g", [TRIPLE]),
}


def answers(status: int, body: str = "", **headers: str) -> Play:
    return lambda connection, _: connection.answer(status, body, **headers)


def says(text: str | bytes, *, more: bool = False) -> Play:
    """Send a text as it is; close the connection then, unless there is ``more``."""

    def play(connection: Connection, _: Request) -> bool:
        connection.send(text)
        return more

    return play


def resets(connection: Connection, _: Request) -> bool:
    linger = struct.pack("ii", 1, 0)  # the client gets an error, not an end
    connection.request.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
    return False


def keeps_sending(before: str, piece: str, pause: float) -> Play:
    """Send a piece now and then, without end."""

    def play(connection: Connection, _: Request) -> bool:
        connection.send(before)
        while not connection.server.stopped.wait(pause):
            connection.send(piece)
        return False

    return play


@contextmanager
def client(
    *plays: Play, below: str = "", secret: str | None = None, **services: str
) -> Iterator[tuple[Server, Endpoint]]:
    with (
        Server(*plays) as server,
        closing(Endpoint(Address(server.url + below, **services), secret)) as endpoint,
    ):
        yield server, endpoint


def fails(
    what: str, url: str, *, timeout: float = 20.0, secret: str | None = "Bearer s3cret-token"
) -> str:
    """Do it, and return the reason that the error gives, in one line without the credentials."""
    with (
        closing(Endpoint(Address(url), secret, timeout)) as endpoint,
        pytest.raises(StoreError) as caught,
    ):
        OPERATIONS[what](endpoint)
    message = str(caught.value)
    assert message.startswith(f"{url}: {what} failed: ")
    assert "\n" not in message
    assert "s3cret-token" not in message + repr(endpoint)
    assert len(message) < 300
    return message.removeprefix(f"{url}: {what} failed: ")


def test_rows_come_with_their_kinds_and_gaps() -> None:
    with client(answers(200, ROWS)) as (server, endpoint):
        rows = endpoint.select("SELECT", width=2, graphs=["urn:x:g", "urn:x:h"])
        with pytest.raises(StoreError, match="2 columns came"):
            endpoint.graphs("urn:")
    seven = ox.Literal("7", datatype=ox.NamedNode("http://www.w3.org/2001/XMLSchema#integer"))
    assert rows[0] == (ox.NamedNode("urn:x:s"), None)
    assert rows[1] == (ox.Literal("é\n", language="fr"), seven)
    assert isinstance(rows[2][0], ox.BlankNode)
    request = server.requests[0]
    assert (request.method, request.path) == ("POST", "/query")
    assert request.headers["accept"].startswith("application/sparql-results+json")
    fields = {"query": ["SELECT"], "named-graph-uri": ["urn:x:g", "urn:x:h"]}
    assert parse_qs(request.body.decode()) == fields


def test_a_graph_is_put_in_n_triples_in_parts_if_it_is_large(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "MOST_TRIPLES", 2)
    with client(answers(201), answers(204), below="/nhs", data="data") as (server, endpoint):
        endpoint.put("urn:x:g?a=b&c#é", [TRIPLE] * 5)
    assert [request.method for request in server.requests] == ["PUT", "POST", "POST"]
    assert [request.body.decode() for request in server.requests] == [LINE * 2, LINE * 2, LINE]
    for request in server.requests:
        assert urlsplit(request.path).path == "/nhs/data"
        assert parse_qs(urlsplit(request.path).query) == {"graph": ["urn:x:g?a=b&c#é"]}
        assert request.headers["content-type"] == "application/n-triples"


def test_one_connection_serves_many_requests_and_another_is_opened_when_it_is_closed() -> None:
    """An answer may come in chunks, or end with the connection."""
    raw = ROWS.encode()
    chunks = b"".join(b"1\r\n%c\r\n" % letter for letter in raw)
    chunked = CHUNKED.encode() + chunks + b"0\r\n\r\n"
    closed = OK.encode() + b"Connection: close\r\n\r\n" + raw
    plays = (answers(204), says(chunked, more=True), says(closed), answers(200, ROWS))
    with client(*plays) as (server, endpoint):
        OPERATIONS["update"](endpoint)
        found = [OPERATIONS["query"](endpoint) for _ in range(3)]
    assert str(found[0]) == str(found[1]) == str(found[2])
    assert server.connections == 2
    assert len(server.requests) == 4


DROPPED = "the connection dropped before the answer was whole$"
FAULTS: dict[str, tuple[Play, str]] = {
    "dropped before the answer": (says(""), DROPPED),
    "reset before the answer": (resets, DROPPED),
    "dropped within the status": (says("HTTP/1."), "the answer is not HTTP$"),
    "dropped within the body": (says(f"{OK}Content-Length: 500\r\n\r\n{LINE}"), DROPPED),
    "dropped within a chunk": (says(f"{CHUNKED}40\r\n<urn:x:s> "), DROPPED),
    "bad size of a chunk": (says(f"{CHUNKED}zz\r\n"), DROPPED),
    "absurd length": (says(f"{OK}Content-Length: {10**30}\r\n\r\n{LINE}"), DROPPED),
    "headers": (says(OK + "X-Many: 1\r\n" * 1_000), "the answer is not HTTP$"),
    "long header": (says(f"{OK}X-Long: {'1' * 100_000}\r\n"), "the answer is not HTTP$"),
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


@pytest.mark.parametrize("what", OPERATIONS)
@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_one_clear_line_and_nothing_is_sent_twice(what: str, fault: str) -> None:
    play, message = FAULTS[fault]
    with Server(play) as server:
        assert re.search(message, fails(what, server.url))
    assert len(server.requests) == 1


LENGTH, CLOSE = "Content-Length: 999999\r\n\r\n", "Connection: close\r\n\r\n"


@pytest.mark.parametrize(
    "before",
    ["", f"{OK}X-Slow: ", f"{OK}{LENGTH}", f"{OK}{CLOSE}", f"{CHUNKED}ffffff\r\n"],
    ids=["status", "headers", "body", "until-close", "chunk"],
)
def test_letters_that_keep_coming_do_not_put_the_end_off(before: str) -> None:
    with Server(keeps_sending(before, "1", pause=0.02)) as server:
        assert fails("query", server.url, timeout=0.2) == "no answer within 0.2 seconds"


def test_a_server_that_does_not_read() -> None:
    big = ox.Triple(TRIPLE.subject, TRIPLE.predicate, ox.Literal("a" * 20_000_000))
    with Server(keeps_sending("", "", pause=30), reads_bodies=False) as server:
        endpoint = Endpoint(Address(server.url), timeout=0.3)
        with pytest.raises(StoreError, match=r"upload failed: no answer within 0\.3 sec"):
            endpoint.put("urn:x:g", [big])


def test_an_answer_without_end_is_read_to_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_BYTES", 1_000_000)
    with Server(keeps_sending(f"{OK}{CLOSE}", "x" * 100_000, pause=0)) as server:
        assert fails("query", server.url) == "the answer is longer than 1000000 bytes"


def test_a_server_that_is_nowhere_or_speaks_no_tls() -> None:
    with Server(answers(200, ROWS)) as server:
        without_tls = server.url.replace("http:", "https:")
        for url in ("http://nobody.invalid", "http://[::1]:1", "http://a..b", without_tls):
            assert fails("query", url)
    assert server.requests == []


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("text/html", "<html><body>Log in</body></html>"),
        ("application/n-triples", LINE),
        ("application/json", ""),
        ("application/json", "[1, 2]"),
        ("application/octet-stream", "\x00\x01"),
        ("application/sparql-results+json", ROWS[:-20]),
        ("application/sparql-results+json", ROWS[:40]),
        ("application/sparql-results+json", '{"head": {}, "boolean": true}'),
        ("application/sparql-results+json", ROWS.replace("urn:x:s", "<>")),
        ("application/json", '{"results": {"bindings": [{"x": ' + DEEP + "}]}}"),
    ],
)
def test_what_are_no_rows_is_told_with_its_content_type(kind: str, body: str) -> None:
    with Server(answers(200, body, Content_Type=kind)) as server:
        reason = fails("query", server.url)
    assert reason.startswith(f"the answer is not SPARQL results ({kind}: ")


def test_what_a_compressed_answer_grows_to_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_BYTES", 1_000_000)
    body = gzip.compress(gzip.compress(b"0" * 50_000_000))

    def bomb(connection: Connection, _: Request) -> None:
        connection.answer(200, body, Content_Encoding="gzip, gzip")

    with Server(bomb) as server:
        assert fails("query", server.url) == "the answer is longer than 1000000 bytes"


U, P, T = (f"NHSKG_STORE_{name}" for name in ("USER", "PASSWORD", "TOKEN"))


@pytest.mark.parametrize(
    ("environment", "value"),
    [
        ({}, None),
        ({U: "", P: "", T: ""}, None),
        # the examples of RFC 7617, sections 2 and 2.1
        ({U: "Aladdin", P: "open sesame"}, "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="),
        ({U: "test", P: "123\u00a3"}, "Basic dGVzdDoxMjPCow=="),
        ({U: "septimus", P: ""}, "Basic c2VwdGltdXM6"),
        ({T: "mF_9.B5f-4.1JqM"}, "Bearer mF_9.B5f-4.1JqM"),
    ],
)
def test_every_request_has_the_header_that_the_environment_asks_for(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], value: str | None
) -> None:
    for name, text in environment.items():
        monkeypatch.setenv(name, text)
    with client(answers(200, ROWS), answers(204), secret=credentials()) as (server, endpoint):
        for operation in OPERATIONS.values():
            operation(endpoint)
    assert [request.headers.get("authorization") for request in server.requests] == [value] * 3


@pytest.mark.parametrize(
    ("environment", "message"),
    [
        ({U: "septimus"}, "go together"),
        ({U: "", P: "s3cret"}, "go together"),
        ({T: "s3cret", U: "septimus"}, "not both"),
        ({T: "s3cret", P: "s3cret"}, "not both"),
        ({U: "septi:mus", P: "s3cret"}, "colon"),
        ({U: "septimus", P: "s3cret\udce9"}, "not UTF-8"),
        ({T: "s3cret\r\nX-Other: 1"}, "line breaks"),
        ({T: "s3cr\u00e9t"}, "beyond ASCII"),
    ],
)
def test_half_or_double_credentials_are_refused_and_not_repeated(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], message: str
) -> None:
    for name, text in environment.items():
        monkeypatch.setenv(name, text)
    with pytest.raises(UsageError, match=message) as caught:
        credentials()
    assert "s3cr" not in str(caught.value)
    assert "septi" not in str(caught.value)


def test_missing_credentials_are_asked_for() -> None:
    with Server(answers(401, "The server is read-only\nand more")) as server:
        reason = fails("update", server.url, secret=None)
    assert re.search("401, set NHSKG_STORE_USER .*; it says: The server is read-only$", reason)


@pytest.mark.parametrize(
    "secret", ["Basic c2VwdGltdXM6czNjcmV0", "Bearer s3cret", f"Bearer {'s3cret' * 2000}"]
)
def test_a_server_that_repeats_the_credentials_is_not_repeated(secret: str) -> None:
    """A server may tell the header, or the password in it."""

    def repeat(connection: Connection, request: Request) -> None:
        connection.answer(500, f"no s3cret for {request.headers['authorization']} or s3cret")

    with Server(repeat) as server:
        reason = fails("update", server.url, secret=secret)
    assert "HTTP 500" in reason
    assert "s3cret" not in reason or len(secret) > 1000
    assert not any(each in reason for each in (secret[7:], "s3crets3", "c2VwdGlt"))


def test_a_service_is_below_the_address() -> None:
    for url, service, expected in (
        ("http://127.0.0.1:7878", "query", "http://127.0.0.1:7878/query"),
        ("https://Data.Example/a/b/", "/query", "https://Data.Example/a/b/query"),
        ("https://[2001:db8::7]:3030/nhs", "data", "https://[2001:db8::7]:3030/nhs/data"),
        ("http://h:7200/repositories/nhs/", "", "http://h:7200/repositories/nhs"),
        ("http://h", "//other/data", "http://h/other/data"),
    ):
        assert Address(url).service(service) == expected


REFUSED = {
    "not the address of an endpoint: .*; give ": [
        {"url": url}
        for url in ("", "http://h /x", "http://h\n", "127.0.0.1:7878", "ftp://h", "http:///query",
                    "http://:7878", "http://h:seven", "http://h:99999", "http://[::1", "http://hôte",
                    "http://h?x=1", "http://h/#x", "file:///etc/passwd")
    ],
    "credentials .* NHSKG_STORE_USER and NHSKG_STORE_PASSWORD": [
        {"url": f"http://{name}@h:7878"}
        for name in ("septimus:s3cret", "septimus", "", "septimus:s3cret/word", "a#b")
    ],
    **{
        f"not the path of a {service} service: ": [
            {"url": "http://h", service: path}
            for path in ("a b", "sparql?x=1", "x#y", "é", "a\r\nHost: other")
        ]
        for service in ("query", "update", "data")
    },
}  # fmt: skip


@pytest.mark.parametrize(
    ("message", "address"), [(m, a) for m, addresses in REFUSED.items() for a in addresses]
)
def test_an_address_is_refused_in_one_line_without_its_credentials(
    message: str, address: dict[str, str]
) -> None:
    with pytest.raises(UsageError, match=rf"^{message}[^\n]*$") as caught:
        Address(**address)
    assert "septimus" not in str(caught.value)
    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize("timeout", [0.0, -1.0, float("nan"), float("inf"), 1e300])
def test_a_time_limit_is_a_number_of_seconds(timeout: float) -> None:
    with pytest.raises(UsageError, match="time limit"):
        Endpoint(Address("http://h"), timeout=timeout)


def ask(url: str) -> object:
    with closing(Endpoint(Address(url), "Bearer s3cret", timeout=20.0)) as endpoint:
        return endpoint.select("SELECT * {}")


@pytest.mark.parametrize(
    ("user", "header"),
    [("//us%40er:pass%3Aword@", "Basic dXNAZXI6cGFzczp3b3Jk"), ("//", None), (None, None)],
)
def test_a_far_server_is_reached_through_the_proxy_of_the_environment(
    monkeypatch: pytest.MonkeyPatch, user: str | None, header: str | None
) -> None:
    """Its URL may have a user and a password, and may be without its scheme."""
    with Server(answers(200, ROWS)) as proxy:
        bare = proxy.url.removeprefix("http://")
        monkeypatch.setenv("http_proxy", bare if user is None else f"http:{user}{bare}")
        assert ask(FAR)
    (request,) = proxy.requests
    assert request.path == f"{FAR}/query"
    assert request.headers["host"] == "graph.invalid:7878"
    assert request.headers["authorization"] == "Bearer s3cret"
    assert request.headers.get("proxy-authorization") == header


def test_no_proxy_is_between_this_machine_and_its_own_servers_or_those_of_no_proxy(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with Server(answers(200, ROWS)) as server, Server(answers(500)) as proxy:
        for name in ("http_proxy", "https_proxy", "all_proxy"):
            monkeypatch.setenv(name, proxy.url)
        assert ask(server.url)
        assert ask(server.url.replace("127.0.0.1", "localhost"))
        monkeypatch.setenv("no_proxy", "example.org,.invalid")
        assert "proxy" not in fails("query", FAR)
        assert proxy.connections == 0


def test_through_a_tunnel_a_proxy_learns_the_host_and_no_credentials(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with Server(answers(403, "no")) as proxy:
        monkeypatch.setenv("https_proxy", proxy.url.replace("//", "//user:pass@"))
        reason = fails("query", "https://graph.invalid/nhs")
    assert re.search(rf"403.* \(through the proxy 127.0.0.1:{proxy.port}\)$", reason)
    (request,) = proxy.requests
    assert (request.method, request.path) == ("CONNECT", "graph.invalid:443")
    assert "authorization" not in request.headers
    assert request.headers["proxy-authorization"] == "Basic dXNlcjpwYXNz"


@pytest.mark.parametrize("proxy", ["socks5://p:1", "http://p:seven", "http://", "http://[::1"])
def test_a_proxy_of_another_kind_is_refused(monkeypatch: pytest.MonkeyPatch, proxy: str) -> None:
    monkeypatch.setenv("http_proxy", proxy)
    with pytest.raises(UsageError, match="not of the form http://host:port; mend it"):
        ask(FAR)


@pytest.mark.skipif(shutil.which("openssl") is None, reason="makes a certificate with openssl")
def test_only_a_server_that_is_certified_gets_anything(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    words = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2"
    words += " -subj /CN=localhost -addext subjectAltName=DNS:localhost"
    files = ["-keyout", str(key), "-out", str(certificate)]
    subprocess.run([*words.split(), *files], check=True, capture_output=True, timeout=60)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    with Server(answers(200, ROWS), tls=context) as server:
        url = server.url.replace("http://127.0.0.1", "https://localhost")
        assert "certificate" in fails("query", url)
        assert server.requests == []
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        assert ask(url)
        assert "certificate" in fails("query", url.replace("localhost", "127.0.0.1"))
        assert len(server.requests) == 1
