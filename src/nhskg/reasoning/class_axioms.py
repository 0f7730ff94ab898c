"""Class expressions and class axioms compiled to rules and checks (tables 4, 6 and 7).

OWL 2 Profiles, section 4.3. Each function carries the name of the rule that it compiles. A class
expression's node is a class like any other here; :mod:`nhskg.reasoning.folding` then folds the
anonymous ones into the rules that read them.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import pyoxigraph as ox

from nhskg.reasoning.closure import SchemaClosure
from nhskg.reasoning.literals import canonical
from nhskg.reasoning.model import (
    TYPE,
    Check,
    Expression,
    Filter,
    Group,
    Pattern,
    Rule,
    Term,
    Values,
)
from nhskg.reasoning.property_axioms import (
    DIFFERENT,
    SAME,
    U,
    V,
    X,
    Y,
    Z,
    relation,
    same,
    type_of,
)
from nhskg.reasoning.schema import NOTHING, THING, Schema

Compiled = Iterator["Rule | Check"]


def _patterns(*patterns: Pattern | None) -> tuple[Pattern, ...] | None:
    found = tuple(p for p in patterns if p is not None)
    return found if len(found) == len(patterns) else None


def _implies(name: str, schema: Schema, axiom: ox.Triple, lower: Term, upper: Term) -> Compiled:
    body, head = type_of(schema, X, lower), type_of(schema, X, upper)
    if body and head and body != head:
        yield Rule(name, (head,), Group((body,)), (axiom,))


# -- table 6: class expressions


def cls_nothing2(schema: Schema) -> Compiled:
    """Nothing is in owl:Nothing."""
    yield Check("cls-nothing2", Group((Pattern(X, TYPE, NOTHING),)))


def cls_int1(schema: Schema) -> Compiled:
    """What is in every part is in the intersection."""
    for axiom in schema.axioms("owl:intersectionOf"):
        parts = schema.items(axiom.object)  # type: ignore[arg-type]
        body = _patterns(*(type_of(schema, X, part) for part in parts))
        head = type_of(schema, X, axiom.subject)  # type: ignore[arg-type]
        if body and head:
            yield Rule("cls-int1", (head,), Group(body), (axiom,))


def cls_int2(schema: Schema) -> Compiled:
    """What is in the intersection is in each part."""
    for axiom in schema.axioms("owl:intersectionOf"):
        for part in schema.items(axiom.object):  # type: ignore[arg-type]
            yield from _implies("cls-int2", schema, axiom, axiom.subject, part)  # type: ignore[arg-type]


def cls_uni(schema: Schema) -> Compiled:
    """What is in a part is in the union."""
    for axiom in schema.axioms("owl:unionOf"):
        for part in schema.items(axiom.object):  # type: ignore[arg-type]
            yield from _implies("cls-uni", schema, axiom, part, axiom.subject)  # type: ignore[arg-type]


def cls_com(schema: Schema) -> Compiled:
    """Nothing is in a class and in its complement."""
    for axiom in schema.axioms("owl:complementOf"):
        body = _patterns(type_of(schema, X, axiom.subject), type_of(schema, X, axiom.object))  # type: ignore[arg-type]
        if body:
            yield Check("cls-com", Group(body), (axiom,))


def cls_svf1(schema: Schema) -> Compiled:
    """Some value in a class."""
    for axiom, node, prop, filler in schema.restrictions("owl:someValuesFrom"):
        body = _patterns(relation(schema, prop, U, V), type_of(schema, V, filler))
        head = type_of(schema, U, node)
        if filler != THING and body and head:
            yield Rule("cls-svf1", (head,), Group(body), (axiom,))


def cls_svf2(schema: Schema) -> Compiled:
    """Some value at all."""
    for axiom, node, prop, filler in schema.restrictions("owl:someValuesFrom"):
        body, head = relation(schema, prop, U, V), type_of(schema, U, node)
        if filler == THING and body and head:
            yield Rule("cls-svf2", (head,), Group((body,)), (axiom,))


def cls_avf(schema: Schema) -> Compiled:
    """All values in a class."""
    for axiom, node, prop, filler in schema.restrictions("owl:allValuesFrom"):
        body = _patterns(type_of(schema, U, node), relation(schema, prop, U, V))
        head = type_of(schema, V, filler)
        if body and head:
            yield Rule("cls-avf", (head,), Group(body), (axiom,))


def cls_hv1(schema: Schema) -> Compiled:
    """What is in the restriction has the value."""
    for axiom, node, prop, value in schema.restrictions("owl:hasValue"):
        body, head = type_of(schema, U, node), relation(schema, prop, U, value)
        if body and head and not isinstance(value, ox.BlankNode):
            yield Rule("cls-hv1", (head,), Group((body,)), (axiom,))


def cls_hv2(schema: Schema) -> Compiled:
    """What has the value is in the restriction."""
    for axiom, node, prop, value in schema.restrictions("owl:hasValue"):
        head = type_of(schema, U, node)
        for form in dict.fromkeys((value, canonical(value))):
            body = relation(schema, prop, U, form)
            if body and head and not isinstance(value, ox.BlankNode):
                yield Rule("cls-hv2", (head,), Group((body,)), (axiom,))


def _at_most(schema: Schema, name: str, most: int) -> Iterator[tuple[ox.Triple, Term, Term]]:
    for axiom, node, prop, value in schema.restrictions(name):
        if not isinstance(value, ox.Literal) or not any(c.isdigit() for c in value.value):
            continue
        if value.value.strip().lstrip("+0") == (str(most) if most else ""):
            yield axiom, node, prop


def cls_maxc1(schema: Schema) -> Compiled:
    """At most none, and there is one."""
    for axiom, node, prop in _at_most(schema, "owl:maxCardinality", 0):
        body = _patterns(type_of(schema, U, node), relation(schema, prop, U, Y))
        if body:
            yield Check("cls-maxc1", Group(body), (axiom,))


def cls_maxc2(schema: Schema) -> Compiled:
    """At most one: two values are one."""
    for axiom, node, prop in _at_most(schema, "owl:maxCardinality", 1):
        body = _patterns(
            type_of(schema, U, node), relation(schema, prop, U, Y), relation(schema, prop, U, Z)
        )
        if body:
            yield from same("cls-maxc2", body, (axiom,))


def _qualified(schema: Schema, name: str, most: int, *, thing: bool) -> Compiled:
    for axiom, node, prop in _at_most(schema, "owl:maxQualifiedCardinality", most):
        for kind in schema.values(node, "owl:onClass"):
            if (kind == THING) != thing:
                continue
            body = [type_of(schema, U, node), relation(schema, prop, U, Y)]
            body += [] if thing else [type_of(schema, Y, kind)]
            if most:
                body += [relation(schema, prop, U, Z)]
                body += [] if thing else [type_of(schema, Z, kind)]
            found = _patterns(*body)
            if found and most:
                yield from same(name, found, (axiom,))
            elif found:
                yield Check(name, Group(found), (axiom,))


def cls_maxqc1(schema: Schema) -> Compiled:
    """At most none of a class, and there is one."""
    return _qualified(schema, "cls-maxqc1", 0, thing=False)


def cls_maxqc2(schema: Schema) -> Compiled:
    """At most none of owl:Thing, and there is one."""
    return _qualified(schema, "cls-maxqc2", 0, thing=True)


def cls_maxqc3(schema: Schema) -> Compiled:
    """At most one of a class: two are one."""
    return _qualified(schema, "cls-maxqc3", 1, thing=False)


def cls_maxqc4(schema: Schema) -> Compiled:
    """At most one of owl:Thing: two are one."""
    return _qualified(schema, "cls-maxqc4", 1, thing=True)


def cls_oo(schema: Schema) -> Compiled:
    """Each member of an enumeration is in it."""
    for axiom in schema.axioms("owl:oneOf"):
        for member in schema.items(axiom.object):  # type: ignore[arg-type]
            name = schema.class_name(axiom.subject)  # type: ignore[arg-type]
            if isinstance(member, ox.NamedNode) and name is not None:
                yield Rule("cls-oo", (Pattern(member, TYPE, name),), Group(), (axiom,))


def stated_anonymous(schema: Schema) -> Iterator[Rule]:
    """Individuals that are given an anonymous class: no rule, a fact the program cannot see."""
    for axiom in schema.anonymous_types():
        name = schema.class_name(axiom.object)  # type: ignore[arg-type]
        if isinstance(axiom.subject, ox.NamedNode) and name is not None:
            yield Rule("asserted", (Pattern(axiom.subject, TYPE, name),), Group(), (axiom,))


# -- table 7: class axioms


def cax_sco(schema: Schema) -> Compiled:
    """Sub-classes, as stated."""
    for axiom in schema.axioms("rdfs:subClassOf"):
        yield from _implies("cax-sco", schema, axiom, axiom.subject, axiom.object)  # type: ignore[arg-type]


def restriction_edges(schema: Schema, closure: SchemaClosure) -> Iterator[Rule]:
    """Sub-classes that scm-hv, scm-svf1, scm-svf2, scm-avf1 or scm-avf2 found (cax-sco)."""
    sub_class = ox.NamedNode("http://www.w3.org/2000/01/rdf-schema#subClassOf")
    for lower, upper in sorted(closure.restriction_edges, key=str):
        axiom = ox.Triple(lower, sub_class, upper)  # type: ignore[arg-type]
        for rule in _implies("cax-sco", schema, axiom, lower, upper):
            assert isinstance(rule, Rule)
            yield rule


def cax_eqc1(schema: Schema) -> Compiled:
    """Equivalent classes, from left to right."""
    for axiom in schema.axioms("owl:equivalentClass"):
        yield from _implies("cax-eqc1", schema, axiom, axiom.subject, axiom.object)  # type: ignore[arg-type]


def cax_eqc2(schema: Schema) -> Compiled:
    """Equivalent classes, from right to left."""
    for axiom in schema.axioms("owl:equivalentClass"):
        yield from _implies("cax-eqc2", schema, axiom, axiom.object, axiom.subject)  # type: ignore[arg-type]


def _apart(schema: Schema, name: str, axiom: ox.Triple, one: Term, two: Term) -> Compiled:
    body = _patterns(type_of(schema, X, one), type_of(schema, X, two))
    if body:
        yield Check(name, Group(body), (axiom,))


def cax_dw(schema: Schema) -> Compiled:
    """Disjoint classes."""
    for axiom in schema.axioms("owl:disjointWith"):
        yield from _apart(schema, "cax-dw", axiom, axiom.subject, axiom.object)  # type: ignore[arg-type]


def cax_adc(schema: Schema) -> Compiled:
    """Classes that are all disjoint: one check for all named ones, one for each other pair."""
    c, d = ox.Variable("c"), ox.Variable("d")
    for axiom in schema.instances("owl:AllDisjointClasses"):
        for members in schema.values(axiom.subject, "owl:members"):  # type: ignore[arg-type]
            items = schema.items(members)
            named = [m for m in items if isinstance(m, ox.NamedNode) and m != THING]
            together = len(named) > 2 and len(set(named)) == len(named)
            for one, two in itertools.combinations(items, 2):
                if not (together and one in named and two in named):
                    yield from _apart(schema, "cax-adc", axiom, one, two)
            if together:
                rows: tuple[tuple[Term, ...], ...] = tuple((member,) for member in named)
                listed = [part for member in named for part in (member, ",")][:-1]
                test = Filter(Expression((
                    "STR", "(", c, ")", "<", "STR", "(", d, ")", "&&", d, "IN", "(", *listed, ")",
                )))  # fmt: skip
                body = (Values((c,), rows), Pattern(X, TYPE, c), Pattern(X, TYPE, d), test)
                yield Check("cax-adc", Group(body), (axiom,))


# -- table 4: difference


def eq_diff1(schema: Schema) -> Compiled:
    """Nothing is the same as, and different from, another; nor different from itself (eq-ref)."""
    yield Check("eq-diff1", Group((Pattern(X, SAME, Y), Pattern(X, DIFFERENT, Y))))
    yield Check("eq-diff1", Group((Pattern(X, DIFFERENT, X),)))


def _all_different(schema: Schema, name: str, listed: str) -> Compiled:
    for axiom in schema.instances("owl:AllDifferent"):
        for members in schema.values(axiom.subject, listed):  # type: ignore[arg-type]
            for first, second in itertools.combinations(schema.places(members), 2):
                for one, two in itertools.product(first, second):
                    if not isinstance(one, ox.NamedNode) or not isinstance(two, ox.NamedNode):
                        continue
                    if one != two:
                        yield Check(name, Group((Pattern(one, SAME, two),)), (axiom,))
                    elif first == second == (one,):  # the same term twice, not by equality
                        yield Check(name, Group(), (axiom,))


def eq_diff2(schema: Schema) -> Compiled:
    """Members of owl:AllDifferent are not the same."""
    return _all_different(schema, "eq-diff2", "owl:members")


def eq_diff3(schema: Schema) -> Compiled:
    """Distinct members of owl:AllDifferent are not the same."""
    return _all_different(schema, "eq-diff3", "owl:distinctMembers")
