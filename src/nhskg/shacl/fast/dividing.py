"""Which shapes the fast engine takes, and which it leaves to pySHACL, and why."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from pyoxigraph import BlankNode, NamedNode

from nhskg.rdf.terms import OWL, RDF_TYPE, RDFS, SH, shorten_iri
from nhskg.shacl.fast.compiling import Compiler
from nhskg.shacl.fast.model import Shape
from nhskg.shacl.fast.terms import Node, Unsupported, node
from nhskg.shacl.requirements import ASSERTED_ONLY, NSH, TARGETS, Shapes, Term

__all__ = ["Division", "Taken", "divide", "resting"]

_OVER: Final = NSH + "over"
_FOR_ALL: Final = frozenset({SH + "entailment", SH + "parameter", RDFS + "subClassOf"})
"""What changes how a shapes graph is read: entailment (1.5), constraint components (6.2), classes
that are shapes (2.1.3.3)."""

_MAKES_A_SHAPE: Final = frozenset(TARGETS).union(
    SH + each
    for each in ("path", "property", "node", "not", "and", "or", "xone", "qualifiedValueShape")
)


@dataclass(frozen=True)
class Taken:
    """A shape with targets that the fast engine validates.

    Attributes:
        iri: its IRI.
        shape: what it was compiled to.
        targets: kind and term of each of its targets.
        asserted_only: whether it holds of the asserted graphs only.
    """

    iri: str
    shape: Shape
    targets: tuple[tuple[str, Node], ...]
    asserted_only: bool


@dataclass(frozen=True)
class Division:
    """The shapes with targets, divided between the engines.

    Attributes:
        shapes: all of them.
        taken: those that the fast engine validates.
        left: from the IRI, or the blank node, of those left to pySHACL to the reason.
    """

    shapes: Shapes
    taken: tuple[Taken, ...]
    left: Mapping[str, str]


def divide(shapes: Shapes) -> Division:
    """Divide shapes between the fast engine and pySHACL."""
    targeted = sorted(
        {each.subject for each in shapes.triples if each.predicate.value in TARGETS}, key=str
    )
    try:
        _check_whole(shapes)
    except Unsupported as reason:
        return Division(shapes, (), {_name(each): str(reason) for each in targeted})
    compiler = Compiler(shapes)
    taken: list[Taken] = []
    left: dict[str, str] = {}
    for term in sorted(set(_shapes(shapes)), key=str):
        try:
            shape = compiler.compile(term)
            if term in targeted:
                taken.append(_take(term, shape, shapes))
        except Unsupported as reason:
            left[_name(term)] = str(reason)
    return Division(shapes, tuple(each for each in taken if not each.shape.deactivated), left)


def _shapes(shapes: Shapes) -> Iterator[Term]:
    """Yield every shape: pySHACL would refuse an ill-formed one, also if nothing uses it."""
    kinds = (NamedNode(SH + "NodeShape"), NamedNode(SH + "PropertyShape"))
    for each in shapes.triples:
        predicate = each.predicate.value
        if predicate in _MAKES_A_SHAPE or (predicate == RDF_TYPE and each.object in kinds):
            assert isinstance(each.subject, NamedNode | BlankNode)
            yield each.subject


def _take(term: Term, shape: Shape, shapes: Shapes) -> Taken:
    if not isinstance(term, NamedNode):
        raise Unsupported("a shape without a name that has a target")
    _check_speaks(shape)
    targets: list[tuple[str, Node]] = []
    for predicate, kind in TARGETS.items():
        for value in shapes.values(term, predicate):
            if isinstance(value, BlankNode) or (
                kind != "node" and not isinstance(value, NamedNode)
            ):
                raise Unsupported("a target that is no IRI")
            targets.append((kind, node(value)))
    named = any(kind == "node" for kind, _ in targets)
    if named and any(each.has_zero_length_path for each in shape.selects):
        # pyoxigraph finds no path from a node that no triple has, not even the one without length
        raise Unsupported("a path of any length from a node that the data may not have")
    over = NamedNode(ASSERTED_ONLY) in shapes.values(term, _OVER)
    return Taken(term.value, shape, tuple(targets), over)


def _check_speaks(shape: Shape) -> None:
    """Check that every result has a message: pySHACL makes up one where there is none."""
    silent_query = any(not each.messages for each in shape.selects)
    if not shape.messages and (shape.constraints or silent_query):
        raise Unsupported("a shape without a message")
    for each in shape.properties:
        _check_speaks(each)


def _check_whole(shapes: Shapes) -> None:
    """Check that nothing in the shapes graph changes how all of it is read."""
    classes = {RDFS + "Class", OWL + "Class", SH + "ConstraintComponent"}
    for triple in shapes.triples:
        if triple.predicate.value in _FOR_ALL:
            raise Unsupported(f"{shorten_iri(triple.predicate.value)} in the shapes graph")
        if triple.predicate.value == RDF_TYPE and _name(triple.object) in classes:
            raise Unsupported(f"{shorten_iri(_name(triple.object))} in the shapes graph")


def _name(term: object) -> str:
    return str(getattr(term, "value", term))


def resting(shapes: Shapes, iris: Collection[str]) -> Shapes:
    """Return shapes, some of them without their targets, so that they rest."""
    terms = {NamedNode(each) for each in iris}
    kept = (
        triple
        for triple in shapes.triples
        if triple.subject not in terms or triple.predicate.value not in TARGETS
    )
    return Shapes(tuple(kept), shapes.files)
