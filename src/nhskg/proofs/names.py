"""From what a person types to terms of the store: ids, prefixed names, IRIs, quoted text."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from typing import Final, TypeGuard

import pyoxigraph as ox

from nhskg.errors import UsageError
from nhskg.proofs.facts import Facts
from nhskg.reasoning.model import Term
from nhskg.terms import FOAF, ID, NS, OWL, PREFIXES, RDF, RDF_TYPE, RDFS, SKOS, compact, local_name

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
_QUOTED: Final = re.compile(
    r'"(?P<text>.*)"(?:@(?P<lang>[A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*)|\^\^(?P<type>.+))?', re.DOTALL
)
_OF_EVERYTHING: Final = frozenset(
    {
        OWL + "Nothing",
        OWL + "Thing",
        OWL + "differentFrom",
        OWL + "sameAs",
        RDFS + "Resource",
    }
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
            return self._known(found, name, part)
        noted: list[Term] = list(self.facts.subjects(SKOS + "notation", ox.Literal(name)))
        guesses = [ID + name, ID + "claim/" + name, ID + "holding/" + name, NS + name]
        for node in (*noted, *map(_iri, guesses)):
            if isinstance(node, ox.NamedNode) and self._is_known(node):
                return node
        raise UsageError(f"unknown {part} '{name}'{self._near(name, None)}")

    def _known(self, node: ox.NamedNode, name: str, part: str) -> ox.NamedNode:
        """Return the node of a name that was spelt out, if any statement has it."""
        if node.value in _OF_EVERYTHING or self._is_known(node):
            return node
        terms = {
            term.value
            for quad in self.facts.store
            for term in (quad.subject, quad.predicate, quad.object)
            if isinstance(term, ox.NamedNode)
        }
        if name.startswith("<") or compact(node.value) == node.value:
            near = _did_you_mean(node.value, terms)
        else:
            near = _did_you_mean(name, map(compact, terms))
        raise UsageError(f"unknown {part} '{name}'{near}")

    def _is_known(self, node: ox.NamedNode) -> bool:
        store = self.facts.store
        quads = (
            store.quads_for_pattern(node, None, None, None),
            store.quads_for_pattern(None, node, None, None),
            store.quads_for_pattern(None, None, node, None),
        )
        return any(next(each, None) is not None for each in quads)

    def _predicate(self, name: str) -> ox.NamedNode:
        if name == "a":
            return ox.NamedNode(RDF_TYPE)
        found = self._spelt(name)
        if found is not None:
            return self._known(found, name, "predicate")
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


def _check_text(name: str) -> None:
    """Refuse a name that is no text: bytes of the command line that are not UTF-8."""
    try:
        name.encode("utf-8")
    except UnicodeEncodeError as error:
        raise UsageError(f"{name!r} is not UTF-8 text; write the name in UTF-8") from error


def _iri(text: str) -> ox.NamedNode | None:
    try:
        return ox.NamedNode(text)
    except ValueError:
        return None


def _is_text(term: Term) -> TypeGuard[ox.Literal]:
    return isinstance(term, ox.Literal)


def _did_you_mean(name: str, known: Iterable[str]) -> str:
    known = sorted(set(known))
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
    near = near or [each for each in known if name and name in each][:1]
    return f"; did you mean '{near[0]}'?" if near else ""
