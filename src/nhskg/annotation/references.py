"""Checks that what an annotation names exists, and is of the kind that its place wants."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from nhskg.annotation.corpus import split_claim_reference
from nhskg.annotation.fields import ANYTHING, BODIES, MATTERS, Ref, slots
from nhskg.annotation.problems import Problem, wanted
from nhskg.rdf.nearest import Suggestions
from nhskg.rdf.yaml_source import Route
from nhskg.vocabulary import Kind, Vocabulary

if TYPE_CHECKING:
    from pydantic import BaseModel

__all__ = ["PREDICATE_ENDS", "Names", "check_predicate", "check_references"]

_PARTS: Final = (Kind.EVENT, Kind.WORK, Kind.INSTRUMENT, *BODIES, *MATTERS)
_PLANS: Final = ((Kind.PLAN,), (Kind.PLAN,))
_MAKERS: Final = (
    (Kind.PLAN, Kind.WORK, Kind.EVENT, Kind.ORGANISATION),
    (Kind.PERSON, Kind.ORGANISATION),
)
_AUTHORS: Final = ((Kind.WORK,), (Kind.PERSON, Kind.ORGANISATION))

PREDICATE_ENDS: Final[Mapping[str, tuple[tuple[Kind, ...], tuple[Kind, ...]]]] = {
    "at-odds-with": _PLANS,
    "complements": _PLANS,
    "refines": _PLANS,
    "builds-on": _PLANS,
    "related-to": _PLANS,
    "has-status": ((Kind.PLAN,), (Kind.STATUS,)),
    "proposed-by": _MAKERS,
    "commissioned-by": _MAKERS,
    "carried-out-by": _MAKERS,
    "led-by": _MAKERS,
    "reported-by": _MAKERS,
    "examined-by": _MAKERS,
    "set-out-in": ((Kind.PLAN,), (Kind.EVENT, Kind.WORK)),
    "given-by": ((Kind.EVENT,), (Kind.PERSON, Kind.ORGANISATION)),
    "authored-by": _AUTHORS,
    "published-by": _AUTHORS,
    "organised-by": ((Kind.EVENT,), (Kind.ORGANISATION,)),
    "located-in": ((Kind.EVENT,), (Kind.PLACE,)),
    "part-of": (_PARTS, _PARTS),
    "includes": ((Kind.WORK, Kind.PLAN), MATTERS),
    "concerns": (
        (Kind.PLAN, Kind.WORK, Kind.EVENT, Kind.INSTRUMENT, Kind.PAYMENT_MECHANISM),
        MATTERS,
    ),
    "follows": ((Kind.EVENT, Kind.WORK), (Kind.EVENT, Kind.WORK)),
    "has-time": ((Kind.EVENT, Kind.WORK, Kind.PLAN), ()),
    "holds-post": ((Kind.PERSON,), (Kind.POST,)),
    "formerly-held-post": ((Kind.PERSON,), (Kind.POST,)),
    "member-of": ((Kind.PERSON, Kind.ORGANISATION), (Kind.ORGANISATION,)),
    "allied-with": ((Kind.ORGANISATION,), (Kind.ORGANISATION,)),
    "leads-to": (ANYTHING, MATTERS),
    "entails": ((Kind.PLAN, *MATTERS), MATTERS),
    "incentivises": ((Kind.PAYMENT_MECHANISM,), (*BODIES, *MATTERS)),
    "governs": ((Kind.INSTRUMENT,), MATTERS),
    "introduced-under": ((Kind.INSTRUMENT,), (Kind.INSTRUMENT,)),
}
"""What each predicate leads from and to, as the table in ``docs/annotating.md`` has it.

A predicate that the ontology has and this table has not may join anything.
"""


@dataclass(frozen=True)
class Names:
    """Every id that is declared, and how sure we are that there are no more."""

    register: Mapping[str, Kind]
    vocabulary: Vocabulary
    claims: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """The ids of the claims of each document, by the document's id."""
    complete: bool = True
    """False where a register file couldn't be read, so that an unknown id may be in it."""
    unread: frozenset[str] = frozenset()
    """Ids of documents whose files couldn't be read."""
    suggestions: Suggestions = field(default_factory=Suggestions, compare=False)
    """The nearest known name to one that is not declared."""

    @cached_property
    def all(self) -> Mapping[str, Kind]:
        """Every id that an annotation can name; classes of the ontology are none."""
        known = self.vocabulary.terms.values()
        return {
            **self.register,
            **{term.slug: term.kind for term in known if term.kind is not Kind.CLASS},
        }

    def of_kinds(self, kinds: frozenset[Kind]) -> list[str]:
        """Return the ids of all things of these kinds."""
        return [each for each, kind in self.all.items() if kind in kinds]


def check_references(
    raw: Any, model: type[BaseModel], names: Names, *, route: Route = (), document: str = ""
) -> Iterator[Problem]:
    """Yield what is wrong with the names in raw data that should fit a model.

    Raw data, so that a claim with some other fault has its names checked too;
    what has the wrong shape is passed over, as the model tells that.
    """
    if not isinstance(raw, dict):
        return
    for name, slot in slots(model).items():
        value = raw.get(name)
        here = (*route, name)
        if slot.model is not None:
            for each, nested in _items(value, here):
                yield from check_references(
                    nested, slot.model, names, route=each, document=document
                )
        elif slot.ref is not None:
            seen: set[str] = set()
            for each, item in _items(value, here):
                if isinstance(item, str):
                    yield from _check_name(item, slot.ref, names, each, document)
                    if item in seen:
                        yield Problem(each, f"'{item}' stands twice in '{name}'; keep one")
                    seen.add(item)


def check_predicate(
    raw: Mapping[str, Any], names: Names, *, route: Route = ()
) -> Iterator[Problem]:
    """Yield what is wrong with the two ends of a relation, given its predicate."""
    predicate = raw.get("predicate")
    if not isinstance(predicate, str):
        return
    ends = PREDICATE_ENDS.get(predicate)
    if ends is None:
        if predicate in names.all and "object" not in raw:
            yield Problem(route, f"missing field 'object': what '{predicate}' leads to")
        return
    subjects, objects = ends
    if _is_claim(raw.get("subject")) or _is_claim(raw.get("object")):
        yield from _check_claims_joined(raw, ends, route)
        return
    yield from _check_end(raw, "subject", subjects, names, route)
    if not objects:
        if "object" in raw:
            message = f"'{predicate}' takes no object but a 'timing'; delete the line"
            yield Problem((*route, "object"), message, on_key=True)
        if "timing" not in raw:
            yield Problem(route, f"missing field 'timing': '{predicate}' says when something is")
        return
    if "object" not in raw:
        yield Problem(
            route,
            f"missing field 'object': '{predicate}' leads to {wanted(Ref(frozenset(objects)))}",
        )
    yield from _check_end(raw, "object", objects, names, route)
    if raw.get("subject") == raw.get("object") is not None:
        yield Problem((*route, "object"), f"'{predicate}' joins a thing to itself")


def _is_claim(value: Any) -> bool:
    return isinstance(value, str) and value.startswith("claim/")


def _check_claims_joined(
    raw: Mapping[str, Any], ends: tuple[tuple[Kind, ...], tuple[Kind, ...]], route: Route
) -> Iterator[Problem]:
    """Yield a problem where a claim is related to something other than a claim."""
    predicate = raw.get("predicate")
    for name in ("subject", "object"):
        value = raw.get(name)
        if ends != _PLANS and _is_claim(value):
            yield Problem((*route, name), f"the {name} of '{predicate}' cannot be a claim")
        elif ends == _PLANS and isinstance(value, str) and not _is_claim(value):
            message = f"'{predicate}' joins two plans or two claims; '{value}' is no claim"
            yield Problem((*route, name), message)
    if "object" not in raw:
        yield Problem(route, f"missing field 'object': '{predicate}' leads to a claim")


def _check_end(
    raw: Mapping[str, Any], name: str, kinds: tuple[Kind, ...], names: Names, route: Route
) -> Iterator[Problem]:
    value = raw.get(name)
    kind = names.all.get(value) if isinstance(value, str) else None
    if kind is not None and kind in ANYTHING and kind not in kinds:
        yield Problem(
            (*route, name),
            f"'{value}' is {kind.with_article}; the {name} of '{raw.get('predicate')}' "
            f"is {wanted(Ref(frozenset(kinds)))}",
        )


def _items(value: Any, route: Route) -> Iterator[tuple[Route, Any]]:
    if isinstance(value, list):
        yield from (((*route, index), item) for index, item in enumerate(value))
    elif value is not None:
        yield route, value


def _check_name(
    value: str, ref: Ref, names: Names, route: Route, document: str
) -> Iterator[Problem]:
    name = next(step for step in reversed(route) if isinstance(step, str))
    if value in ref.words:
        return
    if value.startswith("claim/"):
        yield from _check_claim(value, ref, names, route, document)
        return
    kind = names.all.get(value)
    if kind in ref.kinds:
        return
    if not ref.kinds:
        message = f"'{name}' names a claim: write claim/{value} or claim/<document>/<id>"
        yield Problem(route, message)
    elif kind is not None:
        broad = ref.kinds >= set(ANYTHING)
        rest = "which cannot stand here" if broad else f"not {wanted(ref)}"
        yield Problem(route, f"'{value}' is {kind.with_article}, {rest}")
    elif names.complete or all(each.in_vocabulary for each in ref.kinds):
        noun = next(iter(ref.kinds)).value if len(ref.kinds) == 1 else f"id '{value}' in"
        shown = f"'{value}'" if len(ref.kinds) == 1 else f"'{name}'"
        guess = names.suggestions.did_you_mean(
            value, ref, lambda: [*names.of_kinds(ref.kinds), *ref.words]
        )
        yield Problem(route, f"unknown {noun} {shown}{guess or _where(ref)}")


def _where(ref: Ref) -> str:
    if all(kind.in_vocabulary for kind in ref.kinds):
        return "; the words allowed are in docs/annotating.md"
    return "; declare it in seeds/register, or correct it"


def _check_claim(
    value: str, ref: Ref, names: Names, route: Route, document: str
) -> Iterator[Problem]:
    if not ref.claims:
        name = next(step for step in reversed(route) if isinstance(step, str))
        yield Problem(route, f"'{name}' cannot be a claim")
        return
    target = split_claim_reference(value, document)
    if target is None:
        yield Problem(route, f"'{value}' is not claim/<id> or claim/<document>/<id>")
        return
    where, claim = target
    if where in names.unread:
        return
    if where not in names.claims:
        guess = names.suggestions.did_you_mean(where, "documents", lambda: names.claims)
        yield Problem(route, f"unknown document '{where}' in '{value}'{guess}")
    elif claim not in names.claims[where]:
        guess = names.suggestions.did_you_mean(
            claim, ("claims of", where), lambda: names.claims[where]
        )
        yield Problem(route, f"no claim '{claim}' in document '{where}'{guess}")
