"""Reading the shapes graph strictly: one value, or a well-formed list, or nothing is sure.

Where a shape is ill-formed, pySHACL tells so, or treats it in its own way; it is left to pySHACL.
"""

from __future__ import annotations

import re
from typing import Final

from pyoxigraph import Literal, NamedNode

from nhskg.rdf.terms import RDF, XSD
from nhskg.shacl.fast.terms import Unsupported
from nhskg.shacl.requirements import Shapes, Term

__all__ = ["at_most_one", "natural", "one", "read_list", "text_of"]

_NATURAL: Final = re.compile(r"[0-9]{1,9}")
_MAX_MEMBERS: Final = 1_000


def one(shapes: Shapes, subject: Term, predicate: str) -> Term:
    """Return the one value of a property."""
    found = at_most_one(shapes, subject, predicate)
    if found is None:
        raise Unsupported(f"no {predicate.rpartition('#')[2]}")
    return found


def at_most_one(shapes: Shapes, subject: Term, predicate: str) -> Term | None:
    """Return the value of a property that has one value at the most."""
    found = shapes.values(subject, predicate)
    if len(found) > 1:
        raise Unsupported(f"several values of {predicate.rpartition('#')[2]}")
    return found[0] if found else None


def read_list(shapes: Shapes, head: Term) -> tuple[Term, ...]:
    """Return the members of a SHACL list (section 1.1), which has one at least."""
    members: list[Term] = []
    while head != NamedNode(RDF + "nil"):
        members.append(one(shapes, head, RDF + "first"))
        head = one(shapes, head, RDF + "rest")
        if len(members) > _MAX_MEMBERS:
            raise Unsupported("a list without an end")
    if not members:
        raise Unsupported("an empty list")
    return tuple(members)


def text_of(term: Term) -> str:
    """Return the text of a plain literal, or of one with a language tag."""
    if isinstance(term, Literal) and (term.language or term.datatype.value == XSD + "string"):
        return term.value
    raise Unsupported("something other than text")


def natural(term: Term) -> int:
    """Return a natural number, typed as ``xsd:integer``."""
    is_integer = isinstance(term, Literal) and term.datatype.value == XSD + "integer"
    if is_integer and _NATURAL.fullmatch(term.value):
        return int(term.value)
    raise Unsupported("something other than a natural number")
