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
from nhskg.rdf.yaml_source import read_source
from nhskg.shacl.findings import READING, Finding, Report, Severity, one_line, relative_path, settle

BASELINE_ENTRY: Final = "baseline-entry"
BASELINE_EXPIRED: Final = "baseline-expired"
BASELINE_REASON: Final = "baseline-reason"
BASELINE_STALE: Final = "baseline-stale"
"""The rules of the catalogue that an entry of a baseline can break."""

PLACEHOLDER: Final = "TODO say why this is accepted"
"""The reason that an update writes for a new entry; a warning until it is replaced."""

_FIELDS: Final = ("fingerprint", "rule", "at", "message", "reason", "expires")
_FINGERPRINT: Final = re.compile(r"[0-9a-f]{20}")
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
    findings: list[Finding] = []

    def add(message: str, value: str, *route: str | int) -> None:
        place = source.place(*route)
        found = Finding(BASELINE_ENTRY, Severity.VIOLATION, message, value=value, place=place)
        findings.append(found)

    for name in data:
        if name != "known":
            add(f"unknown field '{name}'; a baseline has 'known' only", name, name)
    entries: list[BaselineEntry] = []
    lines: dict[str, int | None] = {}
    for index, raw in enumerate(data["known"]):
        faults = list(_faults(raw, index, lines))
        for field, value, message in faults:
            add(message, value, "known", index, field)
        if isinstance(raw, dict):
            line = source.place("known", index, "fingerprint").line
            lines.setdefault(str(raw.get("fingerprint")), line)
        if faults:
            continue
        days = {"expires": _day(raw["expires"])} if "expires" in raw else {}
        entry = BaselineEntry(**raw | days, place=source.place("known", index))
        reason = entry.reason.strip()
        if reason:
            entries.append(entry)
        if reason in ("", PLACEHOLDER):
            repair = "replace the placeholder" if reason else "add 'reason:' to the entry"
            found = entry.breaks(BASELINE_REASON, "no reason is given for accepting", repair)
            grave = Severity.WARNING if reason else Severity.VIOLATION
            findings.append(replace(found, severity=grave))
    return Baseline(path, tuple(entries), tuple(findings))


def _faults(raw: Any, index: int, lines: dict[str, int | None]) -> Iterator[tuple[str, str, str]]:
    """Yield the faults of an entry: the field, the value that identifies the fault, the message.

    The lines are those of the fingerprints in the entries before it.
    """
    if not isinstance(raw, dict):
        yield "", str(index), "an entry has fields: 'fingerprint:', 'reason:', …"
        return
    fingerprint = raw.get("fingerprint")
    entry = str(fingerprint)
    if not isinstance(fingerprint, str) or not _FINGERPRINT.fullmatch(fingerprint):
        message = "an entry needs the 'fingerprint' of its finding: 20 hex digits"
        yield "fingerprint", entry, message
        entry = str(index)
    elif fingerprint in lines:
        message = f"the entry stands already on line {lines[fingerprint]}; keep one"
        yield "fingerprint", entry, message
    for name, value in raw.items():
        if name not in _FIELDS:
            message = f"unknown field '{name}'; an entry has {', '.join(_FIELDS)}"
            yield name, f"{entry} {name}", message
        elif not isinstance(value, str):
            yield name, f"{entry} {name}", f"'{name}' takes one value"
        elif name == "expires" and _day(value) is None:
            yield name, f"{entry} {name}", f"'{value}' is no day; write 2031-01-31"


def _day(text: str) -> dt.date | None:
    try:
        return dt.datetime.strptime(text, "%Y-%m-%d").date()  # a day, no time
    except ValueError:
        return None


def apply_baseline(report: Report, baseline: Baseline, *, today: dt.date) -> Report:
    """Return a report without the findings that a baseline accepts, and with those against it.

    An entry is stale if its finding is no longer found, which is not known where the report is
    incomplete. It is accepted to the end of the day on which it expires.
    """
    found = {each.fingerprint for each in report.findings if each.rule != READING}
    against = list(baseline.findings)
    accepted = set()
    for entry in baseline.entries:
        if entry.fingerprint not in found:
            if report.complete:
                against.append(entry.breaks(BASELINE_STALE, "no longer found:", "delete the entry"))
        elif entry.expires is not None and entry.expires < today:
            repair = "mend the finding and delete the entry, or give it a later date"
            against.append(entry.breaks(BASELINE_EXPIRED, f"expired on {entry.expires}:", repair))
        else:
            accepted.add(entry.fingerprint)
    new = [each for each in report.findings if each.fingerprint not in accepted]
    known = len(report.findings) - len(new)
    return replace(report, findings=tuple(sorted([*new, *settle(against)])), known=known)


def update_baseline(baseline: Baseline, report: Report) -> Baseline:
    """Return a baseline of the findings that fail, and of those that it has already.

    An entry that stays keeps its reason and its date; a new one gets :data:`PLACEHOLDER`; rule,
    place and message are brought up to date. Where nothing fails, violations are entered.
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
    lines = [_HEAD.format(name=baseline.path.name)]
    lines.append("known:\n" if baseline.entries else "known: []\n")
    for entry in baseline.entries:
        fields = []
        for name in _FIELDS:
            if value := getattr(entry, name):
                text = str(value) if name == "expires" else _quoted(value)
                fields.append(f"{name}: {text}")
        lines.append("  - " + "\n    ".join(fields) + "\n")
    write_atomically(baseline.path, "".join(lines))


def _quoted(text: str) -> str:
    raw: str = yaml.safe_dump(text, default_style='"', allow_unicode=True, width=sys.maxsize)
    return raw.rstrip("\n")
