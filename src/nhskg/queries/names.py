"""Names: things and triples by what a person types, and the words for a thing."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from itertools import chain
from typing import Final

import pyoxigraph as ox

from nhskg.queries.engine import select
from nhskg.rdf import terms
from nhskg.rdf.errors import UsageError, is_utf8
from nhskg.rdf.escaping import BREAK
from nhskg.rdf.nearest import did_you_mean
from nhskg.rdf.sparql.algebra import TYPE, Term
from nhskg.rdf.terms import compact, local_name
from nhskg.reasoning.triple_lookup import Facts

KINDS: Final[dict[str, tuple[str, ...]]] = {
    "plan": (terms.NS + "Plan",),
    "body": (terms.NS + "Body",),
    "person": (terms.FOAF + "Person",),
    "power": (terms.NS + "Power",),
    "budget": (terms.NS + "Budget",),
    "document": (terms.NS + "SourceDocument",),
    "condition": (terms.NS + "Condition",),
    "event": (terms.NS + "Event",),
    "law": (terms.ELI + "LegalResource",),
    "post": (terms.ORG + "Post",),
    "work": (terms.NS + "Work",),
    "cohort": (terms.NS + "Cohort",),
    "relation": (terms.NS + "RelationPredicate",),
    "matter": (
        *(terms.NS + each for each in ("Matter", "Body", "Event")),
        terms.ELI + "LegalResource",
    ),
    "kind of gap": (terms.NS + "GapScheme",),
    "kind of tension": (terms.NS + "TensionScheme",),
    "agent": (terms.NS + "Body", terms.FOAF + "Person", terms.ORG + "Post"),
    "holder": (terms.NS + "Body", terms.ORG + "Post"),
    "claim": (terms.NS + "Claim", terms.NS + "WithdrawnClaim"),
    "thing": (),
}
"""The classes, or concept schemes, of what can be asked for; a thing is in any."""
LISTED: Final = {
    {"body": "bodies", "person": "people"}.get(kind, f"{kind}s"): kind for kind in [*KINDS][:14]
}
"""The kinds of the stored query ``things``, by their plurals."""
_MOST_CANDIDATES: Final = 8
_LIKE_ENOUGH: Final = 75  # of 100: the likeness of a name that is worth suggesting
_LABELS: Final = ("pref", "alt", "hidden")
_SMALL_WORDS: Final = frozenset({"and", "for", "in", "of", "on", "to"})
_LONG: Final = 50  # characters of a label that is replaced by a shorter one in a list
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


@dataclass(frozen=True, slots=True)
class Named:
    """A thing with its id, its label, every name that it has (the id first), and its classes.

    The ``short`` label is the label, or the shortest one if it is long.
    """

    iri: str
    slug: str
    label: str
    short: str
    names: tuple[str, ...]
    classes: frozenset[str]

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of :data:`KINDS` that it is of."""
        return tuple(kind for kind, of in KINDS.items() if self.classes.intersection(of))

    @property
    def kind(self) -> str:
        """The first kind that it is of."""
        return (*self.kinds, "thing")[0]

    def __str__(self) -> str:
        """Return the id, with the short label where that says more."""
        says_more = words(self.short) != words(self.slug)
        return f"{self.slug} ({self.short})" if says_more else self.slug


def read_named(store: ox.Store, kind: str = "thing") -> list[Named]:
    """Return the things of a kind that have an id, by id, with their names: hidden ones too."""
    classes = " ".join(f"<{each}>" for each in KINDS[kind])
    of_kind = f"VALUES ?t {{ {classes} }} ?x a|skos:inScheme ?t ." if classes else ""
    rows = select(
        store,
        f"""SELECT ?x ?slug ?p ?name ?class {{
          {{ SELECT DISTINCT ?x ?slug {{ {of_kind} ?x skos:notation ?slug }} }}
          {{ VALUES ?p {{ skos:prefLabel skos:altLabel skos:hiddenLabel }} ?x ?p ?name }}
          UNION {{ ?x a|skos:inScheme ?class }}
        }}""",
    )
    names: dict[tuple[str, str], dict[str, list[str]]] = {}
    for row in rows:
        of = names.setdefault((row["slug"], row["x"]), {"class": []})
        of.setdefault(local_name(row["p"]) or "class", []).append(row["name"] or row["class"])
    return [
        Named(iri, slug, *_labelled(slug, of), frozenset(of["class"]))
        for (slug, iri), of in sorted(names.items())
    ]


def _labelled(slug: str, of: Mapping[str, list[str]]) -> tuple[str, str, tuple[str, ...]]:
    """Return the label, a short one, and all names."""
    preferred, other, hidden = (sorted(of.get(f"{each}Label", [])) for each in _LABELS)
    name = (preferred or [slug])[0]
    short = name if len(name) <= _LONG else min([name, *other], key=len)
    return name, short, tuple(dict.fromkeys([slug, *preferred, *other, *hidden]))


def words(name: str) -> str:
    """Return the words of a name in the singular, without case, hyphens and possessives.

    >>> words("Health-and-Wellbeing  Boards"), words("the bodies' HWB")
    ('health and wellbeing board', 'body hwb')
    """
    text = re.sub(r"['’]s?(?!\w)", "", name.casefold())
    return " ".join(
        re.sub(r"(?<=..)(?<![suai])s$", "", re.sub(r"(?<=..)ies$", "y", each))
        for each in re.findall(r"[^\W_]+", text)
        if each not in ("a", "an", "the")
    )


def resolve(store: ox.Store, name: str, kind: str, *, called: str | None = None) -> ox.NamedNode:
    """Return the thing of a kind that a name stands for.

    A name is an IRI, a prefixed name, an id, a label of any sort, or a phrase that is part of the
    labels of one thing only; case, hyphens, plurals and articles do not matter. The kind is one of
    :data:`KINDS`; in an error it is ``called`` as given.

    Raises:
        UsageError: nothing of that kind has this name, or several have; gives the candidates.
    """
    _check_utf8(name)
    called, iri = called or {"holder": "body"}.get(kind, kind), _expand(name)
    if kind in ("claim", "thing") and (claim := _find_claim(store, iri, name)):
        return claim
    if exact := _by_id(store, name, iri, kind):
        return exact
    known = read_named(store, kind)
    found = _called_so(known, name)
    if len(found) == 1:
        return ox.NamedNode(found[0].iri)
    if found:
        listed = _list_candidates(found)
        raise UsageError(f"more than one {called} is meant by '{name}'; write the id:{listed}")
    near = _like(known, name)
    if len(near) == 1:
        suggested = f"did you mean '{near[0].slug}'{str(near[0]).removeprefix(near[0].slug)}?"
    elif near:
        suggested = f"did you mean one of these?{_list_candidates(near)}"
    elif 0 < len(known) <= _MOST_CANDIDATES or kind.startswith("kind of"):
        suggested = f"known are {', '.join(map(str, known))}"
    elif plural := {one: many for many, one in LISTED.items()}.get(kind.replace("holder", "body")):
        suggested = f"'nhskg list {plural}' shows what there is"
    else:
        suggested = "'nhskg find WORD' looks for a word in labels, quotes and notes"
    raise UsageError(f"unknown {called} '{name}'; {suggested}")


def _by_id(store: ox.Store, name: str, iri: ox.NamedNode | None, kind: str) -> ox.NamedNode | None:
    """Return the thing of a kind with this very id, or IRI; quicker than reading all names."""
    facts, wanted = Facts(store), set(map(ox.NamedNode, KINDS[kind]))
    found = facts.subjects(terms.SKOS + "notation", ox.Literal(name))
    for thing in [iri] if iri and notation(facts, iri) else found:
        kinds = (terms.RDF_TYPE, terms.SKOS + "inScheme")
        classes = chain.from_iterable(facts.values(thing, each) for each in kinds)
        if isinstance(thing, ox.NamedNode) and (not wanted or not wanted.isdisjoint(classes)):
            return thing
    return None


def _called_so(known: Collection[Named], name: str) -> list[Named]:
    """Return what has a name, by the first of these tests that anything passes."""
    key, folded = words(name), name.casefold()
    tests: tuple[Callable[[Named, str], bool], ...] = (
        lambda each, _: each.slug == name,
        lambda _, one: one.casefold() == folded,
        lambda _, one: words(one) == key,
        lambda _, one: key not in _SMALL_WORDS and _initials(one) == key,
        lambda _, one: len(one) <= _LONG and f"{words(one)} ".startswith(f"{key} "),
        lambda each, one: one != each.slug and f" {key} " in f" {words(one)} ",
    )
    found = list[Named]()
    for test in tests if key else ():
        more = [each for each in known if any(test(each, one) for one in each.names)]
        found += [each for each in more if each not in found]
        if len(found) == 1 or (found and test not in tests[-2:]):
            break
    return found


def _initials(name: str) -> str:
    return "".join(each[0] for each in words(name).split() if each not in _SMALL_WORDS)


def alike(word: str, vocabulary: Iterable[str], least: float = 0) -> dict[str, float]:
    """Return the words of a vocabulary by their likeness to a word, of 100, the likest first."""
    from rapidfuzz import fuzz, process  # noqa: PLC0415  # other commands start without it

    known = sorted(vocabulary)
    found = process.extract(word, known, scorer=fuzz.ratio, score_cutoff=least, limit=None)
    return {each: ratio for each, ratio, _ in found}


def _like(known: Collection[Named], name: str) -> list[Named]:
    """Return the things with a word like each word of a name, or with most of them, best first."""
    from rapidfuzz import fuzz  # noqa: PLC0415  # only a wrong name pays for its import

    key, owned = words(name[:100]), {each: words(" ".join(each.names)).split() for each in known}
    vocabulary = {word for own in owned.values() for word in own}
    likeness = [alike(each, vocabulary) for each in key.split()]
    found = {each: sum(max(one[w] for w in own) for one in likeness) for each, own in owned.items()}
    best = [each for each, sum_ in found.items() if key and sum_ >= _LIKE_ENOUGH * len(likeness)]
    return sorted(best, key=lambda each: (-found[each], -fuzz.ratio(key, words(each.slug))))


def _list_candidates(found: Collection[Named]) -> str:
    shown = [f"{BREAK}  {each}" for each in [*found][:_MOST_CANDIDATES]]
    more = len(found) - len(shown)
    return "".join(shown) + (f"{BREAK}  and {more} more" if more else "")


def _find_claim(store: ox.Store, iri: ox.NamedNode | None, name: str) -> ox.NamedNode | None:
    """Return the claim of an IRI or of its id, ``DOCUMENT/NAME``, if there is one."""
    with suppress(ValueError):
        node = iri or ox.NamedNode(f"{terms.ID}claim/" + name.removeprefix("claim/"))
        facts = Facts(store)
        if any(facts.is_a(node, each) for each in KINDS["claim"]):
            return node
    return None


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
    known |= {each.iri for each in read_named(facts.store)}
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
