"""The dataset of a SPARQL query, and what is wrong with one that does not parse, by its tokens.

The parser is the store's; a text is only cut into tokens here, so that a keyword is distinguished
from the same letters in a string, a name or a comment.
"""

from __future__ import annotations

import re
from collections.abc import Container
from typing import Final

from nhskg.rdf.sparql.tokens import Token, tokens

__all__ = ["explained_fault", "has_dataset"]

_UPDATES: Final = frozenset(
    ("ADD", "CLEAR", "COPY", "CREATE", "DELETE", "DROP", "INSERT", "LOAD", "MOVE", "WITH")
)
_IN_BROKEN_IRI: Final = re.compile(r"<[^\s>]*\Z")


def has_dataset(query: str) -> bool:
    """Return whether a query says by FROM or FROM NAMED which graphs it is asked of.

    >>> has_dataset("SELECT * FROM <urn:g> { ?s ?p ?o }")
    True
    >>> has_dataset("SELECT ?from { ?from :from 'FROM <urn:g>' } # FROM <urn:g>")
    False
    """
    return any(each.kind == "word" and each.text.upper() == "FROM" for each in tokens(query))


def explained_fault(query: str, known: Container[str], noticed: int) -> tuple[str, int] | None:
    """Return what is wrong with a query that does not parse, and where, as far as a token shows it.

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
        fault = f"{first.text.upper()} is an update, and only queries are answered"
        return f"{fault}: SELECT, ASK, CONSTRUCT or DESCRIBE", first.start
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


def _prologue(found: list[Token]) -> tuple[list[Token], set[str]]:
    """Return the tokens behind the prologue of a query, and the prefixes that it declares."""
    declared: set[str] = set()
    while found and found[0].kind == "word":
        kinds = [each.kind for each in found[1:3]]
        if found[0].text.upper() == "PREFIX" and kinds == ["pname", "iri"]:
            declared.add(found[1].text[:-1])
            found = found[3:]
        elif found[0].text.upper() == "BASE" and kinds[:1] == ["iri"]:
            found = found[2:]
        else:
            break
    return found, declared
