"""Property paths of SHACL (section 2.3.1): predicate, inverse, sequence, alternative, repetition.

pySHACL reads the inverse of anything but a predicate in its own way; such a path is left to it, as
are zero-or-one paths, which no shape uses.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from pyoxigraph import NamedNode

from nhskg.rdf.terms import RDF, SH
from nhskg.shacl.fast.lists import one, read_list
from nhskg.shacl.fast.terms import Node, Unsupported
from nhskg.shacl.requirements import Shapes, Term

__all__ = [
    "Alternative",
    "Follow",
    "Index",
    "Inverse",
    "Path",
    "Predicate",
    "Repeated",
    "Steps",
    "follower",
    "read_path",
]

_FORMS: Final = (
    RDF + "first",
    RDF + "rest",
    SH + "inversePath",
    SH + "alternativePath",
    SH + "zeroOrMorePath",
    SH + "oneOrMorePath",
    SH + "zeroOrOnePath",
)
_MAX_DEPTH: Final = 4  # pySHACL stops at ten levels, and each step of a sequence is one
_MAX_STEPS: Final = 4

Follow = Callable[[Node], Sequence[Node]]
"""From a focus node to its value nodes, each once."""


class Index(Protocol):
    """Data in which a path can be followed."""

    def values(self, predicate: str) -> Mapping[Node, Sequence[Node]]:
        """Return the objects of a predicate by subject, each once."""

    def inverse(self, predicate: str) -> Mapping[Node, Sequence[Node]]:
        """Return the subjects of a predicate by object, each once."""


@dataclass(frozen=True, slots=True)
class Predicate:
    """A predicate path (2.3.1.1)."""

    iri: str


@dataclass(frozen=True, slots=True)
class Inverse:
    """An inverse path (2.3.1.4) of a predicate."""

    iri: str


@dataclass(frozen=True, slots=True)
class Steps:
    """A sequence path (2.3.1.2)."""

    steps: tuple[Path, ...]


@dataclass(frozen=True, slots=True)
class Alternative:
    """An alternative path (2.3.1.3)."""

    paths: tuple[Path, ...]


@dataclass(frozen=True, slots=True)
class Repeated:
    """A zero-or-more or one-or-more path (2.3.1.5, 2.3.1.6)."""

    path: Path
    or_none: bool


Path = Predicate | Inverse | Steps | Alternative | Repeated


def read_path(shapes: Shapes, term: Term, depth: int = 0) -> Path:
    """Return a path of the shapes graph.

    Raises:
        Unsupported: it is ill-formed, or of a form that is left to pySHACL.
    """
    if isinstance(term, NamedNode):
        return Predicate(term.value)
    if depth > _MAX_DEPTH:
        raise Unsupported("a path of many levels")
    forms = [each for each in _FORMS if shapes.values(term, each)]
    if forms == [RDF + "first", RDF + "rest"]:
        return Steps(_paths(shapes, term, depth))
    if len(forms) != 1:
        raise Unsupported("a path of no known form")
    inner = one(shapes, term, forms[0])
    match forms[0].removeprefix(SH):
        case "inversePath" if isinstance(inner, NamedNode):
            return Inverse(inner.value)
        case "alternativePath":
            return Alternative(_paths(shapes, inner, depth))
        case "zeroOrMorePath" | "oneOrMorePath" as form:
            return Repeated(read_path(shapes, inner, depth + 1), form == "zeroOrMorePath")
        case form:
            raise Unsupported(f"a path of the form {form}")


def _paths(shapes: Shapes, head: Term, depth: int) -> tuple[Path, ...]:
    members = read_list(shapes, head)
    if not 2 <= len(members) <= _MAX_STEPS:
        raise Unsupported("a path of one, or of many, steps")
    return tuple(read_path(shapes, each, depth + 1) for each in members)


def follower(path: Path, index: Index) -> Follow:
    """Return what follows a path through the data."""
    match path:
        case Predicate(iri):
            return _lookup(index.values(iri))
        case Inverse(iri):
            return _lookup(index.inverse(iri))
        case Steps(steps):
            return _in_turn([follower(each, index) for each in steps])
        case Alternative(paths):
            return _either([follower(each, index) for each in paths])
        case Repeated(inner, or_none):
            return _again_and_again(follower(inner, index), or_none=or_none)


def _lookup(values: Mapping[Node, Sequence[Node]]) -> Follow:
    get = values.get
    return lambda focus: get(focus, ())


def _in_turn(steps: list[Follow]) -> Follow:
    def follow(focus: Node) -> Sequence[Node]:
        reached: Sequence[Node] = (focus,)
        for step in steps:
            if len(reached) == 1:
                reached = step(reached[0])
            else:
                reached = tuple(dict.fromkeys(value for each in reached for value in step(each)))
        return reached

    return follow


def _either(paths: list[Follow]) -> Follow:
    return lambda focus: tuple(dict.fromkeys(value for path in paths for value in path(focus)))


def _again_and_again(step: Follow, *, or_none: bool) -> Follow:
    def follow(focus: Node) -> Sequence[Node]:
        reached: dict[Node, None] = {focus: None} if or_none else {}
        queue = list(step(focus))
        while queue:
            each = queue.pop()
            if each not in reached:
                reached[each] = None
                queue += step(each)
        return tuple(reached)

    return follow
