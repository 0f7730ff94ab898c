"""Class expressions and class axioms compiled to rules and checks (tables 4, 6 and 7).

OWL 2 Profiles, section 4.3. A class expression's node is a class like any other here;
:mod:`nhskg.reasoning.unfolding` then folds the anonymous ones into the rules that read them.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from functools import partial
from typing import Final

import pyoxigraph as ox

from nhskg.rdf.sparql.algebra import TYPE, Check, Filter, Group, Pattern, Rule, Values
from nhskg.rdf.sparql.parser import expression
from nhskg.rdf.terms import RDFS
from nhskg.reasoning.closure import SchemaClosure
from nhskg.reasoning.property_axioms import (
    DIFFERENT,
    SAME,
    Compiled,
    Compiler,
    X,
    Y,
    compilers,
    concluded,
    refused,
)
from nhskg.reasoning.schema import NOTHING, THING, Schema

__all__ = ["CLASS_RULES", "restriction_edges", "stated_anonymous"]

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


def restriction_edges(schema: Schema, closure: SchemaClosure) -> Iterator[Rule]:
    """Yield cax-sco for sub-classes that scm-hv, scm-svf1, -svf2, -avf1 or -avf2 found."""
    for lower, upper in sorted(closure.restriction_edges, key=str):
        axiom = ox.Triple(lower, ox.NamedNode(RDFS + "subClassOf"), upper)  # type: ignore[arg-type]
        body = [schema.membership(X, lower)]
        yield from concluded("cax-sco", axiom, schema.membership(X, upper), body)


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
