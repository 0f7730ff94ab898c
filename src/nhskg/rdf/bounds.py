"""What a text of RDF is looked at for before a parser reads it: nesting, entities, base IRIs.

The parsers are native. On what is beyond these bounds one ends the process, or takes time or memory
that grow by the square. What has too few signs to be beyond them is not looked at further.
"""

from __future__ import annotations

import re
from itertools import islice
from typing import Final

import pyoxigraph as ox

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

_JSON: Final = re.compile(rb'(?s)(?:[^][{}"]++|"(?:[^"\\]++|\\.)*+"?)*+([][{}]|\Z)')
_SIGN: Final = rb"""<< | >> | (?<![\w:\x80-\xff-])base
    (?=(?:\s|\#[^\r\n]*+)*+<(?!<|[a-z][a-z0-9+.-]*:))"""
_TURTLE: Final = re.compile(
    rb"""(?xsi) (?: [^"'#<>\\b]++ | \\.? | \#[^\r\n]*+ | <[^<>\s]*+>
    | "{3}(?:[^"\\]++|\\.|"(?!""))*+(?:"{3})? | "(?:[^"\\\r\n]++|\\.)*+"?
    | '{3}(?:[^'\\]++|\\.|'(?!''))*+(?:'{3})? | '(?:[^'\\\r\n]++|\\.)*+'?
    | (?!%b). )*+ (%b|\Z)"""
    % (_SIGN, _SIGN)
)
_XML: Final = re.compile(
    rb"""(?xs) < (?: !--.*?(?:-->|\Z) | !\[.*?(?:\]\]>|\Z) | \?.*?(?:\?>|\Z) | /(?P<close>)[^>]*+>?
    | ![Dd](?:[^<>]|<(?:[^<>]|<[^<>]*+>)*+>)*+>? | !
    | (?P<open>(?:[^"'>]++|"[^"]*+"?|'[^']*+'?)*+)>? )"""
)
"""Tokens of bytes, each byte looked at once: what is written in strings and comments is passed."""
_OPENING: Final = frozenset((b"<<", b"{", b"["))
_CLOSING: Final = frozenset((b">>", b"}", b"]"))
_BASE: Final = re.compile(rb"base[\s#<]")
_ENTITY: Final = re.compile(rb"<!ENTITY\s+(\S+)\s+(?:\"([^\"]*)\"|'([^']*)')")
_REFERENCE: Final = re.compile(rb"&([^;&\s]+);")
_LONG_TAG: Final = 5_000
_ATTRIBUTE: Final = re.compile(rb"""(?<=[\s"'])[^\s="']++\s*+=\s*+(?:"[^"]*+"|'[^']*+')""")


def beyond_bounds(raw: bytes, form: ox.RdfFormat) -> tuple[str, int] | None:
    """Return what a text has beyond a bound, with the repair, and the offset in bytes of that."""
    if form == ox.RdfFormat.RDF_XML:
        return _too_much_of_elements(raw) or _too_many_letters(raw)
    if form == ox.RdfFormat.JSON_LD:
        many = raw.count(b"{") + raw.count(b"[") > DEEPEST_JSON
        return _too_deep(raw, _JSON, DEEPEST_JSON, "objects and arrays") if many else None
    many = raw.count(b"<<") > DEEPEST_TRIPLES
    deep = _too_deep(raw, _TURTLE, DEEPEST_TRIPLES, "triple terms") if many else None
    return deep or _too_many_bases(raw)


def _too_deep(raw: bytes, token: re.Pattern[bytes], most: int, what: str) -> tuple[str, int] | None:
    depth = 0
    for each in token.finditer(raw):
        sign = each[1]
        depth = max(depth + (sign in _OPENING) - (sign in _CLOSING), 0)
        if depth > most:
            return _nested(what, most), each.start(1)
    return None


def _nested(what: str, most: int) -> str:
    return f"{what} within {what}, more than {most:,} deep; nest them less"


def _too_many_bases(raw: bytes) -> tuple[str, int] | None:
    if len(_BASE.findall(raw.lower())) > MOST_BASES:
        bases = (each for each in _TURTLE.finditer(raw) if each[1].lower() == b"base")
        if base := next(islice(bases, MOST_BASES, None), None):
            about = f"more than {MOST_BASES:,} base IRIs, each relative to the one before"
            return f"{about}; write them in full", base.start(1)
    return None


def _too_much_of_elements(raw: bytes) -> tuple[str, int] | None:
    depth = 0
    for tag in _XML.finditer(raw):
        if tag["close"] is not None:
            depth = max(depth - 1, 0)
        elif inner := tag["open"]:
            depth += not inner.endswith(b"/")
            if depth > DEEPEST_XML:
                return _nested("elements", DEEPEST_XML), tag.start()
            if len(inner) > _LONG_TAG:
                found = islice(_ATTRIBUTE.finditer(inner), MOST_ATTRIBUTES, None)
                if attribute := next(found, None):
                    about = f"more than {MOST_ATTRIBUTES:,} attributes of an element"
                    return f"{about}; write elements", tag.start("open") + attribute.start()
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
