"""Read a triple from what a person types: ids, prefixed names, IRIs, quoted text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

import pyoxigraph as ox

from nhskg.queries.names import check_utf8, expand, known_ids, suggestion
from nhskg.rdf.errors import UsageError
from nhskg.rdf.nearest import did_you_mean
from nhskg.rdf.terms import ID, NS, OWL, PREFIXES, RDF, RDF_TYPE, RDFS, SKOS, compact, local_name
from nhskg.reasoning.triple_lookup import Facts

__all__ = ["read_triple"]

_PROPERTIES: Final = (
    OWL + "ObjectProperty",
    OWL + "DatatypeProperty",
    OWL + "AnnotationProperty",
    RDF + "Property",
)
_QUOTED: Final = re.compile(
    r'"(?P<text>.*)"(?:@(?P<lang>[A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*)|\^\^(?P<type>.+))?', re.DOTALL
)
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
    one, two = _thing(facts, subject, "subject"), _predicate(facts, predicate)
    literals = [each for each in facts.values(one, two.value) if isinstance(each, ox.Literal)]
    if value.startswith('"'):
        return ox.Triple(one, two, _literal(value, literals))
    stated = (literal for literal in literals if literal.value == value)
    return ox.Triple(one, two, next(stated, None) or _thing(facts, value, "object"))


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


def _thing(facts: Facts, name: str, part: str) -> ox.NamedNode:
    iri = expand(name)
    if iri is not None:
        return _checked(facts, iri, name, part)
    guesses = (each + name for each in (ID, ID + "claim/", ID + "holding/", NS))
    for node in (*_with_id(facts, name), *_iris(guesses)):
        if _is_used(facts, node):
            return node
    ids = known_ids(facts.store)
    hint = suggestion(facts.store, name, ids) or did_you_mean(name, ids)
    raise UsageError(f"unknown {part} '{name}'{hint}")


def _predicate(facts: Facts, name: str) -> ox.NamedNode:
    if name in ("a", "type"):
        return ox.NamedNode(RDF_TYPE)
    iri = expand(name)
    if iri is not None:
        return _checked(facts, iri, name, "predicate")
    guesses = (each + name for each in (NS, *sorted(set(PREFIXES.values()) - {NS})))
    for node in (*_iris(guesses), *_with_id(facts, name)):
        is_declared = any(facts.is_a(node, kind) for kind in _PROPERTIES)
        if is_declared or next(facts.store.quads_for_pattern(None, node, None), None):
            return node
    near = did_you_mean(name, map(local_name, _members(facts, *_PROPERTIES)))
    raise UsageError(f"unknown predicate '{name}'{near}")


def _checked(facts: Facts, node: ox.NamedNode, name: str, part: str) -> ox.NamedNode:
    """Return the node of a name that was spelt out, if any statement has it."""
    if node.value in _OF_EVERYTHING or _is_used(facts, node):
        return node
    known = {RDF_TYPE, *_members(facts, *_PROPERTIES, OWL + "Class")}
    known |= set(known_ids(facts.store).values())
    if name.startswith("<") or compact(node.value) == node.value:
        raise UsageError(f"unknown {part} '{name}'{did_you_mean(node.value, known)}")
    raise UsageError(f"unknown {part} '{name}'{did_you_mean(name, map(compact, known))}")


def _is_used(facts: Facts, node: ox.NamedNode) -> bool:
    places = ((node, None, None), (None, node, None), (None, None, node))
    return any(next(facts.store.quads_for_pattern(*place), None) for place in places)


def _members(facts: Facts, *kinds: str) -> Iterator[str]:
    found = (node for kind in kinds for node in facts.subjects(RDF_TYPE, ox.NamedNode(kind)))
    yield from (node.value for node in found if isinstance(node, ox.NamedNode))


def _with_id(facts: Facts, name: str) -> list[ox.NamedNode]:
    found = facts.subjects(SKOS + "notation", ox.Literal(name))
    return [node for node in found if isinstance(node, ox.NamedNode)]


def _iris(texts: Iterable[str]) -> Iterator[ox.NamedNode]:
    """Yield those of some texts that are IRIs."""
    for text in texts:
        try:
            yield ox.NamedNode(text)
        except ValueError:
            continue
