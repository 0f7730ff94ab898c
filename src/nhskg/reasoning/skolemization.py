"""Blank nodes as IRIs while reasoning, and back.

In SPARQL a blank node is a variable, so a rule cannot name one; and a parser may name it anew. An
individual without a name counts as any other for OWL 2 RL/RDF (section 4.3), so it is given one.
"""

from __future__ import annotations

from collections.abc import Container
from typing import Final, TypeVar

import pyoxigraph as ox

_Any = TypeVar("_Any")

BLANK: Final = "urn:nhskg-blank:"
"""Prefix of the IRIs that stand for blank nodes."""


def name_blank_nodes(
    triple: ox.Triple, *, keep: Container[object] = (), prefix: str = BLANK
) -> ox.Triple:
    """Return a triple with an IRI for each blank node that is not to be kept."""
    nodes = (
        ox.NamedNode(prefix + node.value)
        if isinstance(node, ox.BlankNode) and node not in keep
        else node
        for node in triple
    )
    return ox.Triple(*nodes)


def restore_blank_nodes(triple: ox.Triple, *, prefix: str = BLANK) -> ox.Triple:
    """Return a triple with the blank nodes that its IRIs stand for."""
    subject, value = restored(triple.subject, prefix), restored(triple.object, prefix)
    return ox.Triple(subject, triple.predicate, value)


def restored(term: _Any, prefix: str) -> _Any | ox.BlankNode:
    """Return the blank node that an IRI stands for; any other term as it is."""
    if isinstance(term, ox.NamedNode) and term.value.startswith(prefix):
        return ox.BlankNode(term.value.removeprefix(prefix))
    return term
