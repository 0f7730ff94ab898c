"""SERVICE, which sends a part of a query to another server: found before anything evaluates it."""

from __future__ import annotations

import re
from typing import Any, Final

import pyoxigraph as ox

_SERVICE: Final = re.compile("(servic)e", re.IGNORECASE)
_WORD: Final = re.compile(r"(?<![?$:\w'\"])SERVICE\b", re.IGNORECASE)


def find_service(query: str, **options: Any) -> int | None:
    """Return where SERVICE is a keyword, and not part of a name, a text or a comment.

    The store's parser decides: with a letter changed, the query is faulty just where it is one.
    Options are those of a query of a store.

    Raises:
        SyntaxError: the query is faulty by itself.
    """
    other = _SERVICE.sub(r"\1q", query)
    if other == query:
        return None
    try:
        ox.Store().query(other, **options)
    except SyntaxError as error:
        near = max(noticed(error, query) - 8, 0)  # the parser looks as far ahead as OPTIONAL
        if word := _WORD.search(query, near, near + 16):
            return word.start()
        raise
    return None


def noticed(error: SyntaxError, query: str) -> int:
    """Return the offset in a query at which the parser stopped; -1 where it does not say."""
    found = re.search(r"error at (\d+):(\d+): ", str(error))
    if found is None:
        return -1
    lines = query.split("\n")[: int(found[1]) - 1]
    return sum(len(each) + 1 for each in lines) + int(found[2]) - 1
