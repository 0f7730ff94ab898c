"""Contexts of JSON-LD that are at an address, put into a document (JSON-LD 1.1, 3.1 and 4.1.5).

The parser fetches nothing. A context comes from a file that is given for its address, from a file
beside the document or in the current folder, or below either, or from the network where that is
allowed.
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
from nhskg.rdf.files import read_whole

MOST_BYTES: Final = 2**24
"""The length of the longest context that is read: that of schema.org has 200,000 bytes."""
MOST_CONTEXTS: Final = 1_000
"""Contexts at addresses of their own; each may name others, and a server without end."""
MOST_VALUES: Final = 5_000_000
"""Values of all contexts that are put into a document: 300 MB. Ten lists of ten contexts each, one
within the other, have ten thousand million."""
_ACCEPT: Final = "application/ld+json, application/json;q=0.9"


@dataclass(frozen=True, slots=True)
class Contexts:
    """The files that stand for addresses, whether to fetch others, whether options can say so."""

    mapped: Mapping[str, Path] = field(default_factory=dict)
    network: bool = False
    has_options: bool = True
    _known: dict[str, tuple[Any, int]] = field(default_factory=dict)
    """By address a context with all that it names, and of how many values that is."""
    _put: list[int] = field(default_factory=lambda: [0])

    def put_into(self, raw: bytes, base: str, path: Path) -> bytes:
        """Return a document of JSON-LD with all contexts in it.

        Raises:
            InputError: a context is not to be had, or is none.
        """
        self._put[0] = 0
        try:
            return json.dumps(self._with_contexts(json.loads(raw), base)).encode()
        except RecursionError as error:
            raise InputError("is nested too deeply", place=Place(path)) from error
        except ValueError as error:  # a number of thousands of digits, too
            raise InputError(f"not valid JSON: {error}", place=Place(path)) from error
        except InputError as error:
            raise InputError(error.message, place=error.place or Place(path)) from error

    def _with_contexts(
        self, value: Any, base: str, above: tuple[str, ...] = (), *, is_context: bool = False
    ) -> Any:
        if isinstance(value, str) and is_context:
            return self._context(urljoin(base, value), base, above)
        self._count(bool(above))
        if isinstance(value, list):
            each_in = [self._with_contexts(v, base, above, is_context=is_context) for v in value]
            return [part for each in each_in for part in _listed(each)] if is_context else each_in
        if not isinstance(value, dict):
            return value
        found = {
            key: self._with_contexts(each, base, above, is_context=key in ("@context", "@import"))
            for key, each in value.items()
        }
        if not isinstance(imported := found.pop("@import", {}), dict):
            message = f"the context at {value['@import']} is a list, which @import does not allow"
            raise InputError(message)
        return imported | found

    def _context(self, address: str, base: str, above: tuple[str, ...]) -> Any:
        if address in above:
            raise InputError(f"the context at {address} refers to itself")
        if address in self._known:
            found, size = self._known[address]
            self._count(size)
            return found
        if len(self._known) + len(above) >= MOST_CONTEXTS:
            raise InputError(f"has more than {MOST_CONTEXTS:,} contexts at addresses; use fewer")
        given, before = self._load(address, base), self._put[0]
        found = self._with_contexts(given, address, (*above, address), is_context=True)
        for each in _listed(found):
            if isinstance(each, dict):
                each.pop("@base", None)  # it is not the base IRI of the document (4.1.3)
        self._known[address] = found, self._put[0] - before
        return found

    def _count(self, size: int) -> None:
        self._put[0] += size
        if self._put[0] > MOST_VALUES:
            message = f"has contexts of more than {MOST_VALUES:,} values in all; use fewer, or once"
            raise InputError(message)

    def _load(self, address: str, base: str) -> Any:
        file = self.mapped.get(address) or _beside(address, base)
        try:
            if file is not None:
                raw = read_whole(file, MOST_BYTES)
            elif self.network:
                from nhskg.rdf.endpoint import fetch  # noqa: PLC0415  # loads urllib3

                raw = fetch(address, accept=_ACCEPT, most=MOST_BYTES)
            else:
                allow = f"its file with --context {address}=FILE, or allow fetching it with"
                repair = f"{allow} --allow-network" if self.has_options else "RDF of another format"
                raise InputError(f"its context is at {address}; give {repair}")
            if len(raw) <= MOST_BYTES:
                return json.loads(raw)["@context"]
        except (OSError, StoreError) as error:
            reason = getattr(error, "strerror", None) or error
            raise InputError(f"its context {address} cannot be read: {reason}") from error
        except (ValueError, KeyError, TypeError) as error:
            message = f"the context {address} is no JSON with a '@context'"
            raise InputError(message, place=Place(file) if file else None) from error
        raise InputError(f"the context {address} is longer than {MOST_BYTES:,} bytes")


def _beside(address: str, base: str) -> Path | None:
    """Return the file at an address, if it is below the folder of what names it, or the current."""
    if not (address.startswith("file:") and base.startswith("file:")):
        return None
    file, by = (Path(url2pathname(urlsplit(each).path)).resolve() for each in (address, base))
    is_near = any(map(file.is_relative_to, (by.parent, Path.cwd())))
    return file if is_near and (file.is_file() or not file.exists()) else None


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
