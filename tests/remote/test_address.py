"""Where a server is and who asks: what is taken, what is refused, and what is never repeated."""

from __future__ import annotations

import pytest

from nhskg.rdf.address import Address, credentials
from nhskg.rdf.endpoint import Endpoint
from nhskg.rdf.errors import UsageError


@pytest.mark.parametrize(
    ("url", "service", "expected"),
    [
        ("http://127.0.0.1:7878", "query", "http://127.0.0.1:7878/query"),
        ("http://127.0.0.1:7878/", "/query", "http://127.0.0.1:7878/query"),
        ("https://Data.Example/a/b/", "query", "https://Data.Example/a/b/query"),
        ("http://[::1]", "query", "http://[::1]/query"),
        ("https://[2001:db8::7]:3030/nhs", "data", "https://[2001:db8::7]:3030/nhs/data"),
        ("http://h:7200/repositories/nhs/", "", "http://h:7200/repositories/nhs"),
        ("http://h", "http://other/data", "http://h/http://other/data"),
        ("http://h", "//other/data", "http://h/other/data"),
    ],
)
def test_a_service_stands_below_the_address(url: str, service: str, expected: str) -> None:
    assert Address(url).service(service) == expected


@pytest.mark.parametrize(
    "url",
    [
        "",
        "127.0.0.1:7878",
        "ftp://h",
        "http:///query",
        "http://:7878",
        "http://h:seven",
        "http://h:99999",
        "http://[::1",
        "http://h /x",
        "http://h\n",
        "http://hôte",
        "http://h?x=1",
        "http://h/#x",
        "file:///etc/passwd",
    ],
)
def test_what_is_no_address_of_a_server_is_one_line_with_the_repair(url: str) -> None:
    with pytest.raises(UsageError) as caught:
        Address(url)
    assert "\n" not in str(caught.value)
    assert "give" in str(caught.value)


@pytest.mark.parametrize(
    "url",
    [
        "http://septimus:s3cret@h:7878",
        "http://septimus@h",
        "http://@h",
        "http://septimus:s3cret/word@h",
        "http://septimus:1234/s3cret@h",
        "http://septimus:s3cret#word@h",
        "http://[septimus:s3cret@h",
    ],
)
def test_credentials_in_an_address_are_refused_and_not_repeated(url: str) -> None:
    with pytest.raises(UsageError, match="NHSKG_STORE_USER and NHSKG_STORE_PASSWORD") as caught:
        Address(url)
    for part in ("septimus", "s3cret", "1234"):
        assert part not in str(caught.value)


@pytest.mark.parametrize("service", ["query", "update", "data"])
@pytest.mark.parametrize("path", ["a b", "sparql?x=1", "x#y", "é", "a\r\nHost: other"])
def test_what_is_no_path_is_refused(service: str, path: str) -> None:
    with pytest.raises(UsageError, match=f"not the path of a {service} service") as caught:
        Address("http://h", **{service: path})
    assert "\n" not in str(caught.value)


U, P, T = (f"NHSKG_STORE_{name}" for name in ("USER", "PASSWORD", "TOKEN"))


@pytest.mark.parametrize(
    ("environment", "value"),
    [
        ({}, None),
        ({U: "", P: "", T: ""}, None),
        ({P: ""}, None),
        # the example of RFC 7617, section 2
        ({U: "Aladdin", P: "open sesame"}, "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="),
        # that of its section 2.1, in UTF-8
        ({U: "test", P: "123\u00a3"}, "Basic dGVzdDoxMjPCow=="),
        ({U: "septimus", P: ""}, "Basic c2VwdGltdXM6"),
        ({U: "septimus", P: "a:b", T: ""}, "Basic c2VwdGltdXM6YTpi"),
        ({T: "mF_9.B5f-4.1JqM"}, "Bearer mF_9.B5f-4.1JqM"),
        ({T: "t", U: "", P: ""}, "Bearer t"),
    ],
)
def test_the_header_that_the_environment_asks_for(
    environment: dict[str, str], value: str | None
) -> None:
    assert credentials(environment) == value


@pytest.mark.parametrize(
    ("environment", "message"),
    [
        ({U: "septimus"}, "go together"),
        ({P: "s3cret"}, "go together"),
        ({U: "", P: "s3cret"}, "go together"),
        ({T: "s3cret", U: "septimus"}, "not both"),
        ({T: "s3cret", P: "s3cret"}, "not both"),
        ({T: "s3cret", U: "septimus", P: "s3cret"}, "not both"),
        ({U: "septi:mus", P: "s3cret"}, "colon"),
        ({U: "septimus", P: "s3cret\udce9"}, "not UTF-8"),
        ({T: "s3cret\n"}, "line breaks"),
        ({T: "s3cret\r\nX-Other: 1"}, "line breaks"),
        ({T: "s3cret word"}, "spaces"),
        ({T: "s3cr\u00e9t"}, "beyond ASCII"),
    ],
)
def test_half_or_double_credentials_are_refused_and_not_repeated(
    environment: dict[str, str], message: str
) -> None:
    with pytest.raises(UsageError, match=message) as caught:
        credentials(environment)
    assert "s3cr" not in str(caught.value)
    assert "septi" not in str(caught.value)


def test_credentials_are_read_from_the_environment_of_the_process(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert credentials() is None
    monkeypatch.setenv(T, "s3cret")
    assert credentials() == "Bearer s3cret"


def test_an_endpoint_shows_its_address_and_no_credentials() -> None:
    endpoint = Endpoint(Address("http://h:1"), "Bearer s3cret")
    assert str(endpoint) == "http://h:1"
    assert "http://h:1" in repr(endpoint)
    assert "s3cret" not in repr(endpoint) + str(endpoint)


@pytest.mark.parametrize("timeout", [0.0, -1.0, float("nan"), float("inf"), 1e300])
def test_a_time_limit_is_a_number_of_seconds(timeout: float) -> None:
    with pytest.raises(UsageError, match="time limit"):
        Endpoint(Address("http://h"), timeout=timeout)
