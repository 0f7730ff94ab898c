"""The catalogue of rules: each rule that a finding can break, with its description and examples.

Rules are the requirements of the shapes, the faults of reading, the rules of OWL 2 RL that end in
false, the checks of the shapes themselves, and the checks of a baseline. ``nhskg explain RULE``
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
from typing import Final

import yaml

from nhskg.rdf import errors, yaml_source
from nhskg.rdf.errors import InputError
from nhskg.rdf.files import AnyFolder, find_file, paths_of, read_text
from nhskg.shacl.findings import Example, Rule, Severity
from nhskg.shacl.shapes import APART, load_shapes

_LANGUAGES: Final = {".ttl": "turtle", ".trig": "trig", ".yaml": "yaml", ".yml": "yaml"}
_PLACEHOLDERS: Final = {"this": "the focus node", "value": "the value", "path": "the path"}
"""What stands on a page in the place of what a message fills in."""


def help_text(rule: Rule) -> str:
    """Return the demand, the danger and the repair, as a service shows them beside a finding."""
    parts = [rule.demands, rule.protects, rule.repair and f"Repair: {rule.repair}."]
    text = " ".join(_sentence(" ".join(each.split())) for each in parts if each)
    return text or f"A finding of {rule.id}."


def _sentence(text: str) -> str:
    """Return a text with a capital letter and a full stop."""
    text = text[:1].upper() + text[1:]
    return text if text.endswith((".", "!", "?")) else f"{text}."


def render_page(rule: Rule) -> str:
    """Return the page of a rule in Markdown: its description, its examples, and the repair."""
    severity = rule.severity.value.lower()
    blocks = [f"# {rule.id}: {rule.title}", f"Severity: {severity}. {_sentence(rule.source)}"]
    for heading, text in (
        ("What it demands", rule.demands),
        ("What it protects against", rule.protects),
        ("Repair", rule.repair),
    ):
        if text:
            for name, words in _PLACEHOLDERS.items():
                text = re.sub(rf"(?i)\{{[?$]{name}\}}", words, text)  # noqa: PLW2901
            blocks += [f"## {heading}", _sentence(text)]
    for heading, examples in (("Valid", rule.valid), ("Invalid", rule.invalid)):
        if examples:
            blocks.append(f"## {heading}")
        for title, text, language in examples:
            blocks += [f"{title}:", "```{}\n{}\n```".format(language, text.strip("\n"))]
    return "\n\n".join(blocks).rstrip() + "\n"


def load_rules(shapes: AnyFolder) -> dict[str, Rule]:
    """Return all rules of a project, by id, given the folder of its shapes.

    Shapes that cannot be read are left out: validation reports what is wrong with them.
    """
    found = dict(built_in_rules())
    examples = _examples(shapes / "examples")
    apart = filter(None, (find_file(shapes, each) for each in APART))
    for path in (shapes, *apart):
        with suppress(InputError):
            for each in load_shapes(path).requirements:
                name = each.id.lower().replace(":", "-")
                valid, invalid = (
                    tuple(examples[f"{name}-{kind}"]) for kind in ("valid", "invalid")
                )
                found[each.id] = replace(each, valid=valid, invalid=invalid)
    return dict(sorted(found.items()))


def _examples(folder: AnyFolder) -> dict[str, list[Example]]:
    """Return the examples of a folder by number and kind, ``c-02-valid``, in order of name."""
    found: dict[str, list[Example]] = defaultdict(list)
    last_first = paths_of(folder)[::-1]
    files = {path.relative_to(each): path for each in last_first for path in each.rglob("*")}
    for relative, path in sorted(files.items()):
        name = re.fullmatch(r"(.+?-(?:valid|invalid))(?:[-.].*)?", path.name.lower())
        if name is None or path.suffix not in _LANGUAGES:
            continue
        with suppress(InputError):
            lines = read_text(path).splitlines()
            text = "\n".join(line for line in lines if not line.startswith("#+")).strip("\n")
            title = f"shapes/examples/{relative.as_posix()}"
            found[name[1]].append(Example(title, f"{text}\n", _LANGUAGES[path.suffix]))
    return found


@cache
def built_in_rules() -> Mapping[str, Rule]:
    """Return the rules that no shape declares, by id: ``built_in_rules.yaml``."""
    text = resources.files("nhskg.shacl").joinpath("built_in_rules.yaml").read_text("utf-8")
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    rules = {}
    for name, entry in yaml.load(text, loader)["rules"].items():  # noqa: S506  # both are safe
        severity, language = Severity(entry.pop("severity")), entry.pop("language")
        for kind in ("valid", "invalid"):  # texts by title
            entry[kind] = tuple(
                Example(title[:1].upper() + title[1:], example, language)
                for title, example in entry[kind].items()
            )
        entry["protects"] = entry["protects"].format(**vars(yaml_source) | vars(errors))
        rules[name] = Rule(name, severity=severity, **entry)
    return rules
