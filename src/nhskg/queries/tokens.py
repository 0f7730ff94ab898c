"""The dataset of a SPARQL query, and what is wrong with one that does not parse, by its tokens.

The parser is the store's; a text is only cut into tokens here, so that a keyword is distinguished
from the same letters in a string, a name or a comment.
"""

from __future__ import annotations

import re
from collections.abc import Container
from typing import Final

from nhskg.rdf.sparql.tokens import tokens

_UPDATES: Final = frozenset(
    ("ADD", "CLEAR", "COPY", "CREATE", "DELETE", "DROP", "INSERT", "LOAD", "MOVE", "WITH")
)
_PROLOGUE: Final = re.compile(
    r"(?:\s+|#[^\r\n]*|PREFIX\s*[\w.-]*:\s*<[^>]*>|BASE\s*<[^>]*>)*", re.IGNORECASE
)
_DECLARED: Final = re.compile(r"\bPREFIX\s*([\w.-]*):", re.IGNORECASE)
_IN_BROKEN_IRI: Final = re.compile(r"<[^\s>]*\Z")


def has_dataset(query: str) -> bool:
    """Return whether a query says by FROM or FROM NAMED which graphs it is asked of.

    >>> has_dataset("SELECT * FROM <urn:g> { ?s ?p ?o }")
    True
    >>> has_dataset("SELECT ?from { ?from :from 'FROM <urn:g>' } # FROM <urn:g>")
    False
    """
    return any(each.kind == "word" and each.upper == "FROM" for each in tokens(query))


def explained_fault(query: str, known: Container[str], noticed: int) -> tuple[str, int] | None:
    """Return what is wrong with a query that does not parse, and where, as far as a token shows it.

    Args:
        query: what the parser refused.
        known: prefixes that need not be declared.
        noticed: the offset up to which the parser came.
    """
    prologue = _PROLOGUE.match(query)
    assert prologue is not None
    start = prologue.end()
    if start == len(query):
        return "the query is empty; write a SELECT, ASK, CONSTRUCT or DESCRIBE query", 0
    declared = _DECLARED.findall(query, 0, start)
    body = [each for each in tokens(query) if each.start >= start]
    if body[0].upper in _UPDATES:
        fault = f"{body[0].upper} is an update, and only queries are answered"
        return f"{fault}: SELECT, ASK, CONSTRUCT or DESCRIBE", start
    for each in body:
        if each.end > noticed or each.text in ("'", '"'):
            break  # behind a quote mark that nothing closes, words are no names
        prefix = each.text.partition(":")[0]
        if each.kind != "pname" or prefix in known or prefix in declared:
            continue
        if _IN_BROKEN_IRI.search(query, 0, each.start) is None:
            fault = f"unknown prefix '{prefix}:'; declare it with PREFIX {prefix}: <IRI>"
            return fault, each.start
    return None
