"""Datatypes as classes: what is in the value space of a datatype of the OWL 2 RL map.

OWL 2 Profiles, section 4.3, table 8, with the value spaces and forms of XML Schema Definition
Language 1.1, part 2. A literal cannot be the subject of a triple in RDF, so what dt-type2 would say
of it is asked where it matters: a rule that reads the membership of a datatype tests the literal,
and a rule that would put a literal in a datatype whose value space it is not in becomes a check
(dt-not-type). A datatype outside the map holds what carries its name, for all that can be known;
of such a one no check is made.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import pyoxigraph as ox

from nhskg.reasoning.folding import class_read
from nhskg.reasoning.model import Check, Element, Expression, Filter, Group, Node, Part, Rule
from nhskg.reasoning.schema import is_datatype
from nhskg.terms import RDF, RDFS, XSD

__all__ = [
    "FORMS",
    "NUMBERS",
    "STRINGS",
    "Parts",
    "call",
    "has_datatype",
    "in_value_space",
    "text_value",
    "with_datatypes",
    "xsd",
]

Parts = tuple[Part, ...]
"""A piece of an expression: its tokens in order."""

_DIGITS: Final[dict[str, str]] = {
    "decimal": "[+-]?([0-9]+([.][0-9]*)?|[.][0-9]+)",
    "integer": "[+-]?[0-9]+([.]0*)?",
    "nonNegativeInteger": "([+]?[0-9]+|-0+)([.]0*)?",
    "nonPositiveInteger": "(-[0-9]+|[+]?0+)([.]0*)?",
    "positiveInteger": "[+]?0*[1-9][0-9]*([.]0*)?",
    "negativeInteger": "-0*[1-9][0-9]*([.]0*)?",
}
"""The forms of the numbers in a datatype that has no bound, or one at 0, however many digits."""
_BOUNDS: Final[dict[str, tuple[int, int]]] = {
    "long": (-(2**63), 2**63 - 1),
    "int": (-(2**31), 2**31 - 1),
    "short": (-(2**15), 2**15 - 1),
    "byte": (-(2**7), 2**7 - 1),
    "unsignedInt": (0, 2**32 - 1),
    "unsignedShort": (0, 2**16 - 1),
    "unsignedByte": (0, 2**8 - 1),
}
_UNSIGNED_LONG: Final = "18446744073709551615"
NUMBERS: Final = (*_DIGITS, *_BOUNDS, "unsignedLong")
"""The datatypes whose values are decimal numbers."""

_START: Final = (
    ":A-Z_a-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02ff\u0370-\u037d\u037f-\u1fff\u200c-\u200d"
    "\u2070-\u218f\u2c00-\u2fef\u3001-\ud7ff\uf900-\ufdcf\ufdf0-\ufffd\U00010000-\U000effff"
)
_REST: Final = _START + ".0-9\u00b7\u0300-\u036f\u203f-\u2040\\-"
"""What may begin and what may continue a name (XML 1.0, productions 4 and 4a)."""
STRINGS: Final[dict[str, str]] = {
    "string": "",
    "normalizedString": "[^\t\r\n]*",
    "token": "([^ \t\r\n]+( [^ \t\r\n]+)*)?",
    "language": "[a-zA-Z]{1,8}(-[a-zA-Z0-9]{1,8})*",
    "NMTOKEN": f"[{_REST}]+",
    "Name": f"[{_START}][{_REST}]*",
    "NCName": f"[{_START[1:]}][{_REST[1:]}]*",
}
"""The datatypes whose values are strings, with the form of those that are in it."""
FORMS: Final[dict[str, str]] = {
    "boolean": "true|false|1|0",
    "double": "[+-]?([0-9]+([.][0-9]*)?|[.][0-9]+)([eE][+-]?[0-9]+)?|[+-]?INF|NaN",
    "float": "[+-]?([0-9]+([.][0-9]*)?|[.][0-9]+)([eE][+-]?[0-9]+)?|[+-]?INF|NaN",
    "hexBinary": "([0-9a-fA-F]{2})*",
    "base64Binary": "([A-Za-z0-9+/] ?){0,3}([A-Za-z0-9+/= ])*",
    "anyURI": "(.|\n)*",
}
"""The other datatypes of XML Schema in the map, but for those of time, with their forms."""
_TIME: Final = (
    "-?[0-9]{4,}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}([.][0-9]+)?(Z|[+-][0-9]{2}:[0-9]{2})"
)


# -- pieces of expressions


def xsd(name: str) -> ox.NamedNode:
    """Return a datatype of XML Schema."""
    return ox.NamedNode(XSD + name)


def call(name: str, *arguments: Parts) -> Parts:
    """Return the call of a function."""
    listed: list[Part] = [f"{name}("]
    for number, argument in enumerate(arguments):
        listed += [",", *argument] if number else argument
    return (*listed, ")")


def has_datatype(node: Node, names: Sequence[str]) -> Parts:
    """Return the test that a literal carries one of some datatypes of XML Schema."""
    listed: list[Part] = []
    for name in names:
        listed += [xsd(name), ","]
    return (*call("DATATYPE", (node,)), "IN (", *listed[:-1], ")")


def _collapsed(node: Node) -> Parts:
    """Return a literal's text with its white space collapsed (XSD 1.1, 4.3.6)."""
    single = call("REPLACE", call("STR", (node,)), _text("[ \t\r\n]+"), _text(" "))
    return call("REPLACE", single, _text("^ | $"), _text(""))


def text_value(node: Node) -> Parts:
    """Return the value of a literal whose datatype is one of strings."""
    text = call("STR", (node,))
    spaced = call("REPLACE", text, _text("[\t\r\n]"), _text(" "))
    normalized = has_datatype(node, ["normalizedString"])
    otherwise = call("IF", normalized, spaced, _collapsed(node))
    return call("IF", has_datatype(node, ["string"]), text, otherwise)


def _text(text: str) -> Parts:
    return (ox.Literal(text),)


def _matches(text: Parts, form: str) -> Parts:
    return call("REGEX", text, _text(f"^({form})$"))


# -- value spaces


def in_value_space(node: Node, datatype: ox.NamedNode) -> Expression:
    """Return the test that a literal's value is in the value space of a datatype."""
    name = datatype.value.removeprefix(XSD)
    if name in NUMBERS:
        tests = (*has_datatype(node, NUMBERS), "&&", *_in_numbers(node, name))
    elif name in STRINGS:
        tests = has_datatype(node, list(STRINGS))
        if STRINGS[name]:
            tests = (*tests, "&&", *_matches(text_value(node), STRINGS[name]))
    elif name in ("dateTime", "dateTimeStamp"):
        form = _TIME if name == "dateTimeStamp" else _TIME + "?"
        tests = (*has_datatype(node, ["dateTime", "dateTimeStamp"]), "&&")
        tests += _matches(_collapsed(node), form)
    elif name in FORMS:
        tests = (*has_datatype(node, [name]), "&&", *_matches(_collapsed(node), FORMS[name]))
    elif datatype.value == RDFS + "Literal":
        tests = call("isLiteral", (node,))
    elif datatype.value == RDF + "PlainLiteral":
        tagged = (*call("DATATYPE", (node,)), "=", ox.NamedNode(RDF + "langString"))
        tests = (*has_datatype(node, list(STRINGS)), "||", *tagged)
    else:
        tests = (*call("DATATYPE", (node,)), "=", datatype)
    return Expression(call("COALESCE", tests, ("false",)))


def _in_numbers(node: Node, name: str) -> Parts:
    """Return the test of a decimal number; by its digits, as a store may hold only so many."""
    digits = _collapsed(node)
    if name in _DIGITS:
        return _matches(digits, _DIGITS[name])
    if name in _BOUNDS:
        low, high = _BOUNDS[name]
        number = call(str(xsd("decimal")), digits)
        bounds = (*number, ">=", f"({low})", "&&", *number, "<=", f"({high})")
        return (*_matches(digits, _DIGITS["integer"]), "&&", *bounds)
    bare = call(
        "REPLACE", call("REPLACE", digits, _text("^[+]?0*"), _text("")), _text("[.]0*$"), _text("")
    )
    length, most = call("STRLEN", bare), len(_UNSIGNED_LONG)
    least = (*length, "<", f"{most}")
    equal = (*length, "=", f"{most}", "&&", *bare, "<=", *_text(_UNSIGNED_LONG))
    return (*_matches(digits, _DIGITS["nonNegativeInteger"]), "&&", "(", *least, "||", *equal, ")")


def _is_known(datatype: ox.NamedNode) -> bool:
    name = datatype.value.removeprefix(XSD)
    return name in (*NUMBERS, *STRINGS, *FORMS, "dateTime", "dateTimeStamp") or (
        not datatype.value.startswith(XSD) and is_datatype(datatype)
    )


def with_datatypes(
    rules: Sequence[Rule], checks: Sequence[Check]
) -> tuple[list[Rule], list[Check]]:
    """Return rules and checks with memberships of datatypes turned into tests of literals."""
    out_rules: list[Rule] = []
    out_checks = [Check(c.name, _tested(c.body), c.axioms) for c in checks]
    for rule in rules:
        body = _tested(rule.body)
        out_rules.append(Rule(rule.name, rule.head, body, rule.axioms, rule.source))
        kind = class_read(rule.head[0])
        if kind is not None and is_datatype(kind) and _is_known(kind):
            node = rule.head[0].subject
            outside: Parts = ("isLiteral(", node, ")", "&&", "!", "(")
            inside = in_value_space(node, kind).parts
            test = Filter(Expression((*outside, *inside, ")")))
            out_checks.append(
                Check(f"{rule.name}+dt-not-type", Group((*body.elements, test)), rule.axioms)
            )
    return out_rules, out_checks


def _tested(body: Group) -> Group:
    elements: list[Element] = []
    for element in body.elements:
        kind = class_read(element)
        if kind is not None and is_datatype(kind):
            elements.append(Filter(in_value_space(element.subject, kind)))  # type: ignore[union-attr]
        else:
            elements.append(element)
    return Group(tuple(elements))
