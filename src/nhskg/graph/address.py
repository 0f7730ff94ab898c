"""Where a SPARQL server is, and who is asking: from the command line and the environment.

Credentials come from the environment only, because others on the machine can read a command line.
"""

from __future__ import annotations

import base64
import ipaddress
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit

from nhskg.errors import UsageError

__all__ = ["CREDENTIALS", "DATA_PATH", "QUERY_PATH", "UPDATE_PATH", "Address", "credentials"]

QUERY_PATH: Final = "query"
UPDATE_PATH: Final = "update"
DATA_PATH: Final = "store"
CREDENTIALS: Final = "NHSKG_STORE_USER and NHSKG_STORE_PASSWORD, or NHSKG_STORE_TOKEN"
"""The variables that credentials come from."""

_VISIBLE: Final = re.compile(r"[!-~]+")
_PORTS: Final = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Address:
    """Where a server is, and the paths of its three services below that.

    Attributes:
        url: ``http://…`` or ``https://…``, without credentials, query or fragment.
        query: path of the SPARQL query service; the default is Oxigraph's, as with the others.
            An empty path is the URL itself.
        update: path of the SPARQL update service.
        data: path of the Graph Store Protocol service.
        scheme: ``http`` or ``https``.
        host: name or number of the machine, without brackets.
        port: the port, also where the URL has none.

    Raises:
        UsageError: the URL is none of a server, or carries credentials; a path is none.
    """

    url: str
    query: str = QUERY_PATH
    update: str = UPDATE_PATH
    data: str = DATA_PATH
    scheme: str = field(init=False, repr=False)
    host: str = field(init=False, repr=False)
    port: int = field(init=False, repr=False)

    def __post_init__(self) -> None:
        if "@" in self.url:  # anywhere: a password may hold a slash. Nothing of it is repeated
            raise UsageError(
                "credentials do not belong in the address of the endpoint, where others can read "
                f"them; set {CREDENTIALS} in the environment"
            )
        if not _VISIBLE.fullmatch(self.url):
            raise UsageError(
                "the address of the endpoint is empty, or has spaces or letters beyond ASCII; "
                "give http://host:port"
            )
        if "?" in self.url or "#" in self.url:
            raise UsageError(
                "the address of the endpoint has a query or a fragment; give it without"
            )
        try:
            split = urlsplit(self.url)
            host, port = split.hostname or "", split.port
            host.encode("idna")  # as connecting does
        except ValueError as error:
            raise self._unfit() from error
        if split.scheme not in _PORTS or not host:
            raise self._unfit()
        for name, path in (("query", self.query), ("update", self.update), ("data", self.data)):
            if (path and not re.fullmatch(r"[!-~]+", path)) or set(path) & set("?#"):
                raise UsageError(
                    f"not the path of a {name} service: {path!r}; give a path without spaces, "
                    "'?' and '#'"
                )
        object.__setattr__(self, "scheme", split.scheme)
        object.__setattr__(self, "host", host)
        object.__setattr__(self, "port", _PORTS[split.scheme] if port is None else port)

    def _unfit(self) -> UsageError:
        return UsageError(f"not the address of an endpoint: {self.url}; give http://host:port")

    @property
    def is_local(self) -> bool:
        """Whether the server is on this machine, so that no proxy can stand between."""
        if self.host == "localhost":
            return True
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False

    @property
    def origin(self) -> str:
        """Scheme, host and port, as the URL has them."""
        split = urlsplit(self.url)
        return f"{split.scheme}://{split.netloc}"

    def path(self, service: str) -> str:
        """Return the path of a service on the server."""
        base = urlsplit(self.url).path.rstrip("/")
        below = service.lstrip("/")
        return f"{base}/{below}" if below or not base else base


def credentials(environment: Mapping[str, str] | None = None) -> str | None:
    """Return the value of the Authorization header that the environment asks for, if any.

    A user and a password make Basic authentication (RFC 7617), a token makes Bearer (RFC 6750).

    Raises:
        UsageError: the environment has a part of what is needed, or two ways at once.
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
    if user and password is not None:
        return _basic(user, password)
    if user or password:
        raise UsageError("NHSKG_STORE_USER and NHSKG_STORE_PASSWORD go together; set both")
    return None


def _basic(user: str, password: str) -> str:
    if ":" in user:
        raise UsageError("NHSKG_STORE_USER has a colon, which no user name can have")
    try:
        pair = f"{user}:{password}".encode()
    except UnicodeEncodeError as error:
        raise UsageError("NHSKG_STORE_USER or NHSKG_STORE_PASSWORD is not UTF-8") from error
    return "Basic " + base64.b64encode(pair).decode()
