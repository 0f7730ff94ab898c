"""SPARQL expressions evaluated over columns of solutions.

What rules test for many rows (whether terms are the same, whether a variable is bound) is compared
a column at a time. All else is evaluated once for each distinct row of the variables involved: what
rules make of the texts of terms by functions of this module, the rest by the store's own SPARQL
engine, so that every function means what it means there (SPARQL 1.1 Query Language, section 17).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache, partial
from typing import Final, TypeAlias
from urllib.parse import quote

import numpy as np
import pyoxigraph as ox

from nhskg.rdf.sparql.algebra import Call, Expression, ProgramError, Term, expression_text
from nhskg.rdf.terms import AUXILIARY, XSD
from nhskg.reasoning.relations import (
    UNBOUND,
    Mask,
    Numbers,
    Solutions,
    TooManyError,
    distinct_rows,
)
from nhskg.reasoning.triple_arrays import LITERAL, Dictionary

_Table: TypeAlias = "Mapping[ox.Variable, Sequence[Term | None]]"

MOST_LETTERS: Final = 10_000_000
"""How long a term may be that a rule makes: one that is made of itself grows without end."""

_ROW: Final = AUXILIARY + "row:"
_COLUMN: Final = AUXILIARY + "column:"
_STRING: Final = XSD + "string"
FALSE, TRUE = (
    ox.Literal(word, datatype=ox.NamedNode(XSD + "boolean")) for word in ("false", "true")
)
_PORTABLE: Final = re.compile(
    r"\^?(?:[A-Za-z0-9/#:_ .~-]|\.\*|\[[A-Za-z0-9/#:_-]+\][*+]?|\([A-Za-z0-9/#:_.~|-]+\))*$"
)
"""Regular expressions that mean the same in every dialect."""


class _LeftToSparqlError(Exception):
    """A value may be another literal than a plain string, or there is a rarer function."""


class Expressions:
    """Evaluates expressions over solutions; ``dictionary`` holds the numbers of terms."""

    def __init__(self, dictionary: Dictionary) -> None:
        self.dictionary = dictionary
        self.truths = np.array([dictionary.number(FALSE), dictionary.number(TRUE)], np.int64)

    def holds(self, expression: Expression, rows: Solutions, *, wanted: bool = True) -> Mask:
        """Return a mask: whether the effective boolean value is ``wanted``, and no error."""
        mask: Mask | None
        match expression:
            case Call("!", (one,)):
                return self.holds(one, rows, wanted=not wanted)
            case Call("&&" | "||" as name, (one, two)):
                mask = self.holds(one, rows, wanted=wanted)
                undecided = np.flatnonzero(mask == (wanted == (name == "&&")))
                mask[undecided] = self.holds(two, rows.where(undecided), wanted=wanted)
                return mask
        mask = self._by_columns(expression, rows, wanted)
        if mask is None:
            values = self.values(expression, rows)
            if not np.isin(values, (UNBOUND, *self.truths)).all():
                values = self.values(Call("IF", (expression, TRUE, FALSE)), rows)
            mask = values == self.truths[int(wanted)]
        return mask

    def values(self, expression: Expression, rows: Solutions) -> Numbers:
        """Return the value of an expression in each row; an error leaves it unbound."""
        column = self._column(expression, rows)
        return self._by_rows(expression, rows) if column is None else column

    def _by_columns(self, expression: Expression, rows: Solutions, wanted: bool) -> Mask | None:
        """Return what :meth:`holds` does, or None if it takes more than to compare columns."""
        arguments = expression.arguments if isinstance(expression, Call) else (expression,)
        columns = [c for c in (self._column(each, rows) for each in arguments) if c is not None]
        if len(columns) < len(arguments):
            return None
        bound: Mask = np.all([column != UNBOUND for column in columns], axis=0)
        kinds = [self.dictionary.kinds(column) for column in columns]
        mask: Mask | None = None
        match expression:
            case Call("SAMETERM", (_, _)):
                mask = bound & ((columns[0] == columns[1]) == wanted)
            case Call("=" | "!=" as name, (_, _)) if (np.minimum(*kinds) < LITERAL).all():
                mask = bound & ((columns[0] == columns[1]) == (wanted == (name == "=")))
            case Call("IN", (_, *others)) if all(isinstance(o, ox.NamedNode) for o in others):
                mask = bound & (np.isin(columns[0], [c[:1] for c in columns[1:]]) == wanted)
            case Call("BOUND", (_,)):
                mask = bound == wanted
            case Call("ISLITERAL", (_,)):
                mask = bound & ((kinds[0] == LITERAL) == wanted)
        return mask

    def _column(self, node: Expression, rows: Solutions) -> Numbers | None:
        """Return the number of a node in each row; None for what must be evaluated."""
        if isinstance(node, ox.NamedNode):
            return np.full(rows.size, self.dictionary.number(node), np.int64)
        return rows.values(node) if isinstance(node, ox.Variable) else None

    def _by_rows(self, expression: Expression, rows: Solutions) -> Numbers:
        """Evaluate an expression once for each distinct row of its variables."""
        used = expression.variables() if isinstance(expression, Call) else {expression}
        names = [name for name in rows.columns if name in used]
        first, kinds = distinct_rows([rows.columns[name] for name in names], rows.size)
        found = ((name, rows.columns[name][first].tolist()) for name in names)
        terms = self.dictionary.terms
        table = {name: [terms[n] if n >= 0 else None for n in column] for name, column in found}
        values: Sequence[Term | None]
        try:
            values = _made_of_texts(expression, table, len(first))
        except _LeftToSparqlError:
            values = by_sparql(expression, table, len(first))
        if any(len(getattr(value, "value", "")) > MOST_LETTERS for value in values):
            told = f"it makes a term of more than {MOST_LETTERS:,} letters"
            raise TooManyError(f"{told}; let it make no term of one that it made")
        numbers = [UNBOUND if v is None else self.dictionary.number(v) for v in values]
        return np.array(numbers, np.int64)[kinds]


def by_sparql(expression: Expression, table: _Table, size: int) -> Sequence[Term | None]:
    """Return what pyoxigraph's engine makes of an expression for each row of a table.

    Raises:
        ProgramError: the engine refuses it.
    """
    store, text = ox.Store(), expression_text(expression)
    rows = [ox.NamedNode(f"{_ROW}{number}") for number in range(size)]
    marker = ox.NamedNode(_ROW)
    store.extend([ox.Quad(row, marker, marker) for row in rows])
    where = f"?row__ {marker} {marker}"
    for number, (name, column) in enumerate(table.items()):
        predicate = ox.NamedNode(f"{_COLUMN}{number}")
        terms = zip(rows, column, strict=True)
        store.extend([ox.Quad(row, predicate, term) for row, term in terms if term is not None])
        where += f" OPTIONAL {{ ?row__ {predicate} {name} }}"
    try:
        found = store.query(f"SELECT ?row__ ({text} AS ?value__) WHERE {{ {where} }}")
        made = dict(found)  # type: ignore[arg-type]
    except (SyntaxError, RuntimeError) as error:  # the latter of a function that it does not have
        raise ProgramError(f"no SPARQL expression: {text} ({error})") from error
    return [made[row] for row in rows]


def _made_of_texts(expression: Expression, table: _Table, size: int) -> list[Term | None]:
    match expression:
        case Call("IRI", (one,)):
            return [_iri(text) for text in _texts(one, table, size)]
        case Call("<", (one, two)):
            both = zip(_texts(one, table, size), _texts(two, table, size), strict=True)
            return [None if a is None or b is None else TRUE if a < b else FALSE for a, b in both]
    return [None if t is None else ox.Literal(t) for t in _texts(expression, table, size)]


def _iri(text: str | None) -> ox.NamedNode | None:
    try:
        return None if text is None else ox.NamedNode(text)
    except ValueError:
        return None


def _texts(expression: Expression, table: _Table, size: int) -> list[str | None]:
    """Return the plain strings that are the values of an expression; None for an error."""
    match expression:
        case ox.Literal(value=text, datatype=ox.NamedNode(value=datatype)) if datatype == _STRING:
            return [text] * size
        case ox.Variable() if expression in table:
            return [_plain(term) for term in table[expression]]
        case Call("STR", (ox.Variable() as name,)) if name in table:
            terms = table[name]
            return [t.value if isinstance(t, ox.NamedNode | ox.Literal) else None for t in terms]
        case Call("CONCAT", arguments):
            texts = zip(*(_texts(each, table, size) for each in arguments), strict=True)
            return [None if None in row else "".join(row) for row in texts]
        case Call("ENCODE_FOR_URI", (one,)):
            return [None if t is None else quote(t, safe="") for t in _texts(one, table, size)]
        case Call("STRAFTER", (one, two)):
            both = zip(_texts(one, table, size), _texts(two, table, size), strict=True)
            return [None if a is None or b is None else _after(a, b) for a, b in both]
        case Call("IF", (Call("BOUND", (ox.Variable() as name,)), one, two)) if name in table:
            choices = zip(_texts(one, table, size), _texts(two, table, size), strict=True)
            bound = [term is not None for term in table[name]]
            return [pair[not yes] for pair, yes in zip(choices, bound, strict=True)]
        case Call("REPLACE", (one, ox.Literal(value=pattern), ox.Literal(value=other))):
            portable = _PORTABLE.match(pattern) and not re.match(pattern, "")
            if portable and not {"$", "\\"} & set(other):
                replaced = cache(partial(re.compile(pattern).sub, other))
                return [None if t is None else replaced(t) for t in _texts(one, table, size)]
    raise _LeftToSparqlError


def _after(text: str, mark: str) -> str:
    return text.partition(mark)[2] if mark else text


def _plain(term: Term | None) -> str | None:
    if isinstance(term, ox.Literal) and term.datatype.value == _STRING:
        return term.value
    if term is not None:
        raise _LeftToSparqlError
    return None
