"""What table 8 of OWL 2 RL says of literals, for the proof checker: by Python's own numbers.

In RDF no literal is a subject. Here each is named by an IRI, as the tables are about graphs in
which it may be one.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from decimal import Decimal, InvalidOperation
from itertools import product
from typing import Any, Final
from urllib.parse import quote

import pyoxigraph as ox

from nhskg.rdf.terms import OWL, RDF, RDF_TYPE, RDFS, XSD

DATATYPE_RULES: Final = ("dt-type1", "dt-type2", "dt-eq")

_INTEGERS: Final[dict[str, tuple[int | None, int | None]]] = {
    "integer": (None, None),
    "nonNegativeInteger": (0, None),
    "nonPositiveInteger": (None, 0),
    "positiveInteger": (1, None),
    "negativeInteger": (None, -1),
    "long": (-9223372036854775808, 9223372036854775807),
    "int": (-2147483648, 2147483647),
    "short": (-32768, 32767),
    "byte": (-128, 127),
    "unsignedLong": (0, 18446744073709551615),
    "unsignedInt": (0, 4294967295),
    "unsignedShort": (0, 65535),
    "unsignedByte": (0, 255),
}
_STRINGS: Final = {
    "string": r".*",
    "normalizedString": r"[^\t\r\n]*",
    "token": r"(\S+( \S+)*)?",
    "language": r"[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*",
    "NMTOKEN": r"[\w.:-]+",
    "Name": r"[^\W\d][\w.:-]*|:[\w.:-]*",
    "NCName": r"[^\W\d][\w.-]*",
}
_OTHERS: Final = "boolean double float hexBinary base64Binary anyURI dateTime dateTimeStamp".split()
_DATATYPES: Final = (
    *(XSD + name for name in ("decimal", *_INTEGERS, *_STRINGS, *_OTHERS)),
    *(RDF + "PlainLiteral", RDF + "XMLLiteral", RDFS + "Literal"),
)
"""The datatypes of OWL 2 Profiles, section 4.2.1."""


def _triple(subject: Any, predicate: str, value: Any) -> ox.Triple:
    return ox.Triple(subject, ox.NamedNode(predicate), value)


DECLARED: Final = frozenset(
    _triple(ox.NamedNode(iri), RDF_TYPE, ox.NamedNode(RDFS + "Datatype")) for iri in _DATATYPES
)
"""What dt-type1 says."""


def with_names(triple: ox.Triple) -> ox.Triple:
    """Return a triple with a name for its literal, unless it is the number of a cardinality."""
    is_number = "ardinality" in triple.predicate.value
    is_literal = isinstance(triple.object, ox.Literal) and not is_number
    return (
        ox.Triple(triple.subject, triple.predicate, _name(triple.object)) if is_literal else triple
    )


def told_of(rule: str, triples: Iterable[ox.Triple]) -> Collection[ox.Triple]:
    """Return what the rules of table 8, among those named, say of the literals in triples."""
    literals = {t.object for t in triples if isinstance(t.object, ox.Literal)}
    found = []
    if "dt-type2" in rule:
        pairs = product(literals, (*_DATATYPES, RDF + "langString"))
        found += [
            _triple(_name(each), RDF_TYPE, ox.NamedNode(kind))
            for each, kind in pairs
            if _is_in(each, kind)
        ]
    if "dt-eq" in rule:
        equal = [(a, b) for a, b in product(literals, repeat=2) if _value(a) == _value(b)]
        found += [_triple(_name(a), OWL + "sameAs", _name(b)) for a, b in equal if a != b]
    return found


def _name(literal: Any) -> ox.NamedNode:
    return ox.NamedNode("urn:nhskg:literal:" + quote(str(literal), safe=""))


def _value(literal: ox.Literal) -> tuple[object, ...]:
    """Return the kind of value that a literal has, and the value: a number, a text, or its form."""
    kind, text = literal.datatype.value.removeprefix(XSD), literal.value
    if kind == "decimal" or kind in _INTEGERS:
        try:
            return "number", Decimal(text.strip())
        except InvalidOperation:
            return "no number", text
    if kind in _STRINGS:
        spaced = text if kind == "string" else re.sub(r"[\t\r\n]", " ", text)
        collapsed = kind in ("string", "normalizedString")
        return "text", spaced if collapsed else " ".join(spaced.split())
    if kind in ("hexBinary", "dateTimeStamp"):
        return kind.removesuffix("Stamp"), text.strip().upper()
    return kind, text, literal.language


def _is_in(literal: ox.Literal, datatype: str) -> bool:
    """Tell whether the value of a literal is in the value space of a datatype."""
    kind, value, *_ = _value(literal)
    name = datatype.removeprefix(XSD)
    if name in _INTEGERS and isinstance(value, Decimal):
        low, high = _INTEGERS[name]
        least, most = low is None or value >= low, high is None or value <= high
        return value == value.to_integral_value() and least and most
    if name in _STRINGS and kind == "text":
        return re.fullmatch(_STRINGS[name], str(value), re.DOTALL) is not None
    if datatype == RDF + "PlainLiteral":
        return kind == "text" or literal.language is not None
    is_own = datatype in (RDFS + "Literal", literal.datatype.value)
    return kind != "no number" and (is_own or (name == "decimal" and kind == "number"))
