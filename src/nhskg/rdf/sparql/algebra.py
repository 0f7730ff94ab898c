"""The abstract syntax of SPARQL 1.1 graph patterns and expressions, as trees, and their text.

Terms are pyoxigraph's; a variable is ``pyoxigraph.Variable``.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partialmethod
from typing import Any, ClassVar, Final, Self, TypeAlias

import pyoxigraph as ox

from nhskg.rdf.errors import NhskgError
from nhskg.rdf.terms import RDF_TYPE

Term: TypeAlias = "ox.NamedNode | ox.BlankNode | ox.Literal"
"""A term in a position of a triple."""
Node: TypeAlias = "Term | ox.Variable"
"""A term in a position of a triple pattern."""
TYPE = ox.NamedNode(RDF_TYPE)

OPERATORS: Final = (
    ("||",),
    ("&&",),
    ("=", "!=", "<", ">", "<=", ">=", "IN", "NOT IN"),
    ("+", "-"),
    ("*", "/"),
)
"""The signs between two operands, the loosest first (grammar rules 110 to 117)."""

ASSOCIATIVE: Final = 2
"""The levels before this one have a sign whose chains may be split anywhere: ``||`` and ``&&``."""
_LEVELS: Final = {sign: level for level, signs in enumerate(OPERATORS) for sign in signs}


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

    def map(self, change: Callable[[Any], Any]) -> Self:
        """Return the part with each node, word and part directly in it changed."""

        def changed(field: Any) -> Any:
            return tuple(map(changed, field)) if isinstance(field, tuple) else change(field)

        return type(self)(*(changed(getattr(self, name)) for name in self.__match_args__))

    def variables(self) -> frozenset[ox.Variable]:
        """Return the variables that are mentioned, at any depth."""
        if not hasattr(self, "_variables"):
            parts: list[Any] = []
            self.map(parts.append)
            inner = (each.variables() for each in parts if isinstance(each, Tree))
            own = (each for each in parts if isinstance(each, ox.Variable))
            object.__setattr__(self, "_variables", frozenset().union(own, *inner))
        return self._variables

    def substituted(self, values: Mapping[ox.Variable, Node]) -> Self:
        """Return the part with variables replaced."""
        return self.map(lambda each: _substituted(each, values))


def _substituted(part: Any, values: Mapping[ox.Variable, Node]) -> Any:
    if isinstance(part, Call) and part.name == "BOUND":  # it takes a variable only
        (name,) = map(_substituted, part.arguments, [values])
        return Call("BOUND", (name,)) if isinstance(name, ox.Variable) else ox.Literal(value=True)
    return part.substituted(values) if isinstance(part, Tree) else values.get(part, part)


@dataclass(frozen=True, slots=True)
class Pattern(Tree):
    """A triple pattern, or a path of one repeated predicate: its ``closure`` is ``+`` or ``*``."""

    subject: Node
    predicate: Node
    object: Node
    closure: str = ""

    def substituted(self, values: Mapping[ox.Variable, Node]) -> Pattern:
        """Return the pattern with variables replaced."""
        known: Mapping[Node, Node] = values  # type: ignore[assignment]
        s, p, o = (known.get(n, n) for n in (self.subject, self.predicate, self.object))
        return Pattern(s, p, o, self.closure)


@dataclass(frozen=True, slots=True)
class Call(Tree):
    """An operator or function, and what it is applied to.

    ``name`` is a sign (``&&``, ``NOT IN``), or that of a function: in capitals, or an ``<IRI>``.
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
        is_open = [isinstance(name, ox.Variable) for name in new]
        rows = (
            tuple(itertools.compress(row, is_open))
            for row in self.rows
            if all(o or x in (None, y) for o, x, y in zip(is_open, row, new, strict=True))
        )
        return Values(tuple(n for n in new if isinstance(n, ox.Variable)), tuple(rows))


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

    def bound(self, *, certain: bool) -> set[ox.Variable]:
        """Return the variables that every match binds, if ``certain``, else those that some may."""
        bound: set[ox.Variable] = set()
        for element in self.elements:
            match element:
                case Pattern():
                    bound |= element.variables()
                case Values(names, rows):
                    needed = rows if certain else ()
                    bound |= {name for i, name in enumerate(names) if all(row[i] for row in needed)}
                case Union(branches):
                    combined = set.intersection if certain else set.union
                    bound |= combined(*(branch.bound(certain=certain) for branch in branches))
                case Optional(inner) if not certain:
                    bound |= inner.bound(certain=False)
                case Bind(made, name) if (
                    not certain or made in bound or isinstance(made, ox.NamedNode | ox.Literal)
                ):
                    bound.add(name)
        return bound

    certain = partialmethod(bound, certain=True)
    possible = partialmethod(bound, certain=False)


def exists_in(part: object) -> Iterator[Exists]:
    """Yield the outermost EXISTS in an expression."""
    match part:
        case Exists():
            yield part
        case Call(_, arguments):
            yield from itertools.chain.from_iterable(map(exists_in, arguments))


def groups_in(element: Element) -> Iterator[tuple[Group, bool]]:
    """Yield the groups directly in an element, each with whether it is read non-monotonically.

    That is whether a match can make a conclusion disappear; EXISTS in an expression may be under !.
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


def construct_text(head: Iterable[Pattern], body: Group) -> str:
    """Return a rule as ``CONSTRUCT { … } WHERE { … }``."""
    return f"CONSTRUCT {{ {template_text(head)} }} WHERE {{ {group_text(body)} }}"


def template_text(head: Iterable[Pattern]) -> str:
    """Return the inside of a CONSTRUCT or INSERT clause."""
    return " . ".join(f"{p.subject} {p.predicate} {p.object}" for p in head)


def group_text(group: Group) -> str:
    """Return what is between the braces of a group graph pattern."""
    return " ".join(map(_element_text, group.elements))


def expression_text(
    expression: Expression, node: Callable[[Node], str] = str, *, level: int = 0
) -> str:
    """Return an expression, its terms and variables written by ``node``.

    ``level`` is the place in :data:`OPERATORS` of the loosest operator that needs no brackets.
    """
    if isinstance(expression, Exists):
        return _element_text(expression).removeprefix("FILTER ")
    if not isinstance(expression, Call):
        return node(expression)
    match expression.name, expression.arguments:
        case ("!" | "-" | "+") as sign, (operand,):
            return sign + expression_text(operand, node, level=len(OPERATORS))
        case name, (first, *rest) if name in _LEVELS:
            own = _LEVELS[name]
            # a comparison is no operand of another
            left = expression_text(first, node, level=own + ("=" in OPERATORS[own]))
            if not rest:  # pyoxigraph takes nothing to be not in an empty list
                return str(name == "NOT IN").lower()
            if name.endswith("IN"):
                right = f"({', '.join(expression_text(each, node) for each in rest)})"
            else:
                right = expression_text(rest[0], node, level=own + (own >= ASSOCIATIVE))
            return f"({left} {name} {right})" if own < level else f"{left} {name} {right}"
    listed = ", ".join(expression_text(each, node) for each in expression.arguments)
    return f"{expression.name}({listed})"


def _element_text(element: Element) -> str:
    match element:
        case Pattern(subject, predicate, value, closure):
            return f"{subject} {predicate}{closure} {value} ."
        case Filter(expression):
            return f"FILTER ({expression_text(expression)})"
        case Bind(expression, variable):
            return f"BIND ({expression_text(expression)} AS {variable})"
        case Exists(group, negated):
            return f"FILTER {'NOT ' * negated}EXISTS {{ {group_text(group)} }}"
        case Optional(group) | Minus(group):
            return f"{type(element).__name__.upper()} {{ {group_text(group)} }}"
        case Union(branches):
            return " UNION ".join(f"{{ {group_text(branch)} }}" for branch in branches)
        case Values(names, rows):
            listed = " ".join(
                f"({' '.join('UNDEF' if term is None else str(term) for term in row)})"
                for row in rows
            )
            return f"VALUES ({' '.join(map(str, names))}) {{ {listed} }}"
