"""Nested loops for stored queries: each element of a group for the solutions of those before it.

Oxigraph evaluates a subquery, a union and many an ``OPTIONAL`` by themselves, over the whole graph,
and joins what they give (a hash join). Its parser knows ``LATERAL { … }`` of SPARQL-dev's SEP-0006
("Correlated subqueries"), which evaluates a group anew for each solution, with its values bound.
Here each element of a group after its first triple patterns becomes such a group. The answer is the
same as long as no element depends on a variable that only an outer group binds; a test has all
stored queries answered both ways. A subquery whose first group has the comment ``#once`` behind it
stays as it is, and is joined by its hash: for many solutions that have few values in common.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count
from typing import Final

from nhskg.rdf.sparql.parser import tokens

_OPENING: Final = ("{", "(", "[")
_CLOSING: Final = ("}", ")", "]")
_STARTS: Final = ("{", "}", "OPTIONAL", "FILTER", "BIND", "MINUS", "GRAPH", "SERVICE")
_NEXT: Final = (".", ";", "/")
_END: Final = " }"
_MOST: Final = 4  # elements that stay in one row


def nest_loops(query: str) -> str:
    """Return a query whose groups the store evaluates element by element, in the order written.

    A filter is where it stands, so the variables that it names must be bound before it. Lines stay
    lines. A query whose brackets are unbalanced or too deep is returned as it is, to be told.
    """
    try:
        return _Rewriter(query).rewritten()
    except (IndexError, StopIteration, RecursionError):
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
        for start, end, text in sorted(self.edits, key=lambda edit: (edit[0], edit[2] != _END)):
            parts += [self.query[done:start], text]
            done = end
        return "".join([*parts, self.query[done:]])

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
        start = i + 1
        if self.tokens[start].upper == "SELECT":
            self._group(self._at(start, "{"))
            return self._behind(i)
        i, elements = start, list[tuple[int, int]]()
        while (token := self.tokens[i]).text != "}":
            first, word, once = i, "LATERAL {", False
            if token.text == ".":
                i += 1
                continue
            if token.upper in ("FILTER", "BIND"):
                i, word = self._expression(i), word if token.upper == "FILTER" else ""
            elif token.upper == "OPTIONAL" or token.text == "{":
                i = self._at(i, "{")
                once = self._is_once(i)
                i, word = self._group(i), "" if once else word
                while self.tokens[i].upper == "UNION":
                    i = self._group(i + 1)
            elif token.upper in _STARTS:
                i, word = self._behind(self._at(i, "{")), ""
            else:
                i = self._triples(i, exists=exists)
                word = word if first > start else "{" if exists else ""
            elements.append((token.start, self.tokens[i - 1].end))
            if word:
                self._wrap(elements[-1:], word)
            elif once:
                self._halve(elements[:-1])
                elements.clear()
        if all(self.query[begin : begin + 5].upper() != "MINUS" for begin, _ in elements):
            self._halve(elements)  # MINUS takes from all that stands before it
        return i + 1

    def _is_once(self, i: int) -> bool:
        """Tell whether a group is a subquery, and its first group has ``#once`` behind it."""
        if self.tokens[i + 1].upper != "SELECT":
            return False
        end = self._behind(self._at(i + 1, "{") + 1)
        return "#once" in self.query[self.tokens[end - 1].end : self.tokens[end].start]

    def _wrap(self, elements: Sequence[tuple[int, int]], word: str = "LATERAL {") -> None:
        begin, end = elements[0][0], elements[-1][1]
        self.edits += [(begin, begin, f"{word} "), (end, end, _END)]

    def _halve(self, elements: Sequence[tuple[int, int]]) -> None:
        """Make the later half of many elements a group, and so on with each half.

        The store's optimizer reads all that stands before an element in its group once more for
        each element: of a hundred in one row it takes seconds.
        """
        if len(elements) > _MOST:
            middle = len(elements) // 2
            self._wrap(elements[middle:])
            self._halve(elements[:middle])
            self._halve(elements[middle:])

    def _triples(self, i: int, *, exists: bool) -> int:
        """Pass triple patterns and VALUES; return the index behind them.

        The store does not order those of EXISTS, so there each becomes a group.
        """
        subject, start = self.tokens[i].text, i
        while self.tokens[i].upper not in _STARTS:
            token, after = self.tokens[i], self.tokens[i + 1]
            if token.upper == "VALUES":
                i = self._at(i, "{")
                subject = self.tokens[self._behind(i)].text
            elif token.text == "/" and self._is_choice(start):
                pass
            elif exists and token.text in _NEXT and after.upper not in _STARTS:
                start = i + 1 if token.text != "/" else start
                again = {";": subject, ".": "", "/": f"?link_{next(self.links)}"}[token.text]
                before = again if token.text == "/" else ""
                self.edits.append((token.start, token.end, f" {before} }} LATERAL {{ {again} "))
                subject = after.text if token.text == "." else subject
            i = self._behind(i)
        return i

    def _is_choice(self, i: int) -> bool:
        """Tell whether the next pattern has | in its path, from which no part is to be taken."""
        while self.tokens[i].text not in "|;." and self.tokens[i].upper not in _STARTS:
            i = self._behind(i)
        return self.tokens[i].text == "|"

    def _expression(self, i: int) -> int:
        """Pass an expression in brackets, or EXISTS; return the index behind it."""
        i = self._at(i, "(", "{")
        end = self._behind(i)
        while i < end:
            i = self._group(i, exists=True) if self.tokens[i].text == "{" else i + 1
        return end
