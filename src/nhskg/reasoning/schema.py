"""The schema of a data set: its OWL axioms, indexed and named, and their closure.

Anonymous class expressions get an IRI made from what they say, so that two alike are one class and
a program's text does not depend on how a parser numbers blank nodes.

The schema is small beside the data, so its closure under the schema rules (OWL 2 Profiles, table 9)
is computed once, while compiling. What follows for anonymous expressions only serves that; the
subsumptions between restrictions, which no rule about instances would find, become axioms.
"""

from __future__ import annotations

import hashlib
import itertools
import re
from collections import defaultdict
from collections.abc import Iterable
from typing import Final, NamedTuple

import pyoxigraph as ox

from nhskg.rdf.sparql.algebra import TYPE, Node, Pattern, ProgramError, Term, ends
from nhskg.rdf.terms import AUXILIARY, OWL, PREFIXES, RDFS
from nhskg.reasoning.general_rules import (
    LAST,
    REFLEXIVITY,
    SCHEMA_PREDICATES,
    SUBSUMPTION,
    TRANSITIVITY,
    rows,
)
from nhskg.reasoning.literal_values import canonical

EXPRESSION: Final = AUXILIARY + "class:"
"""Prefix of the IRIs that stand for anonymous class expressions while reasoning."""

THING: Final = ox.NamedNode(OWL + "Thing")
NOTHING: Final = ox.NamedNode(OWL + "Nothing")
_CLASS: Final = ox.NamedNode(OWL + "Class")


def expanded(name: str) -> str:
    """Return the IRI of a term of a vocabulary, given as ``owl:…``, ``rdfs:…`` or ``rdf:…``."""
    prefix, _, local = name.partition(":")
    return PREFIXES[prefix] + local


_PREDICATES: Final = """
rdfs:subClassOf rdfs:subPropertyOf rdfs:domain rdfs:range rdf:first rdf:rest
owl:equivalentClass owl:equivalentProperty owl:inverseOf owl:disjointWith owl:propertyDisjointWith
owl:complementOf owl:intersectionOf owl:unionOf owl:oneOf owl:onProperty owl:someValuesFrom
owl:allValuesFrom owl:hasValue owl:maxCardinality owl:maxQualifiedCardinality owl:onClass
owl:propertyChainAxiom owl:hasKey owl:members owl:distinctMembers
"""
AXIOM_PREDICATES: Final = frozenset(map(expanded, _PREDICATES.split()))
"""The predicates whose triples are axioms, or parts of them."""

_DEFINING: Final = frozenset(
    map(
        expanded,
        "owl:intersectionOf owl:unionOf owl:complementOf owl:oneOf owl:onProperty owl:inverseOf "
        "owl:equivalentClass rdf:first".split(),
    )
)
"""The predicates whose triples say what an expression, or a list, is."""

_CLASSES: Final = """
rdfs:Datatype rdfs:Class owl:Class owl:Restriction owl:ObjectProperty owl:DatatypeProperty
owl:FunctionalProperty owl:InverseFunctionalProperty owl:IrreflexiveProperty owl:SymmetricProperty
owl:AsymmetricProperty owl:TransitiveProperty owl:AllDisjointClasses owl:AllDisjointProperties
owl:AllDifferent
"""
AXIOM_CLASSES: Final = frozenset(map(expanded, _CLASSES.split()))
"""The classes whose membership is an axiom."""


def is_axiom(triple: ox.Triple | ox.Quad) -> bool:
    """Return whether a triple is (part of) an axiom, or gives a thing an anonymous class."""
    kind = triple.object
    if triple.predicate != TYPE:
        return triple.predicate.value in AXIOM_PREDICATES
    return isinstance(kind, ox.BlankNode) or getattr(kind, "value", "") in AXIOM_CLASSES


def is_auxiliary(term: Term | None) -> bool:
    """Return whether what is derived of a class or predicate only serves reasoning."""
    return term == THING or (isinstance(term, ox.NamedNode) and term.value.startswith(AUXILIARY))


class Axiom(NamedTuple):
    """An axiom, and its ends."""

    triple: ox.Triple
    subject: Term
    object: Term


class Schema:
    """Axioms in order, with look-ups by names of the vocabularies such as ``owl:Class``."""

    def __init__(self, triples: Iterable[ox.Triple | ox.Quad]) -> None:
        self.triples = frozenset(ox.Triple(t.subject, t.predicate, t.object) for t in triples)
        self._names: dict[Term, ox.NamedNode] = {}
        self._read_so_far = 0
        self._by_predicate: dict[str, list[Axiom]] = defaultdict(list)
        self._by_subject: dict[Term, list[tuple[str, Term]]] = defaultdict(list)
        for triple in sorted(self.triples, key=str):
            axiom, predicate = Axiom(triple, *ends(triple)), triple.predicate.value
            self._by_predicate[predicate].append(axiom)
            self._by_subject[axiom.subject].append((predicate, axiom.object))

    def axioms(self, name: str) -> list[Axiom]:
        """Return the axioms with a predicate, given as ``rdfs:…`` or ``owl:…``."""
        return self._by_predicate.get(expanded(name), [])

    def instances(self, name: str) -> list[Axiom]:
        """Return the axioms that declare something an ``owl:…`` or ``rdfs:…`` class."""
        kind = ox.NamedNode(expanded(name))
        return [axiom for axiom in self.axioms("rdf:type") if axiom.object == kind]

    def about(self, node: Term) -> list[tuple[str, Term]]:
        """Return the predicates and objects of a node's triples."""
        return self._by_subject.get(node, [])

    def values(self, node: Term, name: str) -> list[Term]:
        """Return the objects of a node's triples with one vocabulary predicate."""
        iri = expanded(name)
        return [value for predicate, value in self.about(node) if predicate == iri]

    def items(self, node: Term) -> tuple[Term, ...]:
        """Return the members of an RDF list, in order; of a malformed list, those reached."""
        return tuple(place[0] for place in self.places(node))

    def places(self, node: Term) -> list[tuple[Term, ...]]:
        """Return the places of an RDF list, each with its members: several if they are the same."""
        found: dict[Term, tuple[Term, ...]] = {}
        rest = [node]
        while rest and rest[0] not in found and (first := self.values(rest[0], "rdf:first")):
            found[rest[0]] = tuple(first)
            rest = self.values(rest[0], "rdf:rest")
        return list(found.values())

    def class_name(self, node: Node) -> ox.NamedNode | None:
        """Return the IRI that stands for a class node, or None where none can."""
        if not isinstance(node, ox.BlankNode):
            return node if isinstance(node, ox.NamedNode) else None
        if node not in self._names:
            self._read_so_far = 0
            signature = self._signature(node, ())
            digest = hashlib.sha1(signature.encode(), usedforsecurity=False).hexdigest()[:12]
            self._names[node] = ox.NamedNode(EXPRESSION + digest)
        return self._names[node]

    def expressions(self) -> dict[ox.NamedNode, ox.BlankNode]:
        """Return the first node of each anonymous class, by the IRI that stands for it."""
        nodes = {node for triple in self.triples for node in ends(triple)}
        blank = [node for node in nodes if isinstance(node, ox.BlankNode)]
        blank.sort(key=str, reverse=True)
        return {name: node for node in blank if (name := self.class_name(node))}

    def _signature(self, node: Term, above: tuple[Term, ...]) -> str:
        if not isinstance(node, ox.BlankNode):
            return str(node)
        if node in above:
            return f"^{above.index(node)}"
        self._read_so_far += 1
        said = (predicate for predicate, _ in self.about(node))
        if self._read_so_far > MOST_PARTS or _DEFINING.isdisjoint(said):
            return str(node)  # a class of which nothing is said is like no other
        lines = {
            f"{predicate} {self._signature(value, (*above, node))}"
            for predicate, value in self.about(node)
            if predicate not in (RDFS + "subClassOf", OWL + "disjointWith")
        }
        return f"[{';'.join(sorted(lines))}]"

    def membership(self, node: Node, kind: Node) -> Pattern | None:
        """Return the pattern that a node is in a class; None if it has no reading in RDF."""
        name = self.class_name(kind)
        return None if name is None else Pattern(node, TYPE, name)

    def relation(self, subject: Node, prop: Node, value: Node) -> Pattern | None:
        """Return the pattern of a property, or of the inverse of one; None if RDF has no such."""
        seen: set[Term] = set()
        while isinstance(prop, ox.BlankNode) and prop not in seen:
            seen.add(prop)
            for of in self.values(prop, "owl:inverseOf")[:1]:
                prop, subject, value = of, value, subject
        if not isinstance(prop, ox.NamedNode | ox.Variable) or isinstance(subject, ox.Literal):
            return None
        return Pattern(subject, prop, value)


class Sameness:
    """The equivalence that some ``owl:sameAs`` triples generate (eq-ref, eq-sym, eq-trans)."""

    def __init__(self, triples: Iterable[ox.Triple] = ()) -> None:
        self.triples = frozenset(triples)
        self._groups: dict[Term, tuple[Term, ...]] = {}
        for triple in sorted(self.triples, key=str):
            groups = sorted(map(self.group, ends(triple)), key=lambda g: (g[0] != TYPE, str(g[0])))
            if groups[0] != groups[1]:
                merged = (*groups[0], *groups[1])
                self._groups.update(dict.fromkeys(merged, merged))

    def group(self, node: Term) -> tuple[Term, ...]:
        """Return all terms that are the same as a node; the first stands for all of them."""
        return self._groups.get(node, (node,))

    def has(self, triple: ox.Triple) -> bool:
        """Return whether the ends of a triple are known to be the same."""
        one, two = ends(triple)
        return two in self.group(one)


# -- closure

_SUB_CLASS: Final = ox.NamedNode(RDFS + "subClassOf")
_EDGE: Final = ox.NamedNode(AUXILIARY + "edge")
_SUBSUMING: Final = (
    ("rdfs:subClassOf", "owl:equivalentClass"),
    ("rdfs:subPropertyOf", "owl:equivalentProperty"),
)
_EQUIVALENT: Final = {
    ox.NamedNode(expanded(one)): ox.NamedNode(expanded(two)) for one, two in _SUBSUMING
}

MOST_PARTS: Final = 10_000
"""How many parts of a class expression are read; where they share parts there is no end of it."""
MOST_SUBSUMPTIONS: Final = 5_000_000
"""How many pairs of a class, or property, and one above it there may be.

An ontology of 100,000 classes has some 20 above each; a chain of 3,162 classes has as many.
"""


def _check_subsumptions(schema: Schema) -> None:
    """Raise ProgramError where too many subsumptions follow from those that are stated."""
    above: dict[Term, list[Term]] = defaultdict(list)
    for below, both in _SUBSUMING:
        for _, one, two in schema.axioms(below):
            above[one].append(two)
        for _, one, two in schema.axioms(both):
            above[one].append(two)
            above[two].append(one)
    count = 0
    for start in list(above):
        seen, left = {start}, [start]
        while left:
            more = [each for each in above.get(left.pop(), ()) if each not in seen]
            seen.update(more)
            left += more
        count += len(seen) - 1
        if count > MOST_SUBSUMPTIONS:
            told = f"more than {MOST_SUBSUMPTIONS:,} subsumptions of classes or properties follow"
            raise ProgramError(f"{told}; give fewer axioms at once")


_MORE: Final = """
cax-sco | ?x rdfs:subClassOf ?y | ?x edge: ?y
eq-rep | ?c ?p ?d | VALUES ?p { rdfs:subClassOf rdfs:subPropertyOf } ?x ?p ?y .
  ?x (owl:sameAs|^owl:sameAs)* ?c . ?y (owl:sameAs|^owl:sameAs)* ?d
"""
"""Rules that no proof cites, as equality, or the membership of instances, concludes it, too."""


def _update(pairs: Iterable[tuple[str, str]]) -> str:
    return " ;".join(f"INSERT {{ {head} }} WHERE {{ {body} }}" for head, body in pairs)


def _along_paths(body: str) -> str:
    return re.sub(r"(sub\w+Of) \?", r"\1+ ?", body)


def close_schema(
    schema: Schema, same: Sameness
) -> tuple[set[ox.Triple], dict[Term, set[Term]], set[ox.Triple]]:
    """Return the closure of a schema under the scm rules, and of what is the same in it.

    Returns:
        The entailed triples between IRIs, without the trivial ones; each class's superclasses; and
        the axioms that a restriction is below another.
    """
    _check_subsumptions(schema)
    store = ox.Store()
    for triple in (*schema.triples, *same.triples):
        store.add(ox.Quad(triple.subject, triple.predicate, canonical(triple.object)))
    for kind in (THING, NOTHING):  # cls-thing, cls-nothing1
        store.add(ox.Quad(kind, TYPE, _CLASS))
    prefixes = {**PREFIXES, "edge": _EDGE.value}
    # subsumptions are read along paths, so that all that follow are only added at the end
    repeated = _update(
        (
            head.replace("rdfs:subClassOf", "edge:" if "onProperty" in body else "rdfs:subClassOf"),
            _along_paths(body),
        )
        for _, head, body in rows(SUBSUMPTION + REFLEXIVITY + _MORE)
    )
    size = -1
    while size < len(store):
        size = len(store)
        store.update(repeated, prefixes=prefixes)
    closures = [(head, _along_paths(head)) for _, head, _ in rows(TRANSITIVITY)]
    last = [(head, body) for name, head, body in rows(LAST) if not name.startswith("scm-eq")]
    store.update(_update([*closures, *last]), prefixes=prefixes)
    facts: set[ox.Triple] = set()
    above: dict[Term, set[Term]] = defaultdict(set)
    between: set[ox.Triple] = set()
    found = {quad.triple for quad in store}
    mutual = (  # scm-eqc2, scm-eqp2: a store would join all pairs with all
        ox.Triple(t.subject, _EQUIVALENT[t.predicate], t.object)
        for t in found
        if t.predicate in _EQUIVALENT and not isinstance(t.object, ox.Literal)
        if t.subject != t.object and ox.Triple(t.object, t.predicate, t.subject) in found
    )
    for triple in itertools.chain(found, mutual):
        one, two = ends(triple)
        if triple.predicate == _SUB_CLASS:
            above[one].add(two)
        if triple.predicate == _EDGE and one != two:
            between.add(ox.Triple(triple.subject, _SUB_CLASS, two))
        named = isinstance(one, ox.NamedNode) and isinstance(two, ox.NamedNode) and one != two
        of_all = not triple.predicate.value.startswith(OWL) and (two == THING or one == NOTHING)
        if named and not of_all and triple.predicate.value in SCHEMA_PREDICATES:
            facts.add(triple)
    return facts, above, between
