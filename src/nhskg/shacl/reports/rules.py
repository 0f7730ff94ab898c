"""The catalogue of rules: each rule that a finding can break, with its description and examples.

Rules are the requirements of the shapes, the faults of reading, the rules of OWL 2 RL that end in
false, the checks of the shapes themselves, and the checks of a baseline. The rules that no shape
declares are data, ``built_in_rules.yaml``, with examples that a test runs. ``nhskg explain RULE``
prints the page of a rule; ``make docs`` writes them all to ``docs/rules/``.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, Final

import yaml

from nhskg.rdf import errors, yaml_source
from nhskg.rdf.errors import InputError, Place
from nhskg.rdf.terms import compact
from nhskg.shacl.findings import Severity
from nhskg.shacl.loading import ONTOLOGY_STYLE, load_shapes
from nhskg.shacl.requirements import Requirement, Shapes
from nhskg.shacl.unused_shapes import UNMATCHED

__all__ = ["Example", "Rule", "built_in_rules", "load_rules", "render_page", "targeted_rules"]

_LANGUAGES: Final = {".ttl": "turtle", ".trig": "trig", ".yaml": "yaml", ".yml": "yaml"}
_EXAMPLE: Final = re.compile(r"(.+?-(?:valid|invalid))(?:[-.].*)?")


@dataclass(frozen=True, slots=True)
class Example:
    """Some lines that keep a rule, or break it; the title says which file, or what is shown."""

    title: str
    text: str
    language: str = ""


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule that findings name, as ``nhskg explain`` describes it.

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

    @property
    def help(self) -> str:
        """What a service shows beside a finding: the demand, the danger, the repair."""
        parts = [self.demands, self.protects, f"Repair: {self.repair}." if self.repair else ""]
        text = " ".join(_sentence(" ".join(each.split())) for each in parts if each)
        return text or f"A finding of {self.id}."


def _sentence(text: str) -> str:
    """Return a text with a capital letter and a full stop."""
    text = text[:1].upper() + text[1:]
    return text if text.endswith((".", "!", "?")) else f"{text}."


def render_page(rule: Rule) -> str:
    """Return the page of a rule in Markdown: its description, its examples, and the repair."""
    severity = rule.severity.value.lower()
    lines = [
        f"# {rule.id}: {rule.title}",
        "",
        f"Severity: {severity}. {_sentence(rule.source)}",
        "",
    ]
    for heading, text in (
        ("What it demands", rule.demands),
        ("What it protects against", rule.protects),
        ("Repair", rule.repair),
    ):
        if text:
            lines += [f"## {heading}", "", _sentence(text), ""]
    for heading, examples in (("Valid", rule.valid), ("Invalid", rule.invalid)):
        if examples:
            lines += [f"## {heading}", ""]
        for example in examples:
            text = example.text.strip("\n")
            lines += [f"{example.title}:", "", f"```{example.language}", text, "```", ""]
    return "\n".join(lines).rstrip() + "\n"


def load_rules(shapes: Path) -> dict[str, Rule]:
    """Return all rules of a project, by id.

    Args:
        shapes: the folder of its shapes. Shapes that cannot be read are left out: validation
            reports what is wrong with them.
    """
    found = dict(built_in_rules())
    examples = _examples(shapes / "examples")
    for path in (shapes, shapes / ONTOLOGY_STYLE):
        with suppress(InputError):
            requirements = load_shapes(path).requirements
            found |= {each.number: _requirement_rule(each, examples) for each in requirements}
    return dict(sorted(found.items()))


def targeted_rules(shapes: Shapes) -> dict[str, Rule]:
    """Return a rule for each named shape with a target, by its name."""
    found = [_requirement_rule(requirement, {}) for requirement in shapes.requirements]
    return {rule.id: rule for rule in found} | {UNMATCHED: built_in_rules()[UNMATCHED]}


def _requirement_rule(requirement: Requirement, examples: Mapping[str, list[Example]]) -> Rule:
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
        valid=tuple(examples.get(f"{number}-valid", ())),
        invalid=tuple(examples.get(f"{number}-invalid", ())),
    )


def _examples(folder: Path) -> dict[str, list[Example]]:
    """Return the examples of a folder by number and kind, ``c-02-valid``, in order of name."""
    found: dict[str, list[Example]] = defaultdict(list)
    for path in sorted(folder.rglob("*")):
        name = _EXAMPLE.fullmatch(path.name.lower())
        if name is None or path.suffix not in _LANGUAGES:
            continue
        with suppress(OSError):
            lines = path.read_text("utf-8").splitlines()
            text = "\n".join(line for line in lines if not line.startswith("#+"))
            title = f"shapes/examples/{path.relative_to(folder).as_posix()}"
            example = Example(title, text.strip("\n") + "\n", _LANGUAGES[path.suffix])
            found[name[1]].append(example)
    return found


@cache
def built_in_rules() -> Mapping[str, Rule]:
    """Return the rules that no shape declares, by id: ``built_in_rules.yaml``."""
    text = resources.files("nhskg.shacl.reports").joinpath("built_in_rules.yaml").read_text("utf-8")
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    entries = yaml.load(text, loader)["rules"]  # noqa: S506  # both loaders are safe
    return {name: _built_in_rule(name, **entry) for name, entry in entries.items()}


def _built_in_rule(name: str, *, severity: str, language: str, **entry: Any) -> Rule:
    """Return the rule of an entry; its examples are texts by title, all of one language."""
    for kind in ("valid", "invalid"):
        examples: dict[str, str] = entry[kind]
        entry[kind] = tuple(
            Example(title[:1].upper() + title[1:], text, language)
            for title, text in examples.items()
        )
    entry["protects"] = entry["protects"].format(**vars(yaml_source) | vars(errors))
    return Rule(id=name, severity=Severity(severity), **entry)
