"""What is wrong with a value, before it is given a place in a file.

Also: the wording of pydantic's findings, for people who write YAML and not Python.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from pydantic import BaseModel, ValidationError

from nhskg.annotation.claims import CLAIM_MODELS, Claim
from nhskg.annotation.fields import Ref, Slot, slots
from nhskg.rdf.nearest import did_you_mean
from nhskg.rdf.yaml_source import Route
from nhskg.vocabulary import Kind, Vocabulary

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

__all__ = ["Problem", "allowed_words", "model_problems", "wanted"]

_MOST_WORDS: Final = 16
"""How many words of a vocabulary an error lists at most."""

_MOST_KINDS: Final = 7
"""How many kinds of thing an error lists at most."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong at the end of a route; ``on_key`` if the key is at fault, not the value."""

    route: Route
    message: str
    on_key: bool = False


def model_problems(
    raw: Any, model: type[BaseModel], vocabulary: Vocabulary, route: Route = ()
) -> tuple[BaseModel | None, list[Problem]]:
    """Check raw data against a model; return the model if it fits, and what is wrong if not."""
    try:
        return model.model_validate(raw), []
    except ValidationError as error:
        problems = [
            _explain(each, model, vocabulary, route) for each in error.errors(include_url=False)
        ]
        return None, list(dict.fromkeys(problems))  # a pair too short lacks two items


def allowed_words(slot: Slot | None, vocabulary: Vocabulary) -> str:
    """Return what may stand in a field, in brackets: its words, or the kinds of thing."""
    if slot is None:
        return ""
    if slot.words:
        return f" (one of {', '.join(slot.words)})"
    if slot.ref is None:
        return ""
    closed = all(kind.in_vocabulary for kind in slot.ref.kinds)
    words = vocabulary.slugs(slot.ref.kinds) if closed else ()
    if 0 < len(words) <= _MOST_WORDS:
        return f" (one of {', '.join(words)})"
    return f" ({wanted(slot.ref)})"


def wanted(ref: Ref) -> str:
    """Return what may stand where a thing is named: ``a person, a plan or reporter``."""
    if len(ref.kinds) > _MOST_KINDS:
        return "any thing of the register or the vocabularies" + (
            ", or a claim" if ref.claims else ""
        )
    kinds = sorted(kind.value for kind in ref.kinds)
    *rest, last = [*(Kind(kind).with_article for kind in kinds), *sorted(ref.words)]
    return f"{', '.join(rest)} or {last}" if rest else last


def _explain(
    error: ErrorDetails, model: type[BaseModel], vocabulary: Vocabulary, route: Route
) -> Problem:
    place = (*route, *error["loc"])
    holder, slot = _slot_at(model, error["loc"])
    name = next((step for step in reversed(error["loc"]) if isinstance(step, str)), "")
    match error["type"]:
        case "missing" if not name:
            return Problem(route, "a field is missing")
        case "missing" if isinstance(error["loc"][-1], int):
            return Problem(place[:-1], f"'{name}' does not have the right number of items")
        case "missing":
            allowed = allowed_words(slot, vocabulary)
            return Problem(place[:-1], f"missing field '{name}'{allowed}")
        case "extra_forbidden":
            return Problem(place, _unknown_field(name, holder), on_key=True)
        case "literal_error":
            words = str((error.get("ctx") or {}).get("expected", ""))
            options = [word.strip("'") for word in words.replace(" or ", ", ").split(", ")]
            value = error["input"]
            if not isinstance(value, str):
                message = (
                    f"'{name}' takes one value, not {_shape(value)} (one of {', '.join(options)})"
                )
                return Problem(place, message)
            guess = did_you_mean(value, options)
            message = f"'{name}' cannot be '{value}'; it is one of {', '.join(options)}{guess}"
            return Problem(place, message)
        case _:
            return Problem(place, _wording(error, name))


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
"""What is wrong with a value, by the type of pydantic's finding."""


def _wording(error: ErrorDetails, name: str) -> str:
    """Return the message for a value of the wrong shape."""
    shape = _shape(error["input"])
    if error["type"] == "model_type" and not name:
        return f"an entry has fields, not {shape}; write 'field: value' lines"
    template = _WORDINGS.get(error["type"])
    if template is not None:
        return f"'{name}' {template.format(shape=shape)}"
    return f"'{name}': {error['msg']}"


def _shape(value: Any) -> str:
    if isinstance(value, list):
        return "a list"
    return "a mapping" if isinstance(value, dict) else f"'{value}'"


def _unknown_field(name: str, holder: type[BaseModel]) -> str:
    known = slots(holder)
    homes = [kind for kind, each in CLAIM_MODELS.items() if name in slots(each)]
    if homes and issubclass(holder, Claim):
        kind = next(kind for kind, each in CLAIM_MODELS.items() if each is holder)
        return f"'{name}' is a field of a {' or '.join(homes)}, not of a {kind}"
    return f"unknown field '{name}'{did_you_mean(name, known)}"


def _slot_at(
    model: type[BaseModel], loc: tuple[int | str, ...]
) -> tuple[type[BaseModel], Slot | None]:
    """Return the model that holds the field at a location, and the field's slot."""
    slot: Slot | None = None
    for step in _names(loc):
        if slot is not None and slot.model is not None:
            model = slot.model
        slot = slots(model).get(step)
    return model, slot


def _names(loc: tuple[int | str, ...]) -> Iterator[str]:
    return (step for step in loc if isinstance(step, str))
