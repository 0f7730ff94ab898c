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
from typing import Final

import pyoxigraph as ox

from nhskg.rdf.sparql.algebra import (
    TYPE,
    Bind,
    Call,
    Element,
    Exists,
    Expression,
    Filter,
    Group,
    Minus,
    Node,
    Optional,
    Pattern,
    ProgramError,
    Term,
    Union,
    Values,
)
from nhskg.rdf.sparql.tokens import Token, tokens
from nhskg.rdf.terms import PREFIXES

OPERATORS: Final = (
    ("||",),
    ("&&",),
    ("=", "!=", "<", ">", "<=", ">=", "IN", "NOT IN"),
    ("+", "-"),
    ("*", "/"),
)
"""The signs between two operands, the loosest first (grammar rules 110 to 117)."""


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
    parser = _Parser(text, "expression")
    found = parser.expression()
    if parser.token.kind != "end":
        raise parser.fail("the end of the expression")
    return found


class _Parser:
    """Recursive descent over the tokens of one rule."""

    def __init__(self, text: str, source: str) -> None:
        self.source = source
        self.text = text
        self.tokens = [*tokens(text), Token("end", "", len(text))]
        self.position = 0
        self.prefixes = dict(PREFIXES)
        self.fresh = itertools.count()

    # -- tokens

    @property
    def token(self) -> Token:
        return self.tokens[self.position]

    def error(self, message: str, token: Token) -> ProgramError:
        line = self.text.count("\n", 0, token.start) + 1
        return ProgramError(f"{self.source}:{line}: {message}")

    def fail(self, expected: str) -> ProgramError:
        if self.token.kind == "other":
            rest = self.text[self.token.start : self.token.start + 10]
            return self.error(f"cannot read {rest!r}", self.token)
        return self.error(f"expected {expected}, found {self.token.text or 'the end'}", self.token)

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
        bracketed = self.peek("(")
        test = self.primary()
        if not bracketed and not isinstance(test, Call | Exists):
            raise self.fail("( after FILTER")
        return test if isinstance(test, Exists) else Filter(test)

    def bind(self) -> Bind:
        self.expect("(")
        made = self.expression()
        self.expect("AS")
        variable = self.variable("a variable after AS")
        self.expect(")")
        return Bind(made, variable)

    def variable(self, expected: str) -> ox.Variable:
        if self.token.kind != "var":
            raise self.fail(expected)
        return ox.Variable(self.take().text[1:])

    def values(self) -> Values:
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
        return Values(tuple(names), tuple(rows))

    def value(self) -> Term | None:
        if self.accept("UNDEF"):
            return None
        term = self.term()
        if isinstance(term, ox.Variable):
            raise self.fail("a term in VALUES")
        return term

    # -- expressions

    def expression(self, level: int = 0) -> Expression:
        """Read an expression; the level is that of the loosest operator in it."""
        if level == len(OPERATORS):
            return self.unary()
        found = self.expression(level + 1)
        while sign := self.operator(level):
            others = self.arguments() if sign.endswith("IN") else (self.expression(level + 1),)
            found = Call(sign, (found, *others))
        return found

    def operator(self, level: int) -> str:
        if self.peek("NOT") and self.tokens[self.position + 1].upper == "IN":
            sign, size = "NOT IN", 2
        else:
            sign, size = (self.token.upper if self.token.kind in ("op", "word") else ""), 1
        if sign not in OPERATORS[level]:
            return ""
        self.position += size
        return sign

    def unary(self) -> Expression:
        if self.peek("!", "-", "+"):
            return Call(self.take().text, (self.unary(),))
        return self.primary()

    def primary(self) -> Expression:
        if self.accept("("):
            inner = self.expression()
            self.expect(")")
            return inner
        negated = self.accept("NOT")
        if self.accept("EXISTS"):
            return Exists(self.group(), negated)
        if negated:
            raise self.fail("EXISTS")
        word = self.token
        if word.kind == "word" and word.text not in ("true", "false"):
            if word.upper in _AGGREGATES:
                raise self.fail("no aggregate in a rule")
            self.position += 1
            return Call(word.upper, self.arguments())
        if word.kind not in ("var", "iri", "pname", "string", "number", "word"):
            raise self.fail("an expression")
        found = self.term()
        is_function = isinstance(found, ox.NamedNode) and self.peek("(")
        return Call(str(found), self.arguments()) if is_function else found

    def arguments(self) -> tuple[Expression, ...]:
        self.expect("(")
        found: list[Expression] = []
        while not self.accept(")"):
            if found:
                self.expect(",")
            found.append(self.expression())
        return tuple(found)

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

    def term(self) -> Node:
        token = self.take()
        match token.kind:
            case "var":
                return ox.Variable(token.text[1:])
            case "iri" | "pname":
                return self.parsed(self.iri(token), token)
            case "string" if self.token.kind == "lang":
                return self.parsed(token.text + self.take().text, token)
            case "string" if self.accept("^^"):
                return self.parsed(f"{token.text}^^{self.iri(self.take())}", token)
            case "string" | "number":
                return self.parsed(token.text, token)
            case "word" if token.text in ("true", "false"):
                return self.parsed(token.text, token)
            case "blank":
                raise self.error("no blank nodes in a rule", token)
        self.position -= 1
        raise self.fail("a term")

    def iri(self, token: Token) -> str:
        """Return an IRI in angle brackets."""
        if token.kind == "iri":
            return token.text
        prefix, _, local = token.text.partition(":")
        if prefix not in self.prefixes:
            raise self.error(f"prefix {prefix}: is not declared", token)
        local = re.sub(r"\\(.)", r"\1", local)
        return f"<{self.prefixes[prefix]}{local}>"

    def parsed(self, text: str, token: Token) -> Term:
        """Return a term, which SPARQL writes as Turtle does."""
        try:
            (quad,) = ox.parse(f"<urn:s> <urn:p> {text} .", format=ox.RdfFormat.TURTLE)
        except SyntaxError:
            raise self.error(f"cannot read {text!r}", token) from None
        term: Term = quad.object
        return term


_Path = Callable[[Node, Node], "list[Element]"]
_AGGREGATES = ("COUNT", "SUM", "MIN", "MAX", "AVG", "SAMPLE", "GROUP_CONCAT")
