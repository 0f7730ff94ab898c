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
from rdflib.term import Node

from nhskg.reasoning.profile import Violation

_KINDS_OF_PROPERTY: Final = (OWL.ObjectProperty, OWL.DatatypeProperty, OWL.AnnotationProperty)
_DECLARING: Final = (*_KINDS_OF_PROPERTY, OWL.Class, RDFS.Datatype, OWL.OntologyProperty)
_BUILT_IN: Final = tuple(str(namespace) for namespace in (RDF, RDFS, OWL, XSD))
_OF_SIMPLE: Final = (
    OWL.FunctionalProperty,
    OWL.InverseFunctionalProperty,
    OWL.IrreflexiveProperty,
    OWL.AsymmetricProperty,
)
_COUNTING: Final = (OWL.maxCardinality, OWL.maxQualifiedCardinality, OWL.hasSelf)


def check_global_restrictions(graph: Graph) -> tuple[Violation, ...]:
    """Return what in an ontology breaks a restriction on it as a whole, sorted."""
    checks = (_check_typing, _check_declarations, _check_simple, _check_regular)
    return tuple(sorted({each for check in checks for each in check(graph)}))


def _violation(section: str, node: Node, message: str) -> Violation:
    return Violation(section, "" if isinstance(node, BNode) else str(node), message)


def _short(node: Node) -> str:
    return str(node).replace("#", "/").rsplit("/", 1)[-1]


def _check_typing(graph: Graph) -> Iterator[Violation]:
    """Yield what is declared as two things that may not share an IRI (Syntax 5.8.1)."""
    for prop in {each for kind in _KINDS_OF_PROPERTY for each in graph.subjects(RDF.type, kind)}:
        kinds = [_short(kind) for kind in _KINDS_OF_PROPERTY if (prop, RDF.type, kind) in graph]
        if len(kinds) > 1:
            yield _violation("Syntax 5.8.1", prop, f"declared as {' and as '.join(kinds)}")
    for name in graph.subjects(RDF.type, RDFS.Datatype):
        if (name, RDF.type, OWL.Class) in graph:
            yield _violation("Syntax 5.8.1", name, "declared as a class and as a datatype")


def _check_declarations(graph: Graph) -> Iterator[Violation]:
    """Yield the classes and properties that are used and not declared (Syntax 5.8.1)."""
    declared = {each for kind in _DECLARING for each in graph.subjects(RDF.type, kind)}
    used = {predicate for _, predicate, _ in graph}
    used |= set(graph.objects(None, RDF.type)) | set(graph.objects(None, OWL.onProperty))
    for predicate in (RDFS.subClassOf, RDFS.subPropertyOf, RDFS.domain, RDFS.range):
        used |= set(graph.objects(None, predicate))
    for term in used - declared:
        if isinstance(term, URIRef) and not str(term).startswith(_BUILT_IN):
            yield _violation("Syntax 5.8.1", term, "used, and nowhere declared")


def _chains(graph: Graph) -> Iterator[tuple[Node, list[Node]]]:
    for prop, chain in graph.subject_objects(OWL.propertyChainAxiom):
        yield prop, [_named(graph, step) for step in Collection(graph, chain)]


def _named(graph: Graph, prop: Node) -> Node:
    """Return the property that a property expression is about: itself, or what it inverts."""
    return graph.value(prop, OWL.inverseOf) or prop if isinstance(prop, BNode) else prop


def _wider(graph: Graph) -> Graph:
    """Return what leads from each property to those directly above it, inverses as one."""
    above = Graph()
    for narrow, wide in graph.subject_objects(RDFS.subPropertyOf):
        above.add((_named(graph, narrow), RDFS.subPropertyOf, _named(graph, wide)))
    for predicate in (OWL.equivalentProperty, OWL.inverseOf):
        for one, other in graph.subject_objects(predicate):
            if isinstance(one, URIRef):
                above.add((one, RDFS.subPropertyOf, other))
                above.add((other, RDFS.subPropertyOf, one))
    return above


def _check_simple(graph: Graph) -> Iterator[Violation]:
    """Yield the composite properties that stand where only simple ones may (Syntax 11.1, 11.2)."""
    above = _wider(graph)
    composite = set(graph.subjects(RDF.type, OWL.TransitiveProperty))
    composite |= {prop for prop, _ in _chains(graph)} | {OWL.topObjectProperty}
    for prop in set(composite):
        composite |= set(filter(None, above.transitive_objects(prop, RDFS.subPropertyOf)))
    for kind in _OF_SIMPLE:
        for prop in graph.subjects(RDF.type, kind):
            if _named(graph, prop) in composite:
                message = f"owl:{_short(kind)}, but composite (transitive, or above a chain)"
                yield _violation("Syntax 11.2", prop, message)
    for pair in graph.subject_objects(OWL.propertyDisjointWith):
        for prop in pair:
            if _named(graph, prop) in composite:
                yield _violation("Syntax 11.2", prop, "disjoint with another, but composite")
    for construct in _COUNTING:
        for restriction in graph.subjects(construct):
            counted = graph.value(restriction, OWL.onProperty)
            if counted is not None and _named(graph, counted) in composite:
                yield _violation("Syntax 11.2", counted, "counted in a class, but composite")


def _check_regular(graph: Graph) -> Iterator[Violation]:
    """Yield the property chains that no strict order of properties allows (Syntax 11.2)."""
    above = _wider(graph)
    smaller: list[tuple[Node, Node]] = []
    for prop, steps in _chains(graph):
        if steps == [prop, prop]:
            continue
        rest = steps[1:] if steps[0] == prop else steps[:-1] if steps[-1] == prop else steps
        smaller += [(step, prop) for step in rest]
    for step, prop in smaller:
        above.add((step, RDFS.subPropertyOf, prop))
    for step, prop in smaller:
        if step in above.transitive_objects(prop, RDFS.subPropertyOf):
            message = f"a property chain over {_short(step)}, which itself rests on {_short(prop)}"
            yield _violation("Syntax 11.2", prop, message)
