"""Read a triple from what a person types: ids, prefixed names, IRIs, quoted text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from functools import partial
from typing import Final

import pyoxigraph as ox

from nhskg.queries.names import check_utf8, expand, known_ids, resolve
from nhskg.rdf.errors import UsageError
from nhskg.rdf.nearest import did_you_mean
from nhskg.rdf.sparql.algebra import TYPE
from nhskg.rdf.terms import ID, NS, OWL, PREFIXES, RDF, RDF_TYPE, RDFS, SKOS, compact, local_name
from nhskg.reasoning.triple_lookup import Facts

_PROPERTIES: Final = (
    OWL + "ObjectProperty",
    OWL + "DatatypeProperty",
    OWL + "AnnotationProperty",
    RDF + "Property",
)
_QUOTED: Final = re.compile(
    r'"(?P<text>.*)"(?:@(?P<lang>[A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*)|\^\^(?P<type>.+))?', re.DOTALL
)
_SPACES: Final = (ID, ID + "claim/", ID + "holding/", NS)
_OF_EVERYTHING: Final = frozenset(
    {OWL + "Nothing", OWL + "Thing", OWL + "differentFrom", OWL + "sameAs", RDFS + "Resource"}
)
"""Terms that OWL and RDFS define, whether or not a store uses them."""


def read_triple(facts: Facts, subject: str, predicate: str, value: str) -> ox.Triple:
    """Return the triple that three names stand for.

    Raises:
        UsageError: a name is unknown; names the nearest.
    """
    for name in (subject, predicate, value):
        check_utf8(name)
    one, two = _node(facts, subject, "subject"), _node(facts, predicate, "predicate")
    literals = [each for each in facts.values(one, two.value) if isinstance(each, ox.Literal)]
    if value.startswith('"'):
        return ox.Triple(one, two, _literal(value, literals))
    stated = (literal for literal in literals if literal.value == value)
    return ox.Triple(one, two, next(stated, None) or _node(facts, value, "object"))


def _literal(name: str, stated: Iterable[ox.Literal]) -> ox.Literal:
    """Return the literal of a quoted text, with its language or datatype if it has one.

    Without either it is the one of this text that is stated, if there is one.
    """
    found = _QUOTED.fullmatch(name)
    if found is None:
        forms = '"text", "text"@en or "1"^^xsd:integer'
        raise UsageError(f"'{name}' is no quoted text; write {forms}")
    text, language, kind = found["text"], found["lang"], found["type"]
    if language:
        return ox.Literal(text, language=language.lower())
    if kind:
        datatype = expand(kind)
        if datatype is None:
            raise UsageError(f"unknown datatype '{kind}'; write a prefixed name or an IRI")
        return ox.Literal(text, datatype=datatype)
    return next((each for each in stated if each.value == text), ox.Literal(text))


def _node(facts: Facts, name: str, part: str) -> ox.NamedNode:
    """Return the node that a name spells out, or whose id or last part it is.

    Raises:
        UsageError: no statement has such a node, or, of a predicate, it is no property.
    """
    is_predicate = part == "predicate"
    if is_predicate and name in ("a", "type"):
        return TYPE
    spelt = expand(name)
    if spelt is not None:
        if spelt.value in _OF_EVERYTHING or _is_used(facts, spelt):
            return spelt
        write = compact if compact(spelt.value) != spelt.value and name[0] != "<" else str
        known = {RDF_TYPE, *_members(facts, *_PROPERTIES, OWL + "Class")}
        known |= set(known_ids(facts.store).values())
        hint = did_you_mean(write(spelt.value), map(write, known))
        raise UsageError(f"unknown {part} '{name}'{hint}")
    if not is_predicate:
        found = filter(partial(_is_used, facts), _guesses(facts, name, *_SPACES))
        return next(found, None) or resolve(facts.store, name, "thing", called=part)
    for node in _guesses(facts, name, NS, *sorted(PREFIXES.values())):
        if _is_property(facts, node):
            return node
    near = did_you_mean(name, map(local_name, _members(facts, *_PROPERTIES)))
    raise UsageError(f"unknown predicate '{name}'{near}")


def _guesses(facts: Facts, name: str, *spaces: str) -> Iterator[ox.NamedNode]:
    """Yield the nodes that have a name as their id, or as the last part of their IRI."""
    for node in facts.subjects(SKOS + "notation", ox.Literal(name)):
        if isinstance(node, ox.NamedNode):
            yield node
    for space in spaces:
        with suppress(ValueError):  # it is no IRI
            yield ox.NamedNode(space + name)


def _is_used(facts: Facts, node: ox.NamedNode) -> bool:
    places = ((node, None, None), (None, node, None), (None, None, node))
    return any(next(facts.store.quads_for_pattern(*place), None) for place in places)


def _is_property(facts: Facts, node: ox.NamedNode) -> bool:
    is_declared = any(facts.is_a(node, kind) for kind in _PROPERTIES)
    return is_declared or next(facts.store.quads_for_pattern(None, node, None), None) is not None


def _members(facts: Facts, *kinds: str) -> Iterator[str]:
    found = (node for kind in kinds for node in facts.subjects(RDF_TYPE, ox.NamedNode(kind)))
    yield from (node.value for node in found if isinstance(node, ox.NamedNode))
