"""The abstract syntax of SPARQL 1.1 graph patterns and expressions, as trees.

A tree can be written as text for any engine, analysed for what it reads, and changed. Terms are
pyoxigraph's; a variable is ``pyoxigraph.Variable``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Self, TypeAlias

import pyoxigraph as ox

from nhskg.rdf.errors import NhskgError
from nhskg.rdf.terms import RDF_TYPE

Node: TypeAlias = "ox.NamedNode | ox.BlankNode | ox.Literal | ox.Variable"
"""A term in a position of a triple pattern."""

Term: TypeAlias = "ox.NamedNode | ox.BlankNode | ox.Literal"
"""A term in a position of a triple."""

TYPE = ox.NamedNode(RDF_TYPE)


def ends(triple: ox.Triple | ox.Quad) -> tuple[Term, Term]:
    """Return the subject and the object of a triple; neither is a triple itself."""
    return triple.subject, triple.object  # type: ignore[return-value]


class ProgramError(NhskgError):
    """The rules make no program: a text that cannot be read, or negation in a cycle."""


class Tree:
    """A part of a pattern: its fields are nodes, words, other parts, or tuples of these."""

    __slots__ = ("_variables",)
    __match_args__: ClassVar[tuple[str, ...]] = ()

    _variables: frozenset[ox.Variable]

    def children(self) -> Iterator[Any]:
        """Yield the nodes, words and parts directly in this one."""
        for name in self.__match_args__:
            yield from _flat(getattr(self, name))

    def map(self, change: Callable[[Any], Any]) -> Self:
        """Return the part with each node, word and part directly in it changed."""
        return type(self)(*(_mapped(getattr(self, n), change) for n in self.__match_args__))

    def variables(self) -> frozenset[ox.Variable]:
        """Return the variables that are mentioned, at any depth."""
        if not hasattr(self, "_variables"):
            found: set[ox.Variable] = set()
            for each in self.children():
                if isinstance(each, Tree):
                    found |= each.variables()
                elif isinstance(each, ox.Variable):
                    found.add(each)
            object.__setattr__(self, "_variables", frozenset(found))
        return self._variables

    def substituted(self, values: Mapping[ox.Variable, Node]) -> Self:
        """Return the part with variables replaced."""
        return self.map(lambda each: _substituted(each, values))


def _flat(field: object) -> Iterator[Any]:
    if isinstance(field, tuple):
        for each in field:
            yield from _flat(each)
    else:
        yield field


def _mapped(field: Any, change: Callable[[Any], Any]) -> Any:
    if isinstance(field, tuple):
        return tuple(_mapped(each, change) for each in field)
    return change(field)


def _substituted(part: Any, values: Mapping[ox.Variable, Node]) -> Any:
    return part.substituted(values) if isinstance(part, Tree) else values.get(part, part)


@dataclass(frozen=True, slots=True)
class Pattern(Tree):
    """A triple pattern, or a path of one repeated predicate: its ``closure`` is ``+`` or ``*``."""

    subject: Node
    predicate: Node
    object: Node
    closure: str = ""


@dataclass(frozen=True, slots=True)
class Call(Tree):
    """An operator or function, and what it is applied to.

    ``name`` is a sign (``&&``, ``!``, ``NOT IN``), the name of a function in capitals, or the IRI
    of one in angle brackets.
    """

    name: str
    arguments: tuple[Expression, ...]


Expression: TypeAlias = "Node | Call | Exists"
"""A SPARQL expression."""


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
        return Bind(_substituted(self.expression, values), target)


@dataclass(frozen=True, slots=True)
class Values(Tree):
    """``VALUES (?a ?b) { … }``; None stands for UNDEF."""

    names: tuple[ox.Variable, ...]
    rows: tuple[tuple[Term | None, ...], ...]

    def substituted(self, values: Mapping[ox.Variable, Node]) -> Values:
        """Return the table with variables renamed, or narrowed to rows with a given value."""
        new = [values.get(name, name) for name in self.names]
        kept = [place for place, name in enumerate(new) if isinstance(name, ox.Variable)]
        rows = [
            tuple(row[place] for place in kept)
            for row in self.rows
            if all(place in kept or row[place] in (None, new[place]) for place in range(len(new)))
        ]
        names = tuple(name for name in new if isinstance(name, ox.Variable))
        return Values(names, tuple(rows))


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
    """A group graph pattern: the elements between braces, in order."""

    elements: tuple[Element, ...] = ()

    def patterns(self) -> tuple[Pattern, ...]:
        """Return the triple patterns that are directly in the group."""
        return tuple(e for e in self.elements if isinstance(e, Pattern))

    def certain(self) -> set[ox.Variable]:
        """Return the variables that every match binds; a BIND may fail."""
        bound: set[ox.Variable] = set()
        for element in self.elements:
            match element:
                case Pattern():
                    bound |= element.variables()
                case Values(names, rows):
                    bound |= {name for i, name in enumerate(names) if all(row[i] for row in rows)}
                case Union(branches):
                    bound |= set.intersection(*(branch.certain() for branch in branches))
                case Bind(ox.Variable() as value, name) if value in bound:
                    bound.add(name)
                case Bind(ox.NamedNode() | ox.Literal(), name):
                    bound.add(name)
        return bound

    def possible(self) -> set[ox.Variable]:
        """Return the variables that some match may bind."""
        bound: set[ox.Variable] = set()
        for element in self.elements:
            match element:
                case Pattern() | Values():
                    bound |= element.variables()
                case Bind(_, name):
                    bound.add(name)
                case Optional(inner):
                    bound |= inner.possible()
                case Union(branches):
                    bound |= set().union(*(branch.possible() for branch in branches))
        return bound


def exists_in(part: object) -> Iterator[Exists]:
    """Yield the outermost EXISTS in an expression."""
    if isinstance(part, Exists):
        yield part
    elif isinstance(part, Call):
        for each in part.arguments:
            yield from exists_in(each)


def groups_in(element: Element) -> Iterator[tuple[Group, bool]]:
    """Yield the groups directly in an element, each with whether it is read non-monotonically.

    A match of a group under NOT EXISTS, MINUS or OPTIONAL, or in an EXISTS inside an expression
    (which may be under ``!``), can make a conclusion disappear; one of a plain
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
            yield from ((each.group, True) for each in exists_in(expression))


def walk_patterns(group: Group, *, negative: bool = False) -> Iterator[tuple[Pattern, bool]]:
    """Yield each triple pattern at any depth, and whether it is read non-monotonically."""
    for element in group.elements:
        if isinstance(element, Pattern):
            yield element, negative
        for inner, negated in groups_in(element):
            yield from walk_patterns(inner, negative=negative or negated)
