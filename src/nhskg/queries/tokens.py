"""The tokens of a SPARQL query: what can be told of it before it is parsed, or where it cannot be.

The parser is the store's. Here a text is only cut into words, names, IRIs, strings and signs
(SPARQL 1.1 Query Language, 19.8), so that a keyword is told from the same letters elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterator
from dataclasses import dataclass
from typing import Final

__all__ = ["Token", "explained_fault", "has_dataset", "tokens"]

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

_UPDATES: Final = frozenset(
    ("ADD", "CLEAR", "COPY", "CREATE", "DELETE", "DROP", "INSERT", "LOAD", "MOVE", "WITH")
)
_IN_BROKEN_IRI: Final = re.compile(r"<[^\s>]*\Z")


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


def explained_fault(query: str, known: Container[str], noticed: int) -> tuple[str, int] | None:
    """Return what is wrong with a query that does not parse, and where, if a token tells it.

    Args:
        query: what the parser refused.
        known: prefixes that need not be declared.
        noticed: the offset up to which the parser came.
    """
    body, declared = _prologue(list(tokens(query)))
    if not body:
        return "the query is empty; write a SELECT, ASK, CONSTRUCT or DESCRIBE query", 0
    first = body[0]
    if first.kind == "word" and first.text.upper() in _UPDATES:
        told = f"{first.text.upper()} is an update, and only queries are answered"
        return f"{told}: SELECT, ASK, CONSTRUCT or DESCRIBE", first.start
    for each in body:
        if each.end > noticed or each.text in ("'", '"'):
            break  # behind a quote mark that nothing closes, words are no names
        prefix = each.text.partition(":")[0]
        if each.kind != "name" or prefix in known or prefix in declared:
            continue
        if _IN_BROKEN_IRI.search(query, 0, each.start) is None:
            told = f"unknown prefix '{prefix}:'; declare it with PREFIX {prefix}: <IRI>"
            return told, each.start
    return None


def _prologue(found: list[Token]) -> tuple[list[Token], set[str]]:
    """Return the tokens behind the prologue of a query, and the prefixes that it declares."""
    declared: set[str] = set()
    while found and found[0].kind == "word":
        kinds = [each.kind for each in found[1:3]]
        if found[0].text.upper() == "PREFIX" and kinds == ["name", "iri"]:
            declared.add(found[1].text[:-1])
            found = found[3:]
        elif found[0].text.upper() == "BASE" and kinds[:1] == ["iri"]:
            found = found[2:]
        else:
            break
    return found, declared
