"""What a text of SPARQL is looked at for before a parser reads it: nesting, and steps in a row.

Parsers descend for each bracket and sign, and the optimizer of the store for each operand of a
chain, which ends the process where there are thousands. The patterns of a group it puts in order by
trying each before each other.
"""

from __future__ import annotations

import re
from typing import Final

DEEPEST: Final = 100
"""Brackets within brackets: of some 600 the process ends. Our stored queries have 16."""
MOST_STEPS: Final = 2_000
"""Signs and groups in a row, with those before each bracket around them: of some 4,000 the process
ends. Members of a list are not in a row."""
MOST_PATTERNS: Final = 200
"""Patterns in a group, and steps of paths: 100 take 1 s, and twice as many 16 times as long."""

_NAME: Final = r"[\w:%\\-]"
_SCANNED: Final = re.compile(
    rf"""
    (?P<skip> \#[^\r\n]*+ )
  | <[^<>"{{}}|^`\\\x00-\x20]*+>
  | '{{3}}(?:[^'\\]++|\\.|'(?!''))*+'{{3}} | "{{3}}(?:[^"\\]++|\\.|"(?!""))*+"{{3}}
  | '(?:[^'\\\r\n]++|\\.)*+' | "(?:[^"\\\r\n]++|\\.)*+"
  | [?$]\w++ | @[\w-]++ | [\w.-]{{0,200}}:(?:(?:{_NAME}|\.++(?={_NAME}))++)? | \d+\.\d+
  | (?P<word> \w++ )
  | (?P<open> <<\(? | \{{\|? | [\[(] )
  | (?P<close> \)?>> | \|?\}} | [\])] )
  | (?P<sign> \|\| | && | \^\^ | [.;,/|+*^!=<>-] )
    """,
    re.VERBOSE | re.DOTALL,
)
_COUNTS: Final = {"<<": 2, "<<(": 2, "{|": 3}
"""How many patterns what opens stands for, if not one."""


def beyond_bounds(query: str) -> tuple[str, int] | None:
    """Return what a query has beyond a bound, with the repair, and the offset of that."""
    scan = _Scan()
    for each in _SCANNED.finditer(query):
        if each.lastgroup != "skip":
            getattr(scan, each.lastgroup or "term")(each[0])
            if beyond := scan.beyond():
                return beyond, each.start()
    return None


class _Scan:
    """What is around a place of a query; its kind is a group, list, expression or data."""

    def __init__(self) -> None:
        self.kind, self.last, self.leading = "", "", ""
        self.steps = self.patterns = 0
        self.around: list[tuple[str, int, int]] = []

    def beyond(self) -> str:
        if len(self.around) > DEEPEST:
            return f"brackets more than {DEEPEST:,} deep; nest them less"
        if self.steps > MOST_STEPS:
            return f"more than {MOST_STEPS:,} signs and groups in a row; use VALUES or IN, or BIND"
        if self.patterns > MOST_PATTERNS:
            about = f"more than {MOST_PATTERNS:,} patterns in a group"
            return f"{about}; put some of them in a group of their own"
        return ""

    def term(self, _: str = "") -> None:
        if self.kind == "list" and self.last not in ("/", "|", "^", "!"):
            self.patterns += 2  # a member
        self.last = ""

    def word(self, found: str) -> None:
        self.term()
        self.last = found.upper()
        if self.last in ("VALUES", "CONSTRUCT", "WHERE"):
            self.leading = self.last

    def open(self, found: str) -> None:
        kind = self.kind
        is_call = found == "(" and (kind in ("", "expression") or self.last.isupper())
        if kind in ("group", "list") and not is_call and self.last != "UNION":
            self.patterns += _COUNTS.get(found, 1)
        self.around.append((kind, self.steps, self.patterns))
        if found == "{":
            is_data = kind == "data" or self.leading in ("VALUES", "CONSTRUCT")
            self.kind, self.patterns, self.leading = "data" if is_data else "group", 0, ""
        elif is_call and kind != "data":
            self.kind = "expression"
        elif kind in ("group", "list"):
            self.kind = "list" if found == "(" else "group"
        self.steps, self.last = self.steps + 1, found

    def close(self, found: str) -> None:
        if self.around:
            self.kind, self.steps, patterns = self.around.pop()
            self.steps += self.kind != "data"
            self.patterns = patterns if found == "}" else self.patterns
        self.last = found

    def sign(self, found: str) -> None:
        if self.kind == "expression" and found == ",":
            self.steps = self.around[-1][1] + 1
        elif self.kind != "data":
            self.steps += 1
            self.patterns += self.kind in ("group", "list") and found in ".;,/"
        self.last = found
