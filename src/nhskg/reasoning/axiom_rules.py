"""Axioms compiled to rules and checks, from rows that read as the tables of the standard do.

OWL 2 Profiles, section 4.3, tables 4 to 7. A class expression's node is a class like any other
here; :mod:`nhskg.reasoning.unfolding` then folds the anonymous ones into the rules that read them.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Final, TypeAlias

import pyoxigraph as ox

from nhskg.rdf.sparql.algebra import TYPE, Filter, Group, Node, Pattern, Term, Values
from nhskg.rdf.sparql.parser import expression
from nhskg.rdf.terms import OWL
from nhskg.reasoning.literal_values import canonical, different_values, same_value
from nhskg.reasoning.rules import Check, Rule
from nhskg.reasoning.schema import NOTHING, THING, Schema

Compiled: TypeAlias = Iterator[Rule | Check]
Compiler: TypeAlias = Callable[[Schema], Compiled]
Match: TypeAlias = tuple[ox.Triple, dict[str, Term]]
"""An axiom, and the terms that the letters of a row stand for."""

X, Y, Z = (ox.Variable(name) for name in "xyz")
SAME: Final = ox.NamedNode(OWL + "sameAs")
DIFFERENT: Final = ox.NamedNode(OWL + "differentFrom")


def distinct(one: Node, two: Node) -> Filter:
    """Return the test that two nodes are different terms."""
    return Filter(expression(f"!sameTerm({one}, {two})"))


def concluded(
    name: str, axiom: ox.Triple, head: Pattern | None, body: Sequence[Pattern | None]
) -> Iterator[Rule]:
    """Yield a rule, if all its parts have a reading in RDF and it says something."""
    found = tuple(pattern for pattern in body if pattern is not None)
    if head is not None and len(found) == len(body) and head not in found:
        yield Rule(name, (head,), Group(found), (axiom,))


def refused(name: str, axiom: ox.Triple, body: Sequence[Pattern | None]) -> Iterator[Check]:
    """Yield a check, if all its parts have a reading in RDF."""
    found = tuple(pattern for pattern in body if pattern is not None)
    if len(found) == len(body):
        yield Check(name, Group(found), (axiom,))


def equated(name: str, axiom: ox.Triple, body: Sequence[Pattern | None]) -> Compiled:
    """Yield the rule that makes ?y and ?z the same, and the check that refuses unequal literals.

    ``owl:sameAs`` between literals of different value contradicts dt-diff by eq-diff1; no literal
    can be its subject.
    """
    for check in refused(f"{name}+dt-diff+eq-diff1", axiom, body):
        parts, apart = check.body.elements, distinct(Y, Z)
        named = Filter(expression(f"!isLiteral({Y}) && !isLiteral({Z})"))
        yield Rule(name, (Pattern(Y, SAME, Z),), Group((*parts, apart, named)), (axiom,))
        yield Check(check.name, Group((*parts, apart, different_values(Y, Z))), (axiom,))


# -- rows


def compilers(rows: str) -> dict[str, Compiler]:
    """Return the function that compiles each row, by the name of the rule.

    A row is ``name: schema | premises -> conclusion``, its parts separated by commas. In these
    capital letters stand for terms of the schema (see :func:`_admitted`), small ones for variables,
    and ``(C)`` for each member of a list.
    """
    found: dict[str, Compiler] = {}
    for row in rows.replace("\n  ", " ").strip().splitlines():
        name, _, rest = row.partition(": ")
        schema, _, rule = rest.partition(" | ")
        body, _, head = rule.rpartition("-> ")
        parts = (_triples(schema), _triples(body), head)
        found[name] = partial(_compile_row, name, *parts)
    return found


def _triples(text: str) -> list[list[str]]:
    return [part.split() for part in text.split(",") if part.strip()]


def _compile_row(
    name: str, source: list[list[str]], premises: list[list[str]], conclusion: str, schema: Schema
) -> Compiled:
    for axiom, terms in _matches(schema, source):
        body = [_pattern(schema, premise, terms) for premise in premises]
        if conclusion == "false":
            yield from refused(name, axiom, body)
        elif conclusion == "y = z":
            yield from equated(name, axiom, body)
        else:
            head = _pattern(schema, conclusion.split(), terms)
            yield from concluded(name, axiom, head, body)


def _pattern(schema: Schema, words: list[str], terms: Mapping[str, Term]) -> Pattern | None:
    subject, value = (terms.get(word) or ox.Variable(word) for word in (words[0], words[2]))
    if words[1] != "a":
        return schema.relation(subject, terms[words[1]], value)
    return schema.membership(subject, terms[words[2]])


def _matches(schema: Schema, source: list[list[str]]) -> Iterator[Match]:
    """Yield each way to match the triples of a row with those of the schema."""
    (subject, predicate, value), *more = source
    if predicate == "a":
        yield from ((a.triple, {subject: a.subject}) for a in schema.instances(value))
        return
    for axiom in schema.axioms(predicate):
        matches = [{subject: axiom.subject, **one} for one in _values(schema, value, axiom.object)]
        for _, name, word in more:
            found = schema.values(axiom.subject, name)
            matches = [
                {**m, **one} for m in matches for v in found for one in _values(schema, word, v)
            ]
        yield from ((axiom.triple, match) for match in matches)


def _values(schema: Schema, word: str, term: Term) -> list[dict[str, Term]]:
    """Return the ways in which a term of the schema matches a word of a row."""
    if word in ("0", "1"):
        return [{}] if _is_number(term, word) else []
    if word == "owl:Thing":
        return [{}] if term == THING else []
    name = word.strip("()")
    return [
        {name: each}
        for each in (schema.items(term) if name != word else [term])
        for each in _admitted(name, each)
    ]


def _admitted(letter: str, term: Term) -> Iterable[Term]:
    """Return the terms that a letter stands for.

    ``C`` and ``D`` are classes, ``E`` a class that is not owl:Thing, ``P`` and ``Q`` properties,
    ``A`` an individual with a name or a literal, ``V`` the same in each form of its value.
    """
    if (letter == "E" and term == THING) or (letter in "AV" and isinstance(term, ox.BlankNode)):
        return ()
    return dict.fromkeys((term, canonical(term))) if letter == "V" else (term,)


def _is_number(term: Term, number: str) -> bool:
    if not isinstance(term, ox.Literal) or not any(c.isdigit() for c in term.value):
        return False
    return (term.value.strip().lstrip("+0") or "0") == number


# -- table 5


PROPERTY_ROWS: Final = """
prp-dom: P rdfs:domain C | x P y -> x a C
prp-rng: P rdfs:range C | x P y -> y a C
prp-fp: P a owl:FunctionalProperty | x P y, x P z -> y = z
prp-ifp: P a owl:InverseFunctionalProperty | y P x, z P x -> y = z
prp-irp: P a owl:IrreflexiveProperty | x P x -> false
prp-symp: P a owl:SymmetricProperty | x P y -> y P x
prp-asyp: P a owl:AsymmetricProperty | x P y, y P x -> false
prp-trp: P a owl:TransitiveProperty | x P y, y P z -> x P z
prp-spo1: P rdfs:subPropertyOf Q | x P y -> x Q y
prp-eqp1: P owl:equivalentProperty Q | x P y -> x Q y
prp-eqp2: P owl:equivalentProperty Q | x Q y -> x P y
prp-pdw: P owl:propertyDisjointWith Q | x P y, x Q y -> false
prp-inv1: P owl:inverseOf Q | x P y -> y Q x
prp-inv2: P owl:inverseOf Q | x Q y -> y P x
"""


def _prp_spo2(schema: Schema) -> Compiled:
    """Property chains of any length."""
    for axiom, prop, listed in schema.axioms("owl:propertyChainAxiom"):
        chain = schema.items(listed)
        stops = [ox.Variable(f"u{place}") for place in range(len(chain) + 1)]
        body = [schema.relation(*step) for step in zip(stops, chain, stops[1:], strict=False)]
        if chain:
            head = schema.relation(stops[0], prop, stops[-1])
            yield from concluded("prp-spo2", axiom, head, body)


def _prp_adp(schema: Schema) -> Compiled:
    """Properties that are all disjoint."""
    for axiom, listed in schema.members("owl:AllDisjointProperties"):
        for pair in itertools.combinations(listed, 2):
            yield from refused("prp-adp", axiom, [schema.relation(X, prop, Y) for prop in pair])


def _prp_key(schema: Schema) -> Compiled:
    """Keys: two instances of the class that agree on every property of the key are one."""
    for axiom, kind, listed in schema.axioms("owl:hasKey"):
        body = [schema.membership(Y, kind)]
        for place, prop in enumerate(schema.items(listed)):
            end = ox.Variable(f"k{place}")
            body += [schema.relation(Y, prop, end), schema.relation(Z, prop, end)]
        if len(body) > 1:
            keys = equated("prp-key", axiom, [*body, schema.membership(Z, kind)])
            yield from itertools.islice(keys, 1)


def _negative(name: str, target: str, schema: Schema) -> Compiled:
    """Negative assertions; asked in general form, as rules derive them."""
    del schema
    n, p = ox.Variable("n"), ox.Variable("p")
    says = {"sourceIndividual": X, "assertionProperty": p, target: Y}
    body = [Pattern(n, ox.NamedNode(OWL + word), node) for word, node in says.items()]
    if target == "targetValue":
        yield Check(name, Group((*body, Pattern(X, p, Z), same_value(Y, Z))))
    else:
        yield Check(name, Group((*body, Pattern(X, p, Y))))


PROPERTY_RULES: Final[dict[str, Compiler]] = {
    **compilers(PROPERTY_ROWS),
    "prp-spo2": _prp_spo2,
    "prp-adp": _prp_adp,
    "prp-key": _prp_key,
    "prp-npa1": partial(_negative, "prp-npa1", "targetIndividual"),
    "prp-npa2": partial(_negative, "prp-npa2", "targetValue"),
}
"""The function that compiles each rule of table 5."""


CLASS_ROWS: Final = """
cls-int2: C owl:intersectionOf (D) | x a C -> x a D
cls-uni: C owl:unionOf (D) | x a D -> x a C
cls-com: C owl:complementOf D | x a C, x a D -> false
cls-svf1: C owl:someValuesFrom E, C owl:onProperty P | u P v, v a E -> u a C
cls-svf2: C owl:someValuesFrom owl:Thing, C owl:onProperty P | u P v -> u a C
cls-avf: C owl:allValuesFrom D, C owl:onProperty P | u a C, u P v -> v a D
cls-hv1: C owl:hasValue A, C owl:onProperty P | u a C -> u P A
cls-hv2: C owl:hasValue V, C owl:onProperty P | u P V -> u a C
cls-maxc1: C owl:maxCardinality 0, C owl:onProperty P | u a C, u P y -> false
cls-maxc2: C owl:maxCardinality 1, C owl:onProperty P | u a C, u P y, u P z -> y = z
cls-maxqc1: C owl:maxQualifiedCardinality 0, C owl:onProperty P, C owl:onClass E
  | u a C, u P y, y a E -> false
cls-maxqc2: C owl:maxQualifiedCardinality 0, C owl:onProperty P, C owl:onClass owl:Thing
  | u a C, u P y -> false
cls-maxqc3: C owl:maxQualifiedCardinality 1, C owl:onProperty P, C owl:onClass E
  | u a C, u P y, y a E, u P z, z a E -> y = z
cls-maxqc4: C owl:maxQualifiedCardinality 1, C owl:onProperty P, C owl:onClass owl:Thing
  | u a C, u P y, u P z -> y = z
cls-oo: C owl:oneOf (A) | -> A a C
cax-sco: C rdfs:subClassOf D | x a C -> x a D
cax-eqc1: C owl:equivalentClass D | x a C -> x a D
cax-eqc2: C owl:equivalentClass D | x a D -> x a C
cax-dw: C owl:disjointWith D | x a C, x a D -> false
"""


def _cls_nothing2(schema: Schema) -> Compiled:
    """Nothing is in owl:Nothing."""
    del schema
    yield Check("cls-nothing2", Group((Pattern(X, TYPE, NOTHING),)))


def _cls_int1(schema: Schema) -> Compiled:
    """What is in every part is in the intersection."""
    for axiom, kind, listed in schema.axioms("owl:intersectionOf"):
        body = [schema.membership(X, part) for part in schema.items(listed)]
        if body:
            yield from concluded("cls-int1", axiom, schema.membership(X, kind), body)


def _cax_adc(schema: Schema) -> Compiled:
    """Classes that are all disjoint: one check for all named ones, one for each other pair."""
    for axiom, items in schema.members("owl:AllDisjointClasses"):
        named = [m for m in items if isinstance(m, ox.NamedNode) and m != THING]
        together = len(named) > 2 and len(set(named)) == len(named)
        for pair in itertools.combinations(items, 2):
            if not (together and set(pair) <= set(named)):
                body = [schema.membership(X, member) for member in pair]
                yield from refused("cax-adc", axiom, body)
        if together:
            c, d = ox.Variable("c"), ox.Variable("d")
            table = Values((c,), tuple((member,) for member in named))
            listed = ", ".join(map(str, named))
            test = Filter(expression(f"STR({c}) < STR({d}) && {d} IN ({listed})"))
            group = Group((table, Pattern(X, TYPE, c), Pattern(X, TYPE, d), test))
            yield Check("cax-adc", group, (axiom,))


def stated_anonymous(schema: Schema) -> Iterator[Rule]:
    """Yield the membership of individuals in anonymous classes, which no program can see."""
    for axiom, node, kind in schema.anonymous_types():
        if isinstance(node, ox.NamedNode):
            yield from concluded("asserted", axiom, schema.membership(node, kind), ())


# -- table 4: difference


def _eq_diff1(schema: Schema) -> Compiled:
    """Nothing is the same as, and different from, another; nor different from itself (eq-ref)."""
    del schema
    yield Check("eq-diff1", Group((Pattern(X, SAME, Y), Pattern(X, DIFFERENT, Y))))
    yield Check("eq-diff1", Group((Pattern(X, DIFFERENT, X),)))


def _all_different(name: str, predicate: str, schema: Schema) -> Compiled:
    """Members of owl:AllDifferent are not the same."""
    for axiom in schema.instances("owl:AllDifferent"):
        for listed in schema.values(axiom.subject, predicate):
            for first, second in itertools.combinations(schema.places(listed), 2):
                for one, two in itertools.product(first, second):
                    if not isinstance(one, ox.NamedNode) or not isinstance(two, ox.NamedNode):
                        continue
                    if one != two:
                        yield Check(name, Group((Pattern(one, SAME, two),)), (axiom.triple,))
                    elif first == second == (one,):  # the same term twice, not by equality
                        yield Check(name, Group(), (axiom.triple,))


CLASS_RULES: Final[dict[str, Compiler]] = {
    "eq-diff1": _eq_diff1,
    "eq-diff2": partial(_all_different, "eq-diff2", "owl:members"),
    "eq-diff3": partial(_all_different, "eq-diff3", "owl:distinctMembers"),
    "cls-nothing2": _cls_nothing2,
    "cls-int1": _cls_int1,
    "cax-adc": _cax_adc,
    **compilers(CLASS_ROWS),
}
"""The function that compiles each rule of tables 4, 6 and 7."""
