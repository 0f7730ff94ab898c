"""SPARQL expressions evaluated over columns of solutions.

What rules mostly do (compare terms, make an IRI of the parts of others) is evaluated here, a
function at a time over whole columns. Everything else is asked of the store's own SPARQL engine,
once for each distinct row of the variables involved, so that every function means what it means
there (SPARQL 1.1 Query Language, section 17).
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from itertools import repeat
from typing import Any, Final, TypeAlias

import numpy as np
import pyoxigraph as ox
from numpy.typing import NDArray

from nhskg.rdf.sparql.algebra import ProgramError
from nhskg.rdf.terms import AUXILIARY, XSD
from nhskg.reasoning.dictionary import UNBOUND, Dictionary
from nhskg.reasoning.expression_trees import WORDS, ExpressionNode, parse_expression
from nhskg.reasoning.relations import Mask, Numbers, distinct_rows
from nhskg.reasoning.solutions import Column, Solutions

__all__ = ["Expressions"]

_Truth: TypeAlias = NDArray[np.int8]
"""Of each row 1 for true, 0 for false, -1 for an error (section 17.2)."""

_Value: TypeAlias = "Column | _Truth | str | ox.NamedNode | bool"
"""A column, or a constant."""

_ROW: Final = AUXILIARY + "row:"
_COLUMN: Final = AUXILIARY + "column:"
_PLAIN: Final = re.compile(r"\^?(?:[A-Za-z0-9/#:_ -]|\.\*|\[[A-Za-z0-9/#:_-]+\][*+]?)*$")
"""Regular expressions that mean the same in every dialect."""
_COMPARISONS: Final[dict[str, Callable[[Any, Any], Any]]] = {
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
        true, false: the numbers of the two truth values.
    """

    def __init__(self, dictionary: Dictionary) -> None:
        self.dictionary = dictionary
        true, false = (ox.Literal(word, datatype=ox.NamedNode(XSD + "boolean")) for word in WORDS)
        self.true, self.false = dictionary.number(true), dictionary.number(false)

    def numbers(self, column: Column) -> Numbers:
        """Return a column of numbers; strings get theirs as plain literals."""
        if column.dtype != object:
            return column
        known: dict[Any, int] = {None: UNBOUND}
        number = self.dictionary.number
        out = np.empty(len(column), np.int64)
        for place, text in enumerate(column.tolist()):
            found = known.get(text)
            if found is None:
                found = known[text] = number(ox.Literal(text))
            out[place] = found
        return out

    def truths(self, mask: Mask) -> Numbers:
        """Return a column of the literals ``true`` and ``false``."""
        return np.where(mask, self.true, self.false)

    def holds(self, text: str, solutions: Solutions) -> Mask:
        """Tell of each row whether an expression is true in it (its effective boolean value)."""
        try:
            truth = _Evaluation(self, solutions).truth(parse_expression(text))
        except _NotVectorizedError:
            rows = self._evaluate_by_sparql(text, solutions, test=True)
            return rows >= 0
        mask: Mask = truth == 1
        return mask

    def values(self, text: str, solutions: Solutions) -> Column:
        """Return the value of an expression in each row; an error leaves it unbound."""
        try:
            value = _Evaluation(self, solutions).value(parse_expression(text))
            return _Evaluation(self, solutions).column(value)
        except _NotVectorizedError:
            return self._evaluate_by_sparql(text, solutions, test=False)

    def _evaluate_by_sparql(self, text: str, solutions: Solutions, *, test: bool) -> Numbers:
        """Evaluate an expression by SPARQL, once for each distinct row of its variables."""
        names = [name for name in solutions.columns if _mentions(text, name)]
        columns = [self.numbers(solutions.columns[name]) for name in names]
        if names:
            first, kinds = distinct_rows(columns)
        else:
            first, kinds = np.zeros(1, np.int64), np.zeros(solutions.size, np.int64)
        store = ox.Store()
        terms = self.dictionary.terms
        marker = ox.NamedNode(_ROW)
        rows = [ox.NamedNode(f"{_ROW}{place}") for place in range(len(first))]
        store.extend([ox.Quad(row, marker, marker) for row in rows])
        for place, column in enumerate(columns):
            predicate = ox.NamedNode(f"{_COLUMN}{place}")
            store.extend([
                ox.Quad(row, predicate, terms[value])
                for row, value in zip(rows, column[first].tolist(), strict=True)
                if value >= 0
            ])  # fmt: skip
        parts = [
            f"OPTIONAL {{ ?row__ <{_COLUMN}{place}> {name} }}" for place, name in enumerate(names)
        ]
        where = f"?row__ <{_ROW}> <{_ROW}> {' '.join(parts)}"
        if test:
            query = f"SELECT ?row__ (true AS ?value__) WHERE {{ {where} FILTER({text}) }}"
        else:
            query = f"SELECT ?row__ ({text} AS ?value__) WHERE {{ {where} }}"
        try:
            found = store.query(query)
        except SyntaxError as error:
            raise ProgramError(f"no SPARQL expression: {text} ({error})") from error
        assert isinstance(found, ox.QuerySolutions)
        out = np.full(len(first), UNBOUND, np.int64)
        for answer in found:
            row, value = answer["row__"], answer["value__"]
            assert isinstance(row, ox.NamedNode)
            if value is not None:
                number = self.dictionary.number(value)
                out[int(row.value.removeprefix(_ROW))] = number
        return out[kinds]


def _mentions(text: str, name: ox.Variable) -> bool:
    return re.search(rf"\?{re.escape(name.value)}\b", text) is not None


class _Evaluation:
    """Evaluates a tree over some solutions.

    A value is a column of numbers, a column of strings, a column of truth values, or a constant.
    """

    def __init__(self, expressions: Expressions, solutions: Solutions) -> None:
        self.expressions = expressions
        self.dictionary = expressions.dictionary
        self.solutions = solutions

    # -- kinds of value

    def column(self, value: _Value) -> Column:
        """Return a value as a column of numbers or strings."""
        size = self.solutions.size
        if isinstance(value, bool):
            value = np.full(size, value, np.int8)
        if isinstance(value, str):
            return np.full(size, value, object)
        if isinstance(value, ox.NamedNode):
            return np.full(size, self.dictionary.number(value), np.int64)
        if value.dtype == np.int8:
            true, false = self.expressions.true, self.expressions.false
            return np.where(value == 1, true, np.where(value == 0, false, UNBOUND))
        return value

    def numbers(self, value: _Value) -> Numbers:
        return self.expressions.numbers(self.column(value))

    def strings(self, value: _Value) -> Column | str:
        if isinstance(value, str) or (isinstance(value, np.ndarray) and value.dtype == object):
            return value
        raise _NotVectorizedError

    def truth(self, node: ExpressionNode | None) -> _Truth:
        """Return the effective boolean value of a tree."""
        value = self.value(node)
        if isinstance(value, bool):
            return np.full(self.solutions.size, value, np.int8)
        if not isinstance(value, np.ndarray) or value.dtype == object:
            raise _NotVectorizedError
        if value.dtype == np.int8:
            return value
        true, false = value == self.expressions.true, value == self.expressions.false
        if not (true | false | (value < 0)).all():
            raise _NotVectorizedError
        return np.where(true, 1, np.where(false, 0, -1)).astype(np.int8)

    # -- operators

    def value(self, node: ExpressionNode | None) -> _Value:
        if node is None:
            raise _NotVectorizedError
        if node.kind == "constant":
            value: _Value = node.value
            return value
        if node.kind == "variable":
            found = self.solutions.columns.get(node.value)
            return np.full(self.solutions.size, UNBOUND, np.int64) if found is None else found
        if node.kind in ("or", "and"):
            one, two = (self.truth(part) for part in node.parts)
            decided = 1 if node.kind == "or" else 0
            settled = (one == decided) | (two == decided)
            error = (one < 0) | (two < 0)
            return np.where(settled, decided, np.where(error, -1, 1 - decided)).astype(np.int8)
        if node.kind == "not":
            truth = self.truth(node.parts[0])
            return np.where(truth < 0, -1, 1 - truth).astype(np.int8)
        if node.kind == "compare":
            return self.compare(node.value, *(self.value(part) for part in node.parts))
        if node.kind == "in":
            return self.among(*(self.value(part) for part in node.parts))
        return self.call(node)

    def compare(self, sign: str, one: _Value, two: _Value) -> _Truth:
        texts = [v for v in (one, two) if isinstance(v, str) or _is_strings(v)]
        if len(texts) == 2:
            return self.compare_strings(sign, one, two)
        if texts or sign not in ("=", "!="):
            raise _NotVectorizedError
        left, right = self.numbers(one), self.numbers(two)
        plain = self.dictionary.can_be_compared
        if not (plain(left) | plain(right)).all():  # compared by value
            raise _NotVectorizedError
        same = left == right if sign == "=" else left != right
        return np.where((left < 0) | (right < 0), -1, same).astype(np.int8)

    def compare_strings(self, sign: str, one: Any, two: Any) -> _Truth:
        compare = _COMPARISONS[sign]
        rows = zip(self.each(one), self.each(two), strict=False)
        return np.fromiter(
            (-1 if a is None or b is None else compare(a, b) for a, b in rows),
            np.int8,
            self.solutions.size,
        )

    def each(self, value: Column | str) -> Any:
        return repeat(value, self.solutions.size) if isinstance(value, str) else value.tolist()

    def among(self, one: _Value, *others: _Value) -> _Truth:
        found = [self.compare("=", one, other) for other in others]
        error = np.any([each < 0 for each in found], axis=0)
        is_one = np.any([each == 1 for each in found], axis=0)
        return np.where(is_one, 1, np.where(error, -1, 0)).astype(np.int8)

    # -- functions

    def call(self, node: ExpressionNode) -> _Value:
        name, parts = node.value, node.parts
        if name == "BOUND":
            (part,) = parts
            found = self.value(part)
            if part.kind != "variable" or not isinstance(found, np.ndarray):
                raise _NotVectorizedError
            bound = found != np.array(None) if found.dtype == object else found >= 0
            return bound.astype(np.int8)
        if name == "IF":
            return self.choose(self.truth(parts[0]), *(self.value(part) for part in parts[1:]))
        values = [self.value(part) for part in parts]
        if name == "SAMETERM":
            left, right = map(self.numbers, values)
            return np.where((left < 0) | (right < 0), -1, left == right).astype(np.int8)
        if name in ("ISLITERAL", "ISIRI"):
            found = self.numbers(values[0])
            test = self.dictionary.is_literal if name == "ISLITERAL" else self.dictionary.is_iri
            return np.where(found < 0, -1, test(found)).astype(np.int8)
        if name == "STR":
            return self.text(values[0])
        if name == "IRI":
            return self.iri(values[0])
        return self.of_strings(name, [self.strings(value) for value in values])

    def choose(self, condition: _Truth, one: _Value, two: _Value) -> Column:
        columns = [self.column(value) for value in (one, two)]
        if columns[0].dtype != columns[1].dtype:
            columns = [self.expressions.numbers(column) for column in columns]
        failed = None if columns[0].dtype == object else UNBOUND
        chosen: Column = np.where(condition == 1, *columns)
        chosen[condition < 0] = failed
        return chosen

    def text(self, value: _Value) -> Column | str:
        if isinstance(value, ox.NamedNode):
            return value.value
        if isinstance(value, str) or _is_strings(value):
            return value  # type: ignore[return-value]
        numbers, places = np.unique(self.numbers(value), return_inverse=True)
        terms = self.dictionary.terms
        texts = np.empty(len(numbers), object)
        for place, number in enumerate(numbers.tolist()):
            term = terms[number] if number >= 0 else None
            texts[place] = term.value if isinstance(term, ox.NamedNode | ox.Literal) else None
        found: Column = texts[places]
        return found

    def iri(self, value: _Value) -> Numbers:
        if isinstance(value, ox.NamedNode):
            return self.numbers(value)
        if not _is_strings(value):
            numbers = self.numbers(value)
            if not (self.dictionary.is_iri(numbers) | (numbers < 0)).all():
                raise _NotVectorizedError
            return numbers
        number = self.dictionary.number
        known: dict[Any, int] = {None: UNBOUND}
        out = np.empty(self.solutions.size, np.int64)
        for place, text in enumerate(value.tolist()):  # type: ignore[union-attr]
            found = known.get(text)
            if found is None:
                try:
                    found = number(ox.NamedNode(text))
                except ValueError:
                    found = UNBOUND
                known[text] = found
            out[place] = found
        return out

    def of_strings(self, name: str, values: list[Column | str]) -> Column | _Truth:
        size = self.solutions.size
        if name == "REPLACE":
            return self.replace(values)
        rows = zip(*map(self.each, values), strict=False)
        if name == "CONCAT":
            texts = [None if None in row else "".join(row) for row in rows]
        elif len(values) != 2:
            raise _NotVectorizedError
        elif name == "STRSTARTS":
            return np.fromiter(
                (-1 if None in row else row[0].startswith(row[1]) for row in rows), np.int8, size
            )
        else:
            after = name == "STRAFTER"
            texts = [None if None in row else _part(*row, after=after) for row in rows]
        out = np.empty(size, object)
        out[:] = texts
        return out

    def replace(self, values: list[Column | str]) -> Column:
        if len(values) != 3:
            raise _NotVectorizedError
        texts, pattern, other = values
        if isinstance(texts, str) or not isinstance(pattern, str) or not isinstance(other, str):
            raise _NotVectorizedError
        if not _PLAIN.match(pattern) or {"$", "\\"} & set(other):
            raise _NotVectorizedError
        expression = re.compile(pattern)
        if expression.match(""):
            raise _NotVectorizedError
        known: dict[str | None, str | None] = {None: None}
        out = np.empty(len(texts), object)
        for place, text in enumerate(texts.tolist()):
            if text not in known:
                known[text] = expression.sub(other, text)
            out[place] = known[text]
        return out


def _is_strings(value: _Value) -> bool:
    return isinstance(value, np.ndarray) and value.dtype == object


def _part(text: str, mark: str, *, after: bool) -> str:
    """Return what stands after (or before) a mark, nothing if the mark is not there."""
    before, found, rest = text.partition(mark) if mark else ("", "", text)
    return rest if after else before * bool(found)
