"""Regular expressions of XPath, those of ``sh:pattern``, in the syntax of Python.

Both engines read patterns as Python's ``re`` does. elementpath translates them; it is loaded only
for a pattern that the two languages do not read alike. The language is that of `XPath and XQuery
Functions and Operators 3.1, 5.6.1 <https://www.w3.org/TR/xpath-functions-31/#regex-syntax>`_.
"""

from __future__ import annotations

import re
from contextlib import suppress
from functools import cache, reduce
from itertools import pairwise
from typing import Final

from pyoxigraph import Literal, RdfFormat, parse

from nhskg.rdf.sparql.parser import tokens

MOST_LETTERS: Final = 10_000
r"""How long a pattern may be: a list of words may be long, each ``\p{L}`` takes milliseconds."""

_CLASS: Final = reduce(lambda inner, _: rf"\[(?:\\.|[^\\\[\]]|{inner})*\]", range(4), "(?!)")
"""A character class; classes are subtracted from each other, here up to four deep."""
_TOKEN: Final = re.compile(rf"\\.|{_CLASS}|.", re.DOTALL)
_ALIKE: Final = re.compile(
    r"""(?: [(|^]
          | (?: [\w <>,:;@#/!"'=~%&)-] | \\[.*+?|(){}\[\]^\\-] | \[\^?(?:\w-\w|[\w ,.])+-?\] )
            (?: [?*+] | \{\d+(?:,\d*)?\} )?
        )* \$?""",
    re.VERBOSE | re.ASCII,
)
"""Patterns of which only a last ``$`` differs: Python's matches before a last line feed, too."""
_ESCAPES: Final = frozenset("nrtsSiIcCdDwWpP123456789")
"""Letters and digits behind a backslash; in a class the digits have no place."""


@cache
def translate(pattern: str, flags: str = "") -> tuple[str, str]:
    r"""Return a pattern in Python's syntax, and what remains of its flags: ``i`` and ``m``.

    >>> translate("^a b$", "ix")
    ('^ab$(?!\\n\\Z)', 'i')

    Raises:
        ValueError: XPath has no such pattern or flag.
    """
    if unknown := set(flags) - set("imqsx"):
        raise ValueError(f"there is no flag '{min(unknown)}'")
    if len(pattern) > MOST_LETTERS:
        raise ValueError(f"it has more than {MOST_LETTERS:,} letters; split it into several")
    if "q" in flags:
        return re.escape(pattern), "i" * ("i" in flags)
    kept = "".join(each for each in "im" if each in flags)
    if kept in ("", "i") and "x" not in flags and _ALIKE.fullmatch(pattern):
        text = pattern[:-1] + r"\Z" if pattern.endswith("$") else pattern
    else:
        text = _by_elementpath(pattern, flags)
    try:
        re.compile(text)
    except (re.error, OverflowError) as error:
        raise ValueError(str(error)) from error
    except RecursionError as error:
        raise ValueError("its groups are nested too deep") from error
    return text, kept


def translate_query(text: str) -> str:
    r"""Return a query in which patterns written in ``REGEX()`` are translated.

    >>> translate_query("ASK { FILTER(REGEX(STR(?v), '^a.b$', 'q')) }")
    'ASK { FILTER(REGEX(STR(?v), "\\\\^a\\\\.b\\\\$", "")) }'
    """
    given, edits = list(tokens(text)), []
    calls: list[tuple[bool, list[int]]] = []  # of the open brackets, the commas in them
    for n, token in enumerate(given):
        if token.text == "(":
            calls.append((given[n - 1].upper == "REGEX", []))
        if not calls or token.text not in (",", ")"):
            continue
        is_regex, marks = calls[-1]
        marks.append(n)
        if token.text == ",":
            continue
        calls.pop()
        arguments = [given[n + 1 : m] for n, m in pairwise(marks)]
        is_regex = is_regex and bool(arguments)
        if is_regex and all([each.kind for each in part] == ["string"] for part in arguments):
            written = " , ".join(part[0].text for part in arguments)
            with suppress(SyntaxError, ValueError):  # the engine refuses it, or reads it
                read = parse(f"<a:> <a:> {written} .", format=RdfFormat.TURTLE)
                new = translate(*(each.object.value for each in read))
                edits.append((arguments[0][0].start, given[marks[-1]].start, new))
    for begin, end, new in sorted(edits, reverse=True):
        text = text[:begin] + ", ".join(str(Literal(each)) for each in new) + text[end:]
    return text


def _by_elementpath(pattern: str, flags: str) -> str:
    from elementpath.regex import RegexError, translate_pattern  # noqa: PLC0415  # 0.1 s

    options = sum({"i": re.I, "m": re.M, "s": re.S}.get(each, 0) for each in set(flags))
    if "x" in flags:
        pattern = re.sub(rf"(\\\S|{_CLASS})|[ \t\n\r]", r"\1", pattern)
    try:
        parts = "".join(_checked(each) for each in _TOKEN.findall(pattern))
        for block in set(re.findall(r"\\[pP]\{[^}]*\}", parts)):
            translate_pattern(block)  # XSD 1.1 would take unknown ones for all characters
        text = translate_pattern(parts, options, xsd_version="1.1")
    except RegexError as error:
        raise ValueError(str(error).partition(" at position ")[0]) from error
    return f"(?s:{text})" if "s" in flags else text


def _checked(token: str) -> str:
    """Return a token with the escapes that elementpath takes for Python's, or for two characters.

    Raises:
        ValueError: XPath has no such escape.
    """
    for escaped in re.findall(r"\\(.)", token, re.DOTALL):
        if escaped.isascii() and escaped.isalnum() and escaped not in _ESCAPES:
            raise ValueError(rf"there is no escape '\{escaped}'")
    if token[0] == "[":
        return re.sub(r"\\([^\w\s\[\]|.\\?*+(){}^-])", r"\1", token)
    return f"[{token}]" if token in (r"\s", r"\S", r"\w", r"\W") else token
