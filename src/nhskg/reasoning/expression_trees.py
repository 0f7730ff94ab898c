"""Trees of the SPARQL expressions that rules mostly use."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

import pyoxigraph as ox

from nhskg.rdf.sparql.algebra import ProgramError
from nhskg.rdf.sparql.parser import Token, tokenize

__all__ = ["WORDS", "ExpressionNode", "parse_expression"]

SIGNS: Final = ("=", "!=", "<", ">", "<=", ">=")


class _UnreadError(Exception):
    """A part of an expression is not among what is read here."""


@dataclass(frozen=True, slots=True)
class ExpressionNode:
    """A node of an expression's tree: an operator, a function, or a term."""

    kind: str
    value: Any = None
    parts: tuple[ExpressionNode, ...] = ()


_FUNCTIONS: Final = frozenset(
    "SAMETERM BOUND ISLITERAL ISIRI STR CONCAT IRI REPLACE STRAFTER STRBEFORE STRSTARTS IF".split()
)
WORDS: Final = ("true", "false")
"""The two truth values, as they are written."""


@lru_cache(maxsize=4096)
def parse_expression(text: str) -> ExpressionNode | None:
    """Return an expression's tree, None if a part of it is not among what is read here."""
    try:
        reader = _Reader(tokenize(text, "expression"))
        tree = reader.either()
    except (_UnreadError, ProgramError):
        return None
    return tree if reader.token.kind == "end" else None


class _Reader:
    """Recursive descent over the tokens of an expression (grammar rules 110 to 121)."""

    def __init__(self, tokens: Sequence[Token]) -> None:
        self.tokens = tokens
        self.position = 0

    @property
    def token(self) -> Token:
        return self.tokens[self.position]

    def accept(self, text: str) -> bool:
        if self.token.kind in ("op", "word") and self.token.upper == text:
            self.position += 1
            return True
        return False

    def either(self) -> ExpressionNode:
        left = self.both()
        while self.accept("||"):
            left = ExpressionNode("or", parts=(left, self.both()))
        return left

    def both(self) -> ExpressionNode:
        left = self.relation()
        while self.accept("&&"):
            left = ExpressionNode("and", parts=(left, self.relation()))
        return left

    def relation(self) -> ExpressionNode:
        left = self.unary()
        for sign in SIGNS:
            if self.accept(sign):
                return ExpressionNode("compare", sign, (left, self.unary()))
        if self.accept("IN"):
            return ExpressionNode("in", None, (left, *self.arguments()))
        return left

    def unary(self) -> ExpressionNode:
        if self.accept("!"):
            return ExpressionNode("not", None, (self.unary(),))
        if self.accept("("):
            inner = self.either()
            if not self.accept(")"):
                raise _UnreadError
            return inner
        return self.primary()

    def primary(self) -> ExpressionNode:
        token = self.token
        self.position += 1
        if token.kind == "var":
            return ExpressionNode("variable", ox.Variable(token.text[1:]))
        if token.kind == "iri" and self.token.text != "(":
            return ExpressionNode("constant", ox.NamedNode(token.text[1:-1]))
        if token.kind == "string" and token.text[0] == '"' and "\\" not in token.text:
            if self.token.kind == "lang" or self.token.text == "^^" or token.text[:3] == '"""':
                raise _UnreadError
            return ExpressionNode("constant", token.text[1:-1])
        if token.kind == "word" and token.text in WORDS:
            return ExpressionNode("constant", token.text == "true")
        if token.kind == "word" and token.upper in _FUNCTIONS:
            return ExpressionNode("call", token.upper, tuple(self.arguments()))
        raise _UnreadError

    def arguments(self) -> list[ExpressionNode]:
        if not self.accept("("):
            raise _UnreadError
        found = [self.either()]
        while self.accept(","):
            found.append(self.either())
        if not self.accept(")"):
            raise _UnreadError
        return found
