"""What shapes are compiled to: paths, constraints and messages, with no RDF lists left in them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from nhskg.rdf.terms import SH
from nhskg.shacl.fast.paths import Path
from nhskg.shacl.fast.queries import Select
from nhskg.shacl.fast.terms import Node

__all__ = [
    "And",
    "Class",
    "Constraint",
    "Datatype",
    "Disjoint",
    "HasValue",
    "In",
    "LanguageIn",
    "LessThan",
    "MaxCount",
    "MinCount",
    "NodeIs",
    "NodeKind",
    "Not",
    "Or",
    "Pattern",
    "Qualified",
    "Range",
    "Shape",
    "Xone",
    "component_of",
]


@dataclass(frozen=True, slots=True)
class MinCount:
    """``sh:minCount`` (4.2.1)."""

    count: int


@dataclass(frozen=True, slots=True)
class MaxCount:
    """``sh:maxCount`` (4.2.2)."""

    count: int


@dataclass(frozen=True, slots=True)
class Class:
    """``sh:class`` (4.1.1)."""

    iri: str


@dataclass(frozen=True, slots=True)
class Datatype:
    """``sh:datatype`` (4.1.2)."""

    iri: str


@dataclass(frozen=True, slots=True)
class NodeKind:
    """``sh:nodeKind`` (4.1.3)."""

    iri: str


@dataclass(frozen=True, slots=True)
class Range:
    """``sh:minExclusive``, ``sh:minInclusive`` and their counterparts (4.3), by a number."""

    name: str
    bound: Decimal


@dataclass(frozen=True, slots=True)
class Pattern:
    """``sh:pattern`` (4.4.3), as Python's regular expressions have it, which pySHACL uses."""

    regex: re.Pattern[str]


@dataclass(frozen=True, slots=True)
class LanguageIn:
    """``sh:languageIn`` (4.4.4)."""

    tags: frozenset[str]


@dataclass(frozen=True, slots=True)
class Disjoint:
    """``sh:disjoint`` (4.5.2)."""

    predicate: str


@dataclass(frozen=True, slots=True)
class LessThan:
    """``sh:lessThan`` (4.5.3)."""

    predicate: str


@dataclass(frozen=True, slots=True)
class Not:
    """``sh:not`` (4.6.1)."""

    shape: Shape


@dataclass(frozen=True, slots=True)
class And:
    """``sh:and`` (4.6.2)."""

    shapes: tuple[Shape, ...]


@dataclass(frozen=True, slots=True)
class Or:
    """``sh:or`` (4.6.3)."""

    shapes: tuple[Shape, ...]


@dataclass(frozen=True, slots=True)
class Xone:
    """``sh:xone`` (4.6.4)."""

    shapes: tuple[Shape, ...]


@dataclass(frozen=True, slots=True)
class NodeIs:
    """``sh:node`` (4.7.1)."""

    shape: Shape


@dataclass(frozen=True, slots=True)
class Qualified:
    """``sh:qualifiedValueShape`` with a least or a greatest number (4.7.3), not disjoint."""

    shape: Shape
    count: int
    at_least: bool


@dataclass(frozen=True, slots=True)
class HasValue:
    """``sh:hasValue`` (4.8.2)."""

    node: Node


@dataclass(frozen=True, slots=True)
class In:
    """``sh:in`` (4.8.3)."""

    nodes: frozenset[Node]


Constraint = (
    MinCount
    | MaxCount
    | Class
    | Datatype
    | NodeKind
    | Range
    | Pattern
    | LanguageIn
    | Disjoint
    | LessThan
    | Not
    | And
    | Or
    | Xone
    | NodeIs
    | Qualified
    | HasValue
    | In
)


@dataclass(frozen=True, eq=False, slots=True)
class Shape:
    """A node or property shape; two are the same only if they are one object.

    Attributes:
        iri: its IRI, or nothing for a blank node.
        path: the path of a property shape.
        path_text: the path in SPARQL syntax.
        predicate: the first predicate of the path, unless it is inverse.
        severity: IRI of the severity (2.1.4).
        messages: what results say (2.1.5), as (text, language tag).
        constraints: its core constraints, each parameter value apart.
        properties: the values of ``sh:property`` (4.7.2).
        selects: its SPARQL constraints.
        deactivated: whether every node conforms to it (2.1.6).
    """

    iri: str | None
    path: Path | None
    path_text: str | None
    predicate: str | None
    severity: str
    messages: tuple[tuple[str, str | None], ...]
    constraints: tuple[Constraint, ...]
    properties: tuple[Shape, ...]
    selects: tuple[Select, ...]
    deactivated: bool


_COMPONENTS: Final = {
    NodeIs: "Node",
    And: "And",
    Class: "Class",
    Datatype: "Datatype",
    Disjoint: "Disjoint",
    HasValue: "HasValue",
    In: "In",
    LanguageIn: "LanguageIn",
    LessThan: "LessThan",
    MaxCount: "MaxCount",
    MinCount: "MinCount",
    NodeKind: "NodeKind",
    Not: "Not",
    Or: "Or",
    Pattern: "Pattern",
    Xone: "Xone",
}


def component_of(constraint: Constraint) -> str:
    """Return the IRI of the constraint component of a constraint."""
    match constraint:
        case Range(name, _):
            name = name[0].upper() + name[1:]
        case Qualified(_, _, at_least):
            name = "QualifiedMinCount" if at_least else "QualifiedMaxCount"
        case _:
            name = _COMPONENTS[type(constraint)]
    return f"{SH}{name}ConstraintComponent"
