"""What a rule is, and every rule of a project, by its id.

Rules are the requirements of the shapes, what reading tells, the rules of OWL 2 RL that end in
false, the checks of the shapes themselves, and what a baseline must hold to. The rules that no
shape declares are data, ``built_in_rules.yaml``, with examples that a test runs.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, Final, Self

import yaml

from nhskg.rdf import bounds
from nhskg.rdf.errors import InputError, Place
from nhskg.rdf.terms import compact
from nhskg.shacl.findings import Severity
from nhskg.shacl.loading import ONTOLOGY_STYLE, load_shapes
from nhskg.shacl.requirements import Requirement, Shapes
from nhskg.shacl.unused_shapes import UNMATCHED

__all__ = ["Example", "Rule", "built_in_rules", "load_rules", "requirement_rules", "targeted_rules"]

_LANGUAGES: Final = {".ttl": "turtle", ".trig": "trig", ".yaml": "yaml", ".yml": "yaml"}
_EXAMPLE: Final = re.compile(r"(?P<number>.+?)-(?P<kind>valid|invalid)(?:[-.].*)?", re.IGNORECASE)
_BOUNDS: Final = {
    "max_bytes": bounds.MAX_BYTES,
    "max_depth": bounds.MAX_DEPTH,
    "max_items": bounds.MAX_ITEMS,
    "most_faults": bounds.MOST_FAULTS,
}
"""The numbers that the words of a built-in rule name."""


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
    found = dict(built_in_rules())
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
    return {rule.id: rule for rule in found} | {UNMATCHED: built_in_rules()[UNMATCHED]}


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


@cache
def built_in_rules() -> Mapping[str, Rule]:
    """Return the rules that no shape declares, by id: ``built_in_rules.yaml``."""
    text = resources.files("nhskg.shacl.reports").joinpath("built_in_rules.yaml").read_text("utf-8")
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    entries = yaml.load(text, loader)["rules"]  # noqa: S506  # both loaders are safe
    return {name: _built_in_rule(name, **entry) for name, entry in entries.items()}


def _built_in_rule(
    name: str,
    *,
    severity: str,
    protects: str,
    language: str,
    valid: dict[str, str],
    invalid: dict[str, str],
    **others: Any,
) -> Rule:
    """Return the rule of an entry; its examples are texts by title, all of one language."""
    return Rule(
        id=name,
        severity=Severity(severity),
        protects=protects.format(**_BOUNDS),
        valid=tuple(Example(title, text, language) for title, text in valid.items()),
        invalid=tuple(Example(title, text, language) for title, text in invalid.items()),
        **others,
    )
