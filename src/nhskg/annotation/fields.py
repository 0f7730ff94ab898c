"""The datatypes of annotation fields: ids, quotes, dates, numbers, references.

Everything arrives as the text that was written (see ``yaml_source``); the types turn it into what
it means, or say what is wrong in words that an annotator can act on. A type that names a thing
carries a ``Ref``, the kinds that it may name: ``reader`` checks them, the JSON Schema lists them.
"""

from __future__ import annotations

import datetime as dt
import re
import types
import typing
import unicodedata
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal
from functools import cache, partial
from typing import Annotated, Any, Final, Literal, NamedTuple, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema
from pyoxigraph import NamedNode

from nhskg.project import reading
from nhskg.rdf.escaping import hidden
from nhskg.vocabulary import REGISTER_KINDS, Kind

_WITH_HOST: Final = re.compile(r"[^:/?#]+://[^/?#@:][^/?#@]*(?:[/?#]|$)")
_WORD: Final = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")


class Frozen(BaseModel):
    """Base of the models: immutable, and strict about unknown fields."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def required(description: str) -> Any:
    """Return a field that must be given."""
    return Field(description=description)


def optional(description: str, alias: str | None = None, default: Any = None) -> Any:
    """Return a field that may be left out; ``alias`` is its name in a file."""
    return Field(default, description=description, alias=alias)


several: Final = partial(optional, default=())
"""Returns a field for a list that may be left out."""


@dataclass(frozen=True, slots=True)
class Ref:
    """Marks a field that names something else: of some kinds, by a word, or a claim if allowed."""

    kinds: frozenset[Kind]
    claims: bool
    words: frozenset[str]

    @property
    def wanted(self) -> str:
        """What may be named, in words: ``a person, a plan or reporter``."""
        if len(self.kinds) > 7:
            any_thing = "any thing of the register or the vocabularies"
            return f"{any_thing}, or a claim" if self.claims else any_thing
        kinds = [kind.with_article for kind in sorted(self.kinds)]
        *rest, last = [*kinds, *sorted(self.words)] or ["a claim"]
        return f"{', '.join(rest)} or {last}" if rest else last

    def __get_pydantic_json_schema__(self, schema: Any, handler: Any) -> dict[str, Any]:
        """Mark the field in the JSON Schema; ``make docs`` fills in the words of the ontology."""
        return {**handler(schema), "x-nhskg-ref": self}


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

    >>> count_words("re-organisation isn’t “over”, no? – £10bn … ’")
    6
    """
    return len(_WORD.findall(text))


def numbers_of(starts: str) -> list[int]:
    """Return the starts of the sentences of a text, paragraphs apart or not.

    >>> numbers_of("0 40 / 97")
    [0, 40, 97]
    """
    return [int(start) for start in starts.split() if start != "/"]


@dataclass(frozen=True, slots=True)
class Pattern:
    """Marks a value written by a regular expression; in the message ``{}`` is the value."""

    pattern: str
    message: str

    def check(self, value: Any) -> Any:
        """Return the value if it is no text, or matches as a whole."""
        if isinstance(value, str) and not re.fullmatch(self.pattern, value, re.ASCII):
            raise ValueError(self.message.format(value))
        return value

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> Any:
        """Check a text once it is known to be one, and anything else before it is parsed."""
        mark = AfterValidator if source is str else BeforeValidator
        return mark(self.check).__get_pydantic_core_schema__(source, handler)

    def __get_pydantic_json_schema__(self, schema: Any, handler: Any) -> dict[str, Any]:
        """Give an editor the pattern of a text."""
        found: dict[str, Any] = handler(schema)
        return {**found, "pattern": f"^{self.pattern}$"} if found["type"] == "string" else found


def _rule(holds: Callable[[Any], object], message: str) -> AfterValidator:
    """Return the check of a parsed value, as :class:`Pattern` is one of a written value."""

    def check(value: Any) -> Any:
        if not holds(value):
            raise ValueError(message.format(value))
        return value

    return AfterValidator(check)


def quote_fault(value: str) -> str | None:
    """Return what is wrong with a quote that copies more words of a text than may be copied."""
    found, limit = count_words(value), reading().quote_words
    return (
        f"{found} words; at most {limit} words of a text may be quoted" if found > limit else None
    )


def _check_words(value: str) -> str:
    if fault := quote_fault(value):
        raise ValueError(fault)
    return value


def _check_shown(value: str) -> str:
    for each in hidden(value):
        if each != "\n" and unicodedata.category(each) in ("Cc", "Cf", "Cs", "Zl", "Zp"):
            raise ValueError(f"U+{ord(each):04X} hides or steers what is shown; take it out")
    return value


def is_address(value: str) -> bool:
    """Return whether a text is an absolute IRI with a host and no user: ``https://a.test/b``."""
    with suppress(ValueError):
        return bool(_WITH_HOST.match(value) and NamedNode(value))
    return False


def _is_day(value: str) -> bool:
    with suppress(ValueError):
        return bool(dt.date.fromisoformat(f"{value}-01-01"[:10]))
    return False


def _is_past(value: str) -> bool:
    return value <= dt.date.today().isoformat()


_Item = TypeVar("_Item")
Several = Annotated[tuple[_Item, ...], Field(min_length=1)]
"""A list that is not empty."""


def one_or_more(item: Any) -> BeforeValidator:
    """Return the mark of a list of which one item alone may be written without brackets."""
    return BeforeValidator(
        lambda value: [value] if isinstance(value, str) else value,
        json_schema_input_type=item | tuple[item, ...],
    )


Text = Annotated[str, Field(min_length=1)]
Slug = Annotated[
    Text,
    Pattern("[a-z0-9]+(-[a-z0-9]+)*", "'{}' is no id; ids are lower-case words joined by hyphens"),
]
Line = Annotated[
    Text,
    _rule(str.strip, "is blank; write something or delete the line"),
    AfterValidator(_check_shown),
]
"""Words of our own, of which nothing is hidden."""

Quote = Annotated[
    Text,
    _rule(lambda text: text == text.strip(), "white space at its start or end; take it out"),
    AfterValidator(_check_words),
]
"""Words of a text, verbatim: at most twelve."""

Context = Annotated[
    Text,
    _rule(str.strip, "is blank; give the words next to the quote"),
    AfterValidator(_check_words),
]
"""Words of a text next to a quote, verbatim: at most twelve; the space between may be written."""

Number = Annotated[
    Decimal,
    Pattern(r"\d+(\.\d+)?", "'{}' is no number; write digits, as 10000000000 or 0.3"),
    WithJsonSchema({"type": ["number", "string"], "pattern": r"^\d+(\.\d+)?$", "minimum": 0}),
]
Count = Annotated[
    int,
    Pattern(r"\d{1,15}", "'{}' is no whole number; write digits, as 300"),
    WithJsonSchema({"type": "integer", "minimum": 0}),
]
Offset = Annotated[
    int,
    Pattern(r"\d{1,11}", "'{}' is no position; nhskg anchor writes it"),
    WithJsonSchema({"type": "integer", "minimum": 0}),
]
Span = Annotated[
    tuple[Offset, Offset],
    _rule(
        lambda span: span[0] < span[1], "[start, end) is empty or backwards; nhskg anchor writes it"
    ),
]
"""``[start, end)`` in Unicode code points of the text."""

SentenceStarts = Annotated[
    str,
    Pattern(r"\d{1,11}(( /)? \d{1,11})*", "'{}' is no list of sentences; nhskg anchor writes it"),
    _rule(
        lambda starts: (found := numbers_of(starts)) == sorted(set(found)),
        "the sentences are out of order; nhskg anchor writes them",
    ),
    WithJsonSchema({"type": ["string", "integer"], "pattern": r"^\d+(( /)? \d+)*$"}),
]
"""Where each sentence of a text begins, in code points; a paragraph ends at `` / ``."""

Flag = Annotated[bool, Pattern("true|false", "'{}' is neither true nor false")]
Address = Annotated[
    Text, _rule(is_address, "'{}' is no address; write it in full, as https://example.org/act")
]
"""Where something is published."""

Licence = Annotated[
    Line,
    _rule(
        lambda value: "://" not in value or is_address(value),
        "'{}' is no address; write the address alone, or the name of the licence",
    ),
]
"""The address of a licence, or its name."""

CalendarDate = Annotated[
    Text,
    Pattern(
        r"\d{4}(-\d\d(-\d\d)?)?",
        "'{}' is no date; write a year 2020, a month 2013-01 or a day 2013-01-15",
    ),
    _rule(_is_day, "'{}' is not in the calendar"),
    WithJsonSchema({"type": ["string", "integer"], "pattern": r"^\d{4}(-\d\d(-\d\d)?)?$"}),
]
"""A year, month or day as far as it is given (ISO 8601, as xsd:gYear, gYearMonth, date)."""

Day = Annotated[
    Text,
    Pattern(r"\d{4}-\d\d-\d\d", "'{}' is no day; write it as 2013-01-15"),
    _rule(_is_day, "'{}' is not in the calendar"),
    _rule(_is_past, "'{}' is yet to come; write the day on which it was done"),
]
"""A day that has been (ISO 8601, xsd:date)."""

Duration = Annotated[
    Text,
    Pattern(
        r"P(?=\d|T\d)(\d+Y)?(\d+M)?(\d+D)?(T(?=\d)(\d+H)?(\d+M)?(\d+S)?)?",
        "'{}' is no duration; write P1Y, P6M or P7D (xsd:duration has no weeks)",
    ),
]
"""An ISO 8601 duration that xsd:duration can hold, such as ``P1Y``."""


class Slot(NamedTuple):
    """What a field names, the model of its value (or of each item), the only words it may hold."""

    ref: Ref | None = None
    model: type[BaseModel] | None = None
    words: tuple[str, ...] = ()


@cache
def slots(model: type[BaseModel]) -> Mapping[str, Slot]:
    """Return the slots of a model by the name of the field in a file."""
    hints = typing.get_type_hints(model, include_extras=True)
    return {each.alias or name: _slot(hints[name]) for name, each in model.model_fields.items()}


def _slot(hint: Any, ref: Ref | None = None) -> Slot:
    """Return the slot of a type, from within its annotations, options and tuples."""
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin is Literal:
        return Slot(ref, None, arguments)
    if origin is Annotated:
        ref = ref or next((each for each in arguments[1:] if isinstance(each, Ref)), None)
    if origin in (Annotated, typing.Union, types.UnionType, tuple):  # an option has its type first
        return _slot(arguments[0], ref)
    return Slot(ref, hint if isinstance(hint, type) and issubclass(hint, BaseModel) else None)
