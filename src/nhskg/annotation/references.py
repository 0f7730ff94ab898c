"""Checks that what an annotation names exists, and is of the kind that its field asks for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from pydantic import BaseModel

from nhskg.annotation.claims import Quantity
from nhskg.annotation.corpus import split_claim_reference
from nhskg.annotation.fields import ANYTHING, Ref, slots
from nhskg.annotation.messages import wanted
from nhskg.rdf.errors import Fault
from nhskg.rdf.nearest import Suggestions
from nhskg.rdf.yaml_source import Route, Source
from nhskg.vocabulary import Kind, Vocabulary


@dataclass(frozen=True)
class Names:
    """Every id that is declared, and whether there may be more."""

    register: Mapping[str, Kind]
    vocabulary: Vocabulary
    claims: Mapping[str, frozenset[str]]
    """The ids of the claims of each document, by the document's id."""
    complete: bool
    """False where a register file couldn't be read, so that an unknown id may be in it."""
    unread: frozenset[str]
    """Ids of documents whose files couldn't be read."""
    suggestions: Suggestions = field(default_factory=Suggestions, compare=False)
    """The nearest known name to one that is not declared."""

    @cached_property
    def all(self) -> Mapping[str, Kind]:
        """Every id that an annotation can name."""
        known = self.vocabulary.terms.values()
        return {**self.register, **{term.slug: term.kind for term in known}}


def check_references(
    raw: Any, model: type[BaseModel], names: Names, source: Source, route: Route
) -> Iterator[Fault]:
    """Yield what is wrong with the names in raw data that should fit a model.

    Raw data, so that a claim with some other fault has its names checked too;
    what has the wrong shape is passed over, as the model reports that.
    """
    if not isinstance(raw, dict):
        return
    if model is Quantity:
        yield from _check_quantity(raw, source, route)
    document = document_id(source)
    for name, slot in slots(model).items():
        value = raw.get(name)
        seen: set[str] = set()
        for index, item in enumerate(value if isinstance(value, list) else [value]):
            here = (*route, name, index) if isinstance(value, list) else (*route, name)
            if slot.model is not None:
                yield from check_references(item, slot.model, names, source, here)
            elif slot.ref is not None and isinstance(item, str):
                message = _fault_of_name(name, item, slot.ref, names, document)
                if message:
                    yield Fault(source.place(*here), message)
                if item in seen:
                    yield Fault(source.place(*here), f"'{item}' stands twice in '{name}'; keep one")
                seen.add(item)


def document_id(source: Source) -> str:
    """Return the id that a document gives itself, else that of its file."""
    header = source.data.get("document")
    each = header.get("id") if isinstance(header, dict) else None
    return each if isinstance(each, str) else source.path.stem


def _check_quantity(raw: Mapping[str, Any], source: Source, route: Route) -> Iterator[Fault]:
    """Yield what is wrong with how the fields of a quantity go together.

    No shape can see it: an amount and a share are both a ``schema:value`` of the graph.
    """
    given = [name for name in ("amount", "share", "extent") if name in raw]
    if len(given) != 1:
        found = " and ".join(f"'{name}'" for name in given) or "none"
        message = f"a quantity has one of 'amount', 'share' and 'extent'; here: {found}"
        yield Fault(source.place(*route), message)
    for name, partner in (("amount", "currency"), ("share", "of")):
        if name in raw and partner not in raw:
            message = f"missing field '{partner}', which goes with '{name}'"
            yield Fault(source.place(*route), message)
    if "currency" in raw and "amount" not in raw:
        yield Fault(source.key_place(*route, "currency"), "'currency' goes with 'amount'")
    if "of" in raw and "amount" in raw:
        yield Fault(source.key_place(*route, "of"), "'of' goes with 'share' or 'extent'")


def _fault_of_name(field_: str, value: str, ref: Ref, names: Names, document: str) -> str | None:
    """Return what is wrong with a name in a field, or nothing."""
    kind = names.all.get(value)
    if value in ref.words or kind in ref.kinds:
        return None
    if value.startswith("claim/"):
        if ref.claims:
            return _fault_of_claim(value, names, document)
        return f"'{field_}' cannot be a claim"
    if not ref.kinds:
        return f"'{field_}' names a claim: write claim/{value} or claim/<document>/<id>"
    if kind is not None:
        broad = ref.kinds >= set(ANYTHING)
        rest = "which cannot stand here" if broad else f"not {wanted(ref)}"
        return f"'{value}' is {kind.with_article}, {rest}"
    closed = all(each.in_vocabulary for each in ref.kinds)
    if not (names.complete or closed):
        return None
    one = len(ref.kinds) == 1
    what = f"{next(iter(ref.kinds))} '{value}'" if one else f"id '{value}' in '{field_}'"
    candidates = [each for each, known in names.all.items() if known in ref.kinds]
    repair = names.suggestions.did_you_mean(value, ref, (*candidates, *ref.words)) or (
        "; the words allowed are in docs/annotating.md"
        if closed
        else "; declare it in seeds/register, or correct it"
    )
    return f"unknown {what}{repair}"


def _fault_of_claim(value: str, names: Names, document: str) -> str | None:
    target = split_claim_reference(value, document)
    if target is None:
        return f"'{value}' is not claim/<id> or claim/<document>/<id>"
    where, claim = target
    if where in names.unread or claim in names.claims.get(where, ()):
        return None
    if where not in names.claims:
        guess = names.suggestions.did_you_mean(where, "documents", names.claims)
        return f"unknown document '{where}' in '{value}'{guess}"
    guess = names.suggestions.did_you_mean(claim, ("claims of", where), names.claims[where])
    return f"no claim '{claim}' in document '{where}'{guess}"
