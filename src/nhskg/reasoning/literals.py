"""Equality and difference of literals by value (dt-eq, dt-diff).

OWL 2 Profiles, section 4.3, table 8. Values are compared as OWL 2 does (Structural Specification,
section 4): a number is no double, and a double no float; ``0`` and ``-0`` are two doubles, and one
moment in two time zones is two. What cannot be decided is neither one nor two: literals of other
datatypes, those that are no form of their own, and numbers with more digits than the store holds.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from decimal import Decimal, InvalidOperation
from typing import Final

import pyoxigraph as ox

from nhskg.rdf.sparql.algebra import Bind, Filter, Group, Node, Pattern, Rule, Term
from nhskg.rdf.sparql.parser import expression
from nhskg.rdf.terms import XSD
from nhskg.reasoning.datatypes import (
    FORMS,
    NUMBERS,
    STRINGS,
    has_datatype,
    text_value,
)
from nhskg.reasoning.schema import Schema

__all__ = ["canonical", "different_values", "literal_forms", "same_value"]

_X, _Y = ox.Variable("x"), ox.Variable("y")
_TIMES: Final = ("dateTime", "dateTimeStamp")


def _both(one: Node, two: Node, names: Iterable[str]) -> str:
    names = tuple(names)
    return f"{has_datatype(one, names)} && {has_datatype(two, names)}"


def _choice(choices: Iterable[tuple[str, str]], otherwise: str) -> str:
    """Return the value that goes with the first condition that holds."""
    for condition, answer in reversed(tuple(choices)):
        otherwise = f"IF({condition}, {answer}, {otherwise})"
    return otherwise


def different_values(one: Node, two: Node) -> Filter:
    """Return the test that two nodes are literals of different values (dt-diff)."""
    names = (*NUMBERS, *STRINGS, *FORMS, *_TIMES)
    known = " && ".join(
        f"isLiteral({node}) && ({has_datatype(node, names)} || DATATYPE({node}) = rdf:langString)"
        for node in (one, two)
    )
    bare = 'REPLACE(STR({}), "[ \\t\\r\\n]", "")'
    times = (
        f"COALESCE({one} != {two}, false) || COALESCE(TIMEZONE({one}) != TIMEZONE({two}), "
        f'(TZ({one}) = "") != (TZ({two}) = ""))'
    )
    choices = (
        (_both(one, two, NUMBERS), f"{one} != {two}"),
        (_both(one, two, STRINGS), f"{text_value(one)} != {text_value(two)}"),
        (_both(one, two, _TIMES), times),
        (f"DATATYPE({one}) != DATATYPE({two})", "true"),
        (
            has_datatype(one, ["double", "float"]),
            f"{one} != {two} || (1.0E0 / {one}) != (1.0E0 / {two})",
        ),
        (has_datatype(one, ["boolean"]), f"{one} != {two}"),
        (has_datatype(one, ["hexBinary"]), f"UCASE(STR({one})) != UCASE(STR({two}))"),
        (has_datatype(one, ["base64Binary"]), f"{bare.format(one)} != {bare.format(two)}"),
        (has_datatype(one, ["anyURI"]), f"STR({one}) != STR({two})"),
    )
    tagged = f"STR({one}) != STR({two}) || LCASE(LANG({one})) != LCASE(LANG({two}))"
    return Filter(expression(f"{known} && COALESCE({_choice(choices, tagged)}, false)"))


def _canonical(node: Node) -> str:
    """Return the literal that stands for all of one value; an error for some that cannot be read.

    The store gives numbers, truth values and times of one datatype one form by itself.
    """
    choices = (
        (
            has_datatype(node, NUMBERS),
            f"IF({node} = FLOOR({node}), xsd:integer({node}), xsd:decimal({node}))",
        ),
        (has_datatype(node, STRINGS), text_value(node)),
        (has_datatype(node, ["hexBinary"]), f"STRDT(UCASE(STR({node})), xsd:hexBinary)"),
        (has_datatype(node, ["dateTimeStamp"]), f"STRDT(STR({node}), xsd:dateTime)"),
    )
    return _choice(choices, str(node))


def same_value(one: Node, two: Node) -> Filter:
    """Return the test that two nodes are one term, or literals of one value (dt-eq)."""
    forms = f"sameTerm({_canonical(one)}, {_canonical(two)})"
    return Filter(expression(f"sameTerm({one}, {two}) || COALESCE({forms}, false)"))


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
        return (
            ox.Literal(str(int(number)), datatype=ox.NamedNode(XSD + "integer")) if whole else term
        )
    if name == "normalizedString":
        return ox.Literal(re.sub("[\t\r\n]", " ", term.value))
    if name in STRINGS and name != "string":
        return ox.Literal(re.sub("^ | $", "", re.sub("[ \t\r\n]+", " ", term.value)))
    if name == "hexBinary":
        return ox.Literal(term.value.upper(), datatype=term.datatype)
    if name == "dateTimeStamp":
        return ox.Literal(term.value, datatype=ox.NamedNode(XSD + "dateTime"))
    return term


def literal_forms(schema: Schema) -> Iterator[Rule]:
    """Yield the rules that state a value in its canonical form too, where values are compared.

    These are the properties with a literal for ``owl:hasValue``, and those in keys, in disjointness
    or with an inverse that is functional, unless they are declared to have individuals for values.
    """
    form = ox.Variable("form")
    for prop, axiom in sorted(_comparing(schema).items(), key=str):
        body = (
            Pattern(_X, prop, _Y),
            Filter(expression(f"isLiteral({_Y})")),
            Bind(expression(_canonical(_Y)), form),
            Filter(expression(f"!sameTerm({_Y}, {form})")),
        )
        yield Rule("dt-eq+eq-rep-o", (Pattern(_X, prop, form),), Group(body), (axiom,))


def _comparing(schema: Schema) -> dict[Term, ox.Triple]:
    """Return the properties by whose literals things are compared, each with an axiom."""
    pairs: list[tuple[Term, ox.Triple]] = []
    for axiom, prop in schema.restrictions("owl:hasValue"):
        if isinstance(axiom.object, ox.Literal):
            pairs.append((prop, axiom.triple))
    for axiom in schema.axioms("owl:hasKey"):
        pairs += [(prop, axiom.triple) for prop in schema.items(axiom.object)]
    for axiom in schema.instances("owl:InverseFunctionalProperty"):
        pairs.append((axiom.subject, axiom.triple))
    for axiom in schema.axioms("owl:propertyDisjointWith"):
        pairs += [(prop, axiom.triple) for prop in (axiom.subject, axiom.object)]
    for triple, items in schema.members("owl:AllDisjointProperties"):
        pairs += [(prop, triple) for prop in items]
    of_individuals = {axiom.subject for axiom in schema.instances("owl:ObjectProperty")}
    found: dict[Term, ox.Triple] = {}
    for prop, triple in pairs:
        if isinstance(prop, ox.NamedNode) and prop not in of_individuals:
            found.setdefault(prop, triple)
    return found
