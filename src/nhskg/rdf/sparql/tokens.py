"""The tokens of SPARQL 1.1 (Query Language, section 19.8), of any text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

_TOKEN: Final = re.compile(
    r"""
    (?P<skip>\s+|\#[^\r\n]*)
  | (?P<iri><[^<>"{}|^`\\\x00-\x20]*>)
  | (?P<var>[?$]\w+)
  | (?P<string>'''(?:[^'\\]|\\.|'(?!''))*'''|\"\"\"(?:[^"\\]|\\.|"(?!""))*\"\"\"
      |'(?:[^'\\\r\n]|\\.)*'|"(?:[^"\\\r\n]|\\.)*")
  | (?P<lang>@[A-Za-z]+(?:-[A-Za-z0-9]+)*)
  | (?P<number>(?:\d+\.\d*|\.\d+|\d+)[eE][+-]?\d+|\d*\.\d+|\d+)
  | (?P<blank>_:[\w.-]+|\[\s*\])
  | (?P<pname>(?:[^\W\d_](?:[\w.-]*[\w-])?)?:
      (?:(?:[\w:.-]|%[0-9A-Fa-f]{2}|\\[^\w\s])*(?:[\w:-]|%[0-9A-Fa-f]{2}|\\[^\w\s]))?)
  | (?P<word>[A-Za-z]\w*)
  | (?P<op>\^\^|&&|\|\||!=|<=|>=|[{}()\[\].;,*/+^|=<>!?-])
  | (?P<other>.)
    """,
    re.VERBOSE | re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of a text: its kind (``word``, ``pname``, ``iri``, …) and where it begins."""

    kind: str
    text: str
    start: int

    @property
    def end(self) -> int:
        """Where what follows begins."""
        return self.start + len(self.text)

    @property
    def upper(self) -> str:
        """The text in capitals, as SPARQL keywords ignore case."""
        return self.text.upper()


def tokens(text: str) -> Iterator[Token]:
    """Yield the tokens of a text, without spaces and comments; ``other`` is no token of SPARQL."""
    for found in _TOKEN.finditer(text):
        if found.lastgroup is not None and found.lastgroup != "skip":
            yield Token(found.lastgroup, found[0], found.start())
