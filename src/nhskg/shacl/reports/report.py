"""Findings with what a renderer needs beside them: rules, roots of paths, what fails."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

import pyoxigraph as ox

from nhskg import __version__
from nhskg.rdf.errors import Place, escaped
from nhskg.shacl.findings import Finding, Severity, settle
from nhskg.shacl.reports.rules import Rule

__all__ = ["Report", "one_line", "printable", "relative_path", "relative_uri"]


@dataclass(frozen=True)
class Report:
    """What a validation found, ready to be rendered.

    Attributes:
        findings: settled, that is sorted and with different fingerprints; see :meth:`of`.
        rules: what was checked, by the rule's id.
        roots: folders; a path below one is told relative to it, the first that fits.
        fail_on: the least severity that fails, or None where nothing does.
        known: how many findings a baseline holds back.
        complete: whether all checks ran; faults of reading keep the graph from being checked.
        triples: the report as RDF, where it comes from a SHACL processor and not from findings.
        version: the version of nhskg that the report names.
    """

    findings: tuple[Finding, ...]
    rules: Mapping[str, Rule] = field(default_factory=dict)
    roots: tuple[Path, ...] = ()
    fail_on: Severity | None = Severity.VIOLATION
    known: int = 0
    complete: bool = True
    triples: tuple[ox.Triple, ...] | None = None
    version: str = __version__

    @classmethod
    def of(cls, findings: Iterable[Finding], **others: object) -> Report:
        """Return the report of findings in any order, settled first."""
        return cls(settle(findings), **others)  # type: ignore[arg-type]  # checked by the class

    @property
    def failing(self) -> tuple[Finding, ...]:
        """The findings at or above the severity that fails."""
        if self.fail_on is None:
            return ()
        return tuple(each for each in self.findings if each.severity.reaches(self.fail_on))

    @property
    def counts(self) -> dict[Severity, int]:
        """How many findings of each severity there are."""
        found = Counter(each.severity for each in self.findings)
        return {severity: found[severity] for severity in Severity}

    def file(self, place: Place) -> str:
        """Return the path of a place as it is told: relative where it can be, with slashes."""
        return relative_path(place.path, self.roots)

    def address(self, place: Place) -> str:
        """Return ``file:line:column`` of a place, as far as it is known."""
        numbers = (place.line, place.column if place.line is not None else None)
        return ":".join(
            [escaped(self.file(place)), *(str(each) for each in numbers if each is not None)]
        )

    def place_of(self, finding: Finding) -> Place | None:
        """Return the place of a finding; of one that has none, that of its rule."""
        if finding.place is not None:
            return finding.place
        rule = self.rules.get(finding.rule)
        return rule.place if rule is not None else None

    def rules_in_order(self) -> tuple[Rule, ...]:
        """Return all rules that were checked or broken, by id."""
        found = dict(self.rules)
        for finding in self.findings:
            found.setdefault(finding.rule, Rule.unknown(finding.rule, finding.severity))
        return tuple(rule for _, rule in sorted(found.items()))

    def summary(self) -> str:
        """Return one line for a person: how many findings of which severity, and what is left."""
        counts = self.counts
        noun = "finding" if len(self.findings) == 1 else "findings"
        told = ", ".join(
            f"{count} {name if count == 1 else plural}"
            for count, name, plural in (
                (counts[Severity.VIOLATION], "violation", "violations"),
                (counts[Severity.WARNING], "warning", "warnings"),
                (counts[Severity.INFO], "info", "infos"),
            )
            if count
        )
        parts = [f"{len(self.findings)} {noun}" + (f": {told}" if told else "")]
        if self.known:
            parts.append(f"{self.known} known (baseline)")
        if not self.complete:
            parts.append("the graph was not checked: mend what keeps it from being read first")
        return "; ".join(parts)


def one_line(text: str) -> str:
    r"""Return a text with its white space, line ends included, as single spaces.

    What cannot be printed is written as an escape, so that no value commands a terminal.

    >>> one_line("a\n  b \x1b[31m")
    'a b \\x1b[31m'
    """
    return printable(" ".join(text.split()))


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
    """Return a told path as a URI reference (RFC 3986): relative, or with the scheme ``file``.

    >>> relative_uri("seeds/a b.yaml")
    'seeds/a%20b.yaml'
    """
    quoted = quote(os.fsencode(path), safe="/-._~")
    return f"file://{quoted}" if path.startswith("/") else quoted
