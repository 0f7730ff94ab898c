"""Check the global restrictions that OWL 2 DL places on an ontology as a whole.

Source: `OWL 2 Structural Specification, sections 5.8.1 and 11
<https://www.w3.org/TR/owl2-syntax/>`_: what may share an IRI, what must be declared, where simple
properties are asked for, and which property chains are regular. The grammar of OWL 2 RL is checked
by :mod:`nhskg.reasoning.profile`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from rdflib import BNode, Graph, URIRef
from rdflib.collection import Collection
from rdflib.namespace import OWL, RDF, RDFS, XSD
from rdflib.paths import ZeroOrMore
from rdflib.term import Node

from nhskg.reasoning.profile import Violation

_Broken = tuple[str, Node, str]
"""A section of the specification, what breaks it, and how."""

_KINDS_OF_PROPERTY: Final = (OWL.ObjectProperty, OWL.DatatypeProperty, OWL.AnnotationProperty)
_DECLARING: Final = (*_KINDS_OF_PROPERTY, OWL.Class, RDFS.Datatype, OWL.OntologyProperty)
_TYPING: Final = (RDF.type, OWL.onProperty)
_AXIOMS: Final = (RDFS.subClassOf, RDFS.subPropertyOf, RDFS.domain, RDFS.range)
_BUILT_IN: Final = tuple(str(namespace) for namespace in (RDF, RDFS, OWL, XSD))
_OF_SIMPLE: Final = (
    OWL.FunctionalProperty,
    OWL.InverseFunctionalProperty,
    OWL.IrreflexiveProperty,
    OWL.AsymmetricProperty,
)
_COUNTING: Final = (OWL.maxCardinality, OWL.maxQualifiedCardinality, OWL.hasSelf)
_EQUAL: Final = OWL.equivalentProperty | ~OWL.equivalentProperty
_INVERSE: Final = OWL.inverseOf | ~OWL.inverseOf
_WIDER: Final = (RDFS.subPropertyOf | _EQUAL | _INVERSE) * ZeroOrMore
"""From a property to itself and those above it, a property and its inverses as one."""


def check_global_restrictions(graph: Graph) -> tuple[Violation, ...]:
    """Return what in an ontology breaks a restriction on it as a whole, sorted."""
    checks = (_check_typing, _check_declarations, _check_simple, _check_regular)
    found = {(section, node, text) for check in checks for section, node, text in check(graph)}
    return tuple(
        sorted(
            Violation(section, "" if isinstance(node, BNode) else str(node), text)
            for section, node, text in found
        )
    )


def _short(node: Node) -> str:
    return str(node).replace("#", "/").rsplit("/", 1)[-1]


def _check_typing(graph: Graph) -> Iterator[_Broken]:
    """Yield what is declared as two things that may not share an IRI (Syntax 5.8.1)."""
    for prop in {each for kind in _KINDS_OF_PROPERTY for each in graph.subjects(RDF.type, kind)}:
        kinds = [_short(kind) for kind in _KINDS_OF_PROPERTY if (prop, RDF.type, kind) in graph]
        if len(kinds) > 1:
            yield "Syntax 5.8.1", prop, f"declared as {' and as '.join(kinds)}"
    for name in graph.subjects(RDF.type, RDFS.Datatype):
        if (name, RDF.type, OWL.Class) in graph:
            yield "Syntax 5.8.1", name, "declared as a class and as a datatype"


def _check_declarations(graph: Graph) -> Iterator[_Broken]:
    """Yield the classes and properties that are used and not declared (Syntax 5.8.1)."""
    declared = {each for kind in _DECLARING for each in graph.subjects(RDF.type, kind)}
    used = set(graph.predicates())
    for predicate in (*_TYPING, *_AXIOMS):
        used |= set(graph.objects(None, predicate))
    for term in used - declared:
        if isinstance(term, URIRef) and not str(term).startswith(_BUILT_IN):
            yield "Syntax 5.8.1", term, "used, and nowhere declared"


def _chains(graph: Graph) -> Iterator[tuple[Node, list[Node]]]:
    """Yield each property with a chain, of which an inverse is named by what it inverts."""
    for prop, chain in graph.subject_objects(OWL.propertyChainAxiom):
        steps = Collection(graph, chain)
        yield prop, [(isinstance(s, BNode) and graph.value(s, OWL.inverseOf)) or s for s in steps]


def _check_simple(graph: Graph) -> Iterator[_Broken]:
    """Yield the composite properties that stand where only simple ones may (Syntax 11.1, 11.2)."""
    lowest = {*graph.subjects(RDF.type, OWL.TransitiveProperty), OWL.topObjectProperty}
    lowest |= {prop for prop, _ in _chains(graph)}
    composite = {wide for prop in lowest for wide in graph.objects(prop, _WIDER)}
    for kind in _OF_SIMPLE:
        for prop in composite.intersection(graph.subjects(RDF.type, kind)):
            message = f"owl:{_short(kind)}, but composite (transitive, or above a chain)"
            yield "Syntax 11.2", prop, message
    for pair in graph.subject_objects(OWL.propertyDisjointWith):
        for prop in composite.intersection(pair):
            yield "Syntax 11.2", prop, "disjoint with another, but composite"
    for construct in _COUNTING:
        for restriction in graph.subjects(construct):
            for counted in composite.intersection(graph.objects(restriction, OWL.onProperty)):
                yield "Syntax 11.2", counted, "counted in a class, but composite"


def _check_regular(graph: Graph) -> Iterator[_Broken]:
    """Yield the property chains that no strict order of properties allows (Syntax 11.2)."""
    smaller: list[tuple[Node, Node]] = []
    for prop, steps in _chains(graph):
        if steps != [prop, prop]:
            rest = steps[1:] if steps[0] == prop else steps[:-1] if steps[-1] == prop else steps
            smaller += [(step, prop) for step in rest]
    above = Graph() + graph
    for step, prop in smaller:
        above.add((step, RDFS.subPropertyOf, prop))
    for step, prop in smaller:
        if step in above.objects(prop, _WIDER):
            message = f"a property chain over {_short(step)}, which itself rests on {_short(prop)}"
            yield "Syntax 11.2", prop, message
