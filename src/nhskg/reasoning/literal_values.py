"""Literals by value: membership in the datatypes of OWL 2 RL, equality and difference.

OWL 2 Profiles, section 4.3, table 8, with the value spaces and forms of XML Schema Definition
Language 1.1, part 2. A literal cannot be the subject of a triple in RDF, so what dt-type2 would say
of it is tested where it matters: by a rule that reads the membership of a datatype, and by a check
(dt-not-type) for one that concludes it. A datatype outside the map holds what carries its name.

Values are compared as OWL 2 does (Structural Specification, section 4): a number is no double, and
a double no float; ``0`` and ``-0`` are two doubles, and one moment in two time zones is two. What
cannot be decided is neither equal nor different.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Collection, Iterable, Iterator, Set
from dataclasses import replace
from functools import cache
from typing import Any, Final
from xml.parsers import expat

import pyoxigraph as ox

from nhskg.rdf.sparql.algebra import (
    TYPE,
    Call,
    Element,
    Expression,
    Filter,
    Group,
    Node,
    Pattern,
    Term,
)
from nhskg.rdf.sparql.parser import expression
from nhskg.rdf.terms import AUXILIARY, OWL, PREFIXES, RDF, RDFS, XSD
from nhskg.reasoning.rules import Rule, class_read

_REAL: Final = "[+-]?([0-9]+([.][0-9]*)?|[.][0-9]+)"
_INTEGER: Final = "[+-]?[0-9]+([.]0*)?"
_BITS: Final = {"long": 64, "int": 32, "short": 16, "byte": 8}
_BOUNDS: Final = {name: (-(2 ** (n - 1)), 2 ** (n - 1) - 1) for name, n in _BITS.items()} | {
    f"unsigned{name.capitalize()}": (0, 2**n - 1) for name, n in _BITS.items()
}
NUMBERS: Final = {
    "decimal": _REAL,
    "integer": _INTEGER,
    "nonNegativeInteger": "([+]?[0-9]+|-0+)([.]0*)?",
    "nonPositiveInteger": "(-[0-9]+|[+]?0+)([.]0*)?",
    "positiveInteger": "[+]?0*[1-9][0-9]*([.]0*)?",
    "negativeInteger": "-0*[1-9][0-9]*([.]0*)?",
    **dict.fromkeys(_BOUNDS, _INTEGER),
}
"""The datatypes whose values are decimal numbers, with the forms of those, however many digits."""
_WHOLE: Final = frozenset(NUMBERS) - {"decimal"}

_START: Final = (
    ":A-Z_a-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02ff\u0370-\u037d\u037f-\u1fff\u200c-\u200d"
    "\u2070-\u218f\u2c00-\u2fef\u3001-\ud7ff\uf900-\ufdcf\ufdf0-\ufffd\U00010000-\U000effff"
)
_REST: Final = _START + ".0-9\u00b7\u0300-\u036f\u203f-\u2040\\-"
"""What may begin and what may continue a name (XML 1.0, productions 4 and 4a)."""
STRINGS: Final = {
    "string": "",
    "normalizedString": "[^\t\r\n]*",
    "token": "([^ \t\r\n]+( [^ \t\r\n]+)*)?",
    "language": "[a-zA-Z]{1,8}(-[a-zA-Z0-9]{1,8})*",
    "NMTOKEN": f"[{_REST}]+",
    "Name": f"[{_START}][{_REST}]*",
    "NCName": f"[{_START[1:]}][{_REST[1:]}]*",
}
"""The datatypes whose values are strings, with the form of those that are in it."""
_DAY: Final = (
    "-?(([1-9][0-9]{3,}|0[0-9]{3})-((0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])"
    "|(0[13-9]|1[0-2])-(29|30)|(0[13578]|1[02])-31)"
    "|(([1-9][0-9]+|0[0-9])(0[48]|[2468][048]|[13579][26])"
    "|([1-9][0-9]*)?([02468][048]|[13579][26])00)-02-29)"
)
"""A day that there is, in a leap year too (XSD 1.1, 3.3.7.1)."""
_TIME: Final = (
    f"{_DAY}T(([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]([.][0-9]+)?|24:00:00([.]0+)?)"
    "(Z|[+-]((0[0-9]|1[0-3]):[0-5][0-9]|14:00))"
)
_TIMES: Final = {"dateTime": _TIME + "?", "dateTimeStamp": _TIME}
_FLOAT: Final = _REAL + "([eE][+-]?[0-9]+)?|[+-]?INF|NaN"
_SIX: Final = "[A-Za-z0-9+/]"
_OTHERS: Final = {
    "boolean": "true|false|1|0",
    "double": _FLOAT,
    "float": _FLOAT,
    "hexBinary": "([0-9a-fA-F]{2})*",
    "base64Binary": f"(({_SIX} ?){{4}})*(({_SIX} ?){{3}}{_SIX}|({_SIX} ?){{2}}[AEIMQUYcgkosw048] ?="
    f"|{_SIX} ?[AQgw] ?= ?=)?",
    "anyURI": "",
}
"""The other datatypes of XML Schema in the map: no value is in two of them."""
_FAMILIES: Final = (NUMBERS, STRINGS, _TIMES, *({name: form} for name, form in _OTHERS.items()))
_NAMES: Final = (*NUMBERS, *STRINGS, *_OTHERS, *_TIMES)
DATATYPES: Final = frozenset(
    [XSD + name for name in _NAMES]
    + [RDF + name for name in ("PlainLiteral", "XMLLiteral", "langString")]
    + [RDFS + "Literal"]
)
"""The datatypes of OWL 2 RL (Profiles, section 4.2.1): those of OWL 2 but owl:real, owl:rational.

``rdf:langString`` is the datatype in RDF 1.1 of what OWL 2 calls a plain literal with a language.
"""

LITERALS: Final = AUXILIARY + "literals:"
"""Prefix of the classes of the literals that are in a class."""
MEMBER: Final = ox.NamedNode(AUXILIARY + "member")
"""The predicate from such a class to its literals."""


def is_datatype(node: Term) -> bool:
    """Return whether a class node is a datatype of the OWL 2 map or of RDF."""
    iri = node.value if isinstance(node, ox.NamedNode) else ""
    return iri.startswith(XSD) or iri in DATATYPES


def is_ill_typed(literal: ox.Literal) -> bool:
    """Return whether the form of a literal is none of its datatype (RDF 1.1 Semantics, 7.1)."""
    name, text = literal.datatype.value.removeprefix(XSD), literal.value
    if literal.datatype.value == RDF + "XMLLiteral":
        try:
            expat.ParserCreate(namespace_separator=" ").Parse(f"<xml>{text}</xml>", True)
        except expat.ExpatError:
            return True
    form = next((family[name] for family in _FAMILIES if name in family), "")
    text = re.sub("[ \t\r\n]+", " ", text).strip(" ")
    if (form and not re.fullmatch(form, text)) or ("." in text and name in _WHOLE):
        return True
    digits = text.lstrip("+-0")
    low, high = _BOUNDS.get(name, (0, 0))
    return name in _BOUNDS and (len(digits) > len(str(high)) or not low <= int(text) <= high)


def has_datatype(node: Node, names: Iterable[str]) -> str:
    """Return the test that a literal carries one of some datatypes of XML Schema."""
    return f"DATATYPE({node}) IN ({', '.join(f'xsd:{name}' for name in names)})"


def _collapsed(node: Node) -> str:
    """Return a literal's text with its white space collapsed (XSD 1.1, 4.3.6)."""
    return f'REPLACE(REPLACE(STR({node}), "[ \\t\\r\\n]+", " "), "^ | $", "")'


def _number_text(node: Node) -> str:
    """Return a decimal number in its shortest form, however many digits; an error for no number."""
    text = _collapsed(node)
    digits = f'REPLACE({text}, "^([+-]0*|0+)", "")'
    digits = f'REPLACE({digits}, "[.]0*$|([.][0-9]*[1-9])0*$", "$1")'
    sign = f'IF(STRSTARTS({text}, "-"), "-", "")'
    zero = f'IF(STRSTARTS({digits}, "."), "0", "")'
    number = f'IF({digits} = "", "0", CONCAT({sign}, {zero}, {digits}))'
    return f'IF(REGEX({text}, "^({_REAL})$"), {number}, STR(xsd:decimal("")))'


def text_value(node: Node) -> str:
    """Return the value of a literal whose datatype is one of strings."""
    spaced = f'REPLACE(STR({node}), "[\\t\\r\\n]", " ")'
    otherwise = f"IF({has_datatype(node, ['normalizedString'])}, {spaced}, {_collapsed(node)})"
    return f"IF({has_datatype(node, ['string'])}, STR({node}), {otherwise})"


def in_value_space(node: Node, datatype: ox.NamedNode) -> Expression:
    """Return the test that a literal's value is in the value space of a datatype, by its digits."""
    name = datatype.value.removeprefix(XSD)
    tests = f"DATATYPE({node}) = {datatype}"
    if datatype.value == RDFS + "Literal":
        tests = f"isLiteral({node})"
    elif datatype.value == RDF + "PlainLiteral":
        tests = f"{has_datatype(node, STRINGS)} || DATATYPE({node}) = rdf:langString"
    for family in (each for each in _FAMILIES if name in each):
        tests = has_datatype(node, family)
        if form := family[name]:
            text = text_value(node) if name in STRINGS else _collapsed(node)
            tests += f" && REGEX({text}, {ox.Literal(f'^({form})$')})"
        if name in _BOUNDS:
            # a store may have no number so large
            low, high = (str(abs(bound)).lstrip("0") for bound in _BOUNDS[name])
            bound = f'IF(STRSTARTS({_collapsed(node)}, "-"), "{low}", "{high}")'
            digits = f'REPLACE({_collapsed(node)}, "^([+-]0*|0+)|[.].*$", "")'
            tests += f" && (STRLEN({digits}) < STRLEN({bound})"
            tests += f" || STRLEN({digits}) = STRLEN({bound}) && {digits} <= {bound})"
    return expression(f"COALESCE({tests}, false)")


def for_literals(
    rules: Iterable[Rule], of_individuals: Set[Node], *, equal: bool = False
) -> list[Rule]:
    """Return rules and checks, and what they are for literals in place of individuals.

    That a literal is in a class is said of a class of its own, as RDF has no such triple; that it
    is in a datatype is a test, and where a rule concludes it, a check. Values of properties
    ``of_individuals`` are no literals. Rules that carry classes over from a thing to the literal
    that it is, and back, are added if some are ``equal``.
    """
    found: list[Rule] = []
    for rule in rules:
        patterns = rule.body.patterns()
        relations = [each for each in patterns if class_read(each) is None]
        subjects = {each.subject for each in relations}
        subjects |= {each.object for each in relations if each.predicate in of_individuals}
        named = (each.subject for each in (*rule.head, *patterns) if class_read(each))
        may_be = (e for e in dict.fromkeys(named) if isinstance(e, ox.Variable | ox.Literal))
        ends = [end for end in may_be if end not in subjects]
        tests = {end: Filter(Call("ISLITERAL", (end,))) for end in ends}
        sure = {e for e in ends if isinstance(e, ox.Literal) or tests[e] in rule.body.elements}
        for size in range(len(sure), len(ends) + 1):
            for chosen in itertools.combinations(ends, size):
                found += _for_literals(rule, chosen) if sure <= set(chosen) else ()
    if equal:
        parts = (element for rule in found for element in (*rule.head, *rule.body.elements))
        found += _of_equals(sorted(_literals_of(parts), key=str))
    kinds = {rule: (_literals_of(rule.head), _literals_of(rule.body.elements)) for rule in found}
    while True:  # until each class of literals is both concluded and read
        made, read = (set().union(*sides) for sides in zip(*kinds.values(), strict=True))
        kept = {
            r: (heads, body) for r, (heads, body) in kinds.items() if heads <= read and body <= made
        }
        if len(kept) == len(kinds):
            return list(kept)
        kinds = kept


def _of_equals(kinds: Iterable[ox.NamedNode]) -> Iterator[Rule]:
    """Yield the rules by which classes of literals, and datatypes, have the things that are one."""
    x, y = ox.Variable("x"), ox.Variable("y")
    same = (Pattern(x, ox.NamedNode(OWL + "sameAs"), y), Filter(Call("ISLITERAL", (y,))))
    for kind in kinds:
        one = Pattern(x, TYPE, ox.NamedNode(kind.value.removeprefix(LITERALS)))
        two = Pattern(y, TYPE, kind)
        yield Rule("eq-rep-s", (two,), Group((*same, one)))
        yield Rule("eq-sym+eq-rep-s", (one,), Group((*same, two)))
    for datatype in map(ox.NamedNode, sorted(DATATYPES)):
        one, inside = Pattern(x, TYPE, datatype), in_value_space(y, datatype)
        yield Rule("dt-type2+eq-sym+eq-rep-s", (one,), Group((*same, Filter(inside))))
        outside = Filter(Call("!", (inside,)))
        yield Rule("eq-rep-s+dt-not-type", (), Group((*same, one, outside)))


def _literals_of(elements: Iterable[Element]) -> set[ox.NamedNode]:
    kinds = (class_read(element) for element in elements)
    return {kind for kind in kinds if kind and kind.value.startswith(LITERALS)}


def _for_literals(rule: Rule, nodes: Collection[Node]) -> Iterator[Rule]:
    """Yield what a rule is where some of its nodes are literals."""
    body: list[Element] = []
    by: list[str] = []
    for element in rule.body.elements:
        kind = class_read(element)
        if not isinstance(element, Pattern) or kind is None or element.subject not in nodes:
            body.append(element)
        elif is_datatype(kind):
            body.append(Filter(in_value_space(element.subject, kind)))
            by = ["dt-type2"]
        else:
            body.append(replace(element, object=ox.NamedNode(LITERALS + kind.value)))
    read = {each.subject for each in body if isinstance(each, Pattern) and each.predicate == TYPE}
    body += [Filter(Call("ISLITERAL", (node,))) for node in nodes if node not in read]
    heads: list[Pattern] = []
    for head in rule.head:
        kind, node = class_read(head), head.subject
        if kind is None or node not in nodes:
            heads.append(head)
        elif kind.value in DATATYPES:
            outside = Filter(Call("!", (in_value_space(node, kind),)))
            checked = Group((*body, outside))
            yield replace(rule, name=f"{rule.name}+dt-not-type", head=(), body=checked)
        elif isinstance(node, ox.Literal):  # of owl:oneOf
            value = ox.Variable("value")
            heads.append(Pattern(value, TYPE, ox.NamedNode(LITERALS + kind.value)))
            body.append(same_value(value, node))
            by = ["dt-eq", "eq-rep-s"]
        elif not is_datatype(kind):
            heads.append(replace(head, object=ox.NamedNode(LITERALS + kind.value)))
    if heads or not rule.head:
        name = "+".join([rule.name, *by]) if heads else rule.name
        yield replace(rule, name=name, head=tuple(heads), body=Group(tuple(body)))


def as_triples(rule: Rule) -> Rule:
    """Return a rule in which literals are members of classes by a triple that RDF has.

    A literal of which nothing else is read may be any in the data; a check tells where it is.
    """

    def turned(element: Any) -> Any:
        kind = class_read(element)
        if kind is None or not kind.value.startswith(LITERALS):
            return element
        return Pattern(kind, MEMBER, element.subject)

    head, body = map(turned, rule.head), list(map(turned, rule.body.elements))
    binding = (each for each in body if rule.head or getattr(each, "predicate", None) != MEMBER)
    free = Group((*rule.head, *body)).variables() - Group(tuple(binding)).possible()
    for number, node in enumerate(sorted(free, key=str)):
        one, prop = (ox.Variable(f"{name}{number}__") for name in ("subject", "property"))
        body.insert(0, Pattern(one, prop, node))
    return replace(rule, head=tuple(head), body=Group(tuple(body)))


def _choice(choices: Iterable[tuple[str, str]], otherwise: str) -> str:
    """Return the value that goes with the first condition that holds."""
    for condition, answer in reversed(tuple(choices)):
        otherwise = f"IF({condition}, {answer}, {otherwise})"
    return otherwise


def different_values(one: Node, two: Node) -> Filter:
    """Return the test that two nodes are literals of different values (dt-diff)."""
    known = " && ".join(
        f"isLiteral({node}) && ({has_datatype(node, _NAMES)} || DATATYPE({node}) = rdf:langString)"
        for node in (one, two)
    )

    def both(names: Iterable[str]) -> str:
        return f"{has_datatype(one, names)} && {has_datatype(two, names)}"

    bare = 'REPLACE(STR({}), "[ \\t\\r\\n]", "")'
    times = (
        f"COALESCE({one} != {two}, false) || COALESCE(TIMEZONE({one}) != TIMEZONE({two}), "
        f'(TZ({one}) = "") != (TZ({two}) = ""))'
    )
    choices = (
        (both(NUMBERS), f"{_number_text(one)} != {_number_text(two)}"),
        (both(STRINGS), f"{text_value(one)} != {text_value(two)}"),
        (both(_TIMES), times),
        (f"DATATYPE({one}) != DATATYPE({two})", "true"),
        (
            has_datatype(one, ["double", "float"]),
            f"{one} != {two} || (1.0E0 / {one}) != (1.0E0 / {two})",
        ),
        (has_datatype(one, ["boolean"]), f"{one} != {two}"),
        (has_datatype(one, ["hexBinary"]), f"UCASE(STR({one})) != UCASE(STR({two}))"),
        (has_datatype(one, ["base64Binary"]), f"{bare.format(one)} != {bare.format(two)}"),
    )
    otherwise = f"STR({one}) != STR({two}) || LCASE(LANG({one})) != LCASE(LANG({two}))"
    return Filter(expression(f"{known} && COALESCE({_choice(choices, otherwise)}, false)"))


def canonical_form(node: Node) -> str:
    """Return the literal that stands for all of one value; an error for some that cannot be read.

    The store gives numbers, truth values and times of one datatype one form by itself.
    """
    number = _number_text(node)
    kind = f'IF(CONTAINS({number}, "."), xsd:decimal, xsd:integer)'
    choices = (
        (has_datatype(node, NUMBERS), f"STRDT({number}, {kind})"),
        (has_datatype(node, STRINGS), text_value(node)),
        (has_datatype(node, ["hexBinary"]), f"STRDT(UCASE(STR({node})), xsd:hexBinary)"),
        (has_datatype(node, ["dateTimeStamp"]), f"STRDT(STR({node}), xsd:dateTime)"),
    )
    return _choice(choices, str(node))


def same_value(one: Node, two: Node) -> Filter:
    """Return the test that two nodes are one term, or literals of one value (dt-eq)."""
    forms = f"sameTerm({canonical_form(one)}, {canonical_form(two)})"
    return Filter(expression(f"sameTerm({one}, {two}) || COALESCE({forms}, false)"))


@cache
def canonical(term: Term) -> Term:
    """Return the literal that stands for all of one value; any other term as it is."""
    if not isinstance(term, ox.Literal):
        return term
    text = f"SELECT ({canonical_form(term)} AS ?form) WHERE {{}}"
    ((form,),) = ox.Store().query(text, prefixes=PREFIXES)  # type: ignore[misc]
    return form if isinstance(form, ox.Literal) else term
