"""Property axioms compiled to rules and checks (OWL 2 Profiles, section 4.3, table 5).

Each function carries the name of the rule that it compiles and yields one rule or check an axiom.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import pyoxigraph as ox

from nhskg.reasoning.literals import different_values, same_value
from nhskg.reasoning.model import TYPE, Check, Expression, Filter, Group, Node, Pattern, Rule, Term
from nhskg.reasoning.schema import Schema
from nhskg.terms import OWL

__all__ = [
    "DIFFERENT",
    "SAME",
    "U",
    "V",
    "X",
    "Y",
    "Z",
    "both_named",
    "distinct",
    "relation",
    "type_of",
]

X, Y, Z, U, V = (ox.Variable(name) for name in "xyzuv")
SAME = ox.NamedNode(OWL + "sameAs")
DIFFERENT = ox.NamedNode(OWL + "differentFrom")


def type_of(schema: Schema, node: Node, kind: Term) -> Pattern | None:
    """Return the pattern that says a node is in a class, or None if there is no such class."""
    name = schema.class_name(kind)
    return Pattern(node, TYPE, name) if name is not None else None


def relation(schema: Schema, node: Term, subject: Node, value: Node) -> Pattern | None:
    """Return the pattern of a property expression, or None if it has no reading in RDF."""
    pattern = schema.property_pattern(node, subject, value)
    return None if pattern is None or isinstance(pattern.subject, ox.Literal) else pattern


def distinct(one: Node, two: Node) -> Filter:
    """Return the test that two nodes are different terms."""
    return Filter(Expression(("!", "sameTerm", "(", one, ",", two, ")")))


def both_named(one: Node, two: Node) -> Filter:
    """Return the test that neither node is a literal, as a literal cannot be a subject."""
    return Filter(Expression(("!", "isLiteral(", one, ")", "&&", "!", "isLiteral(", two, ")")))


def _declared(schema: Schema, name: str) -> Iterator[tuple[ox.Triple, Term]]:
    for axiom in schema.instances(name):
        yield axiom, axiom.subject  # type: ignore[misc]


def prp_dom(schema: Schema) -> Iterator[Rule]:
    """Domains: ``x p y`` puts x in the domain of p."""
    for axiom in schema.axioms("rdfs:domain"):
        body, head = relation(schema, axiom.subject, X, Y), type_of(schema, X, axiom.object)  # type: ignore[arg-type]
        if body and head:
            yield Rule("prp-dom", (head,), Group((body,)), (axiom,))


def prp_rng(schema: Schema) -> Iterator[Rule]:
    """Ranges: ``x p y`` puts y in the range of p."""
    for axiom in schema.axioms("rdfs:range"):
        body, head = relation(schema, axiom.subject, X, Y), type_of(schema, Y, axiom.object)  # type: ignore[arg-type]
        if body and head:
            yield Rule("prp-rng", (head,), Group((body,)), (axiom,))


def _same_ends(
    schema: Schema, name: str, owl_class: str, *, objects: bool
) -> Iterator[Rule | Check]:
    for axiom, node in _declared(schema, owl_class):
        one = relation(schema, node, X, Y) if objects else relation(schema, node, Y, X)
        two = relation(schema, node, X, Z) if objects else relation(schema, node, Z, X)
        if one and two:
            yield from same(name, (one, two), (axiom,))


def same(
    name: str, body: tuple[Pattern, ...], axioms: tuple[ox.Triple, ...]
) -> Iterator[Rule | Check]:
    """Yield the rule that makes ?y and ?z the same, and the check that refuses unequal literals.

    ``owl:sameAs`` between literals of different value contradicts dt-diff by eq-diff1.
    """
    tests = (distinct(Y, Z), both_named(Y, Z))
    yield Rule(name, (Pattern(Y, SAME, Z),), Group((*body, *tests)), axioms)
    yield Check(
        f"{name}+dt-diff+eq-diff1", Group((*body, distinct(Y, Z), different_values(Y, Z))), axioms
    )


def prp_fp(schema: Schema) -> Iterator[Rule | Check]:
    """Functional properties: two values are one."""
    yield from _same_ends(schema, "prp-fp", "owl:FunctionalProperty", objects=True)


def prp_ifp(schema: Schema) -> Iterator[Rule | Check]:
    """Inverse functional properties: two subjects of one value are one."""
    yield from _same_ends(schema, "prp-ifp", "owl:InverseFunctionalProperty", objects=False)


def prp_irp(schema: Schema) -> Iterator[Check]:
    """Irreflexive properties."""
    for axiom, node in _declared(schema, "owl:IrreflexiveProperty"):
        if body := relation(schema, node, X, X):
            yield Check("prp-irp", Group((body,)), (axiom,))


def prp_symp(schema: Schema) -> Iterator[Rule]:
    """Symmetric properties."""
    for axiom, node in _declared(schema, "owl:SymmetricProperty"):
        body, head = relation(schema, node, X, Y), relation(schema, node, Y, X)
        if body and head:
            yield Rule("prp-symp", (head,), Group((body,)), (axiom,))


def prp_asyp(schema: Schema) -> Iterator[Check]:
    """Asymmetric properties."""
    for axiom, node in _declared(schema, "owl:AsymmetricProperty"):
        one, two = relation(schema, node, X, Y), relation(schema, node, Y, X)
        if one and two:
            yield Check("prp-asyp", Group((one, two)), (axiom,))


def prp_trp(schema: Schema) -> Iterator[Rule]:
    """Transitive properties."""
    for axiom, node in _declared(schema, "owl:TransitiveProperty"):
        one, two = relation(schema, node, X, Y), relation(schema, node, Y, Z)
        head = relation(schema, node, X, Z)
        if one and two and head:
            yield Rule("prp-trp", (head,), Group((one, two)), (axiom,))


def _included(
    schema: Schema, name: str, axiom: ox.Triple, lower: Term, upper: Term
) -> Iterator[Rule]:
    body, head = relation(schema, lower, X, Y), relation(schema, upper, X, Y)
    if body and head and body != head:
        yield Rule(name, (head,), Group((body,)), (axiom,))


def prp_spo1(schema: Schema) -> Iterator[Rule]:
    """Sub-properties."""
    for axiom in schema.axioms("rdfs:subPropertyOf"):
        yield from _included(schema, "prp-spo1", axiom, axiom.subject, axiom.object)  # type: ignore[arg-type]


def prp_spo2(schema: Schema) -> Iterator[Rule]:
    """Property chains of any length."""
    for axiom in schema.axioms("owl:propertyChainAxiom"):
        chain = schema.items(axiom.object)  # type: ignore[arg-type]
        stops = [ox.Variable(f"u{i}") for i in range(len(chain) + 1)]
        steps = zip(chain, stops, stops[1:], strict=False)
        body = [relation(schema, node, a, b) for node, a, b in steps]
        head = relation(schema, axiom.subject, stops[0], stops[-1])  # type: ignore[arg-type]
        found = tuple(p for p in body if p is not None)
        if head and chain and len(found) == len(body):
            yield Rule("prp-spo2", (head,), Group(found), (axiom,))


def prp_eqp1(schema: Schema) -> Iterator[Rule]:
    """Equivalent properties, from left to right."""
    for axiom in schema.axioms("owl:equivalentProperty"):
        yield from _included(schema, "prp-eqp1", axiom, axiom.subject, axiom.object)  # type: ignore[arg-type]


def prp_eqp2(schema: Schema) -> Iterator[Rule]:
    """Equivalent properties, from right to left."""
    for axiom in schema.axioms("owl:equivalentProperty"):
        yield from _included(schema, "prp-eqp2", axiom, axiom.object, axiom.subject)  # type: ignore[arg-type]


def _apart(schema: Schema, name: str, axiom: ox.Triple, one: Term, two: Term) -> Iterator[Check]:
    first, second = relation(schema, one, X, Y), relation(schema, two, X, Y)
    if first and second:
        yield Check(name, Group((first, second)), (axiom,))


def prp_pdw(schema: Schema) -> Iterator[Check]:
    """Disjoint properties."""
    for axiom in schema.axioms("owl:propertyDisjointWith"):
        yield from _apart(schema, "prp-pdw", axiom, axiom.subject, axiom.object)  # type: ignore[arg-type]


def prp_adp(schema: Schema) -> Iterator[Check]:
    """Properties that are all disjoint."""
    for axiom in schema.instances("owl:AllDisjointProperties"):
        for members in schema.values(axiom.subject, "owl:members"):  # type: ignore[arg-type]
            for one, two in itertools.combinations(schema.items(members), 2):
                yield from _apart(schema, "prp-adp", axiom, one, two)


def _inverse(schema: Schema, name: str, axiom: ox.Triple, one: Term, two: Term) -> Iterator[Rule]:
    body, head = relation(schema, one, X, Y), relation(schema, two, Y, X)
    if body and head and body != head:
        yield Rule(name, (head,), Group((body,)), (axiom,))


def prp_inv1(schema: Schema) -> Iterator[Rule]:
    """Inverse properties, from left to right."""
    for axiom in schema.axioms("owl:inverseOf"):
        yield from _inverse(schema, "prp-inv1", axiom, axiom.subject, axiom.object)  # type: ignore[arg-type]


def prp_inv2(schema: Schema) -> Iterator[Rule]:
    """Inverse properties, from right to left."""
    for axiom in schema.axioms("owl:inverseOf"):
        yield from _inverse(schema, "prp-inv2", axiom, axiom.object, axiom.subject)  # type: ignore[arg-type]


def prp_key(schema: Schema) -> Iterator[Rule | Check]:
    """Keys: two instances of the class that agree on every property of the key are one."""
    for axiom in schema.axioms("owl:hasKey"):
        keys = schema.items(axiom.object)  # type: ignore[arg-type]
        ends = [ox.Variable(f"k{i}") for i in range(len(keys))]
        body: list[Pattern | None] = [type_of(schema, Y, axiom.subject)]  # type: ignore[arg-type]
        for node, end in zip(keys, ends, strict=True):
            body += [relation(schema, node, Y, end), relation(schema, node, Z, end)]
        body.append(type_of(schema, Z, axiom.subject))  # type: ignore[arg-type]
        found = tuple(p for p in body if p is not None)
        if keys and len(found) == len(body):
            rule = next(same("prp-key", found, (axiom,)))
            yield rule


def _negative(name: str, target: str, *more: Filter, value: Node = Y) -> Check:
    n, p = ox.Variable("n"), ox.Variable("p")
    return Check(
        name,
        Group(
            (
                Pattern(n, ox.NamedNode(OWL + "sourceIndividual"), X),
                Pattern(n, ox.NamedNode(OWL + "assertionProperty"), p),
                Pattern(n, ox.NamedNode(OWL + target), Y),
                Pattern(X, p, value),
                *more,
            )
        ),
    )


def prp_npa1(schema: Schema) -> Iterator[Check]:
    """Negative assertions about two individuals; asked in general form, as rules derive them."""
    yield _negative("prp-npa1", "targetIndividual")


def prp_npa2(schema: Schema) -> Iterator[Check]:
    """Negative assertions about an individual and a literal; asked in general form."""
    yield _negative("prp-npa2", "targetValue", same_value(Y, Z), value=Z)
