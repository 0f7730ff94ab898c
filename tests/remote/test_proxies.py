"""When a proxy stands between: never before this machine's own servers, and what it is told."""

from __future__ import annotations

import shutil
import ssl
import subprocess
from pathlib import Path

import pytest

from nhskg.rdf.address import Address
from nhskg.rdf.endpoint import Endpoint
from nhskg.rdf.errors import StoreError, UsageError

from .servers import Server
from .test_endpoint import ROWS, answers, says

FAR = "http://graph.invalid:7878/nhs"


def ask(url: str) -> object:
    endpoint = Endpoint(Address(url), "Bearer s3cret", timeout=20.0)
    try:
        return endpoint.select("SELECT * {}")
    finally:
        endpoint.close()


def test_a_far_server_is_asked_through_the_proxy_of_the_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with Server(answers(200, ROWS)) as proxy:
        monkeypatch.setenv("http_proxy", proxy.url.replace("//", "//us%40er:pass%3Aword@"))
        assert ask(FAR)
    (request,) = proxy.requests
    assert request.path == "http://graph.invalid:7878/nhs/query"
    assert request.headers["host"] == "graph.invalid:7878"
    assert request.headers["authorization"] == "Bearer s3cret"
    assert request.headers["proxy-authorization"] == "Basic dXNAZXI6cGFzczp3b3Jk"


def test_a_proxy_may_be_named_without_its_scheme(monkeypatch: pytest.MonkeyPatch) -> None:
    with Server(answers(200, ROWS)) as proxy:
        monkeypatch.setenv("http_proxy", proxy.url.removeprefix("http://"))
        assert ask(FAR)
    assert "proxy-authorization" not in proxy.requests[0].headers


def test_a_server_on_this_machine_is_asked_directly(monkeypatch: pytest.MonkeyPatch) -> None:
    with Server(answers(200, ROWS)) as server, Server(answers(500)) as proxy:
        for name in ("http_proxy", "https_proxy", "all_proxy"):
            monkeypatch.setenv(name, proxy.url)
        assert ask(server.url)
        assert ask(server.url.replace("127.0.0.1", "localhost"))
        assert proxy.connections == 0


def test_no_proxy_is_obeyed(monkeypatch: pytest.MonkeyPatch) -> None:
    with Server(answers(200, ROWS)) as proxy:
        monkeypatch.setenv("http_proxy", proxy.url)
        monkeypatch.setenv("no_proxy", "example.org,.invalid")
        with pytest.raises(StoreError) as caught:
            ask(FAR)
        assert "proxy" not in str(caught.value)
        assert proxy.connections == 0


def test_through_a_tunnel_a_proxy_learns_the_host_and_no_credentials(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with Server(answers(403, "no")) as proxy:
        monkeypatch.setenv("https_proxy", proxy.url.replace("//", "//user:pass@"))
        with pytest.raises(StoreError) as caught:
            ask("https://graph.invalid/nhs")
    (request,) = proxy.requests
    assert (request.method, request.path) == ("CONNECT", "graph.invalid:443")
    assert "authorization" not in request.headers
    assert request.headers["proxy-authorization"] == "Basic dXNlcjpwYXNz"
    message = str(caught.value)
    assert "403" in message
    assert message.endswith(f"(through the proxy 127.0.0.1:{proxy.port})")
    assert "pass" not in message
    assert "s3cret" not in message


def test_a_proxy_that_is_not_there_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    with Server(says("")) as proxy:
        pass
    monkeypatch.setenv("http_proxy", proxy.url.replace("//", "//user:pass@"))
    with pytest.raises(StoreError) as caught:
        ask(FAR)
    assert f"(through the proxy 127.0.0.1:{proxy.port})" in str(caught.value)
    assert "pass" not in str(caught.value)


@pytest.mark.parametrize(
    "proxy",
    [
        "socks5://p:1",
        "http://p:seven",
        "http://",
        "http://[::1",
    ],
)
def test_a_proxy_of_another_kind_is_refused(monkeypatch: pytest.MonkeyPatch, proxy: str) -> None:
    monkeypatch.setenv("http_proxy", proxy)
    with pytest.raises(UsageError, match="not of the form http://host:port; mend it") as caught:
        ask(FAR)
    assert "pass" not in str(caught.value)


def test_only_a_server_that_is_certified_gets_anything(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("makes a certificate with openssl, which is not here")
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    words = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj"
    words += " /CN=localhost -addext subjectAltName=DNS:localhost"
    files = ["-keyout", str(key), "-out", str(certificate)]
    subprocess.run([openssl, *words.split(), *files], check=True, capture_output=True, timeout=60)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    with Server(answers(200, ROWS), tls=context) as server:
        url = server.url.replace("http://127.0.0.1", "https://localhost")
        with pytest.raises(StoreError, match="certificate"):
            ask(url)
        assert server.requests == []
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        assert ask(url)
        assert server.requests[0].headers["authorization"] == "Bearer s3cret"
        with pytest.raises(StoreError, match="certificate"):
            ask(url.replace("localhost", "127.0.0.1"))
        assert len(server.requests) == 1
