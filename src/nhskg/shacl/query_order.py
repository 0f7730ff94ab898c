"""Prepared SPARQL queries whose patterns are matched from the bound variables outwards.

rdflib orders the triple patterns of a query when it parses it, not knowing that ``$this`` will be
bound, nor, in ``EXISTS``, what is bound outside. A SPARQL constraint then begins with all instances
of a class for each focus node: 1,000 claims take a minute. Here the patterns of each group are put
in order again, each next to what is bound before it. The order changes no answer.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Any, Final

from rdflib import BNode, Variable
from rdflib.plugins.sparql import prepareQuery
from rdflib.plugins.sparql.parserutils import CompValue
from rdflib.plugins.sparql.sparql import Query

__all__ = ["prepare"]

_PARTS: Final = ("p", "p1", "p2", "part", "graph")
_FOCUS: Final[frozenset[Variable | BNode]] = frozenset({Variable("this")})


@lru_cache(maxsize=512)
def prepare(text: str) -> Query:
    """Return a query, parsed and in order; the same text is prepared once.

    Args:
        text: a query with its prefixes written out, in which ``$this`` will be bound.
    """
    query = prepareQuery(text)
    _order(query.algebra, _FOCUS)
    return query


def _order(node: CompValue, known: frozenset[Variable | BNode]) -> frozenset[Variable | BNode]:
    """Order the patterns in a part of a query; return what is bound after it."""
    if node.name == "BGP":
        node["triples"] = list(_outwards(list(node["triples"]), known))
    if node.name == "Union":
        return _order(node["p1"], known) & _order(node["p2"], known)
    bound = known
    for name in _PARTS:
        if isinstance(part := dict.get(node, name), CompValue):
            bound |= _order(part, bound)
    for name, value in dict.items(node):
        if name not in _PARTS:
            for exists in _exists(value):
                # rdflib keeps the translated pattern as an attribute, and the text's as an item
                _order(exists.graph, bound)
    if node.name == "BGP":
        return known.union(*map(_variables, node["triples"]))
    return known if node.name in ("LeftJoin", "Minus") else bound


def _outwards(triples: list[Any], known: frozenset[Variable | BNode]) -> Iterator[Any]:
    """Yield patterns: the fewest unknown variables first, then those that most is known of."""
    while triples:
        chosen = min(
            triples, key=lambda each: (len(_variables(each) - known), -len(_variables(each)))
        )
        triples.remove(chosen)
        known |= _variables(chosen)
        yield chosen


def _variables(triple: Any) -> frozenset[Variable | BNode]:
    """Return the variables of a pattern; a blank node of a query is one too."""
    return frozenset(term for term in triple if isinstance(term, Variable | BNode))


def _exists(value: Any) -> Iterator[CompValue]:
    """Yield the EXISTS and NOT EXISTS in an expression."""
    if isinstance(value, CompValue):
        if value.name in ("Builtin_EXISTS", "Builtin_NOTEXISTS"):
            yield value
            return
        for each in dict.values(value):
            yield from _exists(each)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _exists(each)
