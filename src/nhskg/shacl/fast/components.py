"""The core constraint components, each as a check of the value nodes of a focus node.

A check gives a value for each validation result, or None for one without ``sh:value``. Section
numbers are those of the SHACL recommendation; where pySHACL says more than it, or something else,
that is followed, and said.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from decimal import Decimal
from functools import partial
from operator import ge, gt, le, lt
from typing import Any, Final

from pyoxigraph import BlankNode, Literal

from nhskg.rdf.terms import SH
from nhskg.shacl.fast import model
from nhskg.shacl.fast.graph import DataGraph
from nhskg.shacl.fast.literals import has_datatype, value_of
from nhskg.shacl.fast.terms import Node, Unsure

__all__ = ["Check", "Conforms", "check_of"]

Check = Callable[[Node, Sequence[Node]], Collection[Node | None]]
"""From a focus node and its value nodes to the values of the results, one for each."""

Conforms = Callable[[model.Shape, Node], bool]
"""Whether a node conforms to a shape (section 3.4.3)."""

_ONCE: Final = (None,)
_COMPARE: Final[Mapping[str, Callable[[Decimal, Decimal], bool]]] = {
    "minExclusive": gt,
    "minInclusive": ge,
    "maxExclusive": lt,
    "maxInclusive": le,
}
_KINDS: Final[Mapping[str, tuple[type, ...]]] = {
    SH + "IRI": (str,),
    SH + "Literal": (Literal,),
    SH + "BlankNode": (BlankNode,),
    SH + "BlankNodeOrIRI": (BlankNode, str),
}


def check_of(constraint: model.Constraint, graph: DataGraph, conforms: Conforms) -> Check:
    """Return the check of a constraint on a graph."""
    return _CHECKS[type(constraint)](constraint, graph, conforms)


def _each(fails: Callable[[Node], bool]) -> Check:
    """Return the check of a component that looks at each value node by itself."""
    return lambda _, values: [each for each in values if fails(each)]


def _min_count(constraint: model.MinCount, *_: object) -> Check:
    """Check ``sh:minCount`` (4.2.1): fewer value nodes give one result."""
    count = constraint.count
    return lambda _, values: _ONCE if len(values) < count else ()


def _max_count(constraint: model.MaxCount, *_: object) -> Check:
    """Check ``sh:maxCount`` (4.2.2): more value nodes give one result."""
    count = constraint.count
    return lambda _, values: _ONCE if len(values) > count else ()


def _class(constraint: model.Class, graph: DataGraph, _: Conforms) -> Check:
    """Check ``sh:class`` (4.1.1): each value node that is no SHACL instance."""
    instances = graph.instances(constraint.iri)
    return lambda _, values: [each for each in values if each not in instances]


def _datatype(constraint: model.Datatype, *_: object) -> Check:
    """Check ``sh:datatype`` (4.1.2): each value node of another datatype, or ill-typed."""
    iri = constraint.iri
    return _each(lambda each: not (isinstance(each, Literal) and has_datatype(each, iri)))


def _node_kind(constraint: model.NodeKind, *_: object) -> Check:
    """Check ``sh:nodeKind`` (4.1.3)."""
    kinds = _KINDS[constraint.iri]
    return _each(lambda each: not isinstance(each, kinds))


def _range(constraint: model.Range, *_: object) -> Check:
    """Check value ranges (4.3): each value node for which the comparison is not true."""
    compare, bound = _COMPARE[constraint.name], constraint.bound

    def fails(each: Node) -> bool:
        if not isinstance(each, Literal):
            return True
        value = value_of(each)
        return isinstance(value, str) or not compare(value, bound)

    return _each(fails)


def _pattern(constraint: model.Pattern, *_: object) -> Check:
    """Check ``sh:pattern`` (4.4.3): IRIs and lexical forms; blank nodes never match."""
    search = constraint.regex.search

    def fails(each: Node) -> bool:
        if isinstance(each, str):
            return search(each) is None
        return isinstance(each, BlankNode) or search(each.value) is None

    return _each(fails)


def _language_in(constraint: model.LanguageIn, *_: object) -> Check:
    """Check ``sh:languageIn`` (4.4.4); pySHACL compares the whole tag, and its first part."""
    tags = constraint.tags

    def fails(each: Node) -> bool:
        if not isinstance(each, Literal) or not each.language:
            return True
        tag = each.language.lower()
        return not ("*" in tags or tag in tags or tag.partition("-")[0] in tags)

    return _each(fails)


def _disjoint(constraint: model.Disjoint, graph: DataGraph, _: Conforms) -> Check:
    """Check ``sh:disjoint`` (4.5.2): each value node that is also a value of the property."""
    others = graph.values(constraint.predicate).get

    def check(focus: Node, values: Sequence[Node]) -> Collection[Node]:
        other = others(focus, ())
        return [each for each in values if each in other] if other and values else ()

    return check


def _less_than(constraint: model.LessThan, graph: DataGraph, _: Conforms) -> Check:
    """Check ``sh:lessThan`` (4.5.3): each pair that is not in order or cannot be compared.

    pySHACL compares IRIs as strings, and refuses blank nodes.
    """
    others = graph.values(constraint.predicate).get

    def check(focus: Node, values: Sequence[Node]) -> Collection[Node]:
        if any(isinstance(each, BlankNode) for each in values):
            raise Unsure("sh:lessThan of a blank node")
        return [
            each
            for each in values
            for other in others(focus, ())
            if not _is_less(_comparable(each), _comparable(other))
        ]

    return check


def _comparable(each: Node) -> str | Decimal:
    if isinstance(each, BlankNode):
        raise Unsure("sh:lessThan of a blank node")
    return value_of(each) if isinstance(each, Literal) else each


def _is_less(left: str | Decimal, right: str | Decimal) -> bool:
    if isinstance(left, str):
        return isinstance(right, str) and left < right
    return not isinstance(right, str) and left < right


def _not(constraint: model.Not, _: DataGraph, conforms: Conforms) -> Check:
    """Check ``sh:not`` (4.6.1): each value node that conforms to the shape."""
    return _each(partial(conforms, constraint.shape))


def _and(constraint: model.And, _: DataGraph, conforms: Conforms) -> Check:
    """Check ``sh:and`` (4.6.2): each value node that doesn't conform to all shapes."""
    shapes = constraint.shapes
    return _each(lambda each: any(not conforms(shape, each) for shape in shapes))


def _or(constraint: model.Or, _: DataGraph, conforms: Conforms) -> Check:
    """Check ``sh:or`` (4.6.3): each value node that conforms to no shape."""
    shapes = constraint.shapes
    return _each(lambda each: all(not conforms(shape, each) for shape in shapes))


def _xone(constraint: model.Xone, _: DataGraph, conforms: Conforms) -> Check:
    """Check ``sh:xone`` (4.6.4): each value node that doesn't conform to exactly one shape."""
    shapes = constraint.shapes
    return _each(lambda each: sum(conforms(shape, each) for shape in shapes) != 1)


def _node(constraint: model.NodeIs, _: DataGraph, conforms: Conforms) -> Check:
    """Check ``sh:node`` (4.7.1): each value node that doesn't conform to the shape."""
    shape = constraint.shape
    return _each(lambda each: not conforms(shape, each))


def _qualified(constraint: model.Qualified, _: DataGraph, conforms: Conforms) -> Check:
    """Check ``sh:qualifiedValueShape`` (4.7.3): too few or too many conforming value nodes."""
    shape, count, at_least = constraint.shape, constraint.count, constraint.at_least

    def check(_: Node, values: Sequence[Node]) -> Collection[None]:
        found = sum(conforms(shape, each) for each in values)
        return _ONCE if (found < count if at_least else found > count) else ()

    return check


def _has_value(constraint: model.HasValue, *_: object) -> Check:
    """Check ``sh:hasValue`` (4.8.2): one result if the node is not among the value nodes."""
    wanted = constraint.node
    return lambda _, values: () if wanted in values else _ONCE


def _in(constraint: model.In, *_: object) -> Check:
    """Check ``sh:in`` (4.8.3): each value node that is not a member of the list."""
    members = constraint.nodes
    return lambda _, values: [each for each in values if each not in members]


_CHECKS: Final[Mapping[type, Callable[[Any, DataGraph, Conforms], Check]]] = {
    model.And: _and,
    model.Class: _class,
    model.Datatype: _datatype,
    model.Disjoint: _disjoint,
    model.HasValue: _has_value,
    model.In: _in,
    model.LanguageIn: _language_in,
    model.LessThan: _less_than,
    model.MaxCount: _max_count,
    model.MinCount: _min_count,
    model.NodeIs: _node,
    model.NodeKind: _node_kind,
    model.Not: _not,
    model.Or: _or,
    model.Pattern: _pattern,
    model.Qualified: _qualified,
    model.Range: _range,
    model.Xone: _xone,
}
