"""The tokens of a SPARQL query: what can be told of it before it is parsed, or where it cannot be.

The parser is the store's. Here a text is only cut into words, names, IRIs, strings and signs
(SPARQL 1.1 Query Language, 19.8), so that a keyword is told from the same letters elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

__all__ = ["Token", "has_dataset", "tokens"]

_TOKEN: Final = re.compile(
    r"""
    (?P<skip>\s+|\#[^\r\n]*)
  | (?P<iri><[^<>"{}|^`\\\x00-\x20]*>)
  | (?P<string>'''(?:[^'\\]|\\.|'(?!''))*'''|\"\"\"(?:[^"\\]|\\.|"(?!""))*\"\"\"
      |'(?:[^'\\\r\n]|\\.)*'|"(?:[^"\\\r\n]|\\.)*")
  | (?P<other>[?$]\w+|@[A-Za-z]+(?:-[A-Za-z0-9]+)*|_:[\w.-]+|[0-9]+)
  | (?P<name>(?:[^\W\d_](?:[\w.-]*[\w-])?)?:(?:[\w:.-]|%[0-9A-Fa-f]{2}|\\.)*)
  | (?P<word>[A-Za-z]+)
  | (?P<sign>.)
    """,
    re.VERBOSE | re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of a query: its kind (``word``, ``name`` with its prefix, …), and where it stands."""

    kind: str
    text: str
    start: int
    end: int


def tokens(query: str) -> Iterator[Token]:
    """Yield the tokens of a query in order, without spaces and comments; of any text."""
    for found in _TOKEN.finditer(query):
        if found.lastgroup is not None and found.lastgroup != "skip":
            yield Token(found.lastgroup, found[0], found.start(), found.end())


def has_dataset(query: str) -> bool:
    """Return whether a query says by FROM or FROM NAMED which graphs it is asked of.

    >>> has_dataset("SELECT * FROM <urn:g> { ?s ?p ?o }")
    True
    >>> has_dataset("SELECT ?from { ?from :from 'FROM <urn:g>' } # FROM <urn:g>")
    False
    """
    return any(each.kind == "word" and each.text.upper() == "FROM" for each in tokens(query))
