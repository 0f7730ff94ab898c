"""Findings, and the rules that they break: one model for whatever any check has against a corpus.

A finding comes from reading an annotation, from a shape, or from a clash of OWL axioms. It has the
rule that it breaks, how grave it is, what is wrong, how to mend it, and where. Its fingerprint
tells it from every other finding of a run, and stays when lines move.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Final, NamedTuple

from pyoxigraph import NamedNode

from nhskg.rdf.errors import AnnotationError, Fault, InputError, Place
from nhskg.rdf.paths import PropertyPath, Term
from nhskg.rdf.terms import shorten_iri

READING: Final = "reading"
"""The rule of every fault of reading an annotation."""

Locate = Callable[[Term, NamedNode | None, Term | None], tuple[Place, ...]]
"""From a node, a property and a value of it to their places, the first where to look first.

What is derived, a thing or a single triple, has the places of the claims behind it.
"""


class Severity(StrEnum):
    """How grave a finding is; the names are those of SHACL."""

    VIOLATION = "Violation"
    WARNING = "Warning"
    INFO = "Info"

    @property
    def rank(self) -> int:
        """The order of gravity: 0 for a violation, 2 for a remark."""
        return list(Severity).index(self)

    def reaches(self, threshold: Severity) -> bool:
        """Return whether this is as grave as a threshold, or graver."""
        return self.rank <= threshold.rank


@dataclass(frozen=True, slots=True)
class Example:
    """Some lines that keep a rule, or break it; the title says which file, or what is shown."""

    title: str
    text: str
    language: str = ""


class Target(NamedTuple):
    """One way in which a shape finds its focus nodes: ``class``, ``node``, ``subjects of``…."""

    kind: str
    term: Term


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule that findings name, as ``nhskg explain`` describes it: a requirement, or built in.

    Attributes:
        id: as findings name it, as ``C-02`` or ``reading``.
        protects: what it protects against, in a sentence or more.
        demands: what must or should be.
        source: where it comes from, for a reader: the kind of rule, its standard.
        iri: the IRI of the shape, where it is one.
        place: where it is written, where it is written in a file.
        targets: what a shape demands it of.
        asserted_only: whether a shape holds of the asserted graphs only.
        at: the property at whose line a result without a path is reported.
        valid: examples that keep it.
        invalid: examples that break it.
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
        rule: the requirement or check that it breaks, as ``C-02`` or ``reading``.
        severity: how grave it is.
        message: what is wrong.
        repair: how to mend it; empty where the message says so itself.
        focus: IRI of what is wrong, if it has one.
        path: the property path along which it is wrong.
        value: the IRI or the lexical form of the value that is wrong.
        place: where it is written; for a derived thing, the first claim behind it.
        related: the other places to look at: further claims behind a derived thing.
        component: IRI of the constraint component, where the finding is a result of SHACL; it
            makes no difference between findings.
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
        return f"{where}: {self.severity.value.lower()}: {self.text} [{self.rule}]"

    def __lt__(self, other: Finding) -> bool:
        return self.sort_key < other.sort_key

    @property
    def text(self) -> str:
        """The message, and the repair after it."""
        return f"{self.message}; {self.repair}" if self.repair else self.message

    @property
    def identity(self) -> tuple[str, ...]:
        """What the finding is about, whatever line it stands on and however it is worded.

        Where there is no focus, it is the file (with its folder) and the message, numbers left out.
        """
        about, value = self.focus, self.value or ""
        if about is None:
            about = "/".join(self.place.path.parts[-2:]) if self.place else ""
            value = value or re.sub(r"\d+", "#", self.message)
        return self.rule, about, str(self.path or ""), value

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
        return (
            place is None,
            *position,
            self.severity.rank,
            self.rule,
            self.focus or "",
            str(self.path or ""),
            self.value or "",
            self.message,
            self.ordinal,
        )


def settle(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Sort findings, drop repetitions, and number those that agree in all but wording or place.

    The fingerprints of what comes out differ from one another.
    """
    counts: dict[tuple[str, ...], int] = {}
    settled = []
    ordered = sorted(findings, key=lambda each: (each.sort_key[:-1], each.component or ""))
    for finding in dict.fromkeys(replace(each, ordinal=1) for each in ordered):
        identity = finding.identity
        counts[identity] = counts.get(identity, 0) + 1
        settled.append(replace(finding, ordinal=counts[identity]))
    return tuple(settled)


def from_fault(fault: Fault | InputError) -> Finding:
    """Return a fault of an annotation, or an error, as a violation of the rule ``reading``."""
    return Finding(READING, Severity.VIOLATION, fault.message, place=fault.place)


def from_error(error: InputError) -> tuple[Finding, ...]:
    """Return each fault of unreadable annotations, or the one error of another input."""
    faults = error.faults if isinstance(error, AnnotationError) else [error]
    return settle(map(from_fault, faults))
