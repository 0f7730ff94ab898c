"""Suppressions in place: comments of a data file that accept a finding, each with the reason.

``# nhskg: ignore RULE: reason``, or ``<!-- nhskg: ignore RULE: reason -->`` in XML, is about the
findings of a rule that have a place on its line or, where it stands alone, on the next that is no
comment. JSON has no comments. Faults of reading cannot be accepted.
"""

from __future__ import annotations

import re
from bisect import bisect
from collections.abc import Iterable, Iterator
from dataclasses import replace
from operator import itemgetter
from pathlib import Path
from typing import Final, NamedTuple

import yaml
from pyoxigraph import RdfFormat

from nhskg.rdf.errors import Place
from nhskg.rdf.lines import format_of
from nhskg.rdf.nearest import did_you_mean
from nhskg.rdf.positions import comments, line_and_column, line_starts
from nhskg.shacl.findings import READING, Finding, Report, Severity, settle
from nhskg.shacl.rules import built_in_rules

_MARK: Final = re.compile(r"nhskg:\s*ignore")
_COMMENT: Final = re.compile(
    r"(?s)(?:#|<!--)\s*nhskg:\s*ignore(?![\w-])\s*"
    r"(?P<rule>\S*?):?(?:\s+(?P<reason>\S.*?))?\s*(?:-->)?"
)
_YAML: Final = re.compile(r"(?m)(?:^|(?<=\s))#.*")
_SKIPPED: Final = re.compile(r"(?:\s*(?:#[^\r\n]*|<!--(?s:.*?)-->))*\s*")


class _Suppression(NamedTuple):
    """A comment: where it stands, the path, line and rule that it is about, and its reason."""

    place: Place
    about: tuple[Path, int | None, str]
    reason: str | None


def apply_suppressions(report: Report, files: Iterable[tuple[Path, str]]) -> Report:
    """Return a report without the findings that comments in files accept, and with those against.

    A comment without a reason accepts nothing. Of an incomplete report it is not known which
    comments are about nothing.
    """
    found = [each for path, text in files for each in _suppressions(path, text)]
    reasons = {each.about: each.reason for each in found if each.reason}
    kept, suppressed, against, used = [], [], [], set()
    for finding in report.findings:
        places = filter(None, (finding.place, *finding.related))
        about = [(each.path, each.line, finding.rule) for each in places]
        given = [each for each in about if each in reasons and finding.rule != READING]
        used.update(given)
        if given:
            suppressed.append((finding, reasons[given[0]]))
        else:
            kept.append(finding)
    rules = dict(report.rules)
    known = {*rules, *(each.rule for each in report.findings)}
    for place, (path, line, rule), reason in found:
        name, message = "suppression-reason", "a suppression without a reason"
        if reason:
            name, message = "suppression-unused", f"line {line} has no finding of '{rule}'"
            message += "" if rule in known else f", which is no rule{did_you_mean(rule, known)}"
        if not reason or (report.complete and (path, line, rule) not in used):
            rules[name] = built_in_rules()[name]
            fault = Finding(name, Severity.VIOLATION, message, rules[name].repair, value=rule)
            related = (Place(path, line),) * (line != place.line)
            against.append(replace(fault, place=place, related=related))
    findings = tuple(sorted([*kept, *settle(against)]))
    return replace(report, findings=findings, suppressed=tuple(suppressed), rules=rules)


def _suppressions(path: Path, text: str) -> Iterator[_Suppression]:
    if not _MARK.search(text):
        return
    is_yaml = path.suffix in (".yaml", ".yml")
    found = _of_yaml(text) if is_yaml else comments(text, format_of(path) or RdfFormat.TRIG)
    starts = line_starts(text)
    for offset, comment in found:
        if words := _COMMENT.fullmatch(comment):
            line, column = line_and_column(starts, offset)
            place = Place(path, line, column)
            if not text[starts[line - 1] : offset].strip():
                after = _SKIPPED.match(text, offset)
                line, _ = line_and_column(starts, after.end() if after else 0)
            yield _Suppression(place, (path, line, words["rule"]), words["reason"])


def _of_yaml(text: str) -> Iterator[tuple[int, str]]:
    """Yield the comments of YAML; within quotes and in blocks there are none."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    marks = [
        (each.start_mark.index, each.end_mark.index)
        for each in yaml.scan(text, loader)
        if isinstance(each, yaml.ScalarToken) and not each.plain
    ]
    for found in _YAML.finditer(text):
        before = bisect(marks, found.start(), key=itemgetter(0))
        if not before or found.start() >= marks[before - 1][1]:
            yield found.start(), found[0]
