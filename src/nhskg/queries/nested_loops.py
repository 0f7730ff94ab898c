"""Nested loops for stored queries: each element of a group for the solutions of those before it.

Oxigraph evaluates a subquery, a union and many an ``OPTIONAL`` by themselves, over the whole graph,
and joins what they give (a hash join). Its parser knows ``LATERAL { … }`` of SPARQL-dev's SEP-0006
("Correlated subqueries"), which evaluates a group anew for each solution, with its values bound.
Here each element of a group after its first triple patterns becomes such a group. The answer is the
same as long as no element depends on a variable that only an outer group binds; a test has all
stored queries answered both ways.
"""

from __future__ import annotations

from itertools import count
from typing import Final

from nhskg.rdf.sparql.parser import tokens

_OPENING: Final = ("{", "(", "[")
_CLOSING: Final = ("}", ")", "]")
_STARTS: Final = ("{", "}", "OPTIONAL", "FILTER", "BIND", "MINUS", "GRAPH", "SERVICE")
_NEXT: Final = (".", ";", "/")


def nest_loops(query: str) -> str:
    """Return a query whose groups the store evaluates element by element, in the order written.

    The filters are where they stand too, so a variable that a filter names must be bound before it.
    Lines stay lines. A query with unbalanced brackets is returned as it is: the parser reports it.
    """
    try:
        return _Rewriter(query).rewritten()
    except (IndexError, StopIteration):
        return query


class _Rewriter:
    """One pass over the tokens of a query, which gathers (start, end, text in its place)."""

    def __init__(self, query: str) -> None:
        self.query, self.tokens = query, list(tokens(query))
        self.edits: list[tuple[int, int, str]] = []
        self.links = count(1)

    def rewritten(self) -> str:
        self._group(next(i for i, each in enumerate(self.tokens) if each.text == "{"))
        parts, done = [], 0
        for start, end, text in sorted(self.edits, key=lambda edit: edit[0]):
            parts += [self.query[done:start], text]
            done = end
        return "".join([*parts, self.query[done:]])

    def _put(self, offset: int, text: str) -> None:
        self.edits.append((offset, offset, text))

    def _at(self, i: int, *wanted: str) -> int:
        """Return the first index from one on at which the token is one of those wanted."""
        while self.tokens[i].text not in wanted:
            i += 1
        return i

    def _behind(self, i: int) -> int:
        """Return the index behind a token, or behind what is in brackets if it opens any."""
        depth = 0
        while True:
            depth += (self.tokens[i].text in _OPENING) - (self.tokens[i].text in _CLOSING)
            i += 1
            if depth <= 0:
                return i

    def _group(self, i: int, *, exists: bool = False) -> int:
        """Rewrite the group that begins at an index; return the index behind it."""
        opening, start = self.tokens[i], i + 1
        if self.tokens[start].upper == "SELECT":
            self._group(self._at(start, "{"))
            return self._behind(i)
        i = start
        while (token := self.tokens[i]).text != "}":
            lateral, begin = i > start, token.start
            if token.text == ".":
                i += 1
            elif token.upper == "FILTER":
                i = self._expression(i)
                self._put(opening.end, " {")
                self._put(self.tokens[i - 1].end, " }")
            elif token.upper == "BIND":
                i = self._expression(i)
            elif token.upper == "OPTIONAL" or token.text == "{":
                i = self._group(self._at(i, "{"))
                while self.tokens[i].upper == "UNION":
                    i = self._group(i + 1)
                self._lateral(begin, i)
            elif token.upper in _STARTS:
                i = self._behind(self._at(i, "{"))
            else:
                i = self._triples(i, exists=exists)
                if i > start and (lateral or exists):
                    self._lateral(begin, i, "LATERAL {" if lateral else "{")
        return i + 1

    def _lateral(self, begin: int, i: int, word: str = "LATERAL {") -> None:
        self._put(begin, f"{word} ")
        self._put(self.tokens[i - 1].end, " }")

    def _triples(self, i: int, *, exists: bool) -> int:
        """Pass triple patterns and VALUES; return the index behind them.

        The store does not order those of EXISTS, so there each becomes a group.
        """
        subject = self.tokens[i].text
        while self.tokens[i].upper not in _STARTS:
            token, after = self.tokens[i], self.tokens[i + 1]
            if token.upper == "VALUES":
                i = self._at(i, "{")
                subject = self.tokens[self._behind(i)].text
            elif exists and token.text in _NEXT and after.upper not in _STARTS:
                again = {";": subject, ".": "", "/": f"?link_{next(self.links)}"}[token.text]
                before = again if token.text == "/" else ""
                self.edits.append((token.start, token.end, f" {before} }} LATERAL {{ {again} "))
                subject = after.text if token.text == "." else subject
            i = self._behind(i)
        return i

    def _expression(self, i: int) -> int:
        """Pass an expression in brackets, or EXISTS; return the index behind it."""
        i = self._at(i, "(", "{")
        end = self._behind(i)
        while i < end:
            i = self._group(i, exists=True) if self.tokens[i].text == "{" else i + 1
        return end
