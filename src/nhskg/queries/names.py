"""Names: things and triples by what a person types, and the words for a thing."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from typing import Final

import pyoxigraph as ox

from nhskg.queries.engine import select
from nhskg.rdf import terms
from nhskg.rdf.errors import UsageError, is_utf8
from nhskg.rdf.nearest import did_you_mean
from nhskg.rdf.sparql.algebra import TYPE, Term
from nhskg.rdf.terms import compact, local_name
from nhskg.reasoning.triple_lookup import Facts

KINDS: Final[dict[str, tuple[str, ...]]] = {
    "agent": (terms.NS + "Body", terms.FOAF + "Person"),
    "body": (terms.NS + "Body",),
    "kind of gap": (terms.NS + "GapScheme",),
    "kind of tension": (terms.NS + "TensionScheme",),
    "matter": (terms.NS + "Matter", terms.NS + "Body"),
    "plan": (terms.NS + "Plan",),
    "power": (terms.NS + "Power",),
    "thing": (),
}
"""The classes, or concept schemes, of what can be asked for; a thing may be in any."""
_PROPERTIES: Final = (
    *(f"{terms.OWL}{kind}Property" for kind in ("Object", "Datatype", "Annotation")),
    terms.RDF + "Property",
)
_QUOTED: Final = re.compile(
    r'"(.*)"(?:@([A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*)|\^\^(.+))?', re.DOTALL
)
_OF_EVERYTHING: Final = {
    terms.RDFS + "Resource",
    *(terms.OWL + name for name in ("Nothing", "Thing", "differentFrom", "sameAs")),
}
"""Terms that OWL and RDFS define, whether or not a store uses them."""


def notation(facts: Facts, node: Term) -> str | None:
    """Return the id of a thing (``skos:notation``)."""
    value = facts.value(node, terms.SKOS + "notation")
    return value and value.value


def label(facts: Facts, term: Term) -> str:
    """Return the label of a thing, or words made of its IRI; of a literal its text."""
    if not isinstance(term, ox.NamedNode):
        return term.value
    for value in facts.values(term, terms.SKOS + "prefLabel"):
        if isinstance(value, ox.Literal) and value.language in ("en", None):
            return value.value
    if term.value.startswith(terms.ID):
        return term.value.removeprefix(terms.ID).removeprefix("claim/")
    is_known = compact(term.value) != term.value
    return split_words(local_name(term.value)) if is_known else term.value


def short_label(facts: Facts, term: Term) -> str:
    """Return the shortest label of a thing, alternative ones included, for a narrow column."""
    others = facts.values(term, terms.SKOS + "altLabel")
    return min([label(facts, term), *(each.value for each in others)], key=len)


def split_words(name: str) -> str:
    """Return a name in camel case as words.

    >>> split_words("underPlan")
    'under plan'
    """
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).lower()


def resolve(store: ox.Store, name: str, kind: str, *, called: str | None = None) -> ox.NamedNode:
    """Return the thing of a kind that an id, in any case, a prefixed name or an IRI stands for.

    The kind is one of :data:`KINDS`; in an error it is ``called`` as given.

    Raises:
        UsageError: nothing of that kind has this name; gives the id of what has it as its label,
            or the nearest, or all where they are few.
    """
    _check_utf8(name)
    known = _known_ids(store, kind)
    iri = _expand(name)
    if iri is not None and iri.value in known.values():
        return iri
    alike = [name] if name in known else [each for each in known if each.lower() == name.lower()]
    if len(alike) == 1:
        return ox.NamedNode(known[alike[0]])
    labels = select(store, "SELECT ?x ?label { ?x skos:prefLabel|skos:altLabel ?label }")
    labelled = {row["x"] for row in labels if row["label"].lower() == name.lower()}
    ids = sorted(f"'{slug}'" for slug, each in known.items() if each in labelled)
    suggested = f"; its id is {' or '.join(ids)}" if ids else hint(name, known)
    raise UsageError(f"unknown {called or kind} '{name}'{suggested}")


def hint(name: str, known: Collection[str]) -> str:
    """Return the hint for an unknown name: the nearest, or all known where they are few."""
    listed = f"; known are {', '.join(sorted(known))}" if 0 < len(known) <= 50 else ""
    return did_you_mean(name, known) or listed


def _known_ids(store: ox.Store, kind: str) -> dict[str, str]:
    """Return the IRIs of the things of a kind by their ids (``skos:notation``)."""
    wanted = KINDS[kind]
    rows = select(store, "SELECT ?slug ?x ?t { ?x skos:notation ?slug ; a|skos:inScheme ?t }")
    return {r["slug"]: r["x"] for r in rows if r["slug"] and (not wanted or r["t"] in wanted)}


def _expand(name: str) -> ox.NamedNode | None:
    """Return the IRI that a name spells out, bare, in angle brackets or with a known prefix."""
    iri = name.removeprefix("<").removesuffix(">")
    prefix, colon, rest = iri.partition(":")
    if colon and prefix in terms.PREFIXES:
        iri = terms.PREFIXES[prefix] + rest
    elif not iri.startswith(("http://", "https://", "urn:")):
        return None
    try:
        return ox.NamedNode(iri)
    except ValueError as error:
        raise UsageError(f"'{name}' is no IRI ({error})") from error


def _check_utf8(*names: str) -> None:
    """Refuse bytes of the command line that are not UTF-8."""
    for name in names:
        if not is_utf8(name):
            raise UsageError(f"{name!r} is not UTF-8 text; write the name in UTF-8")


# -- triples


def read_triple(facts: Facts, subject: str, predicate: str, value: str) -> ox.Triple:
    """Return the triple that three names stand for: ids, prefixed names, IRIs, or quoted text.

    A name that is unknown is a UsageError, which names the nearest.
    """
    _check_utf8(subject, predicate, value)
    one, two = _node(facts, subject, "subject"), _predicate(facts, predicate)
    literals = [each for each in facts.values(one, two.value) if isinstance(each, ox.Literal)]
    stated = {each.value: each for each in reversed(literals)}
    if value.startswith('"'):
        return ox.Triple(one, two, _literal(value, stated))
    return ox.Triple(one, two, stated.get(value) or _node(facts, value, "object"))


def _literal(name: str, stated: Mapping[str, ox.Literal]) -> ox.Literal:
    """Return the literal of a quoted text; without language or datatype, the one stated."""
    found = _QUOTED.fullmatch(name)
    if found is None:
        forms = '"text", "text"@en or "1"^^xsd:integer'
        raise UsageError(f"'{name}' is no quoted text; write {forms}")
    text, language, kind = found.groups()
    if language:
        return ox.Literal(text, language=language.lower())
    if not kind:
        return stated.get(text, ox.Literal(text))
    if (datatype := _expand(kind)) is None:
        raise UsageError(f"unknown datatype '{kind}'; write a prefixed name or an IRI")
    return ox.Literal(text, datatype=datatype)


def _node(facts: Facts, name: str, part: str) -> ox.NamedNode:
    """Return the node of some statement that a name spells out, or whose id or last part it is."""
    spelt = _spelt_out(facts, name, part)
    spaces = (terms.ID, terms.ID + "claim/", terms.ID + "holding/", terms.NS)
    used = (node for node in _guesses(facts, name, *spaces) if _is_used(facts, node))
    return spelt or next(used, None) or resolve(facts.store, name, "thing", called=part)


def _predicate(facts: Facts, name: str) -> ox.NamedNode:
    spelt = TYPE if name in ("a", "type") else _spelt_out(facts, name, "predicate")
    if spelt is not None:
        return spelt
    for node in _guesses(facts, name, terms.NS, *sorted(terms.PREFIXES.values())):
        is_declared = any(facts.is_a(node, kind) for kind in _PROPERTIES)
        if is_declared or any(facts.store.quads_for_pattern(None, node, None)):
            return node
    near = did_you_mean(name, map(local_name, _members(facts, *_PROPERTIES)))
    raise UsageError(f"unknown predicate '{name}'{near}")


def _spelt_out(facts: Facts, name: str, part: str) -> ox.NamedNode | None:
    """Return the node whose IRI a name gives, which some statement must have."""
    spelt = _expand(name)
    if spelt is None or spelt.value in _OF_EVERYTHING or _is_used(facts, spelt):
        return spelt
    write = compact if compact(spelt.value) != spelt.value and name[0] != "<" else str
    known = {terms.RDF_TYPE, *_members(facts, *_PROPERTIES, terms.OWL + "Class")}
    known |= set(_known_ids(facts.store, "thing").values())
    near = did_you_mean(write(spelt.value), map(write, known))
    raise UsageError(f"unknown {part} '{name}'{near}")


def _guesses(facts: Facts, name: str, *spaces: str) -> Iterator[ox.NamedNode]:
    """Yield the nodes that have a name as their id, or as the last part of their IRI."""
    found = facts.subjects(terms.SKOS + "notation", ox.Literal(name))
    yield from (node for node in found if isinstance(node, ox.NamedNode))
    for space in spaces:
        with suppress(ValueError):  # it is no IRI
            yield ox.NamedNode(space + name)


def _is_used(facts: Facts, node: ox.NamedNode) -> bool:
    places = ((node, None, None), (None, node, None), (None, None, node))
    return any(any(facts.store.quads_for_pattern(*place)) for place in places)


def _members(facts: Facts, *kinds: str) -> Iterator[str]:
    found = (node for kind in kinds for node in facts.subjects(terms.RDF_TYPE, ox.NamedNode(kind)))
    yield from (node.value for node in found if isinstance(node, ox.NamedNode))
