"""SPARQL expressions evaluated over columns of solutions.

What rules mostly do (compare terms, make an IRI of the parts of others) is evaluated here, a
function at a time over whole columns. Everything else goes to the store's own SPARQL engine, once
for each distinct row of the variables involved, so that every function means what it means there
(SPARQL 1.1 Query Language, section 17).
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from functools import reduce
from typing import Any, Final, TypeAlias

import numpy as np
import pyoxigraph as ox
from numpy.typing import NDArray

from nhskg.rdf.sparql.algebra import Call, Expression, ProgramError, Term
from nhskg.rdf.sparql.render import expression_text
from nhskg.rdf.terms import AUXILIARY, XSD
from nhskg.reasoning.dictionary import UNBOUND, Dictionary
from nhskg.reasoning.relations import Mask, Numbers
from nhskg.reasoning.solutions import Column, Solutions

_Truth: TypeAlias = NDArray[np.int8]
"""Of each row 1 for true, 0 for false, -1 for an error (section 17.2)."""

_ROW: Final = AUXILIARY + "row:"
_COLUMN: Final = AUXILIARY + "column:"
_STRING: Final = ox.NamedNode(XSD + "string")
_PORTABLE: Final = re.compile(r"\^?(?:[A-Za-z0-9/#:_ -]|\.\*|\[[A-Za-z0-9/#:_-]+\][*+]?)*$")
"""Regular expressions that mean the same in every dialect."""
_COMPARISONS: Final[Mapping[str, Callable[[Any, Any], Any]]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    ">": operator.gt,
    "<=": operator.le,
    ">=": operator.ge,
}


class _NotVectorizedError(Exception):
    """An expression is left to the store's SPARQL engine."""


class Expressions:
    """Evaluates expressions over solutions.

    Attributes:
        dictionary: the numbers of terms.
    """

    def __init__(self, dictionary: Dictionary) -> None:
        self.dictionary = dictionary
        boolean = ox.NamedNode(XSD + "boolean")
        truths = [ox.Literal(word, datatype=boolean) for word in ("false", "true")]
        self._truths = np.array([*map(dictionary.number, truths), UNBOUND], np.int64)

    def numbers(self, column: Column) -> Numbers:
        """Return a column of numbers: those of strings, of truth values, or as they are."""
        if column.dtype == np.int8:
            return self._truths[column]
        if column.dtype == object:
            return _each(column, self._literal, UNBOUND, np.int64)
        return column

    def _literal(self, text: str) -> int:
        return self.dictionary.number(ox.Literal(text))

    def holds(self, expression: Expression, rows: Solutions) -> Mask:
        """Return a mask: whether the effective boolean value of an expression is true."""
        try:
            mask: Mask = _Evaluation(self, rows).truth(expression) == 1
        except _NotVectorizedError:
            mask = self.by_sparql(expression, rows, test=True) >= 0
        return mask

    def values(self, expression: Expression, rows: Solutions) -> Numbers:
        """Return the value of an expression in each row; an error leaves it unbound."""
        try:
            return self.numbers(_Evaluation(self, rows).value(expression))
        except _NotVectorizedError:
            return self.by_sparql(expression, rows, test=False)

    def by_sparql(self, expression: Expression, rows: Solutions, *, test: bool) -> Numbers:
        """Evaluate an expression by SPARQL, once for each distinct row of its variables."""
        used = expression.variables() if isinstance(expression, Call) else {expression}
        columns = {n: self.numbers(column) for n, column in rows.columns.items() if n in used}
        first, kinds = Solutions(rows.size, dict(columns)).kinds()
        store, marker, terms = ox.Store(), ox.NamedNode(_ROW), self.dictionary.terms
        places = [ox.NamedNode(f"{_ROW}{place}") for place in range(len(first))]
        store.extend([ox.Quad(place, marker, marker) for place in places])
        where = f"?row__ {marker} {marker}"
        for place, (name, column) in enumerate(columns.items()):
            predicate = ox.NamedNode(f"{_COLUMN}{place}")
            values = zip(places, column[first].tolist(), strict=True)
            store.extend([ox.Quad(p, predicate, terms[value]) for p, value in values if value >= 0])
            where += f" OPTIONAL {{ ?row__ {predicate} {name} }}"
        text = expression_text(expression)
        made, where = ("true", f"{where} FILTER({text})") if test else (text, where)
        try:
            found = store.query(f"SELECT ?row__ ({made} AS ?value__) WHERE {{ {where} }}")
        except SyntaxError as error:
            raise ProgramError(f"no SPARQL expression: {text} ({error})") from error
        assert isinstance(found, ox.QuerySolutions)
        out = np.full(len(first), UNBOUND, np.int64)
        for row, value in found:
            if value is not None:
                assert isinstance(row, ox.NamedNode)
                out[int(row.value.removeprefix(_ROW))] = self.dictionary.number(value)
        return out[kinds]


class _Evaluation:
    """Evaluates an expression over some solutions.

    A value is a column of the numbers of terms, of strings (None for an error), or of truth values.
    """

    def __init__(self, expressions: Expressions, rows: Solutions) -> None:
        self.dictionary = expressions.dictionary
        self.numbers = expressions.numbers
        self.rows = rows

    def value(self, expression: Expression) -> Column:
        match expression:
            case ox.Variable():
                unbound = np.full(self.rows.size, UNBOUND, np.int64)
                return self.rows.columns.get(expression, unbound)
            case ox.NamedNode():
                return np.full(self.rows.size, self.dictionary.number(expression), np.int64)
            case ox.Literal(value=text, datatype=datatype) if datatype == _STRING:
                return np.full(self.rows.size, text, object)
            case Call("IF", (condition, one, two)):
                return self._chosen(self.truth(condition), self.value(one), self.value(two))
            case Call("STR", (one,)):
                value = self.value(one)
                return value if value.dtype == object else self._texts(self.numbers(value), _text)
            case Call("IRI", (one,)):
                return _each(self._strings(one), self._iri, UNBOUND, np.int64)
            case Call("CONCAT", (_, *_) as parts):
                return self._of_strings("".join, *parts)
            case Call("STRAFTER", (one, two)):
                return self._of_strings(_after, one, two)
            case Call("REPLACE", (one, ox.Literal() as pattern, ox.Literal() as other)):
                return self._replaced(one, pattern.value, other.value)
            case Call():
                return self._tested(expression)
        raise _NotVectorizedError

    def _tested(self, expression: Call) -> _Truth:
        match expression:
            case Call("||" | "&&" as name, (one, two)):
                return _connected(name, self.truth(one), self.truth(two))
            case Call("!", (one,)):
                return _negated(self.truth(one))
            case Call("BOUND", (ox.Variable() as name,)):
                return (self.value(name) >= 0).astype(np.int8)
            case Call("SAMETERM", (one, two)):
                return self._same(self.value(one), self.value(two))
            case Call("IN", (one, *others)):
                found = [self._compared("=", one, other) for other in others]
                return reduce(lambda left, right: _connected("||", left, right), found)
            case Call(name, (one, two)) if name in _COMPARISONS:
                return self._compared(name, one, two)
        raise _NotVectorizedError

    def truth(self, expression: Expression) -> _Truth:
        """Return the effective boolean value of an expression."""
        value = self.value(expression)
        if value.dtype != np.int8:
            raise _NotVectorizedError
        return value

    def _strings(self, expression: Expression) -> Column:
        value = self.value(expression)
        if value.dtype == np.int8:
            raise _NotVectorizedError
        return value if value.dtype == object else self._texts(value, _plain)

    # -- operators

    def _compared(self, sign: str, one: Expression, two: Expression) -> _Truth:
        left, right = self.value(one), self.value(two)
        if left.dtype == right.dtype == object:
            compare = _COMPARISONS[sign]
            both = zip(left.tolist(), right.tolist(), strict=True)
            found = [-1 if None in pair else compare(*pair) for pair in both]
            return np.array(found, np.int8)
        if object in (left.dtype, right.dtype) or sign not in ("=", "!="):
            raise _NotVectorizedError
        left, right = self.numbers(left), self.numbers(right)
        by_identity = self.dictionary.can_be_subject(left) | self.dictionary.can_be_subject(right)
        if not (by_identity | (left < 0) | (right < 0)).all():  # literals are compared by value
            raise _NotVectorizedError
        same = self._same(left, right)
        return same if sign == "=" else _negated(same)

    def _same(self, one: Column, two: Column) -> _Truth:
        left, right = self.numbers(one), self.numbers(two)
        return np.where((left < 0) | (right < 0), -1, left == right).astype(np.int8)

    # -- functions

    def _chosen(self, condition: _Truth, one: Column, two: Column) -> Column:
        if one.dtype != two.dtype:
            one, two = self.numbers(one), self.numbers(two)
        chosen: Column = np.where(condition == 1, one, two)
        chosen[condition < 0] = None if chosen.dtype == object else UNBOUND
        return chosen

    def _texts(self, numbers: Numbers, text_of: Callable[[Term], str | None]) -> Column:
        """Return what a function makes of the terms; nothing of no term."""
        different, places = np.unique(numbers, return_inverse=True)
        terms = self.dictionary.terms
        texts = np.empty(len(different), object)
        texts[:] = [text_of(terms[number]) if number >= 0 else None for number in different]
        column: Column = texts[places]
        return column

    def _iri(self, text: str) -> int:
        try:
            return self.dictionary.number(ox.NamedNode(text))
        except ValueError:
            return UNBOUND

    def _of_strings(
        self, function: Callable[[tuple[str, ...]], str], *arguments: Expression
    ) -> Column:
        rows = zip(*(self._strings(each).tolist() for each in arguments), strict=True)
        out = np.empty(self.rows.size, object)
        out[:] = [None if None in row else function(row) for row in rows]
        return out

    def _replaced(self, expression: Expression, pattern: str, other: str) -> Column:
        if {"$", "\\"} & set(other) or not _PORTABLE.match(pattern) or re.match(pattern, ""):
            raise _NotVectorizedError
        compiled = re.compile(pattern)
        texts = self._strings(expression)
        return _each(texts, lambda text: compiled.sub(other, text), None, object)


def _negated(truth: _Truth) -> _Truth:
    return np.where(truth < 0, -1, 1 - truth).astype(np.int8)


def _connected(name: str, one: _Truth, two: _Truth) -> _Truth:
    """Return a conjunction or disjunction; what decides it outweighs an error."""
    decides = int(name == "||")
    decided = (one == decides) | (two == decides)
    error = (one < 0) | (two < 0)
    return np.where(decided, decides, np.where(error, -1, 1 - decides)).astype(np.int8)


def _text(term: Term) -> str | None:
    return term.value if isinstance(term, ox.NamedNode | ox.Literal) else None


def _plain(term: Term) -> str:
    if isinstance(term, ox.Literal) and term.datatype == _STRING:
        return term.value
    raise _NotVectorizedError


def _after(row: tuple[str, ...]) -> str:
    text, mark = row
    return text.partition(mark)[2] if mark else text


def _each(texts: Column, function: Callable[[str], Any], missing: object, kind: type) -> Column:
    """Return what a function makes of each text, called once for each different one."""
    known: dict[str | None, Any] = {None: missing}
    out: Column = np.empty(len(texts), kind)
    for place, text in enumerate(texts.tolist()):
        if text not in known:
            known[text] = function(text)
        out[place] = known[text]
    return out
