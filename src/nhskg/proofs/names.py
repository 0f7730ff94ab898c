"""From what a person types to terms of the store: ids, prefixed names, IRIs, quoted text."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import Final, TypeGuard

import pyoxigraph as ox

from nhskg.errors import UsageError
from nhskg.proofs.facts import Facts
from nhskg.reasoning.model import Term
from nhskg.terms import FOAF, ID, NS, OWL, PREFIXES, RDF, RDF_TYPE, SKOS, local_name

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
_LABELS: Final = ("prefLabel", "altLabel")
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
        found = self._spelt(name)
        if found is None:
            found = next(
                (
                    node
                    for node in self.facts.subjects(SKOS + "notation", ox.Literal(name))
                    if isinstance(node, ox.NamedNode) and self._is(node, kind)
                ),
                None,
            )
        if found is not None and self._is(found, kind):
            return found
        raise UsageError(f"unknown {kind} '{name}'{self._near(name, kind)}")

    def triple(self, subject: str, predicate: str, value: str) -> ox.Triple:
        """Return the triple that three names stand for."""
        one, two = self._any(subject, "subject"), self._predicate(predicate)
        text = value[1:-1] if len(value) > 1 and value[0] == value[-1] == '"' else value
        for known in self.facts.values(one, two.value):
            if isinstance(known, ox.Literal) and known.value == text:
                return ox.Triple(one, two, known)
        if text != value:
            return ox.Triple(one, two, ox.Literal(text))
        return ox.Triple(one, two, self._any(value, "object"))

    def _is(self, node: ox.NamedNode, kind: str) -> bool:
        return any(self.facts.is_a(node, each) for each in _KINDS[kind])

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

    def _any(self, name: str, part: str) -> ox.NamedNode:
        found = self._spelt(name)
        if found is not None:
            return found
        noted: list[Term] = list(self.facts.subjects(SKOS + "notation", ox.Literal(name)))
        guesses = [ID + name, ID + "claim/" + name, ID + "holding/" + name, NS + name]
        for node in (*noted, *(ox.NamedNode(g) for g in guesses if " " not in g)):
            if isinstance(node, ox.NamedNode) and self._is_known(node):
                return node
        raise UsageError(f"unknown {part} '{name}'{self._near(name, None)}")

    def _is_known(self, node: ox.NamedNode) -> bool:
        store = self.facts.store
        quads = (
            store.quads_for_pattern(node, None, None, None),
            store.quads_for_pattern(None, None, node, None),
        )
        return any(next(each, None) is not None for each in quads)

    def _predicate(self, name: str) -> ox.NamedNode:
        if name == "a":
            return ox.NamedNode(RDF_TYPE)
        found = self._spelt(name)
        if found is not None:
            return found
        known = self._predicates()
        if name in known:
            return known[name]
        near = _did_you_mean(name, known)
        raise UsageError(f"unknown predicate '{name}'{near}")

    def _predicates(self) -> dict[str, ox.NamedNode]:
        """Return what is used or declared as a predicate, by local name and by notation."""
        used: set[ox.NamedNode] = {quad.predicate for quad in self.facts.store}
        for kind in _PROPERTIES:
            declared = self.facts.subjects(RDF_TYPE, ox.NamedNode(kind))
            used |= {node for node in declared if isinstance(node, ox.NamedNode)}
        known: dict[str, ox.NamedNode] = {}
        for node in sorted(used, key=lambda n: (not n.value.startswith(NS), n.value)):
            notations = self.facts.values(node, SKOS + "notation")
            for name in (local_name(node.value), *(n.value for n in notations if _is_text(n))):
                known.setdefault(name, node)
        return known

    def _near(self, name: str, kind: str | None) -> str:
        """Return the hint for an unknown name: the nearest id, that of a label, or all of few."""
        notation = ox.NamedNode(SKOS + "notation")
        found: dict[str, str] = {}
        for quad in self.facts.store.quads_for_pattern(None, notation, None, None):
            node, value = quad.subject, quad.object
            if not isinstance(node, ox.NamedNode) or not isinstance(value, ox.Literal):
                continue
            if kind is None or self._is(node, kind):
                found[value.value] = value.value
                for predicate in _LABELS:
                    labels = filter(_is_text, self.facts.values(node, SKOS + predicate))
                    for label in labels:
                        found.setdefault(label.value.lower(), value.value)
        near = found.get(name.lower())
        if near:
            return f"; its id is '{near}'"
        hint = _did_you_mean(name, found.values())
        if not hint and kind and len(set(found.values())) <= _FEW:
            return f"; known are {', '.join(sorted(set(found.values())))}"
        return hint


def _is_text(term: Term) -> TypeGuard[ox.Literal]:
    return isinstance(term, ox.Literal)


def _did_you_mean(name: str, known: Iterable[str]) -> str:
    known = sorted(set(known))
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
    near = near or [each for each in known if name and name in each][:1]
    return f"; did you mean '{near[0]}'?" if near else ""
