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
from typing import Any, Final, TypeAlias

import numpy as np
import pyoxigraph as ox
from numpy.typing import NDArray

from nhskg.rdf.sparql.algebra import Call, Expression, ProgramError, expression_text
from nhskg.rdf.terms import AUXILIARY, XSD
from nhskg.reasoning.relations import Mask, Numbers, distinct_rows
from nhskg.reasoning.solutions import UNBOUND, Column, Dictionary, Solutions

_Truth: TypeAlias = NDArray[np.int8]
"""Of each row 1 for true, 0 for false, -1 for an error (section 17.2)."""

_ROW: Final = AUXILIARY + "row:"
_COLUMN: Final = AUXILIARY + "column:"
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
        self._truths = [
            dictionary.number(ox.Literal(word, datatype=ox.NamedNode(XSD + "boolean")))
            for word in ("false", "true")
        ]

    def numbers(self, column: Column) -> Numbers:
        """Return a column of numbers; strings get theirs as plain literals."""
        if column.dtype == np.int8:
            return np.array([*self._truths, UNBOUND], np.int64)[column]
        return column if column.dtype != object else _each(column, self._literal, UNBOUND, np.int64)

    def _literal(self, text: str) -> int:
        return self.dictionary.number(ox.Literal(text))

    def holds(self, expression: Expression, rows: Solutions) -> Mask:
        """Return a mask: whether the effective boolean value of an expression is true."""
        try:
            mask: Mask = _Evaluation(self, rows).truth(expression) == 1
        except _NotVectorizedError:
            mask = self.by_sparql(expression, rows, test=True) >= 0
        return mask

    def values(self, expression: Expression, rows: Solutions) -> Column:
        """Return the value of an expression in each row; an error leaves it unbound."""
        try:
            value = _Evaluation(self, rows).value(expression)
        except _NotVectorizedError:
            return self.by_sparql(expression, rows, test=False)
        return value if value.dtype == object else self.numbers(value)

    def by_sparql(self, expression: Expression, rows: Solutions, *, test: bool) -> Numbers:
        """Evaluate an expression by SPARQL, once for each distinct row of its variables."""
        used = expression.variables() if isinstance(expression, Call) else {expression}
        names = [name for name in rows.columns if name in used]
        columns = [self.numbers(rows.columns[name]) for name in names]
        first, kinds = (
            distinct_rows(columns) if names else (np.zeros(1, int), np.zeros(rows.size, int))
        )
        store, marker, terms = ox.Store(), ox.NamedNode(_ROW), self.dictionary.terms
        places = [ox.NamedNode(f"{_ROW}{place}") for place in range(len(first))]
        store.extend([ox.Quad(place, marker, marker) for place in places])
        where = f"?row__ {marker} {marker}"
        for number, column in enumerate(columns):
            predicate = ox.NamedNode(f"{_COLUMN}{number}")
            values = zip(places, column[first].tolist(), strict=True)
            store.extend([ox.Quad(p, predicate, terms[value]) for p, value in values if value >= 0])
            where += f" OPTIONAL {{ ?row__ {predicate} {names[number]} }}"
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
        size = self.rows.size
        match expression:
            case ox.Variable():
                found = self.rows.columns.get(expression)
                return np.full(size, UNBOUND, np.int64) if found is None else found
            case ox.NamedNode():
                return np.full(size, self.dictionary.number(expression), np.int64)
            case ox.Literal(value=text, datatype=datatype):
                if datatype.value == XSD + "string":
                    return np.full(size, text, object)
                if datatype.value == XSD + "boolean" and text in ("true", "false"):
                    return np.full(size, text == "true", np.int8)
            case Call(name, arguments) if name in _CALLS:
                least, most, evaluate = _CALLS[name]
                if least <= len(arguments) <= most:
                    return evaluate(self, name, arguments)
        raise _NotVectorizedError

    def truth(self, expression: Expression) -> _Truth:
        """Return the effective boolean value of an expression."""
        value = self.value(expression)
        if value.dtype == np.int8:
            return value
        if value.dtype == object:
            raise _NotVectorizedError
        is_false, is_true = (value == self.numbers(np.array([n], np.int8)) for n in (0, 1))
        if not (is_true | is_false | (value < 0)).all():
            raise _NotVectorizedError
        return np.where(is_true, 1, np.where(is_false, 0, -1)).astype(np.int8)

    def strings(self, expression: Expression) -> Column:
        value = self.value(expression)
        if value.dtype != object:
            raise _NotVectorizedError
        return value

    # -- operators

    def connective(self, name: str, arguments: Arguments) -> _Truth:
        one, two = map(self.truth, arguments)
        decides = int(name == "||")
        decided = (one == decides) | (two == decides)
        error = (one < 0) | (two < 0)
        return np.where(decided, decides, np.where(error, -1, 1 - decides)).astype(np.int8)

    def negation(self, _: str, arguments: Arguments) -> _Truth:
        truth = self.truth(arguments[0])
        return np.where(truth < 0, -1, 1 - truth).astype(np.int8)

    def comparison(self, sign: str, arguments: Arguments) -> _Truth:
        return self.compared(sign, *map(self.value, arguments))

    def compared(self, sign: str, one: Column, two: Column) -> _Truth:
        are_strings = [one.dtype == object, two.dtype == object]
        if all(are_strings):
            compare = _COMPARISONS[sign]
            pairs = zip(one.tolist(), two.tolist(), strict=True)
            found = [-1 if a is None or b is None else compare(a, b) for a, b in pairs]
            return np.array(found, np.int8)
        if any(are_strings) or sign not in ("=", "!="):
            raise _NotVectorizedError
        left, right = self.numbers(one), self.numbers(two)
        by_identity = self.dictionary.can_be_compared
        if not (by_identity(left) | by_identity(right)).all():  # literals are compared by value
            raise _NotVectorizedError
        same = left == right if sign == "=" else left != right
        return np.where((left < 0) | (right < 0), -1, same).astype(np.int8)

    def membership(self, _: str, arguments: Arguments) -> _Truth:
        one, *others = map(self.value, arguments)
        found = [self.compared("=", one, other) for other in others]
        is_one = np.any([each == 1 for each in found], axis=0)
        error = np.any([each < 0 for each in found], axis=0)
        return np.where(is_one, 1, np.where(error, -1, 0)).astype(np.int8)

    # -- functions

    def bound(self, _: str, arguments: Arguments) -> _Truth:
        if not isinstance(arguments[0], ox.Variable):
            raise _NotVectorizedError
        found = self.value(arguments[0])
        bound = found != np.array(None) if found.dtype == object else found >= 0
        return bound.astype(np.int8)

    def choice(self, _: str, arguments: Arguments) -> Column:
        condition = self.truth(arguments[0])
        columns = [self.value(each) for each in arguments[1:]]
        if columns[0].dtype != columns[1].dtype:
            columns = [self.numbers(column) for column in columns]
        chosen: Column = np.where(condition == 1, *columns)
        chosen[condition < 0] = None if chosen.dtype == object else UNBOUND
        return chosen

    def same_term(self, _: str, arguments: Arguments) -> _Truth:
        left, right = (self.numbers(self.value(each)) for each in arguments)
        return np.where((left < 0) | (right < 0), -1, left == right).astype(np.int8)

    def kind(self, name: str, arguments: Arguments) -> _Truth:
        found = self.numbers(self.value(arguments[0]))
        test = self.dictionary.is_literal if name == "ISLITERAL" else self.dictionary.is_iri
        return np.where(found < 0, -1, test(found)).astype(np.int8)

    def text(self, _: str, arguments: Arguments) -> Column:
        value = self.value(arguments[0])
        if value.dtype == object:
            return value
        numbers, places = np.unique(self.numbers(value), return_inverse=True)
        found = [
            self.dictionary.terms[number] if number >= 0 else None for number in numbers.tolist()
        ]
        texts = np.empty(len(numbers), object)
        texts[:] = [t.value if isinstance(t, ox.NamedNode | ox.Literal) else None for t in found]
        column: Column = texts[places]
        return column

    def iri(self, _: str, arguments: Arguments) -> Numbers:
        value = self.value(arguments[0])
        if value.dtype == object:
            return _each(value, self._named, UNBOUND, np.int64)
        numbers = self.numbers(value)
        if not (self.dictionary.is_iri(numbers) | (numbers < 0)).all():
            raise _NotVectorizedError
        return numbers

    def _named(self, text: str) -> int:
        try:
            return self.dictionary.number(ox.NamedNode(text))
        except ValueError:
            return UNBOUND

    def of_strings(self, name: str, arguments: Arguments) -> Column:
        function = _OF_STRINGS[name]
        rows = zip(*(self.strings(each).tolist() for each in arguments), strict=True)
        out = np.empty(self.rows.size, object)
        out[:] = [None if None in row else function(row) for row in rows]
        return out

    def starts(self, _: str, arguments: Arguments) -> _Truth:
        rows = zip(*(self.strings(each).tolist() for each in arguments), strict=True)
        found = [-1 if a is None or b is None else a.startswith(b) for a, b in rows]
        return np.array(found, np.int8)

    def replacement(self, _: str, arguments: Arguments) -> Column:
        texts, (pattern, other) = self.strings(arguments[0]), (_plain(e) for e in arguments[1:])
        if pattern is None or other is None or {"$", "\\"} & set(other):
            raise _NotVectorizedError
        compiled = re.compile(pattern) if _PORTABLE.match(pattern) else None
        if compiled is None or compiled.match(""):
            raise _NotVectorizedError
        return _each(texts, lambda text: compiled.sub(other, text), None, object)


Arguments: TypeAlias = tuple[Expression, ...]


def _each(texts: Column, function: Callable[[str], Any], missing: object, kind: type) -> Column:
    """Return what a function makes of each text, called once for each different one."""
    known: dict[str | None, Any] = {None: missing}
    out: Column = np.empty(len(texts), kind)
    for place, text in enumerate(texts.tolist()):
        if text not in known:
            known[text] = function(text)
        out[place] = known[text]
    return out


def _plain(expression: Expression) -> str | None:
    """Return the text of a plain string."""
    if isinstance(expression, ox.Literal) and expression.datatype.value == XSD + "string":
        return expression.value
    return None


def _before(row: tuple[str, str]) -> str:
    text, mark = row
    before, found, _ = text.partition(mark) if mark else ("", "", "")
    return before if found else ""


_OF_STRINGS: Final[Mapping[str, Callable[[Any], str]]] = {
    "CONCAT": "".join,
    "STRAFTER": lambda row: row[0].partition(row[1])[2] if row[1] else row[0],
    "STRBEFORE": _before,
}
_CALLS: Final[Mapping[str, tuple[int, int, Callable[[_Evaluation, str, Arguments], Column]]]] = {
    "||": (2, 2, _Evaluation.connective),
    "&&": (2, 2, _Evaluation.connective),
    "!": (1, 1, _Evaluation.negation),
    **dict.fromkeys(_COMPARISONS, (2, 2, _Evaluation.comparison)),
    "IN": (2, 10_000, _Evaluation.membership),
    "BOUND": (1, 1, _Evaluation.bound),
    "IF": (3, 3, _Evaluation.choice),
    "SAMETERM": (2, 2, _Evaluation.same_term),
    "ISLITERAL": (1, 1, _Evaluation.kind),
    "ISIRI": (1, 1, _Evaluation.kind),
    "STR": (1, 1, _Evaluation.text),
    "IRI": (1, 1, _Evaluation.iri),
    "REPLACE": (3, 3, _Evaluation.replacement),
    "CONCAT": (1, 10_000, _Evaluation.of_strings),
    "STRAFTER": (2, 2, _Evaluation.of_strings),
    "STRBEFORE": (2, 2, _Evaluation.of_strings),
    "STRSTARTS": (2, 2, _Evaluation.starts),
}
"""What is evaluated over columns: the least and most arguments, and how."""
