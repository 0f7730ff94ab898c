"""The address of a SPARQL server, and the credentials for it.

Credentials come from the environment only, because others on the machine can read a command line.
"""

from __future__ import annotations

import base64
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from nhskg.rdf.errors import UsageError

__all__ = ["CREDENTIALS", "Address", "credentials"]

CREDENTIALS: Final = "NHSKG_STORE_USER and NHSKG_STORE_PASSWORD, or NHSKG_STORE_TOKEN"
"""The environment variables that hold credentials."""

_PATH: Final = re.compile(r"[!\"$->@-~]*")
_URL: Final = re.compile(
    r"https?://(?:[\w.-]+|\[[\da-f:.]+])(?::(\d{1,5}))?(?:/[!\"$->@-~]*)?", re.ASCII | re.I
)
_MOST_PORT: Final = 65_535
_VISIBLE: Final = re.compile(r"[!-~]*")


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
