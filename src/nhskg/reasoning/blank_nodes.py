"""IRIs in place of blank nodes, and back again (skolemization; RDF 1.1 Concepts, section 3.5)."""

from __future__ import annotations

from collections.abc import Container
from typing import Final, TypeVar, cast
from urllib.parse import quote, unquote

import pyoxigraph as ox

_Any = TypeVar("_Any")

BLANK: Final = "urn:nhskg-blank:"
"""Prefix of the IRIs that stand for blank nodes and triple terms."""
_TRIPLE: Final = "triple:"
"""What follows it in those that stand for triple terms; no label of a blank node has a colon."""


def skolemize(triple: ox.Triple, *, keep: Container[object] = (), prefix: str = BLANK) -> ox.Triple:
    """Return a triple with an IRI for its triple term, and each blank node that is not kept."""
    nodes = (
        ox.NamedNode(f"{prefix}{_TRIPLE}{quote(str(node), safe='')}")
        if isinstance(node, ox.Triple)
        else ox.NamedNode(prefix + node.value)
        if isinstance(node, ox.BlankNode) and node not in keep
        else node
        for node in triple
    )
    return ox.Triple(*nodes)


def deskolemize(triple: ox.Triple, *, prefix: str = BLANK) -> ox.Triple:
    """Return a triple with what its IRIs stand for; a triple term can only be its object."""
    subject, value = (
        deskolemize_term(triple.subject, prefix),
        deskolemize_term(triple.object, prefix),
    )
    if isinstance(subject, ox.Triple):
        subject = triple.subject
    return ox.Triple(subject, triple.predicate, value)


def deskolemize_term(term: _Any, prefix: str) -> _Any | ox.BlankNode:
    """Return the blank node or triple term that an IRI stands for; any other term as it is."""
    if not isinstance(term, ox.NamedNode) or not term.value.startswith(prefix):
        return term
    name = term.value.removeprefix(prefix)
    if not name.startswith(_TRIPLE):
        return ox.BlankNode(name)
    text = f"<urn:s> <urn:p> <<( {unquote(name.removeprefix(_TRIPLE))} )>> ."
    return cast("_Any", next(ox.parse(text, format=ox.RdfFormat.N_TRIPLES)).object)
