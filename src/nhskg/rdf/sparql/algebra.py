"""The abstract syntax of rule programs: triple patterns, groups, rules, checks, strata.

A rule is data. Its body is a small tree of SPARQL 1.1 graph patterns, so the same rule can be
rendered as text for any engine, analysed for what it reads and writes, and asked for the
premises of one of its conclusions. Terms are pyoxigraph's; a variable is ``pyoxigraph.Variable``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol, Self, TypeAlias

import pyoxigraph as ox

from nhskg.rdf.errors import NhskgError
from nhskg.rdf.terms import RDF_TYPE

__all__ = [
    "TYPE",
    "Bind",
    "Element",
    "Exists",
    "Expression",
    "Filter",
    "Group",
    "Inconsistency",
    "Minus",
    "Node",
    "Optional",
    "Pattern",
    "ProgramError",
    "TripleSource",
    "Union",
    "Values",
    "ends",
    "groups_in",
    "walk_patterns",
]

Node: TypeAlias = "ox.NamedNode | ox.BlankNode | ox.Literal | ox.Variable"
"""What stands in a position of a triple pattern."""

Term: TypeAlias = "ox.NamedNode | ox.BlankNode | ox.Literal"
"""What stands in a position of a triple."""

TYPE = ox.NamedNode(RDF_TYPE)


def ends(triple: ox.Triple | ox.Quad) -> tuple[Term, Term]:
    """Return the subject and the object of a triple; neither is a triple itself."""
    return triple.subject, triple.object  # type: ignore[return-value]


class ProgramError(NhskgError):
    """The rules make no program: a text that cannot be read, or negation in a cycle."""


class Tree:
    """A part of a rule: its fields are nodes, words, other parts, or tuples of these."""

    __slots__ = ("_variables",)
    __match_args__: ClassVar[tuple[str, ...]] = ()

    _variables: frozenset[ox.Variable]

    def variables(self) -> frozenset[ox.Variable]:
        """Return the variables that are mentioned, at any depth."""
        if not hasattr(self, "_variables"):
            found: set[ox.Variable] = set()
            _add_variables(self, found)
            object.__setattr__(self, "_variables", frozenset(found))
        return self._variables

    def substituted(self, values: Mapping[ox.Variable, Node]) -> Self:
        """Return the part with variables replaced."""
        return type(self)(*(_replaced(getattr(self, n), values) for n in self.__match_args__))


def _add_variables(part: object, found: set[ox.Variable]) -> None:
    if isinstance(part, ox.Variable):
        found.add(part)
    elif isinstance(part, tuple):
        for each in part:
            _add_variables(each, found)
    elif isinstance(part, Tree):
        for name in part.__match_args__:
            _add_variables(getattr(part, name), found)


def _replaced(part: Any, values: Mapping[ox.Variable, Node]) -> Any:
    if isinstance(part, ox.Variable):
        return values.get(part, part)
    if isinstance(part, tuple):
        return tuple(_replaced(each, values) for each in part)
    return part.substituted(values) if isinstance(part, Tree) else part


@dataclass(frozen=True, slots=True)
class Pattern(Tree):
    """A triple pattern, or a path of one repeated predicate: its ``closure`` is ``+`` or ``*``."""

    subject: Node
    predicate: Node
    object: Node
    closure: str = ""


Part: TypeAlias = "str | Node | Exists"


@dataclass(frozen=True, slots=True)
class Expression(Tree):
    """A SPARQL expression as its tokens in order: punctuation, terms, EXISTS groups."""

    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Filter(Tree):
    """``FILTER (expression)``."""

    expression: Expression


@dataclass(frozen=True, slots=True)
class Bind(Tree):
    """``BIND (expression AS ?variable)``."""

    expression: Expression
    variable: ox.Variable

    def substituted(self, values: Mapping[ox.Variable, Node]) -> Bind:
        """Return the assignment with variables replaced; its own must not be among them."""
        target = values.get(self.variable, self.variable)
        if not isinstance(target, ox.Variable):
            raise ProgramError(f"?{self.variable.value} is assigned by BIND and given a value")
        return Bind(self.expression.substituted(values), target)


@dataclass(frozen=True, slots=True)
class Values(Tree):
    """``VALUES (?a ?b) { … }``; None stands for UNDEF."""

    names: tuple[ox.Variable, ...]
    rows: tuple[tuple[Term | None, ...], ...]

    def substituted(self, values: Mapping[ox.Variable, Node]) -> Values:
        """Return the table with variables renamed, or narrowed to rows with a given value."""
        new = [values.get(name, name) for name in self.names]
        kept = [place for place, name in enumerate(new) if isinstance(name, ox.Variable)]
        rows = (
            row
            for row in self.rows
            if all(
                n in (None, t)
                for t, n in zip(new, row, strict=True)
                if not isinstance(t, ox.Variable)
            )
        )
        names = tuple(name for name in new if isinstance(name, ox.Variable))
        return Values(names, tuple(tuple(row[place] for place in kept) for row in rows))


@dataclass(frozen=True, slots=True)
class Exists(Tree):
    """``FILTER EXISTS { … }``, or ``FILTER NOT EXISTS { … }`` if ``negated``."""

    group: Group
    negated: bool


@dataclass(frozen=True, slots=True)
class Optional(Tree):
    """``OPTIONAL { … }``."""

    group: Group


@dataclass(frozen=True, slots=True)
class Minus(Tree):
    """``MINUS { … }``."""

    group: Group


@dataclass(frozen=True, slots=True)
class Union(Tree):
    """``{ … } UNION { … }``; with one branch, a group in braces."""

    branches: tuple[Group, ...]


Element: TypeAlias = "Pattern | Filter | Bind | Values | Exists | Optional | Minus | Union"
"""One thing between the braces of a group graph pattern."""


@dataclass(frozen=True, slots=True)
class Group(Tree):
    """A group graph pattern: what stands between braces, in order."""

    elements: tuple[Element, ...] = ()

    def patterns(self) -> tuple[Pattern, ...]:
        """Return the triple patterns that stand directly in the group."""
        return tuple(e for e in self.elements if isinstance(e, Pattern))


def groups_in(element: Element) -> Iterator[tuple[Group, bool]]:
    """Yield the groups directly in an element, each with whether it is read non-monotonically.

    A match of a group under NOT EXISTS, MINUS or OPTIONAL, or in an EXISTS inside an expression
    (which may stand under ``!``), can make a conclusion disappear; one of a plain
    ``FILTER EXISTS`` cannot.
    """
    match element:
        case Exists(group, negated):
            yield group, negated
        case Optional(group) | Minus(group):
            yield group, True
        case Union(branches):
            yield from ((branch, False) for branch in branches)
        case Filter(expression) | Bind(expression):
            yield from ((p.group, True) for p in expression.parts if isinstance(p, Exists))


def walk_patterns(group: Group, *, negative: bool = False) -> Iterator[tuple[Pattern, bool, Group]]:
    """Yield each triple pattern at any depth, whether it is read non-monotonically, its group."""
    for element in group.elements:
        if isinstance(element, Pattern):
            yield element, negative, group
        for inner, negated in groups_in(element):
            yield from walk_patterns(inner, negative=negative or negated)


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of a program.

    ``name`` is the OWL 2 RL/RDF rule (several joined by ``+`` where one was folded into another)
    or the file name of a domain rule; ``axioms`` are the schema triples that an OWL rule was
    compiled from; ``source`` is the file of a domain rule.
    """

    name: str
    head: tuple[Pattern, ...]
    body: Group
    axioms: tuple[ox.Triple, ...] = ()
    source: str = ""

    def __str__(self) -> str:
        return self.name + (f" ({self.source})" if self.source else "")


@dataclass(frozen=True, slots=True)
class Check:
    """A rule that ends in false: its body must have no match."""

    name: str
    body: Group
    axioms: tuple[ox.Triple, ...] = ()


@dataclass(frozen=True, slots=True)
class Inconsistency:
    """A clash: the rule that ends in false, the triples that clash, the axioms behind it."""

    rule: str
    triples: tuple[ox.Triple, ...]
    axioms: tuple[ox.Triple, ...] = ()

    def __str__(self) -> str:
        told = ", ".join(str(t) for t in (*self.triples, *self.axioms))
        return f"{self.rule}: {told}"


@dataclass(frozen=True, slots=True)
class Stratum:
    """Rules that are evaluated together: once, or to a fixpoint if they feed themselves."""

    rules: tuple[Rule, ...]
    recursive: bool


class TripleSource(Protocol):
    """Something that triples can be asked of."""

    def triples(self, patterns: Iterable[Pattern]) -> Iterator[ox.Triple]:
        """Yield the triples that match any of some patterns."""
        ...
