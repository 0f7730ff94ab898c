"""What kind of value an expression has, and on which data rdflib and pyoxigraph agree about it.

Only expressions are let through whose value is the same by the definitions of SPARQL (section 17)
and by rdflib's own reading of them: comparisons of strings with strings and of numbers with
numbers; terms with IRIs. What a variable may hold is a matter of the data: a :class:`Guard` says
what must hold, and of which column of the graph.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Final

from nhskg.validation.fast.query_model import (
    Call,
    Compare,
    Expression,
    Iri,
    Member,
    Number,
    Pattern,
    Text,
    Var,
)
from nhskg.validation.fast.terms import Unsupported

__all__ = ["Column", "Guard", "Holds", "Scope", "check_filter", "kind_of"]

_TERM: Final = "term"
_IRI: Final = "IRI"
_STRING: Final = "string"
_NATURAL: Final = "natural number"
_NUMBER: Final = "number"
_BOOLEAN: Final = "truth value"

_OF_STRINGS: Final = {"STRLEN": _NATURAL, "STRSTARTS": _BOOLEAN, "CONCAT": _STRING}
"""Functions that take strings, and what they give."""


class Holds(Enum):
    """What the data hold where a variable gets its values."""

    NO_BLANK = "no blank node"
    ONLY_IRIS = "IRIs only"
    ONLY_STRINGS = "plain strings only"
    ONLY_INTEGERS = "integers only"


Column = tuple[str, bool]
"""A predicate, and whether its objects (and not its subjects) are meant."""


@dataclass(frozen=True, slots=True)
class Guard:
    """One of some columns must hold one kind of node only."""

    holds: Holds
    columns: tuple[Column, ...]


@dataclass(frozen=True, slots=True)
class Scope:
    """What is known of the variables of a group: patterns, and kinds of what BIND binds."""

    patterns: tuple[Pattern, ...]
    kinds: Mapping[str, str] = field(default_factory=dict)

    def knowing(self, kinds: Mapping[str, str]) -> Scope:
        """Return the scope with the kinds of some variables."""
        return Scope(self.patterns, kinds)

    def columns(self, name: str) -> tuple[Column, ...]:
        """Return the columns of the graph in which every value of a variable is."""
        found = []
        for each in self.patterns:
            if isinstance(each.predicate, Iri):
                if each.subject == Var(name):
                    found.append((each.predicate.value, False))
                if each.value == Var(name):
                    found.append((each.predicate.value, True))
        return tuple(found)

    def is_subject(self, name: str) -> bool:
        """Tell whether a variable is the subject of a triple, and so no literal."""
        return any(
            each.subject == Var(name) and each.predicate is not None for each in self.patterns
        )


def check_filter(expression: Expression, scope: Scope, guards: list[Guard]) -> None:
    """Check that an expression has a truth value for sure, and note what it depends on."""
    if kind_of(expression, scope, guards) != _BOOLEAN:
        raise Unsupported("a filter without a truth value")


def kind_of(expression: Expression, scope: Scope, guards: list[Guard]) -> str:
    """Return the kind of an expression, and note what it depends on."""
    match expression:
        case Var("this") | Iri():
            return _IRI
        case Var(name):
            return scope.kinds.get(name, _TERM)
        case Text():
            return _STRING
        case Number():
            return _NATURAL
        case Member(left, _):
            # an IRI is the same as another term or it is not: rdflib compares as Python does
            if kind_of(left, scope, guards) in (_TERM, _IRI):
                return _BOOLEAN
            raise Unsupported("IN of something computed")
        case Compare(operator, left, right):
            return _kind_of_comparison(operator, left, right, scope, guards)
        case Call(name, arguments):
            return _kind_of_call(name, arguments, scope, guards)


def _kind_of_comparison(
    operator: str, left: Expression, right: Expression, scope: Scope, guards: list[Guard]
) -> str:
    kinds = {kind_of(left, scope, guards), kind_of(right, scope, guards)}
    if kinds == {_STRING} or kinds <= {_NATURAL, _NUMBER}:
        return _BOOLEAN
    if operator in ("=", "!=") and kinds <= {_TERM, _IRI}:
        for each in (left, right):
            _expect_node(each, scope, guards)
        return _BOOLEAN
    if _STRING in kinds or operator in ("=", "!="):
        raise Unsupported("a comparison of unlike things")
    for each in (left, right):
        _expect_number(each, scope, guards)
    return _BOOLEAN


def _kind_of_call(
    name: str, arguments: tuple[Expression, ...], scope: Scope, guards: list[Guard]
) -> str:
    if name in _OF_STRINGS:
        for each in arguments:
            _expect_string(each, scope, guards)
        return _OF_STRINGS[name]
    if name in ("+", "-"):
        for each in arguments:
            _expect_number(each, scope, guards)
        return _NUMBER
    if name in ("!", "&&", "||"):
        for each in arguments:
            check_filter(each, scope, guards)
        return _BOOLEAN
    return _kind_of_other_call(name, arguments, scope, guards)


def _kind_of_other_call(
    name: str, arguments: tuple[Expression, ...], scope: Scope, guards: list[Guard]
) -> str:
    match name, arguments:
        case "STR", (Var(variable),) if variable != "this":
            _guard(Holds.NO_BLANK, variable, scope, guards)
            return _STRING
        case "STR", (Var() | Iri(),):
            return _STRING
        case "SUBSTR", (text, Number(start), *length) if start >= 1:
            _expect_string(text, scope, guards)
            if all(kind_of(each, scope, guards) == _NATURAL for each in length):
                return _STRING
        case "IF", (condition, yes, no):
            check_filter(condition, scope, guards)
            kinds = {kind_of(yes, scope, guards), kind_of(no, scope, guards)}
            if len(kinds) == 1 and _TERM not in kinds:
                return kinds.pop()
    raise Unsupported(f"a query with {name} of something")


def _expect_string(each: Expression, scope: Scope, guards: list[Guard]) -> None:
    kind = kind_of(each, scope, guards)
    if isinstance(each, Var) and kind == _TERM:
        _guard(Holds.ONLY_STRINGS, each.name, scope, guards)
    elif kind != _STRING:
        raise Unsupported("a function of a string of something else")


def _expect_number(each: Expression, scope: Scope, guards: list[Guard]) -> None:
    kind = kind_of(each, scope, guards)
    if isinstance(each, Var) and kind == _TERM:
        _guard(Holds.ONLY_INTEGERS, each.name, scope, guards)
    elif kind not in (_NATURAL, _NUMBER):
        raise Unsupported("a number that may be something else")


def _expect_node(each: Expression, scope: Scope, guards: list[Guard]) -> None:
    """Note that a term must be no literal, since literals are equal in more ways than one."""
    if isinstance(each, Var) and each.name != "this" and each.name not in scope.kinds:
        if not scope.is_subject(each.name):
            _guard(Holds.ONLY_IRIS, each.name, scope, guards)
    elif kind_of(each, scope, guards) != _IRI:
        raise Unsupported("an equation of something computed")


def _guard(holds: Holds, name: str, scope: Scope, guards: list[Guard]) -> None:
    columns = () if name in scope.kinds else scope.columns(name)
    if not columns:
        raise Unsupported("an expression of what a path finds")
    guards.append(Guard(holds, columns))
