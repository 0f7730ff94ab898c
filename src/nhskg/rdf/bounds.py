"""What a text of RDF is looked at for before a parser reads it: nesting, entities, base IRIs.

The parsers are native. On what is beyond these bounds one ends the process, or takes time or memory
that grow by the square. What is within them is seen by counting bytes; else tokens are looked at.
"""

from __future__ import annotations

import re
from itertools import islice
from typing import Final

import pyoxigraph as ox

from nhskg.rdf.positions import RDF_TOKEN, XML_TAG

DEEPEST_TRIPLES: Final = 100
"""Triple terms within triple terms. Of some 50,000 the process ends; what is written has 2."""
DEEPEST_XML: Final = 1_000
"""Elements within elements of RDF/XML: the deeper, the longer each takes; 10,000 take 1 s."""
DEEPEST_JSON: Final = 200
"""Objects and arrays within others in JSON-LD: 1,000 take 500 MB, 10,000 all memory."""
MOST_ATTRIBUTES: Final = 1_000
"""Attributes of an element of RDF/XML: each is compared with all others, 100,000 take 20 s."""
MOST_LETTERS: Final = 100_000_000
"""Letters that the entities of an RDF/XML file stand for; a file of 200 MB needs a half of it."""
MOST_BASES: Final = 1_000
"""Base IRIs that are relative to the one before: each may be longer than it, 10,000 take 1 s."""

LONGEST_TERM: Final = 2**24
"""The longest term, comment or object that the parser takes, but of RDF/XML, in bytes."""

_PART: Final = 1_024
_JSON: Final = re.compile(r'"(?:[^"\\]++|\\.)*+"|[][{}]', re.DOTALL)
_NESTING: Final = {
    ox.RdfFormat.JSON_LD: (DEEPEST_JSON, "objects and arrays", b"{ [", b"} ]", _JSON),
    ox.RdfFormat.RDF_XML: (DEEPEST_XML, "elements", b"<", b"</ </ /> <!", XML_TAG),
}
"""By format: the bound, of what it is, what opens and closes it, and the tokens of the format."""
_TRIPLES: Final = (DEEPEST_TRIPLES, "triple terms", b"<<", b">>", RDF_TOKEN)
_BASE: Final = re.compile(rb"(?i)base\s+<(?![a-z][a-z0-9+.-]*:)")
_ENTITY: Final = re.compile(rb"<!ENTITY\s+(\S+)\s+(?:\"([^\"]*)\"|'([^']*)')")
_REFERENCE: Final = re.compile(rb"&([^;&\s]+);")
_LONG_TAG: Final = re.compile(rb">[^>]{5000,}")
_ATTRIBUTE: Final = re.compile(rb"\s[^\s=\"']+\s*=\s*[\"']")


def beyond_bounds(raw: bytes, form: ox.RdfFormat) -> tuple[str, int] | None:
    """Return what a text has beyond a bound, with the repair, and the offset in bytes of that."""
    if form == ox.RdfFormat.RDF_XML:
        return _too_deep(raw, form) or _too_many_attributes(raw) or _too_many_letters(raw)
    return _too_deep(raw, form) or (None if form == ox.RdfFormat.JSON_LD else _too_many_bases(raw))


def _too_deep(raw: bytes, form: ox.RdfFormat) -> tuple[str, int] | None:
    most, what, opening, closing, token = _NESTING.get(form, _TRIPLES)
    opens, closes = opening.split(), closing.split()
    if sum(map(raw.count, opens)) <= most:
        return None
    depth = 0
    for at in range(0, len(raw), _PART):
        part = raw[at : at + _PART]
        opened = sum(map(part.count, opens))
        if depth + opened > most:  # perhaps, as comments and strings are counted, too
            break
        depth = max(depth + opened - sum(map(part.count, closes)), 0)
    else:
        return None
    text, depth = raw.decode("utf-8", "replace"), 0
    for each in token.finditer(text):
        sign = each[0].strip("()") if token is not XML_TAG else _sign(each)
        depth += (sign.encode() in opens) - (sign.encode() in closes)
        if depth > most:
            about = f"{what} within {what}, more than {most:,} deep; nest them less"
            return about, len(text[: each.start()].encode())
    return None


def _sign(tag: re.Match[str]) -> str:
    """Return which sign a tag counts as; that of an empty element, or of no element, is none."""
    if not tag["tag"] or tag["rest"].endswith("/"):
        return ""
    return "</" if tag["tag"].startswith("/") else "<"


def _too_many_bases(raw: bytes) -> tuple[str, int] | None:
    many = raw.count(b"base <") + raw.count(b"BASE <") > MOST_BASES
    if many and (base := next(islice(_BASE.finditer(raw), MOST_BASES, None), None)):
        about = f"more than {MOST_BASES:,} base IRIs, each relative to the one before"
        return f"{about}; write them in full", base.start()
    return None


def _too_many_attributes(raw: bytes) -> tuple[str, int] | None:
    for tag in _LONG_TAG.finditer(raw):
        if tag[0].count(b"=") > MOST_ATTRIBUTES:
            found = islice(_ATTRIBUTE.finditer(tag[0]), MOST_ATTRIBUTES, None)
            if attribute := next(found, None):
                about = f"more than {MOST_ATTRIBUTES:,} attributes of an element"
                return f"{about}; write elements", tag.start() + attribute.start() + 1
    return None


def _too_many_letters(raw: bytes) -> tuple[str, int] | None:
    """Look at what entities stand for, and then at the references, of which text has some."""
    size: dict[bytes, int] = {}

    def letters(text: bytes) -> int:
        return len(text) + sum(size.get(name, 0) for name in _REFERENCE.findall(text))

    total = 0
    for entity in _ENTITY.finditer(raw):
        size[entity[1]] = letters(entity[2] or entity[3] or b"")
        total += size[entity[1]]
        if total > MOST_LETTERS:
            break
    else:
        if not size or letters(raw) - len(raw) <= MOST_LETTERS:
            return None
    entity = max(_ENTITY.finditer(raw), key=lambda each: size.get(each[1], 0))
    about = f"entities that stand for more than {MOST_LETTERS:,} letters"
    return f"{about}; write them out", entity.start()
