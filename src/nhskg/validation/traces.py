"""What validating has looked at: so that the next build looks again only where something changed.

A *check* is one requirement over one bundle of focus nodes. While it runs, every triple pattern
that it matches against the graph is noted. As long as its focus nodes are the same and no triple
that came or went matches a noted pattern, it would find the same again (a constructive trace;
Mokhov, Mitchell and Peyton Jones, Build systems à la carte, 2018).

Patterns are kept as numbers of 64 bits. Should two patterns ever share a number, a check is done
once too often, and never once too rarely.
"""

from __future__ import annotations

import hashlib
import json
from array import array
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final
from zlib import crc32

import pyoxigraph as ox

from nhskg.terms import ID, XSD

__all__ = [
    "Check",
    "Key",
    "Result",
    "bundle_of",
    "changed_patterns",
    "load_checks",
    "pattern_number",
    "save_checks",
    "term_number",
]

Result = tuple[Any, ...]
"""A validation result in plain values, as JSON can hold them."""

Key = tuple[str, str, str]
"""What tells a check from others: the graphs that it sees, its shape, its bundle."""

_MASK: Final = (1 << 64) - 1
_WEIGHTS: Final = (0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9)
_BUNDLES: Final = 64
_INDEX: Final = "checks.json"
_READS: Final = "checks.bin"


@dataclass(frozen=True, slots=True)
class Check:
    """One requirement over one bundle of focus nodes, done.

    Attributes:
        focus: the number of the set of focus nodes.
        reads: the numbers of the patterns that it has matched.
        results: what it has found.
    """

    focus: int
    reads: array[int]
    results: tuple[Result, ...]

    def holds(self, focus: int, changed: frozenset[int]) -> bool:
        """Tell whether it would find the same again."""
        return self.focus == focus and changed.isdisjoint(self.reads)


def bundle_of(node: str) -> str:
    """Return the bundle of a focus node: its document or plan, or one of a few by its name.

    >>> bundle_of("https://w3id.org/nhskg/id/claim/gazette/sign-off/timing")
    'claim/gazette'
    >>> bundle_of("https://w3id.org/nhskg/id/holding/plan-a.sign-off.budget.board")
    'holding/plan-a'
    """
    first, *rest = node.removeprefix(ID).split("/")
    if node.startswith(ID) and rest:
        if len(rest) > 1:
            return f"{first}/{rest[0]}"
        if "." in rest[0]:
            return f"{first}/{rest[0].partition('.')[0]}"
    return str(crc32(node.encode()) % _BUNDLES)


@lru_cache(maxsize=1 << 18)
def term_number(text: str, language: str | None = None, datatype: str | None = None) -> int:
    """Return the number of a term: an IRI, ``_:`` and a label, or a literal with its datatype."""
    whole = f"{text}\0{(language or '').lower()}\0{datatype or ''}"
    return int.from_bytes(hashlib.blake2b(whole.encode(), digest_size=8).digest(), "little")


def pattern_number(subject: int, predicate: int, value: int) -> int:
    """Return the number of a triple pattern, given those of its terms; 0 stands for any term."""
    numbers = zip((subject, predicate, value), _WEIGHTS, strict=True)
    return sum(number * weight for number, weight in numbers) & _MASK


def changed_patterns(triples: Iterable[ox.Triple]) -> frozenset[int]:
    """Return the numbers of all patterns that any of some triples matches."""
    found: set[int] = set()
    for triple in triples:
        s, p, o = (_number(term) for term in (triple.subject, triple.predicate, triple.object))
        found.update(pattern_number(a, b, c) for a in (0, s) for b in (0, p) for c in (0, o))
    return frozenset(found)


def _number(term: Any) -> int:
    if isinstance(term, ox.Literal):
        language = term.language
        datatype = None if language else term.datatype.value
        return term_number(term.value, language, datatype or XSD + "string")
    return term_number(term.value if isinstance(term, ox.NamedNode) else str(term))


def save_checks(folder: Path, checks: Mapping[Key, Check]) -> None:
    """Write checks into a folder."""
    index = []
    reads: array[int] = array("Q")
    for key, check in checks.items():
        reads.extend(check.reads)
        index.append([*key, check.focus, len(check.reads), check.results])
    (folder / _INDEX).write_text(json.dumps(index, ensure_ascii=False), "utf-8")
    (folder / _READS).write_bytes(reads.tobytes())


def load_checks(folder: Path) -> dict[Key, Check]:
    """Read the checks of a folder.

    Raises:
        OSError: there are none.
        ValueError: the files do not belong together.
    """
    index = json.loads((folder / _INDEX).read_text("utf-8"))
    reads: array[int] = array("Q")
    reads.frombytes((folder / _READS).read_bytes())
    checks = dict(_checks(index, reads))
    if sum(len(check.reads) for check in checks.values()) != len(reads):
        raise ValueError("the index of the checks does not fit what they read")
    return checks


def _checks(index: Any, reads: array[int]) -> Iterator[tuple[Key, Check]]:
    start = 0
    for layer, shape, bundle, focus, length, results in index:
        found = tuple(_frozen(each) for each in results)
        yield (layer, shape, bundle), Check(focus, reads[start : start + length], found)
        start += length


def _frozen(value: Any) -> Any:
    return tuple(_frozen(each) for each in value) if isinstance(value, list) else value
