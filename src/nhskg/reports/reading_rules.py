"""The faults that reading an annotation tells, kind by kind, each with lines that have it.

What stands here is what ``nhskg explain reading`` prints; the test reads every example, and expects
the words that the catalogue says are told.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from nhskg.annotation.bounds import MAX_BYTES, MAX_DEPTH, MAX_ITEMS, MOST_FAULTS

__all__ = ["FAULTS", "PROTECTS", "VALID", "ReadingFault"]

PROTECTS: Final = (
    "What cannot be read as it was meant would be left out of the graph, or be read as something "
    "else, without anybody's notice. Nothing is built from a corpus with such a fault, and the "
    "faults of all files are told at once. Files are read as a small part of YAML in which every "
    "value is the text that was written: no anchors, aliases, tags or merge keys, no date or "
    f"boolean by accident, no tab, no file over {MAX_BYTES:,} bytes, no nesting beyond "
    f"{MAX_DEPTH}, no entry with more than {MAX_ITEMS:,} fields or items. Of a file with very many "
    f"faults the first {MOST_FAULTS:,} are told. A passage that has no position yet, and a "
    "document without a digest, are told too: nhskg anchor writes both from the quotes, and "
    "checks them against the text."
)

VALID: Final = """\
matters:
  - id: pensions
    label: Pensions
    definition: What is paid to the bedesmen.
"""


@dataclass(frozen=True, slots=True)
class ReadingFault:
    """A kind of fault.

    Attributes:
        title: what is wrong, in a few words.
        text: a register file, or a document, that has it.
        told: some words of the message.
    """

    title: str
    text: str
    told: str


_THING: Final = "matters:\n  - id: pensions\n    label: Pensions\n    definition: Payments.\n"
_DOCUMENT: Final = "document:\n  id: example\n  label: Example\n  source: example.txt\nclaims:\n"

FAULTS: Final = (
    ReadingFault("a tab", "matters:\n\t- id: pensions\n", "a tab"),
    ReadingFault("no valid YAML", "matters:\n  - label: Care: at home\n", "not valid YAML"),
    ReadingFault("an empty file", "# nothing yet\n", "the file is empty"),
    ReadingFault(
        "an anchor or an alias",
        "matters:\n  - &first\n    id: pensions\n  - *first\n",
        "anchors, aliases and tags are not read",
    ),
    ReadingFault(
        "a key given twice",
        "matters:\n  - id: pensions\n    label: Pensions\n    label: Pension\n",
        "is given twice",
    ),
    ReadingFault("a field without a value", "matters:\n  - id: pensions\n    label:\n", "no value"),
    ReadingFault("an unknown section", "maters: []\n", "unknown section"),
    ReadingFault(
        "a missing field", "matters:\n  - id: pensions\n    label: Pensions\n", "missing field"
    ),
    ReadingFault("a surplus field", _THING + "    colour: blue\n", "unknown field"),
    ReadingFault(
        "an id that is none",
        "matters:\n  - id: Old Pensions\n    label: Pensions\n    definition: Payments.\n",
        "is no id",
    ),
    ReadingFault("an unknown id", _THING + "    broader: [pension]\n", "unknown"),
    ReadingFault("a duplicate id", _THING + _THING.removeprefix("matters:\n"), "is taken"),
    ReadingFault(
        "a circle",
        _THING + "    broader: [alms]\n  - id: alms\n    label: Alms\n    definition: Gifts.\n"
        "    broader: [pensions]\n",
        "goes in a circle",
    ),
    ReadingFault(
        "an unknown kind of claim",
        _DOCUMENT + "  - id: first\n    kind: provison\n",
        "unknown kind of claim",
    ),
    ReadingFault(
        "a quote of more than 12 words",
        _DOCUMENT.replace("claims:", "no_claim:") + "  - reason: weather\n"
        "    quote: it rained on the county show from the morning of the first day on\n",
        "at most 12 words",
    ),
    ReadingFault(
        "a date that is none",
        _DOCUMENT.replace("claims:\n", "  issued:\n    stated: in June\n    not_before: June\n"),
        "is no date",
    ),
)
"""The kinds of fault, those of syntax first."""
