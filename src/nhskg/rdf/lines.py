"""From a term to the line of an RDF file on which it is described.

RDF parsers tell no positions. What is found here is found in the text: the first line that begins
with the term, else the first that mentions it. That is where a person would look; in a file with
odd layout it can be a neighbour.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

from nhskg.rdf.errors import Place

__all__ = ["RdfText", "find_places"]

_DECLARED: Final = r"@?(?:prefix\s+[^\s:<>]*:|base)\s*<[^>]*>\s*\.?"
_DECLARATIONS: Final = re.compile(
    rf"^\s*{_DECLARED}(?:\s*{_DECLARED})*", re.IGNORECASE | re.MULTILINE
)
"""What a line or several begin with: one declaration after another."""
_PREFIX: Final = re.compile(r"prefix\s+([^\s:]*):\s*<([^>]*)>", re.IGNORECASE)
_ENDS: Final = re.compile(r"\.\s*(?:#.*)?$")


@dataclass(frozen=True)
class RdfText:
    """The text of an RDF file."""

    path: Path
    text: str

    @cached_property
    def lines(self) -> list[str]:
        """The lines of the file."""
        return self.text.split("\n")

    @cached_property
    def prefixes(self) -> list[tuple[str, str]]:
        """The prefixes that the file declares, with their namespaces."""
        return [
            (found[1], found[2])
            for declarations in _DECLARATIONS.finditer(self.text)
            for found in _PREFIX.finditer(declarations[0])
        ]

    def pattern(self, iri: str) -> re.Pattern[str]:
        """Return what matches an IRI as this file may write it."""
        forms = [f"<{re.escape(iri)}>", f'"{re.escape(iri)}"']
        for prefix, namespace in self.prefixes:
            if namespace and iri.startswith(namespace):
                name = re.escape(f"{prefix}:{iri[len(namespace) :]}")
                forms.append(rf"(?<![\w:.-]){name}(?![\w:-])")
        return re.compile("|".join(forms))

    def place(self, iri: str, predicate: str | None = None) -> Place | None:
        """Return the place at which an IRI is described, of its predicate if that is there."""
        pattern = self.pattern(iri)
        mention: Place | None = None
        for number, line in enumerate(self.lines, 1):
            if line.lstrip().startswith("#"):
                continue
            declarations = _DECLARATIONS.match(line)
            start = declarations.end() if declarations else 0
            found = pattern.search(line, start)
            if found is None:
                continue
            if not line[start : found.start()].strip(' {"@id:'):
                return self._of_predicate(number, predicate) or Place(
                    self.path, number, found.start() + 1
                )
            mention = mention or Place(self.path, number, found.start() + 1)
        return mention

    def _of_predicate(self, start: int, predicate: str | None) -> Place | None:
        """Return where a predicate stands in the block of Turtle that begins on a line."""
        if predicate is None:
            return None
        pattern = self.pattern(predicate)
        for number, line in enumerate(self.lines[start - 1 :], start):
            found = pattern.search(line)
            if found is not None:
                return Place(self.path, number, found.start() + 1)
            if _ENDS.search(line):
                return None
        return None


def find_places(texts: list[RdfText], iri: str, predicate: str | None = None) -> tuple[Place, ...]:
    """Return where an IRI is described, file by file."""
    found = (text.place(iri, predicate) for text in texts)
    return tuple(place for place in found if place is not None)
