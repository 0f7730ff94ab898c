"""The schema of a data set: its OWL axioms, indexed and named.

An axiom is a triple whose predicate belongs to the OWL 2 or RDFS vocabulary (OWL 2 Mapping to RDF
Graphs, section 2). Anonymous class expressions get an IRI made from what they say, so that two
alike are one class and a program's text does not depend on how a parser numbers blank nodes.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable
from typing import Final, NamedTuple

import pyoxigraph as ox

from nhskg.rdf.sparql.algebra import TYPE, Node, Pattern, Term, ends
from nhskg.rdf.terms import AUXILIARY, OWL, PREFIXES, RDF, RDFS, XSD

EXPRESSION: Final = AUXILIARY + "class:"
"""Prefix of the IRIs that stand for anonymous class expressions while reasoning."""


def expanded(name: str) -> str:
    """Return the IRI of a term of a vocabulary, given as ``owl:…``, ``rdfs:…`` or ``rdf:…``."""
    prefix, _, local = name.partition(":")
    return PREFIXES[prefix] + local


AXIOM_PREDICATES: Final = frozenset(
    expanded(name)
    for name in (
        "rdfs:subClassOf rdfs:subPropertyOf rdfs:domain rdfs:range owl:equivalentClass "
        "owl:equivalentProperty owl:inverseOf owl:disjointWith owl:propertyDisjointWith "
        "owl:complementOf owl:intersectionOf owl:unionOf owl:oneOf owl:onProperty "
        "owl:someValuesFrom owl:allValuesFrom owl:hasValue owl:maxCardinality "
        "owl:maxQualifiedCardinality owl:onClass owl:propertyChainAxiom owl:hasKey "
        "owl:members owl:distinctMembers rdf:first rdf:rest"
    ).split()
)
"""The predicates whose triples are axioms, or parts of them."""

AXIOM_CLASSES: Final = frozenset(
    expanded(name)
    for name in (
        "rdfs:Datatype rdfs:Class owl:Class owl:Restriction owl:ObjectProperty "
        "owl:DatatypeProperty owl:FunctionalProperty owl:InverseFunctionalProperty "
        "owl:IrreflexiveProperty owl:SymmetricProperty owl:AsymmetricProperty "
        "owl:TransitiveProperty owl:AllDisjointClasses owl:AllDisjointProperties owl:AllDifferent"
    ).split()
)
"""The classes whose membership is an axiom."""

_DATATYPES: Final = frozenset(
    [RDFS + "Literal", RDF + "PlainLiteral", RDF + "XMLLiteral", RDF + "langString"]
)

THING: Final = ox.NamedNode(OWL + "Thing")
NOTHING: Final = ox.NamedNode(OWL + "Nothing")


def is_axiom(triple: ox.Triple | ox.Quad) -> bool:
    """Return whether a triple is (part of) an axiom, or gives a thing an anonymous class."""
    predicate = triple.predicate.value
    if predicate == TYPE.value:
        kind = triple.object
        return isinstance(kind, ox.BlankNode) or (
            isinstance(kind, ox.NamedNode) and kind.value in AXIOM_CLASSES
        )
    return predicate in AXIOM_PREDICATES


def is_auxiliary(kind: Term) -> bool:
    """Return whether derived memberships of a class only serve reasoning, and are not published."""
    return kind == THING or (isinstance(kind, ox.NamedNode) and kind.value.startswith(AUXILIARY))


def is_datatype(node: Term) -> bool:
    """Return whether a class node is a datatype of the OWL 2 map or of RDF."""
    return isinstance(node, ox.NamedNode) and (
        node.value.startswith(XSD) or node.value in _DATATYPES
    )


class Axiom(NamedTuple):
    """An axiom, and its ends."""

    triple: ox.Triple
    subject: Term
    object: Term


class TripleIndex:
    """Triples in order, with look-ups by names of the vocabularies such as ``owl:Class``."""

    def __init__(self, triples: Iterable[ox.Triple | ox.Quad]) -> None:
        self.triples = frozenset(ox.Triple(t.subject, t.predicate, t.object) for t in triples)
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

    def places(self, node: Term) -> tuple[tuple[Term, ...], ...]:
        """Return the places of an RDF list, each with its members: several if they are the same."""
        found: list[tuple[Term, ...]] = []
        seen: set[Term] = set()
        rest = [node]
        while rest and rest[0] not in seen:
            seen.add(rest[0])
            first = self.values(rest[0], "rdf:first")
            rest = self.values(rest[0], "rdf:rest")
            if not first:
                break
            found.append(tuple(first))
        return tuple(found)


class Schema(TripleIndex):
    """The axioms among some triples, with the look-ups that the compiler needs."""

    def __init__(self, triples: Iterable[ox.Triple | ox.Quad]) -> None:
        super().__init__(filter(is_axiom, triples))
        self._names: dict[Term, ox.NamedNode] = {}

    # -- names

    def class_name(self, node: Node) -> ox.NamedNode | None:
        """Return the IRI that stands for a class node, or None where none can."""
        if isinstance(node, ox.NamedNode):
            return node
        if not isinstance(node, ox.BlankNode):
            return None
        if node not in self._names:
            signature = self._signature(node, ())
            digest = hashlib.sha1(signature.encode(), usedforsecurity=False).hexdigest()[:12]
            self._names[node] = ox.NamedNode(EXPRESSION + digest)
        return self._names[node]

    def expressions(self) -> dict[ox.NamedNode, ox.BlankNode]:
        """Return the node of each anonymous class, by the IRI that stands for it."""
        nodes = {node for triple in self.triples for node in ends(triple)}
        found: dict[ox.NamedNode, ox.BlankNode] = {}
        for node in sorted((n for n in nodes if isinstance(n, ox.BlankNode)), key=str):
            name = self.class_name(node)
            if name is not None:
                found.setdefault(name, node)
        return found

    def _signature(self, node: Term, above: tuple[Term, ...]) -> str:
        if not isinstance(node, ox.BlankNode):
            return str(node)
        if node in above:
            return f"^{above.index(node)}"
        lines = {
            f"{predicate} {self._signature(value, (*above, node))}"
            for predicate, value in self.about(node)
            if predicate not in (RDFS + "subClassOf", OWL + "disjointWith")
        }
        return "[" + ";".join(sorted(lines)) + "]" if lines else str(node)

    # -- patterns

    def membership(self, node: Node, kind: Node) -> Pattern | None:
        """Return the pattern that a node is in a class; None if it has no reading in RDF."""
        name = self.class_name(kind)
        return None if name is None or isinstance(node, ox.Literal) else Pattern(node, TYPE, name)

    def relation(self, subject: Node, prop: Node, value: Node) -> Pattern | None:
        """Return the pattern of a property expression; None if it has no reading in RDF.

        The inverse of a property (a blank node with owl:inverseOf) swaps the ends; a literal
        cannot be a subject.
        """
        seen: set[Term] = set()
        while isinstance(prop, ox.BlankNode) and prop not in seen:
            seen.add(prop)
            of = self.values(prop, "owl:inverseOf")
            if not of:
                return None
            prop, subject, value = of[0], value, subject
        if not isinstance(prop, ox.NamedNode | ox.Variable) or isinstance(subject, ox.Literal):
            return None
        return Pattern(subject, prop, value)


class Sameness:
    """The equivalence that some ``owl:sameAs`` triples generate (eq-ref, eq-sym, eq-trans)."""

    def __init__(self, triples: Iterable[ox.Triple] = ()) -> None:
        self.triples = frozenset(triples)
        self._groups: dict[Term, tuple[Term, ...]] = {}
        for triple in sorted(self.triples, key=str):
            groups = sorted(map(self.group, ends(triple)), key=_type_first)
            if groups[0] != groups[1]:
                merged = (*groups[0], *groups[1])
                self._groups.update(dict.fromkeys(merged, merged))

    def __bool__(self) -> bool:
        return bool(self.triples)

    def group(self, node: Term) -> tuple[Term, ...]:
        """Return all terms that are the same as ``node``, itself among them."""
        return self._groups.get(node, (node,))

    def representative(self, node: Term) -> Term:
        """Return the term that stands for all that are the same as ``node``."""
        return self.group(node)[0]

    def has(self, triple: ox.Triple) -> bool:
        """Return whether the ends of a triple are known to be the same."""
        one, two = ends(triple)
        return two in self.group(one)


def _type_first(group: tuple[Term, ...]) -> tuple[bool, str]:
    return group[0] != TYPE, str(group[0])
