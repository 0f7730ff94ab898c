"""Nodes of the data and of shapes, and why something is left to pySHACL.

A node is a string where it is an IRI, and a term of pyoxigraph where it is not: strings compare and
hash many times faster. rdflib and pyoxigraph agree on which nodes are the same: literals are, when
lexical form, datatype and language tag (whatever its case) are.
"""

from __future__ import annotations

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

__all__ = ["Node", "Unsupported", "Unsure", "lexical", "node"]

Node = str | Literal | BlankNode


class Unsupported(Exception):  # noqa: N818  # no error: the shape goes to pySHACL
    """A shape uses what this engine does not do; it is known before any data are seen."""


class Unsure(Exception):  # noqa: N818  # no error: the shape goes to pySHACL
    """The data hold something that pySHACL, or rdflib, treats in a way of its own."""


def node(term: NamedNode | Literal | BlankNode | Triple) -> Node:
    """Return a term of pyoxigraph as a node; triples in place of terms are left out before."""
    assert not isinstance(term, Triple)
    return term.value if isinstance(term, NamedNode) else term


def lexical(each: Node) -> str:
    """Return what a report says of a node: IRI, lexical form, or label of a blank node."""
    return each if isinstance(each, str) else each.value
