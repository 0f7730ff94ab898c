"""Files of any size that all hold the same thing again and again, as a fuzzer hardly makes them.

Where reading one of them takes time or memory that grows faster than the file does, a large one
hangs, or fills the memory.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

__all__ = ["FAMILIES", "grown"]

_HEADER: Final = "document:\n  id: fuzzed\n  label: Invented\n  source: fuzzed.txt\n"
_CLAIMS: Final = f"{_HEADER}claims:\n"
_MATTER: Final = "label: x, definition: y"
_CLAIM: Final = """\
  - id: c{0}
    kind: stance
    polarity: supports
    about: {1}
    claimant: reporter
    voice: headline
    quote: q
"""

Family = tuple[str, Callable[[int], str], str]
"""What such a file begins with, its part of a number, and how it ends."""

FAMILIES: Final[dict[str, Family]] = {
    "empty lines": ("", lambda _: "\n", ""),
    "tabs": ("", lambda _: "\t", ""),
    "one long word": (f"{_HEADER}  publisher: ", lambda _: "a", "\n"),
    "open brackets": ("", lambda _: "[", ""),
    "open quote": ('"x\n', lambda _: "x\n", ""),
    "anchors": ("a: [", lambda n: f"&a{n} x, ", "]\n"),
    "the same key": (_HEADER, lambda _: "a: x\n", ""),
    "unknown fields of a claim": (
        _CLAIMS + _CLAIM.format(0, "hwb"),
        lambda n: f"    k{n}: x\n",
        "",
    ),
    "unknown sections": ("people: []\n", lambda n: f"k{n}: []\n", ""),
    "claims that are none": (_CLAIMS, lambda _: "  - x\n", ""),
    "long lists of nothing": (
        f"matters:\n  - {{id: m, {_MATTER}, alt: [",
        lambda _: "[],",
        "]}\n",
    ),
    "names that are lists": (_CLAIMS + "  - {kind: provision, to: [", lambda _: "[x],", "]}\n"),
    "long misspelt names": (_CLAIMS, lambda n: _CLAIM.format(n, f"hiram-{n}-" * 100), ""),
    "further passages": (
        _CLAIMS + _CLAIM.format(0, "hwb") + "    also:\n",
        lambda n: f"      - {{quote: q{n}, at: [{n + 1}, {n}]}}\n",
        "",
    ),
    "passages without a claim": (
        f"{_HEADER}no_claim:\n",
        lambda n: f"  - {{reason: r, quote: q, at: [{n}, {n + 1}]}}\n",
        "",
    ),
    "claims": (_CLAIMS, lambda n: _CLAIM.format(n, "hwb"), ""),
    "claims of one id": (_CLAIMS, lambda _: _CLAIM.format(0, "hwb"), ""),
    "claims of a misspelt thing": (_CLAIMS, lambda n: _CLAIM.format(n, f"hiram-{n}"), ""),
    "claims of a misspelt claim": (_CLAIMS, lambda n: _CLAIM.format(n, f"claim/d{n}"), ""),
    "things of one id": ("people:\n", lambda _: "  - {id: p, label: x}\n", ""),
    "a chain of matters": (
        "matters:\n",
        lambda n: f"  - {{id: m{n}, {_MATTER}, broader: [m{n + 1}]}}\n",
        "",
    ),
    "circles of matters": (
        "matters:\n",
        lambda n: f"  - {{id: m{n}, {_MATTER}, broader: [m{n + 1}, m0]}}\n",
        "",
    ),
}


def grown(name: str, size: int) -> bytes:
    """Return the file of a family that has about so many bytes.

    >>> grown("tabs", 3)
    b'\\t\\t\\t'
    """
    start, part, end = FAMILIES[name]
    parts: list[str] = []
    length = 0
    while length < size:
        parts.append(part(len(parts)))
        length += len(parts[-1])
    return f"{start}{''.join(parts)}{end}".encode()
