"""Contexts of JSON-LD that are at an address, put into a document (JSON-LD 1.1, 3.1 and 4.1.5).

The parser fetches nothing. A context comes from a file that is given for its address, from a file
beside the document, or from the network where that is allowed.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from urllib.parse import urljoin, urlsplit
from urllib.request import url2pathname

from nhskg.rdf.errors import InputError, Place, StoreError

MOST_BYTES: Final = 2**24
"""The length of the longest context that is fetched."""
_ACCEPT: Final = "application/ld+json, application/json;q=0.9"


@dataclass(frozen=True, slots=True)
class Contexts:
    """The files that stand for addresses of contexts, and whether others may be fetched."""

    mapped: Mapping[str, Path] = field(default_factory=dict)
    network: bool = False
    _loaded: dict[str, Any] = field(default_factory=dict)

    def put_into(self, raw: bytes, base: str, path: Path) -> bytes:
        """Return a document of JSON-LD with all contexts in it.

        Raises:
            InputError: a context is not to be had, or is none.
        """
        try:
            return json.dumps(self._with_contexts(json.loads(raw), base, path, ())).encode()
        except RecursionError as error:
            raise InputError("is nested too deeply", place=Place(path)) from error

    def _with_contexts(self, value: Any, base: str, path: Path, above: tuple[str, ...]) -> Any:
        if isinstance(value, list):
            return [self._with_contexts(each, base, path, above) for each in value]
        if not isinstance(value, dict):
            return value
        return {
            key: (self._context if key == "@context" else self._with_contexts)(
                each, base, path, above
            )
            for key, each in value.items()
        }

    def _context(self, value: Any, base: str, path: Path, above: tuple[str, ...]) -> Any:
        if isinstance(value, list):
            found = (self._context(each, base, path, above) for each in value)
            return [part for each in found for part in (each if isinstance(each, list) else [each])]
        if isinstance(value, dict):
            imported = value.get("@import")
            own = {key: each for key, each in value.items() if key != "@import"}
            under = {} if imported is None else self._context(imported, base, path, above)
            if not isinstance(under, dict):
                message = f"the context at {imported} is a list, which @import does not allow"
                raise InputError(message, place=Place(path))
            return {**under, **self._with_contexts(own, base, path, above)}
        if not isinstance(value, str):
            return value
        address = urljoin(base, value)
        if address in above:
            message = f"the context at {address} refers to itself"
            raise InputError(message, place=Place(path))
        if address not in self._loaded:
            self._loaded[address] = self._load(address, path)
        loaded = self._context(self._loaded[address], address, path, (*above, address))
        parts = loaded if isinstance(loaded, list) else [loaded]
        # the base IRI of a context elsewhere is not that of the document (4.1.3)
        parts = [
            {key: each for key, each in part.items() if key != "@base"} if part else part
            for part in parts
        ]
        return parts if isinstance(loaded, list) else parts[0]

    def _load(self, address: str, path: Path) -> Any:
        file = self.mapped.get(address)
        if file is None and address.startswith("file:"):
            file = Path(url2pathname(urlsplit(address).path))
        try:
            if file is not None:
                raw = file.read_bytes()
            elif self.network:
                from nhskg.rdf.endpoint import fetch  # noqa: PLC0415  # loads urllib3

                raw = fetch(address, accept=_ACCEPT, most=MOST_BYTES)
            else:
                repair = f"give its file with --context {address}=FILE, or allow fetching it"
                message = f"its context is at {address}; {repair} with --allow-network"
                raise InputError(message, place=Place(path))
            return json.loads(raw)["@context"]
        except (OSError, StoreError) as error:
            reason = getattr(error, "strerror", None) or error
            message = f"its context {address} cannot be read: {reason}"
            raise InputError(message, place=Place(file or path)) from error
        except (ValueError, KeyError, TypeError) as error:
            message = f"the context {address} is no JSON with a '@context'"
            raise InputError(message, place=Place(file or path)) from error
