"""Tokens of SPARQL 1.1, and a parser of CONSTRUCT rules: the part that rules are written in.

That is triple patterns (with the paths ``/ ^ | + *``), FILTER, [NOT] EXISTS, OPTIONAL, UNION,
MINUS, BIND and VALUES (SPARQL 1.1 Query Language, 19.8). Sub-queries, GRAPH, SERVICE, FROM and
solution modifiers are refused: rules see one data set, as a whole.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator
from functools import cache
from typing import Final, NamedTuple, TypeVar

import pyoxigraph as ox

from nhskg.rdf.sparql import algebra
from nhskg.rdf.sparql.algebra import OPERATORS, Element, Expression, Group, Node, Pattern, Term
from nhskg.rdf.sparql.bounds import beyond_bounds
from nhskg.rdf.terms import PREFIXES

_TOKEN: Final = re.compile(
    r"""
    (?P<skip>\s+|\#[^\r\n]*)
  | (?P<iri><[^<>"{}|^`\\\x00-\x20]*>)
  | (?P<var>[?$]\w+)
  | (?P<string>'''(?:[^'\\]++|\\.|'(?!''))*+'''|\"\"\"(?:[^"\\]++|\\.|"(?!""))*+\"\"\"
      |'(?:[^'\\\r\n]++|\\.)*+'|"(?:[^"\\\r\n]++|\\.)*+")
  | (?P<lang>@[A-Za-z]+(?:-[A-Za-z0-9]+)*)
  | (?P<number>(?:\d+\.\d*|\.\d+|\d+)[eE][+-]?\d+|\d*\.\d+|\d+)
  | (?P<blank>_:[\w.-]+|\[\s*\])
  | (?P<pname>(?:[^\W\d_](?:[\w.-]{0,200}[\w-])?)?:
      (?:(?:[\w:.-]|%[0-9A-Fa-f]{2}|\\[^\w\s])*(?:[\w:-]|%[0-9A-Fa-f]{2}|\\[^\w\s]))?)
  | (?P<word>[A-Za-z]\w*)
  | (?P<op>\^\^|&&|\|\||!=|<=|>=|[{}()\[\].;,*/+^|=<>!?-])
  | (?P<other>.)
    """,
    re.VERBOSE | re.DOTALL,
)

_NAMES: Final = ("var", "iri", "pname")
_TERMS: Final = (*_NAMES, "string", "number")

_Path = Callable[[Node, Node], "list[Element]"]
_Read = TypeVar("_Read")


class Token(NamedTuple):
    """A piece of a text: its kind (``word``, ``pname``, ``iri``, …) and where it begins."""

    kind: str
    text: str
    start: int

    @property
    def end(self) -> int:
        """Where what follows begins."""
        return self.start + len(self.text)

    @property
    def upper(self) -> str:
        """The text in capitals, as SPARQL keywords ignore case."""
        return self.text.upper()


def tokens(text: str) -> Iterator[Token]:
    """Yield the tokens of a text but spaces and comments; what is no token has kind ``other``."""
    for found in _TOKEN.finditer(text):
        if found.lastgroup is not None and found.lastgroup != "skip":
            yield Token(found.lastgroup, found[0], found.start())


class ParsedRule(NamedTuple):
    """A CONSTRUCT rule as read: its template and its WHERE clause."""

    head: tuple[Pattern, ...]
    body: Group


def parse_rule(text: str, *, source: str = "rule") -> ParsedRule:
    """Return the rule that ``text`` states.

    Raises:
        ProgramError: the text is not a CONSTRUCT rule; the message names ``source`` and line.
    """
    return _Parser(text, source).rule()


@cache
def expression(text: str) -> Expression:
    """Return the expression that ``text`` states, with the usual prefixes.

    Raises:
        ProgramError: the text cannot be read.
    """
    parser = _Parser(text, "expression")
    found = parser.expression()
    parser.take("the end of the expression", "end")
    return found


class _Parser:
    """Recursive descent over the tokens of one rule."""

    def __init__(self, text: str, source: str) -> None:
        self.source, self.text = source, text
        self.tokens = [*tokens(text), Token("end", "", len(text))]
        self.position = 0
        self.prefixes = dict(PREFIXES)
        self.fresh = itertools.count()

    @property
    def token(self) -> Token:
        return self.tokens[self.position]

    def error(self, message: str, token: Token) -> algebra.ProgramError:
        line = self.text.count("\n", 0, token.start) + 1
        return algebra.ProgramError(f"{self.source}:{line}: {message}")

    def fail(self, expected: str) -> algebra.ProgramError:
        token = self.token
        if token.kind == "other":
            return self.error(f"cannot read {self.text[token.start : token.start + 10]!r}", token)
        return self.error(f"expected {expected}, found {token.text or 'the end'}", token)

    def take(self, expected: str = "", *kinds: str) -> Token:
        token = self.token
        if kinds and token.kind not in kinds:
            raise self.fail(expected)
        self.position += 1
        return token

    def peek(self, *texts: str) -> bool:
        return self.token.kind in ("op", "word") and self.token.upper in texts

    def accept(self, text: str) -> bool:
        if found := self.peek(text):
            self.position += 1
        return found

    def expect(self, text: str) -> None:
        if not self.accept(text):
            raise self.fail(text)

    def separated(self, sign: str, read: Callable[[], _Read]) -> list[_Read]:
        found = [read()]
        while self.accept(sign):
            found.append(read())
        return found

    def rule(self) -> ParsedRule:
        if beyond := beyond_bounds(self.text):
            raise self.error(f"has {beyond[0]}", Token("", "", beyond[1]))
        while self.accept("PREFIX"):
            name = self.take("a prefix and its IRI", "pname").text[:-1]
            self.prefixes[name] = self.take("a prefix and its IRI", "iri").text[1:-1]
        self.expect("CONSTRUCT")
        self.expect("{")
        template: list[Element] = []
        self.triples(template)
        self.expect("}")
        head = tuple(e for e in template if isinstance(e, Pattern))
        if len(head) != len(template) or any(p.closure for p in head):
            raise self.fail("a template of plain triples")
        self.accept("WHERE")
        body = self.group()
        self.take("the end of the rule", "end")
        return ParsedRule(head, body)

    def group(self) -> Group:
        self.expect("{")
        elements: list[Element] = []
        while not self.accept("}"):
            start = self.position
            self.element(elements)
            self.accept(".")
            if self.position == start:
                raise self.fail("a triple, or }")
        return Group(tuple(elements))

    def element(self, elements: list[Element]) -> None:
        if self.accept("FILTER"):
            bracketed = self.peek("(")
            test = self.primary()
            if not bracketed and not isinstance(test, algebra.Call | algebra.Exists):
                raise self.fail("( after FILTER")
            elements.append(test if isinstance(test, algebra.Exists) else algebra.Filter(test))
        elif self.accept("OPTIONAL"):
            elements.append(algebra.Optional(self.group()))
        elif self.accept("MINUS"):
            elements.append(algebra.Minus(self.group()))
        elif self.accept("BIND"):
            self.expect("(")
            made = self.expression()
            self.expect("AS")
            elements.append(algebra.Bind(made, self.variable("a variable after AS")))
            self.expect(")")
        elif self.accept("VALUES"):
            elements.append(self.values())
        elif self.peek("GRAPH", "SERVICE", "SELECT"):
            raise self.fail("no GRAPH, SERVICE or sub-query in a rule")
        elif self.peek("{"):
            elements.append(algebra.Union(tuple(self.separated("UNION", self.group))))
        else:
            self.triples(elements)

    def variable(self, expected: str) -> ox.Variable:
        return ox.Variable(self.take(expected, "var").text[1:])

    def values(self) -> algebra.Values:
        bracketed = self.accept("(")
        names = [] if bracketed else [self.variable("a variable after VALUES")]
        while bracketed and not self.accept(")"):
            names.append(self.variable(")"))
        rows: list[tuple[Term | None, ...]] = []
        self.expect("{")
        while not self.accept("}"):
            if bracketed:
                self.expect("(")
            rows.append(tuple(self.value() for _ in names))
            if bracketed:
                self.expect(")")
        return algebra.Values(tuple(names), tuple(rows))

    def value(self) -> Term | None:
        return None if self.accept("UNDEF") else self.term("a term in VALUES", _TERMS[1:])  # type: ignore[return-value]

    def expression(self, level: int = 0) -> Expression:
        """Read an expression; the level is that of the loosest operator in it."""
        if level == len(OPERATORS):
            for sign in ("!", "-", "+"):
                if self.accept(sign):
                    return algebra.Call(sign, (self.expression(level),))
            return self.primary()
        found = [self.expression(level + 1)]
        while sign := self.operator(level):
            if level < algebra.ASSOCIATIVE:
                found.append(self.expression(level + 1))
                continue
            others = self.arguments() if sign.endswith("IN") else (self.expression(level + 1),)
            found = [algebra.Call(sign, (found[0], *others))]
        while len(found) > 1:  # a balanced tree, so that a long chain is not a deep one
            joined = itertools.zip_longest(found[::2], found[1::2])
            sign = OPERATORS[level][0]
            found = [algebra.Call(sign, (a, b)) if b is not None else a for a, b in joined]
        return found[0]

    def operator(self, level: int) -> str:
        sign, size = self.token.upper, 1
        if self.peek("NOT"):
            sign, size = f"NOT {self.tokens[self.position + 1].upper}", 2
        if self.token.kind not in ("op", "word") or sign not in OPERATORS[level]:
            return ""
        self.position += size
        return sign

    def primary(self) -> Expression:
        if self.accept("("):
            inner = self.expression()
            self.expect(")")
            return inner
        if (negated := self.accept("NOT")) or self.peek("EXISTS"):
            self.expect("EXISTS")
            return algebra.Exists(self.group(), negated)
        if self.peek("COUNT", "SUM", "MIN", "MAX", "AVG", "SAMPLE", "GROUP_CONCAT"):
            raise self.fail("no aggregate in a rule")
        if self.token.kind == "word" and self.token.text not in ("true", "false"):
            return algebra.Call(self.take().upper, self.arguments())
        found = self.term("an expression")
        is_function = isinstance(found, ox.NamedNode) and self.peek("(")
        return algebra.Call(str(found), self.arguments()) if is_function else found

    def arguments(self) -> tuple[Expression, ...]:
        self.expect("(")
        found: list[Expression] = []
        while not self.accept(")"):
            if found:
                self.expect(",")
            found.append(self.expression())
        return tuple(found)

    def triples(self, elements: list[Element]) -> None:
        while self.token.kind in (*_TERMS, "blank"):
            subject, more = self.term(), True
            while more:
                path = self.path()
                for value in self.separated(",", self.term):
                    elements.extend(path(subject, value))
                while self.accept(";"):
                    pass
                more = self.token.kind in _NAMES or self.peek("A", "^", "(")
            if not self.accept("."):
                return

    def path(self) -> _Path:
        """Return what makes the elements of a path between two nodes."""
        branches = self.separated("|", self.path_sequence)
        if len(branches) == 1:
            return branches[0]
        return lambda s, o: [algebra.Union(tuple(Group(tuple(each(s, o))) for each in branches))]

    def path_sequence(self) -> _Path:
        steps = self.separated("/", self.path_step)

        def along(subject: Node, value: Node) -> list[Element]:
            between = [ox.Variable(f"path{next(self.fresh)}_") for _ in steps[1:]]
            ends = itertools.pairwise([subject, *between, value])
            return [each for step, end in zip(steps, ends, strict=True) for each in step(*end)]

        return along

    def path_step(self) -> _Path:
        if self.accept("^"):
            forward = self.path_step()
            return lambda s, o: forward(o, s)
        if self.accept("("):
            inner = self.path()
            self.expect(")")
            if self.peek("*", "+", "?"):
                raise self.fail("no repetition of a compound path in a rule")
            return inner
        predicate = algebra.TYPE if self.accept("A") else self.term("a predicate", _NAMES)
        closure = self.token.text if self.peek("*", "+") else ""
        if closure and isinstance(predicate, ox.Variable):
            raise self.fail("no repetition of a variable")
        self.position += bool(closure)
        return lambda s, o: [Pattern(s, predicate, o, closure)]

    def term(self, expected: str = "a term", kinds: tuple[str, ...] = _TERMS) -> Node:
        if self.token.kind == "blank":
            raise self.error("no blank nodes in a rule", self.token)
        is_boolean = "string" in kinds and self.token.text in ("true", "false")
        token = self.take(expected, *kinds, *["word"] * is_boolean)
        text = token.text
        if token.kind == "var":
            return ox.Variable(text[1:])
        if token.kind in _NAMES:
            text = self.iri(token)
        elif token.kind == "string" and self.token.kind == "lang":
            text += self.take().text
        elif token.kind == "string" and self.accept("^^"):
            text += f"^^{self.iri(self.take())}"
        try:  # SPARQL writes a term as Turtle does
            (quad,) = ox.parse(f"<urn:s> <urn:p> {text} .", format=ox.RdfFormat.TURTLE)
        except SyntaxError:
            raise self.error(f"cannot read {text!r}", token) from None
        term: Term = quad.object
        return term

    def iri(self, token: Token) -> str:
        """Return an IRI in angle brackets."""
        if token.kind == "iri":
            return token.text
        prefix, _, local = token.text.partition(":")
        if prefix not in self.prefixes:
            raise self.error(f"prefix {prefix}: is not declared", token)
        local = re.sub(r"\\(.)", r"\1", local)
        return f"<{self.prefixes[prefix]}{local}>"
