"""The baseline: findings that are known, each with the reason why it is accepted.

The file is YAML, read as annotations are (line numbers, no duplicate keys)::

    known:
      - fingerprint: 3f0c1d6b2a9e8f745d10     # of the finding; the only thing that is compared
        rule: C-02                            # the next three are written for the reader
        at: seeds/documents/gazette.yaml
        message: a claim MUST name its claimant
        reason: the text leaves it open       # required
        expires: 2031-01-31                   # optional: the last day on which it is accepted

Faults of reading are never known: while they stand, nothing else can be checked.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from nhskg.rdf.errors import InputError, Place
from nhskg.rdf.files import write_atomically
from nhskg.rdf.yaml_source import Route, Source, read_source
from nhskg.shacl.findings import READING, Finding, Severity
from nhskg.shacl.reports.report import one_line, relative_path

__all__ = [
    "BASELINE_ENTRY",
    "BASELINE_EXPIRED",
    "BASELINE_REASON",
    "BASELINE_STALE",
    "PLACEHOLDER",
    "Baseline",
    "Judged",
    "Known",
    "judge",
    "read_baseline",
    "update_baseline",
    "write_baseline",
]

BASELINE_ENTRY: Final = "baseline-entry"
"""The rule of an entry of a baseline that cannot be used as it stands."""

BASELINE_EXPIRED: Final = "baseline-expired"
"""The rule of an entry whose expiry date has passed."""

BASELINE_REASON: Final = "baseline-reason"
"""The rule of an entry that doesn't say why its finding is accepted."""

BASELINE_STALE: Final = "baseline-stale"
"""The rule of an entry whose finding is no longer found."""

PLACEHOLDER: Final = "TODO say why this is accepted"
"""The reason that an update writes for a new entry, told as a warning until it is replaced."""

_FIELDS: Final = ("fingerprint", "rule", "at", "message", "reason", "expires")
_FINGERPRINT: Final = re.compile(r"[0-9a-f]{20}")
_ESCAPED: Final = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")
_HEAD: Final = """\
# Findings of nhskg validate that are known and accepted, each with its reason.
# nhskg validate --baseline {name} --update-baseline writes this file; reasons are yours.
"""


@dataclass(frozen=True, slots=True)
class Known:
    """One entry of a baseline.

    Attributes:
        fingerprint: of the finding.
        rule, at, message: what the finding was when it was entered; for the reader.
        reason: why it is accepted; empty where none is given.
        expires: the last day on which it is accepted.
        place: where the entry stands.
    """

    fingerprint: str
    rule: str = ""
    at: str = ""
    message: str = ""
    reason: str = ""
    expires: dt.date | None = None
    place: Place | None = None

    def is_expired(self, today: dt.date) -> bool:
        """Return whether its last day has passed."""
        return self.expires is not None and self.expires < today


@dataclass(frozen=True)
class Baseline:
    """A baseline that was read: its entries, and what is wrong with the file."""

    path: Path
    entries: tuple[Known, ...] = ()
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True)
class Judged:
    """Findings held against a baseline.

    Attributes:
        findings: those that are not known, and those about the baseline itself.
        known: how many the baseline holds back.
    """

    findings: tuple[Finding, ...]
    known: int


def read_baseline(path: Path) -> Baseline:
    """Read a baseline; entries that cannot be used become findings, at their lines.

    Raises:
        InputError: the file cannot be read, or is no YAML.
    """
    source = read_source(path, guide="'nhskg explain baseline-entry'")
    data = source.data
    reading = _Reading(source)
    if not isinstance(data, dict) or not isinstance(data.get("known"), list):
        raise InputError("a baseline is a list of entries under 'known:'", place=Place(path, 1, 1))
    for name in data:
        if name != "known":
            reading.tell((name,), name, f"unknown field '{name}'; a baseline has 'known' only")
    entries = [reading.entry(index, raw) for index, raw in enumerate(data["known"])]
    return Baseline(path, tuple(each for each in entries if each), tuple(reading.findings))


class _Reading:
    """One reading of a baseline: gathers what is wrong as it goes."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.findings: list[Finding] = []
        self._seen: dict[str, Place] = {}

    def tell(self, route: Route, key: str, message: str) -> None:
        place = self.source.place(*route)
        found = Finding(BASELINE_ENTRY, Severity.VIOLATION, message, value=key, place=place)
        self.findings.append(found)

    def entry(self, index: int, raw: Any) -> Known | None:
        """Return an entry that can be used, or None."""
        route = ("known", index)
        before = len(self.findings)
        if not isinstance(raw, dict):
            self.tell(route, str(index), "an entry has fields: 'fingerprint:', 'reason:', …")
            return None
        fingerprint = self._fingerprint(route, raw)
        for name, value in raw.items():
            if name not in _FIELDS:
                message = f"unknown field '{name}'; an entry has {', '.join(_FIELDS)}"
                self.tell((*route, name), f"{fingerprint} {name}", message)
            elif not isinstance(value, str):
                message = f"'{name}' takes one value"
                self.tell((*route, name), f"{fingerprint} {name}", message)
        expires = self._date(route, fingerprint, raw.get("expires"))
        if len(self.findings) > before:
            return None
        known = Known(
            **{name: raw.get(name, "") for name in _FIELDS if name != "expires"},
            expires=expires,
            place=self.source.place(*route),
        )
        return self._with_reason(known)

    def _fingerprint(self, route: Route, raw: dict[str, Any]) -> str:
        value = raw.get("fingerprint")
        if not isinstance(value, str) or not _FINGERPRINT.fullmatch(value):
            message = "an entry needs the 'fingerprint' of its finding: 20 hex digits"
            self.tell((*route, "fingerprint"), str(value), message)
            return str(route[-1])
        place = self.source.place(*route, "fingerprint")
        if value in self._seen:
            message = f"the entry stands already on line {self._seen[value].line}; keep one"
            self.tell((*route, "fingerprint"), value, message)
        self._seen.setdefault(value, place)
        return value

    def _date(self, route: Route, key: str, value: Any) -> dt.date | None:
        if not isinstance(value, str):
            return None
        try:
            return dt.datetime.strptime(value, "%Y-%m-%d").date()  # a day, no time
        except ValueError:
            message = f"'{value}' is no day; write 2031-01-31"
            self.tell((*route, "expires"), f"{key} expires", message)
            return None

    def _with_reason(self, known: Known) -> Known | None:
        """Return the entry if it gives a reason, and tell where that is none or a placeholder."""
        if known.reason.strip() and known.reason.strip() != PLACEHOLDER:
            return known
        missing = not known.reason.strip()
        repair = "add 'reason:' to the entry" if missing else "replace the placeholder"
        told = _against(known, BASELINE_REASON, "no reason is given for accepting", repair)
        self.findings.append(told if missing else replace(told, severity=Severity.WARNING))
        return None if missing else known


def judge(
    findings: Sequence[Finding], baseline: Baseline, *, today: dt.date, complete: bool = True
) -> Judged:
    """Hold findings against a baseline.

    Args:
        findings: settled findings.
        baseline: what is known.
        today: the day from which on an entry's date counts as passed.
        complete: whether all checks ran; if not, no entry is called stale.
    """
    found = {each.fingerprint for each in findings if each.rule != READING}
    told = list(baseline.findings)
    accepted = set()
    for known in baseline.entries:
        if known.fingerprint not in found:
            if complete:
                told.append(_against(known, BASELINE_STALE, "no longer found:", "delete the entry"))
        elif known.is_expired(today):
            repair = "mend the finding and delete the entry, or give it a later date"
            told.append(_against(known, BASELINE_EXPIRED, f"expired on {known.expires}:", repair))
        else:
            accepted.add(known.fingerprint)
    left = [each for each in findings if each.fingerprint not in accepted]
    return Judged((*left, *told), len(findings) - len(left))


def _against(known: Known, rule: str, message: str, repair: str) -> Finding:
    """Return a violation about an entry: the message, and what the entry says of its finding."""
    told = " ".join(part for part in (known.rule, known.at and f"at {known.at}") if part)
    told = f"{told}: {known.message}" if known.message else told
    return Finding(
        rule=rule,
        severity=Severity.VIOLATION,
        message=f"{message} {told or f'finding {known.fingerprint}'}",
        repair=repair,
        value=known.fingerprint,
        place=known.place,
    )


def update_baseline(
    baseline: Baseline, findings: Iterable[Finding], *, roots: Sequence[Path]
) -> Baseline:
    """Return a baseline of just these findings.

    An entry that stays keeps its reason and its date; a new one gets :data:`PLACEHOLDER`; what is
    told of a finding for the reader is brought up to date.
    """
    before = {each.fingerprint: each for each in baseline.entries}
    entries = []
    for finding in findings:
        old = before.get(finding.fingerprint) or Known(finding.fingerprint, reason=PLACEHOLDER)
        place = finding.place
        entries.append(
            replace(
                old,
                rule=finding.rule,
                at=relative_path(place.path, roots) if place is not None else finding.focus or "",
                message=one_line(finding.message),
            )
        )
    entries.sort(key=lambda each: (each.at, each.rule, each.fingerprint))
    return Baseline(baseline.path, tuple(entries))


def write_baseline(baseline: Baseline) -> None:
    """Write a baseline in one step.

    Raises:
        InputError: the file cannot be written.
    """
    lines = [_HEAD.format(name=baseline.path.name)]
    lines.append("known:\n" if baseline.entries else "known: []\n")
    for known in baseline.entries:
        values = {name: getattr(known, name) for name in _FIELDS if getattr(known, name)}
        sign = "- "
        for name, value in values.items():
            lines.append(f"  {sign}{name}: {_scalar(value)}\n")
            sign = "  "
    write_atomically(baseline.path, "".join(lines))


def _scalar(value: str | dt.date) -> str:
    """Return a value as YAML: a date as it is, a text in double quotes."""
    if isinstance(value, dt.date):
        return value.isoformat()
    quoted = json.dumps(value, ensure_ascii=False)
    return _ESCAPED.sub(lambda found: f"\\u{ord(found[0]):04x}", quoted)
