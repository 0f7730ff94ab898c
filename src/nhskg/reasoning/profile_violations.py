"""What an ontology says outside OWL 2 RL: rules leave it out, or make use of a part."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Final

import pyoxigraph as ox
from rdflib import BNode, Graph
from rdflib.term import Node

from nhskg.rdf.terms import OWL, RDF, RDF_TYPE, RDFS
from nhskg.reasoning.profile import Violation, check_owl2rl

__all__ = ["outside_profile"]

_OF_RDFS: Final = frozenset(RDFS + n for n in ("subClassOf", "subPropertyOf", "domain", "range"))
_OF_LISTS: Final = frozenset((RDF + "first", RDF + "rest"))
_NOT_AXIOMS: Final = frozenset((OWL + "sameAs", OWL + "differentFrom"))


def outside_profile(quads: Iterable[ox.Quad]) -> tuple[Violation, ...]:
    """Return the axioms of some data that OWL 2 RL has no place for, sorted.

    Asked is the grammar of the profile (OWL 2 Profiles, section 4.2). The restrictions on an
    ontology as a whole, such as that each term is declared, make no difference to the rules.
    """
    axioms = [quad.triple for quad in quads if _is_of_axioms(quad)]
    raw = ox.serialize(axioms, format=ox.RdfFormat.N_TRIPLES)
    graph = Graph().parse(data=raw or b"", format="nt")
    endless = sorted(_within_themselves(graph), key=str)
    for node in endless:
        graph.remove((node, None, None))
        graph.remove((None, None, node))
    try:
        found = check_owl2rl(graph)
    except ValueError as error:  # rdflib on a list without end
        return (Violation("Mapping to RDF 3.2.1", "", f"a list that cannot be read ({error})"),)
    message = "a class expression or list that is part of itself"
    return (*found, *[Violation("Mapping to RDF 3.2", "", message) for _ in endless[:1]])


def _within_themselves(graph: Graph) -> set[BNode]:
    """Return the blank nodes that lead back to themselves, which the grammar has no place for."""
    below: dict[Node, set[Node]] = defaultdict(set)
    for subject, _, value in graph:
        if isinstance(subject, BNode) and isinstance(value, BNode):
            below[subject].add(value)
    found: set[BNode] = set()
    for start, first in below.items():
        reached: set[Node] = set()
        todo = list(first)
        while todo:
            node = todo.pop()
            if node not in reached:
                reached.add(node)
                todo += below.get(node, ())
        if start in reached and isinstance(start, BNode):
            found.add(start)
    return found


def _is_of_axioms(quad: ox.Quad) -> bool:
    predicate, value = quad.predicate.value, quad.object
    if predicate == RDF_TYPE:
        return isinstance(value, ox.BlankNode) or (
            isinstance(value, ox.NamedNode) and value.value.startswith((OWL, RDFS))
        )
    if predicate in _OF_RDFS or predicate in _OF_LISTS:
        return True
    return predicate.startswith(OWL) and predicate not in _NOT_AXIOMS
