"""A parser of CONSTRUCT rules: the part of SPARQL 1.1 that rules are written in.

It reads the prologue, the CONSTRUCT template and a WHERE clause of triple patterns (with ``;``,
``,``, ``a`` and the paths ``/ ^ | + *``), FILTER, [NOT] EXISTS, OPTIONAL, UNION, MINUS, BIND and
VALUES (SPARQL 1.1 Query Language, sections 5 to 9, 16.2 and 18.2 grammar in 19.8). Sub-queries,
GRAPH, SERVICE, FROM and solution modifiers are refused: rules see one data set, as a whole.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable
from dataclasses import dataclass

import pyoxigraph as ox

from nhskg.reasoning.model import (
    TYPE,
    Bind,
    Element,
    Exists,
    Expression,
    Filter,
    Group,
    Minus,
    Node,
    Optional,
    Part,
    Pattern,
    ProgramError,
    Term,
    Union,
    Values,
)
from nhskg.terms import PREFIXES, XSD

__all__ = ["ParsedRule", "Token", "parse_rule", "tokenize"]

_TOKEN = re.compile(
    r"""
    (?P<skip>\s+|\#[^\n]*)
  | (?P<iri><[^<>"{}|^`\\\x00-\x20]*>)
  | (?P<var>[?$]\w+)
  | (?P<string>'''(?:[^'\\]|\\.|'(?!''))*'''|\"\"\"(?:[^"\\]|\\.|"(?!""))*\"\"\"
      |'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*")
  | (?P<lang>@[A-Za-z]+(?:-[A-Za-z0-9]+)*)
  | (?P<number>(?:\d+\.\d*|\.\d+|\d+)[eE][+-]?\d+|\d*\.\d+|\d+)
  | (?P<pname>(?:[A-Za-z][\w.-]*)?:(?:[\w:%](?:[\w.:%-]*[\w:%-])?)?)
  | (?P<blank>_:[\w.-]+|\[\s*\])
  | (?P<word>[A-Za-z]\w*)
  | (?P<op>\^\^|&&|\|\||!=|<=|>=|[{}()\[\].;,*/+^|=<>!?-])
    """,
    re.VERBOSE | re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of a rule's text, with its kind and the line it stands on (from 1)."""

    kind: str
    text: str
    line: int

    @property
    def upper(self) -> str:
        """The text in capitals, as SPARQL keywords ignore case."""
        return self.text.upper()


@dataclass(frozen=True, slots=True)
class ParsedRule:
    """A CONSTRUCT rule as read: its template and its WHERE clause."""

    head: tuple[Pattern, ...]
    body: Group


def parse_rule(text: str, *, source: str = "rule") -> ParsedRule:
    """Return the rule that ``text`` states.

    Raises:
        ProgramError: the text is not a CONSTRUCT rule; the message names ``source`` and line.
    """
    return _Parser(text, source).rule()


def tokenize(text: str, source: str) -> list[Token]:
    """Return the tokens of a text, the last of them of the kind ``end``.

    Raises:
        ProgramError: a character begins no token; the message names ``source`` and line.
    """
    tokens: list[Token] = []
    position, line = 0, 1
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None or match.lastgroup is None:
            raise ProgramError(f"{source}:{line}: cannot read {text[position : position + 10]!r}")
        if match.lastgroup != "skip":
            tokens.append(Token(match.lastgroup, match.group(), line))
        line += match.group().count("\n")
        position = match.end()
    tokens.append(Token("end", "", line))
    return tokens


class _Parser:
    """Recursive descent over the tokens of one rule."""

    def __init__(self, text: str, source: str) -> None:
        self.source = source
        self.tokens = tokenize(text, source)
        self.position = 0
        self.prefixes = dict(PREFIXES)
        self.fresh = itertools.count()

    # -- tokens

    @property
    def token(self) -> Token:
        return self.tokens[self.position]

    def fail(self, expected: str) -> ProgramError:
        found = self.token.text or "the end"
        return ProgramError(f"{self.source}:{self.token.line}: expected {expected}, found {found}")

    def take(self) -> Token:
        token = self.token
        self.position += 1
        return token

    def accept(self, *texts: str) -> bool:
        if self.token.kind in ("op", "word") and self.token.upper in texts:
            self.position += 1
            return True
        return False

    def expect(self, text: str) -> None:
        if not self.accept(text):
            raise self.fail(text)

    def peek(self, *texts: str) -> bool:
        return self.token.kind in ("op", "word") and self.token.upper in texts

    def new_variable(self) -> ox.Variable:
        return ox.Variable(f"path{next(self.fresh)}_")

    # -- rule

    def rule(self) -> ParsedRule:
        while self.accept("PREFIX"):
            name = self.take()
            if name.kind != "pname" or self.token.kind != "iri":
                raise self.fail("a prefix and its IRI")
            self.prefixes[name.text[:-1]] = self.take().text[1:-1]
        self.expect("CONSTRUCT")
        template: list[Element] = []
        self.expect("{")
        self.triples(template)
        self.expect("}")
        head = tuple(e for e in template if isinstance(e, Pattern))
        if len(head) != len(template) or any(p.closure for p in head):
            raise self.fail("a template of plain triples")
        self.accept("WHERE")
        body = self.group()
        if self.token.kind != "end":
            raise self.fail("the end of the rule")
        return ParsedRule(head, body)

    # -- groups

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
            elements.append(self.filter())
        elif self.accept("OPTIONAL"):
            elements.append(Optional(self.group()))
        elif self.accept("MINUS"):
            elements.append(Minus(self.group()))
        elif self.accept("BIND"):
            elements.append(self.bind())
        elif self.accept("VALUES"):
            elements.append(self.values())
        elif self.peek("GRAPH", "SERVICE", "SELECT"):
            raise self.fail("no GRAPH, SERVICE or sub-query in a rule")
        elif self.peek("{"):
            branches = [self.group()]
            while self.accept("UNION"):
                branches.append(self.group())
            elements.append(Union(tuple(branches)))
        else:
            self.triples(elements)

    def filter(self) -> Filter | Exists:
        if self.accept("NOT"):
            self.expect("EXISTS")
            return Exists(self.group(), negated=True)
        if self.accept("EXISTS"):
            return Exists(self.group(), negated=False)
        parts: list[Part] = []
        if self.peek("("):
            self.bracketed(parts)
            return Filter(Expression(tuple(parts[1:-1])))
        parts.append(self.expression_part())  # a function's name
        if not self.peek("("):
            raise self.fail("( after FILTER")
        self.bracketed(parts)
        return Filter(Expression(tuple(parts)))

    def bind(self) -> Bind:
        self.expect("(")
        parts: list[Part] = []
        while not self.accept("AS"):
            self.expression_step(parts)
        variable = self.term()
        if not isinstance(variable, ox.Variable):
            raise self.fail("a variable after AS")
        self.expect(")")
        return Bind(Expression(tuple(parts)), variable)

    def values(self) -> Values:
        names: list[ox.Variable] = []
        single = not self.accept("(")
        while self.token.kind == "var":
            names.append(ox.Variable(self.take().text[1:]))
            if single:
                break
        if not single:
            self.expect(")")
        rows: list[tuple[Term | None, ...]] = []
        self.expect("{")
        while not self.accept("}"):
            if single:
                rows.append((self.value(),))
            else:
                self.expect("(")
                rows.append(tuple(self.value() for _ in names))
                self.expect(")")
        return Values(tuple(names), tuple(rows))

    def value(self) -> Term | None:
        if self.accept("UNDEF"):
            return None
        term = self.term()
        if isinstance(term, ox.Variable):
            raise self.fail("a term in VALUES")
        return term

    # -- expressions

    def bracketed(self, parts: list[Part]) -> None:
        self.expect("(")
        parts.append("(")
        while not self.accept(")"):
            self.expression_step(parts)
        parts.append(")")

    def expression_step(self, parts: list[Part]) -> None:
        if self.peek("("):
            self.bracketed(parts)
        elif self.accept("NOT"):
            if self.accept("EXISTS"):
                parts.append(Exists(self.group(), negated=True))
            else:
                parts.append("NOT")
        elif self.accept("EXISTS"):
            parts.append(Exists(self.group(), negated=False))
        else:
            parts.append(self.expression_part())

    def expression_part(self) -> Part:
        token = self.token
        if token.kind == "end" or token.text in ("{", "}"):
            raise self.fail("an expression")
        if token.kind in ("iri", "pname", "var", "string"):
            return self.term()
        if token.kind == "word" and token.upper in _AGGREGATES:
            raise self.fail("no aggregate in a rule")
        return self.take().text

    # -- triples

    def triples(self, elements: list[Element]) -> None:
        while self.token.kind in ("var", "iri", "pname", "string", "number", "blank"):
            subject = self.term()
            self.properties(subject, elements)
            if not self.accept("."):
                return

    def properties(self, subject: Node, elements: list[Element]) -> None:
        while True:
            path = self.path()
            while True:
                elements.extend(path(subject, self.term()))
                if not self.accept(","):
                    break
            while self.accept(";"):
                pass
            if self.token.kind not in ("var", "iri", "pname") and not self.peek("A", "^", "("):
                return

    def path(self) -> _Path:
        branches = [self.path_sequence()]
        while self.accept("|"):
            branches.append(self.path_sequence())
        if len(branches) == 1:
            return branches[0]
        return lambda s, o: [Union(tuple(Group(tuple(branch(s, o))) for branch in branches))]

    def path_sequence(self) -> _Path:
        steps = [self.path_step()]
        while self.accept("/"):
            steps.append(self.path_step())
        if len(steps) == 1:
            return steps[0]

        def along(subject: Node, value: Node) -> list[Element]:
            stops = [subject, *(self.new_variable() for _ in steps[1:]), value]
            return [
                e for step, a, b in zip(steps, stops, stops[1:], strict=False) for e in step(a, b)
            ]

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
        predicate: Node = TYPE if self.accept("A") else self.term()
        if not isinstance(predicate, ox.NamedNode | ox.Variable):
            raise self.fail("a predicate")
        closure = self.take().text if self.peek("*", "+") else ""
        return lambda s, o: [Pattern(s, predicate, o, closure)]

    # -- terms

    def iri(self, token: Token) -> ox.NamedNode:
        if token.kind == "iri":
            return ox.NamedNode(token.text[1:-1])
        prefix, _, local = token.text.partition(":")
        if prefix not in self.prefixes:
            raise ProgramError(f"{self.source}:{token.line}: prefix {prefix}: is not declared")
        return ox.NamedNode(self.prefixes[prefix] + local)

    def term(self) -> Node:
        token = self.take()
        if token.kind == "var":
            return ox.Variable(token.text[1:])
        if token.kind in ("iri", "pname"):
            return self.iri(token)
        if token.kind == "number":
            kind = "double" if "e" in token.text.lower() else "decimal"
            kind = kind if not token.text.isdigit() else "integer"
            return ox.Literal(token.text, datatype=ox.NamedNode(XSD + kind))
        if token.kind == "word" and token.text in ("true", "false"):
            return ox.Literal(token.text, datatype=ox.NamedNode(XSD + "boolean"))
        if token.kind == "string":
            return self.literal(token)
        if token.kind == "blank":
            raise ProgramError(f"{self.source}:{token.line}: no blank nodes in a rule")
        self.position -= 1
        raise self.fail("a term")

    def literal(self, token: Token) -> ox.Literal:
        quotes = 3 if token.text[:3] in ("'''", '"""') else 1
        value = _unescape(token.text[quotes:-quotes])
        if self.token.kind == "lang":
            return ox.Literal(value, language=self.take().text[1:])
        if self.accept("^^"):
            return ox.Literal(value, datatype=self.iri(self.take()))
        return ox.Literal(value)


_Path = Callable[[Node, Node], "list[Element]"]
_AGGREGATES = ("COUNT", "SUM", "MIN", "MAX", "AVG", "SAMPLE", "GROUP_CONCAT")
_ESCAPES = {"t": "\t", "n": "\n", "r": "\r", "b": "\b", "f": "\f"}


def _unescape(text: str) -> str:
    def one(match: re.Match[str]) -> str:
        code = match.group(1)
        return chr(int(code[1:], 16)) if code[0] in "uU" else _ESCAPES.get(code, code)

    return re.sub(r"\\(u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8}|.)", one, text)
