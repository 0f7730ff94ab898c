"""The baseline: a file of known findings, each with the reason why it is accepted.

The file is YAML, read as annotations are (line numbers, no duplicate keys)::

    known:
      - fingerprint: 3f0c1d6b2a9e8f745d10     # of the finding; the only thing that is compared
        rule: C-02                            # the next three are written for the reader
        at: seeds/documents/gazette.yaml
        message: a claim MUST name its claimant
        reason: the text leaves it open       # required
        expires: 2031-01-31                   # optional: the last day on which it is accepted

Faults of reading cannot be accepted: while there are any, nothing else can be checked.
"""

from __future__ import annotations

import datetime as dt
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import yaml

from nhskg.rdf.errors import InputError, Place
from nhskg.rdf.files import write_atomically
from nhskg.rdf.yaml_source import Source, read_source
from nhskg.shacl.findings import READING, Finding, Report, Severity, one_line, relative_path, settle

PLACEHOLDER: Final = "TODO say why this is accepted"
"""The reason that an update writes for a new entry; a warning until it is replaced."""

_FIELDS: Final = ("fingerprint", "rule", "at", "message", "reason", "expires")
_HEAD: Final = """\
# Findings of nhskg validate that are known and accepted, each with its reason.
# nhskg validate --baseline {name} --update-baseline writes this file; reasons are yours.
"""


@dataclass(frozen=True, slots=True)
class BaselineEntry:
    """One entry of a baseline; rule, place and message of its finding are for the reader."""

    fingerprint: str
    rule: str = ""
    at: str = ""
    message: str = ""
    reason: str = ""
    expires: dt.date | None = None
    place: Place | None = None

    def breaks(self, rule: str, message: str, repair: str) -> Finding:
        """Return that this entry breaks a rule; the message names the entry's finding."""
        named = " ".join(filter(None, (self.rule, self.at and f"at {self.at}")))
        named = f"{named}: {self.message}" if self.message else named
        message = f"{message} {named or f'finding {self.fingerprint}'}"
        value, place = self.fingerprint, self.place
        return Finding(rule, Severity.VIOLATION, message, repair, value=value, place=place)


@dataclass(frozen=True)
class Baseline:
    """The entries of a baseline file, and the findings against the file itself."""

    path: Path
    entries: tuple[BaselineEntry, ...] = ()
    findings: tuple[Finding, ...] = ()


def read_baseline(path: Path) -> Baseline:
    """Read a baseline; malformed entries become findings, at their lines.

    Raises:
        InputError: the file cannot be read, or is no YAML.
    """
    source = read_source(path, guide="'nhskg explain baseline-entry'")
    data = source.data
    if not isinstance(data, dict) or not isinstance(data.get("known"), list):
        raise InputError("a baseline is a list of entries under 'known:'", place=Place(path, 1, 1))
    findings = [
        _fault(source, name, f"unknown field '{name}'; a baseline has 'known' only", name)
        for name in data
        if name != "known"
    ]
    entries: list[BaselineEntry] = []
    indices: dict[str, int] = {}
    for index, raw in enumerate(data["known"]):
        if faults := list(_faults(source, raw, index, indices)):
            findings += faults
            continue
        fields = raw | {"expires": _day(raw.get("expires", ""))}
        entry = BaselineEntry(**fields, place=source.place("known", index))
        if reason := entry.reason.strip():
            entries.append(entry)
        if reason in ("", PLACEHOLDER):
            repair = "replace the placeholder" if reason else "add 'reason:' to the entry"
            severity = Severity.WARNING if reason else Severity.VIOLATION
            found = entry.breaks("baseline-reason", "no reason is given for accepting", repair)
            findings.append(replace(found, severity=severity))
    return Baseline(path, tuple(entries), tuple(findings))


def _fault(source: Source, value: str, message: str, *route: str | int) -> Finding:
    place = source.place(*route)
    return Finding("baseline-entry", Severity.VIOLATION, message, value=value, place=place)


def _faults(source: Source, raw: Any, index: int, indices: dict[str, int]) -> Iterator[Finding]:
    """Yield the faults of an entry; enter its fingerprint among those of the entries before it."""
    route = "known", index
    if not isinstance(raw, dict):
        message = "an entry has fields: 'fingerprint:', 'reason:', …"
        yield _fault(source, str(index), message, *route)
        return
    entry = str(raw.get("fingerprint"))
    first = indices.setdefault(entry, index)
    if not re.fullmatch("[0-9a-f]{20}", entry):
        message = "an entry needs the 'fingerprint' of its finding: 20 hex digits"
        yield _fault(source, entry, message, *route, "fingerprint")
        entry = str(index)
    elif first != index:
        line = source.place("known", first, "fingerprint").line
        message = f"the entry stands already on line {line}; keep one"
        yield _fault(source, entry, message, *route, "fingerprint")
    for name, value in raw.items():
        message = ""
        if name not in _FIELDS:
            message = f"unknown field '{name}'; an entry has {', '.join(_FIELDS)}"
        elif not isinstance(value, str):
            message = f"'{name}' takes one value"
        elif name == "expires" and _day(value) is None:
            message = f"'{value}' is no day; write 2031-01-31"
        if message:
            yield _fault(source, f"{entry} {name}", message, *route, name)


def _day(text: str) -> dt.date | None:
    try:
        return dt.datetime.strptime(text, "%Y-%m-%d").date()  # a day, no time
    except ValueError:
        return None


def apply_baseline(report: Report, baseline: Baseline, *, today: dt.date) -> Report:
    """Return a report without the findings that a baseline accepts, and with those against it.

    Of an incomplete report it is not known which entries are stale.
    """
    found = {each.fingerprint for each in report.findings if each.rule != READING}
    against, accepted = list(baseline.findings), set()
    for entry in baseline.entries:
        if entry.fingerprint not in found:
            if report.complete:
                message, repair = "no longer found:", "delete the entry"
                against.append(entry.breaks("baseline-stale", message, repair))
        elif entry.expires is not None and entry.expires < today:
            repair = "mend the finding and delete the entry, or give it a later date"
            message = f"expired on {entry.expires}:"
            against.append(entry.breaks("baseline-expired", message, repair))
        else:
            accepted.add(entry.fingerprint)
    new = [each for each in report.findings if each.fingerprint not in accepted]
    known = len(report.findings) - len(new)
    return replace(report, findings=tuple(sorted([*new, *settle(against)])), known=known)


def update_baseline(baseline: Baseline, report: Report) -> Baseline:
    """Return a baseline of the findings that fail (at least violations), or that it has already.

    An entry that stays keeps its reason and its date; a new one gets :data:`PLACEHOLDER`.
    """
    before = {each.fingerprint: each for each in baseline.entries}
    entries = []
    for finding in report.findings:
        entry = before.get(finding.fingerprint)
        if entry is None and finding.severity.reaches(report.fail_on or Severity.VIOLATION):
            entry = BaselineEntry(finding.fingerprint, reason=PLACEHOLDER)
        if entry is not None:
            place = finding.place
            at = relative_path(place.path, report.roots) if place else finding.focus or ""
            message = one_line(finding.message)
            entries.append(replace(entry, rule=finding.rule, at=at, message=message))
    entries.sort(key=lambda each: (each.at, each.rule, each.fingerprint))
    return Baseline(baseline.path, tuple(entries))


def write_baseline(baseline: Baseline) -> None:
    """Write a baseline in one step.

    Raises:
        InputError: the file cannot be written.
    """
    text = _HEAD.format(name=baseline.path.name)
    text += "known:\n" if baseline.entries else "known: []\n"
    for entry in baseline.entries:
        values = ((name, getattr(entry, name)) for name in _FIELDS)
        fields = [f"{name}: {_written(value)}" for name, value in values if value]
        text += "  - " + "\n    ".join(fields) + "\n"
    write_atomically(baseline.path, text)


def _written(value: str | dt.date) -> str:
    if isinstance(value, dt.date):
        return str(value)
    raw: str = yaml.safe_dump(value, default_style='"', allow_unicode=True, width=sys.maxsize)
    return raw.rstrip("\n")
