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
from dataclasses import replace
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, Final

import yaml

from nhskg.rdf import errors, yaml_source
from nhskg.rdf.errors import InputError
from nhskg.shacl.findings import Example, Rule, Severity
from nhskg.shacl.shapes import ONTOLOGY_STYLE, load_shapes

_LANGUAGES: Final = {".ttl": "turtle", ".trig": "trig", ".yaml": "yaml", ".yml": "yaml"}
_PLACEHOLDER: Final = re.compile(r"\{[?$](this|value|path)\}", re.IGNORECASE)
_WORDS: Final = {"this": "the focus node", "value": "the value", "path": "the path"}
"""What stands on a page in the place of what a message fills in."""
_EXAMPLE: Final = re.compile(r"(.+?-(?:valid|invalid))(?:[-.].*)?")


def help_text(rule: Rule) -> str:
    """Return what a service shows beside a finding: the demand, the danger, the repair."""
    parts = [rule.demands, rule.protects, f"Repair: {rule.repair}." if rule.repair else ""]
    text = " ".join(_sentence(" ".join(each.split())) for each in parts if each)
    return text or f"A finding of {rule.id}."


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
            words = _PLACEHOLDER.sub(lambda found: _WORDS[found[1].lower()], text)
            lines += [f"## {heading}", "", _sentence(words), ""]
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
            for each in load_shapes(path).requirements:
                valid, invalid = (
                    tuple(examples[f"{each.id.lower()}-{kind}"]) for kind in ("valid", "invalid")
                )
                found[each.id] = replace(each, valid=valid, invalid=invalid)
    return dict(sorted(found.items()))


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
