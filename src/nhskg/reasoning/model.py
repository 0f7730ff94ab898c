"""What a rule program is made of: patterns, groups, rules, checks, strata.

A rule is data. Its body is a small tree of SPARQL 1.1 graph patterns, so the same rule can be
rendered as text for any engine, analysed for what it reads and writes, and asked for the
premises of one of its conclusions. Terms are pyoxigraph's; a variable is ``pyoxigraph.Variable``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Protocol, TypeAlias

import pyoxigraph as ox

from nhskg.errors import NhskgError
from nhskg.terms import RDF_TYPE

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
    "walk_patterns",
]

Node: TypeAlias = "ox.NamedNode | ox.BlankNode | ox.Literal | ox.Variable"
"""What stands in a position of a triple pattern."""

Term: TypeAlias = "ox.NamedNode | ox.BlankNode | ox.Literal"
"""What stands in a position of a triple."""

TYPE = ox.NamedNode(RDF_TYPE)


class ProgramError(NhskgError):
    """The rules make no program: a text that cannot be read, or negation in a cycle."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """A triple pattern, or a path of one repeated predicate.

    ``closure`` is ``+`` or ``*`` for a path.
    """

    subject: Node
    predicate: Node
    object: Node
    closure: str = ""

    def variables(self) -> set[ox.Variable]:
        """Return the variables of the pattern."""
        nodes = (self.subject, self.predicate, self.object)
        return {n for n in nodes if isinstance(n, ox.Variable)}

    def substituted(self, values: dict[ox.Variable, Node]) -> Pattern:
        """Return the pattern with variables replaced."""
        return Pattern(
            _swap(self.subject, values),
            _swap(self.predicate, values),
            _swap(self.object, values),
            self.closure,
        )


def _swap(node: Node, values: dict[ox.Variable, Node]) -> Node:
    return values.get(node, node) if isinstance(node, ox.Variable) else node


Part: TypeAlias = "str | Node | Exists"


@dataclass(frozen=True, slots=True)
class Expression:
    """A SPARQL expression as its tokens in order: punctuation, terms, EXISTS groups."""

    parts: tuple[Part, ...]

    def variables(self) -> set[ox.Variable]:
        """Return the variables the expression mentions, also inside EXISTS."""
        found: set[ox.Variable] = set()
        for part in self.parts:
            if isinstance(part, ox.Variable):
                found.add(part)
            elif isinstance(part, Exists):
                found |= part.group.variables()
        return found

    def substituted(self, values: dict[ox.Variable, Node]) -> Expression:
        """Return the expression with variables replaced."""
        return Expression(
            tuple(
                part.substituted(values)
                if isinstance(part, Exists)
                else part
                if isinstance(part, str)
                else _swap(part, values)
                for part in self.parts
            )
        )


@dataclass(frozen=True, slots=True)
class Filter:
    """``FILTER (expression)``."""

    expression: Expression

    def variables(self) -> set[ox.Variable]:
        """Return the variables mentioned."""
        return self.expression.variables()

    def substituted(self, values: dict[ox.Variable, Node]) -> Filter:
        """Return the filter with variables replaced."""
        return Filter(self.expression.substituted(values))


@dataclass(frozen=True, slots=True)
class Bind:
    """``BIND (expression AS ?variable)``."""

    expression: Expression
    variable: ox.Variable

    def variables(self) -> set[ox.Variable]:
        """Return the variables mentioned."""
        return self.expression.variables() | {self.variable}

    def substituted(self, values: dict[ox.Variable, Node]) -> Bind:
        """Return the assignment with variables replaced; its own must not be among them."""
        target = values.get(self.variable, self.variable)
        if not isinstance(target, ox.Variable):
            raise ProgramError(f"?{self.variable.value} is assigned by BIND and given a value")
        return Bind(self.expression.substituted(values), target)


@dataclass(frozen=True, slots=True)
class Values:
    """``VALUES (?a ?b) { … }``; None stands for UNDEF."""

    names: tuple[ox.Variable, ...]
    rows: tuple[tuple[Term | None, ...], ...]

    def variables(self) -> set[ox.Variable]:
        """Return the variables given values."""
        return set(self.names)

    def substituted(self, values: dict[ox.Variable, Node]) -> Values:
        """Return the table with variables renamed, or narrowed to rows with a given value."""
        names: list[ox.Variable] = []
        keep: list[int] = []
        rows = list(self.rows)
        for index, name in enumerate(self.names):
            new = values.get(name, name)
            if isinstance(new, ox.Variable):
                names.append(new)
                keep.append(index)
            else:
                rows = [row for row in rows if row[index] in (None, new)]
        return Values(tuple(names), tuple(tuple(row[i] for i in keep) for row in rows))


@dataclass(frozen=True, slots=True)
class Exists:
    """``FILTER EXISTS { … }``, or ``FILTER NOT EXISTS { … }`` if ``negated``."""

    group: Group
    negated: bool

    def variables(self) -> set[ox.Variable]:
        """Return the variables mentioned."""
        return self.group.variables()

    def substituted(self, values: dict[ox.Variable, Node]) -> Exists:
        """Return the test with variables replaced."""
        return Exists(self.group.substituted(values), self.negated)


@dataclass(frozen=True, slots=True)
class Optional:
    """``OPTIONAL { … }``."""

    group: Group

    def variables(self) -> set[ox.Variable]:
        """Return the variables mentioned."""
        return self.group.variables()

    def substituted(self, values: dict[ox.Variable, Node]) -> Optional:
        """Return the optional part with variables replaced."""
        return Optional(self.group.substituted(values))


@dataclass(frozen=True, slots=True)
class Minus:
    """``MINUS { … }``."""

    group: Group

    def variables(self) -> set[ox.Variable]:
        """Return the variables mentioned."""
        return self.group.variables()

    def substituted(self, values: dict[ox.Variable, Node]) -> Minus:
        """Return the subtraction with variables replaced."""
        return Minus(self.group.substituted(values))


@dataclass(frozen=True, slots=True)
class Union:
    """``{ … } UNION { … }``; with one branch, a group in braces."""

    branches: tuple[Group, ...]

    def variables(self) -> set[ox.Variable]:
        """Return the variables mentioned."""
        return set().union(*(branch.variables() for branch in self.branches))

    def substituted(self, values: dict[ox.Variable, Node]) -> Union:
        """Return the union with variables replaced."""
        return Union(tuple(branch.substituted(values) for branch in self.branches))


Element: TypeAlias = "Pattern | Filter | Bind | Values | Exists | Optional | Minus | Union"
"""One thing between the braces of a group graph pattern."""


@dataclass(frozen=True, slots=True)
class Group:
    """A group graph pattern: what stands between braces, in order."""

    elements: tuple[Element, ...] = ()

    def variables(self) -> set[ox.Variable]:
        """Return every variable mentioned in the group."""
        found: set[ox.Variable] = set()
        for element in self.elements:
            found |= element.variables()
        return found

    def substituted(self, values: dict[ox.Variable, Node]) -> Group:
        """Return the group with variables replaced."""
        return Group(tuple(element.substituted(values) for element in self.elements))

    def patterns(self) -> tuple[Pattern, ...]:
        """Return the triple patterns that stand directly in the group."""
        return tuple(e for e in self.elements if isinstance(e, Pattern))


def walk_patterns(group: Group, *, negative: bool = False) -> Iterator[tuple[Pattern, bool, Group]]:
    """Yield each triple pattern at any depth, whether it is read non-monotonically, its group.

    A pattern under NOT EXISTS, MINUS or OPTIONAL, or in an EXISTS inside an expression (which may
    stand under ``!``), can make a conclusion disappear, and counts as non-monotone; a plain
    ``FILTER EXISTS`` cannot.
    """
    for element in group.elements:
        if isinstance(element, Pattern):
            yield element, negative, group
        elif isinstance(element, Exists):
            yield from walk_patterns(element.group, negative=negative or element.negated)
        elif isinstance(element, Optional | Minus):
            yield from walk_patterns(element.group, negative=True)
        elif isinstance(element, Union):
            for branch in element.branches:
                yield from walk_patterns(branch, negative=negative)
        elif isinstance(element, Filter | Bind):
            for part in element.expression.parts:
                if isinstance(part, Exists):
                    yield from walk_patterns(part.group, negative=True)


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
    written: frozenset[tuple[str, str]] = field(default_factory=frozenset)


class TripleSource(Protocol):
    """Something that triples can be asked of."""

    def triples(self, patterns: Iterable[Pattern]) -> Iterator[ox.Triple]:
        """Yield the triples that match any of some patterns."""
        ...
