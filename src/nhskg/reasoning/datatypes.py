"""Datatypes as classes: what is in the value space of a datatype of the OWL 2 RL map.

OWL 2 Profiles, section 4.3, table 8. A literal cannot be the subject of a triple in RDF, so what
dt-type2 would say of it is asked where it matters: a rule that reads the membership of a datatype
tests the literal, and a rule that would put a literal in a datatype whose value space it is not in
becomes a check (dt-not-type).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import pyoxigraph as ox

from nhskg.reasoning.folding import class_read
from nhskg.reasoning.model import Check, Element, Expression, Filter, Group, Node, Part, Rule
from nhskg.reasoning.schema import is_datatype
from nhskg.terms import XSD

__all__ = ["in_value_space", "with_datatypes"]

_INTEGERS: Final[dict[str, tuple[int | None, int | None]]] = {
    "integer": (None, None),
    "nonNegativeInteger": (0, None),
    "nonPositiveInteger": (None, 0),
    "positiveInteger": (1, None),
    "negativeInteger": (None, -1),
    "long": (-(2**63), 2**63 - 1),
    "int": (-(2**31), 2**31 - 1),
    "short": (-(2**15), 2**15 - 1),
    "byte": (-(2**7), 2**7 - 1),
    "unsignedLong": (0, 2**64 - 1),
    "unsignedInt": (0, 2**32 - 1),
    "unsignedShort": (0, 2**16 - 1),
    "unsignedByte": (0, 2**8 - 1),
}
_STRINGS: Final[dict[str, str]] = {
    "string": "",
    "normalizedString": "^[^\\t\\r\\n]*$",
    "token": "^(|[^\\s]+( [^\\s]+)*)$",
    "language": "^[a-zA-Z]{1,8}(-[a-zA-Z0-9]{1,8})*$",
    "NMTOKEN": "^[\\w.:-]+$",
    "Name": "^[A-Za-z_:][\\w.:-]*$",
    "NCName": "^[A-Za-z_][\\w.-]*$",
}


def in_value_space(node: Node, datatype: ox.NamedNode) -> Expression:
    """Return the test that a literal's value is in the value space of a datatype."""
    name = datatype.value.removeprefix(XSD)
    kind: tuple[Part, ...] = ("DATATYPE(", node, ")")
    if datatype.value == name:  # rdfs:Literal, rdf:PlainLiteral and the like
        return Expression(("isLiteral(", node, ")"))
    if name in _INTEGERS or name == "decimal":
        numeric = _any_of(kind, ["decimal", *_INTEGERS])
        return Expression(("COALESCE(", *numeric, *_within(node, name), ", false )"))
    if name in _STRINGS:
        tests: tuple[Part, ...] = _any_of(kind, list(_STRINGS))
        if _STRINGS[name]:
            tests = (
                *tests,
                "&&",
                "REGEX(",
                "STR(",
                node,
                ")",
                ",",
                ox.Literal(_STRINGS[name]),
                ")",
            )
        return Expression(tests)
    if name in ("dateTime", "dateTimeStamp"):
        tests = _any_of(kind, ["dateTime", "dateTimeStamp"])
        if name == "dateTimeStamp":
            zone = ox.Literal("(Z|[+-][0-9]{2}:[0-9]{2})$")
            tests = (*tests, "&&", "REGEX(", "STR(", node, ")", ",", zone, ")")
        return Expression(tests)
    return Expression((*kind, "=", datatype))


def _any_of(kind: tuple[Part, ...], names: Sequence[str]) -> tuple[Part, ...]:
    listed: list[Part] = []
    for name in names:
        listed += [ox.NamedNode(XSD + name), ","]
    return (*kind, "IN (", *listed[:-1], ")")


def _within(node: Node, name: str) -> tuple[Part, ...]:
    if name == "decimal":
        return ()
    low, high = _INTEGERS[name]
    tests: tuple[Part, ...] = ("&&", node, "=", "FLOOR(", node, ")")
    if low is not None:
        tests = (*tests, "&&", node, ">=", f"({low})")
    if high is not None:
        tests = (*tests, "&&", node, "<=", f"({high})")
    return tests


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
        if kind is not None and is_datatype(kind):
            node = rule.head[0].subject
            outside: tuple[Part, ...] = ("isLiteral(", node, ")", "&&", "!", "(")
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
