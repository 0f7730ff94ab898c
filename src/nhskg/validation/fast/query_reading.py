"""A reader of the SPARQL that constraints are written in (SPARQL 1.1 Query Language, 19.8).

It reads SELECT without modifiers; triple patterns with ``;``, ``,``, ``a`` and the paths
``/ ^ | + *``; FILTER, [NOT] EXISTS, BIND and UNION; comparisons, IN, and some functions. All else
is refused, and the constraint left to pySHACL.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from nhskg.terms import RDF_TYPE
from nhskg.validation.fast.query_model import (
    Bind,
    Call,
    Compare,
    Element,
    Exists,
    Expression,
    Filter,
    Group,
    Iri,
    Member,
    Number,
    Pattern,
    Patterns,
    Projected,
    Query,
    Text,
    Union,
    Var,
)
from nhskg.validation.fast.terms import Unsupported

__all__ = ["read_query"]

_TOKEN: Final = re.compile(
    r"""
    (?P<skip>\s+|\#[^\n]*)
  | (?P<iri><[^<>"{}|^`\\\x00-\x20]*>)
  | (?P<var>[?$][A-Za-z]\w*)
  | (?P<string>'[^'\\\n]*'(?!')|"[^"\\\n]*"(?!"))(?![@^])
  | (?P<number>[0-9]{1,9})(?![0-9.eE])
  | (?P<pname>[A-Za-z][\w-]*:[A-Za-z_][\w-]*)(?![\w.%\\:-])
  | (?P<word>[A-Za-z]\w*)(?!:)
  | (?P<op>&&|\|\||!=|<=|>=|[{}().;,*/+^|=<>!-])
    """,
    re.VERBOSE,
)
_FUNCTIONS: Final = {
    "STR": (1,),
    "STRLEN": (1,),
    "SUBSTR": (2, 3),
    "STRSTARTS": (2,),
    "CONCAT": (2, 3, 4),
    "IF": (3,),
}
_COMPARISONS: Final = ("=", "!=", "<", "<=", ">", ">=")


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    start: int
    end: int


def read_query(text: str, prefixes: Mapping[str, str]) -> Query:
    """Return a query.

    Raises:
        Unsupported: it has a part that this reader doesn't know.
    """
    return _Reader(text, prefixes).query()


def _tokens(text: str) -> list[_Token]:
    tokens, position = [], 0
    while position < len(text):
        found = _TOKEN.match(text, position)
        if found is None:
            raise Unsupported(f"a query with {text[position]}")
        position = found.end()
        if found.lastgroup != "skip":
            assert found.lastgroup is not None
            tokens.append(_Token(found.lastgroup, found[0], found.start(), found.end()))
    end = len(text)
    return [*tokens, _Token("end", "", end, end)]


class _Reader:
    """Reads one query, token by token."""

    def __init__(self, text: str, prefixes: Mapping[str, str]) -> None:
        self._text = text
        self._prefixes = prefixes
        self._tokens = _tokens(text)
        self._next = 0

    @property
    def _here(self) -> _Token:
        return self._tokens[self._next]

    def _take(self) -> _Token:
        self._next += 1
        return self._tokens[self._next - 1]

    def _is(self, *texts: str) -> bool:
        """Tell whether the next token is one of some signs or words."""
        here = self._here
        return here.kind in ("op", "word") and here.text.upper() in texts

    def _skip(self, *texts: str) -> str | None:
        return self._take().text.upper() if self._is(*texts) else None

    def _expect(self, *texts: str) -> str:
        found = self._skip(*texts)
        if found is None:
            raise Unsupported(f"a query with {self._here.text or 'no end'}")
        return found

    def _since(self, start: int) -> str:
        """Return the text from a position up to the last token taken."""
        return self._text[start : self._tokens[self._next - 1].end]

    def query(self) -> Query:
        self._expect("SELECT")
        projection = []
        while not self._is("WHERE", "{"):
            projection.append(self._projected())
        self._skip("WHERE")
        group = self._group()
        if self._here.kind != "end":
            raise Unsupported(f"a query with {self._here.text}")
        return Query(tuple(projection), group)

    def _projected(self) -> Projected:
        start = self._here.start
        if self._here.kind == "var":
            name = self._take().text[1:]
        else:
            self._expect("(")
            self._iri()
            self._expect("AS")
            name = self._var().name
            self._expect(")")
        return Projected(name, self._since(start))

    def _var(self) -> Var:
        if self._here.kind != "var":
            raise Unsupported(f"a query with {self._here.text}")
        return Var(self._take().text[1:])

    def _iri(self) -> Iri:
        token = self._take()
        if token.kind == "iri" and re.match(r"<[A-Za-z][\w+.-]*:", token.text):
            return Iri(token.text[1:-1])
        prefix, _, name = token.text.partition(":")
        if token.kind != "pname" or prefix not in self._prefixes:
            raise Unsupported(f"a query with {token.text or 'no end'}")
        return Iri(self._prefixes[prefix] + name)

    def _term(self) -> Var | Iri:
        return self._var() if self._here.kind == "var" else self._iri()

    def _group(self) -> Group:
        self._expect("{")
        elements: list[Element] = []
        while not self._skip("}"):
            elements.append(self._element())
            self._skip(".")
        return Group(tuple(elements))

    def _element(self) -> Element:
        start = self._here.start
        if self._skip("FILTER"):
            return self._filter(start)
        if self._skip("BIND"):
            self._expect("(")
            expression = self._expression()
            self._expect("AS")
            name = self._var().name
            self._expect(")")
            return Bind(expression, name, self._since(start))
        if self._is("{"):
            groups = [self._group()]
            while self._skip("UNION"):
                groups.append(self._group())
            return Union(tuple(groups), self._since(start))
        return self._patterns(start)

    def _filter(self, start: int) -> Filter | Exists:
        negated = self._skip("NOT") is not None
        if negated or self._is("EXISTS"):
            self._expect("EXISTS")
            group = self._group()
            return Exists(group, negated, self._since(start))
        self._expect("(")
        expression = self._expression()
        self._expect(")")
        return Filter(expression, self._since(start))

    def _patterns(self, start: int) -> Patterns:
        """Read the patterns of one subject."""
        subject = self._term()
        patterns = []
        while True:
            predicate, has_star = self._verb()
            patterns.append(Pattern(subject, predicate, self._term(), has_star))
            while self._skip(","):
                patterns.append(Pattern(subject, predicate, self._term(), has_star))
            text = self._since(start)
            if not self._skip(";"):
                return Patterns(tuple(patterns), text)
            if self._is(".", "}"):
                return Patterns(tuple(patterns), text)

    def _verb(self) -> tuple[Var | Iri | None, bool]:
        """Read a predicate, or a path, of which only is kept whether it has a star."""
        if self._here.kind == "var":
            return self._var(), False
        if self._here.text == "a":
            self._take()
            return Iri(RDF_TYPE), False
        start = self._next
        self._path()
        if self._next == start + 1:
            self._next = start
            return self._iri(), False
        taken = self._tokens[start : self._next]
        return None, any(each.text == "*" for each in taken)

    def _path(self) -> None:
        self._step()
        while self._skip("/", "|"):
            self._step()

    def _step(self) -> None:
        self._skip("^")
        if self._skip("("):
            self._path()
            self._expect(")")
        elif self._here.text == "a":
            self._take()
        else:
            self._iri()
        self._skip("*", "+")

    def _expression(self) -> Expression:
        return self._chain(self._conjunction, "||")

    def _conjunction(self) -> Expression:
        return self._chain(self._relation, "&&")

    def _chain(self, part: Callable[[], Expression], *operators: str) -> Expression:
        found = part()
        while sign := self._skip(*operators):
            found = Call(sign, (found, part()))
        return found

    def _relation(self) -> Expression:
        left = self._chain(self._primary, "+", "-")
        if sign := self._skip(*_COMPARISONS):
            return Compare(sign, left, self._chain(self._primary, "+", "-"))
        negated = self._skip("NOT")
        if negated or self._is("IN"):
            self._expect("IN")
            self._expect("(")
            members = [self._iri()]
            while self._skip(","):
                members.append(self._iri())
            self._expect(")")
            return Member(left, tuple(members))
        return left

    def _primary(self) -> Expression:
        here = self._here
        if self._skip("!"):
            return Call("!", (self._primary(),))
        if self._skip("("):
            inner = self._expression()
            self._expect(")")
            return inner
        if here.kind == "var":
            return self._var()
        if here.kind == "string":
            return Text(self._take().text[1:-1])
        if here.kind == "number":
            return Number(int(self._take().text))
        if here.kind == "word":
            return self._call()
        return self._iri()

    def _call(self) -> Call:
        name = self._expect(*_FUNCTIONS)
        self._expect("(")
        arguments = [self._expression()]
        while self._skip(","):
            arguments.append(self._expression())
        self._expect(")")
        if len(arguments) not in _FUNCTIONS[name]:
            raise Unsupported(f"a query with {name} of {len(arguments)}")
        return Call(name, tuple(arguments))
