"""Findings, the rules that they break, and their report: one model for any check of a corpus.

A finding comes from reading an annotation, from a shape, or from a clash of OWL axioms.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from typing import Final, NamedTuple, Self

from pyoxigraph import NamedNode, Triple

from nhskg import __version__
from nhskg.rdf.errors import AnnotationError, InputError, Place, shortened
from nhskg.rdf.escaping import escaped
from nhskg.rdf.paths import PropertyPath, Term
from nhskg.rdf.terms import local_name, shorten_iri

READING: Final = "reading"  # the rule of every fault of reading an annotation
Locate = Callable[[Term, NamedNode | None, Term | None], tuple[Place, ...]]
"""From a node, a property and a value of it to their places; of what is derived, of its claims."""


class Severity(StrEnum):
    """How grave a finding is; the names are those of SHACL."""

    VIOLATION = "Violation"
    WARNING = "Warning"
    INFO = "Info"

    def reaches(self, threshold: Severity) -> bool:
        """Return whether this is as grave as a threshold, or graver."""
        gravest_first = tuple(Severity)
        return gravest_first.index(self) <= gravest_first.index(threshold)


class Example(NamedTuple):
    """Some lines that keep a rule, or break it."""

    title: str
    text: str
    language: str


class Target(NamedTuple):
    """One way in which a shape finds its focus nodes: ``class``, ``node``, ``subjects of``…."""

    kind: str
    term: Term


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule that findings name, as ``nhskg explain`` describes it: a requirement, or built in.

    Attributes:
        protects: what it protects against, in a sentence or more.
        source: where it comes from, for a reader: the kind of rule, its standard.
        iri, place, targets: of the shape, where it is one.
        asserted_only: whether the derived graph is left out (``nsh:over nsh:AssertedGraphs``).
        at: the property at whose line a result without a path is reported.
        read: whether reading the files is enough to check it, and no graph is needed.
    """

    id: str
    title: str
    severity: Severity
    protects: str = ""
    demands: str = ""
    repair: str = ""
    source: str = ""
    iri: str | None = None
    place: Place | None = None
    targets: tuple[Target, ...] = ()
    asserted_only: bool = False
    at: NamedNode | None = None
    valid: tuple[Example, ...] = ()
    invalid: tuple[Example, ...] = ()
    read: bool = False


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that a check has against a corpus.

    Attributes:
        rule: the id of the rule that it breaks, as ``C-02``, ``reading`` or ``ex:PersonShape``.
        repair: how to mend it; empty where the message says so itself.
        focus: IRI of what is wrong, if it has one.
        value: IRI or lexical form of the value that is wrong; as a term of N-Triples where another
            value would look alike.
        related: further places to look at; a derived thing has the claims behind it.
        component: IRI of the constraint component, where the finding is a result of SHACL.
        ordinal: tells apart findings that agree in rule, focus, path and value; see :func:`settle`.
    """

    rule: str
    severity: Severity
    message: str
    repair: str = ""
    focus: str | None = None
    path: PropertyPath | None = None
    value: str | None = None
    place: Place | None = None
    related: tuple[Place, ...] = ()
    component: str | None = field(default=None, compare=False)
    ordinal: int = 1

    def __str__(self) -> str:
        where = str(self.place) if self.place else shorten_iri(self.focus) if self.focus else "-"
        return one_line(f"{where}: {self.severity.value.lower()}: {self.text} [{self.rule}]")

    def __lt__(self, other: Finding) -> bool:
        return self.sort_key < other.sort_key

    @property
    def text(self) -> str:
        """The message, and the repair after it."""
        return f"{self.message}; {self.repair}" if self.repair else self.message

    @property
    def identity(self) -> tuple[str, ...]:
        """What it is about, whatever the line: else the file, and the message without numbers."""
        about, value = self.focus, self.value or ""
        if about is None:
            about = "/".join(self.place.path.parts[-2:]) if self.place else ""
            value = value or re.sub(r"\d+", "#", self.message)
        # without the namespace, so that another prefix for it makes no other finding
        rule = local_name(self.rule).rpartition(":")[2]
        return rule, about, str(self.path or ""), value

    @property
    def fingerprint(self) -> str:
        """Twenty hex digits: the finding's identity and its ordinal, digested."""
        key = "\x1f".join((*self.identity, str(self.ordinal)))
        return hashlib.sha256(key.encode("utf-8", "backslashreplace")).hexdigest()[:20]

    @property
    def sort_key(self) -> tuple[object, ...]:
        """Place by place, the graver first; what has no place comes last."""
        place = self.place
        position = (str(place.path), place.line or 0, place.column or 0) if place else ("", 0, 0)
        about = (self.focus or "", str(self.path or ""), self.value or "", self.message)
        rank = tuple(Severity).index(self.severity)
        return place is None, *position, rank, self.rule, *about, self.ordinal


def settle(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Sort findings, drop repetitions, and number what agrees, so that all fingerprints differ."""
    counts: Counter[tuple[str, ...]] = Counter()
    settled = []
    ordered = sorted(findings, key=lambda each: (each.sort_key[:-1], each.component or ""))
    for finding in dict.fromkeys(replace(each, ordinal=1) for each in ordered):
        counts[finding.identity] += 1
        settled.append(replace(finding, ordinal=counts[finding.identity]))
    return tuple(settled)


def from_error(error: InputError) -> tuple[Finding, ...]:
    """Return violations of ``reading``: the faults of annotations, or another input's error."""
    faults = error.faults if isinstance(error, AnnotationError) else [error]
    violation = READING, Severity.VIOLATION
    return settle(Finding(*violation, each.message, place=each.place) for each in faults)


@dataclass(frozen=True)
class Report:
    """The findings of a validation as :func:`settle` returns them, ready to be rendered.

    Attributes:
        rules: what was checked, by the rule's id.
        roots: folders; a path below one is written relative to it, the first that fits.
        fail_on: the least severity that fails, or None where nothing does.
        known: the number of findings that a baseline accepts.
        suppressed: the findings that comments in the data accept, with their reasons.
        outside: the number of findings that are on no line that was changed.
        complete: whether all checks ran; faults of reading keep the graph from being checked.
        readable: whether every file could be read at all, whatever it says.
        notes: what the summary says beside, such as that nothing was checked.
        triples: the report as RDF, where it is of any RDF and not of a project.
    """

    findings: tuple[Finding, ...]
    rules: Mapping[str, Rule] = field(default_factory=dict)
    roots: tuple[Path, ...] = ()
    fail_on: Severity | None = Severity.VIOLATION
    known: int = 0
    suppressed: tuple[tuple[Finding, str], ...] = ()
    outside: int = 0
    complete: bool = True
    readable: bool = True
    notes: tuple[str, ...] = ()
    triples: tuple[Triple, ...] | None = None
    version: str = __version__

    @property
    def failing(self) -> tuple[Finding, ...]:
        """The findings at or above the severity that fails."""
        least = self.fail_on
        return tuple(each for each in self.findings if least and each.severity.reaches(least))

    @property
    def counts(self) -> dict[str, int]:
        """The number of findings of each severity: ``violation``, ``warning``, ``info``."""
        found = Counter(each.severity for each in self.findings)
        return {severity.value.lower(): found[severity] for severity in Severity}

    def position(self, place: Place | None) -> tuple[str | None, int | None, int | None]:
        """Return the path of a place, relative where it can be, its line and its column."""
        known = place and (relative_path(place.path, self.roots), place.line, place.column)
        return known or (None, None, None)

    def address(self, place: Place) -> str:
        """Return ``file:line:column`` of a place, as far as it is known."""
        return str(place._replace(path=Path(relative_path(place.path, self.roots))))

    def place_of(self, finding: Finding) -> Place | None:
        """Return the place of a finding; of one that has none, that of its rule."""
        rule = self.rules.get(finding.rule)
        return finding.place or (rule.place if rule else None)

    def rules_in_order(self) -> tuple[Rule, ...]:
        """Return all rules that were checked or broken, by id."""
        findings = (*(each for each, _ in self.suppressed), *reversed(self.findings))
        found = {each.rule: Rule(each.rule, "", each.severity) for each in findings}
        return tuple(rule for _, rule in sorted({**found, **self.rules}.items()))

    def within(self, folders: Iterable[Path]) -> Self:
        """Return the report of the findings that have a place in some files or folders."""
        chosen = [each.resolve() for each in folders]

        def is_chosen(finding: Finding) -> bool:
            places = filter(None, (finding.place, *finding.related))
            return any(each.path.resolve().is_relative_to(one) for each in places for one in chosen)

        return replace(self, findings=tuple(filter(is_chosen, self.findings)))

    def summary(self) -> str:
        """Return one line for a person: the number of findings of each severity."""
        counts = [_counted(count, name) for name, count in self.counts.items() if count]
        total = _counted(len(self.findings), "finding")
        parts = [f"{total}: {', '.join(counts)}" if counts else total]
        if self.known:
            parts.append(f"{self.known} known (baseline)")
        if self.suppressed:
            parts.append(f"{len(self.suppressed)} suppressed")
        if self.outside:
            parts.append(f"{self.outside} outside the changes")
        if not self.complete:
            parts.append("the graph was not checked: mend what keeps it from being read first")
        return "; ".join((*parts, *self.notes))


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def one_line(text: str) -> str:
    r"""Return a text on one line, cut if very long; what cannot be printed is escaped.

    >>> one_line("a\n  b \x1b[31m")
    'a b \\x1b[31m'
    """
    return shortened(escaped(" ".join(text.split())))


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
