"""What a rule is, and every rule of a project, by its id.

Rules are the requirements of the shapes, what reading tells, the rules of OWL 2 RL that end in
false, the checks of the shapes themselves, and what a baseline must hold to. A rule that no shape
declares is described in a catalogue here, with an example that its test runs.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

from nhskg.errors import InputError, Place
from nhskg.reports import owl_rules, reading_rules
from nhskg.terms import compact
from nhskg.validation.findings import NO_DOCUMENTS, READING, Severity
from nhskg.validation.idle_shapes import IDLE, UNDECLARED, UNMATCHED
from nhskg.validation.loading import ONTOLOGY_STYLE, load_shapes
from nhskg.validation.requirements import Requirement, Shapes

__all__ = [
    "BASELINE_ENTRY",
    "BASELINE_EXPIRED",
    "BASELINE_REASON",
    "BASELINE_STALE",
    "Example",
    "Rule",
    "built_in_rules",
    "load_rules",
    "requirement_rules",
    "targeted_rules",
]

BASELINE_ENTRY: Final = "baseline-entry"
"""The rule of an entry of a baseline that cannot be used as it stands."""

BASELINE_EXPIRED: Final = "baseline-expired"
"""The rule of an entry whose expiry date has passed."""

BASELINE_REASON: Final = "baseline-reason"
"""The rule of an entry that doesn't say why its finding is accepted."""

BASELINE_STALE: Final = "baseline-stale"
"""The rule of an entry whose finding is no longer found."""

_LANGUAGES: Final = {".ttl": "turtle", ".trig": "trig", ".yaml": "yaml", ".yml": "yaml"}
_EXAMPLE: Final = re.compile(r"(?P<number>.+?)-(?P<kind>valid|invalid)(?:[-.].*)?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Example:
    """Some lines that keep a rule, or break it; the title says which file, or what is shown."""

    title: str
    text: str
    language: str = ""


@dataclass(frozen=True, slots=True)
class Rule:
    """What findings are told under, and what ``nhskg explain`` says of it.

    Attributes:
        id: as findings name it.
        title: a few words.
        severity: of a finding that breaks it.
        protects: what it protects against, in a sentence or more.
        demands: what must or should be.
        repair: how to mend a finding.
        source: where it comes from, for a reader: the kind of rule, its standard.
        iri: the IRI of the shape, where it is one.
        place: where it is written, where it is written in a file.
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
    valid: tuple[Example, ...] = ()
    invalid: tuple[Example, ...] = ()
    read: bool = False

    @classmethod
    def unknown(cls, rule_id: str, severity: Severity) -> Self:
        """Return a rule of which nothing is known but a finding of it."""
        return cls(rule_id, "", severity)

    @classmethod
    def conformance(cls) -> Self:
        """Return what stands for all shapes together, where their rules are not known."""
        return cls("conforms", "the data conforms to the shapes", Severity.VIOLATION)

    @property
    def help(self) -> str:
        """What a service shows beside a finding: the demand, the danger, the repair."""
        parts = [self.demands, self.protects, f"Repair: {self.repair}." if self.repair else ""]
        text = " ".join(_sentence(each) for each in parts if each)
        return text or f"A finding of {self.id}."


def _sentence(text: str) -> str:
    text = " ".join(text.split())
    text = text[:1].upper() + text[1:]
    return text if text.endswith((".", "!", "?")) else f"{text}."


def load_rules(shapes: Path) -> dict[str, Rule]:
    """Return all rules of a project, by id.

    Args:
        shapes: the folder of its shapes. Shapes that cannot be read are left out: what is wrong
            with them is told by validation.
    """
    found = built_in_rules()
    for path in (shapes, shapes / ONTOLOGY_STYLE):
        try:
            found |= {rule.id: rule for rule in requirement_rules(path)}
        except (InputError, OSError):  # the latter where an example cannot be read
            continue
    return dict(sorted(found.items()))


def requirement_rules(shapes: Path) -> Iterator[Rule]:
    """Yield a rule for each requirement of a folder, or of a file, of shapes.

    Raises:
        InputError: the shapes cannot be read.
    """
    folder = shapes if shapes.is_dir() else shapes.parent
    examples = _examples(folder / "examples")
    for requirement in load_shapes(shapes).requirements:
        yield _requirement_rule(requirement, examples)


def targeted_rules(shapes: Shapes) -> dict[str, Rule]:
    """Return a rule for each named shape with a target, by its name."""
    found = [_requirement_rule(requirement, {}) for requirement in shapes.requirements]
    return {rule.id: rule for rule in found} | {_UNMATCHED.id: _UNMATCHED}


def _requirement_rule(
    requirement: Requirement, examples: dict[tuple[str, str], list[Example]]
) -> Rule:
    number = requirement.number.lower()
    file = requirement.place.path.name
    targets = ", ".join(f"{each.kind} {compact(each.term)}" for each in requirement.targets)
    return Rule(
        id=requirement.number,
        title=requirement.name,
        severity=requirement.severity,
        protects=requirement.description,
        demands=requirement.message,
        repair=requirement.repair,
        source=f"requirement of `shapes/{file}` on {targets}",
        iri=requirement.iri,
        place=requirement.place,
        valid=tuple(examples.get((number, "valid"), ())),
        invalid=tuple(examples.get((number, "invalid"), ())),
    )


def _examples(folder: Path) -> dict[tuple[str, str], list[Example]]:
    """Return the examples of a folder by number of requirement and kind, in order of name."""
    found: dict[tuple[str, str], list[Example]] = {}
    for path in sorted(folder.rglob("*")) if folder.is_dir() else []:
        name = _EXAMPLE.fullmatch(path.name)
        if name is None or not path.is_file() or path.suffix not in _LANGUAGES:
            continue
        title = f"shapes/examples/{path.relative_to(folder).as_posix()}"
        lines = path.read_text("utf-8").splitlines()
        text = "\n".join(line for line in lines if not line.startswith("#+"))
        example = Example(title, text.strip("\n") + "\n", _LANGUAGES[path.suffix])
        found.setdefault((name["number"].lower(), name["kind"].lower()), []).append(example)
    return found


def built_in_rules() -> dict[str, Rule]:
    """Return the rules that no shape declares, by id."""
    rules = [_reading_rule(), _NO_DOCUMENTS, *_OWL, *_SHAPES, *_BASELINE]
    return {rule.id: rule for rule in rules}


def _reading_rule() -> Rule:
    return Rule(
        id=READING,
        title="an annotation file can be read",
        severity=Severity.VIOLATION,
        protects=reading_rules.PROTECTS,
        demands="every file of a corpus MUST be of the form that docs/annotating.md gives",
        repair="as the message says; the kinds of fault are below",
        source="reading of `seeds/`",
        invalid=tuple(
            Example(f"{each.title} (told as: {each.told})", each.text, "yaml")
            for each in reading_rules.FAULTS
        ),
        valid=(Example("a register file", reading_rules.VALID, "yaml"),),
        read=True,
    )


_NO_DOCUMENTS: Final = Rule(
    id=NO_DOCUMENTS,
    title="a corpus has no documents",
    severity=Severity.VIOLATION,
    protects="Shapes find nothing to look at in a corpus without documents, and pass as success: "
    "the documents may be in another folder, or the command work on another project. Of the shapes "
    "that find nothing, none is told then.",
    demands="a corpus MUST have at least one document in `seeds/documents/`",
    repair="add a document, `seeds/documents/<id>.yaml`, or name another project with `--project`",
    source="reading of `seeds/`",
    valid=(Example("a corpus", "seeds/documents/gazette-boards.yaml\n", "text"),),
    invalid=(
        Example(
            "documents in a folder that is not read",
            "seeds/documents/2013/gazette-boards.yaml\n",
            "text",
        ),
    ),
)

_OWL: Final = tuple(
    Rule(
        id=f"owl-{each.name}",
        title=each.title,
        severity=Severity.VIOLATION,
        protects=owl_rules.PROTECTS,
        demands=each.demands,
        repair="correct the claims, or the axiom that forbids it",
        source=f"OWL 2 RL/RDF rule `{each.name}`, table {each.table}; it ends in false",
        valid=(Example("consistent", each.valid, "turtle"),),
        invalid=(Example("inconsistent", each.invalid, "turtle"),),
    )
    for each in owl_rules.CLASHES
)

_UNMATCHED: Final = Rule(
    id=UNMATCHED,
    title="a shape finds nothing to look at",
    severity=Severity.INFO,
    protects="A shape whose target matches no node checks nothing, and passes as success. Where "
    "no target of any shape given with --shapes matches, this is a violation: nothing was checked.",
    demands="a shape SHOULD have at least one focus node in a corpus",
    repair="nothing to mend if the corpus has no such thing; else correct the target",
    source="check of the shapes against the data",
    valid=(Example("a target with instances", "sh:targetClass nhs:Plan ;", "turtle"),),
    invalid=(Example("a target without", "sh:targetSubjectsOf nhs:newName ;  # none", "turtle"),),
)

_SHAPES: Final = (
    Rule(
        id=UNDECLARED,
        title="a shape uses a term that no ontology declares",
        severity=Severity.VIOLATION,
        protects="A misspelt class or property in a shape matches nothing, and passes as success; "
        "and so does a misspelt word of SHACL itself, such as sh:targetClas.",
        demands="every class and property that a shape names MUST be declared in the ontology, "
        "and every word of SHACL be one that SHACL has",
        repair="correct the name in the shape, or declare it in the ontology",
        source="check of the shapes against the ontology",
        valid=(Example("declared", "sh:targetClass nhs:Provision ;", "turtle"),),
        invalid=(Example("misspelt", "sh:targetClass nhs:Provison ;", "turtle"),),
    ),
    Rule(
        id=IDLE,
        title="a shape is asked by nothing",
        severity=Severity.VIOLATION,
        protects="A shape that lost its target checks nothing, and passes as success.",
        demands="a shape MUST have a target, or another shape refer to it",
        repair="give it a target, such as sh:targetClass, or delete it",
        source="check of the shapes",
        valid=(Example("a target", "nsh:X a sh:NodeShape ; sh:targetClass nhs:Plan .", "turtle"),),
        invalid=(Example("none", "nsh:X a sh:NodeShape ; sh:nodeKind sh:IRI .", "turtle"),),
    ),
    _UNMATCHED,
)

_KNOWN: Final = """\
known:
  - fingerprint: 3f0c1d6b2a9e8f745d10
    reason: {reason}
"""
_GOOD: Final = (
    Example("a baseline", _KNOWN.format(reason="the text itself leaves the holder open"), "yaml"),
)


def _baseline_rule(
    name: str, title: str, *, protects: str, repair: str, invalid: str, warns: bool = False
) -> Rule:
    return Rule(
        id=name,
        title=title,
        severity=Severity.WARNING if warns else Severity.VIOLATION,
        protects=protects,
        demands="a baseline MUST list known findings only, each once, with a reason",
        repair=repair,
        source="check of the file that `--baseline` names",
        valid=_GOOD,
        invalid=(Example(title, invalid, "yaml"),),
        read=True,
    )


_BASELINE: Final = (
    _baseline_rule(
        BASELINE_ENTRY,
        "an entry of the baseline cannot be used",
        protects="An entry with a mistake in it would hold nothing back, or too much, unnoticed.",
        repair="correct the entry as the message says",
        invalid="known:\n  - fingerprint: not-a-fingerprint\n    reason: accepted\n",
    ),
    _baseline_rule(
        BASELINE_EXPIRED,
        "an entry of the baseline has expired",
        protects="What was accepted for a time would be accepted for ever.",
        repair="mend the finding and delete the entry, or set a later date and say why",
        invalid=_KNOWN.format(reason="until the second reading") + "    expires: 2020-01-31\n",
    ),
    _baseline_rule(
        BASELINE_REASON,
        "an entry of the baseline gives no reason",
        protects=(
            "A finding that nobody accounts for looks like one that was accepted. Where there is "
            "no reason at all this is a violation, and the finding counts; the placeholder that "
            "`--update-baseline` writes is a warning."
        ),
        repair="say why the finding is accepted, or mend it and delete the entry",
        invalid="known:\n  - fingerprint: 3f0c1d6b2a9e8f745d10\n",
        warns=True,
    ),
    _baseline_rule(
        BASELINE_STALE,
        "an entry of the baseline is no longer found",
        protects="A stale entry would hold back the same finding when it comes again.",
        repair="delete the entry, or run nhskg validate --baseline FILE --update-baseline",
        invalid=_KNOWN.format(reason="mended since"),
    ),
)
