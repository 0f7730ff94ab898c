"""Values of literals, as far as rdflib (and so pySHACL) and this engine agree on them.

rdflib reads literals with Python's own constructors: ``1_000`` is an integer to it. Forms like that
are not decided here: :class:`~nhskg.shacl.fast.terms.Unsure` leaves the shape to pySHACL.
"""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal
from typing import Final

from pyoxigraph import Literal

from nhskg.rdf.terms import XSD
from nhskg.shacl.fast.terms import Unsure

__all__ = ["DATATYPES", "has_datatype", "is_integer", "value_of"]

_STRING: Final = XSD + "string"
_INTEGER: Final = XSD + "integer"
_DECIMAL: Final = XSD + "decimal"
_DATE: Final = XSD + "date"
_DURATION: Final = XSD + "duration"
_UNREAD: Final = frozenset({XSD + "gYear", XSD + "gYearMonth"})
"""Datatypes that SPARQL 1.1 doesn't support: SHACL (4.1.2) asks for the IRI only."""

DATATYPES: Final = frozenset({_STRING, _INTEGER, _DECIMAL, _DATE, _DURATION}) | _UNREAD
"""The datatypes that :func:`has_datatype` knows."""

_WELL_FORMED: Final = {
    _INTEGER: re.compile(r"[+-]?[0-9]{1,400}"),
    _DECIMAL: re.compile(r"[+-]?(?:[0-9]{1,400}(?:\.[0-9]{1,400})?|\.[0-9]{1,400})"),
    _DATE: re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}"),
    _DURATION: re.compile(r"P(?=[0-9])(?:[0-9]{1,4}Y)?(?:[0-9]{1,4}M)?(?:[0-9]{1,4}D)?"),
}
_ILL_FORMED: Final = {
    _INTEGER: re.compile(r"(?=.*[A-Za-z])[A-Za-z0-9 .:-]*"),
    _DATE: re.compile(r"(?=.*[A-VX-Za-vx-z])[A-Za-z ]*"),
}


def is_integer(literal: Literal) -> bool:
    """Tell whether a literal is an integer in ASCII digits."""
    return literal.datatype.value == _INTEGER and _matches(_WELL_FORMED[_INTEGER], literal)


def value_of(literal: Literal) -> str | Decimal:
    """Return the value of a string or a number, for comparison.

    Raises:
        Unsure: it is neither, or not well-formed.
    """
    datatype = literal.datatype.value
    if literal.language or datatype == _STRING:
        return literal.value
    if datatype in (_INTEGER, _DECIMAL) and _matches(_WELL_FORMED[datatype], literal):
        return Decimal(literal.value)
    raise Unsure(f"how {literal} compares")


def has_datatype(literal: Literal, datatype: str) -> bool:
    """Tell whether a literal has one of :data:`DATATYPES` and is not ill-typed (SHACL 4.1.2).

    Raises:
        Unsure: it depends on rdflib whether it is well-formed.
    """
    if literal.language or literal.datatype.value != datatype:
        return False
    if datatype == _STRING or datatype in _UNREAD or _is_well_formed(literal, datatype):
        return True
    if datatype in _ILL_FORMED and _matches(_ILL_FORMED[datatype], literal):
        return False
    raise Unsure(f"whether {literal} is ill-typed")


def _is_well_formed(literal: Literal, datatype: str) -> bool:
    if not _matches(_WELL_FORMED[datatype], literal):
        return False
    if datatype != _DATE:
        return True
    try:
        dt.date.fromisoformat(literal.value)
    except ValueError as error:
        raise Unsure(f"whether {literal} is ill-typed") from error
    return True


def _matches(pattern: re.Pattern[str], literal: Literal) -> bool:
    return pattern.fullmatch(literal.value) is not None
