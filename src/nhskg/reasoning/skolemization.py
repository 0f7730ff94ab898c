"""Blank nodes as IRIs while reasoning, and back.

In SPARQL a blank node is a variable, so a rule cannot name one; and a parser may name it anew. An
individual without a name counts as any other for OWL 2 RL/RDF (section 4.3), so it is given one.
"""

from __future__ import annotations

from collections.abc import Container
from typing import Final

import pyoxigraph as ox

__all__ = ["BLANK", "free_blank_nodes", "name_blank_nodes"]

BLANK: Final = "urn:nhskg-blank:"
"""Prefix of the IRIs that stand for blank nodes."""


def name_blank_nodes(
    triple: ox.Triple,
    *,
    keep: Container[ox.NamedNode | ox.BlankNode] = frozenset(),
    prefix: str = BLANK,
) -> ox.Triple:
    """Return a triple with an IRI for each blank node that is not to be kept."""
    subject, value = triple.subject, triple.object
    if isinstance(subject, ox.BlankNode) and subject not in keep:
        subject = ox.NamedNode(prefix + subject.value)
    if isinstance(value, ox.BlankNode) and value not in keep:
        value = ox.NamedNode(prefix + value.value)
    return ox.Triple(subject, triple.predicate, value)


def free_blank_nodes(triple: ox.Triple, *, prefix: str = BLANK) -> ox.Triple:
    """Return a triple with the blank nodes that its IRIs stand for."""
    subject, value = triple.subject, triple.object
    if isinstance(subject, ox.NamedNode) and subject.value.startswith(prefix):
        subject = ox.BlankNode(subject.value.removeprefix(prefix))
    if isinstance(value, ox.NamedNode) and value.value.startswith(prefix):
        value = ox.BlankNode(value.value.removeprefix(prefix))
    return ox.Triple(subject, triple.predicate, value)
