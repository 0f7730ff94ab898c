"""From what a person types to terms of the store: ids, prefixed names, IRIs, quoted text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

import pyoxigraph as ox

from nhskg.rdf.errors import UsageError
from nhskg.rdf.nearest import did_you_mean
from nhskg.rdf.terms import (
    FOAF,
    ID,
    NS,
    OWL,
    PREFIXES,
    RDF,
    RDF_TYPE,
    RDFS,
    SKOS,
    compact,
    local_name,
)
from nhskg.reasoning.triple_lookup import Facts

__all__ = ["Names"]

_KINDS: Final[dict[str, tuple[str, ...]]] = {
    "plan": (NS + "Plan",),
    "power": (NS + "Power",),
    "body": (NS + "Body", FOAF + "Person"),
    "matter": (NS + "Matter", NS + "Body"),
}
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
"""Terms that OWL and RDFS say something of, whether or not a store does."""
_FEW: Final = 25
"""So many ids are listed where none is near."""


class Names:
    """Looks up what is called how in a built store.

    Raises:
        UsageError: from every method, for a name that nothing has; names the nearest.
    """

    def __init__(self, facts: Facts) -> None:
        self.facts = facts

    def thing(self, name: str, kind: str) -> ox.NamedNode:
        """Return the plan, power, body or matter of an id, prefixed name or IRI."""
        _check_text(name)
        spelt = self._spelt(name)
        for node in [spelt] if spelt else self._noted(name):
            if self._is(node, kind):
                return node
        raise UsageError(f"unknown {kind} '{name}'{self._near(name, kind)}")

    def triple(self, subject: str, predicate: str, value: str) -> ox.Triple:
        """Return the triple that three names stand for."""
        for name in (subject, predicate, value):
            _check_text(name)
        one, two = self._any(subject, "subject"), self._predicate(predicate)
        if value.startswith('"'):
            return ox.Triple(one, two, self._quoted(one, two, value))
        for known in self.facts.values(one, two.value):
            if isinstance(known, ox.Literal) and known.value == value:
                return ox.Triple(one, two, known)
        return ox.Triple(one, two, self._any(value, "object"))

    def _quoted(self, subject: ox.NamedNode, predicate: ox.NamedNode, name: str) -> ox.Literal:
        """Return the literal of a quoted text, with its language or datatype if it has one.

        Without either it is the subject's literal of this text, if there is one.
        """
        found = _QUOTED.fullmatch(name)
        if found is None:
            forms = '"text", "text"@en or "1"^^xsd:integer'
            raise UsageError(f"'{name}' is no quoted text; write {forms}")
        text, language, kind = found["text"], found["lang"], found["type"]
        if language:
            return ox.Literal(text, language=language.lower())
        if kind:
            datatype = self._spelt(kind)
            if datatype is None:
                raise UsageError(f"unknown datatype '{kind}'; write a prefixed name or an IRI")
            return ox.Literal(text, datatype=datatype)
        known = self.facts.values(subject, predicate.value)
        literals = (each for each in known if isinstance(each, ox.Literal) and each.value == text)
        return next(literals, ox.Literal(text))

    def _spelt(self, name: str) -> ox.NamedNode | None:
        """Return the IRI that a name spells out, in whatever way."""
        bare = name.removeprefix("<").removesuffix(">")
        prefix, colon, rest = bare.partition(":")
        if bare.startswith(("http://", "https://", "urn:")):
            iri = bare
        elif colon and prefix in PREFIXES:
            iri = PREFIXES[prefix] + rest
        else:
            return None
        try:
            return ox.NamedNode(iri)
        except ValueError as error:
            raise UsageError(f"'{name}' is no IRI ({error})") from error

    def _noted(self, name: str) -> list[ox.NamedNode]:
        """Return the things that have a name as their id."""
        found = self.facts.subjects(SKOS + "notation", ox.Literal(name))
        return [node for node in found if isinstance(node, ox.NamedNode)]

    def _any(self, name: str, part: str) -> ox.NamedNode:
        spelt = self._spelt(name)
        if spelt is not None:
            return self._known(spelt, name, part)
        guesses = (ID, ID + "claim/", ID + "holding/", NS)
        for node in (*self._noted(name), *_iris(each + name for each in guesses)):
            if self._is_used(node):
                return node
        raise UsageError(f"unknown {part} '{name}'{self._near(name, None)}")

    def _predicate(self, name: str) -> ox.NamedNode:
        if name == "a":
            return ox.NamedNode(RDF_TYPE)
        spelt = self._spelt(name)
        if spelt is not None:
            return self._known(spelt, name, "predicate")
        guesses = (NS, *sorted(set(PREFIXES.values()) - {NS}))
        for node in (*_iris(each + name for each in guesses), *self._noted(name)):
            is_declared = any(self.facts.is_a(node, kind) for kind in _PROPERTIES)
            if is_declared or _is_there(self.facts, None, node, None):
                return node
        declared = (node for kind in _PROPERTIES for node in self._members(kind))
        near = did_you_mean(name, (local_name(node.value) for node in declared))
        raise UsageError(f"unknown predicate '{name}'{near}")

    def _known(self, node: ox.NamedNode, name: str, part: str) -> ox.NamedNode:
        """Return the node of a name that was spelt out, if any statement has it."""
        if node.value in _OF_EVERYTHING or self._is_used(node):
            return node
        kinds = (*_PROPERTIES, OWL + "Class")
        known = {RDF_TYPE, *(each.value for kind in kinds for each in self._members(kind))}
        known |= {each.value for each in self._ids()}
        if name.startswith("<") or compact(node.value) == node.value:
            raise UsageError(f"unknown {part} '{name}'{did_you_mean(node.value, known)}")
        raise UsageError(f"unknown {part} '{name}'{did_you_mean(name, map(compact, known))}")

    def _is(self, node: ox.NamedNode, kind: str) -> bool:
        return any(self.facts.is_a(node, each) for each in _KINDS[kind])

    def _is_used(self, node: ox.NamedNode) -> bool:
        places = ((node, None, None), (None, node, None), (None, None, node))
        return any(_is_there(self.facts, *place) for place in places)

    def _members(self, kind: str) -> Iterator[ox.NamedNode]:
        found = self.facts.subjects(RDF_TYPE, ox.NamedNode(kind))
        yield from (node for node in found if isinstance(node, ox.NamedNode))

    def _ids(self) -> dict[ox.NamedNode, str]:
        """Return the things that have an id, with it."""
        quads = self.facts.store.quads_for_pattern(None, ox.NamedNode(SKOS + "notation"), None)
        pairs = ((quad.subject, quad.object) for quad in quads)
        return {
            node: value.value
            for node, value in pairs
            if isinstance(node, ox.NamedNode) and isinstance(value, ox.Literal)
        }

    def _near(self, name: str, kind: str | None) -> str:
        """Return the hint for an unknown name: the id of that label, the nearest, or all of few."""
        ids = {n: i for n, i in self._ids().items() if kind is None or self._is(n, kind)}
        for node, known in ids.items():
            labels = (self.facts.values(node, SKOS + each) for each in ("prefLabel", "altLabel"))
            words = [getattr(label, "value", "").lower() for some in labels for label in some]
            if name.lower() in (known.lower(), *words):
                return f"; its id is '{known}'"
        hint = did_you_mean(name, ids.values())
        if not hint and kind and len(set(ids.values())) <= _FEW:
            return f"; known are {', '.join(sorted(set(ids.values())))}"
        return hint


def _is_there(facts: Facts, *places: ox.NamedNode | None) -> bool:
    """Tell whether any statement has some terms in their places."""
    return next(facts.store.quads_for_pattern(*places), None) is not None


def _check_text(name: str) -> None:
    """Refuse a name that is no text: bytes of the command line that are not UTF-8."""
    try:
        name.encode("utf-8")
    except UnicodeEncodeError as error:
        raise UsageError(f"{name!r} is not UTF-8 text; write the name in UTF-8") from error


def _iris(texts: Iterable[str]) -> Iterator[ox.NamedNode]:
    """Yield those of some texts that are IRIs."""
    for text in texts:
        try:
            yield ox.NamedNode(text)
        except ValueError:
            continue
