"""The schema of a data set: its OWL axioms, indexed, named and closed under the scm rules.

An axiom is a triple whose predicate belongs to the OWL 2 or RDFS vocabulary (OWL 2 Mapping to RDF
Graphs, section 2). Anonymous class expressions get an IRI made from what they say, so that two
alike are one class and a program's text does not depend on how a parser numbers blank nodes.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import Final

import pyoxigraph as ox

from nhskg.reasoning.model import TYPE, Pattern, Term
from nhskg.terms import OWL, RDF, RDFS, XSD

__all__ = [
    "AUXILIARY",
    "AXIOM_CLASSES",
    "AXIOM_PREDICATES",
    "EXPRESSION",
    "Schema",
    "is_auxiliary",
    "is_axiom",
    "is_datatype",
]

AUXILIARY: Final = "urn:nhskg:"
"""Prefix of the IRIs that only serve reasoning; no variable takes them for its value."""
EXPRESSION: Final = AUXILIARY + "class:"
"""Prefix of the IRIs that stand for anonymous class expressions while reasoning."""

AXIOM_PREDICATES: Final = frozenset(
    [RDFS + n for n in "subClassOf subPropertyOf domain range".split()]
    + [
        OWL + n
        for n in (
            "equivalentClass equivalentProperty inverseOf disjointWith propertyDisjointWith "
            "complementOf intersectionOf unionOf oneOf onProperty someValuesFrom allValuesFrom "
            "hasValue maxCardinality maxQualifiedCardinality onClass propertyChainAxiom hasKey "
            "members distinctMembers"
        ).split()
    ]
)
"""The predicates whose triples are axioms."""

AXIOM_CLASSES: Final = frozenset(
    [RDFS + "Datatype", RDFS + "Class"]
    + [
        OWL + n
        for n in (
            "Class Restriction ObjectProperty DatatypeProperty FunctionalProperty "
            "InverseFunctionalProperty IrreflexiveProperty SymmetricProperty AsymmetricProperty "
            "TransitiveProperty AllDisjointClasses AllDisjointProperties AllDifferent"
        ).split()
    ]
)
"""The classes whose membership is an axiom."""

_LISTS: Final = frozenset([RDF + "first", RDF + "rest"])
_DATATYPES: Final = frozenset(
    [RDFS + "Literal", RDF + "PlainLiteral", RDF + "XMLLiteral", RDF + "langString"]
)

THING: Final = ox.NamedNode(OWL + "Thing")
NOTHING: Final = ox.NamedNode(OWL + "Nothing")

Pairs = set[tuple[Term, Term]]


def is_axiom(triple: ox.Triple | ox.Quad) -> bool:
    """Tell whether a triple is (part of) an axiom, or gives a thing an anonymous class."""
    predicate = triple.predicate.value
    if predicate == TYPE.value:
        kind = triple.object
        return isinstance(kind, ox.BlankNode) or (
            isinstance(kind, ox.NamedNode) and kind.value in AXIOM_CLASSES
        )
    return predicate in AXIOM_PREDICATES or predicate in _LISTS


def is_auxiliary(kind: Term) -> bool:
    """Tell whether derived memberships of a class only serve reasoning, and are not published."""
    return kind == THING or (isinstance(kind, ox.NamedNode) and kind.value.startswith(AUXILIARY))


def is_datatype(node: Term) -> bool:
    """Tell whether a class node is a datatype of the OWL 2 map or of RDF."""
    return isinstance(node, ox.NamedNode) and (
        node.value.startswith(XSD) or node.value in _DATATYPES
    )


class Schema:
    """Axioms, with the look-ups that the compiler needs."""

    def __init__(self, triples: Iterable[ox.Triple | ox.Quad]) -> None:
        self.triples: frozenset[ox.Triple] = frozenset(
            ox.Triple(t.subject, t.predicate, t.object) for t in triples if is_axiom(t)
        )
        self._by_predicate: dict[str, list[ox.Triple]] = defaultdict(list)
        self._by_subject: dict[Term, list[ox.Triple]] = defaultdict(list)
        for triple in sorted(self.triples, key=str):
            self._by_predicate[triple.predicate.value].append(triple)
            self._by_subject[triple.subject].append(triple)  # type: ignore[index]
        self._names: dict[Term, ox.NamedNode] = {}

    # -- look-ups

    def axioms(self, name: str) -> list[ox.Triple]:
        """Return the triples with a predicate of RDFS or OWL, given as ``rdfs:…`` or ``owl:…``."""
        return self._by_predicate.get(_expand(name), [])

    def instances(self, name: str) -> list[ox.Triple]:
        """Return the triples that declare something an ``owl:…`` or ``rdfs:…`` class."""
        return self._instances.get(_expand(name), [])

    @cached_property
    def _instances(self) -> dict[str, list[ox.Triple]]:
        found: dict[str, list[ox.Triple]] = defaultdict(list)
        for triple in self._by_predicate.get(TYPE.value, []):
            if isinstance(triple.object, ox.NamedNode):
                found[triple.object.value].append(triple)
        return found

    def anonymous_types(self) -> list[ox.Triple]:
        """Return the triples that give an individual an anonymous class."""
        kinds = self._by_predicate.get(TYPE.value, [])
        return [t for t in kinds if isinstance(t.object, ox.BlankNode)]

    def values(self, node: Term, name: str) -> list[Term]:
        """Return the objects of a node's triples with one vocabulary predicate."""
        iri = _expand(name)
        return [t.object for t in self._by_subject.get(node, []) if t.predicate.value == iri]  # type: ignore[misc]

    def items(self, node: Term) -> tuple[Term, ...]:
        """Return the members of an RDF list, in order; of a malformed list, those reached."""
        return tuple(place[0] for place in self.places(node))

    def places(self, node: Term) -> tuple[tuple[Term, ...], ...]:
        """Return the places of an RDF list, each with its members: several if they are the same."""
        found: list[tuple[Term, ...]] = []
        seen: set[Term] = set()
        while node not in seen and node != ox.NamedNode(RDF + "nil"):
            seen.add(node)
            first = self.values(node, "rdf:first")
            rest = self.values(node, "rdf:rest")
            if not first:
                break
            found.append(tuple(first))
            if not rest:
                break
            node = rest[0]
        return tuple(found)

    def restrictions(self, name: str) -> Iterator[tuple[ox.Triple, Term, Term, Term]]:
        """Yield (triple, class, property, value) of each restriction of a kind."""
        for triple in self.axioms(name):
            for on_property in self.values(triple.subject, "owl:onProperty"):  # type: ignore[arg-type]
                yield triple, triple.subject, on_property, triple.object  # type: ignore[misc]

    # -- names

    def class_name(self, node: Term) -> ox.NamedNode | None:
        """Return the IRI that stands for a class node, or None for a literal."""
        if isinstance(node, ox.NamedNode):
            return node
        if isinstance(node, ox.Literal):
            return None
        if node not in self._names:
            signature = self._signature(node, ())
            digest = hashlib.sha1(signature.encode(), usedforsecurity=False).hexdigest()[:12]
            self._names[node] = ox.NamedNode(EXPRESSION + digest)
        return self._names[node]

    def expressions(self) -> dict[ox.NamedNode, ox.BlankNode]:
        """Return the node of each anonymous class, by the IRI that stands for it."""
        nodes = {t.subject for t in self.triples} | {t.object for t in self.triples}
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
        lines = [
            f"{t.predicate.value} {self._signature(t.object, (*above, node))}"  # type: ignore[arg-type]
            for t in self._by_subject.get(node, [])
            if t.predicate.value not in (RDFS + "subClassOf", OWL + "disjointWith")
        ]
        return "[" + ";".join(sorted(set(lines))) + "]" if lines else str(node)

    def property_pattern(
        self, node: Term, subject: Term | ox.Variable, value: object
    ) -> Pattern | None:
        """Return the pattern for a property expression between two nodes, or None.

        The inverse of a property (a blank node with owl:inverseOf) swaps the ends; a literal
        cannot come to stand as subject.
        """
        inverted = False
        seen: set[Term] = set()
        while isinstance(node, ox.BlankNode) and node not in seen:
            seen.add(node)
            of = self.values(node, "owl:inverseOf")
            if not of:
                return None
            node, inverted = of[0], not inverted
        if not isinstance(node, ox.NamedNode):
            return None
        ends = (value, subject) if inverted else (subject, value)
        return Pattern(ends[0], node, ends[1])  # type: ignore[arg-type]


def _expand(name: str) -> str:
    prefix, _, local = name.partition(":")
    return {"owl": OWL, "rdfs": RDFS, "rdf": RDF}[prefix] + local
