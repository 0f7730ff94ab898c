"""Whether an ontology is in OWL 2 RL, by the grammar of the profile.

Source: `OWL 2 Profiles, section 4.2 <https://www.w3.org/TR/owl2-profiles/#OWL_2_RL>`_. The graph is
read by the `mapping to RDF <https://www.w3.org/TR/owl2-mapping-to-rdf/>`_. What holds of an
ontology as a whole, such as that each term is declared, is not asked here.

An expression may stand in one of three positions: on the left of a subclass axiom, on its right,
or in an equivalence. Which constructs a position takes is a table (:data:`ALLOWED`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from rdflib import BNode, Graph, Literal, URIRef
from rdflib.collection import Collection
from rdflib.namespace import OWL, RDF, RDFS, XSD
from rdflib.term import Node

__all__ = ["ALLOWED", "DATATYPES", "Position", "Violation", "check_owl2rl"]


class Position(StrEnum):
    """Where a class expression stands (OWL 2 Profiles, section 4.2.3)."""

    SUB = "subclass"
    SUPER = "superclass"
    EQUIV = "equivalent class"


ALLOWED: Final[Mapping[URIRef, frozenset[Position]]] = {
    OWL.intersectionOf: frozenset(Position),
    OWL.hasValue: frozenset(Position),
    OWL.unionOf: frozenset({Position.SUB}),
    OWL.oneOf: frozenset({Position.SUB}),
    OWL.someValuesFrom: frozenset({Position.SUB}),
    OWL.complementOf: frozenset({Position.SUPER}),
    OWL.allValuesFrom: frozenset({Position.SUPER}),
    OWL.maxCardinality: frozenset({Position.SUPER}),
    OWL.maxQualifiedCardinality: frozenset({Position.SUPER}),
    OWL.cardinality: frozenset(),
    OWL.hasSelf: frozenset(),
    OWL.minCardinality: frozenset(),
    OWL.minQualifiedCardinality: frozenset(),
    OWL.qualifiedCardinality: frozenset(),
}
"""The constructs of class expressions, each with the positions that it may stand in."""

# fmt: off
_OF_XSD: Final = (
    "anyURI", "base64Binary", "boolean", "byte", "dateTime", "dateTimeStamp", "decimal", "double",
    "float", "hexBinary", "int", "integer", "language", "long", "Name", "NCName",
    "negativeInteger", "NMTOKEN", "nonNegativeInteger", "nonPositiveInteger", "normalizedString",
    "positiveInteger", "short", "string", "token", "unsignedByte", "unsignedInt", "unsignedLong",
    "unsignedShort",
)
# fmt: on

DATATYPES: Final = frozenset(
    {
        RDF.PlainLiteral,
        RDF.XMLLiteral,
        RDF.langString,  # RDF 1.1's datatype of what OWL 2 calls a plain literal with a language
        RDFS.Literal,
        *(XSD[name] for name in _OF_XSD),
    }
)
"""The datatypes of OWL 2 RL (section 4.2.1): those of OWL 2 but owl:real and owl:rational."""


@dataclass(frozen=True, order=True, slots=True)
class Violation:
    """One construct that is outside the profile.

    Attributes:
        section: the section that it breaks, such as ``Profiles 4.2.3``.
        term: IRI of the class, property or individual whose axiom it is; empty where the axiom
            has no name.
        message: what is wrong.
    """

    section: str
    term: str
    message: str

    def __str__(self) -> str:
        return f"{self.term or 'an axiom without a name'}: {self.message} ({self.section})"


def check_owl2rl(graph: Graph) -> tuple[Violation, ...]:
    """Return the axioms of an ontology that the grammar of OWL 2 RL has no place for, sorted."""
    found: set[Violation] = set()
    for check in (
        _check_class_axioms,
        _check_definitions,
        _check_disjointness,
        _check_property_axioms,
        _check_assertions,
        _check_literals,
    ):
        found.update(check(graph))
    return tuple(sorted(found))


def _violation(section: str, node: Node, message: str) -> Violation:
    return Violation(section, "" if isinstance(node, BNode) else str(node), message)


def _short(node: Node) -> str:
    return str(node).replace("#", "/").rsplit("/", 1)[-1]


# -- class expressions and data ranges


def _check_expression(
    graph: Graph, node: Node, position: Position, owner: Node, *, thing: bool = False
) -> Iterator[Violation]:
    """Yield what is wrong with a class expression in a position (section 4.2.3).

    Args:
        graph: the ontology.
        node: the expression.
        position: where it stands.
        owner: the term whose axiom it is part of.
        thing: whether owl:Thing may stand here, as in ObjectSomeValuesFrom on the left.
    """
    if isinstance(node, URIRef):
        if node == OWL.Thing and not thing:
            yield _violation("Profiles 4.2.3", owner, f"owl:Thing stands as {position}")
        return
    constructs = [each for each in ALLOWED if (node, each, None) in graph]
    if not constructs:
        yield _violation("Profiles 4.2.3", owner, "a class expression that OWL 2 does not know")
    for construct in constructs:
        if position not in ALLOWED[construct]:
            message = f"owl:{_short(construct)} stands as {position}"
            yield _violation("Profiles 4.2.3", owner, message)
        else:
            yield from _check_inside(graph, node, construct, position, owner)


def _check_inside(
    graph: Graph, node: Node, construct: URIRef, position: Position, owner: Node
) -> Iterator[Violation]:
    """Yield what is wrong inside an expression whose construct may stand where it does."""
    value = graph.value(node, construct)
    assert value is not None
    if construct in (OWL.intersectionOf, OWL.unionOf):
        for member in Collection(graph, value):
            yield from _check_expression(graph, member, position, owner)
    elif construct == OWL.complementOf:
        yield from _check_expression(graph, value, Position.SUB, owner)
    elif construct in (OWL.someValuesFrom, OWL.allValuesFrom):
        if _is_data(graph, graph.value(node, OWL.onProperty)):
            yield from _check_range(graph, value, owner)
        else:
            thing = construct == OWL.someValuesFrom
            yield from _check_expression(graph, value, position, owner, thing=thing)
    elif construct in (OWL.maxCardinality, OWL.maxQualifiedCardinality):
        if str(value) not in ("0", "1"):
            message = f"owl:{_short(construct)} of {value}; only 0 and 1 may stand"
            yield _violation("Profiles 4.2.3", owner, message)
        for filler in graph.objects(node, OWL.onClass):
            yield from _check_expression(graph, filler, Position.SUB, owner, thing=True)
        for filler in graph.objects(node, OWL.onDataRange):
            yield from _check_range(graph, filler, owner)


def _is_data(graph: Graph, prop: Node | None) -> bool:
    return prop is not None and (prop, RDF.type, OWL.DatatypeProperty) in graph


def _check_range(graph: Graph, node: Node, owner: Node) -> Iterator[Violation]:
    """Yield what is wrong with a data range: a datatype or an intersection (section 4.2.4)."""
    if isinstance(node, URIRef):
        if node not in DATATYPES and (node, OWL.equivalentClass, None) not in graph:
            message = f"the datatype {_short(node)} is not one of OWL 2 RL"
            yield _violation("Profiles 4.2.1", owner, message)
        return
    members = graph.value(node, OWL.intersectionOf)
    if members is None:
        message = "a data range that is neither a datatype nor an intersection"
        yield _violation("Profiles 4.2.4", owner, message)
        return
    for member in Collection(graph, members):
        yield from _check_range(graph, member, owner)


# -- axioms


def _check_class_axioms(graph: Graph) -> Iterator[Violation]:
    """Yield what is wrong with subclass, equivalence and key axioms (section 4.2.5)."""
    for sub, wide in graph.subject_objects(RDFS.subClassOf):
        yield from _check_expression(graph, sub, Position.SUB, sub)
        yield from _check_expression(graph, wide, Position.SUPER, sub)
    for one, other in graph.subject_objects(OWL.equivalentClass):
        if (one, RDF.type, RDFS.Datatype) in graph:
            yield from _check_range(graph, other, one)
            continue
        yield from _check_expression(graph, one, Position.EQUIV, one)
        yield from _check_expression(graph, other, Position.EQUIV, one)
    for keyed in graph.subjects(OWL.hasKey):
        yield from _check_expression(graph, keyed, Position.SUB, keyed)


def _check_definitions(graph: Graph) -> Iterator[Violation]:
    """Yield what is wrong with a construct on a named class, which states an equivalence."""
    for construct in (OWL.intersectionOf, OWL.unionOf, OWL.complementOf, OWL.oneOf):
        for named in graph.subjects(construct):
            if not isinstance(named, URIRef):
                continue
            if Position.EQUIV in ALLOWED[construct]:
                yield from _check_inside(graph, named, construct, Position.EQUIV, named)
            else:
                message = f"owl:{_short(construct)} stands as {Position.EQUIV}"
                yield _violation("Profiles 4.2.3", named, message)


def _check_disjointness(graph: Graph) -> Iterator[Violation]:
    """Yield what is wrong with axioms on disjoint classes (section 4.2.5)."""
    for one, other in graph.subject_objects(OWL.disjointWith):
        yield from _check_expression(graph, one, Position.SUB, one)
        yield from _check_expression(graph, other, Position.SUB, one)
    for axiom in graph.subjects(RDF.type, OWL.AllDisjointClasses):
        for members in graph.objects(axiom, OWL.members):
            for member in Collection(graph, members):
                yield from _check_expression(graph, member, Position.SUB, axiom)
    for named in graph.subjects(OWL.disjointUnionOf):
        yield _violation("Profiles 4.2.5", named, "owl:disjointUnionOf is not in OWL 2 RL")


def _check_property_axioms(graph: Graph) -> Iterator[Violation]:
    """Yield what is wrong with domains, ranges and kinds of properties (section 4.2.5)."""
    for prop in graph.subjects(RDF.type, OWL.ReflexiveProperty):
        yield _violation("Profiles 4.2.5", prop, "owl:ReflexiveProperty is not in OWL 2 RL")
    for predicate in (RDFS.domain, RDFS.range):
        for prop, value in graph.subject_objects(predicate):
            if (prop, RDF.type, OWL.AnnotationProperty) in graph:
                continue
            if predicate == RDFS.range and _is_data(graph, prop):
                yield from _check_range(graph, value, prop)
            else:
                yield from _check_expression(graph, value, Position.SUPER, prop)


def _check_assertions(graph: Graph) -> Iterator[Violation]:
    """Yield the types that an individual may not be given (section 4.2.5, Assertion)."""
    for individual, kind in graph.subject_objects(RDF.type):
        if isinstance(kind, BNode) or kind == OWL.Thing:
            yield from _check_expression(graph, kind, Position.SUPER, individual)


def _check_literals(graph: Graph) -> Iterator[Violation]:
    """Yield the literals of data properties whose datatype is not one of OWL 2 RL."""
    data = set(graph.subjects(RDF.type, OWL.DatatypeProperty)) | {OWL.hasValue}
    for subject, predicate, value in graph:
        if predicate in data and isinstance(value, Literal):
            datatype = value.datatype or RDF.PlainLiteral
            if datatype not in DATATYPES:
                message = f"a value of the datatype {_short(datatype)}, not one of OWL 2 RL"
                yield _violation("Profiles 4.2.1", subject, message)
