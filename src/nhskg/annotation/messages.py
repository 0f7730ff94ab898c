"""Error messages for annotators: pydantic's validation errors in the words of the YAML format."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Final, TypeVar

from pydantic import BaseModel, ValidationError

from nhskg.annotation.claims import CLAIM_MODELS, Claim
from nhskg.annotation.fields import Ref, Slot, slots
from nhskg.rdf.errors import Fault
from nhskg.rdf.nearest import did_you_mean
from nhskg.rdf.yaml_source import Route, Source
from nhskg.vocabulary import Kind, Vocabulary

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails


_MOST_WORDS: Final = 16
"""How many words of a vocabulary an error lists at most."""

_MOST_KINDS: Final = 7
"""How many kinds of thing an error lists at most."""

_Model = TypeVar("_Model", bound=BaseModel)


def check_model(
    raw: Any, model: type[_Model], vocabulary: Vocabulary, source: Source, route: Route
) -> tuple[_Model | None, Iterable[Fault]]:
    """Check the entry at a route against a model; return the model if it fits, and the faults."""
    try:
        return model.model_validate(raw), ()
    except ValidationError as error:
        found = (
            _fault(each, model, vocabulary, source, route)
            for each in error.errors(include_url=False)
        )
        return None, dict.fromkeys(found)  # a pair too short lacks two items


def wanted(ref: Ref) -> str:
    """Return what may be named in a field: ``a person, a plan or reporter``."""
    if len(ref.kinds) > _MOST_KINDS:
        return "any thing of the register or the vocabularies" + (
            ", or a claim" if ref.claims else ""
        )
    kinds = sorted(kind.value for kind in ref.kinds)
    *rest, last = [*(Kind(kind).with_article for kind in kinds), *sorted(ref.words)]
    return f"{', '.join(rest)} or {last}" if rest else last


def _allowed(slot: Slot | None, vocabulary: Vocabulary) -> str:
    """Return what a field may hold, in brackets: its words, or the kinds of thing."""
    if slot is None or not (slot.words or slot.ref):
        return ""
    words = slot.words
    if slot.ref and all(kind.in_vocabulary for kind in slot.ref.kinds):
        words = vocabulary.slugs(slot.ref.kinds)
    if 0 < len(words) <= _MOST_WORDS or not slot.ref:
        return f" (one of {', '.join(words)})"
    return f" ({wanted(slot.ref)})"


_WORDINGS: Final = {
    "bool_type": "takes one value, not {shape}",
    "decimal_type": "takes one value, not {shape}",
    "int_type": "takes one value, not {shape}",
    "less_than_equal": "is a fraction from 0 to 1, not {shape}; 30 per cent is 0.3",
    "model_attributes_type": "takes fields, not {shape}; write {{field: value}}",
    "model_type": "takes fields, not {shape}; write {{field: value}}",
    "string_pattern_mismatch": "cannot be {shape}; a currency is three capital letters, as GBP",
    "string_too_short": "is blank; give a value or delete the line",
    "string_type": "takes one value, not {shape}",
    "too_long": "does not have the right number of items",
    "too_short": "is an empty list; give an item or delete the line",
    "tuple_type": "takes a list, not {shape}; write [ … ]",
}
"""The message for a value, by the type of pydantic's error."""


def _fault(
    error: ErrorDetails,
    model: type[BaseModel],
    vocabulary: Vocabulary,
    source: Source,
    route: Route,
) -> Fault:
    loc, kind, value = error["loc"], error["type"], error["input"]
    holder, slot = _slot_at(model, loc)
    name = next((step for step in reversed(loc) if isinstance(step, str)), "")
    place = source.place(*route, *loc)
    shape = f"'{value}'"
    if isinstance(value, list | dict):
        shape = "a list" if isinstance(value, list) else "a mapping"
    if kind == "extra_forbidden":
        return Fault(source.key_place(*route, *loc), _unknown_field(name, holder))
    if kind == "missing" and isinstance(loc[-1], int):
        message = f"'{name}' does not have the right number of items"
    elif kind == "missing":
        message = f"missing field '{name}'{_allowed(slot, vocabulary)}"
    elif kind == "model_type" and not name:
        message = f"an entry has fields, not {shape}; write 'field: value' lines"
    elif kind == "literal_error" and slot is not None:
        options = ", ".join(slot.words)
        message = f"'{name}' takes one value, not {shape} (one of {options})"
        if isinstance(value, str):
            guess = did_you_mean(value, slot.words)
            message = f"'{name}' cannot be '{value}'; it is one of {options}{guess}"
    elif kind in _WORDINGS:
        message = f"'{name}' {_WORDINGS[kind].format(shape=shape)}"
    else:
        message = f"'{name}': {error['msg']}"
    return Fault(place, message)


def _unknown_field(name: str, holder: type[BaseModel]) -> str:
    homes = [kind for kind, each in CLAIM_MODELS.items() if name in slots(each)]
    if homes and issubclass(holder, Claim):
        own = holder.__name__.lower()
        return f"'{name}' is a field of a {' or '.join(homes)}, not of a {own}"
    return f"unknown field '{name}'{did_you_mean(name, slots(holder))}"


def _slot_at(
    model: type[BaseModel], loc: tuple[int | str, ...]
) -> tuple[type[BaseModel], Slot | None]:
    """Return the model that holds the field at a location, and the field's slot."""
    slot: Slot | None = None
    for step in loc:
        if isinstance(step, str):
            model = slot.model if slot is not None and slot.model is not None else model
            slot = slots(model).get(step)
    return model, slot
