"""Shapes to the model: what is not known for sure to be treated as pySHACL does is refused.

Every property of a shape in the SHACL namespace must be one that is known here. A shape that
reports results must have a message: those that pySHACL makes up are its own.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from typing import Final

from pyoxigraph import BlankNode, Literal, NamedNode

from nhskg.rdf.paths import first_predicate, path_text
from nhskg.rdf.terms import OWL, RDF, RDF_TYPE, RDFS, SH, XSD
from nhskg.shacl.fast import model
from nhskg.shacl.fast.lists import at_most_one, natural, one, read_list, text_of
from nhskg.shacl.fast.literals import DATATYPES, is_integer
from nhskg.shacl.fast.paths import Path, read_path
from nhskg.shacl.fast.queries import Select, read_select
from nhskg.shacl.fast.terms import Node, Unsupported, node
from nhskg.shacl.requirements import TARGETS, Shapes, Term

__all__ = ["Compiler"]

_SILENT: Final = frozenset(
    (
        SH + "name",
        SH + "description",
        SH + "message",
        SH + "severity",
        SH + "deactivated",
        SH + "path",
    )
)
"""What is said of a shape and is no constraint."""

_QUALIFIED: Final = tuple(
    SH + f"qualified{each}" for each in ("ValueShape", "MinCount", "MaxCount")
)
_RANGES: Final = ("minExclusive", "minInclusive", "maxExclusive", "maxInclusive")
_KINDS: Final = frozenset({SH + "IRI", SH + "Literal", SH + "BlankNode", SH + "BlankNodeOrIRI"})
_PATH_ONLY: Final = frozenset(
    SH + each
    for each in ("minCount", "maxCount", "lessThan", "qualifiedMinCount", "qualifiedMaxCount")
)
_MAX_HEIGHT: Final = 8  # pySHACL stops at fifteen shapes within shapes
_DEFAULT_PREFIXES: Final = {"owl": OWL, "rdf": RDF, "rdfs": RDFS}


class Compiler:
    """Compiles the shapes of one graph, each once."""

    def __init__(self, shapes: Shapes) -> None:
        self._shapes = shapes
        self._properties: dict[Term, set[str]] = {}
        for triple in shapes.triples:
            subject = triple.subject
            assert isinstance(subject, NamedNode | BlankNode)
            self._properties.setdefault(subject, set()).add(triple.predicate.value)
        self._compiled: dict[Term, model.Shape | str] = {}

    def compile(self, term: Term) -> model.Shape:
        """Return a shape, or the shapes within it.

        Raises:
            Unsupported: it uses something that is left to pySHACL, or refers to a shape that does.
        """
        if term not in self._compiled:
            self._compiled[term] = "shapes in a circle"
            try:
                self._compiled[term] = self._compile(term)
            except Unsupported as reason:
                self._compiled[term] = str(reason)  # an error would keep the frames that raised it
        found = self._compiled[term]
        if isinstance(found, str):
            raise Unsupported(found)
        return found

    def _compile(self, term: Term) -> model.Shape:
        properties = self._properties.get(term, set())
        if not properties:
            raise Unsupported("a shape of which nothing is said")
        own = sorted(each for each in properties if each.startswith(SH))
        at = at_most_one(self._shapes, term, SH + "path")
        path = None if at is None else read_path(self._shapes, at)
        types = {each.value for each in self._shapes.values(term, RDF_TYPE)}
        if types & {SH + "NodeShape" if path else SH + "PropertyShape"}:
            raise Unsupported("a shape that is ill-formed")
        constraints: list[model.Constraint] = []
        for each in own:
            if each in _SILENT or each in TARGETS or each in (SH + "property", SH + "sparql"):
                continue
            if path is None and each in _PATH_ONLY:
                raise Unsupported(f"sh:{each.removeprefix(SH)} of a node shape")
            constraints += self._constraints(term, each)
        severity = at_most_one(self._shapes, term, SH + "severity")
        shape = model.Shape(
            iri=term.value if isinstance(term, NamedNode) else None,
            path=path,
            path_text=None if at is None else path_text(self._shapes, at),
            predicate=None if at is None else first_predicate(self._shapes, at),
            severity=severity.value if severity else SH + "Violation",
            messages=tuple(sorted(set(self._messages(term)), key=str)),
            constraints=tuple(constraints),
            properties=tuple(self._property_shapes(term)),
            selects=tuple(self._selects(term, path)),
            deactivated=self._is_deactivated(term),
        )
        if _height(shape) > _MAX_HEIGHT:
            raise Unsupported("shapes within shapes, deep down")
        return shape

    def _messages(self, term: Term) -> Iterator[tuple[str, str | None]]:
        for each in self._shapes.values(term, SH + "message"):
            yield text_of(each), getattr(each, "language", None)

    def _is_deactivated(self, term: Term) -> bool:
        value = at_most_one(self._shapes, term, SH + "deactivated")
        if value is None:
            return False
        if not isinstance(value, Literal) or value.datatype.value != XSD + "boolean":
            raise Unsupported("sh:deactivated of no truth value")
        return value.value in ("true", "1")

    def _property_shapes(self, term: Term) -> Iterator[model.Shape]:
        for each in self._shapes.values(term, SH + "property"):
            found = self.compile(each)
            if found.path is None:
                raise Unsupported("sh:property of a node shape")
            yield found

    def _constraints(self, term: Term, predicate: str) -> Iterator[model.Constraint]:
        """Yield the constraints that a property of a shape makes, one for each value."""
        name = predicate.removeprefix(SH)
        if predicate in _QUALIFIED:
            if name == "qualifiedValueShape":
                yield from self._qualified(term)
        elif name in _SINGLE:
            yield _SINGLE[name](self._shapes, one(self._shapes, term, predicate))
        else:
            for value in self._shapes.values(term, predicate):
                yield self._several(name, value)

    def _several(self, name: str, value: Term) -> model.Constraint:
        """Return the constraint of one value of a property that may have several."""
        if name in _LOGICAL:
            return _LOGICAL[name](tuple(map(self._inner, read_list(self._shapes, value))))
        if name in _BY_IRI:
            return _BY_IRI[name](_iri(value))
        if name in _RANGES:
            return model.Range(name, _integer(value))
        match name:
            case "not":
                return model.Not(self._inner(value))
            case "node":
                shape = self._inner(value)
                if shape.path is None:
                    return model.NodeIs(shape)
            case "hasValue" if not isinstance(value, BlankNode):
                return model.HasValue(node(value))
            case "pattern":
                return model.Pattern(_regex(value))
        raise Unsupported(f"sh:{name} of this form")

    def _inner(self, term: Term) -> model.Shape:
        """Return a shape to which nodes are only compared: its results are not told."""
        shape = self.compile(term)
        if _asks(shape):
            raise Unsupported("a SPARQL constraint within another shape")
        return shape

    def _qualified(self, term: Term) -> Iterator[model.Constraint]:
        shape = self._inner(one(self._shapes, term, _QUALIFIED[0]))
        counts = [at_most_one(self._shapes, term, each) for each in _QUALIFIED[1:]]
        if counts == [None, None]:
            raise Unsupported("sh:qualifiedValueShape without a number")
        for count, at_least in zip(counts, (True, False), strict=True):
            if count is not None:
                yield model.Qualified(shape, natural(count), at_least)

    def _selects(self, term: Term, path: Path | None) -> Iterator[Select]:
        for each in self._shapes.values(term, SH + "sparql"):
            if path is not None:
                raise Unsupported("a SPARQL constraint of a property shape")
            own = {name for name in self._properties.get(each, ()) if name.startswith(SH)}
            if not own <= {SH + "select", SH + "prefixes", SH + "message"}:
                raise Unsupported("a SPARQL constraint with properties of its own")
            text = text_of(one(self._shapes, each, SH + "select"))
            messages = {text for text, _ in self._messages(each)}
            yield read_select(text, self._prefixes(each), tuple(sorted(messages)))

    def _prefixes(self, constraint: Term) -> Mapping[str, str]:
        """Return the prefixes of a query (5.2.1), as pySHACL collects them."""
        ontology = at_most_one(self._shapes, constraint, SH + "prefixes")
        found = dict(_DEFAULT_PREFIXES)
        if ontology is None:
            return found
        declared = self._shapes.values(ontology, SH + "declare")
        is_one = NamedNode(OWL + "Ontology") in self._shapes.values(ontology, RDF_TYPE)
        others = any(
            SH + "declare" in self._properties[each]
            for each in self._properties
            if each != ontology
        )
        if others and not (is_one and declared):
            raise Unsupported("prefixes of all ontologies")
        for each in declared:
            prefix = text_of(one(self._shapes, each, SH + "prefix"))
            namespace = one(self._shapes, each, SH + "namespace").value
            if found.setdefault(prefix, namespace) != namespace:
                raise Unsupported("a prefix declared twice")
        return found


def _asks(shape: model.Shape) -> bool:
    """Tell whether a shape, or a property shape in it, has a SPARQL constraint."""
    return bool(shape.selects) or any(map(_asks, shape.properties))


def _height(shape: model.Shape) -> int:
    inner = [*shape.properties, *(each for one in shape.constraints for each in _within(one))]
    return 1 + max(map(_height, inner), default=0)


def _within(constraint: model.Constraint) -> tuple[model.Shape, ...]:
    """Return the shapes that a constraint refers to."""
    match constraint:
        case model.And(shapes) | model.Or(shapes) | model.Xone(shapes):
            return shapes
        case model.Not(shape) | model.NodeIs(shape) | model.Qualified(shape, _, _):
            return (shape,)
        case _:
            return ()


def _iri(term: Term) -> str:
    if not isinstance(term, NamedNode):
        raise Unsupported("something other than an IRI")
    return term.value


def _integer(term: Term) -> Decimal:
    if not isinstance(term, Literal) or not is_integer(term):
        raise Unsupported("a bound that is no integer")
    return Decimal(term.value)


def _regex(term: Term) -> re.Pattern[str]:
    if not isinstance(term, Literal) or term.language:
        raise Unsupported("a pattern that is no plain text")
    try:
        return re.compile(text_of(term))
    except re.error as error:
        raise Unsupported("a pattern that Python can't read") from error


def _datatype(_: Shapes, term: Term) -> model.Constraint:
    if _iri(term) not in DATATYPES:
        raise Unsupported("sh:datatype of another datatype")
    return model.Datatype(_iri(term))


def _node_kind(_: Shapes, term: Term) -> model.Constraint:
    if _iri(term) not in _KINDS:
        raise Unsupported("sh:nodeKind of another kind")
    return model.NodeKind(_iri(term))


def _nodes(shapes: Shapes, head: Term) -> frozenset[Node]:
    members = read_list(shapes, head)
    if any(isinstance(each, BlankNode) for each in members):
        raise Unsupported("a blank node in sh:in")
    return frozenset(map(node, members))


def _tags(shapes: Shapes, head: Term) -> frozenset[str]:
    return frozenset(text_of(each).lower() for each in read_list(shapes, head))


_LOGICAL: Final[dict[str, Callable[[tuple[model.Shape, ...]], model.Constraint]]] = {
    "and": model.And,
    "or": model.Or,
    "xone": model.Xone,
}
_BY_IRI: Final[dict[str, Callable[[str], model.Constraint]]] = {
    "class": model.Class,
    "disjoint": model.Disjoint,
    "lessThan": model.LessThan,
}
_SINGLE: Final[dict[str, Callable[[Shapes, Term], model.Constraint]]] = {
    "datatype": _datatype,
    "in": lambda shapes, head: model.In(_nodes(shapes, head)),
    "languageIn": lambda shapes, head: model.LanguageIn(_tags(shapes, head)),
    "maxCount": lambda _, term: model.MaxCount(natural(term)),
    "minCount": lambda _, term: model.MinCount(natural(term)),
    "nodeKind": _node_kind,
}
"""Parameters that a shape has one value of at the most."""
