"""The datatypes of annotation fields: ids, quotes, dates, numbers, references.

Everything arrives as the text that was written (see ``yaml_source``); the types
here turn it into numbers, dates and ids, and say what is wrong in words that an
annotator can act on. Where a type names a thing, it carries a ``Ref``: the kinds
of thing that it may name. ``references`` checks them, the JSON Schema lists
them.
"""

from __future__ import annotations

import datetime as dt
import re
import types
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Annotated, Any, Final, Literal, Union, get_args, get_origin, get_type_hints

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, WithJsonSchema
from pydantic_core import PydanticCustomError, core_schema

from nhskg.vocabulary import REGISTER_KINDS, Kind

MAX_QUOTE_WORDS: Final = 12
"""The longest run of words that an annotation may copy from a text."""

_WORD: Final = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")


class Frozen(BaseModel):
    """Base of the models: immutable, and strict about unknown fields."""

    model_config = ConfigDict(frozen=True, extra="forbid")


@dataclass(frozen=True, slots=True)
class Ref:
    """Marks a field that names something else, and what it may name."""

    kinds: frozenset[Kind] = frozenset()
    claims: bool = False
    """Whether ``claim/<id>`` and ``claim/<document>/<id>`` are allowed."""
    words: frozenset[str] = frozenset()
    """Words with a meaning of their own, as ``reporter``."""

    def __get_pydantic_json_schema__(self, schema: Any, handler: Any) -> dict[str, Any]:
        """Mark the field in the JSON Schema; ``make docs`` fills in the words of the ontology."""
        found: dict[str, Any] = handler(schema)
        return {**found, "x-nhskg-ref": self}


def ref(*kinds: Kind, claims: bool = False, words: tuple[str, ...] = ()) -> Ref:
    """Return the mark of a field that names one of these kinds of thing."""
    return Ref(frozenset(kinds), claims=claims, words=frozenset(words))


BODIES: Final = (Kind.ORGANISATION, Kind.BODY_KIND)
"""What can hold a power: a named organisation, or a kind of body."""

MATTERS: Final = (Kind.MATTER, Kind.BUDGET, Kind.PAYMENT_MECHANISM)
"""What a power is exercised over, money included."""

ANYTHING: Final = (*sorted(REGISTER_KINDS), Kind.BODY_KIND, Kind.POWER, Kind.STATUS, Kind.OTHER)
"""What a claim can be about."""


def count_words(text: str) -> int:
    """Return the number of words of a text, as the overlap check counts them.

    >>> count_words("re-organisation isn’t over")
    4
    """
    return len(_WORD.findall(text))


@dataclass(frozen=True, slots=True)
class Pattern:
    """Marks a value that is written by a regular expression; with the message if it is not."""

    pattern: str
    message: str

    def check(self, value: Any) -> Any:
        """Return the value if it is no text, or matches as a whole."""
        if isinstance(value, str) and not re.fullmatch(self.pattern, value, re.ASCII):
            raise _fault(self.message, value)
        return value

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> Any:
        """Check a text once it is known to be one, and anything else before it is parsed."""
        if source is str:
            return core_schema.no_info_after_validator_function(self.check, handler(source))
        return core_schema.no_info_before_validator_function(self.check, handler(source))

    def __get_pydantic_json_schema__(self, schema: Any, handler: Any) -> dict[str, Any]:
        """Return the pattern of a text as an editor checks it."""
        found: dict[str, Any] = handler(schema)
        return {**found, "pattern": f"^{self.pattern}$"} if found["type"] == "string" else found


def _fault(message: str, value: object = "") -> PydanticCustomError:
    """Return an error of validation; ``{value}`` in the message is the value."""
    return PydanticCustomError("nhskg", message, {"value": value})


def _check_quote(value: str) -> str:
    if value != value.strip():
        raise _fault("white space at its start or end; take it out")
    found = count_words(value)
    if found > MAX_QUOTE_WORDS:
        raise _fault("{value} words; at most 12 words of a text may be quoted", found)
    return value


def _check_context(value: str) -> str:
    if not value.strip():
        raise _fault("is blank; give the words next to the quote")
    _check_quote(value.strip())
    return value


def _check_line(value: str) -> str:
    if not value.strip():
        raise _fault("is blank; write something or delete the line")
    return value


def _check_span(value: tuple[int, int]) -> tuple[int, int]:
    if value[0] >= value[1]:
        raise _fault("[start, end) is empty or backwards; nhskg anchor writes it")
    return value


def _check_day(value: str) -> str:
    year, month, day = (int(part) for part in f"{value}-01-01".split("-")[:3])
    try:
        dt.date(year, month, day)
    except ValueError as error:
        raise _fault("'{value}' is not in the calendar", value) from error
    return value


Text = Annotated[str, Field(min_length=1)]
Slug = Annotated[
    Text,
    Pattern(
        "[a-z0-9]+(-[a-z0-9]+)*",
        "'{value}' is no id; ids are lower-case words joined by hyphens",
    ),
]
"""An id: lower-case words joined by hyphens."""

Line = Annotated[Text, AfterValidator(_check_line)]
"""Words of our own."""

Quote = Annotated[Text, AfterValidator(_check_quote)]
"""Words of a text, verbatim: at most twelve."""

Context = Annotated[Text, AfterValidator(_check_context)]
"""Words of a text next to a quote, verbatim: at most twelve; the space between may be written."""

Number = Annotated[
    Decimal,
    Pattern(r"\d+(\.\d+)?", "'{value}' is no number; write digits, as 10000000000 or 0.3"),
    WithJsonSchema({"type": ["number", "string"], "pattern": r"^\d+(\.\d+)?$", "minimum": 0}),
]
Offset = Annotated[
    int,
    Pattern(r"\d{1,11}", "'{value}' is no position; nhskg anchor writes it"),
    WithJsonSchema({"type": "integer", "minimum": 0}),
]
Span = Annotated[tuple[Offset, Offset], AfterValidator(_check_span)]
"""``[start, end)`` in Unicode code points of the text."""

Flag = Annotated[bool, Pattern("true|false", "'{value}' is neither true nor false")]
"""``true`` or ``false``, and no other spelling."""

CalendarDate = Annotated[
    Text,
    Pattern(
        r"\d{4}(-\d\d(-\d\d)?)?",
        "'{value}' is no date; write a year 2020, a month 2013-01 or a day 2011-11-24",
    ),
    AfterValidator(_check_day),
    WithJsonSchema({"type": ["string", "integer"], "pattern": r"^\d{4}(-\d\d(-\d\d)?)?$"}),
]
"""A year, month or day as far as it is given (ISO 8601, as xsd:gYear, gYearMonth, date)."""

Duration = Annotated[
    Text,
    Pattern(
        r"P(?=\d|T\d)(\d+Y)?(\d+M)?(\d+D)?(T(?=\d)(\d+H)?(\d+M)?(\d+S)?)?",
        "'{value}' is no duration; write P1Y, P6M or P7D (xsd:duration has no weeks)",
    ),
]
"""An ISO 8601 duration that xsd:duration can hold, such as ``P1Y``."""


def listed(value: Any) -> Any:
    """Return a text as the list of it alone: a list of one may be written without brackets."""
    return [value] if isinstance(value, str) else value


@dataclass(frozen=True, slots=True)
class Slot:
    """What the model says of one field: what it names, and what it may hold."""

    ref: Ref | None
    model: type[BaseModel] | None
    """The model of the value, or of each item, where it is a mapping itself."""
    words: tuple[str, ...] = ()
    """The only words that it may hold, where the model lists them."""


@cache
def slots(model: type[BaseModel]) -> Mapping[str, Slot]:
    """Return the slots of a model by the name of the field in a file."""
    hints = get_type_hints(model, include_extras=True)
    fields = model.model_fields.items()
    return {info.alias or name: _slot(hints[name]) for name, info in fields}


def _slot(hint: Any, ref: Ref | None = None) -> Slot:
    """Return the slot of a type, from within its annotations, options and tuples."""
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is Annotated:
        marks = (each for each in arguments[1:] if isinstance(each, Ref))
        return _slot(arguments[0], ref or next(marks, None))
    if origin in (Union, types.UnionType):
        return _slot(next(each for each in arguments if each is not type(None)), ref)
    if origin is tuple:
        return _slot(arguments[0], ref)
    if origin is Literal:
        return Slot(ref, None, tuple(map(str, arguments)))
    nested = hint if isinstance(hint, type) and issubclass(hint, BaseModel) else None
    return Slot(ref, nested)
