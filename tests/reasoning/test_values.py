"""Each datatype of OWL 2 RL has the values that XML Schema gives it, and no others."""

from __future__ import annotations

import re
from pathlib import Path

import yaml

from nhskg.rdf.terms import PREFIXES
from nhskg.reasoning.literal_values import DATATYPES
from tests.cli.runner import nhskg

SPACES: dict[str, dict[str, list[str]]] = yaml.load(
    (Path(__file__).parent / "cases" / "value-spaces.yaml").read_text("utf-8"), yaml.BaseLoader
)
HEAD = "".join(f"@prefix {name}: <{iri}> .\n" for name, iri in PREFIXES.items())


def literal(value: str, datatype: str) -> str:
    """Return in Turtle a value as the table writes it."""
    text, _, kind = value.partition("^^")
    written = '"' + "".join(f"\\U{ord(letter):08X}" for letter in text) + '"'
    if kind.startswith("@"):
        return written + kind
    return f"{written}^^{f'<{kind}>' if '/' in kind else kind or datatype}"


def test_the_table_has_every_datatype() -> None:
    named = {PREFIXES[name.split(":")[0]] + name.split(":")[1] for name in SPACES}
    assert named == DATATYPES
    for name, space in SPACES.items():
        assert len(set(space["in"])) >= 20, name
        assert len(set(space["out"])) >= 20 or name == "rdfs:Literal"


def test_a_value_outside_is_a_contradiction_and_one_inside_is_none(tmp_path: Path) -> None:
    """Of each datatype, as the range of a property."""
    text, expected = HEAD, {}
    for name, space in SPACES.items():
        prop = f"<urn:of:{name}>"
        text += f"{prop} rdfs:range {name} .\n"
        for side in ("in", "out"):
            for number, value in enumerate(space[side]):
                written = literal(value, name)
                expected[f"urn:{name}:{side}:{number}"] = f"{side}: {value!r} of {name}"
                text += f"<urn:{name}:{side}:{number}> {prop} {written} .\n"
    data = tmp_path / "data.ttl"
    data.write_text(text, "utf-8")
    found = nhskg("reason", data)
    assert found.exit_code == 1
    clashing = set(re.findall(r"dt-not-type: these cannot all be true: <(.*?)> ", found.stderr))
    wrong = {told for name, told in expected.items() if (name in clashing) != (":out:" in name)}
    assert not wrong, "\n".join(sorted(wrong))
