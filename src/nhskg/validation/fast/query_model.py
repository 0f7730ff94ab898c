"""The part of SPARQL 1.1 that SPARQL constraints are written in, as data.

Each part of a group keeps its text, so that a query can be put together from the author's words.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = [
    "Bind",
    "Call",
    "Compare",
    "Element",
    "Exists",
    "Expression",
    "Filter",
    "Group",
    "Iri",
    "Member",
    "Number",
    "Pattern",
    "Patterns",
    "Projected",
    "Query",
    "Text",
    "Union",
    "Var",
]


@dataclass(frozen=True, slots=True)
class Var:
    """A variable."""

    name: str


@dataclass(frozen=True, slots=True)
class Iri:
    """An IRI, written out."""

    value: str


@dataclass(frozen=True, slots=True)
class Text:
    """A plain string."""

    value: str


@dataclass(frozen=True, slots=True)
class Number:
    """A natural number."""

    value: int


@dataclass(frozen=True, slots=True)
class Call:
    """A function, or ``!``, ``&&``, ``||``, ``+``, ``-``, and its arguments."""

    name: str
    arguments: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Compare:
    """A comparison: ``=``, ``!=``, ``<``, ``<=``, ``>`` or ``>=``."""

    operator: str
    left: Expression
    right: Expression


@dataclass(frozen=True, slots=True)
class Member:
    """``IN``, or ``NOT IN``, a list of IRIs."""

    left: Expression
    members: tuple[Iri, ...]


Expression = Var | Iri | Text | Number | Call | Compare | Member


@dataclass(frozen=True, slots=True)
class Pattern:
    """A triple pattern, or a path pattern.

    Attributes:
        predicate: an IRI or a variable; nothing where the path is not a single predicate.
        has_star: whether the path may have no length.
    """

    subject: Var | Iri
    predicate: Var | Iri | None
    value: Var | Iri
    has_star: bool = False

    @property
    def variables(self) -> frozenset[str]:
        """The names of its variables."""
        terms = (self.subject, self.predicate, self.value)
        return frozenset(each.name for each in terms if isinstance(each, Var))


@dataclass(frozen=True, slots=True)
class Patterns:
    """A block of triple patterns."""

    patterns: tuple[Pattern, ...]
    text: str


@dataclass(frozen=True, slots=True)
class Filter:
    """A FILTER on an expression."""

    expression: Expression
    text: str


@dataclass(frozen=True, slots=True)
class Bind:
    """A BIND of a variable to an expression."""

    expression: Expression
    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Exists:
    """A FILTER [NOT] EXISTS."""

    group: Group
    negated: bool
    text: str


@dataclass(frozen=True, slots=True)
class Union:
    """A UNION of groups; a group within a group is a union of one."""

    groups: tuple[Group, ...]
    text: str


Element = Patterns | Filter | Bind | Exists | Union


@dataclass(frozen=True, slots=True)
class Group:
    """A group: what stands between braces."""

    elements: tuple[Element, ...]

    @property
    def patterns(self) -> tuple[Pattern, ...]:
        """The patterns that stand in the group itself."""
        blocks = (each for each in self.elements if isinstance(each, Patterns))
        return tuple(pattern for block in blocks for pattern in block.patterns)

    @property
    def texts(self) -> tuple[str, ...]:
        """The text of each block of patterns that stands in the group itself."""
        return tuple(each.text for each in self.elements if isinstance(each, Patterns))


@dataclass(frozen=True, slots=True)
class Projected:
    """A variable of the SELECT clause, or an IRI under the name of one."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Query:
    """A SELECT query without modifiers."""

    projection: tuple[Projected, ...]
    group: Group
