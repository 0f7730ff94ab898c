"""Findings: one model for whatever any check has against a corpus.

A finding comes from reading an annotation, from a shape, or from a clash of OWL axioms. It has the
rule that it breaks, how grave it is, what is wrong, how to mend it, and where. Its fingerprint
tells it from every other finding of a run, and stays when lines move.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from typing import Any, Final, Protocol

from nhskg.rdf.errors import AnnotationError, Fault, InputError, Place
from nhskg.rdf.paths import PropertyPath
from nhskg.rdf.terms import NS, shorten_iri

__all__ = [
    "NO_DOCUMENTS",
    "READING",
    "Behind",
    "Finding",
    "Locate",
    "Severity",
    "from_error",
    "from_fault",
    "from_inconsistency",
    "no_documents",
    "settle",
]


class Locate(Protocol):
    """Finds where the triple that a finding is about is written."""

    def __call__(
        self, focus: str, predicate: str | None = None, value: str | None = None
    ) -> tuple[Place, ...]:
        """Return the places of a focus, or of its field that a predicate comes from.

        The first place is where to look first. What is derived, a thing or a single triple, is
        written nowhere: its places are those of the claims behind it.

        Args:
            focus: IRI of a thing; anything else has no place.
            predicate: IRI of a property of it.
            value: the IRI or the lexical form of a value of the property.
        """


READING: Final = "reading"
"""The rule of every fault that reading an annotation tells."""


NO_DOCUMENTS: Final = "no-documents"
"""The rule of a corpus in which there is nothing to check."""


class Severity(StrEnum):
    """How grave a finding is; the names are those of SHACL."""

    VIOLATION = "Violation"
    WARNING = "Warning"
    INFO = "Info"

    @property
    def rank(self) -> int:
        """The order of gravity: 0 for a violation, 2 for a remark."""
        return _RANKS[self]

    def reaches(self, threshold: Severity) -> bool:
        """Return whether this is as grave as a threshold, or graver."""
        return self.rank <= threshold.rank


_RANKS: Final = {each: rank for rank, each in enumerate(Severity)}


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
        if self.focus is not None:
            return (self.rule, self.focus, str(self.path or ""), self.value or "")
        file = "/".join(self.place.path.parts[-2:]) if self.place else ""
        return (
            self.rule,
            file,
            str(self.path or ""),
            self.value or re.sub(r"\d+", "#", self.message),
        )

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
    for finding in dict.fromkeys(_numbered(each, 1) for each in ordered):
        identity = finding.identity
        counts[identity] = counts.get(identity, 0) + 1
        settled.append(_numbered(finding, counts[identity]))
    return tuple(settled)


def _numbered(finding: Finding, ordinal: int) -> Finding:
    return finding if finding.ordinal == ordinal else replace(finding, ordinal=ordinal)


def from_fault(fault: Fault) -> Finding:
    """Return a fault of an annotation as a violation of the rule ``reading``."""
    return Finding(READING, Severity.VIOLATION, fault.message, place=fault.place)


def from_error(error: InputError) -> tuple[Finding, ...]:
    """Return what an unreadable input tells: each fault of the annotations, or the one error."""
    if isinstance(error, AnnotationError):
        return settle(from_fault(fault) for fault in error.faults)
    return (Finding(READING, Severity.VIOLATION, error.message, place=error.place),)


def no_documents(folder: Path) -> Finding:
    """Return what is told of a corpus without documents.

    Args:
        folder: where they should stand.
    """
    return Finding(
        NO_DOCUMENTS,
        Severity.VIOLATION,
        "there are no documents here, and so no claims to check",
        repair="add one, seeds/documents/<id>.yaml, or name another project with --project",
        place=Place(folder),
    )


@dataclass(frozen=True, slots=True)
class Behind:
    """A claim that something follows from: its IRI, and where its passages stand, in words."""

    claim: str
    passages: str


def from_inconsistency(
    rule: str,
    triples: Iterable[Any],
    locate: Locate,
    *,
    axioms: Iterable[str] = (),
    behind: Iterable[Behind] = (),
    evidence: Locate | None = None,
) -> Finding:
    """Return a clash of OWL axioms as a violation.

    Args:
        rule: the rule of OWL 2 RL that ends in false, as ``cax-dw``; ``prp-rng+dt-not-type`` is
            the second, found by way of the first.
        triples: the triples that clash: objects with ``subject``, ``predicate`` and ``object``,
            each a term of pyoxigraph.
        locate: from a triple to its places.
        axioms: those that forbid it, in words.
        behind: the claims that the triples rest on.
        evidence: from a claim to the places of its quotes; ``locate`` where it is not given.
    """
    told: list[str] = []
    places: list[Place] = []
    focus: str | None = None
    for triple in triples:
        parts = [str(getattr(part, "value", part)) for part in _parts(triple)]
        focus = focus or parts[0]
        told.append(" ".join(map(shorten_iri, parts)))
        places += (each for each in locate(*parts) if each not in places)
    message = f"these cannot all be true: {'; '.join(told) or 'the axioms of the ontology'}"
    forbidding = list(axioms)
    message += f"; by the axiom {' and '.join(forbidding)}" if forbidding else ""
    said = []
    for each in behind:
        quotes = (evidence or locate)(each.claim, NS + "evidence")
        places += (place for place in quotes if place not in places)
        where = [f"{p.path.name}:{p.line}:{p.column}" for p in quotes]
        said.append(
            f"{shorten_iri(each.claim)} ({'; '.join(filter(None, [*where, each.passages]))})"
        )
    message += f"; said in {', '.join(said)}" if said else ""
    return Finding(
        rule=f"owl-{rule.rpartition('+')[2]}",
        severity=Severity.VIOLATION,
        message=message,
        repair="correct the claims, or the axiom that forbids it",
        focus=focus,
        value=" ; ".join(told),
        place=places[0] if places else None,
        related=tuple(places[1:]),
    )


def _parts(triple: Any) -> tuple[Any, Any, Any]:
    return triple.subject, triple.predicate, triple.object
