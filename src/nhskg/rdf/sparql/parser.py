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
from functools import cache

import pyoxigraph as ox

from nhskg.rdf.sparql.algebra import (
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
from nhskg.rdf.terms import PREFIXES, XSD

__all__ = ["ParsedRule", "Token", "expression", "parse_rule", "tokenize"]

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


@cache
def expression(text: str) -> Expression:
    """Return the expression that ``text`` states, with the usual prefixes.

    Raises:
        ProgramError: the text cannot be read.
    """
    return _Parser(text, "expression").expression("")


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

    def peek(self, *texts: str) -> bool:
        return self.token.kind in ("op", "word") and self.token.upper in texts

    def accept(self, *texts: str) -> bool:
        if found := self.peek(*texts):
            self.position += 1
        return found

    def expect(self, text: str) -> None:
        if not self.accept(text):
            raise self.fail(text)

    # -- rule

    def rule(self) -> ParsedRule:
        while self.accept("PREFIX"):
            name = self.take()
            if name.kind != "pname" or self.token.kind != "iri":
                raise self.fail("a prefix and its IRI")
            self.prefixes[name.text[:-1]] = self.take().text[1:-1]
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
        if test := self.exists():
            return test
        if self.accept("("):
            return Filter(self.expression(")"))
        function = self.expression_part()
        if not self.peek("("):
            raise self.fail("( after FILTER")
        return Filter(Expression((function, *self.bracketed())))

    def bind(self) -> Bind:
        self.expect("(")
        made = self.expression("AS")
        variable = self.term()
        if not isinstance(variable, ox.Variable):
            raise self.fail("a variable after AS")
        self.expect(")")
        return Bind(made, variable)

    def values(self) -> Values:
        names: list[ox.Variable] = []
        single = not self.accept("(")
        while self.token.kind == "var" and not (single and names):
            names.append(ox.Variable(self.take().text[1:]))
        if single and not names:
            raise self.fail("a variable after VALUES")
        if not single:
            self.expect(")")
        rows: list[tuple[Term | None, ...]] = []
        self.expect("{")
        while not self.accept("}"):
            if not single:
                self.expect("(")
            rows.append(tuple(self.value() for _ in names))
            if not single:
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

    def expression(self, end: str) -> Expression:
        """Read an expression up to a word, or to the end of the text."""
        parts: list[Part] = []
        while not (self.accept(end) if end else self.token.kind == "end"):
            if self.peek("("):
                parts += self.bracketed()
            else:
                parts.append(self.exists() or self.expression_part())
        return Expression(tuple(parts))

    def bracketed(self) -> tuple[Part, ...]:
        self.expect("(")
        return ("(", *self.expression(")").parts, ")")

    def exists(self) -> Exists | None:
        negated = self.accept("NOT")
        if self.accept("EXISTS"):
            return Exists(self.group(), negated)
        if negated:  # NOT IN
            self.position -= 1
        return None

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
            self.properties(self.term(), elements)
            if not self.accept("."):
                return

    def properties(self, subject: Node, elements: list[Element]) -> None:
        while True:
            path = self.path()
            elements.extend(path(subject, self.term()))
            while self.accept(","):
                elements.extend(path(subject, self.term()))
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

        def along(subject: Node, value: Node) -> list[Element]:
            between = [ox.Variable(f"path{next(self.fresh)}_") for _ in steps[1:]]
            stops = [subject, *between, value]
            ends = zip(steps, stops, stops[1:], strict=False)
            return [element for step, a, b in ends for element in step(a, b)]

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
        if isinstance(predicate, ox.Variable) and self.peek("*", "+"):
            raise self.fail("no repetition of a variable")
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
        match token.kind:
            case "var":
                return ox.Variable(token.text[1:])
            case "iri" | "pname":
                return self.iri(token)
            case "string":
                return self.literal(token)
            case "number":
                exact = "integer" if token.text.isdigit() else "decimal"
                kind = "double" if "e" in token.text.lower() else exact
                return ox.Literal(token.text, datatype=ox.NamedNode(XSD + kind))
            case "word" if token.text in ("true", "false"):
                return ox.Literal(token.text, datatype=ox.NamedNode(XSD + "boolean"))
            case "blank":
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
