"""When two literals are one value (dt-eq) and when they are two (dt-diff).

OWL 2 Profiles, section 4.3, table 8. Values are compared as OWL 2 does (Structural Specification,
section 4): a number is no double, and a double no float; ``0`` and ``-0`` are two doubles, and one
moment told in two time zones is two. What cannot be told is neither one nor two: literals of other
datatypes, those that are no form of their own, and numbers with more digits than the store holds.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from typing import Final

import pyoxigraph as ox

from nhskg.reasoning.datatypes import (
    FORMS,
    NUMBERS,
    STRINGS,
    Parts,
    call,
    has_datatype,
    text_value,
    xsd,
)
from nhskg.reasoning.model import Bind, Expression, Filter, Group, Node, Pattern, Rule, Term
from nhskg.reasoning.schema import Schema
from nhskg.terms import RDF, XSD

__all__ = ["canonical", "different_values", "literal_forms", "same_value"]

_X, _Y = ox.Variable("x"), ox.Variable("y")
_TAGGED: Final = ox.NamedNode(RDF + "langString")
_TIMES: Final = ("dateTime", "dateTimeStamp")


def _datatype(node: Node) -> Parts:
    return call("DATATYPE", (node,))


def _both(one: Node, two: Node, names: tuple[str, ...]) -> Parts:
    return (*has_datatype(one, names), "&&", *has_datatype(two, names))


def _known(node: Node) -> Parts:
    names = (*NUMBERS, *STRINGS, *FORMS, *_TIMES)
    return ("(", *has_datatype(node, names), "||", *_datatype(node), "=", _TAGGED, ")")


def _unequal(one: Parts, two: Parts) -> Parts:
    return (*one, "!=", *two)


def different_values(one: Node, two: Node) -> Filter:
    """Return the test that two nodes are literals of different values (dt-diff)."""
    text = [call("STR", (node,)) for node in (one, two)]
    tag = [call("LCASE", call("LANG", (node,))) for node in (one, two)]
    upper = [call("UCASE", each) for each in text]
    bare = [call("REPLACE", t, (ox.Literal("[ \t\r\n]"),), (ox.Literal(""),)) for t in text]
    inverse = [("(", "1.0E0", "/", node, ")") for node in (one, two)]
    zone = [call("TIMEZONE", (node,)) for node in (one, two)]
    zoned = [("(", *call("TZ", (node,)), "=", '""', ")") for node in (one, two)]
    numbers = _unequal((one,), (two,))
    times = (
        *call("COALESCE", numbers, ("false",)), "||",
        *call("COALESCE", _unequal(*zone), _unequal(*zoned)),
    )  # fmt: skip
    choices: tuple[tuple[Parts, Parts], ...] = (
        (_both(one, two, NUMBERS), numbers),
        (_both(one, two, tuple(STRINGS)), _unequal(text_value(one), text_value(two))),
        (_both(one, two, _TIMES), times),
        (_unequal(_datatype(one), _datatype(two)), ("true",)),
        (has_datatype(one, ["double", "float"]), (*numbers, "||", *_unequal(*inverse))),
        (has_datatype(one, ["boolean"]), numbers),
        (has_datatype(one, ["hexBinary"]), _unequal(*upper)),
        (has_datatype(one, ["base64Binary"]), _unequal(*bare)),
        (has_datatype(one, ["anyURI"]), _unequal(*text)),
    )
    differ: Parts = (*_unequal(*text), "||", *_unequal(*tag))
    for condition, answer in reversed(choices):
        differ = call("IF", condition, answer, differ)
    literals = (*call("isLiteral", (one,)), "&&", *call("isLiteral", (two,)))
    known = (*_known(one), "&&", *_known(two))
    test = (*literals, "&&", *known, "&&", *call("COALESCE", differ, ("false",)))
    return Filter(Expression(test))


def _canonical(node: Node) -> Parts:
    """Return the literal that stands for all of one value; an error for some that cannot be read.

    The store gives numbers, truth values and times of one datatype one form by itself.
    """
    text = call("STR", (node,))
    whole = (node, "=", *call("FLOOR", (node,)))
    number = call(
        "IF", whole, call(str(xsd("integer")), (node,)), call(str(xsd("decimal")), (node,))
    )
    choices: tuple[tuple[Parts, Parts], ...] = (
        (has_datatype(node, NUMBERS), number),
        (has_datatype(node, list(STRINGS)), text_value(node)),
        (
            has_datatype(node, ["hexBinary"]),
            call("STRDT", call("UCASE", text), (xsd("hexBinary"),)),
        ),
        (has_datatype(node, ["dateTimeStamp"]), call("STRDT", text, (xsd("dateTime"),))),
    )
    form: Parts = (node,)
    for condition, answer in reversed(choices):
        form = call("IF", condition, answer, form)
    return form


def same_value(one: Node, two: Node) -> Filter:
    """Return the test that two nodes are one term, or literals of one value (dt-eq)."""
    terms = call("sameTerm", (one,), (two,))
    forms = call("sameTerm", _canonical(one), _canonical(two))
    return Filter(Expression((*terms, "||", *call("COALESCE", forms, ("false",)))))


def canonical(term: Term) -> Term:
    """Return the literal that stands for all of one value; any other term as it is."""
    if not isinstance(term, ox.Literal):
        return term
    name = term.datatype.value.removeprefix(XSD)
    if name in NUMBERS:
        try:
            number = Decimal(term.value.strip(" \t\r\n"))
        except InvalidOperation:
            return term
        whole = number == number.to_integral_value()
        return ox.Literal(str(int(number)), datatype=xsd("integer")) if whole else term
    if name == "normalizedString":
        return ox.Literal(re.sub("[\t\r\n]", " ", term.value))
    if name in STRINGS and name != "string":
        return ox.Literal(re.sub("^ | $", "", re.sub("[ \t\r\n]+", " ", term.value)))
    if name == "hexBinary":
        return ox.Literal(term.value.upper(), datatype=term.datatype)
    if name == "dateTimeStamp":
        return ox.Literal(term.value, datatype=xsd("dateTime"))
    return term


def literal_forms(schema: Schema) -> Iterator[Rule]:
    """Yield the rules that tell a value in its canonical form too, where values are compared.

    That are the properties with a literal for ``owl:hasValue``, and those in keys, in disjointness
    or with an inverse that is functional, unless they are declared to have individuals for values.
    """
    for prop, axiom in sorted(_comparing(schema).items(), key=str):
        form = ox.Variable("form")
        body = Group((
            Pattern(_X, prop, _Y),
            Filter(Expression(call("isLiteral", (_Y,)))),
            Bind(Expression(_canonical(_Y)), form),
            Filter(Expression(call("!sameTerm", (_Y,), (form,)))),
        ))  # fmt: skip
        yield Rule("dt-eq+eq-rep-o", (Pattern(_X, prop, form),), body, (axiom,))


def _comparing(schema: Schema) -> dict[ox.NamedNode, ox.Triple]:
    """Return the properties by whose literals things are compared, each with an axiom."""
    of_individuals = {axiom.subject for axiom in schema.instances("owl:ObjectProperty")}
    found: dict[ox.NamedNode, ox.Triple] = {}

    def add(node: object, axiom: ox.Triple) -> None:
        if isinstance(node, ox.NamedNode) and node not in of_individuals:
            found.setdefault(node, axiom)

    for axiom, _, prop, value in schema.restrictions("owl:hasValue"):
        if isinstance(value, ox.Literal):
            add(prop, axiom)
    for axiom in schema.axioms("owl:hasKey"):
        for prop in schema.items(axiom.object):  # type: ignore[arg-type]
            add(prop, axiom)
    for axiom in schema.instances("owl:InverseFunctionalProperty"):
        add(axiom.subject, axiom)
    for axiom in schema.axioms("owl:propertyDisjointWith"):
        add(axiom.subject, axiom)
        add(axiom.object, axiom)
    for axiom in schema.instances("owl:AllDisjointProperties"):
        for members in schema.values(axiom.subject, "owl:members"):  # type: ignore[arg-type]
            for prop in schema.items(members):
                add(prop, axiom)
    return found
