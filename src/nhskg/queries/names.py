"""Look up plans, powers, bodies and other things by what a person types: an id, or an IRI."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Final

from pyoxigraph import NamedNode, Store

from nhskg.queries.engine import select
from nhskg.rdf.errors import UsageError, is_utf8
from nhskg.rdf.nearest import did_you_mean
from nhskg.rdf.terms import FOAF, NS, PREFIXES, SKOS

KINDS: Final[dict[str, tuple[str, ...]]] = {
    "agent": (NS + "Body", FOAF + "Person"),
    "body": (NS + "Body",),
    "matter": (NS + "Matter", NS + "Body"),
    "plan": (NS + "Plan",),
    "power": (NS + "Power",),
    "thing": (),
}
"""The classes of what can be asked for; a thing may be in any class."""
_FEW: Final = 50
"""So many known names, and no more, are listed where none is near."""


def resolve(store: Store, name: str, kind: str, *, called: str | None = None) -> NamedNode:
    """Return the thing that an id, in whatever case, a prefixed name or an IRI stands for.

    Args:
        store: the built store.
        name: such as ``sign-off``, ``nhs:SignOff`` or ``<https://w3id.org/nhskg/ns#SignOff>``.
        kind: what it must be, one of :data:`KINDS`.
        called: what an error calls the kind.

    Raises:
        UsageError: nothing of that kind has this name; gives the id of what has it as its label,
            or the nearest, or all where they are few.
    """
    check_utf8(name)
    known = known_ids(store, kind)
    iri = expand(name)
    if iri is not None and iri.value in known.values():
        return iri
    alike = [name] if name in known else [each for each in known if each.lower() == name.lower()]
    if len(alike) == 1:
        return NamedNode(known[alike[0]])
    suggested = suggestion(store, name, known) or hint(name, known)
    raise UsageError(f"unknown {called or kind} '{name}'{suggested}")


def known_ids(store: Store, kind: str = "thing") -> dict[str, str]:
    """Return the IRIs of the things of a kind by their ids (``skos:notation``)."""
    wanted = KINDS[kind]
    rows = select(store, f"SELECT ?slug ?x ?t {{ ?x <{SKOS}notation> ?slug ; a ?t }}")
    return {r["slug"]: r["x"] for r in rows if r["slug"] and (not wanted or r["t"] in wanted)}


def expand(name: str) -> NamedNode | None:
    """Return the IRI that a name spells out, bare, in angle brackets or with a known prefix.

    Raises:
        UsageError: what it spells out is no IRI.
    """
    iri = name.removeprefix("<").removesuffix(">")
    prefix, colon, rest = iri.partition(":")
    if not iri.startswith(("http://", "https://", "urn:")):
        if not colon or prefix not in PREFIXES:
            return None
        iri = PREFIXES[prefix] + rest
    try:
        return NamedNode(iri)
    except ValueError as error:
        raise UsageError(f"'{name}' is no IRI ({error})") from error


def suggestion(store: Store, name: str, known: Mapping[str, str]) -> str:
    """Return the hint for a name that is a label: the ids of what has it, in whatever case."""
    text = f"SELECT ?x ?label {{ ?x <{SKOS}prefLabel>|<{SKOS}altLabel> ?label }}"
    found = {r["x"] for r in select(store, text) if r["label"].lower() == name.lower()}
    ids = sorted(f"'{slug}'" for slug, iri in known.items() if iri in found)
    return f"; its id is {' or '.join(ids)}" if ids else ""


def hint(name: str, known: Collection[str]) -> str:
    """Return the hint for an unknown name: the nearest, or all known where they are few."""
    listed = f"; known are {', '.join(sorted(known))}" if 0 < len(known) <= _FEW else ""
    return did_you_mean(name, known) or listed


def check_utf8(name: str) -> None:
    """Refuse a name that is no text: bytes of the command line that are not UTF-8."""
    if not is_utf8(name):
        raise UsageError(f"{name!r} is not UTF-8 text; write the name in UTF-8")
