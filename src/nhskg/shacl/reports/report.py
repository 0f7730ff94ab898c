"""A report: findings with the rules, root folders and threshold that renderers need."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Self
from urllib.parse import quote

import pyoxigraph as ox

from nhskg import __version__
from nhskg.rdf.errors import Place, escaped
from nhskg.shacl.findings import Finding, Rule, Severity


@dataclass(frozen=True)
class Report:
    """The findings of a validation, ready to be rendered.

    Attributes:
        findings: in order, with different fingerprints, as :func:`~nhskg.shacl.findings.settle`
            returns them.
        rules: what was checked, by the rule's id.
        roots: folders; a path below one is written relative to it, the first that fits.
        fail_on: the least severity that fails, or None where nothing does.
        known: the number of findings that a baseline accepts.
        complete: whether all checks ran; faults of reading keep the graph from being checked.
        readable: whether every file could be read at all, whatever it says.
        triples: the report as RDF, where it comes from a SHACL processor and not from findings.
        version: the version of nhskg that the report names.
    """

    findings: tuple[Finding, ...]
    rules: Mapping[str, Rule] = field(default_factory=dict)
    roots: tuple[Path, ...] = ()
    fail_on: Severity | None = Severity.VIOLATION
    known: int = 0
    complete: bool = True
    readable: bool = True
    triples: tuple[ox.Triple, ...] | None = None
    version: str = __version__

    def fails(self, finding: Finding) -> bool:
        """Return whether a finding is at or above the severity that fails."""
        return self.fail_on is not None and finding.severity.reaches(self.fail_on)

    @property
    def failing(self) -> tuple[Finding, ...]:
        """The findings that fail."""
        return tuple(filter(self.fails, self.findings))

    @property
    def counts(self) -> dict[Severity, int]:
        """The number of findings of each severity."""
        found = Counter(each.severity for each in self.findings)
        return {severity: found[severity] for severity in Severity}

    def position(self, place: Place | None) -> tuple[str | None, int | None, int | None]:
        """Return the path of a place, relative where it can be, its line and its column."""
        if place is None:
            return None, None, None
        return relative_path(place.path, self.roots), place.line, place.column

    def address(self, place: Place) -> str:
        """Return ``file:line:column`` of a place, as far as it is known."""
        file = relative_path(place.path, self.roots)
        return str(replace(place, path=Path(file)))

    def place_of(self, finding: Finding) -> Place | None:
        """Return the place of a finding; of one that has none, that of its rule."""
        rule = self.rules.get(finding.rule)
        return finding.place or (rule.place if rule is not None else None)

    def rules_in_order(self) -> tuple[Rule, ...]:
        """Return all rules that were checked or broken, by id."""
        found = dict(self.rules)
        for finding in self.findings:
            found.setdefault(finding.rule, Rule(finding.rule, "", finding.severity))
        return tuple(found[name] for name in sorted(found))

    def within(self, folders: Iterable[Path]) -> Self:
        """Return the report of the findings that have a place in some files or folders."""
        chosen = [each.resolve() for each in folders]

        def has_place(finding: Finding) -> bool:
            places = [finding.place, *finding.related]
            files = [each.path.resolve() for each in places if each is not None]
            return any(file.is_relative_to(path) for file in files for path in chosen)

        return replace(self, findings=tuple(filter(has_place, self.findings)))

    def summary(self) -> str:
        """Return one line for a person: the number of findings of each severity."""
        counts = ", ".join(
            _counted(count, severity.value.lower())
            for severity, count in self.counts.items()
            if count
        )
        total = _counted(len(self.findings), "finding")
        parts = [f"{total}: {counts}" if counts else total]
        if self.known:
            parts.append(f"{self.known} known (baseline)")
        if not self.complete:
            parts.append("the graph was not checked: mend what keeps it from being read first")
        return "; ".join(parts)


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def json_text(value: Any) -> str:
    """Return a value as the JSON of a file: indented, not escaped, with a line end."""
    return json.dumps(value, ensure_ascii=False, indent=2) + "\n"


def one_line(text: str) -> str:
    r"""Return a text with its white space, line ends included, as single spaces.

    What cannot be printed is written as an escape, so that no value commands a terminal.

    >>> one_line("a\n  b \x1b[31m")
    'a b \\x1b[31m'
    """
    return escaped(" ".join(text.split()))


def printable(text: str) -> str:
    """Return a text in which what cannot be printed is escaped as Python does; line ends stay."""
    return "\n".join(map(escaped, text.split("\n")))


def relative_path(path: Path, roots: Sequence[Path]) -> str:
    """Return a path relative to the first root that holds it, else absolute, with slashes.

    >>> relative_path(Path("/corpus/seeds/a.yaml"), [Path("/elsewhere"), Path("/corpus")])
    'seeds/a.yaml'
    """
    absolute = Path(os.path.abspath(path))  # noqa: PTH100  # links stay as the user wrote them
    for root in roots:
        if absolute != root and absolute.is_relative_to(root):
            return absolute.relative_to(root).as_posix()
    return absolute.as_posix()


def relative_uri(path: str) -> str:
    """Return a path as a URI reference (RFC 3986): relative, or with the scheme ``file``.

    >>> relative_uri("seeds/a b.yaml")
    'seeds/a%20b.yaml'
    """
    quoted = quote(os.fsencode(path), safe="/-._~")
    return f"file://{quoted}" if path.startswith("/") else quoted
