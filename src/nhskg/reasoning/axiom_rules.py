"""Axioms compiled to rules and checks, from rows that read as the tables of the standard do.

OWL 2 Profiles, section 4.3, tables 4 to 8. A class expression's node is a class like any other
here; :mod:`nhskg.reasoning.program` then folds the anonymous ones into the rules that read them.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import Any, Final, TypeAlias

import pyoxigraph as ox

from nhskg.rdf.sparql.algebra import (
    TYPE,
    Bind,
    Element,
    Filter,
    Group,
    Node,
    Pattern,
    Term,
    Values,
    ends,
)
from nhskg.rdf.sparql.parser import expression
from nhskg.rdf.terms import OWL
from nhskg.reasoning.literal_values import canonical, canonical_form, different_values, same_value
from nhskg.reasoning.rules import Rule
from nhskg.reasoning.schema import THING, Schema, expanded

Axioms: TypeAlias = tuple[ox.Triple, ...]
Terms: TypeAlias = dict[str, Term]  # that letters of a row stand for

X, Y, Z = (ox.Variable(name) for name in "xyz")
SAME: Final = ox.NamedNode(OWL + "sameAs")
BY_VALUE: Final = "dt-eq+eq-rep-o"
"""The rules by which a literal is replaced by another of the same value."""

ROWS: Final = """
eq-diff1: -- | x owl:sameAs y, x owl:differentFrom y -> false
eq-diff1: -- | x owl:differentFrom x -> false
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
prp-adp: L a owl:AllDisjointProperties, L owl:members P&Q | x P y, x Q y -> false
prp-inv1: P owl:inverseOf Q | x P y -> y Q x
prp-inv2: P owl:inverseOf Q | x Q y -> y P x
prp-npa1: -- | n owl:sourceIndividual x, n owl:assertionProperty p, n owl:targetIndividual y,
  x p y -> false
prp-npa2: -- | n owl:sourceIndividual x, n owl:assertionProperty p, n owl:targetValue y,
  x p z, y ~ z -> false
cls-nothing2: -- | x a owl:Nothing -> false
cls-int1: C owl:intersectionOf L | x a (L) -> x a C
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
asserted: A rdf:type B | -> A a B
"""
"""The rules that each axiom of a form gives: ``name: schema | premises -> conclusion``.

Capital letters stand for terms of the schema: ``E`` is a class that is not owl:Thing, ``B`` one
without a name, ``A`` an individual with a name or a literal, ``V`` the same in each form of its
value, ``W`` a literal. ``(C)`` is each member of a list, ``P&Q`` are each two of them; ``x a (L)``
is one premise for each member. ``y ~ z`` is that two nodes are one term, or literals of one value.
A row with ``--`` needs no axiom. The last row is of no table: a program cannot see who is stated to
be in an anonymous class.
"""

COMPARED: Final = (
    "C owl:hasValue W, C owl:onProperty P",
    "C owl:hasKey (P)",
    "P a owl:InverseFunctionalProperty",
    "P owl:propertyDisjointWith Q",
    "Q owl:propertyDisjointWith P",
    "L a owl:AllDisjointProperties, L owl:members (P)",
)
"""The axioms by which things are compared by values of P; the letters are those of rows."""


def _compile_row(row: str, schema: Schema) -> Iterator[Rule]:
    name, _, rest = row.partition(": ")
    source, _, rule = rest.partition(" | ")
    premises, _, conclusion = rule.rpartition("-> ")
    for axioms, terms in matches(schema, source):
        body = [p for part in premises.split(",") for p in _premises(schema, part, terms)]
        is_other = "V" in terms and terms["V"] != axioms[0].object
        named = f"{name}+{BY_VALUE}" if is_other else name
        if conclusion == "y = z":
            yield from equated(named, axioms, body)
        else:
            head = list(_premises(schema, conclusion.replace("false", ""), terms))
            yield from concluded(named, axioms, head, body)


def concluded(
    name: str, axioms: Axioms, head: Sequence[Any], body: Sequence[Element | None]
) -> Iterator[Rule]:
    """Yield a rule, if all its parts have a reading in RDF and it says something."""
    found = tuple(each for each in body if each is not None)
    if None in head or len(found) < len(body) or any(each in found for each in head):
        return
    if Group(tuple(head)).variables() <= Group(found).variables():
        yield Rule(name, tuple(head), Group(found), axioms)


def equated(name: str, axioms: Axioms, body: Sequence[Element | None]) -> Iterator[Rule]:
    """Yield the rule that makes ?y and ?z the same, and the check that refuses unequal literals."""
    apart = Filter(expression(f"!sameTerm({Y}, {Z})"))
    named = Filter(expression(f"!isLiteral({Y})"))
    yield from concluded(name, axioms, [Pattern(Y, SAME, Z)], [*body, apart, named])
    unequal = [*body, apart, different_values(Y, Z)]
    yield from concluded(f"{name}+dt-diff+eq-diff1", axioms, [], unequal)


def _premises(schema: Schema, text: str, terms: Terms) -> Iterator[Element | None]:
    """Yield what a premise or a conclusion says of the terms; None if it has no reading in RDF."""
    words = text.split()
    if not words:
        return
    subject, value = _node(words[0], terms), _node(words[2], terms)
    if words[1] == "~":
        yield same_value(subject, value)
    elif words[1] != "a":
        yield schema.relation(subject, _node(words[1], terms), value)
    elif words[2] == "(L)":
        yield from (schema.membership(subject, kind) for kind in schema.items(terms["L"]))
    else:
        yield schema.membership(subject, value)


def _node(word: str, terms: Terms) -> Node:
    if word in terms:
        return terms[word]
    return ox.NamedNode(expanded(word)) if ":" in word else ox.Variable(word.strip("()"))


def matches(schema: Schema, source: str) -> Iterator[tuple[Axioms, Terms]]:
    """Yield the axioms of each way to match the schema part of a row, and the terms.

    What is said of a node without a name belongs to the first axiom, which alone is given.
    """
    if source == "--":
        yield (), {}
        return
    (letter, predicate, word), *more = (part.split() for part in source.split(", "))
    found = schema.instances(word) if predicate == "a" else schema.axioms(predicate)
    for axiom in found:
        node: Any = axiom.subject
        first: Axioms = (axiom.triple,)
        ways = [(first, {letter: each}) for each in _admitted(letter, node)]
        parts = [] if predicate == "a" else [(word, [axiom.triple])]
        for _, name, other in more:
            iri = ox.NamedNode(expanded(name))
            parts += [(other, [ox.Triple(node, iri, term) for term in schema.values(node, name)])]
        for other, triples in parts:
            ways = [
                (axioms if isinstance(node, ox.BlankNode) else (*axioms, triple), {**one, **two})
                for axioms, one in ways
                for triple in triples
                for two in _values(schema, other, ends(triple)[1])
            ]
        yield from ((tuple(dict.fromkeys(axioms)), terms) for axioms, terms in ways)


def _values(schema: Schema, word: str, term: Term) -> list[Terms]:
    """Return the ways in which a term of the schema matches a word of a row."""
    if word in ("0", "1"):
        is_literal = isinstance(term, ox.Literal)
        return [{}] if is_literal and re.fullmatch(rf"\s*\+?0*{word}\s*", term.value) else []
    if ":" in word:
        return [{}] if term == ox.NamedNode(expanded(word)) else []
    if "&" in word:
        letters = word.split("&")
        pairs = itertools.combinations(schema.items(term), 2)
        return [dict(zip(letters, pair, strict=True)) for pair in pairs]
    letter = word.strip("()")
    terms = schema.items(term) if letter != word else [term]
    return [{letter: each} for one in terms for each in _admitted(letter, one)]


def _admitted(letter: str, term: Term) -> Iterable[Term]:
    blank, literal = isinstance(term, ox.BlankNode), isinstance(term, ox.Literal)
    unfit = {"E": term == THING, "B": not blank, "A": blank, "V": blank, "W": not literal}
    if unfit.get(letter):
        return ()
    return dict.fromkeys((term, canonical(term))) if letter == "V" else (term,)


def _prp_spo2(schema: Schema) -> Iterator[Rule]:
    """Property chains of any length."""
    for axiom, prop, listed in schema.axioms("owl:propertyChainAxiom"):
        chain = schema.items(listed)
        stops = [ox.Variable(f"u{place}") for place in range(len(chain) + 1)]
        body = [schema.relation(*step) for step in zip(stops, chain, stops[1:], strict=False)]
        if chain:
            head = [schema.relation(stops[0], prop, stops[-1])]
            yield from concluded("prp-spo2", (axiom,), head, body)


def _prp_key(schema: Schema) -> Iterator[Rule]:
    """Keys: two instances of the class that agree on every property of the key are one."""
    for axiom, kind, listed in schema.axioms("owl:hasKey"):
        body: list[Element | None] = [schema.membership(Y, kind)]
        for place, prop in enumerate(schema.items(listed)):
            end = ox.Variable(f"k{place}")
            body += [schema.relation(Y, prop, end), schema.relation(Z, prop, end)]
        if len(body) > 1:
            body += [schema.membership(Z, kind), Filter(expression(f"!sameTerm({Y}, {Z})"))]
            yield from concluded("prp-key", (axiom,), [Pattern(Y, SAME, Z)], body)


def _cax_adc(schema: Schema) -> Iterator[Rule]:
    """Classes that are all disjoint: one check for all named ones, one for each other pair."""
    for axioms, terms in matches(schema, "L a owl:AllDisjointClasses, L owl:members M"):
        items = schema.items(terms["M"])
        named = [m for m in items if isinstance(m, ox.NamedNode) and m != THING]
        together = len(named) > 2 and len(set(named)) == len(named)
        for pair in itertools.combinations(items, 2):
            body: list[Element | None] = [schema.membership(X, member) for member in pair]
            if together and set(pair) <= set(named):
                body.append(Filter(expression(f"isLiteral({X})")))
            yield from concluded("cax-adc", axioms, [], body)
        if together:
            c, d = ox.Variable("c"), ox.Variable("d")
            table = Values((c,), tuple((member,) for member in named))
            listed = ", ".join(map(str, named))
            test = Filter(expression(f"STR({c}) < STR({d}) && {d} IN ({listed})"))
            group = Group((table, Pattern(X, TYPE, c), Pattern(X, TYPE, d), test))
            yield Rule("cax-adc", (), group, axioms)


def _all_different(name: str, predicate: str, schema: Schema) -> Iterator[Rule]:
    """Members of owl:AllDifferent are not the same."""
    for axioms, terms in matches(schema, f"L a owl:AllDifferent, L {predicate} M"):
        for first, second in itertools.combinations(schema.places(terms["M"]), 2):
            for one, two in itertools.product(first, second):
                if isinstance(one, ox.NamedNode) and isinstance(two, ox.NamedNode) and one != two:
                    yield Rule(name, (), Group((Pattern(one, SAME, two),)), axioms)
                elif isinstance(one, ox.NamedNode) and first == second == (one,):
                    yield Rule(name, (), Group(), axioms)  # the same term twice, not by equality


def _one_value(_: Schema) -> Iterator[Rule]:
    """What is the same as two literals of different values (eq-sym, eq-trans)."""
    # first of all one of them: there may be many things that are the same
    body = (Pattern(X, SAME, Y), Filter(expression(f"isLiteral({Y})")), Pattern(X, SAME, Z))
    yield from (rule for rule in equated("eq-trans", (), body) if not rule.head)


def _literal_forms(schema: Schema) -> Iterator[Rule]:
    """State a value in its canonical form too, where things are compared by it."""
    form = ox.Variable("form")
    of_individuals = {axiom.subject for axiom in schema.instances("owl:ObjectProperty")}
    found = [(m["P"], axioms) for row in COMPARED for axioms, m in matches(schema, row)]
    for prop, axioms in sorted(dict(reversed(found)).items(), key=str):
        if isinstance(prop, ox.NamedNode) and prop not in of_individuals:
            body = (
                Pattern(X, prop, Y),
                Filter(expression(f"isLiteral({Y})")),
                Bind(expression(canonical_form(Y)), form),
                Filter(expression(f"!sameTerm({Y}, {form})")),
            )
            yield Rule(BY_VALUE, (Pattern(X, prop, form),), Group(body), axioms)


COMPILERS: Final[tuple[tuple[str, Callable[[Schema], Iterator[Rule]]], ...]] = (
    *(
        (row.partition(":")[0], partial(_compile_row, row))
        for row in ROWS.replace("\n  ", " ").strip().splitlines()
    ),
    ("prp-spo2", _prp_spo2),
    ("prp-key", _prp_key),
    ("cax-adc", _cax_adc),
    ("eq-diff2", partial(_all_different, "eq-diff2", "owl:members")),
    ("eq-diff3", partial(_all_different, "eq-diff3", "owl:distinctMembers")),
    ("dt-eq", _literal_forms),
    ("dt-diff", _one_value),
)
"""The names of the rules of tables 4 to 8, each with what compiles it."""
